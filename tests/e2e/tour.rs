//! One run that meets every verdict, looked at from all sides.

use std::{fs, path::Path, process::Command, sync::LazyLock};

use serde_json::Value;

use crate::{
    project::{Ended, Project, cell, ended, redacted, states, status, text, verdicts},
    support::{index::IndexServer, wheels::Wheel},
};

const BASELINE: &str = "alpha-1.1+beta-1.0";
const BROKEN: &str = "alpha-2.0+beta-1.0";

/// The packages of the tour.
pub(crate) fn packages() -> Vec<Wheel> {
    let alpha =
        |version: &str| Wheel::new("alpha", version).file("alpha/__init__.py", &include_str!("tour/alpha.py").replace("VERSION", version));
    let beta = |version: &str, requires: &str| {
        let text = include_str!("tour/beta.py").replace("VERSION", version);
        Wheel::new("beta", version).file("beta/__init__.py", &text).requires(requires)
    };
    vec![alpha("1.0"), alpha("1.1"), alpha("2.0"), beta("1.0", "alpha>=1.1,<2"), beta("2.0", "alpha>=1.1")]
}

/// The index of all tests that need no other.
pub(crate) static INDEX: LazyLock<IndexServer> = LazyLock::new(|| IndexServer::start(packages()));

/// A project that was run once.
struct Tour {
    project: Project,
    run: Ended,
    results: Value,
}

