//! What else changed across a line, in which order it is told.

use super::*;
use crate::plan::Requirement;

/// `tensorflow` 2.15.1 and 2.16.2, one cell each.
fn step(old: GridCell, new: GridCell) -> Grid {
    Grid::new(&[axis("tensorflow", &["2.15.1", "2.16.2"])], vec![old, new])
}

/// A cell whose `tensorflow` declares these requirements: `keras<2.16, six`.
fn requiring(version: usize, packages: &str, requirements: &str) -> GridCell {
    let requirements: Vec<Requirement> = requirements
        .split(", ")
        .map(|text| {
            let (on, range) = text.split_at(text.find(['<', '>', '=', '~']).unwrap_or(text.len()));
            Requirement { package: "tensorflow".to_owned(), version: String::new(), on: on.to_owned(), range: range.to_owned() }
        })
        .collect();
    cell(&[version], "3.11", packages).requiring(&requirements)
}

fn also(grid: &Grid) -> Vec<String> {
    grid.also(0, &[(0, 1)], 6)
}

#[test]
fn where_requirements_are_not_known_the_interpreter_and_large_steps_come_first() {
    let axes = [axis("tensorflow", &["2.15.1", "2.16.2"]), axis("numpy", &["1.26.4", "2.0.2"])];
    let old = "numpy 1.0, tensorflow 2.15.1, keras 2.15.0, tensorboard 2.15.2, wrapt 1.14.1, absl-py 2.1.0, six 1.16.0";
    let new = "numpy 2.0, tensorflow 2.16.2, keras 3.3.3, tensorboard 2.16.2, wrapt 1.14.2, absl-py 2.2.0, six 1.16.0, rich 13.9.4";
    let cells = vec![
        cell(&[0, 0], "3.10", old),
        cell(&[0, 1], "3.10", old),
        cell(&[1, 0], "3.11", new),
        cell(&[1, 1], "3.11", &new.replace("3.3.3", "3.4.0")),
    ];
    let expected = [
        "python 3.10 → 3.11",
        "keras 2.15.0 → 3.3.3–3.4.0",
        "absl-py 2.1.0 → 2.2.0",
        "wrapt 1.14.1 → 1.14.2",
        "rich none → 13.9.4",
        "tensorboard 2.15.2 → 2.16.2",
    ];
    assert_eq!(Grid::new(&axes, cells).also(0, &[(0, 2), (1, 3)], 6), expected);
}

#[test]
fn what_the_step_demands_comes_first_and_what_no_axis_requires_is_left_out() {
    let old = "keras 2.15.0, protobuf 4.25.3, absl-py 1.4.0, certifi 2023.5.7, tensorboard 2.15.2";
    let new = "keras 3.3.3, protobuf 5.29.3, absl-py 2.1.0, certifi 2024.6.2, tensorboard 2.16.2";
    let grid = step(
        requiring(0, old, "keras<2.16, protobuf<5.0.0dev, absl-py>=1.0.0, tensorboard<2.16"),
        requiring(1, new, "keras>=3.0.0, protobuf, absl-py>=1.0.0, tensorboard<2.17"),
    );
    assert_eq!(also(&grid), ["keras 2.15.0 → 3.3.3", "protobuf 4.25.3 → 5.29.3", "absl-py 1.4.0 → 2.1.0", "tensorboard 2.15.2 → 2.16.2"]);
}

#[test]
fn the_interpreter_comes_first_even_where_it_changed_in_some_pairs_only() {
    let axes = [axis("tensorflow", &["2.15.1", "2.16.2"]), axis("numpy", &["1.24.4", "1.26.4", "2.0.2"])];
    let at = |point: [usize; 2], python: &str| cell(&point, python, ["keras 2.15.0", "keras 3.3.3"][point[0]]);
    let cells = [0, 1, 2].map(|numpy| [at([0, numpy], "3.10"), at([1, numpy], if numpy == 0 { "3.10" } else { "3.11" })]);
    let grid = Grid::new(&axes, cells.concat());
    assert_eq!(grid.also(0, &[(0, 1), (2, 3), (4, 5)], 6), ["python 3.10 → 3.11 (2 of 3)", "keras 2.15.0 → 3.3.3"]);
}

#[test]
fn what_no_axis_requires_is_told_where_nothing_nearer_changed() {
    let grid =
        step(requiring(0, "keras 3.0.0, certifi 2023.5.7", "keras, six"), requiring(1, "keras 3.0.0, certifi 2024.6.2", "keras, six"));
    assert_eq!(also(&grid), ["certifi 2023.5.7 → 2024.6.2"]);
}
