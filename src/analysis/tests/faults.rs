use super::{
    super::faults::{Track, fault_lines},
    *,
};
use crate::report::FaultLine;

fn track(name: &str, variants: Vec<Option<usize>>) -> Track {
    let (scenario, observation) = name.split_once("::").unwrap();
    Track { scenario: scenario.to_owned(), observation: observation.to_owned(), silent: vec![false; variants.len()], variants }
}

/// A track whose behaviour follows from the point.
fn by(grid: &Grid, name: &str, variant: impl Fn(&[usize]) -> usize) -> Track {
    track(name, grid.cells().iter().map(|cell| Some(variant(&cell.versions))).collect())
}

/// `numpy 1.26.4 → 2.0.2: 1 of 1 scenarios, 3/3`.
fn told(lines: &[FaultLine]) -> Vec<String> {
    let one = |line: &FaultLine| {
        format!("{} {} → {}: {} in {}, {}/{}", line.axis, line.from, line.to, line.observations, line.scenarios, line.cells, line.of)
    };
    lines.iter().map(one).collect()
}

#[test]
fn a_change_at_a_version_is_a_line_across_the_grid() {
    let grid = grid();
    let tracks = [
        by(&grid, "a::x", |point| usize::from(point[0] >= 2)),
        by(&grid, "a::y", |point| usize::from(point[0] >= 2)),
        by(&grid, "b::x", |point| usize::from(point[1] >= 1)),
        by(&grid, "b::y", |_| 0),
    ];
    assert_eq!(told(&fault_lines(&grid, &tracks)), ["numpy 1.26.4 → 2.0.2: 2 in 1, 3/3", "tensorflow 2.15.1 → 2.16.2: 1 in 1, 4/4"]);
}

#[test]
fn a_change_that_needs_a_combination_crosses_the_line_in_some_pairs_only() {
    let grid = grid();
    let tracks = [by(&grid, "a::x", |point| usize::from(point[0] >= 2 && point[1] < 1))];
    assert_eq!(told(&fault_lines(&grid, &tracks)), ["numpy 1.26.4 → 2.0.2: 1 in 1, 1/3", "tensorflow 2.15.1 → 2.16.2: 1 in 1, 2/4"]);
}

#[test]
fn what_is_unknown_makes_no_line() {
    let grid = grid();
    let mut unknown = by(&grid, "a::x", |point| usize::from(point[0] >= 2));
    for (variant, cell) in unknown.variants.iter_mut().zip(grid.cells()) {
        *variant = variant.filter(|_| cell.versions[0] != 2);
    }
    assert_eq!(fault_lines(&grid, &[unknown]), []);
}

#[test]
fn across_a_gap_a_line_is_as_narrow_as_all_rows_together_allow() {
    let axes = axes();
    let there = [[0, 0], [2, 0], [1, 1], [3, 1], [0, 2], [1, 2]];
    let grid = Grid::new(&axes, there.iter().map(|point| cell(point, "3.11", "")).collect());
    // It changes at 2.0.2: one row knows it to be above 1.24.4, another above 1.26.4, and the first not above 2.0.2.
    let tracks = [by(&grid, "a::x", |point| usize::from(point[0] >= 2))];
    assert_eq!(told(&fault_lines(&grid, &tracks))[0], "numpy 1.26.4 → 2.0.2: 1 in 1, 2/2");
}

#[test]
fn cells_that_never_ran_are_no_neighbours() {
    let mut cells = product(&axes());
    for cell in &mut cells {
        cell.ran = cell.versions[0] != 1;
    }
    let grid = Grid::new(&axes(), cells);
    let tracks = [by(&grid, "a::x", |point| usize::from(point[0] >= 1))];
    assert_eq!(told(&fault_lines(&grid, &tracks)), ["numpy 1.24.4 → 2.0.2: 1 in 1, 3/3"]);
}

#[test]
fn not_installed_is_no_version_to_change_at() {
    let axes = [axis("numpy", &["1.26.4", "2.0.2"]), axis("tensorflow", &["none", "2.16.2", "2.18.1"])];
    let grid = Grid::new(&axes, product(&axes));
    let tracks = [by(&grid, "a::x", |point| point[1])];
    assert_eq!(told(&fault_lines(&grid, &tracks)), ["tensorflow 2.16.2 → 2.18.1: 1 in 1, 2/2"]);
}

#[test]
fn interpreters_are_an_axis_where_cells_differ_in_nothing_else() {
    let axes = [axis("numpy", &["1.26.4", "2.0.2"])];
    let cells = vec![cell(&[0], "3.9", ""), cell(&[0], "3.10", ""), cell(&[1], "3.9", ""), cell(&[1], "3.10", "")];
    let grid = Grid::new(&axes, cells);
    let tracks = [by(&grid, "a::x", |point| point[1]), by(&grid, "a::y", |point| point[0])];
    assert_eq!(told(&fault_lines(&grid, &tracks)), ["numpy 1.26.4 → 2.0.2: 1 in 1, 2/2", "python 3.9 → 3.10: 1 in 1, 2/2"]);
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn without_gaps_every_difference_between_neighbours_lies_on_a_line(variants in prop::collection::vec(0usize..3, 12)) {
            let grid = grid();
            let track = track("a::x", variants.iter().copied().map(Some).collect());
            let lines = fault_lines(&grid, std::slice::from_ref(&track));
            for (axis, view) in grid.axes().iter().enumerate() {
                for (from, to) in grid.neighbours(axis, |_| true) {
                    let differs = variants[from] != variants[to];
                    let on_line = |line: &&FaultLine| line.axis == view.name && line.from == grid.version(from, axis) && line.to == grid.version(to, axis);
                    let line = lines.iter().find(on_line);
                    prop_assert!(!differs || line.is_some());
                    prop_assert!(line.is_none_or(|line| line.cells > 0 && line.cells <= line.of));
                }
            }
        }
    }
}