static TOUR: LazyLock<Tour> = LazyLock::new(|| {
    let project = Project::new(&INDEX, include_str!("tour/matrix.yaml"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/tour/scenarios");
    for name in ["crash", "errors", "exits", "flaky", "hang", "pair", "prints", "recent", "values/plain"] {
        project.write(&format!("scenarios/{name}.py"), &fs::read_to_string(folder.join(format!("{name}.py"))).unwrap());
    }
    project.write("README.md", include_str!("tour/README.md"));
    let run = project.skew(&["run", "-o", "json=results.json", "-o", "markdown=README.md", "-o", "compact=lines/compact.txt"]);
    let results = serde_json::from_str(&project.read("results.json")).unwrap_or_else(|error| panic!("{error}: {run:?}"));
    Tour { project, run, results }
});

fn report(arguments: &[&str]) -> String {
    let ended = TOUR.project.skew(&[&["report"], arguments].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.stdout
}

#[test]
fn every_cell_ran_but_the_one_whose_import_fails() {
    assert_eq!(TOUR.run.code, Some(0), "{:?}", TOUR.run);
    let expected = ["alpha-1.0+beta-1.0 ran", "alpha-1.0+beta-2.0 ran", "alpha-1.1+beta-1.0 ran", "alpha-1.1+beta-2.0 ran"];
    assert_eq!(states(&TOUR.results)[..4], expected);
    assert_eq!(states(&TOUR.results)[4..], ["alpha-2.0+beta-1.0 import-failed", "alpha-2.0+beta-2.0 ran"]);
    assert_eq!((&TOUR.results["baseline"], &TOUR.results["run"]["complete"]), (&BASELINE.into(), &true.into()));
    let broken = cell(&TOUR.results, BROKEN);
    assert!(text(&broken["cause"]).contains("ImportError"), "{broken}");
    assert_eq!(broken["conflicts"], serde_json::json!(["beta 1.0 requires alpha>=1.1,<2"]));
}

#[test]
fn every_verdict_is_given_where_it_is_due() {
    let of = |scenario: &str, observation: &str| verdicts(&TOUR.results, scenario, observation).join(" ");
    assert_eq!(of("values/plain", "answer"), "same same same same same same");
    assert_eq!(of("values/plain", "ratio"), "close close same same same same");
    assert_eq!(of("values/plain", "old"), "same same same same warns warns");
    assert_eq!(of("values/plain", "count"), "same same same same changed changed");
    assert_eq!(of("values/plain", "steps"), "same same same same changed changed");
    assert_eq!(of("errors", "zero"), "raises raises same same same same");
    assert_eq!(of("errors", "text"), "same same same same changed changed");
    assert_eq!(of("errors", "limit"), "same same same same raises raises");
    assert_eq!(of("errors", "negative"), "same same same same close close");
    assert_eq!(of("crash", "before"), "same same same same same same");
    assert_eq!(of("crash", "state"), "same same same same crash crash");
    assert_eq!(of("crash", "<script>"), "same same same same crash crash");
    assert_eq!(of("hang", "state"), "same same same same timeout timeout");
    assert_eq!(of("hang", "before"), "same same same same same same");
    assert_eq!(of("exits", "second"), "same same same same changed changed");
    assert_eq!(of("pair", "double"), "same same same same raises changed");
    assert_eq!(of("recent", "half"), "- - same same same same");
    assert_eq!(of("prints", "printed"), "same same same same same same");
    assert_eq!(of("flaky", "token"), "- - - - - -");
    assert_eq!(of("flaky", "steady"), "same same same same same same");
}

#[test]
fn a_baseline_that_raises_makes_values_elsewhere_returns() {
    let json = report(&["--baseline", "alpha-1.0+beta-1.0", "--format", "json"]);
    let results: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(results["baseline"], "alpha-1.0+beta-1.0");
    assert_eq!(verdicts(&results, "errors", "zero").join(" "), "same same returns returns returns returns");
    assert_eq!(verdicts(&results, "recent", "half").join(" "), "- - - - - -");
}

#[test]
fn changes_that_nothing_tells_of_are_silent() {
    let scenarios = TOUR.results["scenarios"].as_array().unwrap();
    let mut silent = Vec::new();
    for scenario in scenarios {
        for observation in scenario["observations"].as_array().unwrap() {
            let cells = observation["silent"].as_array().unwrap().iter().filter(|silent| **silent == true).count();
            if cells > 0 {
                silent.push(format!("{}::{} {cells}", text(&scenario["name"]), text(&observation["name"])));
            }
        }
    }
    assert_eq!(silent, ["pair::double 1", "values/plain::count 2", "values/plain::steps 2"]);
}

#[test]
fn outcomes_tell_how_scenarios_ended() {
    let of = |scenario: &str| {
        let cells = ["alpha-1.0+beta-1.0", BASELINE, BROKEN, "alpha-2.0+beta-2.0"];
        cells.map(|cell| status(&TOUR.results, scenario, cell)).join(" ")
    };
    assert_eq!(of("crash"), "ran ran crash crash");
    assert_eq!(of("hang"), "ran ran timeout timeout");
    assert_eq!(of("exits"), "ran ran exited exited");
    assert_eq!(of("pair"), "ran ran raised ran");
    assert_eq!(of("recent"), "not-applicable ran ran ran");
    assert_eq!(of("prints"), "ran ran ran ran");
}

#[test]
fn the_table_is_for_people() {
    redacted(|| insta::assert_snapshot!("table", TOUR.run.stdout));
    redacted(|| insta::assert_snapshot!("table_ascii", report(&["--ascii"])));
    assert!(report(&["--ascii"]).is_ascii());
}

#[test]
fn progress_goes_to_standard_error() {
    for text in
        ["Resolving alpha, beta on http://127.0.0.1:", "6 cells × 9 scenarios", "Engine local: as asked", "Baseline alpha-1.1+beta-1.0"]
    {
        assert!(TOUR.run.stderr.contains(text), "{text:?} is not in\n{}", TOUR.run.stderr);
    }
}

#[test]
fn lines_and_markdown_are_for_programs_and_readmes() {
    redacted(|| insta::assert_snapshot!("compact", report(&["--format", "compact"])));
    assert_eq!(TOUR.project.read("lines/compact.txt"), report(&["--format", "compact"]));
    redacted(|| insta::assert_snapshot!("markdown", report(&["--format", "markdown"])));
}

#[test]
fn the_json_of_a_run_is_of_the_schema_that_skew_prints() {
    let schema: Value = serde_json::from_str(&TOUR.project.skew(&["schema"]).exits(0).stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&TOUR.results).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    redacted(|| insta::assert_snapshot!("json", TOUR.project.read("results.json")));
}

#[test]
fn a_report_shows_what_the_run_showed() {
    assert_eq!(report(&[]), TOUR.run.stdout);
    assert_eq!(report(&["--format", "json"]), TOUR.project.read("results.json"));
    for format in ["table", "compact", "markdown", "json"] {
        assert_eq!(report(&["--format", format]), report(&["--format", format]), "{format}");
    }
}

#[test]
fn the_table_replaces_what_stands_between_the_markers() {
    let readme = TOUR.project.read("README.md");
    let table = report(&["--format", "markdown"]);
    assert!(
        readme.starts_with("# A project\n\n<!-- skew:begin -->\n") && readme.ends_with("<!-- skew:end -->\n\nThe rest of it.\n"),
        "{readme}"
    );
    assert!(readme.contains(table.trim()) && !readme.contains("an older table"), "{readme}");
    report(&["-o", "markdown=README.md"]);
    assert_eq!(TOUR.project.read("README.md"), readme);
}

#[test]
fn a_new_file_is_written_whole_and_again_the_same() {
    report(&["-o", "markdown=docs/new.md"]);
    let new = TOUR.project.read("docs/new.md");
    assert!(new.contains(report(&["--format", "markdown"]).trim()), "{new}");
    report(&["-o", "markdown=docs/new.md"]);
    assert_eq!(TOUR.project.read("docs/new.md"), new);
}

#[test]
fn explain_drills_down_to_the_cell_the_scenario_and_the_observation() {
    let explain = |arguments: &[&str]| {
        let ended = TOUR.project.skew(&[&["explain"], arguments].concat()).exits(0);
        redacted(|| insta::assert_snapshot!(format!("explain_{}", arguments.join("_").replace(['/', ':', '+', '.'], "-")), ended.stdout));
    };
    explain(&[BROKEN]);
    explain(&["alpha-2.0+beta-2.0"]);
    explain(&["alpha-2.0+beta-2.0", "values/plain"]);
    explain(&["alpha-2.0+beta-2.0", "values/plain::count"]);
    explain(&["alpha-2.0+beta-2.0", "crash"]);
    explain(&["alpha-2.0+beta-2.0", "hang::state"]);
}

#[test]
fn explain_suggests_what_was_meant() {
    TOUR.project.skew(&["explain", "alpha-2.0+beta-2.1"]).exits(2).says(&["alpha-2.0+beta-2.1", "alpha-2.0+beta-2.0"]);
    TOUR.project.skew(&["explain", BASELINE, "value/plain"]).exits(2).says(&["value/plain", "values/plain"]);
    TOUR.project.skew(&["explain", BASELINE, "values/plain::rato"]).exits(2).says(&["rato", "ratio"]);
    TOUR.project.skew(&["report", "--baseline", "alpha-2.0+beta-2"]).exits(2).says(&["alpha-2.0+beta-2", "did you mean"]);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    for arguments in [["report", "--format=json"], ["explain", BROKEN], ["plan", "--ascii"], ["completions", "bash"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let gone = ended(TOUR.project.command(&arguments).stdout(writer).stderr(std::process::Stdio::piped()));
        assert_eq!((gone.code, gone.stderr.as_str()), (Some(0), ""), "{arguments:?}");
    }
    let script = format!("{} report --format json | head -1", env!("CARGO_BIN_EXE_skew"));
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]).current_dir(TOUR.project.path("."));
    let head = ended(&mut shell).exits(0);
    assert_eq!((head.stdout.as_str(), head.stderr.as_str()), ("{\n", ""));
}

#[test]
fn a_plan_starts_nothing() {
    // An interpreter that need not be here.
    let matrix = include_str!("tour/matrix.yaml").replace("PYTHON", "3.14");
    let project = Project::new(&INDEX, &matrix).scenario("one", "x = 1\n");
    let table = project.skew(&["plan"]).exits(0);
    insta::assert_snapshot!("plan", table.stdout);
    let json = project.skew(&["plan", "--format", "json"]).exits(0);
    insta::assert_snapshot!("plan_json", json.stdout);
    assert!(!project.path(".skew").exists());
}
