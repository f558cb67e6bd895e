//! What every command begins with: the matrix, its scenarios, its results.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy as _;
use flate2::read::MultiGzDecoder;

use super::{Common, select};
use crate::{
    analysis::diff,
    error::Error,
    expected::{self, Expectations},
    matrix::{Matrix, Tolerances},
    report::{self, Results, Since, json},
    scenario::{self, Scenario},
    store::{Record, Store},
};

/// How files that gzip has packed begin.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Bytes that a file of results may have.
const LARGEST: u64 = 2 << 30;

/// Finds and reads the matrix: `--file`, or `matrix.yaml` here or in the nearest folder above that has one, up to the
/// root of the repository.
pub(super) fn matrix(common: &Common) -> Result<Matrix, Error> {
    let mut matrix = Matrix::read(&path(common))?;
    if let Some(engine) = common.engine {
        matrix.engine = engine.into();
    }
    Ok(matrix)
}

/// Where the matrix is, whether or not it is there.
pub(super) fn path(common: &Common) -> PathBuf {
    let found = || nearest(Path::new(".")).unwrap_or_else(|| PathBuf::from("matrix.yaml"));
    common.file.clone().unwrap_or_else(found)
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

/// The number of the cell that others are compared with: the run's, unless an option names another.
fn baseline(record: &Record, common: &Common) -> Result<usize, Error> {
    let Some(id) = &common.baseline else { return Ok(record.baseline) };
    record.cells.iter().position(|cell| cell.id == *id).ok_or_else(|| {
        let ids: Vec<&str> = record.cells.iter().map(|cell| cell.id.as_str()).collect();
        Error::Usage { message: format!("there is no cell `{id}`"), hint: select::nearest(id, &ids) }
    })
}

/// The model of a stored run, judged with the tolerances that the matrix and the scenarios name today.
pub(super) fn results(record: &Record, common: &Common, tolerances: &JudgedBy) -> Result<Results, Error> {
    let mut results = report::build(record, baseline(record, common)?, |name| tolerances.of(name));
    for scenario in &mut results.scenarios {
        scenario.env = tolerances.variables(&scenario.name);
    }
    Ok(results)
}

/// What of a stored run an expression selects, beside the baseline. What an earlier run said is not part of it.
pub(super) fn part(
    store: &Store,
    id: &str,
    expression: &str,
    common: &Common,
    judged_by: &JudgedBy,
    expected: Option<&Expectations>,
) -> Result<Results, Error> {
    let mut record = store.load(id)?;
    let known: Vec<_> = record.cells.iter().map(|cell| select::Known { id: &cell.id, axes: &cell.axes, python: &cell.python }).collect();
    let names: Vec<&str> = record.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
    let (cells, scenarios) = select::of_run(expression, &matrix(common)?, &known, &names)?;
    record.narrow(cells, &scenarios, baseline(&record, common)?, &format!("-k {expression}"));
    let mut results = results(&record, common, judged_by)?;
    results.timings = common.timings.then(|| report::timings(&record));
    if let Some(expected) = expected {
        expected::mark(expected, &mut results);
    }
    Ok(results)
}

/// The newest stored run of a matrix, as a model.
pub(super) fn latest(common: &Common) -> Result<Results, Error> {
    let (store, judged_by) = existing(common)?;
    results(&store.load(&store.latest()?)?, common, &judged_by)
}

/// The store of a matrix, and the tolerances it is judged with.
pub(super) fn existing(common: &Common) -> Result<(Store, JudgedBy), Error> {
    let matrix = matrix(common)?;
    let store = Store::existing(&state(&matrix))?;
    let scenarios = scenario::collect(&matrix)?;
    Ok((store, JudgedBy::new(&matrix, &scenarios)))
}

/// The tolerances of the matrix that is here, or the defaults where there is none.
pub(super) fn judged_by(common: &Common) -> Result<JudgedBy, Error> {
    if common.file.is_none() && nearest(Path::new(".")).is_none() {
        return Ok(JudgedBy::default());
    }
    let matrix = matrix(common)?;
    let scenarios = scenario::collect(&matrix)?;
    Ok(JudgedBy::new(&matrix, &scenarios))
}

/// Whether a name is meant as a file with results.
pub(super) fn is_file(name: &str) -> bool {
    let path = Path::new(name);
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json")) || path.is_file()
}

/// The model in a `results.json`, which may be packed by gzip.
pub(super) fn file(path: &Path) -> Result<Results, Error> {
    let failed = |source| Error::File { action: "read", path: path.to_owned(), source };
    let mut bytes = fs::read(path).map_err(failed)?;
    if bytes.starts_with(&GZIP) {
        let packed = std::mem::take(&mut bytes);
        MultiGzDecoder::new(&packed[..]).take(LARGEST + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > LARGEST {
        return Err(Error::Usage { message: format!("{} has more than {} GiB", path.display(), LARGEST >> 30), hint: None });
    }
    let text = String::from_utf8(bytes).map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))?;
    json::parse(&text).map_err(|error| Error::Usage { message: format!("{}: {error}", path.display()), hint: None })
}

/// The same, to be rendered as it was published: against another baseline it would need every value.
pub(super) fn published(path: &Path, common: &Common) -> Result<Results, Error> {
    let results = file(path)?;
    match &common.baseline {
        Some(id) if *id != results.baseline => Err(Error::Usage {
            message: format!("{} was published against the baseline {}", path.display(), results.baseline),
            hint: Some("a stored run can be compared with any cell: `skew report --baseline`".to_owned()),
        }),
        _ => Ok(results),
    }
}

/// A stored run with what is different since the newest complete run before it and what is expected, and that run.
pub(super) fn with_previous(
    store: &Store,
    id: &str,
    common: &Common,
    judged_by: &JudgedBy,
    expected: Option<&Expectations>,
) -> Result<(Results, Option<Previous>), Error> {
    let record = store.load(id)?;
    let mut results = results(&record, common, judged_by)?;
    results.timings = common.timings.then(|| report::timings(&record));
    drop(record);
    let previous = earlier(store, id, common, judged_by, Some(&results))?;
    results.since = previous.as_ref().map(|previous| match previous {
        Previous::Other(previous) => {
            let diff = diff::reports(previous, &results, |name| judged_by.of(name));
            report::since(&diff, previous, &results)
        }
        Previous::Like { differing, part } => {
            let diff = diff::scenarios(part, &results, |name| differing.contains(name), |name| judged_by.of(name));
            report::since(&diff, part, &results)
        }
        Previous::Same { id, started } => {
            let since = report::since(&diff::unchanged(&results), &results, &results);
            Since { run: id.clone(), started: started.clone(), ..since }
        }
    });
    if let Some(expected) = expected {
        expected::mark(expected, &mut results);
    }
    Ok((results, previous))
}

/// The newest complete run before this one.
pub(super) fn previous(store: &Store, id: &str, common: &Common, judged_by: &JudgedBy) -> Result<Option<Results>, Error> {
    Ok(match earlier(store, id, common, judged_by, None)? {
        Some(Previous::Other(results)) => Some(*results),
        Some(Previous::Like { .. } | Previous::Same { .. }) | None => None,
    })
}

/// The newest complete run before a run.
pub(super) enum Previous {
    /// It says what this run says: nothing ran anew.
    Same {
        /// Its id.
        id: String,
        /// When it began, RFC 3339.
        started: String,
    },
    /// It says what this run says of all scenarios but these, and only those are read.
    Like {
        /// Names of the scenarios.
        differing: BTreeSet<String>,
        /// What it says of them.
        part: Box<Results>,
    },
    /// It has results of its own.
    Other(Box<Results>),
}

impl Previous {
    /// What it says of scenarios of which it may say something else than the run after it; `results` are those of that run.
    pub(super) fn results<'r>(&'r self, results: &'r Results) -> &'r Results {
        match self {
            Self::Same { .. } => results,
            Self::Like { part: previous, .. } | Self::Other(previous) => previous,
        }
    }

    /// Its id.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Same { id, .. } => id,
            Self::Like { part: previous, .. } | Self::Other(previous) => &previous.run.id,
        }
    }
}

