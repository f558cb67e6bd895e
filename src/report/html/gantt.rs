//! The chart of when each cell was made and executed.

use super::grid;
use crate::report::{
    CellTimings, Timings,
    caption::{self, TimeSum},
    text,
};

/// The chart. Widths are thousandths of the run.
pub(super) struct Gantt {
    pub(super) headline: String,
    pub(super) sums: Vec<(&'static str, String)>,
    pub(super) legend: [(&'static str, &'static str); 4],
    pub(super) ticks: Vec<String>,
    pub(super) headings: [&'static str; 5],
    pub(super) bars: Vec<Bar>,
}

/// A cell.
pub(super) struct Bar {
    pub(super) cell: String,
    pub(super) link: String,
    pub(super) words: String,
    pub(super) parts: Vec<Part>,
    pub(super) numbers: [String; 5],
}

/// A stretch of time.
pub(super) struct Part {
    pub(super) key: &'static str,
    pub(super) from: String,
    pub(super) width: String,
}

/// Stretches that the axis of time is divided into.
const TICKS: u32 = 4;

impl Gantt {
    pub(super) fn new(timings: &Timings) -> Self {
        let sum = |sum: TimeSum| {
            let share = sum.share.map_or_else(String::new, |share| format!(" ({:.0} %)", 100.0 * share));
            (sum.name, format!("{}{share}: {}", text::duration(sum.seconds), sum.meaning))
        };
        let empty = timings.cells.is_empty();
        Self {
            headline: if empty { caption::NO_TIMINGS.to_owned() } else { format!("{}.", caption::timings(timings)) },
            sums: caption::time_sums(timings).into_iter().map(sum).collect(),
            legend: [("provision", "provision"), ("import", "import"), ("scenarios", "scenarios"), ("rest", "rest")],
            ticks: (0..=TICKS).map(|tick| text::duration(timings.wall * f64::from(tick) / f64::from(TICKS))).collect(),
            headings: ["provision", "waited", "import", "scenarios", "rest"],
            bars: timings.cells.iter().map(|cell| bar(cell, timings.wall)).collect(),
        }
    }
}

fn bar(cell: &CellTimings, wall: f64) -> Bar {
    let numbers = [cell.provision, cell.waited, cell.import, cell.scenarios, cell.rest].map(text::duration);
    let [provision, waited, import, scenarios, rest] = &numbers;
    let began = cell.phases.first().map_or(0.0, |phase| phase.from);
    Bar {
        cell: text::visible(&cell.cell),
        link: format!("#/cell/{}", grid::fragment(&cell.cell)),
        words: format!(
            "begun after {}: provision {provision}, waited {waited}, import {import}, scenarios {scenarios}, rest {rest}",
            text::duration(began)
        ),
        parts: parts(cell).into_iter().filter(|(_, from, to)| to > from).map(|(key, from, to)| part(key, from, to, wall)).collect(),
        numbers,
    }
}

/// The phases of a cell as key, beginning and end. Of its last execution import and scenarios are told apart; all that their
/// times leave of it stands at its end, though some of it was before.
fn parts(cell: &CellTimings) -> Vec<(&'static str, f64, f64)> {
    let mut parts = Vec::new();
    for (place, phase) in cell.phases.iter().enumerate() {
        let last = place + 1 == cell.phases.len();
        match (phase.executes, last) {
            (false, _) => parts.push(("provision", phase.from, phase.to)),
            (true, false) => parts.push(("rest", phase.from, phase.to)),
            (true, true) => {
                let imported = (phase.from + cell.import).min(phase.to);
                let scenarios = (imported + cell.scenarios).min(phase.to);
                parts.extend([("import", phase.from, imported), ("scenarios", imported, scenarios), ("rest", scenarios, phase.to)]);
            }
        }
    }
    parts
}

fn part(key: &'static str, from: f64, to: f64, wall: f64) -> Part {
    let thousandths = |seconds: f64| format!("{:.2}", 1000.0 * seconds / wall);
    Part { key, from: thousandths(from), width: thousandths(to - from) }
}
