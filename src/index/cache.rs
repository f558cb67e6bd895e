//! The index's answers on disk.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::IndexError;

/// A folder of answers.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    folder: PathBuf,
}

/// What is known about a stored answer; stands as one line of JSON before its body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Header {
    /// When it was last known to be right.
    pub(super) fetched: Timestamp,
    /// Its address without credentials, to which addresses in it are relative.
    pub(super) url: String,
    /// The server's tag for it.
    pub(super) etag: Option<String>,
}

impl Cache {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where the page of a project is kept: indexes do not share pages.
    pub(super) fn project(&self, index: &str, package: &str) -> PathBuf {
        let index = blake3::hash(index.as_bytes()).to_hex();
        self.folder.join(&index[..16]).join(format!("{package}.page"))
    }

    /// Where a wheel's metadata is kept, by the digest of the wheel (or of its address).
    pub(super) fn metadata(&self, digest: &str) -> PathBuf {
        self.folder.join("metadata").join(digest)
    }

    /// A stored answer; damaged ones count as absent, for they can be fetched again.
    pub(super) async fn page(&self, path: &Path) -> Option<(Header, Vec<u8>)> {
        let content = tokio::fs::read(path).await.ok()?;
        let end = content.iter().position(|byte| *byte == b'\n')?;
        let header = serde_json::from_slice(&content[..end]).ok()?;
        Some((header, content[end + 1..].to_vec()))
    }

    /// Stores an answer.
    pub(super) async fn store_page(&self, path: &Path, header: &Header, body: &[u8]) -> Result<(), IndexError> {
        let wrong = |error: serde_json::Error| IndexError::Cache { path: path.to_owned(), source: error.into() };
        let mut content = serde_json::to_vec(header).map_err(wrong)?;
        content.push(b'\n');
        content.extend_from_slice(body);
        self.store(path, &content).await
    }

    /// Writes a file whole or not at all: others may read it at the same time.
    pub(super) async fn store(&self, path: &Path, content: &[u8]) -> Result<(), IndexError> {
        // Pure wheels are asked for once per interpreter, so two writers of one file may be in one process, too.
        static WRITES: AtomicU64 = AtomicU64::new(0);
        let unique = format!("{}-{}.tmp", std::process::id(), WRITES.fetch_add(1, Ordering::Relaxed));
        let temporary = path.with_extension(unique);
        let write = async {
            tokio::fs::create_dir_all(path.parent().unwrap_or(&self.folder)).await?;
            tokio::fs::write(&temporary, content).await?;
            tokio::fs::rename(&temporary, path).await
        };
        write.await.map_err(|source| IndexError::Cache { path: path.to_owned(), source })
    }
}
