//! The details of one scenario, and of the cells, in the form that is packed: everything that repeats stands there once.

use std::{collections::HashMap, hash::Hash};

use serde::Serialize;

use crate::{
    compare::{Difference, Numbers, Verdict},
    observation::{Fact, Raised, Status},
    report::{ObservationReport, Outcome, Results, Scenario, Variant, WarningReport, values},
};

/// How much of a value or a text is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detail {
    /// Elements of an array.
    pub(super) elements: u64,
    /// Characters of a traceback, an output or a long value.
    pub(super) text: usize,
}

/// Keeps each distinct item once and hands out its number.
struct Interned<T> {
    items: Vec<T>,
    numbers: HashMap<T, usize>,
}

impl<T: Clone + Eq + Hash> Interned<T> {
    fn new() -> Self {
        Self { items: Vec::new(), numbers: HashMap::new() }
    }

    fn number(&mut self, item: T) -> usize {
        if let Some(number) = self.numbers.get(&item) {
            return *number;
        }
        let number = self.items.len();
        self.items.push(item.clone());
        self.numbers.insert(item, number);
        number
    }
}

/// For each cell the number of what it has, or -1.
type Row = Vec<i32>;

/// One scenario.
#[derive(Serialize)]
pub(super) struct ScenarioChunk {
    texts: Vec<String>,
    rows: Vec<Row>,
    judged: Vec<String>,
    observations: Vec<ObservationDetail>,
    outcomes: Vec<Option<OutcomeDetail>>,
}

#[derive(Serialize)]
struct ObservationDetail {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    /// Which row says what variant a cell has.
    row: usize,
    /// Which text says what verdict a cell has, a letter for each.
    judged: usize,
    variants: Vec<VariantDetail>,
    /// Which row says what difference a cell has.
    differs: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    differences: Vec<DifferenceDetail>,
    /// Which row says what list of warnings a cell has.
    warned: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<Vec<WarningReport>>,
}

#[derive(Serialize)]
struct VariantDetail {
    /// Type, dtype or exception, as a text's number.
    #[serde(rename = "type")]
    type_name: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    dtype: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shape: Option<Vec<u64>>,
    /// First elements of an array, as people read them.
    #[serde(skip_serializing_if = "Option::is_none")]
    elements: Option<Vec<String>>,
    /// The value where it is no array, or the error's message.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorDetail>,
}

/// An error beside its type and message.
#[derive(Serialize)]
struct ErrorDetail {
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traceback: Option<usize>,
}

#[derive(Clone, PartialEq, Serialize)]
struct DifferenceDetail {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    aspects: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    numbers: Option<Numbers>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    added: Vec<WarningReport>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    removed: Vec<WarningReport>,
}

#[derive(Serialize)]
struct OutcomeDetail {
    status: &'static str,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_rss: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<i32>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    fork_only: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stdout: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stderr: Option<usize>,
}

/// The letter of a verdict in `judged`.
pub(super) fn letter(observation: &ObservationReport, cell: usize) -> char {
    if observation.is_flaky(cell) {
        return 'f';
    }
    match observation.verdict(cell) {
        None => '-',
        Some(Verdict::Same) => '=',
        Some(Verdict::Close) => '~',
        Some(Verdict::Warns) => 'w',
        Some(Verdict::Changed) if observation.is_silent(cell) => 's',
        Some(Verdict::Changed) => 'c',
        Some(Verdict::Returns) => 'R',
        Some(Verdict::Raises) => 'r',
        Some(Verdict::Timeout) => 't',
        Some(Verdict::Crash) => 'k',
    }
}

/// The details of a scenario.
pub(super) fn scenario(results: &Results, scenario: &Scenario, detail: Detail) -> ScenarioChunk {
    let mut writer = Writer { detail, texts: Interned::new(), rows: Interned::new(), judged: Interned::new(), cells: results.cells.len() };
    let observations = scenario.observations.iter().map(|observation| writer.observation(observation)).collect();
    let by_cell: HashMap<&str, &Outcome> = scenario.outcomes.iter().map(|outcome| (&*outcome.cell, outcome)).collect();
    let outcomes = results.cells.iter().map(|cell| by_cell.get(cell.id.as_str()).map(|outcome| writer.outcome(outcome))).collect();
    ScenarioChunk { texts: writer.texts.items, rows: writer.rows.items, judged: writer.judged.items, observations, outcomes }
}

struct Writer {
    detail: Detail,
    texts: Interned<String>,
    rows: Interned<Row>,
    judged: Interned<String>,
    cells: usize,
}

/// A number that fits, or none.
fn number(index: Option<usize>) -> i32 {
    index.and_then(|index| i32::try_from(index).ok()).unwrap_or(-1)
}

impl Writer {
    fn text(&mut self, text: &str) -> usize {
        self.texts.number(head(text, self.detail.text))
    }

    /// The end of an output, the head of which says less.
    fn tail(&mut self, text: &str) -> Option<usize> {
        (!text.trim().is_empty()).then(|| self.texts.number(tail(text, self.detail.text)))
    }

    fn lines(&mut self, lines: &[String]) -> Option<usize> {
        self.tail(&lines.join("\n"))
    }

