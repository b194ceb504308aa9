//! What a person can do to a world, and the line that says it.

pub mod sim;

use std::rc::Rc;

use super::agenda::EntryId;
use super::on_node::NodeAct;
use super::process::Process;
use super::slow::Watcher;
use crate::api::Key;
use crate::kubectl::{self, Invocation};
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
    /// Let this entry of the agenda happen next: a message in flight arrives early, a look comes at once. The text
    /// says what it is, for people.
    Choose(EntryId, Rc<str>),
    /// Hold this entry back for a while from now.
    Hold(EntryId, Duration, Rc<str>),
    /// Let this message get lost: whoever was to get it learns of the change with the next one.
    Drop(EntryId, Rc<str>),
    /// Let a watcher hear of every change so much later than all others; 0 lets it hear in time again.
    Slow(Watcher, Duration),
    /// Decide what happens inside a pod: a fault, or, where kubelets decide nothing, whatever comes next.
    OnPod(Key, Intervention),
    /// Decide what happens to a node.
    OnNode(Rc<str>, NodeAct),
    /// Stop a process of the control plane.
    Stop(Process),
    /// Start it again.
    Start(Process),
    /// End the kubectl commands that still run, as Ctrl-C does.
    Interrupt,
    /// Make the next request of this client steps, one for each of its hops.
    Follow(Rc<str>),
    /// From now on kubelets decide this much.
    Kubelets(KubeletMode),
}

impl Command {
    /// Reads a line: `sim ...`, or a kubectl command with or without its leading `kubectl`. `files` gives the text of
    /// a file that kubectl's `-f` names.
    ///
    /// # Errors
    /// What would be printed instead of starting.
    pub fn parse(line: &str, files: &dyn Fn(&str) -> Option<String>) -> Result<Command, String> {
        match line.split_whitespace().next() {
            Some(sim::NAME) => sim::parse(line),
            _ => kubectl::parse(line, files).map(|invocation| Command::Kubectl(Rc::new(invocation))),
        }
    }

    /// The line that says it, as [`Command::parse`] reads it.
    pub fn line(&self) -> Rc<str> {
        match self {
            Command::Kubectl(invocation) => invocation.line.clone(),
            other => sim::line(other).into(),
        }
    }
}
