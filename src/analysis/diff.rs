//! What is different between two reports, or between two cells of one.
//!
//! What is now is judged against what was, with the same rules as a cell against the baseline. Only what both sides have
//! an answer for is judged: a cell that was not run, or that the harness failed, says nothing.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap},
};

use super::published;
use crate::{
    compare::{Judgement, Side, Verdict, judge, judge_script},
    matrix::Tolerances,
    observation::{Fact, SCRIPT, Status, Warned},
    report::{Cell, ObservationReport, Outcome, Results, Scenario, State, WarningReport},
};

/// What is different. Cells are numbered as in their own report; of a pair the first is before, the second after.
#[derive(Debug, Default)]
pub struct Diff {
    /// Pairs of cells that both sides have an answer for, in the order of *after*.
    pub compared: Vec<(usize, usize)>,
    /// Cells that only *after* has.
    pub new_cells: Vec<usize>,
    /// Cells that only *before* has.
    pub gone_cells: Vec<usize>,
    /// The compared pairs whose states differ.
    pub states: Vec<(usize, usize)>,
    /// Scenarios, and observations as `scenario::name`, that *before* has nowhere.
    pub added: Vec<String>,
    /// The same that *after* has nowhere.
    pub removed: Vec<String>,
    /// Observations that are not *same*, in the order of *after*'s scenarios and observations.
    pub changes: Vec<Change>,
}

/// An observation that differs, in the same way in all of `cells`.
#[derive(Debug)]
pub struct Change {
    /// Its scenario in each report.
    pub scenario: (usize, usize),
    /// Its place in the scenario of each report that has it.
    pub observation: (Option<usize>, Option<usize>),
    /// Pairs of cells, in the order of *after*.
    pub cells: Vec<(usize, usize)>,
    /// Worse than *same*.
    pub verdict: Verdict,
    /// What the verdict rests on.
    pub judgement: Judgement,
    /// The numbers are not at hand, so what is called *changed* may as well be within tolerance.
    pub unmeasured: bool,
}

/// Compares two reports, cells of the same versions with each other. `tolerances` of a scenario are asked for by its name.
pub fn reports<'t>(before: &Results, after: &Results, tolerances: impl Fn(&str) -> &'t Tolerances) -> Diff {
    scenarios(before, after, |_| true, tolerances)
}

/// The same of those scenarios of *after* that may differ; *before* need not have the others.
pub fn scenarios<'t>(
    before: &Results,
    after: &Results,
    may_differ: impl Fn(&str) -> bool,
    tolerances: impl Fn(&str) -> &'t Tolerances,
) -> Diff {
    let mut known: HashMap<BTreeSet<&str>, usize> = HashMap::new();
    for (index, cell) in before.cells.iter().enumerate() {
        known.entry(versions(cell)).or_insert(index);
    }
    let mut pairs = Vec::new();
    let mut new_cells = Vec::new();
    for (index, cell) in after.cells.iter().enumerate() {
        match known.remove(&versions(cell)) {
            Some(earlier) => pairs.push((earlier, index)),
            None => new_cells.push(index),
        }
    }
    let mut gone_cells: Vec<usize> = known.into_values().collect();
    gone_cells.sort_unstable();
    Diff { new_cells, gone_cells, ..compare(before, after, &pairs, may_differ, tolerances) }
}

/// A report compared with one that says the same.
pub fn unchanged(results: &Results) -> Diff {
    let answered = |number: &usize| !matches!(results.cells[*number].state, State::Infra | State::NotRun);
    Diff { compared: (0..results.cells.len()).filter(answered).map(|number| (number, number)).collect(), ..Diff::default() }
}

/// Compares two cells of a report.
pub fn cells<'t>(results: &Results, before: usize, after: usize, tolerances: impl Fn(&str) -> &'t Tolerances) -> Diff {
    compare(results, results, &[(before, after)], |_| true, tolerances)
}

/// Compares two versions of an axis: each cell of the one with the cell of the other that is like it on all other axes.
/// Where an import fails on either side there is nothing to observe, so that alone is told.
pub fn steps<'t>(results: &Results, axis: &str, before: &str, after: &str, tolerances: impl Fn(&str) -> &'t Tolerances) -> Diff {
    let at = |cell: &Cell, version: &str| cell.axes.get(axis).is_some_and(|found| found == version);
    // All that ids say but the version, so that cells that differ in the date of their dependencies are told apart.
    let others = |cell: &Cell, version: &str| {
        let own = format!("{axis}-{version}");
        cell.id.split('+').filter(|part| *part != own).map(str::to_owned).collect::<Vec<_>>()
    };
    let mut pairs = Vec::new();
    for (now, cell) in results.cells.iter().enumerate().filter(|(_, cell)| at(cell, after)) {
        let like = |earlier: &Cell| at(earlier, before) && others(earlier, before) == others(cell, after);
        pairs.extend(results.cells.iter().position(like).map(|was| (was, now)));
    }
    // What can never exist on one side says nothing about the step.
    pairs.retain(|&(was, now)| [was, now].iter().all(|cell| results.cells[*cell].state != State::Unavailable));
    let whole = compare(results, results, &pairs, |_| true, &tolerances);
    pairs.retain(|&(was, now)| [was, now].iter().all(|cell| results.cells[*cell].state == State::Ran));
    Diff { compared: whole.compared, states: whole.states, ..compare(results, results, &pairs, |_| true, &tolerances) }
}

