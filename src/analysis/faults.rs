//! Fault lines: where, along an axis, behaviour changes, or imports begin or cease to fail.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{boxes::Condition, grid::Grid};
use crate::report::{FaultLine, ImportLine, LinePart};

/// Other changes told of a line.
const ALSO: usize = 6;

/// One observation over all cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// Its scenario.
    pub scenario: String,
    /// Its name.
    pub observation: String,
    /// For each cell of the grid, which behaviour it shows: equal numbers agree within tolerance. `None` where there is
    /// nothing to compare (flaky, not applicable, not run, broken by a failed import); an observation that is missing
    /// because its script raised is a behaviour, with a number of its own.
    pub variants: Vec<Option<usize>>,
    /// For each cell, whether its verdict is a silent change.
    pub silent: Vec<bool>,
}

type Pair = (usize, usize);

/// The lines along every axis, in the order of axes and versions.
///
/// Two cells are compared when they differ along one axis only and no cell that ran lies between them. Where they are
/// several versions apart, all that is known is that something changes on the way; of each observation as few lines are
/// made as explain all its changes, each as narrow as those changes together allow. So on a grid without gaps every line
/// lies between two neighbouring versions. *Not installed* is no version, and no line lies beside it.
///
/// `cells` of `of` are the pairs across the line that differ; fewer than all tell that the change needs a combination,
/// and which one the parts of the line say.
pub fn fault_lines(grid: &Grid, tracks: &[Track]) -> Vec<FaultLine> {
    // Thousands of observations behave alike: what holds for one holds for all.
    let mut alike: HashMap<&[Option<usize>], usize> = HashMap::new();
    let mut groups: Vec<Group<'_>> = Vec::new();
    for track in tracks {
        let place = *alike.entry(&track.variants).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Group { variants: &track.variants, tracks: Vec::new() });
        }
        groups[place].tracks.push(track);
    }
    (0..grid.axes().len()).flat_map(|axis| Along::new(grid, axis).lines(&groups)).collect()
}

/// The places along every axis where imports begin or cease to fail, in the order of axes and versions.
pub fn import_lines(grid: &Grid) -> Vec<ImportLine> {
    (0..grid.axes().len()).flat_map(|axis| Along::new(grid, axis).import_lines()).collect()
}

/// Observations that behave alike in all cells.
struct Group<'a> {
    variants: &'a [Option<usize>],
    tracks: Vec<&'a Track>,
}

impl Group<'_> {
    fn known(&self, (from, to): Pair) -> bool {
        self.variants[from].is_some() && self.variants[to].is_some()
    }

    fn differs(&self, (from, to): Pair) -> bool {
        matches!((self.variants[from], self.variants[to]), (Some(one), Some(other)) if one != other)
    }
}

/// An axis, and the neighbours along it.
struct Along<'a> {
    grid: &'a Grid,
    axis: usize,
    pairs: Vec<Pair>,
    /// The other axes.
    others: Grid,
}

impl<'a> Along<'a> {
    fn new(grid: &'a Grid, axis: usize) -> Self {
        let is_version = |cell: usize| !(grid.axes()[axis].has_none && grid.cells()[cell].versions[axis] == 0);
        Self { grid, axis, pairs: grid.neighbours(axis, is_version), others: grid.without(axis) }
    }

    fn places(&self, (from, to): Pair) -> (usize, usize) {
        let place = |cell: usize| self.grid.cells()[cell].versions[self.axis];
        (place(from), place(to))
    }

    fn across(&self, line: (usize, usize)) -> Vec<Pair> {
        let crosses = |pair: &Pair| {
            let (from, to) = self.places(*pair);
            from <= line.0 && line.1 <= to
        };
        self.pairs.iter().copied().filter(crosses).collect()
    }

