//! Interpreters of this machine.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{process::Command, sync::OnceCell};

use crate::PythonVersion;

/// Prints what a candidate is: its minor series and full version, and the interpreter itself where the candidate is a virtual
/// environment's. Nothing for anything but a `CPython` with its lock: packages have no wheels for the others.
const QUESTION: &str = "import sys, sysconfig
if sys.implementation.name == 'cpython' and not sysconfig.get_config_var('Py_GIL_DISABLED'):
    print('%d.%d' % sys.version_info[:2])
    print(sys.version.replace('\\n', ' '))
    print(getattr(sys, '_base_executable', None) or sys.executable)";

/// A candidate that hasn't answered by then is skipped.
const PATIENCE: Duration = Duration::from_secs(10);

/// A working interpreter.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its full version, with the compiler that made it.
    pub(super) version: String,
}

/// The first working interpreter of each wanted minor series, in the order PATH, pyenv, `/opt/python`, uv.
///
/// All series are asked for at once: a shim of pyenv starts dozens of processes before it answers.
pub(super) async fn find(wanted: &[PythonVersion]) -> BTreeMap<PythonVersion, Found> {
    let uv = OnceCell::new();
    let found = wanted.iter().map(async |python| Some((*python, first(*python, &uv).await?)));
    join_all(found).await.into_iter().flatten().collect()
}

/// The first working interpreter of a minor series; `uv` is its folder, asked for by whoever comes to it.
async fn first(python: PythonVersion, uv: &OnceCell<Option<PathBuf>>) -> Option<Found> {
    let named = format!("python{python}");
    let pyenv = env::var_os("PYENV_ROOT").map(PathBuf::from);
    let pyenv = pyenv.or_else(|| etcetera::home_dir().ok().map(|home| home.join(".pyenv")));
    let mut before = on_path(&named);
    for folder in [pyenv.map(|root| root.join("versions")), Some(PathBuf::from("/opt/python"))].into_iter().flatten() {
        before.extend(installed(&folder, &named));
    }
    if let Some(found) = first_of(before, python).await {
        return Some(found);
    }
    let uv = uv.get_or_init(uv_folder).await.as_deref();
    let mut after = uv.map(|folder| installed(folder, &named)).unwrap_or_default();
    after.extend(on_path("python3"));
    first_of(after, python).await
}

/// The first of these that is an interpreter of this series.
async fn first_of(candidates: Vec<PathBuf>, python: PythonVersion) -> Option<Found> {
    for candidate in candidates.into_iter().filter(|path| path.is_file()) {
        if let Some((version, found)) = ask(&candidate).await
            && version == python
        {
            return Some(found);
        }
    }
    None
}

/// A name in each folder of PATH.
fn on_path(name: &str) -> Vec<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).map(|folder| folder.join(name)).collect()
}

/// A program of every version that a folder holds, those with the higher numbers first.
fn installed(folder: &Path, program: &str) -> Vec<PathBuf> {
    newest_first(folder).into_iter().map(|version| version.join("bin").join(program)).collect()
}

/// The folders in a folder, those with the higher numbers in their names first.
fn newest_first(folder: &Path) -> Vec<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    versions.sort_by_cached_key(|path| std::cmp::Reverse(numbers(path.file_name().unwrap_or_default())));
    versions
}

/// `3.11.10` → [3, 11, 10]; so that 3.11.10 is newer than 3.11.9.
fn numbers(name: &OsStr) -> Vec<u32> {
    name.to_string_lossy().split(|c: char| !c.is_ascii_digit()).filter_map(|part| part.parse().ok()).collect()
}

async fn ask(candidate: &Path) -> Option<(PythonVersion, Found)> {
    let answer = output(Command::new(candidate).args(["-I", "-c", QUESTION])).await?;
    let mut lines = answer.lines();
    let python = lines.next()?.parse().ok()?;
    let version = lines.next()?.to_owned();
    Some((python, Found { path: PathBuf::from(lines.next()?), version }))
}

/// Where uv keeps the interpreters it downloaded.
async fn uv_folder() -> Option<PathBuf> {
    let answer = output(Command::new("uv").args(["python", "dir"])).await?;
    Some(PathBuf::from(answer.trim()))
}

/// What a program prints, if it succeeds.
async fn output(command: &mut Command) -> Option<String> {
    let command = command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(PATIENCE, command.output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_is_newer_than_nine() {
        assert!(numbers(OsStr::new("3.11.10")) > numbers(OsStr::new("3.11.9")));
        assert_eq!(numbers(OsStr::new("cpython-3.12.4-linux")), [3, 12, 4]);
    }
}
