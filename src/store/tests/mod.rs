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
        made: [1; 32],
        setting: [2; 32],
        facts: CellFacts::only(State::NotRun, None, None),
    };
    NewRun {
        id: id.to_owned(),
        started: "2026-01-01T00:00:00Z".to_owned(),
        engine: "fake".to_owned(),
        repeats: 2,
        selection: None,
        shard: None,
        baseline: 1,
        axes: vec![PlanAxis {
            name: "alpha".to_owned(),
            package: "alpha".to_owned(),
            import: "alpha".to_owned(),
            versions: vec!["1.0".to_owned(), "2.0".to_owned()],
            ..PlanAxis::default()
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
    store.outcome(Place { run: "r1", cell: 1, scenario: 0 }, 0, &ending(Status::Ran), &observations, &[]).unwrap();
    store.cell("r1", 1, &CellFacts::only(State::Ran, None, None), None).unwrap();
    drop(store);

    let record = Store::existing(folder.path()).unwrap().load("r1").unwrap();
    assert_eq!(record.cells[1].facts.state, State::Ran);
    assert_eq!(record.cells[0].facts.state, State::NotRun);
    let outcome = &record.outcomes[0];
    assert_eq!((outcome.cell, outcome.scenario, outcome.status), (1, 0, Status::Ran));
    let names: Vec<_> = outcome.observations.iter().map(|row| record.names[&row.name].as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(record.facts.len(), 1, "equal facts are stored once");
    assert_eq!(record.warnings.len(), 1);
    assert_eq!(record.finished, None, "a run that was killed says so");
}

#[test]
fn whoever_reads_while_a_store_is_made_hinders_nobody() {
    for _ in 0..20 {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for reads in [true, false, true, false, true] {
                let folder = folder.path();
                scope.spawn(move || match if reads { Store::existing(folder) } else { Store::create(folder) } {
                    Ok(_) => {}
                    Err(StoreError::Empty { .. }) if reads => {}
                    Err(error) => panic!("{error}"),
                });
            }
        });
        assert!(matches!(Store::existing(folder.path()).unwrap().latest(), Err(StoreError::Empty { .. })));
    }
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

const SCENARIO: Digest = [3; 32];
/// 2026-01-01T00:00:05Z
const FIVE: i64 = 1_767_225_605;

/// The execution of the scenario that serves in a context.
fn recalled(store: &Store, context: &Digest, since: &str) -> Option<i64> {
    store.recall(context, &[&SCENARIO], since).unwrap()[0]
}

/// A store with one run of which the first cell's scenario is done in a context.
fn done(folder: &std::path::Path, context: &Digest) -> Store {
    let mut store = Store::create(folder).unwrap();
    store.begin(&run("r1")).unwrap();
    let place = Place { run: "r1", cell: 0, scenario: 0 };
    store.outcome(place, 0, &ending(Status::Ran), &[observation("a", "x")], &[]).unwrap();
    store.outcome(place, 1, &ending(Status::Ran), &[], &[]).unwrap();
    store.complete(place, context, &SCENARIO, FIVE).unwrap();
    let facts = CellFacts { environment: Some("e".to_owned()), ..CellFacts::only(State::Ran, None, None) };
    store.cell("r1", 0, &facts, Some("2026-01-01T00:00:06Z")).unwrap();
    store
}

#[test]
fn an_execution_serves_every_run_that_comes_to_the_same_point() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = done(folder.path(), &[7; 32]);
    assert_eq!(recalled(&store, &[8; 32], ""), None);
    assert_eq!(recalled(&store, &[7; 32], "2026-01-01T00:00:06Z"), None, "too old");
    let known = recalled(&store, &[7; 32], "").unwrap();
    assert_eq!(store.recall(&[7; 32], &[&[4; 32], &SCENARIO], "").unwrap(), [None, Some(known)]);

    store.begin(&NewRun { started: "2026-01-02T00:00:00Z".to_owned(), ..run("r2") }).unwrap();
    store.take_over("r2", &[(0, 0, known)]).unwrap();
    let record = store.load("r2").unwrap();
    assert_eq!(record.outcomes.len(), 2);
    assert!(record.outcomes.iter().all(|outcome| outcome.reused.as_deref() == Some("2026-01-01T00:00:05Z")));
    assert!(store.load("r1").unwrap().outcomes.iter().all(|outcome| outcome.reused.is_none()));
    assert_eq!(store.runs().unwrap().iter().map(|run| run.outcomes).collect::<Vec<_>>(), [(0, 1), (1, 0)]);

    let repeats = store.repeats(known).unwrap();
    assert_eq!(repeats.len(), 2);
    assert_eq!(repeats[0].observations, [observation("a", "x")]);
}

#[test]
fn what_is_committed_between_two_repeats_is_one_execution_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(folder.path()).unwrap();
    store.begin(&run("r1")).unwrap();
    let place = Place { run: "r1", cell: 0, scenario: 0 };
    for repeat in 0..3 {
        store.outcome(place, repeat, &ending(Status::Ran), &[observation("a", "x")], &[]).unwrap();
        store.settle().unwrap();
        assert_eq!(Store::existing(folder.path()).unwrap().load("r1").unwrap().outcomes.len(), repeat as usize + 1, "others see it");
    }
    store.complete(place, &[7; 32], &SCENARIO, FIVE).unwrap();
    drop(store);
    let store = Store::existing(folder.path()).unwrap();
    let known = recalled(&store, &[7; 32], "").unwrap();
    assert_eq!(store.repeats(known).unwrap().len(), 3);
    assert_eq!(store.runs().unwrap()[0].outcomes, (1, 0));
}

