//! The cells as points of a grid, and which of them are neighbours.

use std::collections::BTreeMap;

use pep440_rs::{Version, VersionSpecifiers};

use crate::{
    plan::{PlanAxis, Requirement},
    report::{Cell, State},
};

/// The version of a package that is not installed.
pub(super) const NONE: &str = "none";

/// The axis of interpreters.
pub(super) const PYTHON: &str = "python";

/// A cell, reduced to what fault lines and rules ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridCell {
    /// Contract id.
    pub id: String,
    /// For each axis, the index of its version.
    pub versions: Vec<usize>,
    /// Interpreter, `3.11`.
    pub python: String,
    /// Installed packages: normalised name → version; empty when unknown.
    pub packages: BTreeMap<String, String>,
    /// What the packages of its axes require directly, by normalised name: a range for each that requires it; empty when
    /// unknown.
    pub requires: BTreeMap<String, Vec<VersionSpecifiers>>,
    /// Whether its scenarios were started.
    pub ran: bool,
    /// Whether its packages could be imported.
    pub imported: bool,
}

/// Cells in plan order, and the axes they lie on.
///
/// Where two cells differ in their interpreter only, `python` is one more axis, the last.
#[derive(Clone, Debug)]
pub struct Grid {
    axes: Vec<GridAxis>,
    cells: Vec<GridCell>,
    /// Normalised names of the distributions that the axes install.
    packages: Vec<String>,
}

/// An axis of the grid.
#[derive(Clone, Debug)]
pub(super) struct GridAxis {
    pub(super) name: String,
    /// Oldest first.
    pub(super) versions: Vec<String>,
    /// Whether its first version is *not installed*.
    pub(super) has_none: bool,
}

impl GridCell {
    /// A cell of the report; `None` when it lies on no point of the axes.
    pub fn of(cell: &Cell, axes: &[PlanAxis]) -> Option<Self> {
        let index = |axis: &PlanAxis| {
            let version = cell.axes.get(&axis.name)?;
            axis.versions.iter().position(|known| known == version)
        };
        Some(Self {
            id: cell.id.clone(),
            versions: axes.iter().map(index).collect::<Option<_>>()?,
            python: cell.python.clone(),
            packages: cell.packages.clone(),
            requires: BTreeMap::new(),
            // After a failed pre-import the scenarios still run, and tell what they met.
            ran: matches!(cell.state, State::Ran | State::ImportFailed),
            imported: cell.state == State::Ran,
        })
    }

    /// The same cell, with what is known of what its packages require.
    #[must_use]
    pub fn requiring(mut self, requirements: &[Requirement]) -> Self {
        for requirement in requirements {
            // What the plan wrote down came from ranges, so all of it is one; of other text nothing is known.
            let Ok(range) = requirement.range.parse() else { continue };
            self.requires.entry(requirement.on.clone()).or_default().push(range);
        }
        self
    }
}

impl Grid {
    /// `cells` in plan order; results speak of them by their index.
    pub fn new(axes: &[PlanAxis], mut cells: Vec<GridCell>) -> Self {
        let packages = axes.iter().map(|axis| axis.package.clone()).collect();
        let mut axes: Vec<_> = axes
            .iter()
            .map(|axis| GridAxis {
                name: axis.name.clone(),
                versions: axis.versions.clone(),
                has_none: axis.versions.first().is_some_and(|version| version == NONE),
            })
            .collect();
        let mut pythons_at: BTreeMap<&[usize], &str> = BTreeMap::new();
        let twice = cells.iter().any(|cell| *pythons_at.entry(&cell.versions).or_insert(&cell.python) != cell.python);
        if twice {
            let mut pythons: Vec<_> = cells.iter().map(|cell| cell.python.clone()).collect();
            pythons.sort_by_key(|python| python.parse::<Version>().ok());
            pythons.dedup();
            for cell in &mut cells {
                cell.versions.extend(pythons.iter().position(|python| *python == cell.python));
            }
            axes.push(GridAxis { name: PYTHON.to_owned(), versions: pythons, has_none: false });
        }
        Self { axes, cells, packages }
    }

    /// Whether an axis installs this distribution.
    pub(super) fn installs(&self, package: &str) -> bool {
        self.packages.iter().any(|own| own == package)
    }

    pub(super) fn axes(&self) -> &[GridAxis] {
        &self.axes
    }

    pub(super) fn cells(&self) -> &[GridCell] {
        &self.cells
    }

    /// Pairs of cells, the older first, that differ along this axis and no other, with nothing between them among the
    /// cells that are `there`. On a sparse grid they may lie several versions apart.
    ///
    /// Interpreters may differ, except along `python` itself; of several cells at one point those with equal
    /// interpreters are paired.
    pub(super) fn neighbours(&self, axis: usize, there: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
        let along_python = self.axes[axis].name == PYTHON;
        let mut rows: BTreeMap<Vec<usize>, BTreeMap<usize, Vec<usize>>> = BTreeMap::new();
        for (index, cell) in self.cells.iter().enumerate().filter(|(index, cell)| cell.ran && there(*index)) {
            let others = cell.versions.iter().enumerate().filter(|(other, _)| {
                let implicit_python = self.axes[*other].name == PYTHON;
                *other != axis && !implicit_python
            });
            let row = others.map(|(_, version)| *version).collect();
            rows.entry(row).or_default().entry(cell.versions[axis]).or_default().push(index);
        }
        let mut pairs = Vec::new();
        for points in rows.into_values() {
            let points: Vec<_> = points.into_values().collect();
            for step in points.windows(2) {
                let [from, to] = step else { continue };
                let same_python = |one: usize, other: usize| self.cells[one].python == self.cells[other].python;
                let mut free = to.clone();
                let before = pairs.len();
                for &one in from {
                    if let Some(position) = free.iter().position(|&other| same_python(one, other)) {
                        pairs.push((one, free.remove(position)));
                    }
                }
                if along_python || pairs.len() == before {
                    pairs.truncate(before);
                    pairs.push((from[0], to[0]));
                }
            }
        }
        pairs
    }

    /// The same cells with this axis folded away, so that conditions speak of the others alone.
    pub(super) fn without(&self, axis: usize) -> Self {
        let mut folded = self.clone();
        for cell in &mut folded.cells {
            cell.versions[axis] = 0;
        }
        folded
    }

    /// The version of a cell on an axis.
    pub(super) fn version(&self, cell: usize, axis: usize) -> &str {
        &self.axes[axis].versions[self.cells[cell].versions[axis]]
    }
}
