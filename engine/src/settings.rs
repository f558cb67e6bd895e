//! What users set of engines.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

/// Limits of one scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Wall time of one execution.
    pub timeout: Duration,
    /// Memory in bytes.
    pub memory: u64,
    /// CPUs of a cell.
    pub cpus: f64,
    /// Processes and threads of a cell.
    pub pids: u32,
    /// Bytes of standard output and of standard error that are kept.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { timeout: Duration::from_mins(2), memory: 4 << 30, cpus: 1.0, pids: 512, output: 1 << 20 }
    }
}

/// Settings of engine docker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerSettings {
    /// Image; `{python}` stands for the minor series.
    pub image: String,
    /// Network of the execute phase.
    pub network: String,
}

impl Default for DockerSettings {
    fn default() -> Self {
        Self { image: "python:{python}-slim".to_owned(), network: "none".to_owned() }
    }
}

/// Settings of engine kubernetes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KubernetesSettings {
    /// Namespace; `None`: the one that the kubeconfig's context names.
    pub namespace: Option<String>,
    /// Labels that a node must have.
    pub node_selector: BTreeMap<String, String>,
    /// Taints that are no hindrance.
    pub tolerations: Vec<Toleration>,
    /// Cells in the cluster at a time.
    pub parallelism: u16,
    /// Image; `{python}` stands for the minor series. `None`: that of engine docker.
    pub image: Option<String>,
    /// Secrets of the namespace by which images are pulled.
    pub pull_secrets: Vec<String>,
    /// Where environments are kept.
    pub cache: ClusterCache,
}

impl Default for KubernetesSettings {
    fn default() -> Self {
        Self {
            namespace: None,
            node_selector: BTreeMap::new(),
            tolerations: Vec::new(),
            parallelism: 20,
            image: None,
            pull_secrets: Vec::new(),
            cache: ClusterCache::None,
        }
    }
}

/// Where the environments of cells in a cluster are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ClusterCache {
    /// Nowhere: every cell makes its own, which goes with its pod.
    None,
    /// In a `PersistentVolumeClaim` (`ReadWriteMany`) of the namespace, which all cells share.
    Claim(String),
    /// In a folder of each node.
    Node(String),
}

/// A taint that is no hindrance, as in a pod's specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Toleration {
    /// Key of the taint; `None`: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `Equal` or `Exists`.
    pub operator: &'static str,
    /// Value of the taint, with `Equal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`; `None`: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<&'static str>,
}
