//! A made-up record.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value as Json, json};
use skew::{
    observation::{Fact, Status},
    plan::{PlanAxis, Requirement},
    report::State,
    store::{CellFacts, CellRow, ObservationRow, OutcomeRow, Record, ScenarioRow},
};

fn axis(name: &str, versions: usize) -> PlanAxis {
    let versions = (0..versions).map(|minor| format!("1.{minor}.2")).collect();
    PlanAxis { name: name.to_owned(), package: name.to_owned(), import: name.to_owned(), versions, released: Vec::new() }
}

fn fact(value: Json) -> Fact {
    serde_json::from_value(value).unwrap()
}

/// `alpha` by `beta`; imports fail in a corner; observations change at a version of one axis or only in combination, and
/// some warn before they do.
pub(crate) fn record(alpha: usize, beta: usize, scenarios: usize, observations: usize) -> Record {
    let axes = vec![axis("alpha", alpha), axis("beta", beta)];
    let points: Vec<(usize, usize)> = (0..alpha).flat_map(|a| (0..beta).map(move |b| (a, b))).collect();
    let broken = |(a, b): (usize, usize)| a + 1 >= alpha && b < beta / 3;
    let cells = points.iter().map(|&(a, b)| {
        let mut facts = CellFacts::only(if broken((a, b)) { State::ImportFailed } else { State::Ran }, None, None);
        let range = format!(">=1.{}", b / 2);
        facts.requirements =
            vec![Requirement { package: "beta".to_owned(), version: axes[1].versions[b].clone(), on: "alpha".to_owned(), range }];
        let package = |name: &str, version: String| serde_json::from_value(json!({"name": name, "version": version})).unwrap();
        facts.packages = vec![package("keras", format!("{}.0", usize::midpoint(a, b / 4))), package("six", "1.16.0".to_owned())];
        facts.cause = broken((a, b)).then(|| "import beta: ValueError: no".to_owned());
        // The error that every script of the cell ends with, too.
        let failed = json!({"module": "beta", "version": null, "seconds": 0.1, "warnings": [], "died": null, "stderr": "",
            "error": {"type": "ValueError", "message": "no"}});
        facts.imports.extend(broken((a, b)).then(|| serde_json::from_value(failed).unwrap()));
        CellRow {
            id: format!("alpha-{}+beta-{}", axes[0].versions[a], axes[1].versions[b]),
            axes: [("alpha", a, 0), ("beta", b, 1)]
                .into_iter()
                .map(|(name, version, axis)| (name.to_owned(), axes[axis].versions[version].clone()))
                .collect::<BTreeMap<_, _>>(),
            python: "3.11".to_owned(),
            declared: a >= b / 2,
            conflicts: if a < b / 2 { vec![format!("beta {} requires alpha>=1.{}", axes[1].versions[b], b / 2)] } else { Vec::new() },
            cutoff: None,
            told: None,
            facts,
        }
    });
    let cells = cells.collect();
    let value = |number: i64| json!({"value": {"kind": "scalar", "type": "float", "preview": number}});
    let mut facts: HashMap<u32, Fact> = (0..1000).map(|number| (number, fact(value(number.into())))).collect();
    facts.insert(1000, fact(json!({"error": {"type": "ValueError", "message": "no"}})));
    facts.insert(1001, fact(json!({"value": {"kind": "none", "type": "NoneType", "preview": null}})));
    let warned = json!([{"category": "DeprecationWarning", "message": "it goes", "origin": "alpha"}]);
    let mut outcomes = Vec::new();
    for scenario in 0..scenarios {
        for (cell, &(a, b)) in points.iter().enumerate() {
            for repeat in 0..2 {
                let row =
                    |name: usize, fact: u32, warnings: Option<u32>| ObservationRow { name: name as u32, fact, warnings, line: Some(3) };
                let mut rows = vec![row(0, if broken((a, b)) { 1000 } else { 1001 }, None)];
                for place in 0..observations {
                    let number = (scenario * observations + place) as u32;
                    let (here, there) = (place % alpha.max(2), place % beta.max(2));
                    let (fact, warns) = match place % 7 {
                        0 => (number % 300 + u32::from(a >= here), a + 1 == here || a + 2 == here),
                        1 => (number % 300 + u32::from(b >= there), false),
                        2 => (if a >= here && b < there { 1000 } else { number % 300 }, false),
                        3 => (number % 300 + u32::from(a >= here) + 2 * u32::from(b >= there), false),
                        _ => (number % 300, false),
                    };
                    rows.push(row(1 + place, fact, warns.then_some(0)));
                }
                let raised = broken((a, b));
                // Of later repeats only what differs is kept.
                let keep = if raised { 1 } else { rows.len() };
                rows.truncate(if repeat == 0 { keep } else { 0 });
                let status = if raised { Status::Raised } else { Status::Ran };
                outcomes.push(OutcomeRow {
                    cell,
                    scenario,
                    repeat,
                    status,
                    seconds: 0.1,
                    max_rss: None,
                    ending: None,
                    missing: Box::default(),
                    reused: None,
                    observations: rows.into(),
                });
            }
        }
    }
    let names = std::iter::once("<script>".to_owned()).chain((0..observations).map(|place| format!("observation_{place}")));
    Record {
        id: "r1".to_owned(),
        started: "2026-11-22T10:00:00Z".to_owned(),
        finished: Some("2026-11-22T10:09:12Z".to_owned()),
        interrupted: false,
        engine: "fake".to_owned(),
        skew: "0".to_owned(),
        repeats: 2,
        selection: None,
        shard: None,
        baseline: points.len() / 2,
        axes,
        excluded: Vec::new(),
        caveats: Vec::new(),
        cells,
        scenarios: (0..scenarios)
            .map(|n| ScenarioRow { name: format!("scenario_{n}"), path: format!("scenarios/scenario_{n}.py"), digest: String::new() })
            .collect(),
        outcomes,
        names: names.enumerate().map(|(key, name)| (key as u32, name)).collect(),
        facts,
        warnings: HashMap::from([(0, serde_json::from_value(warned).unwrap())]),
    }
}
