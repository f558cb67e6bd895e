//! What goes wrong in clusters: none of it is a verdict.

use std::time::Duration;

use k8s_openapi::api::core::v1::Pod;
use kube::{
    Api, ResourceExt,
    api::{DeleteParams, ListParams},
};

use crate::{
    Server, client, kubeconfig, left,
    runs::{Project, states, statuses},
};

const SIX: &str = "axes:\n  six: [1.16.0, 1.17.0]";
/// Scenarios that take their time, and one that is over at once.
const SLOW: [(&str, &str); 3] = [
    ("a_first", "import six\nversion = six.__version__\n"),
    ("b_slow", "import time\nfor step in range(8):\n    time.sleep(1)\nend = 'slow'\n"),
    ("c_last", "end = 'last'\n"),
];

/// Names of the pods of a run that are not on their way out.
async fn pods(run: &str) -> Vec<String> {
    let list = ListParams::default().labels(&format!("skew.run={run}"));
    let pods = Api::<Pod>::default_namespaced(client().await).list(&list).await.expect("pods");
    pods.items.iter().filter(|pod| pod.metadata.deletion_timestamp.is_none()).map(ResourceExt::name_any).collect()
}

#[tokio::test]
async fn a_run_that_was_killed_is_gone_on_with_where_it_was() {
    if kubeconfig().is_none() {
        return;
    }
    let mut project = Project::new("killed", SIX, &SLOW);
    let mut first = project.start(&["run", "--engine", "kubernetes"]);
    project.wait("\"event\":\"outcome\"");
    // The next scenario begins, and with that the outcome is stored for good.
    tokio::time::sleep(Duration::from_secs(2)).await;
    first.kill().expect("killed");
    first.wait().expect("over");
    let before = pods(&project.run).await;
    assert!(!before.is_empty());
    let dead = std::mem::replace(&mut project.run, format!("revived-{}", std::process::id()));
    let mut second = project.start(&["run", "--engine", "kubernetes"]);
    project.wait("\"event\":\"outcome\"");
    // The pods are the same ones, under the name of the new run.
    let after = pods(&project.run).await;
    let said = std::fs::read_to_string(project.path().join("err")).expect("what it said");
    assert!(before.iter().any(|pod| after.contains(pod)), "{before:?} {after:?} {said}");
    assert!(second.wait().expect("over").success());
    let results = project.results();
    assert_eq!(states(&results), ["ran", "ran"]);
    for scenario in ["a_first", "b_slow", "c_last"] {
        assert_eq!(statuses(&results, scenario), ["ran"; 2]);
    }
    // What the dead run stored was not read again.
    let reused = &results["run"]["reused"];
    assert!(reused["outcomes"].as_u64().is_some_and(|outcomes| outcomes >= 1) && reused["of"] == 6, "{reused}");
    assert_eq!(left(&dead).await, Vec::<String>::new());
    assert_eq!(left(&project.run).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_server_that_is_away_for_a_while_costs_nothing_but_time() {
    if kubeconfig().is_none() {
        return;
    }
    let project = Project::new("away", SIX, &SLOW);
    let mut run = project.start(&["run", "--engine", "kubernetes"]);
    project.wait("\"event\":\"outcome\"");
    let server = Server::find();
    server.kill();
    tokio::time::sleep(Duration::from_secs(5)).await;
    server.start();
    assert!(run.wait().expect("over").success());
    let said = std::fs::read_to_string(project.path().join("err")).expect("what it said");
    assert!(!said.contains("RETRY"), "{said}");
    let results = project.results();
    assert_eq!(states(&results), ["ran", "ran"]);
    assert_eq!(statuses(&results, "b_slow"), ["ran"; 2]);
}

#[tokio::test]
async fn a_pod_that_is_deleted_is_made_again() {
    if kubeconfig().is_none() {
        return;
    }
    let project = Project::new("deleted", SIX, &SLOW);
    let mut run = project.start(&["run", "--engine", "kubernetes"]);
    project.wait("\"event\":\"outcome\"");
    let names = pods(&project.run).await;
    let all = Api::<Pod>::default_namespaced(client().await);
    for name in &names {
        all.delete(name, &DeleteParams::default().grace_period(0)).await.expect("deleted");
    }
    assert!(run.wait().expect("over").success());
    let said = std::fs::read_to_string(project.path().join("err")).expect("what it said");
    assert!(said.contains("RETRY") && said.contains("was lost: it was deleted"), "{said}");
    let results = project.results();
    assert_eq!(states(&results), ["ran", "ran"]);
    assert_eq!(statuses(&results, "b_slow"), ["ran"; 2]);
}

#[test]
fn a_scenario_that_takes_all_memory_is_told_and_harms_no_other() {
    if kubeconfig().is_none() {
        return;
    }
    let greedy = "held = []\nwhile True:\n    held.append(bytearray(b'x') * (8 << 20))\n";
    let project = Project::new("memory", "axes:\n  six: [1.17.0]", &[("a_greedy", greedy), ("b_modest", "x = 1\n")]);
    project.skew(&["run", "--engine", "kubernetes"]).exits(0);
    let results = project.results();
    assert_eq!(states(&results), ["ran"]);
    assert_eq!(statuses(&results, "a_greedy"), ["oom"]);
    assert_eq!(statuses(&results, "b_modest"), ["ran"]);
}

#[tokio::test]
async fn an_interrupt_leaves_nothing_in_the_cluster() {
    if kubeconfig().is_none() {
        return;
    }
    let project = Project::new("interrupted", SIX, &SLOW);
    let mut run = project.start(&["run", "--engine", "kubernetes"]);
    project.wait("\"event\":\"outcome\"");
    let pid = rustix::process::Pid::from_raw(i32::try_from(run.id()).expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("interrupted");
    assert_eq!(run.wait().expect("over").code(), Some(130));
    assert_eq!(left(&project.run).await, Vec::<String>::new());
}

#[tokio::test]
async fn cleaning_removes_what_a_dead_run_left_and_spares_the_living() {
    if kubeconfig().is_none() {
        return;
    }
    // One cell each: both have a place on a small node.
    let project = Project::new("left", "axes:\n  six: [1.16.0]", &SLOW);
    let living = Project::new("living", "axes:\n  six: [1.17.0]", &SLOW);
    let mut dead = project.start(&["run", "--engine", "kubernetes"]);
    let mut alive = living.start(&["run", "--engine", "kubernetes"]);
    project.wait("\"event\":\"outcome\"");
    living.wait("\"event\":\"outcome\"");
    dead.kill().expect("killed");
    dead.wait().expect("over");
    let cleaned = project.skew(&["clean", "--engine", "kubernetes"]).exits(0).out;
    assert!(cleaned.contains(&project.run) && !cleaned.contains(&living.run), "{cleaned}");
    assert_eq!(left(&project.run).await, Vec::<String>::new());
    assert!(alive.wait().expect("over").success());
}
