//! What is published: files, a site, and what continuous integration reads.

use serde_json::{Value, json};

use crate::{
    fake::{Recorded, done, started, well, whole},
    project::{Ended, ended},
};

/// Two cells of which one changes.
fn changed() -> Recorded {
    Recorded::new().plays("alpha-2.0", &well(2.0))
}

fn run(recorded: &Recorded, arguments: &[&str]) -> Ended {
    ended(&mut recorded.command(&[&["run"], arguments].concat()))
}

#[test]
fn a_published_table_is_stale_when_the_results_say_otherwise() {
    let recorded = changed();
    let project = &recorded.project;
    project.write("README.md", "# It\n<!-- skew:begin -->\n<!-- skew:end -->\nand more\n");
    let check = ["check", "--stale", "README.md"];
    project.skew(&check).exits(2).says(&["no run is stored"]);
    run(&recorded, &[]).exits(0);
    project.skew(&check).exits(5).says(&["README.md no longer matches run", "`skew report -o markdown=README.md` writes the table anew"]);
    project.skew(&["report", "-o", "markdown=README.md"]).exits(0);
    project.skew(&check).exits(0).says(&["README.md matches run"]);
    let readme = project.read("README.md");
    assert!(readme.starts_with("# It\n") && readme.ends_with("\nand more\n"), "{readme}");
    let day = readme.split_once("2 scenarios, ").unwrap().1[..10].to_owned();
    project.write("README.md", &readme.replace(&day, "2020-02-02").replace('\n', "\r\n"));
    project.skew(&check).exits(0);
    project.write("README.md", &readme.replace("🔶 1", "🔶 2"));
    project.skew(&check).exits(5).says(&["it has `| **2.0** | 🔶 2 `B` |` where there should be `| **2.0** | 🔶 1 `B` |`"]);
    project.write("README.md", "# It\n");
    project.skew(&check).exits(2).says(&["there is no line `<!-- skew:begin -->`"]);
    project.skew(&["check", "--stale", "absent.md"]).exits(2).says(&["cannot read absent.md"]);
}

#[test]
fn the_site_is_written_whole_and_again_with_the_same_bytes() {
    let recorded = changed();
    run(&recorded, &[]).exits(0);
    let report = recorded.project.skew(&["report", "--site", "site", "--url", "https://compat.test"]).exits(0);
    assert_eq!(report.stdout, "");
    let names = [
        ".nojekyll",
        "alpha-1.1.html",
        "alpha-2.0.html",
        "badge.json",
        "compat.svg",
        "feed.atom",
        "index.html",
        "releases.html",
        "results.csv.gz",
        "results.json.gz",
    ];
    let listed = || {
        let mut found: Vec<String> = std::fs::read_dir(recorded.project.path("site"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        found.sort();
        found
    };
    assert_eq!(listed(), names);
    let read = |name: &str| std::fs::read(recorded.project.path(&format!("site/{name}"))).unwrap();
    let before = names.map(read);
    assert!(String::from_utf8_lossy(&before[2]).contains("<h1>Readiness of alpha 2.0</h1>"));
    recorded.project.skew(&["report", "--site", "site", "--url", "https://compat.test"]).exits(0);
    assert_eq!((names.map(read), listed()), (before, names.map(str::to_owned).to_vec()));
}

#[test]
fn events_are_streamed_while_the_run_goes_on() {
    let recorded = changed();
    let streamed = run(&recorded, &["--format", "jsonl", "-o", "jsonl=events.jsonl"]).exits(0).stdout;
    assert_eq!(recorded.project.read("events.jsonl"), streamed);
    let events: Vec<Value> = streamed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[kinds.len() - 1]), ("run", "end"));
    let count = |kind: &str| kinds.iter().filter(|found| **found == kind).count();
    assert_eq!((count("provisioned"), count("started"), count("outcome"), count("cell"), count("verdicts")), (2, 4, 4, 2, 2));
    let verdicts = events.iter().find(|event| event["event"] == "verdicts" && event["cell"] == "alpha-2.0").unwrap();
    assert_eq!((&verdicts["class"], &verdicts["counts"]["changed"]), (&"B".into(), &1.into()));
    let told = recorded.project.skew(&["report", "--format", "jsonl"]).exits(0).stdout;
    assert_eq!(told.lines().last(), streamed.lines().last());
}

