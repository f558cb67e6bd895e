//! Asking the cluster's images and its network, by short pods: which interpreter an image has, and whether the network
//! policy holds.

use std::time::Duration;

use futures_util::future::{join_all, try_join};
use kube::api::LogParams;
use serde::Deserialize;

use super::{KubernetesEngine, api::Kind, pods::Container, wait::Waiting};
use crate::{EngineError, Found, Interpreter, Missing, PythonVersion};

/// Tells of an interpreter.
const ASK: &str = "import json, os, sys; print(json.dumps({'version': '.'.join(map(str, sys.version_info[:3]))}))";
/// Answers whoever calls.
const LISTEN: &str = "import socket
server = socket.socket()
server.bind(('', 4242)); server.listen(); server.settimeout(120)
while True:
    server.accept()[0].close()";
/// Calls, as a scenario might.
const CALL: &str = "import socket, time
for _ in range(3):
    time.sleep(1)
    try:
        socket.create_connection(('ADDRESS', 4242), 1).close()
    except OSError:
        continue
    print('reached'); break
else:
    print('blocked')";
/// How long one may take once it has begun.
const PATIENCE: Duration = Duration::from_mins(1);
/// How often one is made that is lost: nodes go under these pods too.
const TRIES: u32 = 2;

#[derive(Deserialize)]
struct Answer {
    version: String,
}

impl KubernetesEngine {
    /// Asks the image of each interpreter.
    pub(super) async fn survey(&self, wanted: &[PythonVersion]) -> Result<Found, EngineError> {
        let answers = wanted.iter().map(|python| async move { Ok((*python, self.interpreter(*python).await?)) });
        let found: Result<Found, EngineError> = join_all(answers).await.into_iter().collect();
        let found = found?;
        if let Some((python, _)) = found.iter().find(|(_, answer)| answer.is_ok()) {
            *self.caveats.lock() = self.network_caveat(*python).await?.into_iter().map(str::to_owned).collect();
        }
        Ok(found)
    }

    async fn interpreter(&self, python: PythonVersion) -> Result<Result<Interpreter, Missing>, EngineError> {
        let image = self.common.image(python);
        let missing = |message: String| Missing {
            message,
            hint: "push the image to a registry that the cluster reaches, or set kubernetes.image (and pull_secrets) in matrix.yaml"
                .to_owned(),
        };
        match self.probe(python, "provision", ASK, &format!("CPython {python}")).await {
            Ok((said, digest)) => match serde_json::from_str::<Answer>(said.trim()) {
                Ok(answer) => {
                    let version = Some(answer.version);
                    Ok(Ok(Interpreter { what: image, digest: Some(digest).filter(|digest| !digest.is_empty()), version }))
                }
                Err(_) => Ok(Err(missing(format!("the image {image} has no python3 that works: {}", said.trim())))),
            },
            // That there is no place, no server or no right says nothing about the image.
            Err(EngineError::Start { message, .. } | EngineError::Pod { message }) => {
                Ok(Err(missing(format!("the image {image}: {message}"))))
            }
            Err(error) => Err(error),
        }
    }

    /// What is to be said of the network: whether a pod in the execute phase is kept from calling another, which one in the
    /// other phase reaches.
    async fn network_caveat(&self, python: PythonVersion) -> Result<Option<&'static str>, EngineError> {
        Ok(match self.with_pod(|listener| async move { self.call(python, &listener).await }).await? {
            (_, true) => Some("the cluster's network does not enforce NetworkPolicies: scenarios can use the network."),
            (false, false) => Some("pods cannot call each other, so whether the network enforces NetworkPolicies is not known."),
            (true, false) => None,
        })
    }

    /// Whether a pod reaches another in the provision phase, and in the execute phase.
    async fn call(&self, python: PythonVersion, listener: &str) -> Result<(bool, bool), EngineError> {
        let action = "look whether the network policy holds";
        let mut waiting = self.waiting(listener, "the network check");
        self.cluster.create(action, &self.common.probe(listener, python, "provision", LISTEN)).await?;
        let seen = waiting.until_started("probe").await?;
        let address = match seen.address {
            Some(address) => address,
            None => waiting.until_addressed(PATIENCE).await?,
        };
        let program = CALL.replace("ADDRESS", &address);
        let reaches = async |phase| Ok((self.probe(python, phase, &program, "the network check").await?.0).trim() == "reached");
        try_join(reaches("provision"), reaches("execute")).await
    }

    /// Runs a short pod; what it said, and the digest of its image.
    async fn probe(&self, python: PythonVersion, phase: &str, program: &str, what: &str) -> Result<(String, String), EngineError> {
        self.with_pod(|name| async move { self.ask_probe(&name, python, phase, program, what).await }).await
    }

    /// Does what makes a pod of a name and asks it; the pod is removed, and made again if it is lost.
    async fn with_pod<T, F>(&self, asked: impl Fn(String) -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, EngineError>>,
    {
        let mut tries = TRIES;
        loop {
            let name = self.name();
            let result = asked(name.clone()).await;
            self.remove_probe(&name).await?;
            tries -= 1;
            if tries == 0 || !matches!(result, Err(EngineError::Pod { .. })) {
                return result;
            }
        }
    }

    async fn ask_probe(
        &self,
        name: &str,
        python: PythonVersion,
        phase: &str,
        program: &str,
        what: &str,
    ) -> Result<(String, String), EngineError> {
        let mut waiting = self.waiting(name, what);
        self.cluster.create(&format!("make the pod of {what}"), &self.common.probe(name, python, phase, program)).await?;
        waiting.until_started("probe").await?;
        let ended = waiting.until_ended("probe", PATIENCE).await?;
        let pods = self.cluster.logs();
        let parameters = LogParams { limit_bytes: Some(4096), ..LogParams::default() };
        let action = format!("read the log of the pod of {what}");
        match ended.as_ref().and_then(|seen| Some((seen, seen.container("probe")?))) {
            Some((_, Container::Ended { code: 0, image, .. })) => {
                let said = self.cluster.ask(&action, || pods.logs(name, &parameters)).await?;
                let digest = image.rsplit('@').next().unwrap_or_default().rsplit("//").next().unwrap_or_default();
                Ok((said, digest.to_owned()))
            }
            Some((seen, Container::Ended { code, .. })) => {
                let said = self.cluster.ask(&action, || pods.logs(name, &parameters)).await?;
                let last = said.trim().lines().last().unwrap_or_default().to_owned();
                Err(waiting.lost(seen, &format!("it ended with code {code}: {last}")))
            }
            Some((seen, _)) => Err(waiting.lost(seen, seen.fate())),
            None => Err(EngineError::Pod { message: format!("the pod of {what} did not end within {} s", PATIENCE.as_secs()) }),
        }
    }

    async fn remove_probe(&self, name: &str) -> Result<(), EngineError> {
        self.pods.forget(name);
        self.cluster.delete("remove a pod", Kind::Pod, name).await
    }

    /// What is and will be known of the pod of a job that is about to be made.
    pub(super) fn waiting<'a>(&'a self, job: &'a str, cell: &'a str) -> Waiting<'a> {
        Waiting { cluster: &self.cluster, pods: &self.pods, job, cell, seen: self.pods.of(job) }
    }
}
