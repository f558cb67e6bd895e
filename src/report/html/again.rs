//! The command that does a scenario again without skew, as a text into which the page puts cell and scenario.

use std::collections::BTreeMap;

use crate::report::{Results, repro};

/// Stand in for what differs from cell to cell and from scenario to scenario.
const PYTHON: &str = "SKEW_PYTHON";
const PACKAGES: &str = "SKEW_PACKAGES";
const SCENARIO: &str = "SKEW_SCENARIO";

/// The distinct texts, and for each scenario the number of its own: scenarios differ in their variables.
pub(super) fn templates(results: &Results) -> (Vec<String>, Vec<usize>) {
    let Some(mut cell) = results.cells.first().cloned() else { return (Vec::new(), vec![0; results.scenarios.len()]) };
    PYTHON.clone_into(&mut cell.python);
    cell.packages = BTreeMap::from([(PACKAGES.to_owned(), "0".to_owned())]);
    let mut texts: Vec<String> = Vec::new();
    let numbers = results.scenarios.iter().map(|scenario| {
        let text = repro::script(&cell, SCENARIO, None, &scenario.env, repro::Tool::Uv);
        texts.iter().position(|known| *known == text).unwrap_or_else(|| {
            texts.push(text);
            texts.len() - 1
        })
    });
    let numbers = numbers.collect();
    (texts, numbers)
}
