//! Facts, kept in SQLite beside matrix.yaml as they arrive.
//!
//! An execution of a scenario is written whole or not at all, and committed as soon as nothing else waits to be written: a
//! killed run loses at most what was in flight. What ran belongs to no
//! run: [`reuse`] finds it again for every later run in which it would come out the same. Only this module names the
//! database.

mod history;
mod intern;
mod merge;
mod migrate;
mod narrow;
mod packed;
mod read;
mod reuse;
mod verify;
mod write;

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};
use zstd::bulk::{Compressor, Decompressor};

pub use history::{Pruned, RunRow};
pub use merge::MergeError;
pub use read::{CellRow, ObservationRow, OutcomeRow, Record, ScenarioRow};
pub use reuse::{Repeat, Told, inapplicable};
pub use write::{NewCell, NewRun, NewScenario, Place};

use crate::{
    agent::{Hello, Imported, Package},
    engine::{Mark, PhaseKind},
    plan::Requirement,
    report::State,
};

/// Version of the schema, kept in SQLite's `user_version`.
const SCHEMA_VERSION: i64 = 3;

/// How long to wait for another process that uses the database.
const PATIENCE: Duration = Duration::from_secs(10);

/// The selection of a run that only looks a second time at another: it is never listed.
pub const SECOND_LOOK: &str = "--verify";

/// A BLAKE3 digest.
pub type Digest = [u8; 32];

/// What is known of a cell beside its outcomes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CellFacts {
    /// What became of it.
    pub state: State,
    /// It was asked for; a cell that was not is *not-run* without making the run incomplete.
    pub selected: bool,
    /// A search chooses whether it runs; while it has not, the cell counts as not selected.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub searched: bool,
    /// Why, when it did not run well.
    pub cause: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Digest of the environment.
    pub environment: Option<String>,
    /// Installed packages.
    pub packages: Vec<Package>,
    /// Its dependencies were taken without the cut-off date, because none resolved with it.
    pub uncut: bool,
    /// Interpreter, processor and so on, as the agent told.
    pub hello: Option<Hello>,
    /// The pre-imports.
    pub imports: Vec<Imported>,
    /// What ran it: image or path.
    pub interpreter: Option<String>,
    /// Digest of the image.
    pub image: Option<String>,
    /// Seconds from its first phase to its last.
    pub seconds: Option<f64>,
    /// Scenarios whose outcome was taken over from an earlier run.
    #[serde(default)]
    pub reused: u32,
    /// What its packages require of each other.
    #[serde(default)]
    pub requirements: Vec<Requirement>,
    /// How far it was heard by a run that was killed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Heard>,
    /// When its phases ran in this run, those of every attempt, in order; nothing where an earlier run told of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<Span>,
}

/// When a phase of a cell ran, in seconds since its run began.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Which.
    pub phase: PhaseKind,
    /// When it began.
    pub from: f64,
    /// When it ended.
    pub to: f64,
}

/// How far a cell was heard that has a place of its own, in which it goes on when the run that began it is killed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Heard {
    /// Name of the place.
    pub place: String,
    /// Where to read on.
    pub mark: Mark,
    /// Of which scenarios all repeats are stored, as its job counts them.
    pub complete: Vec<usize>,
    /// What it said of itself before.
    pub hello: Option<Hello>,
    /// The pre-imports, which it said before too.
    pub imports: Vec<Imported>,
}

impl CellFacts {
    /// A cell about which nothing but its state is known.
    pub fn only(state: State, cause: Option<String>, hint: Option<String>) -> Self {
        Self {
            state,
            selected: true,
            searched: false,
            cause,
            hint,
            environment: None,
            packages: Vec::new(),
            uncut: false,
            hello: None,
            imports: Vec::new(),
            interpreter: None,
            image: None,
            seconds: None,
            reused: 0,
            requirements: Vec::new(),
            heard: None,
            spans: Vec::new(),
        }
    }

    /// Installed packages by name.
    pub fn package_versions(&self) -> BTreeMap<String, String> {
        self.packages.iter().map(|package| (package.name.clone(), package.version.clone())).collect()
    }
}

/// Trouble with the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or file cannot be made or opened.
    #[error("cannot open {}: {message}", path.display())]
    Open {
        /// Path of the database.
        path: PathBuf,
        /// Why not.
        message: String,
    },
    /// The database was written by a newer skew.
    #[error("{} was written by a newer skew (schema {found}, this one knows up to {SCHEMA_VERSION})", path.display())]
    Newer {
        /// Path of the database.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// Nothing was run yet.
    #[error("no run is stored in {}", path.display())]
    Empty {
        /// Path of the database.
        path: PathBuf,
    },
    /// Another skew runs in the same folder.
    #[error("another skew is running with {}", path.display())]
    Locked {
        /// The lock file.
        path: PathBuf,
    },
    /// A run has the id that the new one was given.
    #[error("a run {id} is stored already")]
    Taken {
        /// The id.
        id: String,
    },
    /// The database refused.
    #[error("the store failed: {0}")]
    Sql(#[from] rusqlite::Error),
    /// A stored row cannot be read.
    #[error("a stored row cannot be read: {0}")]
    Row(String),
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Row(error.to_string())
    }
}

/// The results beside one matrix.yaml.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    memory: RefCell<Memory>,
    /// Writes since the last commit.
    pending: usize,
}

/// What need not be looked up, and what is not yet written.
#[derive(Debug, Default)]
struct Memory {
    interned: intern::Interned,
    unwritten: write::Unwritten,
    /// The run that was written to last, and its key.
    run: Option<(String, i64)>,
    /// Key of the last execution.
    last: Option<i64>,
    /// Whether executions were stored before schema 3.
    has_former: Option<bool>,
}

