//! A plan and its parts.

use std::collections::BTreeMap;

use pep440_rs::Version;
use serde::{Deserialize, Serialize};

use crate::{
    index::File,
    matrix::{AxisVersion, PythonVersion},
};

/// The plan of a run. Its order is the order of everything printed: first axis slowest, as in the file.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Axes with their versions resolved and sorted, oldest first (`none` before all).
    pub axes: Vec<PlanAxis>,
    /// Every cell of the matrix that was not excluded, those that can never exist included, in plan order.
    pub cells: Vec<PlanCell>,
    /// Index into `cells` of the baseline.
    pub baseline: usize,
    /// Combinations that the file excludes.
    pub excluded: Vec<Excluded>,
    /// The chosen interpreters, newest first.
    pub pythons: Vec<PythonVersion>,
    /// The axis whose wheels are largest: what its versions cost is shared by the cells that have them.
    pub heaviest: usize,
    /// Remarks for people: an `exclude` that matches nothing, a yanked release …
    pub notes: Vec<String>,
}

/// An axis, resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PlanAxis {
    /// Name.
    pub name: String,
    /// Distribution.
    pub package: String,
    /// Module that is pre-imported.
    #[serde(rename = "import")]
    pub import: String,
    /// Versions as text, oldest first, `none` before all.
    pub versions: Vec<String>,
    /// For each version when it came out; empty where the index tells of none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub released: Vec<Option<Released>>,
}

/// When a version came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Released {
    /// When the first of its files was uploaded: RFC 3339, UTC.
    pub at: String,
    /// When the first final release of its minor series was.
    pub series: String,
}

/// A cell.
#[derive(Clone, Debug)]
pub struct PlanCell {
    /// Contract id, `numpy-2.0.2+tensorflow-2.18.1`.
    pub id: String,
    /// One version for each axis.
    pub versions: Vec<AxisVersion>,
    /// Interpreter; for an unavailable cell the nearest miss.
    pub python: PythonVersion,
    /// Packages other than the cell's own are taken as of then; `None` has no cut-off.
    pub cutoff: Option<jiff::Timestamp>,
    /// Whether the packages' metadata allows the combination.
    pub declared: bool,
    /// Which requirements it breaks: `tensorflow 2.15.1 requires numpy<2.0.0,>=1.23.5`.
    pub conflicts: Vec<String>,
    /// What the packages of its axes require directly, kept or not.
    pub requirements: Vec<Requirement>,
    /// Why it can never exist: no wheel for any interpreter.
    pub unavailable: Option<String>,
    /// Wheels that the user's index does not have, by package.
    pub unreleased: BTreeMap<String, File>,
}

/// What a release requires of another distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    /// Distribution.
    pub package: String,
    /// Its release.
    pub version: String,
    /// The other distribution.
    pub on: String,
    /// PEP 440 text, `<2.0.0,>=1.23.5`; empty for any version.
    pub range: String,
}

impl Requirement {
    /// `numpy<2.0.0,>=1.23.5`
    pub fn bound(&self) -> String {
        format!("{}{}", self.on, self.range)
    }
}

impl std::fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} requires {}", self.package, self.version, self.bound())
    }
}

/// A combination the file excludes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Contract id.
    pub id: String,
    /// The file's reason, or its rule where it gives none.
    pub reason: String,
}

impl Plan {
    /// What is installed in a cell: distribution and version of each axis that is not `none`.
    pub fn packages<'a>(&'a self, cell: &'a PlanCell) -> impl Iterator<Item = (&'a PlanAxis, &'a Version)> {
        self.axes.iter().zip(&cell.versions).filter_map(|(axis, version)| Some((axis, version.release()?)))
    }
}
