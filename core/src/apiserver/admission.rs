//! Admission: plugins that complete or refuse what was asked for, in upstream's order.
//! Upstream: `plugin/pkg/admission`, `staging/src/k8s.io/apiserver/pkg/admission/plugin`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::authentication::User;
use super::handle::Request;
use super::store::Store;
use super::{ApiError, Reason, Station};
use crate::api::{Key, Kind, Labels, Namespace, Node, Object, ObjectRef, Pod, PriorityClass, ServiceAccount};

/// How long a pod stays on a node that is not ready or out of reach, where it does not say itself.
const TOLERATION_SECONDS: i64 = 300;
/// The taints that every pod tolerates for a while.
const TOLERATED: [&str; 2] = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
/// Namespaces that are never deleted.
const IMMORTAL: [&str; 3] = ["default", "kube-system", "kube-public"];
/// The classes that every cluster has.
const SYSTEM_CLASSES: [(&str, i32); 2] =
    [("system-cluster-critical", 2_000_000_000), ("system-node-critical", 2_000_001_000)];
/// Marks the API's picture of a static pod.
const MIRROR_ANNOTATION: &str = "kubernetes.io/config.mirror";
/// The labels of nodes that bound pods carry too.
const TOPOLOGY_LABELS: [&str; 2] = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone"];

/// Admits the creation of an object, or refuses it.
pub(super) fn create(store: &Store, request: Request<'_>, object: &Object) -> Result<(), ApiError> {
    namespace_lifecycle(store, object)?;
    if let User::Node(node) = request.user {
        node_restriction_on_create(node, object)?;
    }
    Ok(())
}

/// Admits a write to an existing object, or refuses it.
pub(super) fn update(request: Request<'_>, stored: &Object, subresource: &str) -> Result<(), ApiError> {
    let User::Node(node) = request.user else { return Ok(()) };
    match stored {
        Object::Pod(pod) if subresource == "status" && pod.node() != Some(node) => {
            let detail = format!(
                "node \"{node}\" can only update pod status for pods with spec.nodeName set to itself"
            );
            Err(forbidden(&stored.reference(), &detail))
        }
        Object::Node(other) if other.name() != node => {
            let detail = format!("node \"{node}\" is not allowed to modify node \"{}\"", other.name());
            Err(forbidden(&stored.reference(), &detail))
        }
        _ => Ok(()),
    }
}

/// Admits a deletion, or refuses it.
pub(super) fn delete(request: Request<'_>, stored: &Object) -> Result<(), ApiError> {
    let target = stored.reference();
    let may_go = target.name() == "default" && !request.protects_default;
    if target.kind == Kind::Namespace && IMMORTAL.contains(&target.name()) && !may_go {
        return Err(forbidden(&target, "this namespace may not be deleted"));
    }
    match (request.user, stored) {
        (User::Node(node), Object::Pod(pod)) if pod.node() != Some(node) => {
            let detail = format!("node \"{node}\" can only delete pods with spec.nodeName set to itself");
            Err(forbidden(&target, &detail))
        }
        _ => Ok(()),
    }
}

/// Completes the spec of a new pod: ServiceAccount, Priority, then DefaultTolerationSeconds.
pub(super) fn pod_spec(store: &Store, spec: &mut core::PodSpec, pod: &Pod) -> Result<(), ApiError> {
    pull_secrets(store, spec, pod);
    let target = || ObjectRef::new(Kind::Pod, pod.key.clone());
    let asked = spec.priority_class_name.as_deref().unwrap_or_default();
    let Some(class) = Priority::named(store, asked) else {
        return Err(forbidden(&target(), &format!("no PriorityClass with name {asked} was found")));
    };
    let computed = class.value;
    if let Some(priority) = spec.priority.filter(|priority| *priority != computed) {
        let detail = format!(
            "the integer value of priority ({priority}) must not be provided in pod spec; priority admission \
             controller computed {computed} from the given PriorityClass name"
        );
        return Err(forbidden(&target(), &detail));
    }
    if let Some(asked) = &spec.preemption_policy
        && *asked != class.preemption_policy
    {
        let detail = format!(
            "the string value of PreemptionPolicy ({asked}) must not be provided in pod spec; priority admission \
             controller computed {} from the given PriorityClass name",
            class.preemption_policy
        );
        return Err(forbidden(&target(), &detail));
    }
    if asked.is_empty() {
        spec.priority_class_name = class.name;
    }
    spec.priority = Some(computed);
    spec.preemption_policy = Some(class.preemption_policy);
    default_tolerations(spec);
    if spec.runtime_class_name.is_some() || spec.overhead.is_some() {
        runtime_class(store, spec).map_err(|detail| forbidden(&target(), &detail))?;
    }
    Ok(())
}

