//! Engine docker: scenarios run in a container of their cell's own, environments are made in others.
//!
//! The environment store is one named volume, mounted at `/skew` in both phases, so that a daemon on another machine
//! works as well as the one here. The only place that names the client library.

mod container;
mod owned;
mod upload;
mod workshop;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use bollard::{
    Docker,
    container::{AttachContainerResults, LogOutput},
    errors::Error,
    models::{ContainerCreateBody, ContainerSummary, ImageInspect, SystemInfo},
    query_parameters::{
        AttachContainerOptionsBuilder, CreateContainerOptionsBuilder, CreateImageOptionsBuilder, InspectContainerOptions,
        ListContainersOptionsBuilder, RemoveVolumeOptions, StartContainerOptions, WaitContainerOptions,
    },
};
use container::{Common, OWNER, RUN};
use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture};
use owned::{Owned, remove};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;
use workshop::Workshop;

use crate::{
    DockerSettings, Engine, EngineError, Found, Interpreter, Line, Missing, Phase, PhaseEnd, PhaseKind, PythonVersion, StoreFile, chain,
    host,
    owner::Owner,
    stream::{Lines, Tail},
};

const DEFAULT_ADDRESS: &str = "unix:///var/run/docker.sock";
const DEFAULT_VOLUME: &str = "skew-cache";
/// Exit code of a container whose agent was killed: 128 + SIGKILL.
const KILLED: i64 = 137;
/// How long the daemon's word that memory ran out may come after the container's end.
const LATE_NEWS: Duration = Duration::from_millis(300);

/// Runs phases in containers.
#[derive(Debug)]
pub struct DockerEngine {
    docker: Docker,
    address: String,
    settings: DockerSettings,
    machine: String,
    /// What stands for its processor.
    processor: String,
    caveats: Vec<String>,
    common: Common,
    certificates: Option<StoreFile>,
    /// Ids of the images that were found.
    images: Mutex<BTreeMap<PythonVersion, String>>,
    /// Those with nobody in them.
    workshops: Mutex<Vec<Workshop>>,
    /// Paths and digests of content that this run has seen in the store.
    uploaded: Mutex<BTreeSet<(String, [u8; 32])>>,
    next: AtomicU64,
}

