//! What changed on a machine, as a step shows it.

use std::rc::Rc;

use crate::api::{Key, Uid};
use crate::kubelet::local_pod::LocalPod;
use crate::kubelet::probes::ProbeKind;

/// What changed on a machine.
#[derive(Clone, Debug, PartialEq)]
pub enum MachineChange {
    /// kube-proxy rewrote the node's rules.
    RulesWritten {
        /// The node.
        node: Rc<str>,
        /// The Services whose rules differ from before.
        services: Rc<[Key]>,
    },
    /// A file of a node's manifest directory.
    Manifest {
        /// The node.
        node: Rc<str>,
        /// The file.
        file: Rc<str>,
        /// Whether it is there now.
        is_there: bool,
    },
    /// Images are gone from a node's disk.
    ImagesRemoved {
        /// The node.
        node: Rc<str>,
        /// Their references.
        images: Rc<[Rc<str>]>,
    },
    /// Something about a pod.
    Pod {
        /// Its namespace and name.
        key: Key,
        /// Its uid.
        uid: Uid,
        /// What.
        what: PodChange,
    },
}

/// What changed about a pod on its machine.
#[derive(Clone, Debug, PartialEq)]
pub enum PodChange {
    /// It has a network namespace with this address.
    SandboxUp {
        /// The address.
        address: Rc<str>,
    },
    /// The address is free again.
    SandboxGone {
        /// The address.
        address: Rc<str>,
    },
    /// An image was asked for.
    PullBegan(Rc<str>),
    /// A pull has ended.
    PullEnded {
        /// The container it was for.
        container: Rc<str>,
        /// Whether the image is there now.
        success: bool,
    },
    /// A process runs.
    Started(Rc<str>),
    /// A process answers on its ports.
    Listens(Rc<str>),
    /// A probe's result has changed.
    Probed {
        /// The container.
        container: Rc<str>,
        /// The probe.
        probe: ProbeKind,
        /// The result.
        success: bool,
    },
    /// A preStop hook runs.
    HookBegan(Rc<str>),
    /// A preStop hook is over.
    HookEnded(Rc<str>),
    /// A postStart hook runs.
    PostStartBegan(Rc<str>),
    /// A postStart hook is over.
    PostStartEnded(Rc<str>),
    /// A process got SIGTERM.
    Terminated(Rc<str>),
    /// A process got SIGKILL.
    Killed(Rc<str>),
    /// A process has ended.
    Exited {
        /// The container.
        container: Rc<str>,
        /// Its exit code.
        code: i32,
    },
    /// It is evicted.
    Evicted,
    /// A person changed it.
    ByHand,
}

pub(in crate::kubelet) fn of_pod(pod: &LocalPod, what: PodChange) -> MachineChange {
    MachineChange::Pod { key: pod.key().clone(), uid: pod.uid(), what }
}
