//! From versions and ranges of the file to releases of the index.

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::{PlanProblem, Released};
use crate::{
    index::{Project, Release},
    matrix::{Axis, AxisVersion, AxisVersions, CellEntry, Every, Matrix, Place, PythonVersion},
};

/// The axes in terms of the index.
#[derive(Debug)]
pub(super) struct Resolved {
    /// Versions that each axis names itself, of which the product is made; oldest first, `none` before all.
    pub(super) own: Vec<Vec<AxisVersion>>,
    /// Those and the ones that only `cells` or `include` name.
    pub(super) axes: Vec<Vec<AxisVersion>>,
    /// `cells` and `include` of the file, versions spelled as on the index.
    pub(super) entries: Entries,
    /// Remarks.
    pub(super) notes: Vec<String>,
}

/// Combinations that the file names.
#[derive(Debug)]
pub(super) struct Entries {
    /// Instead of the product.
    pub(super) cells: Option<Vec<CellEntry>>,
    /// Added.
    pub(super) include: Vec<CellEntry>,
}

/// Resolves all axes, or tells everything that does not exist, after what was found before.
pub(super) fn resolve(
    matrix: &Matrix,
    projects: &[Project],
    machine: &str,
    mut problems: Vec<PlanProblem>,
) -> Result<Resolved, Vec<PlanProblem>> {
    let mut axes: Vec<Vec<AxisVersion>> = Vec::new();
    for (axis, project) in matrix.axes.iter().zip(projects) {
        let versions = match &axis.versions {
            AxisVersions::List(list) => {
                let unreleased = project.releases.iter().filter(|(_, release)| release.unreleased);
                let unreleased = unreleased.map(|(version, _)| AxisVersion::Release(version.clone()));
                listed(axis, project, list, &mut problems).into_iter().chain(unreleased).collect()
            }
            // With `cells` a range only has to make sense; which versions are used is said there.
            AxisVersions::Range(_) if matrix.cells.is_some() => Vec::new(),
            AxisVersions::Range(range) => {
                let chosen = newest_of_each(axis, project, range, machine);
                if chosen.is_empty() {
                    problems.push(PlanProblem {
                        place: axis.place,
                        text: range.to_string(),
                        message: format!("no release of {} in `{range}` has a wheel for a supported interpreter", axis.package),
                        help: project
                            .releases
                            .keys()
                            .rev()
                            .find(|version| version.is_stable())
                            .map(|newest| format!("the newest release is {newest}")),
                    });
                }
                chosen
            }
        };
        axes.push(versions);
    }
    let mut entries = |entries: &[CellEntry]| -> Vec<CellEntry> {
        let spelled = entries.iter().map(|entry| {
            let parts = matrix.axes.iter().zip(projects).zip(&entry.versions);
            let versions =
                parts.filter_map(|((axis, project), version)| spelled(axis, project, version, entry.place, &mut problems)).collect();
            CellEntry { versions, ..entry.clone() }
        });
        spelled.collect()
    };
    let entries = Entries { cells: matrix.cells.as_deref().map(&mut entries), include: entries(&matrix.include) };
    for entry in entries.cells.iter().flatten().chain(&entries.include) {
        if entry.versions.len() == matrix.axes.len() && entry.versions.iter().all(|version| *version == AxisVersion::None) {
            problems.push(PlanProblem {
                place: entry.place,
                text: "none".to_owned(),
                message: "every axis of this cell is `none`: nothing would be installed".to_owned(),
                help: None,
            });
        }
    }
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.place);
        problems.dedup();
        return Err(problems);
    }
    if entries.cells.is_some() {
        axes.iter_mut().for_each(Vec::clear);
    }
    let sorted = |axes: &mut Vec<Vec<AxisVersion>>| {
        for versions in axes {
            versions.sort();
            versions.dedup();
        }
    };
    let mut own = axes.clone();
    sorted(&mut own);
    for entry in entries.cells.iter().flatten().chain(&entries.include) {
        for (versions, version) in axes.iter_mut().zip(&entry.versions) {
            versions.push(version.clone());
        }
    }
    sorted(&mut axes);
    let notes = yanked(matrix, projects, &axes);
    Ok(Resolved { own, axes, entries, notes })
}

/// The versions of a list that exist; the others are problems.
pub(super) fn listed(axis: &Axis, project: &Project, list: &[AxisVersion], problems: &mut Vec<PlanProblem>) -> Vec<AxisVersion> {
    // Where the file does not say it better, the list's own place.
    let places = axis.version_places.iter().copied().chain(std::iter::repeat(axis.place));
    list.iter().zip(places).filter_map(|(version, place)| spelled(axis, project, version, place, problems)).collect()
}

