//! Engine kubernetes, with a real cluster, real wheels, and everything that can go wrong in one.
//!
//! Needs a cluster of one node on this machine, whose kubeconfig `SKEW_TEST_KUBECONFIG` names, with the image
//! `skew-test/python:3.11`; without it the tests say so and pass, unless `SKEW_REQUIRE_KUBERNETES=1`. The API server is a
//! process of this machine that the tests may kill.

#[path = "../contract/mod.rs"]
mod contract;
mod faults;
mod nodes;
mod runs;
mod scale;

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use futures_util::{FutureExt, future::BoxFuture};
use k8s_openapi::api::{
    batch::v1::Job,
    core::v1::{ConfigMap, Pod},
};
use kube::{Api, Client, ResourceExt, api::ListParams};
use skew::{
    engine::{Engine, EngineError, Found, KubernetesEngine, Line, Phase, PhaseEnd, PhaseKind, StoreFile},
    matrix::{ClusterCache, DockerSettings, KubernetesSettings, PythonVersion},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub(crate) const IMAGE: &str = "skew-test/python:{python}";
/// Where environments are kept on the node, between runs too.
pub(crate) const NODE: &str = "/var/cache/skew-node";

/// The kubeconfig; panics where there must be one. The engine finds it by `KUBECONFIG`.
#[expect(clippy::print_stdout, reason = "a skipped test says why")]
pub(crate) fn kubeconfig() -> Option<PathBuf> {
    let named = std::env::var_os("SKEW_TEST_KUBECONFIG").map(PathBuf::from).filter(|path| path.is_file());
    let reason = match &named {
        None => "SKEW_TEST_KUBECONFIG names no cluster".to_owned(),
        Some(path) if std::env::var_os("KUBECONFIG").as_deref() != Some(path.as_os_str()) => "KUBECONFIG is not the same".to_owned(),
        Some(_) => return named,
    };
    assert!(std::env::var_os("SKEW_REQUIRE_KUBERNETES").is_none(), "{reason}");
    println!("skipped: {reason}");
    None
}

/// A client of its own for a test.
pub(crate) async fn client() -> Client {
    let _already_there = rustls::crypto::ring::default_provider().install_default();
    Client::try_default().await.expect("a cluster")
}

/// Names of what a run has in the cluster.
pub(crate) async fn left(run: &str) -> Vec<String> {
    let client = client().await;
    let list = ListParams::default().labels(&format!("skew.run={run}"));
    let mut names = Vec::new();
    for job in Api::<Job>::default_namespaced(client.clone()).list(&list).await.expect("jobs") {
        names.push(format!("job {}", job.name_any()));
    }
    for pod in Api::<Pod>::default_namespaced(client.clone()).list(&list).await.expect("pods") {
        if pod.metadata.deletion_timestamp.is_none() {
            names.push(format!("pod {}", pod.name_any()));
        }
    }
    for map in Api::<ConfigMap>::default_namespaced(client).list(&list).await.expect("config maps") {
        names.push(format!("config map {}", map.name_any()));
    }
    names
}

/// The API server's process, started again as it was.
pub(crate) struct Server {
    arguments: Vec<String>,
    folder: PathBuf,
    pid: String,
}

impl Server {
    /// Finds it.
    pub(crate) fn find() -> Self {
        let processes = std::fs::read_dir("/proc").expect("processes").flatten();
        let is_it = |pid: &String| std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == "kube-apiserver");
        let pid = processes.filter_map(|entry| entry.file_name().into_string().ok()).find(is_it).expect("an API server on this machine");
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).expect("its arguments");
        let arguments = line.split(|byte| *byte == 0).map(|word| String::from_utf8_lossy(word).into_owned());
        let folder = std::fs::read_link(format!("/proc/{pid}/cwd")).expect("its folder");
        Self { arguments: arguments.filter(|word| !word.is_empty()).collect(), folder, pid }
    }

    /// Kills it.
    pub(crate) fn kill(&self) {
        let killed = Command::new("kill").args(["-9", &self.pid]).status().expect("kill");
        assert!(killed.success());
    }

    /// Starts it again; it outlives the tests, and the cluster's own script stops it by this file.
    pub(crate) fn start(&self) {
        let log = std::fs::OpenOptions::new().append(true).create(true).open(self.folder.join("kube-apiserver.log")).expect("its log");
        let mut server = Command::new("setsid");
        server.args(["--fork", "sh", "-c", "echo $$ > kube-apiserver.pid; exec \"$0\" \"$@\""]).args(&self.arguments);
        server.current_dir(&self.folder).stdin(Stdio::null()).stdout(log.try_clone().expect("its log")).stderr(log);
        assert!(server.status().expect("setsid").success());
    }
}

/// The engine as the contract asks for it: an execute phase alone is a cell whose first phase has nothing to do.
struct Cells(KubernetesEngine);

impl Engine for Cells {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn machine(&self) -> &str {
        self.0.machine()
    }

    fn place(&self) -> String {
        self.0.place()
    }

    fn caveats(&self) -> Vec<String> {
        self.0.caveats()
    }

    fn interpreters<'a>(&'a self, wanted: &'a [PythonVersion]) -> BoxFuture<'a, Result<Found, EngineError>> {
        self.0.interpreters(wanted)
    }

    fn upload<'a>(&'a self, files: &'a [StoreFile]) -> BoxFuture<'a, Result<(), EngineError>> {
        self.0.upload(files)
    }

    fn run<'a>(
        &'a self,
        phase: &'a Phase,
        lines: mpsc::Sender<Line>,
        cancel: CancellationToken,
    ) -> BoxFuture<'a, Result<PhaseEnd, EngineError>> {
        async move {
            if phase.kind == PhaseKind::Provision {
                let both = Phase { then: Some(Box::new(contract::phase(PhaseKind::Execute, "pass"))), ..phase.clone() };
                let end = self.0.run(&both, lines, cancel).await;
                self.0.leave(&phase.cell).await;
                return end;
            }
            let nothing = contract::phase(PhaseKind::Provision, "pass");
            let first = Phase { then: Some(Box::new(phase.clone())), limits: phase.limits.clone(), ..nothing };
            let (unheard, mut said) = mpsc::channel(4);
            let listen = async { while said.recv().await.is_some() {} };
            tokio::join!(self.0.run(&first, unheard, CancellationToken::new()), listen).0?;
            self.0.run(phase, lines, cancel).await
        }
        .boxed()
    }

    fn clean(&self, cache: bool) -> BoxFuture<'_, Result<Vec<String>, EngineError>> {
        self.0.clean(cache)
    }

    fn close(&self) -> BoxFuture<'_, Result<(), EngineError>> {
        self.0.close()
    }
}

#[tokio::test]
async fn the_contract_holds() {
    if kubeconfig().is_none() {
        return;
    }
    let settings = KubernetesSettings {
        image: Some(IMAGE.to_owned()),
        cache: ClusterCache::Node(format!("{NODE}-contract")),
        ..KubernetesSettings::default()
    };
    let run = format!("contract-{}", std::process::id());
    let engine = Cells(KubernetesEngine::connect(settings, &DockerSettings::default(), &run).await.expect("a cluster"));
    contract::holds(&engine).await;
    engine.close().await.expect("closed");
    assert_eq!(left(&run).await, Vec::<String>::new());
}
