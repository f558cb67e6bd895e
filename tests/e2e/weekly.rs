//! What runs every week: the workflow, the action and the script that are given to users, with a stand-in for GitHub.

use std::{fs, process::Command, process::Stdio};

use serde_json::{Value, json};

use crate::{
    fake::{Recorded, done, well, whole},
    project::{Ended, ended},
    runner::{Job, Runner, yaml},
};

fn workflow(recorded: &Recorded) -> Value {
    recorded.project.skew(&["init", "--github"]).exits(0).says(&["wrote ", ".github/workflows/skew.yml", "SKEW_SOURCE"]);
    yaml(&recorded.project.read(".github/workflows/skew.yml"))
}

/// Results of jobs in the order of their names.
fn results<'a>(jobs: impl IntoIterator<Item = (&'a String, &'a Job)>) -> Vec<String> {
    jobs.into_iter().map(|(name, job)| format!("{name} {}", job.result)).collect()
}

const WELL: [&str; 5] = ["deploy success", "plan success", "publish success", "run-0 success", "run-1 success"];

/// From now on one scenario comes out so in these cells, and what was measured of it does not serve.
fn comes_out(recorded: &Recorded, edit: u32, older: f64, newer: f64) {
    recorded.project.write("scenarios/one.py", &format!("x = 1.0  # {edit}\n"));
    for (cell, number) in [("alpha-1.1", older), ("alpha-2.0", newer)] {
        recorded.record(cell, &[whole(0, number), vec![done()]].concat());
    }
}

#[test]
fn the_workflow_asks_for_no_more_than_each_job_needs() {
    let recorded = Recorded::new();
    let workflow = workflow(&recorded);
    assert_eq!(workflow["permissions"], json!({}));
    assert_eq!(workflow["concurrency"], json!({"group": "skew", "cancel-in-progress": "false"}));
    assert_eq!(workflow["on"], json!({"schedule": [{"cron": "17 4 * * 1"}], "workflow_dispatch": ""}));
    let jobs = workflow["jobs"].as_object().unwrap();
    let told: Vec<Value> = jobs.iter().map(|(name, job)| json!([name, job["needs"], job["permissions"]])).collect();
    let expected = [
        json!(["plan", null, {"actions": "read", "contents": "read"}]),
        json!(["run", "plan", {"contents": "read"}]),
        json!(["publish", ["plan", "run"], {"contents": "read", "issues": "write"}]),
        json!(["deploy", "publish", {"id-token": "write", "pages": "write"}]),
    ];
    assert_eq!(told, expected);
    assert_eq!(jobs["run"]["strategy"]["fail-fast"], "false");
}

#[test]
fn week_after_week_the_workflow_finds_publishes_and_tells() {
    let recorded = Recorded::new();
    let workflow = workflow(&recorded);
    let mut runner = Runner::new(&recorded);
    let first = runner.workflow(&workflow);
    assert_eq!(results(&first), WELL, "{first:#?}");
    assert!(first["plan"].summary.starts_with("There are no results of an earlier run"), "{}", first["plan"].summary);
    assert_eq!(runner.read("cargo.log"), "install --locked --root .skew --git https://skew.test/skew skew\n");
    assert!(runner.read("pages/index.html").contains("<!doctype html>"));
    assert!(runner.read("pages/feed.atom").contains("https://someone.github.io/compat"));
    assert_eq!(first["run-0"].summary, "", "one summary is enough");
    assert!(first["publish"].summary.starts_with("## alpha\n\n2 cells: 2 same.\n"), "{}", first["publish"].summary);

    // Nothing could be measured again: the results of the first week must have come along.
    for cell in ["alpha-1.1", "alpha-2.0"] {
        recorded.record(cell, &[done()]);
    }
    let second = runner.workflow(&workflow);
    assert_eq!(results(&second), WELL, "{second:#?}");
    assert!(second["plan"].summary.starts_with("```\nNothing came out since the run of 20"), "{}", second["plan"].summary);
    assert!(!runner.read("gh.log").contains("issue create"), "{}", runner.read("gh.log"));

    comes_out(&recorded, 3, 1.0, 2.0);
    let third = runner.workflow(&workflow);
    assert_eq!(third["publish"].result, "failure", "{third:#?}");
    assert_eq!(third["deploy"].result, "success", "what changed is to be seen");
    let issue = runner.read("issue.md");
    assert!(
        issue.starts_with("[This run](https://github.test/someone/compat/actions/runs/3) came out otherwise than expected:\n\n    diff"),
        "{issue}"
    );
    assert!(issue.contains("\n## alpha\n\n2 cells: 1 same, 1 changed.\n") && issue.contains("one::x"), "{issue}");

    // The next news go into the same issue, which is open as long as nobody closes it.
    recorded.project.write("scenarios/two.py", "x = 1.0  # 4\n");
    recorded.record("alpha-1.1", &[whole(1, 1.0), vec![done()]].concat());
    recorded.record("alpha-2.0", &[whole(1, 4.0), vec![done()]].concat());
    runner.workflow(&workflow);
    assert!(runner.read("gh.log").contains("issue edit 7") && runner.read("issue.md").contains("two::x"), "{}", runner.read("gh.log"));
    let fifth = runner.workflow(&workflow);
    assert_eq!(results(&fifth), WELL, "{fifth:#?}");
    let log = runner.read("gh.log");
    assert_eq!((log.matches("issue create").count(), log.matches("issue close").count()), (1, 0), "{log}");
}

