//! Small reports, blessed and compared.

use std::path::Path;

use insta::assert_snapshot;
use jiff::civil::date;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    observation::{Fact, Kind, Status},
    report::{
        Results,
        fixture::{array, error, observe, pairs, plain, report, scenario, single},
    },
};

const TODAY: Date = date(2026, 11, 24);

fn read(text: &str) -> Expectations {
    Expectations::parse(Path::new("expected.yaml"), text, &["numpy", "tensorflow"]).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
}

fn nothing() -> Expectations {
    Expectations { path: "expected.yaml".into(), ..Expectations::default() }
}

/// All of it, written and read again.
fn blessed(old: &Expectations, results: &Results) -> Expectations {
    read(&bless(old, results, &Selected::all(results)).expectations.text())
}

/// What a comparison finds, a line each.
fn found(expected: &Expectations, results: &Results) -> Vec<String> {
    let comparison = compare(expected, results, TODAY);
    let name = |(name, value): &(String, Option<String>)| value.as_ref().map_or_else(|| name.clone(), |value| format!("{name} = {value}"));
    let group = |group: &Unexpected| {
        let names: Vec<String> = group.observations.iter().map(name).collect();
        format!("unexpected {}: {} {}", group.range.text(), group.effect, names.join(", ")).trim().to_owned()
    };
    let lapsed = |part: &Part| format!("lapsed {}", expected.entries[part.entry].line(part.name));
    let run_out = |place: &usize| format!("run out {}", expected.entries[*place].whole_line());
    let groups = comparison.groups.iter().map(group);
    groups.chain(comparison.lapsed.iter().map(lapsed)).chain(comparison.run_out.iter().map(run_out)).collect()
}

/// A report of releases of numpy and one observation, by tokens as [`observe`] takes them: value 1.0, value 2.5, `ValueError`,
/// value 4.0.
fn one(versions: &[&str], tokens: &str) -> Results {
    let mut results = report(&[("numpy", versions)], &[""]);
    scenario(&mut results, "s");
    observe(&mut results, "x", facts(), tokens, &["value"]);
    results
}

fn facts() -> Vec<Fact> {
    let float = |number: f64| plain(Kind::Scalar, "float", json!(number));
    vec![float(1.0), float(2.5), error("builtins.ValueError", "no"), float(4.0)]
}

const FOUR: [&str; 4] = ["1.26.4", "2.0.2", "2.1.3", "2.2.6"];

#[test]
fn what_is_blessed_reads_like_a_changelog() {
    let results = pairs();
    let blessed = bless(&nothing(), &results, &Selected::all(&results));
    assert_snapshot!("blessed", blessed.expectations.text());
    assert_snapshot!("blessed_lines", blessed.added.join("\n"));
    let expected = read(&blessed.expectations.text());
    assert_eq!(found(&expected, &results), [""; 0]);
    assert_eq!(super::tests::blessed(&expected, &results).text(), expected.text());
}

#[test]
fn outcomes_say_whether_all_that_differs_there_is_expected() {
    let mut results = one(&FOUR, "0= 1c 0= 0=");
    let range = "{when: numpy==2.0.2, effect: value differs, reason: as planned, until: 2027-01-31}";
    mark(&read(&format!("expected: [{range}]")), &mut results);
    let said = |results: &Results| results.scenarios[0].outcomes.iter().map(|outcome| outcome.expected.clone()).collect::<Vec<_>>();
    assert_eq!(said(&results), [None, Some("numpy==2.0.2: value differs, as planned, until 2027-01-31".into()), None, None]);
    // What one observation shows is not excused by what is expected of another.
    let mut results = one(&FOUR, "0= 1c 0= 0=");
    observe(&mut results, "y", facts(), "0= 1c 0= 1c", &["value"]);
    mark(&read("expected: [{effect: value differs, observations: [x]}, {when: numpy>=2.2, effect: value differs}]"), &mut results);
    assert_eq!(said(&results), [None, None, None, Some("numpy>=2.2: value differs".into())]);
    // Differences from another baseline are other ones.
    let mut results = one(&FOUR, "0= 1c 0= 0=");
    mark(&read("baseline: numpy-2.2.6\nexpected: [{effect: value differs}]"), &mut results);
    assert_eq!(said(&results), [None, None, None, None]);
}

