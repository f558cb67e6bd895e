//! The argv steps that make an environment.

use std::{collections::BTreeMap, sync::LazyLock};

use pep440_rs::Version;

use super::classify::TROUBLE;
use crate::{
    agent,
    engine::StoreFile,
    index::File,
    plan::{Plan, PlanCell},
};

/// The agent in the environment store: a folder, which Python runs as a program, and so finds its bytecode. The digest keeps
/// runs of different versions of skew apart.
pub fn agent_path() -> String {
    static PATH: LazyLock<String> = LazyLock::new(|| format!("agent/{}", &blake3::hash(agent::SOURCE.as_bytes()).to_hex()[..16]));
    PATH.clone()
}

/// The agent as a file of the environment store.
pub fn agent() -> StoreFile {
    StoreFile::new(format!("{}/__main__.py", agent_path()), agent::SOURCE.as_bytes().to_vec(), false)
}

/// Path in the environment store of a wheel from this machine. The digest of its content is part of it, and so of the
/// environment's identity: a wheel that was built again is another one.
pub fn wheel_path(wheel: &File) -> String {
    format!("wheels/{}/{}", wheel.sha256.as_deref().unwrap_or_default(), wheel.filename)
}

/// Seconds one step may take; a cold download of a few hundred megabytes has to fit.
const STEP_TIMEOUT: f64 = 1200.0;

/// The job that makes the environment of `cell`.
///
/// `today` (`2026-11-23`) is part of the lock's key where there is no cut-off date, so such a resolution lasts a day;
/// with a cut-off it lasts for ever. `index` tells indexes apart in the same key.
pub fn provision(plan: &Plan, cell: &PlanCell, index: &str, today: &str) -> agent::Provision {
    let uv = uv();
    let pin = |package: &str, version: &Version| match cell.unreleased.get(package) {
        None => format!("{package}=={version}\n"),
        Some(File { path: Some(_), .. }) => format!("{package} @ file://${{SKEW_ROOT}}/{}\n", wheel_path(&cell.unreleased[package])),
        Some(File { url, sha256: Some(sha256), .. }) => format!("{package} @ {url}#sha256={sha256}\n"),
        Some(File { url, sha256: None, .. }) => format!("{package} @ {url}\n"),
    };
    let pins: Vec<(&str, String)> =
        plan.packages(cell).map(|(axis, version)| (axis.package.as_str(), pin(&axis.package, version))).collect();
    let pinned: String = pins.iter().map(|(_, pin)| pin.as_str()).collect();

    let mut uncut = vec![uv];
    uncut.extend(words(
        "pip compile {work}/requirements.in --overrides {work}/overrides.txt --output-file {lock} --python {python} \
         --generate-hashes --no-header --no-annotate --quiet",
    ));
    for (package, _) in &pins {
        uncut.extend(["--only-binary".to_owned(), (*package).to_owned()]);
    }
    let cut = cell.cutoff.map(|cutoff| {
        let mut argv = uncut.clone();
        argv.extend(["--exclude-newer".to_owned(), cutoff.to_string()]);
        for (package, _) in &pins {
            // The cell's own packages are what is asked for, however new.
            argv.extend(["--exclude-newer-package".to_owned(), format!("{package}=false")]);
        }
        argv
    });
    let (resolve, resolve_uncut) = match cut {
        Some(cut) => (cut, Some(uncut)),
        None => (uncut, None),
    };
    let mut key = blake3::Hasher::new();
    for part in resolve.iter().map(String::as_str).chain([pinned.as_str(), index, &cell.python.to_string()]) {
        key.update(part.as_bytes()).update(b"\0");
    }
    if resolve_uncut.is_none() {
        key.update(today.as_bytes());
    }
    agent::Provision {
        protocol: agent::PROTOCOL,
        files: BTreeMap::from([("requirements.in".to_owned(), pinned.clone()), ("overrides.txt".to_owned(), pinned)]),
        env: variables(),
        lock_key: Some(key.finalize().to_hex()[..32].to_owned()),
        resolve,
        resolve_uncut,
        trouble: TROUBLE.map(str::to_owned).to_vec(),
        create: create(),
        install: install(),
        step_timeout: STEP_TIMEOUT,
        room: agent::Room::default(),
    }
}

/// The job that makes an environment of exactly these packages again, without resolving anything. It is the environment
/// that was there before, wherever that is still there.
pub fn restore(packages: &[agent::Package]) -> agent::Provision {
    let line = |package: &agent::Package| {
        let hashes: String = package.hashes.iter().map(|hash| [" --hash=", hash].concat()).collect();
        format!("{}{hashes}\n", package.requirement())
    };
    agent::Provision {
        protocol: agent::PROTOCOL,
        files: BTreeMap::from([("known.txt".to_owned(), packages.iter().map(line).collect())]),
        env: variables(),
        lock_key: None,
        resolve: words("cp {work}/known.txt {lock}"),
        resolve_uncut: None,
        trouble: TROUBLE.map(str::to_owned).to_vec(),
        create: create(),
        install: install(),
        step_timeout: STEP_TIMEOUT,
        room: agent::Room::default(),
    }
}

fn uv() -> String {
    format!("{{root}}/{}", super::store_path())
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

fn create() -> Vec<String> {
    words(&format!("{} venv --quiet --no-project --relocatable --python {{python}} {{environment}}", uv()))
}

fn install() -> Vec<String> {
    words(&format!(
        "{} pip install --quiet --python {{environment}}/bin/python --no-deps --require-hashes --link-mode hardlink -r {{missing}}",
        uv()
    ))
}

fn variables() -> BTreeMap<String, String> {
    [
        ("UV_CACHE_DIR", "{root}/uv-cache"),
        ("UV_NO_CONFIG", "1"),
        ("UV_NO_PROGRESS", "1"),
        ("UV_PYTHON_DOWNLOADS", "never"),
        ("UV_HTTP_TIMEOUT", "120"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}
