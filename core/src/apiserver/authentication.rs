//! Who is asking? Every component has its own identity, as kubeadm sets them up.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/authentication`.

use std::fmt;
use std::rc::Rc;

/// An authenticated user. Displayed by the name that refusals and audit logs show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User<'a> {
    /// `kubernetes-admin`, of the group `system:masters`: the person at the keyboard.
    Admin,
    /// `system:apiserver`, of the group `system:masters`: the API server calling itself.
    ApiServer,
    /// `system:kube-scheduler`
    Scheduler,
    /// `system:node:<name>`: a kubelet.
    Node(&'a str),
    /// `system:serviceaccount:kube-system:<service account>`, by the component's name in Events.
    Controller(&'static str),
    /// `system:serviceaccount:kube-system:kube-proxy`
    Proxy,
    /// Whoever `--as` names.
    Person(&'a Person),
}

/// Somebody whom Roles and bindings speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// `jane`, `system:serviceaccount:default:builder`
    pub name: Rc<str>,
    /// All of them, `system:authenticated` included.
    pub groups: Vec<Rc<str>>,
}

impl Person {
    /// Whoever `--as name` and its `--as-group`s stand for: service accounts are in the groups of theirs unless others are
    /// named, and everybody is authenticated.
    /// Upstream: `staging/src/k8s.io/apiserver/pkg/endpoints/filters/impersonation`.
    pub fn named(name: &str, groups: Vec<Rc<str>>) -> Person {
        let mut groups = groups;
        if groups.is_empty()
            && let Some((namespace, _)) =
                name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'))
        {
            groups.push("system:serviceaccounts".into());
            groups.push(format!("system:serviceaccounts:{namespace}").into());
        }
        let is_known =
            |group: &Rc<str>| matches!(&**group, "system:authenticated" | "system:unauthenticated");
        if name == "system:anonymous" {
            if !groups.iter().any(is_known) {
                groups.push("system:unauthenticated".into());
            }
        } else if !groups.iter().any(is_known) {
            groups.push("system:authenticated".into());
        }
        Person { name: name.into(), groups }
    }

    /// Whether it may do everything.
    pub fn is_master(&self) -> bool {
        self.groups.iter().any(|group| &**group == "system:masters")
    }
}

impl fmt::Display for User<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            User::Admin => out.write_str("kubernetes-admin"),
            User::ApiServer => out.write_str("system:apiserver"),
            User::Scheduler => out.write_str("system:kube-scheduler"),
            User::Node(name) => write!(out, "system:node:{name}"),
            User::Controller(component) => {
                write!(out, "system:serviceaccount:kube-system:{}", service_account(component))
            }
            User::Proxy => out.write_str("system:serviceaccount:kube-system:kube-proxy"),
            User::Person(person) => out.write_str(&person.name),
        }
    }
}

/// The service account of a controller. Most are named as the component that records Events; these are not.
/// Upstream: `cmd/kube-controller-manager/names` and `plugin/pkg/auth/authorizer/rbac/bootstrappolicy`.
fn service_account(component: &'static str) -> &'static str {
    match component {
        "endpoint-slice-controller" => "endpointslice-controller",
        "persistentvolume-controller" => "persistent-volume-binder",
        "ephemeral_volume" => "ephemeral-volume-controller",
        "disk.sim.kubestep.dev" => "disk-provisioner",
        "endpoint-slice-mirroring-controller" => "endpointslicemirroring-controller",
        "garbage-collector-controller" => "generic-garbage-collector",
        other => other,
    }
}
