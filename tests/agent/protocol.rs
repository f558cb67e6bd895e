//! A scenario that has the agent's own sender, and so the mark of its lines, harms nothing but itself.

use std::io::{BufRead, BufReader};
use std::path::Path;

use skew::agent::{Ended, Event, Line};
use skew::observation::Status;

use super::runs::{fixtures, interpreters, job, scenario, start};

/// Memory that the agent may take at its most, whatever a scenario sends: one line in several forms.
const MOST_MEMORY: u64 = 512 << 20;

/// What each fixture of `protocol/` ends as, and what its cause has.
const TABLE: &[(&str, Status, &str)] = &[
    ("array_base64_cut", Status::Protocol, "content that is not base64"),
    ("array_base64_foreign", Status::Protocol, "content that is not base64"),
    ("array_bytes_missing", Status::Protocol, "content of 4 bytes for 2 elements of float32"),
    ("array_dtype_other", Status::Protocol, "content of 8 bytes for 2 elements of float64"),
    ("array_dtype_unknown", Status::Protocol, "content of 8 bytes for 3 elements of nonsense"),
    ("array_shape_endless", Status::Protocol, "a shape of 100000 dimensions"),
    ("array_shape_huge", Status::Protocol, "content of 8 bytes for 8507059173023461586584365185794205286"),
    ("array_shape_negative", Status::Protocol, "a shape that is none"),
    ("array_shape_other", Status::Protocol, "content of 8 bytes for 3 elements of float32"),
    ("array_truncated_beyond", Status::Protocol, "more elements than the shape has"),
    ("data_of_a_text", Status::Protocol, "content of what is no array"),
    ("done_event", Status::Protocol, "a line that the agent did not write"),
    ("done_marked", Status::Protocol, "an unknown event"),
    ("end_first", Status::Protocol, "the end before the values"),
    ("end_forged_and_goes_on", Status::Protocol, "something after the end"),
    // A number like any other, however it is spelled.
    ("fraction_of_many_digits", Status::Ran, ""),
    ("half_line_and_exit", Status::Protocol, "half a line"),
    ("half_line_and_goes_on", Status::Protocol, "a line that is not JSON"),
    ("invalid_utf8", Status::Protocol, "a line that is not JSON"),
    // Who speaks the whole protocol says what a script may observe anyway.
    ("its_own_word", Status::Ran, ""),
    ("line_of_2_gb", Status::Protocol, "a line of more than 60 MiB"),
    ("line_of_many_parts", Status::Protocol, "a line of more than 2097152 pieces"),
    ("line_of_most_parts", Status::Ran, ""),
    ("lone_surrogate", Status::Protocol, "a text that is not UTF-8"),
    ("name_twice", Status::Protocol, "two observations named forged"),
    ("nan_literal", Status::Protocol, "a line that is not JSON"),
    ("nested_json", Status::Protocol, "a line that is not JSON"),
    ("nested_value", Status::Protocol, "a value that nests too deeply"),
    ("number_beyond_floats", Status::Protocol, "a number that is not finite"),
    ("number_of_many_digits", Status::Protocol, "a number of 3000000 digits"),
    ("own_token_changed", Status::Protocol, "a line that the agent did not write"),
];

/// What an agent said of the table, with a sober scenario behind each hostile one, and its peak of memory.
struct Told {
    endings: Vec<Ended>,
    observed: Vec<(u32, String)>,
    peak: u64,
}

fn told(python: &Path) -> Told {
    let mut scenarios = Vec::new();
    for (name, ..) in TABLE {
        let source = std::fs::read_to_string(fixtures().join(format!("protocol/{name}.py"))).expect("a fixture can be read");
        scenarios.extend([scenario(name, &source), scenario("sober", "value = 1\n")]);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut child = start(python, &folder.path().join("agent.py"), job(&["fakelib"], scenarios));
    let mut told = Told { endings: Vec::new(), observed: Vec::new(), peak: 0 };
    let lines = BufReader::new(child.stdout.take().expect("stdout is a pipe")).lines();
    for line in lines.map(|line| line.expect("stdout is UTF-8")) {
        // Before the line is read, because the agent may be gone by then; the heavy ones are not the last of the table.
        told.peak = told.peak.max(peak(child.id()));
        match Line::new(line.as_bytes()).read().unwrap_or_else(|error| panic!("{error} in {line:.200}")) {
            Event::Ended(ended) => told.endings.push(ended),
            Event::Observed(observed) => told.observed.push((observed.scenario, observed.observation.name)),
            Event::Hello(_) | Event::Imported(_) | Event::Started(_) | Event::Step(_) | Event::Provisioned(_) | Event::Done {} => {}
        }
    }
    assert!(child.wait().expect("the agent ends").success());
    told
}

/// The most memory that a process had, in bytes; 0 of one that has ended.
fn peak(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a child that was not waited for is there");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") << 10
}

#[test]
fn a_scenario_that_has_the_agents_mark_harms_itself_alone_and_memory_stays_bounded() {
    let all = interpreters();
    let ends = [&all[0], &all[all.len() - 1]];
    std::thread::scope(|scope| {
        for (version, python) in ends {
            scope.spawn(move || {
                let told = told(python);
                for (place, (name, status, cause)) in TABLE.iter().enumerate() {
                    let number = u32::try_from(2 * place).expect("few fixtures");
                    let of = |number| told.endings.iter().find(|ended: &&Ended| ended.scenario == number).expect("an ending");
                    let ending = &of(number).ending;
                    assert_eq!(ending.status, *status, "{name} in {version:?}: {:?}", ending.cause);
                    assert!(ending.cause.as_deref().unwrap_or_default().contains(cause), "{name} in {version:?}: {:?}", ending.cause);
                    let names =
                        |number| told.observed.iter().filter(|(of, _)| *of == number).map(|(_, name)| name.as_str()).collect::<Vec<_>>();
                    let expected: &[&str] = if *status == Status::Ran { &["forged", "<script>"] } else { &[] };
                    assert_eq!(names(number), expected, "{name} in {version:?}");
                    assert_eq!((of(number + 1).ending.status, names(number + 1)), (Status::Ran, vec!["value", "<script>"]), "after {name}");
                }
                // A line of 60 MiB was held whole, so a smaller peak was measured too early.
                assert!((64 << 20..MOST_MEMORY).contains(&told.peak), "{version:?}: {} MiB", told.peak >> 20);
            });
        }
    });
}
