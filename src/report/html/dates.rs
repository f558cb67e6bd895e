//! When the versions of a grid came out, and which are older than SPEC 0 asks to support.

use crate::{
    plan::PlanAxis,
    report::{Results, caption},
};

/// What stands beside a version in a header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Date {
    /// `2024-08`.
    pub(super) month: String,
    /// `, released 2024-08-26`, for those who do not see it.
    pub(super) words: String,
    /// At the time of the run its minor series was out for more than two years.
    pub(super) late: bool,
}

/// Of a version of an axis, where the index told.
pub(super) fn of(results: &Results, axis: &str, version: &str) -> Option<Date> {
    let axis: &PlanAxis = results.axes.iter().find(|known| known.name == axis)?;
    let place = axis.versions.iter().position(|known| known == version)?;
    let released = axis.released.get(place)?.as_ref()?;
    let day = caption::day(&released.at);
    let late = two_years_later(caption::day(&released.series)).is_some_and(|end| end.as_str() < caption::date(results));
    let words = format!(", released {day}{}", if late { ", older than the two years of SPEC 0" } else { "" });
    Some(Date { month: day.get(..7).unwrap_or(day).to_owned(), words, late })
}

/// `2026-08-26` for `2024-08-26`.
fn two_years_later(day: &str) -> Option<String> {
    let (year, rest) = day.split_once('-')?;
    Some(format!("{:04}-{rest}", year.parse::<u32>().ok()? + 2))
}
