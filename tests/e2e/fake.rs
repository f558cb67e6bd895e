//! What an engine can do to a run, by the engine that plays recordings.

use std::process::Command;

use serde_json::{Value, json};

use crate::{
    project::{Ended, Project, cell, ended, redacted, states, status, text, verdicts},
    tour::INDEX,
};

/// A project of two cells and two scenarios, and its recordings.
pub(crate) struct Recorded {
    pub(crate) project: Project,
}

pub(crate) fn started(scenario: u32) -> Value {
    json!({"event": "started", "scenario": scenario, "repeat": 0, "fork": true})
}

fn observed(scenario: u32, name: &str, number: f64) -> Value {
    let value = json!({"kind": "scalar", "type": "float", "preview": number});
    json!({"event": "observed", "scenario": scenario, "repeat": 0, "observation": {"name": name, "fact": {"value": value}, "line": 1}})
}

fn ended_well(scenario: u32) -> Value {
    json!({"event": "ended", "scenario": scenario, "repeat": 0, "ending": {"status": "ran", "seconds": 0.5, "max_rss": 1_048_576}})
}

pub(crate) fn done() -> Value {
    json!({"event": "done"})
}

/// A whole execution with one observation.
pub(crate) fn whole(scenario: u32, number: f64) -> Vec<Value> {
    vec![started(scenario), observed(scenario, "x", number), ended_well(scenario)]
}

/// Both scenarios, and the end.
pub(crate) fn well(number: f64) -> Vec<Value> {
    [whole(0, number), whole(1, 1.0), vec![done()]].concat()
}

impl Recorded {
    pub(crate) fn new() -> Self {
        let matrix = "axes: {alpha: [\"1.1\", \"2.0\"]}\nbaseline: {alpha: \"1.1\"}\npython: \"3.11\"\nrepeats: 1\n";
        let project = Project::new(&INDEX, matrix).scenario("one", "x = 1.0\n").scenario("two", "x = 1.0\n");
        Self { project }.plays("alpha-1.1", &well(1.0)).plays("alpha-2.0", &well(1.0))
    }

    /// Records what happens in a phase.
    pub(crate) fn plays(self, phase: &str, lines: &[Value]) -> Self {
        self.record(phase, lines);
        self
    }

    /// The same for a project that somebody else holds as well.
    pub(crate) fn record(&self, phase: &str, lines: &[Value]) {
        let scenarios = json!({"fake": "scenarios", "names": ["one", "two"]});
        let lines: Vec<String> = std::iter::once(&scenarios).chain(lines).map(Value::to_string).collect();
        self.project.write(&format!("fake/{phase}.jsonl"), &lines.join("\n"));
    }

    pub(crate) fn run(&self) -> Ended {
        ended(&mut self.command(&["run", "--jobs=2"]))
    }

    /// The program with the recordings.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.project.command(arguments);
        command.env("SKEW_FAKE", self.project.path("fake")).env("SKEW_ENGINE", "fake");
        command
    }
}

