//! What to pin: the versions with which scenarios behave as they do in the baseline.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Serialize;

use super::{Cell, Results, Scenario, State, caption, text};
use crate::{
    agent::Package,
    analysis::{
        grid::{Grid, GridCell},
        pins::{Candidate, Rectangle, VersionRange, rectangles},
    },
    compare::Verdict,
    matrix::PythonVersion,
    observation::Status,
};

/// Answers of `skew pins`: `skew.pins/1`.
#[derive(Clone, Debug, Serialize)]
pub struct Pins {
    /// `skew.pins/1`.
    pub schema: &'static str,
    /// Id of the cell that all others are compared with.
    pub baseline: String,
    /// What had to agree.
    pub scenarios: Vec<String>,
    /// Cells of the matrix.
    pub cells: usize,
    /// Those whose imports work and whose scenarios ran.
    pub ran: usize,
    /// Ids of those that qualify, in plan order.
    pub qualifying: Vec<String>,
    /// Id of the newest of these, one that metadata allows where there is one.
    pub recommended: Option<String>,
    /// The largest rectangles, newest first.
    pub rectangles: Vec<PinnedRange>,
    /// Scenarios that exclude cells, the one that excludes most first.
    pub excluders: Vec<Excluder>,
    /// What else there is to know, one sentence each.
    pub notes: Vec<String>,
}

/// Contiguous versions on every axis, each combination of which ran and agreed.
#[derive(Clone, Debug, Serialize)]
pub struct PinnedRange {
    /// `numpy 1.24.4–1.26.4 × tensorflow 2.15.1`.
    pub title: String,
    /// PEP 440, from the interpreters that ran.
    pub requires_python: String,
    /// PEP 508, one for each package that is installed.
    pub requirements: Vec<String>,
    /// Ids of its cells, in plan order.
    pub cells: Vec<String>,
    /// Id of the newest one.
    pub newest: String,
    /// How many of its cells warn where the baseline does not.
    pub warns: usize,
    /// How many of its cells the packages' metadata forbids; a resolver will not choose them.
    pub undeclared: usize,
}

/// A scenario that some cells do not qualify for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Excluder {
    /// Its name.
    pub scenario: String,
    /// Cells that ran in which it behaves differently.
    pub cells: usize,
    /// Those that would qualify without it.
    pub alone: usize,
}

/// A scenario that has to agree, and the report that knows how it behaved.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Whose cells.
    pub results: &'a Results,
    /// The scenario.
    pub scenario: &'a Scenario,
}

/// How a scenario stands in a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It agrees with the baseline; some observation may warn that did not.
    Agrees {
        warns: bool,
    },
    Differs,
    /// It has nothing to say: its `when` is false here, or in the baseline.
    Silent,
    NotRun,
}

impl Asked<'_> {
    /// How it stands in each of these cells.
    fn standings(&self, cells: &[Cell]) -> Vec<Standing> {
        let own: HashMap<&str, usize> = self.results.cells.iter().enumerate().map(|(index, cell)| (cell.id.as_str(), index)).collect();
        let outcomes = self.results.outcomes_by_cell(self.scenario);
        let status = |index: usize| outcomes.get(index).copied().flatten().map(|outcome| outcome.status);
        let baseline = self.results.baseline_index().and_then(status);
        let standing = |id: &str| own.get(id).map_or(Standing::NotRun, |&index| self.standing(index, status(index), baseline));
        cells.iter().map(|cell| standing(&cell.id)).collect()
    }

    fn standing(&self, index: usize, here: Option<Status>, baseline: Option<Status>) -> Standing {
        match (here, baseline) {
            (Some(Status::NotApplicable), _) | (Some(_), Some(Status::NotApplicable)) => return Standing::Silent,
            (None | Some(Status::Infra), _) | (_, None | Some(Status::Infra)) => return Standing::NotRun,
            _ => {}
        }
        let worst = self.scenario.observations.iter().filter_map(|observation| observation.verdict(index)).max();
        match worst {
            None | Some(Verdict::Same | Verdict::Close) => Standing::Agrees { warns: false },
            Some(Verdict::Warns) => Standing::Agrees { warns: true },
            Some(Verdict::Changed | Verdict::Returns | Verdict::Raises | Verdict::Timeout | Verdict::Crash) => Standing::Differs,
        }
    }

    /// How it ends in the baseline, where that is no ordinary end.
    fn note(&self) -> Option<String> {
        let status = self.scenario.outcomes.iter().find(|outcome| *outcome.cell == *self.results.baseline)?.status;
        let name = &self.scenario.name;
        match status {
            Status::Ran | Status::Infra => None,
            Status::NotApplicable => Some(format!("{name} does not apply to the baseline, so it excludes nothing")),
            Status::Raised | Status::Crash | Status::Timeout | Status::Oom | Status::Exited | Status::Protocol => {
                Some(format!("{name} ends with `{}` in the baseline too: to agree means to end like that", status.as_str()))
            }
        }
    }
}

