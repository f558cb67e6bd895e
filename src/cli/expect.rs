//! What every command does with expected.yaml.

use std::{borrow::Cow, collections::BTreeSet, path::PathBuf};

use super::{Common, open};
use crate::{
    error::Error,
    expected::{Comparison, Expectations, compare},
    matrix::Matrix,
    report::{FailOn, Results, new_places, unexpected},
    store::Store,
};

/// Where the expectations of a matrix are.
pub(super) fn path(matrix: &Matrix) -> PathBuf {
    matrix.path.with_file_name("expected.yaml")
}

/// The expectations of a matrix, if it has any.
pub(super) fn read(matrix: &Matrix) -> Result<Option<Expectations>, Error> {
    Ok(Expectations::read(&path(matrix), &axes(matrix))?)
}

/// The axes that expectations may name.
pub(super) fn axes(matrix: &Matrix) -> Vec<&str> {
    matrix.axes.iter().map(|axis| axis.name.as_str()).collect()
}

/// What decides whether the differences of a stored run make a command fail.
pub(super) struct Judge<'j> {
    pub(super) common: &'j Common,
    pub(super) store: &'j Store,
    pub(super) judged_by: &'j open::JudgedBy,
    pub(super) expected: Option<&'j Expectations>,
    /// The newest complete run before it.
    pub(super) previous: Option<&'j Results>,
}

impl Judge<'_> {
    /// How many differences `--fail-on` minds.
    pub(super) fn minded(&self, results: &Results) -> Result<usize, Error> {
        match self.common.fail_on {
            FailOn::New => self.new_ones(results),
            fail_on @ (FailOn::Changed | FailOn::Raises | FailOn::Crash | FailOn::Any | FailOn::Never) => {
                Ok(unexpected(results, self.previous, fail_on))
            }
        }
    }

    /// How many are new: not expected, or, where nothing is written down, not in the previous run.
    pub(super) fn new_ones(&self, results: &Results) -> Result<usize, Error> {
        match self.expected {
            Some(expected) => Ok(self.comparison(expected, results)?.0.unexpected),
            None => Ok(unexpected(results, self.previous, FailOn::New)),
        }
    }

    /// Cell and scenario of every new difference.
    pub(super) fn new_places(&self, results: &Results) -> Result<BTreeSet<(String, String)>, Error> {
        let Some(expected) = self.expected else { return Ok(new_places(results, self.previous)) };
        let groups = self.comparison(expected, results)?.0.groups.into_iter();
        let places = groups.filter_map(|group| Some((group.scenario?, group.cells)));
        Ok(places.flat_map(|(scenario, cells)| cells.into_iter().map(move |cell| (cell, scenario.clone()))).collect())
    }

    /// What is expected against what was found, and the report that was compared: what is expected is told against a
    /// baseline of its own, so that a run with another one can be compared all the same.
    pub(super) fn comparison<'r>(&self, expected: &Expectations, results: &'r Results) -> Result<(Comparison, Cow<'r, Results>), Error> {
        let results = match expected.baseline.as_deref().filter(|id| *id != results.baseline) {
            None => Cow::Borrowed(results),
            Some(id) if results.cells.iter().any(|cell| cell.id == id) => {
                let common = Common { baseline: Some(id.to_owned()), ..self.common.clone() };
                Cow::Owned(open::results(&self.store.load(&results.run.id)?, &common, self.judged_by)?)
            }
            Some(id) => {
                return Err(Error::Usage {
                    message: format!("{} is told against {id}, and run {} has no such cell", expected.path.display(), results.run.id),
                    hint: Some("`skew bless` writes it anew, against the baseline of the run".to_owned()),
                });
            }
        };
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        Ok((compare(expected, &results, today), results))
    }
}