#[test]
fn a_workflow_gets_a_summary_outputs_and_annotations_beside_the_table() {
    let recorded = changed();
    let in_workflow = |arguments: &[&str]| {
        let mut command = recorded.command(arguments);
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_WORKSPACE", recorded.project.path(""));
        command.env("GITHUB_STEP_SUMMARY", recorded.project.path("summary.md")).env("GITHUB_OUTPUT", recorded.project.path("outputs"));
        ended(&mut command)
    };
    let run = in_workflow(&["run", "--jobs=1", "--fail-on=changed"]).exits(1);
    assert!(run.stdout.contains("★ baseline alpha-1.1") && !run.stdout.contains("::warning"), "{}", run.stdout);
    let run =
        run.says(&["::group::alpha 1.1\n", "::endgroup::\n", "::warning file=scenarios/one.py,line=1,title=one%2C class B%3A alpha-2.0::"]);
    assert!(run.stderr.contains("    CHANGED ["), "{}", run.stderr);
    assert_eq!(recorded.project.read("outputs"), "status=different\nchanged=1\nnew_failures=0\nreport=\n");
    assert!(recorded.project.read("summary.md").starts_with("## alpha\n\n2 cells: 1 same, 1 changed.\n"));
    let report = in_workflow(&["report", "--format", "github", "--site", "site"]).exits(0);
    assert!(report.stdout.starts_with("::warning file=scenarios/one.py,line=1,"), "{}", report.stdout);
    assert!(!report.stderr.contains("::warning"), "{}", report.stderr);
    assert!(recorded.project.read("outputs").ends_with("status=expected\nchanged=1\nnew_failures=0\nreport=site/index.html\n"));
    assert_eq!(recorded.project.read("summary.md").matches("## alpha\n").count(), 2, "summaries of several commands add up");
}

#[test]
fn every_format_can_be_printed_and_written() {
    let recorded = changed();
    run(&recorded, &[]).exits(0);
    for format in ["table", "compact", "markdown", "json", "jsonl", "junit", "github", "issue", "badge", "svg", "csv", "atom"] {
        let printed = recorded.project.skew(&["report", "--format", format]).exits(0).stdout;
        recorded.project.skew(&["report", "-o", &format!("{format}=out/{format}")]).exits(0);
        let written = recorded.project.read(&format!("out/{format}"));
        assert!(!printed.is_empty() && !written.is_empty(), "{format}");
        if !["markdown", "github", "table"].contains(&format) {
            assert_eq!(printed, written, "{format}");
        }
    }
    recorded.project.skew(&["plan", "--format", "svg"]).exits(2).says(&["a plan has the formats table and json"]);
}

#[test]
fn what_was_published_can_be_rendered_and_checked_without_the_store() {
    let recorded = changed();
    run(&recorded, &[]).exits(0);
    let project = &recorded.project;
    project.skew(&["report", "-o", "json=results.json", "-o", "markdown=table.md"]).exits(0);
    let status = std::process::Command::new("gzip").arg(project.path("results.json")).status().unwrap();
    assert!(status.success());
    for format in ["markdown", "svg", "badge"] {
        let told = project.skew(&["report", "--format", format]).stdout;
        let again = project.skew(&["report", "results.json.gz", "--format", format]).stdout;
        assert_eq!(told, again, "{format}");
    }
    std::fs::remove_dir_all(project.path(".skew")).unwrap();
    let check = ["check", "--stale", "table.md", "--of", "results.json.gz"];
    project.skew(&check).exits(0);
    project.write("table.md", &project.read("table.md").replacen("alpha", "omega", 1));
    project.skew(&check).exits(5);
    project.skew(&["report", "results.json.gz", "-o", "html=page.html"]).exits(2).says(&["has only what its table and its summary say"]);
    project.skew(&["report", "results.json.gz", "--format", "csv"]).exits(2);
    project
        .skew(&["report", "results.json.gz", "--baseline", "alpha-2.0"])
        .exits(2)
        .says(&["was published against the baseline alpha-1.1"]);
    project.write("broken.json", "{}");
    project.skew(&["report", "broken.json"]).exits(2).says(&["broken.json: not a results.json of skew"]);
    project.skew(&["report", "lastest"]).exits(2);
}

