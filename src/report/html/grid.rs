//! The static grids: tables that read well without scripts, and the small pictures of scenarios.

use std::fmt::Write as _;

use super::dates::{self, Date};
use crate::report::{BASELINE, FLAKY, Face, Grid, Layout, Line, Mark, Results, grids, text};

/// A grid as a table.
pub(super) struct Table {
    pub(super) heading: Option<String>,
    pub(super) down: String,
    pub(super) across: String,
    pub(super) columns: Vec<Header>,
    pub(super) rows: Vec<Row>,
}

/// The head of a row or of a column.
pub(super) struct Header {
    pub(super) label: String,
    pub(super) date: Option<Date>,
}

impl Table {
    /// Whether a version is older than SPEC 0 asks to support.
    pub(super) fn has_late(&self) -> bool {
        let heads = self.columns.iter().chain(self.rows.iter().map(|row| &row.head));
        heads.filter_map(|head| head.date.as_ref()).any(|date| date.late)
    }
}

/// A row of a table.
pub(super) struct Row {
    pub(super) head: Header,
    pub(super) cells: Vec<Option<Square>>,
}

/// A cell of a table.
pub(super) struct Square {
    /// Its number in the index; excluded combinations have none.
    pub(super) cell: Option<usize>,
    pub(super) link: String,
    pub(super) classes: String,
    pub(super) sign: String,
    pub(super) class: String,
    /// What it says to those who do not see it.
    pub(super) label: String,
}

/// The tables of a report.
pub(super) fn tables(results: &Results, layout: &Layout) -> Vec<Table> {
    grids(results, layout).iter().map(|grid| table(results, grid)).collect()
}

fn table(results: &Results, grid: &Grid) -> Table {
    let mut names = grid.corner.split(" \\ ");
    let (down, across) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
    let head = |axis: &str, line: &Line| Header { label: text::visible(&line.label()), date: dates::of(results, axis, &line.from) };
    let rows = grid.rows.iter().enumerate().map(|(row, line)| Row {
        head: head(down, line),
        cells: (0..grid.columns.len()).map(|column| square(results, grid, row, column)).collect(),
    });
    Table {
        heading: grid.heading.as_deref().map(text::visible),
        columns: grid.columns.iter().map(|line| head(across, line)).collect(),
        rows: rows.collect(),
        down: text::visible(down),
        across: text::visible(across),
    }
}

fn face(grid: &Grid, row: usize, column: usize) -> Option<&Face> {
    grid.faces.get(row)?.get(column)?.as_ref()
}

/// A fault line runs between neighbours of different classes; what has no class is told apart by its mark.
fn differs(one: &Face, other: Option<&Face>) -> bool {
    let key = |face: &Face| (face.class.clone(), face.class.is_none().then_some(face.mark));
    other.is_some_and(|other| key(one) != key(other))
}

fn square(results: &Results, grid: &Grid, row: usize, column: usize) -> Option<Square> {
    let shown = face(grid, row, column)?;
    let mut classes = format!("m-{}", shown.mark.look().key);
    for (wanted, class) in [
        (differs(shown, face(grid, row, column + 1)), " fault-right"),
        (differs(shown, face(grid, row + 1, column)), " fault-below"),
        (shown.baseline, " baseline"),
    ] {
        if wanted {
            classes.push_str(class);
        }
    }
    let star = if shown.baseline { BASELINE.0 } else { "" };
    let sign = if shown.baseline && shown.mark == Mark::Same { String::new() } else { shown.sign(false) };
    let flaky = if shown.flaky { FLAKY.0 } else { "" };
    let id = shown.cell.and_then(|cell| results.cells.get(cell)).map(|cell| cell.id.as_str());
    Some(Square {
        cell: shown.cell,
        link: id.map(|id| format!("#/cell/{}", fragment(id))).unwrap_or_default(),
        classes,
        sign: match shown.expected(|mark| mark.look().symbol) {
            Some(expected) => format!("({})", text::visible(&expected)),
            None => format!("{star}{sign}{flaky}"),
        },
        class: text::visible(shown.class.as_deref().unwrap_or_default()),
        label: text::visible(&spoken(grid, row, column, shown)),
    })
}

/// `numpy 2.0.2, tensorflow 2.18.1: 12 raise, class A`.
fn spoken(grid: &Grid, row: usize, column: usize, face: &Face) -> String {
    let look = face.mark.look();
    let versions = grid.corner.split(" \\ ").zip([grid.rows[row].label(), grid.columns[column].label()]);
    let mut text = versions.map(|(name, version)| format!("{name} {version}")).collect::<Vec<_>>().join(", ");
    let count = if look.counted { format!("{} ", face.count) } else { String::new() };
    let _ = write!(text, ": {count}{}", look.name);
    if let Some(class) = &face.class {
        let _ = write!(text, ", class {class}");
    }
    if let Some(expected) = &face.inferred {
        let _ = write!(text, ", expected: {expected}");
    }
    if face.flaky {
        text.push_str(", some repeats disagree");
    }
    if face.baseline {
        text.push_str(", the baseline");
    }
    text
}

/// An id in a link's fragment: everything but letters, digits and `-._+` as `%xx`.
pub(super) fn fragment(id: &str) -> String {
    let mut out = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._+/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// A small picture: squares of one scenario, a path for each mark.
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Width and height on the page: small matrices are drawn larger.
    pub(super) shown: (usize, usize),
    pub(super) paths: Vec<Path>,
}

/// Squares of one mark.
pub(super) struct Path {
    pub(super) key: &'static str,
    pub(super) data: String,
}

/// Side of a square with the gap behind it.
const STEP: usize = 9;

/// Where the squares of cells are: the same in every picture.
pub(super) struct Places {
    /// Cell, x and y.
    squares: Vec<(usize, usize, usize)>,
    width: usize,
    height: usize,
}

impl Places {
    /// Facets stand side by side.
    pub(super) fn new(results: &Results, layout: &Layout) -> Self {
        let (mut squares, mut width, mut height) = (Vec::new(), 0, 0);
        for grid in grids(results, layout) {
            for (row, faces) in grid.faces.iter().enumerate() {
                for (column, face) in faces.iter().enumerate() {
                    squares.extend(face.as_ref().and_then(|face| face.cell).map(|cell| (cell, width + column * STEP, row * STEP)));
                }
            }
            width += (grid.columns.len() + 1) * STEP;
            height = height.max(grid.rows.len() * STEP);
        }
        Self { squares, width: width.saturating_sub(STEP), height }
    }

    /// The picture of what cells show.
    pub(super) fn picture(&self, marks: &[Mark]) -> Picture {
        let mut paths: Vec<Path> = Vec::new();
        for (cell, x, y) in &self.squares {
            let Some(mark) = marks.get(*cell) else { continue };
            let key = mark.look().key;
            let place = paths.iter().position(|path| path.key == key).unwrap_or_else(|| {
                paths.push(Path { key, data: String::new() });
                paths.len() - 1
            });
            let side = STEP - 1;
            let _ = write!(paths[place].data, "M{x} {y}h{side}v{side}h-{side}z");
        }
        let scale = (220 / self.width.max(1)).clamp(1, 2);
        Picture { width: self.width, height: self.height, shown: (self.width * scale, self.height * scale), paths }
    }
}