#[test]
fn cells_that_no_range_tells_apart_are_named() {
    let results = single();
    let text = blessed(&nothing(), &results).text();
    assert!(text.contains("  - cells: [numpy-2.0.2+deps-2024-09-01]\n    scenario: shape\n    effect: value differs\n"), "{text}");
}

#[test]
fn a_range_that_means_more_than_it_should_is_not_written() {
    // To PEP 440 a local version is equal to what it is made from.
    let results = one(&["1.26.4", "2.0.2", "2.0.2+own", "2.1.3"], "0= 1c 2r 0=");
    let expected = blessed(&nothing(), &results);
    let lines: Vec<String> = expected.entries.iter().map(Expectation::whole_line).collect();
    assert_eq!(lines, ["numpy-2.0.2: s: value differs: x (2.5)", "numpy==2.0.2+own: s: raises ValueError: x"]);
    assert_eq!(found(&expected, &results), [""; 0]);
}

#[test]
fn a_long_condition_takes_a_line_for_each_of_its_parts() {
    let parts = ["numpy<1.20 and tensorflow>=2.8", "numpy<1.23 and tensorflow>=2.12,<2.18", "numpy>=2.0 and tensorflow<2.18"];
    let text = |when: &str| format!("expected: [{{effect: import fails, when: {when}}}]");
    let long = read(&text(&format!("\"{}\"", parts.join(" or "))));
    assert!(long.text().contains(&format!("  - when:\n      - {}\n    effect", parts.join("\n      - "))), "{}", long.text());
    assert_eq!(read(&long.text()).entries[0].range, long.entries[0].range);
    let mistakes = |when: &str| Expectations::parse(Path::new("expected.yaml"), &text(when), &["numpy"]).unwrap_err().len();
    assert_eq!((mistakes("[]"), mistakes("[numpy>=2, numpi<2]"), mistakes("[[numpy>=2]]")), (1, 1, 1));
}

#[test]
fn mistakes_are_told_all_at_once_with_their_places() {
    let text = r#"
baseline: [numpy-1.26.4]
expectd: []
expected:
  - {when: numpi>=2.0, scenario: s, effect: raises TypeError}
  - when: "numpy>=2.0 tensorflow<2"
    cells: [numpy-2.0.2]
    effect: raise TypeError
  - when: numpy=>2.0
    scenario: s
    observations: []
    efect: returns
    link: javascript:alert(1)
    until: 2027-02-30
  - {effect: import fail, observations: {x: [1]}}
  - {effect: import fails, scenario: s}
  - everything
"#;
    let problems = Expectations::parse(Path::new("expected.yaml"), text, &["numpy", "tensorflow"]).unwrap_err();
    assert_snapshot!("mistakes", problems.render(false));
    let empty = Expectations::parse(Path::new("expected.yaml"), "", &[]).unwrap_err();
    assert_eq!(empty.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>(), ["the file is empty"]);
    assert_eq!(read("expected: []\n").entries, []);
    assert_eq!(read("expected:\n").entries, []);
}

#[test]
fn an_expectation_pins_what_comes_to_pass() {
    let expected = blessed(&nothing(), &one(&FOUR, "0= 1c 1c 1c"));
    assert_eq!(found(&expected, &one(&FOUR, "0= 1c 1c 1c")), [""; 0]);
    assert_eq!(found(&expected, &one(&FOUR, "0= 1c 1c 2r")), ["unexpected numpy>=2.2: raises ValueError x"]);
    assert_eq!(found(&expected, &one(&FOUR, "0= 1c 1c 3c")), ["unexpected numpy>=2.2: value differs x = 4.0"]);
    // What is as in the baseline again is no difference; that nothing of it is left is worth a word.
    assert_eq!(found(&expected, &one(&FOUR, "0= 1c 0= 0=")), [""; 0]);
    assert_eq!(found(&expected, &one(&FOUR, "0= 0= 0~ 0w")), ["lapsed numpy>=2.0: s: value differs: x (2.5)"]);
}

