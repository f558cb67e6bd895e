//! Where the program runs: streams that are closed or full, terminals that change, homes, users, names and languages.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
};

use crate::{
    project::{Ended, Project, ended, states, status},
    tour::INDEX,
};

const MATRIX: &str = "axes: {alpha: [\"1.0\", \"1.1\"]}\nbaseline: {alpha: \"1.0\"}\npython: \"PYTHON\"\nengine: local\nrepeats: 1\n";
const SKEW: &str = env!("CARGO_BIN_EXE_skew");

/// More observations than a pipe holds.
fn long() -> Project {
    let code = "from skew import observe\nfor n in range(1500):\n    observe(f'number/{n}', n)\n";
    Project::new(&INDEX, MATRIX).scenario("long", code).scenario("z_last", "x = 1\n")
}

/// A line of bash, in which `$SKEW` is the program.
fn bash(project: &Project, line: &str) -> Ended {
    let program = project.command(&[]);
    let mut command = Command::new("bash");
    command.args(["-c", line]).current_dir(project.path(".")).env("SKEW", SKEW).stdin(Stdio::null());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    ended(&mut command)
}

fn is_stored_whole(project: &Project) {
    let results = project.results();
    assert_eq!(states(&results), ["alpha-1.0 ran", "alpha-1.1 ran"]);
    assert_eq!((&results["run"]["complete"], status(&results, "z_last", "alpha-1.1").as_str()), (&true.into(), "ran"));
}

#[test]
fn a_reader_that_has_read_enough_ends_no_run_and_no_report() {
    let project = long();
    for line in [
        "$SKEW run --format jsonl",
        "$SKEW run --fresh",
        "$SKEW report --format csv",
        "$SKEW report --format jsonl",
        "$SKEW report --format json",
        "$SKEW report",
    ] {
        let piped = bash(&project, &format!("{line} | head -n 1; echo ${{PIPESTATUS[0]}}")).exits(0);
        let lines: Vec<&str> = piped.stdout.lines().collect();
        assert!(lines.len() == 2 && !lines[0].is_empty() && lines[1] == "0", "{line}: {piped:?}");
        assert!(!piped.stderr.contains("panicked") && !piped.stderr.contains("Broken pipe"), "{line}: {}", piped.stderr);
        is_stored_whole(&project);
    }
}

#[test]
fn streams_that_are_closed_change_nothing() {
    for closed in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
        let project = long();
        bash(&project, &format!("$SKEW run {closed}")).exits(0);
        is_stored_whole(&project);
    }
}

#[test]
fn a_full_disk_behind_standard_output_is_told_and_the_run_is_stored() {
    let project = long();
    bash(&project, "$SKEW run >/dev/full").exits(3).says(&["cannot write standard output: No space left on device"]);
    is_stored_whole(&project);
    bash(&project, "$SKEW run >/dev/full 2>/dev/full").exits(3);
    bash(&project, "$SKEW run --format jsonl >/dev/full").exits(3).says(&["cannot write the stream of events"]);
    bash(&project, "$SKEW report >/dev/full").exits(3).says(&["No space left on device"]);
    // The report is there as soon as there is room for it.
    project.skew(&["report"]).exits(0);
}

/// Runs a command in a terminal of 110 columns that becomes narrower when a scenario has written the file `ready` into
/// its folder, which is below the first argument; prints what it drew.
const TERMINAL: &str = r#"
import fcntl, glob, os, pty, signal, struct, sys, termios, time

def resize(columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))

child, terminal = pty.fork()
if child == 0:
    time.sleep(0.5)
    os.execv(sys.argv[2], sys.argv[2:])
resize(110)
os.set_blocking(terminal, False)
drawn, narrow, end = b"", False, time.monotonic() + 50
while time.monotonic() < end:
    try:
        drawn += os.read(terminal, 65536)
    except BlockingIOError:
        time.sleep(0.02)
    except OSError:
        break
    for ready in glob.glob(sys.argv[1] + "/**/ready", recursive=True):
        if not narrow:
            # The display of the scenario that waits has been drawn.
            time.sleep(1.0)
            resize(46)
            narrow = True
        open(ready + ".narrow", "w").close()
