//! What can go wrong with the index.

/// Trouble with the package index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The index does not know the package.
    #[error("{index} has no package `{package}`")]
    NotFound {
        /// Distribution.
        package: String,
        /// The index, without credentials.
        index: String,
    },
    /// No answer, or none that makes sense, after all tries.
    #[error("the package index {index} could not be asked: {message}")]
    Unreachable {
        /// The index or file, without credentials.
        index: String,
        /// What happened.
        message: String,
    },
    /// A cut-off was asked for, and the index does not say when files came out.
    #[error(
        "the package index gives no upload times for {package}, so `dependencies: release` cannot be computed; set `dependencies: today`"
    )]
    NoUploadTimes {
        /// Distribution.
        package: String,
    },
    /// The index does not speak JSON.
    #[error("{index} answers with HTML only; skew needs the JSON Simple API (PEP 691)")]
    HtmlOnly {
        /// The index, without credentials.
        index: String,
    },
    /// A file's content is not what the index promised.
    #[error("{file} has SHA-256 {found}, the index says {expected}")]
    Hash {
        /// File name.
        file: String,
        /// Promised digest.
        expected: String,
        /// Digest of what came.
        found: String,
    },
    /// Neither the index nor the file itself tells what the wheel declares.
    #[error("the metadata of {file} cannot be read without downloading it: {message}")]
    NoMetadata {
        /// File name.
        file: String,
        /// Why not.
        message: String,
    },
    /// Offline, and the cache has no answer.
    #[error("offline, and {what} is not in the cache; run once with the network")]
    Offline {
        /// What was asked for.
        what: String,
    },
    /// A setting of the user's makes no sense.
    #[error("{origin}: {message}")]
    Setting {
        /// Variable or file.
        origin: String,
        /// What is wrong with it.
        message: String,
    },
    /// The cache cannot be written.
    #[error("cannot write to the cache: {}: {source}", path.display())]
    Cache {
        /// Where.
        path: std::path::PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl IndexError {
    /// Whether the user's configuration is to blame (exit code 2) and not the infrastructure (exit code 3).
    pub fn is_configuration(&self) -> bool {
        match self {
            Self::NotFound { .. } | Self::NoUploadTimes { .. } | Self::HtmlOnly { .. } | Self::Setting { .. } => true,
            Self::Unreachable { .. } | Self::Hash { .. } | Self::NoMetadata { .. } | Self::Offline { .. } | Self::Cache { .. } => false,
        }
    }
}
