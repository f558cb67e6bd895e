//! The compatibility table for a README.

use std::fmt::Write as _;

use std::collections::BTreeSet;

use super::{Face, Grid, Layout, Mark, Results, Since, grids, text};

/// Where a published block begins.
pub const BEGIN: &str = "<!-- skew:begin -->";
/// Where it ends.
pub const END: &str = "<!-- skew:end -->";

/// Why a block has no place in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MarkdownError {
    /// A marker is missing.
    #[error("there is no line `{marker}`")]
    Missing {
        /// The marker.
        marker: &'static str,
    },
    /// A marker is there more than once.
    #[error("`{marker}` stands there {count} times")]
    Repeated {
        /// The marker.
        marker: &'static str,
        /// How often.
        count: usize,
    },
    /// The end comes first.
    #[error("`{END}` stands before `{BEGIN}`")]
    Order,
}

impl MarkdownError {
    /// What to do about it.
    pub fn hint(&self) -> String {
        format!("put `{BEGIN}` and `{END}` into the file once each, in this order; the table goes between them")
    }
}

/// Renders the tables, the legend and the line that says what and when. Neighbouring versions that show the same are
/// merged.
pub fn render(results: &Results) -> String {
    let layout = Layout::new(results);
    let mut out = String::new();
    let mut marks = BTreeSet::new();
    let (mut classes, mut flaky) = (false, false);
    if !results.run.complete {
        out.push_str("> **Incomplete**: some cells have no answer yet.\n\n");
    }
    if let Some(earlier) = &results.since {
        since(earlier, &earlier.when(), CHANGES, &mut out);
    }
    for grid in grids(results, &layout) {
        let grid = grid.collapsed();
        for face in grid.faces.iter().flatten().flatten() {
            marks.insert(face.mark);
            classes |= face.class.is_some();
            flaky |= face.flaky;
        }
        table(&grid, &mut out);
    }
    let mut legend: Vec<(String, String)> = Vec::new();
    for mark in Mark::LEGEND.into_iter().filter(|mark| marks.contains(mark)) {
        let look = mark.look();
        let sign = format!("{}{}", look.emoji, if look.counted { " n" } else { "" });
        match legend.iter_mut().find(|(known, _)| *known == sign) {
            Some((_, name)) => *name = format!("{name} or {}", look.name),
            None => legend.push((sign, look.name.to_owned())),
        }
    }
    let mut legend: Vec<String> = legend.into_iter().map(|(sign, name)| format!("{sign} {name}")).collect();
    if flaky {
        legend.push("∿ flaky".to_owned());
    }
    if classes {
        legend.push("letters: behaviour classes".to_owned());
    }
    out.push_str(&legend.join(" · "));
    out.push_str("\n\n");
    let observations: usize = results.scenarios.iter().map(|scenario| scenario.observations.len()).sum();
    let _ = writeln!(
        out,
        "Baseline {} ★, {} from {}, {}.",
        escape(&baseline(results)),
        text::count(observations as u64, "observation"),
        text::count(results.scenarios.len() as u64, "scenario"),
        escape(results.run.started.split('T').next().unwrap_or_default())
    );
    out
}

/// Changes that are listed at most.
const CHANGES: usize = 10;

/// What is different from an earlier run.
pub(super) fn since(since: &Since, when: &str, most: usize, out: &mut String) {
    let strong = if since.is_quiet() { "" } else { "**" };
    let _ = writeln!(out, "{strong}{}{strong}\n", escape(&since.headline(when)));
    let mut lines = Vec::new();
    for change in &since.states {
        lines.push(format!("{}: {} → {}", escape(&change.cell), change.from.as_str(), change.to.as_str()));
    }
    for group in since.groups() {
        let (emoji, silent) = (Mark::from(group.first.verdict).look().emoji, if group.first.silent { ", silently" } else { "" });
        let (subject, place, line) = (group.subject(), text::list(&group.first.cells, 3), group.first.line());
        lines.push(format!("{emoji} {} in {}{silent}: {}", escape(&subject), escape(&place), escape(&line)));
    }
    let further = lines.len().saturating_sub(most);
    lines.truncate(most);
    if further > 0 {
        lines.push(format!("and {} more", text::grouped(further as u64)));
    }
    let sides = [("new", &since.new_cells), ("gone", &since.gone_cells), ("added", &since.added), ("removed", &since.removed)];
    for (word, names) in sides.into_iter().filter(|(_, names)| !names.is_empty()) {
        lines.push(format!("{word}: {}", escape(&text::list(names, 6))));
    }
    for line in &lines {
        let _ = writeln!(out, "- {line}");
    }
    if !lines.is_empty() {
        out.push('\n');
    }
}