#[test]
fn last_bits_do_not_make_another_value() {
    let results = |number: f64| {
        let mut results = report(&[("numpy", &FOUR[..2])], &[""]);
        scenario(&mut results, "s");
        let facts = vec![array("float64", &[2], json!([1.0, 1.0])), array("float64", &[2], json!([number, "nan"]))];
        observe(&mut results, "x", facts, "0= 1c", &["value"]);
        results
    };
    let expected = blessed(&nothing(), &results(0.1 + 0.2));
    assert!(expected.text().contains("x: float64 (2,) [0.3, nan]"), "{}", expected.text());
    assert_eq!(found(&expected, &results(0.3)), [""; 0]);
    assert_eq!(found(&expected, &results(0.301)).len(), 2);
}

#[test]
fn a_new_version_in_the_range_is_expected_to_behave_like_its_neighbours() {
    let expected = blessed(&nothing(), &one(&FOUR[..3], "0= 1c 1c"));
    assert_eq!(found(&expected, &one(&FOUR, "0= 1c 1c 1c")), [""; 0]);
    let before = ["1.25.2", "1.26.4", "2.0.2"];
    assert_eq!(found(&expected, &one(&before, "1c 0= 1c")), ["unexpected numpy<1.26: value differs x = 2.5"]);
}

#[test]
fn only_answers_speak_against_an_expectation() {
    let expected = blessed(&nothing(), &one(&FOUR[..2], "0= 1c"));
    assert_eq!(found(&expected, &one(&FOUR[..2], "0= 0f")), [""; 0]);
    assert_eq!(found(&expected, &one(&FOUR[..1], "0=")), [""; 0]);
    for state in [State::Infra, State::NotRun, State::Unavailable] {
        let mut results = one(&FOUR[..2], "0= --");
        results.cells[1].state = state;
        assert_eq!(found(&expected, &results), [""; 0], "{state:?}");
    }
    // One of two answers is not enough.
    let wide = blessed(&nothing(), &one(&FOUR[..3], "0= 1c 1c"));
    let mut results = one(&FOUR[..3], "0= 0= --");
    assert_eq!(found(&wide, &results).len(), 1);
    results.cells[2].state = State::NotRun;
    assert_eq!(found(&wide, &results), [""; 0]);
    results.cells[2].state = State::Ran;
    results.scenarios[0].outcomes[2].status = Status::Infra;
    assert_eq!(found(&wide, &results), [""; 0]);
    let mut results = one(&FOUR[..2], "0= --");
    results.scenarios[0].outcomes[1].status = Status::Infra;
    results.scenarios[0].observations.clear();
    assert_eq!(found(&expected, &results), [""; 0]);
    // Here it has an answer, only that nobody asks the question any more.
    results.scenarios[0].outcomes[1].status = Status::Ran;
    let lapsed = ["lapsed numpy>=2.0: s: value differs: x (2.5)"];
    assert_eq!(found(&expected, &results), lapsed);
    results.scenarios.clear();
    assert_eq!(found(&expected, &results), lapsed);
    results.run.selection = Some("-k other".to_owned());
    assert_eq!(found(&expected, &results), [""; 0]);
}

#[test]
fn a_cell_that_cannot_be_had_is_expected_like_anything_else() {
    let mut results = one(&FOUR, "0= -- -- --");
    for (cell, state) in [(1, State::ImportFailed), (2, State::InstallFailed), (3, State::Unresolvable)] {
        results.cells[cell].state = state;
    }
    let expected = blessed(&nothing(), &results);
    assert_eq!(found(&expected, &results), [""; 0]);
    let whole: Vec<String> = expected.entries.iter().map(Expectation::whole_line).collect();
    assert_eq!(whole, ["numpy==2.0.2: import fails", "numpy==2.1.3: install fails", "numpy>=2.2: unresolvable"]);
    results.cells[2].state = State::Unresolvable;
    assert_eq!(found(&expected, &results), ["unexpected numpy==2.1.3: unresolvable", "lapsed numpy==2.1.3: install fails"]);
}

#[test]
fn patterns_say_much_with_few_words() {
    let results = one(&FOUR, "0= 1c 3c 2r");
    let all = read("expected: [{scenario: '*', effect: '*'}]");
    assert_eq!(found(&all, &results), [""; 0]);
    let any_value = read("expected: [{when: numpy>=2, effect: value differs, observations: ['?', 'x*']}]");
    assert_eq!(found(&any_value, &results), ["unexpected numpy>=2.2: raises ValueError x", "lapsed numpy>=2: value differs: ?"]);
    let some =
        read("expected: [{when: numpy>=2, effect: value differs, observations: {x: '2.*'}}, {when: 'numpy>=2.2', effect: raises *}]");
    assert_eq!(found(&some, &results), ["unexpected numpy==2.1.3: value differs x = 4.0"]);
    // They stay as they are as long as they mean something.
    let lines = |old: &Expectations| blessed(old, &results).entries.iter().map(Expectation::whole_line).collect::<Vec<_>>();
    assert_eq!(lines(&all), ["any version: *: *"]);
    assert_eq!(lines(&any_value), ["numpy>=2: value differs: x*", "numpy>=2.2: s: raises ValueError: x"]);
}

