//! The agent's provisioning, with small Python programs in place of the installer: environments are made whole or not at
//! all, found again by what is in them, and share their packages.

mod room;

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use skew::agent::{Event, Job, PROTOCOL, Provision, Provisioned, Room, SOURCE, Step};

/// Installs what `{missing}` names into `{environment}`, files being hard links of a cache's. Every distribution has a
/// package of its own with two folders and a test, a part of the namespace `shared`, and claims the script `tool` and the module
/// `common.py`; `demo-package` has one source that is a template, `large` one whose bytecode has 8 kB, `neighbour` a library that
/// looks for others in `other`.
const INSTALL: &str = r"
import base64, hashlib, os, re, struct, sys
def library(runpath):
    # ELF header, one loaded segment at address 4096 and the dynamic one in it, whose strings are at its end.
    dynamic = struct.pack('<6q', 5, 4096 + 64 + 112 + 48, 29, 0, 0, 0)
    load = struct.pack('<IIQQQQQQ', 1, 4, 0, 4096, 4096, 1000, 1000, 4096)
    segment = struct.pack('<IIQQQQQQ', 2, 4, 64 + 112, 4096 + 176, 4096 + 176, len(dynamic), len(dynamic), 8)
    header = struct.pack('<4s12B2HIQQQI6H', b'\x7fELF', 2, *[0] * 11, 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    return (header + load + segment + dynamic).decode('latin-1') + runpath + '\0'
root, missing, environment = sys.argv[1:]
site = os.path.join(environment, 'lib', 'python%d.%d' % sys.version_info[:2], 'site-packages')
for name, version in re.findall(r'^([\w-]+)==(\S+)', open(missing).read(), re.M):
    package = name.replace('-', '_')
    info = '%s-%s.dist-info' % (package, version)
    files = {
        package + '/__init__.py': 'version = %r\n' % version,
        package + '/inner/module.py': 'value = 1\nplace = (lambda: value).__code__.co_filename\n',
        package + '/inner/tests/case.py': 'assert True\n',
        package + '/inner/data/text': 'data',
        'shared/' + package + '.py': 'value = 2\n',
        'common.py': 'name = %r\n' % name,
        '../../../bin/tool': '#!/bin/sh\n',
        info + '/licenses/LICENSE': 'free',
        info + '/METADATA': 'Name: %s\nVersion: %s\n\nName: not-this\n' % (package, version),
    }
    if name == 'demo-package':
        files[package + '/template.py'] = 'import {{ name }}\n'
    if name == 'large':
        files[package + '/constant.py'] = 'text = \'x\' * 4000, \'y\' * 4000\n'
    if name == 'neighbour':
        files[package + '/lib.so'] = library('$ORIGIN/../other/inner:$ORIGIN/inner')
    record = ''
    for path, text in files.items():
        cached = os.path.join(root, 'uv-cache', 'archive-v0', '%s-%s' % (name, version), path.replace('..', 'up'))
        os.makedirs(os.path.dirname(cached), exist_ok=True)
        if not os.path.exists(cached):
            with open('%s.%d' % (cached, os.getpid()), 'w', encoding='latin-1') as file:
                file.write(text)
            os.rename(file.name, cached)
        target = os.path.join(site, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.exists(target):
            os.unlink(target)
        os.link(cached, target)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip('=')
        record += '%s,sha256=%s,%d\n' % (path, digest, len(text))
    open(os.path.join(site, info, 'RECORD'), 'w').write(record + info + '/RECORD,,\n')
";

/// Makes the empty environment: what Python takes for one.
const CREATE: &str = "
import os, sys
os.makedirs(sys.argv[1] + '/bin')
os.symlink(sys.executable, sys.argv[1] + '/bin/python')
open(sys.argv[1] + '/pyvenv.cfg', 'w').write('home = ' + os.path.dirname(os.path.realpath(sys.executable)))
";

fn python(program: &str, rest: &[&str]) -> Vec<String> {
    ["{python}", "-c", program].iter().chain(rest).map(|&part| part.to_owned()).collect()
}

/// A job whose lock pins these distributions (`demo-package==1.0`).
fn job(pins: &[&str]) -> Provision {
    let lock: Vec<String> = pins.iter().map(|pin| format!("{pin} \\\n    --hash=sha256:{}\n", pin.len())).collect();
    Provision {
        protocol: PROTOCOL,
        files: BTreeMap::from([("lock.in".to_owned(), lock.concat())]),
        env: BTreeMap::new(),
        lock_key: Some(format!("key-{}", pins.join("-"))),
        resolve: python("import shutil, sys; shutil.copy(*sys.argv[1:])", &["{work}/lock.in", "{lock}"]),
        resolve_uncut: None,
        trouble: vec!["error sending request".to_owned()],
        create: python(CREATE, &["{environment}"]),
        install: python(INSTALL, &["{root}", "{missing}", "{environment}"]),
        step_timeout: 20.0,
        room: Room::default(),
    }
}

/// Starts the agent on a job.
fn start(root: &Path, job: Provision) -> Child {
    start_limited("unlimited", root, job)
}

/// The same where no file can have more blocks of 512 bytes: like a full disk, the system takes what fits.
fn start_limited(blocks: &str, root: &Path, job: Provision) -> Child {
    static AGENT: OnceLock<PathBuf> = OnceLock::new();
    let agent = AGENT.get_or_init(|| {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("agent-{}.py", std::process::id()));
        std::fs::write(&path, SOURCE).expect("the agent can be written");
        path
    });
    let mut child = Command::new("sh")
        .args(["-c", "ulimit -f \"$1\" && exec python3 \"$2\"", "sh", blocks])
        .arg(agent)
        .env("SKEW_ROOT", root)
        .env_remove("SKEW_WORK")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("there is a shell");
    let stdin = child.stdin.as_mut().expect("stdin is a pipe");
    writeln!(stdin, "{}", serde_json::to_string(&Job::Provision(job)).expect("a job is JSON")).expect("the agent reads its job");
    child
}

/// What it says until it ends.
fn end(mut child: Child) -> Vec<Event> {
    let stdin = child.stdin.take();
    let output = child.wait_with_output().expect("the agent ends");
    drop(stdin);
    assert!(output.status.success(), "{}", output.status);
    let text = String::from_utf8(output.stdout).expect("stdout is UTF-8");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))).collect()
}

