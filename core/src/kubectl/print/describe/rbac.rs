//! Service accounts, roles and bindings. Upstream: `k8s.io/kubectl/pkg/describe/describe.go`.

use std::rc::Rc;

use k8s_openapi::api::rbac::v1::{PolicyRule, RoleRef, Subject};

use super::{Describer, annotations, labels};
use crate::api::{ClusterRole, ClusterRoleBinding, Key, Meta, Object, Role, RoleBinding, ServiceAccount};
use crate::kubectl::print::NONE;

pub(super) fn account(account: &Rc<ServiceAccount>, describer: Describer<'_>) -> String {
    let mut text = format!("Name:\t{}\nNamespace:\t{}\n", account.name(), account.key.namespace);
    text += &labels("Labels", &account.meta.labels);
    text += &annotations("Annotations", &account.meta.annotations);
    let listed = |name: &str, secrets: Vec<String>| match secrets.is_empty() {
        true => format!("{name}:\t{NONE}\n"),
        false => format!("{name}:\t{}\n", secrets.join("\n\t")),
    };
    let pulls = account.spec.image_pull_secrets.iter().flatten().map(|it| it.name.clone()).collect();
    let mounts = account.spec.secrets.iter().flatten().filter_map(|it| it.name.clone()).collect();
    text += &listed("Image pull secrets", pulls);
    text += &listed("Mountable secrets", mounts);
    text += &listed("Tokens", Vec::new());
    text + &describer.events(&Object::ServiceAccount(account.clone()))
}

pub(super) fn role(role: &Role) -> String {
    head(&role.key, &role.meta) + &rules(role.spec.rules.as_deref().unwrap_or_default())
}

pub(super) fn cluster_role(role: &ClusterRole) -> String {
    head(&role.key, &role.meta) + &rules(role.spec.rules.as_deref().unwrap_or_default())
}

pub(super) fn role_binding(binding: &RoleBinding) -> String {
    let subjects = binding.spec.subjects.as_deref().unwrap_or_default();
    head(&binding.key, &binding.meta) + &bound(&binding.spec.role_ref, subjects)
}

pub(super) fn cluster_role_binding(binding: &ClusterRoleBinding) -> String {
    let subjects = binding.spec.subjects.as_deref().unwrap_or_default();
    head(&binding.key, &binding.meta) + &bound(&binding.spec.role_ref, subjects)
}

fn head(key: &Key, meta: &Meta) -> String {
    let text = format!("Name:\t{}\n", key.name) + &labels("Labels", &meta.labels);
    text + &annotations("Annotations", &meta.annotations)
}

fn rules(rules: &[PolicyRule]) -> String {
    let list = |list: &Option<Vec<String>>| format!("[{}]", list.as_deref().unwrap_or_default().join(" "));
    let mut text = "PolicyRule:\n  Resources\tNon-Resource URLs\tResource Names\tVerbs\n  \
                    ---------\t-----------------\t--------------\t-----\n"
        .to_owned();
    for rule in rules {
        let verbs = format!("[{}]", rule.verbs.join(" "));
        for group in rule.api_groups.iter().flatten() {
            for resource in rule.resources.iter().flatten() {
                let name = if group.is_empty() { resource.clone() } else { format!("{resource}.{group}") };
                text += &format!("  {name}\t[]\t{}\t{verbs}\n", list(&rule.resource_names));
            }
        }
        for url in rule.non_resource_urls.iter().flatten() {
            text += &format!("  \t[{url}]\t[]\t{verbs}\n");
        }
    }
    text
}

fn bound(role: &RoleRef, subjects: &[Subject]) -> String {
    let mut text = format!("Role:\n  Kind:\t{}\n  Name:\t{}\n", role.kind, role.name);
    text += "Subjects:\n  Kind\tName\tNamespace\n  ----\t----\t---------\n";
    for subject in subjects {
        let namespace = subject.namespace.as_deref().unwrap_or_default();
        text += &format!("  {}\t{}\t{namespace}\n", subject.kind, subject.name);
    }
    text
}
