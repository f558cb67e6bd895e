//! The cells as points of a grid, and what changes between two of them besides the axis one looks along.

use std::collections::BTreeMap;

use pep440_rs::Version;

use crate::{
    plan::PlanAxis,
    report::{Cell, State},
};

/// The version of a package that is not installed.
const NONE: &str = "none";

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

/// Something other than the axis that changed from one cell to another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Shift {
    /// `python`, or the normalised name of a package.
    pub(super) name: String,
    pub(super) from: String,
    pub(super) to: String,
}

impl Shift {
    /// Whether a package moved in step with the axis, so that nothing can tell them apart: both went from one minor
    /// series of the same number to another.
    pub(super) fn in_step_with(&self, from: &str, to: &str) -> bool {
        let series = |version: &str| version.parse::<Version>().ok().and_then(|version| Some(version.release().get(..2)?.to_vec()));
        let same = |one: &str, other: &str| series(one).is_some_and(|one| series(other) == Some(one));
        self.name != PYTHON && same(&self.from, from) && same(&self.to, to)
    }

    /// How large the step is: 0 for another major release, 1 for a minor one, 2 for less, 3 for a package that comes or
    /// goes, which is rarely what a scenario uses.
    fn size(&self) -> usize {
        let (Ok(from), Ok(to)) = (self.from.parse::<Version>(), self.to.parse::<Version>()) else { return 3 };
        let differs = |index: usize| from.release().get(index) != to.release().get(index);
        (0..2).find(|index| differs(*index)).unwrap_or(2)
    }
}

/// Something that changed in most pairs of cells across a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// `keras 2.15.0 → 3.3.3`, with ` (3 of 4)` where it changed in some of the pairs only.
    pub(super) text: String,
    /// It changed in all of them.
    pub(super) everywhere: bool,
    /// It moved in step with the axis; see [`Shift::in_step_with`].
    pub(super) in_step: bool,
}

/// `3.3.3`, or the oldest and the newest of several: `3.3.3–3.4.0`.
fn spread<'a>(versions: impl Iterator<Item = &'a String>) -> String {
    let mut versions: Vec<&String> = versions.collect();
    versions.sort_by_cached_key(|version| version.parse::<Version>().ok());
    match (versions.first(), versions.last()) {
        (Some(first), Some(last)) if first != last => format!("{first}–{last}"),
        (Some(one), _) => (*one).clone(),
        (None, _) => NONE.to_owned(),
    }
}

const PYTHON: &str = "python";

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
            // After a failed pre-import the scenarios still run, and tell what they met.
            ran: matches!(cell.state, State::Ran | State::ImportFailed),
            imported: cell.state == State::Ran,
        })
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

    /// What changed from one cell to another, the axes' own packages aside.
    pub(super) fn shifts(&self, from: usize, to: usize) -> Vec<Shift> {
        let (one, other) = (&self.cells[from], &self.cells[to]);
        let mut shifts = Vec::new();
        if one.python != other.python {
            shifts.push(Shift { name: PYTHON.to_owned(), from: one.python.clone(), to: other.python.clone() });
        }
        if one.packages.is_empty() || other.packages.is_empty() {
            return shifts;
        }
        let version = |cell: &GridCell, name: &str| cell.packages.get(name).cloned().unwrap_or_else(|| NONE.to_owned());
        let mut names: Vec<_> = one.packages.keys().chain(other.packages.keys()).collect();
        names.sort();
        names.dedup();
        for name in names.into_iter().filter(|name| !self.packages.contains(name)) {
            let (from, to) = (version(one, name), version(other, name));
            if from != to {
                shifts.push(Shift { name: name.clone(), from, to });
            }
        }
        shifts
    }

    /// What changed in most of these pairs along an axis, the most telling first: what changed in all of them, then the
    /// interpreter, large steps before small ones, and last what only moved in step with the axis.
    pub(super) fn moves(&self, axis: usize, pairs: &[(usize, usize)]) -> Vec<Move> {
        let mut seen: BTreeMap<String, Vec<(Shift, bool)>> = BTreeMap::new();
        for &(from, to) in pairs {
            for shift in self.shifts(from, to).into_iter().filter(|shift| shift.name != self.axes[axis].name) {
                let in_step = shift.in_step_with(self.version(from, axis), self.version(to, axis));
                seen.entry(shift.name.clone()).or_default().push((shift, in_step));
            }
        }
        let mut ranked: Vec<_> = seen
            .into_iter()
            .filter(|(_, shifts)| 2 * shifts.len() > pairs.len())
            .map(|(name, shifts)| {
                let in_step = 2 * shifts.iter().filter(|(_, in_step)| *in_step).count() > shifts.len();
                let step = shifts.iter().map(|(shift, _)| shift.size()).min().unwrap_or(3);
                let everywhere = shifts.len() == pairs.len();
                let ends = [spread(shifts.iter().map(|(shift, _)| &shift.from)), spread(shifts.iter().map(|(shift, _)| &shift.to))];
                let some = if everywhere { String::new() } else { format!(" ({} of {})", shifts.len(), pairs.len()) };
                let text = format!("{name} {} → {}{some}", ends[0], ends[1]);
                let rank = (!everywhere, in_step, name != PYTHON, step);
                (rank, Move { text, everywhere, in_step })
            })
            .collect();
        ranked.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.text.cmp(&b.text)));
        ranked.into_iter().map(|(_, shift)| shift).collect()
    }

    /// The first of [`Self::moves`], as text.
    pub(super) fn also(&self, axis: usize, pairs: &[(usize, usize)], most: usize) -> Vec<String> {
        self.moves(axis, pairs).into_iter().take(most).map(|shift| shift.text).collect()
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
