//! Exit codes: which differences are unexpected.

use crate::{
    fake::{Recorded, done, well},
    project::{Project, ended, redacted},
    tour::INDEX,
};

const MATRIX: &str = "axes: {alpha: [\"1.1\", \"2.0\"]}\nbaseline: {alpha: \"1.1\"}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";

#[test]
fn fail_on_decides_what_is_minded() {
    let run = |scenario: &str, fail_on: &str| {
        let project = Project::new(&INDEX, MATRIX).scenario("one", &format!("import alpha\n\nx = {scenario}\n"));
        project.skew(&["run", "--fail-on", fail_on]).code
    };
    let close = "1.0 if alpha.RELEASE < (2,) else 1.0 + 1e-12";
    assert_eq!((run(close, "changed"), run(close, "any")), (Some(0), Some(1)));
    let changed = "alpha.count()";
    assert_eq!((run(changed, "raises"), run(changed, "changed")), (Some(0), Some(1)));
    let raises = "alpha.limit(300)";
    assert_eq!((run(raises, "crash"), run(raises, "raises"), run(raises, "never")), (Some(0), Some(1), Some(0)));
    let crash = "alpha.die()";
    assert_eq!((run(crash, "crash"), run(crash, "new")), (Some(1), Some(0)));
}

#[test]
fn only_what_the_previous_complete_run_had_not_is_new() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import alpha\n\nx = alpha.count()\ny = alpha.answer()\n");
    // Nothing to compare with, and afterwards nothing new.
    project.skew(&["run"]).exits(0);
    project.skew(&["run"]).exits(0);
    let project = project.scenario("one", "import alpha\n\nx = alpha.count()\ny = alpha.limit(300)\n");
    let run = project.skew(&["run"]).exits(1).says(&["differences that `--fail-on new` minds"]);
    assert!(run.stdout.contains("OverflowError: 300 is out of bounds"), "{}", run.stdout);
    // Reports judge as before, but only runs fail for what they found; a run after it knows the difference.
    project.skew(&["report"]).exits(0);
    project.skew(&["run"]).exits(0);
    // A scenario that is new has nothing it could have broken.
    let project = project.scenario("two", "import alpha\n\nz = alpha.limit(300)\n");
    project.skew(&["run"]).exits(0);
}

#[test]
fn another_baseline_makes_other_verdicts() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import alpha\n\nx = alpha.limit(300)\n");
    let run = project.skew(&["run", "--fail-on=raises", "--baseline=alpha-2.0"]).exits(0);
    assert!(run.stdout.contains("baseline alpha-2.0") && run.stdout.contains("1 return"), "{}", run.stdout);
    project.skew(&["run", "--fail-on=raises"]).exits(1).says(&["2 differences that `--fail-on raises` minds"]);
    project.skew(&["run", "--baseline=alpha-3.0"]).exits(2).says(&["there is no cell `alpha-3.0`", "did you mean `alpha-2.0`?"]);
}

/// A project with two releases, run once: `x` is another value with the newer one.
fn changed() -> Project {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "import alpha\n\nx = alpha.count()\ny = alpha.answer()\n");
    project.skew(&["run"]).exits(0);
    project
}

#[test]
fn what_was_blessed_is_expected_and_nothing_else_is() {
    let project = changed();
    project.skew(&["check"]).exits(0).says(&["there is no expected.yaml"]);
    let dry = project.skew(&["bless", "--dry-run"]).exits(0).says(&["expected.yaml was not written"]);
    assert!(dry.stdout.contains("+ alpha>=2.0: one: ") && !project.path("expected.yaml").exists(), "{}", dry.stdout);
    let blessed = project.skew(&["bless"]).exits(0).says(&["wrote", "expected.yaml"]);
    assert_eq!(blessed.stdout, dry.stdout);
    let text = project.read("expected.yaml");
    insta::assert_snapshot!("expected", text);
    project.skew(&["bless"]).exits(0).says(&["stays as it is"]);
    assert_eq!(project.read("expected.yaml"), text);
    let check = project.skew(&["check", "--strict"]).exits(0);
    assert_eq!(check.stdout, "1 expected difference, and nothing else\n");

    // Another difference is unexpected, in every run until it is blessed.
    let project = project.scenario("one", "import alpha\n\nx = alpha.count()\ny = alpha.limit(300)\n");
    for _ in 0..2 {
        project.skew(&["run"]).exits(1).says(&["2 differences that `--fail-on new` minds: `skew check` lists them"]);
    }
    let check = project.skew(&["check"]).exits(1).says(&["`skew bless` makes them expected"]);
    redacted(|| insta::assert_snapshot!("check", check.stdout));
    let check = project.skew(&["check", "--format", "json"]).exits(1).stdout;
    let check: serde_json::Value = serde_json::from_str(&check).unwrap();
    assert_eq!((&check["schema"], &check["unexpected_differences"]), (&"skew.check/1".into(), &2.into()));
    project.skew(&["check", "--fail-on", "never"]).exits(0);
    project.skew(&["check", "--format", "html"]).exits(2).says(&["`table` and `json`"]);
    let blessed = project.skew(&["bless"]).exits(0).stdout;
    assert!(blessed.ends_with("  1 kept\n"), "{blessed}");
    project.skew(&["run"]).exits(0);
}

