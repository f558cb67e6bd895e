//! Which interpreter each cell runs on.

use std::collections::BTreeMap;

use super::{DraftCell, Excluded, combine::Combination};
use crate::{
    index::Project,
    matrix::{AxisVersion, Matrix, PythonVersion},
};

/// Which interpreters hold which release.
#[derive(Debug)]
pub(super) struct Wheels {
    holders: Vec<BTreeMap<AxisVersion, Vec<PythonVersion>>>,
    machine: String,
}

impl Wheels {
    pub(super) fn new(projects: &[Project], axes: &[Vec<AxisVersion>], machine: &str) -> Self {
        let holders = projects.iter().zip(axes).map(|(project, versions)| {
            let holders = versions.iter().filter_map(|version| {
                let release = project.releases.get(version.release()?)?;
                let holding = PythonVersion::SUPPORTED.into_iter().filter(|python| release.wheel(*python, machine).is_some());
                Some((version.clone(), holding.collect()))
            });
            holders.collect()
        });
        Self { holders: holders.collect(), machine: machine.to_owned() }
    }

    /// For each installed package of a combination: axis, version, interpreters that hold it.
    fn of<'a>(&'a self, versions: &'a [AxisVersion]) -> impl Iterator<Item = (usize, &'a AxisVersion, &'a [PythonVersion])> {
        let installed = versions.iter().enumerate().filter(|(_, version)| version.release().is_some());
        installed.map(|(axis, version)| (axis, version, self.holders[axis].get(version).map_or(&[][..], Vec::as_slice)))
    }

    /// The interpreters that hold all packages of a combination.
    fn common(&self, versions: &[AxisVersion]) -> Vec<PythonVersion> {
        let all = PythonVersion::SUPPORTED.into_iter();
        all.filter(|python| self.of(versions).all(|(_, _, holding)| holding.contains(python))).collect()
    }
}

/// Cells with their interpreters.
#[derive(Debug)]
pub(super) struct Assigned {
    pub(super) cells: Vec<DraftCell>,
    /// Newest first; those that some cell runs on.
    pub(super) pythons: Vec<PythonVersion>,
}

/// Gives each combination its interpreter: the one the file names, or the newest that holds all its packages of the
/// smallest set that covers all cells. A combination that one `at_hand` could hold has no other. One that the file leaves
/// none of the interpreters it could have is excluded.
pub(super) fn assign(
    matrix: &Matrix,
    wheels: &Wheels,
    at_hand: &[PythonVersion],
    combinations: Vec<Combination>,
    excluded: &mut Vec<Excluded>,
) -> Assigned {
    let mut possible = Vec::new();
    for combination in combinations {
        let common = wheels.common(&combination.versions);
        let mut allowed: Vec<_> = combination.pythons.iter().copied().filter(|python| common.contains(python)).collect();
        if !combination.fixed && allowed.iter().any(|python| at_hand.contains(python)) {
            allowed.retain(|python| at_hand.contains(python));
        }
        match &combination.narrowed {
            Some(reason) if allowed.is_empty() && !common.is_empty() => {
                excluded.push(Excluded { id: super::combine::id_of(matrix, &combination), reason: reason.clone() });
            }
            _ => possible.push((combination, allowed)),
        }
    }
    let set = |pythons: &[PythonVersion]| pythons.iter().fold(0, |set, python| set | bit(*python));
    let (fixed, free): (Vec<_>, Vec<_>) = possible.iter().partition(|(combination, _)| combination.fixed);
    let given = fixed.iter().fold(0, |given, (_, allowed)| given | set(allowed));
    let chosen = cover(&free.iter().map(|(_, allowed)| set(allowed)).collect::<Vec<_>>(), given);
    let cells = possible.into_iter().map(|(combination, allowed)| {
        let python = allowed.iter().rev().find(|python| combination.fixed || chosen & bit(**python) != 0).copied();
        DraftCell {
            python: python.unwrap_or_else(|| nearest_miss(wheels, &combination)),
            unavailable: python.is_none().then(|| why(matrix, wheels, &combination)),
            versions: combination.versions,
            dependencies: combination.dependencies,
        }
    });
    let cells: Vec<_> = cells.collect();
    let used = |python: &PythonVersion| cells.iter().any(|cell| cell.unavailable.is_none() && cell.python == *python);
    let pythons = PythonVersion::SUPPORTED.into_iter().rev().filter(used).collect();
    Assigned { cells, pythons }
}

