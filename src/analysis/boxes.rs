//! Exact, short descriptions of sets of cells: unions of boxes, each a range of versions on every axis.

use std::{cmp::Reverse, collections::HashSet};

use pep440_rs::{Version, VersionSpecifiers};

use super::grid::{Grid, GridAxis};

/// Which cells: those for which one of the clauses holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Condition {
    /// At least one of them holds; ranges first, then single cells.
    pub clauses: Vec<Clause>,
}

/// A part of a [`Condition`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Clause {
    /// For each axis of the grid, the versions.
    Within(Vec<Interval>),
    /// One cell, named because no range tells it from another cell of the same versions.
    Cell(usize),
}

/// A range of versions of an axis, as indices; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interval {
    /// First.
    pub first: usize,
    /// Last.
    pub last: usize,
}

/// An end of an [`Interval`] beyond which the axis goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// The interval begins here.
    Lower(usize),
    /// The interval ends here.
    Upper(usize),
}

impl Interval {
    pub(super) fn contains(self, version: usize) -> bool {
        (self.first..=self.last).contains(&version)
    }

    fn whole(axis: &GridAxis) -> Self {
        Self { first: 0, last: axis.versions.len().saturating_sub(1) }
    }

    /// Whether text can say it. *Not installed* is no version, so no range holds it together with some but not all
    /// versions.
    fn can_be_said(self, axis: &GridAxis) -> bool {
        !axis.has_none || self.first > 0 || self.last == 0 || self == Self::whole(axis)
    }

    /// Its bounds, the lower first.
    pub(super) fn bounds(self, axis: &GridAxis) -> impl Iterator<Item = Bound> {
        let whole = Self::whole(axis);
        let lower = (self.first > whole.first).then_some(Bound::Lower(self.first));
        lower.into_iter().chain((self.last < whole.last).then_some(Bound::Upper(self.last)))
    }

    /// PEP 440 text; `None` for the whole axis.
    fn text(self, axis: &GridAxis) -> Option<String> {
        let (name, whole) = (&axis.name, Self::whole(axis));
        if self == whole {
            return None;
        }
        if axis.has_none && self.last == 0 {
            return Some(format!("{name}==none"));
        }
        let lower = (self.first > 0).then(|| lower(&axis.versions, self.first));
        let upper = (self.last < whole.last).then(|| upper(&axis.versions, self.last));
        Some(match (lower, upper) {
            (Some(_), Some(_)) if self.first == self.last => format!("{name}=={}", axis.versions[self.first]),
            (Some(lower), Some(upper)) => format!("{name}{lower},{upper}"),
            (Some(bound), None) | (None, Some(bound)) => format!("{name}{bound}"),
            (None, None) => return None,
        })
    }
}

/// `>=2.0` for the first version 2.0.2, where that holds for this one and not for the one before.
fn lower(versions: &[String], first: usize) -> String {
    let version = &versions[first];
    let short = series(version).map(|series| format!(">={series}"));
    let fits = |text: &String| contains(text, version) && !(first > 0 && contains(text, &versions[first - 1]));
    short.filter(fits).unwrap_or_else(|| format!(">={version}"))
}

/// `<2.0` for the last version 1.26.4 before 2.0.2: where it changed in between is not known, and the series begins there.
pub(super) fn upper(versions: &[String], last: usize) -> String {
    let (version, next) = (&versions[last], &versions[last + 1]);
    let short = series(next).map(|series| format!("<{series}"));
    // A pre-release of `next` is not `<next`, as PEP 440 reads it.
    let texts = short.into_iter().chain([format!("<{next}"), format!("<={version}")]);
    let fits = |text: &String| contains(text, version) && !contains(text, next);
    texts.into_iter().find(fits).unwrap_or_else(|| format!("<{next}"))
}

/// `2.0` of `2.0.2`.
fn series(version: &str) -> Option<String> {
    let version: Version = version.parse().ok()?;
    let release = version.release();
    (version.epoch() == 0).then(|| format!("{}.{}", release.first().unwrap_or(&0), release.get(1).unwrap_or(&0)))
}