#[test]
fn an_execution_that_did_not_come_to_its_end_never_serves() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(folder.path()).unwrap();
    store.begin(&run("r1")).unwrap();
    let place = Place { run: "r1", cell: 0, scenario: 0 };
    store.outcome(place, 0, &ending(Status::Ran), &[observation("a", "x")], &[]).unwrap();
    assert_eq!(recalled(&store, &[7; 32], ""), None);
    // Begun again, what it left behind is forgotten.
    store.outcome(place, 0, &ending(Status::Raised), &[], &[]).unwrap();
    let record = store.load("r1").unwrap();
    assert_eq!(record.outcomes.iter().map(|outcome| outcome.status).collect::<Vec<_>>(), [Status::Raised]);
    store.settle().unwrap();
    let left: i64 = store.connection.query_row("SELECT count(*) FROM execution", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}

#[test]
fn a_cell_is_told_by_what_made_it_or_by_its_environment() {
    let folder = tempfile::tempdir().unwrap();
    let store = done(folder.path(), &[7; 32]);
    assert!(store.told(&[1; 32], &[9; 32], "").unwrap().is_none(), "another setting");
    assert!(store.told(&[1; 32], &[2; 32], "2026-01-02").unwrap().is_none(), "too old");
    let told = store.told(&[1; 32], &[2; 32], "").unwrap().unwrap();
    assert_eq!((told.facts.state, told.when.as_str()), (State::Ran, "2026-01-01T00:00:06Z"));
    assert!(store.told_of("e", &[2; 32], "").unwrap().is_some());
    assert!(store.told_of("f", &[2; 32], "").unwrap().is_none());
}

#[test]
fn the_run_that_was_stored_last_is_the_newest_whatever_the_clock_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = done(folder.path(), &[7; 32]);
    let earlier = NewRun { started: "2025-12-01T00:00:00Z".to_owned(), ..run("a-before") };
    store.begin(&earlier).unwrap();
    assert_eq!(store.latest().unwrap(), "a-before");
    assert_eq!(store.runs().unwrap().iter().map(|run| run.id.as_str()).collect::<Vec<_>>(), ["a-before", "r1"]);
    // What it measured and told stands for what the run before it did.
    let place = Place { run: "a-before", cell: 0, scenario: 0 };
    store.outcome(place, 0, &ending(Status::Raised), &[], &[]).unwrap();
    store.complete(place, &[7; 32], &SCENARIO, FIVE - 31 * 86_400).unwrap();
    let facts = CellFacts { environment: Some("f".to_owned()), ..CellFacts::only(State::Ran, None, None) };
    store.cell("a-before", 0, &facts, Some("2025-12-01T00:00:06Z")).unwrap();
    store.settle().unwrap();
    let newest = store.connection.query_row("SELECT max(id) FROM execution", [], |row| row.get(0)).unwrap();
    assert_eq!(recalled(&store, &[7; 32], ""), Some(newest));
    assert_eq!(store.told(&[1; 32], &[2; 32], "").unwrap().unwrap().when, "2025-12-01T00:00:06Z");
}

