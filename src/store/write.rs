//! Writing facts.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::{CellFacts, Store, StoreError, pack};
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

impl Store {
    /// Records that a run begins, with its whole plan.
    pub fn begin(&mut self, run: &NewRun) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        transaction.execute(
            "INSERT INTO run (id, started, engine, skew, repeats, baseline, axes, excluded, caveats) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
            params![
                run.id,
                run.started,
                run.engine,
                env!("CARGO_PKG_VERSION"),
                run.repeats,
                run.baseline as i64,
                serde_json::to_string(&run.axes)?,
                serde_json::to_string(&run.excluded)?,
                serde_json::to_string(&run.caveats)?,
            ],
        )?;
        for (number, cell) in run.cells.iter().enumerate() {
            transaction.execute(
                "INSERT INTO cell (run, number, id, axes, python, declared, conflicts, cutoff, body) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9)",
                params![
                    run.id,
                    number as i64,
                    cell.id,
                    serde_json::to_string(&cell.axes)?,
                    cell.python,
                    cell.declared,
                    serde_json::to_string(&cell.conflicts)?,
                    cell.cutoff,
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

    /// Records what became of a cell.
    pub fn cell(&mut self, run: &str, number: usize, facts: &CellFacts) -> Result<(), StoreError> {
        let body = serde_json::to_string(facts)?;
        self.connection.execute("UPDATE cell SET body = ?3 WHERE run = ?1 AND number = ?2", params![run, number as i64, body])?;
        Ok(())
    }

    /// Records one execution of a scenario, whole or not at all.
    #[expect(clippy::too_many_arguments, reason = "the key of an outcome has four parts")]
    pub fn outcome(
        &mut self,
        run: &str,
        cell: usize,
        scenario: usize,
        repeat: u32,
        ending: &Ending,
        observations: &[Observation],
        missing: &[String],
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction()?;
        transaction.execute(
            "INSERT OR REPLACE INTO outcome (run, cell, scenario, repeat, ending, missing) VALUES (?1,?2,?3,?4,?5,?6)",
            params![run, cell as i64, scenario as i64, repeat, pack(ending)?, serde_json::to_string(missing)?],
        )?;
        let outcome = transaction.last_insert_rowid();
        {
            let mut insert = transaction
                .prepare_cached("INSERT INTO observation (outcome, position, name, fact, warnings, line) VALUES (?1,?2,?3,?4,?5,?6)")?;
            for (position, observation) in observations.iter().enumerate() {
                let name = name_id(&transaction, &observation.name)?;
                let fact = fact_id(&transaction, &observation.fact)?;
                let warnings = warnings_id(&transaction, &observation.warnings)?;
                insert.execute(params![outcome, position as i64, name, fact, warnings, observation.line])?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Records that a run ended, by itself or interrupted.
    pub fn finish(&mut self, run: &str, finished: &str, interrupted: bool) -> Result<(), StoreError> {
        self.connection.execute("UPDATE run SET finished = ?2, interrupted = ?3 WHERE id = ?1", params![run, finished, interrupted])?;
        Ok(())
    }
}

fn name_id(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    let known = connection.prepare_cached("SELECT id FROM name WHERE text = ?1")?.query_row([name], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection.prepare_cached("INSERT INTO name (text) VALUES (?1)")?.execute([name])?;
    Ok(connection.last_insert_rowid())
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

/// Facts are interned: an array that is equal in two hundred cells is stored once. JSON is written in field order, so
/// equal facts have equal text; a traceback is part of it, because a drill-down shows this cell's and not another's.
fn fact_id(connection: &Connection, fact: &Fact) -> Result<i64, StoreError> {
    let identity = blake3::hash(&serde_json::to_vec(fact)?);
    let identity = identity.as_bytes().as_slice();
    let known = connection.prepare_cached("SELECT id FROM fact WHERE identity = ?1")?.query_row([identity], |row| row.get(0)).optional()?;
    if let Some(id) = known {
        return Ok(id);
    }
    connection.prepare_cached("INSERT INTO fact (identity, body) VALUES (?1, ?2)")?.execute(params![identity, pack(fact)?])?;
    Ok(connection.last_insert_rowid())
}
