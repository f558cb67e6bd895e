//! `skew history`: kept runs, and one observation through them.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use super::{Mark, Results, Since, caption, text};
use crate::{compare::Verdict, store::RunRow};

/// One observation in one run.
#[derive(Clone, Debug, Serialize)]
pub struct Chapter {
    /// Id of the run.
    pub run: String,
    /// When it began, RFC 3339.
    pub started: String,
    /// How many cells have which verdict, worst first: `raises`, 12.
    pub verdicts: Vec<(Verdict, usize)>,
    /// What differs from the run before, and in which cells.
    pub changes: Vec<Turn>,
    /// Cells that the run before did not have.
    pub new_cells: Vec<String>,
}

/// A change since the run before.
#[derive(Clone, Debug, Serialize)]
pub struct Turn {
    /// `float64 → float32`.
    pub what: String,
    /// Ids of the cells.
    pub cells: Vec<String>,
}

/// An observation in a run; `None` where the run does not have it. `since` is what differs from the run before.
pub fn chapter(results: &Results, since: Option<&Since>, observation: &str) -> Option<Chapter> {
    let report = results.scenarios.iter().flat_map(|scenario| &scenario.observations).find(|report| report.name == observation)?;
    let verdicts = |cell: usize| report.verdict(cell);
    let mut counts: Vec<(Verdict, usize)> = Vec::new();
    for verdict in (0..results.cells.len()).filter_map(verdicts) {
        match counts.iter_mut().find(|(known, _)| *known == verdict) {
            Some((_, count)) => *count += 1,
            None => counts.push((verdict, 1)),
        }
    }
    counts.sort_by_key(|(verdict, _)| std::cmp::Reverse(*verdict));
    let changes = since.iter().flat_map(|since| &since.changes).filter(|change| change.observation == observation);
    Some(Chapter {
        run: results.run.id.clone(),
        started: results.run.started.clone(),
        verdicts: counts,
        changes: changes.map(|change| Turn { what: change.line(), cells: change.cells.clone() }).collect(),
        new_cells: since.map(|since| since.new_cells.clone()).unwrap_or_default(),
    })
}

/// The kept runs, newest first.
pub fn runs_text(runs: &[RunRow]) -> String {
    let mut out = String::new();
    for run in runs {
        let state = match (&run.finished, run.interrupted) {
            (None, _) => "did not end",
            (Some(_), true) => "interrupted",
            (Some(_), false) if run.answered < run.cells && run.selection.is_none() && run.shard.is_none() => "incomplete",
            (Some(_), false) => "ended",
        };
        let (done, taken) = run.outcomes;
        let reused = if taken > 0 { format!(", {} of them measured earlier", text::grouped(taken.into())) } else { String::new() };
        let outcomes = text::count(u64::from(done) + u64::from(taken), "outcome");
        let asked = [run.selection.clone(), run.shard.as_ref().map(|shard| format!("--shard {shard}"))];
        let asked: Vec<String> = asked.into_iter().flatten().collect();
        let asked = if asked.is_empty() { String::new() } else { format!("  {}", asked.join(" ")) };
        let _ = writeln!(
            out,
            "{}  {:<11} {}/{} cells, {}, {outcomes}{reused}  {}{}",
            run.id,
            state,
            run.answered,
            run.cells,
            text::count(run.scenarios.into(), "scenario"),
            run.engine,
            text::visible(&asked),
        );
    }
    out
}

/// The kept runs for programs.
pub fn runs_json(runs: &[RunRow]) -> Value {
    let run = |run: &RunRow| {
        json!({
            "id": run.id, "started": run.started, "finished": run.finished, "interrupted": run.interrupted, "engine": run.engine,
            "skew": run.skew, "selection": run.selection, "shard": run.shard, "cells": run.cells, "answered": run.answered,
            "scenarios": run.scenarios, "outcomes": { "measured": run.outcomes.0, "reused": run.outcomes.1 },
        })
    };
    json!({ "schema": "skew.history/1", "runs": runs.iter().map(run).collect::<Vec<_>>() })
}

/// An observation through the runs, oldest first; runs in which nothing changed are one line.
pub fn observation_text(name: &str, chapters: &[Chapter]) -> String {
    let mut out = format!("{} in {}\n", text::visible(name), text::count(chapters.len() as u64, "run"));
    let mut quiet = 0usize;
    for (number, chapter) in chapters.iter().enumerate() {
        let last = number + 1 == chapters.len();
        if number > 0 && chapter.changes.is_empty() && chapter.new_cells.is_empty() && !last {
            quiet += 1;
            continue;
        }
        if quiet > 0 {
            let _ = writeln!(out, "              the same in {}", text::count(quiet as u64, "run"));
            quiet = 0;
        }
        let counts: Vec<String> =
            chapter.verdicts.iter().map(|(verdict, count)| format!("{count} {}", Mark::from(*verdict).look().key)).collect();
        let counts = if counts.is_empty() { "nothing to compare".to_owned() } else { counts.join(", ") };
        let _ = writeln!(out, "  {}  {counts}  (run {})", caption::day(&chapter.started), chapter.run);
        for turn in &chapter.changes {
            let _ = writeln!(out, "              {}: {}", text::visible(&turn.what), text::list(&turn.cells, 4));
        }
        if number > 0 && !chapter.new_cells.is_empty() {
            let _ = writeln!(out, "              new: {}", text::list(&chapter.new_cells, 4));
        }
    }
    let turns = chapters.iter().rposition(|chapter| !chapter.changes.is_empty());
    let last = turns.map_or_else(
        || "no change in the runs that are kept".to_owned(),
        |turn| format!("last change {}, run {}", caption::day(&chapters[turn].started), chapters[turn].run),
    );
    let _ = writeln!(out, "{last}");
    out
}

/// The same for programs.
pub fn observation_json(name: &str, chapters: &[Chapter]) -> Value {
    json!({ "schema": "skew.history/1", "observation": name, "runs": chapters })
}
