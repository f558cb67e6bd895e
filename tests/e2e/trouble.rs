//! Trouble of the machine, the network, the packages: each has its own name, and none is taken for another.

use std::{
    io::Write as _,
    os::unix::process::CommandExt,
    process::{Command, Stdio},
};

use crate::{
    project::{PYTHON, Project, UV, cell, ended, eventually, states, status, text},
    support::{index::IndexServer, wheels::Wheel},
    tour::INDEX,
};

const MATRIX: &str = "axes: {alpha: [\"1.1\"]}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";

fn project(server: &IndexServer) -> Project {
    Project::new(server, MATRIX).scenario("one", "x = 1\n")
}

/// A package that needs others.
fn alpha(requires: &[&str]) -> IndexServer {
    let alpha = Wheel::new("alpha", "1.1").file("alpha/__init__.py", "");
    IndexServer::start([requires.iter().fold(alpha, |wheel, requirement| wheel.requires(requirement))])
}

/// An address where nobody listens.
fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/simple", listener.local_addr().unwrap())
}

#[test]
fn a_missing_interpreter_leaves_its_cells_not_run_and_says_what_to_do() {
    let project = project(&INDEX);
    let mut command = project.command(&["run"]);
    // Wherever interpreters are looked for there are none.
    let empty = project.path("empty");
    let run = ended(command.env("PATH", &*UV).env("HOME", &empty).env("PYENV_ROOT", &empty)).exits(3);
    let results = project.results();
    assert_eq!(states(&results), ["alpha-1.1 not-run"]);
    assert_eq!(results["run"]["complete"], false);
    let hint = format!("uv python install {}", *PYTHON);
    assert_eq!(cell(&results, "alpha-1.1")["hint"], hint.as_str());
    assert!(run.stdout.contains(&hint) && run.stdout.contains("INCOMPLETE: 1 cell not run"), "{}", run.stdout);
    project.skew(&["report"]).exits(3);
}

