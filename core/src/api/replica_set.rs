//! ReplicaSets: accessors over spec and status.

use std::ops::Deref;
use std::rc::Rc;

use k8s_openapi::api::apps::v1 as apps;

use super::Resource;

/// A stored ReplicaSet.
pub type ReplicaSet = Resource<ReplicaSetDesired, Rc<apps::ReplicaSetStatus>>;

/// A ReplicaSet's spec. The size is kept apart, so that a rollout, which changes nothing else, copies no template.
/// Everything but the size is read as if it were here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReplicaSetDesired {
    /// `spec.replicas`
    pub replicas: Option<i32>,
    /// `spec` without `replicas`.
    pub spec: Rc<apps::ReplicaSetSpec>,
}

impl ReplicaSetDesired {
    /// From what a client sent.
    pub fn from_api(mut spec: apps::ReplicaSetSpec) -> ReplicaSetDesired {
        ReplicaSetDesired { replicas: spec.replicas.take(), spec: Rc::new(spec) }
    }

    /// Whether it is the very same value, which is cheap to tell.
    pub fn is_same(&self, other: &ReplicaSetDesired) -> bool {
        self.replicas == other.replicas && Rc::ptr_eq(&self.spec, &other.spec)
    }

    /// As the API shows it.
    pub fn to_api(&self) -> apps::ReplicaSetSpec {
        apps::ReplicaSetSpec { replicas: self.replicas, ..(*self.spec).clone() }
    }
}

impl Deref for ReplicaSetDesired {
    type Target = apps::ReplicaSetSpec;

    fn deref(&self) -> &apps::ReplicaSetSpec {
        &self.spec
    }
}

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
