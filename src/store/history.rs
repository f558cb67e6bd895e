//! The runs that are kept, and how many.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};

use super::{SECOND_LOOK, Store, StoreError};

/// A kept run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub id: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// RFC 3339, UTC; absent while it goes on, or when it was killed.
    pub finished: Option<String>,
    /// A signal ended it.
    pub interrupted: bool,
    /// Engine's name.
    pub engine: String,
    /// Version of skew that ran it.
    pub skew: String,
    /// What was asked for, where that was not everything.
    pub selection: Option<String>,
    /// `2/4`, where it is a part of a run.
    pub shard: Option<String>,
    /// Cells of its plan.
    pub cells: u32,
    /// Cells that have an answer.
    pub answered: u32,
    /// Scenarios.
    pub scenarios: u32,
    /// Outcomes that it did itself, and those it took over.
    pub outcomes: (u32, u32),
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Runs.
    pub runs: usize,
    /// Executions that no run refers to any more.
    pub executions: usize,
}

impl Store {
    /// All runs, newest first.
    pub fn runs(&self) -> Result<Vec<RunRow>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, started, finished, interrupted, engine, skew, selection, shard,
                (SELECT count(*) FROM cell WHERE cell.run = run.id),
                (SELECT count(*) FROM cell WHERE cell.run = run.id AND json_extract(body, '$.state') NOT IN ('infra', 'not-run')),
                (SELECT count(*) FROM scenario WHERE scenario.run = run.id),
                (SELECT count(*) FROM ran JOIN execution ON execution.id = ran.execution
                 WHERE ran.run = run.id AND execution.run = run.id),
                (SELECT count(*) FROM ran JOIN execution ON execution.id = ran.execution
                 WHERE ran.run = run.id AND execution.run != run.id)
             FROM run WHERE selection IS NOT ?1 ORDER BY rowid DESC",
        )?;
        let rows = statement.query_map([SECOND_LOOK], |row| {
            Ok(RunRow {
                id: row.get(0)?,
                started: row.get(1)?,
                finished: row.get(2)?,
                interrupted: row.get(3)?,
                engine: row.get(4)?,
                skew: row.get(5)?,
                selection: row.get(6)?,
                shard: row.get(7)?,
                cells: row.get(8)?,
                answered: row.get(9)?,
                scenarios: row.get(10)?,
                outcomes: (row.get(11)?, row.get(12)?),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Ids of all runs, newest first. Newest is what was stored last: the clock may have been set back since.
    pub fn ids(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare("SELECT id FROM run WHERE selection IS NOT ?1 ORDER BY rowid DESC")?;
        let ids = statement.query_map([SECOND_LOOK], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Keeps the newest `keep` runs, and beside them the newest complete one of everything, with which later runs are
    /// compared. Executions, facts and names that nothing refers to any more go with what is removed.
    pub fn prune(&mut self, keep: usize) -> Result<Pruned, StoreError> {
        let ids = self.ids()?;
        let compared = ids.iter().find_map(|id| match self.is_answered(id) {
            Ok(true) => Some(Ok(id.clone())),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        });
        let compared = compared.transpose()?;
        let gone: Vec<&String> = ids.iter().skip(keep.max(1)).filter(|id| compared.as_ref() != Some(id)).collect();
        if gone.is_empty() {
            return Ok(Pruned::default());
        }
        self.settle()?;
        self.forget();
        let transaction = self.connection.transaction()?;
        for id in &gone {
            transaction.execute("DELETE FROM run WHERE id = ?1", [id])?;
        }
        let executions = transaction.execute("DELETE FROM execution WHERE id NOT IN (SELECT execution FROM ran)", [])?;
        transaction.execute_batch(
            "DELETE FROM fact WHERE id NOT IN (SELECT fact FROM observation);
             DELETE FROM name WHERE id NOT IN (SELECT name FROM observation);
             DELETE FROM warning_set WHERE id NOT IN (SELECT warnings FROM observation WHERE warnings IS NOT NULL);",
        )?;
        transaction.commit()?;
        Ok(Pruned { runs: gone.len(), executions })
    }

    /// Whether two runs have the same cells in the same states, and refer to the same executions in them: then nothing they
    /// say differs.
    pub fn is_same(&self, run: &str, other: &str) -> Result<bool, StoreError> {
        const STATES: &str = "SELECT number, id, json_extract(body, '$.state') FROM cell WHERE run =";
        const RAN: &str = "SELECT ran.cell, scenario.name, execution FROM ran
             JOIN scenario ON scenario.run = ran.run AND scenario.number = ran.scenario WHERE ran.run =";
        for rows in [STATES, RAN] {
            let lacks = format!("SELECT EXISTS ({rows} ?1 EXCEPT {rows} ?2) OR EXISTS ({rows} ?2 EXCEPT {rows} ?1)");
            if self.connection.query_row(&lacks, [run, other], |row| row.get(0))? {
                return Ok(false);
            }
        }
        let baselines = "SELECT count(DISTINCT baseline) = 1 FROM run WHERE id IN (?1, ?2)";
        Ok(self.connection.query_row(baselines, [run, other], |row| row.get(0))?)
    }

    /// How long each cell took when it was run last, in seconds, by id.
    pub fn durations(&self) -> Result<HashMap<String, f64>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT cell.id, json_extract(body, '$.seconds') FROM cell JOIN run ON run.id = cell.run
             WHERE json_extract(body, '$.seconds') IS NOT NULL ORDER BY run.rowid",
        )?;
        let mut rows = statement.query([])?;
        let mut durations = HashMap::new();
        while let Some(row) = rows.next()? {
            durations.insert(row.get(0)?, row.get(1)?);
        }
        Ok(durations)
    }

    /// When a run began, if it is kept.
    pub fn started(&self, run: &str) -> Result<Option<String>, StoreError> {
        let found = self.connection.query_row("SELECT started FROM run WHERE id = ?1", params![run], |row| row.get(0));
        Ok(found.optional()?)
    }
}
