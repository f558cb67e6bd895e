//! Answers computed from all cells together: which behave alike, and where behaviour changes.

pub mod boxes;
pub mod classes;
pub mod declared;
pub mod diff;
pub mod faults;
pub mod forewarned;
pub mod grid;
pub mod pins;
mod published;
pub mod rules;
pub mod search;
mod shifts;

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
