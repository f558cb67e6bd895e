//! What a phase's container looks like: the sandbox, written down as the daemon wants it.

use std::collections::{BTreeMap, HashMap};

use bollard::{
    exec::CreateExecOptions,
    models::{ContainerCreateBody, HostConfig, HostConfigLogConfig, Mount, MountType, MountVolumeOptions, ResourcesUlimits},
};

use crate::{Phase, PhaseKind, host};

/// Where the environment store is mounted, in both phases.
pub(super) const ROOT: &str = "/skew";
/// Label with the run's id.
pub(super) const RUN: &str = "skew.run";
/// Label with the process that owns a container.
pub(super) const OWNER: &str = "skew.owner";
/// Label of the volume that is the environment store.
pub(super) const CACHE: &str = "skew.cache";

const CELL: &str = "skew.cell";
const PHASE: &str = "skew.phase";
/// `nobody`: reads the environment store, writes only scratch.
const NOBODY: &str = "65534:65534";
const ROOT_USER: &str = "0:0";
const SCRATCH: &str = "/tmp";
/// Empties a folder and becomes the program that follows.
const ALONE: [&str; 6] = [
    "python3",
    "-I",
    "-S",
    "-c",
    "import os, sys
for folder, folders, names in os.walk(sys.argv[1], topdown=False):
    for name in folders + names:
        path = os.path.join(folder, name)
        (os.rmdir if name in folders and not os.path.islink(path) else os.unlink)(path)
os.execvp(sys.argv[2], sys.argv[2:])",
    SCRATCH,
];
const SCRATCH_LIMIT: u64 = 1 << 30;
const SHARED_MEMORY: i64 = 64 << 20;
const PROVISION_PIDS: i64 = 4096;

/// What all containers of a run have in common.
#[derive(Clone, Debug)]
pub(super) struct Common {
    /// Run's id.
    pub(super) run: String,
    /// The owner's label.
    pub(super) owner: String,
    /// Name of the environment store's volume.
    pub(super) volume: String,
    /// Network of the execute phase.
    pub(super) execute_network: String,
    /// Network of the provision phase.
    pub(super) provision_network: String,
    /// CPUs of the daemon's machine; it refuses to limit to more.
    pub(super) cpus: f64,
    /// Whether the daemon has an init to put before the agent.
    pub(super) init: bool,
    /// Path of the certificate bundle in the environment store, if one was there to upload.
    pub(super) certificates: Option<String>,
}

