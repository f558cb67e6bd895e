//! What need not be run again.

use std::{fs, process::Stdio, thread, time::Duration};

use serde_json::json;

use crate::{
    fake::{Recorded, done, started, well, whole},
    project::{Ended, Project, ended, states, status, verdicts},
    tour::INDEX,
};

const CELLS: [&str; 2] = ["alpha-1.1", "alpha-2.0"];

/// A project that ran once, and has no recordings any more: whatever is started again is trouble.
fn after_a_run() -> Recorded {
    let recorded = Recorded::new();
    recorded.run().exits(0);
    forget(&recorded);
    recorded
}

fn forget(recorded: &Recorded) {
    for cell in CELLS {
        let _ = fs::remove_file(recorded.project.path(&format!("fake/{cell}.jsonl")));
    }
}

fn run(recorded: &Recorded, arguments: &[&str]) -> Ended {
    ended(&mut recorded.command(&[&["run", "--jobs=2"], arguments].concat()))
}

#[test]
fn where_nothing_changed_nothing_is_started_and_the_report_says_when_it_was_measured() {
    let recorded = after_a_run();
    let before = recorded.project.results();
    let again = run(&recorded, &[]).exits(0);
    assert!(again.stdout.contains("all 4 outcomes measured earlier, 20"), "{}", again.stdout);
    let after = recorded.project.results();
    assert_eq!(after["run"]["reused"]["outcomes"], 4);
    for key in ["axes", "baseline", "classes", "fault_lines", "rules"] {
        assert_eq!(before[key], after[key], "{key}");
    }
    for (before, after) in before["scenarios"].as_array().unwrap().iter().zip(after["scenarios"].as_array().unwrap()) {
        assert_eq!(before["observations"], after["observations"]);
    }
    assert_eq!(states(&after), ["alpha-1.1 ran", "alpha-2.0 ran"]);
}

#[test]
fn an_edited_scenario_is_run_again_and_no_other() {
    let recorded = after_a_run();
    recorded.project.write("scenarios/one.py", "x = 2.0\n");
    let recorded = CELLS.iter().fold(recorded, |recorded, cell| recorded.plays(cell, &[whole(0, 2.0), vec![done()]].concat()));
    let again = run(&recorded, &[]).exits(0);
    assert!(again.stdout.contains("2 of 4 outcomes measured earlier"), "{}", again.stdout);
    assert_eq!(verdicts(&recorded.project.results(), "one", "x").join(" "), "same same");
}

#[test]
fn a_new_version_costs_its_own_cells() {
    let recorded = after_a_run();
    let matrix = fs::read_to_string(recorded.project.path("matrix.yaml")).unwrap();
    recorded.project.write("matrix.yaml", &matrix.replace("[\"1.1\"", "[\"1.0\", \"1.1\""));
    let recorded = recorded.plays("alpha-1.0", &well(3.0));
    run(&recorded, &["--fail-on=never"]).exits(0);
    let results = recorded.project.results();
    assert_eq!(results["run"]["reused"]["outcomes"], 4);
    assert_eq!(verdicts(&results, "one", "x").join(" "), "changed same same");
}

#[test]
fn another_setting_that_matters_runs_everything_again() {
    for change in ["env: {A: b}", "limits: {memory: 1GiB}"] {
        let recorded = after_a_run();
        let matrix = fs::read_to_string(recorded.project.path("matrix.yaml")).unwrap();
        recorded.project.write("matrix.yaml", &format!("{matrix}{change}\n"));
        run(&recorded, &[]).exits(3);
    }
    // A tolerance is judged with; nothing runs for it.
    let recorded = after_a_run();
    let matrix = fs::read_to_string(recorded.project.path("matrix.yaml")).unwrap();
    recorded.project.write("matrix.yaml", &format!("{matrix}tolerance: {{ulp: 4}}\n"));
    run(&recorded, &[]).exits(0);
}

#[test]
fn everything_is_run_again_when_asked_to_or_too_old() {
    let recorded = after_a_run();
    run(&recorded, &["--fresh"]).exits(3);
    let recorded = CELLS.iter().fold(recorded, |recorded, cell| recorded.plays(cell, &well(1.0)));
    run(&recorded, &["--fresh"]).exits(0);
    assert_eq!(recorded.project.results()["run"]["reused"], json!(null));
    forget(&recorded);
    let matrix = fs::read_to_string(recorded.project.path("matrix.yaml")).unwrap();
    recorded.project.write("matrix.yaml", &format!("{matrix}max_age: 1d\n"));
    run(&recorded, &[]).exits(0);
    recorded.project.write("matrix.yaml", &format!("{matrix}max_age: 1s\n"));
    thread::sleep(Duration::from_millis(2100));
    run(&recorded, &[]).exits(3);
}

