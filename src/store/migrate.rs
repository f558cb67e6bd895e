//! From the schema that a database has to the one of today.

use rusqlite::{Connection, params};

use super::{
    ObservationRow, SCHEMA_VERSION, StoreError,
    intern::Interned,
    packed::{Outcome, Ran, Reference, pack_ran},
    read::{blob, json},
    unpack,
};
use crate::observation::Ending;

/// What leads from a version to the next one.
struct Step {
    sql: &'static str,
    /// What SQL cannot do.
    then: fn(&Connection) -> Result<(), StoreError>,
}

/// The first leads from version 1 to 2.
const STEPS: [Step; 2] =
    [Step { sql: include_str!("from-1.sql"), then: |_| Ok(()) }, Step { sql: include_str!("from-2.sql"), then: pack_outcomes }];

/// The schema of a database; 0 where it has none yet.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Makes the schema, or brings an older one up to date, each step whole or not at all. Leaves references unchecked.
pub(super) fn migrate(connection: &Connection) -> Result<(), StoreError> {
    if version(connection)? == SCHEMA_VERSION {
        return Ok(());
    }
    // Tables are made anew in a step: references between them are right again only at its end.
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    while version(connection)? < SCHEMA_VERSION {
        step(connection)?;
    }
    Ok(())
}

/// Takes the next step, unless another process took it while this one waited for its turn.
fn step(connection: &Connection) -> Result<(), StoreError> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let result =
        version(connection).map_err(StoreError::from).and_then(|found| match STEPS.iter().zip(1..).find(|(_, from)| *from == found) {
            Some((step, from)) => {
                change(connection, step.sql, from + 1)?;
                (step.then)(connection)
            }
            None if found < SCHEMA_VERSION => Ok(change(connection, include_str!("schema.sql"), SCHEMA_VERSION)?),
            None => Ok(()),
        });
    let result = result.and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    if result.is_err() {
        // What failed may have been the end itself: then there is nothing to take back.
        let _ = connection.execute_batch("ROLLBACK");
    }
    result
}

fn change(connection: &Connection, sql: &str, version: i64) -> rusqlite::Result<()> {
    connection.execute_batch(&format!("{sql} PRAGMA user_version = {version};"))
}

/// Packs what schema 2 had in rows of their own, and drops these.
fn pack_outcomes(connection: &Connection) -> Result<(), StoreError> {
    let mut interned = Interned::default();
    let mut executions = connection.prepare("SELECT id, unixepoch(done) FROM execution_2 ORDER BY id")?;
    let mut outcomes = connection.prepare("SELECT id, repeat, ending, missing FROM outcome_2 WHERE execution = ?1 ORDER BY repeat")?;
    let mut observations =
        connection.prepare("SELECT name, fact, warnings, line FROM observation_2 WHERE outcome = ?1 ORDER BY position")?;
    let mut insert = connection.prepare("INSERT INTO execution (id, done, outcomes) VALUES (?1,?2,?3)")?;
    let mut rows = executions.query([])?;
    while let Some(row) = rows.next()? {
        let (id, done): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
        let mut packed = Vec::new();
        let mut told = outcomes.query([id])?;
        while let Some(row) = told.next()? {
            let ending: Ending = unpack(blob(row, 2)?)?;
            let missing: Vec<String> = json(row, 3)?;
            let seen = observations.query_map([row.get::<_, i64>(0)?], |row| {
                Ok(ObservationRow { name: row.get(0)?, fact: row.get(1)?, warnings: row.get(2)?, line: row.get(3)? })
            })?;
            let outcome = Outcome {
                repeat: row.get(1)?,
                ending: interned.ending(connection, &ending)?,
                seconds: ending.seconds,
                max_rss: ending.max_rss,
                missing: missing.iter().map(|name| interned.name(connection, name)).collect::<Result<_, _>>()?,
                observations: seen.collect::<Result<_, _>>()?,
            };
            outcome.pack(&mut packed);
        }
        insert.execute(params![id, done, packed])?;
    }
    let mut statement = connection.prepare(
        "SELECT run.key, ran_2.cell, ran_2.scenario, ran_2.execution, execution_2.run = ran_2.run
         FROM ran_2 JOIN run ON run.id = ran_2.run JOIN execution_2 ON execution_2.id = ran_2.execution ORDER BY 1, 2, 3",
    )?;
    let mut insert = connection.prepare("INSERT INTO ran (run, cell, executions) VALUES (?1,?2,?3)")?;
    let mut rows = statement.query([])?;
    let mut open: Option<((i64, i64), Ran)> = None;
    loop {
        let row = rows.next()?;
        let place = row.map(|row| Ok::<_, rusqlite::Error>((row.get(0)?, row.get(1)?))).transpose()?;
        if let Some(((run, cell), ran)) = open.take_if(|(at, _)| Some(*at) != place) {
            insert.execute(params![run, cell, pack_ran(&ran)])?;
        }
        let (Some(row), Some(place)) = (row, place) else { break };
        let (_, ran) = open.get_or_insert_with(|| (place, Ran::new()));
        ran.insert(row.get(2)?, Reference { execution: row.get(3)?, own: row.get(4)? });
    }
    Ok(connection
        .execute_batch("DROP TABLE ran_2; DROP TABLE run_2; DROP TABLE observation_2; DROP TABLE outcome_2; DROP TABLE execution_2;")?)
}
