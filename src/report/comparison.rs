//! What `skew diff` shows: two sides, and what is different.

use serde::Serialize;

use super::{Results, Since, compact, markdown};
use crate::analysis::diff::Diff;

/// Two sides and what is different between them: `skew.diff/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// `skew.diff/1`.
    pub schema: &'static str,
    /// What was: a cell, a run or a file.
    pub before: String,
    /// What is now.
    pub after: String,
    /// What is different, as `since` of `results.json` has it.
    pub since: Since,
}

impl Comparison {
    /// Puts a difference into words; `names` are those of the two sides.
    pub fn new(names: [String; 2], diff: &Diff, before: &Results, after: &Results) -> Self {
        let [was, is] = names;
        Self { schema: "skew.diff/1", before: was, after: is, since: super::since(diff, before, after) }
    }

    /// `from run 20261115T… to run 20261122T…`.
    pub(super) fn when(&self) -> String {
        format!("from {} to {}", self.before, self.after)
    }

    /// Lines for grep.
    pub fn compact(&self) -> String {
        compact::since(&self.since, &self.when())
    }

    /// For an issue or a pull request.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        markdown::since(&self.since, &self.when(), usize::MAX, &mut out);
        out
    }

    /// One document.
    pub fn json(&self) -> String {
        // A map with text for keys and no numbers but integers always has a JSON.
        serde_json::to_string_pretty(self).map(|text| text + "\n").unwrap_or_default()
    }
}
