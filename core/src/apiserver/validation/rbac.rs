//! Roles and bindings. Upstream: `pkg/apis/rbac/validation/validation.go`.

use k8s_openapi::api::rbac::v1::{PolicyRule, RoleRef, Subject};

use super::field::{Faults, Path, Shown};
use super::{go_value, names, selector};
use crate::api::{ClusterRole, ClusterRoleBinding, Role, RoleBinding};

const GROUP: &str = "rbac.authorization.k8s.io";
const ROLE_REF: Path<'_> = Path::root("roleRef");

/// Checks a Role.
#[inline(never)]
pub(super) fn role(role: &Role, faults: &mut Faults) {
    rules(role.spec.rules.as_deref().unwrap_or_default(), true, faults);
}

/// Checks a ClusterRole.
#[inline(never)]
pub(super) fn cluster_role(role: &ClusterRole, faults: &mut Faults) {
    rules(role.spec.rules.as_deref().unwrap_or_default(), false, faults);
    let Some(aggregation) = &role.spec.aggregation_rule else { return };
    let path = Path::root("aggregationRule");
    let list = path.child("clusterRoleSelectors");
    let selectors = aggregation.cluster_role_selectors.as_deref().unwrap_or_default();
    if selectors.is_empty() {
        faults.required(list, "at least one clusterRoleSelector required if aggregationRule is non-nil");
    }
    for (index, selector) in selectors.iter().enumerate() {
        selector::label_selector(selector, list.index(index), faults);
    }
}

/// Checks a RoleBinding.
#[inline(never)]
pub(super) fn role_binding(binding: &RoleBinding, before: Option<&RoleBinding>, faults: &mut Faults) {
    let content = &binding.spec;
    role_ref(&content.role_ref, &["Role", "ClusterRole"], faults);
    subjects(content.subjects.as_deref().unwrap_or_default(), true, faults);
    same_role(&content.role_ref, before.map(|before| &before.spec.role_ref), faults);
}

/// Checks a ClusterRoleBinding.
#[inline(never)]
pub(super) fn cluster_role_binding(
    binding: &ClusterRoleBinding,
    before: Option<&ClusterRoleBinding>,
    faults: &mut Faults,
) {
    let content = &binding.spec;
    role_ref(&content.role_ref, &["ClusterRole"], faults);
    subjects(content.subjects.as_deref().unwrap_or_default(), false, faults);
    same_role(&content.role_ref, before.map(|before| &before.spec.role_ref), faults);
}

fn rules(rules: &[PolicyRule], is_namespaced: bool, faults: &mut Faults) {
    let list = Path::root("rules");
    for (index, each) in rules.iter().enumerate() {
        rule(each, is_namespaced, list.index(index), faults);
    }
}

fn rule(rule: &PolicyRule, is_namespaced: bool, path: Path<'_>, faults: &mut Faults) {
    let is_empty = |list: &Option<Vec<String>>| list.as_ref().is_none_or(Vec::is_empty);
    if rule.verbs.is_empty() {
        faults.required(path.child("verbs"), "verbs must contain at least one value");
    }
    if !is_empty(&rule.non_resource_urls) {
        let urls = path.child("nonResourceURLs");
        let shown = || Shown::json(&rule.non_resource_urls);
        if is_namespaced {
            faults.invalid(urls, shown(), "namespaced rules cannot apply to non-resource URLs");
        }
        if !is_empty(&rule.api_groups) || !is_empty(&rule.resources) || !is_empty(&rule.resource_names) {
            let detail = "rules cannot apply to both regular resources and non-resource URLs";
            faults.invalid(urls, shown(), detail);
        }
        return;
    }
    if is_empty(&rule.api_groups) {
        faults.required(path.child("apiGroups"), "resource rules must supply at least one api group");
    }
    if is_empty(&rule.resources) {
        faults.required(path.child("resources"), "resource rules must supply at least one resource");
    }
}

fn role_ref(role: &RoleRef, kinds: &[&str], faults: &mut Faults) {
    if role.api_group.as_deref().unwrap_or_default() != GROUP {
        let group = role.api_group.as_deref().unwrap_or_default();
        faults.unsupported(ROLE_REF.child("apiGroup"), group, &[GROUP]);
    }
    if !kinds.contains(&role.kind.as_str()) {
        faults.unsupported(ROLE_REF.child("kind"), &role.kind, kinds);
    }
    if role.name.is_empty() {
        faults.required(ROLE_REF.child("name"), "");
    } else {
        faults.invalid_each(ROLE_REF.child("name"), &role.name, names::path_segment(&role.name));
    }
}

/// What a binding grants is decided once.
fn same_role(role: &RoleRef, before: Option<&RoleRef>, faults: &mut Faults) {
    if before.is_some_and(|before| before != role) {
        let shown = Shown::verbatim(go_value::compact("v1.RoleRef", role));
        faults.invalid(ROLE_REF, shown, "cannot change roleRef");
    }
}

fn subjects(subjects: &[Subject], is_namespaced: bool, faults: &mut Faults) {
    let list = Path::root("subjects");
    for (index, each) in subjects.iter().enumerate() {
        subject(each, is_namespaced, list.index(index), faults);
    }
}

fn subject(subject: &Subject, is_namespaced: bool, path: Path<'_>, faults: &mut Faults) {
    let name = path.child("name");
    if subject.name.is_empty() {
        faults.required(name, "");
    }
    let group = subject.api_group.as_deref().unwrap_or_default();
    match subject.kind.as_str() {
        "ServiceAccount" => {
            if !subject.name.is_empty() {
                faults.invalid_each(name, &subject.name, names::dns_subdomain(&subject.name));
            }
            if !group.is_empty() {
                faults.unsupported(path.child("apiGroup"), group, &[""]);
            }
            if !is_namespaced && subject.namespace.as_ref().is_none_or(String::is_empty) {
                faults.required(path.child("namespace"), "");
            }
        }
        "User" | "Group" => {
            if subject.name.is_empty() {
                let detail = format!("{} name cannot be empty", subject.kind.to_ascii_lowercase());
                faults.invalid(name, "", detail);
            }
            if group != GROUP {
                faults.unsupported(path.child("apiGroup"), group, &[GROUP]);
            }
        }
        other => faults.unsupported(path.child("kind"), other, &["ServiceAccount", "User", "Group"]),
    }
}
