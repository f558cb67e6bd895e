//! Runs that are stopped, politely or not: what was found is kept, and nothing stays behind.

use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::{
    project::{Ended, Project, Started, eventually, processes_with, states, status},
    tour::INDEX,
};

/// One scenario ends, the next one starts a process and hangs; the second cell waits for its turn.
fn hanging() -> Project {
    let matrix = "axes: {alpha: [\"1.0\", \"1.1\"]}\nbaseline: {alpha: \"1.0\"}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";
    let project = Project::new(&INDEX, matrix).scenario("a_first", "x = 1\n");
    let code = format!(
        "import pathlib, subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(900)', {:?}], \
         start_new_session=True)\npathlib.Path('ready').touch()\ntime.sleep(900)\n",
        marker(&project),
    );
    project.scenario("b_hangs", &code)
}

/// A text that only this project's processes have.
fn marker(project: &Project) -> String {
    project.path("tmp").display().to_string()
}

fn started(project: &Project) -> Started {
    let run = project.start(&["run", "--jobs=1"]);
    project.wait_for("ready");
    assert!(!processes_with(&marker(project)).is_empty() && !project.scratch().is_empty());
    run
}

/// What is promised of every run that a signal ended.
fn is_stopped_well(project: &Project, run: Ended) -> Ended {
    let run = run.exits(130);
    // Killed processes may take a moment to be gone.
    eventually("all processes of the run to be gone", || processes_with(&marker(project)).is_empty());
    assert_eq!(project.scratch(), Vec::<std::path::PathBuf>::new());
    let results = project.results();
    assert_eq!(states(&results), ["alpha-1.0 not-run", "alpha-1.1 not-run"]);
    assert_eq!(results["run"]["complete"], false);
    assert_eq!((status(&results, "a_first", "alpha-1.0"), status(&results, "b_hangs", "alpha-1.0")), ("ran".to_owned(), String::new()));
    run
}

#[test]
fn the_first_signal_stops_and_keeps_what_was_found() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let project = hanging();
        let run = started(&project);
        run.signal(signal);
        let run = is_stopped_well(&project, run.end());
        assert!(run.stdout.contains("INCOMPLETE: 2 cells not run"), "{}", run.stdout);
        assert!(run.stdout.contains("interrupted"), "{}", run.stdout);
        // The next one begins anew.
        let project = project.scenario("b_hangs", "y = 1\n");
        project.skew(&["run"]).exits(0);
    }
}

#[test]
fn the_second_signal_stops_at_once() {
    let project = hanging();
    let run = started(&project);
    let begun = Instant::now();
    run.signal(Signal::INT);
    std::thread::sleep(Duration::from_millis(5));
    run.signal(Signal::INT);
    is_stopped_well(&project, run.end());
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next_one_or_by_clean() {
    for command in ["run", "clean"] {
        let project = hanging();
        let run = started(&project);
        // On a busy machine the next scenario may have begun before the end of the first was heard.
        eventually("the first outcome to be stored", || status(&project.results(), "a_first", "alpha-1.0") == "ran");
        run.signal(Signal::KILL);
        assert_eq!(run.end().code, None);
        // Its processes end by themselves; its folders cannot.
        eventually("all processes of the run to be gone", || processes_with(&marker(&project)).is_empty());
        assert!(!project.scratch().is_empty());
        let report = project.skew(&["report"]).exits(3);
        assert!(report.stdout.contains("INCOMPLETE"), "{}", report.stdout);
        assert_eq!(status(&project.results(), "a_first", "alpha-1.0"), "ran");
        let project = project.scenario("b_hangs", "y = 1\n");
        let next = project.skew(&[command, "--engine=local"]).exits(0);
        let told = format!("{}{}", next.stdout, next.stderr);
        assert!(told.contains("scratch folder "), "{told}");
        assert_eq!(project.scratch(), Vec::<std::path::PathBuf>::new());
    }
}

#[test]
fn a_store_that_a_run_uses_is_not_removed() {
    let mut project = hanging();
    project.cache = project.path("cache");
    let run = started(&project);
    let clean = ["clean", "--cache", "--engine", "local"];
    project.skew(&clean).exits(3).says(&["a run uses it; wait for its end"]);
    assert!(project.path("cache/envs").is_dir());
    run.signal(Signal::INT);
    is_stopped_well(&project, run.end());
    project.skew(&clean).exits(0);
    assert!(!project.path("cache").exists());
}
