//! Exit codes: which differences are unexpected.

use crate::{project::Project, tour::INDEX};

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
