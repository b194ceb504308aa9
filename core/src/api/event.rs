//! Kubernetes Events, small: a rollout writes more of them than of anything else.
//! Upstream: `k8s.io/client-go/tools/record`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::{Key, Meta, ObjectRef, Uid};
use crate::time::Time;

/// A stored `v1 Event`.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `<object's name>.<16 hex digits>`, in the object's namespace (`default` for cluster-scoped objects).
    pub key: Key,
    /// `metadata.uid`
    pub uid: Uid,
    /// The store's revision when it was last written.
    pub resource_version: u64,
    /// Metadata, which Events share: none of them has labels.
    pub meta: Rc<Meta>,
    /// `involvedObject`
    pub about: ObjectRef,
    /// `involvedObject.uid`
    pub about_uid: Uid,
    /// `involvedObject.fieldPath`: `spec.containers{web}`
    pub field_path: Option<Rc<str>>,
    /// `type`
    pub event_type: EventType,
    /// `reason`: `ScalingReplicaSet`
    pub reason: &'static str,
    /// `message`
    pub message: Rc<str>,
    /// `source.component`: `deployment-controller`
    pub component: &'static str,
    /// `source.host`: the node, for kubelets.
    pub host: Option<Rc<str>>,
    /// How often it happened.
    pub count: u32,
    /// `firstTimestamp`
    pub first: Time,
    /// `lastTimestamp`
    pub last: Time,
}

/// `type` of an Event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventType {
    /// `Normal`
    Normal,
    /// `Warning`
    Warning,
}

impl EventType {
    /// `Normal` or `Warning`
    pub const fn name(self) -> &'static str {
        match self {
            EventType::Normal => "Normal",
            EventType::Warning => "Warning",
        }
    }
}

impl Event {
    /// As the API shows it.
    pub fn to_api(&self) -> core::Event {
        core::Event {
            metadata: self.meta.to_api(&self.key, self.uid, self.resource_version),
            involved_object: core::ObjectReference {
                api_version: Some(self.about.kind.names().api_version.to_owned()),
                kind: Some(self.about.kind.name().to_owned()),
                namespace: (!self.about.key.namespace.is_empty())
                    .then(|| self.about.key.namespace.to_string()),
                name: Some(self.about.key.name.to_string()),
                uid: Some(self.about_uid.to_string()),
                field_path: self.field_path.as_deref().map(str::to_owned),
                resource_version: None,
            },
            type_: Some(self.event_type.name().to_owned()),
            reason: Some(self.reason.to_owned()),
            message: Some(self.message.to_string()),
            source: Some(core::EventSource {
                component: Some(self.component.to_owned()),
                host: self.host.as_deref().map(str::to_owned),
            }),
            reporting_component: Some(self.component.to_owned()),
            reporting_instance: self.host.as_deref().map(str::to_owned),
            count: Some(self.count as i32),
            first_timestamp: Some(self.first.to_api()),
            last_timestamp: Some(self.last.to_api()),
            ..core::Event::default()
        }
    }
}
