//! What a project page says.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    str::FromStr,
};

use jiff::Timestamp;
use pep440_rs::{Version, VersionSpecifiers};
use reqwest::Url;
use serde::Deserialize;

use super::{fits, normalize, tags};
use crate::matrix::PythonVersion;

/// A project: everything that was ever uploaded and that PEP 440 can read.
#[derive(Clone, Debug, Default)]
pub struct Project {
    /// Releases, oldest first.
    pub releases: BTreeMap<Version, Release>,
}

/// A release.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// Its files, in the order of the page.
    pub files: Vec<File>,
    /// Not from the user's index: from a wheel on this machine, or from another index.
    pub unreleased: bool,
}

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Name, from which a wheel's tags are read.
    pub filename: String,
    /// Absolute address, without credentials; empty for a wheel on this machine.
    pub url: String,
    /// Where it lies, for a wheel on this machine.
    pub path: Option<PathBuf>,
    /// Digest in hexadecimal, where the index gives one.
    pub sha256: Option<String>,
    /// Bytes, where the index tells.
    pub size: Option<u64>,
    /// When it came out, where the index tells.
    pub upload_time: Option<Timestamp>,
    /// Interpreters it is meant for.
    pub requires_python: Option<VersionSpecifiers>,
    /// Withdrawn by its author.
    pub yanked: bool,
    /// Whether the index serves its metadata beside it (PEP 658).
    pub has_metadata: bool,
}

impl Release {
    /// When the first of its files came out; `None` where the index gives no upload times.
    pub fn first_upload(&self) -> Option<Timestamp> {
        self.files.iter().filter_map(|file| file.upload_time).min()
    }

    /// Whether all of it was withdrawn.
    pub fn yanked(&self) -> bool {
        self.files.iter().all(|file| file.yanked)
    }

    /// Whether an interpreter can install it, be it from source.
    pub fn installs(&self, python: PythonVersion, machine: &str) -> bool {
        let source = |file: &File| !file.yanked && wheel_name(&file.filename).is_none() && tags::allows(file, python);
        self.wheel(python, machine).is_some() || self.files.iter().any(source)
    }

    /// The wheel that an interpreter installs: the one made most specifically for it. Files that were withdrawn count
    /// only where all of the release was.
    pub fn wheel(&self, python: PythonVersion, machine: &str) -> Option<&File> {
        let yanked = self.yanked();
        let fitting = self.files.iter().filter(|file| file.yanked == yanked && fits(file, python, machine));
        fitting.max_by_key(|file| (tags::rank(&file.filename, python, machine), &file.filename))
    }
}

#[derive(Deserialize)]
struct Page {
    files: Vec<PageFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PageFile {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: HashMap<String, String>,
    size: Option<u64>,
    upload_time: Option<String>,
    requires_python: Option<String>,
    #[serde(default)]
    yanked: serde_json::Value,
    #[serde(default)]
    core_metadata: serde_json::Value,
    /// The name that the key had at first, still spoken by some indexes.
    #[serde(default)]
    dist_info_metadata: serde_json::Value,
    #[serde(default, rename = "data-dist-info-metadata")]
    data_dist_info_metadata: serde_json::Value,
}

impl Project {
    /// Reads a page of the JSON Simple API. `base` is its address, to which those of its files may be relative. Files
    /// whose name holds no PEP 440 version are left out: old pages are full of them.
    pub(super) fn parse(package: &str, body: &[u8], base: &Url) -> Result<Self, serde_json::Error> {
        let page: Page = serde_json::from_slice(body)?;
        let mut project = Self::default();
        for file in page.files {
            let Some(version) = version(package, &file.filename) else { continue };
            let Ok(url) = base.join(&file.url) else { continue };
            let file = File {
                url: super::location::without_credentials(&url),
                path: None,
                sha256: file.hashes.get("sha256").map(|digest| digest.to_ascii_lowercase()),
                size: file.size,
                upload_time: file.upload_time.and_then(|time| time.parse().ok()),
                requires_python: file.requires_python.and_then(|text| specifiers(&text)),
                yanked: says_yes(&file.yanked),
                has_metadata: [&file.core_metadata, &file.dist_info_metadata, &file.data_dist_info_metadata].into_iter().any(says_yes),
                filename: file.filename,
            };
            project.releases.entry(version).or_default().files.push(file);
        }
        Ok(project)
    }
}

/// Both `yanked` (a reason) and `core-metadata` (hashes) may be something else than `true` and mean it.
fn says_yes(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Null => false,
        serde_json::Value::Bool(yes) => *yes,
        serde_json::Value::Number(_) | serde_json::Value::String(_) | serde_json::Value::Array(_) | serde_json::Value::Object(_) => true,
    }
}