impl DockerEngine {
    /// Connects to the daemon that `DOCKER_HOST` names, by default the one at the local socket. `SKEW_DOCKER_VOLUME`
    /// names another volume than `skew-cache`, `SKEW_DOCKER_PROVISION_NETWORK` another network than `bridge`.
    ///
    /// # Errors
    /// [`EngineError::Unreachable`] when no daemon answers.
    pub fn connect(settings: DockerSettings, run: String) -> BoxFuture<'static, Result<Self, EngineError>> {
        let address = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
        Self::connect_to(address.unwrap_or_else(|| DEFAULT_ADDRESS.to_owned()), settings, run)
    }

    /// Connects to the daemon at an address, as `unix:///var/run/docker.sock` or `tcp://host:2375`.
    ///
    /// # Errors
    /// [`EngineError::Unreachable`] when no daemon answers.
    pub fn connect_to(address: String, settings: DockerSettings, run: String) -> BoxFuture<'static, Result<Self, EngineError>> {
        async move {
            let unreachable = |error: Error| EngineError::Unreachable { address: address.clone(), message: said(&error) };
            let docker = Docker::connect_with_host(&address).map_err(unreachable)?;
            let docker = docker.negotiate_version().await.map_err(unreachable)?;
            let info = docker.info().await.map_err(unreachable)?;
            let certificates = host::certificates_file();
            // A daemon elsewhere does not tell its processor: its own id stands for it.
            let here = address.starts_with("unix:").then(host::processor).flatten();
            let processor = here.or_else(|| info.id.clone()).unwrap_or_default();
            let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
            let common = Common {
                run,
                owner: Owner::current().label(),
                volume: variable("SKEW_DOCKER_VOLUME", DEFAULT_VOLUME),
                execute_network: settings.network.clone(),
                provision_network: variable("SKEW_DOCKER_PROVISION_NETWORK", "bridge"),
                cpus: info.ncpu.and_then(|cpus| u32::try_from(cpus).ok()).map_or(1.0, f64::from),
                init: info.init_binary.as_deref().is_some_and(|binary| !binary.is_empty()),
                certificates: certificates.as_ref().map(|file| file.path.clone()),
            };
            Ok(Self {
                docker,
                address,
                machine: machine(&info),
                processor,
                caveats: caveats(&info, &settings),
                settings,
                common,
                certificates,
                images: Mutex::default(),
                workshops: Mutex::default(),
                uploaded: Mutex::default(),
                next: AtomicU64::new(0),
            })
        }
        .boxed()
    }

    /// The same with an environment store of its own.
    #[must_use]
    pub fn with_volume(mut self, name: &str) -> Self {
        name.clone_into(&mut self.common.volume);
        self
    }

    /// Where the daemon is.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The images of the interpreters that are there; unlike a run, this pulls none.
    ///
    /// # Errors
    /// The daemon fails.
    pub fn look<'a>(&'a self, wanted: &'a [PythonVersion]) -> BoxFuture<'a, Result<Found, EngineError>> {
        async move {
            let mut found = Vec::with_capacity(wanted.len());
            for python in wanted {
                let name = self.settings.image.replace("{python}", &python.to_string());
                let answer = match self.docker.inspect_image(&name).await {
                    Ok(image) => Ok(Interpreter { what: name, digest: digest(&image), version: None }),
                    Err(error) if is_status(&error, 404) => {
                        let hint = format!("docker pull {name}; a run tries that too, and docker.image in matrix.yaml names others");
                        Err(Missing { message: format!("the image {name} is not there"), hint })
                    }
                    Err(error) => return Err(self.trouble(&format!("look for the image {name}"), &error)),
                };
                found.push((*python, answer));
            }
            Ok(found)
        }
        .boxed()
    }

    /// Trouble with the daemon while doing `action`: its refusal, or that it doesn't answer any more.
    fn trouble(&self, action: &str, error: &Error) -> EngineError {
        if answered(error) {
            EngineError::Docker { action: action.to_owned(), message: said(error) }
        } else {
            EngineError::Unreachable { address: self.address.clone(), message: said(error) }
        }
    }

    fn name(&self) -> String {
        format!("skew-{}-{}", self.common.run, self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Creates a container that is removed again at the latest when the returned value is dropped.
    async fn create(&self, body: ContainerCreateBody, action: &str) -> Result<Owned, EngineError> {
        let name = self.name();
        let options = CreateContainerOptionsBuilder::default().name(&name).build();
        // Owned before it exists: whoever drops this future in the middle leaves a request that the daemon completes.
        let owned = Owned::new(self.docker.clone(), name);
        self.docker.create_container(Some(options), body).await.map_err(|error| self.trouble(action, &error))?;
        Ok(owned)
    }

    async fn interpreter(&self, python: PythonVersion) -> Result<Result<Interpreter, Missing>, EngineError> {
        let name = self.settings.image.replace("{python}", &python.to_string());
        let action = format!("look for the image {name}");
        let found = match self.docker.inspect_image(&name).await {
            Ok(image) => image,
            Err(error) if is_status(&error, 404) => match self.pull(&name).await {
                Ok(()) => self.docker.inspect_image(&name).await.map_err(|error| self.trouble(&action, &error))?,
                Err(error) if answered(&error) => return Ok(Err(missing(&name, &error))),
                Err(error) => return Err(self.trouble(&action, &error)),
            },
            Err(error) => return Err(self.trouble(&action, &error)),
        };
        if let Some(id) = &found.id {
            self.images.lock().insert(python, id.clone());
        }
        Ok(Ok(Interpreter { what: name, digest: digest(&found), version: None }))
    }

    async fn pull(&self, name: &str) -> Result<(), Error> {
        // Without a tag the daemon would pull all there are.
        let last = name.rsplit('/').next().unwrap_or(name);
        let name = if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") };
        let mut progress = self.docker.create_image(Some(CreateImageOptionsBuilder::default().from_image(&name).build()), None, None);
        while let Some(step) = progress.next().await {
            step?;
        }
        Ok(())
    }

    async fn run_phase(&self, phase: &Phase, lines: mpsc::Sender<Line>, cancel: CancellationToken) -> Result<PhaseEnd, EngineError> {
        let image = self.images.lock().get(&phase.python).cloned();
        let image = image.unwrap_or_else(|| self.settings.image.replace("{python}", &phase.python.to_string()));
        if phase.kind == PhaseKind::Provision {
            return self.provision(image, phase, lines, cancel).await;
        }
        let body = self.common.execute(&image, phase);
        let action = format!("create the container of {}", phase.cell);
        let container = self.create(body, &action).await?;
        let result = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(EngineError::Cancelled),
            result = self.drive(container.name(), phase, lines) => result,
        };
        let removed = container.remove().await.map_err(|error| self.trouble(&format!("remove the container of {}", phase.cell), &error));
        // What the phase met says more than that its container couldn't be removed afterwards.
        let end = result?;
        removed.map(|()| end)
    }

    /// Starts a created container, feeds it the job, and reads it to its end.
    async fn drive(&self, name: &str, phase: &Phase, lines: mpsc::Sender<Line>) -> Result<PhaseEnd, EngineError> {
        let attached = self.start(name, phase, true).await?;
        let stderr = self.talk(attached.output, attached.input, phase, lines).await?;
        let (code, oom_killed) = self.end(name, phase).await?;
        Ok(PhaseEnd { code, oom_killed, stderr, kept: None })
    }

    /// Starts a created container, a client at its stdin before that, and at its output if it `speaks`.
    async fn start(&self, name: &str, phase: &Phase, speaks: bool) -> Result<AttachContainerResults, EngineError> {
        let trouble = |action: &str, error: &Error| self.trouble(&format!("{action} the container for {}", phase.cell), error);
        let options = AttachContainerOptionsBuilder::default().stream(true).stdin(true).stdout(speaks).stderr(speaks).build();
        let attached = self.docker.attach_container(name, Some(options)).await.map_err(|error| trouble("attach to", &error))?;
        let started = self.docker.start_container(name, None::<StartContainerOptions>).await;
        started.map_err(|error| trouble("start", &error))?;
        Ok(attached)
    }

    /// Feeds an agent its job and reads what it says to its end; the end of its stderr.
    async fn talk(
        &self,
        mut output: impl Stream<Item = Result<LogOutput, Error>> + Unpin,
        mut input: impl AsyncWrite + Unpin,
        phase: &Phase,
        lines: mpsc::Sender<Line>,
    ) -> Result<String, EngineError> {
        let feed = async {
            // An agent that is gone before it has read its job says so by its exit code.
            if input.write_all(phase.job.as_bytes()).await.is_ok() && input.write_all(b"\n").await.is_ok() {
                let _ = input.flush().await;
            }
            // Its stdin stays open until the phase ends.
            std::future::pending::<std::convert::Infallible>().await
        };
        let read = async {
            let (mut cut, mut tail) = (Lines::default(), Tail::default());
            while let Some(frame) = output.next().await {
                match frame.map_err(|error| self.trouble(&format!("read from the container of {}", phase.cell), &error))? {
                    LogOutput::StdOut { message } => {
                        for line in cut.push(&message)? {
                            lines.send(line.into()).await.map_err(|_| EngineError::Cancelled)?;
                        }
                    }
                    LogOutput::StdErr { message } => tail.push(&message),
                    LogOutput::StdIn { .. } | LogOutput::Console { .. } => {}
                }
            }
            Ok::<_, EngineError>(tail.text())
        };
        tokio::select! {
            never = feed => match never {},
            stderr = read => stderr,
        }
    }

    /// Waits for the container's end; its exit code, and whether the kernel killed the agent for lack of memory.
    async fn end(&self, name: &str, phase: &Phase) -> Result<(i64, bool), EngineError> {
        let action = format!("wait for the container of {}", phase.cell);
        let mut wait = Box::pin(self.docker.wait_container(name, None::<WaitContainerOptions>));
        match wait.next().await {
            // The library calls an exit code other than 0 an error.
            None | Some(Ok(_) | Err(Error::DockerContainerWaitError { .. })) => {}
            Some(Err(error)) => return Err(self.trouble(&action, &error)),
        }
        let (code, out_of_memory) = self.inspect(name, &action).await?;
        if code == KILLED && !out_of_memory {
            tokio::time::sleep(LATE_NEWS).await;
            return self.inspect(name, &action).await;
        }
        Ok((code, code == KILLED && out_of_memory))
    }

    async fn inspect(&self, name: &str, action: &str) -> Result<(i64, bool), EngineError> {
        let inspected = self.docker.inspect_container(name, None::<InspectContainerOptions>).await;
        let state = inspected.map_err(|error| self.trouble(action, &error))?.state.unwrap_or_default();
        let code = state
            .exit_code
            .ok_or_else(|| EngineError::Docker { action: action.to_owned(), message: "the daemon doesn't say how it ended".to_owned() })?;
        Ok((code, state.oom_killed.unwrap_or_default()))
    }

    /// Containers that carry a label, as `skew.run` or `skew.run=1234`.
    async fn labelled(&self, label: &str) -> Result<Vec<ContainerSummary>, EngineError> {
        let filters = HashMap::from([("label", vec![label])]);
        let options = ListContainersOptionsBuilder::default().all(true).filters(&filters).build();
        self.docker.list_containers(Some(options)).await.map_err(|error| self.trouble("list containers", &error))
    }

    async fn remove_leftovers(&self) -> Result<Vec<String>, EngineError> {
        let mut removed = Vec::new();
        for container in self.labelled(RUN).await? {
            let label = |name: &str| container.labels.as_ref().and_then(|labels| labels.get(name));
            let dead = label(OWNER).and_then(|owner| Owner::parse(owner)).is_none_or(|owner| owner.is_dead(age(&container)));
            let Some(id) = container.id.as_ref().filter(|_| dead) else { continue };
            let name = container.names.iter().flatten().next().map_or(id.as_str(), |name| name.trim_start_matches('/'));
            // One that the daemon keeps is in nobody's way.
            removed.push(match remove(&self.docker, id).await {
                Ok(()) => format!("container {name} of run {}", label(RUN).map_or("?", String::as_str)),
                Err(error) => self.trouble(&format!("remove the container {name}"), &error).to_string(),
            });
        }
        Ok(removed)
    }

    async fn remove_cache(&self) -> Result<Option<String>, EngineError> {
        let volume = &self.common.volume;
        self.uploaded.lock().clear();
        match self.docker.remove_volume(volume, None::<RemoveVolumeOptions>).await {
            Ok(()) => Ok(Some(format!("volume {volume}"))),
            Err(error) if is_status(&error, 404) => Ok(None),
            Err(error) => Err(self.trouble(&format!("remove the volume {volume}"), &error)),
        }
    }
}

