//! From axes to combinations: product, `exclude`, `include`, `cells`, and the names of cells.

use std::collections::BTreeMap;

use pep440_rs::Version;

use super::{Excluded, PlanAxis, PlanCell, axes::Entries, counted};
use crate::matrix::{AxisVersion, CellEntry, Dependencies, Exclude, ExcludeRange, Matrix, PythonChoice, PythonVersion};

/// A combination without its interpreter.
#[derive(Clone, Debug)]
pub(super) struct Combination {
    pub(super) versions: Vec<AxisVersion>,
    /// Interpreters that it may have, oldest first; one where the file says which.
    pub(super) pythons: Vec<PythonVersion>,
    /// Whether the file says which.
    pub(super) fixed: bool,
    pub(super) dependencies: Dependencies,
    /// Why the file takes some of its interpreters away.
    pub(super) narrowed: Option<String>,
}

/// The combinations of the file, and those it excludes. `own` holds the versions that each axis names itself.
pub(super) fn combinations(
    matrix: &Matrix,
    own: &[Vec<AxisVersion>],
    entries: &Entries,
    notes: &mut Vec<String>,
) -> (Vec<Combination>, Vec<Excluded>) {
    let mut candidates: Vec<Combination> = Vec::new();
    if let Some(cells) = &entries.cells {
        candidates.extend(cells.iter().flat_map(|entry| of_entry(matrix, entry)));
    } else {
        let installs = |versions: &Vec<AxisVersion>| versions.iter().any(|version| *version != AxisVersion::None);
        let (cells, empty): (Vec<_>, Vec<_>) = product(own).into_iter().partition(installs);
        if !empty.is_empty() {
            notes.push("the cell in which every axis is `none` is left out".to_owned());
        }
        candidates.extend(cells.into_iter().flat_map(|versions| of_versions(matrix, &versions, None, None)));
    }
    let mut used = vec![false; matrix.exclude.len()];
    let mut kept = Vec::new();
    let mut excluded = Vec::new();
    for mut candidate in candidates {
        let before = candidate.pythons.clone();
        for (rule, used) in matrix.exclude.iter().zip(&mut used) {
            if !rule.ranges.iter().all(|(axis, range)| lies_in(&candidate.versions[*axis], range)) {
                continue;
            }
            let count = candidate.pythons.len();
            candidate.pythons.retain(|python| !names(rule, *python));
            if candidate.pythons.len() < count {
                *used = true;
                candidate.narrowed.get_or_insert_with(|| reason(matrix, rule));
            }
        }
        match candidate.narrowed.take() {
            Some(reason) if candidate.pythons.is_empty() => {
                candidate.pythons = before;
                excluded.push(Excluded { id: id_of(matrix, &candidate), reason });
            }
            narrowed => kept.push(Combination { narrowed, ..candidate }),
        }
    }
    for (rule, _) in matrix.exclude.iter().zip(&used).filter(|(_, used)| !**used) {
        notes.push(format!("`exclude` in line {} matches nothing: {}", rule.place.line, rule_text(matrix, rule)));
    }
    let included: Vec<_> = entries.include.iter().flat_map(|entry| of_entry(matrix, entry)).collect();
    let before = included.len();
    let fresh = included.into_iter().filter(|new| !kept.iter().any(|old| same(old, new))).collect::<Vec<_>>();
    if fresh.len() < before {
        notes.push(format!("{} of `include` in the matrix anyway", counted(before - fresh.len(), "cell is", "cells are")));
    }
    // A combination that one rule excludes and the list adds again is in the matrix.
    excluded.retain(|excluded| !fresh.iter().any(|new| id_of(matrix, new) == excluded.id));
    kept.extend(fresh);
    (kept, excluded)
}

fn same(one: &Combination, other: &Combination) -> bool {
    one.versions == other.versions && one.pythons == other.pythons && one.dependencies == other.dependencies
}

/// All combinations, the first axis slowest.
fn product(axes: &[Vec<AxisVersion>]) -> Vec<Vec<AxisVersion>> {
    axes.iter().fold(vec![Vec::new()], |shorter, versions| {
        let longer =
            shorter.iter().flat_map(|cell| versions.iter().map(move |version| [cell.as_slice(), std::slice::from_ref(version)].concat()));
        longer.collect()
    })
}

fn of_entry(matrix: &Matrix, entry: &CellEntry) -> Vec<Combination> {
    of_versions(matrix, &entry.versions, entry.python, entry.dependencies)
}

