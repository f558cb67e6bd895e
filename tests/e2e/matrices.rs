//! Matrices of other shapes, and selections from them.

use serde_json::Value;

use crate::{
    project::{Ended, PYTHON, Project, UV, ended, redacted, states, text, verdicts},
    support::{index::IndexServer, wheels::Wheel},
    tour::INDEX,
};

/// A package whose only content is its version.
fn plain(name: &str, version: &str) -> Wheel {
    Wheel::new(name, version).file(&format!("{name}/__init__.py"), &format!("__version__ = '{version}'\n"))
}

/// The cells of a plan.
fn planned(project: &Project, arguments: &[&str]) -> Vec<String> {
    let json = project.skew(&[&["plan", "--format", "json"], arguments].concat()).exits(0).stdout;
    let plan: Value = serde_json::from_str(&json).unwrap();
    plan["cells"].as_array().unwrap().iter().map(|cell| text(&cell["id"])).collect()
}

#[test]
fn three_axes_make_facets_and_none_is_not_installed() {
    let index = IndexServer::start([
        plain("alpha", "1.0"),
        plain("alpha", "2.0"),
        plain("beta", "1.0").requires("alpha"),
        plain("gamma", "1.0"),
        plain("gamma", "2.0"),
    ]);
    let matrix = r#"
axes:
  alpha: ["1.0", "2.0"]
  beta: [none, "1.0"]
  gamma: ["1.0", "2.0"]
python: "PYTHON"
exclude:
  - {alpha: "1.0", beta: none, gamma: ">=2", reason: "nobody has this"}
engine: local
"#;
    let seen = "import alpha, gamma\n\npair = alpha.__version__ + ' ' + gamma.__version__\ntry:\n    import beta\n    \
                installed = True\nexcept ImportError:\n    installed = False\n";
    let project = Project::new(&index, matrix).scenario("seen", seen);
    let run = project.skew(&["run"]).exits(0);
    redacted(|| insta::assert_snapshot!("facets", run.stdout));
    redacted(|| insta::assert_snapshot!("facets_markdown", project.skew(&["report", "--format=markdown"]).exits(0).stdout));
    let results = project.results();
    let cells: Vec<String> = states(&results);
    assert_eq!(cells.len(), 7);
    assert!(cells.iter().all(|cell| cell.ends_with(" ran")), "{cells:?}");
    assert_eq!(results["baseline"], "alpha-2.0+beta-1.0+gamma-2.0");
    assert_eq!(verdicts(&results, "seen", "installed").join(" "), "changed same same changed changed same same");
    assert_eq!(results["excluded"][0]["reason"], "nobody has this");
    assert_eq!(results["cells"][0]["packages"], serde_json::json!({"alpha": "1.0", "gamma": "1.0"}));
}

#[test]
fn a_report_of_a_part_reads_as_if_the_matrix_had_only_that() {
    let index = IndexServer::start(["1.0", "1.1", "2.0"].map(|version| plain("alpha", version)));
    let matrix = "axes: {alpha: [\"1.0\", \"1.1\", \"2.0\"]}\npython: \"PYTHON\"\nengine: local\n";
    let seen = "import alpha\nversion = alpha.__version__\n";
    let project = Project::new(&index, matrix).scenario("seen", seen).scenario("other", "one = 1\n");
    project.skew(&["run"]).exits(0);
    let part = |expression: &str| {
        project.skew(&["report", "-k", expression, "-o", "json=part.json"]).exits(0);
        let part: Value = serde_json::from_str(&project.read("part.json")).unwrap();
        let listed = |list: &str, key: &str| part[list].as_array().unwrap().iter().map(|it| text(&it[key])).collect::<Vec<_>>().join(" ");
        assert_eq!(part["run"]["complete"], true);
        assert_eq!(part["run"]["selection"], format!("-k {expression}"));
        assert_eq!(part["axes"][0]["versions"].as_array().unwrap().len(), part["cells"].as_array().unwrap().len());
        (listed("cells", "id"), listed("scenarios", "name"), verdicts(&part, "seen", "version").join(" "))
    };
    let told = |cells: &str, scenarios: &str, verdicts: &str| (cells.to_owned(), scenarios.to_owned(), verdicts.to_owned());
    assert_eq!(part("alpha:>=1.1 scenario:seen"), told("alpha-1.1 alpha-2.0", "seen", "changed same"));
    // The baseline stays, for all others are compared with it.
    assert_eq!(part("alpha:1.0"), told("alpha-1.0 alpha-2.0", "other seen", "changed same"));
    project.skew(&["report", "-k", "alpha:3"]).exits(4).says(&["nothing is selected by `-k alpha:3`"]);
    project.skew(&["report", "part.json", "-k", "alpha:2"]).exits(2).says(&["selects from stored runs, and part.json is a file"]);
}

