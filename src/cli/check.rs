//! `skew check`: whether the stored results are as expected, and whether what is published still holds; starts nothing.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{Common, Format, expect, lint, open, output};
use crate::{
    error::{EXIT_DIFFERENT, EXIT_INCOMPLETE, EXIT_OK, EXIT_STALE, Error},
    expected::{Comparison, Expectations, Unexpected},
    report::{FailOn, Results, Rule, markdown, sentences, text},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Markdown files whose table must match the stored results (repeatable). Nothing else is checked then, unless
    /// `--expected` or `--strict` asks for it
    #[arg(long, value_name = "FILE", num_args = 1..)]
    stale: Vec<PathBuf>,
    /// What tables must match, instead of the last run: a results.json (or results.json.gz) that was published with them
    #[arg(long, value_name = "FILE", requires = "stale")]
    of: Option<PathBuf>,
    /// Compare the last run with expected.yaml; this is what is done without options
    #[arg(long)]
    expected: bool,
    /// Look for what makes answers depend on more than packages: unseeded randomness, time, addresses, network, the order of
    /// sets and folders, repeats that disagree. Nothing else is checked then, unless it is asked for
    #[arg(long)]
    scenarios: bool,
    /// Exit with 1 also for expectations that no longer hold or have run out
    #[arg(long, env = "SKEW_STRICT")]
    strict: bool,
}

/// What is wrong first decides: incomplete results, scenarios, unexpected differences, stale files.
pub(super) fn run(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let mut code = EXIT_OK;
    if args.scenarios {
        code = lint::scenarios(common, terminal)?;
    }
    if args.stale.is_empty() && !args.scenarios || args.expected || args.strict {
        let found = expectations(args, common, terminal)?;
        code = if code == EXIT_OK || found == EXIT_INCOMPLETE { found } else { code };
    }
    if !args.stale.is_empty() && !stale(args, common, terminal)? && code == EXIT_OK {
        code = EXIT_STALE;
    }
    Ok(code)
}

/// Compares the last run with what is expected.
fn expectations(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    if !matches!(common.format, None | Some(Format::Table | Format::Json)) {
        return Err(Error::Usage { message: "`check` has only the formats `table` and `json`".to_owned(), hint: None });
    }
    let expected = expect::read(&open::matrix(common)?)?;
    let (store, judged_by) = open::existing(common)?;
    let (results, previous) = open::with_previous(&store, &store.latest()?, common, &judged_by, expected.as_ref())?;
    let incomplete = super::run::incomplete(&results);
    if incomplete {
        terminal.error(&format!("run {} is incomplete", results.run.id), Some("`skew run` takes up where it ended"));
    }
    let before = previous.as_ref().map(|previous| previous.results(&results));
    let judge = expect::Judge { common, store: &store, judged_by: &judged_by, expected: expected.as_ref(), previous: before };
    let compared = expected.as_ref().map(|expected| judge.comparison(expected, &results)).transpose()?;
    let minded = match &compared {
        Some((comparison, _)) if common.fail_on == FailOn::New => comparison.unexpected,
        _ => judge.minded(&results)?,
    };
    let mut fails = minded > 0;
    if let Some((expected, (comparison, results))) = expected.as_ref().zip(compared) {
        let text = match common.format {
            Some(Format::Json) => format!("{:#}\n", machine(expected, &comparison, &results)),
            _ => told(expected, &comparison),
        };
        output::Terminal::result(&if terminal.ascii { text::ascii(&text) } else { text })?;
        fails |= args.strict && !(comparison.lapsed.is_empty() && comparison.run_out.is_empty());
    } else {
        let than = previous.as_ref().map_or("no other", open::Previous::id);
        terminal.say(&format!("there is no expected.yaml (`skew bless` writes it): run {} is compared with {than}", results.run.id));
    }
    if minded > 0 {
        let differences = text::count(minded as u64, "difference");
        let mend = if common.fail_on == FailOn::New { "; `skew bless` makes them expected" } else { "" };
        terminal.say(&format!("{differences} that `--fail-on {}` minds{mend}", super::run::name(common.fail_on)));
    }
    Ok(match (incomplete, fails) {
        (true, _) => EXIT_INCOMPLETE,
        (false, true) => EXIT_DIFFERENT,
        (false, false) => EXIT_OK,
    })
}

