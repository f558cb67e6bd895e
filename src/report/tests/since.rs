//! What is different between two reports, in every format.

use serde_json::json;

use crate::{
    analysis::diff,
    compare::Verdict,
    matrix::Tolerances,
    observation::{Fact, Kind, Status},
    report::{
        Comparison, Results, State, compact,
        fixture::{array, error, observe, pairs, plain, report, scenario},
        json, markdown, since,
        terminal::{Style, comparison, table},
    },
};

fn tolerances() -> Tolerances {
    Tolerances::default()
}

/// The later report with what is different since the earlier.
fn compared(before: &Results, after: Results) -> Results {
    let tolerances = tolerances();
    let diff = diff::reports(before, &after, |_| &tolerances);
    let since = since(&diff, before, &after);
    Results { since: Some(since), ..after }
}

/// One release of one package, in which `x` is this.
fn one(fact: Fact) -> Results {
    let mut results = report(&[("numpy", &["2.0.2"])], &[""]);
    scenario(&mut results, "s");
    observe(&mut results, "x", vec![fact], "0=", &[]);
    results
}

/// Verdict, silent, unmeasured and the line that tells the one change.
fn judged(before: &Results, after: &Results) -> Option<(Verdict, bool, bool, String)> {
    let since = compared(before, after.clone()).since.unwrap();
    assert!(since.changes.len() < 2, "{since:?}");
    since.changes.first().map(|change| (change.verdict, change.silent, change.unmeasured, change.line()))
}

fn published(results: &Results) -> Results {
    let mut out = Vec::new();
    json::write(results, &mut out).unwrap();
    json::parse(std::str::from_utf8(&out).unwrap()).unwrap()
}

/// [`pairs`] a week later: a release is new, one import works again, one observation raises, two are of another dtype.
fn later() -> Results {
    let mut results = pairs();
    results.run.id = "r2".to_owned();
    results.run.started = "2026-11-29T10:00:00Z".to_owned();
    let mut new = results.cells[8].clone();
    new.id = new.id.replace("2.0.2", "2.1.3");
    results.axes[0].versions.push("2.1.3".to_owned());
    new.axes.insert("numpy".to_owned(), "2.1.3".to_owned());
    results.cells.push(new);
    results.cells[7].state = State::Ran;
    for scenario in &mut results.scenarios {
        for observation in &mut scenario.observations {
            observation.by_cell.push(None);
            observation.verdicts.push(None);
            observation.silent.push(false);
            observation.flaky.push(false);
            observation.differences.push(None);
        }
    }
    let promotion = &mut results.scenarios[0].observations;
    promotion[1].by_cell[0] = Some(1);
    promotion[2].by_cell[3] = Some(1);
    promotion[2].by_cell[4] = Some(1);
    scenario(&mut results, "fft");
    results
}

#[test]
fn what_changed_since_the_last_run_comes_first() {
    let results = compared(&pairs(), later());
    insta::assert_snapshot!("since_table", table(&results, &Style::default()).split("numpy \\ ").next().unwrap());
    insta::assert_snapshot!("since_compact", compact::render(&results));
    insta::assert_snapshot!("since_markdown", markdown::render(&results, None));
    let text = published(&results);
    assert_eq!(text.since, results.since);
}

#[test]
fn a_run_like_the_last_one_says_so() {
    let results = compared(&pairs(), pairs());
    let line = "No behaviour change since 2026-11-22 (9 cells compared)";
    assert!(table(&results, &Style::default()).contains(&format!("\n{line}\n")));
    assert!(compact::render(&results).starts_with(&format!("# {line}\n")));
    assert!(markdown::render(&results, None).starts_with(&format!("{line}\n")));
}

#[test]
fn two_sides_have_their_names_in_the_headline() {
    let (before, after) = (pairs(), later());
    let tolerances = tolerances();
    let diff = diff::reports(&before, &after, |_| &tolerances);
    let found = Comparison::new(["old.json".to_owned(), "new.json".to_owned()], &diff, &before, &after);
    insta::assert_snapshot!("comparison_table", comparison(&found, &after, &Style::default()));
    insta::assert_snapshot!("comparison_json", found.json());
    let cells = diff::cells(&before, 4, 8, |_| &tolerances);
    let names = [4, 8].map(|cell: usize| before.cells[cell].id.clone());
    insta::assert_snapshot!("comparison_cells", comparison(&Comparison::new(names, &cells, &before, &before), &before, &Style::default()));
}

#[test]
fn what_is_now_is_judged_against_what_was() {
    let float = |number: f64| one(plain(Kind::Scalar, "float", json!(number)));
    let raises = one(error("builtins.ValueError", "no"));
    assert_eq!(judged(&float(1.0), &float(1.0)), None);
    assert_eq!(judged(&float(1.0), &float(1.0 + 1e-12)), None, "close is no difference");
    assert_eq!(judged(&float(1.0), &float(2.0)), Some((Verdict::Changed, true, false, "value: float 1.0 → float 2.0".to_owned())));
    assert_eq!(judged(&float(1.0), &raises), Some((Verdict::Raises, false, false, "float 1.0 → ValueError: no".to_owned())));
    let back = "ValueError: no → float 1.0".to_owned();
    assert_eq!(judged(&raises, &float(1.0)), Some((Verdict::Returns, false, false, back)));
}

