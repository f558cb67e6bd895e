//! From the schema that a database has to the one of today.

use rusqlite::Connection;

use super::SCHEMA_VERSION;

/// What leads from a version to the next one; the first entry leads from version 1 to 2.
const STEPS: [&str; 1] = [include_str!("from-1.sql")];

/// The schema of a database; 0 where it has none yet.
pub(super) fn version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// Makes the schema, or brings an older one up to date, each step whole or not at all. Leaves references unchecked.
pub(super) fn migrate(connection: &Connection) -> rusqlite::Result<()> {
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
fn step(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let result = version(connection).and_then(|found| match STEPS.iter().zip(1..).find(|(_, from)| *from == found) {
        Some((sql, from)) => change(connection, sql, from + 1),
        None if found < SCHEMA_VERSION => change(connection, include_str!("schema.sql"), SCHEMA_VERSION),
        None => Ok(()),
    });
    let result = result.and_then(|()| connection.execute_batch("COMMIT"));
    if result.is_err() {
        // What failed may have been the end itself: then there is nothing to take back.
        let _ = connection.execute_batch("ROLLBACK");
    }
    result
}

fn change(connection: &Connection, sql: &str, version: i64) -> rusqlite::Result<()> {
    connection.execute_batch(&format!("{sql} PRAGMA user_version = {version};"))
}
