//! Where a phase of a job runs: one contract for containers, processes and tests.
//!
//! An engine runs one phase of one job and hands back the agent's lines. It knows nothing of what the lines say, and
//! nothing above it knows a path of the host.
//!
//! A crate of its own, so that the clients of Docker and Kubernetes are compiled once, beside the rest and with less
//! optimisation. What is asynchronous and public returns a boxed future: an `async fn` would be compiled by its callers,
//! once more and with all that it awaits.

mod docker;
mod error;
mod host;
mod kubernetes;
mod local;
mod owner;
mod python;
mod settings;
mod stream;

pub use docker::*;
pub use error::*;
pub use kubernetes::*;
pub use local::*;
pub use python::*;
pub use settings::*;

use std::{collections::BTreeMap, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Runs phases.
pub trait Engine: Send + Sync {
    /// `docker`, `local`, `kubernetes`, `fake`.
    fn name(&self) -> &'static str;

    /// `x86_64` or `aarch64`: which wheels fit.
    fn machine(&self) -> &str;

    /// Tells apart the places where a scenario may come out differently in the same environment: the kind of engine, its
    /// processor, what it lets through. What ran in one place need not be run again in another that is told the same.
    fn place(&self) -> String;

    /// What it cannot isolate, one sentence each; empty when the whole sandbox holds.
    fn caveats(&self) -> Vec<String>;

    /// Looks for the interpreters. The outer error is trouble that ends the run (no daemon); the inner one, of a single
    /// interpreter, makes its cells *not-run* and says what to do.
    fn interpreters<'a>(&'a self, wanted: &'a [PythonVersion]) -> BoxFuture<'a, Result<Found, EngineError>>;

    /// Puts files into the environment store (paths relative to it), unless they are there already.
    fn upload<'a>(&'a self, files: &'a [StoreFile]) -> BoxFuture<'a, Result<(), EngineError>>;

    /// Runs a phase to its end and sends every line of the agent's stdout from [`Phase::from`] on, without the newline; a last line without its
    /// newline was cut off by the agent's death and is not sent. Lines longer than [`MAX_LINE`] end the phase with
    /// [`EngineError::Line`]. Cancelling stops the phase, whole process tree included, and so does a receiver of the
    /// lines that is gone; both end it with [`EngineError::Cancelled`].
    fn run<'a>(
        &'a self,
        phase: &'a Phase,
        lines: mpsc::Sender<Line>,
        cancel: CancellationToken,
    ) -> BoxFuture<'a, Result<PhaseEnd, EngineError>>;

    /// Whether both phases of a cell run in one place that the first phase makes. What the second is to do is then fixed
    /// before the first ([`Phase::then`]), a cell holds its place from the one to the other, and the environment store
    /// fetches what it can by itself ([`StoreFile::download`]).
    fn keeps_cells(&self) -> bool {
        false
    }

    /// Gives up the place that a cell was kept in, because nothing more will run there.
    fn leave<'a>(&'a self, _cell: &'a str) -> BoxFuture<'a, ()> {
        std::future::ready(()).boxed()
    }

    /// Before a run: removes what dead runs left behind, or keeps what this run can go on with. Returns a line for each
    /// thing.
    fn reap(&self) -> BoxFuture<'_, Result<Vec<String>, EngineError>> {
        self.clean(false)
    }

    /// Removes what dead runs left behind (containers, processes, scratch), and with `cache` the environment store too.
    /// Returns a line for each thing removed.
    fn clean(&self, cache: bool) -> BoxFuture<'_, Result<Vec<String>, EngineError>>;

    /// Removes whatever this run still owns; called once at its end. Deletion is idempotent.
    fn close(&self) -> BoxFuture<'_, Result<(), EngineError>>;
}

/// The longest line an agent may write, in bytes; what one phase buffers is bounded by it.
pub const MAX_LINE: usize = 64 << 20;

/// A line of an agent's stdout, without its newline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The bytes.
    pub text: Vec<u8>,
    /// Where it begins, if a later process can read on from there.
    pub mark: Option<Mark>,
}

impl From<Vec<u8>> for Line {
    fn from(text: Vec<u8>) -> Self {
        Self { text, mark: None }
    }
}

/// A place in a log from which it can be read on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Number of the log's line.
    pub number: u64,
    /// When that was written, by the clock of whoever keeps the log.
    pub written: Option<jiff::Timestamp>,
}

/// An answer for each interpreter that was looked for, in the order of the question.
pub type Found = Vec<(PythonVersion, Result<Interpreter, Missing>)>;

/// An interpreter that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interpreter {
    /// What starts it, for people: an image's name or a path.
    pub what: String,
    /// Digest of the image, where there is one.
    pub digest: Option<String>,
    /// Full version, where it is known before anything runs.
    pub version: Option<String>,
}

/// An interpreter that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What was looked for, and where.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// A file of the environment store.
#[derive(Clone, Debug)]
pub struct StoreFile {
    /// Relative path.
    pub path: String,
    /// Content.
    pub content: Vec<u8>,
    /// Whether it may be executed.
    pub executable: bool,
    /// Where an environment store that fetches by itself finds the content, which then is empty here.
    pub download: Option<Download>,
}

impl StoreFile {
    /// A file with a content.
    pub fn new(path: String, content: Vec<u8>, executable: bool) -> Self {
        Self { path, content, executable, download: None }
    }
}

/// A file in a wheel on a package index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Address of the wheel, without credentials.
    pub url: String,
    /// SHA-256 of the wheel in hexadecimal.
    pub sha256: String,
    /// Path in it.
    pub member: String,
}

/// Which kind of phase, and so which sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PhaseKind {
    /// Network on, environment store writable.
    Provision,
    /// Network off, environment store read-only, all limits.
    Execute,
}

/// One phase of one cell.
#[derive(Clone, Debug)]
pub struct Phase {
    /// Which.
    pub kind: PhaseKind,
    /// Cell, for labels.
    pub cell: String,
    /// Interpreter of the image or machine.
    pub python: PythonVersion,
    /// Program that runs the agent: `None` is the bare interpreter, else a path with `{root}` (the environment's).
    pub program: Option<String>,
    /// The agent's path in the environment store: of a file, or of a folder with a `__main__.py`.
    pub agent: String,
    /// The job, one line of JSON without newline.
    pub job: String,
    /// Variables for the agent.
    pub env: BTreeMap<String, String>,
    /// Limits; the timeout is per scenario and not the engine's to enforce.
    pub limits: Limits,
    /// The longest that the cell may take, both phases, if everything in it takes as long as it may.
    pub deadline: Duration,
    /// Cells with the same value here install much of the same: the version of the last package.
    pub kin: String,
    /// The execute phase to come, for an engine that [keeps cells](Engine::keeps_cells).
    pub then: Option<Box<Phase>>,
    /// Where to begin to read: what an earlier process read is not sent again.
    pub from: Option<Mark>,
}

/// How a phase ended when the engine itself worked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhaseEnd {
    /// Exit code; 128 + n for signal n.
    pub code: i64,
    /// The kernel killed the agent itself for the cell's memory limit.
    pub oom_killed: bool,
    /// The end of what the agent wrote to stderr.
    pub stderr: String,
    /// Name of the place in which an engine that [keeps cells](Engine::keeps_cells) goes on: that of the same log.
    pub kept: Option<String>,
}
