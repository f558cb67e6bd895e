//! What to pin, and doing it again by hand.

use std::{fs, process::Command};

use crate::{
    project::{Ended, PYTHON, Project, ended, text},
    support::index::IndexServer,
    tour::{INDEX, packages},
    unreleased::{IMAGE, engines},
};

const MATRIX: &str = "axes:\n  alpha: [\"1.0\", \"1.1\", \"2.0\"]\n  beta: [\"1.0\", \"2.0\"]\npython: \"PYTHON\"\n\
                      baseline: {alpha: \"1.1\", beta: \"2.0\"}\nengine: local\nenv: {GREETING: \"it's me\"}\n";
const NEWEST: &str = "alpha-2.0+beta-2.0";
const MIXED: &str = "import os\nimport alpha\nfrom skew import observe\n\ngreeting = os.environ['GREETING']\ncount = alpha.count()\n\
                     observe('zero', lambda: alpha.divide(0))\nobserve('limit', lambda: alpha.limit(300))\nlate = alpha.removed()\n";

fn project() -> Project {
    let project = Project::new(&INDEX, MATRIX)
        .scenario("answer", "import alpha\nanswer = alpha.answer()\n")
        .scenario("with space/mixed", MIXED)
        .scenario("needs beta", "import beta\n");
    project.skew(&["run"]).exits(0);
    project
}

/// Runs a command that was printed, with nothing of skew but its package index and its uv.
pub(crate) fn by_hand(project: &Project, printed: &str) -> Ended {
    let mut command = Command::new("bash");
    let known = project.command(&[]);
    command.args(["-c", printed]).current_dir(project.path("")).env("UV_CACHE_DIR", project.path("tmp/uv-cache"));
    for (name, value) in known.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    ended(&mut command)
}

#[test]
fn ranges_hold_the_cells_that_agree_and_requirements_install_with_their_hashes() {
    let server = IndexServer::start(packages());
    let project = Project::new(&server, MATRIX)
        .scenario("errors", "import alpha\nfrom skew import observe\nobserve('zero', lambda: alpha.divide(0))\n")
        .scenario("plain", "import alpha\ncount = alpha.count()\nold = alpha.old()\n");
    project.skew(&["run"]).exits(0);
    let all = project.skew(&["pins"]).exits(0).stdout;
    assert!(all.contains("\"alpha==1.1\",\n      \"beta>=1.0,<=2.0\",\n"), "{all}");
    assert!(all.contains("differs in 2 of the 5 cells that ran"), "{all}");
    // What only warns agrees.
    let old = project.skew(&["pins", "errors"]).exits(0).stdout;
    assert!(old.contains("\"alpha>=1.1,<=2.0\",\n      \"beta==2.0\",\n"), "{old}");

    let requirements = project.skew(&["pins", "--format", "requirements"]).exits(0).stdout;
    assert!(requirements.starts_with("# alpha-1.1+beta-2.0: "), "{requirements}");
    project.write("requirements.txt", &requirements);
    let python = project.path("venv/bin/python");
    let venv = Command::new("python3").args(["-m", "venv"]).arg(project.path("venv")).output().unwrap();
    assert!(venv.status.success(), "{venv:?}");
    let install = Command::new(&python)
        .args(["-m", "pip", "install", "--isolated", "--no-cache-dir", "--disable-pip-version-check", "--index-url", &server.url()])
        .args(["--require-hashes", "-r"])
        .arg(project.path("requirements.txt"))
        .output()
        .unwrap();
    assert!(install.status.success(), "{install:?}");
    let versions = Command::new(&python).args(["-c", "import alpha, beta; print(alpha.__version__, beta.__version__)"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&versions.stdout).trim(), "1.1 2.0");
}

