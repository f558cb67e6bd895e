//! Engine kubernetes: every cell a job of a cluster.
//!
//! The pod of a job has two containers. The first makes the environment, with network; the second, in the whole sandbox,
//! waits until it is told which program runs the agent, and with the same word the pod comes under a policy that keeps it
//! from the network. What the agents say is in the pods' logs, numbered (`pod.py`), so that a log can be read on wherever
//! the connection was lost, by this process or by one that takes the job over. The only place that names the client
//! library.

mod alive;
mod api;
mod jobs;
mod log;
mod manifest;
mod pods;
mod reading;
mod rights;
mod survey;
#[cfg(test)]
mod tests;
mod wait;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::{FutureExt, future::BoxFuture};
use manifest::{Common, Files, RUN};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use self::{
    api::{Cluster, Kind},
    jobs::{Held, Left},
    pods::Pods,
};
use crate::{
    DockerSettings, Engine, EngineError, Found, KubernetesSettings, Line, Phase, PhaseEnd, PhaseKind, PythonVersion, StoreFile, host,
};
pub use rights::Right;

/// Runs cells in a cluster.
#[derive(Debug)]
pub struct KubernetesEngine {
    cluster: Arc<Cluster>,
    common: Common,
    pods: Arc<Pods>,
    /// What goes on in the background: the watch, the lease.
    tasks: Mutex<Vec<JoinHandle<()>>>,
    /// What was uploaded, by path.
    uploaded: Mutex<BTreeMap<String, StoreFile>>,
    /// How jobs get it.
    files: Mutex<Files>,
    /// Names of the maps with the jobs of execute phases, by digest.
    letters: tokio::sync::Mutex<HashMap<[u8; 32], Vec<String>>>,
    /// Jobs that wait for their second phase, by cell.
    held: Mutex<HashMap<String, Held>>,
    /// What dead runs left behind.
    left: Mutex<Left>,
    /// Nodes on which cells of a kin ran.
    nodes: Mutex<HashMap<String, String>>,
    /// Nodes that lost the pod of a cell.
    lost: Mutex<HashMap<String, BTreeSet<String>>>,
    caveats: Mutex<Vec<String>>,
    next: AtomicU64,
}

impl KubernetesEngine {
    /// Connects to the cluster of the kubeconfig's current context. `docker` names the image where the settings do not.
    ///
    /// # Errors
    /// There is no kubeconfig, or no server answers.
    pub fn connect<'a>(settings: KubernetesSettings, docker: &'a DockerSettings, run: &'a str) -> BoxFuture<'a, Result<Self, EngineError>> {
        async move {
            let cluster = Arc::new(Cluster::connect(settings.namespace.as_deref()).await?);
            let common = Common::new(run, settings, &docker.image);
            Ok(Self {
                cluster,
                common,
                pods: Arc::default(),
                tasks: Mutex::default(),
                uploaded: Mutex::default(),
                files: Mutex::default(),
                letters: tokio::sync::Mutex::default(),
                held: Mutex::default(),
                left: Mutex::default(),
                nodes: Mutex::default(),
                lost: Mutex::default(),
                caveats: Mutex::default(),
                next: AtomicU64::new(0),
            })
        }
        .boxed()
    }

    /// Address of the API server, and the namespace.
    pub fn address(&self) -> (&str, &str) {
        (&self.cluster.address, &self.cluster.namespace)
    }

