//! Reading a run back.

use std::collections::{BTreeMap, HashMap};

use rusqlite::{OptionalExtension, Row, params};
use serde::Deserialize;

use super::{CellFacts, Store, StoreError, unpack};
use crate::{
    observation::{Ending, Fact, Warned},
    plan::{Excluded, PlanAxis},
};

/// Everything stored of one run.
#[derive(Debug)]
pub struct Record {
    /// Id of the run.
    pub id: String,
    /// RFC 3339, UTC.
    pub started: String,
    /// RFC 3339, UTC.
    pub finished: Option<String>,
    /// A signal ended it.
    pub interrupted: bool,
    /// Engine's name.
    pub engine: String,
    /// Version of skew that ran it.
    pub skew: String,
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
    /// What the engine could not isolate.
    pub caveats: Vec<String>,
    /// Cells in plan order.
    pub cells: Vec<CellRow>,
    /// Scenarios in plan order.
    pub scenarios: Vec<ScenarioRow>,
    /// Outcomes, ordered by scenario, cell, repeat.
    pub outcomes: Vec<OutcomeRow>,
    /// Names of observations by id.
    pub names: HashMap<i64, String>,
    /// Facts by id.
    pub facts: HashMap<i64, Fact>,
    /// Lists of warnings by id.
    pub warnings: HashMap<i64, Vec<Warned>>,
}

/// A cell.
#[derive(Debug)]
pub struct CellRow {
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
    /// Cut-off date, RFC 3339.
    pub cutoff: Option<String>,
    /// When what is known of it was told, RFC 3339; before the run began where it was taken over.
    pub told: Option<String>,
    /// What is known of it.
    pub facts: CellFacts,
}

/// A scenario.
#[derive(Debug)]
pub struct ScenarioRow {
    /// Name.
    pub name: String,
    /// Path relative to matrix.yaml.
    pub path: String,
    /// BLAKE3 of the source that ran, hex.
    pub digest: String,
}

/// One execution.
#[derive(Debug)]
pub struct OutcomeRow {
    /// Number of the cell.
    pub cell: usize,
    /// Number of the scenario.
    pub scenario: usize,
    /// 0-based repeat.
    pub repeat: u32,
    /// When its execution was done (RFC 3339), where an earlier run did it.
    pub reused: Option<String>,
    /// How it ended.
    pub ending: Ending,
    /// Names that the first repeat observed and this one did not.
    pub missing: Vec<String>,
    /// What it observed, in order; of later repeats only what differs from the first.
    pub observations: Vec<ObservationRow>,
}

/// One observation, as keys into the [`Record`].
#[derive(Clone, Copy, Debug)]
pub struct ObservationRow {
    /// Key of its name.
    pub name: i64,
    /// Key of its fact.
    pub fact: i64,
    /// Key of its warnings.
    pub warnings: Option<i64>,
    /// Line of the scenario.
    pub line: Option<u32>,
}

pub(super) fn json<T: for<'de> Deserialize<'de>>(row: &Row<'_>, column: usize) -> Result<T, StoreError> {
    let text = row.get_ref(column)?.as_str().map_err(|error| StoreError::Row(error.to_string()))?;
    Ok(serde_json::from_str(text)?)
}

pub(super) fn number(row: &Row<'_>, column: usize) -> Result<usize, StoreError> {
    let value: i64 = row.get(column)?;
    usize::try_from(value).map_err(|_| StoreError::Row(format!("{value} is not a place in the plan")))
}

impl Store {
    /// Reads a whole run.
    pub fn load(&self, run: &str) -> Result<Record, StoreError> {
        self.load_part(run, None)
    }