impl Common {
    fn labels(&self, more: &[(&str, &str)]) -> HashMap<String, String> {
        let ours = [(RUN, self.run.as_str()), (OWNER, self.owner.as_str())];
        ours.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn store(&self, read_only: bool) -> Mount {
        Mount {
            target: Some(ROOT.to_owned()),
            source: Some(self.volume.clone()),
            typ: Some(MountType::VOLUME),
            read_only: Some(read_only),
            // What an image has at this path is none of the store's business.
            volume_options: Some(MountVolumeOptions { no_copy: Some(true), ..MountVolumeOptions::default() }),
            ..Mount::default()
        }
    }

    /// A container that is never started: the archive API writes into a volume only through a container that has it
    /// writable.
    pub(super) fn helper(&self, image: &str) -> ContainerCreateBody {
        ContainerCreateBody {
            image: Some(image.to_owned()),
            entrypoint: Some(vec!["/bin/false".to_owned()]),
            labels: Some(self.labels(&[(PHASE, "upload")])),
            host_config: Some(HostConfig {
                mounts: Some(vec![self.store(false)]),
                network_mode: Some("none".to_owned()),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        }
    }

    /// A container that does nothing until its stdin ends; environments are made in it.
    pub(super) fn workshop(&self, image: &str) -> ContainerCreateBody {
        ContainerCreateBody {
            entrypoint: Some(vec!["python3".to_owned()]),
            cmd: Some(["-I", "-S", "-c", "import sys; sys.stdin.read()"].map(str::to_owned).to_vec()),
            user: Some(ROOT_USER.to_owned()),
            labels: Some(self.labels(&[(PHASE, "provision")])),
            host_config: Some(HostConfig {
                network_mode: Some(self.provision_network.clone()),
                mounts: Some(vec![self.store(false)]),
                tmpfs: Some(scratch(SCRATCH_LIMIT)),
                pids_limit: Some(PROVISION_PIDS),
                ..self.sandbox()
            }),
            ..attached(image)
        }
    }

    /// The agent of a provision phase in such a container, of whose scratch it must find nothing: installers go by what they find.
    pub(super) fn agent(&self, phase: &Phase) -> CreateExecOptions<String> {
        CreateExecOptions {
            attach_stdin: Some(true),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(ALONE.map(str::to_owned).into_iter().chain(command(phase)).collect()),
            env: Some(self.variables(phase)),
            user: Some(ROOT_USER.to_owned()),
            working_dir: Some(SCRATCH.to_owned()),
            ..CreateExecOptions::default()
        }
    }

    /// The container of an execute phase.
    pub(super) fn execute(&self, image: &str, phase: &Phase) -> ContainerCreateBody {
        let memory = i64::try_from(phase.limits.memory).unwrap_or(i64::MAX);
        ContainerCreateBody {
            // With a network of its own it has the name that this gives it.
            hostname: (self.execute_network == "none").then(|| host::NAME.to_owned()),
            entrypoint: Some(command(phase)),
            env: Some(self.variables(phase)),
            user: Some(NOBODY.to_owned()),
            labels: Some(self.labels(&[(CELL, phase.cell.as_str()), (PHASE, "execute")])),
            host_config: Some(HostConfig {
                network_mode: Some(self.execute_network.clone()),
                mounts: Some(vec![self.store(true)]),
                tmpfs: Some(scratch(SCRATCH_LIMIT.min(phase.limits.memory / 2))),
                pids_limit: Some(i64::from(phase.limits.pids)),
                memory: Some(memory),
                // The same as the memory: no swap beyond it.
                memory_swap: Some(memory),
                nano_cpus: Some((phase.limits.cpus.min(self.cpus) * 1e9) as i64),
                ..self.sandbox()
            }),
            ..attached(image)
        }
    }

    /// Variables: the phase's own win over those of the host, the sandbox's win over all.
    fn variables(&self, phase: &Phase) -> Vec<String> {
        let mut variables = BTreeMap::from([("HOME", SCRATCH), ("TMPDIR", SCRATCH), ("LANG", "C.UTF-8")])
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect::<BTreeMap<_, _>>();
        if phase.kind == PhaseKind::Provision {
            variables.extend(host::index_variables());
            if let Some(path) = &self.certificates {
                variables.extend(host::trust_variables(&format!("{ROOT}/{path}")));
            }
        }
        variables.extend(phase.env.clone());
        variables.insert("SKEW_ROOT".to_owned(), ROOT.to_owned());
        variables.insert("SKEW_WORK".to_owned(), format!("{SCRATCH}/work"));
        variables.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
    }

    /// What both phases have in common. The root is read-only in both: whatever should last belongs in the store.
    fn sandbox(&self) -> HostConfig {
        HostConfig {
            readonly_rootfs: Some(true),
            cap_drop: Some(vec!["ALL".to_owned()]),
            security_opt: Some(vec!["no-new-privileges".to_owned()]),
            privileged: Some(false),
            ipc_mode: Some("private".to_owned()),
            shm_size: Some(SHARED_MEMORY),
            init: Some(self.init),
            ulimits: Some(vec![ResourcesUlimits { name: Some("core".to_owned()), soft: Some(0), hard: Some(0) }]),
            // The agent's output goes to whoever is attached; the daemon would keep a second copy on its disk.
            log_config: Some(HostConfigLogConfig { typ: Some("none".to_owned()), config: None }),
            ..HostConfig::default()
        }
    }
}

/// The agent and what runs it.
fn command(phase: &Phase) -> Vec<String> {
    let program = phase.program.as_deref().unwrap_or("python3").replace("{root}", ROOT);
    vec![program, format!("{ROOT}/{}", phase.agent)]
}

/// A container with whose stdin and stdout a client deals.
fn attached(image: &str) -> ContainerCreateBody {
    ContainerCreateBody {
        image: Some(image.to_owned()),
        cmd: Some(Vec::new()),
        working_dir: Some(SCRATCH.to_owned()),
        attach_stdin: Some(true),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        open_stdin: Some(true),
        // The agent's stdin ends when this client goes away, however it goes.
        stdin_once: Some(true),
        ..ContainerCreateBody::default()
    }
}

/// Scratch in memory. It may hold programs: scenarios compile things and load them, as they would on any machine.
fn scratch(bytes: u64) -> HashMap<String, String> {
    HashMap::from([(SCRATCH.to_owned(), format!("rw,exec,nosuid,nodev,size={bytes},mode=1777"))])
}
