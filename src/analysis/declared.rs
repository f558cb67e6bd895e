//! What packages declare of each other, beside what the cells show.

use std::collections::BTreeMap;

use super::boxes;
use crate::{
    plan::{PlanAxis, Requirement},
    report::{Alike, Bound, Broken, Cell, State},
};

/// A cell and what its packages require.
#[derive(Clone, Copy, Debug)]
pub struct Declaring<'a> {
    /// The cell, with its class.
    pub cell: &'a Cell,
    /// What the packages of its axes require.
    pub requirements: &'a [Requirement],
    /// Why it does not work, in one line.
    pub cause: Option<&'a str>,
}

/// Whether a combination installs and imports; `None` where that is not known.
fn works(cell: &Cell) -> Option<bool> {
    match cell.state {
        State::Ran => Some(true),
        State::ImportFailed | State::Unresolvable | State::InstallFailed => Some(false),
        State::Unavailable | State::Infra | State::NotRun => None,
    }
}

/// For every release of an axis that requires the package of another one: what it declares, and the bound that the cells
/// support. A version works if everything installs and imports in at least one of its cells, whatever the further axes
/// are; how the packages behave then is what classes and rules tell. In the order of axes and versions.
pub fn bounds(axes: &[PlanAxis], baseline: &str, cells: &[Declaring<'_>]) -> Vec<Bound> {
    let mut bounds = Vec::new();
    for axis in axes {
        for version in &axis.versions {
            let own: Vec<&Declaring<'_>> = cells.iter().filter(|it| it.cell.axes.get(&axis.name) == Some(version)).collect();
            for other in axes.iter().filter(|other| other.name != axis.name) {
                let is_own = |requirement: &&Requirement| {
                    requirement.package == axis.package && requirement.version == *version && requirement.on == other.package
                };
                // What holds on one interpreter holds together; on another it may be something else.
                let mut declared: Vec<String> = Vec::new();
                for it in &own {
                    let mut bounds: Vec<String> = it.requirements.iter().filter(is_own).map(Requirement::bound).collect();
                    bounds.dedup();
                    let text = bounds.join(", ");
                    if !text.is_empty() && !declared.contains(&text) {
                        declared.push(text);
                    }
                }
                if !declared.is_empty() {
                    bounds.push(bound(axis, version, other, &declared, &own, baseline, cells));
                }
            }
        }
    }
    bounds
}

fn bound(
    axis: &PlanAxis,
    version: &str,
    other: &PlanAxis,
    declared: &[String],
    own: &[&Declaring<'_>],
    baseline: &str,
    all: &[Declaring<'_>],
) -> Bound {
    let mut known: BTreeMap<usize, bool> = BTreeMap::new();
    let place = |cell: &Cell| cell.axes.get(&other.name).and_then(|wanted| other.versions.iter().position(|version| version == wanted));
    let on = |cell: &Cell| cell.axes.get(&other.name).cloned().unwrap_or_default();
    for it in own {
        let Some(place) = place(it.cell).filter(|place| other.versions[*place] != "none") else { continue };
        if let Some(works) = works(it.cell) {
            *known.entry(place).or_default() |= works;
        }
    }
    let pick =
        |wanted: bool| known.iter().filter(|(_, works)| **works == wanted).map(|(place, _)| other.versions[*place].clone()).collect();
    let requires = format!("{} {version} requires {}", axis.package, other.package);
    // Another package's name may begin with this one's.
    let breaks = |text: &String| {
        let rest = text.strip_prefix(&requires);
        rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric() || "-_.".contains(next)))
    };
    let mut bound = Bound {
        package: axis.package.clone(),
        version: version.to_owned(),
        on: other.package.clone(),
        declared: Some(declared.join(" | ")),
        observed: observed(other, &known),
        works: pick(true),
        breaks: pick(false),
        allowed_but_broken: Vec::new(),
        forbidden_but_alike: Vec::new(),
    };
    for it in own {
        let cell = it.cell;
        if cell.declared && works(cell) == Some(false) {
            let cause = it.cause.map(str::to_owned);
            bound.allowed_but_broken.push(Broken { cell: cell.id.clone(), version: on(cell), cause });
        }
        if cell.conflicts.iter().any(breaks) && cell.class.is_some() {
            let here = place(cell);
            let same_else = |one: &Cell| {
                let others =
                    |cell: &Cell| cell.axes.iter().filter(|(name, _)| **name != other.name).map(|(_, version)| version.clone()).collect();
                let (a, b): (Vec<String>, Vec<String>) = (others(one), others(cell));
                a == b
            };
            let alike = |it: &&Declaring<'_>| it.cell.class == cell.class && it.cell.declared;
            let distance = |it: &&Declaring<'_>| place(it.cell).zip(here).map_or(usize::MAX, |(one, here)| one.abs_diff(here));
            let near = all.iter().filter(|it| same_else(it.cell)).filter(alike).min_by_key(distance);
            let like =
                near.or_else(|| all.iter().find(|it| it.cell.id == baseline && it.cell.class == cell.class && it.cell.id != cell.id));
            if let Some(like) = like {
                bound.forbidden_but_alike.push(Alike { cell: cell.id.clone(), version: on(cell), like: like.cell.id.clone() });
            }
        }
    }
    bound
}

/// `numpy>=1.23.5,<2.0`: runs of versions that work, each from its first one (nothing is known of those between it and
/// the one before) to the series of the first that does not; several are joined by ` | `. Versions that nothing is known
/// of are not vouched for where they lie beside one that breaks.
fn observed(axis: &PlanAxis, known: &BTreeMap<usize, bool>) -> Option<String> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    let mut open = false;
    for (&place, &works) in known {
        match (works, runs.last_mut()) {
            (true, Some(run)) if open => run.1 = place,
            (true, _) => runs.push((place, place)),
            (false, _) => {}
        }
        open = works;
    }
    let text = |&(first, last): &(usize, usize)| {
        let breaks_after = known.range(last + 1..).any(|(_, works)| !works);
        let upper = if breaks_after { format!(",{}", boxes::upper(&axis.versions, last)) } else { String::new() };
        format!("{}>={}{upper}", axis.package, axis.versions[first])
    };
    (!runs.is_empty()).then(|| runs.iter().map(text).collect::<Vec<_>>().join(" | "))
}