#[test]
fn a_script_by_path_is_run_once_and_leaves_the_last_run_as_it_was() {
    let project = project();
    project.write("own/mine.py", "import alpha\nsteps = alpha.steps()\n");
    let before = project.skew(&["report", "--format", "json"]).stdout;
    let first = project.skew(&["pins", "own/mine.py"]).exits(0).says(&["Resolved"]);
    assert!(first.stdout.contains("\"alpha>=1.0,<=1.1\","), "{}", first.stdout);
    let again = project.skew(&["pins", "own/mine.py"]).exits(0);
    assert_eq!((again.stdout, again.stderr.as_str()), (first.stdout, ""));
    assert_eq!(project.skew(&["report", "--format", "json"]).stdout, before);
    project.write("own/mine.py", "import alpha\nanswer = alpha.answer()\n");
    project.skew(&["pins", "own/mine.py", "answer"]).exits(0).says(&["Resolved"]);
}

#[test]
fn where_no_cell_qualifies_it_says_so() {
    let project = Project::new(&INDEX, MATRIX).scenario("never", "# /// skew\n# when = \"alpha >= 3\"\n# ///\nimport alpha\n");
    project.skew(&["run"]).exits(0);
    let none = project.skew(&["pins"]).exits(4).stdout;
    assert!(none.contains("No cell qualifies") && none.contains("never does not apply to the baseline"), "{none}");
    let file = project.skew(&["pins", "--format", "requirements"]).exits(4).says(&["No cell qualifies"]);
    assert_eq!(file.stdout, "");
    project.skew(&["report", "--format", "requirements"]).exits(2).says(&["skew pins --format requirements"]);
    project.skew(&["pins", "nevr"]).exits(2).says(&["did you mean `never`?"]);
}

#[test]
fn a_printed_command_gives_the_stored_outcome() {
    let project = project();
    let run = |cell: &str, what: &str| by_hand(&project, &project.skew(&["repro", cell, what]).exits(0).stdout);
    let mixed = run(NEWEST, "with space/mixed");
    assert_eq!(mixed.code, Some(1), "{mixed:?}");
    for line in
        ["zero: float 0.0\n", "limit: raises OverflowError: 300 is out of bounds\n", "greeting: str \"it's me\"\n", "count: float 3.0\n"]
    {
        assert!(mixed.stdout.contains(line), "{line:?} is not in {mixed:?}");
    }
    assert!(mixed.stderr.contains("AttributeError"), "{mixed:?}");
    assert_eq!(run("alpha-1.0+beta-1.0", "with space/mixed::zero").stdout, "zero: raises ZeroDivisionError: division by zero\n");
    let stored = project.results();
    let limit = stored["scenarios"].as_array().unwrap().iter().find(|scenario| scenario["name"] == "with space/mixed").unwrap();
    assert!(limit["observations"].to_string().contains("300 is out of bounds"));
    // Metadata forbids this pair, and its import fails.
    let broken = run("alpha-2.0+beta-1.0", "needs beta");
    assert!(broken.code == Some(1) && broken.stderr.contains("ImportError"), "{broken:?}");
    let cell = stored["cells"].as_array().unwrap().iter().find(|cell| cell["id"] == "alpha-2.0+beta-1.0").unwrap();
    assert!(text(&cell["cause"]).contains("ImportError"), "{cell}");
    let docker = project.skew(&["repro", NEWEST, "answer", "--docker"]).exits(0).stdout;
    assert!(docker.contains(&format!("python:{}-slim", *PYTHON)) && docker.contains("alpha==2.0 beta==2.0"), "{docker}");
    project.skew(&["repro", NEWEST, "mixt"]).exits(2).says(&["the last run has no scenario `mixt`"]);
}