#[test]
fn a_shim_that_fails_is_skipped_for_the_newest_that_pyenv_has() {
    let project = project(&INDEX);
    let named = format!("python{}", *PYTHON);
    let program = Command::new("python3").args(["-I", "-c", "import sys; print(sys.executable)"]).output().unwrap();
    let program = String::from_utf8(program.stdout).unwrap();
    project.write("shims/python", "#!/bin/sh\necho \"$0: version is not installed\" >&2\nexit 127\n");
    let shim = project.path("shims").join(&named);
    std::fs::rename(project.path("shims/python"), &shim).unwrap();
    std::fs::set_permissions(&shim, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for version in ["9", "10"] {
        let folder = project.path(&format!("pyenv/versions/{}.{version}/bin", *PYTHON));
        std::fs::create_dir_all(&folder).unwrap();
        let script = format!("#!/bin/sh\necho {version} >> {}\nexec {} \"$@\"\n", project.path("asked").display(), program.trim());
        std::fs::write(folder.join(&named), script).unwrap();
        std::fs::set_permissions(folder.join(&named), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let mut command = project.command(&["doctor"]);
    let path = std::env::join_paths([project.path("shims"), UV.clone()]).unwrap();
    ended(command.env("PATH", path).env("PYENV_ROOT", project.path("pyenv"))).exits(0);
    assert_eq!(std::fs::read_to_string(project.path("asked")).unwrap(), "10\n");
}

#[test]
fn an_index_that_nobody_serves_is_infrastructure() {
    let mut project = project(&INDEX);
    project.use_index(&nowhere());
    for command in ["run", "plan"] {
        project.skew(&[command]).exits(3).says(&["could not be asked", "help: is the network up?"]);
    }
    assert!(!project.ran());
    project.skew(&["plan", "--offline"]).exits(3).says(&["offline, and", "is not in the cache"]);
}

#[test]
fn an_index_that_fails_during_the_install_says_nothing_about_the_cell() {
    let server = IndexServer::start([Wheel::new("alpha", "1.1").file("alpha/__init__.py", "served = 'badly'\n")]);
    server.refuse_files(503);
    let project = project(&server);
    let run = project.skew(&["run"]).exits(3);
    let results = project.results();
    assert_eq!(states(&results), ["alpha-1.1 infra"]);
    assert!(text(&cell(&results, "alpha-1.1")["cause"]).contains("503"), "{results}");
    assert_eq!(status(&results, "one", "alpha-1.1"), "infra");
    assert!(run.stdout.contains("No answer  says nothing about compatibility"), "{}", run.stdout);
}

#[test]
fn connections_that_break_off_during_the_install_say_nothing_about_the_cell() {
    let server = IndexServer::start([Wheel::new("alpha", "1.1").file("alpha/__init__.py", "served = 'in part'\n")]);
    server.cut_files();
    let project = project(&server);
    ended(project.command(&["run", "--retries=1"]).env("UV_HTTP_RETRIES", "1")).exits(3);
    assert!(server.requests().iter().any(|seen| seen.path.starts_with("/files/alpha-1.1") && seen.status == 0), "{:?}", server.requests());
    assert_eq!(states(&project.results()), ["alpha-1.1 infra"]);
    server.heal();
    project.skew(&["run"]).exits(0);
    assert_eq!(states(&project.results()), ["alpha-1.1 ran"]);
}

#[test]
fn an_index_that_dies_after_the_plan_is_never_unresolvable() {
    let server = IndexServer::start([Wheel::new("alpha", "1.1").requires("helper").file("alpha/__init__.py", "")]);
    // Planned once, so that the second run plans from its cache.
    let mut project = project(&server);
    project.skew(&["plan"]).exits(0);
    let address = server.url();
    project.use_index(&address);
    drop(server);
    project.skew(&["run"]).exits(3);
    assert_eq!(states(&project.results()), ["alpha-1.1 infra"]);
}

#[test]
fn a_requirement_that_does_not_exist_makes_a_cell_unresolvable() {
    let server = alpha(&["delta>=1"]);
    let project = project(&server);
    let run = project.skew(&["run"]).exits(0);
    let results = project.results();
    assert_eq!(states(&results), ["alpha-1.1 unresolvable"]);
    assert!(text(&cell(&results, "alpha-1.1")["cause"]).contains("delta"), "{results}");
    assert!(run.stdout.contains("1 unresolvable"), "{}", run.stdout);
}

#[test]
fn a_requirement_that_does_not_build_makes_a_cell_install_failed() {
    let server = alpha(&["broken"]);
    let backend = "def build_wheel(*_):\n    raise SystemExit('the compiler is missing')\n";
    server.add(Wheel::source("broken", "1.0").file("backend.py", backend));
    let project = project(&server);
    project.skew(&["run"]).exits(0);
    let results = project.results();
    assert_eq!(states(&results), ["alpha-1.1 install-failed"]);
    assert!(text(&cell(&results, "alpha-1.1")["cause"]).contains("broken"), "{results}");
}

#[test]
fn a_file_that_is_not_what_the_index_promised_is_not_installed() {
    let server = IndexServer::start([Wheel::new("alpha", "1.1").file("alpha/__init__.py", "served = 'wrongly'\n")]);
    server.corrupt_files();
    let project = project(&server);
    project.skew(&["run"]).exits(3);
    let results = project.results();
    assert_eq!(states(&results), ["alpha-1.1 infra"]);
    assert!(text(&cell(&results, "alpha-1.1")["cause"]).contains("Failed to download `alpha==1.1`"), "{results}");
}

#[test]
fn a_docker_daemon_that_is_not_there_is_infrastructure() {
    let project = project(&INDEX);
    let docker = |engine: &str| {
        let mut command = project.command(&["run", "--engine", engine]);
        ended(command.env("DOCKER_HOST", "unix:///nonexistent/docker.sock"))
    };
    docker("docker")
        .exits(3)
        .says(&["no Docker daemon answers at unix:///nonexistent/docker.sock", "help: start the daemon, set DOCKER_HOST"]);
    assert!(!project.ran());
    let local = docker("auto").exits(0);
    let why = local.stderr.lines().find(|line| line.contains("Engine local: ")).unwrap();
    assert!(why.contains("docker cannot be used (no Docker daemon answers"), "{why}");
}

/// The program in a file system of its own at `.skew`; `None` where users may not mount.
fn with_mount(project: &Project, options: &str) -> Option<Command> {
    in_namespace(project, &format!("mount -t tmpfs -o {options} tmpfs .skew && exec {} run", env!("CARGO_BIN_EXE_skew")))
}

/// A script that may mount things, in a project; `None` where users may not.
pub(crate) fn in_namespace(project: &Project, script: &str) -> Option<Command> {
    std::fs::create_dir_all(project.path(".skew")).unwrap();
    let namespace = ["--user", "--map-root-user", "--mount"];
    let may = Command::new("unshare").args(namespace).args(["mount", "-t", "tmpfs", "tmpfs", "/tmp"]).stderr(Stdio::null()).status();
    if !may.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("CI").is_none(), "CI has to allow `unshare --user --mount`: the tests of full disks need it");
        // Not by the macro, whose words the test runner keeps to itself when a test passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED: users may not mount here, so full and read-only disks were not tested");
        return None;
    }
    let program = project.command(&["run"]);
    let mut command = Command::new("unshare");
    command.args(namespace).args(["sh", "-c", script]).current_dir(project.path(".")).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Some(command)
}

#[test]
fn a_full_disk_is_told_as_such() {
    let project = project(&INDEX);
    let Some(mut command) = with_mount(&project, "size=96k") else { return };
    ended(&mut command).exits(3).says(&["help: is the disk full, or the folder read-only?"]);
}

#[test]
fn a_read_only_folder_is_told_as_such() {
    let project = project(&INDEX);
    let Some(mut command) = with_mount(&project, "ro") else { return };
    ended(&mut command).exits(3).says(&["cannot open .skew/", "help: is the disk full, or the folder read-only?"]);
}

#[test]
fn one_folder_is_for_one_run_at_a_time() {
    let project = project(&INDEX);
    let project = project.scenario("waits", "import pathlib, time\npathlib.Path('ready').touch()\ntime.sleep(600)\n");
    let first = project.start(&["run"]);
    project.wait_for("ready");
    project.skew(&["run"]).exits(2).says(&["another skew is running with .skew/lock", "help: wait for it, or stop it"]);
    // What is there can be looked at meanwhile.
    let report = project.skew(&["report"]).exits(3);
    assert!(report.stdout.contains("INCOMPLETE"), "{}", report.stdout);
    first.signal(rustix::process::Signal::INT);
    assert_eq!(first.end().code, Some(130));
}

#[test]
fn clean_removes_the_cache_when_asked_to() {
    let mut project = project(&INDEX);
    project.cache = project.path("cache");
    project.skew(&["run"]).exits(0);
    project.skew(&["clean", "--engine=local"]).exits(0).says(&["nothing was left behind"]);
    assert!(project.cache.join("envs").exists());
    let cleaned = project.skew(&["clean", "--engine=local", "--cache"]).exits(0);
    assert!(cleaned.stdout.starts_with("environment store "), "{}", cleaned.stdout);
    assert!(!project.cache.exists());
}

#[test]
fn a_folder_that_is_no_cache_is_not_removed() {
    let mut project = project(&INDEX);
    project.cache = project.path("scenarios");
    let cleaned = project.skew(&["clean", "--engine=local", "--cache"]).exits(3);
    cleaned.says(&["CACHEDIR.TAG"]);
    assert!(project.path("scenarios/one.py").exists());
}

#[test]
fn a_closed_standard_output_does_not_stop_a_run() {
    let project = project(&INDEX);
    let mut command = project.command(&["run"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let run = ended(command.process_group(0).stdout(writer)).exits(0);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    eventually("the run to be stored", || project.results()["run"]["complete"] == true);
}
