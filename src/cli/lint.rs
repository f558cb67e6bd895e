//! `skew check --scenarios`: whether the answers of scenarios depend on more than their packages.

use serde_json::json;

use super::{Common, Format, open, output};
use crate::{
    error::{EXIT_DIFFERENT, EXIT_OK, Error},
    lint::lint,
    report::{Scenario as Measured, text},
    scenario,
    store::{Store, StoreError},
};

/// Prints what is found, a block each, or as JSON.
pub(super) fn scenarios(common: &Common, terminal: &output::Terminal) -> Result<u8, Error> {
    let matrix = open::matrix(common)?;
    let scenarios = scenario::collect(&matrix)?;
    // What was measured counts where it was measured of this very source.
    let stored = Store::existing(&open::state(&matrix)).and_then(|store| Ok((store.latest()?, store)));
    let measured = match stored {
        Ok((run, store)) => {
            let record = store.load(&run)?;
            let results = open::results(&record, common, &open::JudgedBy::new(&matrix, &scenarios))?;
            let digests = record.scenarios.iter().map(|row| row.digest.clone()).collect::<Vec<_>>();
            results.scenarios.into_iter().zip(digests).collect()
        }
        Err(StoreError::Empty { .. }) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    if !matches!(common.format, None | Some(Format::Table | Format::Json)) {
        return Err(Error::Usage { message: "`check --scenarios` has only the formats `table` and `json`".to_owned(), hint: None });
    }
    let mut shown = Vec::new();
    let mut listed = Vec::new();
    for scenario in &scenarios {
        let of = |(known, digest): &&(Measured, String)| known.name == scenario.name && *digest == scenario.digest;
        let problems = lint(scenario, measured.iter().find(of).map(|(known, _)| known));
        if !problems.is_empty() {
            listed.extend(problems.iter().map(|problem| {
                let (place, message, help) = (problem.place, &problem.message, &problem.help);
                json!({"path": scenario.path, "line": place.line, "column": place.column, "message": message, "help": help})
            }));
            shown.push(problems.render(terminal.color_out));
        }
    }
    let count = listed.len();
    if common.format == Some(Format::Json) {
        output::Terminal::result(&format!("{:#}\n", json!({"schema": "skew.scenarios/1", "problems": listed})))?;
        return Ok(if count == 0 { EXIT_OK } else { EXIT_DIFFERENT });
    }
    if shown.is_empty() {
        let measured = if measured.is_empty() { "; nothing was measured yet, so repeats were not looked at" } else { "" };
        let scenarios = text::count(scenarios.len() as u64, "scenario");
        terminal.say(&format!("{scenarios}: nothing in them depends on more than their packages{measured}"));
        return Ok(EXIT_OK);
    }
    output::Terminal::result(&shown.join("\n"))?;
    let files = text::count(shown.len() as u64, "scenario");
    terminal.say(&format!("{} in {files}", text::count(count as u64, "problem")));
    Ok(EXIT_DIFFERENT)
}
