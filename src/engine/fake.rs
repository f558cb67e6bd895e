//! Engine fake: recorded answers instead of phases, for tests of everything above an engine.
//!
//! A folder holds, for each cell, the lines its agent is to say:
//!
//! - `CELL.jsonl`: the execute phase; a cell without it is trouble of the engine.
//! - `CELL.provision.jsonl`: the provision phase; where it is absent the environment is simply there, with the packages
//!   of the [`Directive::Packages`] line in `CELL.jsonl`, by default those in the cell's name.
//! - `interpreters`: the minor series that are there, one a line; where it is absent all are.
//!
//! A line is sent as it stands, unless it is an object with the key `fake`: then it is a [`Directive`]. Empty lines and
//! lines that begin with `//` are left out.

use std::{collections::HashMap, path::PathBuf, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{Engine, EngineError, Found, Interpreter, Line, Missing, Phase, PhaseEnd, PhaseKind, StoreFile};
use crate::{
    agent::{Event, Hello, PROTOCOL, Package, Provisioned},
    matrix::PythonVersion,
};

/// What a line of a recording does instead of being sent, as `{"fake": "sleep", "ms": 50}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "fake", rename_all = "lowercase", deny_unknown_fields)]
pub enum Directive {
    /// Waits.
    Sleep {
        /// Milliseconds.
        ms: u64,
    },
    /// Waits until the phase is cancelled.
    Hang {},
    /// Sends a text that need not be JSON.
    Raw {
        /// The line.
        text: String,
    },
    /// The agent writes to stderr.
    Stderr {
        /// What it writes.
        text: String,
    },
    /// The agent ends here with this exit code.
    Die {
        /// 128 + n for signal n.
        code: i64,
    },
    /// The kernel kills the agent for lack of memory.
    Oom {},
    /// The engine loses its daemon.
    Unreachable {},
    /// The agent writes a line that is too long.
    Line {},
    /// What is installed in the environment; only in `CELL.jsonl`, and nothing happens there.
    Packages {
        /// The distributions.
        packages: Vec<Package>,
    },
    /// The scenarios that the lines below number. Lines of those that the job does not ask for are left out, and the
    /// others are numbered as in the job.
    Scenarios {
        /// Their names, in the order of the numbers.
        names: Vec<String>,
    },
}

/// What a line with [`Directive::Packages`] has in it.
const PACKAGES: &str = "\"packages\"";

/// Plays recordings.
#[derive(Clone, Debug)]
pub struct FakeEngine {
    folder: PathBuf,
}

impl FakeEngine {
    /// An engine that plays the recordings of a folder.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, phase: &Phase) -> PathBuf {
        let ending = if phase.kind == PhaseKind::Provision { "provision.jsonl" } else { "jsonl" };
        self.folder.join(format!("{}.{ending}", phase.cell))
    }

    /// Recordings are small, and many: they are read at once rather than by a thread that waits for them.
    fn recording(&self, phase: &Phase) -> Result<Vec<Step>, EngineError> {
        let path = self.path(phase);
        match std::fs::read_to_string(&path) {
            Ok(text) => steps(&text).map_err(|source| io(format!("read {}", path.display()), source)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && phase.kind == PhaseKind::Provision => self.provisioned(phase),
            Err(source) => Err(io(format!("read {}", path.display()), source)),
        }
    }

    /// What the agent says of an environment that is there.
    fn provisioned(&self, phase: &Phase) -> Result<Vec<Step>, EngineError> {
        let execute = Phase { kind: PhaseKind::Execute, ..phase.clone() };
        // A cell that only fails to be provisioned has no other recording.
        let path = self.path(&execute);
        let recorded = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(io(format!("read {}", path.display()), source)),
        };
        let lines = Some(recorded.as_str()).filter(|text| text.contains(PACKAGES)).map(str::lines).into_iter().flatten();
        let directives = lines.filter(|line| line.contains(PACKAGES));
        let packages = directives.filter_map(|line| step(line).ok()).find_map(|step| match step {
            Step::Do(Directive::Packages { packages }) => Some(packages),
            Step::Do(_) | Step::Say(_) => None,
        });
        let packages = packages.unwrap_or_else(|| packages_in(&phase.cell));
        let named = packages.iter().map(|package| format!("{}=={}", package.name, package.version)).collect::<Vec<_>>();
        let events = [
            Event::Hello(Hello {
                protocol: PROTOCOL,
                python: format!("{}.0", phase.python),
                implementation: "cpython".to_owned(),
                machine: self.machine().to_owned(),
                cpu: "fake".to_owned(),
                cpu_features: Vec::new(),
                libc: String::new(),
            }),
            Event::Provisioned(Provisioned {
                digest: blake3::hash(format!("{} {}", phase.python, named.join(" ")).as_bytes()).to_hex().to_string(),
                python: "{root}/fake/bin/python".to_owned(),
                packages,
                uncut: false,
                reused: true,
                added_bytes: 0,
            }),
            Event::Done {},
        ];
        let lines = events.iter().map(|event| serde_json::to_vec(event).map(Step::Say));
        lines.collect::<Result<_, _>>().map_err(|error| io(format!("provision {}", phase.cell), error.into()))
    }

    async fn play(&self, phase: &Phase, lines: mpsc::Sender<Line>) -> Result<PhaseEnd, EngineError> {
        let mut end = PhaseEnd { code: 0, oom_killed: false, stderr: String::new(), kept: None };
        let mut asked: Option<Vec<Option<usize>>> = None;
        for step in self.recording(phase)? {
            let line = match step {
                Step::Say(line) => match renumbered(line, asked.as_deref()) {
                    Some(line) => line,
                    None => continue,
                },
                Step::Do(Directive::Scenarios { names }) => {
                    let places = places(phase, &names);
                    let is_as_asked = places.iter().enumerate().all(|(number, place)| *place == Some(number));
                    asked = (!is_as_asked).then_some(places);
                    continue;
                }
                Step::Do(Directive::Raw { text }) => text.into_bytes(),
                Step::Do(Directive::Sleep { ms }) => {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    continue;
                }
                Step::Do(Directive::Hang {}) => std::future::pending().await,
                Step::Do(Directive::Stderr { text }) => {
                    end.stderr.push_str(&text);
                    continue;
                }
                Step::Do(Directive::Die { code }) => return Ok(PhaseEnd { code, ..end }),
                Step::Do(Directive::Oom {}) => return Ok(PhaseEnd { code: 137, oom_killed: true, ..end }),
                Step::Do(Directive::Unreachable {}) => {
                    let message = "the recording says so".to_owned();
                    return Err(EngineError::Unreachable { address: self.folder.display().to_string(), message });
                }
                Step::Do(Directive::Line {}) => return Err(EngineError::Line),
                Step::Do(Directive::Packages { .. }) => continue,
            };
            lines.send(line.into()).await.map_err(|_| EngineError::Cancelled)?;
        }
        Ok(end)
    }

    fn find(&self, wanted: &[PythonVersion]) -> Found {
        let list = std::fs::read_to_string(self.folder.join("interpreters")).ok();
        let is_there = |python: &str| list.as_ref().is_none_or(|list| list.lines().any(|line| line.trim() == python));
        let answer = |python: PythonVersion| {
            let text = python.to_string();
            if is_there(&text) {
                Ok(Interpreter { what: format!("fake python {text}"), digest: None, version: None })
            } else {
                Err(Missing {
                    message: format!("no CPython {text} among the recordings"),
                    hint: format!("add {text} to {}", self.folder.join("interpreters").display()),
                })
            }
        };
        wanted.iter().map(|python| (*python, answer(*python))).collect()
    }
}