#[test]
fn only_what_failed_is_run_again_when_asked_to() {
    let raises = json!({"event": "ended", "scenario": 1, "repeat": 0, "ending": {"status": "raised", "seconds": 0.1}});
    let recorded = Recorded::new().plays("alpha-2.0", &[whole(0, 1.0), vec![started(1), raises, done()]].concat());
    run(&recorded, &[]).exits(0);
    forget(&recorded);
    let recorded = recorded.plays("alpha-2.0", &[whole(1, 1.0), vec![done()]].concat());
    run(&recorded, &["--lf"]).exits(0);
    let results = recorded.project.results();
    assert_eq!(status(&results, "two", "alpha-2.0"), "ran");
    assert_eq!(results["run"]["reused"]["outcomes"], 3);
    assert_eq!(results["run"]["selection"], "--last-failed");
    let nothing = run(&recorded, &["--lf"]).exits(4);
    assert!(nothing.stderr.contains("nothing failed in run"), "{}", nothing.stderr);
}

#[test]
fn a_run_that_was_killed_is_continued() {
    let hangs = [whole(0, 1.0), vec![started(1), json!({"fake": "hang"})]].concat();
    let recorded = CELLS.iter().fold(Recorded::new(), |recorded, cell| recorded.plays(cell, &hangs));
    let events = recorded.project.path("events.jsonl");
    let mut command = recorded.command(&["run", "--jobs=2", "-o", "jsonl=events.jsonl"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let hung = |text: &str| text.matches("\"started\"").count() == 4;
    for _ in 0..200 {
        if hung(&fs::read_to_string(&events).unwrap_or_default()) {
            break;
        }
        thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let recorded = CELLS.iter().fold(recorded, |recorded, cell| recorded.plays(cell, &[whole(1, 1.0), vec![done()]].concat()));
    let again = run(&recorded, &[]).exits(0);
    assert!(again.stdout.contains("2 of 4 outcomes measured earlier"), "{}", again.stdout);
}

#[test]
fn a_new_difference_is_told_only_if_it_survives_a_fresh_process() {
    let matrix = "axes: {alpha: [\"1.1\", \"2.0\"]}\nbaseline: {alpha: \"1.1\"}\npython: \"PYTHON\"\nengine: local\n";
    let project = Project::new(&INDEX, matrix).scenario("forked", "x = 1\n").scenario("steady", "y = 1\n");
    project.skew(&["run"]).exits(0);
    let newer = "alpha.__version__ >= '2'";
    let project = project
        .scenario("forked", &format!("import sys\n_there = 'alpha' in sys.modules\nimport alpha\nx = 2 if _there and {newer} else 1\n"))
        .scenario("steady", &format!("import alpha\ny = 2 if {newer} else 1\n"));
    fs::copy(project.path(".skew/results.db"), project.path("before.db")).unwrap();
    // Both repeats are forks of one process and agree.
    let trusting = project.skew(&["run"]).exits(1);
    assert!(trusting.stderr.contains("2 differences"), "{}", trusting.stderr);
    fs::rename(project.path("before.db"), project.path(".skew/results.db")).unwrap();
    let doubting = project.skew(&["run", "--verify"]).exits(1);
    assert!(doubting.stderr.contains("Verify 2 outcomes in fresh processes"), "{}", doubting.stderr);
    assert!(doubting.stderr.contains("1 difference that"), "{}", doubting.stderr);
    let results = project.results();
    assert_eq!(verdicts(&results, "steady", "y").join(" "), "same changed");
    assert_eq!(results["cells"][1]["counts"]["flaky"], 1);
    // What was looked at twice serves like everything else.
    let again = project.skew(&["run", "--verify"]).exits(0);
    assert!(again.stdout.contains("all 4 outcomes measured earlier"), "{}", again.stdout);
}

#[test]
fn a_run_of_a_selection_is_not_what_later_runs_are_compared_with() {
    let recorded = Recorded::new();
    run(&recorded, &[]).exits(0);
    let recorded = recorded.plays("alpha-2.0", &well(2.0));
    run(&recorded, &["--fresh", "-k", "alpha:2.0"]).exits(0);
    let full = run(&recorded, &["--fresh"]).exits(1);
    assert!(full.stderr.contains("1 difference"), "{}", full.stderr);
}

#[test]
fn a_page_has_the_history_of_every_cell() {
    let recorded = after_a_run();
    run(&recorded, &[]).exits(0);
    recorded.project.write("scenarios/one.py", "x = 2.0\n");
    let recorded = recorded.plays(CELLS[0], &[whole(0, 1.0), vec![done()]].concat());
    let recorded = recorded.plays(CELLS[1], &[whole(0, 2.0), vec![done()]].concat());
    let page = recorded.project.path("page.html");
    run(&recorded, &["-o", &format!("html={}", page.display()), "--fail-on=never"]).exits(0);
    let page = fs::read_to_string(page).unwrap();
    let index = page.split("id=\"index\">").nth(1).and_then(|rest| rest.split("</script>").next()).unwrap();
    let index: serde_json::Value = serde_json::from_str(index).unwrap();
    let changed: Vec<_> = index["past"].as_array().unwrap().iter().map(|run| run["changed"].clone()).collect();
    assert_eq!(changed, [json!([]), json!([]), json!([1])], "three runs, the last of which differs in one cell");
    let marks = |run: usize| index["past"][run]["marks"][1].clone();
    assert_eq!((marks(0), marks(1)), (marks(1), json!("same")));
    assert_ne!(marks(2), json!("same"));
}
