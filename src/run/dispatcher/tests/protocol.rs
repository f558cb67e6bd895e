//! What an agent may not say, whoever wrote it.

use super::*;

/// Hands a line to the dispatcher as the run does.
fn hear(dispatcher: &mut Dispatcher<'_>, cell: usize, line: &[u8]) -> Vec<Action> {
    dispatcher.handle(Event::said(cell, Execute, agent::Line::new(line), None, None)).unwrap()
}

fn line(event: &serde_json::Value) -> Vec<u8> {
    event.to_string().into_bytes()
}

/// An observation of an array of two `float32`, with some of its fields replaced.
fn array(fields: &serde_json::Value) -> Vec<u8> {
    let mut event = observed(0, "x");
    let mut value =
        json!({"kind": "array", "type": "numpy.ndarray", "dtype": "float32", "shape": [2], "data": "AAAAAAAAAAA=", "digest": "00"});
    for (name, field) in fields.as_object().unwrap() {
        value[name] = field.clone();
    }
    event["observation"]["fact"]["value"] = value;
    line(&event)
}

/// A line around `part`, which need not be JSON.
fn around(part: &str) -> Vec<u8> {
    let text = line(&observed(0, "x"));
    String::from_utf8(text).unwrap().replace("\"preview\":1", &format!("\"preview\":{part}")).into_bytes()
}

/// Two cells of two scenarios; the first scenario of the first cell says `lines`, all else is honest.
fn with_lines(lines: &[Vec<u8>]) -> Record {
    Fixture::new(3).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        provision(dispatcher, 1);
        executes(dispatcher, 0, &[started(0)]);
        executes(dispatcher, 1, &[started(0), observed(0, "x")]);
        for line in lines {
            assert_eq!(hear(dispatcher, 0, line), []);
        }
        for cell in [0, 1] {
            executes(dispatcher, cell, &[ended(0), started(1), observed(1, "z"), ended(1), done()]);
            end(dispatcher, cell, Execute);
        }
    })
}

#[test]
fn a_malformed_line_is_the_end_of_its_scenario_alone() {
    let with = |mut event: serde_json::Value, name: &str, field: serde_json::Value| {
        event[name] = field;
        line(&event)
    };
    let half = line(&observed(0, "x"));
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (half[..half.len() / 2].to_vec(), "EOF while parsing"),
        (Vec::new(), "EOF while parsing"),
        (b"\xff\xfe".to_vec(), "expected value"),
        (around("\"\u{0}\""), "control character"),
        (around("NaN"), "expected value"),
        (around("-Infinity"), "invalid number"),
        (around("1e999"), "number out of range"),
        (around(&"9".repeat(400)), "number out of range"),
        (around(&"[".repeat(100_000)), "recursion limit exceeded"),
        (around(&format!("{}{}", "[".repeat(200), "]".repeat(200))), "recursion limit exceeded"),
        (around(&format!("[{}0]", "[],".repeat(agent::MAX_PIECES / 2))), "pieces of JSON"),
        (with(ended(0), "event", json!("nonsense")), "unknown variant"),
        (with(observed(0, "x"), "scenario", json!(-1)), "invalid value"),
        (with(observed(0, "x"), "scenario", json!(1u64 << 32)), "invalid value"),
        (with(observed(0, "x"), "scenario", json!(u32::MAX)), "an observation outside its scenario"),
        (with(observed(0, "x"), "repeat", json!(1)), "an observation outside its scenario"),
        (with(started(0), "repeat", json!(1)), "a scenario that was not asked for"),
        (with(started(0), "scenario", json!(u32::MAX)), "a scenario that was not asked for"),
        (line(&done()), "done, with a scenario in flight"),
        (array(&json!({"shape": [1u64 << 63, 1u64 << 63, 16]})), "content that does not fit"),
        (array(&json!({"shape": [3]})), "content that does not fit"),
        (array(&json!({"shape": null})), "content that does not fit"),
        (array(&json!({"dtype": "float64"})), "content that does not fit"),
        (array(&json!({"data": "AAAAAAAAAAA"})), "content that does not fit"),
        (array(&json!({"data": "AAAA AAAAAA="})), "content that does not fit"),
        (array(&json!({"kind": "text"})), "content that does not fit"),
        (array(&json!({"kind": "sequence", "data": null, "items": [{"kind": "array", "type": "x", "data": "*"}]})), "content that does"),
        (array(&json!({"shape": [-1]})), "invalid value"),
        (array(&json!({"truncated": {"bytes": 8, "kept": u64::MAX}})), "content that does not fit"),
    ];
    for (line, cause) in cases {
        let shown = String::from_utf8_lossy(&line[..line.len().min(200)]).into_owned();
        let record = with_lines(&[line]);
        assert_eq!(outcomes(&record), ["0 first protocol", "1 first ran x", "0 second ran z", "1 second ran z"], "{shown}");
        let told = record.outcomes[0].whole_ending().cause.unwrap_or_default();
        assert!(told.contains(cause), "{told:?} of {shown}");
        assert_eq!((facts(&record, 0), facts(&record, 1)), ((State::Ran, ""), (State::Ran, "")), "{shown}");
    }
}

