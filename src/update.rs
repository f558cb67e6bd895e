//! What came out since a run: told from its record, today's plan and the package index. Starts nothing.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use jiff::Timestamp;
use pep440_rs::Version;
use pep508_rs::{Requirement, VersionOrUrl};
use serde::Serialize;

use crate::{
    index::{Index, IndexError, Project, Release, normalize},
    matrix::{Axis, Matrix, PythonVersion},
    plan::{Plan, PlanAxis, PlanError, required},
    store::Record,
};

/// What came out since a run.
#[derive(Debug, Serialize)]
pub struct Update {
    /// Id of the run.
    pub run: String,
    /// When it began.
    pub since: Timestamp,
    /// Axes with something new.
    pub axes: Vec<AxisUpdate>,
    /// Dependencies that the cells without a cut-off date would get anew.
    pub dependencies: Vec<Moved>,
    /// Cells that could run and that the run did not have.
    pub cells: Vec<String>,
}

/// What is new on an axis.
#[derive(Debug, Serialize)]
pub struct AxisUpdate {
    /// Its name.
    pub axis: String,
    /// Its distribution.
    pub package: String,
    /// Releases that came out since, oldest version first; pre-releases only where the axis takes them.
    pub appeared: Vec<Appeared>,
    /// Versions of the axis that it did not have then.
    pub added: Vec<String>,
    /// Versions that it had then and has no more.
    pub dropped: Vec<String>,
    /// Unreleased versions whose wheels were built again.
    pub rebuilt: Vec<String>,
}

/// A release.
#[derive(Debug, Serialize)]
pub struct Appeared {
    /// Its version.
    pub version: String,
    /// When its first file came out.
    pub uploaded: Timestamp,
    /// Whether the matrix takes it.
    pub on_axis: bool,
}

/// A dependency of which there is a newer release that everything beside it allows.
#[derive(Debug, Serialize)]
pub struct Moved {
    /// Distribution.
    pub package: String,
    /// The versions that are installed.
    pub from: Vec<String>,
    /// The newer one.
    pub to: String,
    /// When it came out, where the index tells.
    pub uploaded: Option<Timestamp>,
    /// In how many cells.
    pub cells: usize,
}

impl Update {
    /// Whether nothing is new.
    pub fn is_empty(&self) -> bool {
        self.axes.is_empty() && self.dependencies.is_empty() && self.cells.is_empty()
    }
}

/// What came out since the run of `record`, which began at `since`.
///
/// # Errors
/// Trouble with the index.
pub async fn since(
    record: &Record,
    since: Timestamp,
    matrix: &Matrix,
    plan: &Plan,
    index: &Index,
    machine: &str,
) -> Result<Update, PlanError> {
    let projects = projects(index, plan.axes.iter().map(|axis| axis.package.as_str())).await?;
    let nothing = Project::default();
    let mut axes = Vec::new();
    for (axis, planned) in matrix.axes.iter().zip(&plan.axes) {
        let project = projects.get(planned.package.as_str()).unwrap_or(&nothing);
        let before = record.axes.iter().find(|before| before.name == axis.name).map_or(&[][..], |before| before.versions.as_slice());
        let update = AxisUpdate {
            axis: axis.name.clone(),
            package: axis.package.clone(),
            appeared: appeared(axis, planned, project, since, machine),
            added: lacking(&planned.versions, before),
            dropped: lacking(before, &planned.versions),
            rebuilt: rebuilt(record, plan, &axis.package),
        };
        if !(update.appeared.is_empty() && update.added.is_empty() && update.dropped.is_empty() && update.rebuilt.is_empty()) {
            axes.push(update);
        }
    }
    let known: BTreeSet<&str> = record.cells.iter().map(|cell| cell.id.as_str()).collect();
    let cells = plan.cells.iter().filter(|cell| cell.unavailable.is_none() && !known.contains(cell.id.as_str()));
    Ok(Update {
        run: record.id.clone(),
        since,
        axes,
        dependencies: moved(record, since, plan, index, machine).await?,
        cells: cells.map(|cell| cell.id.clone()).collect(),
    })
}

/// What `those` lack of `versions`.
fn lacking(versions: &[String], those: &[String]) -> Vec<String> {
    versions.iter().filter(|version| !those.contains(version)).cloned().collect()
}

fn appeared(axis: &Axis, planned: &PlanAxis, project: &Project, since: Timestamp, machine: &str) -> Vec<Appeared> {
    let new = project.releases.iter().filter_map(|(version, release)| {
        let uploaded = release.first_upload().filter(|uploaded| *uploaded > since)?;
        let wanted = (axis.pre || !version.any_prerelease()) && !release.yanked();
        let usable = PythonVersion::SUPPORTED.iter().any(|python| release.wheel(*python, machine).is_some());
        let version = version.to_string();
        (wanted && usable).then(|| Appeared { on_axis: planned.versions.contains(&version), version, uploaded })
    });
    new.collect()
}