#[test]
fn what_has_run_out_is_told_and_counts_all_the_same() {
    let expected = |until: &str| read(&format!("expected: [{{when: numpy>=2, effect: value differs, until: {until}}}]"));
    let results = one(&FOUR, "0= 1c 1c 1c");
    assert_eq!(found(&expected("2026-11-24"), &results), [""; 0]);
    assert_eq!(found(&expected("2026-11-23"), &results), ["run out numpy>=2: value differs"]);
}

#[test]
fn remarks_stay_where_ranges_move() {
    let text =
        "expected: [{when: numpy>=2.1, scenario: s, effect: value differs, observations: {x: 2.5}, reason: NEP 50, until: 2027-01-31}]";
    let of = |tokens: &str| {
        let blessed = blessed(&read(text), &one(&FOUR, tokens)).entries;
        blessed.iter().map(|entry| format!("{} {}", entry.whole_line(), entry.remarks.reason.as_deref().unwrap_or("-"))).collect::<Vec<_>>()
    };
    let moved = |range: &str| vec![format!("{range}: s: value differs: x (2.5) NEP 50")];
    assert_eq!(of("0= 0= 1c 1c"), moved("numpy>=2.1"));
    assert_eq!(of("0= 1c 1c 1c"), moved("numpy>=2.0"));
    assert_eq!(of("0= 0= 1c 0="), moved("numpy==2.1.3"));
    assert_eq!(of("0= 0= 0= 1c"), moved("numpy>=2.2"));
    // A difference that becomes another one is none that anybody has given a reason for.
    assert_eq!(of("0= 0= 2r 2r"), ["numpy>=2.1: s: raises ValueError: x -"]);
    assert_eq!(of("0= 0= 0= 0="), [""; 0]);
    assert_eq!(of("0= -- -- --"), moved("numpy>=2.1"));
}

#[test]
fn a_further_observation_makes_an_entry_longer_and_no_other() {
    let mut results = one(&FOUR, "0= 2r 2r 2r");
    let old = blessed(&nothing(), &results).text().replace("\n    observations", "\n    reason: NEP 50\n    observations");
    observe(&mut results, "y", facts(), "0= 2r 2r 2r", &[]);
    let new = bless(&read(&old), &results, &Selected::all(&results));
    assert_eq!((new.removed.len(), new.added, new.kept), (0, vec!["numpy>=2.0: s: raises ValueError: y".to_owned()], 1));
    assert!(new.expectations.text().contains("observations: [x, y]\n    reason: NEP 50"), "{}", new.expectations.text());
}

#[test]
fn nothing_but_what_is_selected_is_blessed() {
    let mut results = one(&FOUR, "0= 1c 1c 2r");
    scenario(&mut results, "t");
    observe(&mut results, "x", facts(), "0= 2r 2r 2r", &[]);
    let select = |cells: [bool; 4], scenarios: [bool; 2]| Selected { cells: cells.to_vec(), scenarios: scenarios.to_vec() };
    let of = |old: &Expectations, selected: &Selected| {
        let lines = bless(old, &results, selected).expectations.entries;
        lines.iter().map(Expectation::whole_line).collect::<Vec<_>>()
    };
    let all = [true; 4];
    assert_eq!(of(&nothing(), &select(all, [false, true])), ["numpy>=2.0: t: raises ValueError: x"]);
    let second = select([false, true, false, false], [true, false]);
    assert_eq!(of(&nothing(), &second), ["numpy==2.0.2: s: value differs: x (2.5)"]);
    // What lapsed elsewhere stays, too.
    let old = read("expected: [{when: numpy>=2.2, scenario: t, effect: returns, observations: [x]}]");
    assert_eq!(of(&old, &second), ["numpy>=2.2: t: returns: x", "numpy==2.0.2: s: value differs: x (2.5)"]);
    assert_eq!(of(&old, &select(all, [false, true])), ["numpy>=2.0: t: raises ValueError: x"]);
}

