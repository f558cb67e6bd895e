//! The agent and the protocol it speaks.
//!
//! The agent is one Python file, [`SOURCE`]. It reads one [`Job`], one line of JSON, from stdin and writes [`Event`]s,
//! one line of JSON each, to stdout. Nothing in it knows which engine started it. These types are the whole contract.

mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::observation::{Ending, Observation, Raised, Warned};

/// The agent: standard library only, CPython 3.7 to 3.14.
pub const SOURCE: &str = include_str!("agent.py");

/// Version of this protocol; the agent refuses a job of another one.
pub const PROTOCOL: u32 = 1;

/// What an agent is asked to do. In every argv and path below the agent replaces `{root}` (the environment store, from
/// the environment variable `SKEW_ROOT`), `{python}` (its own interpreter), `{work}` (its scratch folder), `{lock}` (the
/// lock file), `{missing}` (the part of the lock that is to be installed) and `{environment}` (the environment being made).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "lowercase")]
pub enum Job {
    /// Makes an environment; has network.
    Provision(Provision),
    /// Runs scenarios in an environment; has none.
    Execute(Execute),
}

/// Resolve, then install and keep what no environment of this interpreter had before, then link to it all.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provision {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// Files that the steps read, written into `{work}` first: name → text.
    pub files: BTreeMap<String, String>,
    /// Variables added to the environment of every step.
    pub env: BTreeMap<String, String>,
    /// Where a resolution is kept: `{root}/locks/<lock_key>`; `None` resolves anew each time.
    pub lock_key: Option<String>,
    /// argv that writes `{lock}`.
    pub resolve: Vec<String>,
    /// The same without a cut-off date, tried when `resolve` fails; `None` when `resolve` has no cut-off.
    pub resolve_uncut: Option<Vec<String>>,
    /// Of a failed resolution: what its stderr holds, in lower case, where it says nothing about whether packages fit together.
    /// Then `resolve_uncut` is not tried.
    pub trouble: Vec<String>,
    /// argv that creates the empty environment `{environment}`.
    pub create: Vec<String>,
    /// argv that installs `{missing}` into `{environment}`.
    pub install: Vec<String>,
    /// Seconds each step may take.
    pub step_timeout: f64,
    /// What the store may take of its disk.
    pub room: Room,
}

/// What the environment store may take of the disk that it is on. Environments are removed to make room, those first that
/// were used longest ago.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Room {
    /// Bytes of the store beyond which environments go; `None`: no limit.
    pub limit: Option<u64>,
    /// Bytes that stay free on its disk.
    pub min_free: u64,
    /// How many of the environments that were asked for last stay: somebody is about to use them.
    pub spare: usize,
}

/// Pre-import once, then one child per scenario and repeat.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Execute {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// Modules to import first, in order (the axis packages' import names).
    pub imports: Vec<String>,
    /// Scenarios in plan order.
    pub scenarios: Vec<ScenarioJob>,
    /// Seed for `random`, NumPy and TensorFlow in each child; `None` seeds from the operating system.
    pub seed: Option<u32>,
    /// Bytes of array content one scenario may send; beyond it arrays are [truncated](crate::observation::Truncated).
    pub value_bytes: u64,
    /// Observations one scenario may make; one more is a protocol violation.
    pub max_observations: u32,
    /// Bytes kept of each of stdout and stderr of a scenario.
    pub output_bytes: u64,
    /// Memory limit in bytes for each child where the engine has no cgroup to set it on (`local`); else `None`.
    pub memory_bytes: Option<u64>,
    /// Limit of processes a child may have where the engine has no cgroup (`local`); else `None`.
    pub pids: Option<u32>,
}

/// One scenario of an [`Execute`] job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScenarioJob {
    /// Name: path below its scenario folder without `.py`.
    pub name: String,
    /// Source text.
    pub source: String,
    /// Seconds one execution may take.
    pub timeout: f64,
    /// Executions.
    pub repeats: u32,
    /// `Some(false)` starts each execution in a fresh process; `None` leaves it to the agent, which forks unless the
    /// source assigns to `os.environ` before it first imports one of `imports`.
    pub fork: Option<bool>,
    /// Variables for this scenario; not empty implies a fresh process.
    pub env: BTreeMap<String, String>,
}

/// What an agent says, in the order it happens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// First line of every job.
    Hello(Hello),
    /// Provision: a step ended (well or not).
    Step(Step),
    /// Provision: last line when the environment is there.
    Provisioned(Provisioned),
    /// Execute: a module was imported, or not.
    Imported(Imported),
    /// Execute: an execution of a scenario begins.
    Started(Started),
    /// Execute: a scenario observed something. The first repeat's observations come with data; those of later repeats
    /// come only where they differ from the first one's.
    Observed(Observed),
    /// Execute: an execution ended.
    Ended(Ended),
    /// Last line: the job is done. An agent whose output ends without it died.
    Done {},
}

/// Parts of JSON in one line, because a line of brackets takes 60 times its length in memory. The agent passes on lines of at
/// most 2 Mi of them.
pub const MAX_PIECES: usize = (2 << 20) + (64 << 10);

