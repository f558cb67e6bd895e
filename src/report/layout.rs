//! Where each cell stands: its coordinates on the axes, and words for sets of cells.

use std::collections::{BTreeMap, BTreeSet};

use super::Results;

/// One dimension of the layout: an axis of the matrix, or the interpreter where it is an axis of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// `numpy`, `python`.
    pub name: String,
    /// Versions, oldest first.
    pub labels: Vec<String>,
    /// Whether `1.26` names no other version than `1.26.4` here, so that ranges may be written short.
    pub short: bool,
}

impl Dimension {
    fn position(&mut self, label: &str) -> usize {
        if let Some(position) = self.labels.iter().position(|known| known == label) {
            return position;
        }
        self.labels.push(label.to_owned());
        self.labels.len() - 1
    }

    /// The label as it stands in a range: the minor series where that is unambiguous.
    pub fn short_label(&self, index: usize) -> &str {
        let label = self.labels.get(index).map_or("", String::as_str);
        if self.short { minor_series(label).unwrap_or(label) } else { label }
    }
}

/// `1.26` of `1.26.4`; `None` for what is not a plain release.
fn minor_series(label: &str) -> Option<&str> {
    if !label.chars().all(|character| character.is_ascii_digit() || character == '.') {
        return None;
    }
    let end = label.match_indices('.').nth(1).map_or(label.len(), |(index, _)| index);
    Some(&label[..end])
}

/// Coordinates of every cell.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Axes in matrix order, then `python` where cells are told apart by it throughout.
    pub dimensions: Vec<Dimension>,
    /// For each cell, an index into each dimension's labels.
    pub coordinates: Vec<Vec<usize>>,
    /// For each cell, what else its id says: `deps-2024-09-01`; mostly empty.
    pub suffixes: Vec<String>,
    ids: Vec<String>,
}

impl Layout {
    /// Places the cells of a report.
    pub fn new(results: &Results) -> Self {
        let mut dimensions: Vec<_> =
            results.axes.iter().map(|axis| Dimension { name: axis.name.clone(), labels: axis.versions.clone(), short: false }).collect();
        let mut coordinates: Vec<Vec<usize>> = Vec::new();
        let mut suffixes = Vec::new();
        for cell in &results.cells {
            let versions: Vec<&str> = results.axes.iter().map(|axis| cell.axes.get(&axis.name).map_or("none", String::as_str)).collect();
            let base: Vec<_> = results.axes.iter().zip(&versions).map(|(axis, version)| format!("{}-{version}", axis.name)).collect();
            let suffix = cell.id.strip_prefix(&base.join("+")).unwrap_or_default();
            suffixes.push(suffix.trim_start_matches('+').to_owned());
            coordinates.push(dimensions.iter_mut().zip(versions).map(|(dimension, version)| dimension.position(version)).collect());
        }
        let pythons: Option<Vec<_>> = suffixes.iter().map(|suffix| split_python(suffix)).collect();
        if let Some(pythons) = pythons {
            let mut dimension = Dimension { name: "python".to_owned(), labels: Vec::new(), short: false };
            let places: Vec<_> = pythons.iter().map(|(python, _)| dimension.position(python)).collect();
            suffixes = pythons.into_iter().map(|(_, rest)| rest).collect();
            for (coordinate, place) in coordinates.iter_mut().zip(places) {
                coordinate.push(place);
            }
            if !results.cells.is_empty() {
                dimensions.push(dimension);
            }
        }
        for dimension in &mut dimensions {
            let releases: Vec<_> = dimension.labels.iter().filter(|label| *label != "none").collect();
            let series: BTreeSet<_> = releases.iter().filter_map(|label| minor_series(label)).collect();
            dimension.short = series.len() == releases.len();
        }
        let ids = results.cells.iter().map(|cell| cell.id.clone()).collect();
        Self { dimensions, coordinates, suffixes, ids }
    }

    /// Says which cells are meant, of those that `among` lists: `numpy ≥ 2.0.2 (6 cells)`,
    /// `numpy ≥ 2.0.2 × tensorflow 2.16.2 (3 of 4 cells)`, `all 8 cells`, or the ids where there are at most two.
    pub fn words(&self, selected: &[usize], among: &[usize]) -> String {
        let Some(first) = selected.first() else { return "no cell".to_owned() };
        let id = |cell: &usize| self.ids.get(*cell).map_or("", String::as_str);
        let (len, total) = (selected.len(), among.len());
        if len == 1 {
            return id(first).to_owned();
        }
        if len == total {
            return format!("all {total} cells");
        }
        let (text, inside, contiguous) = self.smallest_box(selected, among);
        if inside == len {
            return format!("{text} ({len} cells)");
        }
        if len == 2 {
            return selected.iter().map(id).collect::<Vec<_>>().join(", ");
        }
        match self.boxes(selected, among) {
            Some(text) => format!("{text} ({len} cells)"),
            None if !text.is_empty() && contiguous => format!("{text} ({len} of {inside} cells)"),
            None => format!("{len} of {total} cells, {} the first", id(first)),
        }
    }

    /// The smallest box around cells in words, how many of `among` are inside, and whether it has no gaps.
    fn smallest_box(&self, selected: &[usize], among: &[usize]) -> (String, usize, bool) {
        let keys = self.axes_of(selected);
        let inside = among.iter().filter(|cell| self.in_box(**cell, &keys)).count();
        let ranges: Vec<_> = keys.iter().enumerate().filter_map(|(axis, (name, places))| self.range(axis, name, places, among)).collect();
        let contiguous = ranges.iter().all(|(_, contiguous)| *contiguous);
        (ranges.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join(" × "), inside, contiguous)
    }

