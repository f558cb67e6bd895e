//! What to start from: `skew init`.

use std::fs;

use crate::{
    project::Project,
    support::{index::IndexServer, wheels::Wheel},
    tour::INDEX,
};

const MATRIX: &str = "axes: {alpha: [\"1.1\"]}\n";

#[test]
fn what_init_writes_is_a_matrix_and_is_not_overwritten() {
    let project = Project::new(&INDEX, MATRIX);
    project.skew(&["init"]).exits(2).says(&["matrix.yaml is there already"]);
    project.skew(&["init", "fresh"]).exits(0);
    assert!(project.path("fresh/scenarios/promotion.py").exists());
    assert_eq!(project.read("fresh/.gitignore"), ".skew/\n");
    project.write("mine/.gitignore", "*.pyc");
    project.write("mine/scenarios/promotion.py", "x = 1\n");
    project.skew(&["init", "mine"]).exits(2).says(&["mine/scenarios/promotion.py is there already"]);
    assert!(!project.path("mine/matrix.yaml").exists() && project.read("mine/.gitignore") == "*.pyc");
    fs::remove_file(project.path("mine/scenarios/promotion.py")).unwrap();
    project.skew(&["init", "mine"]).exits(0).says(&["added .skew/ to mine/.gitignore"]);
    assert_eq!(project.read("mine/.gitignore"), "*.pyc\n.skew/\n");
    // Its packages are not on this index; that it gets so far says that the file itself is right.
    project.skew(&["plan", "-f", "fresh/matrix.yaml"]).exits(2).says(&["has no package `numpy`", "has no package `tensorflow"]);
}

/// Wheels of `scialpha`, which is imported as `skalpha`, and of `beta` in four minor series.
fn packages() -> Vec<Wheel> {
    let alpha = Wheel::new("scialpha", "1.0").file("skalpha/__init__.py", "one = 1\n").file("tests/__init__.py", "");
    let beta = |version: &str, text: &str| Wheel::new("beta", version).file("beta/__init__.py", text);
    vec![
        alpha,
        beta("1.9.0", ""),
        beta("2.0.0", "old = 1\n"),
        beta("2.1.0", "old = 1\n"),
        beta("2.1.5", "old = 1\n"),
        beta("3.0.0", "new = 1\n"),
        beta("3.1.0rc1", ""),
        Wheel::new("torn", "1.0").file("left/__init__.py", "").file("right.py", ""),
        Wheel::source("built", "1.0"),
    ]
}

#[test]
fn a_matrix_of_named_packages_has_their_newest_series_and_runs() {
    let index = IndexServer::start(packages());
    let project = Project::new(&index, MATRIX);
    project.skew(&["init", "fresh", "-p", "SciAlpha,beta"]).exits(0).says(&["wrote fresh/matrix.yaml", "wrote fresh/scenarios/names.py"]);
    insta::assert_snapshot!("init_matrix", project.read("fresh/matrix.yaml"));
    insta::assert_snapshot!("init_scenario", project.read("fresh/scenarios/names.py"));
    let fresh = ["-f", "fresh/matrix.yaml", "--engine", "local"];
    let run = project.skew(&[&["run", "--format", "compact"], fresh.as_slice()].concat()).exits(0).stdout;
    assert_eq!(run.lines().count(), 2, "{run}");
    assert!(run.contains("scialpha-1.0+beta-2.1.5 names::names of beta changed"), "{run}");
    project.skew(&["init", "fresh", "-p", "beta"]).exits(2).says(&["fresh/matrix.yaml is there already"]);
}

#[test]
fn packages_that_make_no_matrix_are_told_before_anything_is_written() {
    let index = IndexServer::start(packages());
    let project = Project::new(&index, MATRIX);
    let init = |packages: &str| project.skew(&["init", "fresh", "-p", packages]).exits(2);
    init("beta,gamma").says(&["has no package `gamma`"]);
    init("torn").says(&["torn 1.0 holds several modules: left, right", "help: say which is imported: `--package torn=left`"]);
    init("built").says(&["built has no wheel for this machine", "list versions in matrix.yaml"]);
    init("beta==2.0").says(&["what follows `=` is no module"]);
    init("a,b,c,d,e").says(&["5 packages, and at most 4 are possible"]);
    assert!(!project.path("fresh").exists());
    project.skew(&["init", "fresh", "-p", "torn=right"]).exits(0);
    assert!(project.read("fresh/matrix.yaml").contains("torn: {import: right, versions: \">=1.0\"}"));
    project.skew(&["init", "other", "-p", "beta", "--offline"]).exits(0).says(&["note: offline", "beta is taken to be imported as `beta`"]);
}
