//! What is asked of the cluster, written down: jobs, the files they read, and the policy that keeps scenarios from the
//! network. Only fields of stable v1 APIs that a server of 1.19 knows.

use std::{collections::BTreeMap, io::Write};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Map, Value, json};

use crate::{ClusterCache, Download, EngineError, KubernetesSettings, Phase, PhaseKind, PythonVersion, StoreFile, host};

/// Label of everything: the run's id.
pub(super) const RUN: &str = "skew.run";
/// Label of jobs and pods: the job's name.
pub(super) const JOB: &str = "skew.job";
/// Label of jobs: what they do, so that another run recognises one that it would make itself.
pub(super) const DIGEST: &str = "skew.digest";
/// Label of pods: `provision`, then `execute`, which the network policy selects.
pub(super) const PHASE: &str = "skew.phase";
/// Annotation of jobs: the cell.
pub(super) const CELL: &str = "skew.cell";
/// Annotation of pods: the program that is to run the agent in the execute phase; until it is there that phase waits.
pub(super) const PROGRAM: &str = "skew.program";

/// The program of both containers.
const POD: &str = include_str!("pod.py");
/// Where the environment store is mounted, in both phases.
pub(super) const ROOT: &str = "/skew";
/// `nobody`: owns the environment store, writes only scratch in the execute phase.
const NOBODY: i64 = 65534;
const SCRATCH_LIMIT: u64 = 1 << 30;
/// Bytes in one map; a server takes no more than a mebibyte.
const MAP: usize = 900_000;
/// Bytes in all maps of one kind: each is one more object that every node reads.
const MAPS: usize = 32 << 20;
/// Bytes of one variable; the kernel takes no more than 128 KiB.
const VARIABLE: usize = 120_000;
/// Seconds that a job which has ended stays, for a run that reads it later.
const KEPT: u32 = 3600;
/// Seconds that a job may wait for a place beside what it takes.
const QUEUE: u64 = 24 * 3600;
/// Seconds that a pod stays on a node of which nothing is heard, after the forty that a cluster waits before it says so.
/// Clusters wait five minutes where a pod does not say: moving a service is dear, and beginning a cell again is not.
const UNHEARD: u64 = 60;
/// Memory that installing needs.
const PROVISION_MEMORY: u64 = 2 << 30;

/// What all objects of a run have in common.
#[derive(Clone, Debug)]
pub(super) struct Common {
    /// The run's id, as a label.
    pub(super) run: String,
    /// Names of objects begin with it.
    pub(super) base: String,
    /// Settings.
    pub(super) settings: KubernetesSettings,
    /// Image; `{python}` stands for the minor series.
    pub(super) image: String,
    /// `amd64`, `arm64`.
    pub(super) architecture: &'static str,
    /// Variables of the provision phase that name the index, and proxies.
    pub(super) index: BTreeMap<String, String>,
    /// Path of the certificate bundle in the environment store.
    pub(super) certificates: Option<String>,
}

/// The files that all jobs of a run read: names of the maps that hold them, and what is fetched from elsewhere.
#[derive(Clone, Debug, Default)]
pub(super) struct Files {
    pub(super) maps: Vec<String>,
    pub(super) downloads: Vec<(String, Download)>,
}

/// What is known of nodes when a cell is placed.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    /// One that has most of what the environment needs.
    pub(super) near: Option<String>,
    /// Those that lost an earlier attempt.
    pub(super) lost: Vec<String>,
}

impl Common {
    /// For a run. `image` is engine docker's, for settings that name none.
    pub(super) fn new(run: &str, settings: KubernetesSettings, image: &str) -> Self {
        let digest = blake3::hash(run.as_bytes()).to_hex();
        let is_label = |text: &str| {
            let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            text.len() <= 63 && text.chars().all(inner) && edge(text.chars().next()) && edge(text.chars().next_back())
        };
        let certificates = host::certificates_file().map(|file| file.path);
        Self {
            run: if is_label(run) { run.to_owned() } else { digest[..32].to_owned() },
            base: format!("skew-{}", &digest[..12]),
            image: settings.image.clone().unwrap_or_else(|| image.to_owned()),
            settings,
            architecture: if std::env::consts::ARCH == "aarch64" { "arm64" } else { "amd64" },
            index: host::index_variables(),
            certificates,
        }
    }

