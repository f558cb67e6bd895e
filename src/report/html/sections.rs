//! What the sections of the page say, in words.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use super::{grid, index};
use crate::{
    parallel,
    report::{
        Bound, ImportLine, Layout, Mark, Results, Scenario, State, WarningReport, caption,
        changes::{self, Change},
        text,
    },
};

/// Entries that stand in the page itself; the rest is behind the search.
const LISTED: usize = 50;

/// Something with a mark, a place and details.
pub(super) struct Entry {
    pub(super) key: &'static str,
    pub(super) symbol: &'static str,
    pub(super) subject: String,
    pub(super) place: String,
    pub(super) silent: bool,
    pub(super) lines: Vec<(&'static str, String)>,
    pub(super) link: String,
}

/// A list that may have been cut.
pub(super) struct Listed {
    pub(super) entries: Vec<Entry>,
    pub(super) more: String,
}

/// What is said where a list ends before its end: the file of results has all of it.
pub(super) fn further(len: usize, shown: usize) -> String {
    match len.saturating_sub(shown) {
        0 => String::new(),
        rest => format!("and {} more: skew report -o json=results.json writes them all", text::grouped(rest as u64)),
    }
}

fn everything(results: &Results) -> Vec<usize> {
    (0..results.cells.len()).collect()
}

fn cell_link(results: &Results, cell: Option<&usize>) -> String {
    let id = cell.and_then(|cell| results.cells.get(*cell)).map(|cell| cell.id.as_str());
    id.map(|id| format!("#/cell/{}", grid::fragment(id))).unwrap_or_default()
}

fn entry(mark: Mark, subject: &str, place: &str, link: String) -> Entry {
    let look = mark.look();
    let subject = text::visible(subject);
    Entry { key: look.key, symbol: look.symbol, subject, place: text::visible(place), silent: false, lines: Vec::new(), link }
}

/// Failed imports, then differences, silent ones first.
pub(super) fn differences(results: &Results, layout: &Layout, changes: &[Change<'_>]) -> Listed {
    let mut entries = Vec::new();
    for trouble in changes::failures(results) {
        let place = layout.words(&trouble.cells, &everything(results));
        let subject = trouble.cause.unwrap_or("cause not known");
        let mut found = entry(Mark::ImportFailed, subject, &place, cell_link(results, trouble.cells.first()));
        let members = || trouble.cells.iter().filter_map(|cell| results.cells.get(*cell));
        if let Some(error) = members().find_map(|cell| cell.import_error.as_ref()) {
            found.lines.push(("exception", text::visible(&format!("{}: {}", error.type_name, error.message))));
        }
        let declared = members().filter(|cell| cell.declared).count();
        found.lines.push((
            "declared",
            match declared {
                0 => "metadata forbids it".to_owned(),
                all if all == trouble.cells.len() => "metadata allows it".to_owned(),
                some => format!("metadata allows {some} of {} cells", trouble.cells.len()),
            },
        ));
        found.lines.extend(trouble.hint.map(|hint| ("do", text::visible(hint))));
        entries.push(found);
    }
    for change in changes {
        let place = layout.words(&change.cells, &change.among);
        let mut found = entry(Mark::from(change.verdict), &change.subject(), &place, cell_link(results, change.cells.first()));
        found.silent = change.silent;
        found.lines.push(("effect", text::visible(&change.effect)));
        found.lines.extend(change.example.as_deref().map(|example| ("for example", text::visible(example))));
        if change.observations.len() > 1 {
            let names: Vec<&str> = change.observations.iter().take(12).copied().collect();
            let more = if change.observations.len() > names.len() { ", …" } else { "" };
            found.lines.push(("observations", text::visible(&format!("{}{more}", names.join(", ")))));
        }
        entries.push(found);
    }
    let rest = entries.len().saturating_sub(LISTED);
    entries.truncate(LISTED);
    Listed {
        entries,
        more: if rest > 0 { format!("and {} more: search for them above", text::grouped(rest as u64)) } else { String::new() },
    }
}

/// Cells without an answer, and those that cannot be installed.
pub(super) fn troubles(results: &Results, layout: &Layout, states: &[State], mark: Mark) -> Vec<Entry> {
    let groups = changes::grouped(results, states);
    let mut entries: Vec<Entry> = groups
        .iter()
        .take(LISTED)
        .map(|trouble| {
            let place = layout.words(&trouble.cells, &everything(results));
            let subject = trouble.cause.unwrap_or("cause not known");
            let mut found = entry(mark, subject, &place, cell_link(results, trouble.cells.first()));
            found.lines.push(("state", trouble.state.as_str().to_owned()));
            found.lines.extend(trouble.hint.map(|hint| ("do", text::visible(hint))));
            found
        })
        .collect();
    if groups.len() > LISTED {
        entries.push(entry(mark, &format!("and {} more", groups.len() - LISTED), "", String::new()));
    }
    entries
}

/// What the report says in a few sentences, the most important first.
pub(super) fn verdict(results: &Results, layout: &Layout, changes: &[Change<'_>]) -> Vec<String> {
    let all = everything(results);
    let chosen = |wanted: &dyn Fn(usize) -> bool| -> Vec<usize> { all.iter().copied().filter(|cell| wanted(*cell)).collect() };
    let mark = |cell: usize| Mark::of(&results.cells[cell]).0;
    let state = |cell: usize| results.cells[cell].state;
    let ran = chosen(&|cell| state(cell) == State::Ran);
    let mut sentences = Vec::new();
    let class = results.cells.iter().find(|cell| cell.id == results.baseline).and_then(|cell| cell.class.clone());
    let alike = chosen(&|cell| class.is_some() && results.cells[cell].class == class);
    match alike.len() {
        0 => {}
        1 => sentences.push("No other cell behaves like the baseline.".to_owned()),
        _ => sentences.push(format!("Like the baseline: {}.", layout.words(&alike, &ran))),
    }
    // Where a set has no short description, a number says more than its first member.
    let place = |cells: &[usize], among: &[usize]| {
        let words = layout.words(cells, among);
        if words.ends_with("the first") { format!("{} of {}", cells.len(), text::count(among.len() as u64, "cell")) } else { words }
    };
    let said = [
        ("Errors come or go", chosen(&|cell| matches!(mark(cell), Mark::Raises | Mark::Returns)), &ran),
        ("Scenarios crash or hang", chosen(&|cell| mark(cell) >= Mark::Timeout && state(cell) == State::Ran), &ran),
        ("An import fails", chosen(&|cell| state(cell) == State::ImportFailed), &all),
    ];
    sentences.extend(
        said.into_iter()
            .filter(|(_, cells, _)| !cells.is_empty())
            .map(|(what, cells, among)| format!("{what} in {}.", place(&cells, among))),
    );
    let silent: u64 = results.cells.iter().map(|cell| cell.counts.silent).sum();
    let subjects: BTreeSet<_> =
        changes.iter().filter(|it| it.silent).flat_map(|it| it.observations.iter().map(|name| (it.scenario, *name))).collect();
    if silent > 0 {
        let cells = results.cells.iter().filter(|cell| cell.counts.silent > 0).count() as u64;
        let verb = if subjects.len() == 1 { "changes" } else { "change" };
        let what = text::count(subjects.len() as u64, "observation");
        sentences.push(format!("{what} {verb} silently, without a warning or an error, in {}.", text::count(cells, "cell")));
    }
    if sentences.is_empty() {
        sentences.push("No cell could be compared.".to_owned());
    }
    sentences.iter().map(|sentence| text::visible(sentence)).collect()
}

/// Where metadata and reality disagree.
pub(super) fn disagreements(results: &Results, layout: &Layout) -> Vec<(String, String)> {
    let found = caption::disagreements(results, layout).into_iter();
    found.map(|(how, cells)| (capitalized(how), text::visible(&cells))).collect()
}

fn capitalized(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// What a release declares of another package, and what was seen.
pub(super) struct BoundRow {
    pub(super) release: String,
    pub(super) declared: String,
    pub(super) observed: String,
    pub(super) surprises: Vec<String>,
}

/// Bounds that reality does not keep to.
pub(super) fn bounds(results: &Results) -> (Vec<BoundRow>, String) {
    let row = |bound: &Bound| {
        let broken = bound.allowed_but_broken.iter().map(|it| {
            let cause = it.cause.as_deref().map_or(String::new(), |cause| format!(": {}", text::fit(cause, 120, "…")));
            format!("{} {} is allowed and fails{cause}", bound.on, it.version)
        });
        let alike =
            bound.forbidden_but_alike.iter().map(|it| format!("{} {} is forbidden and behaves like {}", bound.on, it.version, it.like));
        BoundRow {
            release: text::visible(&format!("{} {}", bound.package, bound.version)),
            declared: text::visible(bound.declared.as_deref().unwrap_or("not recorded")),
            observed: text::visible(bound.observed.as_deref().unwrap_or("nothing works")),
            surprises: broken.chain(alike).map(|line| text::visible(&line)).collect(),
        }
    };
    let mut rows: Vec<BoundRow> = results.bounds.iter().map(row).filter(|row| !row.surprises.is_empty()).collect();
    let more = further(rows.len(), LISTED);
    rows.truncate(LISTED);
    (rows, more)
}

/// Places between neighbouring versions where imports begin or cease to fail.
pub(super) fn import_lines(results: &Results) -> Vec<String> {
    let line = |line: &ImportLine| {
        let what = if line.fails { "imports begin to fail" } else { "imports cease to fail" };
        let pairs = text::count(line.of, "neighbouring pair");
        let mut out = format!("{} {} → {}: {what} ({}), {} of {pairs}", line.axis, line.from, line.to, line.when, line.cells);
        if !line.also.is_empty() {
            let _ = write!(out, "; there too: {}", line.also.join(", "));
        }
        text::visible(&out)
    };
    results.import_lines.iter().map(line).collect()
}

/// A scenario in the list of scenarios.
pub(super) struct ScenarioRow {
    /// Its number in the index.
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) link: String,
    /// `3 observations, 2 classes, 1 silent change`.
    pub(super) extent: String,
    pub(super) picture: grid::Picture,
    /// `5 same, 3 raise`.
    pub(super) words: String,
    silent: u64,
    /// Of this scenario alone.
    classes: usize,
    differing: usize,
}

/// Scenarios, those with most classes first, then those that differ in most cells.
pub(super) fn scenarios(results: &Results, layout: &Layout) -> Vec<ScenarioRow> {
    let places = grid::Places::new(results, layout);
    let numbered = results.scenarios.iter().enumerate().collect();
    let mut rows: Vec<ScenarioRow> = parallel::map(numbered, |(number, scenario)| row(results, &places, number, scenario));
    rows.sort_by_key(|row| std::cmp::Reverse((row.classes, row.differing, row.silent)));
    rows
}

fn row(results: &Results, places: &grid::Places, number: usize, scenario: &Scenario) -> ScenarioRow {
    let faces = index::scenario_faces(scenario, &results.cells);
    let marks: Vec<Mark> = faces.iter().map(|(mark, ..)| *mark).collect();
    let mut counts: BTreeMap<Mark, usize> = BTreeMap::new();
    for mark in &marks {
        *counts.entry(*mark).or_default() += 1;
    }
    let words = Mark::LEGEND.into_iter().filter_map(|mark| counts.get(&mark).map(|count| format!("{count} {}", mark.look().name)));
    let silent: u64 = faces.iter().map(|(.., silent)| silent).sum();
    let mut extent = vec![text::count(scenario.observations.len() as u64, "observation")];
    extent.extend((scenario.classes.len() > 1).then(|| format!("{} classes", scenario.classes.len())));
    extent.extend((silent > 0).then(|| text::count(silent, "silent change")));
    ScenarioRow {
        number,
        name: text::visible(&scenario.name),
        link: format!("#/scenario/{}", grid::fragment(&scenario.name)),
        extent: extent.join(", "),
        classes: scenario.classes.len(),
        words: words.collect::<Vec<_>>().join(", "),
        picture: places.picture(&marks),
        silent,
        differing: faces.iter().filter(|(mark, ..)| (Mark::Warns..=Mark::Crash).contains(mark)).count(),
    }
}

/// A warning and where it is issued.
pub(super) struct WarningRow {
    pub(super) category: String,
    pub(super) origin: String,
    pub(super) message: String,
    pub(super) place: String,
    pub(super) observations: String,
}

/// Warnings with the cells that issue them, those of most observations first.
pub(super) fn warnings(results: &Results, layout: &Layout) -> (Vec<WarningRow>, String) {
    #[derive(Default)]
    struct Seen {
        cells: BTreeSet<usize>,
        among: BTreeSet<usize>,
        observations: usize,
    }
    let mut seen: BTreeMap<&WarningReport, Seen> = BTreeMap::new();
    for observation in results.scenarios.iter().flat_map(|scenario| &scenario.observations) {
        let all = || (0..observation.warnings.len()).filter_map(|cell| Some((cell, observation.warning_set(cell)?)));
        for warning in observation.warning_sets.iter().flatten().collect::<BTreeSet<_>>() {
            let entry = seen.entry(warning).or_default();
            entry.observations += 1;
            entry.among.extend(all().map(|(cell, _)| cell));
            let issues = |set: usize| observation.warning_sets.get(set).is_some_and(|set| set.contains(warning));
            entry.cells.extend(all().filter(|(_, set)| issues(*set)).map(|(cell, _)| cell));
        }
    }
    let mut found: Vec<_> = seen.into_iter().collect();
    found.sort_by_key(|(_, seen)| std::cmp::Reverse(seen.observations));
    let list = |cells: &BTreeSet<usize>| cells.iter().copied().collect::<Vec<_>>();
    let rows = found.iter().take(LISTED).map(|(warning, seen)| WarningRow {
        category: text::visible(&warning.category),
        origin: text::visible(&warning.origin),
        message: text::visible(&text::fit(&warning.message.replace('\n', " "), 300, "…")),
        place: text::visible(&layout.words(&list(&seen.cells), &list(&seen.among))),
        observations: text::count(seen.observations as u64, "observation"),
    });
    (rows.collect(), further(found.len(), LISTED))
}