    /// Two or three boxes that together are exactly these cells: slices along one axis, equal slices taken together.
    fn boxes(&self, selected: &[usize], among: &[usize]) -> Option<String> {
        let slice = |axis: usize| {
            let mut slices: BTreeMap<usize, (BTreeSet<Vec<usize>>, Vec<usize>)> = BTreeMap::new();
            for &cell in selected {
                let mut rest = self.coordinates.get(cell)?.clone();
                let slice = slices.entry(rest.remove(axis)).or_default();
                slice.0.insert(rest);
                slice.1.push(cell);
            }
            let mut groups: Vec<(BTreeSet<Vec<usize>>, Vec<usize>)> = Vec::new();
            for (rest, cells) in slices.into_values() {
                match groups.iter_mut().find(|(known, _)| *known == rest) {
                    Some((_, known)) => known.extend(cells),
                    None => groups.push((rest, cells)),
                }
            }
            let exact = |cells: &Vec<usize>| self.smallest_box(cells, among).1 == cells.len();
            (groups.len() <= 3 && groups.iter().all(|(_, cells)| exact(cells))).then_some(groups)
        };
        let groups = (0..self.dimensions.len()).filter_map(slice).min_by_key(Vec::len)?;
        Some(groups.iter().map(|(_, cells)| self.smallest_box(cells, among).0).collect::<Vec<_>>().join("; "))
    }

    /// The places that cells take on each dimension.
    fn axes_of(&self, cells: &[usize]) -> Vec<(String, Vec<usize>)> {
        let places = |axis: usize| {
            let places: BTreeSet<_> =
                cells.iter().filter_map(|cell| self.coordinates.get(*cell).and_then(|place| place.get(axis)).copied()).collect();
            places.into_iter().collect::<Vec<_>>()
        };
        self.dimensions.iter().enumerate().map(|(axis, dimension)| (dimension.name.clone(), places(axis))).collect()
    }

    fn in_box(&self, cell: usize, keys: &[(String, Vec<usize>)]) -> bool {
        self.coordinates.get(cell).is_some_and(|place| place.iter().zip(keys).all(|(place, (_, places))| places.contains(place)))
    }

    /// The range of one dimension in words and whether it has no gaps; `None` where it takes in every version that `among`
    /// has.
    fn range(&self, axis: usize, name: &str, places: &[usize], among: &[usize]) -> Option<(String, bool)> {
        let known: Vec<usize> = self.axes_of(among).into_iter().nth(axis).map(|(_, places)| places)?;
        if places == known {
            return None;
        }
        let dimension = self.dimensions.get(axis)?;
        let label = |place: usize| dimension.labels.get(place).map_or("", String::as_str);
        let (first, last) = (*places.first()?, *places.last()?);
        let start = known.iter().position(|place| *place == first)?;
        let contiguous = known.get(start..start + places.len()) == Some(places);
        let text = if places.len() == 1 {
            label(first).to_owned()
        } else if !contiguous {
            match places {
                [a, b] => format!("{}, {}", label(*a), label(*b)),
                [a, b, c] => format!("{}, {}, {}", label(*a), label(*b), label(*c)),
                _ => format!("{}…{}", label(first), label(last)),
            }
        } else if known.last() == Some(&last) && label(first) != "none" {
            format!("≥ {}", label(first))
        } else if start == 0 && label(first) != "none" {
            format!("≤ {}", label(last))
        } else {
            format!("{}–{}", label(first), label(last))
        };
        Some((format!("{name} {text}"), contiguous))
    }
}

/// Takes `python-3.11` from the front of a suffix.
fn split_python(suffix: &str) -> Option<(String, String)> {
    let rest = suffix.strip_prefix("python-")?;
    let (python, rest) = rest.split_once('+').unwrap_or((rest, ""));
    Some((python.to_owned(), rest.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn sets_of_cells_are_said_as_ranges() {
        let layout = Layout::new(&fixture::pairs());
        let all: Vec<usize> = (0..9).collect();
        let words = |cells: &[usize]| layout.words(cells, &all);
        assert_eq!(words(&[3, 4, 5, 6, 7, 8]), "numpy ≥ 1.26.4 (6 cells)");
        assert_eq!(words(&[0, 1, 3, 4]), "numpy ≤ 1.26.4 × tensorflow ≤ 2.15.1 (4 cells)");
        assert_eq!(words(&[0, 2, 3, 5, 6, 8]), "tensorflow 2.12.1, 2.18.1 (6 cells)");
        assert_eq!(words(&[8]), "numpy-2.0.2+tensorflow-2.18.1");
        assert_eq!(words(&[0, 8]), "numpy-1.24.4+tensorflow-2.12.1, numpy-2.0.2+tensorflow-2.18.1");
        assert_eq!(words(&[0, 1, 8]), "numpy 1.24.4 × tensorflow ≤ 2.15.1; numpy 2.0.2 × tensorflow 2.18.1 (3 cells)");
        assert_eq!(words(&all), "all 9 cells");
        assert_eq!(layout.words(&[7, 8], &[1, 4, 7, 8]), "numpy 2.0.2 (2 cells)", "only cells that could be compared count");
    }

    #[test]
    fn ranges_are_short_only_where_that_is_unambiguous() {
        let short =
            |versions: &[&str]| Layout::new(&fixture::report(&[("numpy", versions)], &[""])).dimensions[0].short_label(0).to_owned();
        assert_eq!(short(&["1.26.4", "2.0.2"]), "1.26");
        assert_eq!(short(&["2.0.1", "2.0.2"]), "2.0.1");
        assert_eq!(short(&["2.0.0rc1", "2.1.0"]), "2.0.0rc1");
    }
}
