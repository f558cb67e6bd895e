//! The final display of a run and the drill-down of a cell, as text for a terminal.
//!
//! Everything that scenarios, packages or files named goes through [`Page`], which makes control characters visible, so
//! that no recorded text can do anything to the terminal it is shown on.

mod compared;
mod explain;
mod heard;
mod page;
mod pins;
pub mod progress;
mod since;
mod summary;
mod table;
pub(super) mod timings;

pub use explain::{ExplainError, explain};
pub use page::Style;
pub use pins::{excludes_most, pins};

use page::{Page, Paint};

use super::{Comparison, Layout, Results, caption, text};

/// The final display: grid, changes, failures, classes, summary.
pub fn table(results: &Results, style: &Style) -> String {
    let layout = Layout::new(results);
    let mut page = Page::new(style);
    header(results, &mut page);
    if let Some(since) = &results.since {
        since::since(since, &since.when(), results, &layout, since::CHANGES, &mut page);
    }
    table::grids(results, &layout, &mut page);
    summary::changes(results, &layout, &mut page);
    summary::failures(results, &layout, &mut page);
    summary::disagreements(results, &layout, &mut page);
    summary::absent(results, &layout, &mut page);
    summary::what_changed(results, &mut page);
    summary::classes(results, &layout, &mut page);
    summary::incomplete(results, &layout, &mut page);
    if let Some(timings) = &results.timings {
        timings::timings(timings, &mut page);
    }
    summary::totals(results, &mut page);
    page.finish()
}

/// What is different between two sides, whole. `after` is the report of the later one.
pub fn comparison(comparison: &Comparison, after: &Results, style: &Style) -> String {
    let mut page = Page::new(style);
    since::since(&comparison.since, &comparison.when(), after, &Layout::new(after), usize::MAX, &mut page);
    page.finish()
}

fn header(results: &Results, page: &mut Page<'_>) {
    let observations: usize = results.scenarios.iter().map(|scenario| scenario.observations.len()).sum();
    let date = caption::date(results);
    let rest = format!(
        ", {}, {}, {}, {}, {date}",
        text::count(results.cells.len() as u64, "cell"),
        text::count(results.scenarios.len() as u64, "scenario"),
        text::count(observations as u64, "observation"),
        results.run.engine,
    );
    page.paragraph(0, 2, Paint::Plain, &format!("★ baseline {}{rest}", results.baseline));
    if !results.run.complete {
        page.paragraph(0, 2, Paint::Alarm, &format!("INCOMPLETE: {}", caption::what_is_missing(results)));
    }
    page.blank();
}