fn contains(specifiers: &str, version: &str) -> bool {
    match (specifiers.parse::<VersionSpecifiers>(), version.parse::<Version>()) {
        (Ok(specifiers), Ok(version)) => specifiers.contains(&version),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

impl Clause {
    /// Whether it holds for a cell.
    pub fn holds(&self, grid: &Grid, cell: usize) -> bool {
        match self {
            Self::Cell(named) => *named == cell,
            Self::Within(ranges) => within(ranges, &grid.cells()[cell].versions),
        }
    }

    /// PEP 440 text.
    pub fn text(&self, grid: &Grid) -> String {
        match self {
            Self::Cell(cell) => grid.cells()[*cell].id.clone(),
            Self::Within(ranges) => {
                let parts: Vec<_> = ranges.iter().zip(grid.axes()).filter_map(|(range, axis)| range.text(axis)).collect();
                if parts.is_empty() { "any version".to_owned() } else { parts.join(" and ") }
            }
        }
    }
}

impl Condition {
    /// The shortest description found that holds for all of `holds` and none of `fails` (cells of the grid). What it
    /// says of other cells is open: they are not known, and shorter is better.
    ///
    /// One box is tried first, with as few bounds as will do; the bounds are the first version where it holds, and the
    /// first after the last one. Where one box won't do, maximal boxes are taken greedily, the one that explains most
    /// first. Cells of equal versions on both sides are named one by one.
    pub fn describe(grid: &Grid, holds: &[usize], fails: &[usize]) -> Self {
        let space = Space::new(grid, fails);
        let forbidden: HashSet<&[usize]> = space.forbidden.iter().copied().collect();
        let (mut named, mut open): (Vec<usize>, Vec<usize>) = holds.iter().partition(|cell| forbidden.contains(space.point(**cell)));
        if let Some(ranges) = space.box_around(&open) {
            return Self::of(vec![ranges], &named);
        }
        let mut boxes: Vec<(Vec<Interval>, Vec<usize>)> = Vec::new();
        let all = open.clone();
        while let Some(&seed) = open.first() {
            let inside = |ranges: &[Interval]| all.iter().copied().filter(|cell| within(ranges, space.point(*cell))).collect::<Vec<_>>();
            let explained = |ranges: &[Interval]| open.iter().filter(|cell| within(ranges, space.point(**cell))).count();
            let best = space.maximal_boxes(seed).into_iter().min_by_key(|ranges| Reverse((explained(ranges), inside(ranges).len())));
            let Some(best) = best else {
                named.push(open.remove(0));
                continue;
            };
            // The same cells may be described with fewer bounds.
            let cells = inside(&best);
            let ranges = space.box_around(&cells).unwrap_or(best);
            open.retain(|cell| !within(&ranges, space.point(*cell)));
            boxes.push((ranges, cells));
        }
        // A box taken early may be explained by later ones altogether.
        let mut index = 0;
        while index < boxes.len() {
            let elsewhere =
                |cell: &usize| boxes.iter().enumerate().any(|(other, (ranges, _))| other != index && within(ranges, space.point(*cell)));
            if boxes[index].1.iter().all(elsewhere) {
                boxes.remove(index);
            } else {
                index += 1;
            }
        }
        Self::of(boxes.into_iter().map(|(ranges, _)| ranges).collect(), &named)
    }

    /// Other boxes with as few bounds that hold exactly as much, where this is a single one.
    pub fn alternatives(&self, grid: &Grid, holds: &[usize], fails: &[usize]) -> Vec<Self> {
        let [Clause::Within(chosen)] = self.clauses.as_slice() else { return Vec::new() };
        let others = Space::new(grid, fails).shortest_boxes(holds).into_iter().filter(|ranges| ranges != chosen);
        others.map(|ranges| Self::of(vec![ranges], &[])).collect()
    }

    fn of(boxes: Vec<Vec<Interval>>, named: &[usize]) -> Self {
        let named = named.iter().map(|cell| Clause::Cell(*cell));
        Self { clauses: boxes.into_iter().map(Clause::Within).chain(named).collect() }
    }

    /// Whether it holds for a cell of the grid.
    pub fn holds(&self, grid: &Grid, cell: usize) -> bool {
        self.clauses.iter().any(|clause| clause.holds(grid, cell))
    }

    /// PEP 440 text: `numpy>=2.0.0 and tensorflow<2.18.1 or numpy==1.24.4`.
    pub fn text(&self, grid: &Grid) -> String {
        self.clauses.iter().map(|clause| clause.text(grid)).collect::<Vec<_>>().join(" or ")
    }
}

fn within(ranges: &[Interval], point: &[usize]) -> bool {
    ranges.iter().zip(point).all(|(range, version)| range.contains(*version))
}

/// The grid with the points that no box may hold.
struct Space<'a> {
    grid: &'a Grid,
    forbidden: Vec<&'a [usize]>,
}

impl<'a> Space<'a> {
    fn new(grid: &'a Grid, fails: &[usize]) -> Self {
        Self { grid, forbidden: fails.iter().map(|cell| grid.cells()[*cell].versions.as_slice()).collect() }
    }

    fn point(&self, cell: usize) -> &'a [usize] {
        &self.grid.cells()[cell].versions
    }

    fn is_allowed(&self, ranges: &[Interval]) -> bool {
        let said = ranges.iter().zip(self.grid.axes()).all(|(range, axis)| range.can_be_said(axis));
        said && !self.forbidden.iter().any(|point| within(ranges, point))
    }

    /// A box with as few bounds as possible that holds all these cells and nothing forbidden; bounds that it has are
    /// tight.
    fn box_around(&self, cells: &[usize]) -> Option<Vec<Interval>> {
        self.shortest_boxes(cells).into_iter().next()
    }

    /// All boxes with as few bounds as possible, those first that people expect.
    fn shortest_boxes(&self, cells: &[usize]) -> Vec<Vec<Interval>> {
        let axes = self.grid.axes();
        let tight: Option<Vec<_>> = (0..axes.len())
            .map(|axis| {
                let versions = || cells.iter().map(|cell| self.point(*cell)[axis]);
                Some(Interval { first: versions().min()?, last: versions().max()? })
            })
            .collect();
        let Some(tight) = tight else { return Vec::new() };
        // Every bound is there or not. Earlier axes' bounds, lower ones first, are the lower bits, so that among equally
        // few bounds those come first that people expect.
        let bounds: Vec<(usize, Bound)> = tight
            .iter()
            .zip(axes)
            .enumerate()
            .flat_map(|(index, (range, axis))| range.bounds(axis).map(move |bound| (index, bound)))
            .collect();
        let mut choices: Vec<u32> = (0..1 << bounds.len()).collect();
        choices.sort_by_key(|choice| (choice.count_ones(), *choice));
        let mut boxes = Vec::new();
        let mut fewest = u32::MAX;
        for choice in choices {
            if choice.count_ones() > fewest {
                break;
            }
            let mut ranges: Vec<_> = axes.iter().map(Interval::whole).collect();
            for (bit, (axis, bound)) in bounds.iter().enumerate() {
                match bound {
                    _ if choice & (1 << bit) == 0 => {}
                    Bound::Lower(first) => ranges[*axis].first = *first,
                    Bound::Upper(last) => ranges[*axis].last = *last,
                }
            }
            if self.is_allowed(&ranges) {
                fewest = choice.count_ones();
                boxes.push(ranges);
            }
        }
        boxes
    }

    /// Boxes around a cell that can't grow: along one axis every range that holds it, along the others, in every order,
    /// as far as nothing forbidden comes in. On two axes these are all there are.
    fn maximal_boxes(&self, seed: usize) -> Vec<Vec<Interval>> {
        let (axes, point) = (self.grid.axes(), self.point(seed));
        let alone: Vec<_> = point.iter().map(|version| Interval { first: *version, last: *version }).collect();
        let mut boxes = Vec::new();
        for order in orders(axes.len()) {
            let Some((&lead, rest)) = order.split_first() else { continue };
            for first in 0..=point[lead] {
                for last in point[lead]..axes[lead].versions.len() {
                    let mut ranges = alone.clone();
                    ranges[lead] = Interval { first, last };
                    if !self.is_allowed(&ranges) {
                        continue;
                    }
                    for &axis in rest {
                        self.grow(&mut ranges, axis);
                    }
                    self.grow(&mut ranges, lead);
                    if !boxes.contains(&ranges) {
                        boxes.push(ranges);
                    }
                }
            }
        }
        boxes
    }

    /// Widens a box along an axis as far as is allowed.
    fn grow(&self, ranges: &mut [Interval], axis: usize) {
        let view = &self.grid.axes()[axis];
        let start = std::mem::replace(&mut ranges[axis], Interval::whole(view));
        let in_reach: Vec<_> = self.forbidden.iter().filter(|point| within(ranges, point)).map(|point| point[axis]).collect();
        let floor = in_reach.iter().filter(|version| **version < start.first).max().map_or(0, |version| version + 1);
        let ceiling = in_reach.iter().filter(|version| **version > start.last).min().map_or(view.versions.len(), |version| *version);
        let widest = Interval { first: floor, last: ceiling.saturating_sub(1) };
        // *Not installed* stays alone or outside where it can't be said together with the rest.
        let options = [widest, Interval { first: widest.first.max(1), ..widest }];
        ranges[axis] = options.into_iter().find(|range| range.first <= start.first && range.can_be_said(view)).unwrap_or(start);
    }
}

/// All orders of so many axes.
fn orders(axes: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![Vec::new()];
    for _ in 0..axes {
        orders = orders
            .into_iter()
            .flat_map(|order: Vec<usize>| {
                let unused: Vec<_> = (0..axes).filter(|axis| !order.contains(axis)).collect();
                unused.into_iter().map(move |axis| order.iter().copied().chain([axis]).collect())
            })
            .collect();
    }
    orders
}