    /// The image of an interpreter.
    pub(super) fn image(&self, python: PythonVersion) -> String {
        self.image.replace("{python}", &python.to_string())
    }

    fn metadata(&self, name: &str, more: &[(&str, &str)]) -> Value {
        let labels: BTreeMap<&str, &str> = [(RUN, self.run.as_str())].into_iter().chain(more.iter().copied()).collect();
        json!({ "name": name, "labels": labels })
    }

    /// Keeps pods in the execute phase from the network, in and out.
    pub(super) fn policy(&self) -> Value {
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": self.metadata(&self.base, &[]),
            "spec": {
                "podSelector": { "matchLabels": { RUN: self.run, PHASE: "execute" } },
                "policyTypes": ["Ingress", "Egress"],
            },
        })
    }

    /// Whether the variables that name the index hold a password, which then goes into a secret.
    pub(super) fn has_credentials(&self) -> bool {
        let in_address = |value: &str| value.split("://").skip(1).any(|rest| rest.split('/').next().is_some_and(|host| host.contains('@')));
        self.index.iter().any(|(name, value)| name.ends_with("_PASSWORD") || in_address(value))
    }

    /// The secret with the variables that name the index.
    pub(super) fn secret(&self) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": self.metadata(&self.base, &[]),
            "stringData": self.index,
        })
    }

    /// The files of the environment store that are sent along, in as many maps as they take.
    ///
    /// # Errors
    /// They are too large for that.
    pub(super) fn files(&self, files: &[StoreFile]) -> Result<(Vec<Value>, Files), EngineError> {
        let (fetched, sent): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.download.is_some());
        let archive = archive(&sent).map_err(|source| EngineError::Io { action: "pack the files of cells".to_owned(), source })?;
        let mut maps = self.maps(&archive, "tgz", "the agent, certificates and local wheels")?;
        if let Some(first) = maps.first_mut().and_then(Value::as_object_mut) {
            first.insert("data".to_owned(), json!({ "pod.py": POD }));
        }
        let downloads = fetched.into_iter().filter_map(|file| Some((file.path.clone(), file.download.clone()?))).collect();
        let names = names(&maps);
        Ok((maps, Files { maps: names, downloads }))
    }

    /// The job of an execute phase. It is the same for most cells of a run, and is sent once.
    ///
    /// # Errors
    /// It is too large.
    pub(super) fn letter(&self, job: &str) -> Result<Vec<Value>, EngineError> {
        let packed = pack(job.as_bytes()).map_err(|source| EngineError::Io { action: "pack the scenarios".to_owned(), source })?;
        self.maps(&packed, "gz", "the scenarios")
    }

    /// Immutable maps with the parts of some bytes; the content makes the name.
    fn maps(&self, bytes: &[u8], suffix: &str, what: &str) -> Result<Vec<Value>, EngineError> {
        if bytes.len() > MAPS {
            let message = format!("{what} take {} MiB, and objects of a cluster hold {} at most", bytes.len() >> 20, MAPS >> 20);
            return Err(EngineError::Kubernetes { action: "send files to the cluster".to_owned(), message });
        }
        let digest = blake3::hash(bytes).to_hex();
        let map = |(number, part): (usize, &[u8])| {
            json!({
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": self.metadata(&format!("{}-{}-{number}", self.base, &digest[..12]), &[]),
                "immutable": true,
                "binaryData": { format!("{number:03}.{suffix}"): BASE64_STANDARD.encode(part) },
            })
        };
        Ok(bytes.chunks(MAP).enumerate().map(map).collect())
    }

    /// What a job does, so that another run recognises it: all that its containers are told, and where.
    pub(super) fn digest(&self, phase: &Phase, then: &Phase) -> String {
        let mut digest = blake3::Hasher::new();
        let cache = serde_json::to_string(&self.settings.cache).unwrap_or_default();
        for part in [&phase.cell, &phase.job, &then.job, &self.image(phase.python), &phase.agent, &cache] {
            digest.update(part.as_bytes()).update(b"\0");
        }
        digest.update(format!("{:?} {:?} {:?}", phase.env, then.env, phase.limits).as_bytes());
        digest.finalize().to_hex()[..32].to_owned()
    }

    /// The job of a cell: its first container makes the environment, its second runs the scenarios once it is told to.
    ///
    /// # Errors
    /// The cell's job is too large for a variable.
    pub(super) fn job(
        &self,
        name: &str,
        phase: &Phase,
        then: &Phase,
        files: &Files,
        letter: &[String],
        nodes: &Nodes,
    ) -> Result<Value, EngineError> {
        let digest = self.digest(phase, then);
        let labels = [(JOB, name), (DIGEST, digest.as_str())];
        let mut metadata = self.metadata(name, &labels);
        metadata["annotations"] = json!({ CELL: phase.cell });
        let mut pod_metadata = self.metadata(name, &[(JOB, name), (PHASE, "provision")]);
        pod_metadata["annotations"] = json!({ CELL: phase.cell });
        if let Some(metadata) = pod_metadata.as_object_mut() {
            metadata.remove("name");
        }
        let mut spec = self.pod_spec();
        let mut put = |key: &str, value: Value| spec.insert(key.to_owned(), value);
        put("activeDeadlineSeconds", json!(phase.deadline.as_secs()));
        put("initContainers", json!([self.provision(phase, files)?]));
        put("containers", json!([self.execute(then)]));
        put("volumes", self.volumes(then, files, letter));
        let preferred = preferences(nodes);
        if !preferred.is_empty() {
            put("affinity", json!({ "nodeAffinity": { "preferredDuringSchedulingIgnoredDuringExecution": preferred } }));
        }
        Ok(json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata,
            "spec": {
                "backoffLimit": 0,
                "activeDeadlineSeconds": phase.deadline.as_secs() + QUEUE,
                "ttlSecondsAfterFinished": KEPT,
                "template": { "metadata": pod_metadata, "spec": spec },
            },
        }))
    }

    /// A pod that runs one short program in the image of an interpreter, in the sandbox of the execute phase.
    pub(super) fn probe(&self, name: &str, python: PythonVersion, phase: &str, program: &str) -> Value {
        let mut spec = self.pod_spec();
        let container = json!({
            "name": "probe",
            "image": self.image(python),
            "imagePullPolicy": "IfNotPresent",
            "command": ["python3", "-c", program],
            "securityContext": sandbox(NOBODY),
            "resources": { "requests": { "cpu": "50m", "memory": "64Mi" }, "limits": { "cpu": "1", "memory": "256Mi" } },
        });
        spec.insert("containers".to_owned(), json!([container]));
        spec.insert("activeDeadlineSeconds".to_owned(), json!(900));
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": self.metadata(name, &[(JOB, name), (PHASE, phase)]),
            "spec": spec,
        })
    }

    /// What all pods have in common.
    fn pod_spec(&self) -> Map<String, Value> {
        let settings = &self.settings;
        let mut selector = BTreeMap::from([
            ("kubernetes.io/os".to_owned(), "linux".to_owned()),
            ("kubernetes.io/arch".to_owned(), self.architecture.to_owned()),
        ]);
        selector.extend(settings.node_selector.clone());
        let mut spec = Map::new();
        let mut put = |key: &str, value: Value| spec.insert(key.to_owned(), value);
        // Its own name would differ from cell to cell.
        put("hostname", json!(host::NAME));
        put("restartPolicy", json!("Never"));
        put("terminationGracePeriodSeconds", json!(1));
        put("automountServiceAccountToken", json!(false));
        put("enableServiceLinks", json!(false));
        put("nodeSelector", json!(selector));
        let mut security = json!({
            "fsGroup": NOBODY,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": { "type": "RuntimeDefault" },
        });
        if !matches!(settings.cache, ClusterCache::Node(_)) {
            security["runAsNonRoot"] = json!(true);
        }
        put("securityContext", security);
        let unheard = |taint| json!({ "key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": UNHEARD });
        // The first that fits a taint counts: who tolerates everything does not mean nodes that are dead.
        let mut tolerations = vec![unheard("node.kubernetes.io/not-ready"), unheard("node.kubernetes.io/unreachable")];
        tolerations.extend(settings.tolerations.iter().map(|toleration| json!(toleration)));
        put("tolerations", json!(tolerations));
        if !settings.pull_secrets.is_empty() {
            put("imagePullSecrets", settings.pull_secrets.iter().map(|name| json!({ "name": name })).collect());
        }
        spec
    }

    fn provision(&self, phase: &Phase, files: &Files) -> Result<Value, EngineError> {
        let mut env = variables(phase);
        let from: Option<Value> = if self.has_credentials() {
            Some(json!([{ "secretRef": { "name": self.base } }]))
        } else {
            env.extend(self.index.clone());
            None
        };
        if let Some(path) = &self.certificates {
            env.extend(host::trust_variables(&format!("{ROOT}/{path}")));
        }
        let packed = pack(phase.job.as_bytes()).map(|packed| BASE64_STANDARD.encode(packed));
        let packed = packed.map_err(|source| EngineError::Io { action: format!("pack the job of {}", phase.cell), source })?;
        if packed.len() > VARIABLE {
            let message = format!("what it installs takes {} KiB to say", packed.len() >> 10);
            return Err(EngineError::Kubernetes { action: format!("send the job of {}", phase.cell), message });
        }
        env.insert("SKEW_JOB".to_owned(), packed);
        let fetched = files
            .downloads
            .iter()
            .map(|(path, download)| json!({ "path": path, "url": download.url, "sha256": download.sha256, "member": download.member }));
        env.insert("SKEW_FETCH".to_owned(), Value::Array(fetched.collect()).to_string());
        // A folder of a node belongs to root.
        let user = if matches!(self.settings.cache, ClusterCache::Node(_)) { 0 } else { NOBODY };
        let mut container = self.container(phase, &env, user);
        container["volumeMounts"] = json!([
            { "name": "store", "mountPath": ROOT },
            { "name": "making", "mountPath": "/tmp" },
            { "name": "files", "mountPath": "/skew-files", "readOnly": true },
        ]);
        if let (Some(from), Some(container)) = (from, container.as_object_mut()) {
            container.insert("envFrom".to_owned(), from);
        }
        Ok(container)
    }

    fn execute(&self, phase: &Phase) -> Value {
        let mut container = self.container(phase, &variables(phase), NOBODY);
        container["volumeMounts"] = json!([
            { "name": "store", "mountPath": ROOT, "readOnly": true },
            { "name": "scratch", "mountPath": "/tmp" },
            { "name": "files", "mountPath": "/skew-files", "readOnly": true },
            { "name": "job", "mountPath": "/skew-job", "readOnly": true },
            { "name": "pod", "mountPath": "/skew-pod", "readOnly": true },
        ]);
        container
    }

    fn container(&self, phase: &Phase, env: &BTreeMap<String, String>, user: i64) -> Value {
        let name = container(phase.kind);
        let memory = match phase.kind {
            PhaseKind::Provision => phase.limits.memory.max(PROVISION_MEMORY),
            PhaseKind::Execute => phase.limits.memory,
        };
        let limits = json!({ "cpu": format!("{}m", (phase.limits.cpus * 1000.0).ceil()), "memory": memory.to_string() });
        // Scenarios get for certain what they may take. Installing asks for less, which also keeps the pod out of the
        // class of those that a node in need kills last: services come before tests.
        let requests = match phase.kind {
            PhaseKind::Provision => json!({ "cpu": "100m", "memory": "256Mi" }),
            PhaseKind::Execute => limits.clone(),
        };
        let env: Vec<Value> = env.iter().map(|(name, value)| json!({ "name": name, "value": escaped(value) })).collect();
        json!({
            "name": name,
            "image": self.image(phase.python),
            "imagePullPolicy": "IfNotPresent",
            "command": ["python3", "/skew-files/pod.py", name],
            "workingDir": "/tmp",
            "env": env,
            "resources": { "requests": requests, "limits": limits },
            "securityContext": sandbox(user),
        })
    }

    fn volumes(&self, then: &Phase, files: &Files, letter: &[String]) -> Value {
        let store = match &self.settings.cache {
            ClusterCache::None => json!({ "emptyDir": {} }),
            ClusterCache::Claim(name) => json!({ "persistentVolumeClaim": { "claimName": name } }),
            ClusterCache::Node(path) => json!({ "hostPath": { "path": path, "type": "DirectoryOrCreate" } }),
        };
        let maps = |names: &[String]| -> Value {
            let sources: Vec<Value> = names.iter().map(|name| json!({ "configMap": { "name": name } })).collect();
            json!({ "projected": { "defaultMode": 0o444, "sources": sources } })
        };
        let scratch = SCRATCH_LIMIT.min(then.limits.memory / 2).to_string();
        let program = json!({ "path": "program", "fieldRef": { "fieldPath": format!("metadata.annotations['{PROGRAM}']") } });
        let named = [
            ("store", store),
            ("making", json!({ "emptyDir": {} })),
            ("scratch", json!({ "emptyDir": { "medium": "Memory", "sizeLimit": scratch } })),
            ("files", maps(&files.maps)),
            ("job", maps(letter)),
            ("pod", json!({ "downwardAPI": { "items": [program] } })),
        ];
        named
            .into_iter()
            .map(|(name, mut volume)| {
                volume["name"] = json!(name);
                volume
            })
            .collect()
    }
}

