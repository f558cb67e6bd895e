use serde_json::Value as Json;

use super::{
    super::{
        boxes::Condition,
        rules::{Change, Told, effect, rules},
    },
    *,
};
use crate::{
    compare::{Difference, Verdict},
    observation::{Fact, Kind, Raised, Value},
    report::Rule,
};

/// An observation that raises at these points and is unknown at those.
fn change(grid: &Grid, name: &str, raises: impl Fn(&[usize]) -> bool, unknown: impl Fn(&[usize]) -> bool) -> Change {
    let told = grid.cells().iter().map(|cell| match (unknown(&cell.versions), raises(&cell.versions)) {
        (true, _) => Told::Unknown,
        (false, true) => Told::Effect("raises ValueError".into()),
        (false, false) => Told::Alike,
    });
    Change { observation: name.to_owned(), told: told.collect(), silent: vec![false; grid.cells().len()] }
}

fn rule_of(grid: &Grid, raises: impl Fn(&[usize]) -> bool) -> Rule {
    rules(grid, &[change(grid, "a::x", raises, |_| false)]).remove(0)
}

#[test]
fn a_change_is_described_by_as_few_bounds_as_will_do() {
    let grid = grid();
    assert_eq!(rule_of(&grid, |point| point[0] >= 2).when, "numpy>=2.0");
    assert_eq!(rule_of(&grid, |point| point[0] < 2).when, "numpy<2.0");
    assert_eq!(rule_of(&grid, |point| point[0] >= 2 && point[1] < 2).when, "numpy>=2.0 and tensorflow<2.18");
    assert_eq!(rule_of(&grid, |point| point[0] == 1).when, "numpy==1.26.4");
    assert_eq!(rule_of(&grid, |point| point[0] == 1 || point[0] == 2).when, "numpy>=1.26,<2.1");
    assert_eq!(rule_of(&grid, |_| true).when, "any version");
}

#[test]
fn where_one_box_does_not_suffice_the_largest_come_first() {
    let grid = grid();
    assert_eq!(rule_of(&grid, |point| point[0] >= 2 || point[1] == 0).when, "tensorflow<2.16 or numpy>=2.0");
    let islands = rule_of(&grid, |point| [[0, 0], [1, 1], [3, 2]].contains(&[point[0], point[1]])).when;
    assert_eq!(islands, "numpy<1.26 and tensorflow<2.16 or numpy==1.26.4 and tensorflow==2.16.2 or numpy>=2.1 and tensorflow>=2.18");
}

#[test]
fn cells_that_are_not_known_make_a_rule_shorter_not_longer() {
    let grid = grid();
    let holds = |point: &[usize]| point[0] >= 2 && point[1] >= 1;
    let rules = rules(&grid, &[change(&grid, "a::x", holds, |point| point[0] >= 2 && point[1] == 0)]);
    assert_eq!(rules[0].when, "numpy>=2.0");
}

#[test]
fn not_installed_is_described_by_its_own_word() {
    let axes = [axis("numpy", &["1.26.4", "2.0.2"]), axis("tensorflow", &["none", "2.16.2", "2.18.1"])];
    let grid = Grid::new(&axes, product(&axes));
    assert_eq!(rule_of(&grid, |point| point[1] == 0).when, "tensorflow==none");
    assert_eq!(rule_of(&grid, |point| point[1] >= 1).when, "tensorflow>=2.16");
    assert_eq!(rule_of(&grid, |point| point[1] == 1).when, "tensorflow==2.16.2");
    assert_eq!(rule_of(&grid, |point| point[1] <= 1).when, "tensorflow==none or tensorflow==2.16.2");
    assert_eq!(rule_of(&grid, |point| point[0] == 1).when, "numpy>=2.0");
}

#[test]
fn cells_of_equal_versions_are_told_apart_by_interpreter_or_by_name() {
    let axes = [axis("numpy", &["1.26.4", "2.0.2"])];
    let grid = Grid::new(&axes, vec![cell(&[0], "3.9", ""), cell(&[0], "3.10", ""), cell(&[1], "3.9", ""), cell(&[1], "3.10", "")]);
    assert_eq!(rule_of(&grid, |point| point[1] == 1).when, "python>=3.10");
    let dated = GridCell { id: "numpy-1.26.4+deps-2024-09-01".to_owned(), ..cell(&[0], "3.9", "") };
    let grid = Grid::new(&axes, vec![cell(&[0], "3.9", ""), dated, cell(&[1], "3.9", "")]);
    let told = vec![Told::Alike, Told::Effect("crashes".into()), Told::Effect("crashes".into())];
    let rules = rules(&grid, &[Change { observation: "a::x".to_owned(), told, silent: vec![false; 3] }]);
    assert_eq!(rules[0].when, "numpy>=2.0 or numpy-1.26.4+deps-2024-09-01");
}

