//! The compatibility table for a README.

use std::fmt::Write as _;

use std::collections::BTreeSet;

use super::{Face, Grid, Layout, Mark, Results, Rule, Since, caption, grids, searched, sentences, text};

/// Where a published block begins.
pub const BEGIN: &str = "<!-- skew:begin -->";
/// Where it ends.
pub const END: &str = "<!-- skew:end -->";

/// Items of a list under the table at most.
const LISTED: usize = 12;

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

/// Renders the tables, the legend and the line that says what and when, with a link to `details` where there is one.
/// Neighbouring versions that show the same are merged.
pub fn render(results: &Results, details: Option<&str>) -> String {
    let mut out = String::new();
    if !results.run.complete {
        out.push_str("> **Incomplete**: some cells have no answer yet.\n\n");
    }
    if let Some(earlier) = &results.since {
        since(earlier, &earlier.when(), CHANGES, &mut out);
    }
    out.push_str(&tables(results));
    out.push_str(&facts(results, details));
    out.push_str(&what_changed(results));
    out
}

/// The line under the table: baseline, extent, date.
pub(super) fn facts(results: &Results, details: Option<&str>) -> String {
    let link = details.map(|url| format!(", [details](<{}>)", address(url))).unwrap_or_default();
    let (baseline, extent, date) = (caption::baseline(results), caption::extent(results), caption::date(results));
    let searched = searched::words(results).map(|words| format!("\nSearched: {words}.\n")).unwrap_or_default();
    let cut = caption::cut_short(results).map(|cut| format!("\n{}.\n", escape(&cut))).unwrap_or_default();
    format!("Baseline {} ★, {extent}, {}{link}.\n{searched}{cut}", escape(&baseline), escape(date))
}

/// The day that a rendered block names: results of another day that are otherwise the same make it no less true.
pub fn date_of(block: &str) -> Option<&str> {
    let line = block.lines().find(|line| line.starts_with("Baseline "))?;
    let is_date = |part: &&str| {
        part.len() == 10 && part.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
    };
    line.split(", ").map(|part| part.trim_end_matches('.')).find(is_date)
}

/// The lines of a rendered block that hold until results change: all but the list of changes, which is over with the
/// next run.
pub fn lasting(block: &str) -> Vec<&str> {
    let lines = || block.trim().lines().map(str::trim_end);
    let table = lines().position(|line| line.starts_with('|')).unwrap_or(0);
    lines().enumerate().filter(|(place, line)| *place >= table || line.starts_with('>')).map(|(_, line)| line).collect()
}

/// The tables and their legend.
pub(super) fn tables(results: &Results) -> String {
    let layout = Layout::new(results);
    let mut out = String::new();
    let mut marks = BTreeSet::new();
    let (mut classes, mut flaky, mut inferred) = (false, false, false);
    for grid in grids(results, &layout) {
        let grid = grid.collapsed();
        for face in grid.faces.iter().flatten().flatten() {
            if face.inferred.is_none() {
                marks.insert(face.mark);
            }
            inferred |= face.inferred.is_some();
            classes |= face.class.is_some();
            flaky |= face.flaky;
        }
        table(&grid, &mut out);
    }
    let mut legend = caption::legend(&marks, |_, look| format!("{}{}", look.emoji, if look.counted { " n" } else { "" }));
    if flaky {
        legend.push("∿ flaky".to_owned());
    }
    if inferred {
        legend.push("( ) expected, not run".to_owned());
    }
    if classes {
        legend.push("letters: behaviour classes".to_owned());
    }
    let _ = writeln!(out, "{}\n", legend.join(" · "));
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
    let sides = [("new cells", &since.new_cells), ("gone cells", &since.gone_cells), ("added", &since.added), ("removed", &since.removed)];
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

/// An address between `<` and `>`, where only these, backslashes and line breaks have a meaning.
pub(super) fn address(url: &str) -> String {
    text::visible(url).replace('\\', "%5C").replace('<', "%3C").replace('>', "%3E").replace(' ', "%20")
}

/// Where behaviour changes between neighbouring versions, the rules, and where metadata and reality disagree.
pub(super) fn what_changed(results: &Results) -> String {
    let mut out = String::new();
    let places: Vec<String> = sentences::places(results)
        .into_iter()
        .map(|place| format!("**{}**: {}", escape(&place.name), escape(&place.changes.join("; "))))
        .collect();
    list("What changed between neighbouring versions", &places, &mut out);
    let rule = |rule: &Rule| {
        let told: Vec<String> = std::iter::once(sentences::effect(rule)).chain(sentences::reservations(rule)).collect();
        format!("`{}`: {}", code(&rule.when), escape(&told.join("; ")))
    };
    let rules: Vec<String> = results.rules.iter().map(rule).collect();
    folded("Where each change holds, silent ones first", &rules, &mut out);
    let mut disagreements: Vec<String> =
        caption::disagreements(results, &Layout::new(results)).into_iter().map(|(how, cells)| escape(&format!("{how}: {cells}"))).collect();
    let bounds = results.bounds.iter().filter(|bound| sentences::disagrees(bound));
    disagreements.extend(bounds.map(|bound| escape(&sentences::bound(bound))));
    list("Where metadata and reality disagree", &disagreements, &mut out);
    out
}

fn list(title: &str, items: &[String], out: &mut String) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n**{title}**\n");
    entries(items, out);
}

