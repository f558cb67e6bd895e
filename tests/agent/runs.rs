//! Runs of the agent, and what they said.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use skew::agent::{Ended, Event, Execute, Imported, Job, PROTOCOL, SOURCE, ScenarioJob};
use skew::observation::{Ending, Fact, Observation, Raised, Status, Value};

/// An interpreter: `3.11` and its path.
pub(super) type Interpreter = ((u32, u32), PathBuf);

/// What one interpreter's agent said about all fixtures.
pub(super) struct Run {
    pub(super) version: (u32, u32),
    pub(super) events: Vec<Event>,
    pub(super) names: Vec<String>,
}

pub(super) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/agent")
}

/// The version that a program answers with when asked, `None` if it does not work.
fn ask(program: &Path) -> Option<(u32, u32)> {
    let output = Command::new(program).args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = text.trim().split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

pub(super) fn interpreters() -> &'static [Interpreter] {
    static FOUND: OnceLock<Vec<Interpreter>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let pyenv = std::env::var_os("PYENV_ROOT")
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv")));
        let mut candidates: Vec<PathBuf> = Vec::new();
        if let Some(versions) = pyenv.and_then(|root| std::fs::read_dir(root.join("versions")).ok()) {
            candidates.extend(versions.flatten().map(|entry| entry.path().join("bin/python")));
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        for folder in std::env::split_paths(&path) {
            candidates.extend((7..=14).map(|minor| folder.join(format!("python3.{minor}"))));
        }
        let mut found: BTreeMap<(u32, u32), PathBuf> = BTreeMap::new();
        for candidate in candidates.into_iter().filter(|candidate| candidate.exists()) {
            if let Some(version) = ask(&candidate).filter(|version| ((3, 7)..=(3, 14)).contains(version)) {
                found.entry(version).or_insert(candidate);
            }
        }
        assert!(!found.is_empty(), "no CPython 3.7 to 3.14 was found below ~/.pyenv/versions or on PATH");
        for required in std::env::var("SKEW_REQUIRE_PYTHONS").unwrap_or_default().split_whitespace() {
            let there = found.keys().any(|(major, minor)| format!("{major}.{minor}") == required);
            assert!(there, "SKEW_REQUIRE_PYTHONS names {required}, which was not found");
        }
        found.into_iter().collect()
    })
}

pub(super) fn scenario(name: &str, source: &str) -> ScenarioJob {
    ScenarioJob { name: name.to_owned(), source: source.to_owned(), timeout: 20.0, repeats: 1, fork: None, env: BTreeMap::new() }
}

pub(super) fn job(imports: &[&str], scenarios: Vec<ScenarioJob>) -> Execute {
    Execute {
        protocol: PROTOCOL,
        imports: imports.iter().map(|&name| name.to_owned()).collect(),
        scenarios,
        seed: Some(0),
        value_bytes: 1 << 20,
        max_observations: 200,
        output_bytes: 4096,
        memory_bytes: Some(400 << 20),
        pids: Some(40),
    }
}

/// Starts the agent, packages of the fixtures at hand, and hands it the job; stdin stays open.
pub(super) fn start(python: &Path, agent: &Path, job: Execute) -> Child {
    start_with(python, agent, &fixtures().join("packages"), job)
}

/// The same with other packages.
pub(super) fn start_with(python: &Path, agent: &Path, packages: &Path, job: Execute) -> Child {
    std::fs::write(agent, SOURCE).expect("the agent can be written");
    let mut child = Command::new(python)
        .arg(agent)
        .env("PYTHONPATH", packages)
        .env("SKEW_IMPORT_TIMEOUT", "3")
        .env_remove("SKEW_WORK")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the interpreter starts");
    let mut line = serde_json::to_string(&Job::Execute(job)).expect("a job is JSON");
    line.push('\n');
    child.stdin.as_mut().expect("stdin is a pipe").write_all(line.as_bytes()).expect("the agent reads its job");
    child
}

/// Runs a job to its end. Every line must be an event, and the last one says that the job is done.
pub(super) fn execute(python: &Path, job: Execute) -> Vec<Event> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut child = start(python, &folder.path().join("agent.py"), job);
    let lines = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
    let events: Vec<Event> = lines
        .map(|line| line.expect("stdout is UTF-8"))
        .map(|line| serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line}")))
        .collect();
    let mut stderr = String::new();
    child.stderr.take().expect("stderr is a pipe").read_to_string(&mut stderr).expect("stderr is UTF-8");
    let status = child.wait().expect("the agent ends");
    assert!(status.success(), "{} ended with {status}: {stderr}", python.display());
    assert!(matches!(events.first(), Some(Event::Hello(hello)) if hello.protocol == PROTOCOL), "the first line is hello");
    assert!(matches!(events.last(), Some(Event::Done {})), "the last line is done");
    events
}

