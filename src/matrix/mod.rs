//! `matrix.yaml`: what to run, validated.
//!
//! [`Matrix::parse`] either returns a matrix in which every name and range makes sense on its own, or every problem of
//! the file at once, each with its place. Nothing here asks the index; whether a version exists is [`crate::plan`]'s
//! question.

mod axes;
mod cells;
pub(crate) mod check;
mod kubernetes;
mod problem;
pub(crate) mod settings;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
pub(crate) mod tree;
mod types;
mod units;
mod unreleased;

use std::{
    io,
    path::{Path, PathBuf},
};

use problem::MOST_PROBLEMS;
pub use problem::*;
pub use types::*;

pub(crate) use self::axes::{MOST_AXES, is_module, normalised};
use self::{check::Checker, tree::Node};

/// The keys of the file.
const KEYS: [&str; 18] = [
    "axes",
    "python",
    "dependencies",
    "baseline",
    "exclude",
    "include",
    "cells",
    "scenarios",
    "tolerance",
    "repeats",
    "limits",
    "engine",
    "docker",
    "kubernetes",
    "env",
    "max_age",
    "keep_runs",
    "cache",
];

const KIND: tree::Kind = tree::Kind {
    empty: "run `skew init` to write an example, or name the packages under `axes:`",
    single: "one file is one matrix; remove the line `---`",
    most_nodes: 20_000,
};

/// How many runs are kept, where the matrix does not say.
const KEEP_RUNS: u32 = 50;

/// Why there is no matrix.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be read.
    #[error("can't read {path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// It was read, and it is wrong.
    #[error(transparent)]
    Problems(#[from] Problems),
}

impl ReadError {
    /// What to do about it; problems carry their own help.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                Some("run `skew init` to write one, or name another with `--file`")
            }
            Self::Io { .. } | Self::Problems(_) => None,
        }
    }
}

impl Matrix {
    /// Reads and validates a file.
    ///
    /// # Errors
    /// The file can't be read, is not UTF-8, or has problems; see [`Matrix::parse`].
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let bytes = std::fs::read(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
        Ok(Self::decode(path, bytes)?)
    }

    /// Validates the bytes of a file, as [`Matrix::read`] does.
    ///
    /// # Errors
    /// They are not UTF-8, or see [`Matrix::parse`].
    pub fn decode(path: &Path, bytes: Vec<u8>) -> Result<Self, Problems> {
        let text = decode(path, bytes)?;
        Self::parse(path, &text)
    }

    /// Validates the text of a file; `path` is only named in problems and kept in the matrix.
    ///
    /// # Errors
    /// Every problem of the text, in the order of their places; where the text is not YAML, the first one only.
    pub fn parse(path: &Path, text: &str) -> Result<Self, Problems> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut checker = Checker::new(text);
        let matrix = tree::parse_yaml(&mut checker, KIND).and_then(|root| validate(&mut checker, path, text, &root));
        let problems = Problems::at(path, text, checker.into_problems());
        match matrix {
            Some(matrix) if problems.is_empty() => Ok(matrix),
            _ => Err(problems),
        }
    }

    /// Where the axis of this name stands in [`Matrix::axes`].
    pub fn axis_index(&self, name: &str) -> Option<usize> {
        self.axes.iter().position(|axis| axis.name == name)
    }

    /// Problems at places of this file, found by a later stage.
    pub fn problems(&self, problems: Vec<Problem>) -> Problems {
        Problems::at(&self.path, &self.source, problems)
    }
}

/// The text of a file, or the place of its first byte that is not UTF-8.
pub(crate) fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, Problems> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let mut checker = Checker::new(&text);
        checker.report(&(valid..valid), "this byte is not UTF-8", "save the file in the encoding UTF-8");
        let problems = checker.into_problems();
        Problems::at(path, &text, problems)
    })
}

/// Checks every key; `None` where nothing sensible can be made of the file, with the reason among the problems.
fn validate(checker: &mut Checker<'_>, path: &Path, text: &str, root: &Node) -> Option<Matrix> {
    let map = checker.map(root, "the file", "it begins with `axes:`")?;
    checker.known_keys(map, &KEYS);
    let key = |name: &str| map.iter().find(|entry| entry.key == name).map(|entry| &entry.value);

    let axes = if let Some(node) = key("axes") {
        checker.axes(node)
    } else {
        checker.report(&root.span, "the key `axes` is missing", "name the packages and versions: `axes: {PACKAGE: [VERSION, …]}`");
        Vec::new()
    };
    let named = |name: &str| key(name).filter(|_| !axes.is_empty());
    let include = named("include").map(|node| checker.include(node, &axes)).unwrap_or_default();
    let cells = named("cells").map(|node| checker.cells(node, &axes));
    let extra: Vec<_> = include.iter().chain(cells.iter().flatten()).cloned().collect();
    Some(Matrix {
        path: path.to_owned(),
        source: text.to_owned(),
        python: key("python").and_then(|node| checker.python(node)).unwrap_or(PythonChoice::Auto),
        dependencies: key("dependencies").and_then(|node| checker.dependencies(node)).unwrap_or(Dependencies::Release),
        baseline: named("baseline").and_then(|node| checker.baseline(node, &axes, &extra)),
        exclude: named("exclude").map(|node| checker.exclude(node, &axes)).unwrap_or_default(),
        include,
        cells,
        scenarios: key("scenarios").map_or_else(|| vec![PathBuf::from("scenarios")], |node| checker.scenarios(node)),
        tolerance: key("tolerance").map(|node| checker.tolerance(node, &Tolerances::default())).unwrap_or_default(),
        repeats: key("repeats").and_then(|node| checker.count(node, "`repeats`")).unwrap_or(2),
        limits: key("limits").map(|node| checker.limits(node)).unwrap_or_default(),
        engine: key("engine").and_then(|node| checker.engine(node)).unwrap_or_default(),
        docker: key("docker").map(|node| checker.docker(node)).unwrap_or_default(),
        kubernetes: key("kubernetes").map(|node| checker.kubernetes(node)).unwrap_or_default(),
        env: key("env").map(|node| checker.env(node)).unwrap_or_default(),
        max_age: key("max_age").and_then(|node| checker.duration(node, "`max_age`")),
        keep_runs: key("keep_runs").and_then(|node| checker.count(node, "`keep_runs`")).unwrap_or(KEEP_RUNS),
        cache: key("cache").map(|node| checker.cache(node)).unwrap_or_default(),
        axes,
    })
}
