use proptest::prelude::*;

use super::{
    super::pins::{Candidate, Rectangle, rectangles},
    rules::properties::grids,
    *,
};

fn candidates(grid: &Grid, qualifies: impl Fn(&[usize]) -> bool) -> Vec<Candidate> {
    grid.cells().iter().map(|cell| Candidate { qualifies: qualifies(&cell.versions), declared: true }).collect()
}

fn words(rectangle: &Rectangle) -> String {
    let ranges = rectangle.ranges.iter().map(|range| format!("{} {}..{}", range.axis, range.first, range.last));
    ranges.collect::<Vec<_>>().join(", ")
}

#[test]
fn the_rectangle_with_the_newest_cell_comes_first() {
    let grid = grid();
    // TensorFlow 2.18.1 agrees with every NumPy but the newest, NumPy 1.26.4 and later with TensorFlow 2.15.1.
    let found = rectangles(&grid, &candidates(&grid, |point| (point[1] == 2 && point[0] < 3) || (point[1] == 0 && point[0] > 0)));
    let found: Vec<_> = found.iter().map(words).collect();
    assert_eq!(found, ["numpy 1.24.4..2.0.2, tensorflow 2.18.1..2.18.1", "numpy 1.26.4..2.1.3, tensorflow 2.15.1..2.15.1"]);
}

#[test]
fn where_nothing_qualifies_there_is_no_rectangle_and_where_all_does_there_is_one() {
    let grid = grid();
    assert_eq!(rectangles(&grid, &candidates(&grid, |_| false)), []);
    let all = rectangles(&grid, &candidates(&grid, |_| true));
    assert_eq!(all.iter().map(words).collect::<Vec<_>>(), ["numpy 1.24.4..2.1.3, tensorflow 2.15.1..2.18.1"]);
    assert_eq!((all[0].cells.len(), all[0].newest), (12, 11));
}

#[test]
fn a_combination_that_never_ran_is_in_no_rectangle() {
    let cells = product(&axes()).into_iter().filter(|cell| cell.versions != [3, 2]).collect();
    let grid = Grid::new(&axes(), cells);
    let found: Vec<_> = rectangles(&grid, &candidates(&grid, |_| true)).iter().map(words).collect();
    assert_eq!(found, ["numpy 1.24.4..2.0.2, tensorflow 2.15.1..2.18.1", "numpy 1.24.4..2.1.3, tensorflow 2.15.1..2.16.2"]);
}

#[test]
fn not_installed_stays_alone() {
    let axes = [axis("numpy", &["1.26.4", "2.0.2"]), axis("tensorflow", &["none", "2.16.2", "2.18.1"])];
    let grid = Grid::new(&axes, product(&axes));
    let found: Vec<_> = rectangles(&grid, &candidates(&grid, |_| true)).iter().map(words).collect();
    assert_eq!(found, ["numpy 1.26.4..2.0.2, tensorflow 2.16.2..2.18.1", "numpy 1.26.4..2.0.2, tensorflow none..none"]);
}

#[test]
fn interpreters_that_cells_differ_in_are_an_axis_and_cells_of_one_combination_qualify_together() {
    let axes = [axis("numpy", &["1.26.4", "2.0.2"])];
    let cells = || vec![cell(&[0], "3.9", ""), cell(&[0], "3.10", ""), cell(&[1], "3.9", ""), cell(&[1], "3.10", "")];
    let grid = Grid::new(&axes, cells());
    let found: Vec<_> = rectangles(&grid, &candidates(&grid, |point| point[1] == 1)).iter().map(words).collect();
    assert_eq!(found, ["numpy 1.26.4..2.0.2, python 3.10..3.10"]);
    let dated = GridCell { id: "numpy-1.26.4+deps-2024-09-01".to_owned(), ..cell(&[0], "3.9", "") };
    let grid = Grid::new(&axes, [cells(), vec![dated]].concat());
    let mut told = candidates(&grid, |_| true);
    told[4].qualifies = false;
    let found: Vec<_> = rectangles(&grid, &told).iter().map(words).collect();
    assert_eq!(found, ["numpy 1.26.4..2.0.2, python 3.10..3.10", "numpy 2.0.2..2.0.2, python 3.9..3.10"]);
}

#[test]
fn what_metadata_forbids_is_recommended_last() {
    let grid = grid();
    let mut told = candidates(&grid, |_| true);
    for (candidate, cell) in told.iter_mut().zip(grid.cells()) {
        candidate.declared = cell.versions[0] < 2;
    }
    let found = rectangles(&grid, &told);
    assert_eq!(grid.cells()[found[0].newest].versions, [1, 2]);
}

proptest! {
    #[test]
    fn every_cell_of_a_rectangle_qualifies_and_none_can_be_grown(grid in grids(), told in prop::collection::vec(any::<bool>(), 256)) {
        let told: Vec<_> = (0..grid.cells().len()).map(|cell| Candidate { qualifies: told[cell], declared: true }).collect();
        let found = rectangles(&grid, &told);
        let ends = |rectangle: &Rectangle| -> Vec<(usize, usize)> {
            let place = |axis: usize, version: &str| grid.axes()[axis].versions.iter().position(|known| known == version).unwrap();
            rectangle.ranges.iter().enumerate().map(|(axis, range)| (place(axis, &range.first), place(axis, &range.last))).collect()
        };
        // Every combination of a box has cells, all of which qualify, and none mixes releases with *not installed*.
        let good = |ends: &[(usize, usize)]| {
            let inside = |cell: &&GridCell| cell.versions.iter().zip(ends).all(|(version, (first, last))| (first..=last).contains(&version));
            let cells: Vec<_> = grid.cells().iter().filter(inside).map(|cell| &cell.versions).collect();
            let mut distinct = cells.clone();
            distinct.sort();
            distinct.dedup();
            let qualify = grid.cells().iter().zip(&told).filter(|(cell, _)| inside(cell)).all(|(_, told)| told.qualifies);
            let mixed = grid.axes().iter().zip(ends).any(|(axis, (first, last))| axis.has_none && *first == 0 && *last > 0);
            qualify && !mixed && distinct.len() == ends.iter().map(|(first, last)| last - first + 1).product::<usize>()
        };
        for rectangle in &found {
            let ends = ends(rectangle);
            prop_assert!(good(&ends), "{rectangle:?}");
            for axis in 0..ends.len() {
                let mut wider = ends.clone();
                wider[axis].1 += 1;
                prop_assert!(!good(&wider), "{rectangle:?} can be grown");
                if ends[axis].0 > 0 {
                    wider = ends.clone();
                    wider[axis].0 -= 1;
                    prop_assert!(!good(&wider), "{rectangle:?} can be grown");
                }
            }
        }
        // Every combination that qualifies as a whole is in one of them.
        for (index, cell) in grid.cells().iter().enumerate() {
            let alone = grid.cells().iter().zip(&told).all(|(other, told)| other.versions != cell.versions || told.qualifies);
            prop_assert_eq!(alone, found.iter().any(|rectangle| rectangle.cells.contains(&index)));
        }
    }
}
