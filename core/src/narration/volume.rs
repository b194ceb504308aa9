//! Words for the facts of `why::volume`.

use super::{Detail, Text};
use crate::api::{Kind, ObjectRef};
use crate::engine::Step;
use crate::why::Volume;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Volume, step: &Step) -> Text {
    let say = |words: &'static str| super::with_object(words, step, "it");
    match fact {
        Volume::Binds(found) => {
            let claim = ObjectRef::new(Kind::PersistentVolumeClaim, found.claim.clone());
            let text = Text::new().plain("Binds ").object(&claim).plain(" to ").plain(found.volume.clone());
            match step.change().map(|change| (change.object.kind, change.subresource)) {
                Some((Kind::PersistentVolume, "")) => text.plain(": the volume is told."),
                Some((Kind::PersistentVolume, _)) => text.plain(": the volume is Bound."),
                Some((_, "")) => text.plain(": the claim is told."),
                _ => text.plain(": the claim is Bound."),
            }
        }
        Volume::NothingFits { .. } => "Finds no volume for the claim, and no class to make one by.".into(),
        Volume::WaitsForConsumer { pods: 0, .. } => "Waits until a pod uses the claim.".into(),
        Volume::WaitsForConsumer { .. } => "Waits until the pod that uses the claim has a node.".into(),
        Volume::AsksProvisioner { class, .. } => {
            say("Asks for a volume for ").plain(format!(", of class {class}."))
        }
        Volume::CannotProvision { class } => {
            Text::new().plain(format!("Cannot make a volume of class {class}."))
        }
        Volume::NamedVolumeMissing { volume } => {
            Text::new().plain(format!("Waits: there is no volume {volume}."))
        }
        Volume::NamedVolumeDiffers { volume, mismatch } => {
            Text::new().plain(format!("Does not bind the claim to {volume}: {}.", mismatch.message()))
        }
        Volume::NamedVolumeTaken { volume } => {
            Text::new().plain(format!("Waits: {volume} is another claim's."))
        }
        Volume::IsLost { .. } => say("Gives up ").plain(": its volume is gone."),
        Volume::GetsDefaultClass { class } => say("Gives ").plain(format!(" the default class {class}.")),
        Volume::IsAvailable => say("Makes ").plain(" available: it is no claim's."),
        Volume::IsReleased { .. } => say("Releases ").plain(": its claim is gone."),
        Volume::Unbinds { .. } => say("Unbinds ").plain(": its claim has another volume."),
        Volume::CannotReclaim { policy } => {
            say("Gives up ").plain(format!(": nothing here can {} it.", policy.to_ascii_lowercase()))
        }
        Volume::IsSettled => "Finds nothing to do: claim and volume are as they should be.".into(),
        Volume::LooksAgain { seconds } => {
            Text::new().plain("Looks again in ").number(seconds).plain(" s: a volume may have come.")
        }
        Volume::KeepsClaim { pods } => {
            let text = Text::new().plain("Keeps the claim: ");
            super::counted(text, *pods as i32, "pod uses it.", "pods use it.")
        }
        Volume::ClaimIsUnused => say("Lets ").plain(" go: no pod uses it."),
        Volume::KeepsVolume => "Keeps the volume: a claim is bound to it.".into(),
        Volume::VolumeIsUnused => say("Lets ").plain(" go: no claim is bound to it."),
        Volume::Protects => say("Protects ").plain(" from being deleted while it is in use."),
        Volume::Provisions { class, .. } => say("Makes ").plain(format!(", a volume of class {class}.")),
        Volume::DeletesVolume => say("Deletes ").plain(": its claim is gone."),
        Volume::EphemeralClaim { pod } => say("Creates ").plain(format!(": {pod} brings it.")),
        Volume::EphemeralClaimTaken { claim } => {
            Text::new().plain(format!("Waits: {claim} exists, and is not the pod's."))
        }
    }
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Volume, _step: &Step) -> Detail {
    match fact {
        Volume::Binds(found) => {
            let chosen = if found.by_person { "by name" } else { "the smallest that will do" };
            Detail::new("Which volume", "findBestMatchForClaim")
                .row("asked for", "spec.resources.requests.storage", bytes(found.requested_bytes))
                .row(found.volume.clone(), chosen, bytes(found.bytes))
        }
        Volume::NothingFits { requested_bytes, volumes } => {
            Detail::new("Which volume", "findBestMatchForClaim")
                .row("asked for", "spec.resources.requests.storage", bytes(*requested_bytes))
                .row("volumes", "in the cluster", volumes)
        }
        Volume::WaitsForConsumer { class, pods } => Detail::new("When it is bound", "IsDelayBindingMode")
            .row("class", "spec.storageClassName", class)
            .row("pods", "that use the claim and have no node", pods),
        Volume::AsksProvisioner { class, provisioner } => Detail::new("Who makes it", "provisionClaim")
            .row("class", "spec.storageClassName", class)
            .row("provisioner", "of the class", provisioner),
        Volume::CannotProvision { class } | Volume::GetsDefaultClass { class } => Detail::new(
            "Who makes it",
            "findProvisionablePlugin",
        )
        .row("class", "spec.storageClassName", class),
        Volume::NamedVolumeMissing { volume } | Volume::NamedVolumeTaken { volume } => {
            Detail::new("Which volume", "syncUnboundClaim").row("volume", "spec.volumeName", volume)
        }
        Volume::NamedVolumeDiffers { volume, mismatch } => Detail::new(
            "Does it do",
            "checkVolumeSatisfyClaim",
        )
        .row(volume.clone(), "spec.volumeName", mismatch.message()),
        Volume::IsLost { volume } => {
            Detail::new("What is lost", "syncBoundClaim").row("volume", "spec.volumeName", volume)
        }
        Volume::IsReleased { policy } | Volume::CannotReclaim { policy } => Detail::new(
            "What becomes of it",
            "reclaimVolume",
        )
        .row("policy", "spec.persistentVolumeReclaimPolicy", policy),
        Volume::Unbinds { claim } => {
            Detail::new("Whose it was", "unbindVolume").row("claim", "spec.claimRef", claim)
        }
        Volume::LooksAgain { seconds } => {
            Detail::new("When", "resync").row("period", "pvclaimbinder-sync-period", format!("{seconds} s"))
        }
        Volume::KeepsClaim { pods } => {
            Detail::new("Who uses it", "isBeingUsed").row("pods", "bound to a node, that name it", pods)
        }
        Volume::Provisions { class, bytes: size } => Detail::new("What is made", "provisionClaimOperation")
            .row("class", "spec.storageClassName", class)
            .row("size", "spec.resources.requests.storage", bytes(*size)),
        Volume::EphemeralClaim { pod } => {
            Detail::new("Whose it is", "handleVolume").row("pod", "spec.volumes[].ephemeral", pod)
        }
        Volume::EphemeralClaimTaken { claim } => {
            Detail::new("Whose it is", "VolumeIsForPod").row("claim", "is not owned by the pod", claim)
        }
        Volume::IsAvailable
        | Volume::IsSettled
        | Volume::ClaimIsUnused
        | Volume::KeepsVolume
        | Volume::VolumeIsUnused
        | Volume::Protects
        | Volume::DeletesVolume => Detail::default(),
    }
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Volume) -> &'static [&'static str] {
    match fact {
        Volume::Binds(_) | Volume::NothingFits { .. } | Volume::Provisions { .. } => {
            &["spec.resources.requests.storage", "spec.accessModes", "spec.storageClassName"]
        }
        Volume::WaitsForConsumer { .. }
        | Volume::AsksProvisioner { .. }
        | Volume::CannotProvision { .. }
        | Volume::GetsDefaultClass { .. } => &["spec.storageClassName"],
        Volume::NamedVolumeMissing { .. }
        | Volume::NamedVolumeDiffers { .. }
        | Volume::NamedVolumeTaken { .. }
        | Volume::IsLost { .. } => &["spec.volumeName"],
        Volume::IsReleased { .. } | Volume::CannotReclaim { .. } => &["spec.persistentVolumeReclaimPolicy"],
        Volume::Unbinds { .. } => &["spec.claimRef"],
        Volume::EphemeralClaim { .. } | Volume::EphemeralClaimTaken { .. } => &["spec.volumes"],
        Volume::KeepsClaim { .. } | Volume::ClaimIsUnused => &["metadata.finalizers"],
        Volume::IsAvailable
        | Volume::IsSettled
        | Volume::LooksAgain { .. }
        | Volume::KeepsVolume
        | Volume::VolumeIsUnused
        | Volume::Protects
        | Volume::DeletesVolume => &[],
    }
}

/// `1Gi`, `512Mi`, `1000000`
fn bytes(amount: i64) -> String {
    let units = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];
    let (mut amount, mut unit) = (amount, 0);
    while amount != 0 && amount % 1024 == 0 && unit + 1 < units.len() {
        amount /= 1024;
        unit += 1;
    }
    format!("{amount}{}", units[unit])
}