/// Computes the pins for what is asked, in the grid of `results`.
///
/// A cell qualifies if its imports work and every scenario that applies to it ran and agrees with the baseline; at least
/// one must apply. New warnings do not disqualify, as they do not split behaviour classes; flaky observations are left
/// out.
pub fn pins(results: &Results, asked: &[Asked<'_>]) -> Pins {
    let by_scenario: Vec<Vec<Standing>> = asked.iter().map(|asked| asked.standings(&results.cells)).collect();
    let standings: Vec<Vec<Standing>> = (0..results.cells.len()).map(|cell| by_scenario.iter().map(|all| all[cell]).collect()).collect();
    let ran = |cell: &Cell| cell.state == State::Ran;
    let good = |standing: &Standing| matches!(standing, Standing::Agrees { .. } | Standing::Silent);
    let agrees = |standing: &Standing| matches!(standing, Standing::Agrees { .. });
    let candidates: Vec<Candidate> = results
        .cells
        .iter()
        .zip(&standings)
        .map(|(cell, standings)| Candidate {
            qualifies: ran(cell) && standings.iter().all(good) && standings.iter().any(agrees),
            declared: cell.declared,
        })
        .collect();
    let mut excluders: Vec<Excluder> = (0..asked.len())
        .map(|number| {
            let out = || results.cells.iter().zip(&standings).filter(|(cell, all)| ran(cell) && all[number] == Standing::Differs);
            let others_good = |all: &[Standing]| {
                let others = || all.iter().enumerate().filter(|(other, _)| *other != number).map(|(_, standing)| standing);
                others().all(good) && others().any(agrees)
            };
            let alone = out().filter(|(_, all)| others_good(all)).count();
            Excluder { scenario: asked[number].scenario.name.clone(), cells: out().count(), alone }
        })
        .filter(|excluder| excluder.cells > 0)
        .collect();
    excluders.sort_by_key(|excluder| std::cmp::Reverse((excluder.cells, excluder.alone)));

    let points: Option<Vec<GridCell>> = results.cells.iter().map(|cell| GridCell::of(cell, &results.axes)).collect();
    // Cells come from the plan, whose axes hold all their versions.
    let found = points.map(|cells| rectangles(&Grid::new(&results.axes, cells), &candidates)).unwrap_or_default();
    let id = |cell: usize| results.cells[cell].id.clone();
    let warns = |cell: &usize| standings[*cell].contains(&Standing::Agrees { warns: true });
    let recommended = found.first().map(|rectangle| id(rectangle.newest));
    let inapplicable = |number: usize| {
        let silent = |cell: &usize| standings[*cell][number] == Standing::Silent;
        let cells = (0..results.cells.len()).filter(|cell| candidates[*cell].qualifies).filter(silent).count();
        let name = &asked[number].scenario.name;
        (cells > 0 && asked[number].note().is_none())
            .then(|| format!("{name} does not apply to {} of the cells that qualify", text::grouped(cells as u64)))
    };
    let notes = asked.iter().filter_map(Asked::note).chain((0..asked.len()).filter_map(inapplicable)).collect();
    Pins {
        schema: "skew.pins/1",
        baseline: results.baseline.clone(),
        scenarios: asked.iter().map(|asked| asked.scenario.name.clone()).collect(),
        cells: results.cells.len(),
        ran: results.cells.iter().filter(|cell| ran(cell)).count(),
        qualifying: (0..results.cells.len()).filter(|cell| candidates[*cell].qualifies).map(id).collect(),
        recommended,
        rectangles: found
            .iter()
            .map(|rectangle| PinnedRange {
                title: title(rectangle),
                requires_python: requires_python(rectangle.cells.iter().map(|cell| results.cells[*cell].python.as_str())),
                requirements: requirements(results, rectangle),
                cells: rectangle.cells.iter().copied().map(id).collect(),
                newest: id(rectangle.newest),
                warns: rectangle.cells.iter().filter(|cell| warns(cell)).count(),
                undeclared: rectangle.cells.iter().filter(|cell| !results.cells[**cell].declared).count(),
            })
            .collect(),
        excluders,
        notes,
    }
}

fn title(rectangle: &Rectangle) -> String {
    let words = |range: &VersionRange| {
        let until = if range.first == range.last { String::new() } else { format!("–{}", range.last) };
        format!("{} {}{until}", range.axis, range.first)
    };
    rectangle.ranges.iter().map(words).collect::<Vec<_>>().join(" × ")
}

/// A line for each package. Both ends are versions that ran. A rule says `<2.0.2` instead of `<=1.26.4`, but a resolver
/// takes the newest release that a range allows: it would take 2.0.1, which nobody has run, next to a version that fails.
fn requirements(results: &Results, rectangle: &Rectangle) -> Vec<String> {
    let line = |(axis, range): (&crate::plan::PlanAxis, &VersionRange)| match (range.first.as_str(), range.last.as_str()) {
        ("none", _) => None,
        (first, last) if first == last => Some(format!("{}=={first}", axis.package)),
        (first, last) => Some(format!("{}>={first},<={last}", axis.package)),
    };
    results.axes.iter().zip(&rectangle.ranges).filter_map(line).collect()
}

/// `>=3.10,<3.12` for cells that ran with 3.10 and 3.11.
fn requires_python<'a>(versions: impl Iterator<Item = &'a str>) -> String {
    let versions: BTreeSet<PythonVersion> = versions.filter_map(|version| version.parse().ok()).collect();
    match (versions.first(), versions.last()) {
        (Some(first), Some(last)) => format!(">={first},<{}", PythonVersion::new(last.major, last.minor + 1)),
        _ => String::new(),
    }
}

