//! What an upgrade changes: one step of one package, in Markdown, with a link for every observation.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
};

use super::{
    Forewarning, ObservationReport, Results, Rule, Scenario, Since, SinceChange, State, StateChange, caption,
    markdown::{address, code, escape},
    sentences, text,
};
use crate::{analysis::diff::Diff, compare::Verdict};

/// Errors of one class in one scenario from which on they are told together.
const TOGETHER: usize = 6;

/// A step of a package that is told of.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The axis.
    pub axis: &'a str,
    /// The version before.
    pub from: &'a str,
    /// The version after.
    pub to: &'a str,
    /// What is put before the paths of scenarios: `../`, or an address.
    pub root: &'a str,
}

/// What readers look for first, and how it is headed.
const SECTIONS: [(Section, &str); 6] = [
    (Section::Silent, "Silent: another value, type or shape, and nothing warns of it"),
    (Section::Ends, "Crashes or hangs"),
    (Section::Raises, "Raises where it gave a value"),
    (Section::Changed, "Another value, type or error, with a warning or an error that tells"),
    (Section::Returns, "Gives a value where it raised"),
    (Section::Warns, "The same value, and a new warning"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Silent,
    Ends,
    Raises,
    Changed,
    Returns,
    Warns,
}

impl Section {
    fn of(change: &SinceChange) -> Self {
        match change.verdict {
            _ if change.silent => Self::Silent,
            Verdict::Timeout | Verdict::Crash => Self::Ends,
            Verdict::Raises => Self::Raises,
            Verdict::Returns => Self::Returns,
            Verdict::Warns => Self::Warns,
            Verdict::Changed | Verdict::Close | Verdict::Same => Self::Changed,
        }
    }
}

/// Writes the guide. `diff` compares the cells of the one version with those of the other.
pub fn guide(results: &Results, diff: &Diff, step: Step<'_>) -> String {
    let since = super::since(diff, results, results);
    let known = Known::new(results, diff, step);
    let mut out = format!("# {} {} → {}\n\n", escape(step.axis), escape(step.from), escape(step.to));
    known.extent(&since, diff, &mut out);
    for (section, heading) in SECTIONS {
        let changes: Vec<&SinceChange> = since.changes.iter().filter(|change| Section::of(change) == section).collect();
        if changes.is_empty() {
            continue;
        }
        let count = text::count(changes.len() as u64, "change");
        let _ = write!(out, "## {heading}\n\n{count}.\n\n");
        // Where it holds, in the order in which it comes first.
        let mut places: Vec<(String, Vec<&SinceChange>)> = Vec::new();
        for change in changes {
            let place = known.place(change, pairs(results, diff).count());
            match places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, changes)) => changes.push(change),
                None => places.push((place, vec![change])),
            }
        }
        for (place, changes) in places {
            let _ = write!(out, "**{place}**\n\n");
            known.list(&changes, &mut out);
            out.push('\n');
        }
    }
    if since.changes.is_empty() {
        out.push_str("Nothing that was observed changes.\n");
    }
    out
}

/// The later cell of each pair in which both ran.
fn pairs<'a>(results: &'a Results, diff: &'a Diff) -> impl Iterator<Item = usize> + 'a {
    let ran = |cell: usize| results.cells[cell].state == State::Ran;
    diff.compared.iter().filter(move |(was, now)| ran(*was) && ran(*now)).map(|(_, now)| *now)
}

/// What the lines of a guide are made of.
struct Known<'a> {
    results: &'a Results,
    step: Step<'a>,
    /// By observation: the rules that are about it.
    rules: BTreeMap<&'a str, Vec<&'a Rule>>,
    /// By the later cell of a pair: the earlier one.
    before: HashMap<&'a str, &'a String>,
}

impl<'a> Known<'a> {
    fn new(results: &'a Results, diff: &Diff, step: Step<'a>) -> Self {
        let mut rules: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for rule in &results.rules {
            for observation in &rule.observations {
                rules.entry(observation).or_default().push(rule);
            }
        }
        let id = |cell: usize| &results.cells[cell].id;
        let before = diff.compared.iter().map(|(was, now)| (id(*now).as_str(), id(*was))).collect();
        Self { results, step, rules, before }
    }

    /// What was compared, and where there is nothing to upgrade to.
    fn extent(&self, since: &Since, diff: &Diff, out: &mut String) {
        let both: Vec<String> = pairs(self.results, diff).map(|now| self.others(&self.results.cells[now].id)).collect();
        let count = text::count(both.len() as u64, "pair");
        let _ = writeln!(
            out,
            "Measured with {}: {count} of cells in which both versions import, {} ({}).\n",
            escape(&caption::extent(self.results)),
            escape(&both.join(", ")),
            caption::date(self.results),
        );
        let told = |wanted: &dyn Fn(&StateChange) -> bool| {
            let cells: Vec<String> = since.states.iter().filter(|change| wanted(change)).map(|change| self.others(&change.cell)).collect();
            escape(&cells.join(", "))
        };
        let (step, broken) = (self.step, told(&|change| change.from == State::Ran));
        if !broken.is_empty() {
            let _ = writeln!(out, "With {} {} the import fails, or nothing installs, beside {broken}.\n", step.axis, escape(step.to));
        }
        let mended = told(&|change| change.to == State::Ran);
        if !mended.is_empty() {
            let _ = writeln!(out, "Only with {} {} does the import work beside {mended}.\n", step.axis, escape(step.to));
        }
    }

