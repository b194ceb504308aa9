//! What a person can do to a world.

use std::rc::Rc;

use super::agenda::EntryId;
use super::on_node::NodeAct;
use crate::api::Key;
use crate::kubectl::Invocation;
use crate::kubelet::Intervention;
use crate::simulation::KubeletMode;
use crate::time::Duration;

/// One act of a person. Recorded in the timeline, so that replay and share links repeat it.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// A kubectl command line, typed or behind a button.
    Kubectl(Rc<Invocation>),
    /// Let virtual time pass.
    Wait(Duration),
    /// Let this entry of the agenda happen next: a message in flight arrives early, a look comes at once.
    Choose(EntryId),
    /// Hold this entry back for a while.
    Hold(EntryId, Duration),
    /// Decide what happens inside a pod: a fault, or, where kubelets decide nothing, whatever comes next.
    OnPod(Key, Intervention),
    /// Decide what happens to a node.
    OnNode(Rc<str>, NodeAct),
    /// From now on kubelets decide this much.
    Kubelets(KubeletMode),
}

impl Command {
    /// As a person would say it.
    pub fn line(&self) -> Rc<str> {
        match self {
            Command::Kubectl(invocation) => invocation.line.clone(),
            Command::Wait(time) => format!("wait {time}").into(),
            Command::Choose(_) => "let it happen next".into(),
            Command::Hold(_, wait) => format!("hold it back for {wait}").into(),
            Command::OnPod(pod, act) => format!("{act} {pod}").into(),
            Command::OnNode(node, act) => format!("{act} {node}").into(),
            Command::Kubelets(KubeletMode::Automatic) => "let kubelets decide everything".into(),
            Command::Kubelets(KubeletMode::Manual) => {
                "let kubelets start pods, and decide nothing else".into()
            }
            Command::Kubelets(KubeletMode::Held) => "let kubelets decide nothing".into(),
        }
    }
}
