//! The analysis of a made-up record, from facts to text: what is printed is what the JSON says, and it is fast.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{
    collections::{BTreeMap, HashMap},
    time::Instant,
};

use serde_json::{Value as Json, json};
use skew::{
    matrix::Tolerances,
    observation::{Ending, Fact},
    plan::{PlanAxis, Requirement},
    report::{
        self, Results, State, json, markdown,
        terminal::{self, Style},
    },
    store::{CellFacts, CellRow, ObservationRow, OutcomeRow, Record, ScenarioRow},
};

fn axis(name: &str, versions: usize) -> PlanAxis {
    let versions = (0..versions).map(|minor| format!("1.{minor}.2")).collect();
    PlanAxis { name: name.to_owned(), package: name.to_owned(), import: name.to_owned(), versions }
}

fn fact(value: Json) -> Fact {
    serde_json::from_value(value).unwrap()
}

/// `alpha` by `beta`; imports fail in a corner; observations change at a version of one axis or only in combination, and
/// some warn before they do.
fn record(alpha: usize, beta: usize, scenarios: usize, observations: usize) -> Record {
    let axes = vec![axis("alpha", alpha), axis("beta", beta)];
    let points: Vec<(usize, usize)> = (0..alpha).flat_map(|a| (0..beta).map(move |b| (a, b))).collect();
    let broken = |(a, b): (usize, usize)| a + 1 >= alpha && b < beta / 3;
    let cells = points.iter().map(|&(a, b)| {
        let mut facts = CellFacts::only(if broken((a, b)) { State::ImportFailed } else { State::Ran }, None, None);
        let range = format!(">=1.{}", b / 2);
        facts.requirements =
            vec![Requirement { package: "beta".to_owned(), version: axes[1].versions[b].clone(), on: "alpha".to_owned(), range }];
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
    let mut facts: HashMap<i64, Fact> = (0..1000).map(|number| (number, fact(value(number)))).collect();
    facts.insert(1000, fact(json!({"error": {"type": "ValueError", "message": "no"}})));
    facts.insert(1001, fact(json!({"value": {"kind": "none", "type": "NoneType", "preview": null}})));
    let warned = json!([{"category": "DeprecationWarning", "message": "it goes", "origin": "alpha"}]);
    let ending = |status: &str| -> Ending { serde_json::from_value(json!({"status": status, "seconds": 0.1})).unwrap() };
    let mut outcomes = Vec::new();
    for scenario in 0..scenarios {
        for (cell, &(a, b)) in points.iter().enumerate() {
            for repeat in 0..2 {
                let row =
                    |name: usize, fact: i64, warnings: Option<i64>| ObservationRow { name: name as i64, fact, warnings, line: Some(3) };
                let mut rows = vec![row(0, if broken((a, b)) { 1000 } else { 1001 }, None)];
                for place in 0..observations {
                    let number = (scenario * observations + place) as i64;
                    let (here, there) = (place % alpha.max(2), place % beta.max(2));
                    let (fact, warns) = match place % 7 {
                        0 => (number % 300 + i64::from(a >= here), a + 1 == here || a + 2 == here),
                        1 => (number % 300 + i64::from(b >= there), false),
                        2 => (if a >= here && b < there { 1000 } else { number % 300 }, false),
                        3 => (number % 300 + i64::from(a >= here) + 2 * i64::from(b >= there), false),
                        _ => (number % 300, false),
                    };
                    rows.push(row(1 + place, fact, warns.then_some(0)));
                }
                let raised = broken((a, b));
                // Of later repeats only what differs is kept.
                let keep = if raised { 1 } else { rows.len() };
                rows.truncate(if repeat == 0 { keep } else { 0 });
                let ending = ending(if raised { "raised" } else { "ran" });
                outcomes.push(OutcomeRow { cell, scenario, repeat, ending, missing: Vec::new(), reused: None, observations: rows });
            }
        }
    }
    let names = std::iter::once("<script>".to_owned()).chain((0..observations).map(|place| format!("observation {place}")));
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
        names: names.enumerate().map(|(key, name)| (key as i64, name)).collect(),
        facts,
        warnings: HashMap::from([(0, serde_json::from_value(warned).unwrap())]),
    }
}

fn results(record: &Record) -> Results {
    let tolerances = Tolerances::default();
    report::build(record, record.baseline, |_| &tolerances)
}

/// The numbers of a text in front of this word, thousands separators read.
fn counted(text: &str, noun: &str) -> Vec<u64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_noun = |word: &str| word.trim_end_matches([',', ':', ';', '.']).trim_end_matches('s') == noun;
    words.windows(2).filter(|pair| is_noun(pair[1])).filter_map(|pair| pair[0].replace(',', "").parse().ok()).collect()
}

