//! Decisions, without a runtime and without an engine.

mod kept;
mod protocol;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    plan::PlanAxis,
    run::{Silent, job::Identity},
    store::{CellFacts, NewCell, NewRun, NewScenario, Record},
};

/// A run of some cells with two scenarios, of which the second does not apply in the last cell.
struct Fixture {
    _folder: TempDir,
    store: Store,
    cells: usize,
    keeps_cells: bool,
    /// Oldest outcome that may serve.
    since: Option<String>,
}

impl Fixture {
    fn new(cells: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let mut store = Store::create(folder.path()).unwrap();
        store.begin(&new_run("run", cells)).unwrap();
        Self { _folder: folder, store, cells, keeps_cells: false, since: None }
    }

    /// With an engine that keeps cells.
    fn keeping(self) -> Self {
        Self { keeps_cells: true, ..self }
    }

    /// Runs `test` with a dispatcher of two jobs; what it stored.
    fn dispatch(self, patience: Duration, test: impl FnOnce(&mut Dispatcher<'_>)) -> Record {
        self.drive(patience, 0, test)
    }

    /// The same, and cells are begun again twice, at once.
    fn retried(self, test: impl FnOnce(&mut Dispatcher<'_>)) -> Record {
        self.drive(LONG, 2, test)
    }

    fn drive(mut self, patience: Duration, retries: u32, test: impl FnOnce(&mut Dispatcher<'_>)) -> Record {
        self.part("run", patience, retries, test)
    }

    /// A run of those that the store has.
    fn part(&mut self, run: &str, patience: Duration, retries: u32, test: impl FnOnce(&mut Dispatcher<'_>)) -> Record {
        let facts = || CellFacts::only(State::NotRun, None, None);
        let start = |number: usize| {
            let (scenarios, inapplicable) = if number + 1 == self.cells { (vec![0], vec![1]) } else { (vec![0, 1], Vec::new()) };
            let scenarios = scenarios.into_iter().map(|number| (number, Use::Earlier)).collect();
            CellStart {
                facts: facts(),
                runs: true,
                scenarios,
                inapplicable,
                identity: Identity { scenarios: [[1; 32], [2; 32]].into(), ..Identity::default() },
            }
        };
        let starts = (0..self.cells).map(start).collect();
        let mut silent = Silent;
        let retries = (retries, Duration::ZERO);
        let drive =
            Drive { run: run.to_owned(), jobs: 2, patience, since: self.since.clone(), repeats: 2, retries, keeps_cells: self.keeps_cells };
        test(&mut Dispatcher::new(drive, starts, &mut self.store, &mut silent));
        self.store.settle().unwrap();
        self.store.load(run).unwrap()
    }
}

fn new_run(id: &str, cells: usize) -> NewRun {
    let cell = |number: usize| NewCell {
        id: format!("alpha-{number}"),
        axes: [("alpha".to_owned(), number.to_string())].into(),
        python: "3.11".to_owned(),
        declared: true,
        conflicts: Vec::new(),
        cutoff: None,
        made: [0; 32],
        setting: [0; 32],
        facts: CellFacts::only(State::NotRun, None, None),
    };
    let scenario = |name: &str| NewScenario { name: name.to_owned(), path: format!("scenarios/{name}.py"), digest: String::new() };
    let axis = PlanAxis {
        name: "alpha".to_owned(),
        package: "alpha".to_owned(),
        import: "alpha".to_owned(),
        versions: Vec::new(),
        ..PlanAxis::default()
    };
    NewRun {
        id: id.to_owned(),
        started: "2026-01-01T00:00:00Z".to_owned(),
        engine: "fake".to_owned(),
        repeats: 1,
        selection: None,
        shard: None,
        baseline: 0,
        axes: vec![axis],
        excluded: Vec::new(),
        caveats: Vec::new(),
        cells: (0..cells).map(cell).collect(),
        scenarios: vec![scenario("first"), scenario("second")],
    }
}

const LONG: Duration = Duration::from_hours(1);

fn say(dispatcher: &mut Dispatcher<'_>, cell: usize, kind: PhaseKind, event: serde_json::Value) -> Vec<Action> {
    said(dispatcher, cell, kind, event, 100)
}

/// The same of an event that takes `weight` bytes.
fn said(dispatcher: &mut Dispatcher<'_>, cell: usize, kind: PhaseKind, event: serde_json::Value, weight: usize) -> Vec<Action> {
    let event = Box::new(serde_json::from_value(event).unwrap());
    dispatcher.handle(Event::Said { cell, kind, event, mark: None, weight, room: None }).unwrap()
}

fn executes(dispatcher: &mut Dispatcher<'_>, cell: usize, events: &[serde_json::Value]) {
    for event in events {
        assert_eq!(say(dispatcher, cell, PhaseKind::Execute, event.clone()), []);
    }
}

fn end(dispatcher: &mut Dispatcher<'_>, cell: usize, kind: PhaseKind) -> Vec<Action> {
    let result = Ok(PhaseEnd { code: 0, oom_killed: false, stderr: String::new(), kept: None });
    dispatcher.handle(Event::Ended { cell, kind, result }).unwrap()
}

/// Makes the environment of a cell; what is to be done then.
fn provision(dispatcher: &mut Dispatcher<'_>, cell: usize) -> Vec<Action> {
    let provisioned =
        json!({"event": "provisioned", "digest": "d", "python": "p", "packages": [], "uncut": false, "reused": false, "added_bytes": 0});
    say(dispatcher, cell, PhaseKind::Provision, provisioned);
    say(dispatcher, cell, PhaseKind::Provision, done());
    end(dispatcher, cell, PhaseKind::Provision)
}

fn started(scenario: u32) -> serde_json::Value {
    json!({"event": "started", "scenario": scenario, "repeat": 0, "fork": true})
}

fn observed(scenario: u32, name: &str) -> serde_json::Value {
    let value = json!({"kind": "scalar", "type": "int", "preview": 1});
    json!({"event": "observed", "scenario": scenario, "repeat": 0, "observation": {"name": name, "fact": {"value": value}}})
}

fn ended(scenario: u32) -> serde_json::Value {
    json!({"event": "ended", "scenario": scenario, "repeat": 0, "missing": [], "ending": {"status": "ran", "seconds": 0.1}})
}

fn done() -> serde_json::Value {
    json!({"event": "done"})
}

/// Cell, scenario, status, observations of everything that is stored.
fn outcomes(record: &Record) -> Vec<String> {
    let told = record.outcomes.iter().map(|outcome| {
        let names: Vec<&str> = outcome.observations.iter().map(|row| record.names[&row.name].as_str()).collect();
        let (cell, scenario) = (outcome.cell, &record.scenarios[outcome.scenario].name);
        format!("{cell} {scenario} {} {}", outcome.status.as_str(), names.join(",")).trim_end().to_owned()
    });
    told.collect()
}

fn facts(record: &Record, cell: usize) -> (State, &str) {
    let facts = &record.cells[cell].facts;
    (facts.state, facts.cause.as_deref().unwrap_or_default())
}

use PhaseKind::{Execute, Provision};

#[test]
fn two_cells_at_a_time_are_provisioned_and_two_executed() {
    let record = Fixture::new(5).dispatch(LONG, |dispatcher| {
        assert_eq!(dispatcher.schedule(), [Action::Start(0, Provision), Action::Start(1, Provision)]);
        assert_eq!(dispatcher.schedule(), []);
        // The first one that is ready executes, whichever it is, and the next one is provisioned meanwhile.
        assert_eq!(provision(dispatcher, 1), [Action::Start(1, Execute), Action::Start(2, Provision)]);
        assert_eq!(provision(dispatcher, 0), [Action::Start(0, Execute), Action::Start(3, Provision)]);
        // A third one waits for a place.
        assert_eq!(provision(dispatcher, 2), [Action::Start(4, Provision)]);
        executes(dispatcher, 0, &[started(0), ended(0), started(1), ended(1), done()]);
        assert_eq!(end(dispatcher, 0, Execute), [Action::Start(2, Execute)]);
        assert!(!dispatcher.finished());
    });
    assert_eq!(facts(&record, 0), (State::Ran, ""));
    assert_eq!(outcomes(&record), ["0 first ran", "0 second ran"]);
}

#[test]
fn what_does_not_apply_is_told_apart_from_what_was_not_run() {
    let record = Fixture::new(1).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0), observed(0, "x"), ended(0), done()]);
        end(dispatcher, 0, Execute);
        assert!(dispatcher.finished());
    });
    assert_eq!(outcomes(&record), ["0 first ran x", "0 second not-applicable"]);
}