#[test]
fn reports_do_not_tell_which_cell_came_first() {
    let sleep = json!({"fake": "sleep", "ms": 400});
    let reports = ["alpha-1.1", "alpha-2.0"].map(|slow| {
        let mut recorded = Recorded::new();
        for (cell, number) in [("alpha-1.1", 1.0), ("alpha-2.0", 2.0)] {
            let wait = if cell == slow { vec![sleep.clone()] } else { Vec::new() };
            recorded = recorded.plays(cell, &[wait, well(number)].concat());
        }
        let table = recorded.run().exits(0).stdout;
        let render = |format: &str| recorded.project.skew(&["report", "--format", format]).exits(0).stdout;
        let results = recorded.project.results();
        assert_eq!(verdicts(&results, "one", "x").join(" "), "same changed");
        (table, render("compact"), render("markdown"), results)
    });
    let [(first_table, first_compact, first_markdown, first), (table, compact, markdown, results)] = reports;
    assert_eq!((first_compact, first_markdown), (compact, markdown));
    for key in ["axes", "baseline", "scenarios", "classes", "fault_lines", "rules"] {
        assert_eq!(first[key], results[key], "{key}");
    }
    let untimed = |text: &str| text.lines().filter(|line| !line.contains("Summary")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(untimed(&first_table), untimed(&table));
}

#[test]
fn an_agent_that_dies_loses_no_more_than_the_scenario_in_flight() {
    let dies = [
        whole(0, 1.0),
        vec![started(1), json!({"fake": "stderr", "text": "Fatal Python error: oh\n"}), json!({"fake": "die", "code": 139})],
    ];
    let recorded = Recorded::new().plays("alpha-2.0", &dies.concat());
    let run = recorded.run().exits(3);
    redacted(|| insta::assert_snapshot!("agent_died", run.stdout));
    let results = recorded.project.results();
    assert_eq!(states(&results), ["alpha-1.1 ran", "alpha-2.0 infra"]);
    assert_eq!((status(&results, "one", "alpha-2.0"), status(&results, "two", "alpha-2.0")), ("ran".to_owned(), "infra".to_owned()));
    assert_eq!(verdicts(&results, "one", "x").join(" "), "same same");
    assert_eq!(verdicts(&results, "two", "x").join(" "), "same -");
}

#[test]
fn an_agent_without_memory_is_told_from_one_that_dies() {
    let recorded = Recorded::new().plays("alpha-2.0", &[started(0), json!({"fake": "oom"})]);
    recorded.run().exits(3);
    let results = recorded.project.results();
    let cause = text(&cell(&results, "alpha-2.0")["cause"]);
    assert!(cause.contains("memory limit; raise `limits.memory`"), "{cause}");
}

#[test]
fn trouble_of_the_engine_is_never_a_statement_about_a_cell() {
    for (fault, told) in [("unreachable", "no Docker daemon answers"), ("line", "a line of more than")] {
        let recorded = Recorded::new().plays("alpha-2.0", &[started(0), json!({"fake": fault})]);
        recorded.run().exits(3);
        let results = recorded.project.results();
        assert_eq!(states(&results), ["alpha-1.1 ran", "alpha-2.0 infra"]);
        assert!(text(&cell(&results, "alpha-2.0")["cause"]).contains(told), "{results}");
    }
}

#[test]
fn an_infrastructure_failure_wins_over_differences() {
    let recorded = Recorded::new()
        .plays("alpha-1.1", &well(5.0))
        .plays("alpha-2.0", &[whole(0, 1.0), vec![json!({"fake": "die", "code": 1})]].concat());
    let mut command = recorded.project.command(&["run", "--engine=fake", "--fail-on=any"]);
    ended(command.env("SKEW_FAKE", recorded.project.path("fake"))).exits(3);
}

#[test]
fn garbled_lines_spoil_the_scenario_that_wrote_them() {
    let garbled = [
        vec![started(0), json!({"fake": "raw", "text": "Segmentation fault?"}), observed(0, "x", 1.0), ended_well(0)],
        whole(1, 1.0),
        vec![done()],
    ];
    let recorded = Recorded::new().plays("alpha-2.0", &garbled.concat());
    recorded.run().exits(0);
    let results = recorded.project.results();
    assert_eq!(states(&results), ["alpha-1.1 ran", "alpha-2.0 ran"]);
    assert_eq!((status(&results, "one", "alpha-2.0"), status(&results, "two", "alpha-2.0")), ("protocol".to_owned(), "ran".to_owned()));
    assert_eq!(verdicts(&results, "one", "x").join(" "), "same changed");
}

#[test]
fn an_agent_that_leaves_scenarios_out_gives_no_answer() {
    let recorded = Recorded::new().plays("alpha-2.0", &[whole(0, 1.0), vec![done()]].concat());
    recorded.run().exits(3);
    let results = recorded.project.results();
    assert_eq!(text(&cell(&results, "alpha-2.0")["cause"]), "the agent ended without running every scenario");
}

#[test]
fn each_layer_of_provisioning_is_its_own_answer() {
    let step =
        |name: &str, stderr: &str| json!({"event": "step", "name": name, "code": 1, "seconds": 0.1, "reused": false, "stderr": stderr});
    let cases = [
        (vec![step("resolve-uncut", "No solution found"), done()], "unresolvable", 0),
        (vec![step("install", "Failed to build `gamma`"), done()], "install-failed", 0),
        (vec![step("install", "No space left on device"), done()], "infra", 3),
        (vec![json!({"fake": "die", "code": 1})], "infra", 3),
    ];
    for (lines, state, code) in cases {
        let recorded = Recorded::new().plays("alpha-2.0.provision", &lines);
        recorded.run().exits(code);
        assert_eq!(states(&recorded.project.results()), ["alpha-1.1 ran".to_owned(), format!("alpha-2.0 {state}")]);
    }
}

#[test]
fn an_interpreter_that_is_missing_makes_only_its_cells_not_run() {
    let matrix = "axes: {alpha: [\"1.1\"]}\npython: [\"3.12\", \"3.11\"]\nrepeats: 1\n";
    let project = Project::new(&INDEX, matrix).scenario("one", "x = 1.0\n").scenario("two", "x = 1.0\n");
    let recorded = Recorded { project }.plays("alpha-1.1+python-3.12", &well(1.0));
    recorded.project.write("fake/interpreters", "3.12\n");
    let run = recorded.run().exits(3);
    let results = recorded.project.results();
    assert_eq!(states(&results), ["alpha-1.1+python-3.12 ran", "alpha-1.1+python-3.11 not-run"]);
    assert!(run.stdout.contains("no CPython 3.11 among the recordings"), "{}", run.stdout);
}

#[test]
fn the_fake_engine_is_for_those_who_name_its_folder() {
    let recorded = Recorded::new();
    recorded.project.skew(&["run", "--engine=fake"]).exits(3).says(&["there is no engine fake here", "SKEW_FAKE"]);
    assert!(!recorded.project.skew(&["--help"]).exits(0).stdout.contains("fake"));
}