    /// What the engine must be allowed to do, and whether it is.
    ///
    /// # Errors
    /// The server does not say.
    pub fn rights(&self) -> BoxFuture<'_, Result<Vec<Right>, EngineError>> {
        rights::ask(&self.cluster, self.common.has_credentials()).boxed()
    }

    /// The smallest role that is enough.
    pub fn role(&self) -> Value {
        rights::role(&self.cluster.namespace, self.common.has_credentials())
    }

    /// Version of the server.
    ///
    /// # Errors
    /// It does not say.
    pub fn version(&self) -> BoxFuture<'_, Result<String, EngineError>> {
        async move {
            let version = self.cluster.ask("ask for its version", || self.cluster.client.apiserver_version()).await?;
            Ok(version.git_version)
        }
        .boxed()
    }

    /// Ends what goes on in the background.
    fn stop(&self) {
        for task in self.tasks.lock().drain(..) {
            task.abort();
        }
    }

    /// A name for one more object of the run.
    fn name(&self) -> String {
        format!("{}-{}", self.common.base, self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Puts the files where jobs find them, with the secret that their pods need.
    async fn send(&self, files: &[StoreFile]) -> Result<(), EngineError> {
        let all: Vec<StoreFile> = {
            let mut uploaded = self.uploaded.lock();
            uploaded.extend(files.iter().cloned().chain(host::certificates_file()).map(|file| (file.path.clone(), file)));
            uploaded.values().cloned().collect()
        };
        let (maps, files) = self.common.files(&all)?;
        if self.common.has_credentials() {
            self.cluster.create("make the secret with the index's password", &self.common.secret()).await?;
        }
        for map in &maps {
            self.cluster.create("send the agent", map).await?;
        }
        *self.files.lock() = files;
        Ok(())
    }

    /// Everything of the runs with a label's value, or of all with one.
    async fn remove(&self, label: &str) -> Result<(), EngineError> {
        let cluster = &self.cluster;
        cluster.delete_all("remove jobs", Kind::Job, label).await?;
        cluster.delete_all("remove pods", Kind::Pod, label).await?;
        cluster.delete_all("remove config maps", Kind::ConfigMap, label).await?;
        cluster.delete_all("remove network policies", Kind::NetworkPolicy, label).await?;
        match cluster.delete_all("remove secrets", Kind::Secret, label).await {
            // Whoever has no password to keep needs no right to secrets.
            Err(EngineError::Kubernetes { .. }) if !self.common.has_credentials() => {}
            removed => removed?,
        }
        cluster.delete_all("remove leases", Kind::Lease, label).await
    }
}

impl Engine for KubernetesEngine {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn machine(&self) -> &str {
        std::env::consts::ARCH
    }

    fn place(&self) -> String {
        let Common { settings, .. } = &self.common;
        let caveats = self.caveats.lock().join(" ");
        format!("kubernetes {}, nodes {:?}, {caveats}", self.cluster.address, settings.node_selector)
    }

    fn caveats(&self) -> Vec<String> {
        self.caveats.lock().clone()
    }

    fn interpreters<'a>(&'a self, wanted: &'a [PythonVersion]) -> BoxFuture<'a, Result<Found, EngineError>> {
        async move {
            let watching = self.pods.watch(self.cluster.all(Kind::Pod), format!("{RUN}={}", self.common.run));
            self.tasks.lock().push(watching);
            let living = alive::live(&self.cluster, &self.common).await?;
            self.tasks.lock().push(living);
            // The policy comes first: whether it holds is part of the survey.
            self.cluster.create("make the network policy", &self.common.policy()).await?;
            self.survey(wanted).await
        }
        .boxed()
    }

    fn upload<'a>(&'a self, files: &'a [StoreFile]) -> BoxFuture<'a, Result<(), EngineError>> {
        self.send(files).boxed()
    }

    fn run<'a>(
        &'a self,
        phase: &'a Phase,
        lines: mpsc::Sender<Line>,
        cancel: CancellationToken,
    ) -> BoxFuture<'a, Result<PhaseEnd, EngineError>> {
        async move {
            let running = async {
                match phase.kind {
                    PhaseKind::Provision => self.provision(phase, &lines).await,
                    PhaseKind::Execute => self.execute(phase, &lines).await,
                }
            };
            let result = tokio::select! {
                biased;
                () = cancel.cancelled() => Err(EngineError::Cancelled),
                result = running => result,
            };
            if result.is_err() || phase.kind == PhaseKind::Execute {
                self.give_up(&phase.cell).await?;
            }
            result
        }
        .boxed()
    }

    fn keeps_cells(&self) -> bool {
        true
    }

    fn leave<'a>(&'a self, cell: &'a str) -> BoxFuture<'a, ()> {
        // What cannot be removed now is removed at the end of the run, which tells of it.
        self.give_up(cell).map(drop).boxed()
    }

    fn reap(&self) -> BoxFuture<'_, Result<Vec<String>, EngineError>> {
        self.look_around().boxed()
    }

    fn clean(&self, cache: bool) -> BoxFuture<'_, Result<Vec<String>, EngineError>> {
        async move {
            let mut removed = self.remove_dead().await?;
            if cache {
                removed.push(
                    "the cache of a cluster is yours: delete the claim, or the folder of the nodes, that kubernetes.cache names".to_owned(),
                );
            }
            Ok(removed)
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), EngineError>> {
        async move {
            self.remove(&format!("{RUN}={}", self.common.run)).await?;
            let dead = std::mem::take(&mut self.left.lock().runs);
            for run in dead {
                self.remove(&format!("{RUN}={run}")).await?;
            }
            self.letters.lock().await.clear();
            self.stop();
            Ok(())
        }
        .boxed()
    }
}

impl Drop for KubernetesEngine {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a run asks of the cluster, as documents that `kubectl apply` takes: the policy, the files, a job for each cell.
/// A later run finds jobs that were applied so, and goes on with them.
///
/// # Errors
/// The files or jobs are too large.
pub fn manifests(
    settings: KubernetesSettings,
    docker: &DockerSettings,
    files: &[StoreFile],
    cells: &[Phase],
) -> Result<Vec<Value>, EngineError> {
    let common = Common::new("plan", settings, &docker.image);
    let mut all: Vec<StoreFile> = files.iter().cloned().chain(host::certificates_file()).collect();
    all.sort_by(|one, other| one.path.cmp(&other.path));
    let (maps, files) = common.files(&all)?;
    let mut documents = vec![common.policy()];
    if common.has_credentials() {
        documents.push(common.secret());
    }
    documents.extend(maps);
    let mut letters: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut jobs = Vec::with_capacity(cells.len());
    for (number, phase) in cells.iter().enumerate() {
        let Some(then) = phase.then.as_deref() else { continue };
        if !letters.contains_key(then.job.as_str()) {
            let maps = common.letter(&then.job)?;
            letters.insert(&then.job, manifest::names(&maps));
            documents.extend(maps);
        }
        let letter = letters.get(then.job.as_str()).map(Vec::as_slice).unwrap_or_default();
        jobs.push(common.job(&format!("{}-{number}", common.base), phase, then, &files, letter, &manifest::Nodes::default())?);
    }
    documents.extend(jobs);
    Ok(documents)
}
