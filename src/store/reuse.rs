//! Finding what an earlier run did, so that it need not be done again.

use rusqlite::{OptionalExtension, params};

use super::{CellFacts, Digest, Store, StoreError, read, unpack};
use crate::observation::{Ending, Observation};

/// What an earlier run told of a cell.
#[derive(Clone, Debug)]
pub struct Told {
    /// The facts.
    pub facts: CellFacts,
    /// When, RFC 3339.
    pub when: String,
}

/// A stored execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recalled {
    /// Its key in the store.
    pub execution: i64,
    /// When it was done, RFC 3339.
    pub done: String,
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
/// was wrong then or is now.
const RECENT: &str = "(?2 = '' OR {} BETWEEN ?2 AND strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))";

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
            "SELECT body, told FROM cell JOIN run ON run.id = cell.run WHERE setting = ?1 AND told IS NOT NULL AND {} AND {condition}
             AND json_extract(body, '$.state') IN ('ran', 'import-failed', 'install-failed', 'unresolvable')
             ORDER BY run.rowid DESC LIMIT 1",
            RECENT.replace("{}", "told")
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![setting, since, value])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(Told { facts: read::json(row, 0)?, when: row.get(1)? }))
    }

    /// The newest execution under a key, all repeats done, nothing older than `since` (RFC 3339).
    pub fn recall(&self, key: &Digest, since: &str) -> Result<Option<Recalled>, StoreError> {
        let recent = RECENT.replace("{}", "done");
        let sql = format!("SELECT id, done FROM execution WHERE key = ?1 AND done IS NOT NULL AND {recent} ORDER BY id DESC LIMIT 1");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let found = statement.query_row(params![key, since], |row| Ok(Recalled { execution: row.get(0)?, done: row.get(1)? }));
        Ok(found.optional()?)
    }

    /// Lets a run refer to executions of earlier ones, all or none: cell, scenario, execution.
    pub fn take_over(&mut self, run: &str, executions: &[(usize, usize, i64)]) -> Result<(), StoreError> {
        self.settle()?;
        let transaction = self.connection.transaction()?;
        {
            let mut insert =
                transaction.prepare_cached("INSERT OR REPLACE INTO ran (run, scenario, cell, execution) VALUES (?1,?2,?3,?4)")?;
            for (cell, scenario, execution) in executions {
                insert.execute(params![run, *scenario as i64, *cell as i64, execution])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// The repeats of an execution, in order.
    pub fn repeats(&self, execution: i64) -> Result<Vec<Repeat>, StoreError> {
        let mut observations = self.connection.prepare_cached(
            "SELECT name.text, fact.body, warning_set.body, line FROM observation
             JOIN name ON name.id = observation.name JOIN fact ON fact.id = observation.fact
             LEFT JOIN warning_set ON warning_set.id = observation.warnings WHERE outcome = ?1 ORDER BY position",
        )?;
        let mut statement =
            self.connection.prepare_cached("SELECT id, ending, missing FROM outcome WHERE execution = ?1 ORDER BY repeat")?;
        let mut rows = statement.query([execution])?;
        let mut repeats = Vec::new();
        while let Some(row) = rows.next()? {
            let outcome: i64 = row.get(0)?;
            let mut seen = Vec::new();
            let mut told = observations.query([outcome])?;
            while let Some(row) = told.next()? {
                let fact: Vec<u8> = row.get(1)?;
                let warnings =
                    if row.get_ref(2)?.as_str_or_null().is_ok_and(|text| text.is_some()) { read::json(row, 2)? } else { Vec::new() };
                seen.push(Observation { name: row.get(0)?, fact: unpack(&fact)?, warnings, line: row.get(3)? });
            }
            let ending: Vec<u8> = row.get(1)?;
            repeats.push(Repeat { ending: unpack(&ending)?, observations: seen, missing: read::json(row, 2)? });
        }
        Ok(repeats)
    }
}
