//! Finding the fault lines without running the whole grid: which cells to run next, given what is known so far, and what
//! to expect of those that were not run.
//!
//! A *step* is a pair of neighbouring cells, a *gap* the place between two neighbouring versions that it crosses. A gap is
//! a fault line as soon as one step across it differs; that it is none is never certain. So the search grows a set of
//! cells from the baseline, always by the cell that promises most: a step across a gap not known to be a line, from a
//! cell whose packages import, to one that the metadata judges otherwise or from which more such steps can be taken. A
//! gap whose steps do not differ is tried again, each time with less hope. When nothing is worth trying, what is left of
//! the budget goes into spot checks far from every cell that ran.
//!
//! Everything here is a pure function of the grid and the answers so far, so the same matrix is searched in the same way
//! on every machine.

use std::collections::{BTreeSet, VecDeque};

use super::grid::Grid;
use crate::report::State;

/// Of the cells that can be run, how many in a hundred the search runs at most.
const SHARE: usize = 35;
/// One in so many cells of the budget is kept for spot checks.
const SPOT_CHECKS: usize = 20;
/// One in so many cells of the budget is asked for at a time.
const AT_A_TIME: usize = 8;

// What to hope for. Chosen on the grid of this repository and on random ones: see `docs/search.md`.
/// That packages import together where their metadata allows it.
const WORKS_IF_ALLOWED: f64 = 0.85;
/// And where it does not.
const WORKS_IF_FORBIDDEN: f64 = 0.35;
/// How far a neighbour that the metadata judges alike draws that towards what became of it.
const NEIGHBOUR: f64 = 0.5;
/// That two neighbours differ whose packages import.
const DIFFER_IF_WORKING: f64 = 0.5;
/// That two neighbours differ whose imports fail.
const DIFFER_IF_FAILING: f64 = 0.1;
/// What is left of the hope in a gap after each step across it that does not differ.
const AFTER_NO_DIFFERENCE: f64 = 0.5;
/// What a step that can be taken later is worth.
const LATER: f64 = 0.3;
/// A cell that promises less is not asked for.
const WORTH_ASKING: f64 = 0.1;

/// How many of so many cells a search runs at most.
pub fn budget(cells: usize) -> usize {
    (cells * SHARE / 100).max(1)
}

/// What is known of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing yet.
    Open,
    /// It was run and gave no answer, which says nothing about it.
    Lost,
    /// What became of it.
    Answered(Answer),
}

/// What became of a cell. Equal answers look alike in a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its state.
    pub state: State,
    /// Number of its class, where it ran.
    pub class: Option<usize>,
}

impl Answer {
    fn works(self) -> bool {
        self.state == State::Ran
    }

    fn installed(self) -> bool {
        matches!(self.state, State::Ran | State::ImportFailed)
    }

    /// Whether something changes from one to the other; `None` where one of them could not even be installed, so that
    /// there is nothing to compare.
    fn differs(self, other: Self) -> Option<bool> {
        (self.installed() && other.installed()).then_some(self != other)
    }
}

impl Seen {
    fn answer(self) -> Option<Answer> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Open | Self::Lost => None,
        }
    }
}

/// The place between two neighbouring versions of an axis, as indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gap {
    /// Axis of the grid.
    pub axis: usize,
    /// Version before.
    pub from: usize,
    /// Version after.
    pub to: usize,
}

/// Two neighbouring cells.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Index of the gap between them; `None` where narrower steps cross the same place.
    gap: Option<usize>,
    axis: usize,
    ends: [usize; 2],
}

impl Step {
    fn other(&self, cell: usize) -> usize {
        if self.ends[0] == cell { self.ends[1] } else { self.ends[0] }
    }

    /// Whether something changes; `None` while that is not known.
    fn differs(&self, seen: &[Seen]) -> Option<bool> {
        let [from, to] = self.ends;
        seen[from].answer()?.differs(seen[to].answer()?)
    }
}

/// A grid that is searched.
#[derive(Clone, Debug)]
pub struct Search {
    /// For each cell, the index of its version on each axis.
    places: Vec<Vec<usize>>,
    /// Whether a cell may be asked for.
    may_run: Vec<bool>,
    /// Whether the packages' metadata allows it.
    declared: Vec<bool>,
    start: usize,
    gaps: Vec<Gap>,
    steps: Vec<Step>,
    /// For each cell the steps that begin or end there.
    around: Vec<Vec<usize>>,
}

/// What the answers so far say of the gaps.
struct Tally {
    /// A step across it differs.
    found: Vec<bool>,
    /// Steps across it that do not.
    tries: Vec<i32>,
}

