//! What is different from an earlier run.

use super::{Page, Paint, summary::further};
use crate::report::{Layout, Mark, Results, Since, State, text};

/// Changes that a report lists at most, and cells in another state.
pub(super) const CHANGES: usize = 10;

/// The headline and what is under it. `results` is the later side; `when` goes into the headline; `most`
/// changes are listed.
pub(super) fn since(since: &Since, when: &str, results: &Results, layout: &Layout, most: usize, page: &mut Page<'_>) {
    let all: Vec<usize> = (0..results.cells.len()).collect();
    let place = |ids: &[String]| {
        let cells: Vec<usize> = all.iter().copied().filter(|cell| ids.contains(&results.cells[*cell].id)).collect();
        layout.words(&cells, &all)
    };
    page.paragraph(0, 2, if since.is_quiet() { Paint::Plain } else { Paint::Bold }, &since.headline(when));
    for change in since.states.iter().take(most) {
        let cell = results.cells.iter().find(|cell| cell.id == change.cell);
        let mark = if change.to == State::Ran { Mark::Returns } else { cell.map_or(Mark::NotRun, |cell| Mark::of(cell).0) };
        page.group(mark, &change.cell, &format!("{} → {}", change.from.as_str(), change.to.as_str()), "");
    }
    further(since.states.len(), most, "cell", page);
    let groups = since.groups();
    for group in groups.iter().take(most) {
        let silent = if group.first.silent { "silent; " } else { "" };
        let line = format!("{silent}{}", group.first.line());
        page.group(Mark::from(group.first.verdict), &group.subject(), &place(&group.first.cells), "");
        page.paragraph(6, 2, Paint::Plain, &text::fit(&line, 2 * page.style.width.saturating_sub(10), "…"));
    }
    further(groups.len(), most, "change", page);
    if !since.new_cells.is_empty() {
        page.field(2, "new cells", &place(&since.new_cells), 3);
    }
    for (label, names) in [("gone cells", &since.gone_cells), ("added", &since.added), ("removed", &since.removed)] {
        if !names.is_empty() {
            page.field(2, label, &text::list(names, 6), 3);
        }
    }
    page.blank();
}
