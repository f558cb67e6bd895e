//! What came out since the last run.

use serde_json::Value;

use crate::{
    project::{Project, redacted},
    support::{index::IndexServer, wheels::Wheel},
};

const MATRIX: &str = "axes: {alpha: \">=1\", beta: [\"1.0\"]}\npython: \"PYTHON\"\ndependencies: today\nengine: local\nrepeats: 1\n";
const LATER: &str = "2099-01-01T00:00:00Z";

fn wheels() -> Vec<Wheel> {
    let plain = |name: &str, version: &str| Wheel::new(name, version).file(&format!("{name}/__init__.py"), "");
    vec![plain("alpha", "1.0"), plain("alpha", "1.1"), plain("beta", "1.0").requires("gamma>=1,<3"), plain("gamma", "1.0")]
}

#[test]
fn what_came_out_since_the_last_run_is_told_without_a_run() {
    let before = IndexServer::start(wheels());
    let mut project = Project::new(&before, MATRIX).scenario("one", "import alpha\n");
    project.skew(&["plan", "--update"]).exits(2).says(&["no run is stored", "help: `skew run` makes one"]);
    project.skew(&["run"]).exits(0);
    let nothing = project.skew(&["plan", "--update"]).exits(0).stdout;
    assert!(nothing.starts_with("Nothing came out since the run of "), "{nothing}");
    let after = IndexServer::start(wheels());
    for (name, version) in [
        ("alpha", "1.1.1"),
        ("alpha", "1.2"),
        ("alpha", "1.3rc1"),
        ("beta", "1.1"),
        ("gamma", "2.0"),
        ("gamma", "2.1.dev1"),
        ("gamma", "3.0"),
    ] {
        after.add(Wheel::new(name, version).uploaded(LATER));
    }
    project.use_index(&after.url());
    let update = project.skew(&["plan", "--update"]).exits(0).stdout;
    redacted(|| insta::assert_snapshot!("update", update.split_once('\n').unwrap().1));
    let json: Value = serde_json::from_str(&project.skew(&["plan", "--update", "--format", "json"]).exits(0).stdout).unwrap();
    assert_eq!((json["schema"].as_str(), json["changed"].as_bool()), (Some("skew.update/1"), Some(true)));
    // The cell of alpha 1.1 is not in the plan any more.
    assert_eq!(json["dependencies"][0]["cells"], 1);
    assert_eq!(project.results()["cells"].as_array().unwrap().len(), 2, "nothing was run");
}

#[test]
fn dependencies_of_a_date_do_not_move() {
    let before = IndexServer::start(wheels());
    let mut project = Project::new(&before, &MATRIX.replace("today", "release")).scenario("one", "import alpha\n");
    project.skew(&["run"]).exits(0);
    let after = IndexServer::start(wheels().into_iter().chain([Wheel::new("gamma", "2.0").uploaded(LATER)]));
    project.use_index(&after.url());
    let update = project.skew(&["plan", "--update"]).exits(0).stdout;
    // Cells whose packages have no dependencies have no date, and no dependencies that could move.
    assert!(update.starts_with("Nothing came out since"), "{update}");
}
