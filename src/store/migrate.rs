//! From the schema that a database has to the one of today.

use rusqlite::Connection;

use super::SCHEMA_VERSION;

/// What leads from a version to the next one; the first entry leads from version 1 to 2.
const STEPS: [&str; 1] = [include_str!("from-1.sql")];

/// Makes the schema, or brings an older one up to date, each step whole or not at all.
pub(super) fn migrate(connection: &Connection, found: i64) -> rusqlite::Result<()> {
    if found == SCHEMA_VERSION {
        return Ok(());
    }
    if found == 0 {
        return step(connection, include_str!("schema.sql"), SCHEMA_VERSION);
    }
    // Tables are made anew in a step: references between them are right again only at its end.
    connection.execute_batch("PRAGMA foreign_keys = OFF")?;
    for (number, sql) in (1..).zip(STEPS) {
        if number >= found {
            step(connection, sql, number + 1)?;
        }
    }
    connection.execute_batch("PRAGMA foreign_keys = ON")
}

fn step(connection: &Connection, sql: &str, version: i64) -> rusqlite::Result<()> {
    let result = connection.execute_batch(&format!("BEGIN IMMEDIATE; {sql} PRAGMA user_version = {version}; COMMIT;"));
    if result.is_err() {
        // What failed may have been the end itself: then there is nothing to take back.
        let _ = connection.execute_batch("ROLLBACK");
    }
    result
}
