//! API objects: k8s-openapi's spec and status types, stored in shared parts.
//!
//! A [`Resource`] is metadata, spec and status, each behind its own pointer, so that a status write copies a
//! status and nothing else. [`Object`] is a resource of any kind; [`ObjectRef`] names one. The files beside
//! this one hold each kind's accessors: controllers read through them and never chain Options.

pub(crate) mod canonical;
pub mod claim;
pub mod controller_revision;
pub mod cron_job;
pub mod daemon_set;
pub mod deployment;
pub mod endpoint_slice;
pub mod endpoints;
pub mod event;
pub(crate) mod go_types;
mod inert;
pub mod job;
mod kind;
pub mod meta;
pub mod node;
mod object;
pub mod persistent_volume;
pub mod pod;
mod pod_disruption_budget;
pub mod quantity;
pub mod replica_set;
mod replication_controller;
pub mod selector;
pub mod service;
pub mod stateful_set;
pub(crate) mod strict;
pub(crate) mod written;

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use k8s_openapi::api::{
    apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch, core::v1 as core,
    networking::v1 as networking, rbac::v1 as rbac, scheduling::v1 as scheduling, storage::v1 as storage,
};

pub use deployment::Deployment;
pub use endpoint_slice::{Endpoint, EndpointSlice};
pub use endpoints::Endpoints;
pub use event::{Event, EventType};
pub use inert::{Content, InertKind};
pub use kind::{Kind, KindNames};
pub use meta::{Deletion, Labels, Meta, Owner};
pub use node::Node;
pub(crate) use object::resource;
pub use object::{Object, Stored};
pub use pod::{Pod, PodDesired, PodTemplate};
pub use pod_disruption_budget::PodDisruptionBudget;
pub use replica_set::{ReplicaSet, ReplicaSetDesired};
pub use replication_controller::ReplicationController;
pub use selector::Selector;
pub use service::Service;

use crate::rng::Rng;

/// A stored Namespace.
pub type Namespace = Resource<Rc<core::NamespaceSpec>, Rc<core::NamespaceStatus>>;
/// A stored StatefulSet.
pub type StatefulSet = Resource<Rc<apps::StatefulSetSpec>, Rc<apps::StatefulSetStatus>>;
/// A stored DaemonSet.
pub type DaemonSet = Resource<Rc<apps::DaemonSetSpec>, Rc<apps::DaemonSetStatus>>;
/// A stored ControllerRevision.
pub type ControllerRevision = Resource<Rc<apps::ControllerRevision>, ()>;
/// A stored Job.
pub type Job = Resource<Rc<batch::JobSpec>, Rc<batch::JobStatus>>;
/// A stored CronJob.
pub type CronJob = Resource<Rc<batch::CronJobSpec>, Rc<batch::CronJobStatus>>;
/// A stored HorizontalPodAutoscaler.
pub type HorizontalPodAutoscaler =
    Resource<Rc<autoscaling::HorizontalPodAutoscalerSpec>, Rc<autoscaling::HorizontalPodAutoscalerStatus>>;
/// A stored ResourceQuota.
pub type ResourceQuota = Resource<Rc<core::ResourceQuotaSpec>, Rc<core::ResourceQuotaStatus>>;
/// A stored LimitRange.
pub type LimitRange = Resource<Rc<core::LimitRange>, ()>;
/// A stored ConfigMap.
pub type ConfigMap = Resource<Rc<core::ConfigMap>, ()>;
/// A stored Secret.
pub type Secret = Resource<Rc<core::Secret>, ()>;
/// A stored PersistentVolumeClaim.
pub type PersistentVolumeClaim =
    Resource<Rc<core::PersistentVolumeClaimSpec>, Rc<core::PersistentVolumeClaimStatus>>;
/// A stored PersistentVolume.
pub type PersistentVolume = Resource<Rc<core::PersistentVolumeSpec>, Rc<core::PersistentVolumeStatus>>;
/// A stored StorageClass.
pub type StorageClass = Resource<Rc<storage::StorageClass>, ()>;
/// A stored PriorityClass.
pub type PriorityClass = Resource<Rc<scheduling::PriorityClass>, ()>;
/// A stored NetworkPolicy.
pub type NetworkPolicy = Resource<Rc<networking::NetworkPolicy>, ()>;

