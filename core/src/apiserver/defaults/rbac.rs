//! Bindings: the API group of a role and of subjects follows from their kinds.
//! Upstream: `pkg/apis/rbac/v1/defaults.go`.

use std::rc::Rc;

use k8s_openapi::api::rbac::v1::{RoleRef, Subject};

use crate::api::{ClusterRoleBinding, RoleBinding};

const GROUP: &str = "rbac.authorization.k8s.io";

pub(super) fn role_binding(binding: &mut Rc<RoleBinding>) {
    if needs_groups(&binding.spec.role_ref, binding.spec.subjects.as_deref()) {
        let content = Rc::make_mut(&mut Rc::make_mut(binding).spec);
        fill(&mut content.role_ref, content.subjects.as_deref_mut());
    }
}

pub(super) fn cluster_role_binding(binding: &mut Rc<ClusterRoleBinding>) {
    if needs_groups(&binding.spec.role_ref, binding.spec.subjects.as_deref()) {
        let content = Rc::make_mut(&mut Rc::make_mut(binding).spec);
        fill(&mut content.role_ref, content.subjects.as_deref_mut());
    }
}

fn is_person(subject: &Subject) -> bool {
    matches!(subject.kind.as_str(), "User" | "Group")
}

fn is_unset(group: &Option<String>) -> bool {
    group.as_ref().is_none_or(String::is_empty)
}

fn needs_groups(role: &RoleRef, subjects: Option<&[Subject]>) -> bool {
    let lacks_group = |subject: &Subject| is_person(subject) && is_unset(&subject.api_group);
    is_unset(&role.api_group) || subjects.is_some_and(|subjects| subjects.iter().any(lacks_group))
}

fn fill(role: &mut RoleRef, subjects: Option<&mut [Subject]>) {
    if is_unset(&role.api_group) {
        role.api_group = Some(GROUP.to_owned());
    }
    for subject in subjects.into_iter().flatten().filter(|subject| is_person(subject)) {
        if is_unset(&subject.api_group) {
            subject.api_group = Some(GROUP.to_owned());
        }
    }
}
