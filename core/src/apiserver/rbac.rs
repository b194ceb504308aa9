//! What people may do, by Roles and bindings. Rules add up, and none denies.
//! Upstream: `plugin/pkg/auth/authorizer/rbac`, `pkg/registry/rbac/validation/rule.go`.

use k8s_openapi::api::rbac::v1::{PolicyRule, RoleRef, Subject};

use super::Store;
use super::authentication::Person;
use crate::api::{ClusterRole, ClusterRoleBinding, Key, Role, RoleBinding, Selector};

/// What somebody wants to do to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access<'a> {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, …
    pub verb: &'a str,
    /// The API group; empty for the core group.
    pub group: &'a str,
    /// `pods`
    pub resource: &'a str,
    /// `log`; empty for the object itself.
    pub subresource: &'a str,
    /// Empty where it is about no single object.
    pub name: &'a str,
    /// Empty for the whole cluster.
    pub namespace: &'a str,
}

/// Rules, and bindings that lead nowhere: `clusterrole.rbac.authorization.k8s.io "x" not found`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// In the order of the bindings.
    pub rules: Vec<PolicyRule>,
    /// What could not be found.
    pub faults: Vec<String>,
}

/// Whether `person` may do this.
///
/// # Errors
/// What a refusal says at its end: empty, or which roles could not be found.
pub fn decide(store: &Store, person: &Person, access: Access<'_>) -> Result<(), String> {
    let found = rules_of(store, person, access.namespace);
    if found.rules.iter().any(|rule| allows(rule, access)) {
        return Ok(());
    }
    Err(match found.faults.as_slice() {
        [] => String::new(),
        [fault] => format!("RBAC: {fault}"),
        several => format!("RBAC: [{}]", several.join(", ")),
    })
}

/// What the bindings give `person` in `namespace`; those of the whole cluster come first.
pub fn rules_of(store: &Store, person: &Person, namespace: &str) -> Rules {
    let mut found = Rules::default();
    for binding in store.list::<ClusterRoleBinding>() {
        if is_meant(binding.spec.subjects.as_deref(), person, "") {
            collect(store, &binding.spec.role_ref, "", &mut found);
        }
    }
    if namespace.is_empty() {
        return found;
    }
    for binding in store.list_in::<RoleBinding>(namespace) {
        if is_meant(binding.spec.subjects.as_deref(), person, namespace) {
            collect(store, &binding.spec.role_ref, namespace, &mut found);
        }
    }
    found
}

/// What the role that a binding in `namespace` names allows.
pub(super) fn rules_behind(store: &Store, role: &RoleRef, namespace: &str) -> Rules {
    let mut found = Rules::default();
    collect(store, role, namespace, &mut found);
    found
}

fn collect(store: &Store, role: &RoleRef, namespace: &str, found: &mut Rules) {
    let fault = |kind: &str| format!("{kind}.rbac.authorization.k8s.io \"{}\" not found", role.name);
    match role.kind.as_str() {
        "Role" => match store.get::<Role>(&Key::new(namespace, role.name.as_str())) {
            Some(role) => found.rules.extend(role.spec.rules.iter().flatten().cloned()),
            None => found.faults.push(fault("role")),
        },
        _ => match store.get::<ClusterRole>(&Key::new("", role.name.as_str())) {
            Some(role) => {
                found.rules.extend(role.spec.rules.iter().flatten().cloned());
                found.rules.extend(aggregated(store, role));
            }
            None => found.faults.push(fault("clusterrole")),
        },
    }
}

/// The rules of the ClusterRoles that this one collects by their labels.
fn aggregated<'a>(store: &'a Store, into: &'a ClusterRole) -> impl Iterator<Item = PolicyRule> + 'a {
    let selectors = into.spec.aggregation_rule.iter().flat_map(|rule| &rule.cluster_role_selectors).flatten();
    let selectors: Vec<Selector> = selectors.map(Selector::from_api).collect();
    let is_meant = move |role: &&std::rc::Rc<ClusterRole>| {
        role.uid != into.uid && selectors.iter().any(|selector| selector.matches(&role.meta.labels))
    };
    let roles = store.list::<ClusterRole>().filter(is_meant);
    roles.flat_map(|role| role.spec.rules.clone().unwrap_or_default())
}

fn is_meant(subjects: Option<&[Subject]>, person: &Person, namespace: &str) -> bool {
    let is_person = |subject: &Subject| match subject.kind.as_str() {
        "User" => *subject.name == *person.name,
        "Group" => person.groups.iter().any(|group| **group == *subject.name),
        "ServiceAccount" => {
            let own = subject.namespace.as_deref().filter(|namespace| !namespace.is_empty());
            let account = format!("system:serviceaccount:{}:{}", own.unwrap_or(namespace), subject.name);
            *person.name == *account
        }
        _ => false,
    };
    subjects.unwrap_or_default().iter().any(is_person)
}

/// Whether one rule allows it.
pub fn allows(rule: &PolicyRule, access: Access<'_>) -> bool {
    let has = |list: &Option<Vec<String>>, wanted: &str| {
        list.as_ref().is_some_and(|list| list.iter().any(|each| each == "*" || each == wanted))
    };
    let names = rule.resource_names.as_deref().unwrap_or_default();
    rule.verbs.iter().any(|verb| verb == "*" || verb == access.verb)
        && has(&rule.api_groups, access.group)
        && rule.resources.iter().flatten().any(|resource| covers(resource, access))
        && (names.is_empty() || names.iter().any(|name| name == access.name))
}

/// `pods`, `pods/log`, `*/scale` or `*`.
fn covers(resource: &str, access: Access<'_>) -> bool {
    match (resource, resource.split_once('/')) {
        ("*", _) => true,
        (_, Some(("*", subresource))) => !subresource.is_empty() && subresource == access.subresource,
        (_, Some((resource, subresource))) => {
            resource == access.resource && subresource == access.subresource && !subresource.is_empty()
        }
        (resource, None) => resource == access.resource && access.subresource.is_empty(),
    }
}
