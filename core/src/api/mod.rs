//! API objects: k8s-openapi's spec and status types, stored in shared parts.
//!
//! A [`Resource`] is metadata, spec and status, each behind its own pointer, so that a status write copies a
//! status and nothing else. [`Object`] is a resource of any kind; [`ObjectRef`] names one. The files beside
//! this one hold each kind's accessors: controllers read through them and never chain Options.

pub mod deployment;
pub mod endpoint_slice;
pub mod event;
pub(crate) mod go_types;
pub mod meta;
pub mod node;
pub mod pod;
pub mod quantity;
pub mod replica_set;
pub mod selector;
pub mod service;

use std::fmt;
use std::rc::Rc;

use k8s_openapi::api::{apps::v1 as apps, core::v1 as core};

pub use deployment::Deployment;
pub use endpoint_slice::{Endpoint, EndpointSlice};
pub use event::{Event, EventType};
pub use meta::{Deletion, Labels, Meta, Owner};
pub use node::Node;
pub use pod::{Pod, PodDesired, PodTemplate};
pub use replica_set::ReplicaSet;
pub use selector::Selector;
pub use service::Service;

use crate::rng::Rng;

/// A stored Namespace.
pub type Namespace = Resource<Rc<core::NamespaceSpec>, Rc<core::NamespaceStatus>>;

/// The kinds of objects that the store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `v1 Namespace`
    Namespace,
    /// `v1 Node`
    Node,
    /// `v1 Pod`
    Pod,
    /// `v1 Service`
    Service,
    /// `v1 Event`
    Event,
    /// `discovery.k8s.io/v1 EndpointSlice`
    EndpointSlice,
    /// `apps/v1 Deployment`
    Deployment,
    /// `apps/v1 ReplicaSet`
    ReplicaSet,
}

/// What the API calls a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindNames {
    /// `Deployment`
    pub kind: &'static str,
    /// `apps/v1`
    pub api_version: &'static str,
    /// `deployments`
    pub plural: &'static str,
    /// `deployment`
    pub singular: &'static str,
    /// `["deploy"]`
    pub short: &'static [&'static str],
    /// Whether objects of this kind live in a namespace.
    pub namespaced: bool,
}

impl Kind {
    /// Every kind, in the order of this enum.
    pub const ALL: [Kind; 8] = [
        Kind::Namespace,
        Kind::Node,
        Kind::Pod,
        Kind::Service,
        Kind::Event,
        Kind::EndpointSlice,
        Kind::Deployment,
        Kind::ReplicaSet,
    ];

    /// What the API calls this kind.
    pub const fn names(self) -> &'static KindNames {
        &NAMES[self as usize]
    }

    /// `Deployment`
    pub const fn name(self) -> &'static str {
        self.names().kind
    }

    /// `apps`; empty for the core group.
    pub fn group(self) -> &'static str {
        self.names().api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether objects of this kind live in a namespace.
    pub const fn is_namespaced(self) -> bool {
        self.names().namespaced
    }

    /// `v1`
    pub fn version(self) -> &'static str {
        self.names().api_version.rsplit('/').next().unwrap_or_default()
    }

    /// `deployments.apps`, or `pods` for the core group: how refusals name a kind.
    pub fn qualified_plural(self) -> String {
        qualify(self.names().plural, self.group())
    }

    /// `deployment.apps`, or `pod` for the core group: how kubectl names a kind.
    pub fn qualified_singular(self) -> String {
        qualify(self.names().singular, self.group())
    }

    /// The kind that a manifest's `apiVersion` and `kind` name.
    pub fn from_manifest(api_version: &str, kind: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|known| known.name() == kind && known.names().api_version == api_version)
    }

    /// The kind that a word on a command line names: `deploy`, `deployments`, `deployment.apps`.
    pub fn from_word(word: &str) -> Option<Kind> {
        let word = word.to_ascii_lowercase();
        let (name, group) = word.split_once('.').unwrap_or((&word, ""));
        Kind::ALL.into_iter().find(|kind| {
            let names = kind.names();
            let named = name == names.plural || name == names.singular || names.short.contains(&name);
            let in_group =
                |group: &str| group == kind.group() || group.ends_with(&format!(".{}", kind.group()));
            named && (group.is_empty() || in_group(group))
        })
    }
}

/// In the order of [`Kind::ALL`].
const NAMES: [KindNames; 8] = [
    named("Namespace", "v1", "namespaces", "namespace", &["ns"], false),
    named("Node", "v1", "nodes", "node", &["no"], false),
    named("Pod", "v1", "pods", "pod", &["po"], true),
    named("Service", "v1", "services", "service", &["svc"], true),
    named("Event", "v1", "events", "event", &["ev"], true),
    named("EndpointSlice", "discovery.k8s.io/v1", "endpointslices", "endpointslice", &[], true),
    named("Deployment", "apps/v1", "deployments", "deployment", &["deploy"], true),
    named("ReplicaSet", "apps/v1", "replicasets", "replicaset", &["rs"], true),
];

