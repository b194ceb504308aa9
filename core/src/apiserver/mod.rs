//! The API server: one request in, a [`Change`] or a refusal out.
//!
//! A request passes its stations in order (authentication, authorization, defaulting, admission, validation,
//! storage); a refusal names the one that stopped it. Upstream: `staging/src/k8s.io/apiserver`.

mod addresses;
mod admission;
mod admitted;
#[cfg(test)]
mod answers;
pub mod authentication;
pub mod authorization;
mod binding;
pub(crate) mod body;
pub(crate) mod bootstrap_roles;
mod defaults;
pub mod definitions;
pub mod deletion;
pub mod error;
mod escalation;
pub(crate) mod eviction;
mod filled_in;
pub mod handle;
pub mod index;
mod json_patch;
mod label_keys;
mod limit_ranger;
mod metadata;
pub(crate) mod patch;
mod pod_status;
pub mod quota;
pub mod rbac;
pub(crate) mod static_pod;
mod storage_admission;
pub mod store;
pub mod strategic_merge;
#[cfg(test)]
mod tests;
mod update;
mod validation;
mod warnings;

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

pub use authentication::{Person, User};
pub use error::{ApiError, Fault, FieldError, Reason};
pub use filled_in::{FilledIn, Filler, filled_in};
pub(crate) use handle::completed;
pub use handle::{Request, handle};
pub(crate) use patch::unknown_fields;
pub use store::Store;
pub(crate) use validation::label_value;
pub use warnings::warnings;

use crate::api::{Key, Kind, Object, ObjectRef, Owner, Uid};

/// A stop of a request inside the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Station {
    /// Who is asking?
    Authentication,
    /// May they?
    Authorization,
    /// Decoding, and filling in what was left out.
    Defaulting,
    /// Admission plugins change or refuse.
    Admission,
    /// Is the object well formed?
    Validation,
    /// Written to etcd.
    Storage,
}

/// What a client asks the API server to write.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// POST
    Create(Object),
    /// PUT of everything but the status. Refused if the object's resourceVersion is not 0 and not current.
    Update(Object),
    /// PUT of `/status`: status, labels and annotations.
    UpdateStatus(Object),
    /// PATCH: merged into whatever is there when it arrives.
    Patch {
        /// The object to patch.
        target: ObjectRef,
        /// Refused unless the object has this uid.
        uid: Option<Uid>,
        /// What to change.
        patch: Box<Patch>,
    },
    /// POST of `pods/binding`.
    Bind {
        /// The pod.
        pod: Key,
        /// Refused unless the pod has this uid.
        uid: Uid,
        /// The node it shall run on.
        node: Rc<str>,
    },
    /// POST of `pods/eviction`.
    Evict {
        /// The pod.
        pod: Key,
        /// Refused unless the pod has this uid; any will do where it is none.
        uid: Uid,
        /// `deleteOptions.gracePeriodSeconds`
        grace_seconds: Option<i64>,
    },
    /// DELETE
    Delete {
        /// The object to delete.
        target: ObjectRef,
        /// How.
        options: DeleteOptions,
    },
}

/// The changes that clients send as patches.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// A strategic merge patch, as kubectl sends it.
    Strategic(serde_json::Value),
    /// The same from `kubectl apply`: a field that the kind has not is refused, where others are only warned of it.
    Applied(serde_json::Value),
    /// A JSON merge patch (RFC 7386): maps merge, everything else is replaced.
    Merge(serde_json::Value),
    /// A JSON patch (RFC 6902): a list of operations.
    Json(serde_json::Value),
    /// A number of replicas, by `/scale`: who may ask for it need not be allowed to change anything else.
    Scale(i32),
    /// A whole new desired object, computed by the client from what it read (kubectl's JSON patches).
    Replace(Object),
    /// Adopt: add this owner.
    AddOwner(Owner),
    /// Release: remove the owner with this uid.
    RemoveOwner(Uid),
    /// A finalizer's work is done.
    RemoveFinalizer(String),
    /// A kubelet's report: the status, but for conditions of types it does not list.
    PodStatus(Rc<core::PodStatus>),
    /// The scheduler's report: one condition of a pod, and the node that is being cleared for it.
    PodCondition {
        /// The condition; absent where it is as it was.
        condition: Option<Rc<core::PodCondition>>,
        /// `status.nominatedNodeName`: absent where it is as it was, empty where there is none any more.
        nominated_node: Option<Rc<str>>,
    },
}

