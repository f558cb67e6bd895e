//! What every format says alike about a report: baseline, extent, date, legend, how many cells show what.

use std::collections::{BTreeSet, HashSet};

use super::{Bound, Cell, Layout, Look, Mark, Outcome, Results, Scenario, State, Timings, text};
use crate::observation::Status;

/// Names in a sentence at most.
const LISTED: usize = 3;

/// The axes: `numpy × tensorflow`.
pub(super) fn title(results: &Results) -> String {
    results.axes.iter().map(|axis| axis.name.as_str()).collect::<Vec<_>>().join(" × ")
}

/// The versions of a cell: `numpy 1.26.4 × tensorflow 2.15.1`.
pub(super) fn versions(results: &Results, cell: &Cell) -> String {
    let version = |name: &str| cell.axes.get(name).map_or("none", String::as_str).to_owned();
    results.axes.iter().map(|axis| format!("{} {}", axis.name, version(&axis.name))).collect::<Vec<_>>().join(" × ")
}

/// The versions of the baseline.
pub(super) fn baseline(results: &Results) -> String {
    let cell = results.cells.iter().find(|cell| cell.id == results.baseline);
    cell.map_or_else(|| results.baseline.clone(), |cell| versions(results, cell))
}

/// `287 observations from 13 scenarios`.
pub(super) fn extent(results: &Results) -> String {
    let observations: usize = results.scenarios.iter().map(|scenario| scenario.observations.len()).sum();
    format!("{} from {}", text::count(observations as u64, "observation"), text::count(results.scenarios.len() as u64, "scenario"))
}

/// The day of the run: `2026-11-22`.
pub(super) fn date(results: &Results) -> &str {
    day(&results.run.started)
}

/// `1,284 of 1,296 outcomes measured earlier, 2026-11-17 to 2026-11-22`, where there are any.
pub(super) fn reused(results: &Results) -> Option<String> {
    let reused = results.run.reused.as_ref()?;
    let (oldest, newest) = (day(&reused.oldest), day(&reused.newest));
    let days = if oldest == newest { oldest.to_owned() } else { format!("{oldest} to {newest}") };
    let many = if reused.outcomes == reused.of { "all".to_owned() } else { format!("{} of", text::grouped(reused.outcomes)) };
    Some(format!("{many} {} measured earlier, {days}", text::count(reused.of, "outcome")))
}

/// The day of an RFC 3339 time.
pub(super) fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or_default()
}

/// What an incomplete run lacks, in one line.
pub(super) fn what_is_missing(results: &Results) -> String {
    let number = |wanted: &dyn Fn(&Cell) -> bool| results.cells.iter().filter(|cell| wanted(cell)).count() as u64;
    let counted = [
        (number(&|cell| cell.state == State::Infra), "cell", "failed in the harness"),
        (number(&|cell| cell.state == State::NotRun && !cell.deselected), "cell", "not run"),
        (lost_runs(results).count() as u64, "scenario run", "failed in the harness"),
        // What a search leaves out is not missing.
        (number(&|cell| cell.deselected && !results.run.searched), "cell", "not selected"),
    ];
    let counted = counted.into_iter().filter(|(count, ..)| *count > 0);
    let mut parts: Vec<String> = counted.map(|(count, noun, what)| format!("{} {what}", text::count(count, noun))).collect();
    if results.run.finished.is_none() {
        parts.push("the run did not end".to_owned());
    }
    let left_out = number(&|cell| cell.deselected);
    if parts.is_empty() && left_out > 0 {
        parts.push(format!("{} left out or not selected", text::count(left_out, "cell")));
    }
    if parts.is_empty() { "the run says so, without a reason".to_owned() } else { parts.join(", ") }
}