#[test]
fn the_first_interrupt_stops_what_runs_and_starts_nothing_more() {
    let record = Fixture::new(4).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0), ended(0), started(1)]);
        assert_eq!(dispatcher.handle(Event::Interrupt).unwrap(), [Action::Stop(0), Action::Stop(1), Action::Stop(2)]);
        assert!(dispatcher.interrupted() && !dispatcher.finished());
        assert_eq!(dispatcher.schedule(), []);
        for (cell, kind) in [(0, Execute), (1, Provision), (2, Provision)] {
            let ended = Event::Ended { cell, kind, result: Err(EngineError::Cancelled) };
            assert_eq!(dispatcher.handle(ended).unwrap(), []);
        }
        assert!(dispatcher.finished());
    });
    assert_eq!(facts(&record, 0), (State::NotRun, "interrupted"));
    assert_eq!(facts(&record, 3), (State::NotRun, ""));
    assert_eq!(outcomes(&record), ["0 first ran"]);
}

#[test]
fn the_second_interrupt_abandons_everything() {
    Fixture::new(1).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        assert_eq!(dispatcher.handle(Event::Interrupt).unwrap(), [Action::Stop(0)]);
        assert_eq!(dispatcher.handle(Event::Interrupt).unwrap(), [Action::Abandon]);
    });
}

