//! How hostile scenarios end, and that they harm nobody but themselves.

use skew::observation::{Fact, Status};

use crate::{
    bench::{Engine, Finished},
    hostile,
    table::{Expected, TABLE},
};

/// Where an engine's outcomes differ from the table.
fn differences(run: &Finished, expected: impl Fn(&Expected) -> &'static str) -> Vec<String> {
    let mut found = Vec::new();
    for row in TABLE {
        let mut cells = 0;
        for ending in run.endings(row.scenario) {
            cells += 1;
            let cause = ending.cause.as_deref().map(|cause| format!(": {cause}")).unwrap_or_default();
            let actual = format!("{}{cause}", ending.status.as_str());
            if !actual.starts_with(expected(row)) || ending.fork_only {
                found.push(format!("{}: {actual}", row.scenario));
            }
        }
        if cells != 2 {
            found.push(format!("{}: {cells} outcomes", row.scenario));
        }
    }
    found
}

#[test]
fn the_table_names_every_fixture() {
    let Some(run) = hostile::run(Engine::Local) else { return };
    let names: Vec<&str> = run.record.scenarios.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, TABLE.iter().map(|row| row.scenario).collect::<Vec<_>>());
}

#[test]
fn in_containers_every_scenario_ends_as_expected() {
    let Some(run) = hostile::run(Engine::Docker) else { return };
    assert_eq!(differences(run, |row| row.docker), Vec::<String>::new(), "{}", run.stderr);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn in_processes_every_scenario_ends_as_expected() {
    let Some(run) = hostile::run(Engine::Local) else { return };
    assert_eq!(differences(run, |row| row.local), Vec::<String>::new(), "{}", run.stderr);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn nothing_is_left_behind() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        assert_eq!(run.left, Vec::<String>::new(), "{engine:?}");
    }
}

#[test]
fn the_end_of_what_is_printed_is_kept() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        for ending in run.endings("floods_stdout") {
            assert!(ending.stdout.ends_with("the end\n"));
            assert_eq!(ending.stdout.len(), 64 << 10);
        }
        for ending in run.endings("prints_binary") {
            assert!(ending.stdout.contains('\u{fffd}') && ending.stderr.contains('\u{fffd}'));
        }
    }
}

#[test]
fn a_large_array_comes_in_part_with_a_digest_of_the_whole() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        for fact in run.facts("big_array", "big") {
            let Fact::Value(value) = fact else { panic!("{fact:?}") };
            let truncated = value.truncated.as_ref().expect("truncated");
            assert_eq!((truncated.bytes, truncated.kept), (300_000_000, 4096));
            assert_eq!((truncated.min, truncated.max, truncated.nan), (Some(0.0), Some(37_499_999.0), 0));
            assert_eq!(value.digest.as_deref().map(str::len), Some(32));
        }
    }
}

#[test]
fn ten_thousand_names_are_ten_thousand_observations() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        assert_eq!(run.observed("many_names").len(), 10_000 + ["<script>", "number"].len());
        assert_eq!(run.preview("many_names", "name_09999"), 9999);
    }
}

#[test]
fn a_forger_adds_nothing_and_harms_no_other_scenario() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        assert_eq!(run.observed("finds_descriptor_and_forges"), ["<script>"]);
        for row in TABLE {
            assert!(!run.observed(row.scenario).contains(&"forged"), "{}", row.scenario);
        }
        assert_eq!(run.preview("zz_sober", "total"), 45.0);
        assert_eq!(run.preview("zz_sober", "files"), &serde_json::json!([]));
    }
}

#[test]
fn what_dies_is_confirmed_and_its_trace_kept() {
    for engine in [Engine::Docker, Engine::Local] {
        let Some(run) = hostile::run(engine) else { continue };
        for scenario in ["aborts", "segfault", "hangs", "overflows_c_stack"] {
            for ending in run.endings(scenario) {
                assert!(ending.trace.iter().any(|frame| frame.starts_with(&format!("{scenario}.py:"))), "{ending:?}");
            }
        }
        let signals = |scenario| run.endings(scenario).map(|ending| ending.signal.unwrap_or_default()).collect::<Vec<_>>();
        assert_eq!(signals("segfault"), ["SIGSEGV"; 2]);
        assert_eq!(signals("aborts"), ["SIGABRT"; 2]);
        let codes = |scenario| run.endings(scenario).map(|ending| ending.exit_code).collect::<Vec<_>>();
        assert_eq!(codes("os_exit"), [Some(3); 2]);
        assert_eq!(codes("sys_exit"), [Some(4); 2]);
        assert!(run.record.outcomes.iter().all(|outcome| outcome.status != Status::Infra));
    }
}