#[test]
fn observations_that_change_alike_share_a_rule_and_the_widest_comes_first() {
    let grid = grid();
    let changes = [
        change(&grid, "a::x", |point| point[1] >= 1, |_| false),
        change(&grid, "a::y", |point| point[0] >= 2, |_| false),
        change(&grid, "b::z", |point| point[0] >= 2, |_| false),
    ];
    let rules = rules(&grid, &changes);
    assert_eq!(rules.len(), 2);
    assert_eq!((rules[0].when.as_str(), rules[0].observations.as_slice()), ("numpy>=2.0", &["a::y".to_owned(), "b::z".to_owned()][..]));
    assert_eq!(rules[1].when, "tensorflow>=2.16");
}

#[test]
fn each_effect_has_a_rule_of_its_own() {
    let grid = grid();
    let told = grid.cells().iter().map(|cell| match cell.versions[0] {
        0 | 1 => Told::Alike,
        2 => Told::Effect("float64 → float32".into()),
        _ => Told::Effect("raises TypeError".into()),
    });
    let rules = rules(&grid, &[Change { observation: "a::x".to_owned(), told: told.collect(), silent: vec![false; grid.cells().len()] }]);
    let told: Vec<_> = rules.iter().map(|rule| format!("{}: {}", rule.when, rule.effect)).collect();
    assert_eq!(told, ["numpy==2.0.2: float64 → float32", "numpy>=2.1: raises TypeError"]);
}

/// `tensorflow` 2.15.1 and 2.16.2 by `numpy` 1.26.4 and 2.0.2; packages and interpreter come with `tensorflow`.
fn with_packages(old: (&str, &str), new: (&str, &str)) -> Grid {
    let axes = [axis("tensorflow", &["2.15.1", "2.16.2"]), axis("numpy", &["1.26.4", "2.0.2"])];
    let of = |point: &[usize], (python, packages): (&str, &str)| cell(point, python, packages);
    Grid::new(&axes, vec![of(&[0, 0], old), of(&[0, 1], old), of(&[1, 0], new), of(&[1, 1], new)])
}

#[test]
fn a_rule_is_confounded_when_something_else_always_changes_with_its_axis() {
    let keras = with_packages(("3.11", "keras 2.15.0"), ("3.11", "keras 3.3.3"));
    assert!(rule_of(&keras, |point| point[0] == 1).confounded);
    assert!(!rule_of(&keras, |point| point[1] == 1).confounded);
    let python = with_packages(("3.10", "keras 2.15.0"), ("3.11", "keras 2.15.0"));
    assert!(rule_of(&python, |point| point[0] == 1).confounded);
    let in_step = with_packages(("3.11", "tensorboard 2.15.2"), ("3.11", "tensorboard 2.16.2"));
    assert!(!rule_of(&in_step, |point| point[0] == 1).confounded);
}

#[test]
fn a_rule_is_confounded_when_no_two_cells_differ_along_its_axis_only() {
    let axes = axes();
    let grid = Grid::new(&axes, vec![cell(&[1, 0], "3.11", ""), cell(&[2, 1], "3.11", "")]);
    let rule = rule_of(&grid, |point| point[0] == 2);
    assert_eq!((rule.when.as_str(), rule.confounded), ("numpy>=2.0", true));
}

#[test]
fn effects_are_a_few_words() {
    let difference =
        |aspects: &[&str]| Difference { aspects: aspects.iter().map(|aspect| (*aspect).to_owned()).collect(), ..Difference::default() };
    let value = Fact::Value(Value {
        kind: Kind::None,
        type_name: "NoneType".to_owned(),
        dtype: None,
        shape: None,
        preview: Json::Null,
        data: None,
        digest: None,
        truncated: None,
        items: None,
        entries: None,
    });
    let error = Fact::Error(Raised {
        type_name: "numpy.exceptions.AxisError".to_owned(),
        bases: Vec::new(),
        message: String::new(),
        line: None,
        source: None,
        traceback: Vec::new(),
        cause: None,
    });
    let words = |verdict, aspects: &[&str], here: Option<&Fact>| effect(verdict, Some(&difference(aspects)), here);
    assert_eq!(words(Verdict::Close, &["value within tolerance"], Some(&value)), None);
    assert_eq!(words(Verdict::Raises, &["value → AxisError"], Some(&error)).unwrap(), "raises AxisError");
    assert_eq!(words(Verdict::Raises, &["missing: the script raised"], None).unwrap(), "script raises");
    assert_eq!(words(Verdict::Returns, &["AxisError → value"], Some(&value)).unwrap(), "returns");
    assert_eq!(words(Verdict::Crash, &["missing: SIGSEGV"], None).unwrap(), "crashes");
    assert_eq!(words(Verdict::Timeout, &["missing: timeout"], None).unwrap(), "takes too long");
    assert_eq!(words(Verdict::Changed, &["dtype float64 → float32", "value"], Some(&value)).unwrap(), "float64 → float32");
    assert_eq!(words(Verdict::Changed, &["at [1][\"loss\"]: value"], Some(&value)).unwrap(), "value differs");
    assert_eq!(words(Verdict::Changed, &["NaN pattern"], Some(&value)).unwrap(), "NaN pattern differs");
    assert_eq!(words(Verdict::Changed, &["error ValueError → AxisError"], Some(&error)).unwrap(), "raises AxisError");
    assert_eq!(words(Verdict::Changed, &["missing"], None).unwrap(), "missing");
}