/// A pod without pull secrets gets those of its account, if there is such a one: the account of a pod that names none is
/// called `default`. No account is made here for a namespace, and none is missed. Upstream:
/// `plugin/pkg/admission/serviceaccount`.
fn pull_secrets(store: &Store, spec: &mut core::PodSpec, pod: &Pod) {
    let has_some = spec.image_pull_secrets.as_ref().is_some_and(|secrets| !secrets.is_empty());
    if has_some || pod.is_mirror() || store.count::<ServiceAccount>() == 0 {
        return;
    }
    let name = spec.service_account_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("default");
    let account = store.get::<ServiceAccount>(&Key::new(pod.key.namespace.clone(), name));
    spec.image_pull_secrets = account.and_then(|account| account.spec.image_pull_secrets.clone());
}

/// A RuntimeClass has to be there, and what it costs beside the containers is its own to say.
/// Upstream: `plugin/pkg/admission/runtimeclass`.
#[inline(never)]
fn runtime_class(store: &Store, spec: &mut core::PodSpec) -> Result<(), String> {
    let Some(name) = spec.runtime_class_name.as_deref() else {
        return Err(
            "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead".to_owned()
        );
    };
    let kind = Kind::from_manifest("node.k8s.io/v1", "RuntimeClass");
    let class = kind.and_then(|kind| store.object(&ObjectRef::new(kind, Key::new("", name))));
    let Some(Object::Inert(class)) = class else {
        return Err(format!("pod rejected: RuntimeClass \"{name}\" not found"));
    };
    let costs = class.spec.fields.get("overhead").map(|overhead| overhead["podFixed"].clone());
    let costs = costs.and_then(|costs| serde_json::from_value(costs).ok());
    match (&spec.overhead, costs) {
        (None, costs) => spec.overhead = costs,
        (Some(own), costs) if costs.as_ref() != Some(own) => {
            return Err(
                "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead".to_owned()
            );
        }
        (Some(_), _) => {}
    }
    Ok(())
}

/// What a PriorityClass gives a pod.
struct Priority {
    /// The class, unless the pod is of none.
    name: Option<String>,
    value: i32,
    preemption_policy: String,
}

impl Priority {
    /// The class of this name; with an empty one the default, or none at all. `None` where there is no such class.
    fn named(store: &Store, name: &str) -> Option<Priority> {
        if let Some((name, value)) = SYSTEM_CLASSES.into_iter().find(|(known, _)| *known == name) {
            return Some(Priority::of(Some(name), value, None));
        }
        let mut classes = store.list::<PriorityClass>();
        let class = match name {
            // The lowest of several defaults: one of them came later, and was not meant.
            "" => classes
                .filter(|class| class.spec.global_default == Some(true))
                .min_by_key(|class| (class.spec.value.unwrap_or(0), class.key.clone())),
            name => classes.find(|class| class.name() == name),
        };
        match class {
            Some(class) => {
                let policy = class.spec.preemption_policy.as_deref();
                Some(Priority::of(Some(class.name()), class.spec.value.unwrap_or(0), policy))
            }
            None => name.is_empty().then(|| Priority::of(None, 0, None)),
        }
    }

