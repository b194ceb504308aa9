//! What the two controllers share: a ReplicationController is read as a ReplicaSet, and its status written back.
//! Upstream: `pkg/controller/replication/conversion.go`.

use std::rc::Rc;

use k8s_openapi::api::apps::v1::{ReplicaSetCondition, ReplicaSetSpec, ReplicaSetStatus};
use k8s_openapi::api::core::v1::{ReplicationControllerCondition, ReplicationControllerStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::api::{Object, ReplicaSet, ReplicaSetDesired, ReplicationController, Resource, Selector, Stored};

/// A kind that keeps a number of pods.
pub(super) trait ReplicaOwner: Stored {
    /// Whether its status has a place for pods that are being deleted.
    const COUNTS_TERMINATING: bool;
    /// Which pods are its own.
    fn pod_selector(&self) -> Selector;
    /// As a ReplicaSet, without its template: the store keeps that in parts of its own.
    fn as_set(self: &Rc<Self>) -> Rc<ReplicaSet>;
    /// With a new status.
    fn with_status(&self, status: ReplicaSetStatus) -> Object;
}

impl ReplicaOwner for ReplicaSet {
    const COUNTS_TERMINATING: bool = true;

    fn pod_selector(&self) -> Selector {
        Selector::from_api(&self.spec.selector)
    }

    fn as_set(self: &Rc<Self>) -> Rc<ReplicaSet> {
        self.clone()
    }

    fn with_status(&self, status: ReplicaSetStatus) -> Object {
        Object::ReplicaSet(Rc::new(ReplicaSet { status: Rc::new(status), ..self.clone() }))
    }
}

impl ReplicaOwner for ReplicationController {
    const COUNTS_TERMINATING: bool = false;

    fn pod_selector(&self) -> Selector {
        // A selector that selects nothing is not one that selects everything.
        self.spec
            .selector
            .as_ref()
            .filter(|labels| !labels.is_empty())
            .map_or_else(Selector::nothing, Selector::from_map)
    }

    fn as_set(self: &Rc<Self>) -> Rc<ReplicaSet> {
        let (spec, status) = (&self.spec, &self.status);
        let selector = LabelSelector { match_labels: spec.selector.clone(), match_expressions: None };
        let conditions = status.conditions.as_ref().map(|known| known.iter().map(as_set_condition).collect());
        Rc::new(Resource {
            key: self.key.clone(),
            uid: self.uid,
            resource_version: self.resource_version,
            meta: self.meta.clone(),
            spec: ReplicaSetDesired::from_api(ReplicaSetSpec {
                min_ready_seconds: spec.min_ready_seconds,
                replicas: spec.replicas,
                selector,
                template: None,
            }),
            status: Rc::new(ReplicaSetStatus {
                replicas: status.replicas,
                fully_labeled_replicas: status.fully_labeled_replicas,
                ready_replicas: status.ready_replicas,
                available_replicas: status.available_replicas,
                terminating_replicas: None,
                observed_generation: status.observed_generation,
                conditions,
            }),
        })
    }

    fn with_status(&self, status: ReplicaSetStatus) -> Object {
        let conditions = status.conditions.map(|known| known.into_iter().map(from_set_condition).collect());
        let status = ReplicationControllerStatus {
            replicas: status.replicas,
            fully_labeled_replicas: status.fully_labeled_replicas,
            ready_replicas: status.ready_replicas,
            available_replicas: status.available_replicas,
            observed_generation: status.observed_generation,
            conditions,
        };
        Object::ReplicationController(Rc::new(ReplicationController {
            status: Rc::new(status),
            ..self.clone()
        }))
    }
}

fn as_set_condition(condition: &ReplicationControllerCondition) -> ReplicaSetCondition {
    ReplicaSetCondition {
        last_transition_time: condition.last_transition_time.clone(),
        message: condition.message.clone(),
        reason: condition.reason.clone(),
        status: condition.status.clone(),
        type_: condition.type_.clone(),
    }
}

fn from_set_condition(condition: ReplicaSetCondition) -> ReplicationControllerCondition {
    ReplicationControllerCondition {
        last_transition_time: condition.last_transition_time,
        message: condition.message,
        reason: condition.reason,
        status: condition.status,
        type_: condition.type_,
    }
}
