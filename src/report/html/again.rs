//! The command that does a scenario again without skew, as a text into which the page puts cell and scenario.

use crate::{
    agent::Package,
    report::{Results, repro},
};

/// Stand in for what differs from cell to cell and from scenario to scenario.
const PYTHON: &str = "SKEW_PYTHON";
const PACKAGES: &str = "SKEW_PACKAGES";
const SCENARIO: &str = "SKEW_SCENARIO";

/// The distinct texts, and for each scenario the number of its own: scenarios differ in their variables.
pub(super) fn templates(results: &Results) -> (Vec<String>, Vec<usize>) {
    let packages = [Package { name: PACKAGES.to_owned(), version: "0".to_owned(), hashes: Vec::new(), url: None }];
    let mut texts: Vec<String> = Vec::new();
    let numbers = results.scenarios.iter().map(|scenario| {
        let text = repro::script(&packages, SCENARIO, None, &scenario.env, repro::Tool::Uv(PYTHON));
        texts.iter().position(|known| *known == text).unwrap_or_else(|| {
            texts.push(text);
            texts.len() - 1
        })
    });
    let numbers = numbers.collect();
    (texts, numbers)
}
