//! `skew plan`: what would run, for people and for programs.

mod boxes;
mod json;
mod parts;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;

use std::{collections::BTreeMap, fmt::Write};

use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table, presets};

use self::boxes::Boxes;
pub use self::{
    json::plan_json,
    parts::{Part, github_matrix, parts_json, parts_text},
};
use crate::plan::{Plan, PlanCell};

/// How a plan is written.
#[derive(Clone, Copy, Debug)]
struct Style {
    width: usize,
    color: bool,
    ascii: bool,
}

impl Style {
    const fn unavailable(self) -> &'static str {
        if self.ascii { "--" } else { "⊘" }
    }

    const fn excluded(self) -> &'static str {
        if self.ascii { "." } else { "·" }
    }

    const fn baseline(self) -> &'static str {
        if self.ascii { " (b)" } else { " ★" }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Replaces what a plain terminal cannot show.
    fn plain(self, text: String) -> String {
        if self.ascii { text.replace('–', "-").replace('×', "x").replace('…', "...") } else { text }
    }
}

/// A plan for people: its size, its grid (two axes) or list, then what is not as one might expect, grouped. Lines keep
/// to `width` columns where names allow it.
pub fn plan_table(plan: &Plan, width: usize, color: bool, ascii: bool) -> String {
    let style = Style { width: width.max(40), color, ascii };
    let mut out = header(plan, style);
    out.push('\n');
    match plan.axes.as_slice() {
        [rows, columns] if !rows.versions.is_empty() && !columns.versions.is_empty() => out.push_str(&grid(plan, style)),
        _ => out.push_str(&list(plan, style)),
    }
    out.push_str(&legend(plan, style));
    let boxes = Boxes::new(plan);
    section(&mut out, style, "Against the packages' metadata", &boxes.conflicts());
    section(&mut out, style, "Can never exist", &boxes.unavailable());
    section(&mut out, style, "Excluded", &boxes.excluded());
    section(&mut out, style, "Notes", &plan.notes);
    style.plain(out)
}

