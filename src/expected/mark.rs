//! Which differences of a report are expected, written into the report for its readers.

use std::collections::HashMap;

use super::{
    Expectation, Expectations,
    compare::Table,
    differences::{Differences, Told},
};
use crate::report::Results;

/// Says of every outcome all of whose differences are expected that they are, and by what. A report with another baseline
/// than the expectations have is left alone: its differences are other ones.
pub fn mark(expected: &Expectations, results: &mut Results) {
    if expected.baseline.as_ref().is_some_and(|id| *id != results.baseline) {
        return;
    }
    let told = told(expected, results);
    let cells: HashMap<&str, usize> = results.cells.iter().enumerate().map(|(number, cell)| (cell.id.as_str(), number)).collect();
    for scenario in &mut results.scenarios {
        for outcome in &mut scenario.outcomes {
            let text = cells.get(&*outcome.cell).and_then(|&cell| told.get(&(scenario.name.clone(), cell)));
            outcome.expected = text.map(|text| text.as_str().into());
        }
    }
}

/// What is expected of each scenario in each cell in which nothing else differs.
fn told(expected: &Expectations, results: &Results) -> HashMap<(String, usize), String> {
    let differences = Differences::new(results);
    let table = Table::new(expected, &differences);
    // `None` where something is not expected; else the expectations that cover the rest.
    let mut found: HashMap<(&str, usize), Option<Vec<usize>>> = HashMap::new();
    for (number, track) in differences.tracks.iter().enumerate() {
        for (cell, told) in track.told.iter().enumerate() {
            let Told::Shows(effect) = *told else { continue };
            if !differences.effects[effect].minded {
                continue;
            }
            let covering = table.covering(&differences, number, cell, effect).map(|part| part.entry);
            // What is told of a cell holds for whatever ran there.
            let all = results.scenarios.iter().map(|scenario| scenario.name.as_str());
            let scenarios: Vec<&str> = track.scenario.map_or_else(|| all.collect(), |name| vec![name]);
            for scenario in scenarios {
                let known = found.entry((scenario, cell)).or_insert_with(|| Some(Vec::new()));
                match (known.as_mut(), covering) {
                    (Some(entries), Some(entry)) if !entries.contains(&entry) => entries.push(entry),
                    (_, None) => *known = None,
                    (_, Some(_)) => {}
                }
            }
        }
    }
    let words = |entries: Vec<usize>| -> Option<String> {
        let first = entries.first().and_then(|&entry| expected.entries.get(entry))?;
        let more = if entries.len() > 1 { format!(", and {} more", entries.len() - 1) } else { String::new() };
        Some(format!("{}{more}", words(first)))
    };
    found.into_iter().filter_map(|((scenario, cell), entries)| Some(((scenario.to_owned(), cell), words(entries?)?))).collect()
}

/// `numpy>=2.0: promotion: raises OverflowError: total, NEP 50, until 2027-01-31`.
fn words(entry: &Expectation) -> String {
    let reason = entry.remarks.reason.iter().map(|reason| format!(", {reason}"));
    let until = entry.remarks.until.iter().map(|until| format!(", until {until}"));
    reason.chain(until).fold(entry.whole_line(), |line, more| line + more.as_str())
}
