//! Containers in which environments are made, one after the other: to make a container takes longer than to find an
//! environment that is there.

use std::time::Duration;

use bollard::{container::AttachContainerResults, errors::Error, exec::StartExecResults};
use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::{DockerEngine, is_status, owned::Owned};
use crate::{EngineError, Line, Phase, PhaseEnd};

/// How long the daemon may take to hear of the end of what it ran, and how often it is asked.
const LATE: (u32, Duration) = (500, Duration::from_millis(20));

/// A running container with the environment store writable. It is used by one phase at a time, and removed with whatever
/// runs in it when that phase is cut short or fails.
#[derive(Debug)]
pub(super) struct Workshop {
    container: Owned,
    image: String,
    /// With this client its stdin ends, and with that the container.
    _attached: AttachContainerResults,
}

impl DockerEngine {
    /// Runs a provision phase.
    pub(super) async fn provision(
        &self,
        image: String,
        phase: &Phase,
        lines: mpsc::Sender<Line>,
        cancel: CancellationToken,
    ) -> Result<PhaseEnd, EngineError> {
        let (workshop, exec) = self.enter(image, phase).await?;
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(EngineError::Cancelled),
            result = self.work(&exec, phase, lines) => result,
        };
        if result.as_ref().is_ok_and(|end| end.code == 0) {
            self.workshops.lock().push(workshop);
        } else {
            // What the phase met says more than that its container couldn't be removed afterwards.
            let _ = workshop.container.remove().await;
        }
        result
    }

    /// A workshop with nobody in it, and the agent about to be started in it.
    async fn enter(&self, image: String, phase: &Phase) -> Result<(Workshop, String), EngineError> {
        loop {
            let idle = {
                let mut workshops = self.workshops.lock();
                workshops.iter().position(|workshop| workshop.image == image).map(|place| workshops.swap_remove(place))
            };
            let (workshop, is_new) = match idle {
                Some(workshop) => (workshop, false),
                None => (self.open(image.clone(), phase).await?, true),
            };
            match self.docker.create_exec(workshop.container.name(), self.common.agent(phase)).await {
                Ok(exec) => return Ok((workshop, exec.id)),
                // Somebody ended it since it was used last.
                Err(error) if !is_new && (is_status(&error, 404) || is_status(&error, 409)) => {}
                Err(error) => return Err(self.trouble(&format!("start the agent of {}", phase.cell), &error)),
            }
        }
    }

    async fn open(&self, image: String, phase: &Phase) -> Result<Workshop, EngineError> {
        let container = self.create(self.common.workshop(&image), &format!("create the container for {}", phase.cell)).await?;
        let attached = self.start(container.name(), phase, false).await?;
        Ok(Workshop { container, image, _attached: attached })
    }

    async fn work(&self, exec: &str, phase: &Phase, lines: mpsc::Sender<Line>) -> Result<PhaseEnd, EngineError> {
        let action = format!("start the agent of {}", phase.cell);
        let started = self.docker.start_exec(exec, None).await.map_err(|error| self.trouble(&action, &error))?;
        let StartExecResults::Attached { output, input } = started else {
            return Err(EngineError::Docker { action, message: "the daemon gives neither its input nor its output".to_owned() });
        };
        let stderr = self.talk(output, input, phase, lines).await?;
        let action = format!("wait for the agent of {}", phase.cell);
        for _ in 0..LATE.0 {
            let state = self.docker.inspect_exec(exec).await.map_err(|error| self.trouble(&action, &error))?;
            if let (Some(false), Some(code)) = (state.running, state.exit_code) {
                return Ok(PhaseEnd { code, oom_killed: false, stderr, kept: None });
            }
            tokio::time::sleep(LATE.1).await;
        }
        Err(EngineError::Docker { action, message: "the daemon doesn't say how it ended".to_owned() })
    }

    /// Removes the workshops.
    pub(super) async fn close_workshops(&self) -> Result<(), EngineError> {
        let workshops = std::mem::take(&mut *self.workshops.lock());
        let removed = join_all(workshops.into_iter().map(|workshop| workshop.container.remove())).await;
        removed.into_iter().collect::<Result<(), Error>>().map_err(|error| self.trouble("remove the run's containers", &error))
    }
}
