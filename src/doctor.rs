//! Whether this machine can run a matrix: what a run needs, looked at without starting one, and the mend for what is
//! missing. Each function looks at one thing; an engine adds itself by one more.

use std::path::Path;

use serde::Serialize;

use crate::{
    engine::{DockerEngine, Engine, Found, KubernetesEngine, LocalEngine},
    environment,
    index::{Index, IndexError},
    matrix::{ClusterCache, DockerSettings, KubernetesSettings, PythonVersion},
    report::text::count,
};

/// Bytes without which not even one environment fits, and those below which a matrix may fill the disk.
const DISK: (u64, u64) = (2 << 30, 20 << 30);

/// How something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Finding {
    /// As it should be.
    Ok,
    /// Worth knowing; runs go on without it.
    Note,
    /// A run would fail.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What: `index`, `uv`, `docker` …
    pub name: &'static str,
    /// How it was found.
    pub finding: Finding,
    /// In words.
    pub message: String,
    /// What to do about it.
    pub mend: Option<String>,
}

impl Check {
    /// Something that is as it should be.
    pub fn ok(name: &'static str, message: String) -> Self {
        Self { name, finding: Finding::Ok, message, mend: None }
    }

    /// Something to know.
    pub fn note(name: &'static str, message: String, mend: Option<String>) -> Self {
        Self { name, finding: Finding::Note, message, mend }
    }

    /// Something that a run would fail of.
    pub fn bad(name: &'static str, message: String, mend: impl Into<String>) -> Self {
        Self { name, finding: Finding::Bad, message, mend: Some(mend.into()) }
    }
}

/// The interpreters that are looked for.
#[derive(Clone, Debug)]
pub enum Pythons {
    /// The plan's: one that is missing is a fault.
    Planned(Vec<PythonVersion>),
    /// All supported ones, where there is no plan: missing ones are worth knowing.
    Supported,
}

impl Pythons {
    fn list(&self) -> &[PythonVersion] {
        match self {
            Self::Planned(list) => list,
            Self::Supported => &PythonVersion::SUPPORTED,
        }
    }
}

/// Makes faults of the engines into notes where another engine has none: *auto* takes that one.
pub fn one_is_enough(engines: &mut [Vec<Check>]) {
    let works = |checks: &Vec<Check>| checks.iter().all(|check| check.finding != Finding::Bad);
    if engines.iter().any(works) {
        for check in engines.iter_mut().flatten().filter(|check| check.finding == Finding::Bad) {
            check.finding = Finding::Note;
        }
    }
}

/// The package index, asked for one package.
pub async fn index(index: &Index, package: &str) -> Check {
    match index.project(package).await {
        Ok(project) if !project.releases.is_empty() && project.releases.values().all(|release| release.first_upload().is_none()) => {
            let mend = "set `dependencies: today`: other settings need to know when releases came out".to_owned();
            Check::note("index", format!("{} answers, and gives no upload times for {package}", index.location()), Some(mend))
        }
        Ok(_) => Check::ok("index", format!("{} answers", index.location())),
        Err(IndexError::NotFound { .. }) => Check::ok("index", format!("{} answers; it has no {package}", index.location())),
        Err(error) => Check::bad("index", error.to_string(), "check the network; UV_DEFAULT_INDEX or PIP_INDEX_URL name another index"),
    }
}

/// The installer; it is downloaded where it is not there yet, as a run would do.
pub async fn uv(index: &Index, machine: &str, cache: &Path) -> Check {
    match environment::binary(index, machine, cache).await {
        Ok(bytes) => Check::ok("uv", format!("{} for {machine}, {} MiB", environment::store_path(), bytes.len() >> 20)),
        Err(error) => Check::bad("uv", error.to_string(), "put uv on PATH, or name an index that has it with UV_DEFAULT_INDEX"),
    }
}

/// The Docker daemon and the images of the interpreters.
pub async fn docker(settings: &DockerSettings, pythons: &Pythons) -> Vec<Check> {
    let engine = match DockerEngine::connect(settings.clone(), "doctor".to_owned()).await {
        Ok(engine) => engine,
        Err(error) => {
            return vec![Check::bad("docker", error.to_string(), "start the daemon, set DOCKER_HOST, or use `--engine local`")];
        }
    };
    let mut checks = vec![Check::ok("docker", format!("a daemon answers at {} on {}", engine.address(), engine.machine()))];
    checks.extend(engine.caveats().into_iter().map(|caveat| Check::note("docker", caveat, None)));
    match engine.look(pythons.list()).await {
        Ok(found) => checks.extend(interpreters("images", found, pythons)),
        Err(error) => checks.push(Check::bad("images", error.to_string(), "restart the daemon")),
    }
    checks
}

/// The interpreters of this machine.
pub async fn local(cache: &Path, pythons: &Pythons) -> Vec<Check> {
    let trouble = |message: String| vec![Check::bad("interpreters", message, "run from a folder that exists")];
    let engine = match LocalEngine::new(cache.to_owned(), "doctor".to_owned()).await {
        Ok(engine) => engine,
        Err(error) => return trouble(error.to_string()),
    };
    match engine.interpreters(pythons.list()).await {
        Ok(found) => interpreters("interpreters", found, pythons),
        Err(error) => trouble(error.to_string()),
    }
}

