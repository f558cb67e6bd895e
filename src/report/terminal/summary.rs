//! What stands under the grid: what changed, what failed, and the totals.

use std::fmt::Write as _;

use super::{Page, Paint};
use crate::{
    compare::Verdict,
    report::{Cell, Layout, Mark, Results, Rule, State, caption, changes, changes::Change, searched, sentences, text},
};

/// Changes that are listed at most.
const CHANGES: usize = 10;
/// Places between versions that are listed at most.
const PLACES: usize = 12;
/// Groups of failures, classes and the like that are listed at most.
const GROUPS: usize = 8;

/// The silent changes, then the loud ones.
pub(super) fn changes(results: &Results, layout: &Layout, page: &mut Page<'_>) {
    let all = changes::changes(results);
    let shown = &all[..all.len().min(CHANGES)];
    let silent = shown.iter().take_while(|change| change.silent).count();
    let (silent, loud) = shown.split_at(silent);
    if !silent.is_empty() {
        page.section("Silent changes", "another value or type, and nothing warns of it");
        for change in silent {
            entry(change, layout, page);
        }
    }
    if !loud.is_empty() {
        page.section(if silent.is_empty() { "Changes" } else { "Other changes" }, "");
        for change in loud {
            entry(change, layout, page);
        }
    }
    if all.len() > shown.len() {
        let cell = changes::worst_cell(results).map_or("CELL", |cell| cell.id.as_str());
        page.line(2, Paint::Dim, &format!("and {} more: skew explain {cell}", text::grouped((all.len() - shown.len()) as u64)));
    }
}

fn entry(change: &Change<'_>, layout: &Layout, page: &mut Page<'_>) {
    let mark = Mark::from(change.verdict);
    page.group(mark, &change.subject(), &layout.words(&change.cells, &change.among), "");
    let effect = match &change.example {
        Some(example) => format!("{}: {example}", change.effect),
        None => change.effect.clone(),
    };
    page.paragraph(6, 2, Paint::Plain, &text::fit(&effect, 2 * page.style.width.saturating_sub(10), "…"));
    if let Some(warning) = change.forewarned {
        page.paragraph(6, 2, Paint::Dim, &sentences::forewarned(warning));
    }
}

fn all_cells(results: &Results) -> Vec<usize> {
    (0..results.cells.len()).collect()
}

/// A block for each distinct cause of a failed import.
pub(super) fn failures(results: &Results, layout: &Layout, page: &mut Page<'_>) {
    let groups = changes::failures(results);
    if groups.is_empty() {
        return;
    }
    page.section("Imports that fail", "");
    for group in groups.iter().take(GROUPS) {
        let place = layout.words(&group.cells, &all_cells(results));
        page.group(Mark::ImportFailed, "", &place, "");
        page.field(6, "cause", group.cause.unwrap_or("not known"), 3);
        let members: Vec<&Cell> = group.cells.iter().filter_map(|cell| results.cells.get(*cell)).collect();
        if let Some(error) = members.iter().find_map(|cell| cell.import_error.as_ref()) {
            page.field(6, "exception", &format!("{}: {}", error.type_name, error.message), 3);
        }
        let declared: Vec<usize> =
            group.cells.iter().copied().filter(|cell| results.cells.get(*cell).is_some_and(|cell| cell.declared)).collect();
        if declared.is_empty() {
            let conflict = members.iter().find_map(|cell| cell.conflicts.first());
            page.field(6, "declared", &conflict.map_or("metadata forbids it".to_owned(), |text| format!("metadata forbids it: {text}")), 2);
        } else if declared.len() == group.cells.len() {
            page.field(6, "declared", if declared.len() == 1 { "metadata allows this pair" } else { "metadata allows these pairs" }, 1);
        } else {
            page.field(6, "declared", &format!("metadata allows {}", layout.words(&declared, &group.cells)), 2);
        }
        if let Some(hint) = group.hint {
            page.field(6, "do", hint, 2);
        }
    }
    further(groups.len(), GROUPS, "cause", page);
}

pub(super) fn further(len: usize, shown: usize, noun: &str, page: &mut Page<'_>) {
    if len > shown {
        page.line(2, Paint::Dim, &format!("and {} more", text::count((len - shown) as u64, noun)));
    }
}

/// Where metadata and reality disagree.
pub(super) fn disagreements(results: &Results, layout: &Layout, page: &mut Page<'_>) {
    let lines = caption::disagreements(results, layout);
    let bounds: Vec<_> = results.bounds.iter().filter(|bound| sentences::disagrees(bound)).collect();
    if lines.is_empty() && bounds.is_empty() {
        return;
    }
    page.section("Metadata against reality", "");
    for (how, cells) in lines {
        page.paragraph(2, 4, Paint::Plain, &format!("{how}: {cells}"));
    }
    for bound in bounds.iter().take(GROUPS) {
        page.paragraph(2, 4, Paint::Plain, &sentences::bound(bound));
    }
    further(bounds.len(), GROUPS, "release", page);
}

