//! May they? RBAC: upstream's bootstrap roles in one table for each component, Roles and bindings for people.
//!
//! Rules add up and none denies; `system:masters` may do everything. The check comes before anything is read, so
//! a refusal does not tell whether the object exists.
//! Upstream: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/{policy,controller_policy}.go`.

use super::authentication::User;
use super::rbac::{self, Access};
use super::{ApiError, Reason, Station, Store, Verb, Write};
use crate::api::{Kind, ObjectRef};

/// Verbs on resources of one API group. A resource may name a subresource: `pods/status`.
struct Rule {
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
}

/// What RBAC calls the verb of a write.
pub(super) const fn verb(write: &Write) -> &'static str {
    match write {
        Write::Create(_) | Write::Bind { .. } | Write::Evict { .. } => "create",
        Write::Update(_) | Write::UpdateStatus(_) => "update",
        Write::Patch { .. } => "patch",
        Write::Delete { .. } => "delete",
    }
}

/// Refuses a write that no rule allows.
pub(super) fn authorize(store: &Store, user: User<'_>, write: &Write) -> Result<(), ApiError> {
    if matches!(user, User::Admin | User::ApiServer) {
        return Ok(());
    }
    // A create is authorized by its resource alone: its object has not been decoded.
    let is_named = write.verb() != Verb::Create || !write.subresource().is_empty();
    check(store, user, verb(write), &write.target(), write.subresource(), is_named)
}

/// Refuses what no rule allows: `verb` (`get`, `list`, …) on one object, or on all of its kind in its namespace.
///
/// # Errors
/// 403, in the API server's words.
pub fn check(
    store: &Store,
    user: User<'_>,
    verb: &str,
    target: &ObjectRef,
    subresource: &str,
    is_named: bool,
) -> Result<(), ApiError> {
    let reason = if let User::Person(person) = user {
        if person.is_master() {
            return Ok(());
        }
        let access = Access {
            verb,
            group: target.kind.group(),
            resource: target.kind.names().plural,
            subresource,
            name: if is_named { target.name() } else { "" },
            namespace: &target.key.namespace,
        };
        match rbac::decide(store, person, access) {
            Ok(()) => return Ok(()),
            Err(reason) => reason,
        }
    } else if may(user, verb, target.kind, subresource) {
        return Ok(());
    } else {
        String::new()
    };
    Err(forbidden(user, verb, target, subresource, is_named, &reason))
}

/// Refuses a look at what pods or nodes use that no rule allows: `verb` on the metrics of one, or on those of all where
/// the target has no name.
///
/// # Errors
/// 403, in the API server's words.
pub fn check_metrics(store: &Store, user: User<'_>, verb: &str, target: &ObjectRef) -> Result<(), ApiError> {
    let User::Person(person) = user else { return Ok(()) };
    let (group, resource) = ("metrics.k8s.io", target.kind.names().plural);
    let (name, namespace) = (target.name(), &*target.key.namespace);
    let access = Access { verb, group, resource, subresource: "", name, namespace };
    if person.is_master() {
        return Ok(());
    }
    rbac::decide(store, person, access).map_err(|reason| {
        let object = format!("{resource}.{group}");
        let object = if name.is_empty() { object } else { format!("{object} \"{name}\"") };
        refusal(user, verb, &object, (group, resource), namespace, &reason)
    })
}

/// Whether a component may use `verb` (`get`, `list`, `create`, `patch`, …) on a kind or its subresource.
fn may(user: User<'_>, verb: &str, kind: Kind, subresource: &str) -> bool {
    let rules = match user {
        User::Admin | User::ApiServer => return true,
        User::Person(_) => return false,
        User::Scheduler => SCHEDULER,
        User::Node(_) => NODE,
        User::Proxy => NODE_PROXIER,
        User::Controller(component) => controller(component),
    };
    rules.iter().any(|rule| rule.allows(verb, kind, subresource))
}

