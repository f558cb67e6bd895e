//! Runs that end in the middle, wherever that is: the next one goes on, and nothing stays behind.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    process::{Command, Stdio},
    thread,
    time::{Duration, SystemTime},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::{
    project::{Project, ended, eventually, processes_with, states},
    search::project as grid,
    support::{index::IndexServer, wheels::Wheel},
    tour::INDEX,
};

/// Moments, in milliseconds below a bound; another sequence each time, which a failure tells.
struct Moments {
    state: u64,
    seed: u64,
}

impl Moments {
    fn new() -> Self {
        let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().subsec_nanos().into();
        Self { state: seed, seed }
    }

    fn below(&mut self, bound: u64) -> Duration {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Duration::from_millis((self.state >> 33) % bound)
    }
}

/// Starts the program and kills it after a while; whether it had not ended by itself.
fn kill_after(command: &mut Command, pause: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(pause);
    let running = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    running
}

/// Outcomes of the newest run: those it measured, and those it took over.
fn outcomes(project: &Project) -> (u64, u64) {
    let history = project.skew(&["history", "--format", "json"]);
    if history.code == Some(2) {
        return (0, 0);
    }
    let history: Value = serde_json::from_str(&history.exits(0).stdout).unwrap();
    let outcomes = &history["runs"][0]["outcomes"];
    (outcomes["measured"].as_u64().unwrap(), outcomes["reused"].as_u64().unwrap())
}

#[test]
fn forty_kills_lose_no_more_than_what_was_in_flight() {
    let project = grid();
    for entry in fs::read_dir(project.path("fake")).unwrap().flatten() {
        let lines = fs::read_to_string(entry.path()).unwrap();
        let slow = lines.replacen('\n', &format!("\n{}\n", json!({"fake": "sleep", "ms": 15})), 1);
        fs::write(entry.path(), slow).unwrap();
    }
    let run = |project: &Project| {
        let mut command = project.command(&["run", "--jobs=2", "--fail-on=never"]);
        command.env("SKEW_FAKE", project.path("fake")).env("SKEW_ENGINE", "fake");
        command
    };
    let mut moments = Moments::new();
    let (mut killed, mut answered) = (0, 0);
    while killed < 40 {
        if answered >= 45 {
            // Almost all is known: begin again, so that there is something to kill.
            fs::remove_dir_all(project.path(".skew")).unwrap();
            answered = 0;
        }
        killed += u32::from(kill_after(&mut run(&project), moments.below(250)));
        // A run that was killed while it took over refers to less than is stored.
        let (measured, reused) = outcomes(&project);
        answered = answered.max(measured + reused);
    }
    ended(&mut run(&project)).exits(0);
    let (measured, reused) = outcomes(&project);
    assert_eq!(measured + reused, 49);
    assert!(reused + 2 >= answered, "{reused} of {answered}; seed {}", moments.seed);
    assert_eq!(project.results()["run"]["complete"], true);
}

#[test]
fn twelve_kills_of_real_processes_leave_nothing_behind() {
    let matrix = "axes: {alpha: [\"1.0\", \"1.1\"]}\nbaseline: {alpha: \"1.0\"}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";
    let scenarios = ["a", "b", "c", "d"];
    let project = Project::new(&INDEX, matrix);
    let project = scenarios.iter().fold(project, |project, name| project.scenario(name, "import time\ntime.sleep(0.15)\nx = 1\n"));
    let marker = project.path("tmp").display().to_string();
    let mut moments = Moments::new();
    let mut killed = 0;
    while killed < 12 {
        if kill_after(&mut project.command(&["run"]), moments.below(2500)) {
            killed += 1;
        } else {
            // It had ended, so all is known: begin again, so that there is something to kill.
            fs::remove_dir_all(project.path(".skew")).unwrap();
        }
        eventually("all processes of the run to be gone", || processes_with(&marker).is_empty());
    }
    let run = project.skew(&["run"]).exits(0);
    assert_eq!(states(&project.results()), ["alpha-1.0 ran", "alpha-1.1 ran"], "seed {}: {run:?}", moments.seed);
    assert_eq!(outcomes(&project).0 + outcomes(&project).1, 8);
    assert_eq!(project.scratch(), Vec::<std::path::PathBuf>::new());
    let again = project.skew(&["run"]).exits(0);
    assert!(again.stdout.contains("all 8 outcomes measured earlier"), "{}", again.stdout);
}

