//! What a wheel declares.

use std::str::FromStr;

use pep440_rs::VersionSpecifiers;
use pep508_rs::Requirement;

/// The parts of a wheel's `METADATA` that a plan needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Its `Requires-Dist`, extras included.
    pub requires_dist: Vec<Requirement>,
    /// Its `Requires-Python`.
    pub requires_python: Option<VersionSpecifiers>,
    /// Requirements that PEP 508 cannot read, as they stand.
    pub unreadable: Vec<String>,
}

impl Metadata {
    /// Reads a `METADATA` file: headers like those of mail, up to the first empty line. Lines that begin with a blank go on with
    /// the one before; a folded license has some that are nothing but blank.
    pub(super) fn parse(text: &str) -> Self {
        let mut metadata = Self::default();
        let mut headers: Vec<String> = Vec::new();
        for line in text.lines().take_while(|line| !line.is_empty()) {
            match headers.last_mut() {
                Some(before) if line.starts_with([' ', '\t']) => before.push_str(line),
                _ => headers.push(line.to_owned()),
            }
        }
        for (name, value) in headers.iter().filter_map(|header| header.split_once(':')) {
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "requires-dist" => match Requirement::from_str(value) {
                    Ok(requirement) => metadata.requires_dist.push(requirement),
                    Err(_) => metadata.unreadable.push(value.to_owned()),
                },
                "requires-python" => metadata.requires_python = super::project::specifiers(value),
                _ => {}
            }
        }
        metadata
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_read_in_both_spellings_and_the_description_is_left_alone() {
        let text = "Metadata-Version: 2.1\nName: a\nRequires-Dist: numpy (<2.0.0,>=1.23.5)\nRequires-Python: >=3.9\n\
                    Requires-Dist: b>=1; extra == 'x'\nRequires-Dist: c d e\n\nRequires-Dist: not-this\n";
        let metadata = Metadata::parse(text);
        let names: Vec<_> = metadata.requires_dist.iter().map(|requirement| requirement.name.to_string()).collect();
        assert_eq!(names, ["numpy", "b"]);
        assert_eq!(metadata.unreadable, ["c d e"]);
        assert_eq!(metadata.requires_python.unwrap().to_string(), ">=3.9");
    }

    #[test]
    fn a_folded_license_with_blank_lines_hides_nothing_that_follows() {
        let text = "Name: a\r\nLicense: BSD\r\n        \r\n        Requires-Dist: no\r\n\t\r\nRequires-Dist: numpy\r\n  >=1.22,\r\n  <3\r\n\r\nIt: b\r\n";
        let metadata = Metadata::parse(text);
        let requirements: Vec<_> = metadata.requires_dist.iter().map(ToString::to_string).collect();
        assert_eq!(requirements, ["numpy>=1.22,<3"]);
        assert!(metadata.unreadable.is_empty());
    }
}