/// The roles of the controller-manager's controllers, by the component that records their Events.
fn controller(component: &str) -> &'static [Rule] {
    match component {
        "deployment-controller" => DEPLOYMENT_CONTROLLER,
        "replicaset-controller" => REPLICA_SET_CONTROLLER,
        "replication-controller" => REPLICATION_CONTROLLER,
        "statefulset-controller" => STATEFUL_SET_CONTROLLER,
        "daemonset-controller" => DAEMON_SET_CONTROLLER,
        "job-controller" => JOB_CONTROLLER,
        "cronjob-controller" => CRON_JOB_CONTROLLER,
        "ttl-after-finished-controller" => TTL_AFTER_FINISHED_CONTROLLER,
        "endpoint-slice-controller" => ENDPOINT_SLICE_CONTROLLER,
        "endpoint-controller" => ENDPOINT_CONTROLLER,
        "resourcequota-controller" => RESOURCE_QUOTA_CONTROLLER,
        "controllermanager" => DISRUPTION_CONTROLLER,
        "node-controller" => NODE_CONTROLLER,
        "taint-eviction-controller" => TAINT_EVICTION_CONTROLLER,
        "pod-garbage-collector" => POD_GC_CONTROLLER,
        "horizontal-pod-autoscaler" => AUTOSCALER_CONTROLLER,
        "namespace-controller" => NAMESPACE_CONTROLLER,
        "persistentvolume-controller" => PERSISTENT_VOLUME_BINDER,
        "pvc-protection-controller" => VOLUME_PROTECTION_CONTROLLER,
        "ephemeral_volume" => EPHEMERAL_VOLUME_CONTROLLER,
        "disk.sim.kubestep.dev" => PROVISIONER,
        "service-controller" => SERVICE_CONTROLLER,
        "endpoint-slice-mirroring-controller" => ENDPOINT_SLICE_MIRRORING_CONTROLLER,
        "garbage-collector-controller" => GARBAGE_COLLECTOR,
        _ => &[],
    }
}

impl Rule {
    fn allows(&self, verb: &str, kind: Kind, subresource: &str) -> bool {
        if self.group != "*" && self.group != kind.group() || !self.verbs.contains(&verb) {
            return false;
        }
        self.resources.iter().any(|resource| {
            let (name, sub) = resource.split_once('/').unwrap_or((resource, ""));
            *resource == "*" || name == kind.names().plural && sub == subresource
        })
    }
}

const READ: &[&str] = &["get", "list", "watch"];

const fn rule(
    group: &'static str,
    resources: &'static [&'static str],
    verbs: &'static [&'static str],
) -> Rule {
    Rule { group, resources, verbs }
}

const EVENTS: Rule = rule("", &["events"], &["create", "update", "patch"]);

const DEPLOYMENT_CONTROLLER: &[Rule] = &[
    rule("apps", &["deployments"], &["get", "list", "watch", "update"]),
    rule("apps", &["deployments/status", "deployments/finalizers"], &["update"]),
    rule("apps", &["replicasets"], &["get", "list", "watch", "create", "update", "patch", "delete"]),
    rule("", &["pods"], &["get", "list", "update", "watch"]),
    EVENTS,
];

const REPLICA_SET_CONTROLLER: &[Rule] = &[
    rule("apps", &["replicasets"], &["get", "list", "watch", "update"]),
    rule("apps", &["replicasets/status", "replicasets/finalizers"], &["update"]),
    rule("", &["pods"], &["list", "watch", "create", "patch", "delete"]),
    EVENTS,
];

const REPLICATION_CONTROLLER: &[Rule] = &[
    rule("", &["replicationcontrollers"], &["get", "list", "watch", "update"]),
    rule("", &["replicationcontrollers/status", "replicationcontrollers/finalizers"], &["update"]),
    rule("", &["pods"], &["list", "watch", "create", "patch", "delete"]),
    EVENTS,
];

const STATEFUL_SET_CONTROLLER: &[Rule] = &[
    rule("", &["pods"], &["get", "list", "watch", "create", "delete", "update", "patch"]),
    rule("apps", &["statefulsets"], READ),
    rule("apps", &["statefulsets/status", "statefulsets/finalizers"], &["update"]),
    rule("apps", &["controllerrevisions"], &["get", "list", "watch", "create", "delete", "update", "patch"]),
    rule("", &["persistentvolumeclaims"], &["get", "list", "watch", "create", "update", "delete"]),
    EVENTS,
];

const DAEMON_SET_CONTROLLER: &[Rule] = &[
    rule("apps", &["daemonsets"], READ),
    rule("apps", &["daemonsets/status", "daemonsets/finalizers"], &["update"]),
    rule("", &["nodes"], &["list", "watch"]),
    rule("", &["pods"], &["list", "watch", "create", "delete", "patch"]),
    rule("", &["pods/binding"], &["create"]),
    rule("apps", &["controllerrevisions"], &["get", "list", "watch", "create", "delete", "update", "patch"]),
    EVENTS,
];

