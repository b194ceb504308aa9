//! Deployments and ReplicaSets for the tests beside this file.

use std::rc::Rc;

use k8s_openapi::api::apps::v1::{
    DeploymentSpec, DeploymentStrategy, ReplicaSetStatus, RollingUpdateDeployment,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::annotations;
use crate::api::{Deployment, Key, Meta, ReplicaSet, ReplicaSetDesired, Resource, Uid};
use crate::time::{Duration, Time};

/// A Deployment of this size that rolls with these limits.
pub(super) fn deployment(replicas: i32, max_surge: i32, max_unavailable: i32) -> Deployment {
    let rolling = RollingUpdateDeployment {
        max_surge: Some(IntOrString::Int(max_surge)),
        max_unavailable: Some(IntOrString::Int(max_unavailable)),
    };
    let strategy =
        DeploymentStrategy { rolling_update: Some(rolling), type_: Some("RollingUpdate".to_owned()) };
    let spec =
        DeploymentSpec { replicas: Some(replicas), strategy: Some(strategy), ..DeploymentSpec::default() };
    Resource {
        key: Key::new("default", "web"),
        uid: Uid(1),
        resource_version: 1,
        meta: Rc::default(),
        spec: Rc::new(spec),
        status: Rc::default(),
    }
}

/// A ReplicaSet of this size, all of it available, created so many hours after the beginning.
pub(super) fn set(name: &str, replicas: i32, hour: u64) -> ReplicaSet {
    let status = ReplicaSetStatus {
        replicas,
        ready_replicas: Some(replicas),
        available_replicas: Some(replicas),
        ..ReplicaSetStatus::default()
    };
    let created = Time::ZERO + Duration::from_seconds(3600 * hour);
    Resource {
        key: Key::new("default", name),
        uid: Uid::parse(name),
        resource_version: 1,
        meta: Rc::new(Meta { created, ..Meta::default() }),
        spec: ReplicaSetDesired { replicas: Some(replicas), ..ReplicaSetDesired::default() },
        status: Rc::new(status),
    }
}

/// As [`set`], last sized for `deployment`.
pub(super) fn sized_set(name: &str, replicas: i32, hour: u64, deployment: &Deployment) -> ReplicaSet {
    let mut set = set(name, replicas, hour);
    annotations::set_sizes(&mut Rc::make_mut(&mut set.meta).annotations, deployment);
    set
}