#[test]
fn what_is_expected_opens_the_issue_and_closes_it() {
    let recorded = Recorded::new();
    let workflow = workflow(&recorded);
    let mut runner = Runner::new(&recorded);
    runner.workflow(&workflow);
    let project = &recorded.project;
    fs::create_dir_all(project.path(".skew")).unwrap();
    fs::copy(runner.path("artifacts/1/skew-results/results.db"), project.path(".skew/results.db")).unwrap();
    project.skew(&["bless"]).exits(0);
    let jobs = runner.workflow(&workflow);
    assert_eq!(results(&jobs), WELL, "{jobs:#?}");
    comes_out(&recorded, 3, 1.0, 2.0);
    // What is not as expected stays so, though it is not new any more.
    for week in [3, 4] {
        let jobs = runner.workflow(&workflow);
        assert_eq!((&*jobs["publish"].result, &*jobs["deploy"].result), ("failure", "success"), "{jobs:#?}");
        assert!(runner.read("issue.md").contains(&format!("actions/runs/{week})")), "{}", runner.read("issue.md"));
    }
    comes_out(&recorded, 5, 1.0, 1.0);
    let jobs = runner.workflow(&workflow);
    assert_eq!(results(&jobs), WELL, "{jobs:#?}");
    assert!(!runner.path("issue.md").exists(), "{}", runner.read("gh.log"));
}

#[test]
fn a_shard_in_trouble_makes_the_week_incomplete_and_no_issue() {
    let recorded = Recorded::new().plays("alpha-2.0", &[json!({"fake": "die", "code": 1})]);
    let workflow = workflow(&recorded);
    let mut runner = Runner::new(&recorded);
    let jobs = runner.workflow(&workflow);
    assert_eq!((&*jobs["publish"].result, &*jobs["deploy"].result), ("failure", "success"), "{jobs:#?}");
    assert!(jobs["publish"].summary.contains("**Incomplete**"), "{}", jobs["publish"].summary);
    assert!(!runner.path("issue.md").exists());
    // What came well is there the next week, and what did not is done.
    recorded.record("alpha-1.1", &[done()]);
    recorded.record("alpha-2.0", &well(1.0));
    assert_eq!(results(&runner.workflow(&workflow)), WELL);
}

#[test]
fn without_its_source_the_workflow_says_what_to_set() {
    let recorded = Recorded::new();
    let mut workflow = workflow(&recorded);
    workflow["env"]["SKEW_SOURCE"] = "".into();
    let jobs = Runner::new(&recorded).workflow(&workflow);
    assert_eq!(results(&jobs), ["deploy skipped", "plan failure", "publish skipped", "run skipped"]);
    assert!(jobs["plan"].log.contains("set the variable SKEW_SOURCE of this repository"), "{}", jobs["plan"].log);
}

