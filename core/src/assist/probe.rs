//! What a field may be, what it is without being written, whether it must be, and whether it may change: asked of the
//! API server with objects that hold little else.
//!
//! No list of values stands here: whatever defaulting and validation say is what the editor shows.

use serde_json::{Map, Value, json};

use super::schema;
use super::skeletons;
use crate::api::strict;
use crate::api::written::Written;
use crate::api::{Kind, Object};
use crate::apiserver::{ApiError, Fault, FieldError, Request, Store, User, Write, body, handle};
use crate::engine::World;
use crate::manifest::{Segment, shown_path};
use crate::rng::Rng;
use crate::simulation::Simulation;
use crate::time::Time;

/// A value that no field takes.
const IMPOSSIBLE: &str = "?";

/// Words by which the API server refuses to change a field.
const MAY_NOT_CHANGE: [&str; 4] = ["immutable", "may not change", "updates to", "may not be changed"];

/// The values that a text field may have; empty where it may have many.
pub(super) fn values(kind: Kind, path: &[Segment]) -> Vec<String> {
    let Some(object) = decoded(kind, &around(kind, path, IMPOSSIBLE.into())) else { return Vec::new() };
    let wanted = shown_path(path);
    let faults = faults(create(&object).err());
    // Some refusals name the struct that the field is in.
    let is_about = |fault: &FieldError| {
        wanted.strip_prefix(&fault.field).is_some_and(|rest| rest == "[0]" || !rest.contains('['))
    };
    let fault = faults.into_iter().find(|fault| is_about(fault) && fault.value.contains(IMPOSSIBLE));
    fault.map_or_else(Vec::new, |fault| listed(&fault.detail))
}

/// `["TCP", "UDP"]` of `supported values: "TCP", "UDP"`.
pub(super) fn listed(detail: &str) -> Vec<String> {
    let Some((_, list)) = detail.split_once("values: ") else { return Vec::new() };
    list.split(", ")
        .map(|value| value.trim_matches('"').to_owned())
        .filter(|value| !value.is_empty())
        .collect()
}

/// What the field is where nobody writes it; `None` where that is nothing, or depends on others.
pub(super) fn default(kind: Kind, path: &[Segment]) -> Option<Value> {
    let (last, holder) = path.split_last()?;
    // A pod's spec is completed in its template too.
    let (kind, wanted) = match (kind, holder) {
        (Kind::Pod, [Segment::Key(first), ..]) if first == "spec" => {
            let template = [Segment::Key("spec".to_owned()), Segment::Key("template".to_owned())];
            (Kind::Deployment, template.into_iter().chain(path.iter().cloned()).collect::<Vec<_>>())
        }
        _ => (kind, path.to_vec()),
    };
    let holder = &wanted[..wanted.len() - 1];
    let json = decoded(kind, &around(kind, holder, json!({})))?;
    let completed = crate::apiserver::completed(&json).to_json();
    let Segment::Key(name) = last else { return None };
    let found = at(&completed, holder)?.get(name)?;
    (!found.is_null() && *found != json!({})).then(|| found.clone())
}

/// The fields that the API server asks for in a struct which has none.
pub(super) fn required(kind: Kind, holder: &[Segment]) -> Vec<String> {
    let Some(object) = decoded(kind, &around(kind, holder, json!({}))) else { return Vec::new() };
    let prefix = match shown_path(holder) {
        path if path.is_empty() => path,
        path => format!("{path}."),
    };
    let faults = faults(create(&object).err());
    let own = faults.iter().filter_map(|fault| fault.field.strip_prefix(&prefix));
    let mut names: Vec<String> =
        own.filter_map(|rest| rest.split(['.', '[']).next().map(str::to_owned)).collect();
    if holder.is_empty() {
        names.extend(["apiVersion", "kind", "metadata"].map(str::to_owned));
    }
    if matches!(holder, [Segment::Key(only)] if only == "metadata") {
        names.push("name".to_owned());
    }
    crate::order::sort(&mut names);
    names.dedup();
    names
}

