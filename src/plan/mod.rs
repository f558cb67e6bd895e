//! Which cells exist, on which interpreter, and why the others don't: decided before anything is started.
//!
//! [`make`] asks the index and nothing else; the decisions are pure functions over what it answered: [`axes`] resolves
//! versions, [`combine`] makes the cells, [`interpreters`] gives each one its interpreter, [`declared`] reads what the
//! packages' metadata says about it, [`baseline`] chooses what all are compared with. The same matrix and the same index
//! make the same plan on every machine and for every engine.

mod axes;
mod baseline;
mod combine;
mod declared;
mod error;
mod interpreters;
mod shards;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
mod types;
mod unreleased;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use pep440_rs::Version;

pub(crate) use axes::minor_series;
pub(crate) use declared::required;
pub use error::{PlanError, PlanProblem};
pub use shards::Shard;
pub use types::*;

use crate::{
    index::{File, Index, IndexError, Metadata, Project},
    matrix::{AxisVersion, AxisVersions, Dependencies, Matrix, PythonChoice, PythonVersion},
};

/// Makes the plan of a matrix for a machine (`x86_64`, `aarch64`). Where the matrix leaves open which interpreters are
/// taken, a cell that those `at_hand` can hold has no other.
///
/// # Errors
/// What the index does not have is a problem of the file, all of them at once; trouble with the index itself is its own
/// error, and says nothing about any cell.
pub async fn make(matrix: &Matrix, index: &Index, machine: &str, at_hand: &[PythonVersion]) -> Result<Plan, PlanError> {
    let answers = join_all(matrix.axes.iter().map(|axis| index.project(&axis.package))).await;
    let mut projects = Vec::new();
    let mut problems = Vec::new();
    for (axis, answer) in matrix.axes.iter().zip(answers) {
        match answer {
            Ok(project) => projects.push((axis, project)),
            // A package that was never released is known by its wheels alone.
            Err(IndexError::NotFound { .. }) if !axis.unreleased.is_empty() => projects.push((axis, Project::default())),
            Err(error @ IndexError::NotFound { .. }) => problems.push(PlanProblem {
                place: axis.place,
                text: axis.package.clone(),
                message: error.to_string(),
                help: (axis.package == axis.name).then(|| "name the distribution with `package:` if it differs from the axis".to_owned()),
            }),
            Err(error) => return Err(error.into()),
        }
    }
    if !problems.is_empty() {
        // Without all packages there is no plan, but what is wrong with the others is told along with it.
        for (axis, project) in &projects {
            if let AxisVersions::List(list) = &axis.versions {
                axes::listed(axis, project, list, &mut problems);
            }
        }
        return Err(PlanError::Problems(problems));
    }
    let mut projects: Vec<Project> = projects.into_iter().map(|(_, project)| project).collect();
    let notes = unreleased::add(matrix, &mut projects, index, machine, &mut problems).await?;
    let mut draft = draft(matrix, &projects, machine, at_hand, problems)?;
    draft.notes.extend(notes);
    let wanted = draft.wheels();
    let metadata = join_all(wanted.iter().map(|(axis, version, python)| {
        let file = projects[*axis].releases.get(version).and_then(|release| release.wheel(*python, machine));
        async move {
            match file {
                Some(file) => match index.metadata(file).await {
                    Ok(metadata) => Ok(Some(metadata)),
                    Err(IndexError::NoMetadata { .. } | IndexError::Offline { .. }) => Ok(None),
                    Err(error) => Err(error),
                },
                None => Ok(None),
            }
        }
    }))
    .await;
    let metadata = metadata.into_iter().collect::<Result<Vec<_>, _>>()?;
    finish(matrix, &projects, draft, &wanted.into_iter().zip(metadata).collect(), machine)
}

/// One wheel: axis, release, the interpreter that installs it.
type Wheel = (usize, Version, PythonVersion);

/// What the wheels of a plan declare; `None` where it cannot be known.
type Declarations = BTreeMap<Wheel, Option<Metadata>>;

/// A plan before anything is known of what its packages declare.
#[derive(Debug)]
struct Draft {
    axes: Vec<PlanAxis>,
    /// Versions of each axis, sorted.
    versions: Vec<Vec<AxisVersion>>,
    cells: Vec<DraftCell>,
    excluded: Vec<Excluded>,
    pythons: Vec<PythonVersion>,
    notes: Vec<String>,
}

#[derive(Clone, Debug)]
struct DraftCell {
    versions: Vec<AxisVersion>,
    python: PythonVersion,
    dependencies: Dependencies,
    unavailable: Option<String>,
}

impl Draft {
    fn wheels(&self) -> BTreeSet<Wheel> {
        let cells = self.cells.iter().filter(|cell| cell.unavailable.is_none());
        cells.flat_map(DraftCell::wheels).collect()
    }
}

impl DraftCell {
    fn wheels(&self) -> impl Iterator<Item = Wheel> {
        let releases = self.versions.iter().enumerate().filter_map(|(axis, version)| Some((axis, version.release()?.clone())));
        releases.map(|(axis, version)| (axis, version, self.python))
    }
}