#[test]
fn a_matrix_below_the_root_of_a_repository_has_its_workflow_there() {
    let recorded = Recorded::new();
    let project = &recorded.project;
    for file in ["matrix.yaml", "scenarios/one.py", "scenarios/two.py"] {
        project.write(&format!("compat/{file}"), &project.read(file));
    }
    project.skew(&["init", "compat", "--github", "--source", "https://skew.test/\"own\""]).exits(0);
    assert!(!project.path("compat/scenarios/promotion.py").exists(), "the matrix that is there stays");
    let workflow = yaml(&project.read(".github/workflows/skew.yml"));
    assert_eq!(workflow["env"]["SKEW_SOURCE"], "https://skew.test/\"own\"");
    let mut runner = Runner::new(&recorded);
    let jobs = runner.workflow(&workflow);
    assert_eq!(results(&jobs), WELL, "{jobs:#?}");
    assert!(runner.path("week-1/publish-0/compat/.skew/results.db").exists());
    project.skew(&["init", "compat", "--github"]).exits(2).says(&["skew.yml is there already"]);
}

#[test]
fn the_action_builds_runs_and_hands_on_the_outputs() {
    let recorded = Recorded::new().plays("alpha-2.0", &well(2.0));
    let action = yaml(include_str!("../../action.yml"));
    let mut runner = Runner::new(&recorded);
    let (outputs, job) = runner.action(&action, &[("args", "--fail-on changed\n--jobs=1"), ("file", "matrix.yaml")]);
    assert_eq!(job.result, "failure", "{}", job.log);
    let report = runner.path("temporary/skew-report.html");
    let expected = [("changed", "1"), ("new_failures", "0"), ("report", report.to_str().unwrap()), ("status", "different")];
    assert!(outputs.iter().map(|(name, value)| (&**name, &**value)).eq(expected), "{outputs:?}");
    assert!(report.exists());
    let (_, job) = runner.action(&action, &[("version", "v1.2.3")]);
    assert_eq!(job.result, "success", "{}", job.log);
    let log = runner.read("cargo.log");
    let built: Vec<&str> = log.lines().map(|line| line.split_once(" --root ").unwrap().1.split_once(' ').unwrap().1).collect();
    let here = format!("--path {}", env!("CARGO_MANIFEST_DIR"));
    assert_eq!(built, [&*here, "--git https://github.test/someone/skew --rev v1.2.3 skew"]);
}

/// What cron does with a line: five fields, then a command for sh, in which `\%` is `%`.
fn cron(recorded: &Recorded, line: &str) -> Ended {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_skew")).parent().unwrap();
    let base = recorded.command(&[]);
    let mut command = Command::new("sh");
    command.args(["-c", &line.trim().splitn(6, ' ').last().unwrap().replace("\\%", "%")]).current_dir("/").stdin(Stdio::null());
    for (name, value) in base.get_envs() {
        match value {
            Some(value) if name == "PATH" => {
                let paths = std::iter::once(program.to_owned()).chain(std::env::split_paths(value));
                command.env(name, std::env::join_paths(paths).unwrap())
            }
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    ended(command.env("HOME", recorded.project.path("tmp")))
}

#[test]
fn a_line_of_a_crontab_does_the_same_with_a_lock_and_a_log() {
    let recorded = Recorded::new();
    let project = &recorded.project;
    for file in ["matrix.yaml", "scenarios/one.py", "scenarios/two.py"] {
        project.write(&format!("50% of it's/{file}"), &project.read(file));
    }
    let line = project.skew(&["init", "--cron", "50% of it's"]).exits(0).stdout;
    assert!(line.starts_with("17 4 * * 1 '/") && line.ends_with("/50\\% of it'\\''s/weekly.sh'\n"), "{line}");
    let first = cron(&recorded, &line).exits(0);
    assert_eq!((&*first.stdout, &*first.stderr), ("", ""), "cron mails what is printed");
    assert!(project.read("50% of it's/.skew/site/index.html").contains("<!doctype html>"));
    let log = project.read("50% of it's/.skew/weekly.log");
    assert!(log.contains("\n== 20") && log.contains("★ baseline alpha-1.1"), "{log}");

    let lock = fs::File::create(project.path("50% of it's/.skew/weekly.lock")).unwrap();
    lock.try_lock().unwrap();
    cron(&recorded, &line).exits(0).says(&["an earlier one has not ended"]);
    assert_eq!(project.read("50% of it's/.skew/weekly.log"), log, "nothing was run");
    drop(lock);

    project.write("50% of it's/scenarios/one.py", "x = 1.0  # again\n");
    recorded.record("alpha-2.0", &well(2.0));
    let second = cron(&recorded, &line).exits(1).says(&["weekly.sh ended with 1:\n\n== 20", "Nothing came out since", "1 difference"]);
    assert_eq!(second.stderr.matches("\n== 20").count(), 1, "only of this week");
}
