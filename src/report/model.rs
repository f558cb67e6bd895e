//! `results.json`, and what the renderers need beside it.

mod findings;
mod places;
mod shared;
mod timings;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::Mark;
use crate::{
    compare::{Difference, Verdict},
    matrix::Tolerances,
    observation::{Ending, Fact, Kind, Raised, Status, Warned},
    plan::PlanAxis,
};
pub use findings::*;
pub use timings::*;

/// The report of a run: `skew.results/1`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Results {
    /// `skew.results/1`.
    pub schema: String,
    /// The run.
    pub run: RunInfo,
    /// Axes in matrix order.
    pub axes: Vec<PlanAxis>,
    /// Id of the baseline cell.
    pub baseline: String,
    /// Cells in plan order.
    pub cells: Vec<Cell>,
    /// Combinations that the file excludes.
    pub excluded: Vec<ExcludedCell>,
    /// Scenarios in plan order.
    pub scenarios: Vec<Scenario>,
    /// Behaviour classes, A first.
    pub classes: Vec<Class>,
    /// Places between neighbouring versions where behaviour changes.
    pub fault_lines: Vec<FaultLine>,
    /// Exact descriptions of where changes hold, those with silent changes first.
    pub rules: Vec<Rule>,
    /// Places between neighbouring versions where imports begin or cease to fail.
    #[serde(default)]
    pub import_lines: Vec<ImportLine>,
    /// What releases declare of each other, and what the cells show.
    #[serde(default)]
    pub bounds: Vec<Bound>,
    /// What is different from an earlier run of the same matrix, where there is one to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
    /// Where the time of the run went, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timings: Option<Timings>,
    /// What cells showed in the runs before, oldest first and this run last, where a page is to draw it.
    #[serde(skip)]
    pub past: Vec<Past>,
}

/// What the cells of a report showed in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Id of the run.
    pub run: String,
    /// When it started: RFC 3339, UTC.
    pub started: String,
    /// For each cell what it showed, if the run had it.
    pub marks: Vec<Option<Mark>>,
    /// For each cell whether it behaved differently than in the run before.
    pub changed: Vec<bool>,
}

impl Past {
    /// What a run shows of the cells of a report, which may have others.
    pub fn new(run: &Results, report: &Results) -> Self {
        let known: HashMap<&str, &Cell> = run.cells.iter().map(|cell| (cell.id.as_str(), cell)).collect();
        Self {
            run: run.run.id.clone(),
            started: run.run.started.clone(),
            marks: report.cells.iter().map(|cell| Some(Mark::of(known.get(cell.id.as_str())?).0)).collect(),
            changed: vec![false; report.cells.len()],
        }
    }

    /// An earlier run that showed the same.
    #[must_use]
    pub fn again(&self, run: &str, started: &str) -> Self {
        Self { run: run.to_owned(), started: started.to_owned(), marks: self.marks.clone(), changed: vec![false; self.changed.len()] }
    }
}

/// What is different from an earlier run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Since {
    /// Id of the earlier run.
    pub run: String,
    /// When it started: RFC 3339, UTC.
    pub started: String,
    /// Cells that both runs have an answer for.
    pub compared: u64,
    /// Ids of cells that only this run has.
    pub new_cells: Vec<String>,
    /// Ids of cells that only the earlier run has.
    pub gone_cells: Vec<String>,
    /// Cells whose state is another one, in plan order.
    pub states: Vec<StateChange>,
    /// Observations that behave differently, silent ones first.
    pub changes: Vec<SinceChange>,
    /// Scenarios (`promotion`) and observations (`promotion::total`) that the earlier run had nowhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Scenarios and observations that only the earlier run has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
}

/// A cell whose state is another one than in an earlier run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StateChange {
    /// Id of the cell.
    pub cell: String,
    /// Its state in the earlier run.
    pub from: State,
    /// Its state now.
    pub to: State,
}

/// An observation that behaves differently than in an earlier run, in the same way in all of `cells`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SinceChange {
    /// Its scenario.
    pub scenario: String,
    /// Its name.
    pub observation: String,
    /// The verdict on what it is now, judged against what it was.
    pub verdict: Verdict,
    /// It changed without a new warning or error.
    pub silent: bool,
    /// What differs: `dtype float64 → float32`, `OverflowError: 300 is out of bounds`.
    #[serde(default)]
    pub reason: String,
    /// Its numbers are not at hand (a file publishes only the first), so it may as well be within tolerance.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unmeasured: bool,
    /// What it was, in a few words.
    pub before: String,
    /// What it is now, in a few words.
    pub after: String,
    /// Ids of the cells, in plan order.
    pub cells: Vec<String>,
}