#[test]
fn what_claims_to_be_of_the_future_has_no_age() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(folder.path()).unwrap();
    store.begin(&run("r1")).unwrap();
    let place = Place { run: "r1", cell: 0, scenario: 0 };
    store.outcome(place, 0, &ending(Status::Ran), &[], &[]).unwrap();
    store.complete(place, &[7; 32], &SCENARIO, 32_472_144_005).unwrap();
    store.cell("r1", 0, &CellFacts::only(State::Ran, None, None), Some("2999-01-01T00:00:06Z")).unwrap();
    assert!(recalled(&store, &[7; 32], "").is_some(), "no age is asked for");
    assert!(recalled(&store, &[7; 32], "2000-01-01T00:00:00Z").is_none());
    assert!(store.told(&[1; 32], &[2; 32], "").unwrap().is_some());
    assert!(store.told(&[1; 32], &[2; 32], "2000-01-01T00:00:00Z").unwrap().is_none());
}

#[test]
fn a_run_needs_an_id_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = done(folder.path(), &[7; 32]);
    assert!(matches!(store.begin(&run("r1")), Err(StoreError::Taken { id }) if id == "r1"));
}

#[test]
fn a_second_look_becomes_one_more_repeat() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = done(folder.path(), &[7; 32]);
    store.begin(&NewRun { started: "2026-01-02T00:00:00Z".to_owned(), selection: Some(SECOND_LOOK.to_owned()), ..run("look") }).unwrap();
    let place = Place { run: "look", cell: 0, scenario: 0 };
    store.outcome(place, 0, &ending(Status::Ran), &[observation("b", "y")], &[]).unwrap();
    store.complete(place, &[8; 32], &SCENARIO, FIVE + 86_400).unwrap();
    assert_eq!(store.ids().unwrap(), ["r1"], "it is never listed");
    assert_eq!(store.second_look("r1", "look").unwrap(), 1);
    let record = store.load("r1").unwrap();
    let last = record.outcomes.last().unwrap();
    assert_eq!((last.repeat, record.names[&last.missing[0]].as_str()), (2, "a"));
    assert_eq!(record.names[&last.observations[0].name], "b");
    store.settle().unwrap();
    let left: i64 = store.connection.query_row("SELECT count(*) FROM execution", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}

#[test]
fn old_runs_go_with_all_that_only_they_refer_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = done(folder.path(), &[7; 32]);
    for (number, id) in [(2, "r2"), (3, "r3"), (4, "r4")] {
        let started = format!("2026-01-0{number}T00:00:00Z");
        store.begin(&NewRun { started, ..run(id) }).unwrap();
        let known = recalled(&store, &[7; 32], "").unwrap();
        store.take_over(id, &[(0, 0, known)]).unwrap();
        let place = Place { run: id, cell: 1, scenario: 0 };
        store.outcome(place, 0, &ending(Status::Ran), &[observation(id, id)], &[]).unwrap();
    }
    assert_eq!(store.prune(4).unwrap(), Pruned::default());
    assert_eq!(store.prune(2).unwrap(), Pruned { runs: 2, executions: 1 });
    assert_eq!(store.ids().unwrap(), ["r4", "r3"]);
    assert!(recalled(&store, &[7; 32], "").is_some(), "runs that stay refer to it");
    let names: i64 = store.connection.query_row("SELECT count(*) FROM name", [], |row| row.get(0)).unwrap();
    assert_eq!(names, 3, "a, r3, r4");
}

#[test]
fn what_the_newest_complete_run_says_is_kept_for_comparison() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = Store::create(folder.path()).unwrap();
    for (number, state) in [(1, State::Ran), (2, State::Infra), (3, State::Infra)] {
        let id = format!("r{number}");
        store.begin(&NewRun { started: format!("2026-01-0{number}T00:00:00Z"), ..run(&id) }).unwrap();
        for cell in 0..2 {
            store.cell(&id, cell, &CellFacts::only(state, None, None), None).unwrap();
        }
        store.finish(&id, "2026-01-09T00:00:00Z", false).unwrap();
    }
    assert_eq!(store.prune(1).unwrap().runs, 1);
    assert_eq!(store.ids().unwrap(), ["r3", "r1"]);
}

