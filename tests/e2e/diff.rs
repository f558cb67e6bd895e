//! What changed: between runs, between cells, between files.

use serde_json::Value;

use crate::{
    project::{Project, redacted},
    tour::INDEX,
};

const MATRIX: &str = "axes: {alpha: [\"1.1\", \"2.0\"]}\nbaseline: {alpha: \"1.1\"}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";

#[test]
fn a_run_says_what_changed_since_the_last_complete_one() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import alpha\n\nx = alpha.answer()\ny = alpha.answer()\n");
    let first = project.skew(&["run", "-o", "json=old.json"]).exits(0);
    assert!(!first.stdout.contains("since"), "there is nothing to compare with: {}", first.stdout);
    let again = project.skew(&["run"]).exits(0);
    assert!(again.stdout.contains("No behaviour change since ") && again.stdout.contains("(2 cells compared)"), "{}", again.stdout);
    project.skew(&["diff", "previous"]).exits(0);

    let project = project.scenario("one", "import alpha\n\nx = alpha.limit(300)\ny = alpha.answer()\nz = 1\n");
    let run = project.skew(&["run", "-o", "json=new.json"]).exits(1);
    let line = "3 observations in 2 cells (2 cells compared)";
    assert!(run.stdout.contains("Changed since ") && run.stdout.contains(line), "{}", run.stdout);
    // A report is what the run showed, and results.json holds the same.
    assert_eq!(project.skew(&["report"]).exits(0).stdout, run.stdout);
    let new: Value = serde_json::from_str(&project.read("new.json")).unwrap();
    assert_eq!(new["since"]["compared"], 2);
    assert_eq!(new["since"]["added"], serde_json::json!(["one::z"]));

    let runs = project.skew(&["diff", "previous", "--format=compact"]).exits(1).stdout;
    redacted(|| insta::assert_snapshot!("diff_runs", runs));
    let files = project.skew(&["diff", "old.json", "new.json", "--format=compact"]).exits(1).stdout;
    let changes = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(changes(&runs), changes(&files), "files say the same as facts here");
    for (fail_on, code) in [("raises", 1), ("crash", 0), ("never", 0), ("any", 1)] {
        project.skew(&["diff", "previous", "--fail-on", fail_on]).exits(code);
    }
    // Without a matrix, files are judged with the default tolerances.
    std::fs::remove_file(project.path("matrix.yaml")).unwrap();
    project.skew(&["diff", "old.json", "new.json"]).exits(1);
}

#[test]
fn two_cells_of_a_run_are_compared() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import alpha\n\nx = alpha.count()\n");
    project.skew(&["run"]).exits(0);
    let diff = project.skew(&["diff", "alpha-1.1", "alpha-2.0"]).exits(1).stdout;
    redacted(|| insta::assert_snapshot!("diff_cells", diff));
    project.skew(&["diff", "alpha-1.1", "alpha-1.1"]).exits(0);
}

#[test]
fn sides_that_are_not_there_or_not_comparable_are_told() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import alpha\n\nx = 1\n");
    project.skew(&["diff", "previous"]).exits(2).says(&["no run is stored in"]);
    project.skew(&["run", "-o", "json=new.json"]).exits(0);
    project.skew(&["diff", "previous"]).exits(2).says(&["there is no complete run before"]);
    project.skew(&["diff", "alpha-1.0", "alpha-2.0"]).exits(2).says(&["`alpha-1.0` is no cell of the newest run, no run and no file"]);
    project.skew(&["diff", "alpha-2.0"]).exits(2).says(&["`alpha-2.0` and `latest` are of different kinds"]);
    project.skew(&["diff", "missing.json"]).exits(2).says(&["cannot read missing.json"]);
}

#[test]
fn a_foreign_file_is_refused_with_the_place_and_never_trusted() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import alpha\n\nx = 1\n");
    project.skew(&["run", "-o", "json=new.json"]).exits(0);
    let good = project.read("new.json");
    let mistakes = [
        ("skew.results/1", "skew.results/9", "this results.json has the schema `skew.results/9`"),
        ("\"by_cell\":[0,0]", "\"by_cell\":[0]", "one::<script>, by_cell has 1 entries for 2 cells"),
        ("\"by_cell\":[0,0]", "\"by_cell\":[0,7]", "one::<script>, by_cell refers to entry 7 of 1"),
        ("\"by_cell\":[0,0]", "\"by_cell\":[0,-7]", "invalid value: integer `-7`"),
        ("\"scenarios\"", "\"scenario\"", "missing field `scenarios`"),
        ("alpha-2.0\",\"axes", "alpha-1.1\",\"axes", "two cells are called `alpha-1.1`"),
    ];
    for (right, wrong, told) in mistakes {
        assert!(good.contains(right), "{right} is not in {good}");
        project.write("bad.json", &good.replacen(right, wrong, 1));
        project.skew(&["diff", "bad.json", "new.json"]).exits(2).says(&["bad.json: ", told]);
    }
    project.write("bad.json", &"[".repeat(100_000));
    project.skew(&["diff", "bad.json", "new.json"]).exits(2).says(&["bad.json: not a results.json of skew"]);
}

#[test]
fn two_versions_of_an_axis_are_compared_in_all_cells_that_have_both() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import alpha\n\nx = alpha.count()\n");
    project.skew(&["run"]).exits(0);
    let cells = project.skew(&["diff", "alpha-1.1", "alpha-2.0", "--format=compact"]).exits(1).stdout;
    let versions = project.skew(&["diff", "alpha:1.1", "alpha:2.0", "--format=compact"]).exits(1).stdout;
    let changes = |text: &str| text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(changes(&cells), changes(&versions));
    project.skew(&["diff", "alpha:1.1", "alpha:2.0", "--links=../"]).exits(2).says(&["`--links` is for"]);
    let guide = project.skew(&["diff", "alpha:1.1", "alpha:2.0", "--format=markdown", "--links=../", "--fail-on=never"]).exits(0).stdout;
    assert!(guide.starts_with("# alpha 1.1 → 2.0\n") && guide.contains("[`x`](<../scenarios/one.py#L3>)"), "{guide}");
    project.skew(&["diff", "alpha:1.1", "alpha:3.0"]).exits(2).says(&["`3.0` is not on the axis `alpha`", "it has 1.1, 2.0"]);
    project.skew(&["diff", "alpha:1.1", "alpha-2.0"]).exits(2).says(&["are of different kinds"]);
}
