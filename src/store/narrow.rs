//! A part of a run.

use std::collections::BTreeSet;

use super::read::Record;

impl Record {
    /// Leaves out cells and scenarios, as if they had been no part of the matrix, and versions that no cell is left of. The
    /// cell with the number `baseline` stays, for all others are compared with it. `selection` is how what stays was asked
    /// for (`-k numpy:2`).
    pub fn narrow(&mut self, cells: &[bool], scenarios: &[bool], baseline: usize, selection: &str) {
        let stays = |place: usize| place == baseline || cells.get(place) == Some(&true);
        let numbers = |len: usize, stays: &dyn Fn(usize) -> bool| -> Vec<Option<usize>> {
            let mut next = 0..;
            (0..len).map(|place| if stays(place) { next.next() } else { None }).collect()
        };
        let cell_numbers = numbers(self.cells.len(), &stays);
        let scenario_numbers = numbers(self.scenarios.len(), &|place| scenarios.get(place) == Some(&true));
        let number = |numbers: &[Option<usize>], place: usize| numbers.get(place).copied().flatten();
        self.outcomes.retain_mut(|outcome| {
            let (cell, scenario) = (number(&cell_numbers, outcome.cell), number(&scenario_numbers, outcome.scenario));
            let Some((cell, scenario)) = cell.zip(scenario) else { return false };
            (outcome.cell, outcome.scenario) = (cell, scenario);
            true
        });
        self.baseline = number(&cell_numbers, baseline).unwrap_or(0);
        retain(&mut self.cells, &cell_numbers);
        retain(&mut self.scenarios, &scenario_numbers);
        for axis in &mut self.axes {
            let used: BTreeSet<&str> = self.cells.iter().filter_map(|cell| cell.axes.get(&axis.name)).map(String::as_str).collect();
            let left: Vec<Option<usize>> = axis.versions.iter().map(|version| used.contains(version.as_str()).then_some(0)).collect();
            retain(&mut axis.versions, &left);
            retain(&mut axis.released, &left);
        }
        self.excluded.clear();
        let before = self.selection.take().map(|before| format!("{before} ")).unwrap_or_default();
        self.selection = Some(format!("{before}{selection}"));
    }
}

/// Keeps the entries that have a number.
fn retain<T>(entries: &mut Vec<T>, numbers: &[Option<usize>]) {
    let mut numbers = numbers.iter();
    entries.retain(|_| numbers.next().is_some_and(Option::is_some));
}
