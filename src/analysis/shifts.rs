//! What changes between two cells besides the axis one looks along, and how near that is to the axis.

use std::collections::{BTreeMap, BTreeSet};

use pep440_rs::Version;

use super::grid::{Grid, GridCell, NONE, PYTHON};

/// Something other than the axis that changed from one cell to another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shift {
    /// `python`, or the normalised name of a package.
    name: String,
    from: String,
    to: String,
    /// A package of an axis, on one side, does not allow the version on the other: whoever takes the step along the axis
    /// has to take this one too.
    demanded: bool,
}

impl Shift {
    /// Whether a package moved in step with the axis, so that nothing can tell them apart: both went from one minor
    /// series of the same number to another.
    fn in_step_with(&self, from: &str, to: &str) -> bool {
        let series = |version: &str| version.parse::<Version>().ok().and_then(|version| Some(version.release().get(..2)?.to_vec()));
        let same = |one: &str, other: &str| series(one).is_some_and(|one| series(other) == Some(one));
        self.name != PYTHON && same(&self.from, from) && same(&self.to, to)
    }

    /// How large the step is: 0 for another major release, 1 for a minor one, 2 for less, 3 for a package that comes or
    /// goes, which is rarely what a scenario uses.
    fn size(&self) -> usize {
        let (Ok(from), Ok(to)) = (self.from.parse::<Version>(), self.to.parse::<Version>()) else { return 3 };
        let differs = |index: usize| from.release().get(index) != to.release().get(index);
        (0..2).find(|index| differs(*index)).unwrap_or(2)
    }
}

/// How near to the axes something is that changed, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    /// The interpreter, which everything runs on.
    Python,
    /// A package that an axis requires directly and that had to change; see [`Shift::demanded`].
    Demanded,
    /// A package that an axis requires directly, or any where that is not known.
    Direct,
    /// A package that only moved in step with the axis.
    InStep,
    /// A package that only others require.
    Distant,
}

/// Something that changed in most pairs of cells across a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// `python`, or the normalised name of a package.
    pub(super) name: String,
    /// `keras 2.15.0 → 3.3.3`, with ` (3 of 4)` where it changed in some of the pairs only.
    pub(super) text: String,
    /// It changed in all of them.
    pub(super) everywhere: bool,
    /// It moved in step with the axis; see [`Shift::in_step_with`].
    pub(super) in_step: bool,
    nearness: Nearness,
}

impl Grid {
    /// What changed from one cell to another, the axes' own packages aside.
    fn shifts(&self, from: usize, to: usize) -> Vec<Shift> {
        let (one, other) = (&self.cells()[from], &self.cells()[to]);
        let mut shifts = Vec::new();
        if one.python != other.python {
            shifts.push(Shift { name: PYTHON.to_owned(), from: one.python.clone(), to: other.python.clone(), demanded: false });
        }
        if one.packages.is_empty() || other.packages.is_empty() {
            return shifts;
        }
        let version = |cell: &GridCell, name: &str| cell.packages.get(name).cloned().unwrap_or_else(|| NONE.to_owned());
        let names: BTreeSet<&String> = one.packages.keys().chain(other.packages.keys()).collect();
        for name in names.into_iter().filter(|name| !self.installs(name)) {
            let (from, to) = (version(one, name), version(other, name));
            if from != to {
                let demanded = forbids(one, name, &to) || forbids(other, name, &from);
                shifts.push(Shift { name: name.clone(), from, to, demanded });
            }
        }
        shifts
    }