/// A complete `requirements.txt` of a cell: exact versions and hashes of everything that was installed.
pub fn requirements_txt(results: &Results, pins: &Pins, cell: &Cell, packages: &[Package]) -> String {
    let hashed = packages.iter().all(|package| !package.hashes.is_empty());
    let mut options: Vec<&str> = Vec::new();
    if !cell.declared {
        options.push("--no-deps");
    }
    if hashed {
        options.push("--require-hashes");
    }
    let command = ["pip install", &options.join(" "), "-r requirements.txt"].join(" ");
    let mut lines = vec![
        format!("# {}: {}", cell.id, agreement(pins)),
        format!("# Python {}, Linux {}, {}", cell.python, results.run.host.machine, caption::day(&results.run.started)),
    ];
    lines.extend(cell.conflicts.iter().map(|conflict| format!("# Against metadata: {conflict}")));
    if !hashed {
        lines.push("# Some hashes are not known: the run took them from an index that has none.".to_owned());
    }
    lines.push(format!("# {}", command.split_whitespace().collect::<Vec<_>>().join(" ")));
    let by_name: BTreeMap<&str, &Package> = packages.iter().map(|package| (package.name.as_str(), package)).collect();
    for package in by_name.values() {
        let known: String = package.hashes.iter().map(|hash| [" \\\n    --hash=", hash].concat()).collect();
        lines.push(format!("{}{known}", package.requirement()));
    }
    lines.join("\n") + "\n"
}

/// `all 13 scenarios agree with numpy-1.26.4+tensorflow-2.15.1`.
fn agreement(pins: &Pins) -> String {
    let who = match pins.scenarios.as_slice() {
        [one] => format!("{one} agrees"),
        all => format!("{} scenarios agree", all.len()),
    };
    format!("{who} with {}", pins.baseline)
}
