//! What is known of the run's pods: one watch for all of them.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use futures_util::StreamExt;
use kube::{
    Api, ResourceExt,
    api::DynamicObject,
    runtime::{WatchStreamExt, watcher},
};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::{sync::watch, time::Instant};

use super::manifest::JOB;
use crate::chain;

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
    /// Nothing is heard of its node.
    pub(super) unheard: bool,
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
    pub(super) fn of(pod: &DynamicObject) -> Self {
        let (spec, status) = (&pod.data["spec"], &pod.data["status"]);
        let failed = text(&status["reason"]).map(|reason| match text(&status["message"]) {
            Some(message) => format!("{reason}: {}", message.trim()),
            None => reason,
        });
        let condition = |name: &str, value: &str| {
            all(&status["conditions"]).find(|condition| condition["type"] == name && condition["status"] == value)
        };
        let unscheduled = condition("PodScheduled", "False");
        // A cluster that hears nothing of a node takes this from its pods, and leaves all else as it was last told.
        let unheard = condition("Ready", "False").is_some() && condition("ContainersReady", "True").is_some();
        let containers = all(&status["initContainerStatuses"]).chain(all(&status["containerStatuses"]));
        Self {
            name: pod.name_any(),
            node: text(&spec["nodeName"]),
            address: text(&status["podIP"]),
            phase: text(&status["phase"]).unwrap_or_default(),
            failed,
            unschedulable: unscheduled.map(|condition| text(&condition["message"]).unwrap_or_default()),
            containers: containers.map(|status| (text(&status["name"]).unwrap_or_default(), Container::of(status))).collect(),
            gone: pod.metadata.deletion_timestamp.is_some(),
            unheard,
        }
    }

    /// Why it is gone, as far as that can be seen.
    pub(super) fn fate(&self) -> &str {
        match &self.failed {
            Some(why) => why,
            None if self.unheard => "nothing is heard of that node any more",
            None => "it was deleted",
        }
    }

    /// What became of a container.
    pub(super) fn container(&self, name: &str) -> Option<&Container> {
        self.containers.iter().find(|(known, _)| known == name).map(|(_, container)| container)
    }

    /// Whether nothing more comes of a container.
    pub(super) fn is_over(&self, container: &str) -> bool {
        self.gone || self.phase == "Failed" || matches!(self.container(container), Some(Container::Ended { .. }))
    }
}

impl Container {
    fn of(status: &Value) -> Self {
        let state = &status["state"];
        let said = |state: &Value, key: &str| text(&state[key]).unwrap_or_default();
        let ended = &state["terminated"];
        if ended.is_object() {
            return Self::Ended {
                code: ended["exitCode"].as_i64().unwrap_or_default(),
                reason: said(ended, "reason"),
                message: said(ended, "message"),
                image: said(status, "imageID"),
            };
        }
        if state["running"].is_object() {
            return Self::Running;
        }
        let waiting = &state["waiting"];
        Self::Waiting { reason: said(waiting, "reason"), message: said(waiting, "message") }
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn all(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
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
    pub(super) fn watch(self: &Arc<Self>, pods: Api<DynamicObject>, label: String) -> tokio::task::JoinHandle<()> {
        let watching = Arc::clone(self);
        tokio::spawn(async move {
            let mut events = watcher(pods, watcher::Config::default().labels(&label)).default_backoff().boxed();
            let mut listed = BTreeSet::new();
            while let Some(event) = events.next().await {
                watching.take(event, &mut listed);
            }
        })
    }

    fn take(&self, event: Result<watcher::Event<DynamicObject>, watcher::Error>, listed: &mut BTreeSet<String>) {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                self.broken.lock().get_or_insert_with(|| (Instant::now(), chain(&error)));
                return;
            }
        };
        *self.broken.lock() = None;
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

    fn saw(&self, pod: &DynamicObject, gone: bool) {
        let Some(job) = pod.labels().get(JOB) else { return };
        let mut seen = Seen::of(pod);
        seen.gone |= gone;
        let known = self.seen.lock();
        let Some(entry) = known.get(job) else { return };
        let had_place = entry.borrow().as_ref().is_some_and(|before| before.node.is_some());
        if had_place != seen.node.is_some() || matches!(seen.phase.as_str(), "Succeeded" | "Failed") {
            *self.moved.lock() = Instant::now();
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
        for (job, entry) in self.seen.lock().iter() {
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
        self.seen.lock().entry(job.to_owned()).or_insert_with(|| watch::Sender::new(None)).subscribe()
    }

    /// Nobody asks for a job's pod any more.
    pub(super) fn forget(&self, job: &str) {
        self.seen.lock().remove(job);
    }

    /// How long nothing has got a place or given one back.
    pub(super) fn still(&self) -> Duration {
        self.moved.lock().elapsed()
    }

    /// How long the watch has been broken, and by what.
    pub(super) fn broken(&self) -> Option<(Duration, String)> {
        self.broken.lock().as_ref().map(|(since, message)| (since.elapsed(), message.clone()))
    }
}
