//! Where the time of a run went, as text for a terminal.

use super::{Page, Paint};
use crate::report::{CellTimings, Timings, caption, text};

/// Cells that are shown, those that took longest.
const SHOWN: usize = 12;

/// Columns of a table of cells: heading, width, time.
type Column = (&'static str, usize, fn(&CellTimings) -> f64);

const COLUMNS: [Column; 5] = [
    ("provision", 10, |cell| cell.provision),
    ("waited", 8, |cell| cell.waited),
    ("import", 8, |cell| cell.import),
    ("scenarios", 10, |cell| cell.scenarios),
    ("rest", 8, |cell| cell.rest),
];

/// Sums, then the cells that took longest.
pub(super) fn timings(timings: &Timings, page: &mut Page<'_>) {
    if timings.cells.is_empty() {
        page.section("Where the time went", "");
        page.paragraph(2, 2, Paint::Plain, caption::NO_TIMINGS);
        return;
    }
    page.section("Where the time went", &caption::timings(timings));
    for sum in caption::time_sums(timings) {
        let share = sum.share.map_or_else(String::new, |share| format!("{:.0} %", 100.0 * share));
        let numbers = format!("{:>9}{share:>6}  ", text::duration(sum.seconds));
        page.spans(2, &[(Paint::Dim, &text::pad(sum.name, 10)), (Paint::Plain, &numbers), (Paint::Dim, sum.meaning)]);
    }
    page.blank();
    let total = |cell: &CellTimings| cell.provision + cell.import + cell.scenarios + cell.rest;
    let mut longest: Vec<&CellTimings> = timings.cells.iter().collect();
    longest.sort_by(|one, other| total(other).total_cmp(&total(one)));
    longest.truncate(SHOWN);
    let width = longest.iter().map(|cell| text::width(&page.clean(&cell.cell))).max().unwrap_or(0);
    let row = |first: &str, columns: &dyn Fn(&Column) -> String| {
        COLUMNS.iter().fold(text::pad(first, width), |row, column| format!("{row}{:>width$}", columns(column), width = column.1))
    };
    page.line(2, Paint::Dim, &row("", &|(name, ..)| (*name).to_owned()));
    for cell in &longest {
        let id = page.clean(&cell.cell);
        page.line(2, Paint::Plain, &row(&id, &|(.., time)| text::duration(time(cell))));
    }
    let more = timings.cells.len() - longest.len();
    if more > 0 {
        page.line(2, Paint::Dim, &format!("and {more} more: `skew report --timings -o html=report.html` draws all of them"));
    }
}
