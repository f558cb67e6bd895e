//! Every way out of a cell that a scenario can try: in a plain process, where it shows that the attempt works, and under
//! each engine. The table of docs/reliability.md is this test's.

use std::{
    io::Write,
    net::{TcpListener, UdpSocket},
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixListener},
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    bench::{Bench, Engine},
    hostile,
};

/// One cell, one interpreter.
const MATRIX: &str = r#"
axes:
  six: ["1.16.0"]
python: "3.11"
scenarios: [hostile]
repeats: 1
limits: {timeout: 60s, memory: 512MiB, cpus: 1, pids: 64}
docker: {image: "skew-test/python:{python}"}
"#;
const SCENARIO: &str = include_str!("../fixtures/escapes/escapes.py");
/// How long the process beside sleeps, in seconds: its command line tells it from others.
const SLEEP: &str = "31559";
const BEGIN: &str = "<!-- isolation -->\n";
const END: &str = "<!-- end -->\n";

/// What stands on the machine for a scenario to find.
struct Bait {
    _listeners: (TcpListener, UnixListener, UnixListener),
    shared: PathBuf,
    process: Child,
    given: Value,
}

impl Bait {
    fn new(bench: &Bench) -> Self {
        let server = TcpListener::bind("0.0.0.0:0").expect("a server");
        let port = server.local_addr().expect("its address").port();
        // Nothing is sent: this only asks which address faces the world.
        let facing = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.connect("192.0.2.1:9").and_then(|()| socket.local_addr()));
        let address = facing.map_or_else(|_| "127.0.0.1".to_owned(), |address| address.ip().to_string());
        let abstract_name = format!("skew-{}", bench.id);
        let named = SocketAddr::from_abstract_name(&abstract_name).expect("a name");
        let project = bench.project().to_owned();
        let scratch = project.join("tmp/skew-another-0");
        std::fs::create_dir_all(&scratch).expect("a folder");
        std::fs::write(scratch.join("secret"), "1").expect("a file");
        let shared = Path::new("/dev/shm").join(&abstract_name);
        std::fs::write(&shared, "1").expect("a file");
        let socket = project.join("socket");
        let listeners =
            (server, UnixListener::bind_addr(&named).expect("an abstract socket"), UnixListener::bind(&socket).expect("a socket"));
        let process = Command::new("sleep").arg(SLEEP).stdin(Stdio::null()).spawn().expect("a process");
        let given = json!({
            "port": port, "address": address, "index": bench.index_host(), "abstract": abstract_name, "socket": socket,
            "project": project, "shared": shared, "scratch": scratch, "process": process.id(), "name": SLEEP,
        });
        Self { _listeners: listeners, shared, process, given }
    }

    fn scenario(&self) -> String {
        let given = serde_json::to_string(&self.given).expect("JSON");
        let scenario = SCENARIO.replacen("_GIVEN = {}", &format!("_GIVEN = {given}"), 1);
        assert_ne!(scenario, SCENARIO);
        scenario
    }
}

impl Drop for Bait {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.shared);
    }
}

/// (attempt, what came of it), in the order of the scenario.
type Tried = Vec<(String, String)>;

