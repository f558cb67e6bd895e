//! What every command begins with: the matrix, its scenarios, its results.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy as _;

use super::Common;
use crate::{
    error::Error,
    matrix::{Matrix, Tolerances},
    report::{self, Results},
    scenario::{self, Scenario},
    store::{Record, Store},
};

/// Finds and reads the matrix: `--file`, or `matrix.yaml` here or in the nearest folder above that has one, up to the
/// root of the repository.
pub(super) fn matrix(common: &Common) -> Result<Matrix, Error> {
    let path = match &common.file {
        Some(path) => path.clone(),
        None => nearest(Path::new(".")).unwrap_or_else(|| PathBuf::from("matrix.yaml")),
    };
    let mut matrix = Matrix::read(&path)?;
    if let Some(engine) = common.engine {
        matrix.engine = engine.into();
    }
    Ok(matrix)
}

fn nearest(start: &Path) -> Option<PathBuf> {
    let mut folder = std::path::absolute(start).ok()?;
    let here = folder.clone();
    loop {
        let candidate = folder.join("matrix.yaml");
        if candidate.is_file() {
            return Some(if folder == here { PathBuf::from("matrix.yaml") } else { candidate });
        }
        if folder.join(".git").exists() || !folder.pop() {
            return None;
        }
    }
}

/// Where the results of a matrix are.
pub(super) fn state(matrix: &Matrix) -> PathBuf {
    matrix.path.with_file_name(".skew")
}

/// The user's cache: `SKEW_CACHE_DIR`, else the platform's place for caches.
pub(super) fn cache() -> Result<PathBuf, Error> {
    if let Some(path) = std::env::var_os("SKEW_CACHE_DIR").filter(|path| !path.is_empty()) {
        return Ok(PathBuf::from(path));
    }
    let strategy = etcetera::choose_base_strategy().map_err(|error| Error::Usage {
        message: format!("there is no place for a cache: {error}"),
        hint: Some("set SKEW_CACHE_DIR to a folder".to_owned()),
    })?;
    Ok(strategy.cache_dir().join("skew"))
}

/// The model of a stored run, judged with the tolerances that the matrix and the scenarios name today.
pub(super) fn results(record: &Record, common: &Common, tolerances: &JudgedBy) -> Result<Results, Error> {
    let baseline = match &common.baseline {
        None => record.baseline,
        Some(id) => record.cells.iter().position(|cell| cell.id == *id).ok_or_else(|| {
            let ids: Vec<&str> = record.cells.iter().map(|cell| cell.id.as_str()).collect();
            Error::Usage { message: format!("there is no cell `{id}`"), hint: super::select::nearest(id, &ids) }
        })?,
    };
    Ok(report::build(record, baseline, |name| tolerances.of(name)))
}

/// The newest stored run of a matrix, as a model.
pub(super) fn latest(common: &Common) -> Result<Results, Error> {
    let matrix = matrix(common)?;
    let store = Store::existing(&state(&matrix))?;
    let record = store.load(&store.latest()?)?;
    let scenarios = scenario::collect(&matrix)?;
    results(&record, common, &JudgedBy::new(&matrix, &scenarios))
}

/// Tolerances by scenario.
pub(super) struct JudgedBy {
    general: Tolerances,
    own: HashMap<String, Tolerances>,
}

impl JudgedBy {
    /// As the matrix says, and the headers of scenarios that say otherwise.
    pub(super) fn new(matrix: &Matrix, scenarios: &[Scenario]) -> Self {
        let own = scenarios.iter().filter_map(|scenario| Some((scenario.name.clone(), scenario.header.tolerance.clone()?)));
        Self { general: matrix.tolerance.clone(), own: own.collect() }
    }

    fn of(&self, scenario: &str) -> &Tolerances {
        self.own.get(scenario).unwrap_or(&self.general)
    }
}
