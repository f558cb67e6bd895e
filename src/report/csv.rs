//! The long form for spreadsheets and data frames: a row for each observation of each cell, and one for each cell that
//! has none. The last column tells what is different from an earlier run; what is new about a cell stands with its scripts.
//!
//! Every field is one line of visible characters, so that a record is always a line.

use std::{
    collections::HashMap,
    fmt::Display,
    io::{self, Write},
};

use super::{Cell, ObservationReport, Results, text::visible, values};
use crate::{compare::Verdict, observation::SCRIPT, report::Mark};

/// Facts of one observation that are kept: neighbouring cells share them.
const KEPT: usize = 16;
/// Columns before those of the axes.
const CELL: [&str; 2] = ["run", "cell"];
/// Columns behind them.
const REST: [&str; 16] = [
    "python",
    "state",
    "declared",
    "class",
    "scenario",
    "observation",
    "verdict",
    "silent",
    "flaky",
    "type",
    "dtype",
    "shape",
    "value",
    "error",
    "line",
    "since",
];

/// Writes the rows in the order of cells, then scenarios. Each is written as it is made: a large matrix has millions.
///
/// # Errors
/// When `out` fails.
pub fn write(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    // An axis may be named like another column.
    let axes = results.axes.iter().map(|axis| {
        let taken = CELL.iter().chain(&REST).any(|column| *column == axis.name);
        if taken { format!("axis.{}", axis.name) } else { axis.name.clone() }
    });
    let header: Vec<String> = CELL.map(str::to_owned).into_iter().chain(axes).chain(REST.map(str::to_owned)).collect();
    let mut write = |row: &[&[String]]| writer.write_record(row.iter().copied().flatten()).map_err(failed);
    write(&[&header.iter().map(|field| visible(field)).collect::<Vec<_>>()])?;
    let mut told: Vec<Told> = results.scenarios.iter().flat_map(|scenario| &scenario.observations).map(|_| Told::new()).collect();
    for (index, cell) in results.cells.iter().enumerate() {
        let since = results.since.as_ref();
        let lead: Vec<String> = lead(results, cell).iter().map(|field| visible(field)).collect();
        let mut is_empty = true;
        let mut told = told.iter_mut();
        for scenario in &results.scenarios {
            let news: HashMap<&str, String> = since.map_or_else(HashMap::new, |since| {
                since.of_scenario(&cell.id, &scenario.name).map(|change| (change.observation.as_str(), change.line())).collect()
            });
            for (observation, told) in scenario.observations.iter().zip(&mut told) {
                if observation.variant(index).is_some() || observation.verdict(index).is_some() || observation.is_flaky(index) {
                    let of_cell = || since.filter(|_| observation.name == SCRIPT).and_then(|since| since.of_cell(&cell.id));
                    let news = news.get(observation.name.as_str()).cloned().or_else(of_cell).unwrap_or_default();
                    let key = (
                        observation.variant_index(index),
                        observation.verdict(index),
                        observation.is_silent(index),
                        observation.is_flaky(index),
                    );
                    if told.len() >= KEPT && !told.contains_key(&key) {
                        told.clear();
                    }
                    let facts = told.entry(key).or_insert_with(|| facts(&scenario.name, observation, index));
                    write(&[&lead, facts, &[visible(&news)]])?;
                    is_empty = false;
                }
            }
        }
        if is_empty {
            let news = since.and_then(|since| since.of_cell(&cell.id)).unwrap_or_default();
            let blank = vec![String::new(); CELL.len() + results.axes.len() + REST.len() - 1 - lead.len()];
            write(&[&lead, &blank, &[visible(&news)]])?;
        }
    }
    writer.flush()
}

/// What kept a row from being written, as the stream told it. All rows have the header's length.
fn failed(error: ::csv::Error) -> io::Error {
    if let ::csv::ErrorKind::Io(error) = error.into_kind() { error } else { io::Error::other("a row has another length than the header") }
}

fn lead(results: &Results, cell: &Cell) -> Vec<String> {
    let mut row = vec![results.run.id.clone(), cell.id.clone()];
    row.extend(results.axes.iter().map(|axis| cell.axes.get(&axis.name).cloned().unwrap_or_default()));
    let class = cell.class.clone().unwrap_or_default();
    row.extend([cell.python.clone(), cell.state.as_str().to_owned(), cell.declared.to_string(), class]);
    row
}

/// What rows tell of an observation, by what it depends on: many cells share it.
type Told = HashMap<(Option<usize>, Option<Verdict>, bool, bool), [String; 11]>;

fn facts(scenario: &str, observation: &ObservationReport, cell: usize) -> [String; 11] {
    fn or_empty(value: Option<impl Display>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let verdict = observation.verdict(cell).map(|verdict| Mark::from(verdict).look().key);
    let variant = observation.variant(cell);
    let error = variant.and_then(|variant| variant.error.as_ref());
    let index = observation.variant_index(cell);
    let value = index.map(|index| values::value_text(observation, index, &[]));
    [
        scenario.to_owned(),
        observation.name.clone(),
        or_empty(verdict),
        observation.is_silent(cell).to_string(),
        observation.is_flaky(cell).to_string(),
        or_empty(variant.and_then(|variant| variant.type_name.as_ref())),
        or_empty(variant.and_then(|variant| variant.dtype.as_ref())),
        or_empty(variant.and_then(|variant| variant.shape.as_deref()).map(values::shape_text)),
        or_empty(value.as_ref().filter(|_| error.is_none())),
        or_empty(error.map(|error| format!("{}: {}", error.type_name, error.message))),
        or_empty(error.map_or(observation.line, |error| error.line)),
    ]
    .map(|field| visible(&field))
}
