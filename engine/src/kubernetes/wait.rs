//! Waiting for a pod, and telling what keeps it: nothing of it is a statement about a cell.

use std::time::Duration;

use kube::api::ListParams;
use tokio::{sync::watch, time::Instant};

use super::{
    api::{AWAY, Cluster, Kind},
    pods::{Container, Pods, Seen},
};
use crate::EngineError;

/// How long an image may be refused: registries have bad moments.
const REFUSED: Duration = Duration::from_mins(1);
/// How long a run waits for a place while nothing of it moves: clusters that grow take minutes.
const PLACE: Duration = Duration::from_mins(10);
/// How long a job may be without a pod before the reason is looked for.
const PODLESS: Duration = Duration::from_secs(20);

/// What keeps a container from starting.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Hindrance {
    /// Nothing but time.
    None,
    /// It will not start, unless this passes.
    Refused(String),
    /// There is no room for it.
    NoPlace(String),
}

/// A job whose pod is waited for.
pub(super) struct Waiting<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) pods: &'a Pods,
    /// Name of the job.
    pub(super) job: &'a str,
    /// What it is for: a cell.
    pub(super) cell: &'a str,
    pub(super) seen: watch::Receiver<Option<Seen>>,
}

impl Waiting<'_> {
    /// Waits until a container runs or has run; the pod as it is then.
    ///
    /// # Errors
    /// It never will.
    pub(super) async fn until_started(&mut self, container: &str) -> Result<Seen, EngineError> {
        let begun = Instant::now();
        let mut refused: Option<Instant> = None;
        loop {
            let seen = self.seen.borrow_and_update().clone();
            let mut hindrance = Hindrance::None;
            if let Some(seen) = seen {
                match seen.container(container) {
                    Some(Container::Running) if !seen.gone => return Ok(seen),
                    Some(Container::Ended { reason, message, .. }) if reason == "ContainerCannotRun" || reason == "StartError" => {
                        return Err(self.lost(&seen, &format!("its container cannot start: {}", message.trim())));
                    }
                    Some(Container::Ended { .. }) => return Ok(seen),
                    _ if seen.gone => return Err(self.lost(&seen, seen.fate())),
                    _ if seen.phase == "Failed" || seen.phase == "Succeeded" => {
                        return Err(self.lost(&seen, seen.failed.as_deref().unwrap_or("it ended before it began")));
                    }
                    waiting => hindrance = hindered(&seen, waiting),
                }
            } else if begun.elapsed() > PODLESS
                && let Some(message) = self.refusal().await?
            {
                hindrance = Hindrance::NoPlace(message);
            }
            match hindrance {
                Hindrance::None => refused = None,
                Hindrance::Refused(message) => {
                    if refused.get_or_insert_with(Instant::now).elapsed() >= REFUSED {
                        return Err(EngineError::Start { cell: self.cell.to_owned(), message });
                    }
                }
                Hindrance::NoPlace(message) => {
                    refused = None;
                    if begun.elapsed().min(self.pods.still()) >= PLACE {
                        let action = format!("find a place for the pod of {}", self.cell);
                        return Err(EngineError::Kubernetes { action, message });
                    }
                }
            }
            self.change().await?;
        }
    }

    /// Waits until a container has ended, or the pod is gone; `None` where that takes longer than `patience`.
    pub(super) async fn until_ended(&mut self, container: &str, patience: Duration) -> Result<Option<Seen>, EngineError> {
        let begun = Instant::now();
        while begun.elapsed() < patience {
            let seen = self.seen.borrow_and_update().clone();
            if let Some(seen) = seen
                && seen.is_over(container)
            {
                return Ok(Some(seen));
            }
            self.change().await?;
        }
        Ok(None)
    }

    /// Waits until a pod that runs has an address, which may come a moment after its start.
    ///
    /// # Errors
    /// The pod went away, or has none after `patience`.
    pub(super) async fn until_addressed(&mut self, patience: Duration) -> Result<String, EngineError> {
        let begun = Instant::now();
        loop {
            let seen = self.seen.borrow_and_update().clone();
            let late = begun.elapsed() >= patience;
            match seen {
                Some(Seen { address: Some(address), .. }) => return Ok(address),
                Some(seen) if seen.gone => return Err(self.lost(&seen, seen.fate())),
                Some(seen) if late => return Err(self.lost(&seen, "it has no address")),
                None if late => return Err(lost(self.cell, None, "it has no address")),
                _ => self.change().await?,
            }
        }
    }

    /// Whether it is known that nothing more comes of a container.
    pub(super) fn is_over(&self, container: &str) -> bool {
        self.seen.borrow().as_ref().is_some_and(|seen| seen.is_over(container))
    }

    /// Waits until something more is known, for a moment at most.
    async fn change(&mut self) -> Result<(), EngineError> {
        let _ = tokio::time::timeout(Duration::from_secs(2), self.seen.changed()).await;
        match self.pods.broken() {
            Some((since, message)) if since > AWAY => {
                Err(EngineError::NoCluster { address: self.cluster.address.clone(), message: format!("pods cannot be watched: {message}") })
            }
            _ => Ok(()),
        }
    }

    /// Why the cluster makes no pod of the job: a quota, most of the time.
    async fn refusal(&self) -> Result<Option<String>, EngineError> {
        let fields = format!("involvedObject.name={},reason=FailedCreate", self.job);
        let (events, list) = (self.cluster.all(Kind::Event), ListParams::default().fields(&fields));
        let told = self.cluster.ask("list events", || events.list(&list)).await;
        match told {
            Ok(told) => Ok(told.items.iter().filter_map(|event| event.data["message"].as_str()).next_back().map(str::to_owned)),
            // Whoever may not read them is told of the lack alone.
            Err(EngineError::Kubernetes { .. }) => Ok(Some("the cluster makes no pod of its job".to_owned())),
            Err(error) => Err(error),
        }
    }

    /// The pod went away by no fault of its cell.
    pub(super) fn lost(&self, seen: &Seen, message: &str) -> EngineError {
        lost(self.cell, seen.node.as_deref(), message)
    }
}

/// The pod of a cell went away by no fault of the cell.
pub(super) fn lost(cell: &str, node: Option<&str>, message: &str) -> EngineError {
    let node = node.map(|node| format!(" on {node}")).unwrap_or_default();
    EngineError::Pod { message: format!("the pod of {cell}{node} was lost: {message}") }
}

/// What keeps a container of a pod from starting.
pub(super) fn hindered(seen: &Seen, container: Option<&Container>) -> Hindrance {
    if let Some(message) = &seen.unschedulable
        && seen.node.is_none()
    {
        return Hindrance::NoPlace(message.clone());
    }
    // A container that is not first waits for those before it.
    let waiting = seen.containers.iter().map(|(_, container)| container).chain(container);
    for container in waiting {
        let Container::Waiting { reason, message } = container else { continue };
        match reason.as_str() {
            "ErrImagePull" | "ImagePullBackOff" | "InvalidImageName" | "ErrImageNeverPull" | "RegistryUnavailable" => {
                return Hindrance::Refused(format!("the image cannot be pulled: {}", message.trim()));
            }
            "CreateContainerConfigError" | "CreateContainerError" | "RunContainerError" => {
                return Hindrance::Refused(format!("{reason}: {}", message.trim()));
            }
            _ => {}
        }
    }
    Hindrance::None
}
