//! The agent itself, run by every `CPython` found here, must tell the truth about well-behaved and hostile scenarios alike.
//!
//! Interpreters are looked for below `$PYENV_ROOT` (or `~/.pyenv`) and on `PATH`; one at least has to be there, and all
//! those named in `SKEW_REQUIRE_PYTHONS="3.7 3.8"`.

mod protocol;
mod runs;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use runs::{Run, execute, imported, interpreters, job, runs, scenario, start, start_with};
use skew::agent::{Event, ScenarioJob};
use skew::observation::{Kind, SCRIPT, Status};

#[test]
fn every_public_name_is_recorded_with_its_value() {
    for run in runs() {
        let expected = "none flag number large fraction infinite nan imaginary text raw items unordered mapping pair thing cyclic \
                        long_list deep first last unprintable <script>";
        assert_eq!(run.names("values"), expected.split_whitespace().collect::<Vec<_>>(), "{:?}", run.version);
        let plain = [
            ("none", "null"),
            ("flag", "true"),
            ("number", "7"),
            ("large", "\"1152921504606846976\""),
            ("infinite", "\"-inf\""),
            ("nan", "\"nan\""),
            ("imaginary", "[1.0,-2.0]"),
            ("text", "\"café \\\\ud800\""),
            ("raw", "\"b'\\\\x01\\\\x02'\""),
            ("items", "[1,\"a\",[2.5,null]]"),
            ("unordered", "[1,2,3]"),
            ("mapping", "{\"a\":1,\"(1, 2)\":[true]}"),
            ("pair", "[1,2]"),
            ("thing", "\"<fakelib.Thing object>\""),
            ("cyclic", "[1,\"<cycle>\"]"),
            ("last", "2"),
            ("unprintable", "\"<unprintable: RuntimeError: no text>\""),
        ];
        for (name, preview) in plain {
            assert_eq!(run.preview("values", name), preview, "{name} in {:?}", run.version);
        }
        assert_eq!(run.value("values", "mapping").kind, Kind::Mapping);
        assert_eq!(run.value("values", "thing").type_name, "fakelib.Thing");
        assert_eq!(run.value("values", "long_list").items.as_ref().map(Vec::len), Some(10_000));
        assert!(run.value("values", "long_list").truncated.is_some(), "what is left out is said");
        assert_eq!(run.observation("values", "last").line, Some(29));
        assert_eq!(run.status("values"), Status::Ran);
    }
}

#[test]
fn observe_records_values_and_errors_and_goes_on() {
    for run in runs() {
        assert_eq!(run.names("observes"), ["direct", "called", "failed", "own", "value", "nothing", "refusal", SCRIPT]);
        assert_eq!(run.preview("observes", "called"), "4");
        let failed = run.error("observes", "failed");
        assert_eq!((failed.type_name.as_str(), failed.line), ("LookupError", Some(11)));
        assert_eq!(failed.message, "object at 0x… in observes.py");
        assert_eq!(run.observation("observes", "failed").warnings.len(), 1);
        assert!(run.preview("observes", "refusal").contains("'direct'"), "a name may be used once");
    }
}

#[test]
fn an_uncaught_error_is_the_scripts_observation() {
    for run in runs() {
        assert_eq!(run.names("raises"), ["before", SCRIPT]);
        let error = run.error("raises", SCRIPT);
        assert_eq!((error.message.as_str(), error.line), ("at raises.py", Some(2)));
        assert_eq!(error.bases, ["Exception", "BaseException"]);
        assert_eq!(run.status("raises"), Status::Raised);
        assert_eq!(run.error("recurses", SCRIPT).type_name, "RecursionError");
        assert!(run.error("recurses", SCRIPT).traceback.len() <= 40);
        assert_eq!(run.error("unprintable_error", SCRIPT).message, "<unprintable: KeyboardInterrupt>");
    }
}

#[test]
fn syntax_that_an_interpreter_does_not_know_is_an_error_of_the_script() {
    for run in runs() {
        if run.version < (3, 8) {
            assert_eq!(run.error("newer_syntax", SCRIPT).type_name, "SyntaxError");
            assert_eq!(run.status("newer_syntax"), Status::Raised);
        } else {
            assert_eq!(run.preview("newer_syntax", "value"), "1");
        }
    }
}

