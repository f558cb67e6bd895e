//! Reading one file of a wheel, which is a zip archive.

use std::{
    borrow::Cow,
    io::{Read, Seek},
};

/// Bytes that a file of an archive may have: the installer, the largest that is read, has a quarter.
const MEMBER: u64 = 256 << 20;

/// Where a wheel's bytes come from.
pub(crate) trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

/// The names of all files.
///
/// # Errors
/// What is wrong with the archive, as text.
pub(crate) fn names(archive: &mut dyn Bytes) -> Result<Vec<String>, String> {
    let zip = zip::ZipArchive::new(archive).map_err(|error| error.to_string())?;
    Ok(zip.file_names().filter_map(Result::ok).map(Cow::into_owned).collect())
}

/// The first file whose name is the one looked for, or `None` if there is none. Reads from a trait object, so that all
/// that reads archives is compiled once and not for every kind of reader.
///
/// # Errors
/// What is wrong with the archive, as text.
pub(crate) fn member(archive: &mut dyn Bytes, is_it: &dyn Fn(&str) -> bool) -> Result<Option<Vec<u8>>, String> {
    let mut zip = zip::ZipArchive::new(archive).map_err(|error| error.to_string())?;
    let Some(name) = zip.file_names().filter_map(Result::ok).find(|name| is_it(name)).map(Cow::into_owned) else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    let file = zip.by_name(&name).map_err(|error| error.to_string())?;
    // However many bytes the archive says it holds, these are all that are made of it.
    file.take(MEMBER + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MEMBER {
        return Err(format!("its {name} is larger than {} MiB", MEMBER >> 20));
    }
    Ok(Some(bytes))
}
