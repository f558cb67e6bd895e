//! A run in parts.

use std::fs;

use serde_json::Value;

use crate::{
    project::{Ended, Project, ended, text},
    search::project,
};

fn skew(project: &Project, arguments: &[&str]) -> Ended {
    ended(project.command(arguments).env("SKEW_FAKE", project.path("fake")).env("SKEW_ENGINE", "fake"))
}

/// Runs a part and puts its results aside.
fn part(project: &Project, shard: &str, folder: &str) {
    skew(project, &["run", "--shard", shard, "--fail-on=never"]).exits(0);
    fs::create_dir_all(project.path(folder)).unwrap();
    fs::rename(project.path(".skew"), project.path(&format!("{folder}/.skew"))).unwrap();
}

/// A report without what is of the run alone: its times and its name.
fn lasting(mut results: Value) -> Value {
    results["run"] = Value::Null;
    for cell in results["cells"].as_array_mut().unwrap() {
        cell["seconds"] = Value::Null;
    }
    results
}

#[test]
fn the_parts_of_a_run_say_together_what_the_whole_says() {
    let project = project();
    let listed = skew(&project, &["plan", "--shards", "3", "--format", "github-matrix"]).exits(0).stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let cells = |shard: &Value| shard["cells"].as_u64().unwrap();
    let listed = listed["include"].as_array().unwrap();
    assert_eq!(listed.iter().map(cells).sum::<u64>(), 49);
    assert!(listed.iter().all(|shard| (15..=18).contains(&cells(shard))), "{listed:?}");

    for shard in listed {
        let name = text(&shard["shard"]);
        part(&project, &name, &format!("parts/{}", name.replace('/', "-of-")));
    }
    skew(&project, &["run"]).exits(0);
    let render = |format: &str| skew(&project, &["report", "--format", format]).exits(0).stdout;
    let whole = ["markdown", "compact", "svg"].map(render);
    let results = project.results();
    fs::remove_dir_all(project.path(".skew")).unwrap();

    skew(&project, &["merge", "parts/1-of-3", "parts/2-of-3", "parts/3-of-3/.skew"]).exits(0);
    assert_eq!(whole, ["markdown", "compact", "svg"].map(render));
    let merged = project.results();
    assert_eq!(merged["run"]["complete"], true);
    assert_eq!(lasting(results), lasting(merged));

    // What the parts measured serves the next run.
    fs::remove_dir_all(project.path("fake")).unwrap();
    skew(&project, &["run"]).exits(0);
}

#[test]
fn parts_that_do_not_fit_are_named() {
    let project = project();
    part(&project, "1/2", "one");
    part(&project, "2/2", "two");
    part(&project, "1/3", "third");
    let refused = |folders: &[&str], code: i32, told: &str| {
        let run = skew(&project, &[&["merge"], folders].concat()).exits(code);
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert!(!project.path(".skew/results.db").exists() || skew(&project, &["report"]).code == Some(2));
    };
    refused(&["one"], 3, "parts are missing: 2/2");
    refused(&["one", "two", "one"], 2, "overlap: both have part 1/2");
    refused(&["one", "third"], 2, "differ in the number of parts");
    fs::write(project.path("scenarios/one.py"), "x = 2\n").unwrap();
    part(&project, "2/2", "edited");
    refused(&["one", "edited"], 2, "differ in the scenarios");
    skew(&project, &["run", "--fail-on=never"]).exits(0);
    fs::rename(project.path(".skew"), project.path("whole")).unwrap();
    refused(&["whole", "two"], 2, "is not a part of a run");
    refused(&["nowhere"], 3, "no run is stored in");
    skew(&project, &["run", "--shard", "3/2"]).exits(2);
    skew(&project, &["report", "--format", "github-matrix"]).exits(2);
}

#[test]
fn what_is_kept_of_runs_is_listed_and_an_observation_followed_through_them() {
    let project = project();
    skew(&project, &["history"]).exits(2);
    skew(&project, &["run", "-k", "alpha:1.0"]).exits(0);
    skew(&project, &["run"]).exits(0);
    let id = "alpha-1.0+beta-1.0";
    let recording = fs::read_to_string(project.path(&format!("fake/{id}.jsonl"))).unwrap();
    project.write(&format!("fake/{id}.jsonl"), &recording.replace("\"preview\":0", "\"preview\":9"));
    skew(&project, &["run", "--fresh", "--fail-on=never"]).exits(0);
    skew(&project, &["run"]).exits(0);

    let listed = skew(&project, &["history"]).exits(0).stdout;
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 4, "{listed}");
    assert!(lines[0].contains("49/49 cells, 1 scenario, 49 outcomes, 49 of them measured earlier"), "{listed}");
    assert!(lines[3].contains("7/49 cells") && lines[3].contains("-k alpha:1.0"), "{listed}");

    let told = skew(&project, &["history", "one::x"]).exits(0).stdout;
    assert!(told.contains("int 0 → int 9: alpha-1.0+beta-1.0"), "{told}");
    assert!(told.contains("last change 20"), "{told}");
    let json: Value = serde_json::from_str(&skew(&project, &["history", "one::x", "--format", "json"]).exits(0).stdout).unwrap();
    assert_eq!(json["runs"].as_array().unwrap().len(), 4);
    let unknown = skew(&project, &["history", "one::y"]).exits(2).stderr;
    assert!(unknown.contains("no kept run has `one::y`"), "{unknown}");
}