    fn of(name: Option<&str>, value: i32, preemption_policy: Option<&str>) -> Priority {
        Priority {
            name: name.map(str::to_owned),
            value,
            preemption_policy: preemption_policy.unwrap_or("PreemptLowerPriority").to_owned(),
        }
    }
}

/// Completes the spec of a pod that exists: what admission gave it stays.
pub(super) fn updated_pod_spec(spec: &mut core::PodSpec, stored: &core::PodSpec) {
    if spec.priority.is_none() {
        spec.priority = stored.priority;
    }
    if spec.preemption_policy.is_none() {
        spec.preemption_policy.clone_from(&stored.preemption_policy);
    }
    default_tolerations(spec);
}

fn default_tolerations(spec: &mut core::PodSpec) {
    for taint in TOLERATED {
        let tolerates = |toleration: &core::Toleration| {
            let key = toleration.key.as_deref().unwrap_or_default();
            let effect = toleration.effect.as_deref().unwrap_or_default();
            (key == taint || key.is_empty()) && (effect == "NoExecute" || effect.is_empty())
        };
        let tolerations = spec.tolerations.get_or_insert_default();
        if tolerations.iter().any(tolerates) {
            continue;
        }
        tolerations.push(core::Toleration {
            key: Some(taint.to_owned()),
            operator: Some("Exists".to_owned()),
            effect: Some("NoExecute".to_owned()),
            toleration_seconds: Some(TOLERATION_SECONDS),
            value: None,
        });
    }
}

/// The labels of a pod once it is bound to `node`: PodTopologyLabels copies the node's zone and region.
pub(super) fn labels_at_binding(pod: &Pod, node: Option<&Rc<Node>>) -> Rc<Labels> {
    let mut labels = pod.meta.labels.clone();
    for name in TOPOLOGY_LABELS {
        if let Some(value) = node.and_then(|node| node.label(name))
            && labels.get(name).map(String::as_str) != Some(value)
        {
            Rc::make_mut(&mut labels).insert(name.to_owned(), value.to_owned());
        }
    }
    labels
}

/// Nothing is created in a namespace that does not exist or is going away.
fn namespace_lifecycle(store: &Store, object: &Object) -> Result<(), ApiError> {
    if !object.kind().is_namespaced() {
        return Ok(());
    }
    let name = &object.key().namespace;
    let Some(namespace) = store.get_cluster_wide::<Namespace>(name) else {
        let target = ObjectRef::new(Kind::Namespace, Key::new("", name.clone()));
        let mut error = ApiError::not_found(&target);
        error.station = Station::Admission;
        return Err(error);
    };
    if !namespace.is_terminating() {
        return Ok(());
    }
    let detail = format!("unable to create new content in namespace {name} because it is being terminated");
    Err(forbidden(&object.reference(), &detail))
}

/// A kubelet creates its own node and the mirrors of its static pods, nothing else.
fn node_restriction_on_create(node: &str, object: &Object) -> Result<(), ApiError> {
    let detail = match object {
        Object::Pod(pod) if pod.annotation(MIRROR_ANNOTATION).is_none() => format!(
            "pod does not have \"{MIRROR_ANNOTATION}\" annotation, node \"{node}\" can only create mirror pods"
        ),
        Object::Pod(pod) if pod.node() != Some(node) => {
            format!("node \"{node}\" can only create pods with spec.nodeName set to itself")
        }
        Object::Node(other) if other.name() != node => {
            format!("node \"{node}\" is not allowed to modify node \"{}\"", other.name())
        }
        _ => return Ok(()),
    };
    Err(forbidden(&object.reference(), &detail))
}

/// `pods "web" is forbidden: …`
pub(super) fn forbidden(target: &ObjectRef, detail: &str) -> ApiError {
    let message = format!("{} \"{}\" is forbidden: {detail}", target.kind.qualified_plural(), target.name());
    ApiError::new(Reason::Forbidden, Station::Admission, message)
}
