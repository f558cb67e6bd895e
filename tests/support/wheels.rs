//! Tiny pure-Python wheels and source distributions, made in memory.

use std::io::{Cursor, Write};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::digest::{SHA256, digest};

/// A distribution to be: a wheel, unless it is made as a source.
#[derive(Clone, Debug)]
pub(crate) struct Wheel {
    pub(crate) name: String,
    pub(crate) version: String,
    tag: String,
    source: bool,
    files: Vec<(String, String)>,
    requires: Vec<String>,
    pub(crate) requires_python: Option<String>,
    /// When it came out, RFC 3339.
    pub(crate) uploaded: String,
}

impl Wheel {
    /// A wheel without files, `py3-none-any`, out since 2024.
    pub(crate) fn new(name: &str, version: &str) -> Self {
        Self {
            name: name.to_owned(),
            version: version.to_owned(),
            tag: "py3-none-any".to_owned(),
            source: false,
            files: Vec::new(),
            requires: Vec::new(),
            requires_python: None,
            uploaded: "2024-01-01T00:00:00Z".to_owned(),
        }
    }

    /// A source distribution without files; it builds itself, by the module `backend` among its files.
    pub(crate) fn source(name: &str, version: &str) -> Self {
        let builds = "[build-system]\nrequires = []\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n";
        Self { source: true, ..Self::new(name, version) }.file("pyproject.toml", builds)
    }

    /// Whether it has to be built first.
    pub(crate) fn is_source(&self) -> bool {
        self.source
    }

    /// Adds a file: `alpha/__init__.py`.
    pub(crate) fn file(mut self, path: &str, text: &str) -> Self {
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// Adds a requirement: `beta>=1`.
    pub(crate) fn requires(mut self, requirement: &str) -> Self {
        self.requires.push(requirement.to_owned());
        self
    }

    /// Sets the range of interpreters: `>=3.8`.
    pub(crate) fn requires_python(mut self, range: &str) -> Self {
        self.requires_python = Some(range.to_owned());
        self
    }

    /// Sets the compatibility tag: `cp311-cp311-manylinux2014_x86_64`.
    pub(crate) fn tag(mut self, tag: &str) -> Self {
        tag.clone_into(&mut self.tag);
        self
    }

    /// Sets when it came out: `2024-01-01T00:00:00Z`.
    pub(crate) fn uploaded(mut self, time: &str) -> Self {
        time.clone_into(&mut self.uploaded);
        self
    }

    /// `alpha-1.0-py3-none-any.whl`, `alpha-1.0.zip`.
    pub(crate) fn filename(&self) -> String {
        if self.source {
            return format!("{}-{}.zip", self.name.replace('-', "_"), self.version);
        }
        format!("{}-{}-{}.whl", self.name.replace('-', "_"), self.version, self.tag)
    }

    /// The text of `METADATA`.
    pub(crate) fn metadata(&self) -> String {
        let mut text = format!("Metadata-Version: 2.2\nName: {}\nVersion: {}\n", self.name, self.version);
        let python = self.requires_python.iter().map(|range| format!("Requires-Python: {range}\n"));
        text.extend(python.chain(self.requires.iter().map(|requirement| format!("Requires-Dist: {requirement}\n"))));
        text
    }

    /// The archive; the same wheel always has the same bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        if self.source {
            let folder = format!("{}-{}", self.name.replace('-', "_"), self.version);
            let files = self.files.iter().cloned().chain([("PKG-INFO".to_owned(), self.metadata())]);
            return zipped(files.map(|(path, text)| (format!("{folder}/{path}"), text)));
        }
        let folder = format!("{}-{}.dist-info", self.name.replace('-', "_"), self.version);
        let mut files = self.files.clone();
        files.push((format!("{folder}/METADATA"), self.metadata()));
        let pure = self.tag.ends_with("-any");
        files.push((
            format!("{folder}/WHEEL"),
            format!("Wheel-Version: 1.0\nGenerator: skew\nRoot-Is-Purelib: {pure}\nTag: {}\n", self.tag),
        ));
        let lines = files.iter().map(|(path, text)| {
            format!("{path},sha256={},{}\n", BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes())), text.len())
        });
        let record: String = lines.chain([format!("{folder}/RECORD,,\n")]).collect();
        files.push((format!("{folder}/RECORD"), record));
        zipped(files)
    }
}

fn zipped(files: impl IntoIterator<Item = (String, String)>) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
