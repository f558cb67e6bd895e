//! The room that environments take: the cache keeps within its limit while a run goes on, and a disk does not fill.

use std::sync::LazyLock;

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
