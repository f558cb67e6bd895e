//! The grid of cells.

use std::collections::BTreeSet;

use comfy_table::{Attribute, Cell, Color, Table, presets};

use super::{Page, Paint};
use crate::report::{self, BASELINE, FLAKY, Face, Grid, Layout, Mark, Results, caption, text};

/// Writes every grid, then the legend of what they show.
pub(super) fn grids(results: &Results, layout: &Layout, page: &mut Page<'_>) {
    let mut faces = Vec::new();
    for grid in report::grids(results, layout) {
        let grid = if page.style.collapse { grid.collapsed() } else { grid };
        if let Some(heading) = &grid.heading {
            page.blank();
            page.line(1, Paint::Bold, heading);
        }
        draw(&grid, page);
        faces.extend(grid.faces.into_iter().flatten().flatten());
    }
    legend(&faces, page);
}

fn draw(grid: &Grid, page: &mut Page<'_>) {
    let labels: Vec<_> = grid.rows.iter().map(|row| page.clean(&row.label())).collect();
    let corner = page.clean(&grid.corner);
    let first = labels.iter().chain([&corner]).map(|label| text::width(label)).max().unwrap_or(0) + 2;
    let headings: Vec<_> = grid.columns.iter().map(|column| page.clean(&column.label())).collect();
    let shown: Vec<Vec<String>> = grid.faces.iter().map(|row| row.iter().map(|face| cell_text(face.as_ref(), page)).collect()).collect();
    let widths: Vec<usize> = headings
        .iter()
        .enumerate()
        .map(|(column, heading)| {
            let cells = shown.iter().filter_map(|row| row.get(column)).map(|cell| text::width(cell));
            cells.chain([text::width(heading)]).max().unwrap_or(0) + 2
        })
        .collect();
    for (index, block) in blocks(&widths, page.style.width.saturating_sub(first)).into_iter().enumerate() {
        if index > 0 {
            page.blank();
        }
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        if page.style.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        let heading = |text: &String| bold(Cell::new(text), page);
        table.set_header([heading(&corner)].into_iter().chain(headings[block.clone()].iter().map(heading)));
        for ((label, faces), texts) in labels.iter().zip(&grid.faces).zip(&shown) {
            let cells =
                faces[block.clone()].iter().zip(&texts[block.clone()]).map(|(face, text)| colored(Cell::new(text), face.as_ref(), page));
            table.add_row([bold(Cell::new(label), page)].into_iter().chain(cells));
        }
        for line in table.trim_fmt().lines() {
            page.laid_out(line);
        }
    }
}

/// Which columns stand in which block, so that each block fits; a column that fits nowhere has a block of its own.
fn blocks(widths: &[usize], room: usize) -> Vec<std::ops::Range<usize>> {
    let mut blocks = Vec::new();
    let (mut start, mut taken) = (0, 0);
    for (column, width) in widths.iter().enumerate() {
        if column > start && taken + width > room {
            blocks.push(start..column);
            (start, taken) = (column, 0);
        }
        taken += width;
    }
    if start < widths.len() {
        blocks.push(start..widths.len());
    }
    blocks
}

fn cell_text(face: Option<&Face>, page: &Page<'_>) -> String {
    let Some(face) = face else { return String::new() };
    let pick = |pair: (&'static str, &'static str)| if page.style.ascii { pair.1 } else { pair.0 };
    if let Some(expected) = face.expected(|mark| page.symbol(mark)) {
        return format!("({})", page.clean(&expected));
    }
    let mut text = face.sign(page.style.ascii);
    if face.flaky {
        text.push_str(pick(FLAKY));
    }
    if let Some(class) = &face.class {
        text.push(' ');
        text.push_str(&page.clean(class));
    }
    if face.baseline {
        text.push(' ');
        text.push_str(pick(BASELINE));
    }
    text
}

fn bold(cell: Cell, page: &Page<'_>) -> Cell {
    if page.style.color { cell.add_attribute(Attribute::Bold) } else { cell }
}

fn colored(cell: Cell, face: Option<&Face>, page: &Page<'_>) -> Cell {
    match face.and_then(|face| face.mark.look().terminal) {
        _ if page.style.color && face.is_some_and(|face| face.inferred.is_some()) => cell.add_attribute(Attribute::Dim),
        Some((background, text)) if page.style.color => cell.bg(Color::AnsiValue(background)).fg(Color::AnsiValue(text)),
        _ => cell,
    }
}

/// What the signs in use mean.
fn legend(faces: &[Face], page: &mut Page<'_>) {
    let pick = |pair: (&'static str, &'static str)| if page.style.ascii { pair.1 } else { pair.0 };
    let used: BTreeSet<Mark> = faces.iter().filter(|face| face.inferred.is_none()).map(|face| face.mark).collect();
    let mut items = caption::legend(&used, |mark, look| format!("{}{}", page.symbol(mark), if look.counted { "n" } else { "" }));
    if faces.iter().any(|face| face.flaky) {
        items.push(format!("{} flaky", pick(FLAKY)));
    }
    if faces.iter().any(|face| face.baseline) {
        items.push(format!("{} baseline", pick(BASELINE)));
    }
    if faces.iter().any(|face| face.inferred.is_some()) {
        items.push("( ) expected, not run".to_owned());
    }
    let mut letters: Vec<&str> = faces.iter().filter_map(|face| face.class.as_deref()).collect();
    letters.sort_by_key(|letter| (letter.len(), *letter));
    if let (Some(first), Some(last)) = (letters.first(), letters.last()) {
        items.push(if first == last { format!("{first} behaviour class") } else { format!("{first}–{last} behaviour classes") });
    }
    page.flow(1, &items);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_do_not_fit_go_into_further_blocks() {
        assert_eq!(blocks(&[4, 4, 4], 8), [0..2, 2..3]);
        assert_eq!(blocks(&[9, 4], 8), [0..1, 1..2]);
        assert!(blocks(&[], 8).is_empty());
    }
}