    /// The versions of a cell but that of the step: `tensorflow 2.18.1`.
    fn others(&self, id: &str) -> String {
        let Some(cell) = self.results.cells.iter().find(|cell| cell.id == id) else { return id.to_owned() };
        let axes = self.results.axes.iter().filter(|axis| axis.name != self.step.axis);
        let parts = axes.filter_map(|axis| Some(format!("{} {}", axis.name, cell.axes.get(&axis.name)?)));
        parts.collect::<Vec<_>>().join(" × ")
    }

    /// Where a change holds: the condition of its rule, what may be the cause as well, and in which pairs it was seen.
    fn place(&self, change: &SinceChange, pairs: usize) -> String {
        let name = format!("{}::{}", change.scenario, change.observation);
        // Rules compare with the baseline; the one that tells of this step holds on one side of it alone.
        let side = |rule: &Rule, before: bool| {
            let there = |cell: &String| {
                if before {
                    self.before.get(cell.as_str()).is_some_and(|cell| rule.cells.contains(cell))
                } else {
                    rule.cells.contains(cell)
                }
            };
            (change.cells.iter().all(there), change.cells.iter().any(there))
        };
        let rules = self.rules.get(name.as_str()).map_or(&[][..], Vec::as_slice);
        let begins = rules.iter().find(|rule| side(rule, false).0 && !side(rule, true).1);
        let rule = begins.or_else(|| rules.iter().find(|rule| side(rule, true).0 && !side(rule, false).1));
        let seen = if change.cells.len() == pairs {
            "in all pairs".to_owned()
        } else {
            let cells: Vec<String> = change.cells.iter().map(|cell| self.others(cell)).collect();
            format!("with {}", text::list(&cells, 3))
        };
        let Some(rule) = rule else { return escape(&seen) };
        let also = if rule.confounded && !rule.also.is_empty() {
            let also: Vec<&str> = rule.also.iter().take(3).map(String::as_str).collect();
            format!("; not told apart from {}", escape(&also.join(", ")))
        } else {
            String::new()
        };
        let until = if begins.is_some() { "" } else { "no longer " };
        format!("{until}`{}`, {}{also}", code(&rule.when), escape(&seen))
    }

    fn list(&self, changes: &[&SinceChange], out: &mut String) {
        let mut scenarios: Vec<(&str, Vec<&SinceChange>)> = Vec::new();
        for change in changes {
            match scenarios.iter_mut().find(|(name, _)| *name == change.scenario) {
                Some((_, list)) => list.push(change),
                None => scenarios.push((&change.scenario, vec![change])),
            }
        }
        for (scenario, changes) in scenarios {
            let class = |change: &SinceChange| change.after.split(':').next().unwrap_or_default().to_owned();
            let error = class(changes[0]);
            let alike = changes[0].verdict == Verdict::Raises && changes.iter().all(|change| class(change) == error);
            if alike && changes.len() >= TOGETHER {
                let links: Vec<String> = changes.iter().map(|change| self.link(change)).collect();
                let _ = writeln!(out, "- {}, {}: {}", escape(scenario), escape(&error), links.join(", "));
                continue;
            }
            for change in changes {
                let warned = self.warned(change).map(|warned| format!("; {}", escape(&warned))).unwrap_or_default();
                let _ = writeln!(out, "- {}: {}: {}{warned}", escape(scenario), self.link(change), escape(&change.line()));
            }
        }
    }

    /// The observation, and the line that makes it.
    fn link(&self, change: &SinceChange) -> String {
        let name = format!("`{}`", code(&change.observation));
        let Some((scenario, observation)) = self.find(change) else { return name };
        let line = observation.line.map(|line| format!("#L{line}")).unwrap_or_default();
        format!("[{name}](<{}{}{line}>)", self.step.root, address(&scenario.path))
    }

    /// The warning that came before.
    fn warned(&self, change: &SinceChange) -> Option<String> {
        let axis = self.results.axes.iter().find(|axis| axis.name == self.step.axis)?;
        let place = |version: &str| axis.versions.iter().position(|known| known == version);
        let (from, to) = (place(self.step.from)?, place(self.step.to)?);
        let within = |warning: &&Forewarning| {
            let (until, changed) = (place(&warning.until), place(&warning.changed));
            warning.axis == axis.name && until.is_some_and(|until| from <= until) && changed.is_some_and(|changed| changed <= to)
        };
        self.find(change)?.1.forewarned.iter().find(within).map(sentences::forewarned)
    }

    fn find(&self, change: &SinceChange) -> Option<(&'a Scenario, &'a ObservationReport)> {
        let scenario = self.results.scenarios.iter().find(|scenario| scenario.name == change.scenario)?;
        let observation = scenario.observations.iter().find(|observation| observation.name == change.observation)?;
        Some((scenario, observation))
    }
}
