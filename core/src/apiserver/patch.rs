//! Patches: what clients send when they do not send whole objects.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/handlers/patch.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use serde_json::Value;

use super::handle::{Request, existing};
use super::store::Store;
use super::{
    ApiError, Change, Fault, FieldError, Patch, Reason, Station, Verb, admission, body, json_patch, metadata,
    strategic_merge, update,
};
use crate::api::written::Written;
use crate::api::{Kind, Object, ObjectRef, Owner, Pod, Uid, go_types, strict};
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
        Patch::Strategic(_) | Patch::Applied(_) | Patch::Merge(_) | Patch::Json(_) | Patch::Scale(_) => {
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

/// The object that a client's patch makes of the stored one. Fields that the kind has not are dropped, but for those of
/// an apply, which are refused.
fn patched(before: &Object, patch: &Patch) -> Result<Object, ApiError> {
    let kind = before.kind();
    let bare = before.to_json();
    let json = merged(kind, &bare, patch)?;
    let mut decoded = strict::decode(kind, &Written::from(&json));
    if let (Some(wrong), Patch::Strategic(_) | Patch::Scale(_)) = (&decoded.wrong, patch) {
        return Err(does_not_fit(patch, &wrong.message));
    }
    if !matches!(patch, Patch::Applied(_)) {
        decoded.fields.clear();
    }
    let mut object = body::decoded(kind, &decoded)?;
    // The patch was merged into this very version: only a resourceVersion of its own can conflict.
    let version = |json: &Value| json.pointer("/metadata/resourceVersion").cloned();
    if version(&json) == version(&bare) {
        object.set_resource_version(0);
    }
    Ok(object)
}

/// What a client's patch makes of the JSON of an object.
fn merged(kind: Kind, bare: &Value, patch: &Patch) -> Result<Value, ApiError> {
    let mut json = bare.clone();
    match patch {
        Patch::Strategic(_) | Patch::Applied(_) if is_custom(kind) => {
            let message = "the body of the request was in an unknown format - accepted media types include: \
                           application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
            return Err(ApiError::new(Reason::UnsupportedMediaType, Station::Defaulting, message));
        }
        Patch::Strategic(patch) | Patch::Applied(patch) => {
            refuse_all_but_maps(patch, "")?;
            strategic_merge::merge(&mut json, patch);
        }
        Patch::Merge(patch) => {
            refuse_all_but_maps(patch, "error decoding patch: ")?;
            json_patch::merge(&mut json, patch);
        }
        Patch::Scale(replicas) => {
            json_patch::merge(&mut json, &serde_json::json!({ "spec": { "replicas": replicas } }));
        }
        Patch::Json(operations) => {
            if !operations.is_array() {
                let what = go_name(operations);
                let fault = format!(
                    "error decoding patch: json: cannot unmarshal {what} into Go value of type jsonpatch.Patch"
                );
                return Err(ApiError::new(Reason::BadRequest, Station::Defaulting, fault));
            }
            json_patch::apply(&mut json, operations).map_err(|_| {
                let message = "the server rejected our request due to an error in our request";
                ApiError::new(Reason::Invalid, Station::Defaulting, message)
            })?;
        }
        _ => {}
    }
    Ok(json)
}

/// The fields of a client's patch that the kind has not: `unknown field "spec.nope"`. They are warned of.
pub(crate) fn unknown_fields(before: &Object, patch: &Patch) -> Vec<String> {
    let Ok(json) = merged(before.kind(), &before.to_json(), patch) else { return Vec::new() };
    let decoded = strict::decode(before.kind(), &Written::from(&json));
    decoded.fields.iter().map(|field| field.message()).collect()
}

fn refuse_all_but_maps(patch: &Value, doing: &str) -> Result<(), ApiError> {
    if patch.is_object() {
        return Ok(());
    }
    let what = go_name(patch);
    let fault =
        format!("{doing}json: cannot unmarshal {what} into Go value of type map[string]interface {{}}");
    Err(ApiError::new(Reason::BadRequest, Station::Defaulting, fault))
}

/// What Go's decoder calls a value.
fn go_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A strategic merge patch whose values are not of the fields' types. `message` is how a whole object would be refused.
/// Upstream: `applyPatchToObject`, `runtime.DefaultUnstructuredConverter`.
fn does_not_fit(patch: &Patch, message: &str) -> ApiError {
    let words = message.strip_prefix("json: cannot unmarshal ").and_then(|rest| rest.split_once(" into Go "));
    let known = words.and_then(|(from, rest)| Some((from, rest.rsplit_once(" of type ")?.1)));
    let detail = known.map_or_else(|| message.to_owned(), |(from, go_type)| conversion(from, go_type));
    let value = match patch {
        Patch::Strategic(value) => as_go_prints(value),
        _ => String::new(),
    };
    let message = format!(" \"\" is invalid: patch: Invalid value: {value:?}: {detail}");
    let mut error = ApiError::new(Reason::Invalid, Station::Defaulting, message);
    let fault = Fault::Invalid;
    error.causes.push(FieldError { field: "patch".to_owned(), fault, value: format!("{value:?}"), detail });
    error
}

fn conversion(from: &str, go_type: &str) -> String {
    let from = match from.split(' ').next().unwrap_or(from) {
        "number" if from.contains('.') => "float64",
        "number" => "int64",
        "object" => "map",
        "array" => "slice",
        other => other,
    };
    let kind = match go_types::shape(go_type) {
        Some(go_types::Shape::Named(other)) => other,
        Some(go_types::Shape::Struct(_)) => "struct",
        None => go_type,
    };
    match kind {
        "struct" => format!("cannot restore struct from: {from}"),
        list if list.starts_with("[]") => format!("cannot restore slice from {from}"),
        map if map.starts_with("map[") => format!("cannot restore map from {from}"),
        // Go could turn a number into a letter, or cut it.
        "string" if from == "int64" => format!("cannot convert {from} to string"),
        "int32" | "int64" if from == "float64" => format!("cannot convert {from} to {kind}"),
        plain => format!("unrecognized type: {plain}"),
    }
}

/// `map[spec:map[replicas:x]]`, as Go prints with `%+v`.
fn as_go_prints(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| format!("{name}:{}", as_go_prints(value)));
            format!("map[{}]", fields.collect::<Vec<_>>().join(" "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(as_go_prints).collect::<Vec<_>>().join(" "))
        }
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
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
