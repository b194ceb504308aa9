//! The state of a cluster in the shape of a recording's `expect`.
//!
//! Everything is read from the JSON that the API shows, kind by kind, so that a kind needs no words here before it is
//! served: a list of objects that the core does not serve is empty, and differs.

mod asked;
mod fields;
mod nodes;
mod pods;
mod services;
mod workloads;

use kubestep_core::apiserver::Store;
use serde_json::{Map, Value};

pub use asked::Asked;

use super::log::Log;
use super::names::{self, Names};

/// The namespace of everything that is recorded.
pub const NAMESPACE: &str = "default";

/// How one object becomes one entry of a list.
type Entry = fn(&Value, &Looking<'_>) -> Value;

/// The lists of an `expect` whose entries are objects, and the kind they are of.
const LISTS: [(&str, &str, Entry); 15] = [
    ("deployments", "Deployment", workloads::deployment),
    ("replicasets", "ReplicaSet", workloads::replica_set),
    ("replicationcontrollers", "ReplicationController", workloads::replication_controller),
    ("statefulsets", "StatefulSet", workloads::stateful_set),
    ("daemonsets", "DaemonSet", workloads::daemon_set),
    ("controllerrevisions", "ControllerRevision", workloads::controller_revision),
    ("jobs", "Job", workloads::job),
    ("cronjobs", "CronJob", workloads::cron_job),
    ("horizontalpodautoscalers", "HorizontalPodAutoscaler", workloads::autoscaler),
    ("poddisruptionbudgets", "PodDisruptionBudget", workloads::disruption_budget),
    ("resourcequotas", "ResourceQuota", workloads::quota),
    ("persistentvolumeclaims", "PersistentVolumeClaim", workloads::claim),
    ("services", "Service", services::service),
    ("endpointslices", "EndpointSlice", services::slice),
    ("endpoints", "Endpoints", services::endpoints),
];

/// What a snapshot is taken with.
pub struct Looking<'a> {
    /// What the API server knows.
    pub store: &'a Store,
    /// What names are called.
    pub names: &'a Names,
    /// Node ports that manifests fixed.
    pub ports: &'a [String],
    /// Whether nodes, and the nodes of pods, are looked at.
    pub nodes: Nodes,
    /// What else the recording tells of objects.
    pub asked: &'a Asked,
}

/// How far a recording tells nodes apart.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nodes {
    /// It lists them.
    pub are_listed: bool,
    /// It says where pods are.
    pub of_pods: bool,
    /// It says in Events which node a pod was assigned to.
    pub in_events: bool,
}

/// The whole `expect`: lists that are empty are left out.
pub fn take(looking: &Looking<'_>, log: &Log) -> Map<String, Value> {
    let mut lists: Vec<(&str, Value)> = LISTS
        .into_iter()
        .map(|(list, kind, entry)| {
            let entry = |object: &Value| looking.asked.complete(list, entry(object, looking), object);
            (list, looking.objects(kind).iter().map(entry).collect::<Value>())
        })
        .collect();
    lists.push(("pods", pods::rows(looking)));
    if looking.nodes.are_listed {
        lists.push(("nodes", nodes::list(looking)));
    }
    lists.push(("events", log.events()));
    lists.push(("history", log.history()));
    lists.push(("podHistory", log.pod_history()));
    let filled = lists.into_iter().filter(|(_, list)| list.as_array().is_some_and(|list| !list.is_empty()));
    let mut taken: Map<String, Value> =
        filled.map(|(name, list)| (name.to_owned(), sorted(name, list))).collect();
    if let Some(phase) = looking.namespace_phase().filter(|phase| phase != "Active") {
        taken.insert("namespace".to_owned(), Value::String(phase));
    }
    taken
}

impl Looking<'_> {
    /// The objects of a kind in the recorded namespace (or everywhere, where the kind has none), by name.
    fn objects(&self, kind: &str) -> Vec<Value> {
        let Some(kind) = names::kind(kind) else { return Vec::new() };
        let here = |namespace: &str| !kind.is_namespaced() || namespace == NAMESPACE;
        let objects = self.store.objects(kind).filter(|object| here(&object.key().namespace));
        // Every cluster has the Service of its own API server; no recording lists it.
        let own = |name: &str| {
            name == "kubernetes" && matches!(kind.name(), "Service" | "EndpointSlice" | "Endpoints")
        };
        objects.filter(|object| !own(object.name())).map(|object| object.to_json()).collect()
    }

    fn namespace_phase(&self) -> Option<String> {
        let namespaces = self.objects("Namespace");
        let here = namespaces.iter().find(|namespace| namespace["metadata"]["name"] == NAMESPACE)?;
        here["status"]["phase"].as_str().map(str::to_owned)
    }
}

/// Lists are by name; what has no name keeps its order, which says something or is sorted already.
fn sorted(list: &str, entries: Value) -> Value {
    let Value::Array(mut entries) = entries else { return entries };
    match list {
        "endpointslices" => entries.sort_by_key(|slice| (slice["service"].to_string(), slice.to_string())),
        "events" | "history" | "podHistory" | "pods" => {}
        _ => entries.sort_by_key(|entry| entry["name"].to_string()),
    }
    Value::Array(entries)
}