#[test]
fn a_cell_that_is_silent_for_too_long_is_stopped_once_and_is_infrastructure() {
    let record = Fixture::new(2).dispatch(Duration::ZERO, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0)]);
        // The other one is being provisioned, and may take its time.
        assert_eq!(dispatcher.handle(Event::Tick).unwrap(), [Action::Stop(0)]);
        assert_eq!(dispatcher.handle(Event::Tick).unwrap(), []);
        let ended = Event::Ended { cell: 0, kind: Execute, result: Err(EngineError::Cancelled) };
        dispatcher.handle(ended).unwrap();
    });
    assert_eq!(facts(&record, 0), (State::Infra, "the agent was silent for 0 s"));
    assert_eq!(outcomes(&record), ["0 first infra", "0 second infra"]);
}

#[test]
fn a_line_that_is_not_the_protocol_spoils_its_scenario_alone() {
    let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0), observed(0, "x")]);
        dispatcher.handle(Event::Garbled { cell: 0, message: "nonsense".to_owned() }).unwrap();
        executes(dispatcher, 0, &[observed(0, "y"), ended(0), started(1), observed(1, "z"), ended(1), done()]);
        end(dispatcher, 0, Execute);
    });
    assert_eq!(outcomes(&record), ["0 first protocol", "0 second ran z"]);
    assert_eq!(record.outcomes[0].whole_ending().cause.as_deref(), Some("nonsense"));
    assert_eq!(facts(&record, 0), (State::Ran, ""));
}

#[test]
fn events_of_another_scenario_or_phase_are_violations() {
    let violations = [
        (observed(1, "x"), "an observation outside its scenario"),
        (ended(1), "an end without a beginning"),
        (started(1), "a scenario that was not asked for"),
        (started(7), "a scenario that was not asked for"),
        (
            json!({"event": "step", "name": "install", "code": 0, "seconds": 0.0, "reused": false, "stderr": ""}),
            "an event of another phase",
        ),
    ];
    for (event, cause) in violations {
        let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
            dispatcher.schedule();
            provision(dispatcher, 0);
            executes(dispatcher, 0, &[started(0), event, ended(0), started(1), ended(1), done()]);
            end(dispatcher, 0, Execute);
        });
        assert_eq!(outcomes(&record), ["0 first protocol", "0 second ran"], "{cause}");
        assert_eq!(record.outcomes[0].whole_ending().cause.as_deref(), Some(cause));
    }
}

#[test]
fn an_execution_that_begins_anew_forgets_its_first_attempt() {
    let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0), observed(0, "in the fork")]);
        dispatcher.handle(Event::Garbled { cell: 0, message: "half a line".to_owned() }).unwrap();
        executes(dispatcher, 0, &[started(0), observed(0, "fresh"), ended(0), started(1), ended(1), done()]);
        end(dispatcher, 0, Execute);
    });
    assert_eq!(outcomes(&record), ["0 first ran fresh", "0 second ran"]);
}

#[test]
fn an_agent_that_dies_keeps_what_it_told_before() {
    let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0), observed(0, "x"), ended(0), started(1), observed(1, "y")]);
        let result = Ok(PhaseEnd { code: 139, oom_killed: false, stderr: "Fatal\nSegmentation fault\n".to_owned(), kept: None });
        dispatcher.handle(Event::Ended { cell: 0, kind: Execute, result }).unwrap();
    });
    assert_eq!(outcomes(&record), ["0 first ran x", "0 second infra"]);
    assert_eq!(facts(&record, 0), (State::Infra, "the agent died with code 139: Segmentation fault"));
}

#[test]
fn an_agent_that_is_done_without_having_run_everything_is_no_answer() {
    let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0), ended(0), done()]);
        end(dispatcher, 0, Execute);
    });
    assert_eq!(outcomes(&record), ["0 first ran", "0 second infra"]);
    assert_eq!(facts(&record, 0), (State::Infra, "the agent ended without running every scenario"));
}

