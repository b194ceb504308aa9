//! Service accounts, roles and bindings in tables.

use k8s_openapi::api::rbac::v1::{RoleRef, Subject};

use super::age;
use super::table::{Column, always, wide};
use crate::api::{ClusterRoleBinding, Key, Meta, RoleBinding, ServiceAccount};
use crate::time::Time;

pub(super) const ACCOUNT_COLUMNS: &[Column] = &[always("NAME"), always("SECRETS"), always("AGE")];

pub(super) const ROLE_COLUMNS: &[Column] = &[always("NAME"), always("CREATED AT")];

pub(super) const BINDING_COLUMNS: &[Column] =
    &[always("NAME"), always("ROLE"), always("AGE"), wide("USERS"), wide("GROUPS"), wide("SERVICEACCOUNTS")];

pub(super) fn account_cells(account: &ServiceAccount, now: Time) -> Vec<String> {
    let secrets = account.spec.secrets.as_ref().map_or(0, Vec::len);
    vec![account.name().to_owned(), secrets.to_string(), age::since(account.meta.created, now)]
}

/// Of a Role or a ClusterRole.
pub(super) fn role_cells(key: &Key, meta: &Meta) -> Vec<String> {
    vec![key.name.to_string(), meta.created.to_api().0.to_string()]
}

pub(super) fn role_binding_cells(binding: &RoleBinding, now: Time) -> Vec<String> {
    let subjects = binding.spec.subjects.as_deref();
    binding_cells(binding.name(), &binding.spec.role_ref, subjects, age::since(binding.meta.created, now))
}

pub(super) fn cluster_role_binding_cells(binding: &ClusterRoleBinding, now: Time) -> Vec<String> {
    let subjects = binding.spec.subjects.as_deref();
    binding_cells(binding.name(), &binding.spec.role_ref, subjects, age::since(binding.meta.created, now))
}

fn binding_cells(name: &str, role: &RoleRef, subjects: Option<&[Subject]>, age: String) -> Vec<String> {
    let of = |kind: &str| -> String {
        let subjects = subjects.unwrap_or_default().iter().filter(|subject| subject.kind == kind);
        let names = subjects.map(|subject| match kind {
            "ServiceAccount" => {
                format!("{}/{}", subject.namespace.as_deref().unwrap_or_default(), subject.name)
            }
            _ => subject.name.clone(),
        });
        names.collect::<Vec<_>>().join(", ")
    };
    let role = format!("{}/{}", role.kind, role.name);
    vec![name.to_owned(), role, age, of("User"), of("Group"), of("ServiceAccount")]
}