/// Cells that cannot exist or be installed.
pub(super) fn absent(results: &Results, layout: &Layout, page: &mut Page<'_>) {
    let never = changes::grouped(results, &[State::Unavailable]);
    let groups = changes::grouped(results, &[State::Unresolvable, State::InstallFailed]);
    if never.is_empty() && groups.is_empty() {
        return;
    }
    page.section("Not installable", "");
    // Which package lacks a wheel for which interpreter differs from pair to pair; the plan tells it whole.
    let cells: Vec<usize> = never.iter().flat_map(|group| group.cells.iter().copied()).collect();
    if let Some(first) = never.first() {
        page.group(Mark::NotInstallable, "", &layout.words(&cells, &all_cells(results)), first.state.as_str());
        let cause = if never.len() == 1 {
            first.cause.unwrap_or("not known")
        } else {
            "no interpreter has wheels for both; `skew plan` says which"
        };
        page.field(6, "cause", cause, 2);
    }
    for group in groups.iter().take(GROUPS) {
        page.group(Mark::NotInstallable, "", &layout.words(&group.cells, &all_cells(results)), group.state.as_str());
        page.field(6, "cause", group.cause.unwrap_or("not known"), 2);
        if let Some(hint) = group.hint {
            page.field(6, "do", hint, 2);
        }
    }
    further(groups.len(), GROUPS, "cause", page);
}

/// Where behaviour changes between neighbouring versions, and the rules: each change with the versions where it holds.
pub(super) fn what_changed(results: &Results, page: &mut Page<'_>) {
    let places = sentences::places(results);
    if !places.is_empty() {
        page.section("What changed", "between neighbouring versions");
        for place in places.iter().take(PLACES) {
            page.line(2, Paint::Bold, &place.name);
            for change in &place.changes {
                page.paragraph(6, 2, Paint::Plain, change);
            }
        }
        further(places.len(), PLACES, "place", page);
    }
    if !results.rules.is_empty() {
        page.section("Rules", "where each change holds, exactly on what ran");
        for rule in results.rules.iter().take(GROUPS) {
            self::rule(rule, page);
        }
        further(results.rules.len(), GROUPS, "rule", page);
    }
}

/// A rule: where, what, and what it leaves open.
pub(super) fn rule(rule: &Rule, page: &mut Page<'_>) {
    page.paragraph(2, 4, Paint::Bold, &rule.when);
    page.paragraph(6, 2, Paint::Plain, &sentences::effect(rule));
    for reservation in sentences::reservations(rule) {
        page.paragraph(6, 2, Paint::Dim, &reservation);
    }
}

/// The behaviour classes, largest first.
pub(super) fn classes(results: &Results, layout: &Layout, page: &mut Page<'_>) {
    if results.classes.len() < 2 {
        return;
    }
    let all: Vec<usize> =
        (0..results.cells.len()).filter(|cell| results.cells.get(*cell).is_some_and(|cell| cell.class.is_some())).collect();
    page.section("Behaviour classes", "cells that agree within tolerance");
    for class in results.classes.iter().take(GROUPS) {
        let cells = results.members(class);
        let baseline = if class.cells.contains(&results.baseline) { "  ★" } else { "" };
        page.paragraph(2, 4, Paint::Plain, &format!("{}  {}{baseline}", class.letter, layout.words(&cells, &all)));
    }
    if let Some(rest) = results.classes.get(GROUPS..).filter(|rest| !rest.is_empty()) {
        let cells: usize = rest.iter().map(|class| class.cells.len()).sum();
        let classes = text::count(rest.len() as u64, "class").replace("classs", "classes");
        page.line(2, Paint::Dim, &format!("and {classes} more of {}", text::count(cells as u64, "cell")));
    }
}

/// Why the run is not complete, and what to do.
pub(super) fn incomplete(results: &Results, layout: &Layout, page: &mut Page<'_>) {
    let groups = changes::grouped(results, &[State::Infra, State::NotRun]);
    let mut scenarios: Vec<(&str, Vec<String>)> = Vec::new();
    for (scenario, outcome) in caption::lost_runs(results) {
        let cause = outcome.cause.as_deref().unwrap_or("not known");
        let place = format!("{} in {}", scenario.name, outcome.cell);
        match scenarios.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, places)) => places.push(place),
            None => scenarios.push((cause, vec![place])),
        }
    }
    if groups.is_empty() && scenarios.is_empty() {
        return;
    }
    page.section("No answer", "says nothing about compatibility");
    for group in groups.iter().take(GROUPS) {
        let mark = if group.state == State::Infra { Mark::Infra } else { Mark::NotRun };
        page.group(mark, "", &layout.words(&group.cells, &all_cells(results)), group.state.as_str());
        page.field(6, "cause", group.cause.unwrap_or("not known"), 2);
        if let Some(hint) = group.hint {
            page.field(6, "do", hint, 3);
        }
    }
    further(groups.len(), GROUPS, "cause", page);
    for (cause, places) in scenarios.iter().take(GROUPS) {
        let more = if places.len() > 1 { format!(" and {} more", places.len() - 1) } else { String::new() };
        page.group(Mark::Infra, "", &format!("{}{more}", places.first().map_or("", String::as_str)), "infra");
        page.field(6, "cause", cause, 2);
    }
    further(scenarios.len(), GROUPS, "cause", page);
}