impl Search {
    /// A search that begins at cell `start`. A cell of `grid` may be asked for if it is marked as one that ran;
    /// `declared` says of each whether metadata allows it.
    pub fn new(grid: &Grid, declared: Vec<bool>, start: usize) -> Self {
        let cells = grid.cells();
        let mut crossings = Vec::new();
        for (axis, view) in grid.axes().iter().enumerate() {
            // *Not installed* is no version, and no line lies beside it.
            let is_version = |cell: usize| !(view.has_none && cells[cell].versions[axis] == 0);
            for (older, newer) in grid.neighbours(axis, is_version) {
                let gap = Gap { axis, from: cells[older].versions[axis], to: cells[newer].versions[axis] };
                crossings.push((gap, [older, newer]));
            }
        }
        let all: BTreeSet<Gap> = crossings.iter().map(|(gap, _)| *gap).collect();
        let inside =
            |inner: &Gap, outer: &Gap| inner != outer && inner.axis == outer.axis && outer.from <= inner.from && inner.to <= outer.to;
        let gaps: Vec<Gap> = all.iter().filter(|outer| !all.iter().any(|inner| inside(inner, outer))).copied().collect();
        let step = |(gap, ends): (Gap, [usize; 2])| Step { gap: gaps.iter().position(|known| *known == gap), axis: gap.axis, ends };
        let steps: Vec<Step> = crossings.into_iter().map(step).collect();
        let mut around = vec![Vec::new(); cells.len()];
        for (number, step) in steps.iter().enumerate() {
            for end in step.ends {
                around[end].push(number);
            }
        }
        Self {
            places: cells.iter().map(|cell| cell.versions.clone()).collect(),
            may_run: cells.iter().map(|cell| cell.ran).collect(),
            declared,
            start,
            gaps,
            steps,
            around,
        }
    }

    /// How many cells the search runs at most.
    pub fn budget(&self) -> usize {
        budget(self.may_run.iter().filter(|may| **may).count())
    }

    /// The gaps that are known to be fault lines.
    pub fn lines(&self, seen: &[Seen]) -> Vec<Gap> {
        let tally = self.tally(seen);
        self.gaps.iter().zip(tally.found).filter(|(_, found)| *found).map(|(gap, _)| *gap).collect()
    }

    fn tally(&self, seen: &[Seen]) -> Tally {
        let mut tally = Tally { found: vec![false; self.gaps.len()], tries: vec![0; self.gaps.len()] };
        for (step, gap) in self.steps.iter().filter_map(|step| Some((step, step.gap?))) {
            match step.differs(seen) {
                Some(true) => tally.found[gap] = true,
                Some(false) => tally.tries[gap] += 1,
                None => {}
            }
        }
        tally
    }

    /// The cells to run next; none when the search is over.
    pub fn next(&self, seen: &[Seen]) -> Vec<usize> {
        let asked = (0..seen.len()).filter(|&cell| self.may_run[cell] && seen[cell] != Seen::Open).count();
        let budget = self.budget();
        let most = (budget / AT_A_TIME).max(1).min(budget.saturating_sub(asked));
        let kept = budget / SPOT_CHECKS;
        let mut tally = self.tally(seen);
        let mut chosen: Vec<usize> = Vec::new();
        while chosen.len() < most {
            let left = budget - asked - chosen.len();
            let promising = if left > kept { self.promising(seen, &tally, &chosen, left - kept) } else { Vec::new() };
            if promising.is_empty() {
                let Some(far) = self.far(seen, &chosen) else { break };
                chosen.push(far);
            }
            for cell in promising {
                // Until the answer is there, the steps that it takes count as taken.
                for gap in self.around[cell].iter().filter_map(|&step| self.steps[step].gap) {
                    tally.tries[gap] += 1;
                }
                chosen.push(cell);
            }
        }
        chosen.sort_unstable();
        chosen
    }

    /// The cell that promises most, or two neighbours where that takes two.
    fn promising(&self, seen: &[Seen], tally: &Tally, chosen: &[usize], room: usize) -> Vec<usize> {
        let open = |cell: usize| self.may_run[cell] && seen[cell] == Seen::Open && !chosen.contains(&cell);
        if open(self.start) {
            return vec![self.start];
        }
        let mut best: (f64, Vec<usize>) = (WORTH_ASKING, Vec::new());
        for cell in (0..seen.len()).filter(|&cell| open(cell)) {
            let alone = self.promise(cell, None, seen, tally, chosen);
            if alone > best.0 {
                best = (alone, vec![cell]);
            }
            for &step in &self.around[cell] {
                let other = self.steps[step].other(cell);
                let needed = self.steps[step].gap.is_some_and(|gap| !tally.found[gap]);
                if room < 2 || !needed || !open(other) {
                    continue;
                }
                let both = self.promise(cell, Some(other), seen, tally, chosen) / 2.0;
                if both > best.0 {
                    best = (both, vec![cell, other]);
                }
            }
        }
        best.1
    }