/// The run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunInfo {
    /// Its id.
    pub id: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// RFC 3339, UTC; `None` while it goes on or when it was killed.
    pub finished: Option<String>,
    /// `docker`, `local`, `kubernetes`, `fake`.
    pub engine: String,
    /// Every cell has an answer (infra and not-run are none).
    pub complete: bool,
    /// A search chose which cells to run. Such a run is complete when the search came to its end; cells that it left out
    /// are *not-run* and *deselected*, and may be *inferred*.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub searched: bool,
    /// Where it ran.
    pub host: Host,
    /// Version of skew.
    pub skew: String,
    /// Executions of every scenario.
    pub repeats: u32,
    /// What the engine could not isolate, one sentence each.
    #[serde(default)]
    pub caveats: Vec<String>,
    /// What was asked for (`-k numpy:2`), where that was not everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection: Option<String>,
    /// What was taken over from earlier runs, because it would have come out the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reused: Option<Reused>,
}

/// What a run took over from earlier ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Reused {
    /// Outcomes taken over.
    pub outcomes: u64,
    /// Outcomes in all; scenarios that do not apply have none.
    pub of: u64,
    /// When the first of them was measured, RFC 3339.
    pub oldest: String,
    /// When the last of them was measured, RFC 3339.
    pub newest: String,
}

/// Where a run ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Host {
    /// `x86_64` …; several, joined by `, `, when cells ran on different machines.
    pub machine: String,
    /// Processor.
    pub cpu: String,
    /// Features that kernels dispatch on.
    pub cpu_features: Vec<String>,
    /// Further distinct processors, when cells ran on different ones; the report says so.
    pub mixed: Vec<String>,
}

/// State of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Imports worked and scenarios ran.
    Ran,
    /// No wheel for any interpreter.
    Unavailable,
    /// The resolver finds no set of packages.
    Unresolvable,
    /// A package could not be installed.
    InstallFailed,
    /// An axis package could not be imported.
    ImportFailed,
    /// The harness failed.
    Infra,
    /// It was not started: interrupted, not selected, no interpreter here.
    NotRun,
}

/// A cell of the report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Cell {
    /// Contract id.
    pub id: String,
    /// Axis name → version (`none` for not installed).
    pub axes: BTreeMap<String, String>,
    /// `3.11`.
    pub python: String,
    /// Digest of the image that it ran in, where the engine has images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Whether the packages' metadata allows the combination.
    pub declared: bool,
    /// Requirements that it breaks.
    #[serde(default)]
    pub conflicts: Vec<String>,
    /// What became of it.
    pub state: State,
    /// Why, when it did not run well.
    pub cause: Option<String>,
    /// What to do about it, where something can be done.
    #[serde(default)]
    pub hint: Option<String>,
    /// Letter of its behaviour class.
    pub class: Option<String>,
    /// Letter of the class that a search expects of a cell it did not run (its state is *not-run*), or the state that it
    /// expects, `import-failed`; never counted as measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inferred: Option<String>,
    /// Verdicts of its observations against the baseline.
    pub counts: Counts,
    /// Installed packages: name → version.
    pub packages: BTreeMap<String, String>,
    /// Seconds from its first phase to its last.
    #[serde(default)]
    pub seconds: Option<f64>,
    /// The failed import of an axis package, whole.
    #[serde(skip)]
    pub import_error: Option<Raised>,
    /// Cut-off date of its dependencies, RFC 3339; absent when they were taken without one.
    #[serde(default)]
    pub dependencies: Option<String>,
    /// It was not asked for (`-k`), so its not running does not make the run incomplete.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deselected: bool,
}

/// How many observations of a cell have which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Counts {
    /// Bits equal.
    pub same: u64,
    /// Within tolerance.
    pub close: u64,
    /// New warning.
    pub warns: u64,
    /// Changed.
    pub changed: u64,
    /// Baseline raises, value here.
    pub returns: u64,
    /// Raises here.
    pub raises: u64,
    /// Takes too long here.
    pub timeout: u64,
    /// Crashes here.
    pub crash: u64,
    /// Changed without a warning or an error.
    pub silent: u64,
    /// Repeats disagree; left out of the others.
    pub flaky: u64,
}

