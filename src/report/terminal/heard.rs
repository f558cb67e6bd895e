//! What is heard of a cell while a run goes on, and how it compares with the baseline once that has ended.
//!
//! It serves the progress display alone: the report judges the stored facts anew.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    compare::{Side, Verdict, judge, judge_script},
    matrix::Tolerances,
    observation::{Ending, Fact, Observation, SCRIPT, Status},
};

/// One cell's executions.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Executions that ended.
    pub(super) ended: usize,
    /// Executions that an uncaught error ended.
    pub(super) raised: usize,
    /// Executions that did not end by themselves.
    pub(super) died: usize,
    scenarios: BTreeMap<usize, Kept>,
}

/// The first execution of a scenario, and what later ones disagree about.
#[derive(Debug)]
struct Kept {
    status: Status,
    signal: Option<String>,
    observations: Vec<Observation>,
    flaky: BTreeSet<String>,
}

impl Kept {
    /// An observation by its name, which most executions have at the same `place`.
    fn seen(&self, name: &str, place: usize) -> Option<&Observation> {
        let there = self.observations.get(place).filter(|observation| observation.name == name);
        there.or_else(|| self.observations.iter().find(|observation| observation.name == name))
    }

    fn side(&self, name: &str, place: usize) -> Side<'_> {
        let seen = self.seen(name, place).map(|observation| (&observation.fact, observation.warnings.as_slice()));
        Side { status: self.status, signal: self.signal.as_deref(), seen }
    }
}

impl Heard {
    /// Takes notice of an execution. Later repeats tell only what differs from the first, and what they lack.
    pub(super) fn outcome(&mut self, scenario: usize, repeat: u32, ending: &Ending, observations: &[Observation], missing: &[String]) {
        self.ended += 1;
        match ending.status {
            Status::Raised => self.raised += 1,
            Status::Crash | Status::Timeout | Status::Oom | Status::Exited | Status::Protocol => self.died += 1,
            Status::Ran | Status::NotApplicable | Status::Infra => {}
        }
        if let Some(kept) = self.scenarios.get_mut(&scenario).filter(|_| repeat > 0) {
            kept.flaky.extend(missing.iter().cloned());
            for later in observations {
                let first = kept.observations.iter().find(|first| first.name == later.name);
                if !first.is_some_and(|first| alike(&first.fact, &later.fact)) {
                    kept.flaky.insert(later.name.clone());
                }
            }
        } else {
            let (status, signal) = (ending.status, ending.signal.clone());
            let kept = Kept { status, signal, observations: observations.to_vec(), flaky: BTreeSet::new() };
            self.scenarios.insert(scenario, kept);
        }
    }

    /// How many observations have which verdict against `baseline`, worst first.
    pub(super) fn verdicts(&self, baseline: &Self, tolerances: &[Tolerances]) -> Vec<(Verdict, usize)> {
        let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
        for (number, here) in &self.scenarios {
            let (Some(there), Some(tolerances)) = (baseline.scenarios.get(number), tolerances.get(*number)) else { continue };
            let mine = here.observations.iter().enumerate();
            let others = there.observations.iter().enumerate().filter(|(place, other)| here.seen(&other.name, *place).is_none());
            for (place, name) in mine.chain(others).map(|(place, observation)| (place, observation.name.as_str())) {
                if there.flaky.contains(name) || here.flaky.contains(name) {
                    continue;
                }
                let judge = if name == SCRIPT { judge_script } else { judge };
                if let Some(verdict) = judge(there.side(name, place), here.side(name, place), tolerances).verdict {
                    *counts.entry(verdict).or_default() += 1;
                }
            }
        }
        counts.into_iter().rev().collect()
    }
}

/// Whether two executions observed the same, tracebacks aside.
fn alike(first: &Fact, later: &Fact) -> bool {
    match (first, later) {
        (Fact::Error(first), Fact::Error(later)) => (&first.type_name, &first.message) == (&later.type_name, &later.message),
        (Fact::Value(_), _) | (_, Fact::Value(_)) => first == later,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::json;

    use super::*;

    fn observation(name: &str, value: f64) -> Observation {
        let fact = json!({"value": {"kind": "scalar", "type": "float", "preview": value}});
        serde_json::from_value(json!({"name": name, "fact": fact})).unwrap()
    }

    fn ending(status: &str) -> Ending {
        serde_json::from_value(json!({"status": status, "seconds": 0.5, "max_rss": null})).unwrap()
    }

    fn heard(observations: &[Observation]) -> Heard {
        let mut heard = Heard::default();
        heard.outcome(0, 0, &ending("ran"), observations, &[]);
        heard
    }

    #[test]
    fn a_cell_is_compared_with_the_baseline_observation_by_observation() {
        let baseline = heard(&[observation("a", 1.0), observation("b", 1.0)]);
        let here = heard(&[observation("a", 1.0), observation("b", 2.0)]);
        assert_eq!(here.verdicts(&baseline, &[Tolerances::default()]), [(Verdict::Changed, 1), (Verdict::Same, 1)]);
    }

    #[test]
    fn what_repeats_disagree_about_is_left_out() {
        let baseline = heard(&[observation("a", 1.0), observation("b", 1.0)]);
        let mut here = heard(&[observation("a", 1.0), observation("b", 2.0)]);
        here.outcome(0, 1, &ending("ran"), &[observation("b", 3.0)], &["a".to_owned()]);
        assert_eq!(here.verdicts(&baseline, &[Tolerances::default()]), []);
        assert_eq!(here.ended, 2);
    }

    #[test]
    fn what_a_dead_script_did_not_reach_counts_as_its_death() {
        let baseline = heard(&[observation("a", 1.0)]);
        let mut here = Heard::default();
        here.outcome(0, 0, &ending("timeout"), &[], &[]);
        assert_eq!(here.verdicts(&baseline, &[Tolerances::default()]), [(Verdict::Timeout, 1)]);
        assert_eq!(here.died, 1);
    }
}