impl Engine for FakeEngine {
    fn name(&self) -> &'static str {
        "fake"
    }

    /// Always the same, so that what tests see doesn't depend on where they run.
    fn machine(&self) -> &'static str {
        "x86_64"
    }

    fn place(&self) -> String {
        "fake".to_owned()
    }

    fn caveats(&self) -> Vec<String> {
        Vec::new()
    }

    fn interpreters<'a>(&'a self, wanted: &'a [PythonVersion]) -> BoxFuture<'a, Result<Found, EngineError>> {
        std::future::ready(Ok(self.find(wanted))).boxed()
    }

    fn upload<'a>(&'a self, _files: &'a [StoreFile]) -> BoxFuture<'a, Result<(), EngineError>> {
        std::future::ready(Ok(())).boxed()
    }

    fn run<'a>(
        &'a self,
        phase: &'a Phase,
        lines: mpsc::Sender<Line>,
        cancel: CancellationToken,
    ) -> BoxFuture<'a, Result<PhaseEnd, EngineError>> {
        async move {
            tokio::select! {
                biased;
                () = cancel.cancelled() => Err(EngineError::Cancelled),
                end = self.play(phase, lines) => end,
            }
        }
        .boxed()
    }

    fn clean(&self, _cache: bool) -> BoxFuture<'_, Result<Vec<String>, EngineError>> {
        std::future::ready(Ok(Vec::new())).boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), EngineError>> {
        std::future::ready(Ok(())).boxed()
    }
}

