//! The parts of a run, joined into one.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    Store, StoreError,
    packed::{self, Reference, pack_ran, unpack_ran},
};

/// Why parts cannot be joined.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A store failed.
    #[error("{}: {error}", path.display())]
    Store {
        /// Of which part.
        path: PathBuf,
        /// How.
        error: StoreError,
    },
    /// The newest run of a store is no part of one.
    #[error("the newest run in {}, {run}, is not a part of a run: it was made without `--shard`", path.display())]
    Whole {
        /// The store.
        path: PathBuf,
        /// The run.
        run: String,
    },
    /// Parts that do not belong together.
    #[error("{} and {} are not parts of one run: they differ in {what}", first.display(), second.display())]
    Mixed {
        /// A store.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// The engine, the cells …
        what: &'static str,
    },
    /// Two parts ran the same cell.
    #[error("{} and {} overlap: both have {what}", first.display(), second.display())]
    Overlap {
        /// A store.
        first: PathBuf,
        /// Another.
        second: PathBuf,
        /// The part or the cell.
        what: String,
    },
    /// A part is not there.
    #[error("parts are missing: {}", .0.join(", "))]
    Missing(Vec<String>),
}

/// A part, as far as it tells whether it fits.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    run: String,
    started: String,
    finished: Option<String>,
    interrupted: bool,
    shard: String,
    /// What all parts must agree about, with its name.
    common: Vec<(&'static str, String)>,
    /// Its cells, and whether it ran them.
    cells: Vec<(String, bool)>,
}

impl Store {
    /// Joins the newest runs of the stores in `folders`, which must be the parts of one run, into a run `id` of this store.
    pub fn merge(&mut self, id: &str, folders: &[PathBuf]) -> Result<(), MergeError> {
        let mut parts = Vec::new();
        for folder in folders {
            parts.push(part(folder)?);
        }
        let owners = fit(&parts)?;
        for (number, part) in parts.iter().enumerate() {
            let cells: Vec<usize> = (0..owners.len()).filter(|&cell| owners[cell] == number).collect();
            if let Err(error) = self.take(id, part, number == 0, &cells) {
                // Half a run would pass for a whole one that was interrupted.
                let _ = self.connection.execute("DELETE FROM run WHERE id = ?1", [id]);
                return Err(MergeError::Store { path: part.path.clone(), error });
            }
        }
        let finished = parts.iter().map(|part| part.finished.clone()).collect::<Option<Vec<_>>>().and_then(|all| all.into_iter().max());
        let started = parts.iter().map(|part| &part.started).min();
        let interrupted = parts.iter().any(|part| part.interrupted);
        let ended = self.connection.execute(
            "UPDATE run SET started = ?2, finished = ?3, interrupted = ?4 WHERE id = ?1",
            params![id, started, finished, interrupted],
        );
        ended.map(|_| ()).map_err(|error| MergeError::Store { path: self.path.clone(), error: error.into() })
    }

    /// Copies what a part says: with the first one the whole plan, then its cells with all that ran in them.
    fn take(&mut self, id: &str, part: &Part, first: bool, cells: &[usize]) -> Result<(), StoreError> {
        self.settle()?;
        let database = part.path.join("results.db");
        self.connection.execute("ATTACH ?1 AS part", [database.to_string_lossy()])?;
        let taken = self.copy(id, part, first, cells);
        self.connection.execute_batch("DETACH part")?;
        taken
    }

    fn copy(&mut self, id: &str, part: &Part, first: bool, cells: &[usize]) -> Result<(), StoreError> {
        self.forget();
        let transaction = self.connection.transaction()?;
        let source: i64 = transaction.query_row("SELECT key FROM part.run WHERE id = ?1", [&part.run], |row| row.get(0))?;
        if first {
            transaction.execute(
                "INSERT INTO run (id, started, interrupted, engine, skew, repeats, selection, baseline, axes, excluded, caveats)
                 SELECT ?1, started, interrupted, engine, skew, repeats, selection, baseline, axes, excluded, caveats
                 FROM part.run WHERE key = ?2",
                params![id, source],
            )?;
        }
        let run: i64 = transaction.query_row("SELECT key FROM run WHERE id = ?1", [id], |row| row.get(0))?;
        if first {
            transaction.execute(
                "INSERT INTO cell (run, number, id, axes, python, declared, conflicts, cutoff, made, setting, environment, told, body)
                 SELECT ?1, number, id, axes, python, declared, conflicts, cutoff, made, setting, environment, told, body
                 FROM part.cell WHERE run = ?2",
                params![run, source],
            )?;
            transaction.execute(
                "INSERT INTO scenario (run, number, name, path, digest) SELECT ?1, number, name, path, digest FROM part.scenario WHERE run = ?2",
                params![run, source],
            )?;
        }
        let keys = Keys::new(&transaction)?;
        for &cell in cells {
            transaction.execute(
                "UPDATE cell SET (made, setting, environment, told, body) =
                    (SELECT made, setting, environment, told, body FROM part.cell AS source WHERE source.run = ?2 AND source.number = ?3)
                 WHERE run = ?1 AND number = ?3",
                params![run, source, cell as i64],
            )?;
            let mut ran = transaction.prepare_cached("SELECT executions FROM part.ran WHERE run = ?1 AND cell = ?2")?;
            let ran: Option<Vec<u8>> = ran.query_row(params![source, cell as i64], |row| row.get(0)).optional()?;
            let Some(ran) = ran else { continue };
            let mut ran = unpack_ran(&ran)?;
            for reference in ran.values_mut() {
                reference.execution = copy_execution(&transaction, &keys, *reference)?;
            }
            transaction.prepare_cached("INSERT INTO main.ran (run, cell, executions) VALUES (?1,?2,?3)")?.execute(params![
                run,
                cell as i64,
                pack_ran(&ran)
            ])?;
        }
        Ok(transaction.commit()?)
    }
}