/// A report of 3 × 3 cells, some of them twice, with some observations; the first cell is the baseline.
fn anything() -> impl Strategy<Value = Results> {
    let states = proptest::collection::vec(0..12_u8, 18);
    let token = prop_oneof![
        4 => Just("0="), 3 => Just("1c"), 1 => Just("3s"), 3 => Just("2r"), 1 => Just("-r"), 1 => Just("0f"), 1 => Just("--"), 1 => Just("-k"),
        1 => Just("0w"), 1 => Just("1R"), 1 => Just("-c"),
    ];
    let observations = proptest::collection::vec(proptest::collection::vec(token, 18), 1..4);
    (any::<bool>(), states, observations).prop_map(|(twice, states, observations)| {
        let suffixes: &[&str] = if twice { &["", "+deps-2024-09-01"] } else { &[""] };
        let axes: &[(&str, &[&str])] = &[("numpy", &["1.26.4", "2.0.2", "2.0.2+own"]), ("tensorflow", &["none", "2.15.1", "2.18.1"])];
        let mut results = report(axes, suffixes);
        for (cell, state) in results.cells.iter_mut().zip(states).skip(1) {
            cell.state = match state {
                0 => State::ImportFailed,
                1 => State::InstallFailed,
                2 => State::Infra,
                3 => State::NotRun,
                4 => State::Unavailable,
                _ => State::Ran,
            };
        }
        for (index, tokens) in observations.iter().enumerate() {
            if index != 1 {
                scenario(&mut results, if index == 0 { "s" } else { "t*" });
            }
            let seen = |(number, (cell, token)): (usize, (&crate::report::Cell, &&'static str))| match (number, cell.state) {
                (0, _) => "0=",
                (_, State::Ran | State::ImportFailed) => *token,
                _ => "--",
            };
            let tokens: Vec<&str> = results.cells.iter().zip(tokens).enumerate().map(seen).collect();
            observe(&mut results, ["x", "<script>", "y: [*]"][index % 3], facts(), &tokens.join(" "), &["value"]);
        }
        results
    })
}

proptest! {
    #[test]
    fn what_was_blessed_is_expected_and_blessing_it_again_changes_nothing(first in anything(), second in anything()) {
        let expected = blessed(&nothing(), &first);
        prop_assert_eq!(found(&expected, &first), [""; 0]);
        prop_assert_eq!(blessed(&expected, &first).text(), expected.text());
        // From whatever was expected before.
        let then = blessed(&expected, &second);
        prop_assert_eq!(found(&then, &second), [""; 0], "{}", expected.text());
        prop_assert_eq!(blessed(&then, &second).text(), then.text());
    }

    #[test]
    fn a_selection_is_blessed_and_the_rest_stays_as_unexpected_as_it_was(
        first in anything(),
        second in anything(),
        cells in proptest::collection::vec(any::<bool>(), 18),
        scenarios in proptest::collection::vec(any::<bool>(), 2),
    ) {
        let old = blessed(&nothing(), &first);
        let cells: Vec<bool> = second.cells.iter().zip(cells).map(|(_, selected)| selected).collect();
        let scenarios: Vec<bool> = second.scenarios.iter().zip(scenarios).map(|(_, selected)| selected).collect();
        let selected = Selected { cells: cells.clone(), scenarios: scenarios.clone() };
        let new = read(&bless(&old, &second, &selected).expectations.text());
        let is_selected = |group: &Unexpected| {
            let scenario = |name: &String| second.scenarios.iter().zip(&scenarios).any(|(known, selected)| *selected && known.name == *name);
            group.scenario.as_ref().map_or(!scenarios.contains(&false), scenario)
        };
        let open = compare(&new, &second, TODAY);
        for group in open.groups.iter().filter(|group| is_selected(group)) {
            for (cell, selected) in second.cells.iter().zip(&cells) {
                prop_assert!(!(*selected && group.cells.contains(&cell.id)), "{group:?}");
            }
        }
        prop_assert!(open.unexpected <= compare(&old, &second, TODAY).unexpected);
        let again = bless(&new, &second, &selected).expectations.text();
        prop_assert_eq!(again, new.text());
    }
}