impl Drop for Store {
    fn drop(&mut self) {
        // Who cares whether it succeeds calls it.
        let _ = self.settle();
    }
}

/// Held while a run goes on; the operating system releases it with the process.
#[derive(Debug)]
pub struct RunLock(#[expect(dead_code, reason = "held for its lock")] File);

/// Lets others read while a run writes. The file keeps this mode; while it changes SQLite does not wait for others by
/// itself.
fn log_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let end = Instant::now() + PATIENCE;
    loop {
        match connection.execute_batch("PRAGMA journal_mode = WAL") {
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}

impl Store {
    /// Opens the store in `folder` (`.skew`), making both if needed.
    pub fn create(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("results.db");
        std::fs::create_dir_all(folder).map_err(|error| StoreError::Open { path: path.clone(), message: error.to_string() })?;
        // Results are regenerated, not reviewed: they stay out of version control without the user's doing.
        let ignore = folder.join(".gitignore");
        if !ignore.exists() {
            std::fs::write(&ignore, "*\n").map_err(|error| StoreError::Open { path: ignore, message: error.to_string() })?;
        }
        Self::open(path, true)
    }

    /// Opens the store in `folder` for reading; one that does not exist is [`StoreError::Empty`].
    pub fn existing(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join("results.db");
        if !path.exists() {
            return Err(StoreError::Empty { path });
        }
        Self::open(path, false)
    }

    /// Whoever only reads makes nothing: a run that begins at this moment is making the store.
    fn open(path: PathBuf, makes: bool) -> Result<Self, StoreError> {
        let failed = |error: rusqlite::Error| StoreError::Open { path: path.clone(), message: error.to_string() };
        let connection = Connection::open(&path).map_err(failed)?;
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        let found = migrate::version(&connection).map_err(failed)?;
        if found > SCHEMA_VERSION {
            return Err(StoreError::Newer { path, found });
        }
        if found == 0 && !makes {
            return Err(StoreError::Empty { path });
        }
        migrate::migrate(&connection).map_err(|error| StoreError::Open { path: path.clone(), message: error.to_string() })?;
        if makes {
            log_ahead(&connection).map_err(failed)?;
        }
        // Copying the log into the file waits for the disk: not for every four megabytes.
        let settings =
            "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8192; PRAGMA wal_autocheckpoint = 8192;";
        connection.execute_batch(settings).map_err(failed)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self { connection, path, memory: RefCell::default(), pending: 0 })
    }

    /// Claims `folder` for one run.
    pub fn lock(folder: &Path) -> Result<RunLock, StoreError> {
        let path = folder.join("lock");
        let open = |error: std::io::Error| StoreError::Open { path: path.clone(), message: error.to_string() };
        std::fs::create_dir_all(folder).map_err(open)?;
        let file = File::create(&path).map_err(open)?;
        match file.try_lock() {
            Ok(()) => Ok(RunLock(file)),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path }),
            Err(TryLockError::Error(error)) => Err(open(error)),
        }
    }

    /// Whether a run of everything ended with an answer for every cell, as far as can be told without loading its outcomes.
    pub fn is_answered(&self, run: &str) -> Result<bool, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT finished IS NOT NULL AND selection IS NULL AND NOT EXISTS (
                 SELECT 1 FROM cell WHERE cell.run = run.key AND json_extract(cell.body, '$.state') IN ('infra', 'not-run')
             ) FROM run WHERE id = ?1",
        )?;
        Ok(statement.query_row([run], |row| row.get(0))?)
    }

    /// The key of a run, by its id.
    fn key(&self, run: &str) -> Result<i64, StoreError> {
        if let Some((known, key)) = &self.memory.borrow().run
            && known == run
        {
            return Ok(*key);
        }
        let key = self.connection.prepare_cached("SELECT key FROM run WHERE id = ?1")?.query_row([run], |row| row.get(0)).optional()?;
        let key = key.ok_or_else(|| StoreError::Row(format!("there is no run {run}")))?;
        self.memory.borrow_mut().run = Some((run.to_owned(), key));
        Ok(key)
    }

    /// Id of the newest run.
    pub fn latest(&self) -> Result<String, StoreError> {
        self.ids()?.into_iter().next().ok_or_else(|| StoreError::Empty { path: self.path.clone() })
    }
}

/// Bytes that one packed value may have, by its own account.
const LARGEST: u64 = 1 << 30;

thread_local! {
    /// Made once: making them costs a hundred times what packing an ending does.
    static ZSTD: RefCell<(Option<Compressor<'static>>, Option<Decompressor<'static>>)> = const { RefCell::new((None, None)) };
}

fn pack(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(value)?;
    let packed = ZSTD.with_borrow_mut(|(compressor, _)| {
        let compressor = match compressor {
            Some(compressor) => compressor,
            None => compressor.insert(Compressor::new(3)?),
        };
        compressor.compress(&json)
    });
    packed.map_err(|error| StoreError::Row(error.to_string()))
}

fn unpack<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Result<T, StoreError> {
    let failed = |error: std::io::Error| StoreError::Row(error.to_string());
    let size = zstd::zstd_safe::get_frame_content_size(bytes).ok().flatten();
    let json = ZSTD.with_borrow_mut(|(_, decompressor)| {
        let decompressor = match decompressor {
            Some(decompressor) => decompressor,
            None => decompressor.insert(Decompressor::new()?),
        };
        match size.filter(|size| *size <= LARGEST) {
            Some(size) => decompressor.decompress(bytes, size as usize),
            None => zstd::stream::decode_all(bytes),
        }
    });
    Ok(serde_json::from_slice(&json.map_err(failed)?)?)
}

#[cfg(test)]
mod tests;
