//! The jobs of cells: made, taken over from a run that died, told to go on, and removed.

use std::collections::BTreeSet;

use kube::{ResourceExt, api::DynamicObject};
use serde_json::json;
use tokio::sync::mpsc;

use super::{
    KubernetesEngine, alive,
    api::Kind,
    manifest::{CELL, DIGEST, JOB, Nodes, PHASE, PROGRAM, ROOT, RUN, names},
    wait::lost,
};
use crate::{EngineError, Line, Phase, PhaseEnd};

/// The job of a cell.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// Its name.
    pub(super) job: String,
    /// The name of its pod, once it has one.
    pub(super) pod: Option<String>,
}

/// What dead runs left behind.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// What their jobs do, by digest.
    digests: BTreeSet<String>,
    /// The runs.
    pub(super) runs: BTreeSet<String>,
}

/// How often a job is asked for that changes while it is taken over.
const TRIES: usize = 5;

impl KubernetesEngine {
    /// The first phase: makes the job, or takes over one that does the same, and reads its first container.
    pub(super) async fn provision(&self, phase: &Phase, lines: &mpsc::Sender<Line>) -> Result<PhaseEnd, EngineError> {
        let Some(then) = phase.then.as_deref() else {
            let message = "a cell without scenarios".to_owned();
            return Err(EngineError::Unsupported { engine: "kubernetes", message });
        };
        let job = match self.take_over(phase, then).await? {
            Some(job) => job,
            None => self.make(phase, then).await?,
        };
        let read = self.read_phase(&job, phase, lines).await;
        if let (Ok(_), Some(node)) = (&read, self.node(&job)) {
            self.nodes.lock().entry(phase.kin.clone()).or_insert(node);
        }
        read
    }

    /// The second phase: lets the pod go on, without network from now on, and reads its second container.
    pub(super) async fn execute(&self, phase: &Phase, lines: &mpsc::Sender<Line>) -> Result<PhaseEnd, EngineError> {
        let held = self.held.lock().get(&phase.cell).cloned();
        let Some(Held { job, pod: Some(pod) }) = held else {
            let message = "a second phase without a first".to_owned();
            return Err(EngineError::Unsupported { engine: "kubernetes", message });
        };
        let program = phase.program.as_deref().unwrap_or("python3").replace("{root}", ROOT);
        let go = json!({ "metadata": { "labels": { PHASE: "execute" }, "annotations": { PROGRAM: program } } });
        let told = self.cluster.patch(&format!("start the scenarios of {}", phase.cell), Kind::Pod, &pod, &go).await;
        if let Err(EngineError::Kubernetes { message, .. }) = told {
            return Err(lost(&phase.cell, self.node(&job).as_deref(), &message));
        }
        told?;
        self.read_phase(&job, phase, lines).await
    }

    /// Reads what a phase says, and remembers the node if that lost it.
    async fn read_phase(&self, job: &str, phase: &Phase, lines: &mpsc::Sender<Line>) -> Result<PhaseEnd, EngineError> {
        let read = self.read(job, phase, lines).await;
        if let (Err(EngineError::Pod { .. }), Some(node)) = (&read, self.node(job)) {
            self.lost.lock().entry(phase.cell.clone()).or_default().insert(node);
        }
        read
    }

    fn node(&self, job: &str) -> Option<String> {
        self.pods.of(job).borrow().as_ref().and_then(|seen| seen.node.clone())
    }

    async fn make(&self, phase: &Phase, then: &Phase) -> Result<String, EngineError> {
        let letter = self.letter(&then.job).await?;
        let nodes = Nodes {
            near: self.nodes.lock().get(&phase.kin).cloned(),
            lost: self.lost.lock().get(&phase.cell).into_iter().flatten().cloned().collect(),
        };
        let files = self.files.lock().clone();
        let name = self.name();
        let job = self.common.job(&name, phase, then, &files, &letter, &nodes)?;
        // Held before it exists: whoever stops this in the middle leaves a request that the server completes.
        self.hold(&phase.cell, &name);
        self.cluster.create(&format!("make the job of {}", phase.cell), &job).await?;
        Ok(name)
    }

    fn hold(&self, cell: &str, job: &str) {
        let _ = self.pods.of(job);
        self.held.lock().insert(cell.to_owned(), Held { job: job.to_owned(), pod: None });
    }

    /// The pod of a cell's job is known.
    pub(super) fn has_pod(&self, cell: &str, pod: &str) {
        if let Some(held) = self.held.lock().get_mut(cell) {
            held.pod = Some(pod.to_owned());
        }
    }

    /// Names of the maps with the job of an execute phase, which are made once.
    async fn letter(&self, job: &str) -> Result<Vec<String>, EngineError> {
        let digest = *blake3::hash(job.as_bytes()).as_bytes();
        let mut letters = self.letters.lock().await;
        if let Some(names) = letters.get(&digest) {
            return Ok(names.clone());
        }
        let maps = self.common.letter(job)?;
        for map in &maps {
            self.cluster.create("send the scenarios", map).await?;
        }
        let names = names(&maps);
        letters.insert(digest, names.clone());
        Ok(names)
    }

