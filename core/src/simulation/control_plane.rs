//! Where the control plane runs: beside the cluster, or as static pods of a node of its own.
//!
//! Such a node is laid out as kubeadm does: a taint keeps other pods away, and the manifest directory holds a file for
//! each of etcd, kube-apiserver, kube-controller-manager and kube-scheduler.
//! Upstream: `cmd/kubeadm/app/phases/controlplane`, `cmd/kubeadm/app/phases/etcd`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::nodes::{free_number, registered};
use crate::api::{Key, Labels, Node, Resource};

/// The node that runs the control plane.
pub const NODE: &str = "control-plane";

/// What tells of its role: a label, and the key of its taint.
const ROLE: &str = "node-role.kubernetes.io/control-plane";

/// The files of its manifest directory, in the directory's order.
pub(crate) const MANIFESTS: [(&str, &str); 4] = [
    ("etcd.yaml", include_str!("control_plane/etcd.yaml")),
    ("kube-apiserver.yaml", include_str!("control_plane/kube-apiserver.yaml")),
    ("kube-controller-manager.yaml", include_str!("control_plane/kube-controller-manager.yaml")),
    ("kube-scheduler.yaml", include_str!("control_plane/kube-scheduler.yaml")),
];

/// Where the control plane runs. `spec.controlPlane`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ControlPlane {
    /// Beside the cluster: nothing on its nodes can stop it.
    #[default]
    Hosted,
    /// As static pods of the node [`NODE`].
    StaticPods,
}

/// Which components of a control plane of static pods do not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Absent {
    /// etcd: without it the API server can neither read nor write.
    pub etcd: bool,
    /// kube-apiserver.
    pub api_server: bool,
    /// kube-controller-manager.
    pub controller_manager: bool,
    /// kube-scheduler.
    pub scheduler: bool,
}

impl Absent {
    /// Those of which `answers` says so, by the names of their containers.
    pub(crate) fn unless(answers: impl Fn(&str) -> bool) -> Absent {
        Absent {
            etcd: !answers("etcd"),
            api_server: !answers("kube-apiserver"),
            controller_manager: !answers("kube-controller-manager"),
            scheduler: !answers("kube-scheduler"),
        }
    }
}

impl ControlPlane {
    /// Adds the node that the control plane runs on, unless one of its name is there; that one gets its role.
    pub(crate) fn complete(self, nodes: &mut Vec<Node>) {
        if self == ControlPlane::Hosted {
            return;
        }
        if let Some(known) = nodes.iter_mut().find(|node| node.name() == NODE) {
            return give_role(known);
        }
        let mut node = Resource {
            key: Key::new("", NODE),
            uid: Default::default(),
            resource_version: 0,
            meta: Rc::default(),
            spec: Rc::default(),
            status: Rc::default(),
        };
        give_role(&mut node);
        // The others keep their addresses.
        let taken: Vec<Rc<Node>> = nodes.iter().cloned().map(Rc::new).collect();
        nodes.push(registered(node, free_number(taken.iter())));
    }
}

fn give_role(node: &mut Node) {
    let labels: &mut Labels = Rc::make_mut(&mut Rc::make_mut(&mut node.meta).labels);
    for label in [ROLE, "node.kubernetes.io/exclude-from-external-load-balancers"] {
        labels.entry(label.to_owned()).or_default();
    }
    let taint =
        core::Taint { key: ROLE.to_owned(), effect: "NoSchedule".to_owned(), ..core::Taint::default() };
    Rc::make_mut(&mut node.spec).taints.get_or_insert_with(|| vec![taint]);
}
