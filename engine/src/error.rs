//! What goes wrong beneath an engine.

use crate::MAX_LINE;

/// An error with its causes, each told once: a client's own text seldom says what was wrong.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let next = cause.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        source = cause.source();
    }
    text
}

/// Trouble of the engine: never a statement about a cell.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Nothing answers.
    #[error("no Docker daemon answers at {address}: {message}")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// What the client said.
        message: String,
    },
    /// The daemon refused or failed.
    #[error("docker could not {action}: {message}")]
    Docker {
        /// What was asked, as "create the container of numpy-…".
        action: String,
        /// What it answered.
        message: String,
    },
    /// No API server answers.
    #[error("no Kubernetes API server answers at {address}: {message}")]
    NoCluster {
        /// Where it was looked for.
        address: String,
        /// What the client said.
        message: String,
    },
    /// The cluster refused or failed.
    #[error("kubernetes could not {action}: {message}")]
    Kubernetes {
        /// What was asked, as "start the pod of numpy-…".
        action: String,
        /// What it answered.
        message: String,
    },
    /// The cluster refuses to start a pod: its image cannot be pulled, its container not be made.
    #[error("kubernetes could not start the pod of {cell}: {message}")]
    Start {
        /// What the pod is for.
        cell: String,
        /// What it answered.
        message: String,
    },
    /// A pod was evicted, its node was lost, or somebody deleted it.
    #[error("{message}")]
    Pod {
        /// What happened to it.
        message: String,
    },
    /// A process could not be started or read.
    #[error("could not {action}: {source}")]
    Io {
        /// What was tried.
        action: String,
        /// Why not.
        source: std::io::Error,
    },
    /// The agent wrote a line beyond [`MAX_LINE`].
    #[error("the agent wrote a line of more than {MAX_LINE} bytes")]
    Line,
    /// The phase was cancelled.
    #[error("interrupted")]
    Cancelled,
    /// The engine cannot be had in this way.
    #[error("there is no engine {engine} here: {message}")]
    Unsupported {
        /// Its name.
        engine: &'static str,
        /// Why not.
        message: String,
    },
}