/// Everything that can be decided from the lists of releases alone. `problems` were found before.
fn draft(
    matrix: &Matrix,
    projects: &[Project],
    machine: &str,
    at_hand: &[PythonVersion],
    problems: Vec<PlanProblem>,
) -> Result<Draft, PlanError> {
    let resolved = axes::resolve(matrix, projects, machine, problems).map_err(PlanError::Problems)?;
    let mut notes = resolved.notes;
    let (combinations, mut excluded) = combine::combinations(matrix, &resolved.own, &resolved.entries, &mut notes);
    let wheels = interpreters::Wheels::new(projects, &resolved.axes, machine);
    let assigned = interpreters::assign(matrix, &wheels, at_hand, combinations, &mut excluded);
    let mut cells: Vec<DraftCell> = assigned.cells;
    let position = |python: PythonVersion| match &matrix.python {
        PythonChoice::Axis(list) => list.iter().position(|listed| *listed == python).unwrap_or(list.len()),
        PythonChoice::Auto | PythonChoice::One(_) => usize::from(python.minor),
    };
    // The order of everything printed: axes in the order of the file, the first one slowest, then interpreter and date.
    cells.sort_by_cached_key(|cell| (cell.versions.clone(), position(cell.python), dependencies_rank(cell.dependencies)));
    let before = cells.len();
    cells.dedup_by(|later, earlier| {
        later.versions == earlier.versions && later.python == earlier.python && later.dependencies == earlier.dependencies
    });
    if cells.len() < before {
        notes.push(format!("{} named more than once", counted(before - cells.len(), "cell is", "cells are")));
    }
    if cells.is_empty() {
        let message = if excluded.is_empty() { "the matrix has no cells" } else { "every cell of the matrix is excluded" };
        return Err(PlanError::Empty { message: message.to_owned() });
    }
    if let (true, Some(first)) = (cells.iter().all(|cell| cell.unavailable.is_some()), cells[0].unavailable.as_ref()) {
        return Err(PlanError::Empty { message: format!("no cell of the matrix can exist, the first because {first}") });
    }
    let axes = matrix.axes.iter().zip(projects).zip(&resolved.axes).map(|((axis, project), versions)| PlanAxis {
        name: axis.name.clone(),
        package: axis.package.clone(),
        import: axis.import.clone(),
        versions: versions.iter().map(ToString::to_string).collect(),
        released: axes::released(project, versions),
    });
    Ok(Draft { axes: axes.collect(), versions: resolved.axes, cells, excluded, pythons: assigned.pythons, notes })
}

/// Dates among each other, `release` and `today` after them.
fn dependencies_rank(dependencies: Dependencies) -> (u8, Option<jiff::civil::Date>) {
    match dependencies {
        Dependencies::Date(date) => (0, Some(date)),
        Dependencies::Release => (1, None),
        Dependencies::Today => (2, None),
    }
}

/// The plan, once it is known what its wheels declare.
fn finish(matrix: &Matrix, projects: &[Project], mut draft: Draft, declarations: &Declarations, machine: &str) -> Result<Plan, PlanError> {
    let mut cells = Vec::with_capacity(draft.cells.len());
    for cell in &draft.cells {
        let requirements = declared::requirements(&draft.axes, cell, declarations, machine)?;
        let conflicts: Vec<String> = requirements.iter().filter(|(_, kept)| !kept).map(|(broken, _)| broken.to_string()).collect();
        cells.push(PlanCell {
            id: String::new(),
            versions: cell.versions.clone(),
            python: cell.python,
            cutoff: declared::cutoff(&draft.axes, projects, cell, declarations, machine)?,
            declared: cell.unavailable.is_none() && conflicts.is_empty(),
            conflicts,
            requirements: requirements.into_iter().map(|(requirement, _)| requirement).collect(),
            unavailable: cell.unavailable.clone(),
            unreleased: unreleased_wheels(projects, &draft.axes, cell, machine),
        });
    }
    combine::name(&draft.axes, &mut cells, matches!(matrix.python, PythonChoice::Axis(_)));
    draft.notes.extend(declared::notes(&draft.axes, declarations));
    let baseline = match &matrix.baseline {
        Some(wanted) => baseline::find(wanted, projects, &draft, &cells)?,
        None => baseline::newest(&draft, &cells),
    };
    if matrix.baseline.is_none() && !cells[baseline].declared {
        draft.notes.push("no cell is allowed by its packages' metadata; the baseline is the newest that can exist".to_owned());
    }
    let heaviest = heaviest(projects, &draft, machine);
    Ok(Plan { axes: draft.axes, cells, baseline, excluded: draft.excluded, pythons: draft.pythons, heaviest, notes: draft.notes })
}

/// The axis with the largest wheel; the last one where the index tells no sizes.
fn heaviest(projects: &[Project], draft: &Draft, machine: &str) -> usize {
    let sizes = draft.wheels().into_iter().map(|(axis, version, python)| {
        let wheel = projects[axis].releases.get(&version).and_then(|release| release.wheel(python, machine));
        (wheel.and_then(|wheel| wheel.size).unwrap_or_default(), axis)
    });
    sizes.max().filter(|(size, _)| *size > 0).map_or(draft.axes.len().saturating_sub(1), |(_, axis)| axis)
}

/// The wheels of a cell that the user's index does not have, by package.
fn unreleased_wheels(projects: &[Project], axes: &[PlanAxis], cell: &DraftCell, machine: &str) -> BTreeMap<String, File> {
    let wheels = cell.wheels().filter_map(|(axis, version, python)| {
        let release = projects[axis].releases.get(&version).filter(|release| release.unreleased)?;
        Some((axes[axis].package.clone(), release.wheel(python, machine)?.clone()))
    });
    wheels.collect()
}

/// `1 cell is`, `3 cells are`.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