#[test]
fn what_leads_elsewhere_is_written_into_and_stays_what_it_is() {
    use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};

    let recorded = changed();
    let project = &recorded.project;
    run(&recorded, &[]).exits(0);
    let is_results = |name: &str| serde_json::from_str::<Value>(&project.read(name)).is_ok_and(|found| found["schema"] == "skew.results/1");
    project.write("private.json", "before");
    std::fs::set_permissions(project.path("private.json"), std::fs::Permissions::from_mode(0o600)).unwrap();
    for target in ["private.json", "new.json"] {
        symlink(target, project.path("link.json")).unwrap();
        project.skew(&["report", "-o", "json=link.json"]).exits(0);
        assert_eq!(std::fs::read_link(project.path("link.json")).unwrap().to_str(), Some(target));
        assert!(is_results(target));
        std::fs::remove_file(project.path("link.json")).unwrap();
    }
    assert_eq!(std::fs::metadata(project.path("private.json")).unwrap().permissions().mode() & 0o777, 0o600);

    let reads = "mkfifo pipe && { cat pipe > read.json & } && \"$0\" report -o json=pipe && wait";
    let skew = env!("CARGO_BIN_EXE_skew");
    let mut shell = project.command(&[]);
    let environment: Vec<_> = shell.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned))).collect();
    shell = std::process::Command::new("sh");
    shell.args(["-c", reads, skew]).current_dir(project.path(""));
    shell.envs(environment.into_iter().filter_map(|(name, value)| Some((name, value?))));
    ended(&mut shell).exits(0);
    assert!(is_results("read.json") && std::fs::metadata(project.path("pipe")).unwrap().file_type().is_fifo());
    let told = project.skew(&["report", "--format", "badge", "-o", "json=/dev/stdout"]).exits(0).stdout;
    assert!(told.contains("skew.results/1") && told.contains("schemaVersion"), "{told}");
    assert!(std::fs::read_dir(project.path("")).unwrap().flatten().all(|entry| !entry.file_name().to_string_lossy().contains("partial")));
}

#[test]
fn a_scenario_that_ends_early_in_the_baseline_is_told_wherever_all_agree() {
    let error = json!({"type": "NameError", "bases": ["Exception"], "message": "name 'y' is not defined", "line": 2, "source": "y"});
    let broken = |scenario: u32| {
        let script = json!({"name": "<script>", "fact": {"error": error}, "line": 2});
        let ending =
            json!({"status": "raised", "seconds": 0.5, "max_rss": 1_048_576, "cause": "NameError: name 'y' is not defined (line 2)"});
        vec![
            started(scenario),
            json!({"event": "observed", "scenario": scenario, "repeat": 0, "observation": script}),
            json!({"event": "ended", "scenario": scenario, "repeat": 0, "ending": ending}),
        ]
    };
    let lines = [broken(0), whole(1, 1.0), vec![done()]].concat();
    let recorded = Recorded::new().plays("alpha-1.1", &lines).plays("alpha-2.0", &lines);
    let told = run(&recorded, &[]).exits(0);
    let sentence = "1 scenario ends early in the baseline, and what it did not come to is compared nowhere: one: NameError";
    let unwrapped = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(unwrapped(&told.stdout).contains(sentence), "{}", told.stdout);
    assert!(told.stderr.contains("the baseline; 1 of 2 executions raise"), "{}", told.stderr);
    for format in ["markdown", "html"] {
        let told = recorded.project.skew(&["report", "--format", format]).exits(0).stdout;
        assert!(unwrapped(&told).contains("ends early in the baseline"), "{told}");
    }

    // Where it ends as in the baseline, what it did not come to is known to be as there.
    let recorded = recorded.plays("alpha-2.0", &well(1.0));
    run(&recorded, &["--fresh", "--fail-on", "never"]).exits(0);
    let rules = recorded.project.results()["rules"].clone();
    let returns = rules.as_array().unwrap().iter().find(|rule| rule["effect"] == "returns").unwrap_or_else(|| panic!("{rules}"));
    assert_eq!((returns["when"].as_str(), returns["unknown"].as_array().map(Vec::len)), (Some("alpha>=2.0"), Some(0)), "{rules}");
}

#[test]
fn options_that_make_no_difference_are_said() {
    let recorded = changed();
    run(&recorded, &[]).exits(0);
    let told = recorded.project.skew(&["history", "--fresh", "-k", "alpha:2.0", "--format", "json"]).exits(0);
    assert!(told.stderr.contains("`-k` makes no difference") && told.stderr.contains("`--fresh` makes no difference"), "{}", told.stderr);
    assert!(!told.stderr.contains("--format"), "{}", told.stderr);
    let told = run(&recorded, &["-k", "alpha:2.0"]).exits(0);
    assert!(told.stderr.contains("the baseline is not selected: nothing can be compared"), "{}", told.stderr);
    recorded.project.skew(&["bless"]).exits(2).says(&["the baseline alpha-1.1 has no answer", "`skew run` asks it again"]);
    assert!(!recorded.project.path("expected.yaml").exists());
}