else:
    os.kill(child, signal.SIGKILL)
_, status = os.waitpid(child, 0)
sys.stdout.buffer.write(drawn)
sys.exit(os.WEXITSTATUS(status))
"#;

#[test]
fn a_terminal_that_becomes_narrower_gets_what_fits() {
    let project = Project::new(&INDEX, MATRIX);
    let waits = "import pathlib, time\npathlib.Path('ready').touch()\nwhile not pathlib.Path('ready.narrow').exists():\n    \
                 time.sleep(0.05)\ntime.sleep(1.0)\n";
    let project = project.scenario("waits_for_the_window", waits);
    project.write("terminal.py", TERMINAL);
    let mut command = project.command(&[]);
    let mut in_terminal = Command::new("python3");
    in_terminal.arg(project.path("terminal.py")).arg(project.path("tmp")).args([SKEW, "run", "--jobs=1"]).current_dir(project.path("."));
    for (name, value) in command.env_remove("COLUMNS").env("TERM", "xterm").get_envs() {
        match value {
            Some(value) => in_terminal.env(name, value),
            None => in_terminal.env_remove(name),
        };
    }
    let drawn = ended(in_terminal.stdin(Stdio::null())).exits(0).stdout;
    assert!(drawn.contains("Running ") && !drawn.contains("panicked"), "{drawn}");
    // The table came last; nothing but colours moves in it.
    let (_, table) = drawn.rsplit_once("baseline alpha-1.0,").unwrap_or_else(|| panic!("no table in {drawn}"));
    let lines: Vec<String> = table.lines().map(plain).collect();
    assert!(lines.iter().any(|line| line.contains("Summary")), "{drawn}");
    let wide: Vec<_> = lines.iter().filter(|line| line.chars().count() > 46).collect();
    assert!(wide.is_empty(), "{wide:#?}");
}

/// A line without escape sequences.
fn plain(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts
        .fold(first, |text, part| text + part.split_once(|c: char| c.is_ascii_alphabetic()).map_or("", |(_, rest)| rest))
        .trim_end()
        .to_owned()
}

#[test]
fn without_a_home_and_with_one_that_cannot_be_written_a_run_is_the_same() {
    let project = long();
    ended(project.command(&["run"]).env_remove("HOME").env_remove("XDG_CACHE_HOME")).exits(0);
    is_stored_whole(&project);
    // Where nobody may make folders, not even root.
    ended(project.command(&["run", "--fresh"]).env("HOME", "/proc").env_remove("XDG_CACHE_HOME")).exits(0);
    is_stored_whole(&project);
    let project = long();
    let mut homeless = project.command(&["run"]);
    let told = ended(homeless.env("HOME", "/proc").env_remove("XDG_CACHE_HOME").env_remove("SKEW_CACHE_DIR")).exits(3);
    told.says(&["cannot write to the cache: /proc/.cache/skew/", "SKEW_CACHE_DIR names another one"]);
    assert!(!project.ran());
}

