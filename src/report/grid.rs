//! The grids of a report: first axis down, second axis across, one grid for each combination of the others.

use std::collections::BTreeSet;

use super::{Layout, Mark, Results, State};

/// A grid of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The versions of further axes that this grid stands for: `scipy 1.11.4, python 3.11`.
    pub heading: Option<String>,
    /// Names of the two axes.
    pub corner: String,
    /// Rows.
    pub rows: Vec<Line>,
    /// Columns.
    pub columns: Vec<Line>,
    /// Row by row; `None` where the matrix has no such cell.
    pub faces: Vec<Vec<Option<Face>>>,
}

/// A row or a column: one version, or a range of neighbours that show the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// First version.
    pub from: String,
    /// Last version.
    pub to: String,
    /// Both in the form that ranges take.
    short: (String, String),
    /// What else tells this row's cells apart: `deps-2024-09-01`.
    pub suffix: String,
}

impl Line {
    /// `2.0.2`, `1.21–1.23`, `1.26.4 +deps-2024-09-01`.
    pub fn label(&self) -> String {
        let versions = if self.from == self.to { self.from.clone() } else { format!("{}–{}", self.short.0, self.short.1) };
        if self.suffix.is_empty() { versions } else { format!("{versions} +{}", self.suffix) }
    }

    fn merges_with(&self, next: &Self) -> bool {
        self.suffix == next.suffix && self.from != "none" && next.from != "none"
    }
}

/// What stands in a grid for a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Face {
    /// Index into the report's cells; `None` for excluded combinations.
    pub cell: Option<usize>,
    /// State or worst verdict.
    pub mark: Mark,
    /// How many observations have that verdict.
    pub count: u64,
    /// Letter of the behaviour class.
    pub class: Option<String>,
    /// Some of its repeats disagree.
    pub flaky: bool,
    /// The baseline is among the cells it stands for.
    pub baseline: bool,
    /// What a search expects of the cell, which was not run: a class's letter or a state.
    pub inferred: Option<String>,
}

impl Face {
    /// Shows the same, whichever cell it is.
    fn alike(&self, other: &Self) -> bool {
        (self.mark, self.count, &self.class, self.flaky, &self.inferred)
            == (other.mark, other.count, &other.class, other.flaky, &other.inferred)
    }

    /// What is expected of a cell that was not run, without the parentheses it stands in: a letter, or the sign of a mark.
    pub fn expected(&self, sign: impl Fn(Mark) -> &'static str) -> Option<String> {
        let expected = self.inferred.as_ref()?;
        let states = [State::ImportFailed, State::Unresolvable, State::InstallFailed];
        let state = states.into_iter().find(|state| state.as_str() == expected);
        Some(state.map_or_else(|| expected.clone(), |state| sign(Mark::of_state(state)).to_owned()))
    }

    /// Symbol and count: `✗12`, `=`.
    pub fn sign(&self, ascii: bool) -> String {
        let look = self.mark.look();
        let symbol = if ascii { look.ascii } else { look.symbol };
        if look.counted { format!("{symbol}{}", self.count) } else { symbol.to_owned() }
    }
}

/// The grids of a report, in the order of its cells.
pub fn grids(results: &Results, layout: &Layout) -> Vec<Grid> {
    let mut facets: Vec<Vec<usize>> = Vec::new();
    for place in &layout.coordinates {
        let facet = place.get(2..).unwrap_or_default().to_vec();
        if !facets.contains(&facet) {
            facets.push(facet);
        }
    }
    facets.sort();
    facets.into_iter().map(|facet| grid(results, layout, &facet)).collect()
}