/// A line of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Say(Vec<u8>),
    Do(Directive),
}

fn steps(text: &str) -> std::io::Result<Vec<Step>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with("//"));
    lines.map(|(index, line)| step(line).map_err(|error| std::io::Error::other(format!("line {}: {error}", index + 1)))).collect()
}

fn step(line: &str) -> Result<Step, serde_json::Error> {
    // Recordings may have millions of lines, and nearly all are said: those are only checked.
    if !line.contains("\"fake\"") {
        return serde_json::from_str::<serde::de::IgnoredAny>(line).map(|_| Step::Say(line.into()));
    }
    let value: serde_json::Value = serde_json::from_str(line)?;
    if value.get("fake").is_some() { serde_json::from_value(value).map(Step::Do) } else { Ok(Step::Say(line.into())) }
}

/// Where each scenario is in the job of a phase.
fn places(phase: &Phase, names: &[String]) -> Vec<Option<usize>> {
    /// All of a job that is looked at.
    #[derive(Deserialize)]
    struct Asked {
        scenarios: Vec<Named>,
    }
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    let asked = serde_json::from_str(&phase.job).map(|Asked { scenarios }| scenarios).unwrap_or_default();
    let numbers: HashMap<&str, usize> = asked.iter().enumerate().map(|(number, scenario)| (scenario.name.as_str(), number)).collect();
    names.iter().map(|name| numbers.get(name.as_str()).copied()).collect()
}

