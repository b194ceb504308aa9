//! Nobody grants what they may not do themselves, unless a rule lets them `escalate` roles or `bind` them.
//! Upstream: `pkg/registry/rbac/{role,clusterrole,rolebinding,clusterrolebinding}/policybased`,
//! `pkg/registry/rbac/validation`, `staging/src/k8s.io/component-helpers/auth/rbac/validation`.

use k8s_openapi::api::rbac::v1::{PolicyRule, RoleRef};

use super::admission::forbidden;
use super::authentication::{Person, User};
use super::rbac::{self, Access};
use super::{ApiError, Reason, Station, Store};
use crate::api::{Kind, Object};
use crate::order;

const GROUP: &str = "rbac.authorization.k8s.io";

/// Refuses a new role, a new binding or a new version of one that grants more than its author has.
///
/// # Errors
/// 403 with the rights that are missing; 404 for a binding to a role that there is not.
pub(super) fn check(store: &Store, user: User<'_>, object: &Object) -> Result<(), ApiError> {
    match (user, object.kind()) {
        (
            User::Person(person),
            Kind::Role | Kind::ClusterRole | Kind::RoleBinding | Kind::ClusterRoleBinding,
        ) if !person.is_master() => grants(store, person, object),
        _ => Ok(()),
    }
}

#[inline(never)]
fn grants(store: &Store, person: &Person, object: &Object) -> Result<(), ApiError> {
    let namespace = &*object.key().namespace;
    let granted = match object {
        Object::Role(role) => {
            if may(store, person, "escalate", "roles", object.name(), namespace) {
                return Ok(());
            }
            role.spec.rules.clone().unwrap_or_default()
        }
        Object::ClusterRole(role) => {
            if may(store, person, "escalate", "clusterroles", object.name(), namespace) {
                return Ok(());
            }
            let rules = role.spec.rules.clone().unwrap_or_default();
            if role.spec.aggregation_rule.is_some() && missing(store, person, "", &everything()).is_some() {
                let detail = "must have cluster-admin privileges to use the aggregationRule";
                return Err(forbidden(&object.reference(), detail));
            }
            rules
        }
        Object::RoleBinding(binding) => match bound(store, person, &binding.spec.role_ref, namespace)? {
            Some(rules) => rules,
            None => return Ok(()),
        },
        Object::ClusterRoleBinding(binding) => match bound(store, person, &binding.spec.role_ref, "")? {
            Some(rules) => rules,
            None => return Ok(()),
        },
        _ => return Ok(()),
    };
    match missing(store, person, namespace, &granted) {
        None => Ok(()),
        Some(detail) => Err(forbidden(&object.reference(), &detail)),
    }
}

/// What a binding grants. `None`: its author may bind the role whatever it allows.
fn bound(
    store: &Store,
    person: &Person,
    role: &RoleRef,
    namespace: &str,
) -> Result<Option<Vec<PolicyRule>>, ApiError> {
    // In the namespace of the binding, whatever the role is one of.
    let plural = if role.kind == "Role" { "roles" } else { "clusterroles" };
    if may(store, person, "bind", plural, &role.name, namespace) {
        return Ok(None);
    }
    let found = rbac::rules_behind(store, role, namespace);
    match found.faults.into_iter().next() {
        None => Ok(Some(found.rules)),
        Some(fault) => Err(ApiError::new(Reason::NotFound, Station::Admission, fault)),
    }
}

fn may(store: &Store, person: &Person, verb: &str, resource: &str, name: &str, namespace: &str) -> bool {
    let access = Access { verb, group: GROUP, resource, subresource: "", name, namespace };
    rbac::decide(store, person, access).is_ok()
}

/// What is wrong with granting these rules, if anything is.
fn missing(store: &Store, person: &Person, namespace: &str, granted: &[PolicyRule]) -> Option<String> {
    let own = rbac::rules_of(store, person, namespace);
    let lacking = granted.iter().flat_map(broken_down);
    let lacking = lacking.filter(|right| !own.rules.iter().any(|rule| covers(rule, right)));
    let mut told: Vec<String> = compacted(lacking).iter().map(described).collect();
    if told.is_empty() {
        return None;
    }
    order::sort(&mut told);
    told.dedup();
    let groups = quoted(person.groups.iter().map(|group| &**group));
    let faults = match own.faults.as_slice() {
        [] => String::new(),
        faults => format!("; resolution errors: [{}]", faults.join(" ")),
    };
    Some(format!(
        "user {:?} (groups={groups}) is attempting to grant RBAC permissions not currently held:\n{}{faults}",
        person.name,
        told.join("\n")
    ))
}

