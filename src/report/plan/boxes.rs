//! Many cells with the same remark, told as few ranges.

use std::collections::{BTreeMap, BTreeSet};

use super::is_about;
use crate::{
    matrix::AxisVersion,
    plan::{Plan, PlanCell},
};

/// Positions of a cell's versions on their axes.
type Position = Vec<usize>;

/// A box of cells: the positions of each axis.
type Span = Vec<Vec<usize>>;

/// Groups remarks of a plan.
pub(super) struct Boxes<'a> {
    plan: &'a Plan,
}

impl<'a> Boxes<'a> {
    pub(super) fn new(plan: &'a Plan) -> Self {
        Self { plan }
    }

    /// `tensorflow-cpu 2.12.1 requires numpy<1.24,>=1.22: with numpy 1.24.4–2.2.6`.
    pub(super) fn conflicts(&self) -> Vec<String> {
        let cells = self.plan.cells.iter().filter(|cell| cell.unavailable.is_none());
        self.told(cells.flat_map(|cell| cell.conflicts.iter().map(move |text| (self.position(cell), text.as_str()))))
    }

    /// `numpy 2.3.5–2.4.6 has wheels for CPython 3.11–3.14 only; tensorflow-cpu 2.8.4–2.10.1 for 3.7–3.10`.
    pub(super) fn unavailable(&self) -> Vec<String> {
        self.told(self.plan.cells.iter().filter_map(|cell| Some((self.position(cell), cell.unavailable.as_deref()?))))
    }

    /// `numpy 2.0.2–2.4.6 × tensorflow 2.8.4: no common interpreter`.
    pub(super) fn excluded(&self) -> Vec<String> {
        let everything = boxes_of_all(&self.plan.axes.iter().map(|axis| axis.versions.len()).collect::<Vec<_>>());
        let ids: Vec<(String, Position)> = everything.into_iter().map(|position| (self.id(&position), position)).collect();
        let mut groups: Vec<(&str, BTreeSet<Position>)> = Vec::new();
        for excluded in &self.plan.excluded {
            let position = ids.iter().find(|(id, _)| is_about(&excluded.id, id)).map(|(_, position)| position.clone());
            add(&mut groups, &excluded.reason, position);
        }
        let mut lines = Vec::new();
        for (reason, positions) in groups {
            for span in spans(&positions) {
                let ranges: Vec<_> =
                    (0..span.len()).map(|axis| format!("{} {}", self.plan.axes[axis].name, self.range(axis, &span))).collect();
                lines.push(format!("{}: {reason}", ranges.join(" × ")));
            }
        }
        lines
    }

