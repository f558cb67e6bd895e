//! Finding scenario files.

use std::{
    collections::HashSet,
    io,
    path::{Component, Path, PathBuf},
};

use super::ScenarioError;
use crate::matrix::Matrix;

/// A file that is a scenario.
pub(super) struct Found {
    /// Its name.
    pub(super) name: String,
    /// Its path relative to the folder of `matrix.yaml`, with forward slashes.
    pub(super) path: String,
    /// Where it is read.
    pub(super) file: PathBuf,
}

/// All scenario files, sorted by name, each name once.
pub(super) fn all(matrix: &Matrix) -> Result<Vec<Found>, ScenarioError> {
    let base = matrix.path.parent().unwrap_or(Path::new(""));
    let mut found = Vec::new();
    let mut looked = Vec::new();
    for folder in &matrix.scenarios {
        let start = base.join(folder);
        looked.push(start.clone());
        match std::fs::metadata(&start) {
            Ok(metadata) if metadata.is_dir() => walk(&start, folder, "", &mut HashSet::new(), &mut found)?,
            // A single file is named like one in the folder it stands in.
            Ok(_) => found.extend(scenario(&start, folder.parent().unwrap_or(Path::new("")), "")?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(ScenarioError::MissingFolder { path: start }),
            Err(source) => return Err(ScenarioError::Io { path: start, source }),
        }
    }
    if found.is_empty() {
        return Err(ScenarioError::NoneFound { looked });
    }
    found.sort_by(|left, right| (&left.name, &left.path).cmp(&(&right.name, &right.path)));
    let twice: Vec<_> = found
        .windows(2)
        .filter_map(|pair| match pair {
            [first, second] if first.name == second.name => Some((first.name.clone(), first.path.clone(), second.path.clone())),
            _ => None,
        })
        .collect();
    if twice.is_empty() { Ok(found) } else { Err(ScenarioError::Duplicates(twice)) }
}

/// The scenario in a file that was named by itself.
pub(super) fn file(file: &Path) -> Result<Option<Found>, ScenarioError> {
    let path = file.to_str().ok_or_else(|| ScenarioError::Name { path: file.to_owned() })?;
    Ok(scenario(file, Path::new(""), "")?.map(|found| Found { path: path.to_owned(), ..found }))
}

/// Adds the scenarios in `at` and below. `below` is the path from the scenario folder `folder` to `at`, empty or ending in a
/// slash; `seen` holds the folders on the way, so that a link back up ends there.
fn walk(at: &Path, folder: &Path, below: &str, seen: &mut HashSet<PathBuf>, found: &mut Vec<Found>) -> Result<(), ScenarioError> {
    let failed = |source| ScenarioError::Io { path: at.to_owned(), source };
    let real = at.canonicalize().map_err(failed)?;
    if !seen.insert(real.clone()) {
        return Ok(());
    }
    for entry in std::fs::read_dir(at).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().first().is_none_or(|first| matches!(first, b'.' | b'_'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            let name = entry.file_name().into_string().map_err(|_| ScenarioError::Name { path: path.clone() })?;
            walk(&path, folder, &format!("{below}{name}/"), seen, found)?;
        } else if path.extension().is_some_and(|extension| extension == "py") {
            found.extend(scenario(&path, folder, below)?);
        }
    }
    seen.remove(&real);
    Ok(())
}

/// The scenario in `file`, which stands `below` the scenario folder `folder`.
fn scenario(file: &Path, folder: &Path, below: &str) -> Result<Option<Found>, ScenarioError> {
    let unnameable = || ScenarioError::Name { path: file.to_owned() };
    let file_name = file.file_name().and_then(|name| name.to_str()).ok_or_else(unnameable)?;
    let Some(stem) = file_name.strip_suffix(".py") else { return Ok(None) };
    if below.contains("::") || stem.contains("::") {
        return Err(unnameable());
    }
    let mut path = String::new();
    for part in folder.components().filter(|part| *part != Component::CurDir) {
        path.push_str(part.as_os_str().to_str().ok_or_else(unnameable)?);
        path.push('/');
    }
    path.push_str(below);
    path.push_str(file_name);
    Ok(Some(Found { name: format!("{below}{stem}"), path, file: file.to_owned() }))
}