fn everything() -> Vec<PolicyRule> {
    let all = || Some(vec!["*".to_owned()]);
    let verbs = vec!["*".to_owned()];
    vec![
        PolicyRule { api_groups: all(), resources: all(), verbs: verbs.clone(), ..PolicyRule::default() },
        PolicyRule { non_resource_urls: all(), verbs, ..PolicyRule::default() },
    ]
}

/// A rule as single rights: one verb on one resource of one group, or one path.
fn broken_down(rule: &PolicyRule) -> Vec<PolicyRule> {
    let mut rights = Vec::new();
    let one = |text: &String| Some(vec![text.clone()]);
    for group in rule.api_groups.iter().flatten() {
        for resource in rule.resources.iter().flatten() {
            for verb in &rule.verbs {
                let right = PolicyRule {
                    api_groups: one(group),
                    resources: one(resource),
                    verbs: vec![verb.clone()],
                    ..PolicyRule::default()
                };
                match rule.resource_names.as_deref().unwrap_or_default() {
                    [] => rights.push(right),
                    names => rights.extend(
                        names.iter().map(|name| PolicyRule { resource_names: one(name), ..right.clone() }),
                    ),
                }
            }
        }
    }
    for url in rule.non_resource_urls.iter().flatten() {
        for verb in &rule.verbs {
            let verbs = vec![verb.clone()];
            rights.push(PolicyRule { non_resource_urls: one(url), verbs, ..PolicyRule::default() });
        }
    }
    rights
}

fn list(field: &Option<Vec<String>>) -> &[String] {
    field.as_deref().unwrap_or_default()
}

/// Whether a rule allows a single right. Upstream: `ruleCovers`.
fn covers(rule: &PolicyRule, right: &PolicyRule) -> bool {
    let has_all = |own: &[String], wanted: &[String]| {
        own.iter().any(|own| own == "*") || wanted.iter().all(|wanted| own.contains(wanted))
    };
    let is_resource = |wanted: &String| {
        let every = wanted.split_once('/').map(|(_, part)| format!("*/{part}"));
        let own = list(&rule.resources);
        own.contains(wanted) || every.is_some_and(|every| own.contains(&every))
    };
    let is_url = |wanted: &String| {
        let own = list(&rule.non_resource_urls).iter();
        own.clone().any(|own| own == wanted)
            || own.filter_map(|own| own.strip_suffix('*')).any(|start| wanted.starts_with(start))
    };
    let names = list(&rule.resource_names);
    let names_fit = names.is_empty()
        || !list(&right.resource_names).is_empty()
            && list(&right.resource_names).iter().all(|name| names.contains(name));
    has_all(&rule.verbs, &right.verbs)
        && has_all(list(&rule.api_groups), list(&right.api_groups))
        && (list(&rule.resources).iter().any(|own| own == "*")
            || list(&right.resources).iter().all(is_resource))
        && list(&right.non_resource_urls).iter().all(is_url)
        && names_fit
}

/// Verbs on one resource are told together. Upstream: `CompactRules`.
fn compacted(rights: impl Iterator<Item = PolicyRule>) -> Vec<PolicyRule> {
    let mut rules: Vec<PolicyRule> = Vec::new();
    for right in rights {
        let is_same = |rule: &&mut PolicyRule| {
            right.non_resource_urls.is_none()
                && rule.api_groups == right.api_groups
                && rule.resources == right.resources
                && rule.resource_names == right.resource_names
        };
        match rules.iter_mut().find(is_same) {
            Some(rule) => {
                let fresh = right.verbs.into_iter().filter(|verb| !rule.verbs.contains(verb));
                let fresh: Vec<String> = fresh.collect();
                rule.verbs.extend(fresh);
            }
            None => rules.push(right),
        }
    }
    rules
}

/// `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`
fn described(rule: &PolicyRule) -> String {
    let parts = [
        ("APIGroups", list(&rule.api_groups)),
        ("Resources", list(&rule.resources)),
        ("NonResourceURLs", list(&rule.non_resource_urls)),
        ("ResourceNames", list(&rule.resource_names)),
        ("Verbs", &*rule.verbs),
    ];
    let given = parts.into_iter().filter(|(_, values)| !values.is_empty());
    let given: Vec<String> =
        given.map(|(name, values)| format!("{name}:{}", quoted(values.iter().map(String::as_str)))).collect();
    format!("{{{}}}", given.join(", "))
}

/// As Go prints a list of texts: `["get" "list"]`.
fn quoted<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let values: Vec<String> = values.map(|value| format!("{value:?}")).collect();
    format!("[{}]", values.join(" "))
}