    /// Groups texts that differ only in the versions of the cell's packages.
    fn told<'t>(&self, texts: impl Iterator<Item = (Position, &'t str)>) -> Vec<String> {
        let mut groups: Vec<(String, BTreeSet<Position>)> = Vec::new();
        for (position, text) in texts {
            let template = (0..position.len()).fold(text.to_owned(), |text, axis| {
                let version = &self.plan.axes[axis].versions[position[axis]];
                text.replace(&format!("{} {version} ", self.plan.axes[axis].package), &mark(axis))
            });
            match groups.iter_mut().find(|(other, _)| *other == template) {
                Some((_, positions)) => {
                    positions.insert(position);
                }
                None => groups.push((template, BTreeSet::from([position]))),
            }
        }
        let mut lines = Vec::new();
        for (template, positions) in groups {
            for span in spans(&positions) {
                let mut line = template.clone();
                let mut others = Vec::new();
                for axis in 0..span.len() {
                    let range = self.range(axis, &span);
                    if template.contains(&mark(axis)) {
                        line = line.replace(&mark(axis), &format!("{} {range} ", self.plan.axes[axis].package));
                    } else {
                        others.push(format!("{} {range}", self.plan.axes[axis].name));
                    }
                }
                let others = if others.is_empty() { String::new() } else { format!(": with {}", others.join(" × ")) };
                // Later axes first: the packages that require something usually stand there.
                let order: Vec<usize> = span.iter().rev().filter_map(|side| side.first().copied()).collect();
                lines.push((order, format!("{line}{others}")));
            }
        }
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    }

    fn position(&self, cell: &PlanCell) -> Position {
        let find = |(versions, version): (&Vec<String>, &AxisVersion)| {
            let text = version.to_string();
            versions.iter().position(|other| *other == text).unwrap_or(0)
        };
        self.plan.axes.iter().map(|axis| &axis.versions).zip(&cell.versions).map(find).collect()
    }

    fn id(&self, position: &[usize]) -> String {
        let parts = self.plan.axes.iter().zip(position).map(|(axis, at)| format!("{}-{}", axis.name, axis.versions[*at]));
        parts.collect::<Vec<_>>().join("+")
    }

    /// `1.24.4–2.0.2, 2.2.6`.
    fn range(&self, axis: usize, span: &Span) -> String {
        let versions = &self.plan.axes[axis].versions;
        let runs = span[axis].chunk_by(|one, next| *next == one + 1);
        let texts = runs.filter_map(|run| match run {
            [] => None,
            [one] => Some(versions[*one].clone()),
            [first, .., last] => Some(format!("{}–{}", versions[*first], versions[*last])),
        });
        texts.collect::<Vec<_>>().join(", ")
    }
}

fn mark(axis: usize) -> String {
    format!("\u{1}{axis}\u{1}")
}

fn add<'t>(groups: &mut Vec<(&'t str, BTreeSet<Position>)>, reason: &'t str, position: Option<Position>) {
    match groups.iter_mut().find(|(other, _)| *other == reason) {
        Some((_, positions)) => positions.extend(position),
        None => groups.push((reason, position.into_iter().collect())),
    }
}

fn boxes_of_all(lengths: &[usize]) -> Vec<Position> {
    lengths.iter().fold(vec![Vec::new()], |shorter, length| {
        shorter.iter().flat_map(|position| (0..*length).map(move |at| [position.as_slice(), &[at]].concat())).collect()
    })
}

/// Positions as few boxes: those that differ in the last axis only are one, then those that differ in the one before.
fn spans(positions: &BTreeSet<Position>) -> Vec<Span> {
    let Some(axes) = positions.first().map(Vec::len) else { return Vec::new() };
    if axes == 0 {
        return vec![Vec::new()];
    }
    let mut by_last: BTreeMap<usize, BTreeSet<Position>> = BTreeMap::new();
    for position in positions {
        by_last.entry(position[axes - 1]).or_default().insert(position[..axes - 1].to_vec());
    }
    let mut merged: Vec<(BTreeSet<Position>, Vec<usize>)> = Vec::new();
    for (last, rest) in by_last {
        match merged.iter_mut().find(|(other, _)| *other == rest) {
            Some((_, lasts)) => lasts.push(last),
            None => merged.push((rest, vec![last])),
        }
    }
    let spans = merged
        .into_iter()
        .flat_map(|(rest, lasts)| spans(&rest).into_iter().map(move |span| [span.as_slice(), std::slice::from_ref(&lasts)].concat()));
    spans.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_as_few_boxes() {
        let positions = BTreeSet::from([vec![0, 0], vec![1, 0], vec![0, 1], vec![1, 1], vec![2, 2]]);
        assert_eq!(spans(&positions), [[vec![0, 1], vec![0, 1]], [vec![2], vec![2]]]);
    }

    #[test]
    fn boxes_have_as_many_sides_as_there_are_axes() {
        assert_eq!(spans(&BTreeSet::from([vec![3], vec![5]])), [[vec![3, 5]]]);
        let cube = BTreeSet::from([vec![0, 0, 0], vec![0, 0, 1], vec![0, 1, 0], vec![0, 1, 1]]);
        assert_eq!(spans(&cube), [[vec![0], vec![0, 1], vec![0, 1]]]);
    }
}
