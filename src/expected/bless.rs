//! Present behaviour becomes what is expected, with as few words changed as will do.

use std::collections::{HashMap, HashSet};

use super::{
    Expectation, Expectations, Named, Pattern, Range, Remarks,
    compare::{Part, Sight, Table},
    differences::{Differences, Told, Track},
    groups::{Wanted, groups, pattern},
    write,
};
use crate::{matrix::Place, report::Results};

/// What is to be blessed.
#[derive(Clone, Debug)]
pub struct Selected {
    /// By cell.
    pub cells: Vec<bool>,
    /// By scenario.
    pub scenarios: Vec<bool>,
}

/// Expectations that the results meet, and how they differ from those before.
#[derive(Clone, Debug)]
pub struct Blessed {
    /// What is expected now.
    pub expectations: Expectations,
    /// What no longer is, a line for each expectation.
    pub removed: Vec<String>,
    /// What is now, a line for each expectation.
    pub added: Vec<String>,
    /// Expectations that stay as they are, each observation counted.
    pub kept: usize,
}

/// Makes what is selected of the results expected.
///
/// An expectation of which nothing is to be seen goes. One that is no longer exact (a cell of its range shows something
/// else) is written anew, as is one that a new description takes in; what people wrote beside it stays. Those with patterns,
/// or for everywhere, stay as long as they mean something. Whatever is then left over is added. So what was blessed is
/// expected, and blessing it again changes nothing.
pub fn bless(old: &Expectations, results: &Results, selected: &Selected) -> Blessed {
    let differences = Differences::new(results);
    let table = Table::new(old, &differences);
    let work = Work { old, differences: &differences, table: &table, selected };
    let mut fate = Fate::default();
    for part in table.parts() {
        work.judge(part, &mut fate);
    }
    let anew = work.anew(&fate);
    work.absorb(&anew, &mut fate);
    let expectations = work.merge(&anew, &fate);
    changes(old, expectations)
}

/// What is being blessed.
struct Work<'w> {
    old: &'w Expectations,
    differences: &'w Differences<'w>,
    table: &'w Table<'w>,
    selected: &'w Selected,
}

/// What becomes of expectations.
#[derive(Default)]
struct Fate {
    /// They are not in the new file as they are.
    dropped: HashSet<Part>,
    /// Track and effect → whose remarks to take over.
    heirs: HashMap<(usize, usize), Part>,
}

/// What is told of an observation: scenario, name, effect, value.
type Said<'a> = (Option<&'a str>, &'a str, &'a str, Option<&'a str>);

impl Selected {
    /// Everything.
    pub fn all(results: &Results) -> Self {
        Self { cells: vec![true; results.cells.len()], scenarios: vec![true; results.scenarios.len()] }
    }

    fn whole(&self) -> bool {
        !self.scenarios.contains(&false)
    }

    fn scenario(&self, results: &Results, name: &str) -> bool {
        results.scenarios.iter().zip(&self.scenarios).any(|(scenario, selected)| *selected && scenario.name == name)
    }

    fn track(&self, results: &Results, track: &Track<'_>) -> bool {
        // States belong to no scenario, so they are not meant where single scenarios are.
        track.scenario.map_or_else(|| self.whole(), |name| self.scenario(results, name))
    }
}

