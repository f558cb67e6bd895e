//! What is different, in words.

use crate::{
    analysis::diff::{Change, Diff},
    compare::Verdict,
    observation::Status,
    report::{
        ObservationReport, Outcome, Results, Since, SinceChange, StateChange, WarningReport,
        changes::{self, ending_line, error_line},
        text, values,
    },
};

/// Columns that a value may take.
const VALUE: usize = 60;

/// Puts a difference between two reports (or two cells of one) into words. *close* counts as no difference.
pub fn since(diff: &Diff, before: &Results, after: &Results) -> Since {
    let id = |results: &Results, cell: usize| results.cells[cell].id.clone();
    let state = |&(b, a): &(usize, usize)| StateChange { cell: id(after, a), from: before.cells[b].state, to: after.cells[a].state };
    let mut found: Vec<SinceChange> = Vec::new();
    for change in diff.changes.iter().filter(|change| change.verdict > Verdict::Close) {
        let worded = worded(change, before, after);
        let same = |known: &&mut SinceChange| SinceChange { cells: Vec::new(), ..(*known).clone() } == worded;
        let cells = change.cells.iter().map(|(_, cell)| id(after, *cell));
        // Facts that differ in what is not told, as a traceback, make one line.
        match found.iter_mut().rev().take_while(|known| known.observation == worded.observation).find(same) {
            Some(known) => known.cells.extend(cells),
            None => found.push(SinceChange { cells: cells.collect(), ..worded }),
        }
    }
    found.sort_by(|a, b| {
        let urgency = |change: &SinceChange| changes::urgency(change.verdict, change.silent);
        urgency(b).cmp(&urgency(a)).then(b.cells.len().cmp(&a.cells.len()))
    });
    Since {
        run: before.run.id.clone(),
        started: before.run.started.clone(),
        compared: diff.compared.len() as u64,
        new_cells: diff.new_cells.iter().map(|cell| id(after, *cell)).collect(),
        gone_cells: diff.gone_cells.iter().map(|cell| id(before, *cell)).collect(),
        states: diff.states.iter().map(state).collect(),
        changes: found,
        added: diff.added.clone(),
        removed: diff.removed.clone(),
    }
}

/// A change without its cells, told of the first of them.
fn worded(change: &Change, before: &Results, after: &Results) -> SinceChange {
    let (was, is) = (Spot::before(change, before), Spot::after(change, after));
    let here = is.observation.and_then(|observation| observation.variant(is.cell));
    let difference = &change.judgement.difference;
    let warning = || difference.warnings_added.first().map(WarningReport::from);
    let reason = changes::told(Some(change.verdict), here, warning, || ending_line(is.outcome), || difference.aspects.join("; "));
    SinceChange {
        scenario: after.scenarios[change.scenario.1].name.clone(),
        observation: is.observation.or(was.observation).map(|observation| observation.name.clone()).unwrap_or_default(),
        verdict: change.verdict,
        silent: change.judgement.silent,
        reason,
        unmeasured: change.unmeasured,
        before: was.words(),
        after: is.words(),
        cells: Vec::new(),
    }
}

/// One observation in one cell of one report.
struct Spot<'a> {
    observation: Option<&'a ObservationReport>,
    outcome: Option<&'a Outcome>,
    cell: usize,
}

impl<'a> Spot<'a> {
    fn before(change: &Change, results: &'a Results) -> Self {
        let cell = change.cells.first().map_or(0, |pair| pair.0);
        Self::new(results, change.scenario.0, change.observation.0, cell)
    }

    fn after(change: &Change, results: &'a Results) -> Self {
        let cell = change.cells.first().map_or(0, |pair| pair.1);
        Self::new(results, change.scenario.1, change.observation.1, cell)
    }

    fn new(results: &'a Results, scenario: usize, observation: Option<usize>, cell: usize) -> Self {
        let scenario = &results.scenarios[scenario];
        let id = results.cells[cell].id.as_str();
        Self {
            observation: observation.and_then(|place| scenario.observations.get(place)),
            outcome: scenario.outcomes.iter().find(|outcome| *outcome.cell == *id),
            cell,
        }
    }

    /// What it is here, in a few words.
    fn words(&self) -> String {
        let index = self.observation.and_then(|observation| observation.variant_index(self.cell));
        let Some((observation, index)) = self.observation.zip(index) else {
            let ran = self.outcome.is_some_and(|outcome| outcome.status == Status::Ran);
            return if ran { "missing".to_owned() } else { ending_line(self.outcome) };
        };
        let Some(variant) = observation.variants.get(index) else { return "missing".to_owned() };
        let told = match &variant.error {
            Some(error) => error_line(error),
            None => format!("{} {}", values::type_text(variant), values::value_text(observation, index, &[])),
        };
        text::fit(told.trim_end(), VALUE, "…")
    }
}
