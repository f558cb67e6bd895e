//! Writing facts.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{Connection, OptionalExtension, params};

use super::{CellFacts, Digest, SECOND_LOOK, Store, StoreError, pack};
use crate::{
    observation::{Ending, Fact, Observation, Warned},
    plan::{Excluded, PlanAxis},
};

/// A run about to begin.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// Its id.
    pub id: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// Engine's name.
    pub engine: String,
    /// Executions of every scenario.
    pub repeats: u32,
    /// What was asked for (`-k numpy:2`), where that was not everything.
    pub selection: Option<String>,
    /// `2/4`, where it is a part of a run.
    pub shard: Option<String>,
    /// Number of the baseline cell.
    pub baseline: usize,
    /// Axes of the plan.
    pub axes: Vec<PlanAxis>,
    /// Excluded combinations.
    pub excluded: Vec<Excluded>,
    /// What the engine cannot isolate.
    pub caveats: Vec<String>,
    /// Cells in plan order.
    pub cells: Vec<NewCell>,
    /// Scenarios in plan order.
    pub scenarios: Vec<NewScenario>,
}

/// A planned cell.
#[derive(Clone, Debug)]
pub struct NewCell {
    /// Contract id.
    pub id: String,
    /// Axis → version.
    pub axes: BTreeMap<String, String>,
    /// Interpreter.
    pub python: String,
    /// Metadata allows the combination.
    pub declared: bool,
    /// Requirements it breaks.
    pub conflicts: Vec<String>,
    /// Cut-off date of its dependencies, RFC 3339.
    pub cutoff: Option<String>,
    /// Digest of what makes its environment.
    pub made: Digest,
    /// Digest of what scenarios meet in it beside its packages.
    pub setting: Digest,
    /// What is known from the start.
    pub facts: CellFacts,
}

/// A planned scenario.
#[derive(Clone, Debug)]
pub struct NewScenario {
    /// Name.
    pub name: String,
    /// Path relative to matrix.yaml.
    pub path: String,
    /// BLAKE3 of the source, hex.
    pub digest: String,
}

/// Writes that are committed together at the most.
const TOGETHER: usize = 512;

/// Names and facts whose keys are remembered at the most.
const REMEMBERED: usize = 1 << 16;

/// Keys of names and facts that are in the database: many cells make the same ones.
#[derive(Debug, Default)]
pub(super) struct Interned {
    names: HashMap<String, i64>,
    facts: HashMap<Digest, i64>,
}

/// A scenario in a cell of a run, by their numbers.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Id of the run.
    pub run: &'a str,
    /// Number of the cell.
    pub cell: usize,
    /// Number of the scenario.
    pub scenario: usize,
}

impl Store {
    /// Records that a run begins, with its whole plan.
    pub fn begin(&mut self, run: &NewRun) -> Result<(), StoreError> {
        self.settle()?;
        let transaction = self.connection.transaction()?;
        // A second look that was killed.
        transaction.execute("DELETE FROM run WHERE selection = ?1", [SECOND_LOOK])?;
        let taken: Option<i64> = transaction.query_row("SELECT 1 FROM run WHERE id = ?1", [&run.id], |row| row.get(0)).optional()?;
        if taken.is_some() {
            return Err(StoreError::Taken { id: run.id.clone() });
        }
        transaction.execute(
            "INSERT INTO run (id, started, engine, skew, repeats, selection, shard, baseline, axes, excluded, caveats)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
            params![
                run.id,
                run.started,
                run.engine,
                env!("CARGO_PKG_VERSION"),
                run.repeats,
                run.selection,
                run.shard,
                run.baseline as i64,
                serde_json::to_string(&run.axes)?,
                serde_json::to_string(&run.excluded)?,
                serde_json::to_string(&run.caveats)?,
            ],
        )?;
        for (number, cell) in run.cells.iter().enumerate() {
            transaction.execute(
                "INSERT INTO cell (run, number, id, axes, python, declared, conflicts, cutoff, made, setting, body)
                 VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
                params![
                    run.id,
                    number as i64,
                    cell.id,
                    serde_json::to_string(&cell.axes)?,
                    cell.python,
                    cell.declared,
                    serde_json::to_string(&cell.conflicts)?,
                    cell.cutoff,
                    cell.made,
                    cell.setting,
                    serde_json::to_string(&cell.facts)?,
                ],
            )?;
        }
        for (number, scenario) in run.scenarios.iter().enumerate() {
            transaction.execute(
                "INSERT INTO scenario (run, number, name, path, digest) VALUES (?1,?2,?3,?4,?5)",
                params![run.id, number as i64, scenario.name, scenario.path, scenario.digest],
            )?;
        }
        Ok(transaction.commit()?)
    }

