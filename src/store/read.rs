//! Reading a run back.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, hash_map::Entry},
    sync::Arc,
};

use rusqlite::Row;
use serde::Deserialize;

use super::{
    CellFacts, Store, StoreError,
    packed::{self, references},
    unpack,
};
use crate::{
    observation::{Ending, Fact, Status, Warned},
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
    pub names: HashMap<u32, String>,
    /// Facts by id.
    pub facts: HashMap<u32, Fact>,
    /// Lists of warnings by id.
    pub warnings: HashMap<u32, Vec<Warned>>,
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
    pub reused: Option<Arc<str>>,
    /// How it ended.
    pub status: Status,
    /// Wall time in seconds.
    pub seconds: f64,
    /// Peak resident memory in bytes.
    pub max_rss: Option<u64>,
    /// All of its ending, where that tells more.
    pub ending: Option<Box<Ending>>,
    /// Keys of names that the first repeat observed and this one did not.
    pub missing: Box<[u32]>,
    /// What it observed, in order; of later repeats only what differs from the first. Cells that observed the same share it.
    pub observations: Arc<[ObservationRow]>,
}

/// One observation, as keys into the [`Record`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ObservationRow {
    /// Key of its name.
    pub name: u32,
    /// Key of its fact.
    pub fact: u32,
    /// Key of its warnings.
    pub warnings: Option<u32>,
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

pub(super) fn blob<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r [u8], StoreError> {
    row.get_ref(column)?.as_blob().map_err(|error| StoreError::Row(error.to_string()))
}

/// Executions between two that are wanted which are read rather than sought past.
const NEAR: i64 = 16;

/// The number that a scenario has in what is read, if it is.
fn place(only: Option<&[u32]>, scenario: u32) -> Option<usize> {
    only.map_or(Some(scenario as usize), |only| only.binary_search(&scenario).ok())
}

/// What many outcomes share.
struct Shared<'s> {
    store: &'s Store,
    endings: HashMap<u32, Ending>,
    observed: HashSet<Arc<[ObservationRow]>>,
    /// Of each scenario what was observed last: neighbouring cells mostly observe the same.
    last: Vec<Option<Arc<[ObservationRow]>>>,
    moments: HashMap<i64, Arc<str>>,
}

impl Shared<'_> {
    /// A moment as text.
    fn moment(&mut self, moment: Option<i64>) -> Result<Option<Arc<str>>, StoreError> {
        let Some(moment) = moment else { return Ok(None) };
        if let Some(known) = self.moments.get(&moment) {
            return Ok(Some(Arc::clone(known)));
        }
        let time = jiff::Timestamp::from_second(moment).map_err(|error| StoreError::Row(error.to_string()))?;
        let text: Arc<str> = time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
        self.moments.insert(moment, Arc::clone(&text));
        Ok(Some(text))
    }

    fn observed(&mut self, scenario: usize, rows: &[ObservationRow]) -> Arc<[ObservationRow]> {
        if let Some(last) = self.last.get(scenario).and_then(Option::as_ref).filter(|last| ***last == *rows) {
            return Arc::clone(last);
        }
        let rows = if let Some(known) = self.observed.get(rows) {
            Arc::clone(known)
        } else {
            let rows: Arc<[ObservationRow]> = rows.into();
            self.observed.insert(Arc::clone(&rows));
            rows
        };
        if let Some(last) = self.last.get_mut(scenario) {
            *last = Some(Arc::clone(&rows));
        }
        rows
    }

    fn row(&mut self, outcome: &packed::Outcome, cell: usize, scenario: usize, reused: Option<Arc<str>>) -> Result<OutcomeRow, StoreError> {
        let packed::Outcome { repeat, ending, seconds, max_rss, ref missing, ref observations } = *outcome;
        let observations = self.observed(scenario, observations);
        let ending = match self.endings.entry(ending) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(self.store.ending(ending)?),
        };
        Ok(OutcomeRow {
            cell,
            scenario,
            repeat,
            reused,
            status: ending.status,
            seconds,
            max_rss,
            ending: ending.tells_more().then(|| Box::new(Ending { seconds, max_rss, ..ending.clone() })),
            missing: missing.as_slice().into(),
            observations,
        })
    }
}

impl OutcomeRow {
    /// The signal that ended it.
    pub fn signal(&self) -> Option<&str> {
        self.ending.as_ref()?.signal.as_deref()
    }

    /// How it ended, as it was told.
    pub fn whole_ending(&self) -> Ending {
        let Self { status, seconds, max_rss, .. } = *self;
        self.ending.as_deref().cloned().unwrap_or_else(|| Ending { max_rss, ..Ending::quiet(status, seconds) })
    }
}

impl Store {
    /// Reads a whole run.
    pub fn load(&self, run: &str) -> Result<Record, StoreError> {
        self.load_part(run, None)
    }

    /// Reads what a run has of one scenario; `None` where it does not have it.
    pub fn load_scenario(&self, run: &str, name: &str) -> Result<Option<Record>, StoreError> {
        let record = self.load_scenarios(run, &BTreeSet::from([name.to_owned()]))?;
        Ok(Some(record).filter(|record| !record.scenarios.is_empty()))
    }

