//! The analysis of a made-up record, from facts to text: what is printed is what the JSON says, and it is fast.

#![expect(clippy::unwrap_used, reason = "tests")]

mod counts;
mod record;

use std::time::Instant;

use record::record;
use skew::{
    matrix::Tolerances,
    report::{self, Results},
    store::Record,
};

fn results(record: &Record) -> Results {
    let tolerances = Tolerances::default();
    report::build(record, record.baseline, |_| &tolerances)
}

#[test]
fn every_rule_holds_in_its_cells_and_tells_which_are_a_guess() {
    let results = results(&record(5, 6, 3, 30));
    let fails = results.rules.iter().filter(|rule| rule.effect == "import fails").collect::<Vec<_>>();
    assert_eq!(fails.len(), 1, "a failed import is one rule");
    assert_eq!((fails[0].when.as_str(), fails[0].observations.len()), ("alpha>=1.4 and beta<1.2", 0));
    assert!(results.rules.iter().any(|rule| !rule.unknown.is_empty()), "what a failed import hides is not known");
    assert!(results.rules.iter().all(|rule| !rule.cells.iter().any(|cell| rule.unknown.contains(cell))));
    let silent = results.rules.iter().take_while(|rule| rule.silent > 0).count();
    assert!(silent > 0 && results.rules[silent..].iter().all(|rule| rule.silent == 0), "silent first");
    let warned = results.scenarios[0].observations.iter().flat_map(|observation| &observation.forewarned).next().unwrap();
    assert_eq!((warned.axis.as_str(), warned.category.as_str()), ("alpha", "DeprecationWarning"));
    let bound = results.bounds.iter().find(|bound| bound.version == "1.0.2").unwrap();
    assert_eq!((bound.declared.as_deref(), bound.observed.as_deref()), (Some("alpha>=1.0"), Some("alpha>=1.0.2,<1.4")));
    assert_eq!(bound.allowed_but_broken.len(), 1);
    assert!(results.scenarios.iter().all(|scenario| scenario.classes.len() > 1));
}

/// `bench/analysis` runs it.
#[test]
#[ignore = "a measurement, for a release build"]
#[expect(clippy::print_stdout, reason = "it prints figures")]
fn time_of_250_cells_by_4000_observations() {
    let record = record(25, 10, 20, 200);
    let began = Instant::now();
    let results = results(&record);
    let seconds = began.elapsed().as_secs_f64();
    let observations: usize = results.scenarios.iter().map(|scenario| scenario.observations.len()).sum();
    println!(
        "report::build from a loaded record: {seconds:.2} s for {} cells x {observations} observations, {} fault lines, {} rules",
        results.cells.len(),
        results.fault_lines.len(),
        results.rules.len(),
    );
    assert!(seconds < 5.0, "{seconds} s");
}
