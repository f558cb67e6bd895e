//! Writing facts.

use std::collections::{BTreeMap, HashMap, btree_map, hash_map::Entry};

use rusqlite::{OptionalExtension, params};

use super::{
    CellFacts, Digest, Heard, Memory, ObservationRow, SECOND_LOOK, Store, StoreError,
    packed::{self, Ran, Reference, pack_ran, unpack_ran},
};
use crate::{
    observation::{Ending, Observation},
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

/// Writes that are committed together at the most: some hundredths of a second of them.
const TOGETHER: usize = 8192;

/// What was told and is not yet in the database: it is written with the next commit, or before it is read.
#[derive(Debug, Default)]
pub(super) struct Unwritten {
    executions: BTreeMap<i64, Execution>,
    ran: HashMap<(i64, usize), Ran>,
}

/// An execution as it is stored.
#[derive(Clone, Debug, Default)]
struct Execution {
    /// It is in the database already, as it was before.
    stored: bool,
    context: Option<u32>,
    scenario: Option<u32>,
    done: Option<i64>,
    outcomes: Vec<u8>,
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
        let taken: Option<i64> = transaction.query_row("SELECT key FROM run WHERE id = ?1", [&run.id], |row| row.get(0)).optional()?;
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
        let key = transaction.last_insert_rowid();
        let mut insert = transaction.prepare(
            "INSERT INTO cell (run, number, id, axes, python, declared, conflicts, cutoff, made, setting, body)
             VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
        )?;
        for (number, cell) in run.cells.iter().enumerate() {
            insert.execute(params![
                key,
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
            ])?;
        }
        for (number, scenario) in run.scenarios.iter().enumerate() {
            transaction.execute(
                "INSERT INTO scenario (run, number, name, path, digest) VALUES (?1,?2,?3,?4,?5)",
                params![key, number as i64, scenario.name, scenario.path, scenario.digest],
            )?;
        }
        drop(insert);
        Ok(transaction.commit()?)
    }

    /// Records what became of a cell, and when that was told (RFC 3339), which may be in an earlier run.
    pub fn cell(&mut self, run: &str, number: usize, facts: &CellFacts, told: Option<&str>) -> Result<(), StoreError> {
        let body = serde_json::to_string(facts)?;
        self.gather()?;
        let run = self.key(run)?;
        self.connection
            .prepare_cached("UPDATE cell SET body = ?3, environment = ?4, told = ?5 WHERE run = ?1 AND number = ?2")?
            .execute(params![run, number as i64, body, facts.environment, told])?;
        Ok(())
    }

    /// Records how far a cell was heard that goes on without this process.
    pub fn heard(&mut self, run: &str, number: usize, heard: &Heard) -> Result<(), StoreError> {
        let heard = serde_json::to_string(heard)?;
        self.gather()?;
        let run = self.key(run)?;
        self.connection
            .prepare_cached("UPDATE cell SET body = json_set(body, '$.heard', json(?3)) WHERE run = ?1 AND number = ?2")?
            .execute(params![run, number as i64, heard])?;
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
        self.gather()?;
        let told = self.intern(repeat, ending, observations, missing).inspect_err(|_| self.forget())?;
        let begun = if repeat == 0 { None } else { self.execution(place)? };
        let id = match begun {
            Some(id) => id,
            None => self.begin_execution(place)?,
        };
        let memory = self.memory.get_mut();
        told.pack(&mut memory.unwritten.executions.entry(id).or_default().outcomes);
        Ok(())
    }

    /// Until what refers to it is written too, nobody sees what is interned.
    fn intern(
        &self,
        repeat: u32,
        ending: &Ending,
        observations: &[Observation],
        missing: &[String],
    ) -> Result<packed::Outcome, StoreError> {
        let (connection, interned) = (&self.connection, &mut self.memory.borrow_mut().interned);
        let mut rows = Vec::with_capacity(observations.len());
        for Observation { name, fact, warnings, line } in observations {
            rows.push(ObservationRow {
                name: interned.name(connection, name)?,
                fact: interned.fact(connection, fact)?,
                warnings: interned.warnings(connection, warnings)?,
                line: *line,
            });
        }
        let missing = missing.iter().map(|name| interned.name(connection, name)).collect::<Result<_, _>>()?;
        let id = interned.ending(connection, ending)?;
        Ok(packed::Outcome { repeat, ending: id, seconds: ending.seconds, max_rss: ending.max_rss, missing, observations: rows })
    }

    /// Records that all repeats of a scenario are in: they serve every later run in which they would come out the same, which
    /// is one with the same context and the same scenario. `done` is Unix time.
    pub fn complete(&mut self, place: Place<'_>, context: &Digest, scenario: &Digest, done: i64) -> Result<(), StoreError> {
        self.gather()?;
        let Some(id) = self.execution(place)? else { return Ok(()) };
        let Memory { interned, unwritten, .. } = self.memory.get_mut();
        let (context, scenario) = (interned.digest(&self.connection, context)?, interned.digest(&self.connection, scenario)?);
        if let Some(execution) = unwritten.executions.get_mut(&id) {
            (execution.context, execution.scenario, execution.done) = (Some(context), Some(scenario), Some(done));
        }
        Ok(())
    }

    /// The execution that a run has at a place, taken out of the database where it is there already.
    fn execution(&mut self, place: Place<'_>) -> Result<Option<i64>, StoreError> {
        let run = self.key(place.run)?;
        let Some(Reference { execution, own: true }) = self.ran(run, place.cell)?.get(&(place.scenario as u32)).copied() else {
            return Ok(None);
        };
        if let btree_map::Entry::Vacant(entry) = self.memory.get_mut().unwritten.executions.entry(execution) {
            let mut statement = self.connection.prepare_cached("SELECT context, scenario, done, outcomes FROM execution WHERE id = ?1")?;
            entry.insert(statement.query_row([execution], |row| {
                Ok(Execution { stored: true, context: row.get(0)?, scenario: row.get(1)?, done: row.get(2)?, outcomes: row.get(3)? })
            })?);
        }
        Ok(Some(execution))
    }

    /// What ran in a cell of a run, to be changed.
    fn ran(&mut self, run: i64, cell: usize) -> Result<&mut Ran, StoreError> {
        match self.memory.get_mut().unwritten.ran.entry((run, cell)) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let mut statement = self.connection.prepare_cached("SELECT executions FROM ran WHERE run = ?1 AND cell = ?2")?;
                let stored: Option<Vec<u8>> = statement.query_row(params![run, cell as i64], |row| row.get(0)).optional()?;
                Ok(entry.insert(unpack_ran(&stored.unwrap_or_default())?))
            }
        }
    }

    fn begin_execution(&mut self, place: Place<'_>) -> Result<i64, StoreError> {
        let run = self.key(place.run)?;
        let id = match self.memory.get_mut().last {
            Some(last) => last + 1,
            None => self.connection.query_row("SELECT ifnull(max(id), 0) + 1 FROM execution", [], |row| row.get(0))?,
        };
        self.memory.get_mut().last = Some(id);
        let before = self.ran(run, place.cell)?.insert(place.scenario as u32, Reference { execution: id, own: true });
        // No other run can refer to what this one did.
        if let Some(Reference { execution, own: true }) = before {
            self.memory.get_mut().unwritten.executions.remove(&execution);
            self.connection.prepare_cached("DELETE FROM execution WHERE id = ?1")?.execute([execution])?;
        }
        Ok(id)
    }

    /// Lets a run refer to executions of earlier ones, all or none: cell, scenario, execution.
    pub fn take_over(&mut self, run: &str, executions: &[(usize, usize, i64)]) -> Result<(), StoreError> {
        self.gather()?;
        let run = self.key(run)?;
        for &(cell, scenario, execution) in executions {
            self.ran(run, cell)?.insert(scenario as u32, Reference { execution, own: false });
        }
        Ok(())
    }

    /// Writes what is not yet in the database, into the transaction that is open.
    pub(super) fn write(&self) -> Result<(), StoreError> {
        let Unwritten { executions, ran } = std::mem::take(&mut self.memory.borrow_mut().unwritten);
        let [mut insert, mut update] = [
            self.connection.prepare_cached("INSERT INTO execution (id, context, scenario, done, outcomes) VALUES (?1,?2,?3,?4,?5)")?,
            self.connection.prepare_cached("UPDATE execution SET context = ?2, scenario = ?3, done = ?4, outcomes = ?5 WHERE id = ?1")?,
        ];
        for (id, Execution { stored, context, scenario, done, outcomes }) in executions {
            let write = if stored { &mut update } else { &mut insert };
            write.execute(params![id, context, scenario, done, outcomes])?;
        }
        let mut insert = self.connection.prepare_cached("INSERT OR REPLACE INTO ran (run, cell, executions) VALUES (?1,?2,?3)")?;
        for ((run, cell), ran) in ran {
            insert.execute(params![run, cell as i64, pack_ran(&ran)])?;
        }
        Ok(())
    }

    /// Commits what was written: to be called whenever nothing waits to be written. Until then others don't see it, and it
    /// does not survive a power cut or a kill.
    pub fn settle(&mut self) -> Result<(), StoreError> {
        self.pending = 0;
        self.write()?;
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
        *self.memory.get_mut() = Memory { unwritten: std::mem::take(&mut self.memory.get_mut().unwritten), ..Memory::default() };
    }

    /// Records that a run ended, by itself or interrupted.
    pub fn finish(&mut self, run: &str, finished: &str, interrupted: bool) -> Result<(), StoreError> {
        self.settle()?;
        self.connection.execute("UPDATE run SET finished = ?2, interrupted = ?3 WHERE id = ?1", params![run, finished, interrupted])?;
        Ok(())
    }
}
