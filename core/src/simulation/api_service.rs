//! The Service by which pods reach the API server, with its endpoints: the API server makes it for itself.
//! Upstream: `pkg/controlplane/controller/kubernetesservice`, `pkg/controlplane/reconcilers`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::api::discovery::v1 as discovery;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::api::endpoint_slice::{Absent, SERVICE_NAME_LABEL, Slice};
use crate::api::endpoints::{EndpointAddress, EndpointSubset};
use crate::api::{Endpoint, EndpointSlice, Endpoints, Key, Labels, Meta, Object, Resource, Service, Uid};

/// The first address of the Services' network.
const CLUSTER_IP: &str = "10.96.0.1";
/// Where the API server listens: beside the nodes of the cluster.
const ADDRESS: &str = "192.168.0.2";
/// The port it listens on, where nothing else is said.
const PORT: i32 = 6443;

/// What there is of the Service `kubernetes`. `spec.apiService`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiService {
    /// Nothing.
    None,
    /// The Service alone, as of an API server that is told not to list itself (`--endpoint-reconciler-type=none`),
    /// and the port that it listens on (`--secure-port`).
    Alone(i32),
    /// The Service, and where it leads.
    #[default]
    Complete,
}

impl ApiService {
    /// The Service alone, of an API server at its usual port.
    pub const ALONE: ApiService = ApiService::Alone(PORT);

    /// The objects that the cluster begins with.
    pub(crate) fn objects(self) -> Vec<Object> {
        match self {
            ApiService::None => Vec::new(),
            ApiService::Alone(port) => vec![Object::Service(Rc::new(service(port)))],
            ApiService::Complete => all(),
        }
    }
}

/// The Service with its EndpointSlice and its Endpoints.
fn all() -> Vec<Object> {
    vec![
        Object::Service(Rc::new(service(PORT))),
        Object::EndpointSlice(Rc::new(slice())),
        Object::Endpoints(Rc::new(endpoints())),
    ]
}

/// An object of that name. Its uid is no random one: the cluster's luck begins with the first command.
fn named<S, T>(kind: &str, labels: &[(&str, &str)], spec: S, status: T) -> Resource<S, T> {
    let labels: Labels =
        labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Resource {
        key: Key::new("default", "kubernetes"),
        uid: Uid::parse(&format!("kubernetes {kind}")),
        resource_version: 0,
        meta: Rc::new(Meta { labels: Rc::new(labels), ..Meta::default() }),
        spec,
        status,
    }
}

fn service(target: i32) -> Service {
    let port = core::ServicePort {
        name: Some("https".to_owned()),
        port: 443,
        protocol: Some("TCP".to_owned()),
        target_port: Some(IntOrString::Int(target)),
        ..core::ServicePort::default()
    };
    let spec = core::ServiceSpec {
        cluster_ip: Some(CLUSTER_IP.to_owned()),
        cluster_ips: Some(vec![CLUSTER_IP.to_owned()]),
        internal_traffic_policy: Some("Cluster".to_owned()),
        ip_families: Some(vec!["IPv4".to_owned()]),
        ip_family_policy: Some("SingleStack".to_owned()),
        ports: Some(vec![port]),
        session_affinity: Some("None".to_owned()),
        type_: Some("ClusterIP".to_owned()),
        ..core::ServiceSpec::default()
    };
    let status = core::ServiceStatus {
        load_balancer: Some(core::LoadBalancerStatus::default()),
        ..core::ServiceStatus::default()
    };
    let labels = [("component", "apiserver"), ("provider", "kubernetes")];
    named("Service", &labels, Rc::new(spec), Rc::new(status))
}

fn slice() -> EndpointSlice {
    let port = discovery::EndpointPort {
        name: Some("https".to_owned()),
        port: Some(PORT),
        protocol: Some("TCP".to_owned()),
        app_protocol: None,
    };
    let endpoint = Endpoint {
        addresses: vec![ADDRESS.into()],
        ready: true,
        serving: true,
        terminating: false,
        absent: Absent { serving: true, terminating: true, ..Absent::default() },
        hostname: None,
        node: None,
        zone: None,
        hints: None,
        pod: None,
    };
    let slice =
        Slice { address_type: "IPv4".into(), ports: Rc::new(vec![port]), endpoints: vec![Rc::new(endpoint)] };
    named("EndpointSlice", &[(SERVICE_NAME_LABEL, "kubernetes")], Rc::new(slice), ())
}

fn endpoints() -> Endpoints {
    let port = core::EndpointPort {
        name: Some("https".to_owned()),
        port: PORT,
        protocol: Some("TCP".to_owned()),
        app_protocol: None,
    };
    let address = EndpointAddress { ip: ADDRESS.into(), hostname: None, node: None, pod: None };
    let subset = EndpointSubset {
        addresses: vec![Rc::new(address)],
        not_ready: Vec::new(),
        ports: Rc::new(vec![port]),
    };
    let labels = [("endpointslice.kubernetes.io/skip-mirror", "true")];
    named("Endpoints", &labels, Rc::new(vec![subset]), ())
}
