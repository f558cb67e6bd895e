//! Clocks that jump: runs keep their order, what is old is told from what is new, and nothing is lost.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

use crate::{
    project::{Ended, Project, Started, ended, states},
    tour::INDEX,
};

const MATRIX: &str = "axes: {alpha: [\"1.1\"]}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";

/// Debian's `faketime`, the variant for programs with threads; `None` where it is not installed.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut found = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    let found = found.find(|path| path.exists());
    assert!(found.is_some() || std::env::var_os("CI").is_none(), "CI has to have Debian's faketime: the tests of clocks need it");
    found
}

/// The program under a clock that is wrong by what a file says (`-3d`), which may change while it runs.
fn under<'a>(command: &'a mut Command, library: &std::path::Path, clock: &std::path::Path) -> &'a mut Command {
    command.env("LD_PRELOAD", library).env("FAKETIME_TIMESTAMP_FILE", clock).env("FAKETIME_NO_CACHE", "1");
    // As in reality: only the time of day is set, no timeout feels it.
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1")
}

/// A project and the clock it runs under.
struct Clocked {
    project: Project,
    library: PathBuf,
}

impl Clocked {
    fn new(matrix: &str) -> Option<Self> {
        let library = library()?;
        Some(Self { project: Project::new(&INDEX, matrix).scenario("one", "x = 1\n"), library })
    }

    fn set(&self, clock: &str) {
        // At once: the program may be reading.
        self.project.write("clock.new", clock);
        fs::rename(self.project.path("clock.new"), self.project.path("clock")).unwrap();
    }

    fn skew(&self, clock: &str, arguments: &[&str]) -> Ended {
        self.set(clock);
        ended(under(&mut self.project.command(arguments), &self.library, &self.project.path("clock")))
    }

    /// Ids of the runs, newest first.
    fn ids(&self) -> Vec<String> {
        let history = self.project.skew(&["history"]).exits(0).stdout;
        history.lines().filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
    }
}

#[test]
fn a_clock_that_was_set_back_changes_no_order() {
    let Some(clocked) = Clocked::new(MATRIX) else { return };
    clocked.skew("+0", &["run"]).exits(0);
    let first = clocked.ids();
    let again = clocked.skew("-3d", &["run"]).exits(0);
    assert!(again.stdout.contains("all 1 outcomes measured earlier") || again.stdout.contains("measured earlier"), "{}", again.stdout);
    let ids = clocked.ids();
    assert!(ids.len() == 2 && ids[1] == first[0] && ids[0] < ids[1], "{ids:?}");
    // Whoever asks for the last run gets it.
    assert_eq!(clocked.project.results()["run"]["id"], ids[0].as_str());
    let project = clocked.project.scenario("one", "x = 2\n");
    let clocked = Clocked { project, library: clocked.library };
    let changed = clocked.skew("-2d", &["run", "--fail-on=changed"]);
    assert_eq!(clocked.ids().len(), 3, "{changed:?}");
    let observed = &clocked.project.results()["scenarios"][0]["observations"];
    assert!(observed.to_string().contains("\"preview\":2"), "{observed}");
}

#[test]
fn what_was_measured_in_the_future_is_not_young_for_ever() {
    let Some(clocked) = Clocked::new(&format!("{MATRIX}max_age: 7d\n")) else { return };
    let measured = |run: &Ended| !run.stdout.contains("measured earlier");
    assert!(measured(&clocked.skew("+0", &["run"]).exits(0)));
    assert!(!measured(&clocked.skew("+1d", &["run"]).exits(0)));
    assert!(measured(&clocked.skew("+30d", &["run"]).exits(0)), "it is older than a week then");
    // Set right again: of what bears a date of next month the age is not known, but the first is young.
    assert!(!measured(&clocked.skew("+2d", &["run"]).exits(0)));
    assert!(measured(&clocked.skew("+10d", &["run"]).exits(0)));
}

#[test]
fn a_clock_that_jumps_back_in_the_middle_of_a_run_changes_nothing() {
    let Some(clocked) = Clocked::new(MATRIX) else { return };
    let waits = "import pathlib, time\npathlib.Path('ready').touch()\nwhile not pathlib.Path('go').exists():\n    time.sleep(0.05)\n\
                 done = True\n";
    let clocked = Clocked { project: clocked.project.scenario("waits", waits), library: clocked.library };
    clocked.set("+0");
    let mut command = clocked.project.command(&["run"]);
    under(&mut command, &clocked.library, &clocked.project.path("clock")).stdin(Stdio::null());
    let run = Started::new(&mut command);
    let ready = clocked.project.wait_for("ready");
    clocked.set("-3d");
    fs::write(ready.with_file_name("go"), "").unwrap();
    let run = run.end().exits(0);
    let results = clocked.project.results();
    assert_eq!(states(&results), ["alpha-1.1 ran"]);
    assert_eq!(results["run"]["complete"], true);
    let time = |name: &str| results["run"][name].as_str().unwrap().to_owned();
    assert!(time("finished") < time("started"), "the clock did not jump: {}", results["run"]);
    // Nobody claims that it took less than no time.
    let summary = run.stdout.lines().find(|line| line.contains("Summary")).unwrap().to_owned();
    assert!(!summary.contains('-') && summary.contains("1/1 cells ran"), "{summary}");
    // Back in its own time, it serves.
    let next = clocked.skew("+0", &["run"]).exits(0);
    assert!(next.stdout.contains("all 2 outcomes measured earlier"), "{}", next.stdout);
}
