//! Engine local: every phase in a process group of its own on this machine.
//!
//! It isolates what can be isolated without privileges — variables, working directory, and where the kernel lets users make
//! namespaces the network and every folder but the phase's own — and says the rest in its caveats.

mod discovery;
mod process;
mod remove;

use std::{
    collections::BTreeMap,
    env,
    fs::{File, TryLockError},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use futures_util::{FutureExt, future::BoxFuture};
use parking_lot::Mutex;
use process::{Group, kill_stragglers};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use crate::{
    Engine, EngineError, Found, Interpreter, Line, Missing, Phase, PhaseEnd, PhaseKind, PythonVersion, StoreFile, host,
    owner::Owner,
    stream::{Lines, Tail},
};

/// Makes a user namespace and in it a network and a mount namespace, and becomes the program that follows.
const UNSHARE: &[&str] = &["unshare", "--user", "--map-root-user", "--net", "--mount"];
/// Makes a namespace of processes too, in which the program that follows is the first one and others of the machine cannot be seen
/// or signalled; its end is the end of all. Containers that hide parts of `/proc` do not let it be mounted.
const UNSHARE_ALL: &[&str] =
    &["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
/// Whether [`WALLS`] can be put up: what it does first, as the machine's own tools do it.
const PROBE: [&str; 4] = ["mount", "-o", "remount,bind,ro", "/"];
/// Run by the agent's interpreter in these namespaces, in front of the agent.
const WALLS: &str = include_str!("local/walls.py");
/// What a folder must hold to be deleted as a cache; the name and first line are those of the Cache Directory Tagging
/// Specification, so that backups leave it out.
const TAG: (&str, &str) = ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n# The environment store of skew.\n");
/// Runs that work in a store hold a lock on this file of it, which those who remove the store want alone.
const USED: &str = "used.lock";
const SCRATCH_PREFIX: &str = "skew-";
/// Follows the name of a scratch folder: a link that leads nowhere and names the owner of the folder. It is made in one step, before
/// the folder, and removed after it, so that a run that is killed at whatever moment leaves no folder that nobody owns.
const OWNER: &str = ".owner";
const PIECE: usize = 64 << 10;
/// How long output that is still in the pipe may take to arrive once the agent has ended and its group is killed.
const DRAIN: Duration = Duration::from_secs(5);

/// Runs phases as processes.
#[derive(Debug)]
pub struct LocalEngine {
    root: PathBuf,
    run: String,
    temporary: PathBuf,
    /// What puts a program behind [`WALLS`], where this machine lets users do that.
    unshare: Option<&'static [&'static str]>,
    /// Those that were found; they are not looked for again.
    interpreters: Mutex<BTreeMap<PythonVersion, discovery::Found>>,
    /// Locked as long as this engine may work in the store.
    used: Mutex<Option<File>>,
    next: AtomicU64,
}

impl LocalEngine {
    /// An engine whose environment store is the folder `root` (made when it is first needed).
    ///
    /// # Errors
    /// [`EngineError::Io`] when the working directory, which a relative `root` is relative to, can't be found.
    pub fn new(root: PathBuf, run: String) -> BoxFuture<'static, Result<Self, EngineError>> {
        async move {
            let root = std::path::absolute(&root).map_err(|source| io(format!("find {}", root.display()), source))?;
            let mut unshare = None;
            for namespaces in [UNSHARE_ALL, UNSHARE] {
                if unshare.is_none() && lets_make(namespaces).await {
                    unshare = Some(namespaces);
                }
            }
            let temporary = std::path::absolute(env::temp_dir()).map_err(|source| io("find the temporary folder".to_owned(), source))?;
            Ok(Self { root, run, temporary, unshare, interpreters: Mutex::default(), used: Mutex::default(), next: AtomicU64::new(0) })
        }
        .boxed()
    }

    async fn find(&self, wanted: &[PythonVersion]) -> Found {
        let unknown: Vec<PythonVersion> = {
            let known = self.interpreters.lock();
            wanted.iter().copied().filter(|python| !known.contains_key(python)).collect()
        };
        let found = discovery::find(&unknown).await;
        let mut known = self.interpreters.lock();
        known.extend(found);
        let answers = wanted.iter().map(|python| {
            let interpreter = known.get(python).map(|found| Interpreter {
                what: found.path.display().to_string(),
                digest: None,
                version: Some(found.version.clone()),
            });
            (*python, interpreter.ok_or_else(|| missing(*python)))
        });
        answers.collect()
    }

    async fn program(&self, phase: &Phase) -> Result<PathBuf, EngineError> {
        if let Some(program) = &phase.program {
            return Ok(PathBuf::from(program.replace("{root}", &self.root.to_string_lossy())));
        }
        let known = |engine: &Self| engine.interpreters.lock().get(&phase.python).map(|found| found.path.clone());
        if known(self).is_none() {
            self.find(&[phase.python]).await;
        }
        known(self).ok_or_else(|| {
            let source = std::io::Error::new(std::io::ErrorKind::NotFound, missing(phase.python).message);
            io(format!("start the agent of {}", phase.cell), source)
        })
    }

    /// Variables: the host's way to the index for provisioning, then the phase's own, then the sandbox's.
    fn variables(&self, phase: &Phase, scratch: &Path) -> BTreeMap<String, String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let mut variables = BTreeMap::from([
            ("HOME".to_owned(), text(&scratch.join("home"))),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
            ("PATH".to_owned(), "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("TMPDIR".to_owned(), text(&scratch.join("tmp"))),
        ]);
        if phase.kind == PhaseKind::Provision {
            variables.extend(host::index_variables());
            variables.extend(host::certificates().map(|(path, _)| host::trust_variables(&path)).unwrap_or_default());
        }
        variables.extend(phase.env.clone());
        variables.insert("SKEW_ROOT".to_owned(), text(&self.root));
        variables.insert("SKEW_WORK".to_owned(), text(&scratch.join("work")));
        variables
    }

    async fn scratch(&self) -> Result<Scratch, EngineError> {
        let name = format!("{SCRATCH_PREFIX}{}-{}", self.run, self.next.fetch_add(1, Ordering::Relaxed));
        let path = self.temporary.join(name);
        let failed = |source| io(format!("make the scratch folder {}", path.display()), source);
        tokio::fs::symlink(Owner::current().label(), owner_of(&path)).await.map_err(failed)?;
        tokio::fs::create_dir(&path).await.map_err(failed)?;
        let scratch = Scratch { path: path.clone() };
        for folder in ["home", "tmp", "work"] {
            tokio::fs::create_dir(scratch.path.join(folder)).await.map_err(failed)?;
        }
        Ok(scratch)
    }

    fn start(&self, phase: &Phase, program: &Path, scratch: &Path) -> Result<Child, EngineError> {
        let agent = self.root.join(&phase.agent);
        let unshare = self.unshare.filter(|_| phase.kind == PhaseKind::Execute).and_then(<[_]>::split_first);
        let mut command = match unshare {
            Some((unshare, namespaces)) => {
                let mut command = Command::new(unshare);
                command.args(namespaces).arg(program).args(["-I", "-S", "-c", WALLS]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.arg(agent).env_clear().envs(self.variables(phase, scratch)).current_dir(scratch.join("work"));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).kill_on_drop(true);
        command.spawn().map_err(|source| io(format!("start {} for {}", program.display(), phase.cell), source))
    }

    async fn run_phase(&self, phase: &Phase, lines: mpsc::Sender<Line>, cancel: CancellationToken) -> Result<PhaseEnd, EngineError> {
        let program = self.program(phase).await?;
        // Dropped in reverse order, however this function is left: the group is killed, then its scratch removed.
        let scratch = self.scratch().await?;
        let mut child = self.start(phase, &program, &scratch.path)?;
        let mut group = Group::new(child.id());
        let end = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(EngineError::Cancelled),
            end = drive(&mut child, &mut group, phase, &scratch.path, lines) => end,
        };
        drop((group, child));
        // Scenarios may leave more files than are removed in a moment; others are heard meanwhile.
        let _ = tokio::task::spawn_blocking(move || drop(scratch)).await;
        end
    }

    async fn put(&self, files: &[StoreFile]) -> Result<(), EngineError> {
        writable(&self.root)?;
        let tag = StoreFile::new(TAG.0.to_owned(), TAG.1.as_bytes().to_vec(), false);
        for file in std::iter::once(&tag).chain(files) {
            let path = self.root.join(&file.path);
            put(&path, file).await.map_err(|source| io(format!("write {}", path.display()), source))?;
        }
        let path = self.root.join(USED);
        let used = File::create(&path).and_then(|used| used.lock_shared().map(|()| used));
        *self.used.lock() = Some(used.map_err(|source| io(format!("lock {}", path.display()), source))?);
        Ok(())
    }

    fn remove_leftovers(&self) -> Vec<String> {
        let mut removed = Vec::new();
        for path in scratches(&self.temporary, SCRATCH_PREFIX) {
            let link = owner_of(&path);
            let Ok(metadata) = std::fs::symlink_metadata(&link) else { continue };
            let age = metadata.modified().ok().and_then(|modified| SystemTime::now().duration_since(modified).ok());
            let owner = std::fs::read_link(&link).ok().and_then(|label| Owner::parse(label.to_str()?));
            // In a folder that all share, others could make links, too.
            let own = metadata.uid() == rustix::process::geteuid().as_raw();
            if own && owner.is_some_and(|owner| owner.is_dead(age.unwrap_or_default())) {
                removed.push(format!("scratch folder {}", path.display()));
                drop(Scratch { path });
            }
        }
        removed
    }

    fn remove_cache(&self) -> Result<Option<String>, EngineError> {
        if !self.root.exists() {
            return Ok(None);
        }
        let action = format!("remove the environment store {}", self.root.display());
        if !self.root.join(TAG.0).is_file() {
            let why = format!("there is no {} in it, so it may be something else", TAG.0);
            return Err(io(action, std::io::Error::other(why)));
        }
        drop(self.used.lock().take());
        let remove = || {
            match File::create(self.root.join(USED))?.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(std::io::Error::other("a run uses it; wait for its end")),
                Err(TryLockError::Error(error)) => return Err(error),
            }
            // What tells that it is a cache goes last, so that half of it can be removed again.
            for entry in std::fs::read_dir(&self.root)?.flatten().filter(|entry| entry.file_name() != TAG.0) {
                let removed =
                    if entry.file_type()?.is_dir() { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
                removed?;
            }
            std::fs::remove_dir_all(&self.root)
        };
        remove().map_err(|source| io(action, source))?;
        Ok(Some(format!("environment store {}", self.root.display())))
    }
}

impl Engine for LocalEngine {
    fn name(&self) -> &'static str {
        "local"
    }

    fn machine(&self) -> &str {
        env::consts::ARCH
    }

    fn place(&self) -> String {
        let network = if self.unshare.is_some() { "no network" } else { "network" };
        format!("local, {network}, {}", host::processor().unwrap_or_default())
    }

    fn caveats(&self) -> Vec<String> {
        let reach = match self.unshare {
            Some(UNSHARE_ALL) => "scenarios run as you: they can read what you can.",
            Some(_) => "scenarios run as you: they can read what you can, see your processes and send them signals.",
            None => {
                "scenarios run as you: they can read and write what you can, the environments included, and use the network; this \
                 machine doesn't let users make namespaces."
            }
        };
        let limits = "memory, CPUs and processes are limited by watching, not by the kernel.";
        [reach, limits].map(|caveat| format!("engine local: {caveat}")).to_vec()
    }

    fn interpreters<'a>(&'a self, wanted: &'a [PythonVersion]) -> BoxFuture<'a, Result<Found, EngineError>> {
        self.find(wanted).map(Ok).boxed()
    }

    fn upload<'a>(&'a self, files: &'a [StoreFile]) -> BoxFuture<'a, Result<(), EngineError>> {
        self.put(files).boxed()
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
            let mut removed = self.remove_leftovers();
            if cache {
                removed.extend(self.remove_cache()?);
            }
            Ok(removed)
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, Result<(), EngineError>> {
        async move {
            let prefix = format!("{SCRATCH_PREFIX}{}-", self.run);
            for path in scratches(&self.temporary, &prefix) {
                drop(Scratch { path });
            }
            Ok(())
        }
        .boxed()
    }
}

/// Whether this machine lets users make namespaces, and mounts in them.
async fn lets_make(namespaces: &[&str]) -> bool {
    let Some((unshare, namespaces)) = namespaces.split_first() else { return false };
    let probe = Command::new(unshare).args(namespaces).args(PROBE).stdin(Stdio::null()).stderr(Stdio::null()).status();
    probe.await.is_ok_and(|status| status.success())
}

/// A phase's scratch folder; dropping it kills whoever still works in it and removes it.
struct Scratch {
    path: PathBuf,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        kill_stragglers(&self.path);
        // What can't be removed now (a mount, a foreign file) is tried again by the next run's cleaning.
        let _ = remove::remove(&self.path);
        if std::fs::symlink_metadata(&self.path).is_err() {
            let _ = std::fs::remove_file(owner_of(&self.path));
        }
    }
}

