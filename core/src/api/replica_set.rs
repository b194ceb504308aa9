//! ReplicaSets: accessors over spec and status.

use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;

use super::Resource;

/// A stored ReplicaSet.
pub type ReplicaSet = Resource<Rc<apps::ReplicaSetSpec>, Rc<apps::ReplicaSetStatus>>;

impl ReplicaSet {
    /// `spec.replicas`; the API server's default is 1.
    pub fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(1)
    }

    /// `status.replicas`: the active pods it counted.
    pub fn current_replicas(&self) -> i32 {
        self.status.replicas
    }

    /// `status.readyReplicas`
    pub fn ready_replicas(&self) -> i32 {
        self.status.ready_replicas.unwrap_or(0)
    }

    /// `status.availableReplicas`
    pub fn available_replicas(&self) -> i32 {
        self.status.available_replicas.unwrap_or(0)
    }

    /// `spec.minReadySeconds`
    pub fn min_ready_seconds(&self) -> i32 {
        self.spec.min_ready_seconds.unwrap_or(0)
    }

    /// The revision in `deployment.kubernetes.io/revision`; 0 without one.
    pub fn revision(&self) -> i64 {
        self.annotation("deployment.kubernetes.io/revision").and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}
