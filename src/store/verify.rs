//! A second look at outcomes, taken in a run of its own, becomes one more repeat of them.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};

impl Store {
    /// Moves what the run `look` measured to the executions that `run` has at the same places, as one more repeat each, and
    /// forgets the rest of `look`. Outcomes that the harness lost tell nothing. Returns how many were moved.
    pub fn second_look(&mut self, run: &str, look: &str) -> Result<usize, StoreError> {
        self.settle()?;
        let transaction = self.connection.transaction()?;
        let mut moved = 0;
        {
            let mut places = transaction.prepare(
                "SELECT target.execution, outcome.id FROM ran AS second
                 JOIN execution ON execution.id = second.execution AND execution.run = second.run AND execution.done IS NOT NULL
                 JOIN outcome ON outcome.execution = execution.id AND outcome.repeat = 0
                 JOIN scenario AS its ON its.run = second.run AND its.number = second.scenario
                 JOIN scenario ON scenario.run = ?1 AND scenario.name = its.name
                 JOIN ran AS target ON target.run = ?1 AND target.cell = second.cell AND target.scenario = scenario.number
                 WHERE second.run = ?2 AND target.execution != second.execution",
            )?;
            let places: Vec<(i64, i64)> = places.query_map([run, look], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
            for (execution, outcome) in places {
                let next: i64 =
                    transaction.query_row("SELECT max(repeat) + 1 FROM outcome WHERE execution = ?1", [execution], |row| row.get(0))?;
                let names = "SELECT name.text FROM observation JOIN name ON name.id = observation.name WHERE outcome =";
                let missing: Option<String> = transaction
                    .query_row(
                        &format!(
                            "SELECT json_group_array(text) FROM ({names} (SELECT id FROM outcome WHERE execution = ?1 AND repeat = 0) EXCEPT {names} ?2)"
                        ),
                        params![execution, outcome],
                        |row| row.get(0),
                    )
                    .optional()?;
                transaction.execute(
                    "UPDATE outcome SET execution = ?2, repeat = ?3, missing = ?4 WHERE id = ?1",
                    params![outcome, execution, next, missing.unwrap_or_else(|| "[]".to_owned())],
                )?;
                moved += 1;
            }
            transaction.execute("DELETE FROM run WHERE id = ?1", [look])?;
            transaction.execute("DELETE FROM execution WHERE run = ?1 AND id NOT IN (SELECT execution FROM ran)", [look])?;
        }
        transaction.commit()?;
        Ok(moved)
    }
}
