//! Volume claims, volumes and storage classes described.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::{Describer, annotations, labels};
use crate::api::{Meta, Object, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass};
use crate::kubectl::print::storage::{access_modes, storage};
use crate::kubectl::print::{self, NONE, age};

pub(super) fn claim(claim: &Rc<PersistentVolumeClaim>, describer: Describer<'_>) -> String {
    let spec = &claim.spec;
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", claim.name(), claim.key.namespace);
    text += &format!("StorageClass:\t{}\n", claim.class());
    text += &status(claim.phase(), &claim.meta, describer);
    text += &format!("Volume:\t{}\n", claim.volume());
    text += &labels("Labels", &claim.meta.labels);
    text += &annotations("Annotations", &claim.meta.annotations);
    text += &format!("Finalizers:\t[{}]\n", claim.meta.finalizers.join(" "));
    let has_volume = !claim.volume().is_empty();
    let capacity = if has_volume { storage(&claim.status.capacity) } else { String::new() };
    let modes = claim.status.access_modes.as_deref().filter(|_| has_volume);
    text += &format!("Capacity:\t{capacity}\n");
    text += &format!("Access Modes:\t{}\n", access_modes(modes.unwrap_or_default()));
    if let Some(mode) = &spec.volume_mode {
        text += &format!("VolumeMode:\t{mode}\n");
    }
    text += &used_by(claim, describer);
    text + &describer.events(&Object::PersistentVolumeClaim(claim.clone()))
}

/// The pods that mount a claim.
fn used_by(claim: &PersistentVolumeClaim, describer: Describer<'_>) -> String {
    let mounts = |pod: &Rc<Pod>| {
        let mut volumes = pod.spec.spec.volumes.iter().flatten();
        volumes.any(|volume| {
            volume.persistent_volume_claim.as_ref().is_some_and(|source| source.claim_name == claim.name())
        })
    };
    let pods = describer.store.list_in::<Pod>(&claim.key.namespace).filter(|pod| mounts(pod));
    let pods: Vec<&str> = pods.map(|pod| pod.name()).collect();
    let pods = if pods.is_empty() { NONE.to_owned() } else { pods.join("\n\t") };
    format!("Used By:\t{pods}\n")
}

pub(super) fn volume(volume: &Rc<PersistentVolume>, describer: Describer<'_>) -> String {
    let spec = &volume.spec;
    let mut text = format!("Name:\t{}\n", volume.name());
    text += &labels("Labels", &volume.meta.labels);
    text += &annotations("Annotations", &volume.meta.annotations);
    text += &format!("Finalizers:\t[{}]\n", volume.meta.finalizers.join(" "));
    text += &format!("StorageClass:\t{}\n", volume.class());
    text += &status(volume.phase(), &volume.meta, describer);
    let claim = volume.claim_key().map(|key| key.to_string()).unwrap_or_default();
    text += &format!("Claim:\t{claim}\nReclaim Policy:\t{}\n", volume.reclaim_policy());
    text += &format!("Access Modes:\t{}\n", access_modes(volume.access_modes()));
    if let Some(mode) = &spec.volume_mode {
        text += &format!("VolumeMode:\t{mode}\n");
    }
    text += &format!("Capacity:\t{}\n", storage(&spec.capacity));
    text += &node_affinity(spec.node_affinity.as_ref());
    text += &format!("Message:\t{}\n", volume.status.message.as_deref().unwrap_or_default());
    text += &source(spec);
    text + &describer.events(&Object::PersistentVolume(volume.clone()))
}

