//! What the server alone writes into metadata: names, uids, timestamps, generations, resourceVersions.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/registry/rest/{create,update}.go`.

use std::rc::Rc;

use super::store::Store;
use super::{ApiError, Reason, Station};
use crate::api::{Key, Kind, Meta, Object, ObjectRef, Uid};
use crate::rng::Rng;
use crate::time::Time;

/// How much of a `generateName` is kept: 63 characters less the five random ones.
const LONGEST_PREFIX: usize = 58;
/// How many names are tried. Upstream: feature RetryGenerateName.
const NAME_ATTEMPTS: u32 = 8;

/// Refuses what no new object may carry into the storage.
pub(super) fn check_new(sent: &Object) -> Result<(), ApiError> {
    if sent.resource_version() == 0 {
        return Ok(());
    }
    let message = "resourceVersion should not be set on objects to be created";
    Err(ApiError::new(Reason::Unknown, Station::Storage, message))
}

/// Gives a new object its uid, timestamps, generation and, from `generateName`, a first name.
///
/// Returns the prefix that further names start with, where the name was generated.
pub(super) fn begin(object: &mut Object, now: Time, rng: &mut Rng) -> Option<Rc<str>> {
    let kind = object.kind();
    let key = object.key();
    let namespace = if kind.is_namespaced() { key.namespace.clone() } else { Rc::from("") };
    let mut name = key.name.clone();
    let prefix = object.meta().generate_name.clone().filter(|_| name.is_empty());
    let prefix = prefix.map(|prefix| shortened(&prefix));
    if let Some(prefix) = &prefix {
        name = rng.suffixed(prefix);
    }
    let uid = Uid::random(rng);
    object.set_identity(Key { namespace, name }, uid);
    let meta = object.meta_mut();
    meta.created = now.truncate_to_second();
    meta.deletion = None;
    meta.generation = i64::from(has_generation(kind));
    prefix
}

fn shortened(prefix: &Rc<str>) -> Rc<str> {
    match prefix.char_indices().nth(LONGEST_PREFIX) {
        Some((end, _)) => prefix[..end].into(),
        None => prefix.clone(),
    }
}

/// Refuses a name that is taken. A generated one gives way to others first.
pub(super) fn take_free_name(
    store: &Store,
    object: &mut Object,
    prefix: Option<&str>,
    rng: &mut Rng,
) -> Result<(), ApiError> {
    let mut taken = store.object(&object.reference());
    for _ in 1..NAME_ATTEMPTS {
        let (Some(_), Some(prefix)) = (&taken, prefix) else { break };
        let key = Key { namespace: object.key().namespace.clone(), name: rng.suffixed(prefix) };
        object.set_identity(key, object.uid());
        taken = store.object(&object.reference());
    }
    let Some(taken) = taken else { return Ok(()) };
    let mut error = ApiError::already_exists(&object.reference(), taken.meta().deletion.is_some());
    if prefix.is_some() {
        error.message += ", the server was not able to generate a unique name for the object";
    }
    Err(error)
}

/// Refuses a write that was computed from another version of the object, or is meant for another object.
pub(super) fn check_current(stored: &Object, uid: Uid, resource_version: u64) -> Result<(), ApiError> {
    let target = stored.reference();
    if uid != Uid::default() && uid != stored.uid() {
        return Err(uid_precondition(&target, uid, stored.uid()));
    }
    if resource_version != 0 && resource_version != stored.resource_version() {
        let detail =
            "the object has been modified; please apply your changes to the latest version and try again";
        return Err(ApiError::conflict(&target, detail));
    }
    Ok(())
}

/// `Precondition failed: UID in precondition: …`
fn uid_precondition(target: &ObjectRef, wanted: Uid, found: Uid) -> ApiError {
    let plural = target.kind.names().plural;
    let key = match &*target.key.namespace {
        "" => format!("/registry/{plural}/{}", target.name()),
        namespace => format!("/registry/{plural}/{namespace}/{}", target.name()),
    };
    let detail = format!(
        "StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: \
         Precondition failed: UID in precondition: {wanted}, UID in object meta: {found}"
    );
    ApiError::conflict(target, &detail)
}

/// Takes over from the stored object what no client may change.
pub(super) fn keep_identity(object: &mut Object, stored: &Object) {
    object.set_identity(stored.key().clone(), stored.uid());
    object.set_resource_version(stored.resource_version());
    let kept = stored.meta();
    let (created, deletion, generation) = (kept.created, kept.deletion, kept.generation);
    let meta = object.meta();
    if (meta.created, meta.deletion, meta.generation) != (created, deletion, generation) {
        let meta = object.meta_mut();
        (meta.created, meta.deletion, meta.generation) = (created, deletion, generation);
    }
}