impl Work<'_> {
    /// Whether an expectation may be changed.
    fn may_change(&self, part: Part) -> bool {
        let name = self.old.entries[part.entry].scenario.as_ref().and_then(Pattern::exact);
        self.selected.whole() || name.is_some_and(|name| self.selected.scenario(self.differences.results, name))
    }

    /// Whether it describes one observation in one range and nothing else, as blessing writes it.
    fn is_plain(&self, part: Part) -> bool {
        let entry = &self.old.entries[part.entry];
        let exact = |pattern: &Pattern| pattern.exact().is_some();
        let plain = |named: &Named| exact(&named.name) && named.value.as_ref().is_none_or(exact);
        let subject = entry.is_of_cells() || entry.scenario.as_ref().is_some_and(exact) && entry.named(part.name).is_some_and(plain);
        subject && entry.range != Range::Everywhere && exact(&entry.effect)
    }

    fn effect(&self, track: usize, cell: usize) -> Option<usize> {
        match self.differences.tracks[track].told[cell] {
            Told::Shows(effect) => Some(effect),
            Told::Alike | Told::Unknown => None,
        }
    }

    fn judge(&self, part: Part, fate: &mut Fate) {
        if !self.may_change(part) {
            return;
        }
        let sight: Sight = self.table.sight(self.differences, part);
        let is_selected = |cell: &usize| self.selected.cells[*cell];
        if sight.has_lapsed() {
            if sight.against.iter().all(is_selected) && (!sight.gone || self.selected.whole()) {
                fate.dropped.insert(part);
            }
            return;
        }
        let shown: Vec<_> = sight.shown.iter().filter_map(|&(track, cell)| Some((track, self.effect(track, cell)?))).collect();
        let minded = shown.iter().all(|(_, effect)| self.differences.effects[*effect].minded);
        // Warnings are not blessed, so whoever wrote one down knows better.
        if self.is_plain(part) && minded && !shown.is_empty() && sight.against.iter().any(is_selected) {
            fate.dropped.insert(part);
            for known in shown {
                fate.heirs.entry(known).or_insert(part);
            }
        }
    }

    /// Differences that no expectation that stays covers: all cells that show the same and are selected or were expected.
    fn anew(&self, fate: &Fate) -> Wanted {
        let mut wanted = Wanted::default();
        for (number, track) in self.differences.tracks.iter().enumerate() {
            let selected = self.selected.track(self.differences.results, track);
            let mut found: HashMap<usize, (Vec<usize>, bool)> = HashMap::new();
            for cell in 0..track.told.len() {
                let Some(effect) = self.effect(number, cell).filter(|effect| self.differences.effects[*effect].minded) else { continue };
                let was = self.table.covering(self.differences, number, cell, effect).is_some();
                if !(was || selected && self.selected.cells[cell]) {
                    continue;
                }
                let stays = |part: &Part| {
                    !fate.dropped.contains(part)
                        && self.table.takes_in(*part, cell)
                        && self.table.means(*part, &self.differences.effects[effect])
                };
                let (cells, open) = found.entry(effect).or_default();
                cells.push(cell);
                *open |= !self.table.about(number).iter().any(stays);
            }
            for (effect, (cells, _)) in found.into_iter().filter(|(_, (_, open))| *open) {
                for cell in cells {
                    wanted.add(number, effect, cell);
                }
            }
        }
        wanted
    }

    /// Drops what a new description takes in.
    fn absorb(&self, anew: &Wanted, fate: &mut Fate) {
        for (track, effect, cells) in anew.iter() {
            for &part in self.table.about(track) {
                let inside = |part: Part| {
                    let shown = self.table.sight(self.differences, part).shown;
                    !shown.is_empty() && shown.iter().all(|(_, cell)| cells.contains(cell) && self.effect(track, *cell) == Some(effect))
                };
                if !fate.dropped.contains(&part) && self.may_change(part) && self.is_plain(part) && inside(part) {
                    fate.dropped.insert(part);
                    fate.heirs.entry((track, effect)).or_insert(part);
                }
            }
        }
    }

    /// What stays, with what is new put where it belongs.
    fn merge(&self, anew: &Wanted, fate: &Fate) -> Expectations {
        // By whose place they take; old ones first.
        let mut entries: Vec<((usize, usize), Expectation)> = Vec::new();
        for (place, entry) in self.old.entries.iter().enumerate() {
            let stays = |name: &Option<usize>| !fate.dropped.contains(&Part { entry: place, name: *name });
            let names: Vec<_> = entry.parts().into_iter().filter(stays).collect();
            if !names.is_empty() {
                let observations =
                    entry.observations.as_ref().map(|_| names.iter().filter_map(|name| entry.named(*name).cloned()).collect());
                entries.push(((place, 0), Expectation { observations, ..entry.clone() }));
            }
        }
        let mut heirs: HashMap<Said<'_>, Part> = HashMap::new();
        for (&(track, effect), part) in &fate.heirs {
            let (track, effect) = (&self.differences.tracks[track], &self.differences.effects[effect]);
            heirs.insert((track.scenario, track.observation, &effect.text, effect.value.as_deref()), *part);
        }
        for group in groups(self.differences, anew) {
            let of_cells = [(String::new(), None)];
            let observations = if group.scenario.is_some() { group.observations.as_slice() } else { &of_cells };
            for (name, value) in observations {
                let heir = heirs.get(&(group.scenario.as_deref(), name, &group.effect, value.as_deref())).map(|part| part.entry);
                let named = group.scenario.is_some().then(|| Named { name: pattern(name), value: value.as_deref().map(Pattern::literal) });
                let new = Expectation {
                    range: group.range.clone(),
                    scenario: group.scenario.as_deref().map(Pattern::literal),
                    effect: Pattern::literal(&group.effect),
                    observations: named.map(|named| vec![named]),
                    remarks: heir.map(|heir| self.old.entries[heir].remarks.clone()).unwrap_or_default(),
                    place: Place::default(),
                };
                self.insert(&mut entries, new, heir);
            }
        }
        entries.sort_by_key(|(place, _)| *place);
        Expectations {
            path: self.old.path.clone(),
            baseline: Some(self.differences.results.baseline.clone()),
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        }
    }

    fn insert(&self, entries: &mut Vec<((usize, usize), Expectation)>, new: Expectation, heir: Option<usize>) {
        let fits = |known: &Expectation| {
            let alike = (&known.range, &known.scenario, &known.effect) == (&new.range, &new.scenario, &new.effect);
            let remarks = heir.is_none() || known.remarks == new.remarks;
            let name = |named: &Named| new.observations.iter().flatten().any(|other| other.name == named.name);
            let free = known.observations.as_ref().is_some_and(|names| !names.iter().any(name));
            alike && remarks && free && new.observations.is_some()
        };
        if let Some((_, known)) = entries.iter_mut().find(|(_, known)| fits(known)) {
            known.observations.get_or_insert_default().extend(new.observations.into_iter().flatten());
            return;
        }
        let like = |entry: &Expectation| entry.scenario == new.scenario && entry.is_of_cells() == new.is_of_cells();
        let neighbour = heir.or_else(|| self.old.entries.iter().rposition(like)).unwrap_or(usize::MAX);
        entries.push(((neighbour, entries.len() + 1), new));
    }
}

