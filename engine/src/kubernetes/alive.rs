//! Which runs are alive: each renews a lease, and what belongs to a run whose lease has run out was left behind.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::{
    ResourceExt,
    api::{DynamicObject, Patch, PatchParams},
};
use serde_json::{Value, json};

use super::{
    api::{Cluster, Kind},
    manifest::{Common, RUN},
};
use crate::{EngineError, owner::Owner};

/// Time between two renewals.
const RENEWED: Duration = Duration::from_secs(15);
/// Seconds without renewal after which a run is dead: more than a server takes to restart.
const LASTS: i32 = 360;

/// The lease of this run, as it is now.
fn lease(common: &Common) -> Value {
    json!({
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": { "name": common.base, "labels": { RUN: common.run } },
        "spec": {
            "holderIdentity": Owner::current().label(),
            "leaseDurationSeconds": LASTS,
            "renewTime": MicroTime(Timestamp::now()),
        },
    })
}

/// Takes the lease of this run and renews it until the returned task is stopped.
pub(super) async fn live(cluster: &Arc<Cluster>, common: &Common) -> Result<tokio::task::JoinHandle<()>, EngineError> {
    cluster.create("say that this run is alive", &lease(common)).await?;
    let (cluster, common) = (Arc::clone(cluster), common.clone());
    Ok(tokio::spawn(async move {
        let leases = cluster.all(Kind::Lease);
        loop {
            tokio::time::sleep(RENEWED).await;
            let renewed = json!({ "spec": lease(&common)["spec"] });
            cluster.turn().await;
            // The next one tries again.
            let _ = leases.patch(&common.base, &PatchParams::default(), &Patch::Merge(&renewed)).await;
        }
    }))
}

/// All runs that have a lease, this one among them, and whether they are alive.
pub(super) async fn runs(cluster: &Cluster) -> Result<BTreeMap<String, bool>, EngineError> {
    let found = cluster.list("list leases", Kind::Lease, RUN).await?;
    Ok(found.iter().filter_map(|lease| Some((lease.labels().get(RUN)?.clone(), is_alive(lease, Timestamp::now())))).collect())
}

/// Whether whoever holds a lease is alive. A process of this machine is looked at; of others the lease alone tells.
fn is_alive(lease: &DynamicObject, now: Timestamp) -> bool {
    let spec = &lease.data["spec"];
    let lasts = spec["leaseDurationSeconds"].as_i64().unwrap_or_default();
    let renewed: Option<Timestamp> = spec["renewTime"].as_str().and_then(|time| time.parse().ok());
    let owner = spec["holderIdentity"].as_str().and_then(Owner::parse);
    renewed.is_some_and(|time| now.as_second() - time.as_second() < lasts) && owner.is_none_or(|owner| !owner.is_dead(Duration::ZERO))
}