    fn observation(&mut self, observation: &ObservationReport) -> ObservationDetail {
        let cells = 0..self.cells;
        let variants_row: Row = cells.clone().map(|cell| number(observation.variant_index(cell))).collect();
        let warned: Row = cells.clone().map(|cell| number(observation.warning_set(cell))).collect();
        let mut differences: Vec<DifferenceDetail> = Vec::new();
        let differs: Row = cells
            .clone()
            .map(|cell| {
                let Some(difference) = observation.difference(cell) else { return -1 };
                let found = difference_detail(difference);
                let place = differences.iter().rposition(|known| *known == found).unwrap_or_else(|| {
                    differences.push(found);
                    differences.len() - 1
                });
                number(Some(place))
            })
            .collect();
        let judged = cells.map(|cell| letter(observation, cell)).collect();
        ObservationDetail {
            name: observation.name.clone(),
            line: observation.line,
            row: self.rows.number(variants_row),
            judged: self.judged.number(judged),
            variants: (0..observation.variants.len()).map(|index| self.variant(observation, index)).collect(),
            differs: self.rows.number(differs),
            differences,
            warned: self.rows.number(warned),
            warnings: if observation.warning_sets.iter().all(Vec::is_empty) { Vec::new() } else { observation.warning_sets.clone() },
        }
    }

    fn variant(&mut self, observation: &ObservationReport, index: usize) -> VariantDetail {
        let variant = &observation.variants[index];
        if let Some(error) = &variant.error {
            let raised = observation.facts.get(index).and_then(|fact| match fact {
                Fact::Error(raised) => Some(raised),
                Fact::Value(_) => None,
            });
            let known = ErrorDetail {
                cause: error.cause.as_deref().map(|cause| self.text(cause)),
                line: error.line,
                source: raised.and_then(|raised| raised.source.as_deref()).map(|source| self.text(source.trim())),
                traceback: raised.and_then(|raised| self.lines(&raised.traceback)),
            };
            return VariantDetail {
                type_name: self.text(&error.type_name),
                dtype: None,
                shape: None,
                elements: None,
                text: Some(self.text(&error.message)),
                truncated: false,
                error: Some(known),
            };
        }
        let elements = elements(variant, self.detail.elements);
        let text = elements.is_none().then(|| values::value_text(observation, index, &[]));
        VariantDetail {
            type_name: self.text(variant.type_name.as_deref().unwrap_or_default()),
            dtype: variant.dtype.as_deref().map(|dtype| self.text(dtype)),
            shape: variant.shape.clone(),
            elements,
            text: text.map(|text| self.text(&text)),
            truncated: variant.truncated,
            error: None,
        }
    }

    fn outcome(&mut self, outcome: &Outcome) -> OutcomeDetail {
        // What a scenario printed matters where it did not end well; elsewhere it would only make the page large.
        let ending = outcome.ending.as_deref().filter(|_| outcome.status != Status::Ran);
        OutcomeDetail {
            status: outcome.status.as_str(),
            seconds: outcome.seconds,
            max_rss: outcome.max_rss,
            cause: outcome.cause.as_deref().map(|cause| self.text(cause)),
            signal: ending.and_then(|ending| ending.signal.clone()),
            exit_code: ending.and_then(|ending| ending.exit_code),
            fork_only: ending.is_some_and(|ending| ending.fork_only),
            trace: ending.and_then(|ending| self.lines(&ending.trace)),
            stdout: ending.and_then(|ending| self.tail(&ending.stdout)),
            stderr: ending.and_then(|ending| self.tail(&ending.stderr)),
        }
    }
}

fn difference_detail(difference: &Difference) -> DifferenceDetail {
    DifferenceDetail {
        aspects: difference.aspects.clone(),
        numbers: difference.numbers.clone(),
        added: difference.warnings_added.iter().map(WarningReport::from).collect(),
        removed: difference.warnings_removed.iter().map(WarningReport::from).collect(),
    }
}

/// The first elements of an array; `None` where it is none, or an empty one.
fn elements(variant: &Variant, limit: u64) -> Option<Vec<String>> {
    variant.shape.as_ref()?;
    let elements: Vec<String> = (0..limit).map_while(|index| values::element_text(variant, index)).collect();
    (limit == 0 || !elements.is_empty()).then_some(elements)
}

fn head(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn tail(text: &str, limit: usize) -> String {
    let length = text.chars().count();
    match text.char_indices().nth(length.saturating_sub(limit)) {
        Some((start, _)) if length > limit => format!("…{}", &text[start..]),
        _ => text.to_owned(),
    }
}

/// Packages and import errors of the cells.
#[derive(Serialize)]
pub(super) struct CellsChunk {
    /// `numpy==2.0.2`.
    packages: Vec<String>,
    /// For each cell the numbers of its packages.
    installed: Vec<Vec<usize>>,
    imports: Vec<Option<ImportDetail>>,
}

/// A failed import.
#[derive(Serialize)]
struct ImportDetail {
    #[serde(rename = "type")]
    type_name: String,
    message: String,
    cause: Option<String>,
    source: Option<String>,
    traceback: Option<String>,
}

/// The details of the cells.
pub(super) fn cells(results: &Results, detail: Detail) -> CellsChunk {
    let mut packages = Interned::new();
    let installed = results.cells.iter().map(|cell| {
        let pins = cell.packages.iter().map(|(name, version)| format!("{name}=={version}"));
        pins.map(|pin| packages.number(pin)).collect()
    });
    let installed = installed.collect();
    let import = |raised: &Raised| ImportDetail {
        type_name: raised.type_name.clone(),
        message: head(&raised.message, detail.text),
        cause: raised.cause.clone(),
        source: raised.source.as_deref().map(|source| source.trim().to_owned()),
        traceback: (!raised.traceback.is_empty()).then(|| tail(&raised.traceback.join("\n"), detail.text)),
    };
    let imports = results.cells.iter().map(|cell| cell.import_error.as_ref().map(import)).collect();
    CellsChunk { packages: packages.items, installed, imports }
}
