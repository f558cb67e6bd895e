//! Files on their way into the environment store's volume.

use std::collections::BTreeSet;

use crate::engine::StoreFile;

/// A tar archive of the files, folders included: the daemon makes missing parents with modes of its own.
///
/// # Errors
/// When a path doesn't fit into an archive.
pub(super) fn archive(files: &[&StoreFile]) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(Vec::new());
    for folder in folders(files) {
        let mut header = header(0o755, 0);
        header.set_entry_type(tar::EntryType::Directory);
        tar.append_data(&mut header, format!("{folder}/"), std::io::empty())?;
    }
    for file in files {
        let mode = if file.executable { 0o755 } else { 0o644 };
        tar.append_data(&mut header(mode, file.content.len()), &file.path, file.content.as_slice())?;
    }
    tar.into_inner()
}

fn header(mode: u32, size: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(size as u64);
    header
}

/// All folders above the files, outer ones first.
fn folders(files: &[&StoreFile]) -> BTreeSet<String> {
    let parents = files.iter().flat_map(|file| file.path.match_indices('/').filter_map(|(end, _)| file.path.get(..end)));
    parents.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_come_before_what_is_in_them() {
        let file = |path: &str| StoreFile { path: path.to_owned(), content: b"x".to_vec(), executable: false };
        let (agent, uv) = (file("bin/agent/1.py"), file("bin/uv"));
        let bytes = archive(&[&agent, &uv]).unwrap_or_default();
        let mut tar = tar::Archive::new(bytes.as_slice());
        let paths: Vec<_> =
            tar.entries().into_iter().flatten().flatten().filter_map(|e| Some(e.path().ok()?.display().to_string())).collect();
        assert_eq!(paths, ["bin/", "bin/agent/", "bin/agent/1.py", "bin/uv"]);
    }
}