    /// Records what became of a cell, and when that was told (RFC 3339), which may be in an earlier run.
    pub fn cell(&mut self, run: &str, number: usize, facts: &CellFacts, told: Option<&str>) -> Result<(), StoreError> {
        let body = serde_json::to_string(facts)?;
        self.gather()?;
        self.connection
            .prepare_cached("UPDATE cell SET body = ?3, environment = ?4, told = ?5 WHERE run = ?1 AND number = ?2")?
            .execute(params![run, number as i64, body, facts.environment, told])?;
        Ok(())
    }

    /// Records one repeat of a scenario, whole or not at all. The first repeat begins an execution; one that did not come
    /// to its end before is forgotten.
    pub fn outcome(
        &mut self,
        place: Place<'_>,
        repeat: u32,
        ending: &Ending,
        observations: &[Observation],
        missing: &[String],
    ) -> Result<(), StoreError> {
        // Put back only where all of it was written: otherwise rows that were interned are gone with the rest.
        let mut interned = std::mem::take(&mut self.interned);
        self.gather()?;
        let transaction = self.connection.savepoint()?;
        let begun = if repeat == 0 { None } else { execution(&transaction, place)? };
        let execution = match begun {
            Some(execution) => execution,
            None => begin_execution(&transaction, place)?,
        };
        transaction
            .prepare_cached("INSERT OR REPLACE INTO outcome (execution, repeat, ending, missing) VALUES (?1,?2,?3,?4)")?
            .execute(params![execution, repeat, pack(ending)?, serde_json::to_string(missing)?])?;
        let outcome = transaction.last_insert_rowid();
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO observation (outcome, position, name, fact, warnings, line) VALUES (?1,?2,?3,?4,?5,?6)")?;
            for (position, observation) in observations.iter().enumerate() {
                let name = interned.name(&transaction, &observation.name)?;
                let fact = interned.fact(&transaction, &observation.fact)?;
                let warnings = warnings_id(&transaction, &observation.warnings)?;
                insert.execute(params![outcome, position as i64, name, fact, warnings, observation.line])?;
            }
        }
        transaction.commit()?;
        self.interned = interned;
        Ok(())
    }

    /// Records that all repeats of a scenario are in: under `key` they serve every later run in which they would come out
    /// the same. `done` is RFC 3339.
    pub fn complete(&mut self, place: Place<'_>, key: &Digest, done: &str) -> Result<(), StoreError> {
        self.gather()?;
        let Some(execution) = execution(&self.connection, place)? else { return Ok(()) };
        self.connection.prepare_cached("UPDATE execution SET key = ?2, done = ?3 WHERE id = ?1")?.execute(params![execution, key, done])?;
        Ok(())
    }

    /// Commits what was written: to be called whenever nothing waits to be written. Until then others don't see it, and it
    /// does not survive a power cut or a kill.
    pub fn settle(&mut self) -> Result<(), StoreError> {
        self.pending = 0;
        if !self.connection.is_autocommit() {
            self.connection.execute_batch("COMMIT")?;
        }
        Ok(())
    }

    /// Lets the next write be committed together with others.
    fn gather(&mut self) -> Result<(), StoreError> {
        if self.pending >= TOGETHER {
            self.settle()?;
        }
        if self.connection.is_autocommit() {
            self.connection.execute_batch("BEGIN")?;
        }
        self.pending += 1;
        Ok(())
    }

    /// Forgets the keys of what may be gone.
    pub(super) fn forget(&mut self) {
        self.interned = Interned::default();
    }

    /// Records that a run ended, by itself or interrupted.
    pub fn finish(&mut self, run: &str, finished: &str, interrupted: bool) -> Result<(), StoreError> {
        self.settle()?;
        self.connection.execute("UPDATE run SET finished = ?2, interrupted = ?3 WHERE id = ?1", params![run, finished, interrupted])?;
        Ok(())
    }
}