#[test]
fn warnings_go_to_the_names_bound_while_they_were_issued() {
    for run in runs() {
        let counted = &run.observation("warns", "counted").warnings;
        assert_eq!(counted.len(), 1, "the same warning counts once");
        assert_eq!((counted[0].category.as_str(), counted[0].origin.as_str()), ("FutureWarning", "fakelib"));
        let script = &run.observation("warns", SCRIPT).warnings;
        assert_eq!(script.iter().map(|warned| warned.message.as_str()).collect::<Vec<_>>(), ["of nothing"]);
        assert_eq!(script[0].origin, "scenario");
        assert_eq!((run.preview("warns", "seen"), run.preview("warns", "raised")), ("1".to_owned(), "\"raised\"".to_owned()));
    }
}

#[test]
fn the_pre_import_is_told_and_shared_by_forks_only() {
    for run in runs() {
        let [fakelib] = imported(&run.events)[..] else { panic!("one import") };
        assert_eq!((fakelib.version.as_deref(), fakelib.error.as_ref()), (Some("1.2.3"), None));
        assert_eq!(fakelib.warnings[0].message, "fakelib is old");
        assert!(fakelib.stderr.contains("loading fakelib"));
        assert!(run.forked("forks") && run.preview("forks", "early") == "true");
        for fresh in ["sets_environment", "given_environment"] {
            assert!(!run.forked(fresh), "{fresh} needs a fresh process");
            assert_eq!(run.preview(fresh, "early"), "false");
        }
        assert_eq!(run.preview("given_environment", "given"), "\"yes\"");
        assert_eq!(run.preview("given_environment", "home"), "true");
        assert_eq!(run.preview("given_environment", "empty"), "[]");
    }
}

#[test]
fn a_fork_collects_its_own_garbage_and_leaves_what_imports_made_alone() {
    for run in runs() {
        for name in ["as_usual", "set_aside", "collected"] {
            assert_eq!(run.preview("collects", name), "true", "{name} in {:?}", run.version);
        }
    }
}

#[test]
fn leaving_early_is_not_running_to_the_end() {
    for run in runs() {
        assert_eq!((run.status("exits"), run.ending("exits", 0).exit_code), (Status::Exited, Some(3)));
        assert_eq!(run.names("exits"), ["before", SCRIPT]);
        assert_eq!((run.status("ends_itself"), run.ending("ends_itself", 0).exit_code), (Status::Exited, Some(0)));
        assert!(run.names("ends_itself").is_empty());
    }
}

#[test]
fn a_crash_tells_its_signal_and_where_and_keeps_what_was_observed() {
    for run in runs() {
        for repeat in [0, 1] {
            let ending = run.ending("crashes", repeat);
            assert_eq!((ending.status, ending.signal.as_deref()), (Status::Crash, Some("SIGSEGV")));
            assert!(ending.trace.iter().any(|frame| frame == "crashes.py:9 in deref"), "{:?}", ending.trace);
            assert!(!ending.fork_only);
        }
        assert_eq!(run.names("crashes"), ["before"]);
    }
}

#[test]
fn a_crash_that_only_a_fork_has_is_marked_and_does_not_count() {
    for run in runs() {
        let ending = run.ending("crashes_in_fork", 0);
        assert_eq!((ending.status, ending.fork_only), (Status::Ran, true));
        assert_eq!(run.preview("crashes_in_fork", "value"), "1");
    }
}

#[test]
fn a_hang_ends_at_its_limit_and_shows_where_it_hung() {
    for run in runs() {
        let ending = run.ending("hangs", 0);
        assert_eq!(ending.status, Status::Timeout);
        assert_eq!(ending.trace.first().map(String::as_str), Some("hangs.py:6 in <module>"));
    }
}

#[test]
fn output_is_captured_to_its_limit_and_cannot_reach_the_protocol() {
    for run in runs() {
        let ending = run.ending("writes_garbage", 0);
        assert_eq!(ending.status, Status::Ran);
        assert!(ending.stdout.len() <= 4096 && ending.stdout.ends_with("the end\n"));
        assert!(ending.stderr.contains("\"event\":\"done\""));
    }
}

#[test]
fn processes_that_a_scenario_leaves_behind_delay_nothing() {
    for run in runs() {
        assert_eq!(run.status("lingers"), Status::Ran);
        assert!(run.ending("lingers", 0).seconds < 5.0);
        assert_eq!(run.names("forks_into_the_end"), ["child", "value", SCRIPT]);
        assert_eq!(run.preview("forks_into_the_end", "child"), "false");
    }
}

