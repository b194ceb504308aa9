//! ReplicationControllers: accessors over spec and status.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::Resource;

/// A stored ReplicationController.
pub type ReplicationController =
    Resource<Rc<core::ReplicationControllerSpec>, Rc<core::ReplicationControllerStatus>>;

impl ReplicationController {
    /// `spec.replicas`; the API server's default is 1.
    pub fn replicas(&self) -> i32 {
        self.spec.replicas.unwrap_or(1)
    }
}
