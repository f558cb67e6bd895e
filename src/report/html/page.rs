//! The page as its template sees it.

use std::{collections::HashMap, fmt::Write as _};

use askama::Template;

use super::{
    Options,
    classes::{self, Card},
    gantt::Gantt,
    grid::{self, Table},
    hash,
    index::Index,
    pack::Packed,
    sections::{self, BoundRow, Entry, Listed, ScenarioRow, WarningRow, further},
};
use crate::report::{BASELINE, FLAKY, Layout, Mark, Results, State, caption, changes, text};

/// Rules that stand in the page.
const RULES: usize = 100;

/// The page. Everything but style, script and data blocks is escaped by the template.
#[derive(Template)]
#[template(path = "report.html")]
pub(super) struct Page<'a> {
    policy: String,
    style: &'a str,
    script: &'a str,
    index: String,
    packed: &'a Packed,
    skew: String,
    title: String,
    subtitle: String,
    star: &'static str,
    filter: Option<String>,
    missing: Option<String>,
    caveats: Vec<String>,
    verdict: Vec<String>,
    since: Option<SinceView>,
    tables: Vec<Table>,
    legend: Vec<LegendEntry>,
    late: bool,
    differences: Listed,
    unanswered: Vec<Entry>,
    absent: Vec<Entry>,
    disagreements: Vec<(String, String)>,
    bounds: Vec<BoundRow>,
    more_bounds: String,
    import_lines: Vec<String>,
    faults: Vec<String>,
    rules: Vec<String>,
    more_rules: String,
    cards: Vec<Card>,
    scenarios: Vec<ScenarioRow>,
    warnings: Vec<WarningRow>,
    more_warnings: String,
    timings: Option<Gantt>,
    method: Vec<(&'static str, String)>,
}

/// What is different from an earlier run.
struct SinceView {
    headline: String,
    lines: Vec<Entry>,
    more: String,
}

struct LegendEntry {
    key: &'static str,
    sign: String,
    name: &'static str,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        results: &'a Results,
        layout: &'a Layout,
        options: &'a Options,
        packed: &'a Packed,
        style: &'a str,
        script: &'a str,
    ) -> Self {
        let changes = changes::changes(results);
        let tables = grid::tables(results, layout);
        let (bounds, more_bounds) = sections::bounds(results);
        let (warnings, more_warnings) = sections::warnings(results, layout);
        Self {
            policy: format!("default-src 'none'; script-src {}; style-src {}; img-src data:", hash(script), hash(style)),
            style,
            script,
            index: Index::new(results, layout, options).to_json(),
            packed,
            skew: text::visible(&results.run.skew),
            title: text::visible(options.title.as_deref().unwrap_or(&caption::title(results))),
            subtitle: subtitle(results),
            star: BASELINE.0,
            filter: options.filter.as_deref().map(text::visible),
            missing: (!results.run.complete).then(|| text::visible(&caption::what_is_missing(results))),
            caveats: results
                .run
                .caveats
                .iter()
                .cloned()
                .chain(mixed(results))
                .chain(caption::cut_short(results))
                .map(|caveat| text::visible(&caveat))
                .collect(),
            verdict: sections::verdict(results, layout, &changes),
            since: since(results, layout),
            legend: legend(results),
            late: tables.iter().any(Table::has_late),
            tables,
            differences: sections::differences(results, layout, &changes),
            unanswered: sections::troubles(results, layout, &[State::Infra, State::NotRun], Mark::Infra),
            absent: sections::troubles(
                results,
                layout,
                &[State::Unavailable, State::Unresolvable, State::InstallFailed],
                Mark::NotInstallable,
            ),
            disagreements: sections::disagreements(results, layout),
            bounds,
            more_bounds,
            import_lines: sections::import_lines(results),
            faults: results.fault_lines.iter().map(fault).collect(),
            rules: results.rules.iter().take(RULES).map(rule).collect(),
            more_rules: further(results.rules.len(), RULES),
            cards: classes::cards(results, layout, &changes),
            scenarios: sections::scenarios(results, layout),
            warnings,
            more_warnings,
            timings: results.timings.as_ref().map(Gantt::new),
            method: method(results),
        }
    }
}

fn subtitle(results: &Results) -> String {
    let cells = text::count(results.cells.len() as u64, "cell");
    let parts = [format!("baseline {}", caption::baseline(results)), cells, caption::extent(results), caption::date(results).to_owned()];
    text::visible(&parts.join(" · "))
}

fn mixed(results: &Results) -> Option<String> {
    let host = &results.run.host;
    let others = host.mixed.join("; ");
    let text = format!("Cells ran on different processors ({}; {others}): last bits may differ for that reason alone.", host.cpu);
    (!host.mixed.is_empty()).then_some(text)
}