fn of_versions(
    matrix: &Matrix,
    versions: &[AxisVersion],
    python: Option<PythonVersion>,
    dependencies: Option<Dependencies>,
) -> Vec<Combination> {
    let one = |pythons: Vec<PythonVersion>, fixed| Combination {
        versions: versions.to_vec(),
        pythons,
        fixed,
        dependencies: dependencies.unwrap_or(matrix.dependencies),
        narrowed: None,
    };
    match (python, &matrix.python) {
        (Some(python), _) => vec![one(vec![python], true)],
        (None, PythonChoice::One(python)) => vec![one(vec![*python], true)],
        (None, PythonChoice::Axis(list)) => list.iter().map(|python| one(vec![*python], true)).collect(),
        (None, PythonChoice::Auto) => vec![one(PythonVersion::SUPPORTED.to_vec(), false)],
    }
}

fn lies_in(version: &AxisVersion, range: &ExcludeRange) -> bool {
    match (version, range) {
        (AxisVersion::None, ExcludeRange::None) => true,
        (AxisVersion::Release(version), ExcludeRange::Specifiers(range)) => range.contains(version),
        (AxisVersion::None, ExcludeRange::Specifiers(_)) | (AxisVersion::Release(_), ExcludeRange::None) => false,
    }
}

/// Whether a rule is about this interpreter; one that names none is about all.
fn names(rule: &Exclude, python: PythonVersion) -> bool {
    rule.python.as_ref().is_none_or(|range| range.contains(&Version::new([u64::from(python.major), u64::from(python.minor)])))
}

fn reason(matrix: &Matrix, rule: &Exclude) -> String {
    rule.reason.clone().unwrap_or_else(|| rule_text(matrix, rule))
}

/// A rule as text: `numpy>=2, tensorflow<2.10`.
fn rule_text(matrix: &Matrix, rule: &Exclude) -> String {
    let compact = |range: &pep440_rs::VersionSpecifiers| range.to_string().replace(", ", ",");
    let ranges = rule.ranges.iter().map(|(axis, range)| match range {
        ExcludeRange::None => format!("{} none", matrix.axes[*axis].name),
        ExcludeRange::Specifiers(range) => format!("{}{}", matrix.axes[*axis].name, compact(range)),
    });
    let python = rule.python.iter().map(|range| format!("python{}", compact(range)));
    ranges.chain(python).collect::<Vec<_>>().join(", ")
}

/// The contract id of a combination that never becomes a cell.
pub(super) fn id_of(matrix: &Matrix, combination: &Combination) -> String {
    let names = matrix.axes.iter().map(|axis| axis.name.as_str());
    let mut id = plain(names, &combination.versions);
    if let (PythonChoice::Axis(_), [python]) = (&matrix.python, combination.pythons.as_slice()) {
        id = format!("{id}+python-{python}");
    }
    id
}

fn plain<'a>(names: impl Iterator<Item = &'a str>, versions: &[AxisVersion]) -> String {
    names.zip(versions).map(|(name, version)| format!("{name}-{version}")).collect::<Vec<_>>().join("+")
}

/// Gives all cells their ids. The interpreter is part of it where it is an axis or where it tells two cells apart, the
/// date where nothing else does.
pub(super) fn name(axes: &[PlanAxis], cells: &mut [PlanCell], python: bool) {
    for cell in cells.iter_mut() {
        cell.id = plain(axes.iter().map(|axis| axis.name.as_str()), &cell.versions);
    }
    let mut pythons: BTreeMap<String, Vec<PythonVersion>> = BTreeMap::new();
    for cell in cells.iter() {
        pythons.entry(cell.id.clone()).or_default().push(cell.python);
    }
    for cell in cells.iter_mut() {
        if python || pythons[&cell.id].iter().any(|other| *other != cell.python) {
            cell.id = format!("{}+python-{}", cell.id, cell.python);
        }
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for cell in cells.iter() {
        *times.entry(cell.id.clone()).or_default() += 1;
    }
    for cell in cells.iter_mut().filter(|cell| times[&cell.id] > 1) {
        let date = cell.cutoff.map_or("today".to_owned(), |cutoff| cutoff.to_zoned(jiff::tz::TimeZone::UTC).date().to_string());
        cell.id = format!("{}+deps-{date}", cell.id);
    }
}
