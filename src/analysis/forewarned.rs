//! Which changes were warned of, and since when.

use std::collections::BTreeMap;

use super::grid::Grid;
use crate::{compare::essence, observation::Warned, report::Forewarning};

/// Warnings that announce a change.
const ANNOUNCING: [&str; 3] = ["DeprecationWarning", "FutureWarning", "PendingDeprecationWarning"];

/// Every axis with its neighbours, made once for all observations.
pub struct Neighbours<'a> {
    grid: &'a Grid,
    /// For each axis, pairs of cells, the older first.
    pairs: Vec<Vec<(usize, usize)>>,
    /// For each axis and cell, its older neighbour.
    older: Vec<Vec<Option<usize>>>,
}

impl<'a> Neighbours<'a> {
    /// Of a grid.
    pub fn new(grid: &'a Grid) -> Self {
        let axes = 0..grid.axes().len();
        let version = |axis: usize, cell: usize| !(grid.axes()[axis].has_none && grid.cells()[cell].versions[axis] == 0);
        let pairs: Vec<_> = axes.map(|axis| grid.neighbours(axis, |cell| version(axis, cell))).collect();
        let older = pairs.iter().map(|pairs| {
            let mut older = vec![None; grid.cells().len()];
            for &(from, to) in pairs {
                older[to] = Some(from);
            }
            older
        });
        let older = older.collect();
        Self { grid, pairs, older }
    }
}

/// Axis, version before, version after and class of a warning.
type Place = (usize, usize, usize, String);

/// The warnings that came before the changes of one observation, by axis and version. `variants` are its behaviours (see
/// [`super::faults::Track`]), `warnings` what each cell issued.
///
/// A warning belongs to a change when the older side issued it and the newer side does not: what goes on being warned of
/// is announced still. It is followed back along the axis as far as it was issued without a break; of several rows the one
/// that knows it longest counts.
pub fn forewarnings<'w>(
    neighbours: &Neighbours<'_>,
    variants: &[Option<usize>],
    warnings: impl Fn(usize) -> &'w [Warned],
) -> Vec<Forewarning> {
    let grid = neighbours.grid;
    let mut found: BTreeMap<Place, (usize, bool, String)> = BTreeMap::new();
    for (axis, pairs) in neighbours.pairs.iter().enumerate() {
        let place = |cell: usize| grid.cells()[cell].versions[axis];
        for &(from, to) in pairs {
            let (Some(before), Some(after)) = (variants[from], variants[to]) else { continue };
            if before == after {
                continue;
            }
            for warning in warnings(from).iter().filter(|warning| ANNOUNCING.contains(&warning.category.as_str())) {
                let issued = |cell: usize| warnings(cell).iter().any(|other| is_same(other, warning));
                if issued(to) {
                    continue;
                }
                let mut since = from;
                let mut older = neighbours.older[axis][since];
                while let Some(cell) = older.filter(|cell| variants[*cell].is_some() && issued(*cell)) {
                    since = cell;
                    older = neighbours.older[axis][since];
                }
                let oldest = older.is_none_or(|cell| variants[cell].is_none());
                let key = (axis, place(from), place(to), warning.category.clone());
                let known = found.entry(key).or_insert_with(|| (since, oldest, warning.message.clone()));
                if place(since) < place(known.0) {
                    (known.0, known.1) = (since, oldest);
                }
            }
        }
    }
    let told = found.into_iter().map(|((axis, from, to, category), (since, oldest, message))| {
        let view = &grid.axes()[axis];
        Forewarning {
            axis: view.name.clone(),
            since: grid.version(since, axis).to_owned(),
            oldest,
            until: view.versions[from].clone(),
            changed: view.versions[to].clone(),
            category,
            message,
        }
    });
    told.collect()
}

/// Whether two releases warn of the same: the first line tells; what follows is advice, which is reworded.
fn is_same(one: &Warned, other: &Warned) -> bool {
    let ((a, b, first), (c, d, second)) = (essence(one), essence(other));
    (a, b, first.lines().next()) == (c, d, second.lines().next())
}
