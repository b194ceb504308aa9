//! PersistentVolumeClaims: what they ask for, and what they have got.

use k8s_openapi::api::core::v1 as core;

use super::{PersistentVolumeClaim, quantity};

/// Says that a claim has its volume: what happens to the volume from then on does not unbind it.
pub const BIND_COMPLETED: &str = "pv.kubernetes.io/bind-completed";
/// Says that the controller chose the other side, and not a person.
pub const BOUND_BY_CONTROLLER: &str = "pv.kubernetes.io/bound-by-controller";
/// The node that the scheduler chose for the pod that uses a claim.
pub const SELECTED_NODE: &str = "volume.kubernetes.io/selected-node";
/// Who is asked to make a volume for a claim.
pub const PROVISIONER: &str = "volume.kubernetes.io/storage-provisioner";
/// The same under its old name, which older provisioners read.
pub const PROVISIONER_BETA: &str = "volume.beta.kubernetes.io/storage-provisioner";
/// The class of a claim or volume under its old name.
pub const CLASS_BETA: &str = "volume.beta.kubernetes.io/storage-class";
/// Keeps a claim until no pod uses it.
pub const PROTECTION: &str = "kubernetes.io/pvc-protection";

impl PersistentVolumeClaim {
    /// `spec.storageClassName`; empty where it is empty or absent.
    pub fn class(&self) -> &str {
        let written = self.annotation(CLASS_BETA).or(self.spec.storage_class_name.as_deref());
        written.unwrap_or_default()
    }

    /// Whether it names a class, be it the empty one: the default class is for those that do not.
    pub fn names_class(&self) -> bool {
        self.annotation(CLASS_BETA).is_some() || self.spec.storage_class_name.is_some()
    }

    /// `spec.volumeName`; empty while it has none.
    pub fn volume(&self) -> &str {
        self.spec.volume_name.as_deref().unwrap_or_default()
    }

    /// `status.phase`; a claim without one is Pending.
    pub fn phase(&self) -> &str {
        self.status.phase.as_deref().unwrap_or("Pending")
    }

    /// `spec.accessModes`
    pub fn access_modes(&self) -> &[String] {
        self.spec.access_modes.as_deref().unwrap_or_default()
    }

    /// `spec.volumeMode`; the API server's default is `Filesystem`.
    pub fn volume_mode(&self) -> &str {
        self.spec.volume_mode.as_deref().unwrap_or("Filesystem")
    }

    /// `spec.resources.requests.storage`, in bytes.
    pub fn requested_bytes(&self) -> i64 {
        let requests = self.spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
        let storage = requests.and_then(|requests| requests.get("storage"));
        storage.map_or(0, |storage| quantity::amount("storage", storage))
    }

    /// Whether it and its volume know of each other.
    pub fn is_bound(&self) -> bool {
        !self.volume().is_empty() && self.annotation(BIND_COMPLETED).is_some()
    }

    /// How its volume names it: `spec.claimRef`.
    pub fn reference(&self) -> core::ObjectReference {
        core::ObjectReference {
            kind: Some("PersistentVolumeClaim".to_owned()),
            api_version: Some("v1".to_owned()),
            namespace: Some(self.key.namespace.to_string()),
            name: Some(self.key.name.to_string()),
            uid: Some(self.uid.to_string()),
            resource_version: Some(self.resource_version.to_string()),
            field_path: None,
        }
    }

    /// Whether one pod alone may use it.
    pub fn is_for_one_pod(&self) -> bool {
        self.access_modes().iter().any(|mode| mode == "ReadWriteOncePod")
    }
}

/// The claims that a pod's volumes name, in order, each with whether the pod itself brings it about.
pub fn of_pod<'a>(pod: &'a str, spec: &'a core::PodSpec) -> impl Iterator<Item = PodClaim> + 'a {
    spec.volumes.iter().flatten().filter_map(move |volume| {
        let named = volume.persistent_volume_claim.as_ref().map(|source| source.claim_name.clone());
        let own = volume.ephemeral.as_ref().map(|_| format!("{pod}-{}", volume.name));
        let is_ephemeral = named.is_none();
        Some(PodClaim { name: named.or(own)?, is_ephemeral })
    })
}

/// A claim that a pod uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodClaim {
    /// Its name; its namespace is the pod's.
    pub name: String,
    /// Whether it comes and goes with the pod: a generic ephemeral volume.
    pub is_ephemeral: bool,
}
