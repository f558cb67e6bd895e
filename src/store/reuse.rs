//! Finding what an earlier run did, so that it need not be done again.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};

use super::{CellFacts, Digest, Heard, ObservationRow, Store, StoreError, packed, read, unpack};
use crate::observation::{Ending, Observation};

/// The context, and the scenario, of one that does not apply, whose outcome is the same everywhere.
pub fn inapplicable() -> Digest {
    *blake3::hash(b"not applicable").as_bytes()
}

/// What an earlier run told of a cell.
#[derive(Clone, Debug)]
pub struct Told {
    /// The facts.
    pub facts: CellFacts,
    /// When, RFC 3339.
    pub when: String,
}

/// One repeat of an execution.
#[derive(Clone, Debug)]
pub struct Repeat {
    /// How it ended.
    pub ending: Ending,
    /// What it observed; of later repeats only what differs from the first.
    pub observations: Vec<Observation>,
    /// Names that the first repeat observed and this one did not.
    pub missing: Vec<String>,
}

/// Not before `since` (`?2`, empty: whenever). Where an age is asked for, what claims to be of the future has none: the clock
/// was wrong then or is now. `form` makes of a time what the column has.
fn recent(column: &str, form: &str) -> String {
    let form = |time: &str| form.replace("{}", time);
    format!("(?2 = '' OR {column} BETWEEN {} AND {})", form("?2"), form("'now'"))
}

impl Store {
    /// The newest answer about a cell that would be made and run in the same way. Nothing older than `since` (RFC 3339).
    pub fn told(&self, made: &Digest, setting: &Digest, since: &str) -> Result<Option<Told>, StoreError> {
        self.newest("made = ?3", made, setting, since)
    }

    /// The newest answer about a cell that has the same environment, however it was made.
    pub fn told_of(&self, environment: &str, setting: &Digest, since: &str) -> Result<Option<Told>, StoreError> {
        self.newest("environment = ?3", &environment, setting, since)
    }

    fn newest(&self, condition: &str, value: &dyn rusqlite::ToSql, setting: &Digest, since: &str) -> Result<Option<Told>, StoreError> {
        let sql = format!(
            "SELECT body, told FROM cell WHERE {condition} AND setting = ?1 AND told IS NOT NULL AND {}
             AND json_extract(body, '$.state') IN ('ran', 'import-failed', 'install-failed', 'unresolvable')
             ORDER BY run DESC LIMIT 1",
            recent("told", "strftime('%Y-%m-%dT%H:%M:%SZ', {})")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![setting, since, value])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Told { facts: read::json(row, 0)?, when: row.get(1)? }))
    }

    /// How far a killed run heard what a cell said in a place.
    pub fn heard_in(&self, made: &Digest, setting: &Digest, place: &str) -> Result<Option<Heard>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT json_extract(body, '$.heard') FROM cell
             WHERE made = ?1 AND setting = ?2 AND told IS NULL AND json_extract(body, '$.heard.place') = ?3 ORDER BY run DESC LIMIT 1",
        )?;
        let mut rows = statement.query(params![made, setting, place])?;
        rows.next()?.map(|row| read::json(row, 0)).transpose()
    }

    /// For each scenario the newest execution in a context, all repeats done, nothing older than `since` (RFC 3339).
    pub fn recall(&self, context: &Digest, scenarios: &[&Digest], since: &str) -> Result<Vec<Option<i64>>, StoreError> {
        self.write()?;
        let interned = &mut self.memory.borrow_mut().interned;
        let Some(context) = interned.known_digest(&self.connection, context)? else { return Ok(vec![None; scenarios.len()]) };
        let sql = format!(
            "SELECT scenario, max(id) FROM execution WHERE context = ?1 AND done IS NOT NULL AND {} GROUP BY scenario",
            recent("done", "unixepoch({})")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![context, since])?;
        let mut newest: HashMap<u32, i64> = HashMap::new();
        while let Some(row) = rows.next()? {
            newest.insert(row.get(0)?, row.get(1)?);
        }
        let mut found = Vec::with_capacity(scenarios.len());
        for scenario in scenarios {
            let key = if newest.is_empty() { None } else { interned.known_digest(&self.connection, scenario)? };
            found.push(key.and_then(|key| newest.get(&key).copied()));
        }
        Ok(found)
    }

    /// The execution that was stored before schema 3 under a key, nothing older than `since` (RFC 3339). `key` is made where
    /// there are such executions.
    pub fn recall_former(&self, key: impl FnOnce() -> Digest, since: &str) -> Result<Option<i64>, StoreError> {
        let known = self.memory.borrow().has_former;
        let has_former = match known {
            Some(known) => known,
            None => self.connection.query_row("SELECT EXISTS (SELECT 1 FROM former)", [], |row| row.get(0))?,
        };
        self.memory.borrow_mut().has_former = Some(has_former);
        if !has_former {
            return Ok(None);
        }
        let sql = format!(
            "SELECT execution FROM former JOIN execution ON execution.id = former.execution WHERE key = ?1 AND {}",
            recent("done", "unixepoch({})")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(params![key(), since], |row| row.get(0)).optional()?)
    }

    /// The repeats of an execution, in order.
    pub fn repeats(&self, execution: i64) -> Result<Vec<Repeat>, StoreError> {
        self.write()?;
        let name = |id: u32| -> Result<String, StoreError> {
            Ok(self.connection.prepare_cached("SELECT text FROM name WHERE id = ?1")?.query_row([id], |row| row.get(0))?)
        };
        let observation = |row: &ObservationRow| -> Result<Observation, StoreError> {
            let mut statement = self.connection.prepare_cached("SELECT body FROM fact WHERE id = ?1")?;
            let fact: Vec<u8> = statement.query_row([row.fact], |row| row.get(0))?;
            let mut statement = self.connection.prepare_cached("SELECT body FROM warning_set WHERE id = ?1")?;
            let warnings: Option<String> = statement.query_row([row.warnings], |row| row.get(0)).optional()?;
            let warnings = warnings.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default();
            Ok(Observation { name: name(row.name)?, fact: unpack(&fact)?, warnings, line: row.line })
        };
        let stored: Vec<u8> = self.connection.query_row("SELECT outcomes FROM execution WHERE id = ?1", [execution], |row| row.get(0))?;
        let repeat = |outcome: &packed::Outcome| {
            Ok(Repeat {
                ending: Ending { seconds: outcome.seconds, max_rss: outcome.max_rss, ..self.ending(outcome.ending)? },
                observations: outcome.observations.iter().map(observation).collect::<Result<_, _>>()?,
                missing: outcome.missing.iter().map(|&id| name(id)).collect::<Result<_, _>>()?,
            })
        };
        packed::outcomes(&stored)?.iter().map(repeat).collect()
    }
}