#[test]
fn interpreters_that_are_here_are_taken_where_the_matrix_leaves_that_open() {
    let old = plain("alpha", "0.1").requires_python("==3.7.*");
    let index = IndexServer::start([old, plain("alpha", "1.0"), plain("alpha", "2.0")]);
    let project = Project::new(&index, "axes: {alpha: [\"0.1\", \"1.0\", \"2.0\"]}\nengine: local\n").scenario("one", "one = 1\n");
    // A machine with this interpreter alone.
    let asked = std::process::Command::new("python3").args(["-I", "-c", "import sys; print(sys.executable)"]).output().unwrap();
    std::fs::create_dir_all(project.path("bin")).unwrap();
    let program = project.path(&format!("bin/python{}", *PYTHON));
    std::os::unix::fs::symlink(String::from_utf8(asked.stdout).unwrap().trim(), program).unwrap();
    let path = std::env::join_paths([UV.clone(), project.path("bin")]).unwrap();
    let mut command = project.command(&["run"]);
    command.env("PATH", path).env("PYENV_ROOT", project.path("none")).env("UV_PYTHON_INSTALL_DIR", project.path("none"));
    let run = ended(&mut command).exits(3);
    run.says(&[&format!("Python 3.7 not found here: cells run on {} where they can", *PYTHON)]);
    let results = project.results();
    assert_eq!(states(&results).join(", "), "alpha-0.1 not-run, alpha-1.0 ran, alpha-2.0 ran");
    assert_eq!(results["cells"][1]["python"], PYTHON.as_str());
    assert!(text(&results["cells"][0]["cause"]).starts_with("no working CPython 3.7"), "{results}");
}

#[test]
fn one_axis_is_a_matrix_too() {
    let project = Project::new(&INDEX, "axes: {alpha: [\"1.0\", \"1.1\", \"2.0\"]}\npython: \"PYTHON\"\nengine: local\n");
    let project = project.scenario("count", "import alpha\n\ncount = alpha.count()\n");
    let run = project.skew(&["run"]).exits(0);
    redacted(|| insta::assert_snapshot!("one_axis", run.stdout));
}