/// Whether the API server refuses to change the field of an object that exists.
pub(super) fn is_immutable(kind: Kind, path: &[Segment]) -> bool {
    let Some(mut before) = skeletons::example(kind) else { return false };
    let Some(go_type) = schema::type_at(kind, path) else { return false };
    let now = at(&before, path).cloned().or_else(|| default(kind, path));
    let Some(other) = other_value(kind, path, now.as_ref(), go_type) else { return false };
    let mut after = before.clone();
    set(&mut after, path, other);
    if at(&before, path).is_none() && at(&after, path).is_none() {
        return false;
    }
    for json in [&mut before, &mut after] {
        json["metadata"]["namespace"] = if kind.is_namespaced() { "default".into() } else { Value::Null };
    }
    let (Some(before), Some(after)) = (decoded(kind, &before), decoded(kind, &after)) else { return false };
    let world = World::new(Simulation::default(), Vec::new());
    let (mut store, mut rng) = ((*world.store).clone(), Rng::new(1));
    let request = Request { user: User::Admin, now: Time::ZERO, dry_run: true, protects_default: true };
    if handle(&mut store, request, &Write::Create(before), &mut rng).is_err() {
        return false;
    }
    let wanted = shown_path(path);
    let faults = faults(handle(&mut store, request, &Write::Update(after), &mut rng).err());
    faults.iter().any(|fault| {
        let is_about = wanted.starts_with(&fault.field) || fault.field.starts_with(&wanted);
        let is_refused = MAY_NOT_CHANGE.iter().any(|words| fault.detail.contains(words));
        is_about && (is_refused || (fault.fault == Fault::Forbidden && fault.field == "spec"))
    })
}

/// A value of the field's type that it has not.
fn other_value(kind: Kind, path: &[Segment], now: Option<&Value>, go_type: &'static str) -> Option<Value> {
    let is_scalar = !schema::is_struct(go_type) && !go_type.starts_with("[]");
    match (now, go_type) {
        (Some(Value::Number(number)), _) => Some(json!(number.as_i64()? + 1)),
        (Some(Value::Bool(flag)), _) => Some(json!(!flag)),
        (Some(Value::Object(fields)), _) if schema::map_value(go_type) == Some("string") => {
            let mut fields = fields.clone();
            fields.insert("other".to_owned(), json!("other"));
            Some(Value::Object(fields))
        }
        (Some(Value::Object(fields)), _) => {
            let mut fields: Map<String, Value> = fields.clone();
            let (name, inner) = fields.iter().next().map(|(name, inner)| (name.clone(), inner.clone()))?;
            let inner_path: Vec<Segment> = path.iter().cloned().chain([Segment::Key(name.clone())]).collect();
            let inner_type = schema::type_at(kind, &inner_path)?;
            fields.insert(name, other_value(kind, &inner_path, Some(&inner), inner_type)?);
            Some(Value::Object(fields))
        }
        (_, "int32" | "int64") => Some(json!(7)),
        (_, "bool") => Some(json!(true)),
        _ if is_scalar => {
            let now = now.and_then(Value::as_str);
            let supported = values(kind, path);
            let other = supported.iter().find(|value| Some(value.as_str()) != now);
            // Much the same: another image's name would come with another default of its pull policy.
            let longer = now.map_or_else(|| "other".to_owned(), |now| format!("{now}x"));
            Some(json!(other.map_or(longer, String::clone)))
        }
        _ => None,
    }
}

/// An object that holds one value, and what leads to it.
fn around(kind: Kind, path: &[Segment], value: Value) -> Value {
    let whole = path.iter().rev().fold(value, |inner, segment| match segment {
        Segment::Key(key) => json!({ key: inner }),
        Segment::Index(_) => json!([inner]),
    });
    let Value::Object(mut whole) = whole else { return Value::Null };
    whole.insert("apiVersion".to_owned(), kind.names().api_version.into());
    whole.insert("kind".to_owned(), kind.name().into());
    let metadata = whole.entry("metadata").or_insert_with(|| json!({}));
    if metadata.get("name").is_none() {
        metadata["name"] = "probe".into();
    }
    if kind.is_namespaced() {
        metadata["namespace"] = "default".into();
    }
    Value::Object(whole)
}

fn decoded(kind: Kind, json: &Value) -> Option<Object> {
    body::decoded(kind, &strict::decode(kind, &Written::from(json))).ok()
}

