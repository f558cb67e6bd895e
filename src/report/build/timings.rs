//! Where the time of a run went, from the phases that its cells recorded.

use crate::{
    engine::PhaseKind,
    observation::Status,
    report::model::{CellTimings, PhaseTimings, Timings},
    store::{CellRow, Record, Span},
};

/// Where the time of a run went; without cells where no phase ran, or an older skew did not record when.
pub fn timings(record: &Record) -> Timings {
    let mut seconds = vec![0.0; record.cells.len()];
    for outcome in &record.outcomes {
        let ran = outcome.reused.is_none() && !matches!(outcome.status, Status::NotApplicable | Status::Infra);
        seconds[outcome.cell] += if ran { outcome.seconds } else { 0.0 };
    }
    let mut cells: Vec<CellTimings> = record.cells.iter().zip(seconds).filter_map(|(cell, seconds)| of_cell(cell, seconds)).collect();
    let began = |cell: &CellTimings| cell.phases.first().map_or(0.0, |phase| phase.from);
    cells.sort_by(|one, other| began(one).total_cmp(&began(other)));
    let phases = |executes: bool| -> Vec<PhaseTimings> {
        cells.iter().flat_map(|cell| &cell.phases).filter(|phase| phase.executes == executes).copied().collect()
    };
    let (executions, provisions) = (phases(true), phases(false));
    let wall = executions.iter().chain(&provisions).map(|phase| phase.to).fold(0.0, f64::max);
    let executing = at_a_time(&executions);
    let busy: f64 = executions.iter().map(|phase| phase.to - phase.from).sum();
    let idle = (executing as f64 * wall - busy).max(0.0);
    Timings { wall, executing, provisioning: at_a_time(&provisions), idle, cells }
}

/// `seconds`: of its scenarios, as far as this run ran them.
fn of_cell(cell: &CellRow, seconds: f64) -> Option<CellTimings> {
    let spans = &cell.facts.spans;
    let (first, last) = (spans.first()?, spans.last()?);
    let length = |phase: PhaseKind| -> f64 { spans.iter().filter(|span| span.phase == phase).map(|span| span.to - span.from).sum() };
    let (provision, execution) = (length(PhaseKind::Provision), length(PhaseKind::Execute));
    let import: f64 = cell.facts.imports.iter().map(|imported| imported.seconds).sum();
    // Where nothing was executed, what an earlier run told of imports is not of this one.
    let import = import.min(execution);
    let scenarios = seconds.min(execution - import);
    Some(CellTimings {
        cell: cell.id.clone(),
        provision,
        waited: (last.to - first.from - provision - execution).max(0.0),
        import,
        scenarios,
        rest: execution - import - scenarios,
        phases: spans.iter().map(phase).collect(),
    })
}

fn phase(span: &Span) -> PhaseTimings {
    PhaseTimings { executes: span.phase == PhaseKind::Execute, from: span.from, to: span.to }
}

/// Most phases at one moment; one that begins when another ends takes its place.
fn at_a_time(phases: &[PhaseTimings]) -> usize {
    let begun = phases.iter().map(|phase| (phase.from, 1));
    let mut changes: Vec<(f64, i64)> = begun.chain(phases.iter().map(|phase| (phase.to, -1))).collect();
    changes.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    let mut now = 0;
    let counts = changes.iter().map(|(_, change)| {
        now += change;
        now
    });
    counts.max().and_then(|most| usize::try_from(most).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(from: f64, to: f64) -> PhaseTimings {
        PhaseTimings { executes: true, from, to }
    }

    #[test]
    fn phases_are_counted_where_they_overlap() {
        assert_eq!(at_a_time(&[]), 0);
        assert_eq!(at_a_time(&[phase(0.0, 1.0), phase(1.0, 2.0)]), 1);
        assert_eq!(at_a_time(&[phase(0.0, 2.0), phase(1.0, 3.0), phase(2.5, 4.0)]), 2);
    }
}
