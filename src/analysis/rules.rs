//! Rules: for every change, in which versions it holds.

use std::collections::HashMap;

use super::{
    boxes::{Bound, Clause, Condition},
    grid::Grid,
};
use crate::{
    compare::{Judgement, Verdict},
    observation::{Fact, Raised},
    report::Rule,
};

/// What is known of an observation in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Nothing: it did not run, is flaky or does not apply.
    Unknown,
    /// It behaves as in the baseline.
    Alike,
    /// It changed in this way; see [`effect`].
    Effect(String),
}

/// One observation over all cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `scenario::observation`.
    pub observation: String,
    /// For each cell of the grid, what is known.
    pub told: Vec<Told>,
}

/// A few words for what a judgement says: `raises ValueError`, `float64 → float32`, `value differs`. `None` where nothing
/// changed. `here` is the fact judged.
pub fn effect(judgement: &Judgement, here: Option<&Fact>) -> Option<String> {
    let first = judgement.difference.aspects.first().map_or("", String::as_str);
    Some(match (judgement.verdict?, here) {
        (Verdict::Same | Verdict::Close, _) => return None,
        (Verdict::Warns, _) => {
            let category = judgement.difference.warnings_added.first().map_or("", |warned| &warned.category);
            format!("warns {category}")
        }
        (Verdict::Changed | Verdict::Raises, Some(Fact::Error(raised))) => format!("raises {}", class(raised)),
        (Verdict::Raises, Some(Fact::Value(_)) | None) => "script raises".to_owned(),
        (Verdict::Changed, Some(Fact::Value(_)) | None) => changed(first),
        (Verdict::Returns, _) => "returns".to_owned(),
        (Verdict::Timeout, _) => "takes too long".to_owned(),
        (Verdict::Crash, _) => "crashes".to_owned(),
    })
}

/// The words for the worst aspect of a change, wherever in a container it is.
fn changed(aspect: &str) -> String {
    let aspect = match aspect.strip_prefix("at [").and_then(|rest| rest.split_once("]: ")) {
        Some((_, aspect)) => aspect,
        None => aspect,
    };
    match aspect.strip_prefix("dtype ") {
        Some(dtypes) => dtypes.to_owned(),
        None if aspect.contains('→') || aspect.starts_with("missing") || aspect.starts_with("key") => aspect.to_owned(),
        None if aspect.is_empty() => "differs".to_owned(),
        None => format!("{aspect} differs"),
    }
}

fn class(raised: &Raised) -> &str {
    raised.type_name.rsplit('.').next().unwrap_or(&raised.type_name)
}

/// The rules of all changes, those that hold for most observations first.
///
/// A rule is exact on what is known: it holds in every cell that shows the effect, and in no cell that is known not to.
/// Observations that change alike in the same cells share one. A rule is `confounded` when nothing shows that its axes
/// are the cause: at every bound, either no two cells differ along the axis only, or something else (the interpreter,
/// a package that is no axis and does not just move in step with it) changes with it in all pairs of them.
pub fn rules(grid: &Grid, changes: &[Change]) -> Vec<Rule> {
    let mut known: HashMap<(Vec<usize>, Vec<usize>), (String, bool)> = HashMap::new();
    let mut rules: Vec<Rule> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for change in changes {
        for effect in effects(grid, change) {
            let (holds, fails) = sides(grid, change, effect);
            let (when, confounded) = known
                .entry((holds, fails))
                .or_insert_with_key(|(holds, fails)| {
                    let condition = Condition::describe(grid, holds, fails);
                    (condition.text(grid), is_confounded(grid, &condition, holds, fails))
                })
                .clone();
            let place = *places.entry((when.clone(), effect.to_owned())).or_insert(rules.len());
            if place == rules.len() {
                rules.push(Rule { when, effect: effect.to_owned(), confounded, ..Rule::default() });
            }
            // The same text may have come from other unknown cells; one observation that tells cause from coincidence
            // is enough for the rule.
            rules[place].confounded &= confounded;
            rules[place].observations.push(change.observation.clone());
        }
    }
    rules.sort_by_key(|rule| std::cmp::Reverse(rule.observations.len()));
    rules
}

/// The distinct effects of a change, in the order of cells.
fn effects<'a>(grid: &Grid, change: &'a Change) -> Vec<&'a str> {
    let mut effects: Vec<&str> = Vec::new();
    for (told, cell) in change.told.iter().zip(grid.cells()) {
        match told {
            Told::Effect(effect) if cell.ran && !effects.contains(&effect.as_str()) => effects.push(effect),
            Told::Effect(_) | Told::Alike | Told::Unknown => {}
        }
    }
    effects
}

/// The cells that show an effect, and those known not to.
fn sides(grid: &Grid, change: &Change, effect: &str) -> (Vec<usize>, Vec<usize>) {
    let (mut holds, mut fails) = (Vec::new(), Vec::new());
    for (index, (told, _)) in change.told.iter().zip(grid.cells()).enumerate().filter(|(_, (_, cell))| cell.ran) {
        match told {
            Told::Unknown => {}
            Told::Effect(shown) if shown == effect => holds.push(index),
            Told::Alike | Told::Effect(_) => fails.push(index),
        }
    }
    (holds, fails)
}

fn is_confounded(grid: &Grid, condition: &Condition, holds: &[usize], fails: &[usize]) -> bool {
    let mut bounds = condition.clauses.iter().flat_map(|clause| match clause {
        Clause::Cell(_) => Vec::new(),
        Clause::Within(ranges) => {
            let ranges = ranges.iter().zip(grid.axes()).enumerate();
            ranges.flat_map(|(index, (range, axis))| range.bounds(axis).map(move |bound| (clause, index, bound))).collect()
        }
    });
    let Some(first) = bounds.next() else { return false };
    let known = |cell: usize| holds.contains(&cell) || fails.contains(&cell);
    std::iter::once(first).chain(bounds).all(|(clause, axis, bound)| {
        let place = |cell: usize| grid.cells()[cell].versions[axis];
        let inside = |cell: usize| clause.holds(grid, cell) && holds.contains(&cell);
        let pairs = grid.neighbours(axis, known).into_iter().filter(|&(from, to)| match bound {
            Bound::Lower(version) => place(from) < version && version <= place(to) && inside(to) && fails.contains(&from),
            Bound::Upper(version) => place(from) <= version && version < place(to) && inside(from) && fails.contains(&to),
        });
        // Packages come and go with the one that needs them; that is the same cause.
        let installs = |cell: usize| grid.axes()[axis].has_none && place(cell) == 0;
        let others = pairs.map(|(from, to)| {
            let shifts = grid.shifts(from, to).into_iter();
            let telling = shifts.filter(|shift| !shift.in_step_with(grid.version(from, axis), grid.version(to, axis)));
            let names = telling.map(|shift| shift.name).filter(|name| *name != grid.axes()[axis].name);
            names.filter(|name| !installs(from) || name == "python").collect::<Vec<_>>()
        });
        // What changes in all pairs; nothing known at all is no evidence either.
        let common = others.reduce(|common, names| common.into_iter().filter(|name| names.contains(name)).collect());
        common.is_none_or(|names| !names.is_empty())
    })
}
