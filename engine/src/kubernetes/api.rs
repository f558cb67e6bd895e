//! Asking the API server: never faster than it should be asked, and again while it is away.

use std::{future::Future, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, Client,
    api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams},
    core::{ApiResource, GroupVersionKind},
};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::time::Instant;

use crate::{EngineError, chain};

/// Requests a second, on the average; after a second without any as many may go at once.
const RATE: u32 = 50;
/// Variable that names another rate.
const RATE_VARIABLE: &str = "SKEW_KUBERNETES_QPS";
/// Objects that one answer lists.
const PAGE: u32 = 250;
/// How long the server may be away: a restart takes seconds, moving it to another machine minutes.
pub(super) const AWAY: Duration = Duration::from_mins(5);

/// Kinds of objects that a run makes or looks at. One client serves all of them, because it would be compiled anew for each
/// type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    ConfigMap,
    Event,
    Job,
    Lease,
    NetworkPolicy,
    Pod,
    Secret,
}

impl Kind {
    /// As a manifest names it: `apiVersion` and `kind`.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::ConfigMap => ("v1", "ConfigMap"),
            Self::Event => ("v1", "Event"),
            Self::Job => ("batch/v1", "Job"),
            Self::Lease => ("coordination.k8s.io/v1", "Lease"),
            Self::NetworkPolicy => ("networking.k8s.io/v1", "NetworkPolicy"),
            Self::Pod => ("v1", "Pod"),
            Self::Secret => ("v1", "Secret"),
        }
    }
}

/// A namespace of a cluster.
pub(super) struct Cluster {
    pub(super) client: Client,
    pub(super) namespace: String,
    /// Address of the server, for people.
    pub(super) address: String,
    /// Requests a second.
    rate: u32,
    /// When the next request may go.
    next: Mutex<Instant>,
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cluster({}, {})", self.address, self.namespace)
    }
}

impl Cluster {
    /// The cluster that the kubeconfig's current context names, or the one that this process runs in.
    ///
    /// # Errors
    /// There is neither, or no server answers.
    pub(super) async fn connect(namespace: Option<&str>) -> Result<Self, EngineError> {
        // An error only says that one is there already.
        let _already_there = rustls::crypto::ring::default_provider().install_default();
        let unsupported = |message: String| EngineError::Unsupported { engine: "kubernetes", message };
        let config = kube::Config::infer().await.map_err(|error| unsupported(chain(&error)))?;
        let namespace = namespace.unwrap_or(&config.default_namespace).to_owned();
        let address = config.cluster_url.to_string();
        let client = Client::try_from(config).map_err(|error| unsupported(chain(&error)))?;
        let rate = match std::env::var(RATE_VARIABLE) {
            Ok(text) => text
                .parse()
                .ok()
                .filter(|rate| *rate > 0)
                .ok_or_else(|| unsupported(format!("{RATE_VARIABLE} is the number of requests a second, and {text:?} is none")))?,
            Err(_) => RATE,
        };
        let cluster = Self { client, namespace, address, rate, next: Mutex::new(Instant::now()) };
        // Asked once and not again: whoever starts a run wants to hear at once that there is no cluster.
        let version = cluster.client.apiserver_version().await;
        version.map_err(|error| cluster.trouble("ask for its version", &error))?;
        Ok(cluster)
    }

    /// Objects of a kind in the namespace.
    pub(super) fn all(&self, kind: Kind) -> Api<DynamicObject> {
        let (version, kind) = kind.names();
        Api::namespaced_with(self.client.clone(), &self.namespace, &resource(version, kind))
    }

