//! `results.json`: one cell, one observation, one outcome a line, so that two of them can be compared with `diff`.

use std::{
    collections::HashSet,
    io::{self, BufWriter, Write},
};

use serde::Serialize;

use super::Results;

/// The schema that this version writes and reads.
pub const SCHEMA: &str = "skew.results/1";

/// The JSON Schema of `results.json`. It is a file, not derived where it is asked for: a change of the contract is seen in
/// a review, and only tests compile what derives it.
pub const JSON_SCHEMA: &str = include_str!("results.schema.json");

/// Why a `results.json` cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// It is no JSON, or not of this form.
    #[error("not a results.json of skew: {0}")]
    Json(#[from] serde_json::Error),
    /// It is of another version.
    #[error("this results.json has the schema `{found}`; this version of skew reads `{SCHEMA}`")]
    Schema {
        /// What it says.
        found: String,
    },
    /// A list that goes with the cells has another length than they.
    #[error("{place} has {found} entries for {expected} cells: the file is damaged")]
    Length {
        /// `promotion::a, by_cell`.
        place: String,
        /// Entries it has.
        found: usize,
        /// Cells there are.
        expected: usize,
    },
    /// Two cells have one id.
    #[error("two cells are called `{id}`: the file is damaged")]
    Twice {
        /// The id.
        id: String,
    },
    /// A cell refers to a variant that is not there.
    #[error("{place} refers to entry {index} of {len}: the file is damaged")]
    Index {
        /// `promotion::a, by_cell`.
        place: String,
        /// What it refers to.
        index: usize,
        /// Entries there are.
        len: usize,
    },
}

/// Writes the report. The same report gives the same bytes.
///
/// # Errors
/// When `out` fails, or a value has no JSON.
pub fn write(results: &Results, out: &mut dyn Write) -> io::Result<()> {
    let out = &mut BufWriter::new(out);
    out.write_all(b"{\n")?;
    field(out, "schema", &results.schema)?;
    field(out, "run", &results.run)?;
    list(out, "axes", &results.axes)?;
    field(out, "baseline", &results.baseline)?;
    list(out, "cells", &results.cells)?;
    list(out, "excluded", &results.excluded)?;
    out.write_all(b"\"scenarios\": [")?;
    for (index, scenario) in results.scenarios.iter().enumerate() {
        out.write_all(if index == 0 { b"\n" } else { b",\n" })?;
        out.write_all(b"{\"name\": ")?;
        value(out, &scenario.name)?;
        out.write_all(b", \"path\": ")?;
        value(out, &scenario.path)?;
        out.write_all(b",\n")?;
        list(out, "observations", &scenario.observations)?;
        list(out, "outcomes", &scenario.outcomes)?;
        last_list(out, "classes", &scenario.classes)?;
        out.write_all(b"}")?;
    }
    out.write_all(if results.scenarios.is_empty() { b"],\n" } else { b"\n],\n" })?;
    list(out, "classes", &results.classes)?;
    list(out, "fault_lines", &results.fault_lines)?;
    list(out, "rules", &results.rules)?;
    list(out, "import_lines", &results.import_lines)?;
    last_list(out, "bounds", &results.bounds)?;
    if let Some(since) = &results.since {
        out.write_all(b",\n\"since\": ")?;
        value(out, since)?;
    }
    if let Some(timings) = &results.timings {
        out.write_all(b",\n\"timings\": ")?;
        value(out, timings)?;
    }
    out.write_all(b"\n}\n")?;
    out.flush()
}

/// One type whatever is written to: with each, all of the report would be compiled once more.
type Out<'a> = BufWriter<&'a mut dyn Write>;

fn value(out: &mut Out<'_>, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(out, value).map_err(io::Error::from)
}

fn field(out: &mut Out<'_>, name: &str, content: &impl Serialize) -> io::Result<()> {
    write!(out, "\"{name}\": ")?;
    value(out, content)?;
    out.write_all(b",\n")
}

fn list(out: &mut Out<'_>, name: &str, items: &[impl Serialize]) -> io::Result<()> {
    last_list(out, name, items)?;
    out.write_all(b",\n")
}

fn last_list(out: &mut Out<'_>, name: &str, items: &[impl Serialize]) -> io::Result<()> {
    write!(out, "\"{name}\": [")?;
    for (index, item) in items.iter().enumerate() {
        out.write_all(if index == 0 { b"\n " } else { b",\n " })?;
        value(out, item)?;
    }
    out.write_all(if items.is_empty() { b"]" } else { b"\n]" })
}

/// Reads a report back. What only drill-downs use (whole facts, tracebacks) is not in the file and stays empty.
///
/// # Errors
/// When the text is not a `results.json` of this schema, or its lists do not fit its cells.
pub fn parse(text: &str) -> Result<Results, ParseError> {
    /// Read first, so that another version is told apart from a damaged file.
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_str(text)?;
    if head.schema != SCHEMA {
        return Err(ParseError::Schema { found: head.schema });
    }
    let results: Results = serde_json::from_str(text)?;
    check(&results)?;
    Ok(results)
}

fn check(results: &Results) -> Result<(), ParseError> {
    let expected = results.cells.len();
    let mut ids = HashSet::new();
    if let Some(cell) = results.cells.iter().find(|cell| !ids.insert(cell.id.as_str())) {
        return Err(ParseError::Twice { id: cell.id.clone() });
    }
    for scenario in &results.scenarios {
        for observation in &scenario.observations {
            let place = |list: &str| format!("{}::{}, {list}", scenario.name, observation.name);
            let lengths = [
                ("by_cell", observation.by_cell.len(), false),
                ("verdicts", observation.verdicts.len(), false),
                ("silent", observation.silent.len(), false),
                ("flaky", observation.flaky.len(), true),
                ("warnings", observation.warnings.len(), true),
            ];
            for (list, found, may_be_empty) in lengths {
                if found != expected && !(may_be_empty && found == 0) {
                    return Err(ParseError::Length { place: place(list), found, expected });
                }
            }
            let references = [
                ("by_cell", &observation.by_cell, observation.variants.len()),
                ("warnings", &observation.warnings, observation.warning_sets.len()),
            ];
            for (list, indices, len) in references {
                if let Some(index) = indices.iter().flatten().map(|&index| index as usize).find(|index| *index >= len) {
                    return Err(ParseError::Index { place: place(list), index, len });
                }
            }
        }
    }
    Ok(())
}