/// What was found, for people.
fn told(expected: &Expectations, comparison: &Comparison) -> String {
    let mut lines = Vec::new();
    let mut range = None;
    for group in &comparison.groups {
        if lines.is_empty() {
            lines.push("Unexpected".to_owned());
        }
        if range != Some(&group.range) {
            lines.push(format!("  {}", group.range.text()));
            range = Some(&group.range);
        }
        lines.push(format!("    {}", sentences::effect(&rule(group))));
    }
    let place = |entry: usize| {
        let place = expected.entries[entry].place;
        format!("{}:{}:{}", expected.path.display(), place.line, place.column)
    };
    if !comparison.lapsed.is_empty() {
        lines.push("Expected, but nothing of it is seen".to_owned());
        let line = |entry: usize, name| format!("  {}: {}", place(entry), expected.entries[entry].line(name));
        lines.extend(comparison.lapsed.iter().map(|part| line(part.entry, part.name)));
    }
    if !comparison.run_out.is_empty() {
        lines.push("Expected until a day that is over".to_owned());
        for &entry in &comparison.run_out {
            let until = expected.entries[entry].remarks.until.map(|until| until.to_string()).unwrap_or_default();
            lines.push(format!("  {}: until {until}: {}", place(entry), expected.entries[entry].whole_line()));
        }
    }
    if lines.is_empty() {
        lines.push(format!("{}, and nothing else", text::count(comparison.expected as u64, "expected difference")));
    }
    format!("{}\n", lines.iter().map(|line| text::visible(line)).collect::<Vec<_>>().join("\n"))
}

/// Unexpected differences as reports tell of a rule.
fn rule(group: &Unexpected) -> Rule {
    let scenario = group.scenario.as_deref().unwrap_or_default();
    let name = |(name, value): &(String, Option<String>)| match value {
        Some(value) => format!("{scenario}::{name} ({value})"),
        None => format!("{scenario}::{name}"),
    };
    Rule {
        when: group.range.text(),
        effect: group.effect.clone(),
        observations: group.observations.iter().map(name).collect(),
        cells: group.cells.clone(),
        silent: group.silent,
        ..Rule::default()
    }
}

/// What was found, for programs.
fn machine(expected: &Expectations, comparison: &Comparison, results: &Results) -> serde_json::Value {
    let group = |group: &Unexpected| {
        let observations: Vec<_> = group.observations.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
        json!({
            "when": group.range.text(),
            "scenario": group.scenario,
            "effect": group.effect,
            "observations": observations,
            "cells": group.cells,
        })
    };
    let entry = |entry: usize, name: Option<usize>| {
        let known = &expected.entries[entry];
        let line = if name.is_some() { known.line(name) } else { known.whole_line() };
        json!({"line": known.place.line, "expectation": line, "until": known.remarks.until.map(|until| until.to_string())})
    };
    json!({
        "schema": "skew.check/1",
        "run": results.run.id,
        "baseline": results.baseline,
        "unexpected": comparison.groups.iter().map(group).collect::<Vec<_>>(),
        "unexpected_differences": comparison.unexpected,
        "expected_differences": comparison.expected,
        "lapsed": comparison.lapsed.iter().map(|part| entry(part.entry, part.name)).collect::<Vec<_>>(),
        "run_out": comparison.run_out.iter().map(|place| entry(*place, None)).collect::<Vec<_>>(),
    })
}

/// Whether all published tables match the last run.
fn stale(args: &Args, common: &Common, terminal: &output::Terminal) -> Result<bool, Error> {
    let results = args.of.as_deref().map_or_else(|| open::latest(common), |path| open::published(path, common))?;
    let mut fresh = true;
    for path in &args.stale {
        match difference(path, &results, common.url.as_deref())? {
            None => terminal.say(&format!("{} matches run {}", path.display(), results.run.id)),
            Some(difference) => {
                let message = format!("{} no longer matches run {}: {difference}", path.display(), results.run.id);
                terminal.error(&message, Some(&format!("`skew report -o markdown={}` writes the table anew", path.display())));
                fresh = false;
            }
        }
    }
    Ok(fresh)
}

/// The first line that is not as it should be. What changed since the run before, and the day of the run, may be of
/// another run: the same table makes them no less true.
fn difference(path: &Path, results: &Results, url: Option<&str>) -> Result<Option<String>, Error> {
    let file = fs::read_to_string(path).map_err(|source| Error::File { action: "read", path: path.to_owned(), source })?;
    let published = markdown::block(&file)
        .map_err(|error| Error::Usage { message: format!("{}: {error}", path.display()), hint: Some(error.hint()) })?;
    let mut results = results.clone();
    if let Some(date) = markdown::date_of(published) {
        date.clone_into(&mut results.run.started);
    }
    let fresh = markdown::render(&results, url);
    let (published, fresh) = (markdown::lasting(published), markdown::lasting(&fresh));
    let shown =
        |line: Option<&&str>| line.map_or_else(|| "nothing".to_owned(), |line| format!("`{}`", text::fit(&text::visible(line), 160, "…")));
    let mut places = 0..published.len().max(fresh.len());
    let differs = places.find(|&place| published.get(place) != fresh.get(place));
    Ok(differs.map(|place| format!("it has {} where there should be {}", shown(published.get(place)), shown(fresh.get(place)))))
}
