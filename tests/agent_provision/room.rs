//! The store keeps within its limit, and its disk does not fill: what was used longest ago goes, what is used stays.

use std::{
    io::{BufRead, BufReader},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use skew::agent::{Event, Room};

use crate::{job, provision, provisioned, shared_bytecode, steps};

/// The digest of an environment of one package, made or found without any limit.
fn made(root: &Path, pin: &str) -> String {
    provisioned(&provision(root, job(&[pin]))).expect("it is there").digest.clone()
}

/// The environment of another package, made with so much room.
fn with_room(root: &Path, pin: &str, given: Room) -> Vec<Event> {
    let mut job = job(&[pin]);
    job.room = given;
    provision(root, job)
}

fn environment(root: &Path, digest: &str) -> Option<PathBuf> {
    let entries = std::fs::read_dir(root.join("envs")).expect("environments").flatten().map(|entry| entry.path());
    entries.into_iter().find(|path| path.is_dir() && path.to_string_lossy().ends_with(digest))
}

/// As if it had been used so long ago.
fn used_before(root: &Path, digest: &str, hours: u64) {
    let mark = environment(root, digest).expect("it is there").join(".skew-complete");
    let then = SystemTime::now() - Duration::from_secs(3600 * hours);
    std::fs::File::open(mark).and_then(|file| file.set_modified(then)).expect("its time can be set");
}

fn is_there(root: &Path, folder: &str, name: &str) -> bool {
    let entries = std::fs::read_dir(root.join(folder)).expect("a folder").flatten();
    entries.into_iter().any(|entry| entry.path().is_dir() && entry.file_name().to_string_lossy().contains(name))
}

/// Three environments, the second of which was used longest ago.
fn three(root: &Path) -> [String; 3] {
    let digests = ["first==1.0", "second==1.0", "third==1.0"].map(|pin| made(root, pin));
    for (digest, hours) in digests.iter().zip([2, 3, 1]) {
        used_before(root, digest, hours);
    }
    digests
}

/// The size that the store says it has, beyond which nothing goes.
fn size(root: &Path) -> u64 {
    let events = with_room(root, "fourth==1.0", Room { limit: Some(1 << 50), ..Room::default() });
    assert!(provisioned(&events).is_some());
    std::fs::read_to_string(root.join("room.size")).expect("it is recorded").parse().expect("a number")
}

#[test]
fn what_was_used_longest_ago_goes_with_all_that_only_it_needs() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let [first, second, third] = three(root.path());
    let full = size(root.path());
    let events = with_room(root.path(), "fifth==1.0", Room { limit: Some(full - 1), ..Room::default() });
    assert!(provisioned(&events).is_some());
    let told = steps(&events).into_iter().find(|step| step.name == "room").expect("it is told");
    assert_eq!((told.code, told.stderr.as_str()), (Some(0), "1 environments removed"));
    assert!(environment(root.path(), &second).is_none());
    assert!(environment(root.path(), &first).is_some() && environment(root.path(), &third).is_some());
    for folder in ["packages", "uv-cache/archive-v0"] {
        assert!(!is_there(root.path(), folder, "second-1.0"), "{folder}");
        assert!(is_there(root.path(), folder, "first-1.0") && is_there(root.path(), folder, "third-1.0"), "{folder}");
    }
    for (path, known) in shared_bytecode(root.path()) {
        assert!(known.nlink() > 1, "{} is of no package", path.display());
    }
    // It is made again as if it had never been there.
    assert_eq!(made(root.path(), "second==1.0"), second);
}

#[test]
fn the_limit_holds_however_many_environments_are_asked_for() {
    let root = tempfile::tempdir().expect("a temporary folder");
    made(root.path(), "first==1.0");
    let one = size(root.path()) / 2;
    for number in 0..12 {
        let events = with_room(root.path(), &format!("more-{number}==1.0"), Room { limit: Some(4 * one), ..Room::default() });
        assert!(provisioned(&events).is_some_and(|made| !made.reused));
        let size: u64 = std::fs::read_to_string(root.path().join("room.size")).expect("recorded").parse().expect("a number");
        assert!(size <= 5 * one + one / 2, "the limit and the one that was made: {size} of {one} each");
    }
}

#[test]
fn runs_without_a_limit_keep_the_count_right_and_begin_none() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let record = root.path().join("room.size");
    three(root.path());
    let events = with_room(root.path(), "fourth==1.0", Room { limit: None, min_free: 1 << 60, spare: 0 });
    assert!(provisioned(&events).is_none() && !record.exists(), "nothing was counted, so nothing is known");
    let before = size(root.path());
    made(root.path(), "fifth==1.0");
    let after: u64 = std::fs::read_to_string(record).expect("recorded").parse().expect("a number");
    assert!(after > before, "{before} {after}");
}

#[test]
fn what_was_asked_for_last_stays_however_low_the_limit() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let [first, second, third] = three(root.path());
    with_room(root.path(), "fourth==1.0", Room { limit: Some(1), min_free: 0, spare: 2 });
    assert!(environment(root.path(), &first).is_some() && environment(root.path(), &third).is_some());
    assert!(environment(root.path(), &second).is_none());
}

#[test]
fn an_environment_in_which_somebody_executes_stays() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let [first, second, third] = three(root.path());
    let full = size(root.path());
    // An agent of another run, which holds its environment as long as it runs.
    let python = environment(root.path(), &second).expect("it is there").join("bin/python");
    let agent = root.path().join("agent.py");
    std::fs::write(&agent, skew::agent::SOURCE).expect("the agent");
    let program = format!(
        "import runpy, sys; agent = runpy.run_path({:?}); held = agent['hold_environment'](); print('held', flush=True); sys.stdin.read()",
        agent.display().to_string()
    );
    let mut holder = Command::new(python).args(["-c", &program]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python");
    let mut line = String::new();
    BufReader::new(holder.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert_eq!(line, "held\n");
    with_room(root.path(), "fifth==1.0", Room { limit: Some(full - 1), ..Room::default() });
    assert!(environment(root.path(), &second).is_some() && environment(root.path(), &third).is_some());
    assert!(environment(root.path(), &first).is_none());
    drop(holder.stdin.take());
    holder.wait().expect("it ends");
}

#[test]
fn nothing_is_made_where_too_little_would_stay_free_and_what_is_there_serves() {
    let root = tempfile::tempdir().expect("a temporary folder");
    made(root.path(), "first==1.0");
    let given = || Room { limit: None, min_free: 1 << 60, spare: 1 };
    let events = with_room(root.path(), "second==1.0", given());
    let last = *steps(&events).last().expect("a step");
    assert_eq!((last.name.as_str(), last.code), ("room", Some(1)));
    for told in [" free, ", "min_free_disk is 1073741824.0 GiB", "skew clean --cache"] {
        assert!(last.stderr.contains(told), "{}", last.stderr);
    }
    assert!(provisioned(&events).is_none() && matches!(events.last(), Some(Event::Done {})));
    assert!(provisioned(&with_room(root.path(), "first==1.0", given())).is_some_and(|there| there.reused));
}
