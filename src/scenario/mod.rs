//! Scenarios: plain Python scripts, found and read, with what their headers ask for.
//!
//! A scenario folder is searched with its subfolders for files that end in `.py`. Names that begin with `.` or `_` are
//! passed over, folders (`__pycache__`) and files alike: a file `_shared.py` is a helper, not a scenario. Nothing here runs
//! or parses Python.

mod find;
mod header;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
mod when;

use std::{
    io,
    path::{Path, PathBuf},
};

pub use header::Header;
pub use when::When;

use crate::matrix::{Matrix, Problems, decode};

/// One plain Python script.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Its path below its scenario folder, with forward slashes and without `.py`: `cast/int8`.
    pub name: String,
    /// Its path relative to the folder of `matrix.yaml`, with forward slashes.
    pub path: String,
    /// Its text.
    pub source: String,
    /// What it asks for.
    pub header: Header,
    /// BLAKE3 of the source, 64 hexadecimal digits.
    pub digest: String,
}

/// Why there are no scenarios to run.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// A folder of the key `scenarios` is not there.
    #[error("there is no scenario folder {}", path.display())]
    MissingFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A folder or file could not be read.
    #[error("can't read {path}: {source}", path = path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file's name can't be a scenario's: it is not UTF-8, or has what separates a scenario from an observation.
    #[error("{} can't be a scenario: a name is UTF-8 without `::`", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// There are folders, and no scenario in them.
    #[error("no scenarios found in {}", listed(looked))]
    NoneFound {
        /// Where was looked.
        looked: Vec<PathBuf>,
    },
    /// Two files have the same name below their folders.
    #[error("{}", duplicates(.0))]
    Duplicates(
        /// Name and both paths.
        Vec<(String, String, String)>,
    ),
    /// Files are not UTF-8, or their headers are wrong.
    #[error("{}", rendered(.0, false))]
    Problems(
        /// The problems of each such file, in the order of the scenarios.
        Vec<Problems>,
    ),
}

impl ScenarioError {
    /// What to do about it; problems carry their own help.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::MissingFolder { .. } => Some("make it, or name another under `scenarios:` in matrix.yaml"),
            Self::NoneFound { .. } => {
                Some("a scenario is a file that ends in `.py` and does not begin with `_` or `.`; `skew init` writes an example")
            }
            Self::Duplicates(_) => Some("rename one of them: results are known by the name below the scenario folder"),
            Self::Name { .. } => Some("rename it"),
            Self::Io { .. } | Self::Problems(_) => None,
        }
    }

    /// The error as text for a terminal, ending in a line break; problems are shown in their lines.
    pub fn render(&self, color: bool) -> String {
        match self {
            Self::Problems(files) => format!("{}\n", rendered(files, color)),
            Self::MissingFolder { .. } | Self::Io { .. } | Self::Name { .. } | Self::NoneFound { .. } | Self::Duplicates(_) => {
                let hint = self.hint().map(|hint| format!("help: {hint}\n")).unwrap_or_default();
                format!("error: {self}\n{hint}")
            }
        }
    }
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn duplicates(duplicates: &[(String, String, String)]) -> String {
    let lines: Vec<_> =
        duplicates.iter().map(|(name, first, second)| format!("the scenario `{name}` is there twice: {first} and {second}")).collect();
    lines.join("\n")
}

fn rendered(files: &[Problems], color: bool) -> String {
    files.iter().map(|problems| problems.render(color)).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// Bytes that a script may have.
const LARGEST: u64 = 16 << 20;

/// All scenarios of a matrix, sorted by name, byte by byte.
///
/// # Errors
/// Folders are missing or unreadable, there is no scenario in any of them, two have the same name, or files are wrong; the
/// last two name all there are.
pub fn collect(matrix: &Matrix) -> Result<Vec<Scenario>, ScenarioError> {
    let mut scenarios = Vec::new();
    let mut wrong = Vec::new();
    for found in find::all(matrix)? {
        match read(found, matrix)? {
            Ok(scenario) => scenarios.push(scenario),
            Err(problems) => wrong.push(problems),
        }
    }
    if wrong.is_empty() { Ok(scenarios) } else { Err(ScenarioError::Problems(wrong)) }
}

/// The scenario in a file that need not stand in a scenario folder; its name is the file's.
///
/// # Errors
/// The file is unreadable or wrong, or its name does not end in `.py` or is not UTF-8.
pub fn single(matrix: &Matrix, file: &Path) -> Result<Scenario, ScenarioError> {
    let found = find::file(file)?.ok_or_else(|| ScenarioError::NoneFound { looked: vec![file.to_owned()] })?;
    read(found, matrix)?.map_err(|problems| ScenarioError::Problems(vec![problems]))
}

/// What is in a file; not of a pipe, which could wait for ever, nor of what has no end.
fn bytes(file: &Path) -> io::Result<Vec<u8>> {
    let about = std::fs::metadata(file)?;
    if !about.is_file() || about.len() > LARGEST {
        return Err(io::Error::other(format!("it is no file of {} MiB at most", LARGEST >> 20)));
    }
    std::fs::read(file)
}

fn read(found: find::Found, matrix: &Matrix) -> Result<Result<Scenario, Problems>, ScenarioError> {
    let bytes = bytes(&found.file).map_err(|source| ScenarioError::Io { path: found.file.clone(), source })?;
    let read = decode(found.path.as_ref(), bytes).and_then(|source| Ok((header::read(found.path.as_ref(), &source, matrix)?, source)));
    Ok(read.map(|(header, source)| {
        let digest = blake3::hash(source.as_bytes()).to_hex().to_string();
        Scenario { name: found.name, path: found.path, source, header, digest }
    }))
}