/// The scenario as any script, with all rights of whoever runs the test.
fn plainly(folder: &Path, scenario: &str) -> Tried {
    std::fs::write(folder.join("skew.py"), "def observe(name, value):\n    print(name, value, sep='\\t')\n").expect("a module");
    std::fs::write(folder.join("escapes.py"), scenario).expect("a script");
    let output = Command::new("python3").arg("escapes.py").current_dir(folder).output().expect("python3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.lines().filter_map(|line| line.split_once('\t')).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What users may put up around processes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Walls {
    None,
    /// Other processes are in sight.
    Some,
    All,
}

/// What a run of an engine says of each attempt, what a plain process says, and which walls stand.
fn tried(engine: Engine) -> Option<(Tried, Tried, Walls)> {
    let bench = Bench::new(engine, "3.11", "escapes", MATRIX, &["zz_sober"])?;
    let bait = Bait::new(&bench);
    bench.write("hostile/escapes.py", &bait.scenario());
    let plain = plainly(&bench.project().join("tmp"), &bait.scenario());
    let run = bench.run();
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let scenarios = run.results["scenarios"].as_array().expect("scenarios");
    let observations = scenarios[0]["observations"].as_array().expect("observations").iter();
    let told = observations.filter(|observation| observation["name"] != "<script>").map(|observation| {
        let preview = &observation["variants"][0]["preview"];
        (observation["name"].as_str().expect("a name").to_owned(), preview.as_str().expect("a text").to_owned())
    });
    let says = |text: &str| run.record.caveats.iter().any(|caveat| caveat.contains(text));
    let walls = match (says("doesn't let users make namespaces"), says("send them signals")) {
        (true, _) => Walls::None,
        (false, true) => Walls::Some,
        (false, false) => Walls::All,
    };
    Some((told.collect(), plain, walls))
}

/// What scenarios that exhaust something end as.
fn exhausting(engine: Engine) -> Option<Tried> {
    let run = hostile::run(engine)?;
    let rows = [("start more processes than allowed", "fork_bomb"), ("use more memory than allowed", "eats_memory")];
    let told = |scenario: &str| run.endings(scenario).next().map(|ending| format!("blocked: {}", ending.status.as_str()));
    Some(rows.iter().filter_map(|(name, scenario)| Some(((*name).to_owned(), told(scenario)?))).collect())
}

fn table(docker: &Tried, local: &Tried, plain: &Tried) -> String {
    let head = "| a scenario tries to | docker | local | a plain process |\n| --- | --- | --- | --- |\n";
    let of = |list: &Tried, name: &str| list.iter().find(|(known, _)| known == name).map_or("not tried", |(_, value)| value).to_owned();
    let rows = docker.iter().map(|(name, there)| format!("| {name} | {there} | {} | {} |\n", of(local, name), of(plain, name)));
    head.to_owned() + &rows.collect::<String>()
}

/// Attempts that engine docker leaves possible, each because of something that its scenarios need.
const POSSIBLE_IN_CONTAINERS: [&str; 1] = ["send the agent a signal"];
/// And engine local, which has the user's rights.
const POSSIBLE_IN_PROCESSES: [&str; 5] = [
    "connect to a socket in a folder of the user",
    "read a file of the project",
    "read /etc/shadow",
    "fill its scratch beyond its limit",
    "send the agent a signal",
];
/// And where it can make no namespace of processes.
const POSSIBLE_AMONG_PROCESSES: [&str; 2] = ["see a process of the user", "send it a signal"];

fn possible(tried: &Tried) -> Vec<&str> {
    tried.iter().filter(|(_, value)| value == "possible").map(|(name, _)| name.as_str()).collect()
}

#[test]
fn no_scenario_finds_a_way_out() {
    let Some((mut docker, _, _)) = tried(Engine::Docker) else { return };
    let Some((mut local, plain, walls)) = tried(Engine::Local) else { return };
    assert_eq!(possible(&docker), POSSIBLE_IN_CONTAINERS, "{docker:?}");
    docker.extend(exhausting(Engine::Docker).expect("its run"));
    local.extend(exhausting(Engine::Local).expect("its run"));
    let table = table(&docker, &local, &plain);
    let _ = writeln!(std::io::stderr(), "{table}");
    if walls == Walls::None {
        return;
    }
    // An attempt that a plain process cannot make either proves nothing: these do.
    let proven =
        ["by the loopback", "abstract socket", "socket in a folder", "into the store", "scratch of another", "ptrace", "a user namespace"];
    for attempt in proven {
        assert!(possible(&plain).iter().any(|name| name.contains(attempt)), "{attempt}: {plain:?}");
    }
    let among = |name: &&str| walls == Walls::Some && POSSIBLE_AMONG_PROCESSES.contains(name);
    let unexpected: Vec<_> = possible(&local).into_iter().filter(|name| !POSSIBLE_IN_PROCESSES.contains(name) && !among(name)).collect();
    assert_eq!(unexpected, Vec::<&str>::new(), "{local:?}");
    if walls == Walls::All {
        published(&table);
    }
}

/// The table is the one that is published, the last column aside, which depends on who runs this.
fn published(table: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reliability.md");
    let text = std::fs::read_to_string(&path).expect("docs/reliability.md");
    let (before, rest) = text.split_once(BEGIN).expect("where the table begins");
    let (there, after) = rest.split_once(END).expect("where it ends");
    if std::env::var_os("SKEW_UPDATE_DOCS").is_some() {
        std::fs::write(&path, [before, BEGIN, table, END, after].concat()).expect("it can be written");
        return;
    }
    let engines = |table: &str| -> Vec<String> {
        let rows = table.lines().filter_map(|line| line.rsplit_once(" | ").map(|(engines, _)| engines.to_owned()));
        rows.collect()
    };
    assert_eq!(engines(there), engines(table), "SKEW_UPDATE_DOCS=1 writes it anew");
}
