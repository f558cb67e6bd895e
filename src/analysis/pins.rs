//! Which versions to pin: the largest rectangles in which every cell qualifies.

use std::{cmp::Reverse, collections::BTreeMap, collections::BTreeSet};

use super::{boxes::Interval, grid::Grid};

/// What pins ask of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Everything asked for ran in it and agreed.
    pub qualifies: bool,
    /// The packages' metadata allows it.
    pub declared: bool,
}

/// A contiguous range of versions on every axis, with a cell for each combination, all of which qualify.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// For each axis of the grid, `python` last where it is one.
    pub ranges: Vec<VersionRange>,
    /// Its cells, in plan order.
    pub cells: Vec<usize>,
    /// The cell to recommend: see [`newest`].
    pub newest: usize,
}

/// Versions of an axis from the first to the last; both were tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange {
    /// The axis.
    pub axis: String,
    /// Oldest version, `none` where the package is not installed.
    pub first: String,
    /// Newest version.
    pub last: String,
}

/// The rectangles that can't be grown in any direction, the one with the newest cell first, larger ones first among those.
///
/// Unlike a rule's range, a rectangle holds no combination that never ran: a pin is a promise. Of several cells at one
/// combination all must qualify, and *not installed* stays alone, because no range of versions holds it.
pub fn rectangles(grid: &Grid, candidates: &[Candidate]) -> Vec<Rectangle> {
    let mut at: BTreeMap<&[usize], Vec<usize>> = BTreeMap::new();
    for (index, cell) in grid.cells().iter().enumerate() {
        at.entry(&cell.versions).or_default().push(index);
    }
    at.retain(|_, cells| cells.iter().all(|cell| candidates[*cell].qualifies));
    let points: BTreeSet<&[usize]> = at.keys().copied().collect();
    let alone: Vec<bool> = grid.axes().iter().map(|axis| axis.has_none).collect();

    let mut found: Vec<_> = boxes(&points, &alone)
        .into_iter()
        .filter(|ranges| !can_grow(ranges, &points, &alone))
        .filter_map(|ranges| {
            let inside = |point: &&[usize]| ranges.iter().zip(*point).all(|(range, version)| range.contains(*version));
            let mut cells: Vec<usize> = at.iter().filter(|(point, _)| inside(point)).flat_map(|(_, cells)| cells).copied().collect();
            cells.sort_unstable();
            let newest = newest(grid, candidates, &cells)?;
            Some((ranges, cells, newest))
        })
        .collect();
    found.sort_by_cached_key(|(ranges, cells, newest)| (Reverse(age(grid, candidates, *newest)), Reverse(cells.len()), starts(ranges)));
    let named = |ranges: Vec<Interval>| {
        let range = |(range, axis): (Interval, &super::grid::GridAxis)| VersionRange {
            axis: axis.name.clone(),
            first: axis.versions[range.first].clone(),
            last: axis.versions[range.last].clone(),
        };
        ranges.into_iter().zip(grid.axes()).map(range).collect()
    };
    found.into_iter().map(|(ranges, cells, newest)| Rectangle { ranges: named(ranges), cells, newest }).collect()
}

/// Of these cells the one to recommend: the newest that metadata allows, because only that can be installed by a resolver,
/// else the newest. *Newest* is what a plan's own choice of a baseline means by it: the greatest sum of ranks on the axes.
fn newest(grid: &Grid, candidates: &[Candidate], cells: &[usize]) -> Option<usize> {
    cells.iter().copied().max_by_key(|cell| age(grid, candidates, *cell))
}

type Age = (bool, usize, Vec<usize>);

fn age(grid: &Grid, candidates: &[Candidate], cell: usize) -> Age {
    let ranks = &grid.cells()[cell].versions;
    (candidates[cell].declared, ranks.iter().sum(), ranks.iter().rev().copied().collect())
}

fn starts(ranges: &[Interval]) -> Vec<usize> {
    ranges.iter().map(|range| range.first).collect()
}

/// Boxes of these points, among them all that cannot be grown; along no axis could one have a later end.
fn boxes(points: &BTreeSet<&[usize]>, alone: &[bool]) -> Vec<Vec<Interval>> {
    let Some((has_none, rest)) = alone.split_first() else {
        return if points.is_empty() { Vec::new() } else { vec![Vec::new()] };
    };
    let mut slices: BTreeMap<usize, BTreeSet<&[usize]>> = BTreeMap::new();
    for (&version, others) in points.iter().filter_map(|point| point.split_first()) {
        slices.entry(version).or_default().insert(others);
    }
    let mut found = Vec::new();
    for (&first, slice) in &slices {
        let (mut common, mut last) = (slice.clone(), first);
        while !common.is_empty() {
            let next = slices.get(&(last + 1)).filter(|_| !(*has_none && first == 0));
            let wider: BTreeSet<&[usize]> = next.map(|next| common.intersection(next).copied().collect()).unwrap_or_default();
            // What one more version takes nothing away from is part of a wider box.
            if wider.len() < common.len() {
                found.extend(boxes(&common, rest).into_iter().map(|others| [vec![Interval { first, last }], others].concat()));
            }
            (common, last) = (wider, last + 1);
        }
    }
    found
}

/// Whether one more version on some axis would still hold nothing but these points.
fn can_grow(ranges: &[Interval], points: &BTreeSet<&[usize]>, alone: &[bool]) -> bool {
    (0..ranges.len()).any(|axis| {
        let range = ranges[axis];
        let wider = |slab: Interval| {
            let mut beside = ranges.to_vec();
            beside[axis] = slab;
            holds(&beside, points, &mut Vec::new())
        };
        let floor = usize::from(alone[axis]);
        let below = range.first > floor && wider(Interval { first: range.first - 1, last: range.first - 1 });
        let stays_alone = alone[axis] && range.first == 0;
        below || (!stays_alone && wider(Interval { first: range.last + 1, last: range.last + 1 }))
    })
}

/// Whether every position in these ranges that begins like this is one of the points.
fn holds(ranges: &[Interval], points: &BTreeSet<&[usize]>, beginning: &mut Vec<usize>) -> bool {
    let Some((range, rest)) = ranges.split_first() else { return points.contains(beginning.as_slice()) };
    (range.first..=range.last).all(|version| {
        beginning.push(version);
        let held = holds(rest, points, beginning);
        beginning.pop();
        held
    })
}
