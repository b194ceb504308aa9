//! An object of any kind, and its JSON form at the edges.
//!
//! Most kinds are a spec and a status; a few are stored whole, but for their metadata, which is a part of its own.

use std::rc::Rc;

use k8s_openapi::api::{
    apps::v1 as apps, autoscaling::v2 as autoscaling, batch::v1 as batch, core::v1 as core,
    networking::v1 as networking, policy::v1 as policy, rbac::v1 as rbac, scheduling::v1 as scheduling,
    storage::v1 as storage,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta};
use serde_json::Value;

use super::*;

/// An object of any kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A Namespace.
    Namespace(Rc<Namespace>),
    /// A Node.
    Node(Rc<Node>),
    /// A Pod.
    Pod(Rc<Pod>),
    /// A Service.
    Service(Rc<Service>),
    /// An Event.
    Event(Rc<Event>),
    /// An EndpointSlice.
    EndpointSlice(Rc<EndpointSlice>),
    /// A Deployment.
    Deployment(Rc<Deployment>),
    /// A ReplicaSet.
    ReplicaSet(Rc<ReplicaSet>),
    /// A ReplicationController.
    ReplicationController(Rc<ReplicationController>),
    /// A StatefulSet.
    StatefulSet(Rc<StatefulSet>),
    /// A DaemonSet.
    DaemonSet(Rc<DaemonSet>),
    /// A ControllerRevision.
    ControllerRevision(Rc<ControllerRevision>),
    /// A Job.
    Job(Rc<Job>),
    /// A CronJob.
    CronJob(Rc<CronJob>),
    /// A HorizontalPodAutoscaler.
    HorizontalPodAutoscaler(Rc<HorizontalPodAutoscaler>),
    /// A PodDisruptionBudget.
    PodDisruptionBudget(Rc<PodDisruptionBudget>),
    /// An Endpoints.
    Endpoints(Rc<Endpoints>),
    /// A ResourceQuota.
    ResourceQuota(Rc<ResourceQuota>),
    /// A LimitRange.
    LimitRange(Rc<LimitRange>),
    /// A ConfigMap.
    ConfigMap(Rc<ConfigMap>),
    /// A Secret.
    Secret(Rc<Secret>),
    /// A PersistentVolumeClaim.
    PersistentVolumeClaim(Rc<PersistentVolumeClaim>),
    /// A PersistentVolume.
    PersistentVolume(Rc<PersistentVolume>),
    /// A StorageClass.
    StorageClass(Rc<StorageClass>),
    /// A PriorityClass.
    PriorityClass(Rc<PriorityClass>),
    /// A ServiceAccount.
    ServiceAccount(Rc<ServiceAccount>),
    /// A Role.
    Role(Rc<Role>),
    /// A ClusterRole.
    ClusterRole(Rc<ClusterRole>),
    /// A RoleBinding.
    RoleBinding(Rc<RoleBinding>),
    /// A ClusterRoleBinding.
    ClusterRoleBinding(Rc<ClusterRoleBinding>),
    /// A NetworkPolicy.
    NetworkPolicy(Rc<NetworkPolicy>),
    /// An object of a kind that nobody acts on.
    Inert(Rc<Inert>),
}

/// Calls `$body` with `$it` bound to the object inside, whatever its kind.
macro_rules! each_kind {
    ($object:expr, $it:ident => $body:expr) => {
        match $object {
            Object::Namespace($it) => $body,
            Object::Node($it) => $body,
            Object::Pod($it) => $body,
            Object::Service($it) => $body,
            Object::Event($it) => $body,
            Object::EndpointSlice($it) => $body,
            Object::Deployment($it) => $body,
            Object::ReplicaSet($it) => $body,
            Object::ReplicationController($it) => $body,
            Object::StatefulSet($it) => $body,
            Object::DaemonSet($it) => $body,
            Object::ControllerRevision($it) => $body,
            Object::Job($it) => $body,
            Object::CronJob($it) => $body,
            Object::HorizontalPodAutoscaler($it) => $body,
            Object::PodDisruptionBudget($it) => $body,
            Object::Endpoints($it) => $body,
            Object::ResourceQuota($it) => $body,
            Object::LimitRange($it) => $body,
            Object::ConfigMap($it) => $body,
            Object::Secret($it) => $body,
            Object::PersistentVolumeClaim($it) => $body,
            Object::PersistentVolume($it) => $body,
            Object::StorageClass($it) => $body,
            Object::PriorityClass($it) => $body,
            Object::ServiceAccount($it) => $body,
            Object::Role($it) => $body,
            Object::ClusterRole($it) => $body,
            Object::RoleBinding($it) => $body,
            Object::ClusterRoleBinding($it) => $body,
            Object::Inert($it) => $body,
            Object::NetworkPolicy($it) => $body,
        }
    };
}

