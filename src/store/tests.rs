//! Facts go in and come out.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use super::*;
use crate::{
    observation::{Ending, Fact, Kind, Observation, Status, Value, Warned},
    plan::PlanAxis,
};

fn ending(status: Status) -> Ending {
    serde_json::from_value(serde_json::json!({"status": status, "seconds": 0.25})).unwrap()
}

fn observation(name: &str, text: &str) -> Observation {
    let value = Value {
        kind: Kind::Text,
        type_name: "str".to_owned(),
        dtype: None,
        shape: None,
        preview: text.into(),
        data: None,
        digest: None,
        truncated: None,
        items: None,
        entries: None,
    };
    let warning = Warned { category: "UserWarning".to_owned(), message: "old".to_owned(), origin: "alpha".to_owned() };
    Observation { name: name.to_owned(), fact: Fact::Value(value), warnings: vec![warning], line: Some(3) }
}

fn run(id: &str) -> NewRun {
    let cell = |version: &str| NewCell {
        id: format!("alpha-{version}"),
        axes: BTreeMap::from([("alpha".to_owned(), version.to_owned())]),
        python: "3.11".to_owned(),
        declared: true,
        conflicts: Vec::new(),
        cutoff: None,
        facts: CellFacts::only(State::NotRun, None, None),
    };
    NewRun {
        id: id.to_owned(),
        started: "2026-01-01T00:00:00Z".to_owned(),
        engine: "fake".to_owned(),
        repeats: 2,
        baseline: 1,
        axes: vec![PlanAxis {
            name: "alpha".to_owned(),
            package: "alpha".to_owned(),
            import: "alpha".to_owned(),
            versions: vec!["1.0".to_owned(), "2.0".to_owned()],
        }],
        excluded: Vec::new(),
        caveats: Vec::new(),
        cells: vec![cell("1.0"), cell("2.0")],
        scenarios: vec![NewScenario { name: "first".to_owned(), path: "scenarios/first.py".to_owned(), digest: "d".to_owned() }],
    }
}

#[test]
fn what_is_stored_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(folder.path()).unwrap();
    store.begin(&run("r1")).unwrap();
    let observations = [observation("a", "x"), observation("b", "x")];
    store.outcome("r1", 1, 0, 0, &ending(Status::Ran), &observations, &[]).unwrap();
    store.cell("r1", 1, &CellFacts::only(State::Ran, None, None)).unwrap();
    drop(store);

    let record = Store::existing(folder.path()).unwrap().load("r1").unwrap();
    assert_eq!(record.cells[1].facts.state, State::Ran);
    assert_eq!(record.cells[0].facts.state, State::NotRun);
    let outcome = &record.outcomes[0];
    assert_eq!((outcome.cell, outcome.scenario, outcome.ending.status), (1, 0, Status::Ran));
    let names: Vec<_> = outcome.observations.iter().map(|row| record.names[&row.name].as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(record.facts.len(), 1, "equal facts are stored once");
    assert_eq!(record.warnings.len(), 1);
    assert_eq!(record.finished, None, "a run that was killed says so");
}

#[test]
fn a_folder_without_runs_says_so() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Store::existing(folder.path()), Err(StoreError::Empty { .. })));
    assert!(matches!(Store::create(folder.path()).unwrap().latest(), Err(StoreError::Empty { .. })));
}

#[test]
fn a_store_of_a_newer_skew_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(folder.path()).unwrap();
    store.connection.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(store);
    assert!(matches!(Store::existing(folder.path()), Err(StoreError::Newer { found: 99, .. })));
}

#[test]
fn two_runs_in_one_folder_exclude_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::lock(folder.path()).unwrap();
    assert!(matches!(Store::lock(folder.path()), Err(StoreError::Locked { .. })));
    drop(first);
    Store::lock(folder.path()).unwrap();
}