    fn lines(&self, groups: &[Group<'_>]) -> Vec<FaultLine> {
        let mut lines: BTreeMap<(usize, usize), Vec<&Group<'_>>> = BTreeMap::new();
        for group in groups {
            let differing = self.pairs.iter().filter(|pair| group.differs(**pair));
            for line in narrowest(differing.map(|pair| self.places(*pair)).collect()) {
                lines.entry(line).or_default().push(group);
            }
        }
        lines.into_iter().map(|(line, groups)| self.line(line, &groups)).collect()
    }

    fn line(&self, line: (usize, usize), groups: &[&Group<'_>]) -> FaultLine {
        let versions = &self.grid.axes()[self.axis].versions;
        let across = self.across(line);
        let any = |wanted: &dyn Fn(&Group<'_>, Pair) -> bool| -> Vec<Pair> {
            across.iter().copied().filter(|pair| groups.iter().any(|group| wanted(group, *pair))).collect()
        };
        let differing = any(&|group, pair| group.differs(pair));
        let tracks = || groups.iter().flat_map(|group| &group.tracks);
        FaultLine {
            axis: self.grid.axes()[self.axis].name.clone(),
            from: versions[line.0].clone(),
            to: versions[line.1].clone(),
            observations: tracks().count() as u64,
            scenarios: tracks().map(|track| &track.scenario).collect::<BTreeSet<_>>().len() as u64,
            cells: differing.len() as u64,
            of: any(&|group, pair| group.known(pair)).len() as u64,
            also: self.grid.also(self.axis, &differing, ALSO),
            parts: self.parts(&across, groups),
        }
    }

    /// The observations of a line by the pairs in which they differ, the most first.
    fn parts(&self, across: &[Pair], groups: &[&Group<'_>]) -> Vec<LinePart> {
        // By condition and the pairs that differ: the pairs that could be compared, and the observations.
        type Place = (String, Vec<Pair>);
        let mut parts: BTreeMap<Place, (Vec<Pair>, Vec<&Track>)> = BTreeMap::new();
        for group in groups {
            let known: Vec<Pair> = across.iter().copied().filter(|pair| group.known(*pair)).collect();
            let (differing, equal): (Vec<Pair>, Vec<Pair>) = known.iter().copied().partition(|pair| group.differs(*pair));
            let when = self.when(&differing, &equal);
            let part = parts.entry((when, differing)).or_insert_with(|| (known.clone(), Vec::new()));
            part.0.retain(|pair| known.contains(pair));
            part.1.extend(&group.tracks);
        }
        let mut parts: Vec<_> = parts
            .into_iter()
            .map(|((when, differing), (known, tracks))| LinePart {
                when,
                observations: tracks.iter().map(|track| format!("{}::{}", track.scenario, track.observation)).collect(),
                scenarios: tracks.iter().map(|track| &track.scenario).collect::<BTreeSet<_>>().len() as u64,
                silent: tracks.iter().filter(|track| differing.iter().any(|(from, to)| track.silent[*from] || track.silent[*to])).count()
                    as u64,
                cells: differing.len() as u64,
                of: known.len() as u64,
            })
            .collect();
        parts.sort_by(|a, b| b.observations.len().cmp(&a.observations.len()).then(b.cells.cmp(&a.cells)));
        parts
    }

    /// On which versions of the other axes.
    fn when(&self, holds: &[Pair], fails: &[Pair]) -> String {
        let newer = |pairs: &[Pair]| pairs.iter().map(|(_, to)| *to).collect::<Vec<_>>();
        Condition::describe(&self.others, &newer(holds), &newer(fails)).text(&self.others)
    }

    fn import_lines(&self) -> Vec<ImportLine> {
        let axis = &self.grid.axes()[self.axis];
        let imported = |cell: usize| self.grid.cells()[cell].imported;
        let mut lines: BTreeMap<((usize, usize), bool), ImportLine> = BTreeMap::new();
        for fails in [true, false] {
            let turns = |pair: &Pair| (imported(pair.0), imported(pair.1)) == (fails, !fails);
            for line in narrowest(self.pairs.iter().filter(|pair| turns(pair)).map(|pair| self.places(*pair)).collect()) {
                let across = self.across(line);
                let (turning, others): (Vec<Pair>, Vec<Pair>) = across.iter().copied().partition(turns);
                let line_here = ImportLine {
                    axis: axis.name.clone(),
                    from: axis.versions[line.0].clone(),
                    to: axis.versions[line.1].clone(),
                    fails,
                    cells: turning.len() as u64,
                    of: across.len() as u64,
                    when: self.when(&turning, &others),
                    also: self.grid.also(self.axis, &turning, ALSO),
                };
                lines.insert((line, !fails), line_here);
            }
        }
        lines.into_values().collect()
    }
}

/// The fewest places that lie in all these intervals, each place as the interval that its own have in common.
fn narrowest(mut intervals: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
    intervals.sort_by_key(|(from, to)| (*to, *from));
    let mut places: Vec<(usize, usize)> = Vec::new();
    for (from, to) in intervals {
        match places.last_mut() {
            // Intervals come by their ends, so the end of a place is fixed by its first one.
            Some(place) if from < place.1 => place.0 = place.0.max(from),
            _ => places.push((from, to)),
        }
    }
    places
}
