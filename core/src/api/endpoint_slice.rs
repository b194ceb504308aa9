//! EndpointSlices, with endpoints that slices share: a hundred of them are a hundred pointers to copy.

use std::rc::Rc;

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::discovery::v1 as api;

use super::{Key, Meta, Resource, Uid};

/// A stored EndpointSlice.
pub type EndpointSlice = Resource<Rc<Slice>, ()>;

/// The label that names a slice's Service.
pub const SERVICE_NAME_LABEL: &str = "kubernetes.io/service-name";

/// What an EndpointSlice says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slice {
    /// `IPv4`, `IPv6` or `FQDN`
    pub address_type: Rc<str>,
    /// The ports that every endpoint of this slice serves.
    pub ports: Rc<Vec<api::EndpointPort>>,
    /// At most 100 where the controller writes it.
    pub endpoints: Vec<Rc<Endpoint>>,
}

/// One address of a Service, usually a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    /// `addresses`
    pub addresses: Vec<Rc<str>>,
    /// `conditions.ready`
    pub ready: bool,
    /// `conditions.serving`
    pub serving: bool,
    /// `conditions.terminating`
    pub terminating: bool,
    /// The conditions that are not given.
    pub absent: Absent,
    /// `hostname`
    pub hostname: Option<Rc<str>>,
    /// `nodeName`
    pub node: Option<Rc<str>>,
    /// `zone`
    pub zone: Option<Rc<str>>,
    /// `hints`
    pub hints: Option<Rc<Hints>>,
    /// `targetRef`, where it is a pod.
    pub pod: Option<(Key, Uid)>,
}

/// For whom an endpoint is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// `forZones`
    pub zones: Vec<Rc<str>>,
    /// `forNodes`
    pub nodes: Vec<Rc<str>>,
}

/// Conditions of an [`Endpoint`] that whoever wrote it left out. They read as ready, serving and not terminating.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Absent {
    /// `conditions.ready`
    pub ready: bool,
    /// `conditions.serving`
    pub serving: bool,
    /// `conditions.terminating`
    pub terminating: bool,
}

impl EndpointSlice {
    /// The Service it belongs to, by its label.
    pub fn service(&self) -> Option<Key> {
        self.label(SERVICE_NAME_LABEL).map(|name| Key::new(self.key.namespace.clone(), name))
    }

    /// From what a client sent.
    pub fn from_api(slice: api::EndpointSlice) -> EndpointSlice {
        let endpoints =
            slice.endpoints.into_iter().flatten().map(|endpoint| Rc::new(Endpoint::from_api(endpoint)));
        let content = Slice {
            address_type: slice.address_type.into(),
            ports: Rc::new(slice.ports.unwrap_or_default()),
            endpoints: endpoints.collect(),
        };
        let (key, uid, resource_version, meta) = Meta::from_api(slice.metadata);
        Resource { key, uid, resource_version, meta: Rc::new(meta), spec: Rc::new(content), status: () }
    }

    /// As the API shows it.
    pub fn to_api(&self) -> api::EndpointSlice {
        api::EndpointSlice {
            address_type: self.spec.address_type.to_string(),
            endpoints: Some(self.spec.endpoints.iter().map(|endpoint| endpoint.to_api()).collect()),
            metadata: self.meta.to_api(&self.key, self.uid, self.resource_version),
            ports: (!self.spec.ports.is_empty()).then(|| (*self.spec.ports).clone()),
        }
    }
}

impl Endpoint {
    fn from_api(endpoint: api::Endpoint) -> Endpoint {
        let conditions = endpoint.conditions.unwrap_or_default();
        let pod = endpoint.target_ref.filter(|target| target.kind.as_deref() == Some("Pod")).map(|target| {
            let key = Key::new(target.namespace.unwrap_or_default(), target.name.unwrap_or_default());
            (key, target.uid.as_deref().map(Uid::parse).unwrap_or_default())
        });
        Endpoint {
            addresses: endpoint.addresses.into_iter().map(Into::into).collect(),
            ready: conditions.ready.unwrap_or(true),
            serving: conditions.serving.unwrap_or(true),
            terminating: conditions.terminating.unwrap_or(false),
            absent: Absent {
                ready: conditions.ready.is_none(),
                serving: conditions.serving.is_none(),
                terminating: conditions.terminating.is_none(),
            },
            hostname: endpoint.hostname.map(Into::into),
            node: endpoint.node_name.map(Into::into),
            zone: endpoint.zone.map(Into::into),
            hints: endpoint.hints.map(|hints| Rc::new(Hints::from_api(hints))),
            pod,
        }
    }

    fn to_api(&self) -> api::Endpoint {
        api::Endpoint {
            addresses: self.addresses.iter().map(|address| address.to_string()).collect(),
            conditions: Some(api::EndpointConditions {
                ready: (!self.absent.ready).then_some(self.ready),
                serving: (!self.absent.serving).then_some(self.serving),
                terminating: (!self.absent.terminating).then_some(self.terminating),
            }),
            hostname: self.hostname.as_deref().map(str::to_owned),
            node_name: self.node.as_deref().map(str::to_owned),
            target_ref: self.pod.as_ref().map(|(key, uid)| ObjectReference {
                kind: Some("Pod".to_owned()),
                namespace: Some(key.namespace.to_string()),
                name: Some(key.name.to_string()),
                uid: Some(uid.to_string()),
                ..ObjectReference::default()
            }),
            zone: self.zone.as_deref().map(str::to_owned),
            hints: self.hints.as_ref().map(|hints| hints.to_api()),
            ..api::Endpoint::default()
        }
    }
}

impl Hints {
    fn from_api(hints: api::EndpointHints) -> Hints {
        Hints {
            zones: hints.for_zones.into_iter().flatten().map(|zone| zone.name.into()).collect(),
            nodes: hints.for_nodes.into_iter().flatten().map(|node| node.name.into()).collect(),
        }
    }

    fn to_api(&self) -> api::EndpointHints {
        let zones = self.zones.iter().map(|zone| api::ForZone { name: zone.to_string() });
        let nodes = self.nodes.iter().map(|node| api::ForNode { name: node.to_string() });
        api::EndpointHints {
            for_zones: (!self.zones.is_empty()).then(|| zones.collect()),
            for_nodes: (!self.nodes.is_empty()).then(|| nodes.collect()),
        }
    }
}