fn grid(results: &Results, layout: &Layout, facet: &[usize]) -> Grid {
    let excluded: BTreeSet<&str> = results.excluded.iter().map(|cell| cell.id.as_str()).collect();
    let members: Vec<usize> = (0..results.cells.len())
        .filter(|cell| layout.coordinates.get(*cell).is_some_and(|place| place.get(2..).unwrap_or_default() == facet))
        .collect();
    let version_count = |axis: usize| layout.dimensions.get(axis).map_or(1, |dimension| dimension.labels.len());
    let place = |cell: usize, axis: usize| layout.coordinates.get(cell).and_then(|place| place.get(axis)).copied().unwrap_or(0);
    let suffix = |cell: usize| layout.suffixes.get(cell).map_or("", String::as_str);

    let mut rows: Vec<(usize, &str)> = Vec::new();
    for version in 0..version_count(0) {
        let before = rows.len();
        for cell in members.iter().filter(|cell| place(**cell, 0) == version) {
            if !rows[before..].contains(&(version, suffix(*cell))) {
                rows.push((version, suffix(*cell)));
            }
        }
        if rows.len() == before {
            rows.push((version, ""));
        }
    }
    let face = |(row, wanted): (usize, &str), column: usize| {
        let found = members.iter().find(|cell| place(**cell, 0) == row && place(**cell, 1) == column && suffix(**cell) == wanted);
        if let Some((cell, shown)) = found.and_then(|cell| Some((*cell, results.cells.get(*cell)?))) {
            let (mark, count) = Mark::of(shown);
            let (flaky, baseline) = (shown.counts.flaky > 0, shown.id == results.baseline);
            let (class, inferred) = (shown.class.clone(), shown.inferred.clone());
            return Some(Face { cell: Some(cell), mark, count, class, flaky, baseline, inferred });
        }
        let (base, full) = id_at(results, layout, row, column, facet);
        (excluded.contains(base.as_str()) || excluded.contains(full.as_str())).then_some(Face {
            cell: None,
            mark: Mark::Excluded,
            count: 0,
            class: None,
            flaky: false,
            baseline: false,
            inferred: None,
        })
    };
    let shown: Vec<Vec<_>> = rows.iter().map(|row| (0..version_count(1)).map(|column| face(*row, column)).collect()).collect();

    let line = |axis: usize, version: usize, suffix: &str| {
        let label = match layout.dimensions.get(axis) {
            Some(dimension) => (dimension.labels[version].clone(), dimension.short_label(version).to_owned()),
            None => ("result".to_owned(), "result".to_owned()),
        };
        Line { from: label.0.clone(), to: label.0, short: (label.1.clone(), label.1), suffix: suffix.to_owned() }
    };
    let mut grid = Grid {
        heading: heading(layout, facet),
        corner: layout.dimensions.iter().take(2).map(|dimension| dimension.name.clone()).collect::<Vec<_>>().join(" \\ "),
        rows: rows.iter().map(|(version, suffix)| line(0, *version, suffix)).collect(),
        columns: (0..version_count(1)).map(|version| line(1, version, "")).collect(),
        faces: shown,
    };
    grid.drop_empty();
    grid
}

/// The id that an excluded combination has: of its axes alone, and with its interpreter.
fn id_at(results: &Results, layout: &Layout, row: usize, column: usize, facet: &[usize]) -> (String, String) {
    let places = [row, column].into_iter().take(layout.dimensions.len()).chain(facet.iter().copied());
    let parts: Vec<_> = places
        .zip(&layout.dimensions)
        .map(|(place, dimension)| format!("{}-{}", dimension.name, dimension.labels.get(place).map_or("", String::as_str)))
        .collect();
    (parts.iter().take(results.axes.len()).cloned().collect::<Vec<_>>().join("+"), parts.join("+"))
}

fn heading(layout: &Layout, facet: &[usize]) -> Option<String> {
    let parts: Vec<_> = layout
        .dimensions
        .iter()
        .skip(2)
        .zip(facet)
        .map(|(dimension, place)| format!("{} {}", dimension.name, dimension.labels.get(*place).map_or("", String::as_str)))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

impl Grid {
    /// Removes rows and columns in which the matrix has no cell.
    fn drop_empty(&mut self) {
        let filled: Vec<bool> = self.faces.iter().map(|row| row.iter().any(Option::is_some)).collect();
        keep(&mut self.rows, &filled);
        keep(&mut self.faces, &filled);
        let filled: Vec<bool> =
            (0..self.columns.len()).map(|column| self.faces.iter().any(|row| row.get(column).is_some_and(Option::is_some))).collect();
        keep(&mut self.columns, &filled);
        for row in &mut self.faces {
            keep(row, &filled);
        }
    }

    /// Merges neighbouring rows that show the same, then neighbouring columns.
    #[must_use]
    pub fn collapsed(&self) -> Self {
        let (rows, faces) = merge(&self.rows, &self.faces);
        let (columns, faces) = merge(&self.columns, &transposed(&faces, self.columns.len()));
        let faces = transposed(&faces, rows.len());
        Self { heading: self.heading.clone(), corner: self.corner.clone(), rows, columns, faces }
    }
}

fn keep<T>(items: &mut Vec<T>, wanted: &[bool]) {
    let mut wanted = wanted.iter();
    items.retain(|_| wanted.next().copied().unwrap_or(false));
}

type Faces = Vec<Vec<Option<Face>>>;

fn merge(lines: &[Line], faces: &Faces) -> (Vec<Line>, Faces) {
    let mut merged: (Vec<Line>, Faces) = (Vec::new(), Vec::new());
    for (line, row) in lines.iter().zip(faces) {
        if let (Some(last_line), Some(last_row)) = (merged.0.last_mut(), merged.1.last_mut())
            && last_line.merges_with(line)
            && alike(last_row, row)
        {
            last_line.to.clone_from(&line.to);
            last_line.short.1.clone_from(&line.short.1);
            for (kept, face) in last_row.iter_mut().zip(row) {
                if let (Some(kept), Some(face)) = (kept, face) {
                    kept.baseline |= face.baseline;
                }
            }
        } else {
            merged.0.push(line.clone());
            merged.1.push(row.clone());
        }
    }
    merged
}

fn alike(one: &[Option<Face>], other: &[Option<Face>]) -> bool {
    one.iter().zip(other).all(|pair| match pair {
        (Some(one), Some(other)) => one.alike(other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    })
}

fn transposed(faces: &Faces, columns: usize) -> Faces {
    (0..columns).map(|column| faces.iter().map(|row| row.get(column).cloned().flatten()).collect()).collect()
}
