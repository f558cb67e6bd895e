//! What the engine must be allowed to do in its namespace.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use kube::{
    Api,
    api::{DynamicObject, ObjectMeta, PostParams},
};
use serde_json::{Value, json};

use super::api::{Cluster, resource};
use crate::EngineError;

/// A right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Right {
    /// API group; empty for the core.
    pub group: &'static str,
    /// `jobs`, `pods/log` …
    pub resource: &'static str,
    /// `create`, `watch` …
    pub verb: &'static str,
    /// Whether this user has it.
    pub granted: bool,
}

/// Group, resource, verbs.
const NEEDED: [(&str, &str, &[&str]); 7] = [
    ("batch", "jobs", &["create", "delete", "deletecollection", "list", "patch"]),
    ("", "pods", &["create", "delete", "deletecollection", "list", "patch", "watch"]),
    ("", "pods/log", &["get"]),
    ("", "configmaps", &["create", "deletecollection", "list"]),
    ("", "events", &["list"]),
    ("networking.k8s.io", "networkpolicies", &["create", "deletecollection"]),
    ("coordination.k8s.io", "leases", &["create", "deletecollection", "list", "patch"]),
];
/// Needed where the index has a password.
const SECRETS: (&str, &str, &[&str]) = ("", "secrets", &["create", "deletecollection"]);

fn needed(secrets: bool) -> impl Iterator<Item = (&'static str, &'static str, &'static [&'static str])> {
    NEEDED.into_iter().chain(secrets.then_some(SECRETS))
}

/// Asks the server about every right.
pub(super) async fn ask(cluster: &Cluster, secrets: bool) -> Result<Vec<Right>, EngineError> {
    let reviews: Api<DynamicObject> =
        Api::all_with(cluster.client.clone(), &resource("authorization.k8s.io/v1", "SelfSubjectAccessReview"));
    let all = needed(secrets).flat_map(|(group, resource, verbs)| verbs.iter().map(move |verb| (group, resource, *verb)));
    let asked = all.map(|(group, resource, verb)| {
        let reviews = reviews.clone();
        async move {
            let (name, subresource) = resource.split_once('/').unwrap_or((resource, ""));
            let attributes =
                json!({ "group": group, "resource": name, "subresource": subresource, "verb": verb, "namespace": cluster.namespace });
            let review = DynamicObject {
                types: None,
                metadata: ObjectMeta::default(),
                data: json!({ "spec": { "resourceAttributes": attributes } }),
            };
            let parameters = PostParams::default();
            let answer = cluster.ask("ask for rights", || reviews.create(&parameters, &review)).await?;
            let granted = answer.data["status"]["allowed"] == true;
            Ok::<_, EngineError>(Right { group, resource, verb, granted })
        }
    });
    try_join_all(asked).await
}

/// The smallest role that is enough, for a namespace.
pub(super) fn role(namespace: &str, secrets: bool) -> Value {
    let mut rules: BTreeMap<(&str, &[&str]), Vec<&str>> = BTreeMap::new();
    for (group, resource, verbs) in needed(secrets) {
        rules.entry((group, verbs)).or_default().push(resource);
    }
    let rules: Vec<Value> = rules
        .into_iter()
        .map(|((group, verbs), resources)| json!({ "apiGroups": [group], "resources": resources, "verbs": verbs }))
        .collect();
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": { "name": "skew", "namespace": namespace },
        "rules": rules,
    })
}
