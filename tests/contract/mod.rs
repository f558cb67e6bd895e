//! What every engine that runs real agents promises, written once and run for each.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use serde_json::json;
use skew::{
    engine::{Engine, EngineError, Line, MAX_LINE, Phase, PhaseEnd, PhaseKind, StoreFile},
    matrix::{Limits, PythonVersion},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The interpreter of these tests.
pub(crate) const PYTHON: PythonVersion = PythonVersion::new(3, 11);

/// An agent that runs the code in its job.
const AGENT: &str = "import json, os, signal, socket, subprocess, sys, time
def say(*what):
    sys.stdout.write(' '.join(map(str, what)) + '\\n')
    sys.stdout.flush()
job = json.loads(sys.stdin.readline())
exec(job['code'])
";

/// A phase whose agent runs `code`.
pub(crate) fn phase(kind: PhaseKind, code: &str) -> Phase {
    Phase {
        kind,
        cell: "numpy-1.2.3".to_owned(),
        python: PYTHON,
        program: None,
        agent: "agent/test.py".to_owned(),
        job: json!({ "code": code }).to_string(),
        env: BTreeMap::from([("MARK".to_owned(), "set".to_owned())]),
        limits: Limits { memory: 256 << 20, ..Limits::default() },
        deadline: Duration::from_mins(10),
        kin: String::new(),
        then: None,
        from: None,
    }
}

/// Looks for the interpreter and uploads the agent.
pub(crate) async fn prepare(engine: &dyn Engine) {
    let found = engine.interpreters(&[PYTHON]).await.expect("the engine answers");
    assert!(found.iter().all(|(_, interpreter)| interpreter.is_ok()), "{found:?}");
    upload(engine, "agent/test.py", AGENT).await;
}

/// Uploads one file.
pub(crate) async fn upload(engine: &dyn Engine, path: &str, text: &str) {
    let file = StoreFile::new(path.to_owned(), text.as_bytes().to_vec(), false);
    engine.upload(&[file]).await.expect("the file is uploaded");
}

/// Runs a phase to its end; its lines and its end.
pub(crate) async fn run(engine: &dyn Engine, phase: &Phase) -> (Vec<String>, Result<PhaseEnd, EngineError>) {
    let (sender, mut receiver) = mpsc::channel::<Line>(4);
    let collect = async {
        let mut lines = Vec::new();
        while let Some(line) = receiver.recv().await {
            lines.push(String::from_utf8_lossy(&line.text).into_owned());
        }
        lines
    };
    let (end, lines) = tokio::join!(engine.run(phase, sender, CancellationToken::new()), collect);
    (lines, end)
}

/// Runs code in the execute phase and expects it to end well.
pub(crate) async fn execute(engine: &dyn Engine, code: &str) -> Vec<String> {
    let (lines, end) = run(engine, &phase(PhaseKind::Execute, code)).await;
    let end = end.expect("the phase runs");
    assert_eq!(end.code, 0, "{end:?}");
    lines
}

/// Runs the whole contract.
pub(crate) async fn holds(engine: &dyn Engine) {
    prepare(engine).await;
    lines_arrive_while_the_agent_runs(engine).await;
    stdin_stays_open_while_the_agent_runs(engine).await;
    the_end_of_the_agent_is_told(engine).await;
    the_end_of_stderr_is_kept(engine).await;
    a_job_of_megabytes_arrives(engine).await;
    every_line_reaches_a_slow_receiver(engine).await;
    a_line_cut_off_by_death_is_not_sent(engine).await;
    a_line_that_is_too_long_ends_the_phase(engine).await;
    the_agent_gets_the_variables_of_its_phase_and_none_of_ours(engine).await;
    scratch_is_writable_and_empty(engine).await;
    loopback_works(engine).await;
    a_file_is_as_it_was_uploaded_last(engine).await;
    cancelling_ends_the_phase_at_once(engine).await;
    a_receiver_that_is_gone_ends_the_phase(engine).await;
}

async fn lines_arrive_while_the_agent_runs(engine: &dyn Engine) {
    let phase = phase(PhaseKind::Execute, "say('first'); time.sleep(4); say('second')");
    let (sender, mut receiver) = mpsc::channel::<Line>(4);
    let listen = async {
        assert_eq!(receiver.recv().await.map(|line| line.text), Some(b"first".to_vec()));
        let first = Instant::now();
        assert_eq!(receiver.recv().await.map(|line| line.text), Some(b"second".to_vec()));
        assert!(first.elapsed() > Duration::from_secs(1), "both lines came at the end");
    };
    let (end, ()) = tokio::join!(engine.run(&phase, sender, CancellationToken::new()), listen);
    assert_eq!(end.expect("the phase runs").code, 0);
}

async fn stdin_stays_open_while_the_agent_runs(engine: &dyn Engine) {
    let code = "import select; say(select.select([sys.stdin], [], [], 0.5)[0])";
    assert_eq!(execute(engine, code).await, ["[]"]);
}

async fn the_end_of_the_agent_is_told(engine: &dyn Engine) {
    for (code, expected) in [("sys.exit(7)", 7), ("os.kill(os.getpid(), signal.SIGSEGV); time.sleep(9)", 139), ("os.abort()", 134)] {
        let (_, end) = run(engine, &phase(PhaseKind::Execute, code)).await;
        let end = end.expect("the phase runs");
        assert_eq!((end.code, end.oom_killed), (expected, false), "{code}: {end:?}");
    }
}

async fn the_end_of_stderr_is_kept(engine: &dyn Engine) {
    let code = "sys.stderr.write('x' * 200000 + 'the end')";
    let (_, end) = run(engine, &phase(PhaseKind::Execute, code)).await;
    let stderr = end.expect("the phase runs").stderr;
    assert!(stderr.ends_with("xthe end") && stderr.len() == 64 << 10, "{} bytes", stderr.len());
}

async fn a_job_of_megabytes_arrives(engine: &dyn Engine) {
    // The agent talks before it has read all: neither side may wait for the other.
    let code = format!("for _ in range(3000): say('y' * 1000)\nsay(len(job['code'])) #{}", "z".repeat(4 << 20));
    let lines = execute(engine, &code).await;
    assert_eq!(lines.len(), 3001);
    assert_eq!(lines.last(), Some(&code.len().to_string()));
}

async fn every_line_reaches_a_slow_receiver(engine: &dyn Engine) {
    let phase = phase(PhaseKind::Execute, "sys.stdout.write(''.join('%0999d\\n' % n for n in range(60)))");
    let (sender, mut receiver) = mpsc::channel::<Line>(1);
    let listen = async {
        let mut lines = 0;
        while receiver.recv().await.is_some() {
            tokio::time::sleep(Duration::from_millis(20)).await;
            lines += 1;
        }
        lines
    };
    let (end, lines) = tokio::join!(engine.run(&phase, sender, CancellationToken::new()), listen);
    assert_eq!((end.expect("the phase runs").code, lines), (0, 60));
}

async fn a_line_cut_off_by_death_is_not_sent(engine: &dyn Engine) {
    let code = "say('whole'); sys.stdout.write('half'); sys.stdout.flush(); os._exit(3)";
    let (lines, end) = run(engine, &phase(PhaseKind::Execute, code)).await;
    assert_eq!(end.expect("the phase runs").code, 3);
    assert_eq!(lines, ["whole"]);
}

async fn a_line_that_is_too_long_ends_the_phase(engine: &dyn Engine) {
    let code = format!("for _ in range({}): sys.stdout.write('x' * 65536)\ntime.sleep(60)", MAX_LINE / 65536 + 2);
    let begin = Instant::now();
    let (lines, end) = run(engine, &phase(PhaseKind::Execute, &code)).await;
    assert!(matches!(end, Err(EngineError::Line)), "{end:?}");
    assert!(lines.is_empty() && begin.elapsed() < Duration::from_secs(50));
}

async fn the_agent_gets_the_variables_of_its_phase_and_none_of_ours(engine: &dyn Engine) {
    let code = "say(os.environ['MARK'], *sorted(name for name in os.environ if 'PROXY' in name or 'CERT' in name or 'CARGO' in name))";
    assert_eq!(execute(engine, code).await, ["set"]);
}

async fn scratch_is_writable_and_empty(engine: &dyn Engine) {
    let code = "work = os.environ['SKEW_WORK']
os.makedirs(work, exist_ok=True)
say(os.listdir(work))
for folder in work, os.environ['HOME'], os.environ['TMPDIR']:
    open(os.path.join(folder, 'file'), 'w').write('x')";
    for _ in 0..2 {
        assert_eq!(execute(engine, code).await, ["[]"]);
    }
}

async fn loopback_works(engine: &dyn Engine) {
    let code = "server = socket.create_server(('127.0.0.1', 0))
socket.create_connection(server.getsockname(), 3)
say('connected')";
    assert_eq!(execute(engine, code).await, ["connected"]);
}

async fn a_file_is_as_it_was_uploaded_last(engine: &dyn Engine) {
    let read = "say(open(os.environ['SKEW_ROOT'] + '/some/file').read())";
    for text in ["one", "one", "two", "three"] {
        upload(engine, "some/file", text).await;
        let lines = execute(engine, read).await;
        assert_eq!(lines, [text]);
    }
}

async fn cancelling_ends_the_phase_at_once(engine: &dyn Engine) {
    let code = "subprocess.Popen(['sleep', '600'], start_new_session=True); say('ready'); time.sleep(600)";
    let phase = phase(PhaseKind::Execute, code);
    let (sender, mut receiver) = mpsc::channel::<Line>(4);
    let cancel = CancellationToken::new();
    let stop = async {
        assert_eq!(receiver.recv().await.map(|line| line.text), Some(b"ready".to_vec()));
        cancel.cancel();
        Instant::now()
    };
    let (end, stopped) = tokio::join!(engine.run(&phase, sender, cancel.clone()), stop);
    assert!(matches!(end, Err(EngineError::Cancelled)), "{end:?}");
    assert!(stopped.elapsed() < Duration::from_secs(8), "{:?}", stopped.elapsed());
}

async fn a_receiver_that_is_gone_ends_the_phase(engine: &dyn Engine) {
    let (sender, receiver) = mpsc::channel::<Line>(4);
    drop(receiver);
    let end = engine.run(&phase(PhaseKind::Execute, "say('hello'); time.sleep(600)"), sender, CancellationToken::new()).await;
    assert!(matches!(end, Err(EngineError::Cancelled)), "{end:?}");
}
