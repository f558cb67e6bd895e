//! The room that environments take: the cache keeps within its limit while a run goes on, and a disk does not fill.

use std::{
    fs,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::{
    project::{Project, states},
    support::{index::IndexServer, wheels::Wheel},
};

/// Eight versions of a package.
static INDEX: LazyLock<IndexServer> = LazyLock::new(|| {
    IndexServer::start(
        (0..8).map(|minor| Wheel::new("alpha", &format!("1.{minor}")).file("alpha/__init__.py", &format!("minor = {minor}\n"))),
    )
});

/// All of them, in a cache of its own.
fn project(cache: &str) -> Project {
    let versions: Vec<String> = (0..8).map(|minor| format!("\"1.{minor}\"")).collect();
    let matrix = format!("axes: {{alpha: [{}]}}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\ncache: {cache}\n", versions.join(", "));
    let mut project = Project::new(&INDEX, &matrix).scenario("one", "import alpha\nx = alpha.minor\n");
    project.cache = project.path("cache");
    project
}

fn environments(project: &Project) -> usize {
    let entries = std::fs::read_dir(project.cache.join("envs")).unwrap().flatten();
    entries.filter(|entry| entry.path().join(".skew-complete").exists()).count()
}

#[test]
fn a_run_removes_the_environments_that_it_no_longer_uses_when_the_cache_is_full() {
    let limited = project("{limit: 1MiB}");
    // The installer alone is larger: nothing stays but what is in use, was asked for last, or was made after that.
    limited.skew(&["run", "--jobs=1"]).exits(0);
    let all: Vec<String> = (0..8).map(|minor| format!("alpha-1.{minor} ran")).collect();
    assert_eq!(states(&limited.results()), all);
    assert!(environments(&limited) <= 5, "{} environments", environments(&limited));
    // What the installer kept of them went too, and is fetched again.
    limited.skew(&["run", "--jobs=2", "--fresh"]).exits(0);
    assert_eq!(states(&limited.results()), all);

    let unlimited = project("{limit: 10GiB}");
    unlimited.skew(&["run"]).exits(0);
    assert_eq!(environments(&unlimited), 8);
}

#[test]
fn a_disk_that_would_fill_makes_a_run_incomplete_and_says_what_to_clean() {
    let project = project("{min_free_disk: 900TiB}");
    let run = project.skew(&["run"]).exits(3);
    for told in [" free, ", "min_free_disk is 921600.0 GiB: remove", "skew clean --cache"] {
        assert!(run.stdout.contains(told), "{}", run.stdout);
    }
    assert!(run.stdout.contains("INCOMPLETE"), "{}", run.stdout);
    assert!(states(&project.results()).iter().all(|state| state.ends_with(" infra")), "{}", run.stdout);
    project.skew(&["report", "--format", "compact"]).exits(3);
}

/// Bytes of memory that the processes of a project's scratch use together, pages that several share counted once.
fn memory(project: &Project) -> u64 {
    let scratch = format!("SKEW_WORK={}", project.path("tmp").display());
    let processes = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let ours = processes.filter(|path| fs::read(path.join("environ")).is_ok_and(|text| String::from_utf8_lossy(&text).contains(&scratch)));
    let used = ours.filter_map(|path| {
        let text = fs::read_to_string(path.join("smaps_rollup")).ok()?;
        text.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok())
    });
    1024 * used.sum::<u64>()
}

/// Bytes on disk of a folder, those of a file with several names once.
fn disk(folder: &std::path::Path) -> u64 {
    let output = std::process::Command::new("du").args(["--summarize", "--block-size=1"]).arg(folder).output().unwrap();
    String::from_utf8_lossy(&output.stdout).split_whitespace().next().unwrap().parse().unwrap()
}

/// Two at a time, each allowed 256 MiB and using 120; 200 releases with a megabyte each, in a cache of 120 MiB, 60 of which are
/// the installer.
#[test]
#[ignore = "takes two minutes or more"]
fn two_hundred_cells_stay_within_the_memory_and_the_disk_that_they_are_given() {
    const MIB: u64 = 1 << 20;
    let megabyte = "# x\n".repeat(1 << 18);
    let wheels =
        (0..200).map(|minor| Wheel::new("alpha", &format!("1.{minor}")).file("alpha/__init__.py", &format!("minor = {minor}\n{megabyte}")));
    let index = IndexServer::start(wheels);
    let matrix =
        "axes: {alpha: \">=1\"}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\nlimits: {memory: 256MiB}\ncache: {limit: 120MiB}\n";
    let scenario = "import alpha, time\nx = alpha.minor\n_used = bytearray(120 << 20)\ntime.sleep(0.1)\n";
    let mut project = Project::new(&index, matrix).scenario("one", scenario);
    project.cache = project.path("cache");
    let over = AtomicBool::new(false);
    let (most_memory, most_disk) = std::thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let (mut most_memory, mut most_disk) = (0, 0);
            while !over.load(Ordering::Relaxed) {
                most_memory = most_memory.max(memory(&project));
                most_disk = most_disk.max(if project.cache.exists() { disk(&project.cache) } else { 0 });
                std::thread::sleep(Duration::from_millis(250));
            }
            (most_memory, most_disk)
        });
        let run = project.skew(&["run", "--jobs=2"]);
        over.store(true, Ordering::Relaxed);
        run.exits(0);
        watcher.join().unwrap()
    });
    let results = project.results();
    assert_eq!(states(&results).iter().filter(|state| state.ends_with(" ran")).count(), 200);
    let _ = std::io::Write::write_fmt(
        &mut std::io::stderr(),
        format_args!("at most {} MiB of memory and {} MiB of disk\n", most_memory / MIB, most_disk / MIB),
    );
    assert!(most_memory > 100 * MIB && most_memory <= 2 * 256 * MIB, "{} MiB of memory", most_memory / MIB);
    // The limit, and what two cells install at that moment.
    assert!(most_disk > 60 * MIB && most_disk <= (120 + 2 * 8) * MIB, "{} MiB of disk", most_disk / MIB);
}