/// Range, scenario, effect, name, value and remarks of a part.
type Written<'e> = (String, Option<&'e str>, &'e str, Option<&'e Named>, &'e Remarks);

fn written(entry: &Expectation, name: Option<usize>) -> Written<'_> {
    let scenario = entry.scenario.as_ref().map(Pattern::as_str);
    (entry.range.text(), scenario, entry.effect.as_str(), entry.named(name), &entry.remarks)
}

fn all(of: &Expectations) -> HashSet<Written<'_>> {
    of.entries.iter().flat_map(|entry| entry.parts().into_iter().map(move |name| written(entry, name))).collect()
}

fn changes(old: &Expectations, expectations: Expectations) -> Blessed {
    let lines = |of: &Expectations, others: &HashSet<Written<'_>>| -> Vec<String> {
        let missing = |entry: &Expectation| {
            let names: Vec<_> = entry.parts().into_iter().filter(|name| !others.contains(&written(entry, *name))).collect();
            (!names.is_empty()).then(|| write::line(entry, &names))
        };
        of.entries.iter().filter_map(missing).collect()
    };
    let (before, after) = (all(old), all(&expectations));
    let (removed, added, kept) = (lines(old, &after), lines(&expectations, &before), before.intersection(&after).count());
    Blessed { expectations, removed, added, kept }
}