#[test]
fn cells_have_dependencies_of_their_own_time() {
    let index = IndexServer::start([
        plain("alpha", "1.0").requires("helper").uploaded("2023-03-01T00:00:00Z"),
        plain("alpha", "2.0").requires("helper").uploaded("2024-03-01T00:00:00Z"),
        plain("helper", "1.0").uploaded("2023-01-01T00:00:00Z"),
        plain("helper", "2.0").uploaded("2024-02-01T00:00:00Z"),
        plain("helper", "3.0").uploaded("2025-02-01T00:00:00Z"),
    ]);
    let matrix = r#"
axes:
  alpha: ["1.0", "2.0"]
python: "PYTHON"
cells:
  - {alpha: "1.0"}
  - {alpha: "1.0", dependencies: 2024-06-01}
  - {alpha: "2.0", dependencies: today}
engine: local
"#;
    let project = Project::new(&index, matrix).scenario("helper", "import helper\n\nrelease = helper.__version__\n");
    project.skew(&["run"]).exits(0);
    let results = project.results();
    let helpers: Vec<String> = results["cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|cell| format!("{} {}", text(&cell["id"]), text(&cell["packages"]["helper"])))
        .collect();
    assert_eq!(helpers, ["alpha-1.0+deps-2024-06-01 2.0", "alpha-1.0+deps-2023-03-06 1.0", "alpha-2.0 3.0"]);
}

#[test]
fn interpreters_are_an_axis_of_their_own() {
    let matrix = "axes: {alpha: [\"1.0\", \"2.0\"]}\npython: [\"3.12\", \"3.10\"]\n";
    let project = Project::new(&INDEX, matrix).scenario("one", "x = 1\n");
    let cells = ["alpha-1.0+python-3.12", "alpha-1.0+python-3.10", "alpha-2.0+python-3.12", "alpha-2.0+python-3.10"];
    assert_eq!(planned(&project, &[]), cells);
}

#[test]
fn ranges_take_the_newest_of_every_minor_patch_or_major_series() {
    let versions = ["0.9", "1.0", "1.0.1", "1.1", "2.0", "2.0.3", "3.0rc1"];
    let index = IndexServer::start(versions.map(|version| plain("alpha", version)));
    let planned = |every: &str| {
        let matrix = format!("axes: {{alpha: {{versions: '>=1', every: {every}}}}}\npython: \"3.11\"\n");
        planned(&Project::new(&index, &matrix).scenario("one", "x = 1\n"), &[]).join(" ")
    };
    assert_eq!(planned("minor"), "alpha-1.0.1 alpha-1.1 alpha-2.0.3");
    assert_eq!(planned("patch"), "alpha-1.0 alpha-1.0.1 alpha-1.1 alpha-2.0 alpha-2.0.3");
    assert_eq!(planned("major"), "alpha-1.1 alpha-2.0.3");
}

/// Cells and scenarios that ran.
fn ran(project: &Project) -> String {
    let results = project.results();
    let cells = results["cells"].as_array().unwrap().iter().filter(|cell| cell["state"] == "ran").map(|cell| text(&cell["id"]));
    let scenarios = results["scenarios"].as_array().unwrap().iter().map(|scenario| text(&scenario["name"]));
    format!("{}; {}", cells.collect::<Vec<_>>().join(" "), scenarios.collect::<Vec<_>>().join(" "))
}

#[test]
fn a_selection_runs_its_cells_and_scenarios_only() {
    let matrix = "axes: {alpha: [\"1.0\", \"1.1\", \"2.0\"]}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";
    let project = Project::new(&INDEX, matrix).scenario("cast/one", "x = 1\n").scenario("cast/two", "x = 2\n").scenario("other", "x = 3\n");
    let select = |expression: &str| -> Ended { project.skew(&["run", "-k", expression]) };
    select("alpha:>=1.1 scenario:cast").exits(0).says(&["Selected 2 cells", "3 cells × 2 scenarios"]);
    assert_eq!(ran(&project), "alpha-1.1 alpha-2.0; cast/one cast/two");
    select("alpha:1 other").exits(0);
    assert_eq!(ran(&project), "alpha-1.0 alpha-1.1; other");
    select("cell:alpha-2.0 two").exits(0);
    assert_eq!(ran(&project), "alpha-2.0; cast/two");
    let table = project.skew(&["report"]).exits(0).stdout;
    assert!(table.contains("1/1 cells ran") && table.contains("2 not selected"), "{table}");
    let before = project.results()["run"]["id"].clone();
    select("alpha:3").exits(4).says(&["nothing is selected by `-k alpha:3`", "help: `skew plan` lists"]);
    select("nosuchthing").exits(4);
    select("alfa:1").exits(2).says(&["unknown key `alfa`", "did you mean `alpha`?"]);
    select("alpha:=>1").exits(2).says(&["no version range"]);
    assert_eq!(project.results()["run"]["id"], before);
}
