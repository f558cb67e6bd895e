//! A node that is lost while cells run on it: `tests/kubernetes/second-node` makes one beside the cluster's own.
//!
//! Needs root, and `SKEW_TEST_SECOND_NODE=1` beside what all these tests need; without it the test says so and passes. It takes
//! minutes, because that long clusters wait before they believe it.

use std::process::{Child, Command};

use k8s_openapi::api::core::v1::{Node, Pod};
use kube::{
    Api, ResourceExt,
    api::{ListParams, Patch, PatchParams},
};
use serde_json::json;

use crate::{
    client, kubeconfig, left,
    runs::{Project, states, statuses},
};

const SIX: &str = "axes:\n  six: [1.16.0, 1.17.0]";
const SLOW: [(&str, &str); 3] = [
    ("a_first", "import six\nversion = six.__version__\n"),
    ("b_slow", "import time\nfor step in range(30):\n    time.sleep(1)\nend = 'slow'\n"),
    ("c_last", "end = 'last'\n"),
];

/// The second node; it is removed when this is dropped.
struct Second {
    name: String,
}

impl Second {
    /// Starts it, if it is wanted.
    #[expect(clippy::print_stdout, reason = "a skipped test says why")]
    async fn start() -> Option<Self> {
        kubeconfig()?;
        if std::env::var_os("SKEW_TEST_SECOND_NODE").is_none() {
            println!("skipped: SKEW_TEST_SECOND_NODE asks for no second node");
            return None;
        }
        label(None).await;
        Some(Self { name: second(&["up", "skew-test/python:3.11"]) })
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        second(&["down"]);
    }
}

/// Does something with the second node; what is said.
fn second(arguments: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kubernetes/second-node");
    let output = Command::new(script).args(arguments).output().expect("a script");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Gives the second node's label to all nodes that there are, or takes it from them.
async fn label(value: Option<&str>) {
    let nodes = Api::<Node>::all(client().await);
    let label = json!({ "metadata": { "labels": { "skew.test": value } } });
    for node in nodes.list(&ListParams::default()).await.expect("nodes") {
        nodes.patch(&node.name_any(), &PatchParams::default(), &Patch::Merge(&label)).await.expect("patched");
    }
}

/// Names of the pods of a run's cells on a node, those on their way out included.
async fn on(node: &str, run: &str) -> Vec<String> {
    let list = ListParams::default().labels(&format!("skew.run={run}")).fields(&format!("spec.nodeName={node}"));
    let pods = Api::<Pod>::default_namespaced(client().await).list(&list).await.expect("pods");
    pods.iter().filter(|pod| pod.annotations().contains_key("skew.cell")).map(ResourceExt::name_any).collect()
}

/// A project whose cells begin on the second node, and there alone.
fn slow(name: &str) -> Project {
    let project = Project::new(name, SIX, &SLOW);
    project
        .replace("parallelism: 2", "parallelism: 2, node_selector: {skew.test: second}, tolerations: [{key: skew.test, operator: Exists}]");
    project
}

/// A run of which a cell runs on the second node, and whose cells may run on the first by now.
async fn begun(project: &Project, node: &Second) -> Child {
    let run = project.start(&["run", "--engine", "kubernetes"]);
    project.wait("\"scenario\":\"a_first\"");
    // The other one may still wait for its room.
    assert!(!on(&node.name, &project.run).await.is_empty());
    label(Some("second")).await;
    run
}

/// What holds after a run that lost its node.
fn is_right(project: &Project, node: &Second) {
    let said = std::fs::read_to_string(project.path().join("err")).expect("what it said");
    assert!(said.contains("RETRY") && said.contains(&format!("on {} was lost", node.name)), "{said}");
    let results = project.results();
    assert_eq!(states(&results), ["ran", "ran"]);
    for (scenario, _) in SLOW {
        assert_eq!(statuses(&results, scenario), ["ran"; 2], "{scenario}");
    }
}

#[tokio::test]
async fn cells_of_a_node_that_is_lost_run_elsewhere() {
    let Some(node) = Second::start().await else { return };
    let project = slow("powerless");
    let mut run = begun(&project, &node).await;
    second(&["kill"]);
    assert!(run.wait().expect("over").success());
    is_right(&project, &node);
    assert_eq!(left(&project.run).await, Vec::<String>::new());
}
