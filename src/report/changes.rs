//! What a report says first: differences grouped by what changed and where, failures grouped by cause.

use std::collections::BTreeMap;

use super::{
    Cell, ErrorReport, Forewarning, Mark, ObservationReport, Outcome, Results, Scenario, State, Variant, WarningReport, sentences, values,
};
use crate::{
    compare::{Difference, Verdict},
    observation::{SCRIPT, Status},
};

/// One effect, on observations of one scenario, in the same cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// Scenario.
    pub scenario: &'a str,
    /// Observations, in the order of the report.
    pub observations: Vec<&'a str>,
    /// `dtype float64 → float32`, `OverflowError: Python integer 300 out of bounds for uint8`.
    pub effect: String,
    /// `6.0 → 7.0`, where the effect alone only says that values differ: of the first observation in the first cell.
    pub example: Option<String>,
    /// How bad it is.
    pub verdict: Verdict,
    /// No warning and no error tells of it.
    pub silent: bool,
    /// The deprecation warning that came before it, of the first observation, where all have one.
    pub forewarned: Option<&'a Forewarning>,
    /// Indices of the cells where it holds, in plan order.
    pub cells: Vec<usize>,
    /// Indices of the cells that could be compared, the baseline aside.
    pub among: Vec<usize>,
}

impl Change<'_> {
    /// `promotion::uint8_plus_300`, `promotion::a and 3 more`.
    pub fn subject(&self) -> String {
        let first = self.observations.first().copied().unwrap_or_default();
        match self.observations.len() {
            0 | 1 => format!("{}::{first}", self.scenario),
            len => format!("{}::{first} and {} more", self.scenario, len - 1),
        }
    }
}

impl ObservationReport {
    /// Index into `variants` of the one that a cell has.
    pub fn variant_index(&self, cell: usize) -> Option<usize> {
        self.by_cell.get(cell).copied().flatten().map(|index| index as usize)
    }

    /// Index into `warning_sets` of the one that a cell has.
    pub fn warning_set(&self, cell: usize) -> Option<usize> {
        self.warnings.get(cell).copied().flatten().map(|index| index as usize)
    }

    /// The variant that a cell has.
    pub fn variant(&self, cell: usize) -> Option<&Variant> {
        self.variant_index(cell).and_then(|index| self.variants.get(index))
    }

    /// The verdict of a cell; flaky observations have none.
    pub fn verdict(&self, cell: usize) -> Option<Verdict> {
        if self.is_flaky(cell) { None } else { self.verdicts.get(cell).copied().flatten() }
    }

    /// Whether repeats disagree in a cell.
    pub fn is_flaky(&self, cell: usize) -> bool {
        self.flaky.get(cell).copied().unwrap_or(false)
    }

    /// Whether a cell's change is silent.
    pub fn is_silent(&self, cell: usize) -> bool {
        self.silent.get(cell).copied().unwrap_or(false)
    }

    /// What differs from the baseline in a cell.
    pub fn difference(&self, cell: usize) -> Option<&Difference> {
        self.differences.get(cell).and_then(Option::as_deref)
    }
}

impl Results {
    /// Index of the baseline cell.
    pub fn baseline_index(&self) -> Option<usize> {
        self.cells.iter().position(|cell| cell.id == self.baseline)
    }
}

/// What differs in a cell, in one line: error and message, or the aspects that differ.
pub fn effect(results: &Results, scenario: &Scenario, observation: &ObservationReport, cell: usize) -> String {
    let here = observation.variant(cell);
    let verdict = observation.verdict(cell);
    let aspects = || {
        let known = observation.difference(cell).map(|difference| difference.aspects.join("; ")).filter(|text| !text.is_empty());
        let baseline = || results.baseline_index().and_then(|baseline| observation.variant(baseline));
        known.unwrap_or_else(|| values::contrast(baseline(), here))
    };
    let ending = || {
        let id = results.cells.get(cell).map_or("", |cell| cell.id.as_str());
        ending_line(scenario.outcomes.iter().find(|outcome| *outcome.cell == *id))
    };
    let warning = || {
        let added = observation.difference(cell).and_then(|difference| difference.warnings_added.first()).map(WarningReport::from);
        let published = || observation.warning_set(cell).and_then(|set| observation.warning_sets.get(set)?.last().cloned());
        added.or_else(published)
    };
    told(verdict, here, warning, ending, aspects)
}

