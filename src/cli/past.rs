//! What each cell showed in the runs before: the history that a page draws.

use std::collections::HashSet;

use super::{Common, open};
use crate::{
    analysis::diff,
    error::Error,
    report::{self, Past, Results},
    store::Store,
};

/// Runs that a history goes back to, the present one among them.
const RUNS: usize = 20;

/// The newest complete runs up to the one of `results`, oldest first. Only runs that differ from the one after them are
/// read whole.
pub(super) fn past(store: &Store, results: &Results, common: &Common, judged_by: &open::JudgedBy) -> Result<Vec<Past>, Error> {
    // The default baseline moves with new releases, and what cells showed is told against it.
    let common = Common { baseline: Some(results.baseline.clone()), ..common.clone() };
    let mut past = vec![Past::new(results, results)];
    let mut newer: Option<Results> = None;
    let mut newer_id = results.run.id.clone();
    for id in store.ids()?.into_iter().skip_while(|id| *id != results.run.id).skip(1) {
        if past.len() == RUNS {
            break;
        }
        if !store.is_answered(&id)? {
            continue;
        }
        let after = newer.as_ref().unwrap_or(results);
        let same = after.run.complete && store.is_same(&newer_id, &id)?;
        if let (true, Some(last), Some(started)) = (same, past.last(), store.started(&id)?) {
            past.push(last.again(&id, &started));
            newer_id = id;
            continue;
        }
        let older = match open::results(&store.load(&id)?, &common, judged_by) {
            Ok(older) => older,
            // An older run may lack that cell.
            Err(Error::Usage { .. }) => continue,
            Err(error) => return Err(error),
        };
        if !older.run.complete {
            continue;
        }
        let since = report::since(&diff::reports(&older, after, |name| judged_by.of(name)), &older, after);
        let states = since.states.iter().map(|change| change.cell.as_str());
        let changed: HashSet<&str> =
            states.chain(since.changes.iter().flat_map(|change| change.cells.iter().map(String::as_str))).collect();
        if let Some(last) = past.last_mut() {
            last.changed = results.cells.iter().map(|cell| changed.contains(cell.id.as_str())).collect();
        }
        past.push(Past::new(&older, results));
        newer_id = id;
        newer = Some(older);
    }
    past.reverse();
    Ok(past)
}