/// A version as the index spells it: `1.20` is `1.20.0` there.
fn spelled(axis: &Axis, project: &Project, version: &AxisVersion, place: Place, problems: &mut Vec<PlanProblem>) -> Option<AxisVersion> {
    let AxisVersion::Release(wanted) = version else { return Some(AxisVersion::None) };
    if let Some((found, _)) = project.releases.get_key_value(wanted) {
        return Some(AxisVersion::Release(found.clone()));
    }
    problems.push(PlanProblem {
        place,
        text: wanted.to_string(),
        message: format!("{} {wanted} does not exist", axis.package),
        help: nearest(project, wanted),
    });
    None
}

/// The releases around a version that does not exist.
fn nearest(project: &Project, wanted: &Version) -> Option<String> {
    let stable = |version: &&Version| version.is_stable();
    let before = project.releases.range(..wanted.clone()).map(|(version, _)| version).rfind(stable);
    let after = project.releases.range(wanted.clone()..).map(|(version, _)| version).find(stable);
    match (before, after) {
        (Some(before), Some(after)) => Some(format!("nearest are {before} and {after}")),
        (Some(only), None) | (None, Some(only)) => Some(format!("nearest is {only}")),
        (None, None) => None,
    }
}

/// The newest release of every series in a range that an interpreter can install. Withdrawn ones are left out unless the
/// axis asks for them, and pre-releases too unless it does or the range names one.
fn newest_of_each(axis: &Axis, project: &Project, range: &pep440_rs::VersionSpecifiers, machine: &str) -> Vec<AxisVersion> {
    let pre = axis.pre || range.iter().any(pep440_rs::VersionSpecifier::any_prerelease);
    let wanted = |version: &Version, release: &Release| {
        (pre || !version.any_prerelease()) && range.contains(version) && (axis.yanked || !release.yanked())
    };
    newest(project, axis.every, machine, wanted).into_iter().cloned().map(AxisVersion::Release).collect()
}

/// The newest release of every minor series that an interpreter can install, oldest first; neither pre-releases nor what
/// was withdrawn.
pub(crate) fn minor_series<'a>(project: &'a Project, machine: &str) -> Vec<&'a Version> {
    newest(project, Every::Minor, machine, |version, release| !version.any_prerelease() && !release.yanked())
}

/// Of the wanted releases that an interpreter can install the newest of every series, oldest first.
fn newest<'a>(project: &'a Project, every: Every, machine: &str, wanted: impl Fn(&Version, &Release) -> bool) -> Vec<&'a Version> {
    let installs = |release: &Release| PythonVersion::SUPPORTED.iter().any(|python| release.wheel(*python, machine).is_some());
    let mut series: BTreeMap<(u64, Vec<u64>), &Version> = BTreeMap::new();
    for (version, _) in project.releases.iter().filter(|(version, release)| wanted(version, release) && installs(release)) {
        let number = |at: usize| version.release().get(at).copied().unwrap_or(0);
        let key = match every {
            Every::Major => vec![number(0)],
            Every::Minor => vec![number(0), number(1)],
            // Every release is a series of its own; its rank among all is what tells them apart.
            Every::Patch => vec![series.len() as u64],
        };
        // Releases come oldest first, so the last one of a series stays.
        series.insert((version.epoch(), key), version);
    }
    series.into_values().collect()
}

/// When versions came out; nothing where the index tells it of none.
pub(super) fn released(project: &Project, versions: &[AxisVersion]) -> Vec<Option<Released>> {
    let minor = |version: &Version| [0, 1].map(|part| version.release().get(part).copied().unwrap_or(0));
    let series = |wanted: &Version| {
        let same = |version: &Version| !version.any_prerelease() && version.epoch() == wanted.epoch() && minor(version) == minor(wanted);
        project.releases.iter().filter(|(version, _)| same(version)).filter_map(|(_, release)| release.first_upload()).min()
    };
    let released = |version: &AxisVersion| {
        let version = version.release()?;
        let at = project.releases.get(version)?.first_upload()?;
        Some(Released { at: at.to_string(), series: series(version).unwrap_or(at).to_string() })
    };
    let released: Vec<_> = versions.iter().map(released).collect();
    if released.iter().all(Option::is_none) { Vec::new() } else { released }
}

fn yanked(matrix: &Matrix, projects: &[Project], axes: &[Vec<AxisVersion>]) -> Vec<String> {
    let mut notes = Vec::new();
    for ((axis, project), versions) in matrix.axes.iter().zip(projects).zip(axes) {
        for version in versions.iter().filter_map(AxisVersion::release) {
            if project.releases.get(version).is_some_and(Release::yanked) {
                notes.push(format!("{} {version} was withdrawn (yanked) by its authors", axis.package));
            }
        }
    }
    notes
}
