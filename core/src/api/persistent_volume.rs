//! PersistentVolumes: what they hold, whom they are for; and StorageClasses, by which new ones are made.

use k8s_openapi::api::core::v1 as core;

use super::claim::CLASS_BETA;
use super::{Key, PersistentVolume, PersistentVolumeClaim, StorageClass, Uid, quantity};

/// Keeps a volume until no claim is bound to it.
pub const PROTECTION: &str = "kubernetes.io/pv-protection";
/// Who made a volume, and deletes it.
pub const PROVISIONED_BY: &str = "pv.kubernetes.io/provisioned-by";
/// Marks the class of claims that name none.
const IS_DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
/// The same under its old name.
const IS_DEFAULT_BETA: &str = "storageclass.beta.kubernetes.io/is-default-class";
/// The provisioner of classes whose volumes people make.
pub const NO_PROVISIONER: &str = "kubernetes.io/no-provisioner";

impl PersistentVolume {
    /// `spec.storageClassName`; empty where it has none.
    pub fn class(&self) -> &str {
        self.annotation(CLASS_BETA).or(self.spec.storage_class_name.as_deref()).unwrap_or_default()
    }

    /// `status.phase`; a volume without one is Pending.
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

    /// `spec.capacity.storage`, in bytes.
    pub fn bytes(&self) -> i64 {
        let storage = self.spec.capacity.as_ref().and_then(|capacity| capacity.get("storage"));
        storage.map_or(0, |storage| quantity::amount("storage", storage))
    }

    /// `spec.persistentVolumeReclaimPolicy`; the API server's default is `Retain`.
    pub fn reclaim_policy(&self) -> &str {
        self.spec.persistent_volume_reclaim_policy.as_deref().unwrap_or("Retain")
    }

    /// `spec.claimRef`: the claim it is for.
    pub fn claim(&self) -> Option<&core::ObjectReference> {
        self.spec.claim_ref.as_ref()
    }

    /// The name of the claim it is for.
    pub fn claim_key(&self) -> Option<Key> {
        let claim = self.claim()?;
        Some(Key::new(claim.namespace.as_deref().unwrap_or_default(), claim.name.as_deref()?))
    }

    /// The uid of the claim it is bound to; `None` where it is kept for a claim by name alone.
    pub fn claim_uid(&self) -> Option<Uid> {
        self.claim()?.uid.as_deref().filter(|uid| !uid.is_empty()).map(Uid::parse)
    }

    /// Whether it is bound to this claim, or kept for it. Upstream: `IsVolumeBoundToClaim`.
    pub fn is_for(&self, claim: &PersistentVolumeClaim) -> bool {
        self.claim_key().is_some_and(|key| key == claim.key)
            && self.claim_uid().is_none_or(|uid| uid == claim.uid)
    }
}

impl StorageClass {
    /// Whether claims wait for the scheduler to choose the node of the pod that uses them.
    pub fn waits_for_consumer(&self) -> bool {
        self.spec.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer")
    }

    /// Whether claims that name no class get this one.
    pub fn is_default(&self) -> bool {
        [IS_DEFAULT, IS_DEFAULT_BETA].iter().any(|name| self.annotation(name) == Some("true"))
    }
}
