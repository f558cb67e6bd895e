//! `skew check --scenarios`.

use crate::{project::Project, tour::INDEX};

const MATRIX: &str = "axes: {alpha: [\"1.1\"]}\npython: \"PYTHON\"\nengine: local\nrepeats: 2\n";

#[test]
fn what_depends_on_more_than_packages_is_shown_in_its_line_and_fails() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import time\n\nbegun = time.time()\n");
    let found = project.skew(&["check", "--scenarios"]).exits(1);
    assert!(
        found.stdout.contains("error: scenarios/one.py: `time.time` tells the time") && found.stdout.contains("3 | begun"),
        "{found:?}"
    );
    let listed = project.skew(&["check", "--scenarios", "--format=json"]).exits(1);
    let listed: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    let problem = &listed["problems"][0];
    assert_eq!((&problem["path"], &problem["line"], &problem["column"]), (&"scenarios/one.py".into(), &3.into(), &9.into()), "{listed}");
    project.skew(&["check", "--scenarios", "--format=html"]).exits(2).says(&["only the formats `table` and `json`"]);
    assert!(!project.ran(), "nothing is started");
    let project = project.scenario("one", "import time\n\nbegun = time.time()  # skew: allow time, it is the point\n");
    project.skew(&["check", "--scenarios"]).exits(0).says(&["nothing was measured yet"]);
}

#[test]
fn what_only_repeats_find_is_found_after_a_run() {
    let source = "import os\n\ndrawn = os.getpid()\n";
    let project = Project::new(&INDEX, MATRIX).scenario("one", source);
    project.skew(&["run"]).exits(0);
    let found = project.skew(&["check", "--scenarios"]).exits(1);
    assert!(found.stdout.contains("`drawn` comes out differently when it is repeated, in 1 cell"), "{found:?}");
    // Another text is not what was measured.
    let project = project.scenario("one", "drawn = 1\n");
    project.skew(&["check", "--scenarios"]).exits(0);
}
