//! Engines are one contract: they tell the same, and go when they are told to.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use skew::observation::Status;

use crate::{
    bench::{Bench, Engine, wait},
    hostile,
};

/// Scenarios that look for what engines don't isolate alike, or that meet limits set by other means.
const DIFFERENT: [&str; 3] = ["forges_through_proc", "fork_bomb", "writes_other_dirs"];
/// Scenarios whose cause tells by which means a limit was enforced.
const OTHER_CAUSE: [&str; 2] = ["eats_memory", "eats_memory_in_children"];

/// One scenario that runs until it is stopped.
const HANGING: &str = r#"
axes:
  six: ["1.16.0"]
python: "3.11"
scenarios: [hostile]
limits: {timeout: 100s}
docker: {image: "skew-test/python:{python}"}
"#;

const OLD: &str = r#"
axes:
  six: ["1.16.0"]
python: "3.7"
scenarios: [hostile]
repeats: 1
docker: {image: "skew-test/python:{python}"}
"#;

fn remove(value: &mut Value, keys: &[&str]) {
    let fields = value.as_object_mut().expect("an object");
    fields.retain(|key, _| !keys.contains(&key.as_str()));
}

fn each(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_array_mut().expect("a list").iter_mut()
}

/// `results.json` without what belongs to one run on one engine.
fn comparable(mut results: Value) -> Value {
    remove(&mut results["run"], &["id", "started", "finished", "engine", "caveats"]);
    for cell in each(&mut results["cells"]) {
        remove(cell, &["seconds", "image"]);
    }
    results["scenarios"].as_array_mut().expect("a list").retain(|scenario| !DIFFERENT.iter().any(|name| scenario["name"] == *name));
    for scenario in each(&mut results["scenarios"]) {
        let other_cause = OTHER_CAUSE.iter().any(|name| scenario["name"] == *name);
        for outcome in each(&mut scenario["outcomes"]) {
            remove(outcome, &["seconds", "max_rss"]);
            if other_cause {
                remove(outcome, &["cause"]);
            }
        }
    }
    results
}

#[test]
fn both_engines_tell_the_same() {
    let (Some(docker), Some(local)) = (hostile::run(Engine::Docker), hostile::run(Engine::Local)) else { return };
    let [docker, local] = [docker, local].map(|run| serde_json::to_string_pretty(&comparable(run.results.clone())).expect("JSON"));
    let different: Vec<_> = docker.lines().zip(local.lines()).filter(|(docker, local)| docker != local).take(10).collect();
    assert_eq!(different, []);
    assert_eq!(docker.lines().count(), local.lines().count());
}

#[test]
fn syntax_that_is_newer_than_the_interpreter_is_an_error_of_the_script() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(bench) = Bench::new(engine, "3.7", "syntax", OLD, &["syntax_3_10", "syntax_3_12", "recurses"]) else { continue };
        let run = bench.run();
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        for scenario in ["syntax_3_10", "syntax_3_12"] {
            let endings: Vec<_> = run.endings(scenario).collect();
            assert_eq!(endings.len(), 1);
            assert_eq!(endings[0].status, Status::Raised);
            assert!(endings[0].cause.as_deref().is_some_and(|cause| cause.starts_with("SyntaxError: ")), "{:?}", endings[0].cause);
        }
        assert_eq!(run.left, Vec::<String>::new());
    }
}

fn send(child: &std::process::Child, signal: Signal) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a process");
    kill_process(pid, signal).expect("it can be sent a signal");
}

#[test]
fn an_interrupted_run_takes_everything_with_it() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(bench) = Bench::new(engine, "3.11", "interrupted", HANGING, &["hangs"]) else { continue };
        let mut child = bench.start();
        assert_ne!(bench.left(), Vec::<String>::new());
        send(&child, Signal::INT);
        assert_eq!(wait(&mut child, Duration::from_secs(5)), Some(130));
        assert_eq!(bench.left(), Vec::<String>::new());
        assert!(bench.record().interrupted);
    }
}

#[test]
fn what_a_killed_run_leaves_is_cleaned_up_by_the_next() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(bench) = Bench::new(engine, "3.11", "killed", HANGING, &["hangs"]) else { continue };
        let mut child = bench.start();
        send(&child, Signal::KILL);
        assert_eq!(wait(&mut child, Duration::from_secs(5)), None);
        assert_ne!(bench.left(), Vec::<String>::new());
        let output = assert_cmd::Command::from_std(bench.command(&["clean"])).assert().success();
        let printed = String::from_utf8_lossy(&output.get_output().stdout).into_owned();
        assert!(printed.contains("killed-"), "{printed}");
        assert_eq!(bench.left(), Vec::<String>::new());
    }
}