/// The version that a file's name holds: `numpy-1.26.4.tar.gz`, `numpy-1.26.4-cp311-….whl`.
fn version(package: &str, filename: &str) -> Option<Version> {
    if let Some((_, version)) = wheel_name(filename) {
        return Some(version);
    }
    let stem = [".tar.gz", ".zip", ".tar.bz2", ".tgz"].into_iter().find_map(|suffix| filename.strip_suffix(suffix))?;
    let mut splits = stem.match_indices('-').map(|(at, _)| stem.split_at(at));
    splits.find_map(|(name, version)| (normalize(name) == package).then(|| version[1..].parse().ok())?)
}

/// The normalised name and the version that a wheel's file name holds.
pub(super) fn wheel_name(filename: &str) -> Option<(String, Version)> {
    let mut parts = filename.strip_suffix(".whl")?.split('-');
    Some((normalize(parts.next()?), parts.next()?.parse().ok()?))
}

/// Specifiers as old releases wrote them: `>=3.6.*` and a trailing comma are repaired; what cannot be read says nothing,
/// as with pip.
pub(super) fn specifiers(text: &str) -> Option<VersionSpecifiers> {
    let text = text.trim().trim_end_matches(',');
    if let Ok(specifiers) = VersionSpecifiers::from_str(text) {
        return Some(specifiers);
    }
    let repaired = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| {
        let star = part.starts_with("==") || part.starts_with("!=");
        if star { part.to_owned() } else { part.trim_end_matches(".*").to_owned() }
    });
    VersionSpecifiers::from_str(&repaired.collect::<Vec<_>>().join(",")).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn page(files: &str) -> Project {
        let base = Url::parse("https://index.example/simple/a-b/").unwrap();
        Project::parse("a-b", format!(r#"{{"meta": {{"api-version": "1.1"}}, "files": [{files}]}}"#).as_bytes(), &base).unwrap()
    }

    #[test]
    fn files_are_sorted_into_releases() {
        let project = page(
            r#"{"filename": "A.b-1.10.0.tar.gz", "url": "../../f/A.b-1.10.0.tar.gz", "hashes": {}, "yanked": "broken"},
               {"filename": "a_b-1.9-py3-none-any.whl", "url": "https://f.example/x.whl", "hashes": {"sha256": "AB"},
                "requires-python": ">=3.6.*", "upload-time": "2024-01-02T03:04:05.678Z", "core-metadata": {"sha256": "cd"}, "size": 5},
               {"filename": "a_b-nonsense.win32.exe", "url": "x"}, {"filename": "a_b-2004k.zip", "url": "x"}"#,
        );
        let versions: Vec<_> = project.releases.keys().map(ToString::to_string).collect();
        assert_eq!(versions, ["1.9", "1.10.0"]);
        let old = &project.releases[&"1.9.0".parse().unwrap()];
        assert!(old.files[0].has_metadata && !old.yanked());
        assert_eq!(old.first_upload().unwrap().to_string(), "2024-01-02T03:04:05.678Z");
        assert_eq!(old.files[0].requires_python.as_ref().unwrap().to_string(), ">=3.6");
        let new = &project.releases[&"1.10".parse().unwrap()];
        assert!(new.yanked() && new.first_upload().is_none());
        assert_eq!(new.files[0].url, "https://index.example/f/A.b-1.10.0.tar.gz");
    }

    #[test]
    fn the_wheel_of_an_interpreter_is_the_most_specific_one_its_metadata_allows() {
        let project = page(
            r#"{"filename": "a_b-1-py3-none-any.whl", "url": "x", "requires-python": ">=3.8"},
               {"filename": "a_b-1-cp311-cp311-manylinux2014_x86_64.whl", "url": "x"}"#,
        );
        let release = &project.releases[&"1".parse().unwrap()];
        let wheel = |minor| release.wheel(PythonVersion::new(3, minor), "x86_64").map(|file| file.filename.as_str());
        assert_eq!(wheel(7), None);
        assert_eq!(wheel(8), Some("a_b-1-py3-none-any.whl"));
        assert_eq!(wheel(11), Some("a_b-1-cp311-cp311-manylinux2014_x86_64.whl"));
    }

    #[test]
    fn a_withdrawn_wheel_is_passed_over_where_the_release_has_others() {
        let files = r#"{"filename": "a_b-1-cp311-cp311-manylinux2014_x86_64.whl", "url": "x", "yanked": "broken"}"#;
        let wheel = |project: &Project| {
            let wheel = project.releases[&"1".parse().unwrap()].wheel(PythonVersion::new(3, 11), "x86_64");
            wheel.map(|file| file.filename.clone())
        };
        let pure = "a_b-1-py3-none-any.whl";
        let both = page(&format!(r#"{files}, {{"filename": "{pure}", "url": "x"}}"#));
        assert_eq!(wheel(&both).unwrap(), pure);
        assert_eq!(wheel(&page(files)).unwrap(), "a_b-1-cp311-cp311-manylinux2014_x86_64.whl");
    }
}