pub(super) mod properties {
    use pep440_rs::{Version, VersionSpecifiers};
    use proptest::prelude::*;

    use super::*;

    /// Evaluates the text of a rule for a cell, as any reader of the report would.
    fn reads_true(when: &str, grid: &Grid, cell: usize) -> bool {
        let holds = |part: &str| {
            let Some(axis) = grid.axes().iter().position(|axis| part.starts_with(&axis.name)) else { return part == "any version" };
            let specifiers = &part[grid.axes()[axis].name.len()..];
            let version = grid.version(cell, axis);
            match (specifiers, version) {
                ("==none", _) => version == "none",
                (_, "none") => false,
                _ => specifiers.parse::<VersionSpecifiers>().unwrap().contains(&version.parse::<Version>().unwrap()),
            }
        };
        when.split(" or ").any(|clause| clause == grid.cells()[cell].id || clause.split(" and ").all(holds))
    }

    /// Grids of one to three axes, some with *not installed*, some cells missing, some with a second interpreter.
    pub(in super::super) fn grids() -> impl Strategy<Value = Grid> {
        let versions = (any::<bool>(), 1usize..5);
        let sizes = prop::collection::vec(versions, 1..4);
        (sizes, any::<bool>(), prop::collection::vec(0u8..4, 256)).prop_map(|(sizes, twice, there)| {
            let named = |(index, (none, size)): (usize, &(bool, usize))| {
                let releases = (0..*size).map(|minor| format!("1.{minor}.0"));
                let versions: Vec<_> = none.then(|| "none".to_owned()).into_iter().chain(releases).collect();
                let versions: Vec<_> = versions.iter().map(String::as_str).collect();
                axis(["alpha", "beta", "gamma"][index], &versions)
            };
            let axes: Vec<_> = sizes.iter().enumerate().map(named).collect();
            let mut cells = product(&axes);
            if twice {
                cells = cells
                    .into_iter()
                    .flat_map(|one| [GridCell { python: "3.9".to_owned(), id: format!("{}b", one.id), ..one.clone() }, one])
                    .collect();
            }
            let kept = cells.into_iter().zip(there.iter().cycle()).filter(|(_, there)| **there > 0).map(|(cell, _)| cell);
            Grid::new(&axes, kept.collect())
        })
    }

    proptest! {
        #[test]
        fn a_condition_gives_back_exactly_the_cells_it_was_made_from(grid in grids(), told in prop::collection::vec(0u8..5, 256)) {
            let cells: Vec<_> = (0..grid.cells().len()).collect();
            let of = |kinds: &[u8]| cells.iter().copied().filter(|cell| kinds.contains(&told[*cell])).collect::<Vec<_>>();
            let (holds, fails) = (of(&[0, 1]), of(&[2, 3]));
            let condition = Condition::describe(&grid, &holds, &fails);
            let text = condition.text(&grid);
            for cell in &holds {
                prop_assert!(condition.holds(&grid, *cell), "{text}: {cell}");
                prop_assert!(reads_true(&text, &grid, *cell), "{text}: {cell}");
            }
            for cell in &fails {
                prop_assert!(!condition.holds(&grid, *cell), "{text}: {cell}");
                prop_assert!(!reads_true(&text, &grid, *cell), "{text}: {cell}");
            }
        }

        #[test]
        fn a_box_is_never_described_by_more_than_one(
            grid in grids(), ends in prop::collection::vec((0usize..5, 0usize..5), 4), told in prop::collection::vec(any::<bool>(), 256),
        ) {
            let inside = |point: &[usize]| point.iter().zip(&ends).zip(grid.axes()).all(|((version, (one, other)), axis)| {
                // Leave *not installed* out of ranges, as text must.
                let floor = usize::from(axis.has_none);
                (floor.max(*one.min(other))..=*one.max(other)).contains(version)
            });
            let (holds, fails): (Vec<_>, Vec<_>) = (0..grid.cells().len()).filter(|cell| told[*cell]).partition(|cell| inside(&grid.cells()[*cell].versions));
            prop_assume!(!holds.is_empty());
            prop_assert_eq!(Condition::describe(&grid, &holds, &fails).clauses.len(), 1);
        }
    }
}