/// Name of the container of a phase.
pub(super) fn container(kind: PhaseKind) -> &'static str {
    match kind {
        PhaseKind::Provision => "provision",
        PhaseKind::Execute => "execute",
    }
}

/// Variables of a phase: its own, and where things are.
fn variables(phase: &Phase) -> BTreeMap<String, String> {
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut variables: BTreeMap<String, String> =
        [("HOME", "/tmp"), ("TMPDIR", "/tmp"), ("LANG", "C.UTF-8")].into_iter().map(text).collect();
    variables.extend(phase.env.clone());
    variables.extend([("SKEW_ROOT", ROOT), ("SKEW_WORK", "/tmp/work"), ("SKEW_AGENT", phase.agent.as_str())].map(text));
    variables
}

fn sandbox(user: i64) -> Value {
    json!({
        "runAsUser": user,
        "runAsGroup": user,
        "runAsNonRoot": user != 0,
        "privileged": false,
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": { "drop": ["ALL"] },
    })
}

/// Names of manifests.
pub(super) fn names(manifests: &[Value]) -> Vec<String> {
    manifests.iter().filter_map(|manifest| manifest["metadata"]["name"].as_str()).map(str::to_owned).collect()
}

/// Nodes that the scheduler is to prefer, by name.
fn preferences(nodes: &Nodes) -> Vec<Value> {
    let named = |operator: &str, names: &[&String]| -> Vec<Value> {
        // One name an expression: that is all a field takes.
        let name = |name: &&String| json!({ "key": "metadata.name", "operator": operator, "values": [name] });
        names.iter().map(name).collect()
    };
    let near: Vec<&String> = nodes.near.iter().collect();
    let lost: Vec<&String> = nodes.lost.iter().collect();
    let preference = |weight: u8, fields: Vec<Value>| json!({ "weight": weight, "preference": { "matchFields": fields } });
    [(50, named("In", &near)), (100, named("NotIn", &lost))]
        .into_iter()
        .filter(|(_, fields)| !fields.is_empty())
        .map(|(weight, fields)| preference(weight, fields))
        .collect()
}

/// A value that the kubelet takes as it is: it would put variables for `$(NAME)`.
fn escaped(value: &str) -> String {
    value.replace("$(", "$$(")
}

fn pack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::best());
    packer.write_all(bytes)?;
    packer.finish()
}

/// A packed archive of files, always the same for the same files.
fn archive(files: &[&StoreFile]) -> std::io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_mode(if file.executable { 0o755 } else { 0o644 });
        header.set_size(file.content.len() as u64);
        tar.append_data(&mut header, &file.path, file.content.as_slice())?;
    }
    tar.into_inner()?.finish()
}
