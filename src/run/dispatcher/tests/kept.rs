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
            let result = Ok(PhaseEnd { code: 137, oom_killed: true, stderr: String::new() });
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
