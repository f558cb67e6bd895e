//! Versions that come from a wheel on this machine or from another index than the user's.

use std::path::Path;

use futures_util::future::join_all;
use pep440_rs::Version;

use super::PlanProblem;
use crate::{
    index::{Index, IndexError, Project, Release, wheels},
    matrix::{Axis, AxisVersion, AxisVersions, Matrix, PythonVersion, Source, Unreleased},
};

/// Adds the unreleased versions of all axes to what the index knows; remarks on each. What is not there is a problem of
/// the file.
pub(super) async fn add(
    matrix: &Matrix,
    projects: &mut [Project],
    index: &Index,
    machine: &str,
    problems: &mut Vec<PlanProblem>,
) -> Result<Vec<String>, IndexError> {
    let folder = matrix.path.parent().unwrap_or(Path::new(""));
    let mut notes = Vec::new();
    for (axis, project) in matrix.axes.iter().zip(projects) {
        let found = join_all(axis.unreleased.iter().map(|unreleased| find(axis, unreleased, folder, index, machine))).await;
        for (unreleased, found) in axis.unreleased.iter().zip(found) {
            let problem = |message, help| PlanProblem { place: unreleased.place, text: String::new(), message, help: Some(help) };
            match found? {
                Ok((version, release)) => {
                    if on_axis(axis, project, &version) {
                        let help = "leave one of them out, or build the wheel with a local version such as `+mine`".to_owned();
                        problems
                            .push(problem(format!("{} {version} of `{}` is on the axis already", axis.package, unreleased.source), help));
                        continue;
                    }
                    notes.push(note(axis, &version, &release, &unreleased.source));
                    project.releases.insert(version, release);
                }
                Err((message, help)) => problems.push(problem(message, help)),
            }
        }
    }
    Ok(notes)
}

/// The version that a source stands for, or what is wrong and what to do.
async fn find(
    axis: &Axis,
    unreleased: &Unreleased,
    folder: &Path,
    index: &Index,
    machine: &str,
) -> Result<Result<(Version, Release), (String, String)>, IndexError> {
    let (location, pre) = match &unreleased.source {
        Source::Wheel(pattern) => {
            return Ok(wheels(folder, pattern, &axis.package).map_err(|error| (error.to_string(), error.hint().to_owned())));
        }
        Source::Index { location, pre } => (location, *pre),
    };
    let project = match index.at(location).project(&axis.package).await {
        Ok(project) => project,
        Err(error @ IndexError::NotFound { .. }) => {
            let help = "name the distribution with `package:` if it differs from the axis".to_owned();
            return Ok(Err((error.to_string(), help)));
        }
        Err(error) => return Err(error),
    };
    let usable = |(version, release): &(&Version, &Release)| {
        (pre || !version.any_prerelease())
            && !release.yanked()
            && PythonVersion::SUPPORTED.iter().any(|python| release.wheel(*python, machine).is_some())
    };
    let newest = project.releases.iter().rev().find(usable);
    Ok(newest.map(|(version, release)| (version.clone(), Release { unreleased: true, ..release.clone() })).ok_or_else(|| {
        let help = if pre { "another index, or a released version" } else { "`pre: true` takes pre-releases too" };
        (format!("{location} has no {} with a wheel for a supported interpreter", axis.package), help.to_owned())
    }))
}

fn on_axis(axis: &Axis, project: &Project, version: &Version) -> bool {
    let listed = match &axis.versions {
        AxisVersions::List(list) => list.iter().filter_map(AxisVersion::release).any(|listed| listed == version),
        AxisVersions::Range(_) => false,
    };
    listed || project.releases.get(version).is_some_and(|release| release.unreleased)
}

fn note(axis: &Axis, version: &Version, release: &Release, source: &Source) -> String {
    let package = format!("{} {version}", axis.package);
    match (source, release.files.as_slice()) {
        (Source::Wheel(_), [file]) => format!("{package} is the wheel {}", file.filename),
        (Source::Wheel(pattern), files) => format!("{package} is {} wheels, {pattern}", files.len()),
        (Source::Index { location, .. }, _) => format!("{package} is the newest on {location}"),
    }
}