/// The link that names the owner of a scratch folder.
fn owner_of(scratch: &Path) -> PathBuf {
    let mut name = scratch.as_os_str().to_owned();
    name.push(OWNER);
    name.into()
}

/// The scratch folders in a folder whose names begin like this, each told by the link that names its owner.
fn scratches(temporary: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(temporary).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let owned = names.filter(|name| name.starts_with(prefix)).filter_map(|name| name.strip_suffix(OWNER).map(|name| temporary.join(name)));
    owned.collect()
}

/// Feeds a started agent its job and reads it to its end.
async fn drive(
    child: &mut Child,
    group: &mut Group,
    phase: &Phase,
    scratch: &Path,
    lines: mpsc::Sender<Line>,
) -> Result<PhaseEnd, EngineError> {
    let failed = |source| io(format!("read from the agent of {}", phase.cell), source);
    let (Some(mut input), Some(output), Some(errors)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(failed(std::io::Error::other("it has no pipes")));
    };
    let feed = async {
        // An agent that is gone before it has read its job says so by its exit code.
        if input.write_all(phase.job.as_bytes()).await.is_ok() && input.write_all(b"\n").await.is_ok() {
            let _ = input.flush().await;
        }
        // Its stdin stays open until the phase ends.
        std::future::pending::<std::convert::Infallible>().await
    };
    let ended = CancellationToken::new();
    let stdout = async {
        let (mut output, mut cut) = (Pipe::new(output, &ended), Lines::default());
        while let Some(piece) = output.next().await.map_err(failed)? {
            for line in cut.push(piece)? {
                lines.send(line.into()).await.map_err(|_| EngineError::Cancelled)?;
            }
        }
        Ok::<_, EngineError>(())
    };
    let stderr = async {
        let (mut errors, mut tail) = (Pipe::new(errors, &ended), Tail::default());
        while let Some(piece) = errors.next().await.map_err(failed)? {
            tail.push(piece);
        }
        Ok(tail.text())
    };
    let end = async {
        let status = child.wait().await.map_err(failed)?;
        // The agent's end is the phase's: whatever it left running goes too, and with it the other ends of the pipes.
        group.kill();
        kill_stragglers(scratch);
        ended.cancel();
        Ok(status)
    };
    let read = async { tokio::try_join!(stdout, stderr, end) };
    let ((), stderr, status) = tokio::select! {
        never = feed => match never {},
        read = read => read?,
    };
    Ok(PhaseEnd { code: code(status), oom_killed: false, stderr, kept: None })
}