    /// How many lines a cell may be hoped to find, alone or together with a neighbour that is run as well; 0 if none by
    /// itself.
    fn promise(&self, cell: usize, with: Option<usize>, seen: &[Seen], tally: &Tally, chosen: &[usize]) -> f64 {
        let works = self.works(cell, seen);
        let (mut now, mut later) = (0.0, 0.0);
        for step in self.around[cell].iter().map(|&step| &self.steps[step]) {
            let Some(gap) = step.gap.filter(|&gap| !tally.found[gap]) else { continue };
            let hope = AFTER_NO_DIFFERENCE.powi(tally.tries[gap]);
            let other = step.other(cell);
            let neighbour_works = match seen[other] {
                Seen::Answered(answer) if answer.installed() => f64::from(u8::from(answer.works())),
                Seen::Answered(_) | Seen::Lost => continue,
                Seen::Open if with == Some(other) => self.works(other, seen),
                Seen::Open if chosen.contains(&other) => continue,
                Seen::Open => {
                    later += hope;
                    continue;
                }
            };
            let both = works * neighbour_works * DIFFER_IF_WORKING;
            let one = works * (1.0 - neighbour_works) + neighbour_works * (1.0 - works);
            let neither = (1.0 - works) * (1.0 - neighbour_works) * DIFFER_IF_FAILING;
            now += hope * (both + one + neither);
        }
        if now > 0.0 { now + LATER * works * later } else { 0.0 }
    }

    /// How likely a cell's packages import.
    fn works(&self, cell: usize, seen: &[Seen]) -> f64 {
        let mut works = if self.declared[cell] { WORKS_IF_ALLOWED } else { WORKS_IF_FORBIDDEN };
        for &step in &self.around[cell] {
            let other = self.steps[step].other(cell);
            let alike = self.declared[other] == self.declared[cell];
            if let Some(answer) = seen[other].answer().filter(|_| alike) {
                works += NEIGHBOUR * (f64::from(u8::from(answer.works())) - works);
            }
        }
        works
    }

    /// The first of the cells that lie farthest from every cell that ran, two steps at least.
    fn far(&self, seen: &[Seen], chosen: &[usize]) -> Option<usize> {
        let mut distance = vec![None; seen.len()];
        let asked = (0..seen.len()).filter(|cell| seen[*cell] != Seen::Open || chosen.contains(cell));
        let mut queue: VecDeque<usize> = asked.collect();
        for &cell in &queue {
            distance[cell] = Some(0usize);
        }
        while let Some(cell) = queue.pop_front() {
            for &step in &self.around[cell] {
                let other = self.steps[step].other(cell);
                if distance[other].is_none() {
                    distance[other] = distance[cell].map(|steps| steps + 1);
                    queue.push_back(other);
                }
            }
        }
        let far = (0..seen.len()).filter(|&cell| self.may_run[cell]);
        far.filter_map(|cell| Some((distance[cell].filter(|steps| *steps > 1)?, cell)))
            .max_by_key(|(steps, cell)| (*steps, std::cmp::Reverse(*cell)))
            .map(|(_, cell)| cell)
    }

    /// For each cell that was not run the one that it is expected to look like, where all that is known agrees:
    ///
    /// - what lies along an axis between two cells that look alike, with nothing known between them, looks like them;
    /// - so does what can be reached from a cell by steps that change nothing the metadata says, and that cross no gap
    ///   known to be a line, unless the nearest known steps across it show no difference.
    ///
    /// Where these disagree, or reach nothing, nothing is expected.
    pub fn inferred(&self, seen: &[Seen]) -> Vec<Option<usize>> {
        let mut expected = Expected { seen, like: vec![Vec::new(); seen.len()] };
        let known: Vec<usize> = (0..seen.len()).filter(|&cell| seen[cell].answer().is_some()).collect();
        let evidence = self.evidence(seen);
        for &cell in &known {
            self.between(cell, &mut expected);
            self.flood(cell, &evidence, &mut expected);
        }
        let only = |like: Vec<usize>| if let [one] = like.as_slice() { Some(*one) } else { None };
        expected.like.into_iter().map(only).collect()
    }

