//! What an upgrade changes.

use insta::assert_snapshot;

use crate::{
    analysis::diff,
    matrix::Tolerances,
    report::{
        Results, Rule, fixture,
        guide::{Step, guide},
    },
};

fn told(results: &Results, from: &str, to: &str) -> String {
    let tolerances = Tolerances::default();
    let found = diff::steps(results, "numpy", from, to, |_| &tolerances);
    guide(results, &found, Step { axis: "numpy", from, to, root: "../" })
}

#[test]
fn each_change_has_a_link_and_the_condition_of_its_rule() {
    let mut results = fixture::pairs();
    results.rules = vec![Rule {
        when: "numpy>=2.0".to_owned(),
        effect: "dtype float64 → float32".to_owned(),
        observations: vec!["promotion::float32_plus_python_float".to_owned()],
        cells: vec![results.cells[8].id.clone()],
        confounded: true,
        also: vec!["keras none → 3.6.0".to_owned()],
        ..Rule::default()
    }];
    assert_snapshot!("guide_pairs", told(&results, "1.26.4", "2.0.2"));
}

#[test]
fn a_rule_that_holds_on_both_sides_is_not_of_this_step() {
    let mut results = fixture::pairs();
    let rule = |when: &str, cells: &[usize]| Rule {
        when: when.to_owned(),
        observations: vec!["promotion::uint8_plus_300".to_owned()],
        cells: cells.iter().map(|cell| results.cells[*cell].id.clone()).collect(),
        ..Rule::default()
    };
    let (both, before, after) = (rule("tensorflow>=2.18", &[5, 8]), rule("numpy<2.0", &[3, 4, 5]), rule("numpy>=2.0", &[8]));
    results.rules = vec![both.clone()];
    assert!(!told(&results, "1.26.4", "2.0.2").contains("tensorflow>=2.18"));
    results.rules = vec![both.clone(), before];
    assert!(told(&results, "1.26.4", "2.0.2").contains("**no longer `numpy<2.0`, in all pairs**"));
    results.rules = vec![both, after];
    assert!(told(&results, "1.26.4", "2.0.2").contains("**`numpy>=2.0`, in all pairs**"));
}

#[test]
fn errors_of_one_class_are_told_together() {
    let mut results = fixture::report(&[("numpy", &["1.26.4", "2.0.2"])], &[""]);
    fixture::scenario(&mut results, "names");
    for name in ["np.float_", "np.product", "np.cumproduct", "np.alltrue", "np.sometrue", "np.in1d"] {
        let gone = fixture::error("AttributeError", &format!("`{name}` was removed"));
        fixture::observe(
            &mut results,
            name,
            vec![fixture::plain(crate::observation::Kind::Text, "str", "callable".into()), gone],
            "0= 1r",
            &[],
        );
    }
    let told = told(&results, "1.26.4", "2.0.2");
    let names = "[`np.float_`](<../scenarios/names.py#L9>), [`np.product`](<../scenarios/names.py#L9>)";
    assert!(told.contains(&format!("- names, AttributeError: {names}")), "{told}");
    assert_eq!(told.matches("- names").count(), 1, "{told}");
}

#[test]
fn where_nothing_changes_that_is_said() {
    assert!(told(&fixture::pairs(), "1.24.4", "1.26.4").ends_with("Nothing that was observed changes.\n"));
}
