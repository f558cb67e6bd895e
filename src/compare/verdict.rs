//! The verdict: one exhaustive match.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{
    Numbers,
    value::{self, Likeness},
};
use crate::{
    matrix::Tolerances,
    observation::{Fact, Raised, Status, Value, Warned},
};

/// How an observation compares with the baseline's, mildest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Bits equal; or the same error class with the same message; or the same signal.
    Same,
    /// Within tolerance; or the same error class with another message.
    Close,
    /// Same or close value, a warning that the baseline has not.
    Warns,
    /// Another type, dtype, shape, value, NaN pattern or error class; or missing.
    Changed,
    /// The baseline raises, here is a value.
    Returns,
    /// The baseline has a value, here is an error.
    Raises,
    /// It took too long here.
    Timeout,
    /// It crashed here.
    Crash,
}

/// One side of a comparison: what a cell knows of an observation.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// How the scenario ended in that cell.
    pub status: Status,
    /// Signal of a crash.
    pub signal: Option<&'a str>,
    /// The fact and its warnings, where the cell has the observation.
    pub seen: Option<(&'a Fact, &'a [Warned])>,
}

/// What differs, for people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Which aspects differ, worst first, as short phrases: `dtype float64 → float32`, `shape (2,) → (3,)`,
    /// `error ValueError → TypeError`, `at [1]["loss"]: value`.
    pub aspects: Vec<String>,
    /// Measures of differing numbers.
    pub numbers: Option<Numbers>,
    /// Warnings here that the baseline has not.
    pub warnings_added: Vec<Warned>,
    /// Warnings of the baseline that are not here.
    pub warnings_removed: Vec<Warned>,
}

/// A verdict with its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// `None` when both sides lack the observation or the scenario does not apply.
    pub verdict: Option<Verdict>,
    /// *changed* without any new warning or error.
    pub silent: bool,
    /// What differs.
    pub difference: Difference,
}

/// What a side has.
enum Known<'a> {
    /// Nothing that says anything about the cell.
    Nothing,
    /// A value.
    Value(&'a Value, &'a [Warned]),
    /// An error.
    Error(&'a Raised, &'a [Warned]),
    /// Neither, because of how the script ended.
    Absent(Absence),
}

/// Why an observation is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Absence {
    /// The script ran to its end without it.
    Lacks,
    /// An uncaught error ended the script before it.
    Raised,
    /// A signal or the lack of memory did.
    Crash,
    /// The time limit did.
    Timeout,
    /// The script ended itself or broke the protocol.
    Ended,
}

impl<'a> Side<'a> {
    fn known(self) -> Known<'a> {
        let absence = match self.status {
            Status::NotApplicable | Status::Infra => return Known::Nothing,
            Status::Ran => Absence::Lacks,
            Status::Raised => Absence::Raised,
            Status::Crash | Status::Oom => Absence::Crash,
            Status::Timeout => Absence::Timeout,
            Status::Exited | Status::Protocol => Absence::Ended,
        };
        match self.seen {
            Some((Fact::Value(value), warnings)) => Known::Value(value, warnings),
            Some((Fact::Error(raised), warnings)) => Known::Error(raised, warnings),
            None => Known::Absent(absence),
        }
    }

    /// How the script ended, for people: `SIGSEGV`, `out of memory`.
    fn ending(self) -> &'a str {
        match self.status {
            Status::Crash => self.signal.unwrap_or("crash"),
            Status::Oom => "out of memory",
            Status::Ran | Status::Raised | Status::Timeout | Status::Exited | Status::Protocol | Status::NotApplicable | Status::Infra => {
                self.status.as_str()
            }
        }
    }
}

