//! What the packages of a cell say about each other, and from when their dependencies are.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use pep440_rs::VersionSpecifiers;
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, VersionOrUrl};

use super::{Declarations, DraftCell, PlanAxis, PlanError, Requirement};
use crate::{
    index::{IndexError, Metadata, Project, normalize},
    matrix::{AxisVersion, Dependencies, PythonVersion},
};

/// How long after its release a package's dependencies are taken: long enough for a dependency that was fixed for the
/// release, short enough not to meet the next one.
const AFTER_RELEASE: SignedDuration = SignedDuration::from_hours(5 * 24);

/// What the packages of a cell require directly, each with whether the cell's versions keep it; what is no package of the
/// cell is the resolver's matter, and so kept. None for cells that cannot exist.
pub(super) fn requirements(
    axes: &[PlanAxis],
    cell: &DraftCell,
    declarations: &Declarations,
    machine: &str,
) -> Result<Vec<(Requirement, bool)>, PlanError> {
    let mut requirements = Vec::new();
    if cell.unavailable.is_some() {
        return Ok(requirements);
    }
    let environment = markers(cell.python, machine)?;
    for wheel in cell.wheels() {
        let Some(Some(metadata)) = declarations.get(&wheel) else { continue };
        for declared in own(metadata, &environment) {
            let name = normalize(declared.name.as_ref());
            if name == axes[wheel.0].package {
                continue;
            }
            let range = match &declared.version_or_url {
                Some(VersionOrUrl::VersionSpecifier(range)) => range.clone(),
                Some(VersionOrUrl::Url(_)) | None => VersionSpecifiers::empty(),
            };
            let kept = match axes.iter().position(|axis| axis.package == name).map(|other| &cell.versions[other]) {
                None => true,
                Some(AxisVersion::None) => false,
                Some(AxisVersion::Release(version)) => range.contains(version),
            };
            let requirement = Requirement {
                package: axes[wheel.0].package.clone(),
                version: wheel.1.to_string(),
                on: name,
                range: range.to_string().replace(", ", ","),
            };
            if !requirements.contains(&(requirement.clone(), kept)) {
                requirements.push((requirement, kept));
            }
        }
    }
    Ok(requirements)
}

/// As of when the other packages of a cell are taken; `None` for no cut-off.
pub(super) fn cutoff(
    axes: &[PlanAxis],
    projects: &[Project],
    cell: &DraftCell,
    declarations: &Declarations,
    machine: &str,
) -> Result<Option<Timestamp>, PlanError> {
    match cell.dependencies {
        Dependencies::Today => Ok(None),
        Dependencies::Release if cell.unavailable.is_some() => Ok(None),
        Dependencies::Date(date) => Ok(end_of(date)),
        Dependencies::Release => {
            let environment = markers(cell.python, machine)?;
            let mut newest: Option<Timestamp> = None;
            for wheel in cell.wheels() {
                // What cannot be known may have dependencies, and a cut-off does no harm to what has none.
                let depends = match declarations.get(&wheel) {
                    Some(Some(metadata)) => own(metadata, &environment).next().is_some(),
                    Some(None) => true,
                    None => false,
                };
                if depends {
                    let release = projects[wheel.0].releases.get(&wheel.1);
                    // What is not out yet goes with the dependencies of today.
                    if release.is_some_and(|release| release.unreleased) {
                        return Ok(None);
                    }
                    let first = release.and_then(crate::index::Release::first_upload);
                    let first = first.ok_or_else(|| IndexError::NoUploadTimes { package: axes[wheel.0].package.clone() })?;
                    newest = newest.max(Some(first));
                }
            }
            Ok(newest.and_then(|newest| newest.checked_add(AFTER_RELEASE).ok()))
        }
    }
}

/// The last second of a day, UTC.
fn end_of(date: jiff::civil::Date) -> Option<Timestamp> {
    let end = date.at(23, 59, 59, 0).to_zoned(TimeZone::UTC);
    end.ok().map(|end| end.timestamp())
}

/// Remarks on wheels that say nothing or something unreadable.
pub(super) fn notes(axes: &[PlanAxis], declarations: &Declarations) -> Vec<String> {
    let mut notes = Vec::new();
    for ((axis, version, _), metadata) in declarations {
        let package = format!("{} {version}", axes[*axis].package);
        match metadata {
            None => notes.push(format!("what {package} declares cannot be read; its pairs count as declared")),
            Some(metadata) => {
                let unreadable = metadata.unreadable.iter();
                notes.extend(unreadable.map(|text| format!("{package} requires `{text}`, which PEP 508 cannot read; it is left out")));
            }
        }
    }
    notes.dedup();
    notes
}

/// What a package requires on an interpreter, without extras.
pub(crate) fn required(metadata: &Metadata, python: PythonVersion, machine: &str) -> Result<Vec<pep508_rs::Requirement>, PlanError> {
    let environment = markers(python, machine)?;
    Ok(own(metadata, &environment).cloned().collect())
}

/// Requirements that hold without extras.
fn own<'a>(metadata: &'a Metadata, environment: &'a MarkerEnvironment) -> impl Iterator<Item = &'a pep508_rs::Requirement> {
    metadata.requires_dist.iter().filter(|requirement| requirement.evaluate_markers(environment, &[]))
}

/// The reference interpreter of a minor series on Linux; the series stands for its newest patch release.
fn markers(python: PythonVersion, machine: &str) -> Result<MarkerEnvironment, PlanError> {
    let (short, full) = (python.to_string(), format!("{python}.99"));
    let builder = MarkerEnvironmentBuilder {
        implementation_name: "cpython",
        implementation_version: &full,
        os_name: "posix",
        platform_machine: machine,
        platform_python_implementation: "CPython",
        platform_release: "",
        platform_system: "Linux",
        platform_version: "",
        python_full_version: &full,
        python_version: &short,
        sys_platform: "linux",
    };
    let environment = MarkerEnvironment::try_from(builder);
    environment.map_err(|error| PlanError::Markers { machine: machine.to_owned(), message: error.to_string() })
}