#[test]
fn a_printed_command_ends_as_the_script_did() {
    let project = Project::new(&INDEX, MATRIX)
        .scenario("ends", "import alpha\nanswer = alpha.answer()\n")
        .scenario("raises", "import alpha\nbefore = alpha.answer()\nalpha.divide('x')\n")
        .scenario("aborts", "import os\nimport alpha\nfrom skew import observe\nobserve('before', alpha.answer())\nos.abort()\n")
        .scenario("exits", "import os\nimport alpha\nfrom skew import observe\nobserve('before', alpha.answer())\nos._exit(7)\n");
    project.skew(&["run"]).exits(0);
    let results = project.results();
    let scenarios = results["scenarios"].as_array().unwrap();
    let stored = |name: &str| {
        let scenario = scenarios.iter().find(|scenario| scenario["name"] == name).unwrap();
        let outcome = scenario["outcomes"].as_array().unwrap().iter().find(|outcome| outcome["cell"] == NEWEST).unwrap();
        (text(&outcome["status"]), outcome["cause"].as_str().unwrap_or_default().to_owned())
    };
    let again = |name: &str| by_hand(&project, &project.skew(&["repro", NEWEST, name]).exits(0).stdout);
    let ends = again("ends");
    assert_eq!((stored("ends").0.as_str(), ends.code), ("ran", Some(0)), "{ends:?}");
    let raises = again("raises");
    assert_eq!((stored("raises").0.as_str(), raises.code), ("raised", Some(1)), "{raises:?}");
    assert!(stored("raises").1.starts_with("TypeError: ") && raises.stderr.contains("\nTypeError: "), "{raises:?}");
    let aborts = again("aborts");
    assert_eq!((stored("aborts").0.as_str(), aborts.code), ("crash", Some(128 + 6)), "{aborts:?}");
    assert!(stored("aborts").1.starts_with("SIGABRT"), "{:?}", stored("aborts"));
    let exits = again("exits");
    assert_eq!((stored("exits").0.as_str(), exits.code), ("exited", Some(7)), "{exits:?}");
    // What was observed before the end is what the run observed.
    let before = &scenarios.iter().find(|scenario| scenario["name"] == "aborts").unwrap()["observations"];
    let before = before.as_array().unwrap().iter().find(|observation| observation["name"] == "before").unwrap();
    for ended in [&raises, &aborts, &exits] {
        assert_eq!(ended.stdout, format!("before: int {}\n", before["variants"][0]["preview"]), "{ended:?}");
    }
}

#[test]
fn a_command_for_docker_ends_as_the_script_did() {
    if !engines().contains(&"docker") {
        return;
    }
    let project = Project::new(&INDEX, &format!("{MATRIX}docker: {{image: \"{IMAGE}:{{python}}\"}}\n"))
        .scenario("raises", "import alpha\nbefore = alpha.answer()\nalpha.divide('x')\n")
        .scenario("aborts", "import os\nimport alpha\nfrom skew import observe\nobserve('before', alpha.answer())\nos.abort()\n");
    project.skew(&["run"]).exits(0);
    // The index is on this machine, where containers look only if told.
    let reach = format!("docker run --network host --env PIP_INDEX_URL={}", INDEX.url());
    let again = |name: &str| {
        let printed = project.skew(&["repro", NEWEST, name, "--docker"]).exits(0).stdout;
        by_hand(&project, &printed.replacen("docker run", &reach, 1))
    };
    let raises = again("raises");
    assert!(raises.code == Some(1) && raises.stderr.contains("\nTypeError: "), "{raises:?}");
    let aborts = again("aborts");
    assert_eq!(aborts.code, Some(128 + 6), "{aborts:?}");
    assert_eq!((raises.stdout.as_str(), aborts.stdout.as_str()), ("before: int 42\n", "before: int 42\n"));
}

#[test]
fn a_shell_has_the_cell_in_front_and_makes_an_environment_that_is_missing() {
    let mut project = project();
    // An environment store of its own, where nothing is.
    project.cache = project.path("cache");
    fs::create_dir_all(&project.cache).unwrap();
    project.write("ask", "python -c 'import alpha, os; print(alpha.__version__, os.environ[\"GREETING\"])'\n");
    for _ in 0..2 {
        let mut command = project.command(&["repro", "alpha-1.0+beta-2.0", "--shell"]);
        command.env("SHELL", "/bin/sh").stdin(fs::File::open(project.path("ask")).unwrap());
        assert_eq!(ended(&mut command).exits(0).stdout, "1.0 it's me\n");
    }
}