/// An excluded combination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ExcludedCell {
    /// Contract id.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// A scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Scenario {
    /// Path below its scenario folder without `.py`.
    pub name: String,
    /// Path relative to matrix.yaml.
    pub path: String,
    /// Its observations, in the order in which cells (in plan order) first made them; `<script>` first.
    pub observations: Vec<ObservationReport>,
    /// What happened in each cell that started it.
    pub outcomes: Vec<Outcome>,
    /// Behaviour classes of this scenario alone, A first; letters are its own.
    #[serde(default)]
    pub classes: Vec<Class>,
    /// Variables that it runs with, those of the matrix and of its header.
    #[serde(skip)]
    pub env: BTreeMap<String, String>,
    /// What it was judged with.
    #[serde(skip)]
    pub tolerances: Tolerances,
}

/// One observation over all cells.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ObservationReport {
    /// Name.
    pub name: String,
    /// Distinct facts, in the order of cells.
    pub variants: Vec<Variant>,
    /// Index into `variants` for each cell, in the order of cells.
    pub by_cell: Vec<Option<u32>>,
    /// Verdict for each cell.
    pub verdicts: Vec<Option<Verdict>>,
    /// Whether that change is silent, for each cell.
    pub silent: Vec<bool>,
    /// Whether repeats disagreed, for each cell.
    #[serde(default)]
    pub flaky: Vec<bool>,
    /// Index into `warning_sets` for each cell that has the observation.
    #[serde(default)]
    pub warnings: Vec<Option<u32>>,
    /// Distinct lists of warnings.
    #[serde(default)]
    pub warning_sets: Vec<Vec<WarningReport>>,
    /// The facts behind `variants`, for drill-downs.
    #[serde(skip)]
    pub facts: Vec<Fact>,
    /// What differs from the baseline, for each cell with a verdict worse than *same*; cells that share facts share it.
    #[serde(skip)]
    pub differences: Vec<Option<Arc<Difference>>>,
    /// For each cell, which behaviour it shows: cells with equal numbers agree within tolerance. `None` where there is nothing
    /// to compare: flaky, not applicable, broken by a failed import.
    #[serde(skip)]
    pub behaviours: Vec<Option<usize>>,
    /// Line of the scenario.
    #[serde(default)]
    pub line: Option<u32>,
    /// Deprecation warnings that came before its changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forewarned: Vec<Forewarning>,
}

/// A distinct value or error, as published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Variant {
    /// Form of the value; absent for errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Public type name.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub type_name: Option<String>,
    /// NumPy's dtype name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dtype: Option<String>,
    /// Dimensions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Vec<u64>>,
    /// First elements.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub preview: serde_json::Value,
    /// Digest of the content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Only the first elements were compared one by one.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub truncated: bool,
    /// The error, for errors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorReport>,
}

/// An error, as published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorReport {
    /// Qualified type.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Normalised message.
    pub message: String,
    /// Line of the scenario.
    pub line: Option<u32>,
    /// Extracted cause, where the exception misleads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
}

/// A warning, as published.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WarningReport {
    /// Class.
    pub category: String,
    /// Message.
    pub message: String,
    /// Whose file it is attributed to.
    pub origin: String,
}

impl From<&Warned> for WarningReport {
    fn from(warned: &Warned) -> Self {
        Self { category: warned.category.clone(), message: warned.message.clone(), origin: warned.origin.clone() }
    }
}

/// What happened to a scenario in a cell.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Outcome {
    /// Cell id.
    #[serde(with = "shared")]
    #[cfg_attr(test, schemars(with = "String"))]
    pub cell: Arc<str>,
    /// Status.
    pub status: Status,
    /// Wall time of the first execution in seconds.
    pub seconds: f64,
    /// Peak resident memory in bytes.
    pub max_rss: Option<u64>,
    /// Why, when it did not run well.
    pub cause: Option<Box<str>>,
    /// When it was measured (RFC 3339), where that was in an earlier run.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "shared::optional")]
    #[cfg_attr(test, schemars(with = "Option<String>"))]
    pub measured: Option<Arc<str>>,
    /// What expected.yaml says of it, where all that differs there is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<Box<str>>,
    /// The whole ending, for drill-downs, where it tells more than this.
    #[serde(skip)]
    pub ending: Option<Box<Ending>>,
}