#[test]
fn what_says_nothing_about_a_cell_is_not_compared() {
    let before = one(plain(Kind::Scalar, "float", json!(1.0)));
    let other = || one(plain(Kind::Scalar, "float", json!(2.0)));
    for state in [State::Infra, State::NotRun] {
        let mut after = other();
        after.cells[0].state = state;
        let since = compared(&before, after).since.unwrap();
        assert_eq!((since.is_quiet(), since.compared), (true, 0), "{state:?}");
    }
    for status in [Status::Infra, Status::NotApplicable] {
        let mut after = other();
        after.scenarios[0].outcomes[0].status = status;
        assert_eq!(judged(&before, &after), None, "{status:?}");
    }
    let mut flaky = other();
    flaky.scenarios[0].observations[0].flaky[0] = true;
    assert_eq!(judged(&before, &flaky), None);
}

#[test]
fn an_observation_that_one_side_has_nowhere_is_another_scenario_and_no_change() {
    let (with, mut without) = (one(plain(Kind::None, "NoneType", json!(null))), report(&[("numpy", &["2.0.2"])], &[""]));
    scenario(&mut without, "s");
    let since = compared(&without, with.clone()).since.unwrap();
    assert_eq!((since.is_quiet(), since.added, since.removed), (true, vec!["s::x".to_owned()], vec![]));
    let since = compared(&with, without.clone()).since.unwrap();
    assert_eq!((since.is_quiet(), since.added, since.removed), (true, vec![], vec!["s::x".to_owned()]));
    // A script that dies before it is another matter.
    (without.scenarios[0].outcomes[0].status, without.scenarios[0].outcomes[0].cause) = (Status::Crash, Some("SIGSEGV in x.so".into()));
    let crash = "the script crashed: SIGSEGV in x.so";
    assert_eq!(judged(&with, &without), Some((Verdict::Crash, false, false, format!("NoneType None → {crash}"))));
}

#[test]
fn cells_of_different_matrices_are_the_same_if_the_same_is_installed() {
    let alone = report(&[("numpy", &["1.26.4", "2.0.2"])], &[""]);
    let beside = report(&[("tensorflow", &["none", "2.18.1"]), ("numpy", &["2.0.2", "2.1.3"])], &[""]);
    let since = compared(&alone, beside).since.unwrap();
    assert_eq!((since.compared, since.gone_cells), (1, vec!["numpy-1.26.4".to_owned()]));
    assert_eq!(since.new_cells, ["tensorflow-none+numpy-2.1.3", "tensorflow-2.18.1+numpy-2.0.2", "tensorflow-2.18.1+numpy-2.1.3"]);
}

#[test]
fn files_are_judged_by_what_they_publish() {
    let of = |dtype: &str, numbers: &[f64]| one(array(dtype, &[numbers.len() as u64], json!(numbers)));
    let files = |before: &Results, after: &Results| {
        judged(&published(before), &published(after)).map(|(verdict, _, unmeasured, _)| (verdict, unmeasured))
    };
    // All elements are published: measured as ever.
    assert_eq!(files(&of("float64", &[1.0, 2.0]), &of("float64", &[1.0, 2.0 + 1e-12])), None);
    assert_eq!(files(&of("float64", &[1.0, 2.0]), &of("float64", &[1.0, 2.5])), Some((Verdict::Changed, false)));
    // A dtype is a dtype.
    assert_eq!(files(&of("float32", &[1.0]), &of("float64", &[1.0])), Some((Verdict::Changed, false)));
    // Only the first elements are published: nobody can tell how far apart floats are.
    let long = |dtype: &str, digest: &str| {
        let mut results = one(array(dtype, &[1000], json!([1.0, 2.0])));
        results.scenarios[0].observations[0].variants[0].digest = Some(digest.to_owned());
        results
    };
    assert_eq!(files(&long("float64", "a"), &long("float64", "a")), None);
    assert_eq!(files(&long("float64", "a"), &long("float64", "b")), Some((Verdict::Changed, true)));
    assert_eq!(files(&long("int64", "a"), &long("int64", "b")), Some((Verdict::Changed, false)));
    let told = judged(&published(&long("float64", "a")), &published(&long("float64", "b"))).unwrap().3;
    assert!(told.ends_with("(how far apart is not published)"), "{told}");
}

#[test]
fn a_shape_that_no_memory_could_hold_is_only_text() {
    let huge = one(array("float64", &[u64::MAX, u64::MAX], json!([1.0])));
    let small = one(array("float64", &[1], json!([1.0])));
    let (verdict, _, unmeasured, _) = judged(&published(&huge), &published(&small)).unwrap();
    assert_eq!((verdict, unmeasured), (Verdict::Changed, false));
}