/// What the API server says of a new object in a cluster that has nothing else.
fn create(object: &Object) -> Result<(), ApiError> {
    create_in(&World::new(Simulation::default(), Vec::new()).store, object)
}

/// What the API server says of a new object beside what is stored.
pub(super) fn create_in(store: &Store, object: &Object) -> Result<(), ApiError> {
    let mut store = store.clone();
    let request = Request { user: User::Admin, now: Time::ZERO, dry_run: true, protects_default: true };
    handle(&mut store, request, &Write::Create(object.clone()), &mut Rng::new(1)).map(|_| ())
}

fn faults(error: Option<ApiError>) -> Vec<FieldError> {
    error.map_or_else(Vec::new, |error| error.causes)
}

fn at<'a>(json: &'a Value, path: &[Segment]) -> Option<&'a Value> {
    path.iter().try_fold(json, |json, segment| match segment {
        Segment::Key(key) => json.get(key),
        Segment::Index(index) => json.get(index).or_else(|| json.get(0)),
    })
}

/// Puts a value in, with the maps and lists that lead to it.
fn set(json: &mut Value, path: &[Segment], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *json = value;
        return;
    };
    match (first, &mut *json) {
        (Segment::Key(key), Value::Object(fields)) => {
            set(fields.entry(key).or_insert_with(|| json!({})), rest, value);
        }
        (Segment::Index(_), Value::Array(items)) if !items.is_empty() => set(&mut items[0], rest, value),
        // What leads there does not exist: nothing is changed.
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::parse_path;

    #[test]
    fn values_are_those_that_the_api_server_lists() {
        let told = |kind, path: &str| values(kind, &parse_path(path)).join(" ");
        assert_eq!(told(Kind::Deployment, "spec.strategy.type"), "Recreate RollingUpdate");
        assert_eq!(told(Kind::Pod, "spec.containers[0].ports[0].protocol"), "SCTP TCP UDP");
        assert_eq!(told(Kind::Pod, "spec.containers[0].imagePullPolicy"), "Always IfNotPresent Never");
        assert_eq!(told(Kind::Service, "spec.type"), "ClusterIP ExternalName LoadBalancer NodePort");
        assert_eq!(told(Kind::Deployment, "metadata.name"), "");
    }

    #[test]
    fn defaults_are_those_that_the_api_server_fills_in() {
        let told = |kind, path: &str| default(kind, &parse_path(path)).map(|value| value.to_string());
        assert_eq!(told(Kind::Deployment, "spec.replicas").as_deref(), Some("1"));
        assert_eq!(
            told(Kind::Deployment, "spec.strategy.rollingUpdate.maxSurge").as_deref(),
            Some("\"25%\"")
        );
        assert_eq!(told(Kind::Pod, "spec.terminationGracePeriodSeconds").as_deref(), Some("30"));
        assert_eq!(told(Kind::Pod, "spec.containers[0].readinessProbe.periodSeconds").as_deref(), Some("10"));
        assert_eq!(told(Kind::Service, "spec.type").as_deref(), Some("\"ClusterIP\""));
        assert_eq!(told(Kind::Deployment, "spec.selector"), None);
    }

    #[test]
    fn what_must_be_given_is_what_the_api_server_misses() {
        let told = |kind, path: &str| required(kind, &parse_path(path)).join(" ");
        assert_eq!(told(Kind::Pod, "spec.containers[0]"), "image name");
        assert!(told(Kind::Deployment, "spec").starts_with("selector template"));
        assert_eq!(told(Kind::Deployment, "metadata"), "name");
    }

    #[test]
    fn what_may_not_change_is_what_the_api_server_refuses_to_change() {
        let told = |kind, path: &str| is_immutable(kind, &parse_path(path));
        assert!(told(Kind::Deployment, "spec.selector"));
        assert!(!told(Kind::Deployment, "spec.replicas"));
        assert!(!told(Kind::Deployment, "spec.template.spec.containers[0].image"));
        assert!(told(Kind::StatefulSet, "spec.serviceName"));
        assert!(!told(Kind::StatefulSet, "spec.replicas"));
        assert!(told(Kind::Pod, "spec.restartPolicy"));
        assert!(!told(Kind::Pod, "spec.containers[0].image"));
        assert!(told(Kind::Job, "spec.template"));
    }
}