/// What makes two cells of different matrices the same: all that their ids say, in any order, but for what is not
/// installed, because that makes no difference to a matrix that does not mention it.
fn versions(cell: &Cell) -> BTreeSet<&str> {
    cell.id.split('+').filter(|part| !part.ends_with("-none")).collect()
}

fn compare<'t>(
    before: &Results,
    after: &Results,
    pairs: &[(usize, usize)],
    may_differ: impl Fn(&str) -> bool,
    tolerances: impl Fn(&str) -> &'t Tolerances,
) -> Diff {
    let answered = |cell: &Cell| !matches!(cell.state, State::Infra | State::NotRun);
    let both = |&(b, a): &(usize, usize)| answered(&before.cells[b]) && answered(&after.cells[a]);
    let compared: Vec<_> = pairs.iter().copied().filter(both).collect();
    let moved = |&(b, a): &(usize, usize)| before.cells[b].state != after.cells[a].state;
    let mut diff = Diff { states: compared.iter().copied().filter(moved).collect(), compared, ..Diff::default() };
    let earlier: HashMap<&str, usize> = before.scenarios.iter().enumerate().map(|(index, scenario)| (&*scenario.name, index)).collect();
    for (index, scenario) in after.scenarios.iter().enumerate().filter(|(_, scenario)| may_differ(&scenario.name)) {
        match earlier.get(scenario.name.as_str()) {
            Some(&known) => {
                let sides = (Sheet::new(before, known), Sheet::new(after, index));
                sides.1.compare(&sides.0, tolerances(&scenario.name), &mut diff);
            }
            None => diff.added.push(scenario.name.clone()),
        }
    }
    let now: BTreeSet<&str> = after.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let gone = before.scenarios.iter().filter(|scenario| !now.contains(scenario.name.as_str()));
    diff.removed.extend(gone.map(|scenario| scenario.name.clone()));
    diff
}

/// One scenario of a report.
struct Sheet<'a> {
    number: usize,
    scenario: &'a Scenario,
    /// How it ended in each cell that started it.
    outcomes: Vec<Option<&'a Outcome>>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Sheet<'a> {
    fn new(results: &'a Results, number: usize) -> Self {
        let scenario = &results.scenarios[number];
        let by_cell: HashMap<&str, &Outcome> = scenario.outcomes.iter().map(|outcome| (&*outcome.cell, outcome)).collect();
        let outcomes = results.cells.iter().map(|cell| by_cell.get(cell.id.as_str()).copied()).collect();
        let places = scenario.observations.iter().enumerate().map(|(place, observation)| (observation.name.as_str(), place)).collect();
        Self { number, scenario, outcomes, places }
    }

    fn track(&self, name: &str) -> Track<'a> {
        let place = self.places.get(name).copied();
        Track::new(place.map(|place| (place, &self.scenario.observations[place])))
    }

    fn compare(&self, before: &Self, tolerances: &Tolerances, diff: &mut Diff) {
        let mine = self.scenario.observations.iter().map(|observation| observation.name.as_str());
        let theirs = before.scenario.observations.iter().map(|observation| observation.name.as_str());
        for name in mine.chain(theirs.filter(|name| !self.places.contains_key(name))) {
            let (old, new) = (before.track(name), self.track(name));
            let mut groups: HashMap<(Key<'_>, Key<'_>), Option<usize>> = HashMap::new();
            let (mut added, mut removed) = (false, false);
            for index in 0..diff.compared.len() {
                let pair = diff.compared[index];
                let (Some(was), Some(is)) = (before.outcomes[pair.0], self.outcomes[pair.1]) else { continue };
                if old.is_flaky(pair.0) || new.is_flaky(pair.1) {
                    continue;
                }
                // What one side has in no cell at all is another scenario text, not another behaviour.
                if old.report.is_none() && was.status == Status::Ran {
                    added = true;
                    continue;
                }
                if new.report.is_none() && is.status == Status::Ran {
                    removed = true;
                    continue;
                }
                let (was, is) = (old.at(pair.0, was), new.at(pair.1, is));
                let known = groups.entry((was.key, is.key)).or_insert_with(|| {
                    let (judgement, unmeasured) = judged(name, &was, &is, tolerances);
                    let verdict = judgement.verdict.filter(|verdict| *verdict > Verdict::Same)?;
                    let (scenario, observation) = ((before.number, self.number), (old.place, new.place));
                    diff.changes.push(Change { scenario, observation, cells: Vec::new(), verdict, judgement, unmeasured });
                    Some(diff.changes.len() - 1)
                });
                if let Some(change) = known.and_then(|change| diff.changes.get_mut(change)) {
                    change.cells.push(pair);
                }
            }
            let subject = || format!("{}::{name}", self.scenario.name);
            diff.added.extend(added.then(subject));
            diff.removed.extend(removed.then(subject));
        }
    }
}

