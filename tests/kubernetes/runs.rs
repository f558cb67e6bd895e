//! Whole runs of the program.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{IMAGE, NODE, kubeconfig, left};

/// A folder with a matrix and scenarios.
pub(crate) struct Project {
    folder: TempDir,
    /// Id of its next run, for what is looked for in the cluster.
    pub(crate) run: String,
}

/// How the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Project {
    /// `axes` is the first part of the matrix.
    pub(crate) fn new(name: &str, axes: &str, scenarios: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let matrix = format!(
            "{axes}\npython: \"3.11\"\nlimits: {{memory: 1GiB, timeout: 60s}}\ndocker: {{image: \"{IMAGE}\"}}\n\
             kubernetes: {{parallelism: 2, cache: {{node: {NODE}}}}}\n"
        );
        fs::write(folder.path().join("matrix.yaml"), matrix).expect("a matrix");
        fs::create_dir(folder.path().join("scenarios")).expect("a folder");
        for (name, text) in scenarios {
            fs::write(folder.path().join(format!("scenarios/{name}.py")), text).expect("a scenario");
        }
        Self { folder, run: format!("{name}-{}", std::process::id()) }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn replace(&self, from: &str, to: &str) {
        let path = self.path().join("matrix.yaml");
        let text = fs::read_to_string(&path).expect("a matrix");
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).expect("a matrix");
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_skew"));
        command.args(arguments).current_dir(self.path()).env("SKEW_RUN_ID", &self.run).env_remove("SKEW_ENGINE");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn skew(&self, arguments: &[&str]) -> Ended {
        let output = self.command(arguments).output().expect("skew runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ended { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Starts the program, which writes its events to `events.jsonl`.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let _ = fs::remove_file(self.path().join("events.jsonl"));
        let mut command = self.command(arguments);
        command.args(["-o", "jsonl=events.jsonl"]).stdout(Stdio::null()).stderr(fs::File::create(self.path().join("err")).expect("a file"));
        command.spawn().expect("skew starts")
    }

    /// Waits until the events have a text.
    pub(crate) fn wait(&self, text: &str) {
        let begun = Instant::now();
        while !fs::read_to_string(self.path().join("events.jsonl")).is_ok_and(|events| events.contains(text)) {
            let said = || fs::read_to_string(self.path().join("err")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_mins(3), "no {text:?} in the events; {}", said());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn results(&self) -> Value {
        serde_json::from_str(&self.skew(&["report", "--format", "json"]).out).expect("results")
    }
}

impl Ended {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.out, self.err);
        self
    }
}

/// States of cells, in order.
pub(crate) fn states(results: &Value) -> Vec<&str> {
    results["cells"].as_array().expect("cells").iter().filter_map(|cell| cell["state"].as_str()).collect()
}

/// Statuses of a scenario's outcomes.
pub(crate) fn statuses<'a>(results: &'a Value, scenario: &str) -> Vec<&'a str> {
    let scenarios = results["scenarios"].as_array().expect("scenarios");
    let found = scenarios.iter().find(|known| known["name"] == scenario).expect("the scenario");
    found["outcomes"].as_array().expect("outcomes").iter().filter_map(|outcome| outcome["status"].as_str()).collect()
}

const PAIRS: &str =
    "axes:\n  numpy: [1.26.4, 2.0.2]\n  tensorflow: {package: tensorflow-cpu, import: tensorflow, versions: [2.16.2, 2.18.1]}";

/// `results.json` without what belongs to one run in one place.
fn comparable(mut results: Value) -> Value {
    let without =
        |value: &mut Value, keys: &[&str]| value.as_object_mut().expect("an object").retain(|key, _| !keys.contains(&key.as_str()));
    without(&mut results, &["timings"]);
    without(&mut results["run"], &["id", "started", "finished", "engine", "caveats"]);
    for cell in results["cells"].as_array_mut().expect("cells") {
        without(cell, &["seconds", "image"]);
    }
    for scenario in results["scenarios"].as_array_mut().expect("scenarios") {
        for outcome in scenario["outcomes"].as_array_mut().expect("outcomes") {
            without(outcome, &["seconds", "max_rss"]);
        }
    }
    results
}