const JOB_CONTROLLER: &[Rule] = &[
    rule("batch", &["jobs"], &["get", "list", "watch", "update", "patch"]),
    rule("batch", &["jobs/status", "jobs/finalizers"], &["update"]),
    rule("", &["pods"], &["list", "watch", "create", "delete", "patch"]),
    EVENTS,
];

const CRON_JOB_CONTROLLER: &[Rule] = &[
    rule("batch", &["jobs"], &["get", "list", "watch", "create", "update", "delete", "patch"]),
    rule("batch", &["cronjobs"], &["get", "list", "watch", "update"]),
    rule("batch", &["cronjobs/status", "cronjobs/finalizers"], &["update"]),
    rule("", &["pods"], &["list", "delete"]),
    EVENTS,
];

const TTL_AFTER_FINISHED_CONTROLLER: &[Rule] =
    &[rule("batch", &["jobs"], &["get", "list", "watch", "delete"]), EVENTS];

const ENDPOINT_SLICE_CONTROLLER: &[Rule] = &[
    rule("", &["services", "pods", "nodes"], READ),
    rule("", &["services/finalizers"], &["update"]),
    rule("discovery.k8s.io", &["endpointslices"], &["get", "list", "create", "update", "delete"]),
    EVENTS,
];

const ENDPOINT_CONTROLLER: &[Rule] = &[
    rule("", &["services", "pods"], READ),
    rule("", &["endpoints"], &["get", "list", "create", "update", "delete"]),
    EVENTS,
];

const RESOURCE_QUOTA_CONTROLLER: &[Rule] =
    &[rule("*", &["*"], &["list", "watch"]), rule("", &["resourcequotas/status"], &["update"]), EVENTS];

const DISRUPTION_CONTROLLER: &[Rule] = &[
    rule("", &["pods", "replicationcontrollers"], READ),
    rule("apps", &["deployments", "replicasets", "statefulsets"], READ),
    rule("policy", &["poddisruptionbudgets"], READ),
    rule("policy", &["poddisruptionbudgets/status"], &["update"]),
    EVENTS,
];

const NODE_CONTROLLER: &[Rule] = &[
    rule("", &["nodes"], &["get", "list", "update", "delete", "patch"]),
    rule("", &["nodes/status", "pods/status"], &["update", "patch"]),
    rule("", &["pods"], &["list", "get", "delete"]),
    EVENTS,
];

const TAINT_EVICTION_CONTROLLER: &[Rule] = &[
    rule("", &["pods"], &["get", "list", "watch", "delete"]),
    rule("", &["pods/status"], &["patch", "update"]),
    rule("", &["nodes"], READ),
    EVENTS,
];

const POD_GC_CONTROLLER: &[Rule] = &[
    rule("", &["pods"], &["list", "watch", "delete"]),
    rule("", &["pods/status"], &["patch", "update"]),
    rule("", &["nodes"], &["get", "list"]),
    EVENTS,
];

const AUTOSCALER_CONTROLLER: &[Rule] = &[
    rule("autoscaling", &["horizontalpodautoscalers"], READ),
    rule("autoscaling", &["horizontalpodautoscalers/status"], &["update"]),
    rule("apps", &["deployments", "replicasets", "statefulsets"], &["get", "update", "patch"]),
    rule("", &["replicationcontrollers"], &["get", "update", "patch"]),
    EVENTS,
];

const NAMESPACE_CONTROLLER: &[Rule] = &[
    rule("*", &["*"], &["get", "list", "delete"]),
    rule("", &["namespaces", "namespaces/status"], &["get", "list", "watch", "update"]),
    EVENTS,
];

const GARBAGE_COLLECTOR: &[Rule] =
    &[rule("*", &["*"], &["get", "list", "watch", "patch", "update", "delete"]), EVENTS];

const PERSISTENT_VOLUME_BINDER: &[Rule] = &[
    rule("", &["persistentvolumes"], &["get", "list", "watch", "update", "create", "delete"]),
    rule("", &["persistentvolumes/status"], &["update"]),
    rule("", &["persistentvolumeclaims"], &["get", "list", "watch", "update"]),
    rule("", &["persistentvolumeclaims/status"], &["update"]),
    rule("", &["pods"], &["list", "watch", "get", "create", "delete"]),
    rule("storage.k8s.io", &["storageclasses"], READ),
    EVENTS,
];