/// A list that is long beside the table: closed until somebody wants it.
fn folded(title: &str, items: &[String], out: &mut String) {
    if items.is_empty() {
        return;
    }
    let _ = writeln!(out, "\n<details><summary><b>{title}</b> ({})</summary>\n", items.len());
    entries(items, out);
    out.push_str("\n</details>\n");
}

fn entries(items: &[String], out: &mut String) {
    for item in items.iter().take(LISTED) {
        let _ = writeln!(out, "- {item}");
    }
    if items.len() > LISTED {
        let _ = writeln!(out, "- and {} more: `skew report`, `results.json`", items.len() - LISTED);
    }
}

/// Makes text harmless between backticks.
pub(super) fn code(raw: &str) -> String {
    text::visible(raw).replace('`', "'")
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
    if let Some(expected) = face.expected(|mark| mark.look().emoji) {
        return format!("({})", escape(&expected));
    }
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

/// Makes text harmless in a table cell: no markup, no HTML, no line break. A bare address stays one.
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
    let (begin, end) = markers(existing)?;
    Ok(format!("{}\n{}\n{}", &existing[..begin], block.trim_matches('\n'), &existing[end..]))
}

/// What stands between the markers of `existing`.
///
/// # Errors
/// As [`splice`].
pub fn block(existing: &str) -> Result<&str, MarkdownError> {
    let (begin, end) = markers(existing)?;
    Ok(&existing[begin..end])
}

/// Where the block begins and ends.
fn markers(existing: &str) -> Result<(usize, usize), MarkdownError> {
    let place = |marker: &'static str| {
        let found: Vec<usize> = existing.match_indices(marker).map(|(index, _)| index).collect();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(MarkdownError::Missing { marker }),
            several => Err(MarkdownError::Repeated { marker, count: several.len() }),
        }
    };
    let (begin, end) = (place(BEGIN)?, place(END)?);
    if end < begin { Err(MarkdownError::Order) } else { Ok((begin + BEGIN.len(), end)) }
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
    fn the_date_of_a_block_is_found_whatever_stands_around_it() {
        let line = "| 2026-01-01 |\nBaseline numpy 1, 2 observations from 1 scenario, 2026-11-22";
        assert_eq!(date_of(&format!("{line}.")), Some("2026-11-22"));
        assert_eq!(date_of(&format!("{line}, [details](<https://x.test/>).")), Some("2026-11-22"));
        assert_eq!(date_of("no table"), None);
    }

    #[test]
    fn a_link_cannot_leave_its_brackets() {
        assert_eq!(address("https://x.test/a b>(c\n"), "https://x.test/a%20b%3E(c%5Cn");
    }

    #[test]
    fn markup_in_names_stays_text() {
        assert_eq!(escape("a|b`c`\n<img>"), "a\\|b\\`c\\`\\\\n&lt;img&gt;");
    }
}
