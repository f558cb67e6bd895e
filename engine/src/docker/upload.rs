//! Files on their way into the environment store's volume.

use std::{
    collections::{BTreeSet, HashMap},
    io::Read,
};

use bollard::{
    body_full,
    models::VolumeCreateRequest,
    query_parameters::{ContainerArchiveInfoOptionsBuilder, DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder},
};
use futures_util::StreamExt;

use super::{
    DockerEngine,
    container::{CACHE, ROOT},
    is_status,
};
use crate::{EngineError, StoreFile};

impl DockerEngine {
    /// Uploads what this run has not seen in the volume, through a container that is never started.
    pub(super) async fn upload_missing(&self, files: &[StoreFile]) -> Result<(), EngineError> {
        let files: Vec<&StoreFile> = {
            let uploaded = self.uploaded.lock();
            files.iter().chain(&self.certificates).filter(|file| !uploaded.contains(&seen(file))).collect()
        };
        if files.is_empty() {
            return Ok(());
        }
        let action = format!("upload to the volume {}", self.common.volume);
        let image = self.images.lock().values().next().cloned().ok_or_else(|| EngineError::Docker {
            action: action.clone(),
            message: "none of the interpreters' images is there".to_owned(),
        })?;
        let volume = VolumeCreateRequest {
            name: Some(self.common.volume.clone()),
            labels: Some(HashMap::from([(CACHE.to_owned(), String::new())])),
            ..VolumeCreateRequest::default()
        };
        self.docker.create_volume(volume).await.map_err(|error| self.trouble(&action, &error))?;
        let helper = self.create(self.common.helper(&image), &action).await?;
        let result = self.upload_through(helper.name(), &files, &action).await;
        helper.remove().await.map_err(|error| self.trouble(&action, &error))?;
        result?;
        self.uploaded.lock().extend(files.into_iter().map(seen));
        Ok(())
    }

    /// Whether a file is in the volume with this content. The size is asked for first: it tells most others apart.
    async fn is_there(&self, helper: &str, file: &StoreFile) -> Result<bool, bollard::errors::Error> {
        let path = format!("{ROOT}/{}", file.path);
        let options = ContainerArchiveInfoOptionsBuilder::default().path(&path).build();
        match self.docker.get_container_archive_info(helper, Some(options)).await {
            Ok(stat) if u64::try_from(stat.size).is_ok_and(|size| size == file.content.len() as u64) => {}
            Ok(_) => return Ok(false),
            Err(error) if is_status(&error, 404) => return Ok(false),
            Err(error) => return Err(error),
        }
        let options = DownloadFromContainerOptionsBuilder::default().path(&path).build();
        let mut pieces = self.docker.download_from_container(helper, Some(options));
        let mut archive = Vec::with_capacity(file.content.len() + HEADERS);
        while let Some(piece) = pieces.next().await {
            archive.extend_from_slice(&piece?);
            if archive.len() > file.content.len() + HEADERS {
                return Ok(false);
            }
        }
        Ok(content_of(&archive).is_some_and(|content| content == file.content))
    }

    async fn upload_through(&self, helper: &str, files: &[&StoreFile], action: &str) -> Result<(), EngineError> {
        let mut absent = Vec::new();
        for file in files {
            if !self.is_there(helper, file).await.map_err(|error| self.trouble(action, &error))? {
                absent.push(*file);
            }
        }
        if absent.is_empty() {
            return Ok(());
        }
        let archive = archive(&absent).map_err(|source| EngineError::Io { action: action.to_owned(), source })?;
        let options = UploadToContainerOptionsBuilder::default().path(ROOT).build();
        let sent = self.docker.upload_to_container(helper, Some(options), body_full(archive.into())).await;
        sent.map_err(|error| self.trouble(action, &error))
    }
}

/// Bytes that an archive of one file has beside its content, at most.
const HEADERS: usize = 64 << 10;

/// The content of the one file in an archive.
fn content_of(archive: &[u8]) -> Option<Vec<u8>> {
    let mut archive = tar::Archive::new(archive);
    let mut file = archive.entries().ok()?.next()?.ok()?;
    let mut content = Vec::new();
    file.read_to_end(&mut content).ok()?;
    Some(content)
}

fn seen(file: &StoreFile) -> (String, [u8; 32]) {
    (file.path.clone(), *blake3::hash(&file.content).as_bytes())
}

/// A tar archive of the files, folders included: the daemon makes missing parents with modes of its own.
///
/// # Errors
/// When a path doesn't fit into an archive.
fn archive(files: &[&StoreFile]) -> std::io::Result<Vec<u8>> {
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
        let file = |path: &str| StoreFile::new(path.to_owned(), b"x".to_vec(), false);
        let (agent, uv) = (file("bin/agent/1.py"), file("bin/uv"));
        let bytes = archive(&[&agent, &uv]).unwrap_or_default();
        let mut tar = tar::Archive::new(bytes.as_slice());
        let paths: Vec<_> =
            tar.entries().into_iter().flatten().flatten().filter_map(|e| Some(e.path().ok()?.display().to_string())).collect();
        assert_eq!(paths, ["bin/", "bin/agent/", "bin/agent/1.py", "bin/uv"]);
    }
}