/// The cluster, and what this user may do there. Nothing is made in it: images are looked at when a run begins.
pub async fn kubernetes(settings: &KubernetesSettings, docker: &DockerSettings) -> (Vec<Check>, Option<serde_json::Value>) {
    const NAME: &str = "cluster";
    let mend = "KUBECONFIG names the file that says where the cluster is; `kubectl version` asks the same";
    let engine = match KubernetesEngine::connect(settings.clone(), docker, "doctor").await {
        Ok(engine) => engine,
        Err(error) => return (vec![Check::bad(NAME, error.to_string(), mend)], None),
    };
    let (address, namespace) = engine.address();
    let mut checks = Vec::new();
    match engine.version().await {
        Ok(version) => checks.push(Check::ok(NAME, format!("Kubernetes {version} answers at {address}"))),
        Err(error) => checks.push(Check::bad(NAME, error.to_string(), mend)),
    }
    match engine.rights().await {
        Ok(rights) => {
            let lacking: Vec<String> =
                rights.iter().filter(|right| !right.granted).map(|right| format!("{} {}", right.verb, right.resource)).collect();
            checks.push(if lacking.is_empty() {
                Check::ok("rights", format!("all {} in namespace {namespace}", rights.len()))
            } else {
                let message = format!("lacking in namespace {namespace}: {}", lacking.join(", "));
                Check::bad("rights", message, "bind the role below to this user, or name another namespace in kubernetes.namespace")
            });
        }
        Err(error) => checks.push(Check::bad("rights", error.to_string(), mend)),
    }
    match &settings.cache {
        ClusterCache::None => {
            let message = "environments are made anew for every cell".to_owned();
            let mend = "kubernetes.cache in matrix.yaml: a claim, or a folder of the nodes, lets cells share what they install";
            checks.push(Check::note("cache", message, Some(mend.to_owned())));
        }
        ClusterCache::Claim(name) => checks.push(Check::ok("cache", format!("the claim {name}"))),
        ClusterCache::Node(path) => {
            let message = format!("{path} of each node; environments are made by root without capabilities, in a hostPath volume");
            let mend = "a namespace that enforces the pod security standard `restricted` or `baseline` refuses that: use a claim there";
            checks.push(Check::note("cache", message, Some(mend.to_owned())));
        }
    }
    let role = engine.role();
    (checks, Some(role))
}

fn interpreters(name: &'static str, found: Found, pythons: &Pythons) -> Vec<Check> {
    let (there, missing): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, answer)| answer.is_ok());
    let there: Vec<String> = there.into_iter().filter_map(|(python, answer)| Some(format!("{python} ({})", answer.ok()?.what))).collect();
    let mut checks = Vec::new();
    match (there.is_empty(), pythons) {
        (false, _) => checks.push(Check::ok(name, format!("CPython {}", there.join(", ")))),
        (true, Pythons::Planned(_)) => {}
        (true, Pythons::Supported) => checks.push(Check::bad(name, "there is none that skew supports".to_owned(), "see below for each")),
    }
    for (_, answer) in missing {
        let Some(missing) = answer.err() else { continue };
        checks.push(match pythons {
            Pythons::Planned(_) => Check::bad(name, missing.message, missing.hint),
            Pythons::Supported => Check::note(name, missing.message, Some(missing.hint)),
        });
    }
    checks
}

/// Room for environments and downloads.
pub fn disk(cache: &Path) -> Check {
    let Some(there) = cache.ancestors().find(|folder| folder.exists()) else {
        return Check::bad("disk", format!("no folder above {} exists", cache.display()), "set SKEW_CACHE_DIR to a folder");
    };
    let free = match rustix::fs::statvfs(there) {
        Ok(told) => told.f_bavail.saturating_mul(told.f_frsize),
        Err(error) => return Check::note("disk", format!("the room in {} cannot be told: {error}", there.display()), None),
    };
    let message = format!("{} GiB free for {}", free >> 30, cache.display());
    let mend = "remove what is not needed, `skew clean --cache` among others, or set SKEW_CACHE_DIR to a folder on another disk";
    match free {
        few if few < DISK.0 => Check::bad("disk", message, mend),
        some if some < DISK.1 => Check::note("disk", format!("{message}: a matrix of large packages may need more"), Some(mend.to_owned())),
        _ => Check::ok("disk", message),
    }
}

/// The processor: wheels are compiled for what most have.
pub fn processor() -> Check {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let machine = format!("{}, {}", std::env::consts::ARCH, count(cores as u64, "core"));
    #[cfg(target_arch = "x86_64")]
    {
        let features = [
            ("AVX", std::arch::is_x86_feature_detected!("avx")),
            ("AVX2", std::arch::is_x86_feature_detected!("avx2")),
            ("FMA", std::arch::is_x86_feature_detected!("fma")),
            ("AVX-512", std::arch::is_x86_feature_detected!("avx512f")),
        ];
        let there: Vec<&str> = features.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
        if there.is_empty() {
            let mend = "run on a newer processor: the illegal instruction would look like an incompatibility of the packages";
            return Check::note("cpu", format!("{machine}, without AVX: many compiled packages end with SIGILL"), Some(mend.to_owned()));
        }
        Check::ok("cpu", format!("{machine}, {}", there.join(", ")))
    }
    #[cfg(not(target_arch = "x86_64"))]
    Check::ok("cpu", machine)
}