impl Engine for DockerEngine {
    fn name(&self) -> &'static str {
        "docker"
    }

    fn machine(&self) -> &str {
        &self.machine
    }

    fn place(&self) -> String {
        format!("docker, network {}, {} {}", self.settings.network, self.caveats.join(" "), self.processor)
    }

    fn caveats(&self) -> Vec<String> {
        self.caveats.clone()
    }

    fn interpreters<'a>(&'a self, wanted: &'a [PythonVersion]) -> BoxFuture<'a, Result<Found, EngineError>> {
        async move {
            let mut found = Vec::with_capacity(wanted.len());
            for python in wanted {
                found.push((*python, self.interpreter(*python).await?));
            }
            Ok(found)
        }
        .boxed()
    }

    fn upload<'a>(&'a self, files: &'a [StoreFile]) -> BoxFuture<'a, Result<(), EngineError>> {
        self.upload_missing(files).boxed()
    }

    fn run<'a>(
        &'a self,
        phase: &'a Phase,
        lines: mpsc::Sender<Line>,
        cancel: CancellationToken,
    ) -> BoxFuture<'a, Result<PhaseEnd, EngineError>> {
        self.run_phase(phase, lines, cancel).boxed()
    }

    fn clean(&self, cache: bool) -> BoxFuture<'_, Result<Vec<String>, EngineError>> {
        async move {
            let mut removed = self.remove_leftovers().await?;
            if cache {
                removed.extend(self.remove_cache().await?);
            }
            Ok(removed)
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), EngineError>> {
        async move {
            self.close_workshops().await?;
            for container in self.labelled(&format!("{RUN}={}", self.common.run)).await? {
                let Some(id) = container.id else { continue };
                remove(&self.docker, &id).await.map_err(|error| self.trouble("remove the run's containers", &error))?;
            }
            Ok(())
        }
        .boxed()
    }
}