/// Calls the macro `$then` with the name of every kind.
#[rustfmt::skip]
macro_rules! for_every_kind {
    ($then:ident) => {
        $then! {
            Namespace, Node, Pod, Service, Event, EndpointSlice, Deployment, ReplicaSet,
            ReplicationController, StatefulSet, DaemonSet, ControllerRevision, Job, CronJob,
            HorizontalPodAutoscaler, PodDisruptionBudget, Endpoints, ResourceQuota, LimitRange,
            ConfigMap, Secret, PersistentVolumeClaim, PersistentVolume, StorageClass, PriorityClass,
            ServiceAccount, Role, ClusterRole, RoleBinding, ClusterRoleBinding,
            NetworkPolicy
        }
    };
}

impl Object {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        macro_rules! by_kind {
            ($($name:ident),*) => {
                match self {
                    $(Object::$name(_) => Kind::$name,)*
                    Object::Inert(it) => Kind::Inert(it.spec.kind),
                }
            };
        }
        for_every_kind!(by_kind)
    }

    /// Its namespace and name.
    pub fn key(&self) -> &Key {
        each_kind!(self, it => &it.key)
    }

    /// Its kind, namespace and name.
    pub fn reference(&self) -> ObjectRef {
        ObjectRef::new(self.kind(), self.key().clone())
    }

    /// `metadata.name`
    pub fn name(&self) -> &str {
        &self.key().name
    }

    /// `metadata.uid`
    pub fn uid(&self) -> Uid {
        each_kind!(self, it => it.uid)
    }

    /// The store's revision when it was last written.
    pub fn resource_version(&self) -> u64 {
        each_kind!(self, it => it.resource_version)
    }

    /// Its metadata.
    pub fn meta(&self) -> &Rc<Meta> {
        each_kind!(self, it => &it.meta)
    }

    /// Its metadata, to be changed: copies the object's head, not its spec or status.
    pub fn meta_mut(&mut self) -> &mut Meta {
        each_kind!(self, it => Rc::make_mut(&mut Rc::make_mut(it).meta))
    }

    /// Sets `metadata.resourceVersion`.
    pub(crate) fn set_resource_version(&mut self, revision: u64) {
        each_kind!(self, it => Rc::make_mut(it).resource_version = revision);
    }

    /// Sets what the API server alone decides on create.
    pub(crate) fn set_identity(&mut self, key: Key, uid: Uid) {
        each_kind!(self, it => {
            let it = Rc::make_mut(it);
            it.key = key;
            it.uid = uid;
        });
    }

    /// As `kubectl get -o json` shows it: apiVersion, kind, metadata, spec, status.
    pub fn to_json(&self) -> Value {
        each_kind!(self, it => it.to_value())
    }

    /// The object that `value` describes, as a client would send it. Unknown fields are left
    /// out: [`super::strict`] finds them.
    ///
    /// # Errors
    /// The decoder's message where a field has the wrong type.
    pub fn from_json(kind: Kind, value: &Value) -> Result<Object, serde_json::Error> {
        macro_rules! by_kind {
            ($($name:ident),*) => {
                match kind {
                    $(Kind::$name => $name::from_value(value).map(|it| Object::$name(Rc::new(it))),)*
                    Kind::Inert(kind) => inert::from_value(kind, value).map(|it| Object::Inert(Rc::new(it))),
                }
            };
        }
        for_every_kind!(by_kind)
    }
}