/// An interpreter as an element of a set of interpreters: the newer, the higher.
fn bit(python: PythonVersion) -> u8 {
    PythonVersion::SUPPORTED.iter().position(|supported| *supported == python).map_or(0, |at| 1 << at)
}

/// The smallest superset of `given` that meets every set that can be met; of several the one with the newest
/// interpreters. Eight interpreters make 256 sets: trying them all is exact and takes no time.
fn cover(sets: &[u8], given: u8) -> u8 {
    let covers = |candidate: &u8| candidate & given == given && sets.iter().all(|set| *set == 0 || set & candidate != 0);
    let all = (0..=u8::MAX).filter(covers);
    all.min_by_key(|candidate| (candidate.count_ones(), std::cmp::Reverse(*candidate))).unwrap_or(u8::MAX)
}

/// The interpreter that lacks the fewest packages, the newest of several.
fn nearest_miss(wheels: &Wheels, combination: &Combination) -> PythonVersion {
    let held = |python: PythonVersion| wheels.of(&combination.versions).filter(|(_, _, holding)| holding.contains(&python)).count();
    let best = combination.pythons.iter().copied().max_by_key(|python| (held(*python), *python));
    best.unwrap_or(PythonVersion::SUPPORTED[PythonVersion::SUPPORTED.len() - 1])
}

/// Which package lacks what.
fn why(matrix: &Matrix, wheels: &Wheels, combination: &Combination) -> String {
    let package = |axis: usize, version: &AxisVersion| format!("{} {version}", matrix.axes[axis].package);
    let mut parts = Vec::new();
    for (axis, version, _) in wheels.of(&combination.versions).filter(|(_, _, holding)| holding.is_empty()) {
        let [oldest, .., newest] = PythonVersion::SUPPORTED;
        parts.push(format!("{} has no wheel for CPython {oldest}–{newest} on Linux {}", package(axis, version), wheels.machine));
    }
    if parts.is_empty() {
        for (axis, version, holding) in wheels.of(&combination.versions) {
            match combination.pythons.as_slice() {
                [python] if combination.fixed && holding.contains(python) => {}
                [python] if combination.fixed => {
                    parts.push(format!("{} has wheels for CPython {}, not for {python}", package(axis, version), ranges(holding)));
                }
                _ if parts.is_empty() => parts.push(format!("{} has wheels for CPython {} only", package(axis, version), ranges(holding))),
                _ => parts.push(format!("{} for {}", package(axis, version), ranges(holding))),
            }
        }
    }
    parts.join("; ")
}

/// `3.7–3.10, 3.12`.
fn ranges(pythons: &[PythonVersion]) -> String {
    let runs = pythons.chunk_by(|one, next| next.minor == one.minor + 1);
    let texts = runs.filter_map(|run| match run {
        [] => None,
        [one] => Some(one.to_string()),
        [first, .., last] => Some(format!("{first}–{last}")),
    });
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(minors: &[u8]) -> u8 {
        minors.iter().fold(0, |set, minor| set | bit(PythonVersion::new(3, *minor)))
    }

    #[test]
    fn the_fewest_interpreters_cover_all_cells_and_of_several_choices_the_newest() {
        assert_eq!(cover(&[set(&[7, 8, 9]), set(&[9, 10]), set(&[10, 11])], 0), set(&[9, 11]));
        assert_eq!(cover(&[set(&[9, 10, 11]), set(&[10, 11, 12])], 0), set(&[11]));
        assert_eq!(cover(&[], 0), 0);
    }

    #[test]
    fn a_cell_that_nothing_holds_asks_for_nothing() {
        assert_eq!(cover(&[0, set(&[8])], 0), set(&[8]));
    }

    #[test]
    fn an_interpreter_that_is_needed_anyway_is_used_first() {
        assert_eq!(cover(&[set(&[9, 12])], set(&[9])), set(&[9]));
    }

    #[test]
    fn runs_of_interpreters_are_written_as_ranges() {
        let versions: Vec<_> = [7, 8, 9, 11, 13, 14].map(|minor| PythonVersion::new(3, minor)).to_vec();
        assert_eq!(ranges(&versions), "3.7–3.9, 3.11, 3.13–3.14");
    }
}
