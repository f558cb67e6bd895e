//! Grids small enough to draw.

mod declared;
mod faults;
mod forewarned;
mod pins;
mod rules;
mod search;
mod shifts;

use std::collections::BTreeMap;

use super::grid::{Grid, GridCell};
use crate::plan::PlanAxis;

fn axis(name: &str, versions: &[&str]) -> PlanAxis {
    PlanAxis {
        name: name.to_owned(),
        package: name.to_owned(),
        import: name.to_owned(),
        versions: versions.iter().map(|version| (*version).to_owned()).collect(),
        ..PlanAxis::default()
    }
}

/// A cell at a point; `packages` is `keras 2.15.0, h5py 3.1`.
fn cell(versions: &[usize], python: &str, packages: &str) -> GridCell {
    let named = |text: &str| text.split_once(' ').map(|(name, version)| (name.to_owned(), version.to_owned()));
    GridCell {
        id: format!("cell-{versions:?}-{python}"),
        versions: versions.to_vec(),
        python: python.to_owned(),
        packages: packages.split(", ").filter_map(named).collect(),
        requires: BTreeMap::new(),
        ran: true,
        imported: true,
    }
}

/// Every combination of these axes, in plan order, with nothing else that differs.
fn product(axes: &[PlanAxis]) -> Vec<GridCell> {
    let mut points = vec![Vec::new()];
    for axis in axes {
        points = points
            .into_iter()
            .flat_map(|point: Vec<usize>| (0..axis.versions.len()).map(move |version| point.iter().copied().chain([version]).collect()))
            .collect();
    }
    points.iter().map(|point| cell(point, "3.11", "")).collect()
}

/// `numpy` 1.24.4, 1.26.4, 2.0.2, 2.1.3 by `tensorflow` 2.15.1, 2.16.2, 2.18.1.
fn axes() -> Vec<PlanAxis> {
    vec![axis("numpy", &["1.24.4", "1.26.4", "2.0.2", "2.1.3"]), axis("tensorflow", &["2.15.1", "2.16.2", "2.18.1"])]
}

fn grid() -> Grid {
    Grid::new(&axes(), product(&axes()))
}
