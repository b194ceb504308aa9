//! Endpoints, the older way to list a Service's addresses; versions share the addresses that stay.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as api;

use super::{Key, Meta, Resource, Uid};

/// A stored Endpoints object.
pub type Endpoints = Resource<Rc<Vec<EndpointSubset>>, ()>;

/// Addresses that serve the same ports.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointSubset {
    /// Ready ones.
    pub addresses: Vec<Rc<EndpointAddress>>,
    /// The others.
    pub not_ready: Vec<Rc<EndpointAddress>>,
    /// What they serve.
    pub ports: Rc<Vec<api::EndpointPort>>,
}

/// One address, usually a pod's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointAddress {
    /// `ip`
    pub ip: Rc<str>,
    /// `hostname`
    pub hostname: Option<Rc<str>>,
    /// `nodeName`
    pub node: Option<Rc<str>>,
    /// `targetRef`, where it is a pod.
    pub pod: Option<(Key, Uid)>,
}

impl Endpoints {
    /// From what a client sent.
    pub fn from_api(endpoints: api::Endpoints) -> Endpoints {
        let subsets = endpoints.subsets.unwrap_or_default().into_iter().map(EndpointSubset::from_api);
        let (key, uid, resource_version, meta) = Meta::from_api(endpoints.metadata);
        Resource {
            key,
            uid,
            resource_version,
            meta: Rc::new(meta),
            spec: Rc::new(subsets.collect()),
            status: (),
        }
    }

    /// As the API shows it.
    pub fn to_api(&self) -> api::Endpoints {
        api::Endpoints {
            metadata: self.meta.to_api(&self.key, self.uid, self.resource_version),
            subsets: (!self.spec.is_empty()).then(|| self.spec.iter().map(EndpointSubset::to_api).collect()),
        }
    }

    /// How many addresses are ready, and how many are not.
    pub fn count(&self) -> (u32, u32) {
        self.spec.iter().fold((0, 0), |(ready, not_ready), subset| {
            (ready + subset.addresses.len() as u32, not_ready + subset.not_ready.len() as u32)
        })
    }
}

impl EndpointSubset {
    /// The addresses that are ready, or the others.
    pub fn list_mut(&mut self, is_ready: bool) -> &mut Vec<Rc<EndpointAddress>> {
        if is_ready { &mut self.addresses } else { &mut self.not_ready }
    }

    fn from_api(subset: api::EndpointSubset) -> EndpointSubset {
        let read = |addresses: Option<Vec<api::EndpointAddress>>| {
            addresses
                .into_iter()
                .flatten()
                .map(|address| Rc::new(EndpointAddress::from_api(address)))
                .collect()
        };
        EndpointSubset {
            addresses: read(subset.addresses),
            not_ready: read(subset.not_ready_addresses),
            ports: Rc::new(subset.ports.unwrap_or_default()),
        }
    }

    fn to_api(&self) -> api::EndpointSubset {
        let write = |addresses: &[Rc<EndpointAddress>]| {
            (!addresses.is_empty()).then(|| addresses.iter().map(|address| address.to_api()).collect())
        };
        api::EndpointSubset {
            addresses: write(&self.addresses),
            not_ready_addresses: write(&self.not_ready),
            ports: (!self.ports.is_empty()).then(|| (*self.ports).clone()),
        }
    }
}

impl EndpointAddress {
    fn from_api(address: api::EndpointAddress) -> EndpointAddress {
        let pod = address.target_ref.filter(|target| target.kind.as_deref() == Some("Pod")).map(|target| {
            let key = Key::new(target.namespace.unwrap_or_default(), target.name.unwrap_or_default());
            (key, target.uid.as_deref().map(Uid::parse).unwrap_or_default())
        });
        EndpointAddress {
            ip: address.ip.into(),
            hostname: address.hostname.map(Into::into),
            node: address.node_name.map(Into::into),
            pod,
        }
    }

    fn to_api(&self) -> api::EndpointAddress {
        api::EndpointAddress {
            ip: self.ip.to_string(),
            hostname: self.hostname.as_deref().map(str::to_owned),
            node_name: self.node.as_deref().map(str::to_owned),
            target_ref: self.pod.as_ref().map(|(key, uid)| api::ObjectReference {
                kind: Some("Pod".to_owned()),
                namespace: Some(key.namespace.to_string()),
                name: Some(key.name.to_string()),
                uid: Some(uid.to_string()),
                ..api::ObjectReference::default()
            }),
        }
    }
}
