//! What is known of the run's pods: one watch for all of them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::{ContainerStatus, Pod};
use kube::{
    Api, ResourceExt,
    runtime::{WatchStreamExt, watcher},
};
use tokio::{sync::watch, time::Instant};

use super::manifest::JOB;

/// A pod, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) name: String,
    pub(super) node: Option<String>,
    pub(super) address: Option<String>,
    /// `Pending`, `Running`, `Succeeded`, `Failed`.
    pub(super) phase: String,
    /// Why the pod as a whole failed: `Evicted: The node was low on resource: memory.`
    pub(super) failed: Option<String>,
    /// Why the scheduler has no place for it.
    pub(super) unschedulable: Option<String>,
    /// What became of its containers, by name.
    pub(super) containers: Vec<(String, Container)>,
    /// It is deleted, or about to be.
    pub(super) gone: bool,
}

/// What became of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Container {
    /// It has not started, and why.
    Waiting { reason: String, message: String },
    /// It runs.
    Running,
    /// It is over; the image is named by its digest.
    Ended { code: i64, reason: String, message: String, image: String },
}

impl Seen {
    pub(super) fn of(pod: &Pod) -> Self {
        let status = pod.status.clone().unwrap_or_default();
        let unscheduled =
            status.conditions.iter().flatten().find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
        let failed = status.reason.as_ref().map(|reason| match &status.message {
            Some(message) => format!("{reason}: {}", message.trim()),
            None => reason.clone(),
        });
        let containers = status.init_container_statuses.iter().chain(&status.container_statuses).flatten();
        Self {
            name: pod.name_any(),
            node: pod.spec.as_ref().and_then(|spec| spec.node_name.clone()),
            address: status.pod_ip.clone(),
            phase: status.phase.clone().unwrap_or_default(),
            failed,
            unschedulable: unscheduled.map(|condition| condition.message.clone().unwrap_or_default()),
            containers: containers.map(|status| (status.name.clone(), Container::of(status))).collect(),
            gone: pod.metadata.deletion_timestamp.is_some(),
        }
    }

    /// What became of a container.
    pub(super) fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|(known, _)| known == name).map(|(_, container)| container)
    }
}

impl Container {
    fn of(status: &ContainerStatus) -> Self {
        let image = status.image_id.clone();
        let Some(state) = &status.state else { return Self::Waiting { reason: String::new(), message: String::new() } };
        if let Some(ended) = &state.terminated {
            return Self::Ended {
                code: i64::from(ended.exit_code),
                reason: ended.reason.clone().unwrap_or_default(),
                message: ended.message.clone().unwrap_or_default(),
                image,
            };
        }
        if state.running.is_some() {
            return Self::Running;
        }
        let waiting = state.waiting.clone().unwrap_or_default();
        Self::Waiting { reason: waiting.reason.unwrap_or_default(), message: waiting.message.unwrap_or_default() }
    }
}

/// The run's pods, by the name of their job.
#[derive(Debug)]
pub(super) struct Pods {
    seen: Mutex<HashMap<String, watch::Sender<Option<Seen>>>>,
    /// When something last got a place or gave one back.
    moved: Mutex<Instant>,
    /// Since when the watch is broken, and how.
    broken: Mutex<Option<(Instant, String)>>,
}

impl Default for Pods {
    fn default() -> Self {
        Self { seen: Mutex::default(), moved: Mutex::new(Instant::now()), broken: Mutex::default() }
    }
}

impl Pods {
    /// Begins to watch the pods with a label; the watch ends with the returned task.
    pub(super) fn watch(self: &Arc<Self>, pods: Api<Pod>, label: String) -> tokio::task::JoinHandle<()> {
        let watching = Arc::clone(self);
        tokio::spawn(async move {
            let mut events = watcher(pods, watcher::Config::default().labels(&label)).default_backoff().boxed();
            let mut listed = BTreeSet::new();
            while let Some(event) = events.next().await {
                watching.take(event, &mut listed);
            }
        })
    }

    fn take(&self, event: Result<watcher::Event<Pod>, watcher::Error>, listed: &mut BTreeSet<String>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                lock(&self.broken).get_or_insert_with(|| (Instant::now(), super::api::chain(&error)));
                return;
            }
        };
        *lock(&self.broken) = None;
        match event {
            watcher::Event::Init => listed.clear(),
            watcher::Event::InitApply(pod) => {
                listed.extend(pod.labels().get(JOB).cloned());
                self.saw(&pod, false);
            }
            watcher::Event::InitDone => self.missed(listed),
            watcher::Event::Apply(pod) => self.saw(&pod, false),
            watcher::Event::Delete(pod) => self.saw(&pod, true),
        }
    }

    fn saw(&self, pod: &Pod, gone: bool) {
        let Some(job) = pod.labels().get(JOB) else { return };
        let mut seen = Seen::of(pod);
        seen.gone |= gone;
        let known = lock(&self.seen);
        let Some(entry) = known.get(job) else { return };
        let had_place = entry.borrow().as_ref().is_some_and(|before| before.node.is_some());
        if had_place != seen.node.is_some() || matches!(seen.phase.as_str(), "Succeeded" | "Failed") {
            *lock(&self.moved) = Instant::now();
        }
        entry.send_if_modified(|before| {
            match before {
                // A job whose pod is deleted makes another, which is not the one that is read: it is gone.
                Some(first) if first.name != seen.name => return !std::mem::replace(&mut first.gone, true),
                _ => {}
            }
            let changed = before.as_ref() != Some(&seen);
            *before = Some(seen);
            changed
        });
    }

    /// Pods that a list lacks went while nobody watched.
    fn missed(&self, listed: &BTreeSet<String>) {
        for (job, entry) in lock(&self.seen).iter() {
            if !listed.contains(job) {
                entry.send_if_modified(|seen| {
                    let changes = seen.as_ref().is_some_and(|seen| !seen.gone);
                    if let Some(seen) = seen {
                        seen.gone = true;
                    }
                    changes
                });
            }
        }
    }

    /// What is and will be known of a job's pod; ask before the job is made.
    pub(super) fn of(&self, job: &str) -> watch::Receiver<Option<Seen>> {
        lock(&self.seen).entry(job.to_owned()).or_insert_with(|| watch::Sender::new(None)).subscribe()
    }

    /// Nobody asks for a job's pod any more.
    pub(super) fn forget(&self, job: &str) {
        lock(&self.seen).remove(job);
    }

    /// How long nothing has got a place or given one back.
    pub(super) fn still(&self) -> Duration {
        lock(&self.moved).elapsed()
    }

    /// How long the watch has been broken, and by what.
    pub(super) fn broken(&self) -> Option<(Duration, String)> {
        lock(&self.broken).as_ref().map(|(since, message)| (since.elapsed(), message.clone()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is guarded is whole whatever happened to another thread.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
