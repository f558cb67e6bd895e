//! Reading a small part of a wheel that lies on a server, without downloading the wheel.
//!
//! A wheel is a zip archive, with its table of contents at the end. [`Sparse`] is such an archive of which only some
//! ranges are there; where a reader runs into a gap, it fails and the gap is remembered, to be fetched before the next
//! try.

use std::io::{self, Read, Seek, SeekFrom};

use super::archive::{Bytes, member};

/// An archive with gaps.
#[derive(Debug)]
pub(super) struct Sparse {
    size: u64,
    chunks: Vec<(u64, Vec<u8>)>,
    position: u64,
    gap: Option<u64>,
}

/// What a try to read something came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Attempt<T> {
    /// What was to be read.
    Read(T),
    /// The bytes from this offset on are needed.
    Gap(u64),
    /// This will never work.
    Failed(String),
}

impl Sparse {
    /// An archive of `size` bytes of which nothing is there yet.
    pub(super) fn new(size: u64) -> Self {
        Self { size, chunks: Vec::new(), position: 0, gap: None }
    }

    /// Bytes that are there.
    pub(super) fn held(&self) -> u64 {
        self.chunks.iter().map(|(_, bytes)| bytes.len() as u64).sum()
    }

    /// Adds bytes from an offset on.
    pub(super) fn add(&mut self, offset: u64, bytes: Vec<u8>) {
        self.chunks.push((offset, bytes));
    }

    /// Tries to read something, which fails where a gap is.
    pub(super) fn attempt<T>(&mut self, read: fn(&mut dyn Bytes) -> Result<T, String>) -> Attempt<T> {
        self.position = 0;
        self.gap = None;
        match read(self) {
            Ok(read) => Attempt::Read(read),
            Err(message) => self.gap.map_or(Attempt::Failed(message), Attempt::Gap),
        }
    }
}

/// The text of a wheel's `METADATA`.
pub(super) fn read_metadata(archive: &mut dyn Bytes) -> Result<String, String> {
    // Vendored packages bring `.dist-info` folders of their own, deeper down.
    let own = |name: &str| name.strip_suffix(".dist-info/METADATA").is_some_and(|stem| !stem.contains('/'));
    let bytes = member(archive, &own)?.ok_or("it has no METADATA")?;
    String::from_utf8(bytes).map_err(|error| format!("its METADATA is not UTF-8: {error}"))
}

impl Read for Sparse {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let held = self.chunks.iter().find_map(|(offset, bytes)| {
            let start = usize::try_from(self.position.checked_sub(*offset)?).ok()?;
            bytes.get(start..).filter(|rest| !rest.is_empty())
        });
        let Some(held) = held else {
            self.gap = Some(self.position);
            return Err(io::Error::other("these bytes are not there yet"));
        };
        let count = held.len().min(buffer.len());
        buffer[..count].copy_from_slice(&held[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Sparse {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(delta) => self.size.checked_add_signed(delta),
            SeekFrom::Current(delta) => self.position.checked_add_signed(delta),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::io::Write;

    use super::*;

    fn archive(names: &[&str]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        for name in names {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(format!("Name: {name}\n").repeat(50).as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn metadata_is_read_from_a_few_pieces() {
        let names: Vec<String> = (0..500).map(|number| format!("a/{number}.py")).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        names.extend(["a/vendor/b-1.dist-info/METADATA", "a-1.dist-info/METADATA"]);
        let bytes = archive(&names);
        let mut sparse = Sparse::new(bytes.len() as u64);
        let text = loop {
            match sparse.attempt(read_metadata) {
                Attempt::Read(text) => break text,
                Attempt::Gap(offset) => {
                    let offset = usize::try_from(offset).unwrap();
                    sparse.add(offset as u64, bytes[offset..bytes.len().min(offset + 2048)].to_vec());
                }
                Attempt::Failed(message) => panic!("{message}"),
            }
        };
        assert!(text.starts_with("Name: a-1.dist-info/METADATA\n"), "{text}");
        assert!(sparse.held() < bytes.len() as u64 * 2 / 3, "{} of {}", sparse.held(), bytes.len());
    }

    #[test]
    fn an_archive_without_metadata_fails_for_good() {
        let bytes = archive(&["a.py"]);
        let mut sparse = Sparse::new(bytes.len() as u64);
        sparse.add(0, bytes);
        assert_eq!(sparse.attempt(read_metadata), Attempt::Failed("it has no METADATA".to_owned()));
    }
}