#[test]
fn names_with_spaces_and_letters_of_any_language_mean_the_same_in_every_locale() {
    let code = "from skew import observe\nimport pathlib, sys\ngröße = 'ü 漢字 🦀'\nobserve('naïve/π', 3.14)\nprint(größe)\n\
                pathlib.Path('é.txt').write_text(größe)\nread = pathlib.Path('é.txt').read_text()\nencoding = sys.getfilesystemencoding()\n\
                observe('wrong', lambda: {}['Straße'])\n";
    let results = ["C", "POSIX", "C.UTF-8", "de_DE.ISO-8859-1", ""].map(|locale| {
        let mut project = Project::new(&INDEX, MATRIX);
        let folder = project.path("mein Projekt é 漢");
        fs::create_dir(&folder).unwrap();
        fs::rename(project.path("matrix.yaml"), folder.join("matrix.yaml")).unwrap();
        fs::create_dir(folder.join("tmp ß")).unwrap();
        project.write("mein Projekt é 漢/scenarios/unter ordner/größe mit leerzeichen.py", code);
        project.cache = project.path("cache dé 漢");
        let mut command = project.command(&["run", "-o", "json=out put/ergebnis é.json", "-o", "html=out put/é.html"]);
        command.current_dir(&folder).env("TMPDIR", folder.join("tmp ß")).env_remove("PYTHONUTF8");
        if !locale.is_empty() {
            command.env("LC_ALL", locale);
        }
        let run = ended(&mut command).exits(0);
        assert!(run.stdout.contains("größe mit leerzeichen") || run.stdout.contains("2/2 cells ran"), "{locale}: {}", run.stdout);
        let explained = ended(project.command(&["explain", "alpha-1.1", "unter ordner/größe mit leerzeichen"]).current_dir(&folder));
        assert!(explained.exits(0).stdout.contains("naïve/π"));
        let text = fs::read_to_string(folder.join("out put/ergebnis é.json")).unwrap();
        let results: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(states(&results), ["alpha-1.0 ran", "alpha-1.1 ran"], "{locale}");
        let scenario = &results["scenarios"][0];
        assert_eq!(
            (&scenario["name"], scenario["observations"].as_array().unwrap().len()),
            (&"unter ordner/größe mit leerzeichen".into(), 6)
        );
        scenario["observations"].clone()
    });
    for other in &results[1..] {
        assert_eq!(results[0], *other);
    }
}

/// A command as a user who owns nothing here; `None` where this user may not become another.
fn as_another(program: &std::path::Path) -> Option<Command> {
    let change = ["--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let may = Command::new("setpriv").args(change).arg("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    may.then(|| {
        let mut command = Command::new("setpriv");
        command.args(change).arg(program);
        command
    })
}

#[test]
fn a_cache_of_another_user_is_told_as_such_and_nothing_is_half_done() {
    let mut project = long();
    project.cache = project.path("cache");
    project.skew(&["run"]).exits(0);
    // A place that everybody may enter, with what the other user needs.
    let place = tempfile::tempdir().unwrap();
    let open = |path: &std::path::Path| fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
    open(place.path());
    let here = |name: &str| place.path().join(name);
    let copies = [(project.path("matrix.yaml"), "matrix.yaml"), (project.path("scenarios"), "scenarios"), (project.cache.clone(), "cache")];
    for (from, to) in copies.iter().cloned().chain([(SKEW.into(), "skew"), (crate::project::UV.join("uv"), "uv")]) {
        assert!(Command::new("cp").args(["-r", "--"]).arg(from).arg(here(to)).status().unwrap().success());
    }
    fs::create_dir(here("tmp")).unwrap();
    open(&here("tmp"));
    let Some(mut question) = as_another("python3".as_ref()) else {
        assert!(std::env::var_os("CI").is_none(), "CI has to run this as root: it becomes another user");
        return;
    };
    // The other user may have no way to this user's interpreter.
    let path = "/usr/local/bin:/usr/bin:/bin";
    let answer = question.args(["-c", "import sys; print('%d.%d' % sys.version_info[:2])"]).env("PATH", path).output().unwrap();
    let version = String::from_utf8(answer.stdout).unwrap();
    fs::write(here("matrix.yaml"), project.read("matrix.yaml").replace(&*crate::project::PYTHON, version.trim())).unwrap();
    let run = |cache: &str| {
        let mut command = as_another(&here("skew")).unwrap();
        for (name, value) in project.command(&[]).get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let path = format!("{}:{path}", place.path().display());
        command.arg("run").current_dir(place.path()).env("SKEW_CACHE_DIR", here(cache)).env("TMPDIR", here("tmp"));
        ended(command.env("PATH", path).env("HOME", here("tmp")).stdin(Stdio::null()))
    };
    let refused = run("cache").exits(3);
    refused.says(&["write to the environment store", "Permission denied", "SKEW_CACHE_DIR names another one"]);
    let stored = skew::store::Store::existing(&here(".skew")).and_then(|store| store.latest());
    assert!(matches!(stored, Err(skew::store::StoreError::Empty { .. })), "{stored:?}");
    let own = run("own").exits(0);
    assert!(own.stdout.contains("2/2 cells ran"), "{}", own.stdout);
}
