//! Searches of a grid by the engine that plays recordings.

use std::sync::LazyLock;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::{
    project::{Ended, Project, Started, cell, ended, eventually, text},
    support::{index::IndexServer, wheels::Wheel},
};

/// Seven versions of two packages.
static INDEX: LazyLock<IndexServer> = LazyLock::new(|| {
    let wheels = (0..7).flat_map(|minor| ["alpha", "beta"].map(|name| Wheel::new(name, &format!("1.{minor}"))));
    IndexServer::start(wheels)
});

fn id(alpha: usize, beta: usize) -> String {
    format!("alpha-1.{alpha}+beta-1.{beta}")
}

/// What the scenario observes: it changes at alpha 1.3 and at beta 1.4.
fn behaviour(alpha: usize, beta: usize) -> usize {
    usize::from(alpha >= 3) + 2 * usize::from(beta >= 4)
}

/// A project in which every cell has a recording.
pub(crate) fn project() -> Project {
    let versions: Vec<String> = (0..7).map(|minor| format!("\"1.{minor}\"")).collect();
    let axes = format!("axes: {{alpha: [{0}], beta: [{0}]}}", versions.join(", "));
    let matrix = format!("{axes}\nbaseline: {{alpha: \"1.6\", beta: \"1.6\"}}\npython: \"3.11\"\nrepeats: 1\n");
    let project = Project::new(&INDEX, &matrix).scenario("one", "x = 1\n");
    for (alpha, beta) in (0..7).flat_map(|alpha| (0..7).map(move |beta| (alpha, beta))) {
        let value = json!({"kind": "scalar", "type": "int", "preview": behaviour(alpha, beta)});
        let lines = [
            json!({"fake": "scenarios", "names": ["one"]}),
            json!({"event": "started", "scenario": 0, "repeat": 0, "fork": true}),
            json!({"event": "observed", "scenario": 0, "repeat": 0, "observation": {"name": "x", "fact": {"value": value}, "line": 1}}),
            json!({"event": "ended", "scenario": 0, "repeat": 0, "ending": {"status": "ran", "seconds": 0.5, "max_rss": 1024}}),
            json!({"event": "done"}),
        ];
        project.write(&format!("fake/{}.jsonl", id(alpha, beta)), &lines.map(|line| line.to_string()).join("\n"));
    }
    project
}

fn search(project: &Project, option: &str) -> Ended {
    ended(project.command(&["run", "--engine=fake", option]).env("SKEW_FAKE", project.path("fake")))
}

fn count(results: &Value, wanted: impl Fn(&Value) -> bool) -> usize {
    results["cells"].as_array().unwrap().iter().filter(|cell| wanted(cell)).count()
}

fn lines(results: &Value) -> Vec<String> {
    let lines = results["fault_lines"].as_array().unwrap().iter();
    lines.map(|line| format!("{} {} {}", text(&line["axis"]), text(&line["from"]), text(&line["to"]))).collect()
}

/// What is inferred is what the cell would have been, and is not counted as measured.
fn inferred_cells_are_right_and_stay_unmeasured(results: &Value) {
    for (alpha, beta) in (0..7).flat_map(|alpha| (0..7).map(move |beta| (alpha, beta))) {
        let here = cell(results, &id(alpha, beta));
        let Some(letter) = here["inferred"].as_str() else { continue };
        let class = results["classes"].as_array().unwrap().iter().find(|class| class["letter"] == letter).unwrap();
        let member =
            (0..7).flat_map(|alpha| (0..7).map(move |beta| (alpha, beta))).find(|(alpha, beta)| class["cells"][0] == id(*alpha, *beta));
        assert_eq!(member.map(|(alpha, beta)| behaviour(alpha, beta)), Some(behaviour(alpha, beta)), "{here}");
        assert_eq!((&here["state"], &here["deselected"], &here["class"]), (&"not-run".into(), &true.into(), &Value::Null));
        assert!(!class["cells"].as_array().unwrap().contains(&here["id"]));
    }
}

#[test]
fn a_search_finds_the_lines_in_a_third_of_the_cells_and_says_what_it_expects_of_the_others() {
    let project = project();
    let run = search(&project, "--search").exits(0).says(&["Search at most 17 of 49 cells"]);
    let results = project.results();
    assert_eq!((&results["run"]["searched"], &results["run"]["complete"]), (&true.into(), &true.into()));
    assert_eq!(lines(&results), ["alpha 1.2 1.3", "beta 1.3 1.4"]);
    let ran = count(&results, |cell| cell["state"] == "ran");
    let inferred = count(&results, |cell| cell["inferred"].is_string());
    assert!(ran <= 17 && inferred > 0, "{ran} ran, {inferred} inferred");
    assert!(run.stdout.contains(&format!("{ran} of 49 cells run, {inferred} inferred")), "{}", run.stdout);
    assert!(run.stdout.contains("( ) expected, not run") && run.stdout.contains("(A)"), "{}", run.stdout);
    let members: usize = results["classes"].as_array().unwrap().iter().map(|class| class["cells"].as_array().unwrap().len()).sum();
    assert_eq!(members, ran);
    inferred_cells_are_right_and_stay_unmeasured(&results);
    let markdown = project.skew(&["report", "--format", "markdown"]).exits(0).stdout;
    assert!(markdown.contains("(A)") && markdown.contains("of 49 cells run"), "{markdown}");
    let left_out = results["cells"].as_array().unwrap().iter().find(|cell| cell["inferred"].is_string()).unwrap();
    let explained = project.skew(&["explain", left_out["id"].as_str().unwrap()]).exits(0).stdout;
    assert!(explained.contains("left out by the search") && explained.contains("by what the search knows"), "{explained}");
}