fn provision(root: &Path, job: Provision) -> Vec<Event> {
    end(start(root, job))
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
    let first = provision(root.path(), job(&["demo-package==1.0"]));
    assert_eq!(steps(&first).iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["resolve", "create", "install", "keep", "link"]);
    let made = provisioned(&first).expect("it is there");
    assert!(!made.reused && !made.uncut);
    assert_eq!((made.packages[0].name.as_str(), made.packages[0].version.as_str()), ("demo-package", "1.0"));
    assert_eq!(made.packages[0].hashes, ["sha256:17"]);
    let python = made.python.replace("{root}", &root.path().display().to_string());
    let imported = Command::new(python).args(["-c", "print(1)"]).status().expect("its interpreter starts");
    assert!(imported.success());
    let again = provision(root.path(), job(&["demo-package==1.0"]));
    assert!(steps(&again).iter().all(|step| step.reused && step.code == Some(0)));
    assert_eq!(provisioned(&again).map(|again| (again.reused, again.digest.clone())), Some((true, made.digest.clone())));
}

/// What Python prints in the environment that was made.
fn says(root: &Path, events: &[Event], program: &str) -> String {
    let python = provisioned(events).expect("it is there").python.replace("{root}", &root.display().to_string());
    let output = Command::new(&python).args(["-c", program]).output().expect("the interpreter starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("it prints UTF-8").trim().to_owned()
}

/// Everything in the environment that was made, links not followed: its path and what it is.
fn contents(root: &Path, events: &[Event]) -> Vec<(PathBuf, Metadata)> {
    let python = provisioned(events).expect("it is there").python.replace("{root}", &root.display().to_string());
    let environment = Path::new(&python).ancestors().nth(2).expect("above bin/python").to_owned();
    let (mut found, mut folders) = (Vec::new(), vec![environment.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the environment can be listed").flatten() {
            let known = entry.metadata().expect("it is there");
            if known.is_dir() {
                folders.push(entry.path());
            }
            found.push((entry.path().strip_prefix(&environment).expect("it is in there").to_owned(), known));
        }
    }
    found
}

fn notes(events: &[Event]) -> Vec<&str> {
    steps(events).iter().filter(|step| ["keep", "link"].contains(&step.name.as_str())).map(|step| step.stderr.as_str()).collect()
}

#[test]
fn the_next_environment_costs_links_only() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let both = ["demo-package==1.0", "other==1.0"];
    let first = provision(root.path(), job(&["demo-package==1.0"]));
    assert_eq!(notes(&first), ["1 packages kept, 4 files compiled, 1 left as they are", "1 packages linked"]);
    assert_eq!(
        notes(&provision(root.path(), job(&["other==1.0"]))),
        ["1 packages kept, 4 files compiled, 0 left as they are", "1 packages linked"]
    );
    let third = provision(root.path(), job(&both));
    assert_eq!(notes(&third), ["2 packages linked"]);
    assert!(steps(&third).iter().any(|step| step.name == "install" && step.reused), "everything was there");
    let contents = contents(root.path(), &third);
    let count = |what: &dyn Fn(&Metadata) -> bool| contents.iter().filter(|(_, known)| what(known)).count();
    let folders: Vec<_> = contents.iter().filter(|(_, known)| known.is_dir()).filter_map(|(path, _)| path.file_name()).collect();
    assert_eq!(folders.len(), 7, "bin, lib, python, site-packages, shared and two __pycache__, but none of a package: {folders:?}");
    assert_eq!(count(&|known| known.is_file() && known.nlink() == 1), 2, "pyvenv.cfg and the mark that it is whole");
    assert!(provisioned(&third).is_some_and(|made| made.added_bytes < 100_000));
    let program = "import demo_package.inner.module as a, other, shared.other, shared.demo_package
import importlib.metadata as metadata
print(a.__cached__.split('/')[-4:-1], a.value, other.version, shared.other.value, metadata.version('demo-package'))";
    assert_eq!(says(root.path(), &third, program), "['demo_package', 'inner', '__pycache__'] 1 1.0 2 1.0");
}