/// The keys that what is interned has here, by those that it has in a part.
struct Keys {
    names: HashMap<u32, u32>,
    facts: HashMap<u32, u32>,
    warnings: HashMap<u32, u32>,
    endings: HashMap<u32, u32>,
    digests: HashMap<u32, u32>,
}

impl Keys {
    /// Interns all that a part has.
    fn new(transaction: &Transaction<'_>) -> Result<Self, StoreError> {
        let keys = |table: &str, by: &str, rest: &str| -> Result<HashMap<u32, u32>, StoreError> {
            transaction.execute(&format!("INSERT OR IGNORE INTO main.{table} ({by}{rest}) SELECT {by}{rest} FROM part.{table}"), [])?;
            let mut statement =
                transaction.prepare(&format!("SELECT its.id, ours.id FROM part.{table} AS its JOIN main.{table} AS ours USING ({by})"))?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        Ok(Self {
            names: keys("name", "text", "")?,
            facts: keys("fact", "identity", ", body")?,
            warnings: keys("warning_set", "body", "")?,
            endings: keys("ending", "identity", ", body")?,
            digests: keys("digest", "bytes", "")?,
        })
    }
}

fn copy_execution(transaction: &Transaction<'_>, keys: &Keys, reference: Reference) -> Result<i64, StoreError> {
    let ours = |keys: &HashMap<u32, u32>, id: u32| keys.get(&id).copied().ok_or_else(|| StoreError::Row(format!("there is no row {id}")));
    let mut statement = transaction.prepare_cached("SELECT context, scenario, done, outcomes FROM part.execution WHERE id = ?1")?;
    let (context, scenario, done, outcomes): (Option<u32>, Option<u32>, Option<i64>, Vec<u8>) =
        statement.query_row([reference.execution], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let context = context.map(|id| ours(&keys.digests, id)).transpose()?;
    let scenario = scenario.map(|id| ours(&keys.digests, id)).transpose()?;
    let mut statement = transaction.prepare_cached("SELECT key FROM part.former WHERE execution = ?1")?;
    let former: Option<Vec<u8>> = statement.query_row([reference.execution], |row| row.get(0)).optional()?;
    // What several parts, or an earlier run here, refer to is the same execution.
    if !reference.own {
        let known = if let Some(former) = &former {
            transaction
                .prepare_cached("SELECT id FROM former JOIN execution ON id = execution WHERE key = ?1 AND done = ?2")?
                .query_row(params![former, done], |row| row.get(0))
                .optional()?
        } else {
            transaction
                .prepare_cached("SELECT id FROM main.execution WHERE context = ?1 AND scenario = ?2 AND done = ?3")?
                .query_row(params![context, scenario, done], |row| row.get(0))
                .optional()?
        };
        if let Some(known) = known {
            return Ok(known);
        }
    }
    let mut packed = Vec::with_capacity(outcomes.len());
    for mut outcome in packed::outcomes(&outcomes)? {
        outcome.ending = ours(&keys.endings, outcome.ending)?;
        for name in &mut outcome.missing {
            *name = ours(&keys.names, *name)?;
        }
        for row in &mut outcome.observations {
            row.name = ours(&keys.names, row.name)?;
            row.fact = ours(&keys.facts, row.fact)?;
            row.warnings = row.warnings.map(|id| ours(&keys.warnings, id)).transpose()?;
        }
        outcome.pack(&mut packed);
    }
    transaction
        .prepare_cached("INSERT INTO main.execution (context, scenario, done, outcomes) VALUES (?1,?2,?3,?4)")?
        .execute(params![context, scenario, done, packed])?;
    let execution = transaction.last_insert_rowid();
    if let Some(former) = former {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO main.former (key, execution) VALUES (?1,?2)")?
            .execute(params![former, execution])?;
    }
    Ok(execution)
}

/// The newest run of a folder, which must be a part.
fn part(folder: &Path) -> Result<Part, MergeError> {
    let path = if folder.join("results.db").exists() { folder.to_owned() } else { folder.join(".skew") };
    let failed = |error| MergeError::Store { path: folder.to_owned(), error };
    let store = Store::existing(&path).map_err(failed)?;
    let run = store.latest().map_err(failed)?;
    match store.part(&path, &run).map_err(failed)? {
        Some(part) => Ok(part),
        None => Err(MergeError::Whole { path, run }),
    }
}

impl Store {
    /// What tells whether a run fits as a part; `None` of a run that is none.
    fn part(&self, path: &Path, run: &str) -> Result<Option<Part>, StoreError> {
        let text = |sql: &str| self.connection.query_row(sql, [run], |row| row.get::<_, Option<String>>(0));
        let list = |sql: &str| -> Result<String, StoreError> {
            let mut statement = self.connection.prepare(sql)?;
            let rows = statement.query_map([run], |row| row.get::<_, String>(0))?;
            Ok(rows.collect::<Result<Vec<_>, _>>()?.join("\n"))
        };
        let Some(shard) = text("SELECT shard FROM run WHERE id = ?1")? else { return Ok(None) };
        let common = vec![
            ("the number of parts", shard.split('/').nth(1).unwrap_or_default().to_owned()),
            ("the engine", text("SELECT engine FROM run WHERE id = ?1")?.unwrap_or_default()),
            ("the version of skew", text("SELECT skew FROM run WHERE id = ?1")?.unwrap_or_default()),
            (
                "the baseline, the repeats or what was selected",
                text("SELECT json_array(baseline, repeats, selection) FROM run WHERE id = ?1")?.unwrap_or_default(),
            ),
            (
                "the cells",
                list("SELECT json_array(id, python, cutoff) FROM cell WHERE run = (SELECT key FROM run WHERE id = ?1) ORDER BY number")?,
            ),
            (
                "the scenarios",
                list("SELECT json_array(name, digest) FROM scenario WHERE run = (SELECT key FROM run WHERE id = ?1) ORDER BY number")?,
            ),
        ];
        let mut cells = self.connection.prepare(
            "SELECT id, json_extract(body, '$.selected') AND json_extract(body, '$.state') != 'unavailable'
             FROM cell WHERE run = (SELECT key FROM run WHERE id = ?1) ORDER BY number",
        )?;
        let cells = cells.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let (started, finished, interrupted) =
            self.connection.query_row("SELECT started, finished, interrupted FROM run WHERE id = ?1", [run], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?;
        Ok(Some(Part { path: path.to_owned(), run: run.to_owned(), started, finished, interrupted, shard, common, cells }))
    }
}

/// For each cell the number of the part that ran it. A cell that no part had to run belongs to the first.
fn fit(parts: &[Part]) -> Result<Vec<usize>, MergeError> {
    let Some(first) = parts.first() else { return Err(MergeError::Missing(vec!["all of them".to_owned()])) };
    for part in &parts[1..] {
        let differs = first.common.iter().zip(&part.common).find(|(a, b)| a.1 != b.1);
        if let Some(((what, _), _)) = differs {
            return Err(MergeError::Mixed { first: first.path.clone(), second: part.path.clone(), what });
        }
    }
    for (number, part) in parts.iter().enumerate() {
        if let Some(twin) = parts[..number].iter().find(|twin| twin.shard == part.shard) {
            let what = format!("part {}", part.shard);
            return Err(MergeError::Overlap { first: twin.path.clone(), second: part.path.clone(), what });
        }
    }
    let of: usize = first.common[0].1.parse().unwrap_or_default();
    let missing: Vec<String> =
        (1..=of).map(|number| format!("{number}/{of}")).filter(|shard| parts.iter().all(|part| part.shard != *shard)).collect();
    if !missing.is_empty() {
        return Err(MergeError::Missing(missing));
    }
    let mut owners = vec![0; first.cells.len()];
    for (cell, owner) in owners.iter_mut().enumerate() {
        let mut having = (0..parts.len()).filter(|&part| parts[part].cells[cell].1);
        let (one, two) = (having.next(), having.next());
        if let (Some(one), Some(two)) = (one, two) {
            let what = first.cells[cell].0.clone();
            return Err(MergeError::Overlap { first: parts[one].path.clone(), second: parts[two].path.clone(), what });
        }
        *owner = one.unwrap_or_default();
    }
    Ok(owners)
}