#[test]
fn what_is_not_the_protocol_never_passes() {
    for run in runs() {
        for name in ["closes_descriptors", "forges", "breaks_json", "binds_many", "kills_parent"] {
            assert_eq!(run.status(name), Status::Protocol, "{name} in {:?}: {:?}", run.version, run.ending(name, 0));
            assert!(run.names(name).is_empty(), "nothing of {name} is believed");
            assert!(run.ending(name, 0).cause.is_some());
        }
    }
}

#[test]
fn limits_of_memory_and_processes_hold_without_a_cgroup() {
    for run in runs() {
        assert_eq!(run.status("eats_memory"), Status::Oom, "{:?}", run.ending("eats_memory", 0).cause);
        let ending = run.ending("spawns_processes", 0);
        assert_eq!((ending.status, ending.signal.as_deref()), (Status::Crash, Some("SIGKILL")));
        assert_eq!(ending.cause.as_deref(), Some("more than 40 processes"));
    }
}

#[test]
fn a_scenario_that_breaks_its_interpreter_is_still_recorded_and_harms_no_other() {
    for run in runs() {
        assert_eq!(run.preview("replaces_builtins", "value"), "1", "{:?}", run.version);
        assert_eq!(run.preview("deletes_folder", "value"), "1");
        assert_eq!(run.preview("zz_last", "after"), "1");
    }
}

#[test]
fn a_later_repeat_tells_only_what_differs() {
    for run in runs() {
        let first = run.observations("differs", 0).len();
        let again: Vec<&str> = run.observations("differs", 1).into_iter().map(|observation| observation.name.as_str()).collect();
        assert!(first >= 5 && again.first() == Some(&"drawn"));
        assert!(!again.contains(&"seeded") && !again.contains(&"same"));
        assert_eq!(again.len() - 1, run.ended("differs", 1).missing.len(), "one of two names is bound at random");
    }
}

#[test]
fn a_failed_pre_import_ends_no_cell_and_shows_the_telling_cause() {
    let (_, python) = &interpreters()[interpreters().len() - 1];
    let source = "value = 1\nimport broken\n";
    let events = execute(python, job(&["fakelib", "broken"], vec![scenario("uses", source), scenario("else", "value = 1\n")]));
    let broken = imported(&events)[1];
    let error = broken.error.as_ref().expect("the import fails");
    assert_eq!(error.type_name, "TypeError");
    let cause = "A module that was compiled using NumPy 1.x cannot be run in NumPy 2.3.4";
    assert_eq!(error.cause.as_deref(), Some(cause));
    let run = Run { version: (0, 0), events, names: vec!["uses".to_owned(), "else".to_owned()] };
    assert!(run.forked("uses") && run.forked("else"));
    assert_eq!(run.error("uses", SCRIPT).cause.as_deref(), Some(cause));
    assert_eq!((run.status("uses"), run.status("else")), (Status::Raised, Status::Ran));
}

#[test]
fn a_fork_meets_the_failed_import_as_a_fresh_process_does() {
    let source = "\
import importlib.util
found = importlib.util.find_spec('broken') is not None
for attempt in ('first', 'second'):
    try:
        import broken
    except TypeError as error:
        globals()[attempt] = str(error)
from broken import name
";
    for (version, python) in interpreters() {
        let way = |name: &str, fork| ScenarioJob { fork: Some(fork), ..scenario(name, source) };
        let events = execute(python, job(&["broken"], vec![way("fork", true), way("fresh", false)]));
        let run = Run { version: *version, events, names: vec!["fork".to_owned(), "fresh".to_owned()] };
        assert!(run.forked("fork") && !run.forked("fresh"));
        assert_eq!(run.names("fork"), ["found", "attempt", "first", "second", SCRIPT]);
        for name in run.names("fork") {
            let facts = ["fork", "fresh"].map(|way| serde_json::to_string(&run.observation(way, name).fact).expect("facts are JSON"));
            assert_eq!(facts[0].replace("fork.py", "fresh.py"), facts[1], "{version:?} {name}");
        }
    }
}

