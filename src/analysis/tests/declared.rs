//! What packages declare of each other, beside what the cells show.

use serde_json::json;

use super::{
    super::declared::{Declaring, bounds},
    *,
};
use crate::{
    plan::Requirement,
    report::{Bound, Cell, Counts, State, sentences},
};

const NUMPY: [&str; 4] = ["1.23.5", "1.26.4", "2.0.2", "2.1.3"];

/// A cell of `numpy` and `tensorflow` 2.15.1: its state, its class, and which requirement it breaks, if any.
fn cell_of(numpy: &str, state: State, class: Option<&str>, conflict: bool) -> Cell {
    let conflicts: &[&str] = if conflict { &["tensorflow 2.15.1 requires numpy<2,>=1.23"] } else { &[] };
    let cell = json!({
        "id": format!("numpy-{numpy}+tensorflow-2.15.1"),
        "axes": {"numpy": numpy, "tensorflow": "2.15.1"},
        "python": "3.11",
        "declared": !conflict,
        "conflicts": conflicts,
        "state": state,
        "class": class,
        "counts": Counts::default(),
        "packages": {},
    });
    serde_json::from_value(cell).unwrap()
}

fn bound_of(cells: &[Cell]) -> Bound {
    let requires = |on: &str, range: &str| Requirement {
        package: "tensorflow".to_owned(),
        version: "2.15.1".to_owned(),
        on: on.to_owned(),
        range: range.to_owned(),
    };
    let requirements = [requires("keras", "<2.16"), requires("numpy", "<2,>=1.23")];
    let declaring: Vec<_> =
        cells.iter().map(|cell| Declaring { cell, requirements: &requirements, cause: cell.cause.as_deref() }).collect();
    let found = bounds(&[axis("numpy", &NUMPY), axis("tensorflow", &["2.15.1"])], &cells[1].id, &declaring);
    assert_eq!(found.len(), 1, "what is no axis has no bound");
    found.into_iter().next().unwrap()
}

fn states(states: [State; 4]) -> Bound {
    let cells: Vec<_> = NUMPY.iter().zip(states).map(|(numpy, state)| cell_of(numpy, state, None, numpy.starts_with('2'))).collect();
    bound_of(&cells)
}

#[test]
fn the_observed_bound_is_what_imports_cut_to_the_series_of_what_does_not() {
    use State::{ImportFailed, InstallFailed, NotRun, Ran, Unavailable};
    let told = |of: [State; 4]| sentences::bound(&states(of));
    assert_eq!(told([Ran, Ran, ImportFailed, ImportFailed]), "tensorflow 2.15.1 declares numpy<2,>=1.23, observed: numpy>=1.23.5,<2.0");
    assert_eq!(told([Ran, Ran, Ran, Ran]), "tensorflow 2.15.1 declares numpy<2,>=1.23, observed: numpy>=1.23.5");
    assert_eq!(
        told([InstallFailed, Ran, ImportFailed, Ran]),
        "tensorflow 2.15.1 declares numpy<2,>=1.23, observed: numpy>=1.26.4,<2.0 | numpy>=2.1.3"
    );
    assert_eq!(told([ImportFailed; 4]), "tensorflow 2.15.1 declares numpy<2,>=1.23, observed: no version works");
    // Nothing is known of what did not run, so it neither ends a bound nor is vouched for beside what breaks.
    assert_eq!(told([Ran, NotRun, Ran, Unavailable]), "tensorflow 2.15.1 declares numpy<2,>=1.23, observed: numpy>=1.23.5");
    assert_eq!(told([Ran, NotRun, ImportFailed, NotRun]), "tensorflow 2.15.1 declares numpy<2,>=1.23, observed: numpy>=1.23.5,<1.26");
}

#[test]
fn what_is_allowed_and_breaks_is_told_with_its_cause() {
    let mut cells: Vec<_> = NUMPY.iter().map(|numpy| cell_of(numpy, State::Ran, Some("A"), false)).collect();
    (cells[0].state, cells[0].class, cells[0].cause) = (State::ImportFailed, None, Some("ImportError: no".to_owned()));
    let bound = bound_of(&cells);
    assert_eq!((bound.works.join(" "), bound.breaks.join(" ")), ("1.26.4 2.0.2 2.1.3".to_owned(), "1.23.5".to_owned()));
    let told: Vec<_> = bound.allowed_but_broken.iter().map(|broken| (broken.version.as_str(), broken.cause.as_deref())).collect();
    assert_eq!(told, [("1.23.5", Some("ImportError: no"))]);
    assert!(sentences::disagrees(&bound));
}

#[test]
fn what_is_forbidden_and_alike_names_the_nearest_allowed_cell_of_its_class() {
    let classes = ["A", "A", "A", "B"];
    let cells: Vec<_> =
        NUMPY.iter().zip(classes).map(|(numpy, class)| cell_of(numpy, State::Ran, Some(class), numpy.starts_with('2'))).collect();
    let alike = bound_of(&cells).forbidden_but_alike;
    let told: Vec<_> = alike.iter().map(|alike| (alike.version.as_str(), alike.like.as_str())).collect();
    assert_eq!(told, [("2.0.2", "numpy-1.26.4+tensorflow-2.15.1")], "2.1.3 is alone in its class");
}

#[test]
fn where_metadata_is_kept_nothing_disagrees() {
    let kept = states([State::Ran, State::Ran, State::ImportFailed, State::ImportFailed]);
    assert!(!sentences::disagrees(&kept), "{kept:?}");
}