fn node_affinity(affinity: Option<&core::VolumeNodeAffinity>) -> String {
    let Some(required) = affinity.and_then(|affinity| affinity.required.as_ref()) else {
        return format!("Node Affinity:\t{NONE}\n");
    };
    let mut text = "Node Affinity:\t\n  Required Terms:\t\n".to_owned();
    for (place, term) in required.node_selector_terms.iter().enumerate() {
        let expressions = term.match_expressions.iter().flatten().map(|expression| {
            let values = expression.values.as_deref().unwrap_or_default().join(", ");
            let values = if values.is_empty() { values } else { format!(" [{values}]") };
            format!("{} {}{values}", expression.key, expression.operator.to_ascii_lowercase())
        });
        let listed: Vec<String> = expressions.collect();
        let listed = if listed.is_empty() { NONE.to_owned() } else { listed.join("\n    \t") };
        text += &format!("    Term {place}:\t{listed}\n");
    }
    text
}

fn source(spec: &core::PersistentVolumeSpec) -> String {
    let mut text = "Source:\n".to_owned();
    if let Some(path) = &spec.host_path {
        text += "    Type:\tHostPath (bare host directory volume)\n";
        text += &format!("    Path:\t{}\n", path.path);
        text += &format!("    HostPathType:\t{}\n", path.type_.as_deref().unwrap_or_default());
    } else if let Some(nfs) = &spec.nfs {
        text += "    Type:\tNFS (an NFS mount that lasts the lifetime of a pod)\n";
        text += &format!("    Server:\t{}\n    Path:\t{}\n", nfs.server, nfs.path);
        text += &format!("    ReadOnly:\t{}\n", nfs.read_only.unwrap_or(false));
    } else if let Some(local) = &spec.local {
        text += "    Type:\tLocalVolume (a persistent volume backed by local storage on a node)\n";
        text += &format!("    Path:\t{}\n", local.path);
    } else if let Some(csi) = &spec.csi {
        text += "    Type:\tCSI (a Container Storage Interface (CSI) volume source)\n";
        text += &format!("    Driver:\t{}\n", csi.driver);
        text += &format!("    FSType:\t{}\n", csi.fs_type.as_deref().unwrap_or_default());
        text += &format!("    VolumeHandle:\t{}\n", csi.volume_handle);
        text += &format!("    ReadOnly:\t{}\n", csi.read_only.unwrap_or(false));
        text += &format!(
            "    VolumeAttributes:\t{}\n",
            print::labels(&csi.volume_attributes.clone().unwrap_or_default())
        );
    } else {
        text += "  <unknown>\n";
    }
    text
}

pub(super) fn class(class: &Rc<StorageClass>, describer: Describer<'_>) -> String {
    let spec = &class.spec;
    let mut text = format!("Name:\t{}\n", class.name());
    text += &format!("IsDefaultClass:\t{}\n", if class.is_default() { "Yes" } else { "No" });
    text += &format!("Annotations:\t{}\n", print::labels(&class.meta.annotations));
    text += &format!("Provisioner:\t{}\n", spec.provisioner);
    text += &format!("Parameters:\t{}\n", print::labels(&spec.parameters.clone().unwrap_or_default()));
    let expands = spec.allow_volume_expansion.map_or("<unset>", |may| if may { "True" } else { "False" });
    text += &format!("AllowVolumeExpansion:\t{expands}\n");
    let options = spec.mount_options.as_deref().unwrap_or_default();
    if options.is_empty() {
        text += &format!("MountOptions:\t{NONE}\n");
    } else {
        text += "MountOptions:\n";
        text.extend(options.iter().map(|option| format!("  {option}\n")));
    }
    if let Some(policy) = &spec.reclaim_policy {
        text += &format!("ReclaimPolicy:\t{policy}\n");
    }
    if let Some(mode) = &spec.volume_binding_mode {
        text += &format!("VolumeBindingMode:\t{mode}\n");
    }
    text + &describer.events(&Object::StorageClass(class.clone()))
}

/// `Status:`, or since when the object is on its way out.
fn status(phase: &str, meta: &Meta, describer: Describer<'_>) -> String {
    match &meta.deletion {
        Some(deletion) => {
            format!("Status:\tTerminating (lasts {})\n", age::since(deletion.at, describer.now))
        }
        None => format!("Status:\t{phase}\n"),
    }
}
