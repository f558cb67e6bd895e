//! Engine docker, with real containers and a tiny agent.
//!
//! Needs a Docker daemon and the image `skew-test/python:3.11` (`tests/images/build 3.11`); without them the tests say so
//! and pass, unless `SKEW_REQUIRE_DOCKER=1`.

mod contract;

use std::{
    collections::BTreeMap,
    process::{Command, Stdio},
    time::Duration,
};

use contract::{PYTHON, execute, phase, prepare, run};
use skew::{
    engine::{DockerEngine, Engine, EngineError, PhaseKind, StoreFile},
    matrix::{DockerSettings, Limits, PythonVersion},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const IMAGE: &str = "skew-test/python:{python}";

/// What `docker` prints.
fn docker(arguments: &[&str]) -> Option<String> {
    let output = Command::new("docker").args(arguments).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether the tests can run; panics where they must.
#[expect(clippy::print_stdout, reason = "a skipped test says why")]
fn can_run() -> bool {
    let image = IMAGE.replace("{python}", &PYTHON.to_string());
    let reason = if docker(&["version"]).is_none() {
        "no Docker daemon answers".to_owned()
    } else if docker(&["image", "inspect", &image]).is_none() {
        format!("there is no image {image}; make it with tests/images/build {PYTHON}")
    } else {
        return true;
    };
    assert!(std::env::var_os("SKEW_REQUIRE_DOCKER").is_none(), "{reason}");
    println!("skipped: {reason}");
    false
}

/// The id of a test's run.
fn run_id(test: &str) -> String {
    format!("{test}-{}", std::process::id())
}

/// An engine of its own for a test, with a volume of its own that [`finish`] removes; `None` where it can't run.
async fn engine(test: &str) -> Option<DockerEngine> {
    if !can_run() {
        return None;
    }
    let settings = DockerSettings { image: IMAGE.to_owned(), ..DockerSettings::default() };
    let engine = DockerEngine::connect(settings, run_id(test)).await.expect("a daemon");
    let engine = engine.with_volume(&format!("skew-test-{}", run_id(test)));
    prepare(&engine).await;
    Some(engine)
}

/// Nothing of the run may be left, and its volume goes.
async fn finish(engine: &DockerEngine, test: &str) {
    assert_eq!(containers(test), Vec::<String>::new());
    let removed = {
        let _alone = CLEANING.lock().await;
        engine.clean(true).await.expect("cleaned")
    };
    assert!(removed.iter().any(|line| line.starts_with("volume skew-test-")), "{removed:?}");
}

/// Names of the containers of a test's run.
fn containers(test: &str) -> Vec<String> {
    let filter = format!("label=skew.run={}", run_id(test));
    let names = docker(&["ps", "--all", "--filter", &filter, "--format", "{{.Names}}"]).expect("docker ps");
    names.lines().map(str::to_owned).collect()
}

/// Waits until a condition holds.
async fn eventually(condition: impl Fn() -> bool) -> bool {
    for _ in 0..100 {
        if condition() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

#[tokio::test]
async fn engine_docker_keeps_the_contract() {
    let Some(engine) = engine("contract").await else { return };
    contract::holds(&engine).await;
    finish(&engine, "contract").await;
}

#[tokio::test]
async fn what_somebody_exchanged_in_the_volume_is_put_right() {
    let Some(engine) = engine("exchanged").await else { return };
    let file = || StoreFile::new("bin/program".to_owned(), b"right".to_vec(), true);
    engine.upload(&[file()]).await.expect("an upload");
    let volume = format!("skew-test-{}:/skew", run_id("exchanged"));
    let image = IMAGE.replace("{python}", &PYTHON.to_string());
    let inside = |command: &str| docker(&["run", "--rm", "--volume", &volume, "--entrypoint", "/bin/sh", &image, "-c", command]);
    inside("printf wrong > /skew/bin/program").expect("a container");
    // As the next run does, which has uploaded nothing yet.
    let settings = DockerSettings { image: IMAGE.to_owned(), ..DockerSettings::default() };
    let next = DockerEngine::connect(settings, run_id("exchanged")).await.expect("a daemon");
    let next = next.with_volume(&format!("skew-test-{}", run_id("exchanged")));
    prepare(&next).await;
    next.upload(&[file()]).await.expect("an upload");
    assert_eq!(inside("cat /skew/bin/program").as_deref(), Some("right"));
    drop(next);
    finish(&engine, "exchanged").await;
}

#[tokio::test]
async fn the_execute_phase_runs_in_the_whole_sandbox() {
    let Some(engine) = engine("sandbox").await else { return };
    assert_eq!(engine.caveats(), Vec::<String>::new());
    let code = r"
def fails(action):
    try:
        action()
    except OSError as error:
        return error.strerror
say('user', os.getuid(), os.getgid())
say('root', fails(lambda: open('/etc/new', 'w')), fails(lambda: open('/usr/local/lib/new', 'w')))
say('store', fails(lambda: open(os.environ['SKEW_ROOT'] + '/new', 'w')))
say('network', sorted(name for _, name in socket.if_nameindex()), fails(lambda: socket.create_connection(('192.0.2.1', 80), 3)))
status = dict(line.split(':\t', 1) for line in open('/proc/self/status').read().splitlines() if ':\t' in line)
say('privileges', status['CapEff'], status['CapBnd'], status['NoNewPrivs'], status['Seccomp'])
say('socket', os.path.exists('/var/run/docker.sock'))
import resource
say('core', resource.getrlimit(resource.RLIMIT_CORE))
children = []
def fork():
    while True:
        children.append(os.fork())
        if not children[-1]:
            time.sleep(600)
say('pids', fails(fork), len(children) < 30)
";
    let limits = Limits { pids: 30, ..Limits::default() };
    let (lines, end) = run(&engine, &skew::engine::Phase { limits, ..phase(PhaseKind::Execute, code) }).await;
    assert_eq!(end.expect("the phase runs").code, 0);
    let expected = [
        "user 65534 65534",
        "root Read-only file system Read-only file system",
        "store Read-only file system",
        "network ['lo'] Network is unreachable",
        "privileges 0000000000000000 0000000000000000 1 2",
        "socket False",
        "core (0, 0)",
        "pids Resource temporarily unavailable True",
    ];
    assert_eq!(lines, expected);
    finish(&engine, "sandbox").await;
}

#[tokio::test]
async fn provisioning_writes_the_store_and_gets_the_certificates() {
    let Some(engine) = engine("provision").await else { return };
    let write = "root = os.environ['SKEW_ROOT']
os.makedirs(root + '/environments/one')
open(root + '/environments/one/file', 'w').write('made')
say(os.path.getsize(os.environ['SSL_CERT_FILE']) > 0 if 'SSL_CERT_FILE' in os.environ else True)";
    let (lines, end) = run(&engine, &phase(PhaseKind::Provision, write)).await;
    assert_eq!((lines, end.map(|end| end.code).ok()), (vec!["True".to_owned()], Some(0)));
    let read = "say(open(os.environ['SKEW_ROOT'] + '/environments/one/file').read())";
    assert_eq!(execute(&engine, read).await, ["made"]);
    engine.close().await.expect("closed");
    finish(&engine, "provision").await;
}

#[tokio::test]
async fn environments_are_made_in_one_container_and_a_phase_that_is_cut_short_takes_it_along() {
    let Some(engine) = engine("workshop").await else { return };
    let make = async |code: &str| {
        let (lines, end) = run(&engine, &phase(PhaseKind::Provision, code)).await;
        (lines, end.expect("the phase runs").code)
    };
    let whoami =
        "say(os.getuid(), os.environ['MARK'], os.getcwd(), open('/proc/self/status').read().count('NoNewPrivs:\t1'), os.listdir('/tmp'))
work = os.environ['SKEW_WORK']
os.makedirs(work + '/deep/er')
os.symlink('/skew', work + '/link')
for folder in work, os.environ['HOME'], os.environ['TMPDIR']:
    open(os.path.join(folder, 'file'), 'w').write('x')";
    for _ in 0..2 {
        assert_eq!(make(whoami).await, (vec!["0 set /tmp 1 []".to_owned()], 0));
        assert_eq!(containers("workshop").len(), 1);
    }
    assert_eq!(make("sys.exit(3)").await.1, 3);
    assert!(containers("workshop").is_empty());
    assert_eq!(make(whoami).await.1, 0);
    // Somebody removes it while nobody is in it.
    let name = containers("workshop").remove(0);
    docker(&["rm", "--force", &name]).expect("docker rm");
    assert_eq!(make("say('elsewhere')").await.0, ["elsewhere"]);
    assert!(containers("workshop").len() == 1 && containers("workshop")[0] != name);

    // Two at a time have one each.
    let (_, _) = tokio::join!(make("time.sleep(2)"), make("time.sleep(2)"));
    assert_eq!(containers("workshop").len(), 2);

    let (sender, mut receiver) = mpsc::channel(4);
    let (cancel, long) = (CancellationToken::new(), phase(PhaseKind::Provision, "say('ready'); time.sleep(600)"));
    let stop = async {
        receiver.recv().await.expect("a line");
        cancel.cancel();
    };
    let (end, ()) = tokio::join!(engine.run(&long, sender, cancel.clone()), stop);
    assert!(matches!(end, Err(EngineError::Cancelled)), "{end:?}");
    assert!(eventually(|| containers("workshop").len() == 1).await);

    engine.close().await.expect("closed");
    finish(&engine, "workshop").await;
}

#[tokio::test]
async fn an_agent_that_runs_out_of_memory_is_told_from_one_that_is_killed() {
    let Some(engine) = engine("memory").await else { return };
    let limits = Limits { memory: 64 << 20, ..Limits::default() };
    let of = |code: &str| skew::engine::Phase { limits: limits.clone(), ..phase(PhaseKind::Execute, code) };
    let cases = [
        ("bytearray(200 << 20)", (137, true)),
        ("os.kill(os.getpid(), signal.SIGKILL); time.sleep(9)", (137, false)),
        // A child that the kernel kills is the agent's to report.
        ("subprocess.call([sys.executable, '-c', 'bytearray(200 << 20)'])", (0, false)),
    ];
    for (code, expected) in cases {
        let (_, end) = run(&engine, &of(code)).await;
        let end = end.expect("the phase runs");
        assert_eq!((end.code, end.oom_killed), expected, "{code}");
    }
    finish(&engine, "memory").await;
}

#[tokio::test]
async fn a_container_carries_its_run_and_cell_and_a_dropped_phase_leaves_none() {
    let Some(engine) = engine("labels").await else { return };
    let phase = phase(PhaseKind::Execute, "say('ready'); time.sleep(600)");
    let (sender, mut receiver) = mpsc::channel(4);
    tokio::select! {
        _ = engine.run(&phase, sender, CancellationToken::new()) => {}
        _ = receiver.recv() => {
            let names = containers("labels");
            assert!(names.len() == 1 && names[0].starts_with(&format!("skew-{}-", run_id("labels"))), "{names:?}");
            let labels = docker(&["inspect", "--format", "{{json .Config.Labels}}", &names[0]]).expect("docker inspect");
            let labels: BTreeMap<String, String> = serde_json::from_str(&labels).expect("labels");
            assert_eq!(labels.get("skew.cell").map(String::as_str), Some("numpy-1.2.3"));
            assert_eq!(labels.get("skew.phase").map(String::as_str), Some("execute"));
            assert!(labels.contains_key("skew.owner"));
        }
    }
    assert!(eventually(|| containers("labels").is_empty()).await);
    finish(&engine, "labels").await;
}

#[test]
fn the_container_of_a_client_that_is_gone_ends_and_the_next_run_removes_it() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let first = runtime();
    let Some(engine) = first.block_on(engine("gone")) else { return };
    let phase = phase(PhaseKind::Execute, "say('ready'); sys.stdin.read()");
    first.block_on(async {
        let (sender, mut receiver) = mpsc::channel(4);
        let running = engine.run(&phase, sender, CancellationToken::new());
        tokio::select! {
            _ = running => {}
            _ = receiver.recv() => {}
        }
    });
    // The removal of the dropped phase was only just begun; with its runtime it dies, as the client would.
    drop(first);
    runtime().block_on(async {
        let running = || docker(&["ps", "--quiet", "--filter", &format!("label=skew.run={}", run_id("gone"))]);
        assert!(eventually(|| running().is_some_and(|ids| ids.is_empty())).await, "stdin's end didn't stop the agent");
        let settings = DockerSettings { image: IMAGE.to_owned(), ..DockerSettings::default() };
        let next = DockerEngine::connect(settings, run_id("next")).await.expect("a daemon");
        {
            let _alone = CLEANING.lock().await;
            next.clean(false).await.expect("cleaned");
        }
        // Its owner, this very process, is alive: only the run itself may remove it.
        let closer = DockerEngine::connect(DockerSettings::default(), run_id("gone")).await.expect("a daemon");
        closer.close().await.expect("closed");
        closer.close().await.expect("closed twice");
        finish(&closer.with_volume(&format!("skew-test-{}", run_id("gone"))), "gone").await;
    });
}

/// Held by tests that remove what dead runs left behind, because each would remove the other's too.
static CLEANING: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

#[tokio::test]
async fn containers_of_dead_runs_are_removed_and_those_of_other_machines_are_not() {
    let Some(engine) = engine("reap").await else { return };
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a host name");
    let namespace = std::fs::read_link("/proc/self/ns/pid").expect("a namespace").display().to_string();
    let namespace = namespace.replace(|c: char| !c.is_ascii_digit(), "");
    let image = IMAGE.replace("{python}", &PYTHON.to_string());
    let create = |name: &str, owner: &str| {
        let (run, owner) = (format!("skew.run={name}"), format!("skew.owner={owner}"));
        docker(&["run", "--detach", "--name", name, "--label", &run, "--label", &owner, &image, "sleep", "600"]).expect("docker run");
    };
    let (dead, elsewhere) = (format!("skew-{}-dead", run_id("reap")), format!("skew-{}-elsewhere", run_id("reap")));
    let alone = CLEANING.lock().await;
    create(&dead, &format!("{}/{namespace}/{}/1", host.trim(), std::process::id()));
    create(&elsewhere, "elsewhere/1/2/3");
    let removed = engine.clean(false).await.expect("cleaned");
    let is_there = |name: &str| docker(&["inspect", name]).is_some();
    let state = (is_there(&dead), is_there(&elsewhere));
    docker(&["rm", "--force", &dead, &elsewhere]);
    drop(alone);
    assert_eq!(state, (false, true));
    assert!(removed.iter().any(|line| line.contains(&dead)), "{removed:?}");
    finish(&engine, "reap").await;
}

#[tokio::test]
async fn an_image_that_is_not_there_comes_with_the_mend() {
    if !can_run() {
        return;
    }
    let settings = DockerSettings { image: "localhost:9/none:{python}".to_owned(), ..DockerSettings::default() };
    let engine = DockerEngine::connect(settings, run_id("image")).await.expect("a daemon");
    let found = engine.interpreters(&[PythonVersion::new(3, 11)]).await.expect("the daemon answers");
    let missing = found[0].1.as_ref().expect_err("there is no such image");
    assert!(missing.message.contains("localhost:9/none:3.11") && missing.hint.contains("--engine local"), "{missing:?}");
}

#[tokio::test]
async fn a_daemon_that_does_not_answer_is_named_with_its_address() {
    for address in ["unix:///nowhere/docker.sock", "tcp://127.0.0.1:9", "ssh://somewhere"] {
        let connected = DockerEngine::connect_to(address.to_owned(), DockerSettings::default(), run_id("nowhere")).await;
        let message = connected.expect_err("nothing listens there").to_string();
        assert!(message.starts_with(&format!("no Docker daemon answers at {address}: ")), "{message}");
    }
}
