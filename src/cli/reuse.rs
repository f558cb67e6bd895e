//! What of earlier runs may serve again.

use super::{Common, open};
use crate::{
    compare::Verdict,
    error::Error,
    matrix::Matrix,
    observation::Status,
    report::{Results, State},
    run::{Failed, Reuse},
    store::Store,
};

/// What was asked for, in words, where that is not everything.
pub(super) fn selection(common: &Common, last_failed: bool) -> Option<String> {
    let expression = common.select.as_ref().map(|expression| format!("-k {expression}"));
    let failed = last_failed.then(|| "--last-failed".to_owned());
    let parts: Vec<String> = expression.into_iter().chain(failed).collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// What may serve, as options and matrix say. Without an earlier run nothing failed that could be run alone.
pub(super) fn reuse(
    common: &Common,
    matrix: &Matrix,
    last_failed: bool,
    store: &Store,
    judged_by: &open::JudgedBy,
) -> Result<Reuse, Error> {
    if common.fresh {
        return Ok(Reuse::Nothing);
    }
    if last_failed {
        let Some(newest) = store.ids()?.into_iter().next() else {
            return Err(Error::Nothing("no run is stored, so nothing failed".to_owned()));
        };
        let failed = failed(&open::results(&store.load(&newest)?, common, judged_by)?);
        if failed.cells.is_empty() && failed.outcomes.is_empty() {
            return Err(Error::Nothing(format!("nothing failed in run {newest}")));
        }
        return Ok(Reuse::AllBut(failed));
    }
    // An age that goes back beyond all dates excludes nothing.
    let oldest = matrix.max_age.and_then(|age| jiff::Timestamp::now().checked_sub(age).ok());
    Ok(Reuse::Since(oldest.map(|oldest| oldest.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()).unwrap_or_default()))
}

/// What failed: cells without an answer or that could not be made or imported, scenarios that did not end normally, and
/// those in which something raises that the baseline has.
fn failed(results: &Results) -> Failed {
    let mut failed = Failed::default();
    for cell in results.cells.iter().filter(|cell| !cell.deselected) {
        match cell.state {
            State::Ran | State::Unavailable => {}
            State::Unresolvable | State::InstallFailed | State::ImportFailed | State::Infra | State::NotRun => {
                failed.cells.insert(cell.id.clone());
            }
        }
    }
    for scenario in &results.scenarios {
        let ended = scenario.outcomes.iter().filter(|outcome| !matches!(outcome.status, Status::Ran | Status::NotApplicable));
        failed.outcomes.extend(ended.map(|outcome| (outcome.cell.as_ref().to_owned(), scenario.name.clone())));
        for (number, cell) in results.cells.iter().enumerate() {
            let worst = scenario.observations.iter().filter_map(|observation| observation.verdict(number)).max();
            if worst.is_some_and(|worst| worst >= Verdict::Raises) {
                failed.outcomes.insert((cell.id.clone(), scenario.name.clone()));
            }
        }
    }
    failed
}
