//! What is expected against what a run shows.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    Expectation, Expectations,
    differences::{Differences, Effect, Told},
    groups::{Group, Wanted, groups},
};
use crate::report::Results;

/// What a run shows that is not expected, and what is expected that it does not show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Differences that no expectation covers: observations in cells, and cells.
    pub unexpected: usize,
    /// The same, by where they hold.
    pub groups: Vec<Unexpected>,
    /// Differences that are expected.
    pub expected: usize,
    /// Expectations of which nothing is to be seen, although the cells of their range have answers and
    /// none of them may still give one.
    pub lapsed: Vec<Part>,
    /// Expectations whose last day is over, by their place in [`Expectations::entries`].
    pub run_out: Vec<usize>,
}

/// Differences that are not expected: one effect, in a range of cells.
pub type Unexpected = Group;

/// An expectation, or one of its observations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Part {
    /// Its place in [`Expectations::entries`].
    pub entry: usize,
    /// The place of its observation; `None` where it names none.
    pub name: Option<usize>,
}

/// Compares a report with what is expected. `today` decides which expectations have run out; they count all the same.
pub fn compare(expected: &Expectations, results: &Results, today: Date) -> Comparison {
    let differences = Differences::new(results);
    let table = Table::new(expected, &differences);
    let mut comparison = Comparison::default();
    let mut wanted = Wanted::default();
    for (number, track) in differences.tracks.iter().enumerate() {
        for (cell, told) in track.told.iter().enumerate() {
            let Told::Shows(effect) = *told else { continue };
            if !differences.effects[effect].minded {
                continue;
            }
            if table.covering(&differences, number, cell, effect).is_some() {
                comparison.expected += 1;
            } else {
                comparison.unexpected += 1;
                wanted.add(number, effect, cell);
            }
        }
    }
    comparison.groups = groups(&differences, &wanted);
    comparison.lapsed = table.parts().filter(|part| table.sight(&differences, *part).has_lapsed()).collect();
    let run_out = |(place, entry): (usize, &Expectation)| entry.has_run_out(today).then_some(place);
    comparison.run_out = expected.entries.iter().enumerate().filter_map(run_out).collect();
    comparison
}

/// Expectations against a report: which cells and observations each is about.
pub(super) struct Table<'e> {
    entries: &'e [Expectation],
    /// By expectation, then cell.
    ranges: Vec<Vec<bool>>,
    /// By track: what is about it.
    by_track: Vec<Vec<Part>>,
    /// The tracks that a part is about.
    tracks: HashMap<Part, Vec<usize>>,
}

/// What a report shows of a [`Part`].
#[derive(Debug, Default)]
pub(super) struct Sight {
    /// Track and cell of everything that is as expected.
    pub(super) shown: Vec<(usize, usize)>,
    /// Cells of its range that have an answer, and another one.
    pub(super) against: Vec<usize>,
    /// A cell of its range may still give an answer.
    pub(super) open: bool,
    /// Its scenario is not there any more.
    pub(super) gone: bool,
}

impl Sight {
    pub(super) fn has_lapsed(&self) -> bool {
        self.shown.is_empty() && (self.gone || !self.against.is_empty() && !self.open)
    }
}

impl<'e> Table<'e> {
    pub(super) fn new(expected: &'e Expectations, differences: &Differences<'_>) -> Self {
        let entries = &expected.entries;
        let about = |scenario: Option<&str>, observation: &str| {
            let mut parts = Vec::new();
            for (place, entry) in entries.iter().enumerate() {
                let meant = match scenario {
                    None => entry.is_of_cells(),
                    Some(name) => !entry.is_of_cells() && entry.scenario.as_ref().is_none_or(|pattern| pattern.matches(name)),
                };
                if meant {
                    let named = |name: &Option<usize>| entry.named(*name).is_none_or(|named| named.name.matches(observation));
                    parts.extend(entry.parts().into_iter().filter(named).map(|name| Part { entry: place, name }));
                }
            }
            parts
        };
        let by_track: Vec<Vec<Part>> = differences.tracks.iter().map(|track| about(track.scenario, track.observation)).collect();
        let mut tracks: HashMap<Part, Vec<usize>> = HashMap::new();
        for (track, parts) in by_track.iter().enumerate() {
            for part in parts {
                tracks.entry(*part).or_default().push(track);
            }
        }
        Self { entries, ranges: entries.iter().map(|entry| differences.cells(&entry.range)).collect(), by_track, tracks }
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = Part> {
        let of = |(entry, expectation): (usize, &Expectation)| expectation.parts().into_iter().map(move |name| Part { entry, name });
        self.entries.iter().enumerate().flat_map(of)
    }

    /// Whether a range takes in a cell.
    pub(super) fn takes_in(&self, part: Part, cell: usize) -> bool {
        self.ranges[part.entry][cell]
    }

    /// What is about a track.
    pub(super) fn about(&self, track: usize) -> &[Part] {
        &self.by_track[track]
    }

    /// Whether an effect is the one that is expected.
    pub(super) fn means(&self, part: Part, effect: &Effect) -> bool {
        let entry = &self.entries[part.entry];
        let value = entry.named(part.name).and_then(|named| named.value.as_ref());
        entry.effect.matches(&effect.text) && value.is_none_or(|value| value.matches(effect.value.as_deref().unwrap_or_default()))
    }

    /// What expects a difference.
    pub(super) fn covering(&self, differences: &Differences<'_>, track: usize, cell: usize, effect: usize) -> Option<Part> {
        let effect = &differences.effects[effect];
        self.by_track[track].iter().copied().find(|part| self.takes_in(*part, cell) && self.means(*part, effect))
    }

    pub(super) fn sight(&self, differences: &Differences<'_>, part: Part) -> Sight {
        let mut sight = Sight::default();
        let Some(tracks) = self.tracks.get(&part) else {
            self.missing(differences, part, &mut sight);
            return sight;
        };
        for &number in tracks {
            for (cell, told) in differences.tracks[number].told.iter().enumerate().filter(|(cell, _)| self.takes_in(part, *cell)) {
                match told {
                    Told::Unknown => sight.open |= differences.is_pending(cell, differences.tracks[number].scenario),
                    Told::Shows(effect) if self.means(part, &differences.effects[*effect]) => sight.shown.push((number, cell)),
                    Told::Alike | Told::Shows(_) => sight.against.push(cell),
                }
            }
        }
        sight
    }

    /// An observation that is nowhere: what its scenario says, it says without it.
    fn missing(&self, differences: &Differences<'_>, part: Part, sight: &mut Sight) {
        let entry = &self.entries[part.entry];
        let results = differences.results;
        let meant = |name: &str| entry.scenario.as_ref().is_none_or(|pattern| pattern.matches(name));
        let scenarios: Vec<&str> = results.scenarios.iter().map(|scenario| scenario.name.as_str()).filter(|name| meant(name)).collect();
        // What was not selected is not there either.
        sight.gone = scenarios.is_empty() && results.run.complete && results.run.selection.is_none();
        for cell in (0..results.cells.len()).filter(|cell| self.takes_in(part, *cell)) {
            let answers = |scenario: &&str| differences.answers(scenario).is_some_and(|cells| cells[cell]);
            if scenarios.iter().any(answers) {
                sight.against.push(cell);
            }
            sight.open |= scenarios.iter().any(|scenario| differences.is_pending(cell, Some(scenario)));
        }
    }
}