/// The roles `pvc-protection-controller` and `pv-protection-controller` together.
const VOLUME_PROTECTION_CONTROLLER: &[Rule] = &[
    rule("", &["persistentvolumeclaims", "persistentvolumes"], &["get", "list", "watch", "update", "patch"]),
    rule("", &["pods"], READ),
    EVENTS,
];

const EPHEMERAL_VOLUME_CONTROLLER: &[Rule] = &[
    rule("", &["pods"], READ),
    rule("", &["pods/finalizers"], &["update"]),
    rule("", &["persistentvolumeclaims"], &["get", "list", "watch", "create"]),
    EVENTS,
];

/// What the manifests of CSI drivers give the provisioner beside them.
const PROVISIONER: &[Rule] = &[
    rule("", &["persistentvolumes"], &["get", "list", "watch", "create", "patch", "delete"]),
    rule("", &["persistentvolumeclaims"], &["get", "list", "watch", "update"]),
    rule("storage.k8s.io", &["storageclasses"], READ),
    EVENTS,
];

const SERVICE_CONTROLLER: &[Rule] = &[
    rule("", &["services"], &["get", "list", "watch", "update", "patch"]),
    rule("", &["services/status"], &["update", "patch"]),
    rule("", &["nodes"], READ),
    EVENTS,
];

const ENDPOINT_SLICE_MIRRORING_CONTROLLER: &[Rule] = &[
    rule("", &["services", "endpoints"], READ),
    rule("", &["services/finalizers", "endpoints/finalizers"], &["update"]),
    rule("discovery.k8s.io", &["endpointslices"], &["get", "list", "create", "update", "delete"]),
    EVENTS,
];

const SCHEDULER: &[Rule] = &[
    rule("", &["persistentvolumeclaims", "persistentvolumes"], &["get", "list", "watch", "update"]),
    rule("storage.k8s.io", &["storageclasses"], READ),
    rule("", &["nodes", "services", "namespaces"], READ),
    rule("", &["pods"], &["get", "list", "watch", "delete"]),
    rule("", &["pods/binding"], &["create"]),
    rule("", &["pods/status"], &["patch", "update"]),
    rule("apps", &["replicasets", "statefulsets"], READ),
    EVENTS,
];

/// What the node authorizer lets every kubelet do. Admission narrows it to the kubelet's own node and pods.
const NODE: &[Rule] = &[
    rule("", &["services"], READ),
    rule("", &["nodes"], &["create", "get", "list", "watch", "update", "patch"]),
    rule("", &["nodes/status"], &["update", "patch"]),
    rule("", &["pods"], &["get", "list", "watch", "create", "delete"]),
    rule("", &["pods/status"], &["update", "patch"]),
    EVENTS,
];

const NODE_PROXIER: &[Rule] = &[
    rule("", &["services", "nodes"], READ),
    rule("discovery.k8s.io", &["endpointslices"], &["list", "watch"]),
    EVENTS,
];

/// `pods "web" is forbidden: User "x" cannot delete resource "pods" in API group "" in the namespace "default"`.
fn forbidden(
    user: User<'_>,
    verb: &str,
    target: &ObjectRef,
    subresource: &str,
    named: bool,
    reason: &str,
) -> ApiError {
    let plural = target.kind.names().plural;
    let object = target.kind.qualified_plural();
    let object = if named { format!("{object} \"{}\"", target.name()) } else { object };
    let resource = if subresource.is_empty() { plural.to_owned() } else { format!("{plural}/{subresource}") };
    refusal(user, verb, &object, (target.kind.group(), &resource), &target.key.namespace, reason)
}

fn refusal(
    user: User<'_>,
    verb: &str,
    object: &str,
    (group, resource): (&str, &str),
    namespace: &str,
    reason: &str,
) -> ApiError {
    let place = if !namespace.is_empty() {
        format!("in the namespace \"{namespace}\"")
    } else {
        "at the cluster scope".to_owned()
    };
    let message = format!(
        "{object} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {place}"
    );
    let message = if reason.is_empty() { message } else { format!("{message}: {reason}") };
    ApiError::new(Reason::Forbidden, Station::Authorization, message)
}