/// What a verdict comes to, in one line: the warning, the error, how the script ended, or the aspects that differ.
pub(super) fn told(
    verdict: Option<Verdict>,
    here: Option<&Variant>,
    warning: impl FnOnce() -> Option<WarningReport>,
    ending: impl FnOnce() -> String,
    aspects: impl FnOnce() -> String,
) -> String {
    match (verdict, here) {
        (Some(Verdict::Warns), _) => warning().map_or_else(aspects, |warning| format!("{}: {}", warning.category, warning.message)),
        (Some(Verdict::Raises), Some(Variant { error: Some(error), .. })) => error_line(error),
        (Some(Verdict::Raises), None) | (Some(Verdict::Timeout | Verdict::Crash), _) => ending(),
        _ => aspects(),
    }
}

/// `OverflowError: Python integer 300 out of bounds for uint8`.
pub(super) fn error_line(error: &ErrorReport) -> String {
    format!("{}: {}", values::last_component(&error.type_name), first_line(&error.message).unwrap_or_default())
}

/// How a scenario ended and why, in one line.
pub(super) fn ending_line(outcome: Option<&Outcome>) -> String {
    let cause = outcome.and_then(|outcome| outcome.cause.as_deref()).and_then(first_line);
    let what = outcome.map_or("did not end", |outcome| ending_words(outcome.status));
    cause.map_or_else(|| format!("the script {what}"), |cause| format!("the script {what}: {cause}"))
}

/// How a scenario ended, as a verb.
pub fn ending_words(status: Status) -> &'static str {
    match status {
        Status::Ran => "ended normally",
        Status::Raised => "raised before",
        Status::Crash => "crashed",
        Status::Timeout => "took too long",
        Status::Oom => "ran out of memory",
        Status::Exited => "left the interpreter before its end",
        Status::Protocol => "broke the protocol",
        Status::NotApplicable => "does not apply",
        Status::Infra => "could not be run by the harness",
    }
}

fn first_line(text: &str) -> Option<&str> {
    text.lines().map(str::trim).find(|line| !line.is_empty())
}

/// How urgent a verdict is: silent changes before everything, then the worst.
pub fn urgency(verdict: Verdict, silent: bool) -> (bool, Verdict) {
    (silent, verdict)
}

/// The differences of a report, silent ones first, then the worst, the widest first among equals. What a failed import
/// breaks is left out: [`failures`] tells of it.
pub fn changes(results: &Results) -> Vec<Change<'_>> {
    let baseline = results.baseline_index();
    let mut changes: Vec<Change<'_>> = Vec::new();
    for scenario in &results.scenarios {
        // Observations that share all of this are one change.
        type Key = (String, Verdict, bool, Vec<usize>, Vec<usize>);
        let mut known: BTreeMap<Key, usize> = BTreeMap::new();
        let comparable: Vec<bool> = results.outcomes_by_cell(scenario).into_iter().map(|outcome| outcome.is_some_and(is_fact)).collect();
        for observation in &scenario.observations {
            // What is absent here as in the baseline has no verdict, but is known not to have changed.
            let absent = |cell: usize| comparable[cell] && observation.variant_index(cell).is_none();
            let absent_there = baseline.is_some_and(absent);
            let known_of =
                |cell: usize| observation.verdict(cell).is_some() || (absent_there && absent(cell) && !observation.is_flaky(cell));
            let among: Vec<usize> = (0..results.cells.len()).filter(|cell| Some(*cell) != baseline && known_of(*cell)).collect();
            let mut order: Vec<(String, Verdict, bool)> = Vec::new();
            let mut cells: Vec<Vec<usize>> = Vec::new();
            for &cell in &among {
                let Some(verdict) = observation.verdict(cell).filter(|verdict| *verdict > Verdict::Close) else { continue };
                if is_of_import(results, observation, cell, verdict) {
                    continue;
                }
                let key = (effect(results, scenario, observation, cell), verdict, observation.is_silent(cell));
                if let Some(position) = order.iter().position(|known| *known == key) {
                    cells[position].push(cell);
                } else {
                    order.push(key);
                    cells.push(vec![cell]);
                }
            }
            for ((effect, verdict, silent), cells) in order.into_iter().zip(cells) {
                let key = (effect.clone(), verdict, silent, cells.clone(), among.clone());
                let forewarned = sentences::warning_before(results, observation, &cells);
                if let Some(index) = known.get(&key) {
                    changes[*index].observations.push(&observation.name);
                    changes[*index].forewarned = changes[*index].forewarned.filter(|_| forewarned.is_some());
                } else {
                    known.insert(key, changes.len());
                    let example = effect.starts_with("value").then(|| example(observation, baseline, &cells)).flatten();
                    let (scenario, observations, among) = (scenario.name.as_str(), vec![observation.name.as_str()], among.clone());
                    changes.push(Change { scenario, observations, effect, example, verdict, silent, forewarned, cells, among });
                }
            }
        }
    }
    changes.sort_by(|a, b| {
        let order = urgency(b.verdict, b.silent).cmp(&urgency(a.verdict, a.silent));
        order.then(b.cells.len().cmp(&a.cells.len()))
    });
    changes
}

