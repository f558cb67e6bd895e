//! What happens to containers from outside: the run goes on, or the next one does.

use std::{
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::Pid;

use crate::bench::{Bench, Engine, docker, wait};

/// Two cells, for scenarios of the fixtures' folder.
pub(crate) const MATRIX: &str = r#"
axes:
  six: ["1.15.0", "1.16.0"]
python: "3.11"
scenarios: [hostile]
repeats: 1
cache: {min_free_disk: 1MiB}
docker: {image: "skew-test/python:{python}"}
"#;

fn bench(name: &str) -> Option<Bench> {
    let bench = Bench::new(Engine::Docker, "3.11", name, MATRIX, &["zz_sober"])?;
    for number in 0..4 {
        bench.write(&format!("hostile/s{number}.py"), "import time\ntime.sleep(2)\nx = 1\n");
    }
    Some(bench)
}

#[test]
fn runs_in_containers_that_are_killed_are_continued_and_leave_nothing() {
    let Some(bench) = bench("killed") else { return };
    for number in 0..3 {
        let mut child = bench.start_as(&format!("{number}"));
        thread::sleep(Duration::from_millis(1500));
        child.kill().expect("it can be killed");
        child.wait().expect("it has ended");
    }
    let last = bench.run();
    assert_eq!(last.code, Some(0), "{}", last.stderr);
    assert!(last.results["run"]["reused"]["outcomes"].as_u64().is_some_and(|reused| reused >= 2), "{}", last.results["run"]);
    assert_eq!(last.left, Vec::<String>::new());
    for number in 0..3 {
        assert_eq!(bench.containers_of(&format!("{number}")), Vec::<String>::new());
    }
}

#[test]
fn a_container_removed_from_outside_is_made_again() {
    let Some(bench) = bench("removed") else { return };
    let mut child = bench.start();
    let containers =
        docker(&["ps", "--quiet", "--filter", &format!("label=skew.run={}", bench.id), "--filter", "label=skew.phase=execute"]);
    for container in containers.unwrap_or_default().lines() {
        docker(&["rm", "--force", container]);
    }
    assert_eq!(wait(&mut child, Duration::from_mins(2)), Some(0));
    let states: Vec<_> = bench.record().cells.iter().map(|cell| cell.facts.state.as_str()).collect();
    assert_eq!(states, ["ran", "ran"]);
    assert_eq!(bench.left(), Vec::<String>::new());
}

/// A volume on a small disk of its own, which only root can make; both go when it is dropped.
struct Disk {
    folder: tempfile::TempDir,
    volume: String,
}

impl Disk {
    #[expect(clippy::print_stdout, reason = "a skipped test says why")]
    fn new(volume: &str) -> Option<Self> {
        let disk = Self { folder: tempfile::tempdir().expect("a folder"), volume: volume.to_owned() };
        if !mount(&["-t", "tmpfs", "-o", "size=8m", "tmpfs", &disk.place()]) {
            assert!(std::env::var_os("CI").is_none(), "CI has to allow mounting: the test of a full volume needs it");
            println!("skipped: this user may not mount");
            return None;
        }
        let device = format!("device={}", disk.place());
        let options = ["--opt", "type=none", "--opt", "o=bind", "--opt", &device, "--label", "skew.cache=yes"];
        docker(&[&["volume", "create"], &options[..], &[volume]].concat()).expect("a volume");
        Some(disk)
    }

    fn place(&self) -> String {
        self.folder.path().display().to_string()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        docker(&["volume", "rm", "--force", &self.volume]);
        let _gone_either_way = Command::new("umount").arg(self.folder.path()).status();
    }
}

fn mount(arguments: &[&str]) -> bool {
    Command::new("mount").args(arguments).status().is_ok_and(|status| status.success())
}

#[test]
fn a_full_volume_is_infrastructure_and_the_next_run_goes_on() {
    let Some(bench) = bench("full") else { return };
    let Some(disk) = Disk::new(&format!("skew-test-{}", bench.id)) else { return };
    let volume = &disk.volume;
    // Nothing fits: nothing begins.
    let begun = bench.in_volume(volume, "none", &[]).output().expect("the program starts");
    // The first cell fits; for the second nothing is left.
    assert!(mount(&["-o", "remount,size=600m", &disk.place()]));
    let first = bench.in_volume(volume, "first", &["-k", "six:1.15"]).status().expect("the program starts");
    let filler = disk.folder.path().join("filler");
    let mut endless = std::fs::File::open("/dev/zero").expect("zeros");
    let written = std::fs::File::create(&filler).and_then(|mut file| std::io::copy(&mut endless, &mut file));
    let full = bench.finish(bench.in_volume(volume, "full", &[]));
    std::fs::remove_file(filler).expect("the filler");
    let next = bench.finish(bench.in_volume(volume, "next", &[]));
    let states =
        |finished: &crate::bench::Finished| -> Vec<_> { finished.record.cells.iter().map(|cell| cell.facts.state.as_str()).collect() };
    let told = String::from_utf8_lossy(&begun.stderr);
    assert!(begun.status.code() == Some(3) && told.contains("no space left on device") && told.contains("skew clean --cache"), "{told}");
    assert!(first.success() && written.is_err());
    assert_eq!((full.code, states(&full)), (Some(3), vec!["ran", "infra"]), "{}", full.stderr);
    assert_eq!((next.code, states(&next)), (Some(0), vec!["ran", "ran"]), "{}", next.stderr);
    assert_eq!(next.left, Vec::<String>::new());
}

/// One cell, by an image that is nobody else's.
fn alone(name: &str) -> Option<(Bench, Image)> {
    let image = Image(format!("skew-test/{name}-{}", std::process::id()));
    let matrix = MATRIX.replace("\"1.15.0\", ", "").replace("skew-test/python:{python}", &format!("{}:{{python}}", image.0));
    let bench = Bench::new(Engine::Docker, "3.11", name, &matrix, &["zz_sober"])?;
    for number in 0..4 {
        bench.write(&format!("hostile/s{number}.py"), "import time\ntime.sleep(2)\nx = 1\n");
    }
    image.make();
    Some((bench, image))
}

/// An image with a content of its own, so that nothing else keeps it; gone when it is dropped.
struct Image(String);

impl Image {
    fn make(&self) {
        let container = docker(&["create", "skew-test/python:3.11"]).expect("a container");
        let label = format!("LABEL skew.test={}", self.0);
        docker(&["commit", "--change", &label, &container, &format!("{}:3.11", self.0)]).expect("an image");
        docker(&["rm", &container]).expect("it can be removed");
    }

    fn delete(&self) {
        let name = format!("{}:3.11", self.0);
        // Whatever was made from it goes first.
        let containers = docker(&["ps", "--all", "--quiet", "--filter", &format!("ancestor={name}")]).unwrap_or_default();
        for container in containers.lines() {
            docker(&["rm", "--force", container]);
        }
        docker(&["rmi", "--force", &name]);
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        self.delete();
    }
}

/// What is promised of every run whose only cell met a fault: no answer, and nothing that looks like one.
fn gave_no_answer(bench: &Bench, code: Option<i32>, state: &str) {
    assert_eq!(code, Some(3));
    let record = bench.record();
    let states: Vec<_> = record.cells.iter().map(|cell| (cell.id.as_str(), cell.facts.state.as_str())).collect();
    assert_eq!(states, [("six-1.16.0", state)]);
    let report = bench.command(&["report"]).output().expect("the program starts");
    let told = String::from_utf8_lossy(&report.stdout).into_owned();
    assert_eq!(report.status.code(), Some(3), "{told}");
    assert!(told.contains("INCOMPLETE") && told.contains(&format!("six-1.16.0  {state}")), "{told}");
}

#[test]
fn an_image_that_is_deleted_while_a_run_goes_on_is_infrastructure() {
    let Some((bench, image)) = alone("deleted") else { return };
    let mut child = bench.start();
    image.delete();
    gave_no_answer(&bench, wait(&mut child, Duration::from_mins(2)), "infra");
    // Nobody can pull it either.
    let begin = |name: &str| {
        let mut command = bench.command(&["run", "-o", "json=results.json"]);
        command.env("SKEW_RUN_ID", format!("{}-{name}", bench.id));
        command
    };
    let missing = bench.finish(begin("missing"));
    gave_no_answer(&bench, missing.code, "not-run");
    assert!(missing.results["cells"][0]["hint"].as_str().is_some_and(|hint| hint.contains("docker.image")), "{}", missing.results);
    image.make();
    let last = bench.finish(begin("last"));
    assert_eq!((last.code, last.left), (Some(0), Vec::new()), "{}", last.stderr);
    let states: Vec<_> = last.record.cells.iter().map(|cell| cell.facts.state.as_str()).collect();
    assert_eq!(states, ["ran"]);
}

#[test]
fn a_volume_that_is_deleted_is_infrastructure_in_the_middle_and_nothing_between_runs() {
    let Some((bench, image)) = alone("volume") else { return };
    let volume = format!("skew-test-{}", bench.id);
    let begin = |name: &str| {
        let mut command = bench.command(&["run", "-o", "json=results.json", "--fresh"]);
        command.env("SKEW_DOCKER_VOLUME", &volume).env("SKEW_RUN_ID", format!("{}-{name}", bench.id));
        command
    };
    let mut child = bench.start_with(begin("middle"), &format!("{}-middle", bench.id));
    // A volume in use cannot be deleted, so its container goes first, and is not there again within the pause.
    let containers = docker(&["ps", "--all", "--quiet", "--filter", &format!("volume={volume}")]).unwrap_or_default();
    for container in containers.lines() {
        docker(&["rm", "--force", container]);
    }
    assert!(docker(&["volume", "rm", &volume]).is_some(), "the volume is used by somebody");
    let code = wait(&mut child, Duration::from_mins(2));
    let middle = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| gave_no_answer(&bench, code, "infra")));
    let next = bench.finish(begin("next"));
    let gone = docker(&["volume", "rm", &volume]);
    let after = bench.finish(begin("after"));
    docker(&["volume", "rm", &volume]);
    drop(image);
    middle.expect("no answer");
    assert!(gone.is_some());
    for finished in [next, after] {
        let states: Vec<_> = finished.record.cells.iter().map(|cell| cell.facts.state.as_str()).collect();
        assert_eq!((finished.code, states), (Some(0), vec!["ran"]), "{}", finished.stderr);
    }
    assert_eq!(["middle", "next", "after"].iter().flat_map(|name| bench.containers_of(name)).collect::<Vec<_>>(), Vec::<String>::new());
}

