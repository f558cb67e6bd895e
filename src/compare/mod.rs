//! Judges facts against the baseline's. Pure: nothing here reads, runs or prints.
//!
//! [`judge`] is the one entry: it decides on what each side has, asks `value` where both have a value, and `value` asks
//! `numeric` where both are numbers. [`judge_script`] is the same for the observation `<script>`, where a scenario that
//! died on both sides is judged by the way it died.

mod dtype;
mod element;
mod lanes;
mod minifloat;
mod numeric;
mod value;
mod verdict;

pub use numeric::{Numbers, measure_arrays};
pub(crate) use value::{float_of, is_whole};
pub(crate) use verdict::essence;
pub use verdict::{Difference, Judgement, Side, Verdict, judge, judge_script};

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
