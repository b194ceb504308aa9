//! Patches: what clients send when they do not send whole objects.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::handle::{Request, existing};
use super::store::Store;
use super::{
    ApiError, Change, Patch, Reason, Station, Verb, admission, body, json_patch, metadata, strategic_merge,
    update,
};
use crate::api::written::Written;
use crate::api::{Kind, Object, ObjectRef, Owner, Pod, Uid};
use crate::rng::Rng;

/// Merges `patch` into whatever is there.
pub(super) fn patch(
    store: &mut Store,
    request: Request<'_>,
    target: &ObjectRef,
    uid: Option<Uid>,
    patch: &Patch,
    rng: &mut Rng,
) -> Result<Change, ApiError> {
    let before = existing(store, target)?;
    metadata::check_current(&before, uid.unwrap_or_default(), 0)?;
    match patch {
        Patch::Strategic(_) | Patch::Merge(_) | Patch::Json(_) => {
            let sent = patched(&before, patch)?;
            update::update(store, request, &sent, Verb::Patch, rng)
        }
        Patch::Replace(sent) => update::update(store, request, sent, Verb::Patch, rng),
        Patch::PodStatus(status) => pod_status(store, request, before, status),
        Patch::PodCondition { condition, nominated_node } => {
            pod_condition(store, request, before, condition.as_deref(), nominated_node.as_deref())
        }
        Patch::AddOwner(owner) => {
            let after = with_owner(&before, owner);
            update::write(store, Verb::Patch, "", before, after)
        }
        Patch::RemoveOwner(uid) => {
            let after = without_owner(&before, *uid);
            update::write(store, Verb::Patch, "", before, after)
        }
        Patch::RemoveFinalizer(name) => {
            let after = without_finalizer(&before, name);
            update::write(store, Verb::Patch, "", before, after)
        }
    }
}

/// Whether a kind came with a definition: how its lists merge, nobody has said.
pub(crate) fn is_custom(kind: Kind) -> bool {
    matches!(kind, Kind::Inert(kind) if kind.is_added())
}

/// The object that a client's patch makes of the stored one.
fn patched(before: &Object, patch: &Patch) -> Result<Object, ApiError> {
    let kind = before.kind();
    let mut json = before.to_json();
    let bare = json.clone();
    match patch {
        Patch::Strategic(_) if is_custom(kind) => {
            let message = "the body of the request was in an unknown format - accepted media types include: \
                           application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
            return Err(ApiError::new(Reason::UnsupportedMediaType, Station::Defaulting, message));
        }
        Patch::Strategic(patch) => strategic_merge::merge(&mut json, patch),
        Patch::Merge(patch) => json_patch::merge(&mut json, patch),
        Patch::Json(operations) => json_patch::apply(&mut json, operations).map_err(|fault| {
            let station = Station::Defaulting;
            ApiError::new(
                Reason::Invalid,
                station,
                format!("the server rejected our request due to an error in our request ({fault})"),
            )
        })?,
        _ => {}
    }
    let mut object = body::decode(kind, &Written::from(&json))?;
    // The patch was merged into this very version: only a resourceVersion of its own can conflict.
    let version = |json: &serde_json::Value| json.pointer("/metadata/resourceVersion").cloned();
    if version(&json) == version(&bare) {
        object.set_resource_version(0);
    }
    Ok(object)
}

fn with_owner(before: &Object, owner: &Owner) -> Object {
    let mut after = before.clone();
    let mut owners: Vec<Owner> = (*before.meta().owners).clone();
    match owners.iter_mut().find(|known| known.uid == owner.uid) {
        Some(known) => *known = owner.clone(),
        None => owners.push(owner.clone()),
    }
    after.meta_mut().owners = Rc::new(owners);
    after
}

fn without_owner(before: &Object, uid: Uid) -> Object {
    let mut after = before.clone();
    let owners = before.meta().owners.iter().filter(|owner| owner.uid != uid).cloned().collect();
    after.meta_mut().owners = Rc::new(owners);
    after
}

fn without_finalizer(before: &Object, finalizer: &str) -> Object {
    let mut after = before.clone();
    let kept = before.meta().finalizers.iter().filter(|name| *name != finalizer).cloned().collect();
    after.meta_mut().finalizers = Rc::new(kept);
    after
}

/// A kubelet's report. Conditions that it does not list belong to others and stay.
fn pod_status(
    store: &mut Store,
    request: Request<'_>,
    before: Object,
    reported: &Rc<core::PodStatus>,
) -> Result<Change, ApiError> {
    admission::update(request, &before, "status")?;
    let Object::Pod(pod) = &before else { return Err(ApiError::not_found(&before.reference())) };
    let status = with_conditions_of_others(reported, pod);
    let after = Pod { status, ..(**pod).clone() };
    update::write(store, Verb::Patch, "status", before, Object::Pod(Rc::new(after)))
}

/// A report of the scheduler. The condition takes the place of the one of its type.
fn pod_condition(
    store: &mut Store,
    request: Request<'_>,
    before: Object,
    condition: Option<&core::PodCondition>,
    nominated_node: Option<&str>,
) -> Result<Change, ApiError> {
    admission::update(request, &before, "status")?;
    let Object::Pod(pod) = &before else { return Err(ApiError::not_found(&before.reference())) };
    let mut status = (*pod.status).clone();
    if let Some(condition) = condition {
        let conditions = status.conditions.get_or_insert_default();
        match conditions.iter_mut().find(|known| known.type_ == condition.type_) {
            Some(known) => *known = condition.clone(),
            None => conditions.push(condition.clone()),
        }
    }
    if let Some(node) = nominated_node {
        status.nominated_node_name = Some(node.to_owned()).filter(|node| !node.is_empty());
    }
    let after = Pod { status: Rc::new(status), ..(**pod).clone() };
    update::write(store, Verb::Patch, "status", before, Object::Pod(Rc::new(after)))
}

fn with_conditions_of_others(reported: &Rc<core::PodStatus>, pod: &Pod) -> Rc<core::PodStatus> {
    let listed = reported.conditions.as_deref().unwrap_or_default();
    let is_listed = |name: &str| listed.iter().any(|condition| condition.type_ == name);
    let stored = pod.status.conditions.as_deref().unwrap_or_default();
    let has_others = stored.iter().any(|condition| !is_listed(&condition.type_));
    let has_class = reported.qos_class == pod.status.qos_class;
    if !has_others && has_class {
        return reported.clone();
    }
    let mut status = (**reported).clone();
    status.qos_class.clone_from(&pod.status.qos_class);
    let others = stored.iter().filter(|condition| !is_listed(&condition.type_)).cloned();
    let mut conditions: Vec<core::PodCondition> = others.collect();
    conditions.extend(listed.iter().cloned());
    status.conditions = Some(conditions);
    Rc::new(status)
}