    /// Reads what a run has of one scenario; `None` where it does not have it.
    pub fn load_scenario(&self, run: &str, name: &str) -> Result<Option<Record>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT number FROM scenario WHERE run = ?1 AND name = ?2")?;
        let number: Option<i64> = statement.query_row([run, name], |row| row.get(0)).optional()?;
        number.map(|number| self.load_part(run, Some(number))).transpose()
    }

    /// Reads a run, or of one of its scenarios alone, which then is the first.
    fn load_part(&self, run: &str, only: Option<i64>) -> Result<Record, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT id, started, finished, interrupted, engine, skew, repeats, selection, shard, baseline, axes, excluded, caveats FROM run WHERE id = ?1",
        )?;
        let mut rows = statement.query([run])?;
        let row = rows.next()?.ok_or_else(|| StoreError::Row(format!("there is no run {run}")))?;
        let mut record = Record {
            id: row.get(0)?,
            started: row.get(1)?,
            finished: row.get(2)?,
            interrupted: row.get(3)?,
            engine: row.get(4)?,
            skew: row.get(5)?,
            repeats: row.get(6)?,
            selection: row.get(7)?,
            shard: row.get(8)?,
            baseline: number(row, 9)?,
            axes: json(row, 10)?,
            excluded: json(row, 11)?,
            caveats: json(row, 12)?,
            cells: Vec::new(),
            scenarios: Vec::new(),
            outcomes: Vec::new(),
            names: HashMap::new(),
            facts: HashMap::new(),
            warnings: HashMap::new(),
        };
        self.load_plan(run, only, &mut record)?;
        self.load_outcomes(run, only, &mut record)?;
        self.load_interned(run, only, &mut record)?;
        Ok(record)
    }

    fn load_plan(&self, run: &str, only: Option<i64>, record: &mut Record) -> Result<(), StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT id, axes, python, declared, conflicts, cutoff, told, body FROM cell WHERE run = ?1 ORDER BY number")?;
        let mut rows = statement.query([run])?;
        while let Some(row) = rows.next()? {
            record.cells.push(CellRow {
                id: row.get(0)?,
                axes: json(row, 1)?,
                python: row.get(2)?,
                declared: row.get(3)?,
                conflicts: json(row, 4)?,
                cutoff: row.get(5)?,
                told: row.get(6)?,
                facts: json(row, 7)?,
            });
        }
        let mut statement = self
            .connection
            .prepare("SELECT name, path, digest FROM scenario WHERE run = ?1 AND number = ifnull(?2, number) ORDER BY number")?;
        let mut rows = statement.query(params![run, only])?;
        while let Some(row) = rows.next()? {
            record.scenarios.push(ScenarioRow { name: row.get(0)?, path: row.get(1)?, digest: row.get(2)? });
        }
        Ok(())
    }

    fn load_outcomes(&self, run: &str, only: Option<i64>, record: &mut Record) -> Result<(), StoreError> {
        let mut observations =
            self.connection.prepare("SELECT name, fact, warnings, line FROM observation WHERE outcome = ?1 ORDER BY position")?;
        let mut statement = self.connection.prepare(
            "SELECT outcome.id, cell, scenario, repeat, ending, missing, iif(execution.run = ran.run, NULL, execution.done)
             FROM ran JOIN execution ON execution.id = ran.execution JOIN outcome ON outcome.execution = execution.id
             WHERE ran.run = ?1 AND scenario = ifnull(?2, scenario) ORDER BY scenario, cell, repeat",
        )?;
        let mut rows = statement.query(params![run, only])?;
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let ending: Vec<u8> = row.get(4)?;
            let seen = observations.query_map([id], |row| {
                Ok(ObservationRow { name: row.get(0)?, fact: row.get(1)?, warnings: row.get(2)?, line: row.get(3)? })
            })?;
            record.outcomes.push(OutcomeRow {
                cell: number(row, 1)?,
                scenario: if only.is_some() { 0 } else { number(row, 2)? },
                repeat: row.get(3)?,
                ending: unpack(&ending)?,
                missing: json(row, 5)?,
                reused: row.get(6)?,
                observations: seen.collect::<Result<_, _>>()?,
            });
        }
        Ok(())
    }

    fn load_interned(&self, run: &str, only: Option<i64>, record: &mut Record) -> Result<(), StoreError> {
        const USED: &str = "FROM ran JOIN outcome ON outcome.execution = ran.execution JOIN observation ON observation.outcome = outcome.id
             WHERE ran.run = ?1 AND scenario = ifnull(?2, scenario)";
        let mut statement = self.connection.prepare(&format!("SELECT id, text FROM name WHERE id IN (SELECT name {USED})"))?;
        let mut rows = statement.query(params![run, only])?;
        while let Some(row) = rows.next()? {
            record.names.insert(row.get(0)?, row.get(1)?);
        }
        let mut statement = self.connection.prepare(&format!("SELECT id, body FROM fact WHERE id IN (SELECT fact {USED})"))?;
        let mut rows = statement.query(params![run, only])?;
        while let Some(row) = rows.next()? {
            let body: Vec<u8> = row.get(1)?;
            record.facts.insert(row.get(0)?, unpack(&body)?);
        }
        let mut statement = self.connection.prepare(&format!("SELECT id, body FROM warning_set WHERE id IN (SELECT warnings {USED})"))?;
        let mut rows = statement.query(params![run, only])?;
        while let Some(row) = rows.next()? {
            record.warnings.insert(row.get(0)?, json(row, 1)?);
        }
        Ok(())
    }
}
