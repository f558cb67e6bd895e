//! The runs that are kept, and how many.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    SECOND_LOOK, Store, StoreError,
    packed::{self, Ran, Reference, references, unpack_ran},
    read,
    reuse::inapplicable,
};

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
        self.write()?;
        let mut statement = self.connection.prepare(
            "SELECT id, started, finished, interrupted, engine, skew, selection, shard,
                (SELECT count(*) FROM cell WHERE cell.run = run.key),
                (SELECT count(*) FROM cell WHERE cell.run = run.key AND json_extract(body, '$.state') NOT IN ('infra', 'not-run')),
                (SELECT count(*) FROM scenario WHERE scenario.run = run.key), key
             FROM run WHERE selection IS NOT ?1 ORDER BY key DESC",
        )?;
        let decided = self.decided()?;
        let mut rows = statement.query([SECOND_LOOK])?;
        let mut runs = Vec::new();
        while let Some(row) = rows.next()? {
            runs.push(RunRow {
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
                outcomes: self.count(row.get(11)?, &decided)?,
            });
        }
        Ok(runs)
    }

    /// Executions of scenarios that do not apply: nobody measured that.
    fn decided(&self) -> Result<HashSet<i64>, StoreError> {
        let context = self.memory.borrow_mut().interned.known_digest(&self.connection, &inapplicable())?;
        let mut statement = self.connection.prepare_cached("SELECT id FROM execution WHERE context = ?1")?;
        Ok(statement.query_map([context], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// Outcomes that a run did itself, or decided, and those it took over.
    fn count(&self, run: i64, decided: &HashSet<i64>) -> Result<(u32, u32), StoreError> {
        let mut outcomes = (0, 0);
        for ran in self.all_ran(run)?.values() {
            let own = ran.values().filter(|reference| reference.own || decided.contains(&reference.execution)).count() as u32;
            outcomes = (outcomes.0 + own, outcomes.1 + ran.len() as u32 - own);
        }
        Ok(outcomes)
    }

    /// What ran in each cell of a run.
    pub(super) fn all_ran(&self, run: i64) -> Result<BTreeMap<usize, Ran>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT cell, executions FROM ran WHERE run = ?1")?;
        let mut rows = statement.query([run])?;
        let mut all = BTreeMap::new();
        while let Some(row) = rows.next()? {
            all.insert(read::number(row, 0)?, unpack_ran(read::blob(row, 1)?)?);
        }
        Ok(all)
    }

    /// Ids of all runs, newest first. Newest is what was stored last: the clock may have been set back since.
    pub fn ids(&self) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare("SELECT id FROM run WHERE selection IS NOT ?1 ORDER BY key DESC")?;
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
        let executions = sweep(&transaction)?;
        transaction.commit()?;
        Ok(Pruned { runs: gone.len(), executions })
    }

    /// Whether two runs have the same cells in the same states, and refer to the same executions in them: then nothing they
    /// say differs.
    pub fn is_same(&self, run: &str, other: &str) -> Result<bool, StoreError> {
        Ok(self.differing(run, other)?.is_some_and(|scenarios| scenarios.is_empty()))
    }

    /// The names of the scenarios of which two runs say different things, or which one of them does not have: nothing of
    /// the others differs. `None` where the runs have other cells, other states of them or another baseline.
    pub fn differing(&self, run: &str, other: &str) -> Result<Option<BTreeSet<String>>, StoreError> {
        self.write()?;
        let (run, other) = (self.key(run)?, self.key(other)?);
        let rows = |run: i64| -> Result<Vec<(i64, String, String)>, StoreError> {
            let sql = "SELECT number, id, json_extract(body, '$.state') FROM cell WHERE run = ?1 ORDER BY number";
            let mut statement = self.connection.prepare_cached(sql)?;
            let rows = statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        let baselines = "SELECT count(DISTINCT baseline) = 1 FROM run WHERE key IN (?1, ?2)";
        if !self.connection.query_row(baselines, [run, other], |row| row.get(0))? || rows(run)? != rows(other)? {
            return Ok(None);
        }
        let (names, others) = (self.scenario_names(run)?, self.scenario_names(other)?);
        let only_one_has = |(names, others): (&BTreeMap<u32, String>, &BTreeMap<u32, String>)| {
            let known: HashSet<&String> = others.values().collect();
            names.values().filter(|name| !known.contains(name)).cloned().collect::<Vec<_>>()
        };
        let mut differing: BTreeSet<String> = [(&names, &others), (&others, &names)].into_iter().flat_map(only_one_has).collect();
        let mut before = self.packed_ran(other)?;
        for (cell, ran) in self.packed_ran(run)? {
            let before = before.remove(&cell).unwrap_or_default();
            if ran == before && names == others {
                continue;
            }
            let mut known = executions(&before, &others)?;
            for (name, execution) in executions(&ran, &names)? {
                if known.remove(name) != Some(execution) {
                    differing.insert(name.to_owned());
                }
            }
            differing.extend(known.into_keys().map(str::to_owned));
        }
        for ran in before.into_values() {
            differing.extend(executions(&ran, &others)?.into_keys().map(str::to_owned));
        }
        Ok(Some(differing))
    }

    fn scenario_names(&self, run: i64) -> Result<BTreeMap<u32, String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT number, name FROM scenario WHERE run = ?1")?;
        let names = statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(names.collect::<Result<_, _>>()?)
    }

    /// What ran in each cell of a run, packed as it is stored.
    fn packed_ran(&self, run: i64) -> Result<BTreeMap<i64, Vec<u8>>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT cell, executions FROM ran WHERE run = ?1")?;
        let rows = statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// How long each cell took when it was run last, in seconds, by id.
    pub fn durations(&self) -> Result<HashMap<String, f64>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT cell.id, json_extract(body, '$.seconds') FROM cell
             WHERE json_extract(body, '$.seconds') IS NOT NULL ORDER BY run",
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

/// The executions of a cell by the names of their scenarios.
fn executions<'n>(ran: &[u8], names: &'n BTreeMap<u32, String>) -> Result<HashMap<&'n str, i64>, StoreError> {
    let with_name = |(scenario, reference): (u32, Reference)| Some((names.get(&scenario)?.as_str(), reference.execution));
    references(ran).filter_map(|reference| reference.map(with_name).transpose()).collect()
}