/// Whether a verdict says nothing but that an import fails in its cell, which [`failures`] tell once.
pub fn is_of_import(results: &Results, observation: &ObservationReport, cell: usize, verdict: Verdict) -> bool {
    let failed = verdict >= Verdict::Raises && results.cells.get(cell).is_some_and(|cell| cell.state == State::ImportFailed);
    // A report from a file does not say why a script ended.
    let broken = || observation.name == SCRIPT || observation.variant_index(cell).is_none();
    failed && observation.behaviours.get(cell).map_or_else(broken, Option::is_none)
}

/// Whether an outcome says something about its cell.
fn is_fact(outcome: &Outcome) -> bool {
    !matches!(outcome.status, Status::NotApplicable | Status::Infra)
}

/// The baseline's value and that of the first of `cells`, cut to a line.
fn example(observation: &ObservationReport, baseline: Option<usize>, cells: &[usize]) -> Option<String> {
    let (before, after) = (observation.variant_index(baseline?)?, observation.variant_index(*cells.first()?)?);
    let mut texts = [before, after].map(|variant| values::value_text(observation, variant, &[]));
    if texts.iter().any(String::is_empty) {
        return None;
    }
    for text in &mut texts {
        *text = super::text::fit(text, 60, "…");
    }
    let others =
        if cells.iter().any(|cell| observation.variant_index(*cell) != Some(after)) { " (other values in other cells)" } else { "" };
    (texts[0] != texts[1]).then(|| format!("{} → {}{others}", texts[0], texts[1]))
}

/// Cells that have the same trouble.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble<'a> {
    /// What became of them.
    pub state: State,
    /// Why.
    pub cause: Option<&'a str>,
    /// What to do about it.
    pub hint: Option<&'a str>,
    /// Indices of the cells, in plan order.
    pub cells: Vec<usize>,
}

/// Failed imports, grouped by cause.
pub fn failures(results: &Results) -> Vec<Trouble<'_>> {
    grouped(results, &[State::ImportFailed])
}

/// Cells that did not run as they should, grouped by state, cause and hint, in plan order of the first. Cells that were
/// not asked for are left out.
pub fn grouped<'a>(results: &'a Results, states: &[State]) -> Vec<Trouble<'a>> {
    let mut groups: Vec<Trouble<'a>> = Vec::new();
    for (index, cell) in results.cells.iter().enumerate().filter(|(_, cell)| states.contains(&cell.state) && !cell.deselected) {
        let (cause, hint) = (headline(cell), cell.hint.as_deref());
        match groups.iter_mut().find(|group| (group.state, group.cause, group.hint) == (cell.state, cause, hint)) {
            Some(group) => group.cells.push(index),
            None => groups.push(Trouble { state: cell.state, cause, hint, cells: vec![index] }),
        }
    }
    groups
}

/// The line that tells most about a cell's trouble: the extracted cause, else the cell's, else the error's message.
pub fn headline(cell: &Cell) -> Option<&str> {
    let error = cell.import_error.as_ref();
    let cause = error.and_then(|error| error.cause.as_deref()).or(cell.cause.as_deref());
    cause.or(error.map(|error| error.message.as_str())).and_then(first_line)
}

/// The cell most worth a look: the worst mark, then the highest count, then plan order.
pub fn worst_cell(results: &Results) -> Option<&Cell> {
    let worth = |cell: &&Cell| Mark::of(cell).0 >= Mark::Warns;
    let rank = |cell: &Cell| Mark::of(cell);
    results.cells.iter().filter(worth).rev().max_by_key(|cell| rank(cell))
}
