//! The agent's provisioning, with small Python programs in place of the installer: environments are made whole or not at
//! all, found again by what is in them, and share their bytecode.

use std::collections::BTreeMap;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use skew::agent::{Event, Job, PROTOCOL, Provision, Provisioned, SOURCE, Step};

/// Installs the distribution `demo` into `{environment}`: its one module is a hard link of the cache's.
const INSTALL: &str = "
import os, sys
root, environment = sys.argv[1:]
site = os.path.join(environment, 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
info = os.path.join(site, 'Demo_Package-1.0.dist-info')
os.makedirs(info)
cached = os.path.join(root, 'demo.py')
if not os.path.exists(cached):
    open(cached, 'w').write('value = 1\\n')
os.link(cached, os.path.join(site, 'demo.py'))
open(os.path.join(info, 'METADATA'), 'w').write('Name: Demo_Package\\nVersion: 1.0\\n\\nName: not-this\\n')
open(os.path.join(info, 'RECORD'), 'w').write('demo.py,,\\n')
";

fn python(program: &str, rest: &[&str]) -> Vec<String> {
    ["{python}", "-c", program].iter().chain(rest).map(|&part| part.to_owned()).collect()
}

/// A job whose lock pins `demo-package` and names `other` in a hash, so that each `other` is an environment of its own.
fn job(other: &str) -> Provision {
    Provision {
        protocol: PROTOCOL,
        files: BTreeMap::from([("lock.in".to_owned(), format!("demo-package==1.0 \\\n    --hash=sha256:{other}\n"))]),
        env: BTreeMap::new(),
        lock_key: Some(format!("key-{other}")),
        resolve: python("import shutil, sys; shutil.copy(*sys.argv[1:])", &["{work}/lock.in", "{lock}"]),
        resolve_uncut: None,
        create: python(
            "import os, sys; os.makedirs(sys.argv[1] + '/bin'); os.symlink(sys.executable, sys.argv[1] + '/bin/python')",
            &["{environment}"],
        ),
        install: python(INSTALL, &["{root}", "{environment}"]),
        step_timeout: 20.0,
    }
}

fn provision(root: &Path, job: Provision) -> Vec<Event> {
    let agent = root.join("agent.py");
    std::fs::write(&agent, SOURCE).expect("the agent can be written");
    let mut child = Command::new("python3")
        .arg(&agent)
        .env("SKEW_ROOT", root)
        .env_remove("SKEW_WORK")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is on PATH");
    let mut stdin = child.stdin.take().expect("stdin is a pipe");
    writeln!(stdin, "{}", serde_json::to_string(&Job::Provision(job)).expect("a job is JSON")).expect("the agent reads its job");
    let output = child.wait_with_output().expect("the agent ends");
    drop(stdin);
    assert!(output.status.success(), "{}", output.status);
    let text = String::from_utf8(output.stdout).expect("stdout is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))).collect()
}

fn steps(events: &[Event]) -> Vec<&Step> {
    events.iter().filter_map(|event| if let Event::Step(step) = event { Some(step) } else { None }).collect()
}

fn provisioned(events: &[Event]) -> Option<&Provisioned> {
    events.iter().find_map(|event| if let Event::Provisioned(provisioned) = event { Some(provisioned) } else { None })
}

#[test]
fn an_environment_is_made_once_and_known_by_what_is_in_it() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let first = provision(root.path(), job("aa"));
    assert_eq!(steps(&first).iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["resolve", "create", "install", "bytecode"]);
    let made = provisioned(&first).expect("it is there");
    assert!(!made.reused && !made.uncut);
    assert_eq!((made.packages[0].name.as_str(), made.packages[0].version.as_str()), ("demo-package", "1.0"));
    assert_eq!(made.packages[0].hashes, ["sha256:aa"]);
    let python = made.python.replace("{root}", &root.path().display().to_string());
    let imported = Command::new(python).args(["-c", "print(1)"]).status().expect("its interpreter starts");
    assert!(imported.success());
    let again = provision(root.path(), job("aa"));
    assert!(steps(&again).iter().all(|step| step.reused && step.code == Some(0)));
    assert_eq!(provisioned(&again).map(|again| (again.reused, again.digest.clone())), Some((true, made.digest.clone())));
}

#[test]
fn the_next_environment_links_the_bytecode_of_the_same_file() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let first = provision(root.path(), job("aa"));
    let second = provision(root.path(), job("bb"));
    let told = |events: &[Event]| steps(events).last().map(|step| step.stderr.clone()).unwrap_or_default();
    assert_eq!(told(&first), "0 linked, 1 compiled, 0 left as they are");
    assert_eq!(told(&second), "1 linked, 0 compiled, 0 left as they are");
    let made = provisioned(&second).expect("it is there");
    let site = made.python.replace("{root}", &root.path().display().to_string()).replace("/bin/python", "/lib");
    let mut folders = vec![Path::new(&site).to_owned()];
    let mut links = None;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the environment can be listed").flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "pyc") {
                links = Some(entry.metadata().expect("it is there").nlink());
            }
        }
    }
    assert_eq!(links, Some(3), "the store and both environments hold the same file");
}

#[test]
fn a_resolution_that_only_the_whole_index_allows_is_remembered_as_such() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let mut cut = job("aa");
    cut.resolve_uncut = Some(cut.resolve.clone());
    cut.resolve = python("import sys; sys.exit('no solution found, because async-timeout is too new')", &[]);
    for _ in 0..2 {
        assert_eq!(provisioned(&provision(root.path(), cut.clone())).map(|made| made.uncut), Some(true));
    }
    let mut unreachable = cut.clone();
    unreachable.lock_key = None;
    unreachable.resolve = python("import sys; sys.exit('error sending request for url')", &[]);
    let events = provision(root.path(), unreachable);
    assert_eq!(steps(&events).len(), 1, "trouble with the network is no reason to drop the cut-off date");
    assert!(provisioned(&events).is_none() && matches!(events.last(), Some(Event::Done {})));
}

#[test]
fn a_failed_step_leaves_no_environment() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let mut fails = job("aa");
    fails.install = python("import sys; sys.exit('no such wheel')", &[]);
    let events = provision(root.path(), fails);
    let last = steps(&events).last().map(|step| (step.name.clone(), step.code, step.stderr.trim().to_owned()));
    assert_eq!(last, Some(("install".to_owned(), Some(1), "no such wheel".to_owned())));
    assert!(provisioned(&events).is_none());
    let left = std::fs::read_dir(root.path().join("envs")).expect("the folder is there").flatten().filter(|entry| entry.path().is_dir());
    assert_eq!(left.count(), 0);
}
