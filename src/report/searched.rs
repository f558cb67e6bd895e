//! How much of the grid a search ran.

use std::fmt::Write as _;

use super::{Cell, Results, State, text};

/// `15 of 48 cells run, 2 inferred, 31 not run`; `None` if the run was no search. Cells that cannot exist are not counted,
/// and inferred ones never as run.
pub(super) fn words(results: &Results) -> Option<String> {
    if !results.run.searched {
        return None;
    }
    let number = |wanted: &dyn Fn(&Cell) -> bool| results.cells.iter().filter(|cell| wanted(cell)).count() as u64;
    let total = number(&|cell| cell.state != State::Unavailable);
    let run = number(&|cell| !matches!(cell.state, State::Unavailable | State::NotRun | State::Infra));
    let inferred = number(&|cell| cell.inferred.is_some());
    let mut words = format!("{run} of {} run, {inferred} inferred", text::count(total, "cell"));
    if total > run + inferred {
        let _ = write!(words, ", {} without an answer", total - run - inferred);
    }
    Some(words)
}