/// A kind that has its own table in the store.
pub trait Stored: Clone + 'static {
    /// Its kind.
    const KIND: Kind;
    /// As an object of any kind.
    fn into_object(self: Rc<Self>) -> Object;
    /// The object inside, if it is of this kind.
    fn from_object(object: &Object) -> Option<&Rc<Self>>;
}

macro_rules! stored {
    ($($name:ident),*) => {$(
        impl Stored for $name {
            const KIND: Kind = Kind::$name;
            fn into_object(self: Rc<Self>) -> Object {
                Object::$name(self)
            }
            fn from_object(object: &Object) -> Option<&Rc<Self>> {
                if let Object::$name(it) = object { Some(it) } else { None }
            }
        }
    )*};
}
for_every_kind!(stored);

/// How a kind is written as JSON, and read from it. Never inlined: a page's first picture has few of the kinds, and
/// what it does not call it does not wait for.
trait Json: Sized {
    fn to_value(&self) -> Value;
    fn from_value(value: &Value) -> Result<Self, serde_json::Error>;
}

/// Kinds that are a spec and a status. Those behind `selects` require a label selector.
macro_rules! spec_and_status {
    ($($name:ident in $module:ident $(, $selects:ident)?;)*) => {$(
        impl Json for $name {
            #[inline(never)]
            fn to_value(&self) -> Value {
                // Some kinds must have a spec, the others may: what is stored has both.
                let (spec, status) = ((*self.spec).clone().into(), (*self.status).clone().into());
                json(&$module::$name { metadata: self.api_metadata(), spec, status })
            }
            #[inline(never)]
            fn from_value(value: &Value) -> Result<$name, serde_json::Error> {
                let it: $module::$name = decode(value)?;
                let it: $name = resource(it.metadata, Rc::new(given(it.spec)), Rc::new(given(it.status)));
                $(let it = {
                    let mut it = it;
                    keep_empty_selector(&mut Rc::make_mut(&mut it.spec).$selects, value);
                    it
                };)?
                Ok(it)
            }
        }
    )*};
}
spec_and_status! {
    Namespace in core;
    Node in core;
    Service in core;
    Deployment in apps, selector;
    ReplicationController in core;
    StatefulSet in apps, selector;
    DaemonSet in apps, selector;
    Job in batch;
    CronJob in batch;
    PodDisruptionBudget in policy;
    ResourceQuota in core;
    PersistentVolumeClaim in core;
    PersistentVolume in core;
}

impl Json for HorizontalPodAutoscaler {
    fn to_value(&self) -> Value {
        let (spec, status) = ((*self.spec).clone(), Some((*self.status).clone()));
        let mut value =
            json(&autoscaling::HorizontalPodAutoscaler { metadata: self.api_metadata(), spec, status });
        // Go shows this list even where there is none.
        if let Some(Value::Object(status)) = value.get_mut("status") {
            status.entry("currentMetrics").or_insert(Value::Null);
        }
        value
    }
    fn from_value(value: &Value) -> Result<HorizontalPodAutoscaler, serde_json::Error> {
        let it: autoscaling::HorizontalPodAutoscaler = decode(value)?;
        Ok(resource(it.metadata, Rc::new(it.spec), Rc::new(given(it.status))))
    }
}

impl Json for ReplicaSet {
    #[inline(never)]
    fn to_value(&self) -> Value {
        let (spec, status) = (Some(self.spec.to_api()), Some((*self.status).clone()));
        json(&apps::ReplicaSet { metadata: self.api_metadata(), spec, status })
    }
    #[inline(never)]
    fn from_value(value: &Value) -> Result<ReplicaSet, serde_json::Error> {
        let it: apps::ReplicaSet = decode(value)?;
        let mut spec = it.spec.unwrap_or_default();
        keep_empty_selector(&mut spec.selector, value);
        let status = Rc::new(it.status.unwrap_or_default());
        Ok(resource(it.metadata, ReplicaSetDesired::from_api(spec), status))
    }
}