/// Whether objects of this kind count the changes of their spec.
pub(super) fn has_generation(kind: Kind) -> bool {
    match kind {
        Kind::Pod | Kind::Deployment | Kind::ReplicaSet | Kind::EndpointSlice => true,
        Kind::ReplicationController | Kind::StatefulSet | Kind::DaemonSet => true,
        Kind::Job | Kind::CronJob | Kind::PodDisruptionBudget | Kind::PriorityClass | Kind::NetworkPolicy => {
            true
        }
        Kind::Namespace | Kind::Node | Kind::Service | Kind::Event | Kind::Endpoints => false,
        Kind::ControllerRevision | Kind::ConfigMap | Kind::Secret | Kind::HorizontalPodAutoscaler => false,
        Kind::ResourceQuota | Kind::LimitRange => false,
        Kind::PersistentVolumeClaim | Kind::PersistentVolume | Kind::StorageClass => false,
        Kind::ServiceAccount | Kind::Role | Kind::ClusterRole => false,
        Kind::RoleBinding | Kind::ClusterRoleBinding => false,
        Kind::Inert(kind) => {
            kind.is_added() || !matches!(kind.names().kind, "Lease" | "PodTemplate" | "CSINode")
        }
    }
}

/// Counts a change of the spec, and of what else counts as one for the kind.
pub(super) fn count_generation(object: &mut Object, stored: &Object) {
    let new_kind = object.kind();
    let counts = match (&*object, stored) {
        (Object::Pod(new), Object::Pod(old)) => !same(&new.spec.spec, &old.spec.spec),
        (Object::Deployment(new), Object::Deployment(old)) => {
            !same(&new.spec, &old.spec) || !same(&new.meta.annotations, &old.meta.annotations)
        }
        (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
            new.spec.replicas != old.spec.replicas || !same(&new.spec.spec, &old.spec.spec)
        }
        (Object::ReplicationController(new), Object::ReplicationController(old)) => {
            !same(&new.spec, &old.spec)
        }
        (Object::StatefulSet(new), Object::StatefulSet(old)) => !same(&new.spec, &old.spec),
        (Object::DaemonSet(new), Object::DaemonSet(old)) => !same(&new.spec, &old.spec),
        (Object::Job(new), Object::Job(old)) => !same(&new.spec, &old.spec),
        (Object::CronJob(new), Object::CronJob(old)) => !same(&new.spec, &old.spec),
        (Object::PodDisruptionBudget(new), Object::PodDisruptionBudget(old)) => !same(&new.spec, &old.spec),
        (Object::NetworkPolicy(new), Object::NetworkPolicy(old)) => !same(&new.spec, &old.spec),
        (Object::EndpointSlice(new), Object::EndpointSlice(old)) => {
            !same(&new.spec, &old.spec) || !same(&new.meta.labels, &old.meta.labels)
        }
        (Object::Inert(new), Object::Inert(old)) => has_generation(new_kind) && !same(&new.spec, &old.spec),
        _ => false,
    };
    if counts {
        object.meta_mut().generation += 1;
    }
}

/// Whether nothing but the resourceVersion differs.
pub(super) fn is_unchanged(new: &Object, old: &Object) -> bool {
    if !same_meta(new.meta(), old.meta()) {
        return false;
    }
    macro_rules! compare {
        (parts: $($name:ident),*; whole: $($whole:ident),*) => {
            match (new, old) {
                (Object::Pod(new), Object::Pod(old)) => {
                    new.spec.node == old.spec.node
                        && same(&new.spec.spec, &old.spec.spec)
                        && same(&new.status, &old.status)
                }
                (Object::ReplicaSet(new), Object::ReplicaSet(old)) => {
                    new.spec.replicas == old.spec.replicas
                        && same(&new.spec.spec, &old.spec.spec)
                        && same(&new.status, &old.status)
                }
                (Object::Event(new), Object::Event(old)) => new == old,
                $((Object::$name(new), Object::$name(old)) => {
                    same(&new.spec, &old.spec) && same(&new.status, &old.status)
                })*
                $((Object::$whole(new), Object::$whole(old)) => same(&new.spec, &old.spec),)*
                _ => false,
            }
        };
    }
    compare! {
        parts: Namespace, Node, Service, Deployment, ReplicationController, StatefulSet, DaemonSet, Job, CronJob, HorizontalPodAutoscaler, PodDisruptionBudget, ResourceQuota, PersistentVolumeClaim, PersistentVolume;
        whole: EndpointSlice, ControllerRevision, Endpoints, LimitRange, ConfigMap, Secret, StorageClass, PriorityClass, ServiceAccount, Role, ClusterRole, RoleBinding, ClusterRoleBinding, NetworkPolicy, Inert
    }
}

fn same_meta(new: &Rc<Meta>, old: &Rc<Meta>) -> bool {
    Rc::ptr_eq(new, old)
        || same(&new.labels, &old.labels)
            && same(&new.annotations, &old.annotations)
            && same(&new.owners, &old.owners)
            && same(&new.finalizers, &old.finalizers)
            && new.generate_name == old.generate_name
            && new.generation == old.generation
            && new.created == old.created
            && new.deletion == old.deletion
}

/// Whether two shared values are equal: the same one, most of the time.
pub(super) fn same<T: PartialEq>(new: &Rc<T>, old: &Rc<T>) -> bool {
    Rc::ptr_eq(new, old) || new == old
}
