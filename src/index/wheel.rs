//! Wheels on this machine: builds that no index has.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use pep440_rs::Version;

use super::{File, Metadata, Release, client::sha256, project::wheel_name, sparse::read_metadata};

/// Why a pattern does not stand for one version of a package.
#[derive(Debug, thiserror::Error)]
pub enum WheelsError {
    /// Nothing has such a path.
    #[error("no file matches `{pattern}`")]
    NoFile {
        /// The pattern.
        pattern: String,
    },
    /// What is there belongs to other packages, or is named like no wheel.
    #[error("`{pattern}` matches no wheel of {package}, only {}", found.join(", "))]
    OtherPackages {
        /// The pattern.
        pattern: String,
        /// The package that was looked for.
        package: String,
        /// Some of the files that match.
        found: Vec<String>,
    },
    /// Wheels of several versions.
    #[error("`{pattern}` matches {package} in several versions: {}", versions.join(", "))]
    Versions {
        /// The pattern.
        pattern: String,
        /// The package.
        package: String,
        /// Its versions.
        versions: Vec<String>,
    },
    /// A file that cannot be read as a wheel.
    #[error("{} cannot be read as a wheel: {message}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        message: String,
    },
}

impl WheelsError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NoFile { .. } => "build the wheel first; the path is relative to the folder of matrix.yaml",
            Self::OtherPackages { .. } => "name the distribution with `package:` if it differs from the axis",
            Self::Versions { .. } => "remove the old builds, or name one version: `dist/NAME-VERSION-*.whl`",
            Self::Unreadable { .. } => "build it again",
        }
    }
}

/// The version of a package that the wheels matching `pattern` (relative to `folder`) hold: one for each interpreter, or
/// one for all. Wheels of other packages beside them are left alone.
///
/// # Errors
/// There is none, there are several versions, or a file is no wheel.
pub fn wheels(folder: &Path, pattern: &str, package: &str) -> Result<(Version, Release), WheelsError> {
    let unreadable = |path: &Path, message: String| WheelsError::Unreadable { path: path.to_owned(), message };
    // The folder is a path, only what the user wrote is a pattern.
    let whole = Path::new(&glob::Pattern::escape(&folder.to_string_lossy())).join(pattern);
    let matches = glob::glob(&whole.to_string_lossy()).map_err(|error| unreadable(&whole, error.msg.to_owned()))?;
    let mut paths = Vec::new();
    for path in matches {
        paths.push(path.map_err(|error| unreadable(error.path(), error.error().to_string()))?);
    }
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let own = |path: &Path| wheel_name(&name(path)).filter(|(found, _)| found == package).map(|(_, version)| version);
    let versions: BTreeSet<Version> = paths.iter().filter_map(|path| own(path)).collect();
    let pattern = pattern.to_owned();
    let Some(version) = versions.first().cloned() else {
        let found: Vec<String> = paths.iter().take(3).map(|path| name(path)).collect();
        return Err(if found.is_empty() {
            WheelsError::NoFile { pattern }
        } else {
            WheelsError::OtherPackages { pattern, package: package.to_owned(), found }
        });
    };
    if versions.len() > 1 {
        let versions = versions.iter().map(ToString::to_string).collect();
        return Err(WheelsError::Versions { pattern, package: package.to_owned(), versions });
    }
    let mut files = Vec::new();
    for path in paths.into_iter().filter(|path| own(path).is_some()) {
        let failed = |error: io::Error| unreadable(&path, error.to_string());
        let content = fs::read(&path).map_err(failed)?;
        files.push(File {
            filename: name(&path),
            url: String::new(),
            sha256: Some(sha256(&content)),
            size: Some(content.len() as u64),
            upload_time: None,
            requires_python: metadata(&path).map_err(|message| unreadable(&path, message))?.requires_python,
            yanked: false,
            has_metadata: false,
            path: Some(path),
        });
    }
    Ok((version, Release { files, unreleased: true }))
}

/// What can be imported of a wheel that holds files of these names: modules and packages at its top, and the packages in
/// folders at its top that are none themselves (`google.protobuf`).
pub(super) fn modules(names: &[String]) -> Vec<String> {
    let mut modules = BTreeSet::new();
    let placed = names.iter().map(|name| match name.split_once(".data/") {
        Some((_, rest)) => rest.strip_prefix("purelib/").or_else(|| rest.strip_prefix("platlib/")).unwrap_or_default(),
        None => name.as_str(),
    });
    let files: BTreeSet<&str> = placed.collect();
    for file in &files {
        let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
        let (stem, suffix) = name.split_once('.').unwrap_or((name, ""));
        if suffix != "py" && suffix.rsplit('.').next() != Some("so") {
            continue;
        }
        let found = match folder.split('/').collect::<Vec<_>>().as_slice() {
            [""] => stem.to_owned(),
            [top] if stem == "__init__" => (*top).to_owned(),
            [top, inner] if stem == "__init__" && !files.contains(format!("{top}/__init__.py").as_str()) => format!("{top}.{inner}"),
            _ => continue,
        };
        modules.insert(found);
    }
    modules.into_iter().collect()
}

/// What the wheel itself declares.
pub(super) fn metadata(path: &Path) -> Result<Metadata, String> {
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    Ok(Metadata::parse(&read_metadata(&mut io::BufReader::new(file))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_imported_is_read_from_the_names_of_files() {
        let of = |names: &str| modules(&names.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).join(" ");
        assert_eq!(of("sklearn/__init__.py sklearn/svm/__init__.py sklearn/_a.so scikit_learn-1.dist-info/RECORD"), "sklearn");
        assert_eq!(of("six.py six-1.dist-info/METADATA"), "six");
        assert_eq!(of("_cffi_backend.cpython-311-x86_64-linux-gnu.so cffi/__init__.py cffi/api.py"), "_cffi_backend cffi");
        assert_eq!(of("google/protobuf/__init__.py google/_upb/_message.abi3.so google/protobuf/any.py"), "google.protobuf");
        assert_eq!(of("a-1.data/purelib/a/__init__.py a-1.data/scripts/run.py a-1.data/headers/a.h a.libs/libz.so.1"), "a");
        assert_eq!(of(""), "");
    }
}
