//! A second look at outcomes, taken in a run of its own, becomes one more repeat of them.

use std::collections::{HashMap, HashSet};

use rusqlite::params;

use super::{
    Store, StoreError,
    packed::{self, Reference},
};

impl Store {
    /// Adds what the run `look` measured to the executions that `run` has at the same places, as one more repeat each, and
    /// forgets the rest of `look`. Outcomes that the harness lost tell nothing. Returns how many were added.
    pub fn second_look(&mut self, run: &str, look: &str) -> Result<usize, StoreError> {
        self.settle()?;
        let (run, look) = (self.key(run)?, self.key(look)?);
        let (firsts, seconds) = (self.all_ran(run)?, self.all_ran(look)?);
        let numbers = self.scenario_numbers(run)?;
        let names: HashMap<u32, String> = self.scenario_numbers(look)?.into_iter().map(|(name, number)| (number, name)).collect();
        let transaction = self.connection.transaction()?;
        let mut added = 0;
        for (cell, ran) in seconds {
            for (scenario, Reference { execution: second, own }) in ran {
                let number = names.get(&scenario).and_then(|name| numbers.get(name));
                let first = number.and_then(|number| firsts.get(&cell)?.get(number));
                if let Some(first) = first.filter(|first| own && first.execution != second) {
                    added += usize::from(add(&transaction, first.execution, second)?);
                }
                if own {
                    transaction.execute("DELETE FROM execution WHERE id = ?1", [second])?;
                }
            }
        }
        transaction.execute("DELETE FROM run WHERE key = ?1", [look])?;
        transaction.commit()?;
        Ok(added)
    }

    fn scenario_numbers(&self, run: i64) -> Result<HashMap<String, u32>, StoreError> {
        let mut statement = self.connection.prepare("SELECT name, number FROM scenario WHERE run = ?1")?;
        let rows = statement.query_map([run], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Adds the first repeat of one execution to another; whether it came to its end.
fn add(transaction: &rusqlite::Transaction<'_>, first: i64, second: i64) -> Result<bool, StoreError> {
    let outcomes = |id: i64| -> Result<(Vec<u8>, bool), StoreError> {
        let mut statement = transaction.prepare_cached("SELECT outcomes, done IS NOT NULL FROM execution WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))?)
    };
    let (mut bytes, _) = outcomes(first)?;
    let (again, done) = outcomes(second)?;
    let (known, again) = (packed::outcomes(&bytes)?, packed::outcomes(&again)?);
    let (Some(one), Some(mut other)) = (known.first(), again.into_iter().next().filter(|_| done)) else { return Ok(false) };
    let seen: HashSet<u32> = other.observations.iter().map(|row| row.name).collect();
    other.missing = one.observations.iter().map(|row| row.name).filter(|name| !seen.contains(name)).collect();
    other.repeat = known.iter().map(|outcome| outcome.repeat + 1).max().unwrap_or_default();
    other.pack(&mut bytes);
    transaction.execute("UPDATE execution SET outcomes = ?2 WHERE id = ?1", params![first, bytes])?;
    Ok(true)
}