/// Judges `here` against `baseline`.
///
/// - A side whose scenario did not apply, or met a failure of the harness, makes no verdict.
/// - A new warning makes *same* and *close* values *warns*; it leaves errors and worse verdicts as they are, but a
///   *changed* with a new warning is not silent.
/// - Closeness is not symmetric, because `rtol` relates to the baseline, and not transitive.
pub fn judge(baseline: Side<'_>, here: Side<'_>, tolerances: &Tolerances) -> Judgement {
    match (baseline.known(), here.known()) {
        (Known::Nothing, _) | (_, Known::Nothing) | (Known::Absent(_), Known::Absent(_)) => none(),
        (Known::Value(b, b_warnings), Known::Value(h, h_warnings)) => {
            let found = value::compare(b, h, tolerances);
            let difference = Difference { aspects: found.aspects, numbers: found.numbers, ..warned(b_warnings, h_warnings) };
            let warns = !difference.warnings_added.is_empty();
            match (found.likeness, warns) {
                (Likeness::Changed, _) => Judgement { verdict: Some(Verdict::Changed), silent: !warns, difference },
                (Likeness::Same | Likeness::Close, true) => loud(Verdict::Warns, difference),
                (Likeness::Close, false) => loud(Verdict::Close, difference),
                (Likeness::Same, false) => loud(Verdict::Same, difference),
            }
        }
        (Known::Error(b, b_warnings), Known::Error(h, h_warnings)) => {
            let (verdict, aspect) = match (class(b) == class(h), b.message == h.message) {
                (false, _) => (Verdict::Changed, Some(format!("error {} → {}", class(b), class(h)))),
                (true, false) => (Verdict::Close, Some("message".to_owned())),
                (true, true) => (Verdict::Same, None),
            };
            loud(verdict, Difference { aspects: aspect.into_iter().collect(), ..warned(b_warnings, h_warnings) })
        }
        (Known::Value(_, b_warnings), Known::Error(h, h_warnings)) => {
            loud(Verdict::Raises, Difference { aspects: vec![format!("value → {}", class(h))], ..warned(b_warnings, h_warnings) })
        }
        (Known::Error(b, b_warnings), Known::Value(_, h_warnings)) => {
            loud(Verdict::Returns, Difference { aspects: vec![format!("{} → value", class(b))], ..warned(b_warnings, h_warnings) })
        }
        (Known::Absent(Absence::Lacks), Known::Value(_, warnings)) => {
            let difference = Difference { aspects: vec!["missing → value".to_owned()], ..warned(&[], warnings) };
            let silent = difference.warnings_added.is_empty();
            Judgement { verdict: Some(Verdict::Changed), silent, difference }
        }
        (Known::Absent(Absence::Raised | Absence::Crash | Absence::Timeout | Absence::Ended), Known::Value(_, warnings)) => {
            let aspects = vec![format!("missing ({}) → value", baseline.ending())];
            loud(Verdict::Returns, Difference { aspects, ..warned(&[], warnings) })
        }
        (Known::Absent(_), Known::Error(h, warnings)) => {
            let aspects = vec![format!("missing → {}", class(h))];
            loud(Verdict::Changed, Difference { aspects, ..warned(&[], warnings) })
        }
        (Known::Value(..) | Known::Error(..), Known::Absent(absence)) => match absence {
            Absence::Lacks => Judgement { silent: true, ..loud(Verdict::Changed, only("missing".to_owned())) },
            Absence::Raised => loud(Verdict::Raises, only("missing: the script raised".to_owned())),
            Absence::Crash => loud(Verdict::Crash, only(format!("missing: {}", here.ending()))),
            Absence::Timeout => loud(Verdict::Timeout, only("missing: timeout".to_owned())),
            Absence::Ended => loud(Verdict::Changed, only(format!("missing: {}", here.ending()))),
        },
    }
}

/// Judges the observation `<script>`: like [`judge`], but where neither side could tell an error because both scripts
/// died, the way they died is compared. The same signal (or both too slow, both out of memory …) is *same*.
pub fn judge_script(baseline: Side<'_>, here: Side<'_>, tolerances: &Tolerances) -> Judgement {
    match (baseline.known(), here.known()) {
        (Known::Absent(b), Known::Absent(h)) if b == h && baseline.ending() == here.ending() => loud(Verdict::Same, Difference::default()),
        (Known::Absent(_), Known::Absent(h)) => {
            let difference = only(format!("{} → {}", baseline.ending(), here.ending()));
            match h {
                Absence::Crash => loud(Verdict::Crash, difference),
                Absence::Timeout => loud(Verdict::Timeout, difference),
                Absence::Lacks | Absence::Raised | Absence::Ended => loud(Verdict::Changed, difference),
            }
        }
        (Known::Nothing | Known::Value(..) | Known::Error(..), _) | (_, Known::Nothing | Known::Value(..) | Known::Error(..)) => {
            judge(baseline, here, tolerances)
        }
    }
}

fn none() -> Judgement {
    Judgement { verdict: None, silent: false, difference: Difference::default() }
}

fn loud(verdict: Verdict, difference: Difference) -> Judgement {
    Judgement { verdict: Some(verdict), silent: false, difference }
}

fn only(aspect: String) -> Difference {
    Difference { aspects: vec![aspect], ..Difference::default() }
}

/// An error's class without its module, because releases move classes between modules.
fn class(raised: &Raised) -> &str {
    raised.type_name.rsplit('.').next().unwrap_or(&raised.type_name)
}

/// The warnings that only one side has.
fn warned(baseline: &[Warned], here: &[Warned]) -> Difference {
    Difference { warnings_added: beyond(here, baseline), warnings_removed: beyond(baseline, here), ..Difference::default() }
}

/// The warnings that the others lack, each once.
fn beyond(warnings: &[Warned], others: &[Warned]) -> Vec<Warned> {
    let mut seen: HashSet<_> = others.iter().map(essence).collect();
    warnings.iter().filter(|warning| seen.insert(essence(warning))).cloned().collect()
}

/// What makes a warning that warning: not the line numbers, counts and sizes in its message.
pub(crate) fn essence(warning: &Warned) -> (&str, &str, String) {
    let mut message = String::with_capacity(warning.message.len());
    for character in warning.message.chars() {
        if !character.is_ascii_digit() {
            message.push(character);
        } else if !message.ends_with('#') {
            message.push('#');
        }
    }
    (&warning.category, &warning.origin, message)
}