/// One observation of a scenario, over the cells of its report.
struct Track<'a> {
    place: Option<usize>,
    report: Option<&'a ObservationReport>,
    warning_sets: Vec<Vec<Warned>>,
}

impl<'a> Track<'a> {
    fn new(found: Option<(usize, &'a ObservationReport)>) -> Self {
        let sets = found.map_or(&[][..], |(_, report)| report.warning_sets.as_slice());
        let warning_sets = sets.iter().map(|set| set.iter().map(warned).collect()).collect();
        Self { place: found.map(|(place, _)| place), report: found.map(|(_, report)| report), warning_sets }
    }

    /// What is known of it in a cell.
    fn at(&self, cell: usize, outcome: &'a Outcome) -> Spot<'_> {
        let key = Key {
            variant: self.report.and_then(|report| report.variant_index(cell)),
            warnings: self.report.and_then(|report| report.warning_set(cell)),
            status: outcome.status,
            signal: signal(outcome),
        };
        Spot { track: self, key }
    }

    fn is_flaky(&self, cell: usize) -> bool {
        self.report.is_some_and(|report| report.is_flaky(cell))
    }

    fn has_facts(&self) -> bool {
        self.report.is_none_or(|report| report.facts.len() == report.variants.len())
    }
}

/// All that the judgement on a cell depends on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key<'a> {
    variant: Option<usize>,
    warnings: Option<usize>,
    status: Status,
    signal: Option<&'a str>,
}

/// One observation in one cell.
struct Spot<'a> {
    track: &'a Track<'a>,
    key: Key<'a>,
}

impl<'a> Spot<'a> {
    /// The fact: whole, or as it is published.
    fn fact(&self, whole: bool) -> Option<Cow<'a, Fact>> {
        let (report, index) = (self.track.report?, self.key.variant?);
        if whole {
            return report.facts.get(index).map(Cow::Borrowed);
        }
        report.variants.get(index).map(|variant| Cow::Owned(published::fact(variant)))
    }

    fn side<'f>(&self, fact: Option<&'f Fact>) -> Side<'f>
    where
        'a: 'f,
    {
        let warnings = self.key.warnings.and_then(|set| self.track.warning_sets.get(set)).map_or(&[][..], Vec::as_slice);
        Side { status: self.key.status, signal: self.key.signal, seen: fact.map(|fact| (fact, warnings)) }
    }
}

/// Judges a pair of cells, and says whether numbers were missing for it.
fn judged(name: &str, before: &Spot<'_>, after: &Spot<'_>, tolerances: &Tolerances) -> (Judgement, bool) {
    let whole = before.track.has_facts() && after.track.has_facts();
    let (was, is) = (before.fact(whole), after.fact(whole));
    let judge = if name == SCRIPT { judge_script } else { judge };
    let judgement = judge(before.side(was.as_deref()), after.side(is.as_deref()), tolerances);
    let only_content = judgement.difference.aspects.iter().all(|aspect| aspect == "value");
    let unmeasured = match (judgement.verdict, &was, &is) {
        (Some(Verdict::Changed), Some(was), Some(is)) => !whole && only_content && published::is_unmeasured(was, is),
        _ => false,
    };
    (judgement, unmeasured)
}

/// The signal that ended a scenario; where the ending is not at hand, its cause begins with it.
fn signal(outcome: &Outcome) -> Option<&str> {
    let told = outcome.ending.as_ref().and_then(|ending| ending.signal.as_deref());
    let first = || outcome.cause.as_deref()?.split_whitespace().next().filter(|word| word.starts_with("SIG"));
    if outcome.status == Status::Crash { told.or_else(first) } else { None }
}

fn warned(report: &WarningReport) -> Warned {
    Warned { category: report.category.clone(), message: report.message.clone(), origin: report.origin.clone() }
}
