//! What ends a command early: message, hint, documented exit code.

use std::{io::ErrorKind, path::PathBuf};

pub(crate) use skew_engine::chain;

use crate::{
    engine::EngineError,
    environment::UvError,
    index::IndexError,
    matrix::{Problems, ReadError},
    plan::PlanError,
    report::terminal::ExplainError,
    run::RunError,
    scenario::ScenarioError,
    store::{MergeError, StoreError},
};

/// Everything as expected.
pub const EXIT_OK: u8 = 0;
/// Unexpected differences.
pub const EXIT_DIFFERENT: u8 = 1;
/// Usage or configuration.
pub const EXIT_USAGE: u8 = 2;
/// Infrastructure failed; the result is incomplete.
pub const EXIT_INCOMPLETE: u8 = 3;
/// Nothing selected.
pub const EXIT_NOTHING: u8 = 4;
/// A published file no longer matches the stored results.
pub const EXIT_STALE: u8 = 5;
/// Interrupted; partial results are kept.
pub const EXIT_INTERRUPTED: u8 = 130;

/// An error of a command.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// matrix.yaml cannot be read or has problems.
    #[error(transparent)]
    Matrix(#[from] ReadError),
    /// The matrix names things that do not exist.
    #[error(transparent)]
    Problems(#[from] Problems),
    /// Scenarios cannot be collected.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The plan cannot be made.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The package index failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The engine failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// uv cannot be had.
    #[error(transparent)]
    Uv(#[from] UvError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The run failed as a whole.
    #[error(transparent)]
    Run(#[from] RunError),
    /// `explain` was asked for something that is not in the report.
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// The command line makes no sense.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// `read`, `write`.
        action: &'static str,
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The selection is empty.
    #[error("{0}")]
    Nothing(String),
    /// Parts of a run cannot be joined.
    #[error(transparent)]
    Merge(#[from] MergeError),
}

impl Error {
    /// The documented exit code.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Plan(PlanError::Index(error)) | Self::Index(error) | Self::Uv(UvError::Index(error)) if error.is_configuration() => {
                EXIT_USAGE
            }
            // That the disk is full is nobody's wrong word.
            Self::File { source, .. } if source.kind() == ErrorKind::StorageFull => EXIT_INCOMPLETE,
            Self::Matrix(_)
            | Self::Problems(_)
            | Self::Scenario(_)
            | Self::Explain(_)
            | Self::Usage { .. }
            | Self::File { .. }
            | Self::Plan(PlanError::Problems(_) | PlanError::Empty { .. })
            | Self::Merge(MergeError::Whole { .. } | MergeError::Mixed { .. } | MergeError::Overlap { .. })
            | Self::Run(RunError::Store(StoreError::Taken { .. }))
            | Self::Store(StoreError::Empty { .. } | StoreError::Locked { .. } | StoreError::Newer { .. } | StoreError::Taken { .. }) => {
                EXIT_USAGE
            }
            Self::Run(RunError::Engine(EngineError::Cancelled)) => EXIT_INTERRUPTED,
            Self::Plan(_) | Self::Index(_) | Self::Engine(_) | Self::Uv(_) | Self::Store(_) | Self::Run(_) | Self::Merge(_) => {
                EXIT_INCOMPLETE
            }
            Self::Nothing(_) => EXIT_NOTHING,
        }
    }

    /// Errors that bring their own picture of the file: place, text, help.
    pub fn rendered(&self, color: bool) -> Option<String> {
        match self {
            Self::Matrix(ReadError::Problems(problems)) | Self::Problems(problems) => Some(problems.render(color)),
            Self::Scenario(error @ ScenarioError::Problems(_)) => Some(error.render(color)),
            Self::Matrix(_)
            | Self::Scenario(_)
            | Self::Plan(_)
            | Self::Index(_)
            | Self::Engine(_)
            | Self::Uv(_)
            | Self::Store(_)
            | Self::Run(_)
            | Self::Merge(_)
            | Self::Explain(_)
            | Self::Usage { .. }
            | Self::File { .. }
            | Self::Nothing(_) => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } => hint.clone(),
            Self::Matrix(error) => error.hint().map(str::to_owned),
            Self::Index(IndexError::Unreachable { .. }) | Self::Plan(PlanError::Index(IndexError::Unreachable { .. })) => {
                Some("is the network up? UV_DEFAULT_INDEX or PIP_INDEX_URL name another index; `--offline` uses what is cached".to_owned())
            }
            Self::Index(IndexError::Cache { .. })
            | Self::Plan(PlanError::Index(IndexError::Cache { .. }))
            | Self::Uv(UvError::Index(IndexError::Cache { .. }) | UvError::Io { .. }) => Some(OTHER_CACHE.to_owned()),
            Self::Uv(UvError::Index(IndexError::Unreachable { .. })) => {
                Some("uv is downloaded once; where the index cannot be reached, put it on PATH".to_owned())
            }
            Self::Scenario(error) => error.hint().map(str::to_owned),
            Self::Explain(error) => Some(error.hint()),
            Self::Engine(error) | Self::Run(RunError::Engine(error)) => engine_hint(error),
            Self::Store(error) | Self::Run(RunError::Store(error)) | Self::Merge(MergeError::Store { error, .. }) => store_hint(error),
            Self::Merge(MergeError::Missing(_)) => Some("name the folders of all parts; a part that failed is run again".to_owned()),
            Self::Merge(MergeError::Mixed { .. } | MergeError::Overlap { .. }) => Some(
                "all parts need the same matrix, scenarios and `.skew` folder to begin with: a cell's time decides its part".to_owned(),
            ),
            Self::Merge(MergeError::Whole { .. }) => Some("`skew run --shard 1/4` makes a part".to_owned()),
            Self::Nothing(_) => Some("`skew plan` lists cells and scenarios".to_owned()),
            Self::Problems(_) | Self::Plan(_) | Self::Index(_) | Self::Uv(_) | Self::File { .. } => None,
        }
    }
}

