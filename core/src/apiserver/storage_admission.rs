//! What admission gives new claims and volumes. Upstream:
//! `plugin/pkg/admission/storage/{storageclass/setdefault,storageobjectinuseprotection}`.

use std::rc::Rc;

use super::store::Store;
use crate::api::{Object, claim, persistent_volume};
use crate::placement::volumes;

/// Completes a new object: the default class for a claim that names none, and the finalizer by which claims and volumes
/// are kept while they are in use.
pub(super) fn complete(store: &Store, object: &mut Object) {
    let finalizer = match object {
        Object::PersistentVolumeClaim(claim) => {
            if !claim.names_class()
                && let Some(class) = volumes::default_class(store)
            {
                let spec = Rc::make_mut(&mut Rc::make_mut(claim).spec);
                spec.storage_class_name = Some(class.name().to_owned());
            }
            claim::PROTECTION
        }
        Object::PersistentVolume(_) => persistent_volume::PROTECTION,
        _ => return,
    };
    let finalizers = &object.meta().finalizers;
    if !finalizers.iter().any(|name| name == finalizer) {
        Rc::make_mut(&mut object.meta_mut().finalizers).push(finalizer.to_owned());
    }
}