    /// A job of a dead run that does what this cell's would do, made this run's own.
    async fn take_over(&self, phase: &Phase, then: &Phase) -> Result<Option<String>, EngineError> {
        let digest = self.common.digest(phase, then);
        if !self.left.lock().digests.remove(&digest) {
            return Ok(None);
        }
        let Some(name) = self.claim(&digest, &phase.cell).await? else { return Ok(None) };
        self.hold(&phase.cell, &name);
        let found = self.cluster.list("list pods", Kind::Pod, &format!("{JOB}={name}")).await?;
        let lives = |pod: &&DynamicObject| pod.metadata.deletion_timestamp.is_none() && pod.data["status"]["phase"] != "Failed";
        let Some(pod) = found.iter().find(lives) else {
            self.give_up(&phase.cell).await?;
            return Ok(None);
        };
        // The watch looks for this run's pods.
        let ours = json!({ "metadata": { "labels": { RUN: self.common.run } } });
        self.cluster.patch(&format!("take over the pod of {}", phase.cell), Kind::Pod, &pod.name_any(), &ours).await?;
        Ok(Some(name))
    }

    /// Puts this run's label on a job of a dead run that does what a digest says; the job's name.
    async fn claim(&self, digest: &str, cell: &str) -> Result<Option<String>, EngineError> {
        for _ in 0..TRIES {
            let found = self.cluster.list("list jobs", Kind::Job, &format!("{DIGEST}={digest}")).await?;
            let is_left = |job: &&DynamicObject| job.labels().get(RUN).is_some_and(|run| self.left.lock().runs.contains(run));
            let Some(job) = found.iter().find(is_left) else { return Ok(None) };
            // Two runs may find the same job: its version lets one of them have it. It changes with the job's state too.
            let ours = json!({ "metadata": { "resourceVersion": job.resource_version(), "labels": { RUN: self.common.run } } });
            match self.cluster.patch(&format!("take over the job of {cell}"), Kind::Job, &job.name_any(), &ours).await {
                Ok(()) => return Ok(Some(job.name_any())),
                Err(EngineError::Kubernetes { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Removes the job of a cell, if it has one.
    pub(super) async fn give_up(&self, cell: &str) -> Result<(), EngineError> {
        let Some(held) = self.held.lock().remove(cell) else { return Ok(()) };
        self.pods.forget(&held.job);
        self.cluster.delete(&format!("remove the job of {cell}"), Kind::Job, &held.job).await
    }

    /// Finds the jobs of dead runs, which this run can go on with.
    pub(super) async fn look_around(&self) -> Result<Vec<String>, EngineError> {
        let (jobs, runs) = self.dead().await?;
        let mut lines: Vec<String> = Vec::new();
        for run in &runs {
            let count = jobs.iter().filter(|job| job.labels().get(RUN) == Some(run)).count();
            if count > 0 {
                let jobs = if count == 1 { "job" } else { "jobs" };
                lines.push(format!("{count} {jobs} of run {run}, which died: its cells go on where this run has the same"));
            }
        }
        let digests = jobs.iter().filter_map(|job| {
            let failed = job.data["status"]["failed"].as_i64().unwrap_or_default() > 0;
            job.labels().get(DIGEST).filter(|_| !failed && job.metadata.deletion_timestamp.is_none()).cloned()
        });
        *self.left.lock() = Left { digests: digests.collect(), runs };
        Ok(lines)
    }

    /// Removes all that dead runs left behind.
    pub(super) async fn remove_dead(&self) -> Result<Vec<String>, EngineError> {
        let (jobs, runs) = self.dead().await?;
        let cell = |job: &DynamicObject| job.annotations().get(CELL).cloned().unwrap_or_default();
        let mut removed: Vec<String> =
            jobs.iter().map(|job| format!("job {} of {} of run {}", job.name_any(), cell(job), job.labels()[RUN])).collect();
        for run in runs {
            self.remove(&format!("{RUN}={run}")).await?;
            removed.push(format!("config maps, network policy and lease of run {run}"));
        }
        Ok(removed)
    }

    /// The jobs of dead runs, and all dead runs of which there is something.
    async fn dead(&self) -> Result<(Vec<DynamicObject>, BTreeSet<String>), EngineError> {
        let leases = alive::runs(&self.cluster).await?;
        let is_dead = |run: Option<&String>| run.is_some_and(|run| leases.get(run) != Some(&true) && *run != self.common.run);
        let list = |kind| self.cluster.list("list what runs left behind", kind, RUN);
        let mut jobs = list(Kind::Job).await?;
        jobs.retain(|job| is_dead(job.labels().get(RUN)));
        let maps = list(Kind::ConfigMap).await?;
        let runs = jobs.iter().chain(&maps).map(|object| object.labels().get(RUN));
        // A run that died before it had a job left its lease at least.
        let runs = runs.chain(leases.keys().map(Some)).filter(|run| is_dead(*run)).flatten().cloned().collect();
        Ok((jobs, runs))
    }
}
