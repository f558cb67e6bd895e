//! Engine local, with real processes and a tiny agent.

mod contract;

use std::{
    os::unix::fs::symlink,
    path::{Path, PathBuf},
};

use contract::{PYTHON, execute, phase, prepare, run};
use skew::{
    engine::{Engine, LocalEngine, PhaseKind},
    matrix::PythonVersion,
};
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

async fn engine(run: &str) -> (LocalEngine, TempDir) {
    let folder = TempDir::new().expect("a temporary folder");
    let engine = LocalEngine::new(folder.path().join("store"), format!("{run}-{}", std::process::id())).await.expect("an engine");
    (engine, folder)
}

fn scratch_of(run: &str) -> usize {
    let prefix = format!("skew-{run}-{}-", std::process::id());
    let entries = std::fs::read_dir(std::env::temp_dir()).expect("the temporary folder");
    entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)).count()
}

/// Processes whose command line holds a text.
fn processes_with(text: &str) -> usize {
    let entries = std::fs::read_dir("/proc").expect("/proc").flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).replace('\0', " ").contains(text)).count()
}

#[tokio::test]
async fn engine_local_keeps_the_contract() {
    let (engine, _folder) = engine("contract").await;
    contract::holds(&engine).await;
    assert_eq!(scratch_of("contract"), 0);
}

#[tokio::test]
async fn nothing_of_a_cancelled_phase_lives_on() {
    let (engine, _folder) = engine("cancel").await;
    prepare(&engine).await;
    // Three ways to get away: a group of its own, a session of its own, and that without variables.
    let code = "nap = ['sleep', '987.125']
subprocess.Popen(nap, process_group=0)
subprocess.Popen(nap, start_new_session=True)
subprocess.Popen(nap, start_new_session=True, env={})
say('ready')
time.sleep(600)";
    let phase = phase(PhaseKind::Execute, code);
    let (sender, mut receiver) = mpsc::channel(4);
    let cancel = CancellationToken::new();
    let stop = async {
        receiver.recv().await;
        // A process that has only just become another program has no command line for a moment.
        for _ in 0..50 {
            if processes_with("sleep 987.125") == 3 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(processes_with("sleep 987.125"), 3);
        cancel.cancel();
    };
    let (end, ()) = tokio::join!(engine.run(&phase, sender, cancel.clone()), stop);
    assert!(end.is_err());
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(processes_with("sleep 987.125"), 0);
    assert_eq!(scratch_of("cancel"), 0);
}

#[tokio::test]
async fn the_agents_end_is_the_end_of_what_it_started() {
    let (engine, _folder) = engine("end").await;
    prepare(&engine).await;
    let lines = execute(&engine, "subprocess.Popen(['sleep', '986.25'], start_new_session=True); say('done')").await;
    assert_eq!(lines, ["done"]);
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(processes_with("sleep 986.25"), 0);
}

#[tokio::test]
async fn a_dropped_phase_leaves_nothing() {
    let (engine, _folder) = engine("drop").await;
    prepare(&engine).await;
    let phase = phase(PhaseKind::Execute, "subprocess.Popen(['sleep', '985.5']); say('ready'); time.sleep(600)");
    let (sender, mut receiver) = mpsc::channel(4);
    tokio::select! {
        _ = engine.run(&phase, sender, CancellationToken::new()) => {}
        _ = receiver.recv() => {}
    }
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(processes_with("sleep 985.5"), 0);
    assert_eq!(scratch_of("drop"), 0);
}

#[tokio::test]
async fn the_execute_phase_has_no_network_or_the_caveats_say_so() {
    let (engine, _folder) = engine("network").await;
    prepare(&engine).await;
    let open = engine.caveats().iter().any(|caveat| caveat.contains("network"));
    // Other than loopback, a network namespace that nobody has set up has nothing.
    let lines = execute(&engine, "say(sorted(name for _, name in socket.if_nameindex() if name.startswith('e')))").await;
    assert!(open || lines == ["[]"], "{lines:?}");
}

#[tokio::test]
async fn an_interpreter_that_is_not_there_comes_with_the_mend() {
    let (engine, _folder) = engine("missing").await;
    let found = engine.interpreters(&[PythonVersion::new(3, 99), PYTHON]).await.expect("answers");
    assert!(found[0].1.as_ref().is_err_and(|missing| missing.hint == "uv python install 3.99"));
    assert!(found[1].1.as_ref().is_ok_and(|interpreter| Path::new(&interpreter.what).is_absolute()));
}

#[tokio::test]
async fn scratch_of_dead_runs_is_removed_and_that_of_live_ones_is_not() {
    let (engine, _folder) = engine("reap").await;
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a host name");
    let namespace = std::fs::read_link("/proc/self/ns/pid").expect("a namespace").display().to_string();
    let namespace = namespace.replace(|c: char| !c.is_ascii_digit(), "");
    let dead = TempDir::with_prefix("skew-reaped-").expect("a folder");
    let live = TempDir::with_prefix("skew-kept-").expect("a folder");
    let foreign = TempDir::with_prefix("skew-foreign-").expect("a folder");
    let own_start = std::fs::read_to_string("/proc/self/stat").expect("stat");
    let own_start = own_start.rsplit(") ").next().and_then(|fields| fields.split(' ').nth(19)).expect("start time");
    let own = |folder: &TempDir, label: String| symlink(label, format!("{}.owner", folder.path().display())).expect("a link");
    own(&dead, format!("{}/{namespace}/{}/1", host.trim(), std::process::id()));
    own(&live, format!("{}/{namespace}/{}/{own_start}", host.trim(), std::process::id()));
    own(&foreign, "elsewhere/1/2/3".to_owned());
    // Killed before there was a folder.
    let early = std::env::temp_dir().join(format!("skew-early-{}.owner", std::process::id()));
    symlink(format!("{}/{namespace}/{}/1", host.trim(), std::process::id()), &early).expect("a link");
    let removed = engine.clean(false).await.expect("cleaned");
    assert!(removed.iter().any(|line| line.contains("skew-reaped-")), "{removed:?}");
    assert!(!dead.path().exists() && live.path().exists() && foreign.path().exists());
    let link = |folder: &TempDir| PathBuf::from(format!("{}.owner", folder.path().display()));
    assert!(link(&dead).symlink_metadata().is_err() && early.symlink_metadata().is_err());
    for folder in [&live, &foreign] {
        std::fs::remove_file(link(folder)).expect("it is there");
    }
}

#[tokio::test]
async fn only_a_folder_that_is_marked_as_a_store_is_removed() {
    let (engine, folder) = engine("cache").await;
    let store = folder.path().join("store");
    std::fs::create_dir(&store).expect("a folder");
    std::fs::write(store.join("thesis.tex"), "precious").expect("a file");
    assert!(engine.clean(true).await.is_err_and(|error| error.to_string().contains("CACHEDIR.TAG")));
    prepare(&engine).await;
    let removed = engine.clean(true).await.expect("cleaned");
    assert!(removed.iter().any(|line| line.starts_with("environment store")) && !store.exists());
}

#[tokio::test]
async fn provisioning_gets_the_certificates_of_this_machine() {
    let (engine, _folder) = engine("provision").await;
    prepare(&engine).await;
    let code = "say(os.path.exists(os.environ.get('SSL_CERT_FILE', '/')))";
    let (lines, end) = run(&engine, &phase(PhaseKind::Provision, code)).await;
    assert_eq!((lines, end.map(|end| end.code).ok()), (vec!["True".to_owned()], Some(0)));
}