#[test]
fn a_store_of_schema_1_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("results.db");
    let old = Connection::open(&path).unwrap();
    old.execute_batch(&format!("{} PRAGMA user_version = 1;", include_str!("schema-1.sql"))).unwrap();
    old.execute_batch(
        "INSERT INTO run VALUES ('r1', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z', 0, 'docker', '0.1.0', 2, 0, '[]', '[]', '[]')",
    )
    .unwrap();
    let body = serde_json::to_string(&CellFacts { environment: Some("e".to_owned()), ..CellFacts::only(State::Ran, None, None) }).unwrap();
    old.execute("INSERT INTO cell VALUES ('r1', 0, 'alpha-1.0', '{\"alpha\": \"1.0\"}', '3.11', 1, '[]', NULL, ?1)", [&body]).unwrap();
    old.execute_batch("INSERT INTO scenario VALUES ('r1', 0, 'first', 'scenarios/first.py', 'd')").unwrap();
    let fact = pack(&observation("a", "x").fact).unwrap();
    old.execute("INSERT INTO fact VALUES (1, x'00', ?1)", [fact]).unwrap();
    old.execute_batch("INSERT INTO name VALUES (1, 'a')").unwrap();
    for repeat in 0..2 {
        old.execute(
            "INSERT INTO outcome VALUES (?1, 'r1', 0, 0, ?2, ?3, '[]')",
            rusqlite::params![repeat + 5, repeat, pack(&ending(Status::Ran)).unwrap()],
        )
        .unwrap();
    }
    old.execute_batch("INSERT INTO observation VALUES (5, 0, 1, 1, NULL, 3)").unwrap();
    drop(old);

    let mut store = Store::existing(folder.path()).unwrap();
    let record = store.load("r1").unwrap();
    assert_eq!(record.outcomes.len(), 2);
    assert_eq!(record.names[&record.outcomes[0].observations[0].name], "a");
    assert!(record.outcomes.iter().all(|outcome| outcome.reused.is_none()));
    assert!(store.is_answered("r1").unwrap());
    // What was written by then and what is made now have one form.
    store.begin(&NewRun { started: "2026-01-02T00:00:00Z".to_owned(), ..run("r2") }).unwrap();
    assert_eq!(store.prune(1).unwrap().runs, 0, "the newest complete run stays");
    let broken: i64 = store.connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0);
    drop(store);
    Store::existing(folder.path()).unwrap();
}

