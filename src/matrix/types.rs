//! The validated matrix and its vocabulary.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use pep440_rs::{Version, VersionSpecifiers};
use serde::{Deserialize, Serialize};
pub use skew_engine::{ClusterCache, DockerSettings, KubernetesSettings, Limits, PythonVersion, Toleration};

use crate::index::Location;

/// A validated `matrix.yaml`.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// The file it came from.
    pub path: PathBuf,
    /// Its text, so that later stages can show the lines their problems stand in.
    pub source: String,
    /// Axes in the order of the file; one to four.
    pub axes: Vec<Axis>,
    /// Which interpreters.
    pub python: PythonChoice,
    /// As of when all other packages are taken.
    pub dependencies: Dependencies,
    /// The cell all others are compared with; `None` leaves the choice to the plan.
    pub baseline: Option<CellEntry>,
    /// Combinations left out.
    pub exclude: Vec<Exclude>,
    /// Combinations added to the product.
    pub include: Vec<CellEntry>,
    /// Only these combinations, instead of the product.
    pub cells: Option<Vec<CellEntry>>,
    /// Folders (or files) of scenarios, relative to the file's folder.
    pub scenarios: Vec<PathBuf>,
    /// Tolerances, defaults filled in.
    pub tolerance: Tolerances,
    /// Executions of every scenario in a cell; at least 1.
    pub repeats: u32,
    /// Limits of one scenario.
    pub limits: Limits,
    /// Where cells run.
    pub engine: EngineChoice,
    /// Settings of engine docker.
    pub docker: DockerSettings,
    /// Settings of engine kubernetes.
    pub kubernetes: KubernetesSettings,
    /// Variables for every scenario.
    pub env: BTreeMap<String, String>,
    /// Age beyond which a stored outcome no longer serves.
    pub max_age: Option<Duration>,
    /// How many runs are kept.
    pub keep_runs: u32,
    /// Room that environments may take.
    pub cache: CacheLimits,
}

/// What the store of environments may take of the disk that it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// Bytes that it keeps within by removing what was used longest ago; `None`: no limit.
    pub limit: Option<u64>,
    /// Bytes that stay free on its disk: environments are made only above that.
    pub min_free_disk: u64,
}

impl Default for CacheLimits {
    fn default() -> Self {
        Self { limit: None, min_free_disk: 2 << 30 }
    }
}

/// One dimension of the matrix.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Its name.
    pub name: String,
    /// Distribution that is installed, normalised by PEP 503.
    pub package: String,
    /// Module that is pre-imported.
    pub import: String,
    /// Which versions.
    pub versions: AxisVersions,
    /// Versions that the user's index does not have, beside those of a list.
    pub unreleased: Vec<Unreleased>,
    /// Which releases of a range are taken.
    pub every: Every,
    /// Whether a range takes pre-releases.
    pub pre: bool,
    /// Whether a range takes releases that their authors withdrew.
    pub yanked: bool,
    /// Place of its versions in the file, for problems found later.
    pub place: Place,
    /// Place of each version of a list, in its order; empty for a range.
    pub version_places: Vec<Place>,
}

/// Versions of an axis as the file names them.
#[derive(Clone, Debug)]
pub enum AxisVersions {
    /// Each one named.
    List(Vec<AxisVersion>),
    /// A PEP 440 range, resolved on the package index.
    Range(VersionSpecifiers),
}

/// A version that is not told by its number: what it is, the file or the index says.
#[derive(Clone, Debug)]
pub struct Unreleased {
    /// Where it comes from.
    pub source: Source,
    /// Where it stands.
    pub place: Place,
}

/// Where an unreleased version comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Wheels of one version on this machine: a path, perhaps with `*`, relative to the file's folder.
    Wheel(String),
    /// The newest version on another index.
    Index {
        /// The index.
        location: Location,
        /// Whether pre-releases count.
        pre: bool,
    },
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wheel(pattern) => f.write_str(pattern),
            Self::Index { location, .. } => location.fmt(f),
        }
    }
}

