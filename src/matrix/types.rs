//! The validated matrix and its vocabulary.

use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

use pep440_rs::{Version, VersionSpecifiers};
use serde::{Deserialize, Serialize};

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

/// A minor series of CPython, `3.11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PythonVersion {
    /// 3.
    pub major: u8,
    /// 11.
    pub minor: u8,
}

impl PythonVersion {
    /// The interpreters that the agent supports, oldest first.
    pub const SUPPORTED: [Self; 8] = [
        Self::new(3, 7),
        Self::new(3, 8),
        Self::new(3, 9),
        Self::new(3, 10),
        Self::new(3, 11),
        Self::new(3, 12),
        Self::new(3, 13),
        Self::new(3, 14),
    ];

    /// `PythonVersion::new(3, 11)`.
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for PythonVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl std::str::FromStr for PythonVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('.').and_then(|(major, minor)| Some(Self::new(major.parse().ok()?, minor.parse().ok()?)));
        parsed.ok_or_else(|| format!("`{text}` is not a minor series of CPython such as `3.11`"))
    }
}

impl TryFrom<String> for PythonVersion {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<PythonVersion> for String {
    fn from(version: PythonVersion) -> Self {
        version.to_string()
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

/// Limits of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Wall time of one execution.
    pub timeout: Duration,
    /// Memory in bytes.
    pub memory: u64,
    /// CPUs of a cell.
    pub cpus: f64,
    /// Processes and threads of a cell.
    pub pids: u32,
    /// Bytes of standard output and of standard error that are kept.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_mins(2), memory: 4 << 30, cpus: 1.0, pids: 512, output: 1 << 20 }
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

/// Settings of engine docker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerSettings {
    /// Image; `{python}` stands for the minor series.
    pub image: String,
    /// Network of the execute phase.
    pub network: String,
}

impl Default for DockerSettings {
    fn default() -> Self {
        Self { image: "python:{python}-slim".to_owned(), network: "none".to_owned() }
    }
}

/// Settings of engine kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubernetesSettings {
    /// Namespace; `None`: the one that the kubeconfig's context names.
    pub namespace: Option<String>,
    /// Labels that a node must have.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that are no hindrance.
    pub tolerations: Vec<Toleration>,
    /// Cells in the cluster at a time.
    pub parallelism: u16,
    /// Image; `{python}` stands for the minor series. `None`: that of engine docker.
    pub image: Option<String>,
    /// Secrets of the namespace by which images are pulled.
    pub pull_secrets: Vec<String>,
    /// Where environments are kept.
    pub cache: ClusterCache,
}

impl Default for KubernetesSettings {
    fn default() -> Self {
        Self {
            namespace: None,
            node_selector: BTreeMap::new(),
            tolerations: Vec::new(),
            parallelism: 20,
            image: None,
            pull_secrets: Vec::new(),
            cache: ClusterCache::None,
        }
    }
}

/// Where the environments of cells in a cluster are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClusterCache {
    /// Nowhere: every cell makes its own, which goes with its pod.
    None,
    /// In a `PersistentVolumeClaim` (`ReadWriteMany`) of the namespace, which all cells share.
    Claim(String),
    /// In a folder of each node.
    Node(String),
}

/// A taint that is no hindrance, as in a pod's specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Toleration {
    /// Key of the taint; `None`: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `Equal` or `Exists`.
    pub operator: &'static str,
    /// Value of the taint, with `Equal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; `None`: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<&'static str>,
}