fn baseline(results: &Results) -> String {
    let Some(cell) = results.cells.iter().find(|cell| cell.id == results.baseline) else { return results.baseline.clone() };
    let parts: Vec<_> =
        results.axes.iter().map(|axis| format!("{} {}", axis.name, cell.axes.get(&axis.name).map_or("none", String::as_str))).collect();
    parts.join(" × ")
}

fn table(grid: &Grid, out: &mut String) {
    if let Some(heading) = &grid.heading {
        let _ = writeln!(out, "**{}**\n", escape(heading));
    }
    let columns: Vec<_> = grid.columns.iter().map(|column| escape(&column.label())).collect();
    let _ = writeln!(out, "| {} | {} |", escape(&grid.corner), columns.join(" | "));
    let _ = writeln!(out, "|:--|{}", ":-:|".repeat(columns.len()));
    for (row, faces) in grid.rows.iter().zip(&grid.faces) {
        let cells: Vec<_> = faces.iter().map(|face| face.as_ref().map(cell_text).unwrap_or_default()).collect();
        let _ = writeln!(out, "| **{}** | {} |", escape(&row.label()), cells.join(" | "));
    }
    out.push('\n');
}

fn cell_text(face: &Face) -> String {
    let look = face.mark.look();
    let mut text = look.emoji.to_owned();
    if look.counted {
        let _ = write!(text, " {}", face.count);
    }
    if face.flaky {
        text.push('∿');
    }
    if let Some(class) = &face.class {
        let letters: String = class.chars().filter(char::is_ascii_alphanumeric).collect();
        let _ = write!(text, " `{letters}`");
    }
    if face.baseline {
        text.push_str(" ★");
    }
    text
}

/// Makes text harmless in a table cell: no markup, no HTML, no links, no line break.
pub fn escape(raw: &str) -> String {
    let mut out = String::new();
    for character in text::visible(raw).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '|' | '`' | '*' | '_' | '[' | ']' | '\\' | '~' | '$' | '#' => {
                out.push('\\');
                out.push(character);
            }
            '@' => out.push_str("&#64;"),
            _ => out.push(character),
        }
    }
    out
}

/// Puts `block` between the markers of `existing`, in place of what stands there.
///
/// # Errors
/// When the markers are not there once each, the beginning first.
pub fn splice(existing: &str, block: &str) -> Result<String, MarkdownError> {
    let place = |marker: &'static str| {
        let found: Vec<usize> = existing.match_indices(marker).map(|(index, _)| index).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(MarkdownError::Missing { marker }),
            several => Err(MarkdownError::Repeated { marker, count: several.len() }),
        }
    };
    let (begin, end) = (place(BEGIN)?, place(END)?);
    if end < begin {
        return Err(MarkdownError::Order);
    }
    Ok(format!("{}\n{}\n{}", &existing[..begin + BEGIN.len()], block.trim_matches('\n'), &existing[end..]))
}

/// A file of its own: the block between its markers.
pub fn document(block: &str) -> String {
    format!("{BEGIN}\n{}\n{END}\n", block.trim_matches('\n'))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn the_block_replaces_what_stands_between_the_markers_and_nothing_else() {
        let readme = format!("# Title\n{BEGIN}\nold\n{END}\ntail");
        let once = splice(&readme, "new\n").unwrap();
        assert_eq!(once, format!("# Title\n{BEGIN}\nnew\n{END}\ntail"));
        assert_eq!(splice(&once, "new\n").unwrap(), once);
        assert_eq!(splice(&document("old"), "new").unwrap(), document("new"));
    }

    #[test]
    fn a_file_without_its_markers_once_each_and_in_order_is_refused() {
        assert_eq!(splice("# Title", "x"), Err(MarkdownError::Missing { marker: BEGIN }));
        assert_eq!(splice(BEGIN, "x"), Err(MarkdownError::Missing { marker: END }));
        assert_eq!(splice(END, "x"), Err(MarkdownError::Missing { marker: BEGIN }));
        assert_eq!(splice(&format!("{END}{BEGIN}"), "x"), Err(MarkdownError::Order));
        assert_eq!(splice(&format!("{BEGIN}{BEGIN}{END}"), "x"), Err(MarkdownError::Repeated { marker: BEGIN, count: 2 }));
    }

    #[test]
    fn markup_in_names_stays_text() {
        assert_eq!(escape("a|b`c`\n<img>"), "a\\|b\\`c\\`\\\\n&lt;img&gt;");
    }
}
