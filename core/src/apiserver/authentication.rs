//! Who is asking? Every component has its own identity, as kubeadm sets them up.
//! Upstream: `staging/src/k8s.io/apiserver/pkg/authentication`.

use std::fmt;

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
}

impl User<'_> {
    /// The groups it is in, but for `system:authenticated`, which holds everybody.
    pub const fn groups(&self) -> &'static [&'static str] {
        match self {
            User::Admin | User::ApiServer => &["system:masters"],
            User::Scheduler => &[],
            User::Node(_) => &["system:nodes"],
            User::Controller(_) | User::Proxy => {
                &["system:serviceaccounts", "system:serviceaccounts:kube-system"]
            }
        }
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
