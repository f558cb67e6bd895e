//! Containers that do not outlive their run.

use bollard::{Docker, errors::Error, query_parameters::RemoveContainerOptionsBuilder};

use super::is_status;

/// A container that this run has to remove.
#[derive(Debug)]
pub(super) struct Owned {
    docker: Docker,
    name: Option<String>,
}

impl Owned {
    /// A container that was made under this name.
    pub(super) fn new(docker: Docker, name: String) -> Self {
        Self { docker, name: Some(name) }
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or_default()
    }

    /// Removes it.
    pub(super) async fn remove(mut self) -> Result<(), Error> {
        let removed = remove(&self.docker, self.name()).await;
        self.name = None;
        removed
    }
}

impl Drop for Owned {
    /// Reached with a name only where a future is dropped half-way; the removal then goes on by itself.
    fn drop(&mut self) {
        if let (Some(name), Ok(runtime)) = (self.name.take(), tokio::runtime::Handle::try_current()) {
            let docker = self.docker.clone();
            runtime.spawn(async move { remove(&docker, &name).await });
        }
    }
}

/// Kills and removes a container; one that is gone or going is as good.
pub(super) async fn remove(docker: &Docker, name: &str) -> Result<(), Error> {
    let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
    match docker.remove_container(name, Some(options)).await {
        Err(error) if is_status(&error, 404) || is_status(&error, 409) => Ok(()),
        result => result,
    }
}
