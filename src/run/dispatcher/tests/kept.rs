//! Cells that are kept in the place that their first phase makes.

use super::*;

/// Two jobs, and an engine that keeps cells.
fn kept(cells: usize, test: impl FnOnce(&mut Dispatcher<'_>)) -> Record {
    Fixture::new(cells).keeping().dispatch(LONG, test)
}

#[test]
fn a_kept_cell_goes_on_at_once_and_holds_its_place_until_it_ends() {
    kept(4, |dispatcher| {
        assert_eq!(dispatcher.schedule(), [Action::Start(0, PhaseKind::Provision), Action::Start(1, PhaseKind::Provision)]);
        assert_eq!(provision(dispatcher, 0), [Action::Start(0, PhaseKind::Execute)]);
        assert_eq!(provision(dispatcher, 1), [Action::Start(1, PhaseKind::Execute)]);
        executes(dispatcher, 0, &[started(0), ended(0), started(1), ended(1), done()]);
        assert_eq!(end(dispatcher, 0, PhaseKind::Execute), [Action::Start(2, PhaseKind::Provision)]);
    });
}

#[test]
fn a_kept_cell_whose_environment_fails_gives_up_its_place() {
    let record = kept(1, |dispatcher| {
        dispatcher.schedule();
        let step = json!({"event": "step", "name": "resolve", "code": 1, "seconds": 1.0, "reused": false, "stderr": "no solution found"});
        say(dispatcher, 0, PhaseKind::Provision, step);
        say(dispatcher, 0, PhaseKind::Provision, done());
        assert_eq!(end(dispatcher, 0, PhaseKind::Provision), [Action::Leave(0)]);
    });
    assert_ne!(record.cells[0].facts.state, State::Ran);
}

/// What a cell says with a line of its log.
fn heard(dispatcher: &mut Dispatcher<'_>, number: u64, event: serde_json::Value) {
    let event = Box::new(serde_json::from_value(event).unwrap());
    let mark = Some(Mark { number, written: None });
    dispatcher.handle(Event::Said { cell: 0, kind: PhaseKind::Execute, event, mark, weight: 100, room: None }).unwrap();
}

/// Makes the environment of the first cell in a place.
fn provision_in(dispatcher: &mut Dispatcher<'_>, place: &str) {
    let provisioned =
        json!({"event": "provisioned", "digest": "d", "python": "p", "packages": [], "uncut": false, "reused": false, "added_bytes": 0});
    say(dispatcher, 0, PhaseKind::Provision, provisioned);
    say(dispatcher, 0, PhaseKind::Provision, done());
    let result = Ok(PhaseEnd { code: 0, oom_killed: false, stderr: String::new(), kept: Some(place.to_owned()) });
    dispatcher.handle(Event::Ended { cell: 0, kind: PhaseKind::Provision, result }).unwrap();
}

/// A run that was killed after the first of two scenarios, and another that may use what it stored.
fn killed() -> Fixture {
    let mut fixture = Fixture { since: Some(String::new()), ..Fixture::new(2).keeping() };
    fixture.part("run", LONG, 0, |dispatcher| {
        dispatcher.schedule();
        provision_in(dispatcher, "pod-1");
        let imported = json!({"event": "imported", "module": "alpha", "version": "1", "seconds": 0.5, "warnings": [], "stderr": ""});
        for (number, event) in
            [(0, imported), (1, started(0)), (2, observed(0, "x")), (3, ended(0)), (4, started(1)), (6, observed(1, "y"))]
        {
            heard(dispatcher, number, event);
        }
    });
    fixture.store.begin(&new_run("next", 2)).unwrap();
    fixture
}

#[test]
fn what_a_killed_run_heard_in_a_place_is_not_heard_again() {
    let record = killed().part("next", LONG, 0, |dispatcher| {
        dispatcher.schedule();
        provision_in(dispatcher, "pod-1");
        assert_eq!(dispatcher.heard(0), Some(&Mark { number: 4, written: None }));
        assert_eq!(dispatcher.scenarios(0), [0, 1], "the agent counts as it did");
        for (number, event) in [(4, started(1)), (6, observed(1, "y")), (7, ended(1)), (8, done())] {
            heard(dispatcher, number, event);
        }
        end(dispatcher, 0, PhaseKind::Execute);
    });
    assert_eq!(outcomes(&record), ["0 first ran x", "0 second ran y"]);
    assert_eq!((facts(&record, 0), record.cells[0].facts.reused), ((State::Ran, ""), 1));
    assert_eq!(record.cells[0].facts.imports.len(), 1, "what it said before its scenarios counts too");
}

#[test]
fn another_place_is_heard_from_its_beginning() {
    let record = killed().part("next", LONG, 0, |dispatcher| {
        dispatcher.schedule();
        provision_in(dispatcher, "pod-2");
        assert_eq!(dispatcher.heard(0), None);
        executes(dispatcher, 0, &[started(0), observed(0, "z"), ended(0), started(1), ended(1), done()]);
        end(dispatcher, 0, PhaseKind::Execute);
    });
    assert_eq!(outcomes(&record), ["0 first ran z", "0 second ran"]);
    assert_eq!(record.cells[0].facts.reused, 0);
}

#[test]
fn how_long_a_kept_cell_waits_for_its_place_is_not_judged_here() {
    Fixture::new(1).keeping().dispatch(Duration::ZERO, |dispatcher| {
        dispatcher.schedule();
        assert_eq!(dispatcher.handle(Event::Tick).unwrap(), []);
    });
}

#[test]
fn a_scenario_for_whose_memory_the_whole_cell_is_killed_twice_is_out_of_memory_and_the_others_go_on() {
    let record = Fixture::new(2).retried(|dispatcher| {
        dispatcher.schedule();
        for _ in 0..2 {
            provision(dispatcher, 0);
            executes(dispatcher, 0, &[started(0)]);
            let result = Ok(PhaseEnd { code: 137, oom_killed: true, stderr: String::new(), kept: None });
            let next = dispatcher.handle(Event::Ended { cell: 0, kind: PhaseKind::Execute, result }).unwrap();
            assert_eq!(next, [Action::Start(0, PhaseKind::Provision)]);
        }
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0), observed(0, "y"), ended(0), done()]);
        end(dispatcher, 0, PhaseKind::Execute);
    });
    assert_eq!(outcomes(&record)[..2], ["0 first oom", "0 second ran y"]);
    assert_eq!(facts(&record, 0), (State::Ran, ""));
}