/// As after a reboot: nobody is there any more, and the daemon finds the containers of the last boot dead.
#[test]
#[ignore = "stops and starts the machine's Docker daemon"]
fn after_a_reboot_the_next_run_goes_on_and_removes_what_the_last_one_left() {
    let Some(bench) = bench("reboot") else { return };
    let mut child = bench.start_as("before");
    child.kill().expect("it can be killed");
    child.wait().expect("it has ended");
    assert_ne!(bench.containers_of("before"), Vec::<String>::new());
    restart();
    let last = bench.run();
    assert_eq!(last.code, Some(0), "{}", last.stderr);
    assert_eq!((last.left, bench.containers_of("before")), (Vec::new(), Vec::<String>::new()));
}

/// Run by itself, since every container of the machine goes down.
#[test]
#[ignore = "stops and starts the machine's Docker daemon"]
fn a_daemon_that_is_stopped_and_started_in_the_middle_costs_a_pause() {
    let Some(bench) = bench("daemon") else { return };
    let mut child = bench.start();
    restart();
    assert_eq!(wait(&mut child, Duration::from_mins(3)), Some(0));
    let states: Vec<_> = bench.record().cells.iter().map(|cell| cell.facts.state.as_str()).collect();
    assert_eq!(states, ["ran", "ran"]);
    assert_eq!(bench.left(), Vec::<String>::new());
}

