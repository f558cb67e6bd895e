//! The cell that all others are compared with.

use pep440_rs::Version;

use super::{Draft, PlanCell, PlanError, PlanProblem};
use crate::{
    index::Project,
    matrix::{AxisVersion, CellEntry},
};

/// The newest cell that its packages' metadata allows, else the newest that can exist. Newest is the greatest sum of the
/// ranks of its versions on their axes; of several the one whose later axes are newer, then the one with the newer
/// interpreter. Unreleased versions are what is compared, not what others are compared with: they are the last choice.
pub(super) fn newest(draft: &Draft, cells: &[PlanCell]) -> usize {
    let key = |cell: &PlanCell| {
        let ranks = ranks(draft, &cell.versions);
        let later: Vec<usize> = ranks.iter().rev().copied().collect();
        let released = cell.unreleased.is_empty() && !cell.versions.iter().filter_map(AxisVersion::release).any(Version::any_prerelease);
        (cell.unavailable.is_none(), cell.declared, released, ranks.iter().sum::<usize>(), later, cell.python, cell.cutoff)
    };
    let best = cells.iter().enumerate().max_by_key(|(_, cell)| key(cell));
    best.map_or(0, |(index, _)| index)
}

fn ranks(draft: &Draft, versions: &[AxisVersion]) -> Vec<usize> {
    let ranks = draft.versions.iter().zip(versions).map(|(axis, version)| axis.partition_point(|other| other < version));
    ranks.collect()
}

/// The cell that the file names.
pub(super) fn find(wanted: &CellEntry, projects: &[Project], draft: &Draft, cells: &[PlanCell]) -> Result<usize, PlanError> {
    let spelled = wanted.versions.iter().zip(projects).map(|(version, project)| match version.release() {
        Some(release) => project.releases.get_key_value(release).map_or(version.clone(), |(found, _)| AxisVersion::Release(found.clone())),
        None => AxisVersion::None,
    });
    let versions: Vec<AxisVersion> = spelled.collect();
    let matches = |index: &usize| {
        cells[*index].versions == versions
            && wanted.python.is_none_or(|python| cells[*index].python == python)
            && wanted.dependencies.is_none_or(|dependencies| draft.cells[*index].dependencies == dependencies)
    };
    let matching: Vec<usize> = (0..cells.len()).filter(matches).collect();
    let existing = matching.iter().copied().filter(|index| cells[*index].unavailable.is_none());
    // Of several, which differ in their interpreter only, the newest one.
    if let Some(index) = existing.max_by_key(|index| cells[*index].python) {
        return Ok(index);
    }
    let id = draft.axes.iter().zip(&versions).map(|(axis, version)| format!("{}-{version}", axis.name)).collect::<Vec<_>>().join("+");
    let excluded = draft.excluded.iter().find(|excluded| excluded.id == id || excluded.id.starts_with(&format!("{id}+python-")));
    let message = match (matching.first().and_then(|index| cells[*index].unavailable.as_ref()), excluded) {
        (Some(reason), _) => format!("the baseline {id} can never exist: {reason}"),
        (None, Some(excluded)) => format!("the baseline {id} is excluded: {}", excluded.reason),
        (None, None) => format!("the baseline {id} is not a cell of the matrix"),
    };
    Err(PlanError::Problems(vec![PlanProblem { place: wanted.place, text: id, message, help: nearest(draft, &versions, cells) }]))
}

/// The existing cell with the smallest distance on the axes.
fn nearest(draft: &Draft, versions: &[AxisVersion], cells: &[PlanCell]) -> Option<String> {
    let wanted = ranks(draft, versions);
    let distance = |cell: &PlanCell| {
        let other = ranks(draft, &cell.versions);
        let steps: usize = wanted.iter().zip(&other).map(|(one, other)| one.abs_diff(*other)).sum();
        let differing = versions.iter().zip(&cell.versions).filter(|(one, other)| one != other).count();
        (differing, steps, !cell.declared)
    };
    let existing = cells.iter().filter(|cell| cell.unavailable.is_none());
    existing.min_by_key(|cell| distance(cell)).map(|cell| format!("nearest is {}", cell.id))
}
