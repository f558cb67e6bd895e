//! `expected.yaml`: what differs from the baseline and is meant to.
//!
//! [`Expectations::parse`] reads the file, [`compare`] sets it against the results of a run, [`bless`] writes the present
//! behaviour into it, [`mark`] tells the readers of a report. An expectation says *where* (version ranges, or single cells), *what* (scenario and observations) and
//! *how* (the effect that rules tell of, and the value where it is one), so that a difference that becomes another one is
//! unexpected. Nothing here runs or reads a store.

mod bless;
mod compare;
mod differences;
mod groups;
mod mark;
mod parse;
mod pattern;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
mod write;

use std::path::PathBuf;

use jiff::civil::Date;

pub use bless::{Blessed, Selected, bless};
pub use compare::{Comparison, Part, Unexpected, compare};
pub use mark::mark;
pub use pattern::Pattern;

use crate::{analysis::rules::IMPORT_FAILS, matrix::Place, report::State, scenario::When};

/// The effects that speak of a cell itself, and the states that show them.
const OF_CELLS: [(State, &str); 3] =
    [(State::ImportFailed, IMPORT_FAILS), (State::InstallFailed, "install fails"), (State::Unresolvable, "unresolvable")];

/// What is expected of a matrix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectations {
    /// Where they are kept.
    pub path: PathBuf,
    /// The cell that differences are told against; the results' own where none is named.
    pub baseline: Option<String>,
    /// In the order of the file.
    pub entries: Vec<Expectation>,
}

/// One effect in a range of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// In which cells.
    pub range: Range,
    /// Of which scenarios; `None` for all, and where the effect is one of the cells themselves.
    pub scenario: Option<Pattern>,
    /// What comes to pass there: `raises OverflowError`, `float64 → float32`, `import fails`.
    pub effect: Pattern,
    /// Which observations; `None` for all.
    pub observations: Option<Vec<Named>>,
    /// What people wrote about it.
    pub remarks: Remarks,
    /// Where it stands.
    pub place: Place,
}

/// An observation of an [`Expectation`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Named {
    /// Its name.
    pub name: Pattern,
    /// The value it comes to, in a few words; `None` for any.
    pub value: Option<Pattern>,
}

/// Which cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// All.
    Everywhere,
    /// Those of these versions.
    When(When),
    /// These, by their ids.
    Cells(Vec<String>),
}

/// What people write beside an expectation; nothing is compared with it but a date.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Remarks {
    /// Why that is as it should be.
    pub reason: Option<String>,
    /// Where to read more.
    pub link: Option<String>,
    /// The last day on which it is expected.
    pub until: Option<Date>,
}

impl Expectation {
    /// Whether it speaks of cells rather than of what scenarios observe.
    pub fn is_of_cells(&self) -> bool {
        self.effect.exact().is_some_and(|effect| OF_CELLS.iter().any(|(_, known)| *known == effect))
    }

    /// Whether its last day is over.
    pub fn has_run_out(&self, today: Date) -> bool {
        self.remarks.until.is_some_and(|until| until < today)
    }

    /// Its observations as parts that hold or lapse one by one.
    fn parts(&self) -> Vec<Option<usize>> {
        self.observations.as_ref().map_or_else(|| vec![None], |names| (0..names.len()).map(Some).collect())
    }

    /// One of its observations.
    fn named(&self, name: Option<usize>) -> Option<&Named> {
        self.observations.as_ref()?.get(name?)
    }
}
