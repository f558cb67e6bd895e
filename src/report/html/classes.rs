//! The cards of behaviour classes: where they are, and what sets them apart.

use std::collections::{BTreeSet, HashMap};

use crate::report::{Layout, Results, changes::Change, text};

/// Changes that a card lists.
const LISTED: usize = 6;

/// A behaviour class.
pub(super) struct Card {
    pub(super) letter: String,
    pub(super) baseline: bool,
    pub(super) cells: String,
    /// The versions that have this behaviour.
    pub(super) place: String,
    /// Its first cell, that stands for the others.
    pub(super) leader: String,
    pub(super) link: String,
    /// What it does that the baseline does not.
    pub(super) differs: Vec<String>,
    /// How many more there are.
    pub(super) more: String,
    /// Its nearest class and what tells them apart; nothing where that is the baseline's.
    pub(super) nearest: Option<Nearest>,
}

/// The class that differs least.
pub(super) struct Nearest {
    pub(super) letter: String,
    pub(super) differs: Vec<String>,
    pub(super) more: String,
}

/// A card for each class. What a class does is what its leader does.
pub(super) fn cards(results: &Results, layout: &Layout, changes: &[Change<'_>]) -> Vec<Card> {
    let numbers: HashMap<&str, usize> = results.cells.iter().enumerate().map(|(number, cell)| (cell.id.as_str(), number)).collect();
    let number = |id: &String| numbers.get(id.as_str()).copied();
    let all: Vec<usize> = (0..results.cells.len()).filter(|cell| results.cells[*cell].class.is_some()).collect();
    let sets: Vec<BTreeSet<usize>> = results
        .classes
        .iter()
        .map(|class| {
            let leader = class.cells.first().and_then(number);
            let holds = |change: &Change<'_>| leader.is_some_and(|leader| change.cells.contains(&leader));
            (0..changes.len()).filter(|index| holds(&changes[*index])).collect()
        })
        .collect();
    let card = |(place, class): (usize, &crate::report::Class)| {
        let mut cells: Vec<usize> = class.cells.iter().filter_map(number).collect();
        cells.sort_unstable();
        let own = &sets[place];
        let (differs, more) = listed(own, changes, |_| "");
        let others = (0..sets.len()).filter(|other| *other != place);
        let nearest = others.min_by_key(|other| own.symmetric_difference(&sets[*other]).count()).map(|other| {
            let letter = text::visible(&results.classes[other].letter);
            if results.classes[other].cells.contains(&results.baseline) && !own.is_empty() {
                // What tells it from the baseline's class is said already.
                return Nearest { letter, differs: Vec::new(), more: String::new() };
            }
            let apart: BTreeSet<usize> = own.symmetric_difference(&sets[other]).copied().collect();
            let (differs, more) = listed(&apart, changes, |index| if own.contains(&index) { "here only: " } else { "there only: " });
            Nearest { letter, differs, more }
        });
        Card {
            letter: text::visible(&class.letter),
            baseline: class.cells.contains(&results.baseline),
            cells: text::visible(&layout.words(&cells, &all)),
            place: text::visible(&class.when),
            leader: text::visible(class.cells.first().map_or("", String::as_str)),
            link: class.cells.first().map(|id| format!("#/cell/{}", super::grid::fragment(id))).unwrap_or_default(),
            differs,
            more,
            nearest,
        }
    };
    results.classes.iter().enumerate().map(card).collect()
}

fn listed(wanted: &BTreeSet<usize>, changes: &[Change<'_>], prefix: impl Fn(usize) -> &'static str) -> (Vec<String>, String) {
    let line = |index: &usize| {
        let change = &changes[*index];
        text::visible(&format!("{}{}: {}", prefix(*index), change.subject(), text::fit(&change.effect, 140, "…")))
    };
    let lines = wanted.iter().take(LISTED).map(line).collect();
    let rest = wanted.len().saturating_sub(LISTED);
    let more = if rest > 0 { format!("and {} more", text::grouped(rest as u64)) } else { String::new() };
    (lines, more)
}