#[test]
fn what_no_longer_holds_or_has_run_out_is_told_and_fails_if_strict() {
    let project = changed();
    project.skew(&["bless"]).exits(0);
    let text = project.read("expected.yaml");
    project.write("expected.yaml", &format!("{text}    reason: as announced\n    until: 2020-01-31\n"));
    let check = project.skew(&["check"]).exits(0).stdout;
    assert!(check.contains("Expected until a day that is over\n") && check.contains("until 2020-01-31: alpha>=2.0: one: "), "{check}");
    project.skew(&["check", "--strict"]).exits(1);
    project.skew(&["run"]).exits(0);
    let project = project.scenario("one", "import alpha\n\nx = alpha.answer()\n");
    project.skew(&["run"]).exits(0);
    let check = project.skew(&["check"]).exits(0).stdout;
    assert!(check.contains("Expected, but nothing of it is seen\n  expected.yaml:5:5: alpha>=2.0: one: "), "{check}");
    project.skew(&["check", "--strict"]).exits(1);
    let blessed = project.skew(&["bless"]).exits(0).stdout;
    assert!(blessed.starts_with("- alpha>=2.0: one: ") && blessed.ends_with("  0 kept\n"), "{blessed}");
    project.skew(&["check", "--strict"]).exits(0);
}

#[test]
fn mistakes_in_what_is_expected_are_told_before_anything_starts() {
    let project = Project::new(&INDEX, MATRIX).scenario("one", "x = 1\n");
    project.write("expected.yaml", "expected:\n  - {when: alpa>=2, effect: returns, untill: 2027-01-31}\n");
    let run = project.skew(&["run"]).exits(2);
    run.says(&["expected.yaml:2:12", "unknown axis `alpa`", "did you mean `alpha`?", "unknown key `untill`", "did you mean `until`?"]);
    assert!(!project.path(".skew").exists());
}

#[test]
fn what_is_expected_has_a_baseline_of_its_own() {
    let project = changed();
    project.skew(&["bless", "--baseline=alpha-2.0"]).exits(0);
    assert!(project.read("expected.yaml").contains("baseline: alpha-2.0\nexpected:\n  - when: alpha<2.0\n"));
    project.skew(&["check", "--strict"]).exits(0);
    project.skew(&["run"]).exits(0);
    project.skew(&["bless", "-k", "one"]).exits(2).says(&["is told against alpha-2.0", "`--baseline alpha-2.0`"]);
    project.skew(&["bless", "-k", "nothing", "--baseline=alpha-2.0"]).exits(4).says(&["nothing is selected by `-k nothing`"]);
    let text = project.read("expected.yaml").replace("alpha-2.0", "alpha-9");
    project.write("expected.yaml", &text);
    project.skew(&["check"]).exits(2).says(&["is told against alpha-9", "`skew bless` writes it anew"]);
    let blessed = project.skew(&["bless"]).exits(0).stdout;
    assert!(blessed.starts_with("- baseline: alpha-9\n+ baseline: alpha-1.1\n"), "{blessed}");
    project.skew(&["check", "--strict"]).exits(0);
}

#[test]
fn tables_and_expectations_are_checked_together_or_alone() {
    let project = changed();
    project.write("README.md", "<!-- skew:begin -->\n<!-- skew:end -->\n");
    project.write("expected.yaml", "expected: []\n");
    project.skew(&["check"]).exits(1);
    project.skew(&["check", "--stale", "README.md"]).exits(5);
    project.skew(&["check", "--stale", "README.md", "--expected"]).exits(1).says(&["no longer matches"]);
    project.skew(&["bless"]).exits(0);
    project.skew(&["check", "--stale", "README.md", "--expected"]).exits(5);
    project.skew(&["report", "-o", "markdown=README.md"]).exits(0);
    project.skew(&["check", "--stale", "README.md", "--expected"]).exits(0);
}

#[test]
fn without_an_answer_nothing_is_as_expected() {
    let recorded = Recorded::new().plays("alpha-2.0", &well(2.0));
    recorded.run().exits(0);
    recorded.project.skew(&["bless"]).exits(0);
    let recorded = recorded.plays("alpha-2.0", &[serde_json::json!({"fake": "die", "code": 1})]);
    ended(recorded.command(&["run", "--fresh"]).env("SKEW_RETRIES", "0")).exits(3);
    let check = recorded.project.skew(&["check", "--strict"]).exits(3).says(&["is incomplete"]);
    assert_eq!(check.stdout, "0 expected differences, and nothing else\n");
    let text = recorded.project.read("expected.yaml");
    recorded.project.skew(&["bless"]).exits(0).says(&["no answer from 1 cell", "stays as it is"]);
    assert_eq!(recorded.project.read("expected.yaml"), text);
    // A cell that cannot be had is a difference like any other.
    let step = serde_json::json!({"event": "step", "name": "install", "code": 1, "seconds": 0.1, "reused": false, "stderr": "Failed to build `gamma`"});
    let recorded = recorded.plays("alpha-2.0.provision", &[step, done()]);
    ended(&mut recorded.command(&["run", "--fresh"])).exits(1).says(&["1 difference that"]);
    let blessed = recorded.project.skew(&["bless"]).exits(0).stdout;
    assert!(blessed.contains("+ alpha>=2.0: install fails\n"), "{blessed}");
    recorded.project.skew(&["check"]).exits(0);
}