fn machine(info: &SystemInfo) -> String {
    match info.architecture.as_deref() {
        Some("arm64") => "aarch64".to_owned(),
        Some("amd64") | None => "x86_64".to_owned(),
        Some(other) => other.to_owned(),
    }
}

fn caveats(info: &SystemInfo, settings: &DockerSettings) -> Vec<String> {
    let seccomp = info.security_options.iter().flatten().any(|option| option.contains("seccomp"));
    let found = [
        (settings.network != "none", format!("scenarios can use the network `{}`.", settings.network)),
        (info.memory_limit == Some(false), "the Docker daemon cannot limit memory.".to_owned()),
        (info.pids_limit == Some(false), "the Docker daemon cannot limit the number of processes.".to_owned()),
        (info.cpu_cfs_quota == Some(false), "the Docker daemon cannot limit CPUs.".to_owned()),
        (!seccomp, "the Docker daemon has no seccomp: system calls are not filtered.".to_owned()),
    ];
    found.into_iter().filter_map(|(applies, text)| applies.then_some(text)).collect()
}

/// The registry's digest of an image, or the image's id where it comes from no registry.
fn digest(image: &ImageInspect) -> Option<String> {
    let of_registry = image.repo_digests.iter().flatten().find_map(|digest| digest.split_once('@').map(|(_, digest)| digest.to_owned()));
    of_registry.or_else(|| image.id.clone())
}

fn missing(name: &str, error: &Error) -> Missing {
    Missing {
        message: format!("the image {name} is not there and could not be pulled: {}", said(error)),
        hint: "build or load the image, set docker.image in matrix.yaml to one that can be had, or use --engine local".to_owned(),
    }
}

fn age(container: &ContainerSummary) -> Duration {
    let created = container.created.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
    let created = SystemTime::UNIX_EPOCH + created.unwrap_or_default();
    SystemTime::now().duration_since(created).unwrap_or_default()
}

/// Whether the daemon itself said what is wrong.
fn answered(error: &Error) -> bool {
    matches!(error, Error::DockerResponseServerError { .. } | Error::DockerStreamError { .. } | Error::DockerContainerWaitError { .. })
}

fn is_status(error: &Error, status: u16) -> bool {
    matches!(error, Error::DockerResponseServerError { status_code, .. } if *status_code == status)
}

/// What the daemon said, or what kept it from saying anything, down to the cause.
fn said(error: &Error) -> String {
    if let Error::DockerResponseServerError { message, .. } | Error::DockerStreamError { error: message } = error {
        return message.trim().to_owned();
    }
    chain(error)
}