/// Removes the executions to which no run refers, and what no execution refers to; how many executions.
fn sweep(transaction: &Transaction<'_>) -> Result<usize, StoreError> {
    let mut wanted = HashSet::new();
    let mut statement = transaction.prepare("SELECT executions FROM ran")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        wanted.extend(unpack_ran(read::blob(row, 0)?)?.into_values().map(|reference| reference.execution));
    }
    let (mut names, mut facts, mut warnings, mut endings) = (HashSet::new(), HashSet::new(), HashSet::new(), HashSet::new());
    let mut statement = transaction.prepare("SELECT id, outcomes FROM execution")?;
    let mut rows = statement.query([])?;
    let mut removed = 0;
    let mut remove = transaction.prepare("DELETE FROM execution WHERE id = ?1")?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if !wanted.contains(&id) {
            removed += remove.execute([id])?;
            continue;
        }
        for outcome in packed::outcomes(read::blob(row, 1)?)? {
            endings.insert(outcome.ending);
            names.extend(outcome.missing);
            for row in outcome.observations {
                names.insert(row.name);
                facts.insert(row.fact);
                warnings.extend(row.warnings);
            }
        }
    }
    for (table, wanted) in [("name", names), ("fact", facts), ("warning_set", warnings), ("ending", endings)] {
        let mut statement = transaction.prepare(&format!("SELECT id FROM {table}"))?;
        let ids = statement.query_map([], |row| row.get::<_, u32>(0))?.collect::<Result<Vec<_>, _>>()?;
        let mut remove = transaction.prepare(&format!("DELETE FROM {table} WHERE id = ?1"))?;
        for id in ids.into_iter().filter(|id| !wanted.contains(id)) {
            remove.execute([id])?;
        }
    }
    transaction.execute_batch(
        "DELETE FROM former WHERE execution NOT IN (SELECT id FROM execution);
         DELETE FROM digest WHERE id NOT IN (SELECT context FROM execution WHERE context IS NOT NULL
             UNION SELECT scenario FROM execution WHERE scenario IS NOT NULL);",
    )?;
    Ok(removed)
}