/// The execution that a run has at a place.
fn execution(connection: &Connection, place: Place<'_>) -> Result<Option<i64>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT execution FROM ran WHERE run = ?1 AND scenario = ?2 AND cell = ?3")?;
    Ok(statement.query_row(params![place.run, place.scenario as i64, place.cell as i64], |row| row.get(0)).optional()?)
}

fn begin_execution(transaction: &Connection, place: Place<'_>) -> Result<i64, StoreError> {
    let before = execution(transaction, place)?;
    transaction.prepare_cached("INSERT INTO execution (run) VALUES (?1)")?.execute([place.run])?;
    let id = transaction.last_insert_rowid();
    transaction.prepare_cached("INSERT OR REPLACE INTO ran (run, scenario, cell, execution) VALUES (?1,?2,?3,?4)")?.execute(params![
        place.run,
        place.scenario as i64,
        place.cell as i64,
        id
    ])?;
    if let Some(before) = before {
        transaction
            .prepare_cached("DELETE FROM execution WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM ran WHERE execution = ?1)")?
            .execute([before])?;
    }
    Ok(id)
}

fn warnings_id(connection: &Connection, warnings: &[Warned]) -> Result<Option<i64>, StoreError> {
    if warnings.is_empty() {
        return Ok(None);
    }
    let body = serde_json::to_string(warnings)?;
    let known = connection.prepare_cached("SELECT id FROM warning_set WHERE body = ?1")?.query_row([&body], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(Some(id));
    }
    connection.prepare_cached("INSERT INTO warning_set (body) VALUES (?1)")?.execute([&body])?;
    Ok(Some(connection.last_insert_rowid()))
}

impl Interned {
    fn name(&mut self, connection: &Connection, name: &str) -> Result<i64, StoreError> {
        if let Some(id) = self.names.get(name) {
            return Ok(*id);
        }
        let known = connection.prepare_cached("SELECT id FROM name WHERE text = ?1")?.query_row([name], |row| row.get(0)).optional()?;
        let id = if let Some(id) = known {
            id
        } else {
            connection.prepare_cached("INSERT INTO name (text) VALUES (?1)")?.execute([name])?;
            connection.last_insert_rowid()
        };
        remember(&mut self.names, name.to_owned(), id);
        Ok(id)
    }

    /// An array that is equal in two hundred cells is stored once. JSON is written in field order, so equal facts have equal
    /// text; a traceback is part of it, because a drill-down shows this cell's and not another's.
    fn fact(&mut self, connection: &Connection, fact: &Fact) -> Result<i64, StoreError> {
        let identity: Digest = *blake3::hash(&serde_json::to_vec(fact)?).as_bytes();
        if let Some(id) = self.facts.get(&identity) {
            return Ok(*id);
        }
        let key = identity.as_slice();
        let known = connection.prepare_cached("SELECT id FROM fact WHERE identity = ?1")?.query_row([key], |row| row.get(0)).optional()?;
        let id = if let Some(id) = known {
            id
        } else {
            connection.prepare_cached("INSERT INTO fact (identity, body) VALUES (?1, ?2)")?.execute(params![key, pack(fact)?])?;
            connection.last_insert_rowid()
        };
        remember(&mut self.facts, identity, id);
        Ok(id)
    }
}

fn remember<K: std::hash::Hash + Eq>(known: &mut HashMap<K, i64>, key: K, id: i64) {
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(key, id);
}