/// What to do where the cache cannot be written.
const OTHER_CACHE: &str = "the folder may belong to another user, be read-only or full; SKEW_CACHE_DIR names another one";

fn engine_hint(error: &EngineError) -> Option<String> {
    match error {
        EngineError::Unreachable { .. } => Some("start the daemon, set DOCKER_HOST, or use `--engine local`".to_owned()),
        EngineError::Docker { message, .. } if message.contains("no space left on device") => Some(
            "make room where the daemon keeps its volumes; `skew clean --cache` removes all environments, and the next run makes those \
             it needs"
                .to_owned(),
        ),
        EngineError::Io { action, source }
            if action.contains("environment store")
                && matches!(source.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) =>
        {
            Some(OTHER_CACHE.to_owned())
        }
        EngineError::NoCluster { .. } => {
            Some("KUBECONFIG names the file that says where the cluster is; `skew doctor --engine kubernetes` looks".to_owned())
        }
        EngineError::Unsupported { engine: "kubernetes", .. } => {
            Some("KUBECONFIG names the file that says where the cluster is; without one, use `--engine docker` or `local`".to_owned())
        }
        EngineError::Kubernetes { message, .. } if message.contains("forbidden") => {
            Some("`skew doctor --engine kubernetes` prints the role that is needed".to_owned())
        }
        EngineError::Kubernetes { .. }
        | EngineError::Start { .. }
        | EngineError::Pod { .. }
        | EngineError::Docker { .. }
        | EngineError::Io { .. }
        | EngineError::Line
        | EngineError::Cancelled
        | EngineError::Unsupported { .. } => None,
    }
}

fn store_hint(error: &StoreError) -> Option<String> {
    match error {
        StoreError::Empty { .. } => Some("`skew run` makes one".to_owned()),
        StoreError::Locked { .. } => Some("wait for it, or stop it".to_owned()),
        StoreError::Taken { .. } => Some("give it another SKEW_RUN_ID, or none".to_owned()),
        StoreError::Newer { .. } => Some("update skew, or move the folder away to start anew".to_owned()),
        StoreError::Open { .. } | StoreError::Sql(_) => Some("is the disk full, or the folder read-only?".to_owned()),
        StoreError::Row(_) => None,
    }
}
