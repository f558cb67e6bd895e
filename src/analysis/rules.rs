//! Rules: for every change, in which versions it holds.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    boxes::{Bound, Clause, Condition},
    grid::{Grid, PYTHON},
    shifts,
};
use crate::{
    compare::{Difference, Verdict},
    observation::{Fact, Raised},
    report::Rule,
};

/// Other changes told of a bound.
const ALSO: usize = 4;

/// What is known of an observation in a cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Told {
    /// Nothing: it did not run, is flaky, does not apply, or a failed import broke it.
    Unknown,
    /// It behaves as in the baseline.
    Alike,
    /// It changed in this way; see [`effect`].
    Effect(Arc<str>),
}

/// One observation over all cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `scenario::observation`.
    pub observation: String,
    /// For each cell of the grid, what is known.
    pub told: Vec<Told>,
    /// For each cell, whether it changed silently.
    pub silent: Vec<bool>,
}

/// A few words for what a verdict says: `raises ValueError`, `float64 → float32`, `value differs`. `None` where nothing
/// changed. `here` is the fact judged.
pub fn effect(verdict: Verdict, difference: Option<&Difference>, here: Option<&Fact>) -> Option<String> {
    let first = difference.and_then(|difference| difference.aspects.first()).map_or("", String::as_str);
    Some(match (verdict, here) {
        (Verdict::Same | Verdict::Close, _) => return None,
        (Verdict::Warns, _) => {
            let added = difference.and_then(|difference| difference.warnings_added.first());
            format!("warns {}", added.map_or("", |warned| &warned.category))
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

/// The effect of the rule that says where imports fail.
pub const IMPORT_FAILS: &str = "import fails";

/// Cells that show an effect, and cells known not to.
type Sides = (Vec<usize>, Vec<usize>);

/// A rule while its observations are gathered.
struct Draft {
    rule: Rule,
    condition: Condition,
    holds: BTreeSet<usize>,
    /// Changes, by index.
    observations: BTreeSet<usize>,
    /// What is known of observations that share the rule may differ; the condition is the same.
    sides: Sides,
}

/// The rules of all changes: those with silent changes first, then where imports fail, then the others; those that hold
/// for most observations first among each, and last those that fit several descriptions.
///
/// A rule is exact on what is known: it holds in every cell that shows the effect, and in no cell that is known not to.
/// Observations that change alike in the same cells share one. A rule is `confounded` when nothing shows that its axes
/// are the cause: at every bound, either no two cells differ along the axis only, or something else (the interpreter,
/// a package that is no axis and does not just move in step with it) changes with it in all pairs of them.
pub fn rules(grid: &Grid, changes: &[Change]) -> Vec<Rule> {
    // Thousands of observations change alike: what holds for one holds for all.
    let mut alike: HashMap<&[Told], usize> = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (index, change) in changes.iter().enumerate() {
        let place = *alike.entry(&change.told).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(index);
    }
    let mut known: HashMap<Sides, (Condition, Vec<String>, bool)> = HashMap::new();
    let mut drafts: Vec<Draft> = Vec::new();
    let mut places: HashMap<(String, String), usize> = HashMap::new();
    for group in &groups {
        let Some(told) = group.first().map(|index| &changes[*index].told) else { continue };
        for effect in effects(grid, told) {
            let sides = sides(grid, told, effect);
            let (condition, also, confounded) = known
                .entry(sides.clone())
                .or_insert_with_key(|(holds, fails)| {
                    let condition = Condition::describe(grid, holds, fails);
                    let (also, confounded) = confounders(grid, &condition, holds, fails);
                    (condition, also, confounded)
                })
                .clone();
            let when = condition.text(grid);
            let place = *places.entry((when.clone(), effect.to_owned())).or_insert(drafts.len());
            if place == drafts.len() {
                let rule = Rule { when, effect: effect.to_owned(), confounded, also, ..Rule::default() };
                drafts.push(Draft { rule, condition, holds: BTreeSet::new(), observations: BTreeSet::new(), sides: sides.clone() });
            }
            let draft = &mut drafts[place];
            // The same text may have come from other unknown cells; one observation that tells cause from coincidence
            // is enough for the rule.
            draft.rule.confounded &= confounded;
            draft.holds.extend(&sides.0);
            let silent = |index: &&usize| sides.0.iter().any(|cell| changes[**index].silent[*cell]);
            draft.rule.silent += group.iter().filter(silent).count() as u64;
            draft.observations.extend(group);
        }
    }
    drafts.extend(import_rule(grid));
    let mut rules: Vec<Rule> = drafts.into_iter().map(|draft| draft.finish(grid, changes)).collect();
    let rank = |rule: &Rule| if rule.silent > 0 { 0 } else { 1 + usize::from(rule.effect != IMPORT_FAILS) };
    // What cannot be put down to one axis helps least.
    rules.sort_by_key(|rule| (rank(rule), !rule.alternatives.is_empty(), Reverse(rule.observations.len())));
    rules
}

/// Where imports fail, if they do anywhere.
fn import_rule(grid: &Grid) -> Option<Draft> {
    let ran = (0..grid.cells().len()).filter(|cell| grid.cells()[*cell].ran);
    let (fails, holds): (Vec<usize>, Vec<usize>) = ran.partition(|cell| grid.cells()[*cell].imported);
    if holds.is_empty() {
        return None;
    }
    let condition = Condition::describe(grid, &holds, &fails);
    let (also, confounded) = confounders(grid, &condition, &holds, &fails);
    let rule = Rule { when: condition.text(grid), effect: IMPORT_FAILS.to_owned(), confounded, also, ..Rule::default() };
    Some(Draft { rule, condition, holds: holds.iter().copied().collect(), observations: BTreeSet::new(), sides: (holds, fails) })
}

impl Draft {
    fn finish(self, grid: &Grid, changes: &[Change]) -> Rule {
        let id = |cell: usize| grid.cells()[cell].id.clone();
        let mut rule = self.rule;
        rule.observations = self.observations.iter().map(|index| changes[*index].observation.clone()).collect();
        if !rule.confounded {
            rule.also.clear();
        }
        let unknown = (0..grid.cells().len()).filter(|cell| !self.holds.contains(cell) && self.condition.holds(grid, *cell));
        rule.unknown = unknown.map(id).collect();
        if self.condition.clauses.len() > 1 {
            let alone = |clause: &&Clause| self.holds.iter().filter(|cell| clause.holds(grid, **cell)).count() == 1;
            rule.islands = self.condition.clauses.iter().filter(alone).map(|clause| clause.text(grid)).collect();
        }
        let alternatives = self.condition.alternatives(grid, &self.sides.0, &self.sides.1);
        rule.alternatives = alternatives.iter().map(|other| other.text(grid)).collect();
        rule.cells = self.holds.into_iter().map(id).collect();
        rule
    }
}

/// The distinct effects of a change, in the order of cells.
fn effects<'a>(grid: &Grid, told: &'a [Told]) -> Vec<&'a str> {
    let mut effects: Vec<&str> = Vec::new();
    for (told, cell) in told.iter().zip(grid.cells()) {
        match told {
            Told::Effect(effect) if cell.ran && !effects.contains(&&**effect) => effects.push(effect),
            Told::Effect(_) | Told::Alike | Told::Unknown => {}
        }
    }
    effects
}

/// The cells that show an effect, and those known not to.
fn sides(grid: &Grid, told: &[Told], effect: &str) -> (Vec<usize>, Vec<usize>) {
    let (mut holds, mut fails) = (Vec::new(), Vec::new());
    for (index, (told, _)) in told.iter().zip(grid.cells()).enumerate().filter(|(_, (_, cell))| cell.ran) {
        match told {
            Told::Unknown => {}
            Told::Effect(shown) if **shown == *effect => holds.push(index),
            Told::Alike | Told::Effect(_) => fails.push(index),
        }
    }
    (holds, fails)
}

/// What else changes at every bound of a condition, as text, and whether that (or nothing known at all) keeps its axes
/// from being shown to be the cause.
fn confounders(grid: &Grid, condition: &Condition, holds: &[usize], fails: &[usize]) -> (Vec<String>, bool) {
    let mut known = vec![None; grid.cells().len()];
    for (cells, side) in [(holds, true), (fails, false)] {
        for &cell in cells {
            known[cell] = Some(side);
        }
    }
    let mut also = Vec::new();
    let mut bounded = false;
    for clause in &condition.clauses {
        let Clause::Within(ranges) = clause else { continue };
        for (axis, (range, view)) in ranges.iter().zip(grid.axes()).enumerate() {
            for bound in range.bounds(view) {
                bounded = true;
                let place = |cell: usize| grid.cells()[cell].versions[axis];
                let inside = |cell: usize| known[cell] == Some(true) && clause.holds(grid, cell);
                let mut pairs = grid.neighbours(axis, |cell| known[cell].is_some());
                pairs.retain(|&(from, to)| match bound {
                    Bound::Lower(version) => place(from) < version && version <= place(to) && inside(to) && known[from] == Some(false),
                    Bound::Upper(version) => place(from) <= version && version < place(to) && inside(from) && known[to] == Some(false),
                });
                // Packages come and go with the one that needs them; that is the same cause.
                let comes = pairs.iter().any(|(from, _)| view.has_none && place(*from) == 0);
                let mut moves = grid.moves(axis, &pairs);
                moves.retain(|shift| shift.everywhere && !shift.in_step && (!comes || shift.name == PYTHON));
                if !pairs.is_empty() && moves.is_empty() {
                    return (Vec::new(), false);
                }
                also.extend(shifts::nearest(&moves, ALSO));
            }
        }
    }
    let mut seen = BTreeSet::new();
    also.retain(|text: &String| seen.insert(text.clone()));
    (also, bounded)
}