#[test]
fn a_store_of_schema_2_is_brought_up_to_date_and_what_it_has_serves_again() {
    let folder = tempfile::tempdir().unwrap();
    let old = Connection::open(folder.path().join("results.db")).unwrap();
    old.execute_batch(&format!("{} PRAGMA user_version = 2;", include_str!("schema-2.sql"))).unwrap();
    for (id, at) in [("r1", "2026-01-01T00:00:00Z"), ("r2", "2026-01-02T00:00:00Z")] {
        let run = "INSERT INTO run VALUES (?1, ?2, ?2, 0, 'docker', '0.1.0', 2, NULL, NULL, 0, '[]', '[]', '[]')";
        old.execute(run, [id, at]).unwrap();
        let body = serde_json::to_string(&CellFacts::only(State::Ran, None, None)).unwrap();
        for cell in 0..2 {
            let row = "INSERT INTO cell VALUES (?1, ?2, 'alpha-' || ?2, '{}', '3.11', 1, '[]', NULL, x'01', x'02', 'e', ?3, ?4)";
            old.execute(row, rusqlite::params![id, cell, at, body]).unwrap();
        }
        old.execute("INSERT INTO scenario VALUES (?1, 0, 'first', 'scenarios/first.py', 'd')", [id]).unwrap();
    }
    let fact = pack(&observation("a", "x").fact).unwrap();
    old.execute("INSERT INTO fact VALUES (1, x'00', ?1)", [fact]).unwrap();
    old.execute_batch("INSERT INTO name VALUES (1, 'a'), (2, 'b')").unwrap();
    old.execute("INSERT INTO warning_set VALUES (1, ?1)", [serde_json::to_string(&observation("a", "x").warnings).unwrap()]).unwrap();
    // The first cell was run in the first run and taken over in the second; the second cell was run in both, once to no end.
    old.execute(
        "INSERT INTO execution VALUES (1, 'r1', ?1, '2026-01-01T00:00:05Z'), (2, 'r1', NULL, NULL), (3, 'r2', ?2, '2026-01-02T00:00:05Z')",
        [[7u8; 32], [8u8; 32]],
    )
    .unwrap();
    old.execute_batch("INSERT INTO ran VALUES ('r1', 0, 0, 1), ('r1', 0, 1, 2), ('r2', 0, 0, 1), ('r2', 0, 1, 3)").unwrap();
    let crash = Ending { seconds: 1.5, max_rss: Some(1 << 40), cause: Some("SIGSEGV".to_owned()), ..ending(Status::Crash) };
    let outcomes = [
        (1, 1, 0, ending(Status::Ran), "[]"),
        (2, 1, 1, crash.clone(), "[\"b\"]"),
        (3, 2, 0, crash, "[]"),
        (4, 3, 0, ending(Status::Ran), "[]"),
    ];
    for (id, execution, repeat, ending, missing) in outcomes {
        let row = "INSERT INTO outcome VALUES (?1, ?2, ?3, ?4, ?5)";
        old.execute(row, rusqlite::params![id, execution, repeat, pack(&ending).unwrap(), missing]).unwrap();
    }
    old.execute_batch("INSERT INTO observation VALUES (1, 0, 1, 1, 1, 3), (1, 1, 2, 1, NULL, NULL), (4, 0, 2, 1, NULL, 4)").unwrap();
    drop(old);

    let mut store = Store::existing(folder.path()).unwrap();
    assert_eq!(
        store.runs().unwrap().iter().map(|run| (run.id.as_str(), run.outcomes)).collect::<Vec<_>>(),
        [("r2", (1, 1)), ("r1", (2, 0))]
    );
    let record = store.load("r2").unwrap();
    let told = record.outcomes.iter().map(|outcome| (outcome.cell, outcome.repeat, outcome.status, outcome.reused.as_deref()));
    let before = Some("2026-01-01T00:00:05Z");
    assert_eq!(told.collect::<Vec<_>>(), [(0, 0, Status::Ran, before), (0, 1, Status::Crash, before), (1, 0, Status::Ran, None)]);
    let whole = record.outcomes[1].whole_ending();
    assert_eq!((whole.seconds, whole.max_rss, whole.cause.as_deref()), (1.5, Some(1 << 40), Some("SIGSEGV")));
    assert_eq!(record.outcomes[1].missing.iter().map(|name| record.names[name].as_str()).collect::<Vec<_>>(), ["b"]);
    let first = record.outcomes[0].observations[0];
    assert_eq!((record.names[&first.name].as_str(), first.line, record.warnings.len()), ("a", Some(3), 1));
    assert_eq!(store.recall_former(|| [7; 32], "").unwrap(), Some(1));
    assert_eq!(store.recall_former(|| [7; 32], "2026-01-02T00:00:00Z").unwrap(), None, "too old");
    assert_eq!(store.recall_former(|| [9; 32], "").unwrap(), None);
    assert!(store.told(&[1; 32], &[2; 32], "").unwrap().is_none());
    let tables: String = store
        .connection
        .query_row("SELECT group_concat(name) FROM sqlite_schema WHERE name LIKE '%\\_2' ESCAPE '\\'", [], |row| {
            row.get::<_, Option<String>>(0)
        })
        .unwrap()
        .unwrap_or_default();
    assert_eq!(tables, "", "nothing is left of it");
    store.begin(&NewRun { started: "2026-01-03T00:00:00Z".to_owned(), ..run("r3") }).unwrap();
    store.take_over("r3", &[(0, 0, 1)]).unwrap();
    assert_eq!(store.prune(1).unwrap(), Pruned { runs: 1, executions: 1 });
    let broken: i64 = store.connection.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).unwrap();
    assert_eq!(broken, 0);
}