#[test]
fn a_package_that_needs_a_failed_one_fails_as_it_would_by_itself() {
    let (_, python) = &interpreters()[0];
    let fresh = ScenarioJob { fork: Some(false), ..scenario("fresh", "import needy\n") };
    let events = execute(python, job(&["fickle", "needy"], vec![scenario("fork", "import needy\n"), fresh]));
    let told: Vec<&str> = imported(&events).iter().map(|imported| imported.error.as_ref().expect("it fails").message.as_str()).collect();
    assert_eq!(told, ["the first time", "the first time"]);
    let run = Run { version: (0, 0), events, names: vec!["fork".to_owned(), "fresh".to_owned()] };
    assert!(run.forked("fork") && !run.forked("fresh"));
    assert_eq!(run.error("fork", SCRIPT).message, run.error("fresh", SCRIPT).message);
}

#[test]
fn a_script_that_ends_by_the_import_that_failed_before_is_not_repeated() {
    let (_, python) = &interpreters()[0];
    let twice = |name: &str, source: &str| ScenarioJob { repeats: 2, ..scenario(name, source) };
    let events = execute(python, job(&["broken"], vec![twice("uses", "import broken\n"), twice("else", "value = 1\n")]));
    let ended = |number: u32| events.iter().filter(|event| matches!(event, Event::Ended(ended) if ended.scenario == number)).count();
    assert_eq!((ended(0), ended(1)), (1, 2));
}

#[test]
fn an_import_that_kills_or_hangs_is_reported_and_survived() {
    let (_, python) = &interpreters()[0];
    let events = execute(python, job(&["dies", "hangs", "fakelib"], vec![scenario("works", "value = 1\n")]));
    let died: Vec<Option<&str>> = imported(&events).iter().map(|imported| imported.died.as_deref()).collect();
    assert_eq!(died, [Some("SIGABRT"), Some("timeout"), None]);
    let run = Run { version: (0, 0), events, names: vec!["works".to_owned()] };
    assert_eq!((run.status("works"), run.forked("works")), (Status::Ran, false));
}

/// What an agent says of an interpreter for imports in which this runs first. What administrators put into that file runs in
/// every interpreter.
fn unstarted(in_zygote: &str, in_agent: &str) -> String {
    let (_, python) = &interpreters()[0];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site =
        format!("import os, time\nif b'--zygote' in open('/proc/self/cmdline', 'rb').read():\n    {in_zygote}\nelse:\n    {in_agent}\n");
    std::fs::write(folder.path().join("sitecustomize.py"), site).expect("it can be written");
    let job = job(&["json"], vec![scenario("works", "value = 1\n")]);
    let mut child = start_with(python, &folder.path().join("agent.py"), folder.path(), job);
    let stdin = child.stdin.take();
    let output = child.wait_with_output().expect("the agent ends");
    drop(stdin);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(told.lines().count(), 1, "nothing but hello: {told}");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).expect("stderr is UTF-8");
    said.strip_prefix("skew: no interpreter comes up to import the packages: ").unwrap_or_else(|| panic!("{said}")).to_owned()
}

#[test]
fn an_interpreter_that_does_not_come_up_is_no_failed_import() {
    let said = unstarted("os.write(2, b'no licence\\n'); os._exit(7)", "pass");
    assert_eq!(said, "exit code 7: no licence\n");
}

#[test]
fn an_interpreter_that_hangs_before_it_is_up_is_no_failed_import() {
    let said = unstarted("os.write(2, b'asking for a licence\\n'); time.sleep(600)", "os.environ['SKEW_START_TIMEOUT'] = '2'");
    assert_eq!(said, "not up after 2 s: asking for a licence\n");
}

#[test]
fn a_variable_that_no_interpreter_starts_with_is_trouble_and_no_fact() {
    for (version, python) in interpreters() {
        let env = BTreeMap::from([("PYTHONHASHSEED".to_owned(), "many".to_owned())]);
        let seeds = ScenarioJob { env, ..scenario("seeds", "value = 1\n") };
        let events = execute(python, job(&[], vec![seeds, scenario("else", "value = 1\n")]));
        let run = Run { version: *version, events, names: vec!["seeds".to_owned(), "else".to_owned()] };
        let cause = run.ending("seeds", 0).cause.as_deref().expect("it says why");
        assert!(cause.starts_with("the agent could not start an interpreter for the scenario: Fatal"), "{version:?}: {cause}");
        assert!(cause.contains("PYTHONHASHSEED"), "{version:?}: {cause}");
        assert_eq!((run.status("seeds"), run.status("else")), (Status::Infra, Status::Ran));
    }
}