/// A line with the number that its scenario has in the job; `None` where the job does not ask for it.
fn renumbered(line: Vec<u8>, asked: Option<&[Option<usize>]>) -> Option<Vec<u8>> {
    /// All that is looked at.
    #[derive(Deserialize)]
    struct Numbered {
        scenario: Option<usize>,
    }
    let Some(asked) = asked else { return Some(line) };
    let numbered = serde_json::from_slice(&line).ok().and_then(|Numbered { scenario }| scenario);
    if numbered.is_none_or(|number| asked.get(number).is_none_or(|place| *place == Some(number))) {
        return Some(line);
    }
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(&line) else { return Some(line) };
    let number = value.get("scenario").and_then(serde_json::Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let Some(place) = number.and_then(|number| asked.get(number)) else { return Some(line) };
    value["scenario"] = (*place)?.into();
    serde_json::to_vec(&value).ok()
}

/// The packages that a cell's id names; its interpreter and its date are none.
fn packages_in(cell: &str) -> Vec<Package> {
    let parts = cell.split('+').filter(|part| !part.starts_with("python-") && !part.starts_with("deps-"));
    let pairs = parts.filter_map(|part| part.rsplit_once('-')).filter(|(_, version)| *version != "none");
    pairs.map(|(name, version)| Package { name: name.to_owned(), version: version.to_owned(), hashes: Vec::new(), url: None }).collect()
}

fn io(action: String, source: std::io::Error) -> EngineError {
    EngineError::Io { action, source }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use tempfile::TempDir;

    use super::*;
    use crate::matrix::Limits;

    #[test]
    fn a_line_with_the_key_fake_is_a_directive_and_any_other_is_said() {
        let read = steps("// how it went\n{\"event\":\"done\"}\n\n{\"fake\":\"die\",\"code\":139}\n").unwrap_or_default();
        assert_eq!(read, [Step::Say(b"{\"event\":\"done\"}".to_vec()), Step::Do(Directive::Die { code: 139 })]);
    }

    #[test]
    fn a_directive_that_is_unknown_names_its_line() {
        let error = steps("{\"event\":\"done\"}\n{\"fake\":\"explode\"}").map_err(|error| error.to_string());
        assert!(error.is_err_and(|text| text.starts_with("line 2: ")));
    }

    #[test]
    fn the_packages_of_a_cell_are_in_its_name() {
        let names = |cell: &str| packages_in(cell).into_iter().map(|p| format!("{} {}", p.name, p.version)).collect::<Vec<_>>();
        assert_eq!(names("numpy-2.0.2+tensorflow-cpu-2.18.1+python-3.11"), ["numpy 2.0.2", "tensorflow-cpu 2.18.1"]);
        assert_eq!(names("numpy-2.0.2+tensorflow-none"), ["numpy 2.0.2"]);
    }

    async fn play(engine: &FakeEngine, kind: PhaseKind) -> (Vec<String>, Result<PhaseEnd, EngineError>) {
        let phase = Phase {
            kind,
            cell: "numpy-2.0.2".to_owned(),
            python: PythonVersion::new(3, 11),
            program: None,
            agent: String::new(),
            job: String::new(),
            env: BTreeMap::new(),
            limits: Limits::default(),
            deadline: std::time::Duration::from_mins(1),
            kin: String::new(),
            then: None,
            from: None,
        };
        let (sender, mut receiver) = mpsc::channel(16);
        let end = engine.run(&phase, sender, CancellationToken::new()).await;
        let mut lines = Vec::new();
        while let Some(line) = receiver.recv().await {
            lines.push(String::from_utf8_lossy(&line.text).into_owned());
        }
        (lines, end)
    }

    #[tokio::test]
    async fn a_recording_is_played_up_to_its_fault() {
        let folder = TempDir::new().expect("a folder");
        let engine = FakeEngine::new(folder.path().to_owned());
        let recording = "{\"event\":\"started\"}\n{\"fake\":\"stderr\",\"text\":\"oh\"}\n{\"fake\":\"oom\"}\n{\"event\":\"done\"}\n";
        std::fs::write(folder.path().join("numpy-2.0.2.jsonl"), recording).expect("written");
        let (lines, end) = play(&engine, PhaseKind::Execute).await;
        assert_eq!(lines, ["{\"event\":\"started\"}"]);
        assert!(end.is_ok_and(|end| end == PhaseEnd { code: 137, oom_killed: true, stderr: "oh".to_owned(), kept: None }));
    }

    #[tokio::test]
    async fn an_environment_without_a_recording_is_there() {
        let folder = TempDir::new().expect("a folder");
        let engine = FakeEngine::new(folder.path().to_owned());
        let (lines, end) = play(&engine, PhaseKind::Provision).await;
        assert!(end.is_ok_and(|end| end.code == 0));
        let events: Vec<Event> = lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect();
        assert!(matches!(events.as_slice(), [Event::Hello(_), Event::Provisioned(made), Event::Done {}] if made.packages.len() == 1));
        let (_, end) = play(&engine, PhaseKind::Execute).await;
        assert!(matches!(end, Err(EngineError::Io { .. })), "{end:?}");
    }
}
