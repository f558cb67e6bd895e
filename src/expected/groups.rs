//! Differences grouped the way people tell of them: one effect, in a range of versions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{
    Pattern, Range,
    differences::{Differences, Told},
};
use crate::{
    analysis::{
        boxes::{Clause, Condition},
        grid::{Grid, GridCell},
    },
    scenario::When,
};

/// One effect on observations of one scenario, or on cells, in a range that is exact on the cells that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Where.
    pub range: Range,
    /// `None` where it is about cells.
    pub scenario: Option<String>,
    /// What.
    pub effect: String,
    /// Observations, with the value they come to, where it is a value.
    pub observations: Vec<(String, Option<String>)>,
    /// Ids of the cells in which it was seen, in plan order.
    pub cells: Vec<String>,
    /// How many of the observations change silently somewhere.
    pub silent: u64,
}

/// Differences to group: track, effect and the cells that show it.
#[derive(Default)]
pub(super) struct Wanted(BTreeMap<(usize, usize), BTreeSet<usize>>);

impl Wanted {
    pub(super) fn add(&mut self, track: usize, effect: usize, cell: usize) {
        self.0.entry((track, effect)).or_default().insert(cell);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, usize, &BTreeSet<usize>)> {
        self.0.iter().map(|((track, effect), cells)| (*track, *effect, cells))
    }
}

/// Groups differences, in the order of the report.
pub(super) fn groups(differences: &Differences<'_>, wanted: &Wanted) -> Vec<Group> {
    let mut ranges = Ranges::new(differences);
    let mut found: Vec<(Group, BTreeSet<usize>)> = Vec::new();
    let mut places: HashMap<(String, Option<&str>, &str), usize> = HashMap::new();
    for (number, effect, cells) in wanted.iter() {
        let (track, effect) = (&differences.tracks[number], &differences.effects[effect]);
        for (range, cells) in ranges.around(number, cells) {
            let place = *places.entry((range.text(), track.scenario, &effect.text)).or_insert(found.len());
            if place == found.len() {
                let group = Group {
                    range,
                    scenario: track.scenario.map(str::to_owned),
                    effect: effect.text.clone(),
                    observations: Vec::new(),
                    cells: Vec::new(),
                    silent: 0,
                };
                found.push((group, BTreeSet::new()));
            }
            let (group, seen) = &mut found[place];
            group.silent += u64::from(cells.iter().any(|cell| track.silent.get(*cell).copied().unwrap_or(false)));
            if track.scenario.is_some() {
                group.observations.push((track.observation.to_owned(), effect.value.clone()));
            }
            seen.extend(cells);
        }
    }
    let finished = |(mut group, seen): (Group, BTreeSet<usize>)| {
        group.cells = seen.into_iter().map(|cell| differences.results.cells[cell].id.clone()).collect();
        group
    };
    found.into_iter().map(finished).collect()
}

impl Range {
    /// As it is written; cells by their ids.
    pub fn text(&self) -> String {
        match self {
            Self::Everywhere => "any version".to_owned(),
            Self::When(when) => when.to_string(),
            Self::Cells(ids) => ids.join(", "),
        }
    }
}

/// Cells that are asked for, and cells that may be taken in.
type Question = (Vec<usize>, Vec<usize>);

/// Descriptions of sets of cells, each made once.
pub(super) struct Ranges<'d, 'a> {
    differences: &'d Differences<'a>,
    grid: Option<Grid>,
    axes: Vec<&'a str>,
    known: HashMap<Question, Vec<(Range, Vec<usize>)>>,
}

impl<'d, 'a> Ranges<'d, 'a> {
    pub(super) fn new(differences: &'d Differences<'a>) -> Self {
        let results = differences.results;
        let cells: Option<Vec<GridCell>> = results.cells.iter().map(|cell| GridCell::of(cell, &results.axes)).collect();
        Self {
            differences,
            grid: cells.map(|cells| Grid::new(&results.axes, cells)),
            axes: results.axes.iter().map(|axis| axis.name.as_str()).collect(),
            known: HashMap::new(),
        }
    }

    /// Ranges that hold these cells, and none of which is known that it is not among them; with the cells of each.
    pub(super) fn around(&mut self, track: usize, cells: &BTreeSet<usize>) -> Vec<(Range, Vec<usize>)> {
        let told = self.differences.tracks[track].told.iter().enumerate();
        let fails = told.filter(|(cell, told)| **told != Told::Unknown && !cells.contains(cell)).map(|(cell, _)| cell).collect();
        let sides = (cells.iter().copied().collect::<Vec<_>>(), fails);
        if let Some(known) = self.known.get(&sides) {
            return known.clone();
        }
        let ranges = self.describe(&sides.0, &sides.1);
        self.known.insert(sides, ranges.clone());
        ranges
    }

    fn describe(&self, holds: &[usize], fails: &[usize]) -> Vec<(Range, Vec<usize>)> {
        let listed = |cells: &[usize]| {
            let ids = cells.iter().map(|cell| self.differences.results.cells[*cell].id.clone()).collect();
            (Range::Cells(ids), cells.to_vec())
        };
        let Some(grid) = &self.grid else { return vec![listed(holds)] };
        let mut boxes = Condition::describe(grid, holds, fails);
        boxes.clauses.retain(|clause| matches!(clause, Clause::Within(_)));
        let (inside, named): (Vec<usize>, Vec<usize>) = holds.iter().partition(|cell| boxes.holds(grid, **cell));
        let range = match boxes.text(grid).as_str() {
            "any version" => Some(Range::Everywhere),
            text => When::parse(text, &self.axes).ok().map(Range::When),
        };
        // What a text says is what counts: PEP 440 reads local and pre-releases in ways of its own.
        let exact = |range: &Range| {
            let cells = self.differences.cells(range);
            inside.iter().all(|cell| cells[*cell]) && !fails.iter().chain(&named).any(|cell| cells[*cell])
        };
        match range.filter(|range| !inside.is_empty() && exact(range)) {
            Some(range) if named.is_empty() => vec![(range, inside)],
            Some(range) => vec![(range, inside), listed(&named)],
            None => vec![listed(holds)],
        }
    }
}

/// A name as a pattern. A key of YAML has to be short, so a long name is known by how it begins.
pub(super) fn pattern(name: &str) -> Pattern {
    const LONGEST: usize = 200;
    match name.char_indices().nth(LONGEST) {
        Some((end, _)) => Pattern::beginning(&name[..end]),
        None => Pattern::literal(name),
    }
}