/// A stored ServiceAccount.
pub type ServiceAccount = Resource<Rc<core::ServiceAccount>, ()>;
/// A stored Role.
pub type Role = Resource<Rc<rbac::Role>, ()>;
/// A stored ClusterRole.
pub type ClusterRole = Resource<Rc<rbac::ClusterRole>, ()>;
/// A stored RoleBinding.
pub type RoleBinding = Resource<Rc<rbac::RoleBinding>, ()>;
/// A stored ClusterRoleBinding.
pub type ClusterRoleBinding = Resource<Rc<rbac::ClusterRoleBinding>, ()>;
/// A stored object of a kind that nobody acts on.
pub type Inert = Resource<Rc<Content>, ()>;

/// Namespace and name. Cluster-scoped objects have the empty namespace.
#[derive(Clone, Debug)]
pub struct Key {
    /// Empty for cluster-scoped objects.
    pub namespace: Rc<str>,
    /// `metadata.name`
    pub name: Rc<str>,
}

impl Key {
    /// The key of `name` in `namespace`.
    pub fn new(namespace: impl Into<Rc<str>>, name: impl Into<Rc<str>>) -> Key {
        Key { namespace: namespace.into(), name: name.into() }
    }
}

// Keys of one namespace most often share it: then it need not be read to be compared.
impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.name == other.name
            && (Rc::ptr_eq(&self.namespace, &other.namespace) || self.namespace == other.namespace)
    }
}

impl Eq for Key {}

impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        if !Rc::ptr_eq(&self.namespace, &other.namespace) {
            let order = self.namespace.cmp(&other.namespace);
            if order.is_ne() {
                return order;
            }
        }
        self.name.cmp(&other.name)
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// `default/web`, or `node-1` for cluster-scoped objects.
impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.namespace.is_empty() {
            write!(out, "{}/", self.namespace)?;
        }
        out.write_str(&self.name)
    }
}

/// The name of one object of one kind. It may or may not exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectRef {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace and name.
    pub key: Key,
}

impl ObjectRef {
    /// Names `key` of `kind`.
    pub fn new(kind: Kind, key: Key) -> ObjectRef {
        ObjectRef { kind, key }
    }

    /// `metadata.name`
    pub fn name(&self) -> &str {
        &self.key.name
    }
}

/// `Deployment/web`
impl fmt::Display for ObjectRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.kind.name(), self.key.name)
    }
}

/// `metadata.uid`. Displayed in the usual 8-4-4-4-12 form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub u128);

impl Uid {
    /// A fresh uid.
    pub fn random(rng: &mut Rng) -> Uid {
        let random = (u128::from(rng.bits()) << 64) | u128::from(rng.bits());
        // Version 4, variant 1, as every uid that upstream makes.
        Uid(random & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62))
    }

    /// The uid that `text` spells; any text but the empty one has one, so that pasted objects keep theirs apart.
    pub fn parse(text: &str) -> Uid {
        if text.is_empty() {
            return Uid::default();
        }
        let digits: String = text.chars().filter(|character| *character != '-').collect();
        if digits.len() == 32
            && let Ok(number) = u128::from_str_radix(&digits, 16)
        {
            return Uid(number);
        }
        let mut hash: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
        for byte in text.bytes() {
            hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
        }
        Uid(hash)
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = format!("{:032x}", self.0);
        write!(out, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// A stored object: identity, metadata, spec and status. `S` and `T` are usually `Rc` of k8s-openapi's types.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource<S, T> {
    /// Namespace and name.
    pub key: Key,
    /// Set by the API server on create, never changed.
    pub uid: Uid,
    /// The store's revision when this object was last written.
    pub resource_version: u64,
    /// Labels, annotations, owners, finalizers, generation, timestamps.
    pub meta: Rc<Meta>,
    /// What is desired.
    pub spec: S,
    /// What was observed.
    pub status: T,
}

impl<S, T> Resource<S, T> {
    /// `metadata.name`
    pub fn name(&self) -> &str {
        &self.key.name
    }

    /// Whether `metadata.deletionTimestamp` is set.
    pub fn is_terminating(&self) -> bool {
        self.meta.deletion.is_some()
    }

    /// The uid of the owner marked as controller.
    pub fn controller(&self) -> Option<Uid> {
        self.meta.controller().map(|owner| owner.uid)
    }

    /// A label's value.
    pub fn label(&self, name: &str) -> Option<&str> {
        self.meta.labels.get(name).map(String::as_str)
    }

    /// An annotation's value.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.meta.annotations.get(name).map(String::as_str)
    }
}