fn header(plan: &Plan, style: Style) -> String {
    let existing = plan.cells.iter().filter(|cell| cell.unavailable.is_none()).count();
    let pythons = plan.pythons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut parts = vec![format!("{existing} {} on CPython {pythons}", if existing == 1 { "cell" } else { "cells" })];
    let undeclared = plan.cells.iter().filter(|cell| cell.unavailable.is_none() && !cell.declared).count();
    let others = [
        (undeclared, "against the packages' metadata"),
        (plan.cells.len() - existing, "can never exist"),
        (plan.excluded.len(), "excluded"),
    ];
    parts.extend(others.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")));
    if let Some(baseline) = plan.cells.get(plan.baseline) {
        parts.push(format!("baseline {}", baseline.id));
    }
    wrap(&parts.join("; "), style.width, 0)
}

fn cell_text(plan: &Plan, index: usize, style: Style) -> String {
    let cell = &plan.cells[index];
    if cell.unavailable.is_some() {
        return style.unavailable().to_owned();
    }
    let undeclared = if cell.declared { "" } else { "*" };
    let baseline = if index == plan.baseline { style.baseline() } else { "" };
    format!("{}{undeclared}{baseline}", cell.python)
}

/// One table with the first axis down and the second across, cut into several where it is too wide.
fn grid(plan: &Plan, style: Style) -> String {
    let (rows, columns) = (&plan.axes[0], &plan.axes[1]);
    let mut by_id: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (index, cell) in plan.cells.iter().enumerate() {
        by_id.entry((cell.versions[0].to_string(), cell.versions[1].to_string())).or_default().push(index);
    }
    let texts: Vec<Vec<(String, &[usize])>> = rows
        .versions
        .iter()
        .map(|row| {
            let line = columns.versions.iter().map(|column| {
                let cells = by_id.get(&(row.clone(), column.clone())).map_or(&[][..], Vec::as_slice);
                let id = format!("{}-{row}+{}-{column}", rows.name, columns.name);
                let mut parts: Vec<String> = cells.iter().map(|index| cell_text(plan, *index, style)).collect();
                parts.dedup();
                if cells.is_empty() && plan.excluded.iter().any(|excluded| is_about(&excluded.id, &id)) {
                    parts.push(style.excluded().to_owned());
                }
                (parts.join(" "), cells)
            });
            line.collect()
        })
        .collect();
    let corner = format!("{} \\ {}", rows.name, columns.name);
    let length = |text: &str| text.chars().count();
    let first = rows.versions.iter().map(|version| length(version)).chain([length(&corner)]).max().unwrap_or(0) + 3;
    let widths: Vec<usize> = (0..columns.versions.len())
        .map(|column| texts.iter().map(|line| length(&line[column].0)).chain([length(&columns.versions[column])]).max().unwrap_or(0) + 3)
        .collect();
    let mut out = String::new();
    let mut start = 0;
    while start < widths.len() {
        let mut end = start + 1;
        while end < widths.len() && first + widths[start..=end].iter().sum::<usize>() <= style.width {
            end += 1;
        }
        let mut table = table(style);
        table
            .set_header(std::iter::once(corner.clone()).chain(columns.versions[start..end].iter().cloned()).map(|text| bold(&text, style)));
        for (row, line) in rows.versions.iter().zip(&texts) {
            let cells = line[start..end].iter().map(|(text, cells)| painted(plan, text, cells, style));
            table.add_row(std::iter::once(bold(row, style)).chain(cells));
        }
        let _infallible = writeln!(out, "{table}");
        start = end;
    }
    out
}

fn table(style: Style) -> Table {
    let mut table = Table::new();
    table.load_style(if style.ascii { presets::ASCII_FULL_CONDENSED } else { presets::UTF8_FULL_CONDENSED });
    table.set_content_arrangement(ContentArrangement::Disabled);
    if style.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

fn bold(text: &str, style: Style) -> Cell {
    let cell = Cell::new(text);
    if style.color { cell.add_attribute(Attribute::Bold) } else { cell }
}

fn painted(plan: &Plan, text: &str, cells: &[usize], style: Style) -> Cell {
    let cell = Cell::new(text).set_alignment(CellAlignment::Center);
    if !style.color {
        return cell;
    }
    match cells {
        [] => cell.add_attribute(Attribute::Dim),
        cells if cells.contains(&plan.baseline) => cell.fg(Color::Green).add_attribute(Attribute::Bold),
        cells if cells.iter().all(|index| plan.cells[*index].unavailable.is_some()) => cell.add_attribute(Attribute::Dim),
        cells if cells.iter().any(|index| !plan.cells[*index].declared) => cell.fg(Color::Yellow),
        _ => cell,
    }
}

/// A line for each cell, where a grid cannot show them.
fn list(plan: &Plan, style: Style) -> String {
    let longest = plan.cells.iter().map(|cell| cell.id.chars().count()).max().unwrap_or(0);
    plan.cells.iter().enumerate().fold(String::new(), |mut out, (index, cell)| {
        let text = cell_text(plan, index, style);
        let line = format!("{:<longest$}  {text}", cell.id);
        let code = line_color(plan, index, cell);
        let _infallible = writeln!(out, "{}", code.map_or(line.clone(), |code| style.paint(code, &line)));
        out
    })
}

fn line_color(plan: &Plan, index: usize, cell: &PlanCell) -> Option<&'static str> {
    match (index == plan.baseline, cell.unavailable.is_some(), cell.declared) {
        (true, _, _) => Some("1;32"),
        (false, true, _) => Some("2"),
        (false, false, false) => Some("33"),
        (false, false, true) => None,
    }
}

fn legend(plan: &Plan, style: Style) -> String {
    let any = |wanted: &dyn Fn(&PlanCell) -> bool| plan.cells.iter().any(wanted);
    let mut parts = vec!["3.x the cell's CPython".to_owned(), format!("{} baseline", style.baseline().trim())];
    if any(&|cell| cell.unavailable.is_none() && !cell.declared) {
        parts.push("* metadata forbids it".to_owned());
    }
    if any(&|cell| cell.unavailable.is_some()) {
        parts.push(format!("{} can never exist", style.unavailable()));
    }
    if !plan.excluded.is_empty() {
        parts.push(format!("{} excluded", style.excluded()));
    }
    let text = fill(parts.iter().map(String::as_str), "   ", style.width, 0);
    text.lines().fold(String::new(), |out, line| out + style.paint("2", line).as_str() + "\n")
}

fn section(out: &mut String, style: Style, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _infallible = writeln!(out, "\n{}", style.paint("1", title));
    for line in lines {
        out.push_str("  ");
        out.push_str(wrap(line, style.width.saturating_sub(2), 4).trim_start());
    }
}

/// Breaks a text between words; following lines are indented.
fn wrap(text: &str, width: usize, indent: usize) -> String {
    fill(text.split(' '), " ", width, indent)
}

/// Lines of as many items as fit.
fn fill<'a>(items: impl Iterator<Item = &'a str>, between: &str, width: usize, indent: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for (at, item) in items.enumerate() {
        let length = item.chars().count();
        if at > 0 && column + between.len() + length > width {
            let _infallible = write!(out, "\n{:indent$}", "");
            column = indent;
        } else if at > 0 {
            out.push_str(between);
            column += between.len();
        }
        out.push_str(item);
        column += length;
    }
    out.push('\n');
    out
}

/// Whether a cell's id is this one, perhaps with an interpreter or a date.
fn is_about(id: &str, plain: &str) -> bool {
    id.strip_prefix(plain).is_some_and(|rest| rest.is_empty() || rest.starts_with("+python-") || rest.starts_with("+deps-"))
}