#[test]
fn what_is_as_it_should_be_passes_in_the_same_way() {
    let record = with_lines(&[array(&json!({}))]);
    assert_eq!(outcomes(&record)[0], "0 first ran x");
}

#[test]
fn a_name_that_comes_twice_is_believed_neither_time() {
    let record = with_lines(&[line(&observed(0, "x")), line(&observed(0, "x"))]);
    assert_eq!(outcomes(&record)[0], "0 first protocol");
    assert_eq!(record.outcomes[0].whole_ending().cause.as_deref(), Some("two observations named x"));
}

#[test]
fn observations_without_end_are_dropped_at_their_limit() {
    let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0)]);
        for number in 0..40 {
            said(dispatcher, 0, Execute, observed(0, &format!("name{number}")), HELD / 32);
            let held = dispatcher.cells[0].open.as_ref().unwrap().observations.len();
            assert!(held <= 32, "{held} are held");
        }
        executes(dispatcher, 0, &[ended(0), started(1), observed(1, "z"), ended(1), done()]);
        end(dispatcher, 0, Execute);
    });
    assert_eq!(outcomes(&record), ["0 first protocol", "0 second ran z"]);
    assert_eq!(record.outcomes[0].whole_ending().cause.as_deref(), Some("observations of more than 2 GiB"));
}

/// What becomes of a cell whose agent says something with no scenario in flight, after one was answered.
fn betrayed(lines: &[Vec<u8>], cause: &str) {
    let record = Fixture::new(3).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        provision(dispatcher, 1);
        executes(dispatcher, 0, &[started(0), observed(0, "x"), ended(0)]);
        let (last, before) = lines.split_last().unwrap();
        for line in before {
            assert_eq!(hear(dispatcher, 0, line), []);
        }
        assert_eq!(hear(dispatcher, 0, last), [Action::Stop(0)], "{cause}");
        executes(dispatcher, 0, &[started(1), observed(1, "forged"), ended(1), done()]);
        assert_eq!(hear(dispatcher, 0, b"more"), [], "it is stopped once");
        executes(dispatcher, 1, &[started(0), observed(0, "x"), ended(0), started(1), observed(1, "z"), ended(1), done()]);
        end(dispatcher, 0, Execute);
        end(dispatcher, 1, Execute);
    });
    assert_eq!(outcomes(&record), ["0 first ran x", "1 first ran x", "0 second infra", "1 second ran z"], "{cause}");
    assert_eq!(facts(&record, 0), (State::Infra, format!("the agent broke the protocol: {cause}").as_str()));
    assert_eq!(facts(&record, 1), (State::Ran, ""));
}

#[test]
fn an_agent_that_breaks_the_protocol_between_scenarios_is_stopped_and_its_cell_is_infrastructure() {
    betrayed(
        &[b"null".to_vec()],
        "a line that is not the protocol: invalid type: null, expected internally tagged enum Event at line 1 column 4",
    );
    betrayed(&[line(&ended(0))], "an end without a beginning");
    betrayed(&[line(&observed(0, "late"))], "an observation outside its scenario");
    betrayed(&[line(&done()), line(&observed(0, "late"))], "something after the end");
    betrayed(&[line(&done()), line(&done())], "something after the end");
    betrayed(&[line(&started(0))], "a scenario that was not asked for");
    betrayed(&[line(&json!({"event": "started", "scenario": 0, "repeat": 2, "fork": true}))], "a scenario that was not asked for");
    betrayed(&[line(&json!({"event": "started", "scenario": 1, "repeat": 1, "fork": true}))], "a scenario that was not asked for");
}

#[test]
fn a_scenario_that_was_answered_is_not_answered_again() {
    let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
        dispatcher.schedule();
        provision(dispatcher, 0);
        executes(dispatcher, 0, &[started(0), observed(0, "x"), ended(0), started(1), ended(1)]);
        assert_eq!(say(dispatcher, 0, Execute, started(0)), [Action::Stop(0)]);
        end(dispatcher, 0, Execute);
    });
    assert_eq!(outcomes(&record), ["0 first ran x", "0 second ran"]);
    assert_eq!(facts(&record, 0).0, State::Infra);
}

#[test]
fn steps_and_lines_of_provisioning_that_do_not_belong_end_the_cell() {
    let step = || json!({"event": "step", "name": "install", "code": 0, "seconds": 0.0, "reused": false, "stderr": ""});
    for (event, weight, cause) in [(step(), HELD, "events of more than 2 GiB"), (observed(0, "x"), 100, "an event of another phase")] {
        let record = Fixture::new(2).dispatch(LONG, |dispatcher| {
            dispatcher.schedule();
            said(dispatcher, 0, Provision, step(), 100);
            assert_eq!(said(dispatcher, 0, Provision, event, weight), [Action::Stop(0)]);
            assert!(dispatcher.cells[0].steps.len() < 2);
            end(dispatcher, 0, Provision);
        });
        assert_eq!(facts(&record, 0), (State::Infra, format!("the agent broke the protocol: {cause}").as_str()));
    }
}
