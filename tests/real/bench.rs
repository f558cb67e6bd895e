//! A project in a folder of its own, the program started in it, and what is left afterwards.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde_json::Value;
use skew::store::{Record, Store};
use tempfile::TempDir;

/// How long the program may take; a test that hangs says nothing.
const PATIENCE: Duration = Duration::from_mins(5);
/// A variable of whoever starts the program; scenarios must not see it.
pub(crate) const SECRET: &str = "SKEW_TEST_SECRET";
/// What lingering processes of the fixtures are called.
const LINGERING: [&str; 2] = ["sleep\u{0}31557", "sleep\u{0}31558"];

/// Which engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Containers.
    Docker,
    /// Processes.
    Local,
}

impl Engine {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Local => "local",
        }
    }
}

/// A project, made to be run by one engine.
pub(crate) struct Bench {
    folder: TempDir,
    pub(crate) id: String,
    engine: Engine,
    /// The limits of time of scenarios don't hold on a machine that does several of these runs at once.
    _alone: MutexGuard<'static, ()>,
}

/// What a run came to.
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stderr: String,
    /// `results.json`.
    pub(crate) results: Value,
    /// The store's facts.
    pub(crate) record: Record,
    /// What was left behind.
    pub(crate) left: Vec<String>,
}

impl Bench {
    /// A project with `matrix` and the named hostile scenarios (all of them, if none is named). `None` where the machine
    /// lacks what it takes; that is printed, or a panic where it was asked for.
    pub(crate) fn new(engine: Engine, python: &str, name: &str, matrix: &str, scenarios: &[&str]) -> Option<Self> {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("matrix.yaml"), matrix).expect("a matrix");
        std::fs::create_dir(folder.path().join("tmp")).expect("a folder for scratch");
        std::fs::create_dir(folder.path().join("hostile")).expect("a scenario folder");
        for (scenario, path) in fixtures() {
            if scenarios.is_empty() || scenarios.contains(&scenario.as_str()) {
                std::fs::copy(&path, folder.path().join("hostile").join(format!("{scenario}.py"))).expect("a copy");
            }
        }
        let bench = Self { folder, id: format!("{name}-{}-{}", engine.name(), std::process::id()), engine, _alone: alone };
        bench.can_run(python).then_some(bench)
    }

    #[expect(clippy::print_stdout, reason = "a skipped test says why")]
    fn can_run(&self, python: &str) -> bool {
        let image = format!("skew-test/python:{python}");
        let (reason, required) = match self.engine {
            Engine::Docker if docker(&["version"]).is_none() => ("no Docker daemon answers".to_owned(), docker_is_required()),
            Engine::Docker if docker(&["image", "inspect", &image]).is_none() => {
                (format!("there is no image {image}; make it with tests/images/build {python}"), docker_is_required())
            }
            Engine::Local if !has_interpreter(python) => {
                let pythons = std::env::var("SKEW_REQUIRE_PYTHONS").unwrap_or_default();
                (format!("there is no Python {python}"), pythons.split_whitespace().any(|required| required == python))
            }
            Engine::Docker | Engine::Local => match self.index_trouble() {
                Some(trouble) => (trouble, docker_is_required()),
                None => return true,
            },
        };
        assert!(!required, "{reason}");
        println!("skipped: {reason}");
        false
    }

    /// Why the package index can't be used.
    fn index_trouble(&self) -> Option<String> {
        let output = self.command(&["plan"]).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => None,
            Some(3) => Some(format!("the package index can't be used: {stderr}")),
            code => panic!("skew plan ended with {code:?}: {stderr}"),
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let path = |name: &str| std::env::var_os(name).map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"), PathBuf::from);
        let volume = std::env::var("SKEW_DOCKER_VOLUME").unwrap_or_else(|_| "skew-test-real".to_owned());
        let mut command = Command::new(env!("CARGO_BIN_EXE_skew"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SKEW_") {
                command.env_remove(name);
            }
        }
        command.args(arguments).args(["--engine", self.engine.name()]).current_dir(&self.folder);
        command.env("SKEW_CACHE_DIR", path("SKEW_CACHE_DIR")).env("SKEW_DOCKER_VOLUME", volume);
        command.env("SKEW_RUN_ID", &self.id).env("TMPDIR", self.scratch()).env(SECRET, "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs to the end.
    pub(crate) fn run(&self) -> Finished {
        self.finish(self.command(&["run", "-o", "json=results.json"]))
    }

    /// A run with an id and a volume of its own.
    pub(crate) fn in_volume(&self, volume: &str, name: &str, arguments: &[&str]) -> Command {
        let mut command = self.command(&[&["run", "--retries=0", "-o", "json=results.json"], arguments].concat());
        command.env("SKEW_DOCKER_VOLUME", volume).env("SKEW_RUN_ID", format!("{}-{name}", self.id));
        command
    }

    /// Lets a run come to its end.
    pub(crate) fn finish(&self, command: Command) -> Finished {
        let mut command = assert_cmd::Command::from_std(command);
        let output = command.timeout(PATIENCE).output().expect("the program starts");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        let results = std::fs::read(self.folder.path().join("results.json")).unwrap_or_default();
        let results = serde_json::from_slice(&results).unwrap_or_else(|error| panic!("no results.json: {error}\n{stderr}"));
        Finished { code: output.status.code(), stderr, results, record: self.record(), left: self.left() }
    }

    /// What the store holds of the last run.
    pub(crate) fn record(&self) -> Record {
        let store = Store::existing(&self.folder.path().join(".skew")).expect("a store");
        store.load(&store.latest().expect("a run")).expect("its facts")
    }

    /// The project's folder.
    pub(crate) fn project(&self) -> &Path {
        self.folder.path()
    }

    /// The host of the package index.
    pub(crate) fn index_host(&self) -> String {
        let index = skew::index::Index::from_environment(self.folder.path(), true).expect("the settings of the package index");
        let address = index.location().to_string();
        let host = address.split("//").nth(1).and_then(|rest| rest.split(['/', ':']).next());
        host.unwrap_or_default().to_owned()
    }

    /// Writes a file of the project.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Starts a run, and waits until a scenario of it runs.
    pub(crate) fn start(&self) -> Child {
        self.start_with(self.command(&["run"]), &self.id)
    }

    /// The same with an id of its own.
    pub(crate) fn start_as(&self, name: &str) -> Child {
        let id = format!("{}-{name}", self.id);
        let mut command = self.command(&["run"]);
        command.env("SKEW_RUN_ID", &id);
        self.start_with(command, &id)
    }

    /// The same by a command whose run has this id.
    pub(crate) fn start_with(&self, mut command: Command, id: &str) -> Child {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        let begun = Instant::now();
        while !self.executes(id) {
            assert!(begun.elapsed() < PATIENCE, "no scenario began");
            let ended = child.try_wait().expect("the program's state");
            assert!(ended.is_none(), "the program ended before a scenario began: {ended:?}");
            std::thread::sleep(Duration::from_millis(100));
        }
        // The zygote imports first.
        std::thread::sleep(Duration::from_secs(2));
        child
    }

    fn executes(&self, id: &str) -> bool {
        match self.engine {
            Engine::Docker => !containers(id, &["--filter", "label=skew.phase=execute", "--filter", "status=running"]).is_empty(),
            Engine::Local => self.scratches().any(|path| path.join("work/run").exists()),
        }
    }

    /// Everything of this project's runs that is still there.
    pub(crate) fn left(&self) -> Vec<String> {
        let scratch = self.scratches().map(|path| format!("scratch {}", path.display()));
        containers(&self.id, &["--all"]).into_iter().chain(scratch).chain(self.processes()).collect()
    }

    /// Folders that the program has made for its processes.
    fn scratches(&self) -> impl Iterator<Item = PathBuf> {
        std::fs::read_dir(self.scratch()).expect("a scratch folder").flatten().map(|entry| entry.path())
    }

    /// Containers of the run with this name that are there.
    pub(crate) fn containers_of(&self, name: &str) -> Vec<String> {
        containers(&format!("{}-{name}", self.id), &["--all"])
    }

    /// Processes that belong to this project's scratch, or are called as only the fixtures' are.
    fn processes(&self) -> Vec<String> {
        let scratch = self.scratch();
        let found = std::fs::read_dir("/proc").expect("a list of processes").flatten().filter_map(|entry| {
            let read = |name: &str| std::fs::read(entry.path().join(name)).map(|text| String::from_utf8_lossy(&text).into_owned());
            let (command, variables) = (read("cmdline").ok()?, read("environ").ok()?);
            let ours = variables.contains(&format!("SKEW_WORK={}", scratch.display()));
            let lingers = LINGERING.iter().any(|name| command.contains(name));
            (ours || lingers).then(|| format!("process {}", command.replace('\0', " ")))
        });
        found.collect()
    }

    fn scratch(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }
}

/// Containers of a run.
fn containers(id: &str, filters: &[&str]) -> Vec<String> {
    let label = format!("label=skew.run={id}");
    let names = docker(&[&["ps", "--filter", &label, "--format", "container {{.Names}}"], filters].concat());
    names.unwrap_or_default().lines().map(str::to_owned).collect()
}

/// Names and paths of the scenarios.
fn fixtures() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hostile");
    let entries = std::fs::read_dir(folder).expect("the fixtures").flatten().map(|entry| entry.path());
    entries.filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path))).collect()
}

fn docker_is_required() -> bool {
    std::env::var_os("SKEW_REQUIRE_DOCKER").is_some()
}

/// What `docker` prints.
pub(crate) fn docker(arguments: &[&str]) -> Option<String> {
    let output = Command::new("docker").args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether an interpreter is where the program looks for one.
fn has_interpreter(python: &str) -> bool {
    let name = format!("python{python}");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let pyenv = pyenv.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".pyenv")));
    let versions = pyenv.and_then(|root| std::fs::read_dir(root.join("versions")).ok()).into_iter().flatten().flatten();
    let mut folders = std::env::split_paths(&path).chain(versions.map(|entry| entry.path().join("bin")));
    folders.any(|folder| Command::new(folder.join(&name)).arg("--version").output().is_ok_and(|output| output.status.success()))
}

/// Waits at most so long until a process has ended; its exit code.
pub(crate) fn wait(child: &mut Child, patience: Duration) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the process's state") {
            return status.code();
        }
        if begun.elapsed() > patience {
            child.kill().expect("it can be killed");
            child.wait().expect("it has ended");
            panic!("still there after {patience:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
