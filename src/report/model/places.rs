//! What belongs to which cell, by the cells' numbers. Lists of a report name cells by their ids; whoever asks for all cells must
//! not look each of them up in each list.

use std::collections::{HashMap, HashSet};

use super::{Class, Outcome, Results, Scenario};

impl Results {
    /// For each cell, in their order, what happened to a scenario there.
    pub fn outcomes_by_cell<'a>(&self, scenario: &'a Scenario) -> Vec<Option<&'a Outcome>> {
        let known: HashMap<&str, &Outcome> = scenario.outcomes.iter().map(|outcome| (&*outcome.cell, outcome)).collect();
        self.cells.iter().map(|cell| known.get(cell.id.as_str()).copied()).collect()
    }

    /// The numbers of the cells of a class, in their order.
    pub fn members(&self, class: &Class) -> Vec<usize> {
        let ids: HashSet<&str> = class.cells.iter().map(String::as_str).collect();
        let numbers = self.cells.iter().enumerate();
        numbers.filter(|(_, cell)| ids.contains(cell.id.as_str())).map(|(number, _)| number).collect()
    }
}