#[test]
fn what_an_environment_holds_does_not_depend_on_which_was_made_first() {
    let both = ["demo-package==1.0", "other==1.0"];
    let orders: [&[&[&str]]; 3] = [&[&both], &[&both[..1], &both], &[&both[1..], &both]];
    let held = orders.map(|order| {
        let root = tempfile::tempdir().expect("a temporary folder");
        let last = order.iter().map(|pins| provision(root.path(), job(pins))).next_back().expect("there is one");
        let mut paths: Vec<_> = contents(root.path(), &last).into_iter().map(|(path, _)| path).collect();
        paths.sort();
        (paths, says(root.path(), &last, "import common; print(common.name)"))
    });
    assert_eq!(held[0].1, "demo-package", "of two files in one place the first distribution's counts");
    assert_eq!(held[0], held[1]);
    assert_eq!(held[0], held[2]);
}

#[test]
fn a_library_finds_its_neighbours_in_other_packages() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let linked = |pins: &[&str]| {
        let made = provision(root.path(), job(pins));
        contents(root.path(), &made).into_iter().any(|(path, known)| path.ends_with("neighbour") && known.is_symlink())
    };
    assert!(linked(&["neighbour==1.0"]), "what it looks for is not there");
    // From a folder that is a link the loader would go up into the store, where `other` is not beside it.
    assert!(!linked(&["neighbour==1.0", "other==1.0"]));
    assert!(linked(&["neighbour==1.0", "demo-package==1.0"]));
}

/// Bytecode that packages share: its path and what it is.
fn shared_bytecode(root: &Path) -> Vec<(PathBuf, Metadata)> {
    let folders = std::fs::read_dir(root.join("bytecode")).expect("there is bytecode").flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).expect("a folder").flatten());
    files.map(|file| (file.path(), file.metadata().expect("it is there"))).collect()
}

#[test]
fn sources_of_one_content_have_their_bytecode_once_and_each_its_own_name() {
    let root = tempfile::tempdir().expect("a temporary folder");
    provision(root.path(), job(&["one==1.0"]));
    let made = provision(root.path(), job(&["one==1.0", "two==1.0"]));
    assert_eq!(shared_bytecode(root.path()).len(), 5, "version, value, the other value, and a name for each");
    let program = "import os, one.inner.module as a, two.inner.module as b
print(os.path.samefile(a.__cached__, b.__cached__), a.place == a.__file__, b.place == b.__file__, a.__file__ != b.__file__)";
    assert_eq!(says(root.path(), &made, program), "True True True True");
}

#[test]
fn tests_of_packages_are_compiled_by_whoever_imports_them() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let made = provision(root.path(), job(&["one==1.0"]));
    let program = "import os, one.inner.module as a, one.inner.tests.case as b; print(*(os.path.exists(m.__cached__) for m in (a, b)))";
    assert_eq!(says(root.path(), &made, program), "True False");
}