    /// Goes along each axis to the next cell that is known.
    fn between(&self, start: usize, expected: &mut Expected<'_>) {
        let axes = self.places.first().map_or(0, Vec::len);
        for axis in 0..axes {
            let mut passed = Vec::new();
            let mut cell = start;
            while let Some(next) = self.newer(cell, axis) {
                match expected.seen[next] {
                    Seen::Open => passed.push(next),
                    Seen::Lost => break,
                    Seen::Answered(_) => {
                        if expected.alike(start, next) {
                            for cell in passed {
                                expected.add(cell, start);
                            }
                        }
                        break;
                    }
                }
                cell = next;
            }
        }
    }

    fn newer(&self, cell: usize, axis: usize) -> Option<usize> {
        let step = self.around[cell].iter().map(|&step| &self.steps[step]).find(|step| step.axis == axis && step.ends[0] == cell)?;
        Some(step.ends[1])
    }

    /// Goes from a known cell to all that nothing separates from it.
    fn flood(&self, start: usize, evidence: &[Evidence], expected: &mut Expected<'_>) {
        let mut visited = vec![false; self.places.len()];
        visited[start] = true;
        let mut queue = vec![start];
        while let Some(cell) = queue.pop() {
            for step in self.around[cell].iter().map(|&step| &self.steps[step]) {
                let other = step.other(cell);
                let open = expected.seen[other] == Seen::Open && !visited[other];
                if open && self.declared[other] == self.declared[cell] && self.is_quiet(step, evidence) {
                    visited[other] = true;
                    expected.add(other, start);
                    queue.push(other);
                }
            }
        }
    }

    /// The known steps across each gap.
    fn evidence(&self, seen: &[Seen]) -> Vec<Evidence> {
        let mut evidence: Vec<Evidence> = self.gaps.iter().map(|_| Evidence::default()).collect();
        for step in &self.steps {
            let [from, to] = step.ends;
            if let (Some(gap), Some(one), Some(other)) = (step.gap, seen[from].answer(), seen[to].answer()) {
                if one == other { &mut evidence[gap].alike } else { &mut evidence[gap].different }.push(from);
            }
        }
        evidence
    }

    /// Whether nothing is known to change across a step's gap, or nothing where it is known best.
    fn is_quiet(&self, step: &Step, evidence: &[Evidence]) -> bool {
        let Some(evidence) = step.gap.map(|gap| &evidence[gap]) else { return false };
        let nearest = |cells: &[usize]| cells.iter().map(|&cell| self.distance(cell, step.ends[0], step.axis)).min();
        match (nearest(&evidence.different), nearest(&evidence.alike)) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(different), Some(alike)) => alike < different,
        }
    }

    /// Versions between two places, an axis aside.
    fn distance(&self, one: usize, other: usize, aside: usize) -> usize {
        let pairs = self.places[one].iter().zip(&self.places[other]).enumerate();
        pairs.filter(|(axis, _)| *axis != aside).map(|(_, (one, other))| one.abs_diff(*other)).sum()
    }

    /// The cells that a published table still needs: those of which nothing is expected, and those on either side of a
    /// place where what is known or expected changes. When there are none left, every cell beside a change was run, and
    /// an inferred cell has neighbours that look like it.
    pub fn confirm(&self, seen: &[Seen]) -> Vec<usize> {
        let inferred = self.inferred(seen);
        let face = |cell: usize| seen[cell].answer().or_else(|| seen[inferred[cell]?].answer());
        let needed = |cell: usize| {
            let here = face(cell);
            here.is_none() || self.around[cell].iter().any(|&step| face(self.steps[step].other(cell)) != here)
        };
        let open = |&cell: &usize| self.may_run[cell] && seen[cell] == Seen::Open;
        (0..seen.len()).filter(open).filter(|&cell| needed(cell)).collect()
    }
}

/// The known steps across a gap, by their older ends.
#[derive(Default)]
struct Evidence {
    alike: Vec<usize>,
    different: Vec<usize>,
}

/// Known cells that cells are expected to look like, one of each look.
struct Expected<'a> {
    seen: &'a [Seen],
    like: Vec<Vec<usize>>,
}

impl Expected<'_> {
    fn alike(&self, one: usize, other: usize) -> bool {
        self.seen[one] == self.seen[other]
    }

    fn add(&mut self, cell: usize, like: usize) {
        if !self.like[cell].iter().any(|&known| self.alike(known, like)) {
            self.like[cell].push(like);
        }
    }
}