    /// What changed in most of these pairs along an axis, the most telling first: the interpreter, packages that the axes
    /// require directly, those before the others that the step along the axis demands, and last what only moved in step
    /// with the axis or what only other packages require. Among each, what changed in all pairs comes first, then large
    /// steps before small ones.
    pub(super) fn moves(&self, axis: usize, pairs: &[(usize, usize)]) -> Vec<Move> {
        let mut seen: BTreeMap<String, Vec<(Shift, bool)>> = BTreeMap::new();
        for &(from, to) in pairs {
            for shift in self.shifts(from, to).into_iter().filter(|shift| shift.name != self.axes()[axis].name) {
                let in_step = shift.in_step_with(self.version(from, axis), self.version(to, axis));
                seen.entry(shift.name.clone()).or_default().push((shift, in_step));
            }
        }
        let direct = self.direct(pairs);
        let mut ranked: Vec<_> = seen
            .into_iter()
            .filter(|(_, shifts)| 2 * shifts.len() > pairs.len())
            .map(|(name, shifts)| {
                let mostly = |is: &dyn Fn(&(Shift, bool)) -> bool| 2 * shifts.iter().filter(|shift| is(shift)).count() > shifts.len();
                let in_step = mostly(&|(_, in_step)| *in_step);
                let nearness = match (&name, &direct) {
                    (name, _) if name == PYTHON => Nearness::Python,
                    (name, Some(direct)) if !direct.contains(name.as_str()) => Nearness::Distant,
                    _ if in_step => Nearness::InStep,
                    _ if mostly(&|(shift, _)| shift.demanded) => Nearness::Demanded,
                    _ => Nearness::Direct,
                };
                let step = shifts.iter().map(|(shift, _)| shift.size()).min().unwrap_or(3);
                let everywhere = shifts.len() == pairs.len();
                let ends = [spread(shifts.iter().map(|(shift, _)| &shift.from)), spread(shifts.iter().map(|(shift, _)| &shift.to))];
                let some = if everywhere { String::new() } else { format!(" ({} of {})", shifts.len(), pairs.len()) };
                let text = format!("{name} {} → {}{some}", ends[0], ends[1]);
                ((nearness, !everywhere, step), Move { name, text, everywhere, in_step, nearness })
            })
            .collect();
        ranked.sort_by(|(one, a), (other, b)| one.cmp(other).then_with(|| a.text.cmp(&b.text)));
        ranked.into_iter().map(|(_, shift)| shift).collect()
    }

    /// The first of [`Self::moves`], as text.
    pub(super) fn also(&self, axis: usize, pairs: &[(usize, usize)], most: usize) -> Vec<String> {
        nearest(&self.moves(axis, pairs), most)
    }

    /// What the axes require directly on either side of these pairs, their own packages aside; `None` where that is not
    /// known, as in records that were made before it was kept.
    fn direct(&self, pairs: &[(usize, usize)]) -> Option<BTreeSet<&str>> {
        let cells = pairs.iter().flat_map(|(from, to)| [*from, *to]);
        let names = cells.flat_map(|cell| self.cells()[cell].requires.keys()).map(String::as_str);
        let names: BTreeSet<&str> = names.filter(|name| !self.installs(name)).collect();
        (!names.is_empty()).then_some(names)
    }
}

/// The first of these, as text. What only other packages require is told where nothing nearer changed.
pub(super) fn nearest(moves: &[Move], most: usize) -> Vec<String> {
    let near = moves.iter().filter(|shift| shift.nearness != Nearness::Distant).count();
    let most = if near > 0 { near.min(most) } else { most };
    moves.iter().take(most).map(|shift| shift.text.clone()).collect()
}

/// Whether a package of the cell's axes requires another version than this one.
fn forbids(cell: &GridCell, name: &str, version: &str) -> bool {
    let Ok(version) = version.parse::<Version>() else { return false };
    cell.requires.get(name).is_some_and(|ranges| ranges.iter().any(|range| !range.contains(&version)))
}

/// `3.3.3`, or the oldest and the newest of several: `3.3.3–3.4.0`.
fn spread<'a>(versions: impl Iterator<Item = &'a String>) -> String {
    let mut versions: Vec<&String> = versions.collect();
    versions.sort_by_cached_key(|version| version.parse::<Version>().ok());
    match (versions.first(), versions.last()) {
        (Some(first), Some(last)) if first != last => format!("{first}–{last}"),
        (Some(one), _) => (*one).clone(),
        (None, _) => NONE.to_owned(),
    }
}
