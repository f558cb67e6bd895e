//! Which differences a run is to fail for.

use std::collections::{BTreeSet, HashSet};

use super::{
    changes::is_of_import,
    model::{ObservationReport, Results, Since, State},
};
use crate::{analysis::diff::Diff, compare::Verdict};

/// What makes a run exit with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum FailOn {
    /// A difference that is not in expected.yaml or, without that file, that the previous complete run had not.
    New,
    /// A change, or anything worse.
    Changed,
    /// An error, or anything worse.
    Raises,
    /// A timeout, a crash, or a pair that cannot be resolved, installed or imported.
    Crash,
    /// Anything that is not *same*.
    Any,
    /// Nothing.
    Never,
}

/// Counts the differences that `fail_on` minds. *New* ones are those that `previous`, the newest complete run, had not;
/// without a previous run nothing is new.
pub fn unexpected(results: &Results, previous: Option<&Results>, fail_on: FailOn) -> usize {
    let least = match fail_on {
        FailOn::Never => return 0,
        FailOn::Any => Verdict::Close,
        FailOn::New | FailOn::Changed => Verdict::Changed,
        FailOn::Raises => Verdict::Raises,
        FailOn::Crash => Verdict::Timeout,
    };
    let found = told(results, least);
    match (fail_on, previous) {
        (FailOn::New, None) => 0,
        (FailOn::New, Some(previous)) => {
            let known = told(previous, least);
            // A cell or a scenario that the previous run did not have is no regression.
            let cells: HashSet<&str> = previous.cells.iter().map(|cell| cell.id.as_str()).collect();
            let scenarios: HashSet<&str> = previous.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
            let comparable = |key: &&Key<'_>| cells.contains(key.0) && (key.1.is_empty() || scenarios.contains(key.1));
            found.difference(&known).filter(comparable).count()
        }
        (FailOn::Any | FailOn::Changed | FailOn::Raises | FailOn::Crash | FailOn::Never, _) => found.len(),
    }
}

/// Cell and scenario of everything that is *new*, failed imports aside.
pub fn new_places(results: &Results, previous: Option<&Results>) -> BTreeSet<(String, String)> {
    let Some(previous) = previous else { return BTreeSet::new() };
    let known = red(previous, Verdict::Changed, |_, _, _| true);
    let found = red(results, Verdict::Changed, |_, _, _| true);
    let new = found.difference(&known).filter(|key| !key.1.is_empty());
    new.map(|key| (key.0.to_owned(), key.1.to_owned())).collect()
}

/// Counts the differences between two reports that `fail_on` minds: with *new* all that are *changed* or worse, because
/// what differs is new; with *any* also warnings, last bits and what only one side has.
pub fn differences(diff: &Diff, since: &Since, fail_on: FailOn) -> usize {
    let least = match fail_on {
        FailOn::Never => return 0,
        FailOn::Any => {
            let one_sided = [&since.new_cells, &since.gone_cells, &since.added, &since.removed];
            return diff.changes.len() + since.states.len() + one_sided.map(Vec::len).iter().sum::<usize>();
        }
        FailOn::New | FailOn::Changed => Verdict::Changed,
        FailOn::Raises => Verdict::Raises,
        FailOn::Crash => Verdict::Timeout,
    };
    let minded = |state: State| least == Verdict::Changed || is_broken(state);
    let states = since.states.iter().filter(|change| minded(change.to)).count();
    states + diff.changes.iter().filter(|change| change.verdict >= least).count()
}

/// Whether packages have no place beside each other: worse than any observation.
fn is_broken(state: State) -> bool {
    matches!(state, State::ImportFailed | State::InstallFailed | State::Unresolvable)
}

/// Cell, scenario, observation, verdict; a broken cell has only itself.
type Key<'a> = (&'a str, &'a str, &'a str, Option<Verdict>);

/// Broken cells, and what differs at least so much; what a failed import breaks is told by its cell.
fn told(results: &Results, least: Verdict) -> HashSet<Key<'_>> {
    red(results, least, |observation, cell, verdict| !is_of_import(results, observation, cell, verdict))
}

fn red(results: &Results, least: Verdict, counts: impl Fn(&ObservationReport, usize, Verdict) -> bool) -> HashSet<Key<'_>> {
    let mut found = HashSet::new();
    for cell in &results.cells {
        if is_broken(cell.state) {
            found.insert((cell.id.as_str(), "", "", None));
        }
    }
    for scenario in &results.scenarios {
        for observation in &scenario.observations {
            for (number, (cell, verdict)) in results.cells.iter().zip(&observation.verdicts).enumerate() {
                if verdict.is_some_and(|verdict| verdict >= least && counts(observation, number, verdict)) {
                    found.insert((cell.id.as_str(), scenario.name.as_str(), observation.name.as_str(), *verdict));
                }
            }
        }
    }
    found
}