/// The unreleased versions of a package of which the run had another wheel.
fn rebuilt(record: &Record, plan: &Plan, package: &str) -> Vec<String> {
    let mut versions = BTreeSet::new();
    for cell in &plan.cells {
        let Some(digest) = cell.unreleased.get(package).and_then(|wheel| wheel.sha256.as_ref()) else { continue };
        let before = record.cells.iter().filter(|before| before.id == cell.id).flat_map(|before| &before.facts.packages);
        let before = before.filter(|before| before.name == package && !before.hashes.is_empty());
        versions.extend(before.filter(|before| !before.hashes.contains(&format!("sha256:{digest}"))).map(|before| before.version.clone()));
    }
    versions.into_iter().collect()
}

/// A cell of the run whose dependencies are not dated.
struct Undated<'a> {
    python: PythonVersion,
    packages: BTreeMap<&'a str, Version>,
}

async fn moved(record: &Record, since: Timestamp, plan: &Plan, index: &Index, machine: &str) -> Result<Vec<Moved>, PlanError> {
    let undated = plan.cells.iter().filter(|cell| cell.cutoff.is_none() && cell.unavailable.is_none()).filter_map(|cell| {
        let before = record.cells.iter().find(|before| before.id == cell.id)?;
        let packages = before.facts.packages.iter().filter_map(|package| Some((package.name.as_str(), package.version.parse().ok()?)));
        Some(Undated { python: before.python.parse().ok()?, packages: packages.collect() })
    });
    let cells: Vec<Undated<'_>> = undated.collect();
    let projects = projects(index, cells.iter().flat_map(|cell| cell.packages.keys().copied())).await?;
    let declared = declared(&cells, &projects, index, machine).await?;
    let mut moved: BTreeMap<(String, Version), Moved> = BTreeMap::new();
    for cell in &cells {
        for (name, installed) in &cell.packages {
            let (Some(project), false) = (projects.get(name), plan.axes.iter().any(|axis| axis.package == *name)) else { continue };
            let wanted: Vec<&Requirement> = cell
                .packages
                .iter()
                .filter_map(|(other, version)| declared.get(&(*other, version.clone(), cell.python)))
                .flatten()
                .filter(|requirement| normalize(requirement.name.as_ref()) == *name)
                .collect();
            let newer = project.releases.range(installed.clone()..).rev().find(|(version, release)| {
                *version > installed
                    && (installed.any_prerelease() || !version.any_prerelease())
                    && !release.yanked()
                    && release.first_upload().is_none_or(|uploaded| uploaded > since)
                    && release.installs(cell.python, machine)
                    && wanted.iter().all(|requirement| allows(requirement, version))
            });
            let Some((version, release)) = newer else { continue };
            let entry = moved.entry(((*name).to_owned(), version.clone())).or_insert_with(|| Moved {
                package: (*name).to_owned(),
                from: Vec::new(),
                to: version.to_string(),
                uploaded: release.first_upload(),
                cells: 0,
            });
            entry.cells += 1;
            let from = installed.to_string();
            if !entry.from.contains(&from) {
                entry.from.push(from);
            }
        }
    }
    Ok(moved.into_values().collect())
}

fn allows(requirement: &Requirement, version: &Version) -> bool {
    match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(range)) => range.contains(version),
        Some(VersionOrUrl::Url(_)) => false,
        None => true,
    }
}

type Declared<'a> = BTreeMap<(&'a str, Version, PythonVersion), Vec<Requirement>>;

/// What every installed package requires. One whose wheel or metadata is not to be had requires nothing.
async fn declared<'a>(
    cells: &[Undated<'a>],
    projects: &BTreeMap<&str, Project>,
    index: &Index,
    machine: &str,
) -> Result<Declared<'a>, PlanError> {
    let installed = cells.iter().flat_map(|cell| cell.packages.iter().map(|(name, version)| (*name, version.clone(), cell.python)));
    let installed: BTreeSet<_> = installed.collect();
    let answers = join_all(installed.into_iter().map(|key| async {
        let release: Option<&Release> = projects.get(key.0).and_then(|project| project.releases.get(&key.1));
        let metadata = match release.and_then(|release| release.wheel(key.2, machine)) {
            None => return Ok(None),
            Some(wheel) => match index.metadata(wheel).await {
                Ok(metadata) => metadata,
                Err(IndexError::NoMetadata { .. } | IndexError::Offline { .. }) => return Ok(None),
                Err(error) => return Err(PlanError::from(error)),
            },
        };
        let wanted = required(&metadata, key.2, machine)?;
        Ok(Some((key, wanted)))
    }))
    .await;
    answers.into_iter().filter_map(Result::transpose).collect()
}

/// Projects by name; those that the index does not know are left out.
async fn projects<'a>(index: &Index, names: impl Iterator<Item = &'a str>) -> Result<BTreeMap<&'a str, Project>, IndexError> {
    let names: BTreeSet<&str> = names.collect();
    let answers = join_all(names.iter().map(|name| index.project(name))).await;
    let found = names.into_iter().zip(answers).filter_map(|(name, answer)| match answer {
        Ok(project) => Some(Ok((name, project))),
        Err(IndexError::NotFound { .. }) => None,
        Err(error) => Some(Err(error)),
    });
    found.collect()
}
