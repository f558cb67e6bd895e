//! Words about what is different from an earlier run, shared by all formats.

use std::collections::{BTreeSet, HashMap};

use super::{Since, SinceChange, caption, text};
use crate::compare::Verdict;

/// Changes of one scenario that are alike but for the observation.
#[derive(Debug)]
pub(super) struct Group<'a> {
    /// The first of them.
    pub(super) first: &'a SinceChange,
    /// How many there are.
    pub(super) len: usize,
}

impl Group<'_> {
    /// `promotion::total`, `promotion::total and 3 more`.
    pub(super) fn subject(&self) -> String {
        let more = if self.len > 1 { format!(" and {} more", self.len - 1) } else { String::new() };
        format!("{}::{}{more}", self.first.scenario, self.first.observation)
    }
}

impl Since {
    /// Whether nothing behaves differently. Cells and scenarios may have come or gone all the same.
    pub fn is_quiet(&self) -> bool {
        self.states.is_empty() && self.changes.is_empty()
    }

    /// `since 2026-11-15`.
    pub fn when(&self) -> String {
        format!("since {}", caption::day(&self.started))
    }

    /// `No behaviour change since 2026-11-15 (48 cells compared)`, `Changed since 2026-11-15: 2 observations in 3 cells,
    /// 1 cell in another state (48 cells compared)`. `when` is [`Since::when`], or names two sides.
    pub fn headline(&self, when: &str) -> String {
        let compared = format!("({} compared)", text::count(self.compared, "cell"));
        if self.is_quiet() {
            return format!("No behaviour change {when} {compared}");
        }
        let cells: BTreeSet<&str> = self.changes.iter().flat_map(|change| change.cells.iter().map(String::as_str)).collect();
        let observations: BTreeSet<_> = self.changes.iter().map(|change| (&change.scenario, &change.observation)).collect();
        let mut parts = Vec::new();
        if !observations.is_empty() {
            let (observations, cells) = (observations.len() as u64, cells.len() as u64);
            parts.push(format!("{} in {}", text::count(observations, "observation"), text::count(cells, "cell")));
        }
        if !self.states.is_empty() {
            parts.push(format!("{} in another state", text::count(self.states.len() as u64, "cell")));
        }
        format!("Changed {when}: {} {compared}", parts.join(", "))
    }

    /// What is new about a cell as such: `new`, `import-failed, was ran`.
    pub(super) fn of_cell(&self, cell: &str) -> Option<String> {
        if self.new_cells.iter().any(|new| new == cell) {
            return Some("new".to_owned());
        }
        let change = self.states.iter().find(|change| change.cell == cell)?;
        Some(format!("{}, was {}", change.to.as_str(), change.from.as_str()))
    }

    /// What behaves differently in a scenario of a cell.
    pub(super) fn of_scenario<'a>(&'a self, cell: &'a str, scenario: &'a str) -> impl Iterator<Item = &'a SinceChange> {
        self.changes.iter().filter(move |change| change.scenario == scenario && change.cells.iter().any(|id| id == cell))
    }

    /// Cells that are in another state or behave differently.
    pub(super) fn changed_cells(&self) -> usize {
        let states = self.states.iter().map(|change| &change.cell);
        states.chain(self.changes.iter().flat_map(|change| &change.cells)).collect::<BTreeSet<_>>().len()
    }

    /// The changes, those of one scenario that are alike in everything but the observation as one.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let mut groups: Vec<Group<'_>> = Vec::new();
        let mut known = HashMap::new();
        for change in &self.changes {
            let key = (&change.scenario, change.verdict, change.silent, change.unmeasured, &change.reason, &change.cells);
            let group = *known.entry(key).or_insert_with(|| {
                groups.push(Group { first: change, len: 0 });
                groups.len() - 1
            });
            groups[group].len += 1;
        }
        groups
    }
}

impl SinceChange {
    /// What differs and from what to what, in one line.
    pub fn line(&self) -> String {
        let (before, after) = (&self.before, &self.after);
        let told = after.trim_end_matches('…');
        // Where an error is on either side, before and after tell it all.
        let of_errors = self.verdict == Verdict::Returns || self.reason.starts_with("error ");
        let line = if before == after {
            self.reason.clone()
        } else if self.reason.is_empty() || self.reason.starts_with(told) || of_errors {
            format!("{before} → {after}")
        } else {
            format!("{}: {before} → {after}", self.reason)
        };
        if self.unmeasured { format!("{line} (how far apart is not published)") } else { line }
    }
}
