//! What a GitHub workflow is told when skew runs in one: `GITHUB_ACTIONS=true`.

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use super::{Common, Format, open, output};
use crate::{
    error::{EXIT_DIFFERENT, EXIT_INCOMPLETE, EXIT_INTERRUPTED, Error},
    report::{Results, github},
};

/// Whether this is a step of a GitHub workflow.
pub(super) fn is_here() -> bool {
    std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true")
}

/// Writes the step summary, the outputs and the annotations, if this is a step of a workflow. Annotations go to standard
/// error, where the runner reads them as well, so that standard output keeps its format. `new` counts what `--fail-on new` minds;
/// `report` is where the report was written.
pub(super) fn publish(
    common: &Common,
    results: &Results,
    new: impl FnOnce() -> Result<usize, Error>,
    code: u8,
    report: Option<&Path>,
) -> Result<(), Error> {
    if !is_here() {
        return Ok(());
    }
    if let Some(path) = named("GITHUB_STEP_SUMMARY") {
        let taken = fs::metadata(&path).map_or(0, |known| usize::try_from(known.len()).unwrap_or(usize::MAX));
        let room = github::SUMMARY_BYTES.saturating_sub(taken);
        append(path, &github::summary(results, room, common.url.as_deref()))?;
    }
    if let Some(path) = named("GITHUB_OUTPUT") {
        let status = match code {
            EXIT_DIFFERENT => "different",
            EXIT_INCOMPLETE => "incomplete",
            EXIT_INTERRUPTED => "interrupted",
            _ => "expected",
        };
        append(path, &github::outputs(results, status, new()?, report.map(|path| path.display().to_string()).as_deref()))?;
    }
    if common.format != Some(Format::Github) {
        output::Terminal::note(&github::annotations(results, &folder(common)));
    }
    Ok(())
}

/// The way from the root of the repository to the matrix: empty, or `compat/`.
pub(super) fn folder(common: &Common) -> String {
    let matrix = std::path::absolute(open::path(common)).unwrap_or_default();
    let root = named("GITHUB_WORKSPACE").or_else(|| std::env::current_dir().ok()).unwrap_or_default();
    let folder = matrix.parent().and_then(|folder| folder.strip_prefix(root).ok()).map(Path::to_string_lossy).unwrap_or_default();
    if folder.is_empty() { String::new() } else { format!("{folder}/") }
}

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn append(path: PathBuf, text: &str) -> Result<(), Error> {
    let file = fs::OpenOptions::new().create(true).append(true).open(&path);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|source| Error::File { action: "write", path, source })
}