/// The summary lines.
pub(super) fn totals(results: &Results, page: &mut Page<'_>) {
    page.rule();
    let selected = || results.cells.iter().filter(|cell| !cell.deselected);
    let total = selected().count();
    let ran = results.cells.iter().filter(|cell| cell.state == State::Ran).count();
    let shown = |mark: Mark| results.cells.iter().filter(|cell| Mark::of(cell).0 == mark).count();
    let words = [
        (Mark::Same, "same"),
        (Mark::Close, "close"),
        (Mark::Warns, "warn"),
        (Mark::Changed, "changed"),
        (Mark::Returns, "return"),
        (Mark::Raises, "raise"),
        (Mark::Timeout, "time out"),
        (Mark::Crash, "crash"),
        (Mark::Uncompared, "with nothing to compare"),
    ];
    let verdicts: Vec<_> = words
        .into_iter()
        .map(|(mark, word)| (shown(mark), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    let states =
        [State::ImportFailed, State::Unavailable, State::Unresolvable, State::InstallFailed, State::Infra, State::NotRun].map(|state| {
            let count = selected().filter(|cell| cell.state == state).count();
            (count > 0).then(|| format!("{count} {}", state.as_str()))
        });
    let mut states: Vec<_> = states.into_iter().flatten().collect();
    if results.cells.len() > total {
        let why = if results.run.searched { "left out" } else { "not selected" };
        states.push(format!("{} {why}", results.cells.len() - total));
    }
    let time = duration(results).map_or(String::new(), |time| format!("[{time}] "));
    let mut line = format!("{time}{ran}/{total} cells ran");
    if !verdicts.is_empty() {
        let _ = write!(line, ": {}", verdicts.join(", "));
    }
    if !states.is_empty() {
        let _ = write!(line, "; {}", states.join(", "));
    }
    let silent: u64 = results.cells.iter().map(|cell| cell.counts.silent).sum();
    if silent > 0 {
        let cells = results.cells.iter().filter(|cell| cell.counts.silent > 0).count();
        page.field(2, "Silent", &format!("{} in {}", text::count(silent, "silent change"), text::count(cells as u64, "cell")), 2);
    }
    page.field(2, "Summary", &line, usize::MAX);
    if let Some(reused) = caption::reused(results) {
        page.field(2, "Reused", &reused, 2);
    }
    if let Some(searched) = searched::words(results) {
        page.field(2, "Search", &searched, 2);
    }
    if let Some(cut) = caption::cut_short(results) {
        page.field(2, "Baseline", &cut, 4);
    }
    if let Some(flaky) = caption::flaky(results) {
        page.field(2, "Flaky", &flaky, 3);
    }
    if !results.run.host.mixed.is_empty() {
        let others = results.run.host.mixed.join("; ");
        let text =
            format!("cells ran on different processors ({}; {others}): last bits may differ for that reason alone", results.run.host.cpu);
        page.field(2, "Mixed", &text, 4);
    }
    for (index, caveat) in results.run.caveats.iter().enumerate() {
        page.field(2, if index == 0 { "Caveat" } else { "" }, caveat, 3);
    }
    if !results.run.complete {
        page.field(2, "Incomplete", &caption::what_is_missing(results), 2);
    }
    if let Some(cell) = changes::worst_cell(results) {
        page.field(2, "Next", &format!("skew explain {}", cell.id), usize::MAX);
    }
}

fn duration(results: &Results) -> Option<String> {
    let started: jiff::Timestamp = results.run.started.parse().ok()?;
    let finished: jiff::Timestamp = results.run.finished.as_deref()?.parse().ok()?;
    // Where the clock was set back in between nobody knows.
    let seconds = finished.duration_since(started).as_secs_f64();
    (seconds >= 0.0).then(|| text::duration(seconds))
}

/// The words of a cell's counts: `61 same, 3 close, 2 raises`.
pub(super) fn counts_text(cell: &Cell) -> String {
    let counts = &cell.counts;
    let parts = [
        (counts.same, Verdict::Same),
        (counts.close, Verdict::Close),
        (counts.warns, Verdict::Warns),
        (counts.changed, Verdict::Changed),
        (counts.returns, Verdict::Returns),
        (counts.raises, Verdict::Raises),
        (counts.timeout, Verdict::Timeout),
        (counts.crash, Verdict::Crash),
    ];
    let mut parts: Vec<_> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, verdict)| format!("{} {}", text::grouped(count), Mark::from(verdict).look().key))
        .collect();
    if counts.flaky > 0 {
        parts.push(format!("{} flaky", counts.flaky));
    }
    let silent = if counts.silent > 0 { format!("; {} silent", counts.silent) } else { String::new() };
    if parts.is_empty() { "nothing to compare".to_owned() } else { format!("{}{silent}", parts.join(", ")) }
}