/// Executions that the harness lost in cells that did run; those of a lost cell are told with the cell.
pub(super) fn lost_runs(results: &Results) -> impl Iterator<Item = (&Scenario, &Outcome)> {
    let lost = results.cells.iter().filter(|cell| matches!(cell.state, State::Infra | State::NotRun));
    let lost: HashSet<&str> = lost.map(|cell| cell.id.as_str()).collect();
    let outcomes = results.scenarios.iter().flat_map(|scenario| scenario.outcomes.iter().map(move |outcome| (scenario, outcome)));
    outcomes.filter(move |(_, outcome)| outcome.status == Status::Infra && !lost.contains(&*outcome.cell))
}

/// How many cells show each mark, in the order of the legend, without marks that no cell shows. Cells that were not
/// asked for are left out.
pub(super) fn tally(results: &Results) -> Vec<(Mark, usize)> {
    let shown: Vec<Mark> = results.cells.iter().filter(|cell| !cell.deselected).map(|cell| Mark::of(cell).0).collect();
    let count = |mark: Mark| shown.iter().filter(|shown| **shown == mark).count();
    Mark::LEGEND.into_iter().map(|mark| (mark, count(mark))).filter(|(_, count)| *count > 0).collect()
}

/// [`tally`] in words: `9 cells: 4 same, 1 within tolerance, 2 import fails`.
pub(super) fn tally_words(results: &Results) -> String {
    let tally = tally(results);
    let total: usize = tally.iter().map(|(_, count)| count).sum();
    let parts: Vec<_> = tally.iter().map(|(mark, count)| format!("{count} {}", mark.look().name)).collect();
    format!("{}: {}", text::count(total as u64, "cell"), parts.join(", "))
}

/// What marks mean; those that share a sign share an entry. `sign` says how a format draws a mark.
pub(super) fn legend(marks: &BTreeSet<Mark>, sign: impl Fn(Mark, &Look) -> String) -> Vec<String> {
    let mut entries: Vec<(String, String)> = Vec::new();
    for mark in Mark::LEGEND.into_iter().filter(|mark| marks.contains(mark)) {
        let look = mark.look();
        let sign = sign(mark, &look);
        match entries.iter_mut().find(|(known, _)| *known == sign) {
            Some((_, name)) => *name = format!("{name} or {}", look.name),
            None => entries.push((sign, look.name.to_owned())),
        }
    }
    entries.into_iter().map(|(sign, name)| format!("{sign} {name}")).collect()
}