/// Options of a DELETE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteOptions {
    /// `gracePeriodSeconds`; absent means the object's own.
    pub grace_seconds: Option<i64>,
    /// `propagationPolicy`; absent means the kind's default.
    pub propagation: Option<Propagation>,
    /// `preconditions.uid`
    pub uid: Option<Uid>,
    /// `preconditions.resourceVersion`
    pub resource_version: Option<u64>,
}

/// What becomes of dependents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Propagation {
    /// The owner goes at once, the garbage collector deletes its dependents.
    Background,
    /// The owner stays until its dependents are gone.
    Foreground,
    /// The dependents stay.
    Orphan,
}

/// The HTTP verb of a write, as the diagram shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `POST`
    Create,
    /// `PUT`
    Update,
    /// `PATCH`
    Patch,
    /// `DELETE`
    Delete,
}

impl Verb {
    /// `POST`, `PUT`, `PATCH`, `DELETE`
    pub const fn http(self) -> &'static str {
        match self {
            Verb::Create => "POST",
            Verb::Update => "PUT",
            Verb::Patch => "PATCH",
            Verb::Delete => "DELETE",
        }
    }
}

/// An accepted write.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The verb that asked for it.
    pub verb: Verb,
    /// `status`, `binding`; empty for the object itself.
    pub subresource: &'static str,
    /// What it is about.
    pub object: ObjectRef,
    /// The object as it was; `None` when it was created.
    pub before: Option<Object>,
    /// The object as it is; `None` when it was removed.
    pub after: Option<Object>,
    /// The object as the client sent it, before defaulting and admission; for creates and updates alone.
    pub sent: Option<Object>,
    /// The store's revision after it. A write that changed nothing leaves it as it was.
    pub revision: u64,
    /// The object now waits for nothing: the API server removes it next, a write of its own.
    pub erase_next: bool,
}

impl Patch {
    /// The merge patch of an apply for an object of this kind: lists of custom objects have no merge keys.
    pub(crate) fn merging(kind: Kind, patch: serde_json::Value) -> Patch {
        if patch::is_custom(kind) { Patch::Merge(patch) } else { Patch::Applied(patch) }
    }

    fn subresource(&self) -> &'static str {
        match self {
            Patch::PodStatus(_) | Patch::PodCondition { .. } => "status",
            Patch::Scale(_) => "scale",
            _ => "",
        }
    }
}

impl Change {
    /// The object, as it is or as it last was.
    pub fn subject(&self) -> Option<&Object> {
        self.after.as_ref().or(self.before.as_ref())
    }

    /// Whether anything was written: a write that changes nothing is answered, not stored.
    pub fn is_noop(&self) -> bool {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) => before.resource_version() == after.resource_version(),
            _ => false,
        }
    }
}

impl Write {
    /// The verb it is sent with.
    pub fn verb(&self) -> Verb {
        match self {
            Write::Create(_) | Write::Bind { .. } | Write::Evict { .. } => Verb::Create,
            Write::Update(_) | Write::UpdateStatus(_) => Verb::Update,
            Write::Patch { .. } => Verb::Patch,
            Write::Delete { .. } => Verb::Delete,
        }
    }

    /// The kind it is about.
    pub fn kind(&self) -> Kind {
        match self {
            Write::Create(object) | Write::Update(object) | Write::UpdateStatus(object) => object.kind(),
            Write::Patch { target, .. } | Write::Delete { target, .. } => target.kind,
            Write::Bind { .. } | Write::Evict { .. } => Kind::Pod,
        }
    }

    /// The object it is about. A created object may not have its name yet.
    pub fn target(&self) -> ObjectRef {
        match self {
            Write::Create(object) | Write::Update(object) | Write::UpdateStatus(object) => object.reference(),
            Write::Patch { target, .. } | Write::Delete { target, .. } => target.clone(),
            Write::Bind { pod, .. } | Write::Evict { pod, .. } => ObjectRef::new(Kind::Pod, pod.clone()),
        }
    }

    /// `status`, `binding`; empty for the object itself.
    pub fn subresource(&self) -> &'static str {
        match self {
            Write::UpdateStatus(_) => "status",
            Write::Patch { patch, .. } => patch.subresource(),
            Write::Bind { .. } => "binding",
            Write::Evict { .. } => "eviction",
            Write::Create(_) | Write::Update(_) | Write::Delete { .. } => "",
        }
    }
}
