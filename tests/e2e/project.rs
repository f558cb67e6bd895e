//! Folders with a matrix, and the program run in them.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{LazyLock, OnceLock},
    time::{Duration, Instant},
};

use serde_json::Value;
use skew::{environment, index::Index};
use tempfile::TempDir;

use crate::support::index::IndexServer;

/// The interpreter of these tests, `3.11`: the one that `python3` is.
pub(crate) static PYTHON: LazyLock<String> = LazyLock::new(|| {
    let question = "import sys; print('%d.%d' % sys.version_info[:2])";
    let output = Command::new("python3").args(["-I", "-c", question]).output().expect("these tests need a python3 on PATH");
    let answer = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let supported = skew::matrix::PythonVersion::SUPPORTED.iter().any(|version| version.to_string() == answer);
    assert!(supported, "python3 on PATH is {answer:?}, which skew does not support");
    answer
});

/// A folder whose only program is uv. Where neither `SKEW_TEST_UV` nor PATH nor the user's cache has the pinned one, it
/// is fetched from the user's package index, once.
pub(crate) static UV: LazyLock<PathBuf> = LazyLock::new(|| {
    // A program can't be started while somebody who writes it is being forked: nothing else may be started meanwhile.
    LazyLock::force(&PYTHON);
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let bytes = if let Some(path) = std::env::var_os("SKEW_TEST_UV") {
        fs::read(&path).unwrap_or_else(|error| panic!("SKEW_TEST_UV={}: {error}", path.display()))
    } else {
        let users = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/skew"));
        let pinned = format!("{}-{}", environment::store_path().trim_end_matches("/uv"), std::env::consts::ARCH);
        let folder = users.filter(|folder| folder.join(&pinned).is_file()).unwrap_or_else(|| kept.join("cache"));
        let index = Index::from_environment(&folder, false).expect("the settings of the user's package index");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let binary = runtime.block_on(environment::binary(&index, std::env::consts::ARCH, &folder));
        binary.expect("these tests need uv: on PATH, by SKEW_TEST_UV, or from the package index")
    };
    let folder = kept.join(format!("uv-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("uv"), bytes).unwrap();
    fs::set_permissions(folder.join("uv"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    folder
});

/// A cache that all projects of this test run share, as those of one user do. Like everything that is kept in a static,
/// which is never dropped, it is removed by the next test run.
static CACHE: LazyLock<PathBuf> = LazyLock::new(|| {
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for entry in fs::read_dir(kept).into_iter().flatten().flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        let mut parts = name.split('-');
        let ours = parts.next().is_some_and(|what| ["cache", "uv", "project"].contains(&what));
        let process = parts.next().and_then(|process| process.parse::<u32>().ok()).filter(|_| ours);
        if process.is_some_and(|process| !Path::new(&format!("/proc/{process}")).exists()) {
            // Another test run may be at it.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    kept.join(format!("cache-{}", std::process::id()))
});

/// A folder with a matrix, a temporary folder of its own, and a package index.
pub(crate) struct Project {
    folder: TempDir,
    index: String,
    pub(crate) cache: PathBuf,
}

/// How the program ended, and what it said.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    /// Insists on an exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Insists on texts in what it said to people.
    #[track_caller]
    pub(crate) fn says(self, texts: &[&str]) -> Self {
        for text in texts {
            assert!(self.stderr.contains(text), "{text:?} is not in\n{}", self.stderr);
        }
        self
    }
}

impl Project {
    /// A project whose packages come from `server`. In the matrix, PYTHON stands for this machine's interpreter.
    pub(crate) fn new(server: &IndexServer, matrix: &str) -> Self {
        let folder = TempDir::with_prefix_in(format!("project-{}-", std::process::id()), env!("CARGO_TARGET_TMPDIR")).unwrap();
        fs::create_dir(folder.path().join("tmp")).unwrap();
        // The root of a repository: no matrix is looked for above.
        fs::create_dir(folder.path().join(".git")).unwrap();
        let project = Self { folder, index: server.url(), cache: CACHE.clone() };
        project.write("matrix.yaml", &matrix.replace("PYTHON", &PYTHON));
        project
    }

    /// Writes a scenario.
    pub(crate) fn scenario(self, name: &str, text: &str) -> Self {
        self.write(&format!("scenarios/{name}.py"), text);
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        let path = self.path(name);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Takes packages from another index from now on.
    pub(crate) fn use_index(&mut self, url: &str) {
        url.clone_into(&mut self.index);
    }

    /// The program with arguments, in an environment that is the same on every machine.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skew"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        let foreign = |name: &OsString| {
            let name = name.to_string_lossy();
            let prefixes = ["SKEW_", "UV_", "PIP_", "DOCKER_", "LC_", "GITHUB_"];
            let names = ["NO_COLOR", "CLICOLOR_FORCE", "CI", "TERM", "LANG", "VIRTUAL_ENV", "COLUMNS"];
            let lower = name.to_ascii_lowercase();
            lower.ends_with("_proxy") || names.contains(&name.as_ref()) || prefixes.iter().any(|prefix| name.starts_with(prefix))
        };
        for (name, _) in std::env::vars_os().filter(|(name, _)| foreign(name)) {
            command.env_remove(name);
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(UV.clone()).chain(std::env::split_paths(&path))).unwrap();
        command.env("PATH", path).env("TMPDIR", self.path("tmp")).env("COLUMNS", "100");
        command.env("SKEW_CACHE_DIR", &self.cache).env("UV_DEFAULT_INDEX", &self.index);
        // Trouble is injected to be seen, not to be waited for.
        command.env("SKEW_RETRIES", "0");
        command
    }

    /// Runs the program to its end.
    pub(crate) fn skew(&self, arguments: &[&str]) -> Ended {
        ended(&mut self.command(arguments))
    }

    /// Starts the program with its streams kept.
    pub(crate) fn start(&self, arguments: &[&str]) -> Started {
        Started::new(&mut self.command(arguments))
    }

    /// The report of the newest run.
    pub(crate) fn results(&self) -> Value {
        let report = self.skew(&["report", "--format", "json"]);
        serde_json::from_str(&report.stdout).unwrap_or_else(|error| panic!("{error}: {report:?}"))
    }

    /// Whether a run was ever begun here.
    pub(crate) fn ran(&self) -> bool {
        !self.skew(&["report"]).stderr.contains("no run is stored")
    }

    /// Scratch folders that are there.
    pub(crate) fn scratch(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("tmp")).unwrap().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.to_string_lossy().contains("/skew-")).collect()
    }

    /// Waits until a scenario has written a file of this name into its own folder, where alone it may write; its path.
    pub(crate) fn wait_for(&self, name: &str) -> PathBuf {
        let mut found = None;
        eventually(&format!("{name} to be written"), || {
            found = file_below(&self.path("tmp"), name);
            found.is_some()
        });
        found.unwrap()
    }
}

/// A file of this name in a folder or below.
fn file_below(folder: &Path, name: &str) -> Option<PathBuf> {
    let entries: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    let here = entries.iter().find(|path| path.file_name().is_some_and(|known| known == name)).cloned();
    here.or_else(|| entries.iter().filter(|path| path.is_dir() && !path.is_symlink()).find_map(|path| file_below(path, name)))
}

/// Runs a command to its end.
pub(crate) fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

/// The program while it runs; killed when dropped.
pub(crate) struct Started {
    child: Child,
}

impl Started {
    pub(crate) fn new(command: &mut Command) -> Self {
        Self { child: command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap() }
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for its end, but not for ever.
    pub(crate) fn end(mut self) -> Ended {
        let text = |stream: &mut dyn std::io::Read| {
            let mut text = String::new();
            stream.read_to_string(&mut text).expect("UTF-8");
            text
        };
        let (mut out, mut err) = (self.child.stdout.take().unwrap(), self.child.stderr.take().unwrap());
        let (stdout, stderr) = std::thread::scope(|scope| {
            let (stdout, stderr) = (scope.spawn(move || text(&mut out)), scope.spawn(move || text(&mut err)));
            let mut status = None;
            eventually("the program to end", || {
                status = self.child.try_wait().unwrap();
                status.is_some()
            });
            (stdout.join().unwrap(), stderr.join().unwrap())
        });
        Ended { code: self.child.wait().unwrap().code(), stdout, stderr }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.child.kill().unwrap();
            self.child.wait().unwrap();
        }
    }
}

/// Waits for something that has to happen soon.
#[track_caller]
pub(crate) fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !happened() {
        assert!(Instant::now() < end, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Processes whose command line or variables hold a text; this one aside.
pub(crate) fn processes_with(text: &str) -> Vec<String> {
    let own = std::process::id().to_string();
    let entries = fs::read_dir("/proc").unwrap().flatten();
    let processes = entries.filter(|entry| entry.file_name().to_string_lossy().parse::<u32>().is_ok() && *entry.file_name() != *own);
    let all = processes.map(|entry| {
        let read = |name: &str| String::from_utf8_lossy(&fs::read(entry.path().join(name)).unwrap_or_default()).replace('\0', " ");
        (entry.file_name().to_string_lossy().into_owned(), read("cmdline"), read("environ"))
    });
    let found = all.filter(|(_, line, variables)| line.contains(text) || variables.contains(text));
    found.map(|(process, line, _)| format!("{process}: {line}")).collect()
}

/// The cell with this id.
#[track_caller]
pub(crate) fn cell<'a>(results: &'a Value, id: &str) -> &'a Value {
    let cells = results["cells"].as_array().unwrap();
    cells.iter().find(|cell| cell["id"] == id).unwrap_or_else(|| panic!("no cell {id} in {cells:?}"))
}

/// `state` of every cell, in order.
pub(crate) fn states(results: &Value) -> Vec<String> {
    results["cells"].as_array().unwrap().iter().map(|cell| format!("{} {}", text(&cell["id"]), text(&cell["state"]))).collect()
}

/// The verdicts of one observation, in the order of cells; `-` where there is none.
#[track_caller]
pub(crate) fn verdicts(results: &Value, scenario: &str, observation: &str) -> Vec<String> {
    let scenarios = results["scenarios"].as_array().unwrap();
    let found = scenarios.iter().find(|candidate| candidate["name"] == scenario).unwrap_or_else(|| panic!("no scenario {scenario}"));
    let observations = found["observations"].as_array().unwrap();
    let found = observations.iter().find(|candidate| candidate["name"] == observation);
    let found = found.unwrap_or_else(|| panic!("no observation {observation} among {observations:?}"));
    found["verdicts"].as_array().unwrap().iter().map(|verdict| verdict.as_str().unwrap_or("-").to_owned()).collect()
}

/// How a scenario ended in a cell.
pub(crate) fn status(results: &Value, scenario: &str, cell: &str) -> String {
    let scenarios = results["scenarios"].as_array().unwrap();
    let outcomes =
        scenarios.iter().filter(|candidate| candidate["name"] == scenario).flat_map(|found| found["outcomes"].as_array().unwrap());
    outcomes.filter(|outcome| outcome["cell"] == cell).map(|outcome| text(&outcome["status"])).collect::<Vec<_>>().join(", ")
}

/// A JSON string.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// Compares snapshots with what differs between machines and runs left out.
pub(crate) fn redacted(assertion: impl FnOnce()) {
    static FILTERS: OnceLock<Vec<(String, String)>> = OnceLock::new();
    let filters = FILTERS.get_or_init(|| {
        let python = PYTHON.replace('.', r"\.");
        [
            (r"\d{8}T\d{6}Z-\d+", "RUN"),
            (r#""(started|finished)":\s*"[^"]*""#, r#""$1": "TIME""#),
            (r"(baseline .*[ ,] )\d{4}-\d\d-\d\d", "${1}DATE"),
            (r"(Baseline .*, )\d{4}-\d\d-\d\d", "${1}DATE"),
            (r"\[\d[\d.]*( s|m \d+s)\]", "[DURATION]"),
            (r"(?m)(after|dependencies as of \S+,) \d[\d.]*( s|m \d+s)", "$1 DURATION"),
            (r"\d+ MiB at most", "SIZE at most"),
            (r"(?ms)^  stderr .*?\n\n", "  stderr     STDERR\n\n"),
            (r#""(seconds|max_rss)":\s*[\d.]+"#, r#""$1": 0"#),
            (r#""(cpu|machine)":\s*"[^"]*""#, r#""$1": "HOST""#),
            (r#""(cpu_features|caveats)":\s*\[[^\]]*\]"#, r#""$1": []"#),
            (r"  Caveat  (.*\n)+?  Next", "  Caveat     CAVEATS\n  Next"),
            (r#""[0-9a-f]{16}""#, r#""RANDOM""#),
            (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        ]
        .into_iter()
        .map(|(pattern, with)| (pattern.to_owned(), with.to_owned()))
        .chain([(format!(r"\b{python}(\.\d+)?\b"), "3.N".to_owned())])
        .collect()
    });
    let mut settings = insta::Settings::clone_current();
    for (pattern, with) in filters {
        settings.add_filter(pattern, with);
    }
    settings.bind(assertion);
}