/// Kinds that are stored as upstream's type, whose metadata is empty there.
macro_rules! whole {
    ($($name:ident in $module:ident;)*) => {$(
        impl Json for $name {
            #[inline(never)]
            fn to_value(&self) -> Value {
                let mut it = (*self.spec).clone();
                it.metadata = self.api_metadata();
                json(&it)
            }
            #[inline(never)]
            fn from_value(value: &Value) -> Result<$name, serde_json::Error> {
                let mut it: $module::$name = decode(value)?;
                Ok(resource(std::mem::take(&mut it.metadata), Rc::new(it), ()))
            }
        }
    )*};
}
whole! {
    ControllerRevision in apps;
    LimitRange in core;
    ConfigMap in core;
    Secret in core;
    StorageClass in storage;
    PriorityClass in scheduling;
    ServiceAccount in core;
    Role in rbac;
    RoleBinding in rbac;
    ClusterRole in rbac;
    ClusterRoleBinding in rbac;
    NetworkPolicy in networking;
}

impl Json for Inert {
    #[inline(never)]
    fn to_value(&self) -> Value {
        inert::to_value(self, &self.api_metadata())
    }
    fn from_value(value: &Value) -> Result<Inert, serde_json::Error> {
        let text = |name: &str| value[name].as_str().unwrap_or_default();
        let kind = InertKind::named(text("apiVersion"), text("kind"));
        let kind = kind.ok_or_else(|| serde::de::Error::custom("no such kind"))?;
        inert::from_value(kind, value)
    }
}

impl Json for Pod {
    #[inline(never)]
    fn to_value(&self) -> Value {
        json(&self.to_api())
    }
    #[inline(never)]
    fn from_value(value: &Value) -> Result<Pod, serde_json::Error> {
        decode(value).map(Pod::from_api)
    }
}

impl Json for EndpointSlice {
    #[inline(never)]
    fn to_value(&self) -> Value {
        json(&self.to_api())
    }
    #[inline(never)]
    fn from_value(value: &Value) -> Result<EndpointSlice, serde_json::Error> {
        decode(value).map(EndpointSlice::from_api)
    }
}

impl Json for Endpoints {
    #[inline(never)]
    fn to_value(&self) -> Value {
        json(&self.to_api())
    }
    #[inline(never)]
    fn from_value(value: &Value) -> Result<Endpoints, serde_json::Error> {
        decode(value).map(Endpoints::from_api)
    }
}

impl Json for Event {
    #[inline(never)]
    fn to_value(&self) -> Value {
        json(&self.to_api())
    }
    #[inline(never)]
    fn from_value(_: &Value) -> Result<Event, serde_json::Error> {
        // Events are only written by components: a pasted one is read by nobody.
        Err(serde::de::Error::custom("Events cannot be applied"))
    }
}

impl<S, T> Resource<S, T> {
    fn api_metadata(&self) -> ObjectMeta {
        self.meta.to_api(&self.key, self.uid, self.resource_version)
    }
}

/// A resource as a client sends it: no uid, no resourceVersion but the client's own.
pub(crate) fn resource<S, T>(meta: ObjectMeta, spec: S, status: T) -> Resource<S, T> {
    let (key, uid, resource_version, meta) = Meta::from_api(meta);
    Resource { key, uid, resource_version, meta: Rc::new(meta), spec, status }
}

fn json<T: serde::Serialize>(object: &T) -> Value {
    // The API types serialise into plain maps, lists and scalars: this cannot fail.
    serde_json::to_value(object).unwrap_or_default()
}

/// What a client gave, or nothing.
fn given<T: Default>(part: impl Into<Option<T>>) -> T {
    part.into().unwrap_or_default()
}

/// `selector: {}` and no selector decode to the same: the former gets an empty map, by which it is refused.
fn keep_empty_selector(selector: &mut LabelSelector, value: &Value) {
    let is_given = value.pointer("/spec/selector").is_some_and(Value::is_object);
    if is_given && selector.match_expressions.is_none() {
        selector.match_labels.get_or_insert_default();
    }
}

fn decode<T: serde::de::DeserializeOwned>(value: &Value) -> Result<T, serde_json::Error> {
    T::deserialize(value)
}