#[test]
fn every_count_that_is_printed_is_one_of_the_json() {
    let results = results(&record(5, 6, 3, 30));
    let mut file = Vec::new();
    json::write(&results, &mut file).unwrap();
    let json: Json = serde_json::from_slice(&file).unwrap();
    let list = |value: &Json| value.as_array().unwrap().clone();
    let (lines, import_lines, rules) = (list(&json["fault_lines"]), list(&json["import_lines"]), list(&json["rules"]));
    assert!(lines.len() > 5 && !import_lines.is_empty() && rules.len() > 5);

    let wide = Style { width: 4000, ..Style::default() };
    let table = terminal::table(&results, &wide);
    let markdown = markdown::render(&results, None).replace('\\', "").replace("&gt;", ">").replace("&lt;", "<");
    for (axis, from, to, line) in lines.iter().map(|line| (&line["axis"], &line["from"], &line["to"], line)) {
        let name = format!("{} {} → {}", axis.as_str().unwrap(), from.as_str().unwrap(), to.as_str().unwrap());
        let told: u64 = line["parts"].as_array().unwrap().iter().map(|part| part["observations"].as_array().unwrap().len() as u64).sum();
        assert_eq!(line["observations"], told, "{name}: each observation is in one part");
        let block = table
            .split_once(&format!("  {name}\n"))
            .map(|(_, rest)| rest.lines().take_while(|line| line.starts_with("      ")).collect::<Vec<_>>());
        let Some(block) = block else { continue };
        assert_eq!(counted(block[0], "observation"), [line["observations"].as_u64().unwrap()], "{name}");
        assert_eq!(counted(block[0], "scenario"), [line["scenarios"].as_u64().unwrap()], "{name}");
        let parts = line["parts"].as_array().unwrap();
        for (sentence, part) in block.iter().skip(usize::from(parts.len() > 1)).zip(parts.iter().take(3)) {
            let compared = counted(sentence, "release");
            assert!(
                compared.is_empty()
                    || sentence.contains(&format!(" of {} ", part["of"]))
                    || sentence.contains(&format!("all {} ", part["of"])),
                "{sentence}: {part}"
            );
        }
        let prose = markdown.lines().find(|line| line.starts_with(&format!("- **{name}**")));
        if let Some(prose) = prose {
            assert_eq!(counted(prose, "observation")[0], line["observations"].as_u64().unwrap());
        }
    }
    for line in &import_lines {
        let what = if line["fails"] == true { "import fails" } else { "import no longer fails" };
        let sentence = format!("{what} in {} of {} ", line["cells"], line["of"]);
        assert!(table.contains(&sentence) || table.contains(&format!("{what} in all {} ", line["of"])), "{sentence}\n{table}");
    }
    for (rule, text) in rules.iter().take(8).map(|rule| (rule, format!("\n  {}\n      ", rule["when"].as_str().unwrap()))) {
        let observations = rule["observations"].as_array().unwrap().len() as u64;
        let told: Vec<&str> = table.match_indices(&text).map(|(place, _)| table[place + text.len()..].lines().next().unwrap()).collect();
        let effect = rule["effect"].as_str().unwrap();
        let told = told.iter().find(|told| told.starts_with(&format!("{effect} in"))).unwrap_or_else(|| panic!("{rule}\n{table}"));
        let expected = if observations > 0 { vec![observations] } else { Vec::new() };
        assert_eq!(counted(told, "observation"), expected, "{told}");
    }
    let cells = list(&json["cells"]);
    let sum = |key: &str| cells.iter().map(|cell| cell["counts"][key].as_u64().unwrap()).sum::<u64>();
    let silent_cells = cells.iter().filter(|cell| cell["counts"]["silent"].as_u64() > Some(0)).count();
    assert!(table.contains(&format!("{} silent changes in {silent_cells} cells", sum("silent"))), "{table}");
    let ran = cells.iter().filter(|cell| cell["state"] == "ran").count();
    assert!(table.contains(&format!("{ran}/{} cells ran", cells.len())), "{table}");
    let all: usize = json["scenarios"].as_array().unwrap().iter().map(|scenario| scenario["observations"].as_array().unwrap().len()).sum();
    assert_eq!(counted(table.lines().next().unwrap(), "observation"), [all as u64]);
    assert!(markdown.contains(&format!("{all} observations from {} scenarios", json["scenarios"].as_array().unwrap().len())));
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
