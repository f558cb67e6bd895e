//! What follows from all cells together: classes, fault lines, rules, bounds.
//!
//! Conditions are PEP 440 text over axes, `numpy>=2.0 and tensorflow<2.18`, exact on the cells that answered; clauses are
//! joined by ` or `, a single cell that no range tells from another stands there by its id, and `any version` is the whole
//! grid.

use serde::{Deserialize, Serialize};

/// A behaviour class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Class {
    /// Letter.
    pub letter: String,
    /// Cell ids, the leader first, then in plan order.
    pub cells: Vec<String>,
    /// PEP 440 text that holds for these cells and for no other that has an answer: what to pin for this behaviour. Only for
    /// classes of the whole run.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub when: String,
}

/// A place between two neighbouring versions of an axis where behaviour changes. What a failed import breaks is told by
/// an [`ImportLine`] and counts for nothing here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FaultLine {
    /// Axis name.
    pub axis: String,
    /// Version before.
    pub from: String,
    /// Version after.
    pub to: String,
    /// Observations that change there.
    pub observations: u64,
    /// Scenarios they belong to.
    pub scenarios: u64,
    /// Pairs of neighbouring cells that differ, of those that could be compared.
    #[serde(default)]
    pub cells: u64,
    /// Pairs of neighbouring cells that could be compared.
    #[serde(default)]
    pub of: u64,
    /// What else changed between them: `python 3.10 → 3.11`, `keras 2.15.0 → 3.3.3 (2 of 5)` where it did in some of the
    /// pairs that differ only.
    pub also: Vec<String>,
    /// Its observations, by where on the other axes they change, the most first; each is in exactly one part.
    #[serde(default)]
    pub parts: Vec<LinePart>,
}

/// Observations that cross a fault line at the same places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LinePart {
    /// On which versions of the other axes; `any version` where nothing that could be compared speaks against it. Anything
    /// else is a change that exists only in combination.
    pub when: String,
    /// `scenario::observation`, in the order of the report.
    pub observations: Vec<String>,
    /// Scenarios they belong to.
    pub scenarios: u64,
    /// How many of them change silently in at least one pair.
    pub silent: u64,
    /// Pairs of neighbouring cells in which every one of them differs.
    pub cells: u64,
    /// Pairs of neighbouring cells in which every one of them could be compared.
    pub of: u64,
}

/// A place between two neighbouring versions of an axis where imports begin or cease to fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ImportLine {
    /// Axis name.
    pub axis: String,
    /// Version before.
    pub from: String,
    /// Version after.
    pub to: String,
    /// Whether imports fail after it; else they failed before and work after it.
    pub fails: bool,
    /// Pairs of neighbouring cells in which that happens.
    pub cells: u64,
    /// Pairs of neighbouring cells that were both imported, with or without success.
    pub of: u64,
    /// On which versions of the other axes; `any version` for all.
    pub when: String,
    /// What else changed between them, as for a [`FaultLine`].
    #[serde(default)]
    pub also: Vec<String>,
}

/// An exact description of the cells where a change holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rule {
    /// PEP 440 text, `numpy>=2.0`.
    pub when: String,
    /// What happens there: `raises`, `float64 → float32`, `import fails`.
    pub effect: String,
    /// `scenario::observation` it holds for; none where it speaks of the cells themselves: `import fails`.
    pub observations: Vec<String>,
    /// Something else changes at the same place, so the axis named may not be the cause.
    pub confounded: bool,
    /// Other conditions, just as short, that the same cells support: versions that only ran together.
    #[serde(default)]
    pub alternatives: Vec<String>,
    /// Ids of the cells in which it was seen for at least one observation, in plan order.
    #[serde(default)]
    pub cells: Vec<String>,
    /// Ids of the cells that `when` takes in although they gave no answer for any of its observations, in plan order: there
    /// it is a guess.
    #[serde(default)]
    pub unknown: Vec<String>,
    /// Clauses of `when` that rest on one cell alone, where others do not.
    #[serde(default)]
    pub islands: Vec<String>,
    /// How many of its observations change silently in at least one cell.
    #[serde(default)]
    pub silent: u64,
    /// What changes along with it at every bound of `when`, where it is confounded.
    #[serde(default)]
    pub also: Vec<String>,
}

/// A warning that came before a change: the older side of a fault line issued it, the newer one no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Forewarning {
    /// Axis of the change.
    pub axis: String,
    /// The version since which it was warned.
    pub since: String,
    /// No older version was compared, so it may have been warned of before.
    pub oldest: bool,
    /// The last version that warned.
    pub until: String,
    /// The version that changed.
    pub changed: String,
    /// Class of the warning.
    pub category: String,
    /// Its message, in the last version that warned.
    pub message: String,
}

/// What a release declares of another package, and what the cells show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Bound {
    /// Distribution.
    pub package: String,
    /// Its release.
    pub version: String,
    /// The other distribution.
    pub on: String,
    /// What metadata says: `numpy>=1.23.5,<2.0.0`; `numpy` where it requires any version. Several, joined by ` | `, where
    /// it depends on the interpreter. `None` where it was not recorded.
    pub declared: Option<String>,
    /// What the cells support: `numpy>=1.23.5,<2.0`; `None` where nothing works. From the oldest version that works, because
    /// nothing is known of those before it.
    pub observed: Option<String>,
    /// Versions of the other package with which everything installs and imports, oldest first.
    pub works: Vec<String>,
    /// Versions with which it does not.
    pub breaks: Vec<String>,
    /// Versions that metadata allows and that break, with the cause.
    pub allowed_but_broken: Vec<Broken>,
    /// Versions that metadata forbids and that behave like the nearest allowed one, or like the baseline.
    pub forbidden_but_alike: Vec<Alike>,
}

/// A version that breaks although it is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Broken {
    /// Id of the cell.
    pub cell: String,
    /// Version of the other package.
    pub version: String,
    /// Why, in one line.
    pub cause: Option<String>,
}

/// A version that behaves like another although it is forbidden.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Alike {
    /// Id of the cell.
    pub cell: String,
    /// Version of the other package.
    pub version: String,
    /// Id of the allowed cell it shares its class with.
    pub like: String,
}