/// Memory of one part of JSON, roughly.
const PIECE: usize = 80;

/// A line of an agent that is not read yet.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    bytes: &'a [u8],
    pieces: usize,
}

/// Why a line is no event.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// It is no JSON, or not of this form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// It would take too much memory.
    #[error("more than {MAX_PIECES} pieces of JSON")]
    Pieces,
}

impl<'a> Line<'a> {
    /// Takes the bytes, without the newline.
    pub fn new(bytes: &'a [u8]) -> Self {
        let (mut pieces, mut text, mut escaped) = (0, false, false);
        for byte in bytes {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = text,
                b'"' => text = !text,
                b'[' | b'{' | b',' if !text => pieces += 1,
                _ => {}
            }
        }
        Self { bytes, pieces }
    }

    /// Bytes that it takes in memory once it is read, roughly.
    pub fn weight(&self) -> usize {
        self.bytes.len() + PIECE * self.pieces.min(MAX_PIECES)
    }

    /// What the agent says with it.
    ///
    /// # Errors
    /// It is no event, or one that no agent needs.
    pub fn read(&self) -> Result<Event, LineError> {
        if self.pieces > MAX_PIECES {
            return Err(LineError::Pieces);
        }
        // What is wrong with a line of another form is told by the form that all have.
        match serde_json::from_slice(self.bytes) {
            Ok(read::Usual(event)) => Ok(event),
            Err(_) => Ok(serde_json::from_slice(self.bytes)?),
        }
    }
}

/// Who speaks, and on what.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// Full version, `3.11.7`.
    pub python: String,
    /// `cpython`.
    pub implementation: String,
    /// `x86_64`, `aarch64` …
    pub machine: String,
    /// Name of the processor, where known.
    pub cpu: String,
    /// Features that numerical kernels dispatch on, sorted (`avx2`, `avx512f`, `fma` …).
    pub cpu_features: Vec<String>,
    /// `glibc 2.36`, where known.
    pub libc: String,
}

/// How a provisioning step ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Step {
    /// `resolve`, `resolve-uncut`, `room`, `create`, `install`, `keep`, `link`, `compile`.
    pub name: String,
    /// Exit code; negative for a signal, `None` when it took too long or could not be started.
    pub code: Option<i32>,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Nothing had to be done: the result was there.
    pub reused: bool,
    /// The end of what it wrote to standard error.
    pub stderr: String,
}

/// An environment that is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Provisioned {
    /// Digest of interpreter version and full package list: the environment's identity.
    pub digest: String,
    /// Python executable, `{root}` left symbolic.
    pub python: String,
    /// Every installed distribution.
    pub packages: Vec<Package>,
    /// The resolution needed the uncut index.
    pub uncut: bool,
    /// The environment existed before.
    pub reused: bool,
    /// Bytes on disk that it added beside the installer's cache, where it was made now: its own, and those of packages that
    /// no environment had before.
    pub added_bytes: u64,
}

/// An installed distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Normalised name.
    pub name: String,
    /// Version.
    pub version: String,
    /// `sha256:…` hashes the installer may accept, as locked.
    #[serde(default)]
    pub hashes: Vec<String>,
    /// Where the wheel is, if it is none of the user's index: an address, or `file://${SKEW_ROOT}/…` in the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Package {
    /// As a line of requirements: `numpy==2.0.2`, or `numpy @ ADDRESS`.
    pub fn requirement(&self) -> String {
        match &self.url {
            Some(url) => format!("{} @ {url}", self.name),
            None => format!("{}=={}", self.name, self.version),
        }
    }

    /// The file name of a wheel that was on the machine of the run alone.
    pub fn local_wheel(&self) -> Option<&str> {
        self.url.as_deref().filter(|url| url.starts_with("file:")).and_then(|url| url.rsplit('/').next())
    }
}

/// A pre-import.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Imported {
    /// Module.
    pub module: String,
    /// Its `__version__`, where it has one.
    pub version: Option<String>,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Warnings issued.
    pub warnings: Vec<Warned>,
    /// Why it could not be imported.
    pub error: Option<Raised>,
    /// The signal when importing killed the process, `timeout` when it hung.
    pub died: Option<String>,
    /// The end of what it wrote to standard error.
    pub stderr: String,
}

/// An execution begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Started {
    /// Index into [`Execute::scenarios`].
    pub scenario: u32,
    /// 0-based repeat.
    pub repeat: u32,
    /// In a fork of the pre-imported parent, or in a fresh process.
    pub fork: bool,
}

/// An observation of an execution.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Observed {
    /// Index into [`Execute::scenarios`].
    pub scenario: u32,
    /// 0-based repeat.
    pub repeat: u32,
    /// The observation.
    pub observation: Observation,
}

/// An execution ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ended {
    /// Index into [`Execute::scenarios`].
    pub scenario: u32,
    /// 0-based repeat.
    pub repeat: u32,
    /// Names that the first repeat observed and this one did not.
    #[serde(default)]
    pub missing: Vec<String>,
    /// How.
    pub ending: Ending,
}
