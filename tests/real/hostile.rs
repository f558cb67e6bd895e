//! One run of all hostile scenarios per engine, which many tests look at.

use std::sync::OnceLock;

use serde_json::Value;
use skew::{
    observation::{Ending, Fact},
    store::OutcomeRow,
};

use crate::bench::{Bench, Engine, Finished};

/// Short limits, two releases of one package, one interpreter.
const MATRIX: &str = r#"
axes:
  numpy: ["1.26.4", "2.0.2"]
python: "3.11"
scenarios: [hostile]
repeats: 1
limits: {timeout: 5s, memory: 512MiB, cpus: 1, pids: 64, output: 64KiB}
docker: {image: "skew-test/python:{python}"}
"#;

/// The run of an engine; `None` where it can't be had.
pub(crate) fn run(engine: Engine) -> Option<&'static Finished> {
    static DOCKER: OnceLock<Option<Finished>> = OnceLock::new();
    static LOCAL: OnceLock<Option<Finished>> = OnceLock::new();
    let runs = match engine {
        Engine::Docker => &DOCKER,
        Engine::Local => &LOCAL,
    };
    runs.get_or_init(|| Bench::new(engine, "3.11", "hostile", MATRIX, &[]).map(|bench| bench.run())).as_ref()
}

impl Finished {
    /// The one thing, published in `preview`, that all cells observed.
    pub(crate) fn preview(&self, scenario: &str, observation: &str) -> &Value {
        let of = |list: &'_ Value, name: &str| {
            let list = list.as_array().expect("a list");
            list.iter().position(|entry| entry["name"] == name).unwrap_or_else(|| panic!("there is no {name}"))
        };
        let scenario = &self.results["scenarios"][of(&self.results["scenarios"], scenario)];
        let observation = &scenario["observations"][of(&scenario["observations"], observation)];
        assert_eq!(observation["by_cell"], serde_json::json!([0, 0]), "{observation}");
        &observation["variants"][0]["preview"]
    }

    /// Names of what a scenario observed, whatever the cell.
    pub(crate) fn observed(&self, scenario: &str) -> Vec<&str> {
        let scenario = self.results["scenarios"].as_array().expect("scenarios").iter().find(|known| known["name"] == scenario);
        let observations = scenario.expect("the scenario")["observations"].as_array().expect("observations");
        observations.iter().filter_map(|observation| observation["name"].as_str()).collect()
    }

    /// What happened to a scenario, in each cell.
    pub(crate) fn outcomes(&self, scenario: &str) -> impl Iterator<Item = &OutcomeRow> {
        let number = self.record.scenarios.iter().position(|row| row.name == scenario).expect("the scenario");
        self.record.outcomes.iter().filter(move |outcome| outcome.scenario == number)
    }

    pub(crate) fn endings(&self, scenario: &str) -> impl Iterator<Item = Ending> {
        self.outcomes(scenario).map(OutcomeRow::whole_ending)
    }

    /// A fact, in each cell, as it was stored.
    pub(crate) fn facts(&self, scenario: &str, observation: &str) -> Vec<&Fact> {
        let rows = self.outcomes(scenario).flat_map(|outcome| &*outcome.observations);
        rows.filter(|row| self.record.names[&row.name] == observation).map(|row| &self.record.facts[&row.fact]).collect()
    }
}