    /// Reads a run as if it had these of its scenarios alone.
    pub fn load_scenarios(&self, run: &str, names: &BTreeSet<String>) -> Result<Record, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT number, name FROM scenario WHERE run = ?1 ORDER BY number")?;
        let mut rows = statement.query([self.key(run)?])?;
        let mut only: Vec<u32> = Vec::new();
        while let Some(row) = rows.next()? {
            if names.contains(row.get_ref(1)?.as_str().unwrap_or_default()) {
                only.push(row.get(0)?);
            }
        }
        self.load_part(run, Some(&only))
    }

    /// Reads a run, or what it has of the scenarios with these numbers, in order, which then are numbered anew.
    fn load_part(&self, run: &str, only: Option<&[u32]>) -> Result<Record, StoreError> {
        self.write()?;
        let key = self.key(run)?;
        let mut statement = self.connection.prepare(
            "SELECT id, started, finished, interrupted, engine, skew, repeats, selection, shard, baseline, axes, excluded, caveats FROM run WHERE key = ?1",
        )?;
        let mut rows = statement.query([key])?;
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
        self.load_plan(key, only, &mut record)?;
        self.load_outcomes(key, only, &mut record)?;
        self.load_interned(&mut record)?;
        Ok(record)
    }

    fn load_plan(&self, run: i64, only: Option<&[u32]>, record: &mut Record) -> Result<(), StoreError> {
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
        let mut statement = self.connection.prepare("SELECT name, path, digest, number FROM scenario WHERE run = ?1 ORDER BY number")?;
        let mut rows = statement.query([run])?;
        while let Some(row) = rows.next()? {
            if place(only, row.get(3)?).is_some() {
                record.scenarios.push(ScenarioRow { name: row.get(0)?, path: row.get(1)?, digest: row.get(2)? });
            }
        }
        Ok(())
    }

    fn load_outcomes(&self, run: i64, only: Option<&[u32]>, record: &mut Record) -> Result<(), StoreError> {
        let mut statement = self.connection.prepare("SELECT cell, executions FROM ran WHERE run = ?1")?;
        let mut rows = statement.query([run])?;
        let mut places = Vec::new();
        while let Some(row) = rows.next()? {
            let cell = number(row, 0)?;
            for reference in references(blob(row, 1)?) {
                let (scenario, reference) = reference?;
                places.extend(place(only, scenario).map(|scenario| (reference.execution, reference.own, scenario, cell)));
            }
        }
        // In the order in which they are stored; several places may have the same execution.
        places.sort_unstable();
        let last = vec![None; record.scenarios.len()];
        let mut shared = Shared { store: self, endings: HashMap::new(), observed: HashSet::new(), last, moments: HashMap::new() };
        let mut statement = self.connection.prepare("SELECT id, outcomes, done FROM execution WHERE id BETWEEN ?1 AND ?2 ORDER BY id")?;
        // Where a run refers to many of those that follow each other, reading the others too is faster than asking for each.
        for stretch in places.chunk_by(|a, b| b.0 - a.0 <= NEAR) {
            let (Some(first), Some(last)) = (stretch.first(), stretch.last()) else { continue };
            let mut stretch = stretch.iter().peekable();
            let mut rows = statement.query([first.0, last.0])?;
            while let Some(row) = rows.next()? {
                let id: i64 = row.get(0)?;
                if stretch.peek().is_none_or(|place| place.0 != id) {
                    continue;
                }
                let outcomes = packed::outcomes(blob(row, 1)?)?;
                let done = shared.moment(row.get(2)?)?;
                while let Some(&(_, own, scenario, cell)) = stretch.next_if(|place| place.0 == id) {
                    for outcome in &outcomes {
                        let reused = done.clone().filter(|_| !own);
                        record.outcomes.push(shared.row(outcome, cell, scenario, reused)?);
                    }
                }
            }
        }
        record.outcomes.sort_unstable_by_key(|outcome| (outcome.scenario, outcome.cell, outcome.repeat));
        Ok(())
    }

    /// An ending without its seconds and memory.
    pub(super) fn ending(&self, id: u32) -> Result<Ending, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT body FROM ending WHERE id = ?1")?;
        let mut rows = statement.query([id])?;
        let row = rows.next()?.ok_or_else(|| StoreError::Row(format!("there is no ending {id}")))?;
        unpack(blob(row, 0)?)
    }

    /// What the rows that were read refer to, each once.
    fn load_interned(&self, record: &mut Record) -> Result<(), StoreError> {
        let rows = record.outcomes.iter().flat_map(|outcome| &*outcome.observations);
        let (mut names, mut facts, mut warnings) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        names.extend(record.outcomes.iter().flat_map(|outcome| &outcome.missing));
        for row in rows {
            names.insert(row.name);
            facts.insert(row.fact);
            warnings.extend(row.warnings);
        }
        let mut statement = self.connection.prepare("SELECT text FROM name WHERE id = ?1")?;
        for id in names {
            record.names.insert(id, statement.query_row([id], |row| row.get(0))?);
        }
        let mut statement = self.connection.prepare("SELECT body FROM fact WHERE id = ?1")?;
        for id in facts {
            let mut rows = statement.query([id])?;
            let Some(row) = rows.next()? else { continue };
            record.facts.insert(id, unpack(blob(row, 0)?)?);
        }
        let mut statement = self.connection.prepare("SELECT body FROM warning_set WHERE id = ?1")?;
        for id in warnings {
            let mut rows = statement.query([id])?;
            if let Some(row) = rows.next()? {
                record.warnings.insert(id, json(row, 0)?);
            }
        }
        Ok(())
    }
}