    /// Pods of the namespace as what has logs.
    pub(super) fn logs(&self) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &self.namespace)
    }

    /// Waits until another request may go.
    pub(super) async fn turn(&self) {
        let at = {
            let mut next = self.next.lock();
            let now = Instant::now();
            let earliest = now.checked_sub(Duration::from_secs(1)).unwrap_or(now);
            let at = (*next).max(earliest);
            *next = at + Duration::from_secs(1) / self.rate;
            at
        };
        tokio::time::sleep_until(at).await;
    }

    /// Asks, and asks again while nobody answers or the server is too busy.
    ///
    /// # Errors
    /// It refuses, or is away for too long.
    pub(super) async fn ask<T, F>(&self, action: &str, request: impl Fn() -> F) -> Result<T, EngineError>
    where
        F: Future<Output = Result<T, kube::Error>>,
    {
        let mut pause = Duration::from_millis(250);
        let begun = Instant::now();
        loop {
            self.turn().await;
            match request().await {
                Ok(answer) => return Ok(answer),
                Err(error) if passes(&error) && begun.elapsed() < AWAY => tokio::time::sleep(pause).await,
                Err(error) => return Err(self.trouble(action, &error)),
            }
            pause = (pause * 2).min(Duration::from_secs(10));
        }
    }

    /// Creates what a manifest says; one that is there already under its name is the one that an earlier try made.
    ///
    /// # Errors
    /// The server refuses it.
    pub(super) async fn create(&self, action: &str, manifest: &Value) -> Result<(), EngineError> {
        let garbled = |error: serde_json::Error| EngineError::Kubernetes { action: action.to_owned(), message: error.to_string() };
        let object: DynamicObject = serde_json::from_value(manifest.clone()).map_err(garbled)?;
        let text = |key: &str| manifest[key].as_str().unwrap_or_default();
        let kind = resource(text("apiVersion"), text("kind"));
        let objects: Api<DynamicObject> = Api::namespaced_with(self.client.clone(), &self.namespace, &kind);
        let created = self.ask(action, || async {
            match objects.create(&PostParams::default(), &object).await {
                Err(error) if status(&error) == Some(409) => Ok(()),
                other => other.map(drop),
            }
        });
        created.await
    }

    /// All objects of a kind with a label, a few hundred at a time.
    ///
    /// # Errors
    /// The server refuses.
    pub(super) async fn list(&self, action: &str, kind: Kind, label: &str) -> Result<Vec<DynamicObject>, EngineError> {
        let objects = self.all(kind);
        let mut list = ListParams::default().labels(label).limit(PAGE);
        let mut found = Vec::new();
        loop {
            let page = self.ask(action, || objects.list(&list)).await?;
            found.extend(page.items);
            match page.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => list.continue_token = Some(token),
                None => return Ok(found),
            }
        }
    }

    /// Changes what a patch names.
    ///
    /// # Errors
    /// The server refuses, or the object is gone.
    pub(super) async fn patch(&self, action: &str, kind: Kind, name: &str, patch: &Value) -> Result<(), EngineError> {
        let objects = self.all(kind);
        let (parameters, patch) = (PatchParams::default(), Patch::Merge(patch));
        self.ask(action, || async { objects.patch_metadata(name, &parameters, &patch).await.map(drop) }).await
    }

    /// Deletes an object with all that belongs to it, if it is there.
    ///
    /// # Errors
    /// The server refuses.
    pub(super) async fn delete(&self, action: &str, kind: Kind, name: &str) -> Result<(), EngineError> {
        let objects = self.all(kind);
        let parameters = DeleteParams::background();
        let deleted = self.ask(action, || async {
            match objects.delete(name, &parameters).await {
                Err(error) if status(&error) == Some(404) => Ok(()),
                other => other.map(drop),
            }
        });
        deleted.await
    }

    /// Deletes all objects of a kind that carry a label.
    ///
    /// # Errors
    /// The server refuses.
    pub(super) async fn delete_all(&self, action: &str, kind: Kind, label: &str) -> Result<(), EngineError> {
        let objects = self.all(kind);
        let (delete, list) = (DeleteParams::background(), ListParams::default().labels(label));
        self.ask(action, || async { objects.delete_collection(&delete, &list).await.map(drop) }).await
    }

    /// Trouble with the server while doing `action`.
    pub(super) fn trouble(&self, action: &str, error: &kube::Error) -> EngineError {
        if let kube::Error::Api(status) = error {
            return EngineError::Kubernetes { action: action.to_owned(), message: status.message.clone() };
        }
        EngineError::NoCluster { address: self.address.clone(), message: chain(error) }
    }
}

/// The status that the server answered with.
pub(super) fn status(error: &kube::Error) -> Option<u16> {
    if let kube::Error::Api(status) = error { Some(status.code) } else { None }
}

/// Whether a server that is asked again may answer otherwise.
fn passes(error: &kube::Error) -> bool {
    match status(error) {
        Some(code) => code == 429 || code >= 500,
        None => matches!(error, kube::Error::HyperError(_) | kube::Error::Service(_) | kube::Error::ReadEvents(_)),
    }
}

/// A kind by its names, whose plural is regular for all that are used here.
pub(super) fn resource(api_version: &str, kind: &str) -> ApiResource {
    let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
    ApiResource::from_gvk(&GroupVersionKind::gvk(group, version, kind))
}
