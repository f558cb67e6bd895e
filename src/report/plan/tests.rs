//! What a plan looks like.

use std::collections::BTreeMap;

use crate::{
    matrix::{AxisVersion, PythonVersion},
    plan::{Excluded, Plan, PlanAxis, PlanCell},
    report::plan::{plan_json, plan_table},
};

fn axis(name: &str, versions: &[&str]) -> PlanAxis {
    let versions = versions.iter().map(|version| (*version).to_owned()).collect();
    PlanAxis { name: name.to_owned(), package: format!("{name}-cpu"), import: name.to_owned(), versions, released: Vec::new() }
}

fn plan() -> Plan {
    let axes = vec![axis("a", &["1", "2"]), axis("b", &["none", "7", "8", "9"])];
    let cell = |a: &str, b: &str, conflict: Option<&str>, unavailable: Option<&str>| {
        let version = |text: &str| if text == "none" { AxisVersion::None } else { AxisVersion::Release(text.parse().unwrap()) };
        PlanCell {
            id: format!("a-{a}+b-{b}"),
            versions: vec![version(a), version(b)],
            python: PythonVersion::new(3, 11),
            cutoff: None,
            declared: conflict.is_none(),
            conflicts: conflict.iter().map(ToString::to_string).collect(),
            requirements: Vec::new(),
            unavailable: unavailable.map(str::to_owned),
            unreleased: BTreeMap::new(),
        }
    };
    Plan {
        axes,
        cells: vec![
            cell("1", "7", Some("b-cpu 7 requires a-cpu>5"), None),
            cell("1", "8", Some("b-cpu 8 requires a-cpu>5"), None),
            cell("1", "9", None, None),
            cell("2", "none", None, None),
            cell("2", "7", Some("b-cpu 7 requires a-cpu>5"), None),
            cell("2", "8", Some("b-cpu 8 requires a-cpu>5"), None),
            cell("2", "9", None, Some("a-cpu 2 has wheels for CPython 3.7 only; b-cpu 9 for 3.8–3.9")),
        ],
        baseline: 2,
        excluded: vec![Excluded { id: "a-1+b-none".to_owned(), reason: "dull".to_owned() }],
        pythons: vec![PythonVersion::new(3, 11)],
        heaviest: 1,
        notes: vec!["mind the gap".to_owned()],
    }
}

#[test]
fn two_axes_make_a_grid_and_remarks_are_grouped() {
    let expected = "\
6 cells on CPython 3.11; 4 against the packages' metadata; 1 can never exist; 1 excluded; baseline
a-1+b-9

┌───────┬──────┬───────┬───────┬────────┐
│ a \\ b ┆ none ┆ 7     ┆ 8     ┆ 9      │
╞═══════╪══════╪═══════╪═══════╪════════╡
│ 1     ┆   ·  ┆ 3.11* ┆ 3.11* ┆ 3.11 ★ │
│ 2     ┆ 3.11 ┆ 3.11* ┆ 3.11* ┆    ⊘   │
└───────┴──────┴───────┴───────┴────────┘
3.x the cell's CPython   ★ baseline   * metadata forbids it   ⊘ can never exist   · excluded

Against the packages' metadata
  b-cpu 7–8 requires a-cpu>5: with a 1–2

Can never exist
  a-cpu 2 has wheels for CPython 3.7 only; b-cpu 9 for 3.8–3.9

Excluded
  a 1 × b none: dull

Notes
  mind the gap
";
    assert_eq!(plan_table(&plan(), 100, false, false), expected);
}

#[test]
fn plain_terminals_get_ascii_and_narrow_ones_several_tables() {
    let text = plan_table(&plan(), 40, false, true);
    assert!(text.is_ascii(), "{text}");
    assert!(text.lines().all(|line| line.len() <= 40), "{text}");
    assert_eq!(text.matches("| a \\ b |").count(), 2, "{text}");
}

#[test]
fn more_than_two_axes_make_a_list() {
    let mut plan = plan();
    plan.axes.push(axis("c", &["none"]));
    plan.cells.iter_mut().for_each(|cell| cell.versions.push(AxisVersion::None));
    let text = plan_table(&plan, 100, true, false);
    assert!(text.contains("\u{1b}[1;32ma-1+b-9     3.11 ★\u{1b}[0m\n"), "{text}");
}

#[test]
fn programs_get_every_cell_with_its_reasons() {
    let json = plan_json(&plan());
    assert_eq!(json["baseline"], "a-1+b-9");
    assert_eq!(json["cells"][0]["axes"], serde_json::json!({"a": "1", "b": "7"}));
    assert_eq!(json["cells"][0]["conflicts"][0], "b-cpu 7 requires a-cpu>5");
    assert_eq!(json["excluded"][0]["reason"], "dull");
}
