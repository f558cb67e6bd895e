//! What users get wrong: exit code 2, all at once, and nothing is started.

use std::fs;

use crate::{
    project::{Project, redacted},
    tour::INDEX,
};

const MATRIX: &str = "axes: {alpha: [\"1.1\"]}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";

#[test]
fn mistakes_in_the_matrix_are_told_all_at_once() {
    let matrix = "axes:\n  alpha: 1.20\n  beta: [1.0, 1.0]\npyton: auto\nrepeats: 0\nengine: dokcer\n";
    let project = Project::new(&INDEX, matrix).scenario("one", "x = 1\n");
    let run = project.skew(&["run"]).exits(2);
    redacted(|| insta::assert_snapshot!("mistakes", run.stderr));
    assert_eq!(run.stdout, "");
    assert!(!project.path(".skew").exists());
}

#[test]
fn versions_that_do_not_exist_have_nearest_ones() {
    let matrix = "axes:\n  alpha: [\"1.7\", \"2.0\", \"9\"]\n  nosuch: [\"1.0\"]\npython: \"3.11\"\n";
    let project = Project::new(&INDEX, matrix).scenario("one", "x = 1\n");
    let unknown = project.skew(&["run"]).exits(2);
    redacted(|| insta::assert_snapshot!("unknown_package", unknown.stderr));
    let project = Project::new(&INDEX, &matrix.replace("  nosuch: [\"1.0\"]\n", "")).scenario("one", "x = 1\n");
    let unknown = project.skew(&["run"]).exits(2).says(&["alpha 1.7 does not exist"]);
    redacted(|| insta::assert_snapshot!("unknown_versions", unknown.stderr));
    assert!(!project.ran());
}

#[test]
fn there_is_a_matrix_and_there_are_scenarios() {
    let project = Project::new(&INDEX, MATRIX);
    project.skew(&["run"]).exits(2).says(&["there is no scenario folder", "scenarios", "help: make it"]);
    fs::create_dir(project.path("scenarios")).unwrap();
    project.skew(&["run"]).exits(2).says(&["no scenarios found in", "help: a scenario is a file that ends in `.py`"]);
    project.write("scenarios/one.py", "# /// skew\n# timeot = '3s'\n# ///\n");
    project.skew(&["run"]).exits(2).says(&["scenarios/one.py:2:3", "did you mean `timeout`?"]);
    fs::remove_file(project.path("matrix.yaml")).unwrap();
    project.skew(&["run"]).exits(2).says(&["matrix.yaml", "skew init"]);
    project.skew(&["run", "-f", "elsewhere/matrix.yaml"]).exits(2).says(&["elsewhere/matrix.yaml"]);
    assert!(!project.path(".skew").exists());
}

#[test]
fn a_scenario_that_is_not_python_is_an_outcome_not_a_mistake() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "x = 1\n").scenario("wrong", "x = (\n");
    let run = project.skew(&["run", "--format", "compact"]).exits(0);
    assert_eq!(run.stdout, "");
    let explained = project.skew(&["explain", "alpha-1.1", "wrong"]).exits(0).stdout;
    assert!(explained.contains("SyntaxError"), "{explained}");
}

#[test]
fn files_to_write_are_tried_before_anything_starts() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "x = 1\n");
    project.write("README.md", "# No markers here\n");
    let run = project.skew(&["run", "-o", "markdown=README.md"]).exits(2);
    run.says(&["README.md: there is no line `<!-- skew:begin -->`", "help: put `<!-- skew:begin -->` and `<!-- skew:end -->`"]);
    project.skew(&["run", "-o", "markdown"]).exits(2).says(&["`-o markdown` lacks a `=`"]);
    project.skew(&["run", "-o", "markdwon=x.md"]).exits(2).says(&["`markdwon` is no format; there are table, compact, markdown, json"]);
    project.skew(&["run", "-o", "json=README.md/results.json"]).exits(2).says(&["cannot write README.md/results.json"]);
    assert_eq!(project.read("README.md"), "# No markers here\n");
    assert!(!project.path(".skew").exists());
}

#[test]
fn nothing_was_run_yet() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "x = 1\n");
    for arguments in [&["report"][..], &["explain", "alpha-1.1"]] {
        project.skew(arguments).exits(2).says(&["no run is stored in", "help: `skew run` makes one"]);
    }
    project.skew(&["fly"]).exits(2);
    project.skew(&["run", "--jobs=0"]).exits(2).says(&["--jobs"]);
}

#[test]
fn a_store_of_a_newer_skew_is_left_alone() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "x = 1\n");
    project.skew(&["run"]).exits(0);
    // SQLite keeps `user_version` at this place of its header.
    let store = project.path(".skew/results.db");
    let mut bytes = fs::read(&store).unwrap();
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&store, &bytes).unwrap();
    for command in ["run", "report"] {
        project.skew(&[command]).exits(2).says(&["was written by a newer skew (schema 99", "help: update skew"]);
    }
    assert_eq!(fs::read(&store).unwrap(), bytes);
}

#[test]
fn what_has_no_end_or_no_name_is_no_scenario() {
    let project = Project::new(&INDEX, MATRIX).scenario("a::b", "x = 1\n");
    project.skew(&["plan"]).exits(2).says(&["a::b.py can't be a scenario: a name is UTF-8 without `::`"]);
    std::fs::remove_file(project.path("scenarios/a::b.py")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", project.path("scenarios/endless.py")).unwrap();
    project.skew(&["plan"]).exits(2).says(&["can't read scenarios/endless.py: it is no file of 16 MiB at most"]);
}