#[test]
fn the_agent_and_its_children_stop_when_stdin_ends() {
    let (_, python) = &interpreters()[0];
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mark = folder.path().join("pid");
    let source = format!("import os, time\nopen({:?}, 'w').write(str(os.getpid()) + '\\n')\ntime.sleep(600)\n", mark.display().to_string());
    let mut child = start(python, &folder.path().join("agent.py"), job(&[], vec![scenario("sleeps", &source)]));
    let limit = Instant::now() + Duration::from_secs(20);
    let pid = loop {
        let text = std::fs::read_to_string(&mark).unwrap_or_default();
        if let Some(pid) = text.strip_suffix('\n') {
            break pid.to_owned();
        }
        assert!(Instant::now() < limit, "the scenario starts");
        std::thread::sleep(Duration::from_millis(20));
    };
    drop(child.stdin.take());
    while child.try_wait().expect("the agent can be waited for").is_none() {
        assert!(Instant::now() < limit, "the agent stops");
        std::thread::sleep(Duration::from_millis(20));
    }
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "the scenario is gone: {stat}");
}

#[test]
fn a_system_that_gives_no_process_is_trouble_and_no_fact() {
    let (version, python) = &interpreters()[0];
    let names = ["works", "again"].map(str::to_owned).to_vec();
    let events = execute(python, job(&["forkless"], names.iter().map(|name| scenario(name, "value = 1\n")).collect()));
    let run = Run { version: *version, events, names };
    for name in ["works", "again"] {
        assert_eq!((run.status(name), run.forked(name)), (Status::Infra, true));
        let cause = run.ending(name, 0).cause.as_deref().expect("it says why");
        assert_eq!(cause, "the system gives the scenario no process: [Errno 11] Resource temporarily unavailable");
    }
}

#[test]
fn observe_calls_functions_and_takes_other_objects_for_values() {
    let source = "import functools
from skew import observe

class Polynomial:
    def __call__(self, x):
        return x
    def __repr__(self):
        return 'Polynomial()'

class Case:
    def method(self):
        return 'method'

observe('polynomial', Polynomial())
observe('lambda', lambda: 'lambda')
observe('method', Case().method)
observe('builtin', 'builtin'.strip)
observe('partial', functools.partial(str, 'partial'))
observe('cached', functools.lru_cache()(lambda: 'cached'))
observe('wrapper', 'wrapper'.__str__)
";
    for (version, python) in interpreters() {
        let run =
            Run { version: *version, events: execute(python, job(&[], vec![scenario("calls", source)])), names: vec!["calls".to_owned()] };
        assert_eq!(run.preview("calls", "polynomial"), "\"Polynomial()\"", "{version:?}");
        for name in ["lambda", "method", "builtin", "partial", "cached", "wrapper"] {
            assert_eq!(run.preview("calls", name), format!("\"{name}\""), "{version:?}");
        }
    }
}

#[test]
fn a_value_that_breaks_who_looks_at_it_breaks_itself_alone() {
    let source = "from skew import observe
observe('before', lambda: 1)

class Lazy:
    @property
    def __class__(self):
        raise ZeroDivisionError('cannot be had')

class Rude:
    def __repr__(self):
        raise KeyboardInterrupt

class Leaving:
    def __repr__(self):
        raise SystemExit

lazy, rude, leaving = Lazy(), Rude(), Leaving()
observe('observed', lazy)
after = 2
";
    for (version, python) in interpreters() {
        let run =
            Run { version: *version, events: execute(python, job(&[], vec![scenario("odd", source)])), names: vec!["odd".to_owned()] };
        assert_eq!(run.status("odd"), Status::Ran, "{version:?}: {:?}", run.ending("odd", 0));
        assert_eq!(run.names("odd"), ["before", "observed", "lazy", "rude", "leaving", "after", SCRIPT], "{version:?}");
        assert!(run.preview("odd", "rude").contains("<unprintable: KeyboardInterrupt"), "{version:?}: {}", run.preview("odd", "rude"));
        assert!(run.preview("odd", "leaving").contains("<unprintable: SystemExit"), "{version:?}");
    }
}