#[test]
fn a_search_runs_the_same_cells_however_many_run_at_a_time() {
    let runs = ["--jobs=1", "--jobs=4"].map(|jobs| {
        let project = project();
        let mut command = project.command(&["run", "--engine=fake", "--search", jobs]);
        ended(command.env("SKEW_FAKE", project.path("fake"))).exits(0);
        let cells = project.results()["cells"].clone();
        cells.as_array().unwrap().iter().filter(|cell| cell["state"] == "ran").map(|cell| text(&cell["id"])).collect::<Vec<_>>()
    });
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn a_confirmed_search_has_run_both_sides_of_every_change() {
    let project = project();
    search(&project, "--search=confirm").exits(0).says(&["then what a published table needs"]);
    let results = project.results();
    for other in 0..7 {
        for (alpha, beta) in [(2, other), (3, other), (other, 3), (other, 4)] {
            assert_eq!(cell(&results, &id(alpha, beta))["state"], "ran", "{}", id(alpha, beta));
        }
    }
    let answered = count(&results, |cell| cell["state"] == "ran" || cell["inferred"].is_string());
    assert_eq!(answered, 49);
    assert!(count(&results, |cell| cell["state"] == "ran") < 49);
    inferred_cells_are_right_and_stay_unmeasured(&results);
}

/// A search among the cells that `-k` selects.
fn search_among(project: &Project, selection: &str) -> Ended {
    let mut command = project.command(&["run", "--engine=fake", "--search", "-k", selection]);
    ended(command.env("SKEW_FAKE", project.path("fake")))
}

/// Cells of a version of alpha that ran or of which something is expected.
fn touched(results: &Value, alpha: &[&str]) -> usize {
    let is_touched = |cell: &Value| cell["state"] == "ran" || cell["inferred"].is_string();
    count(results, |cell| alpha.contains(&text(&cell["axes"]["alpha"]).as_str()) && is_touched(cell))
}

#[test]
fn of_a_part_of_the_grid_only_that_part_is_searched() {
    let project = project();
    let run = search_among(&project, "alpha:>=1.2").exits(0).says(&["Search at most 12 of 35 cells"]);
    let results = project.results();
    assert_eq!(touched(&results, &["1.0", "1.1"]), 0);
    let ran = count(&results, |cell| cell["state"] == "ran");
    assert!(ran <= 12, "{ran}");
    assert_eq!(lines(&results), ["alpha 1.2 1.3", "beta 1.3 1.4"]);
    inferred_cells_are_right_and_stay_unmeasured(&results);
    assert_eq!(results["run"]["complete"], false, "as of any run of a part");
    assert!(run.stdout.contains(&format!("{} cells left out or not selected", 49 - ran)), "{}", run.stdout);
}

#[test]
fn a_part_without_the_baseline_is_searched_too() {
    let project = project();
    search_among(&project, "alpha:<1.5").exits(0).says(&["Search at most 12 of 35 cells"]);
    let results = project.results();
    assert_eq!(touched(&results, &["1.5", "1.6"]), 0);
    assert_eq!(lines(&results), ["alpha 1.2 1.3", "beta 1.3 1.4"]);
    inferred_cells_are_right_and_stay_unmeasured(&results);
}

#[test]
fn a_search_that_is_stopped_keeps_what_it_found_and_the_next_one_begins_anew() {
    let project = project();
    let baseline = id(6, 6);
    let others = || (0..7).flat_map(|alpha| (0..7).map(move |beta| id(alpha, beta))).filter(|cell| *cell != id(6, 6));
    let recordings: Vec<(String, String)> =
        others().map(|cell| format!("fake/{cell}.jsonl")).map(|path| (project.read(&path), path)).collect();
    for (_, path) in &recordings {
        project.write(path, &json!({"fake": "hang"}).to_string());
    }
    // A place for each, so that the baseline needs none that a cell keeps which never ends.
    let mut command = project.command(&["run", "--engine=fake", "--search", "--jobs=17"]);
    let run = Started::new(command.env("SKEW_FAKE", project.path("fake")));
    // The search has gone on from the baseline when a cell is asked for that it had left out.
    eventually("the search to go on", || {
        let report = project.skew(&["report", "--format", "json"]).stdout;
        let Ok(results) = serde_json::from_str::<Value>(&report) else { return false };
        cell(&results, &baseline)["state"] == "ran" && count(&results, |cell| cell["deselected"] == true) < 48
    });
    run.signal(Signal::INT);
    let run = run.end().exits(130);
    let results = project.results();
    assert_eq!((&results["run"]["searched"], &results["run"]["complete"]), (&true.into(), &false.into()));
    assert_eq!((count(&results, |cell| cell["state"] == "ran"), &cell(&results, &baseline)["state"]), (1, &"ran".into()));
    assert_eq!(count(&results, |cell| cell["inferred"].is_string()), 0, "one cell tells nothing of the others");
    assert!(run.stdout.contains("INCOMPLETE") && run.stdout.contains("interrupted"), "{}", run.stdout);
    for (recorded, path) in &recordings {
        project.write(path, recorded);
    }
    search(&project, "--search").exits(0);
    let results = project.results();
    assert_eq!((lines(&results), &results["run"]["complete"]), (vec!["alpha 1.2 1.3".to_owned(), "beta 1.3 1.4".to_owned()], &true.into()));
}

#[test]
fn a_cell_that_gives_no_answer_makes_a_search_incomplete() {
    let project = project();
    project.write(&format!("fake/{}.jsonl", id(6, 6)), &json!({"fake": "die", "code": 1}).to_string());
    search(&project, "--search").exits(3);
    let results = project.results();
    assert_eq!((&results["run"]["complete"], &cell(&results, &id(6, 6))["state"]), (&false.into(), &"infra".into()));
    search(&project, "--search=everything").exits(2);
}