/// All scenarios of the fixtures, once per interpreter, with what each of them needs.
pub(super) fn runs() -> &'static [Run] {
    static RUNS: OnceLock<Vec<Run>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let mut scenarios = Vec::new();
        let folder = std::fs::read_dir(fixtures().join("scenarios")).expect("the fixtures are there");
        let paths: BTreeSet<PathBuf> = folder.map(|entry| entry.expect("the fixtures can be listed").path()).collect();
        for path in paths {
            let name = path.file_stem().and_then(|stem| stem.to_str()).expect("fixtures have plain names").to_owned();
            let mut scenario = scenario(&name, &std::fs::read_to_string(&path).expect("a fixture can be read"));
            match name.as_str() {
                "hangs" => scenario.timeout = 0.7,
                "differs" | "crashes" => scenario.repeats = 2,
                "given_environment" => drop(scenario.env.insert("GIVEN".to_owned(), "yes".to_owned())),
                _ => {}
            }
            scenarios.push(scenario);
        }
        let names: Vec<String> = scenarios.iter().map(|scenario| scenario.name.clone()).collect();
        // Two at a time: the machine that tests may be small, and some fixtures watch the clock.
        let mut runs = Vec::new();
        for pair in interpreters().chunks(2) {
            std::thread::scope(|scope| {
                let started: Vec<_> = pair
                    .iter()
                    .map(|(version, python)| {
                        let (scenarios, names) = (scenarios.clone(), names.clone());
                        scope.spawn(move || Run { version: *version, events: execute(python, job(&["fakelib"], scenarios)), names })
                    })
                    .collect();
                runs.extend(started.into_iter().map(|thread| thread.join().expect("the run ends well")));
            });
        }
        runs
    })
}

impl Run {
    pub(super) fn index(&self, name: &str) -> u32 {
        let index = self.names.iter().position(|known| known == name).unwrap_or_else(|| panic!("no fixture {name}"));
        u32::try_from(index).expect("few fixtures")
    }

    pub(super) fn ended(&self, name: &str, repeat: u32) -> &Ended {
        let index = self.index(name);
        let ended = self.events.iter().filter_map(|event| if let Event::Ended(ended) = event { Some(ended) } else { None });
        let found = ended.into_iter().find(|ended| ended.scenario == index && ended.repeat == repeat);
        found.unwrap_or_else(|| panic!("{name} has no ending in {:?}", self.version))
    }

    pub(super) fn ending(&self, name: &str, repeat: u32) -> &Ending {
        &self.ended(name, repeat).ending
    }

    pub(super) fn forked(&self, name: &str) -> bool {
        let index = self.index(name);
        self.events.iter().any(|event| matches!(event, Event::Started(started) if started.scenario == index && started.fork))
    }

    pub(super) fn observations(&self, name: &str, repeat: u32) -> Vec<&Observation> {
        let index = self.index(name);
        let observed = self.events.iter().filter_map(|event| if let Event::Observed(observed) = event { Some(observed) } else { None });
        observed.filter(|observed| observed.scenario == index && observed.repeat == repeat).map(|observed| &observed.observation).collect()
    }

    pub(super) fn observation(&self, scenario: &str, name: &str) -> &Observation {
        let found = self.observations(scenario, 0).into_iter().find(|observation| observation.name == name);
        found.unwrap_or_else(|| panic!("{scenario} did not observe {name} in {:?}: {:?}", self.version, self.ending(scenario, 0)))
    }

    pub(super) fn names(&self, scenario: &str) -> Vec<&str> {
        self.observations(scenario, 0).into_iter().map(|observation| observation.name.as_str()).collect()
    }

    pub(super) fn value(&self, scenario: &str, name: &str) -> &Value {
        match &self.observation(scenario, name).fact {
            Fact::Value(value) => value,
            Fact::Error(error) => panic!("{scenario}: {name} is {error:?}"),
        }
    }

    pub(super) fn error(&self, scenario: &str, name: &str) -> &Raised {
        match &self.observation(scenario, name).fact {
            Fact::Error(error) => error,
            Fact::Value(value) => panic!("{scenario}: {name} is {value:?}"),
        }
    }

    pub(super) fn preview(&self, scenario: &str, name: &str) -> String {
        self.value(scenario, name).preview.to_string()
    }

    pub(super) fn status(&self, scenario: &str) -> Status {
        self.ending(scenario, 0).status
    }
}

pub(super) fn imported(events: &[Event]) -> Vec<&Imported> {
    events.iter().filter_map(|event| if let Event::Imported(imported) = event { Some(imported) } else { None }).collect()
}
