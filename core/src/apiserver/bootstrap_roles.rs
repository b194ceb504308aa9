//! The ClusterRoles that people are given, as every cluster has them from its first day: cluster-admin, admin, edit and
//! view. Upstream: `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go`.
//!
//! Upstream collects the last three from `system:aggregate-to-…` roles; here they have their rules, and those of whatever
//! role carries the label that they collect by.

use std::rc::Rc;

use k8s_openapi::api::rbac::v1 as rbac;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;

use crate::api::{ClusterRole, ClusterRoleBinding, Key, Labels, Meta, Object, Resource, Uid};

const GROUP: &str = "rbac.authorization.k8s.io";
const READ: &str = "get,list,watch";
const WRITE: &str = "create,delete,deletecollection,patch,update";

/// Verbs, group and resources of a rule.
type Rule = (&'static str, &'static str, &'static str);

const VIEW: &[Rule] = &[
    (
        READ,
        "",
        "configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,\
         replicationcontrollers/scale,serviceaccounts,services,services/status",
    ),
    (
        READ,
        "",
        "bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,\
         resourcequotas/status",
    ),
    (READ, "", "namespaces"),
    (READ, "discovery.k8s.io", "endpointslices"),
    (
        READ,
        "apps",
        "controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,\
         replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status",
    ),
    (READ, "autoscaling", "horizontalpodautoscalers,horizontalpodautoscalers/status"),
    (READ, "batch", "cronjobs,cronjobs/status,jobs,jobs/status"),
    (READ, "policy", "poddisruptionbudgets,poddisruptionbudgets/status"),
    (READ, "networking.k8s.io", "ingresses,ingresses/status,networkpolicies"),
];

const EDIT: &[Rule] = &[
    (READ, "", "pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy"),
    ("impersonate", "", "serviceaccounts"),
    (WRITE, "", "pods,pods/attach,pods/exec,pods/portforward,pods/proxy"),
    ("create", "", "pods/eviction"),
    (
        WRITE,
        "",
        "configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,\
         serviceaccounts,services,services/proxy",
    ),
    ("create", "", "serviceaccounts/token"),
    (
        WRITE,
        "apps",
        "daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,\
         statefulsets/scale",
    ),
    (WRITE, "autoscaling", "horizontalpodautoscalers"),
    (WRITE, "batch", "cronjobs,jobs"),
    (WRITE, "policy", "poddisruptionbudgets"),
    (WRITE, "networking.k8s.io", "ingresses,networkpolicies"),
    ("create,delete,deletecollection,get,list,patch,update,watch", "coordination.k8s.io", "leases"),
];

const ADMIN: &[Rule] = &[
    ("create", "authorization.k8s.io", "localsubjectaccessreviews"),
    ("create,delete,deletecollection,get,list,patch,update,watch", GROUP, "rolebindings,roles"),
];

/// The roles, and who is given the first of them.
pub(crate) fn objects() -> [Object; 5] {
    let everything = rbac::PolicyRule {
        api_groups: listed("*"),
        resources: listed("*"),
        verbs: vec!["*".to_owned()],
        ..rbac::PolicyRule::default()
    };
    let every_url = rbac::PolicyRule {
        non_resource_urls: listed("*"),
        verbs: vec!["*".to_owned()],
        ..rbac::PolicyRule::default()
    };
    [
        role(1, "admin", &[ADMIN, EDIT, VIEW]),
        of_rules(2, "cluster-admin", vec![everything, every_url], None),
        role(3, "edit", &[EDIT, VIEW]),
        role(4, "view", &[VIEW]),
        binding(5),
    ]
}

fn role(number: u128, name: &str, parts: &[&[Rule]]) -> Object {
    let rule = |(verbs, group, resources): &Rule| rbac::PolicyRule {
        api_groups: Some(vec![(*group).to_owned()]),
        resources: listed(resources),
        verbs: listed(verbs).unwrap_or_default(),
        ..rbac::PolicyRule::default()
    };
    let label = (format!("rbac.authorization.k8s.io/aggregate-to-{name}"), "true".to_owned());
    let selector = LabelSelector { match_labels: Some([label].into()), ..LabelSelector::default() };
    let aggregation = rbac::AggregationRule { cluster_role_selectors: Some(vec![selector]) };
    of_rules(number, name, parts.iter().flat_map(|rules| rules.iter().map(rule)).collect(), Some(aggregation))
}

fn of_rules(
    number: u128,
    name: &str,
    rules: Vec<rbac::PolicyRule>,
    aggregation_rule: Option<rbac::AggregationRule>,
) -> Object {
    let spec = rbac::ClusterRole { aggregation_rule, rules: Some(rules), ..rbac::ClusterRole::default() };
    let role: ClusterRole = from_the_start(number, name, Rc::new(spec));
    Object::ClusterRole(Rc::new(role))
}

fn binding(number: u128) -> Object {
    let name = "cluster-admin".to_owned();
    let api_group = Some(GROUP.to_owned());
    let role_ref =
        rbac::RoleRef { api_group: api_group.clone(), kind: "ClusterRole".to_owned(), name: name.clone() };
    let subject = rbac::Subject {
        api_group,
        kind: "Group".to_owned(),
        name: "system:masters".to_owned(),
        namespace: None,
    };
    let spec = rbac::ClusterRoleBinding {
        role_ref,
        subjects: Some(vec![subject]),
        ..rbac::ClusterRoleBinding::default()
    };
    let binding: ClusterRoleBinding = from_the_start(number, &name, Rc::new(spec));
    Object::ClusterRoleBinding(Rc::new(binding))
}

fn from_the_start<S>(number: u128, name: &str, spec: S) -> Resource<S, ()> {
    let one = |key: &str, value: &str| Rc::new(Labels::from([(key.to_owned(), value.to_owned())]));
    let meta = Meta {
        labels: one("kubernetes.io/bootstrapping", "rbac-defaults"),
        annotations: one("rbac.authorization.kubernetes.io/autoupdate", "true"),
        ..Meta::default()
    };
    // No luck is drawn for these, so that the names of everything else stay as they are.
    let uid = Uid((0x4 << 76) | (0x2 << 62) | number);
    Resource { key: Key::new("", name), uid, resource_version: 0, meta: Rc::new(meta), spec, status: () }
}

fn listed(text: &str) -> Option<Vec<String>> {
    Some(text.split(',').map(str::to_owned).collect())
}