fn since(results: &Results, layout: &Layout) -> Option<SinceView> {
    let since = results.since.as_ref()?;
    let numbers: HashMap<&str, usize> = results.cells.iter().enumerate().map(|(number, cell)| (cell.id.as_str(), number)).collect();
    let number = |id: &String| numbers.get(id.as_str()).copied();
    let all: Vec<usize> = (0..results.cells.len()).collect();
    let day = caption::day(&since.started);
    let mut lines = Vec::new();
    let compared = text::count(since.compared, "cell");
    let entry = |mark: Mark, subject: String, place: String, link: String, silent: bool, line: String| Entry {
        key: mark.look().key,
        symbol: mark.look().symbol,
        subject: text::visible(&subject),
        place: text::visible(&place),
        silent,
        lines: vec![("was, is", text::visible(&line))],
        link,
    };
    for change in &since.states {
        let cell = number(&change.cell);
        let mark = cell.map_or(Mark::NotRun, |cell| Mark::of(&results.cells[cell]).0);
        let link = format!("#/cell/{}", grid::fragment(&change.cell));
        let was_is = format!("{} → {}", change.from.as_str(), change.to.as_str());
        lines.push(entry(mark, change.cell.clone(), String::new(), link, false, was_is));
    }
    for change in &since.changes {
        let cells: Vec<usize> = change.cells.iter().filter_map(number).collect();
        let name = format!("{}::{}", change.scenario, change.observation);
        let first = cells.first().and_then(|cell| results.cells.get(*cell)).map_or("", |cell| cell.id.as_str());
        let link = format!(
            "#/observation/{}/{}?cell={}",
            grid::fragment(&change.scenario).replace('/', "%2F"),
            grid::fragment(&change.observation).replace('/', "%2F"),
            grid::fragment(first)
        );
        let reason = if change.reason.is_empty() { String::new() } else { format!(" ({})", change.reason) };
        let was_is = format!("{} → {}{reason}", change.before, change.after);
        lines.push(entry(Mark::from(change.verdict), name, layout.words(&cells, &all), link, change.silent, was_is));
    }
    let mut headline = match lines.len() {
        0 => format!("No behaviour change since {day} ({compared} compared)."),
        changes => format!("{} since {day} ({compared} compared).", text::count(changes as u64, "change")),
    };
    let lists = [
        (&since.new_cells, "cell", "new"),
        (&since.gone_cells, "cell", "gone"),
        (&since.added, "scenario or observation", "new"),
        (&since.removed, "scenario or observation", "gone"),
    ];
    for (list, noun, what) in lists {
        match list.len() {
            0 => {}
            1 => {
                let _ = write!(headline, " 1 {noun} {what}.");
            }
            len => {
                let nouns = noun.replace("scenario", "scenarios").replace("observation", "observations").replace("cell", "cells");
                let _ = write!(headline, " {len} {nouns} {what}.");
            }
        }
    }
    let rest = lines.len().saturating_sub(50);
    lines.truncate(50);
    Some(SinceView { headline, lines, more: if rest > 0 { format!("and {} more", text::grouped(rest as u64)) } else { String::new() } })
}

fn legend(results: &Results) -> Vec<LegendEntry> {
    let used = |mark: &Mark| {
        results.cells.iter().any(|cell| Mark::of(cell).0 == *mark) || (*mark == Mark::Excluded && !results.excluded.is_empty())
    };
    let entry = |mark: Mark| {
        let look = mark.look();
        LegendEntry { key: look.key, sign: format!("{}{}", look.symbol, if look.counted { "n" } else { "" }), name: look.name }
    };
    Mark::LEGEND.into_iter().filter(used).map(entry).chain(flaky(results)).collect()
}

fn flaky(results: &Results) -> Option<LegendEntry> {
    let any = results.cells.iter().any(|cell| cell.counts.flaky > 0);
    any.then(|| LegendEntry { key: "flaky", sign: FLAKY.0.to_owned(), name: "some repeats disagree; left out of verdicts and classes" })
}

fn fault(fault: &crate::report::FaultLine) -> String {
    let mut line = format!(
        "{} {} → {}: {} in {}",
        fault.axis,
        fault.from,
        fault.to,
        text::count(fault.observations, "observation"),
        text::count(fault.scenarios, "scenario"),
    );
    if fault.of > 0 {
        let _ = write!(line, ", {} of {}", fault.cells, text::count(fault.of, "neighbouring pair"));
    }
    if !fault.also.is_empty() {
        let _ = write!(line, "; there too: {}", fault.also.join(", "));
    }
    text::visible(&line)
}

fn rule(rule: &crate::report::Rule) -> String {
    let names: Vec<&str> = rule.observations.iter().take(6).map(String::as_str).collect();
    let rest = rule.observations.len() - names.len();
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let silent = if rule.silent > 0 { format!(", {} silently", rule.silent) } else { String::new() };
    let confounded = match (rule.confounded, rule.also.is_empty()) {
        (false, _) => String::new(),
        (true, true) => " (something else changes there too)".to_owned(),
        (true, false) => format!(" (there too: {})", rule.also.join(", ")),
    };
    let subject = if names.is_empty() { String::new() } else { format!(": {}{more}{silent}", names.join(", ")) };
    text::visible(&format!("{}: {}{confounded}{subject}", rule.when, rule.effect))
}

fn method(results: &Results) -> Vec<(&'static str, String)> {
    let run = &results.run;
    let host = &run.host;
    let mut rows = vec![
        (
            "Run",
            format!("{}, started {}{}", run.id, run.started, run.finished.as_ref().map_or(String::new(), |end| format!(", ended {end}"))),
        ),
        ("Reused", caption::reused(results).unwrap_or_default()),
        ("Engine", run.engine.clone()),
        ("Machine", format!("{} {}", host.machine, host.cpu)),
        ("Processor features", host.cpu_features.join(" ")),
        ("Repeats", format!("every scenario ran {} in each cell; what differs between repeats is flaky and left out", times(run.repeats))),
        ("Tolerance", "as matrix.yaml and the headers of scenarios say; within it, values are close and classes are not split".to_owned()),
        ("Made by", format!("skew {}", run.skew)),
        ("Again", "skew run, with the same matrix.yaml and scenarios; `skew explain CELL` says more of one cell".to_owned()),
    ];
    let pythons: std::collections::BTreeSet<&str> = results.cells.iter().map(|cell| cell.python.as_str()).collect();
    rows.insert(3, ("Interpreters", format!("CPython {}", pythons.into_iter().collect::<Vec<_>>().join(", "))));
    rows.retain(|(_, text)| !text.trim().is_empty());
    rows.into_iter().map(|(name, text)| (name, text::visible(&text))).collect()
}

fn times(number: u32) -> String {
    match number {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}