/// Granularity of a range: the newest release of every …
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Every {
    /// … major series.
    Major,
    /// … minor series.
    #[default]
    Minor,
    /// … single release.
    Patch,
}

/// A version on an axis.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AxisVersion {
    /// Not installed; literal `none`.
    None,
    /// This release.
    Release(Version),
}

impl fmt::Display for AxisVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Release(version) => version.fmt(f),
        }
    }
}

impl AxisVersion {
    /// The release, unless `none`.
    pub fn release(&self) -> Option<&Version> {
        match self {
            Self::None => None,
            Self::Release(version) => Some(version),
        }
    }
}

/// Which interpreters the matrix runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PythonChoice {
    /// The fewest interpreters whose wheels cover all cells, newest first.
    Auto,
    /// One for all cells.
    One(PythonVersion),
    /// An axis of its own, in the order of the file.
    Axis(Vec<PythonVersion>),
}

/// As of when packages other than the cell's own are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependencies {
    /// When the cell's own packages came out, plus a few days.
    Release,
    /// No cut-off.
    Today,
    /// The end of this day, UTC.
    Date(jiff::civil::Date),
}

/// A combination of versions named in the file (`baseline`, `include`, `cells`).
#[derive(Clone, Debug)]
pub struct CellEntry {
    /// One version for each axis, in matrix order; in `baseline` every axis too.
    pub versions: Vec<AxisVersion>,
    /// Interpreter of its own.
    pub python: Option<PythonVersion>,
    /// Cut-off of its own.
    pub dependencies: Option<Dependencies>,
    /// Where it stands.
    pub place: Place,
}

/// Combinations left out: all named axes match.
#[derive(Clone, Debug)]
pub struct Exclude {
    /// Ranges by axis index; a bare version `1.20.3` in the file is `==1.20.3`. `none` matches only the version `none`.
    pub ranges: Vec<(usize, ExcludeRange)>,
    /// Range of interpreters (key `python`).
    pub python: Option<VersionSpecifiers>,
    /// Why.
    pub reason: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// One side of an [`Exclude`].
#[derive(Clone, Debug)]
pub enum ExcludeRange {
    /// The package is not installed.
    None,
    /// Its version lies in the range.
    Specifiers(VersionSpecifiers),
}

/// A place in the file, 1-based.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column, in characters.
    pub column: usize,
}

/// How near two numbers must be to be *close*.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    /// Relative to the baseline's element.
    pub rtol: f64,
    /// Absolute.
    pub atol: f64,
}

/// Tolerances by dtype name, and the ULP distance that is close whatever they say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tolerances {
    /// By NumPy's dtype name; complex types are looked up under their own names.
    pub by_dtype: BTreeMap<String, Tolerance>,
    /// Units in the last place.
    pub ulp: u64,
}

impl Default for Tolerances {
    /// The table of `torch.testing.assert_close`; Python floats are `float64`. Integers and the rest: exact.
    fn default() -> Self {
        let table = [
            ("float16", 1e-3, 1e-5),
            ("bfloat16", 1.6e-2, 1e-5),
            ("float32", 1.3e-6, 1e-5),
            ("float64", 1e-7, 1e-7),
            ("longdouble", 1e-7, 1e-7),
            ("complex64", 1.3e-6, 1e-5),
            ("complex128", 1e-7, 1e-7),
        ];
        let by_dtype = table.into_iter().map(|(name, rtol, atol)| (name.to_owned(), Tolerance { rtol, atol })).collect();
        Self { by_dtype, ulp: 0 }
    }
}

impl Tolerances {
    /// The tolerance of a dtype; exact for those without one.
    pub fn of(&self, dtype: &str) -> Tolerance {
        self.by_dtype.get(dtype).copied().unwrap_or(Tolerance { rtol: 0.0, atol: 0.0 })
    }
}

/// Where cells run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// Docker if a daemon answers and has the images, else local.
    #[default]
    Auto,
    /// Containers.
    Docker,
    /// Processes.
    Local,
    /// Jobs of a cluster.
    Kubernetes,
    /// Recorded answers, for tests; accepted only where the variable `SKEW_FAKE` names their folder.
    Fake,
}
