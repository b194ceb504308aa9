//! Services: accessors over spec and status.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::{Labels, Resource};

/// A stored Service.
pub type Service = Resource<Rc<core::ServiceSpec>, Rc<core::ServiceStatus>>;

impl Service {
    /// `spec.selector`, unless absent or empty: Services without one manage their endpoints themselves.
    pub fn selector(&self) -> Option<&Labels> {
        self.spec.selector.as_ref().filter(|selector| !selector.is_empty())
    }

    /// Whether it is the API server's own, which the cluster begins with.
    pub fn is_api_server(&self) -> bool {
        &*self.key.namespace == "default" && self.name() == "kubernetes"
    }

    /// `spec.type`
    pub fn service_type(&self) -> &str {
        self.spec.type_.as_deref().unwrap_or("ClusterIP")
    }

    /// `spec.clusterIP`, unless headless or absent.
    pub fn cluster_ip(&self) -> Option<&str> {
        self.spec.cluster_ip.as_deref().filter(|ip| !ip.is_empty() && *ip != "None")
    }

    /// Whether `spec.clusterIP` is None.
    pub fn is_headless(&self) -> bool {
        self.spec.cluster_ip.as_deref() == Some("None")
    }

    /// `spec.ports`
    pub fn ports(&self) -> &[core::ServicePort] {
        self.spec.ports.as_deref().unwrap_or_default()
    }
}