#[test]
fn two_cells_that_need_the_same_package_at_once_compile_it_once() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let running = ["one==1.0", "two==1.0", "three==1.0"].map(|pin| start(root.path(), job(&["demo-package==1.0", pin])));
    let ended = running.map(end);
    let compiled: usize =
        ended.iter().flat_map(|events| notes(events)).filter_map(|note| note.split(' ').nth(3)?.parse::<usize>().ok()).sum();
    assert_eq!(compiled, 4 * 4, "four packages of four sources");
    for events in &ended {
        assert_eq!(says(root.path(), events, "import demo_package; print(demo_package.version)"), "1.0");
    }
}

#[test]
fn half_a_package_is_never_used_and_a_lost_one_is_made_again() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let packages = root.path().join("packages");
    let kept = || -> Vec<PathBuf> {
        std::fs::read_dir(&packages)
            .expect("the folder is there")
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect()
    };
    provision(root.path(), job(&["demo-package==1.0"]));
    let place = kept().pop().expect("the package is kept");
    // What a builder leaves that dies on the way.
    std::fs::rename(&place, format!("{}.partial-1", place.display())).expect("it can be renamed");
    let again = provision(root.path(), job(&["demo-package==1.0"]));
    assert!(provisioned(&again).is_some_and(|made| !made.reused), "an environment without its packages is none");
    assert_eq!(says(root.path(), &again, "import demo_package; print(demo_package.version)"), "1.0");
    assert_eq!(kept(), [place]);
}

#[test]
fn a_resolution_that_only_the_whole_index_allows_is_remembered_as_such() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let mut cut = job(&["demo-package==1.0"]);
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
    let mut fails = job(&["demo-package==1.0"]);
    fails.install = python("import sys; sys.exit('no such wheel')", &[]);
    let events = provision(root.path(), fails);
    let last = steps(&events).last().map(|step| (step.name.clone(), step.code, step.stderr.trim().to_owned()));
    assert_eq!(last, Some(("install".to_owned(), Some(1), "no such wheel".to_owned())));
    assert!(provisioned(&events).is_none());
    let left = std::fs::read_dir(root.path().join("envs")).expect("the folder is there").flatten().filter(|entry| entry.path().is_dir());
    assert_eq!(left.count(), 0);
}

/// Cuts every file in a folder of the store short; how many there were.
fn cut_short(folder: &Path) -> usize {
    let files: Vec<PathBuf> = std::fs::read_dir(folder).expect("the folder is there").flatten().map(|entry| entry.path()).collect();
    for file in &files {
        std::fs::OpenOptions::new().write(true).open(file).and_then(|file| file.set_len(20)).expect("it can be cut");
    }
    files.len()
}

#[test]
fn bytecode_that_the_disk_took_half_of_is_not_kept() {
    let root = tempfile::tempdir().expect("a temporary folder");
    end(start_limited("8", root.path(), job(&["large==1.0"])));
    std::fs::remove_dir_all(root.path().join("packages")).expect("there are packages");
    let made = provision(root.path(), job(&["large==1.0"]));
    assert_eq!(says(root.path(), &made, "import large.constant as a; print(len(a.text), len(a.text[1]))"), "2 4000");
}

#[test]
fn bytecode_that_lost_its_end_is_made_again() {
    let root = tempfile::tempdir().expect("a temporary folder");
    provision(root.path(), job(&["one==1.0"]));
    let folder = std::fs::read_dir(root.path().join("bytecode")).expect("there is bytecode").flatten().next().expect("one folder");
    assert_eq!(cut_short(&folder.path()), 4, "version, value, the other value and a name");
    std::fs::remove_dir_all(root.path().join("packages")).expect("there are packages");
    let made = provision(root.path(), job(&["one==1.0"]));
    let program = "import os, one.inner.module as a; print(a.value, os.stat(a.__cached__).st_nlink)";
    assert_eq!(says(root.path(), &made, program), "1 2", "and shared anew");
}

#[test]
fn a_lock_that_lost_its_end_is_made_again() {
    let root = tempfile::tempdir().expect("a temporary folder");
    let made = provision(root.path(), job(&["one==1.0"]));
    assert_eq!(cut_short(&root.path().join("locks")), 1);
    let again = provision(root.path(), job(&["one==1.0"]));
    assert_eq!(steps(&again).first().map(|step| (step.name.as_str(), step.reused)), Some(("resolve", false)));
    assert_eq!(provisioned(&again).map(|again| (&again.digest, again.reused)), provisioned(&made).map(|made| (&made.digest, true)));
}
