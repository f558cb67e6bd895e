//! Fault lines: where, along an axis, behaviour changes.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::Grid;
use crate::report::FaultLine;

/// Other changes told of a line.
const ALSO: usize = 6;

/// One observation over all cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its scenario.
    pub scenario: String,
    /// Its name.
    pub observation: String,
    /// For each cell of the grid, which behaviour it shows: equal numbers agree within tolerance. `None` where there is
    /// nothing to compare (flaky, not applicable, not run); an observation that is missing because its script raised is
    /// a behaviour, with a number of its own.
    pub variants: Vec<Option<usize>>,
}

/// The lines along every axis, in the order of axes and versions.
///
/// Two cells are compared when they differ along one axis only and no cell that ran lies between them. Where they are
/// several versions apart, all that is known is that something changes on the way; of each observation as few lines are
/// made as explain all its changes, each as narrow as those changes together allow. So on a grid without gaps every line
/// lies between two neighbouring versions. *Not installed* is no version, and no line lies beside it.
///
/// `cells` of `of` are the pairs across the line that differ; fewer than all tell that the change needs a combination.
pub fn fault_lines(grid: &Grid, tracks: &[Track]) -> Vec<FaultLine> {
    (0..grid.axes().len()).flat_map(|axis| lines_along(grid, axis, tracks)).collect()
}

fn lines_along(grid: &Grid, axis: usize, tracks: &[Track]) -> Vec<FaultLine> {
    let view = &grid.axes()[axis];
    let place = |cell: usize| grid.cells()[cell].versions[axis];
    let is_version = |cell: usize| !(view.has_none && place(cell) == 0);
    let pairs = grid.neighbours(axis, is_version);
    let mut lines: BTreeMap<(usize, usize), Vec<&Track>> = BTreeMap::new();
    for track in tracks {
        let differing = pairs.iter().filter(|pair| differs(track, **pair));
        for line in narrowest(differing.map(|&(from, to)| (place(from), place(to))).collect()) {
            lines.entry(line).or_default().push(track);
        }
    }
    let told = lines.into_iter().map(|((from, to), tracks)| {
        let across: Vec<_> = pairs.iter().copied().filter(|pair| place(pair.0) <= from && to <= place(pair.1)).collect();
        let differing: Vec<_> = across.iter().copied().filter(|pair| tracks.iter().any(|track| differs(track, *pair))).collect();
        FaultLine {
            axis: view.name.clone(),
            from: view.versions[from].clone(),
            to: view.versions[to].clone(),
            observations: tracks.len() as u64,
            scenarios: tracks.iter().map(|track| &track.scenario).collect::<BTreeSet<_>>().len() as u64,
            cells: differing.len() as u64,
            of: across.len() as u64,
            also: grid.also(axis, &differing, ALSO),
            parts: Vec::new(),
        }
    });
    told.collect()
}

fn differs(track: &Track, (from, to): (usize, usize)) -> bool {
    let variant = |cell: usize| track.variants.get(cell).copied().flatten();
    matches!((variant(from), variant(to)), (Some(one), Some(other)) if one != other)
}

/// The fewest places that lie in all these intervals, each place as the interval that its own have in common.
fn narrowest(mut intervals: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    intervals.sort_by_key(|(from, to)| (*to, *from));
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (from, to) in intervals {
        match places.last_mut() {
            // Intervals come by their ends, so the end of a place is fixed by its first one.
            Some(place) if from < place.1 => place.0 = place.0.max(from),
            _ => places.push((from, to)),
        }
    }
    places
}