const fn named(
    kind: &'static str,
    api_version: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> KindNames {
    KindNames { kind, api_version, plural, singular, short, namespaced }
}

fn qualify(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}

/// Namespace and name. Cluster-scoped objects have the empty namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// The uid that `text` spells; any text has one, so that pasted objects keep theirs apart.
    pub fn parse(text: &str) -> Uid {
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
}

/// Calls `$body` with `$it` bound to the object inside, whatever its kind.
macro_rules! each_kind {
    ($object:expr, $it:ident => $body:expr) => {
        match $object {
            $crate::api::Object::Namespace($it) => $body,
            $crate::api::Object::Node($it) => $body,
            $crate::api::Object::Pod($it) => $body,
            $crate::api::Object::Service($it) => $body,
            $crate::api::Object::Event($it) => $body,
            $crate::api::Object::EndpointSlice($it) => $body,
            $crate::api::Object::Deployment($it) => $body,
            $crate::api::Object::ReplicaSet($it) => $body,
        }
    };
}

impl Object {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        match self {
            Object::Namespace(_) => Kind::Namespace,
            Object::Node(_) => Kind::Node,
            Object::Pod(_) => Kind::Pod,
            Object::Service(_) => Kind::Service,
            Object::Event(_) => Kind::Event,
            Object::EndpointSlice(_) => Kind::EndpointSlice,
            Object::Deployment(_) => Kind::Deployment,
            Object::ReplicaSet(_) => Kind::ReplicaSet,
        }
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
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Object::Namespace(it) => json(&core::Namespace {
                metadata: it.meta.to_api(&it.key, it.uid, it.resource_version),
                spec: Some((*it.spec).clone()),
                status: Some((*it.status).clone()),
            }),
            Object::Node(it) => json(&core::Node {
                metadata: it.meta.to_api(&it.key, it.uid, it.resource_version),
                spec: Some((*it.spec).clone()),
                status: Some((*it.status).clone()),
            }),
            Object::Pod(it) => json(&it.to_api()),
            Object::Service(it) => json(&core::Service {
                metadata: it.meta.to_api(&it.key, it.uid, it.resource_version),
                spec: Some((*it.spec).clone()),
                status: Some((*it.status).clone()),
            }),
            Object::Event(it) => json(&it.to_api()),
            Object::EndpointSlice(it) => json(&it.to_api()),
            Object::Deployment(it) => json(&apps::Deployment {
                metadata: it.meta.to_api(&it.key, it.uid, it.resource_version),
                spec: Some((*it.spec).clone()),
                status: Some((*it.status).clone()),
            }),
            Object::ReplicaSet(it) => json(&apps::ReplicaSet {
                metadata: it.meta.to_api(&it.key, it.uid, it.resource_version),
                spec: Some((*it.spec).clone()),
                status: Some((*it.status).clone()),
            }),
        }
    }

    /// The object that `value` describes, as a client would send it. Unknown fields go to `unknown` as paths.
    ///
    /// # Errors
    /// The decoder's message where a field has the wrong type.
    pub fn from_json(
        kind: Kind,
        value: &serde_json::Value,
        unknown: &mut Vec<String>,
    ) -> Result<Object, serde_json::Error> {
        Ok(match kind {
            Kind::Namespace => {
                let it: core::Namespace = decode(value, unknown)?;
                Object::Namespace(Rc::new(resource(
                    it.metadata,
                    Rc::new(it.spec.unwrap_or_default()),
                    Rc::default(),
                )))
            }
            Kind::Node => {
                let it: core::Node = decode(value, unknown)?;
                let status = Rc::new(it.status.unwrap_or_default());
                Object::Node(Rc::new(resource(it.metadata, Rc::new(it.spec.unwrap_or_default()), status)))
            }
            Kind::Pod => Object::Pod(Rc::new(Pod::from_api(decode(value, unknown)?))),
            Kind::Service => {
                let it: core::Service = decode(value, unknown)?;
                let status = Rc::new(it.status.unwrap_or_default());
                Object::Service(Rc::new(resource(it.metadata, Rc::new(it.spec.unwrap_or_default()), status)))
            }
            // Events are only written by components: a pasted one is read by nobody.
            Kind::Event => return Err(serde::de::Error::custom("Events cannot be applied")),
            Kind::EndpointSlice => {
                Object::EndpointSlice(Rc::new(EndpointSlice::from_api(decode(value, unknown)?)))
            }
            Kind::Deployment => {
                let it: apps::Deployment = decode(value, unknown)?;
                let status = Rc::new(it.status.unwrap_or_default());
                let mut spec = it.spec.unwrap_or_default();
                keep_empty_selector(&mut spec.selector, value);
                Object::Deployment(Rc::new(resource(it.metadata, Rc::new(spec), status)))
            }
            Kind::ReplicaSet => {
                let it: apps::ReplicaSet = decode(value, unknown)?;
                let status = Rc::new(it.status.unwrap_or_default());
                let mut spec = it.spec.unwrap_or_default();
                keep_empty_selector(&mut spec.selector, value);
                Object::ReplicaSet(Rc::new(resource(it.metadata, Rc::new(spec), status)))
            }
        })
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
stored!(Namespace, Node, Pod, Service, Event, EndpointSlice, Deployment, ReplicaSet);

/// A resource as a client sends it: no uid, no resourceVersion but the client's own.
pub(crate) fn resource<S, T>(
    meta: k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta,
    spec: S,
    status: T,
) -> Resource<S, T> {
    let (key, uid, resource_version, meta) = Meta::from_api(meta);
    Resource { key, uid, resource_version, meta: Rc::new(meta), spec, status }
}

fn json<T: serde::Serialize>(object: &T) -> serde_json::Value {
    // The API types serialise into plain maps, lists and scalars: this cannot fail.
    serde_json::to_value(object).unwrap_or_default()
}

/// `selector: {}` and no selector decode to the same: the former gets an empty map, by which it is refused.
fn keep_empty_selector(
    selector: &mut k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector,
    value: &serde_json::Value,
) {
    let is_given = value.pointer("/spec/selector").is_some_and(serde_json::Value::is_object);
    if is_given && selector.match_expressions.is_none() {
        selector.match_labels.get_or_insert_default();
    }
}

fn decode<T: serde::de::DeserializeOwned>(
    value: &serde_json::Value,
    unknown: &mut Vec<String>,
) -> Result<T, serde_json::Error> {
    serde_ignored::deserialize(value, |path| unknown.push(path.to_string()))
}
