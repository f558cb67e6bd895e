//! What many outcomes have in common is stored once.

use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hash, Hasher},
};

use rusqlite::{Connection, OptionalExtension, ToSql, params};

use super::{Digest, StoreError, pack};
use crate::observation::{Ending, Fact, Warned};

/// Rows whose keys are remembered at the most, of each table.
const REMEMBERED: usize = 1 << 16;

/// Keys of rows that are in the database: many cells make the same ones.
#[derive(Debug, Default)]
pub(super) struct Interned {
    names: HashMap<String, u32>,
    facts: HashMap<Digest, u32, Uniform>,
    endings: HashMap<Digest, u32, Uniform>,
    warnings: HashMap<String, u32>,
    digests: HashMap<Digest, u32, Uniform>,
}

/// Digests are hashes already: eight of their bytes are as good as another hash.
type Uniform = BuildHasherDefault<FirstBytes>;

#[derive(Debug, Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.first_chunk().map_or(0, |first| u64::from_ne_bytes(*first));
    }

    fn write_usize(&mut self, _length: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The key of a row; one that is not there is inserted with what else it has.
fn row<K: Hash + Eq + ToSql, S: BuildHasher>(
    known: &mut HashMap<K, u32, S>,
    connection: &Connection,
    (select, insert): (&str, &str),
    key: K,
    rest: impl FnOnce() -> Result<Option<Vec<u8>>, StoreError>,
) -> Result<u32, StoreError> {
    if let Some(id) = known.get(&key) {
        return Ok(*id);
    }
    let stored = connection.prepare_cached(select)?.query_row([&key], |row| row.get(0)).optional()?;
    let id = if let Some(id) = stored {
        id
    } else {
        let mut insert = connection.prepare_cached(insert)?;
        match rest()? {
            Some(body) => insert.execute(params![key, body])?,
            None => insert.execute([&key])?,
        };
        u32::try_from(connection.last_insert_rowid()).map_err(|_| StoreError::Row("a table is full".to_owned()))?
    };
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(key, id);
    Ok(id)
}

impl Interned {
    pub(super) fn name(&mut self, connection: &Connection, name: &str) -> Result<u32, StoreError> {
        if let Some(id) = self.names.get(name) {
            return Ok(*id);
        }
        let sql = ("SELECT id FROM name WHERE text = ?1", "INSERT INTO name (text) VALUES (?1)");
        row(&mut self.names, connection, sql, name.to_owned(), || Ok(None))
    }

    /// An array that is equal in two hundred cells is stored once. JSON is written in field order, so equal facts have equal
    /// text; a traceback is part of it, because a drill-down shows this cell's and not another's.
    pub(super) fn fact(&mut self, connection: &Connection, fact: &Fact) -> Result<u32, StoreError> {
        let identity: Digest = *blake3::hash(&serde_json::to_vec(fact)?).as_bytes();
        let sql = ("SELECT id FROM fact WHERE identity = ?1", "INSERT INTO fact (identity, body) VALUES (?1, ?2)");
        row(&mut self.facts, connection, sql, identity, || pack(fact).map(Some))
    }

    /// An ending without its seconds and its memory, which tell nearly all apart.
    pub(super) fn ending(&mut self, connection: &Connection, ending: &Ending) -> Result<u32, StoreError> {
        let ending = Ending { seconds: 0.0, max_rss: None, ..ending.clone() };
        let identity: Digest = *blake3::hash(&serde_json::to_vec(&ending)?).as_bytes();
        let sql = ("SELECT id FROM ending WHERE identity = ?1", "INSERT INTO ending (identity, body) VALUES (?1, ?2)");
        row(&mut self.endings, connection, sql, identity, || pack(&ending).map(Some))
    }

    pub(super) fn warnings(&mut self, connection: &Connection, warnings: &[Warned]) -> Result<Option<u32>, StoreError> {
        if warnings.is_empty() {
            return Ok(None);
        }
        let sql = ("SELECT id FROM warning_set WHERE body = ?1", "INSERT INTO warning_set (body) VALUES (?1)");
        row(&mut self.warnings, connection, sql, serde_json::to_string(warnings)?, || Ok(None)).map(Some)
    }

    pub(super) fn digest(&mut self, connection: &Connection, digest: &Digest) -> Result<u32, StoreError> {
        let sql = (KNOWN_DIGEST, "INSERT INTO digest (bytes) VALUES (?1)");
        row(&mut self.digests, connection, sql, *digest, || Ok(None))
    }

    /// The key of a digest, if it has one.
    pub(super) fn known_digest(&mut self, connection: &Connection, digest: &Digest) -> Result<Option<u32>, StoreError> {
        if let Some(id) = self.digests.get(digest) {
            return Ok(Some(*id));
        }
        let id = connection.prepare_cached(KNOWN_DIGEST)?.query_row([digest], |row| row.get(0)).optional()?;
        if let Some(id) = id {
            self.digests.insert(*digest, id);
        }
        Ok(id)
    }
}

const KNOWN_DIGEST: &str = "SELECT id FROM digest WHERE bytes = ?1";
