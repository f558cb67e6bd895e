//! Deletes what scenarios left, whatever they made of it.

use std::{
    fs::{self, Permissions},
    io,
    os::unix::fs::PermissionsExt,
    path::Path,
};

/// Levels of folders that are deleted where they are; so many names of any length fit into a path.
const DEEP: usize = 10;

/// Deletes a folder whatever its permissions are and however deep it is: what lies deep is moved up first, so that neither
/// paths, nor the stack, nor the number of open files grow with the depth. Goes on past what can't be deleted. A link in its place is
/// not followed.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    if fs::symlink_metadata(folder)?.is_symlink() {
        return fs::remove_file(folder);
    }
    let mut moved = 0_usize;
    let mut todo = vec![(folder.to_owned(), 0, false)];
    while let Some((current, depth, emptied)) = todo.pop() {
        if emptied {
            let removed = fs::remove_dir(&current);
            if current == folder {
                return removed;
            }
            continue;
        }
        // Where something fails, the folder that holds it can't be removed either, and the last one says so.
        let _ = fs::set_permissions(&current, Permissions::from_mode(0o700));
        let entries = fs::read_dir(&current);
        todo.push((current, depth, true));
        for entry in entries.into_iter().flatten().flatten() {
            let path = entry.path();
            if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                let _ = fs::remove_file(&path);
            } else if depth < DEEP {
                todo.push((path, depth + 1, false));
            } else {
                moved += 1;
                let place = folder.join(format!("deep-{}-{moved}", std::process::id()));
                let _ = fs::set_permissions(&path, Permissions::from_mode(0o700));
                if fs::rename(&path, &place).is_ok() {
                    todo.push((place, 1, false));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_depth_nor_permissions_nor_links_keep_a_folder() {
        let outside = tempfile::tempdir().expect("a folder");
        fs::write(outside.path().join("kept"), "").expect("a file");
        let folder = outside.path().join("folder");
        let mut path = folder.clone();
        for _ in 0..100 {
            path.push("deeper");
        }
        fs::create_dir_all(&path).expect("folders");
        fs::write(path.join("file"), "").expect("a file");
        std::os::unix::fs::symlink(outside.path(), folder.join("link")).expect("a link");
        for ancestor in path.ancestors().take(100) {
            fs::set_permissions(ancestor, Permissions::from_mode(0o500)).expect("permissions");
        }
        remove(&folder).expect("removed");
        assert!(!folder.exists());
        assert!(outside.path().join("kept").exists());
    }

    #[test]
    fn a_link_in_place_of_the_folder_goes_and_what_it_leads_to_stays() {
        let outside = tempfile::tempdir().expect("a folder");
        let (folder, link) = (outside.path().join("folder"), outside.path().join("link"));
        fs::create_dir(&folder).expect("a folder");
        fs::write(folder.join("kept"), "").expect("a file");
        std::os::unix::fs::symlink(&folder, &link).expect("a link");
        remove(&link).expect("removed");
        assert!(link.symlink_metadata().is_err() && folder.join("kept").exists());
    }

    #[test]
    fn what_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(remove(&folder.path().join("none")).map_err(|error| error.kind()), Err(io::ErrorKind::NotFound));
    }
}
