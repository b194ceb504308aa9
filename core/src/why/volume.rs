//! Facts of the controllers that bring claims and volumes together, and of the provisioner.
//! Upstream: `pkg/controller/volume/{persistentvolume,pvcprotection,pvprotection}`.

use std::rc::Rc;

use crate::api::Key;

/// Why a claim or volume is bound, kept, let go, made or deleted.
#[derive(Clone, Debug, PartialEq)]
pub enum Volume {
    /// This volume is for the claim: both get to know of each other.
    Binds(Rc<Match>),
    /// No free volume will do, and no class says how to make one.
    NothingFits {
        /// What the claim asks for, in bytes.
        requested_bytes: i64,
        /// Volumes in the cluster.
        volumes: u32,
    },
    /// The claim's class lets it wait until a pod that uses it has a node.
    WaitsForConsumer {
        /// The class.
        class: Rc<str>,
        /// Pods that use the claim and have no node yet.
        pods: u32,
    },
    /// Somebody else makes volumes of the claim's class.
    AsksProvisioner {
        /// The class.
        class: Rc<str>,
        /// Who.
        provisioner: Rc<str>,
    },
    /// Nothing can make volumes of the claim's class.
    CannotProvision {
        /// The class.
        class: Rc<str>,
    },
    /// The volume that the claim names does not exist.
    NamedVolumeMissing {
        /// The volume.
        volume: Rc<str>,
    },
    /// The volume that the claim names is not what it asks for.
    NamedVolumeDiffers {
        /// The volume.
        volume: Rc<str>,
        /// What differs.
        mismatch: Mismatch,
    },
    /// The volume that the claim names is another claim's.
    NamedVolumeTaken {
        /// The volume.
        volume: Rc<str>,
    },
    /// The claim was bound, and its volume is gone or another's.
    IsLost {
        /// The volume; empty where the claim has forgotten it.
        volume: Rc<str>,
    },
    /// The claim has no class, and there is a default one now.
    GetsDefaultClass {
        /// The class.
        class: Rc<str>,
    },
    /// The volume is nobody's, or is kept for a claim that has not come yet.
    IsAvailable,
    /// The volume's claim is gone.
    IsReleased {
        /// What is to become of the volume: `Retain`, `Delete`, `Recycle`.
        policy: Rc<str>,
    },
    /// The volume's claim has another volume.
    Unbinds {
        /// The claim.
        claim: Key,
    },
    /// The volume is to be deleted, and nothing can.
    CannotReclaim {
        /// `Delete` or `Recycle`
        policy: Rc<str>,
    },
    /// Claim and volume are as they should be.
    IsSettled,
    /// Claims and volumes are looked at again in a while, whether or not anything changed.
    LooksAgain {
        /// In how many seconds.
        seconds: u64,
    },
    /// The claim is being deleted, and pods use it.
    KeepsClaim {
        /// How many.
        pods: u32,
    },
    /// The claim is being deleted, and no pod uses it.
    ClaimIsUnused,
    /// The volume is being deleted, and a claim is bound to it.
    KeepsVolume,
    /// The volume is being deleted, and no claim is bound to it.
    VolumeIsUnused,
    /// The object must be protected from being deleted while it is in use.
    Protects,
    /// A claim waits for a volume of its class.
    Provisions {
        /// The class.
        class: Rc<str>,
        /// What the claim asks for, in bytes.
        bytes: i64,
    },
    /// The claim of a volume that was made for it is gone.
    DeletesVolume,
    /// A pod brings a claim of its own.
    EphemeralClaim {
        /// The pod.
        pod: Rc<str>,
    },
    /// There is a claim of that name that is not the pod's.
    EphemeralClaimTaken {
        /// The claim.
        claim: Rc<str>,
    },
}

/// A claim and the volume that was found for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// The claim.
    pub claim: Key,
    /// The volume.
    pub volume: Rc<str>,
    /// What the claim asks for, in bytes.
    pub requested_bytes: i64,
    /// What the volume holds, in bytes.
    pub bytes: i64,
    /// Whether a person chose one for the other.
    pub by_person: bool,
}

/// How a volume differs from what a claim asks for. Upstream: `checkVolumeSatisfyClaim`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It is smaller.
    Size,
    /// It is of another class.
    Class,
    /// One is a block device, the other a file system.
    VolumeMode,
    /// It lacks an access mode that the claim asks for.
    AccessModes,
}

impl Mismatch {
    /// Upstream's words.
    pub fn message(self) -> &'static str {
        match self {
            Mismatch::Size => "requested PV is too small",
            Mismatch::Class => "storageClassName does not match",
            Mismatch::VolumeMode => "incompatible volumeMode",
            Mismatch::AccessModes => "incompatible accessMode",
        }
    }
}