/// One of the agent's pipes.
struct Pipe<'a, R> {
    reader: R,
    buffer: Vec<u8>,
    ended: &'a CancellationToken,
}

impl<'a, R: AsyncRead + Unpin> Pipe<'a, R> {
    fn new(reader: R, ended: &'a CancellationToken) -> Self {
        Self { reader, buffer: vec![0; PIECE], ended }
    }

    /// The next bytes; `None` at the end, or when nothing comes any more from a pipe that somebody keeps open after the
    /// agent's end.
    async fn next(&mut self) -> std::io::Result<Option<&[u8]>> {
        let abandoned = async {
            self.ended.cancelled().await;
            tokio::time::sleep(DRAIN).await;
        };
        let length = tokio::select! {
            biased;
            length = self.reader.read(&mut self.buffer) => length?,
            () = abandoned => 0,
        };
        Ok(self.buffer.get(..length).filter(|piece| !piece.is_empty()))
    }
}

/// Whether this user may write what is in an environment store. One of another user serves nobody else: each cell would find
/// that out for itself, at a place that says nothing to people.
fn writable(root: &Path) -> Result<(), EngineError> {
    use rustix::fs::{Access, access};

    let folders = ["", "envs", "packages", "uv-cache"].map(|name| root.join(name));
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        let writes = access(folder, Access::WRITE_OK | Access::EXEC_OK);
        writes.map_err(|errno| io(format!("write to the environment store {}", folder.display()), errno.into()))?;
    }
    Ok(())
}

/// Writes a file of the store unless it is there with the same content; it appears whole or not at all.
async fn put(path: &Path, file: &StoreFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    if tokio::fs::read(path).await.is_ok_and(|content| content == file.content) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".part-{}", std::process::id()));
    tokio::fs::write(&partial, &file.content).await?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    tokio::fs::set_permissions(&partial, std::fs::Permissions::from_mode(mode)).await?;
    tokio::fs::rename(&partial, path).await
}

/// Exit code; 128 + n for signal n.
fn code(status: ExitStatus) -> i64 {
    use std::os::unix::process::ExitStatusExt;

    status.code().or_else(|| status.signal().map(|signal| 128 + signal)).map_or(-1, i64::from)
}

fn missing(python: PythonVersion) -> Missing {
    Missing {
        message: format!(
            "no working CPython {python} on PATH, below pyenv's versions or /opt/python, or among uv's; `python:` in matrix.yaml can name another"
        ),
        hint: format!("uv python install {python}"),
    }
}

fn io(action: String, source: std::io::Error) -> EngineError {
    EngineError::Io { action, source }
}