#[test]
fn provisioning_that_fails_names_its_layer() {
    let step =
        |name: &str, stderr: &str| json!({"event": "step", "name": name, "code": 1, "seconds": 0.1, "reused": false, "stderr": stderr});
    for (step, state) in [
        (step("resolve", "No solution found"), State::Unresolvable),
        (step("install", "Failed to build"), State::InstallFailed),
        (step("install", "Connection refused"), State::Infra),
    ] {
        let record = Fixture::new(1).dispatch(LONG, |dispatcher| {
            dispatcher.schedule();
            say(dispatcher, 0, Provision, step);
            say(dispatcher, 0, Provision, done());
            end(dispatcher, 0, Provision);
            assert!(dispatcher.finished());
        });
        assert_eq!(facts(&record, 0).0, state);
    }
}

#[test]
fn a_failed_import_is_the_state_of_a_cell_whose_scenarios_ran() {
    let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        let error = json!({"type": "TypeError", "message": "odd", "cause": "compiled using NumPy 1.x\nand more"});
        let imported = json!({"event": "imported", "module": "alpha", "version": null, "seconds": 0.1, "warnings": [], "error": error,
            "died": null, "stderr": ""});
        executes(dispatcher, 0, &[imported, started(0), ended(0), started(1), ended(1), done()]);
        end(dispatcher, 0, Execute);
    });
    assert_eq!(facts(&record, 0), (State::ImportFailed, "import alpha: compiled using NumPy 1.x"));
    assert_eq!(outcomes(&record), ["0 first ran", "0 second ran"]);
}

fn fails(dispatcher: &mut Dispatcher<'_>, cell: usize, kind: PhaseKind) -> Vec<Action> {
    let error = EngineError::Unreachable { address: "here".to_owned(), message: "gone".to_owned() };
    dispatcher.handle(Event::Ended { cell, kind, result: Err(error) }).unwrap()
}

fn dies(dispatcher: &mut Dispatcher<'_>, cell: usize) -> Vec<Action> {
    let result = Ok(PhaseEnd { code: 137, oom_killed: false, stderr: String::new(), kept: None });
    dispatcher.handle(Event::Ended { cell, kind: PhaseKind::Execute, result }).unwrap()
}

#[test]
fn trouble_that_passes_begins_a_cell_again_and_keeps_what_it_answered() {
    let record = Fixture::new(2).retried(|dispatcher| {
        dispatcher.schedule();
        assert_eq!(fails(dispatcher, 0, PhaseKind::Provision), [Action::Start(0, PhaseKind::Provision)]);
        assert_eq!(provision(dispatcher, 0), [Action::Start(0, PhaseKind::Execute)]);
        executes(dispatcher, 0, &[started(0), observed(0, "x"), ended(0), started(1)]);
        assert_eq!(fails(dispatcher, 0, PhaseKind::Execute), [Action::Start(0, PhaseKind::Provision)]);
        assert_eq!(provision(dispatcher, 0), [Action::Start(0, PhaseKind::Execute)]);
        assert_eq!(dispatcher.scenarios(0), [1], "the first is answered");
        executes(dispatcher, 0, &[started(0), observed(0, "y"), ended(0), done()]);
        end(dispatcher, 0, PhaseKind::Execute);
    });
    assert_eq!(outcomes(&record)[..2], ["0 first ran x", "0 second ran y"]);
    assert_eq!(facts(&record, 0), (State::Ran, ""));
}

#[test]
fn trouble_that_stays_ends_as_infra() {
    let record = Fixture::new(2).retried(|dispatcher| {
        dispatcher.schedule();
        for _ in 0..2 {
            assert_eq!(fails(dispatcher, 0, PhaseKind::Provision), [Action::Start(0, PhaseKind::Provision)]);
        }
        assert_eq!(fails(dispatcher, 0, PhaseKind::Provision), []);
    });
    assert_eq!(facts(&record, 0), (State::Infra, "no Docker daemon answers at here: gone"));
}

#[test]
fn a_scenario_during_which_the_agent_dies_twice_is_blamed_and_the_others_go_on() {
    let record = Fixture::new(2).retried(|dispatcher| {
        dispatcher.schedule();
        for _ in 0..2 {
            provision(dispatcher, 0);
            executes(dispatcher, 0, &[started(0)]);
            assert_eq!(dies(dispatcher, 0), [Action::Start(0, PhaseKind::Provision)]);
        }
        provision(dispatcher, 0);
        assert_eq!(dispatcher.scenarios(0), [1]);
        executes(dispatcher, 0, &[started(0), observed(0, "y"), ended(0), done()]);
        end(dispatcher, 0, PhaseKind::Execute);
    });
    assert_eq!(outcomes(&record)[..2], ["0 first protocol", "0 second ran y"]);
    assert_eq!(facts(&record, 0), (State::Ran, ""));
}
