//! Which cells stand at which stage, so that nothing looks at all of them whenever one moves on.

use std::collections::BTreeSet;

use super::cell::{Cell, Stage};

/// Numbers of cells by stage, in plan order.
#[derive(Debug, Default)]
pub(super) struct Stages([BTreeSet<usize>; 5]);

impl Stages {
    pub(super) fn new(cells: &[Cell]) -> Self {
        let mut stages = Self::default();
        for (number, cell) in cells.iter().enumerate() {
            stages.0[cell.stage as usize].insert(number);
        }
        stages
    }

    /// The cells at a stage.
    pub(super) fn at(&self, stage: Stage) -> &BTreeSet<usize> {
        &self.0[stage as usize]
    }

    /// Takes in that a cell came from one stage to another.
    pub(super) fn moved(&mut self, cell: usize, from: Stage, to: Stage) {
        self.0[from as usize].remove(&cell);
        self.0[to as usize].insert(cell);
    }
}