#[test]
fn real_pairs_come_out_the_same_on_local_docker_and_kubernetes() {
    if kubeconfig().is_none() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let text = |name: &str| (name.replace('/', "_"), fs::read_to_string(root.join(format!("{name}.py"))).expect("a scenario"));
    let texts = ["promotion/with_python_scalar", "casting/python_ints", "conversion/aliasing", "numerics/special_values"].map(text);
    let own = "import numpy as np, tensorflow as tf\nfrom skew import observe\n\
               observe('cast', lambda: tf.cast(np.float32(0.1), tf.int8))\nobserve('sum', lambda: np.add(np.uint8(200), 100))\n\
               total = tf.reduce_sum(tf.range(10)).numpy()\ntext = repr(np.float32(3))\n";
    let mut scenarios: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    scenarios.push(("own", own));
    let project = Project::new("pairs", PAIRS, &scenarios);
    let mut found = Vec::new();
    for engine in ["local", "docker", "kubernetes"] {
        let _ = fs::remove_dir_all(project.path().join(".skew"));
        project.skew(&["run", "--engine", engine, "--fail-on", "never"]).exits(0);
        let table = project.skew(&["report", "--format", "markdown"]).out.replace(engine, "ENGINE");
        found.push((engine, comparable(project.results()), table));
    }
    let (_, results, table) = &found[0];
    assert_eq!(states(results), ["ran", "ran", "import-failed", "ran"]);
    for (engine, other, other_table) in &found[1..] {
        assert_eq!(results, other, "{engine}");
        let same =
            |text: &str| text.lines().filter(|line| !line.contains("ENGINE") && !line.contains("Caveat")).collect::<Vec<_>>().join("\n");
        assert_eq!(same(table), same(other_table), "{engine}");
    }
}

const SIX: &str = "axes:\n  six: [1.16.0, 1.17.0]";

#[tokio::test]
async fn jobs_that_kubectl_applied_are_gone_on_with() {
    if kubeconfig().is_none() {
        return;
    }
    let project = Project::new("applied", SIX, &[("version", "import six\nversion = six.__version__\n")]);
    let manifests = project.skew(&["plan", "--engine", "kubernetes", "--format", "json"]).exits(0).out;
    let list: Value = serde_json::from_str(&manifests).expect("a list");
    let client = crate::client().await;
    for manifest in list["items"].as_array().expect("items") {
        let kind = kube::core::ApiResource::from_gvk(&kube::core::GroupVersionKind::gvk(
            manifest["apiVersion"].as_str().and_then(|version| version.split_once('/')).map_or("", |(group, _)| group),
            "v1",
            manifest["kind"].as_str().expect("a kind"),
        ));
        let objects = kube::Api::<kube::api::DynamicObject>::default_namespaced_with(client.clone(), &kind);
        let object = serde_json::from_value(manifest.clone()).expect("an object");
        objects.create(&kube::api::PostParams::default(), &object).await.expect("the server takes it");
    }
    assert!(!left("plan").await.is_empty());
    let ended = project.skew(&["run", "--engine", "kubernetes"]).exits(0);
    assert!(ended.err.contains("2 jobs of run plan, which died"), "{}", ended.err);
    assert_eq!(states(&project.results()), ["ran", "ran"]);
    assert_eq!(left("plan").await, Vec::<String>::new());
    assert_eq!(left(&project.run).await, Vec::<String>::new());
}

#[test]
fn an_image_that_is_not_there_is_no_incompatibility() {
    if kubeconfig().is_none() {
        return;
    }
    let project = Project::new("image", SIX, &[("x", "x = 1\n")]);
    project.replace(IMAGE, "registry.invalid/python:{python}");
    let ended = project.skew(&["run", "--engine", "kubernetes"]).exits(3);
    assert!(ended.out.contains("the image registry.invalid/python:3.11"), "{}", ended.out);
    assert!(ended.out.contains("kubernetes.image"), "{}", ended.out);
    assert_eq!(states(&project.results()), ["not-run", "not-run"]);
}

#[test]
fn what_is_doubted_is_looked_at_a_second_time_in_the_cluster_too() {
    if kubeconfig().is_none() {
        return;
    }
    let project = Project::new("verified", SIX, &[("version", "import six\nversion = six.__version__\n")]);
    fs::write(project.path().join("expected.yaml"), "expected: []\n").expect("a file");
    let ended = project.skew(&["run", "--engine", "kubernetes", "--verify"]).exits(1);
    assert!(ended.err.contains("Verify 1 outcome in fresh processes"), "{}", ended.err);
    assert!(!ended.err.contains("could not be verified"), "{}", ended.err);
}

#[test]
fn the_doctor_tells_of_rights_and_prints_the_role() {
    if kubeconfig().is_none() {
        return;
    }
    let project = Project::new("doctor", SIX, &[("x", "x = 1\n")]);
    let told = project.skew(&["doctor", "--engine", "kubernetes"]).exits(0).out;
    for text in ["Kubernetes v", "rights", "kind: Role", "deletecollection", "hostPath"] {
        assert!(told.contains(text), "{text} is not in\n{told}");
    }
}