/// Scenarios that do not come to their end in the baseline: what comes after is compared nowhere, so that one with a mistake in it looks
/// as if all cells agreed.
pub(super) fn cut_short(results: &Results) -> Option<String> {
    let ended = |scenario: &Scenario| {
        let outcome = scenario.outcomes.iter().find(|outcome| *outcome.cell == *results.baseline)?;
        let cause = outcome.cause.as_deref().unwrap_or(outcome.status.as_str());
        let cut = !matches!(outcome.status, Status::Ran | Status::NotApplicable | Status::Infra);
        cut.then(|| format!("{}: {}", scenario.name, text::fit(cause, 120, "…")))
    };
    let cut: Vec<String> = results.scenarios.iter().filter_map(ended).collect();
    let more = cut.len().saturating_sub(LISTED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let (end, it) = if cut.len() == 1 { ("ends", "it") } else { ("end", "they") };
    (!cut.is_empty()).then(|| {
        let scenarios = text::count(cut.len() as u64, "scenario");
        let listed = cut[..cut.len().min(LISTED)].join("; ");
        format!("{scenarios} {end} early in the baseline, and what {it} did not come to is compared nowhere: {listed}{more}")
    })
}

/// Observations that repeats disagree on: how many, in how many cells, and which.
pub(super) fn flaky(results: &Results) -> Option<String> {
    let of = |scenario: &Scenario| {
        let flaky = scenario.observations.iter().filter(|observation| observation.flaky.contains(&true));
        flaky.map(|observation| (format!("{}::{}", scenario.name, observation.name), observation.flaky.clone())).collect::<Vec<_>>()
    };
    let all: Vec<(String, Vec<bool>)> = results.scenarios.iter().flat_map(of).collect();
    let cells = (0..results.cells.len()).filter(|cell| all.iter().any(|(_, flaky)| flaky.get(*cell) == Some(&true))).count();
    let more = all.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let names: Vec<&str> = all.iter().take(LISTED).map(|(name, _)| name.as_str()).collect();
    (!all.is_empty()).then(|| {
        let (observations, cells) = (text::count(all.len() as u64, "observation"), text::count(cells as u64, "cell"));
        format!("repeats disagree on {observations} in {cells}; left out of verdicts and classes: {}{more}", names.join(", "))
    })
}

/// Where metadata and what happened disagree: how, and in which cells.
pub(super) fn disagreements(results: &Results, layout: &Layout) -> Vec<(&'static str, String)> {
    let all: Vec<usize> = (0..results.cells.len()).collect();
    let is_like_baseline = |cell: &Cell| matches!(Mark::of(cell).0, Mark::Same | Mark::Close);
    let like =
        |bound: &Bound, cell: &Cell| bound.forbidden_but_alike.iter().any(|alike| alike.cell == cell.id && alike.like != results.baseline);
    let words = |how: &'static str, wanted: &dyn Fn(&Cell) -> bool| {
        let cells: Vec<usize> = results.cells.iter().enumerate().filter(|(_, cell)| wanted(cell)).map(|(number, _)| number).collect();
        (!cells.is_empty()).then(|| (how, layout.words(&cells, &all)))
    };
    let is_like_neighbour = |cell: &Cell| !is_like_baseline(cell) && results.bounds.iter().any(|bound| like(bound, cell));
    let found = [
        words("allowed, but the import fails", &|cell| cell.declared && cell.state == State::ImportFailed),
        words("allowed, but cannot be installed", &|cell| {
            cell.declared && matches!(cell.state, State::Unresolvable | State::InstallFailed)
        }),
        words("forbidden, but behaves like the baseline", &|cell| !cell.declared && is_like_baseline(cell) && cell.id != results.baseline),
        words("forbidden, but behaves like an allowed neighbour", &is_like_neighbour),
    ];
    found.into_iter().flatten().collect()
}

/// Said of a run of which no times are known.
pub(super) const NO_TIMINGS: &str = "No phase is on record: nothing had to be started, or an older skew ran this.";

/// How long a run took, and what ran at a time.
pub(super) fn timings(timings: &Timings) -> String {
    let provisioning = match timings.provisioning {
        0 => String::new(),
        many => format!(", {} made beside them", text::count(many as u64, "environment")),
    };
    format!("{}, {} at a time{provisioning}", text::duration(timings.wall), text::count(timings.executing as u64, "cell"))
}

/// A part of the time of a run.
pub(super) struct TimeSum {
    pub(super) name: &'static str,
    /// Of all cells together.
    pub(super) seconds: f64,
    /// Of the time that places for executing cells had, where it is a part of that.
    pub(super) share: Option<f64>,
    pub(super) meaning: &'static str,
}

/// What the time of a run was used for.
pub(super) fn time_sums(timings: &Timings) -> [TimeSum; 5] {
    let whole = timings.executing as f64 * timings.wall;
    let part = |name, seconds, meaning| TimeSum { name, seconds, share: (whole > 0.0).then(|| seconds / whole), meaning };
    let provision = timings.sum(|cell| cell.provision);
    [
        TimeSum { name: "provision", seconds: provision, share: None, meaning: "making environments, beside the executions" },
        part("import", timings.sum(|cell| cell.import), "the axis packages, once a cell"),
        part("scenarios", timings.sum(|cell| cell.scenarios), "all repeats"),
        part("rest", timings.sum(|cell| cell.rest), "starting and ending processes and containers"),
        part("idle", timings.idle, "places for executions that had nothing to do"),
    ]
}
