//! The package index: which releases and wheels exist, since when, and what they declare.
//!
//! [`Index`] speaks the JSON Simple API (PEP 691, upload times of PEP 700) and keeps its answers on disk. It reads what
//! a wheel declares from the index (PEP 658) or, where the index does not offer that, from the end of the wheel itself.
//! It decides nothing: [`crate::plan`] does. Credentials of the index are used and never shown.

mod archive;
mod cache;
mod client;
mod error;
mod location;
mod metadata;
mod project;
mod sparse;
mod tags;
mod wheel;

pub(crate) use archive::member;
pub use client::{Index, sha256};
pub use error::IndexError;
pub use location::{Location, Surroundings};
pub use metadata::Metadata;
pub use project::{File, Project, Release};
pub use tags::fits;
pub use wheel::{WheelsError, wheels};

/// A distribution's name as PEP 503 spells it: lower case, runs of `-`, `_` and `.` become one `-`.
pub fn normalize(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for part in name.split(['-', '_', '.']).filter(|part| !part.is_empty()) {
        if !normal.is_empty() {
            normal.push('-');
        }
        normal.push_str(&part.to_ascii_lowercase());
    }
    normal
}