#[test]
fn when_everything_dies_at_once_as_in_a_reboot_the_next_run_goes_on() {
    let matrix = "axes: {alpha: [\"1.0\", \"1.1\"]}\nbaseline: {alpha: \"1.0\"}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";
    let project = Project::new(&INDEX, matrix);
    let project = ["a", "b", "c"].iter().fold(project, |project, name| project.scenario(name, "import time\ntime.sleep(0.3)\nx = 1\n"));
    let marker = project.path("tmp").display().to_string();
    let mut moments = Moments::new();
    let mut killed = 0;
    while killed < 8 {
        let mut child = project.command(&["run"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(moments.below(1500));
        // The program, the installer, agents and scenarios in one go: none of them can clean up after another.
        for process in processes_with(&marker) {
            let pid = process.split(':').next().and_then(|pid| pid.parse().ok()).and_then(Pid::from_raw);
            let _gone_already = pid.map(|pid| kill_process(pid, Signal::KILL));
        }
        if child.wait().unwrap().signal().is_some() {
            killed += 1;
        } else {
            // It had ended, so all is known: begin again, so that there is something to kill.
            fs::remove_dir_all(project.path(".skew")).unwrap();
        }
    }
    project.skew(&["run"]).exits(0);
    assert_eq!(states(&project.results()), ["alpha-1.0 ran", "alpha-1.1 ran"], "seed {}", moments.seed);
    assert_eq!(outcomes(&project).0 + outcomes(&project).1, 6);
    assert_eq!(project.scratch(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn a_disk_that_fills_keeps_what_is_stored_and_the_next_run_goes_on() {
    let matrix = "axes: {alpha: [\"1.1\"]}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";
    let project = Project::new(&INDEX, matrix);
    // Numbers that no compression makes smaller, and of which no two are equal.
    let code = |name: &str| {
        let numbers = "for n in range(400):\n    observe(f'n{n}', random.random())\n";
        format!("import random\nfrom skew import observe\nrandom.seed({name:?})\n{numbers}")
    };
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    let project = names.iter().fold(project, |project, name| project.scenario(name, &code(name)));
    let script = format!(
        "mount -t tmpfs -o size=1m tmpfs .skew && {0} run; echo code $? >&2; mount -o remount,size=64m .skew && exec {0} run",
        env!("CARGO_BIN_EXE_skew")
    );
    let Some(mut command) = crate::trouble::in_namespace(&project, &script) else { return };
    let run = ended(&mut command).exits(0);
    assert!(run.stderr.contains("code 3"), "{}", run.stderr);
    assert!(run.stderr.contains("is the disk full"), "{}", run.stderr);
    assert!(run.stdout.contains("of 12 outcomes measured earlier"), "{}", run.stdout);
}

#[test]
fn an_index_that_recovers_costs_a_pause_and_nothing_else() {
    // uv asks again by itself where a server is overloaded, but not where it sends what it did not promise.
    for told in ["INSTALLED", "RETRY"] {
        let server = IndexServer::start([Wheel::new("alpha", "1.1").file("alpha/__init__.py", &format!("{told} = 1\n"))]);
        if told == "RETRY" {
            server.corrupt_files();
        } else {
            server.refuse_files(503);
        }
        let matrix = "axes: {alpha: [\"1.1\"]}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";
        let project = Project::new(&server, matrix).scenario("one", "x = 1\n");
        let mut command = project.command(&["run", "-o", "jsonl=events.jsonl"]);
        let child = command.env("SKEW_RETRIES", "3").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let refused = || server.requests().iter().any(|seen| seen.status == 503);
        let retried = || fs::read_to_string(project.path("events.jsonl")).is_ok_and(|events| events.contains("\"retrying\""));
        eventually("the fault to be met", || if told == "RETRY" { retried() } else { refused() });
        server.heal();
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert!(stderr.contains(told), "{stderr}");
        assert_eq!(states(&project.results()), ["alpha-1.1 ran"]);
    }
}
