//! Interpreters by their minor series.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A minor series of CPython, `3.11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PythonVersion {
    /// 3.
    pub major: u8,
    /// 11.
    pub minor: u8,
}

impl PythonVersion {
    /// The interpreters that the agent supports, oldest first.
    pub const SUPPORTED: [Self; 8] = [
        Self::new(3, 7),
        Self::new(3, 8),
        Self::new(3, 9),
        Self::new(3, 10),
        Self::new(3, 11),
        Self::new(3, 12),
        Self::new(3, 13),
        Self::new(3, 14),
    ];

    /// `PythonVersion::new(3, 11)`.
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl std::str::FromStr for PythonVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('.').and_then(|(major, minor)| Some(Self::new(major.parse().ok()?, minor.parse().ok()?)));
        parsed.ok_or_else(|| format!("`{text}` is not a minor series of CPython such as `3.11`"))
    }
}

impl TryFrom<String> for PythonVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PythonVersion> for String {
    fn from(version: PythonVersion) -> Self {
        version.to_string()
    }
}