/// The newest complete run before this one, of which `known` is what is known.
fn earlier(store: &Store, id: &str, common: &Common, judged_by: &JudgedBy, known: Option<&Results>) -> Result<Option<Previous>, Error> {
    for older in store.ids()?.into_iter().skip_while(|older| older != id).skip(1) {
        if !store.is_answered(&older)? {
            continue;
        }
        // What did not run anew the earlier run says as this one does, and need not be read.
        let known = known.filter(|known| known.run.complete);
        let differing = if known.is_some() { store.differing(id, &older)? } else { None };
        if let (Some(_), Some(started)) = (differing.as_ref().filter(|differing| differing.is_empty()), store.started(&older)?) {
            return Ok(Some(Previous::Same { id: older, started }));
        }
        let record = match &differing {
            Some(differing) => store.load_scenarios(&older, differing)?,
            None => store.load(&older)?,
        };
        let results = match results(&record, common, judged_by) {
            Ok(results) => results,
            // An older run may lack the cell that `--baseline` names.
            Err(Error::Usage { .. }) => continue,
            Err(error) => return Err(error),
        };
        if results.run.complete {
            let part = Box::new(results);
            return Ok(Some(match differing {
                Some(differing) => Previous::Like { differing, part },
                None => Previous::Other(part),
            }));
        }
    }
    Ok(None)
}

/// Tolerances and variables by scenario.
#[derive(Default)]
pub(super) struct JudgedBy {
    general: Tolerances,
    own: HashMap<String, Tolerances>,
    env: BTreeMap<String, String>,
    own_env: HashMap<String, BTreeMap<String, String>>,
}

impl JudgedBy {
    /// As the matrix says, and the headers of scenarios that say otherwise.
    pub(super) fn new(matrix: &Matrix, scenarios: &[Scenario]) -> Self {
        let own = scenarios.iter().filter_map(|scenario| Some((scenario.name.clone(), scenario.header.tolerance.clone()?)));
        let own_env = scenarios.iter().map(|scenario| (scenario.name.clone(), scenario.header.env.clone()));
        Self { general: matrix.tolerance.clone(), own: own.collect(), env: matrix.env.clone(), own_env: own_env.collect() }
    }

    /// The matrix's variables, the header's over them.
    fn variables(&self, scenario: &str) -> BTreeMap<String, String> {
        self.env.clone().into_iter().chain(self.own_env.get(scenario).cloned().unwrap_or_default()).collect()
    }

    /// Those of a scenario.
    pub(super) fn of(&self, scenario: &str) -> &Tolerances {
        self.own.get(scenario).unwrap_or(&self.general)
    }
}