/// Stops the daemon, and with it every container, and starts it again.
fn restart() {
    let (pid, command) = daemon().expect("a process called dockerd");
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("the daemon is ours to stop");
    until("the daemon to be gone", || daemon().is_none());
    thread::sleep(Duration::from_secs(1));
    // As it was started before, but not as a child that ends with this test.
    let log = std::fs::File::create(std::env::temp_dir().join("dockerd.log")).expect("a log");
    let started = Command::new("setsid").arg("--fork").args(command).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).status();
    assert!(started.is_ok_and(|status| status.success()), "the daemon does not start");
    until("the daemon to answer", || docker(&["version", "--format", "{{.Server.Version}}"]).is_some());
}

/// The daemon's process and its command line.
fn daemon() -> Option<(Pid, Vec<String>)> {
    std::fs::read_dir("/proc").expect("a list of processes").flatten().find_map(|entry| {
        let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
        let name = std::fs::read_to_string(entry.path().join("comm")).ok()?;
        let command = std::fs::read_to_string(entry.path().join("cmdline")).ok().filter(|command| !command.is_empty())?;
        let arguments = command.split_terminator('\0').map(str::to_owned).collect();
        (name.trim() == "dockerd").then_some((pid, arguments))
    })
}

fn until(what: &str, mut happened: impl FnMut() -> bool) {
    for _ in 0..120 {
        if happened() {
            return;
        }
        thread::sleep(Duration::from_millis(500));
    }
    panic!("waited in vain for {what}");
}
