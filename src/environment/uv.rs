//! The installer: uv, pinned by version and SHA-256.

use std::{
    io::Cursor,
    path::{Path, PathBuf},
};

use pep440_rs::Version;

use crate::{
    engine::{Download, StoreFile},
    index::{File, Index, IndexError, member, sha256},
};

/// The pinned release.
const VERSION: &str = "0.13.9";

/// Its static wheels.
const WHEELS: [Pinned; 2] = [
    Pinned {
        machine: "x86_64",
        file: "uv-0.13.9-py3-none-musllinux_1_1_x86_64.whl",
        sha256: "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25",
        program: "edbfb9a3d00dc84148e6691cd8740781fdc32db6505d7ef88ba6c3e569d5bec9",
    },
    Pinned {
        machine: "aarch64",
        file: "uv-0.13.9-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl",
        sha256: "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
        program: "bbecb5ac518030bb5e84f1999c577228460192832ac24a92bd772735682979f4",
    },
];

/// A wheel, and the program in it.
struct Pinned {
    machine: &'static str,
    file: &'static str,
    /// Of the wheel, as published on the package index.
    sha256: &'static str,
    /// Of the program, so that a copy in the cache is known for what it is.
    program: &'static str,
}

/// Why uv could not be had: trouble of the machine or the index, never of a cell.
#[derive(Debug, thiserror::Error)]
pub enum UvError {
    /// There is no pinned wheel for this machine.
    #[error("there is no static uv {VERSION} for {machine} and no uv >= {VERSION} on PATH")]
    Machine {
        /// The machine.
        machine: String,
    },
    /// The index lacks the pinned wheel or has another file under its name.
    #[error("the package index has no {file} with the pinned SHA-256")]
    Missing {
        /// Wheel's name.
        file: String,
    },
    /// The wheel holds no uv.
    #[error("{file} cannot be unpacked: {message}")]
    Unpack {
        /// Wheel's name.
        file: String,
        /// Why not.
        message: String,
    },
    /// The download failed.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// The copy in the cache cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// Where uv stands in the environment store.
pub fn store_path() -> String {
    format!("uv/{VERSION}/uv")
}

/// uv with its content for `machine`, as a file of the environment store.
pub async fn uv(index: &Index, machine: &str, cache: &Path) -> Result<StoreFile, UvError> {
    Ok(StoreFile::new(store_path(), binary(index, machine, cache).await?, true))
}

/// uv for `machine` as a file that the environment store fetches by itself.
pub async fn uv_to_fetch(index: &Index, machine: &str) -> Result<StoreFile, UvError> {
    Ok(StoreFile { download: Some(download(index, machine).await?), ..StoreFile::new(store_path(), Vec::new(), true) })
}

/// The executable's bytes for `machine`: from PATH when one at least as new is there and the machine is this one, else
/// from `cache`, else from the pinned wheel on the index; both are verified by hash.
pub async fn binary(index: &Index, machine: &str, cache: &Path) -> Result<Vec<u8>, UvError> {
    if machine == std::env::consts::ARCH
        && let Some(bytes) = on_path().await
    {
        return Ok(bytes);
    }
    let pinned = pinned(machine)?;
    let kept = cache.join("uv").join(format!("{VERSION}-{machine}"));
    // Anything else under its name was cut off or put there by somebody: it is fetched anew.
    if let Ok(bytes) = tokio::fs::read(&kept).await
        && sha256(&bytes) == pinned.program
    {
        return Ok(bytes);
    }
    let wheel = wheel(index, pinned).await?;
    let bytes = unpack(pinned.file, index.download(&wheel).await?)?;
    let failed = |source| UvError::Io { path: kept.clone(), source };
    if let Some(folder) = kept.parent() {
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
    }
    let partial = kept.with_extension(format!("partial-{}", std::process::id()));
    tokio::fs::write(&partial, &bytes).await.map_err(failed)?;
    tokio::fs::rename(&partial, &kept).await.map_err(failed)?;
    Ok(bytes)
}

/// Where a place that has the network finds the executable for `machine`: in the pinned wheel on the index.
async fn download(index: &Index, machine: &str) -> Result<Download, UvError> {
    let pinned = pinned(machine)?;
    let wheel = wheel(index, pinned).await?;
    Ok(Download { url: wheel.url, sha256: pinned.sha256.to_owned(), member: program() })
}

fn pinned(machine: &str) -> Result<&'static Pinned, UvError> {
    WHEELS.iter().find(|wheel| wheel.machine == machine).ok_or_else(|| UvError::Machine { machine: machine.to_owned() })
}

async fn wheel(index: &Index, pinned: &Pinned) -> Result<File, UvError> {
    let project = index.project("uv").await?;
    let files = project.releases.into_values().flat_map(|release| release.files);
    let is_it = |file: &File| file.filename == pinned.file && file.sha256.as_deref() == Some(pinned.sha256);
    files.into_iter().find(is_it).ok_or_else(|| UvError::Missing { file: pinned.file.to_owned() })
}

/// Path of the executable in the wheel.
fn program() -> String {
    format!("uv-{VERSION}.data/scripts/uv")
}

fn unpack(file: &str, wheel: Vec<u8>) -> Result<Vec<u8>, UvError> {
    let failed = |message: String| UvError::Unpack { file: file.to_owned(), message };
    let program = program();
    let found = member(&mut Cursor::new(wheel), &|name| name == program).map_err(failed)?;
    found.ok_or_else(|| failed(format!("it has no {program}")))
}

/// A uv on PATH that is recent enough and a real executable: a version manager's shim is a script that would not work
/// inside a container.
async fn on_path() -> Option<Vec<u8>> {
    let path = std::env::var_os("PATH")?;
    let program = std::env::split_paths(&path).map(|folder| folder.join("uv")).find(|program| program.is_file())?;
    let output = tokio::process::Command::new(&program).arg("--version").output().await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let found: Version = text.split_whitespace().nth(1)?.parse().ok()?;
    let wanted: Version = VERSION.parse().ok()?;
    if !output.status.success() || found < wanted {
        return None;
    }
    let bytes = tokio::fs::read(&program).await.ok()?;
    bytes.starts_with(b"\x7fELF").then_some(bytes)
}
