//! What a kubelet does about its static pods: read their files, run them, compare the mirrors, create them, report.

use std::rc::Rc;

use kubestep_core::api::Object;
use kubestep_core::engine::{Actor, Step, What};
use kubestep_core::kubelet::{Machine, MachineChange};
use kubestep_core::why::{self, Why};

use super::Doing;

/// One of the things it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It notices a file.
    ReadFile,
    /// It makes the containers what the file says.
    RunContainers,
    /// It lets a mirror go that is deleted, outdated, or of nothing any more.
    CompareMirror,
    /// It tells the API of a pod that it has no mirror of.
    CreateMirror,
    /// It tells the mirror how the pod is.
    Report,
}

impl Deed {
    /// All of them, in the order of a sync.
    pub const ALL: [Deed; 5] =
        [Deed::ReadFile, Deed::RunContainers, Deed::CompareMirror, Deed::CreateMirror, Deed::Report];

    /// In few words.
    pub const fn words(self) -> &'static str {
        match self {
            Deed::ReadFile => "read file",
            Deed::RunContainers => "run containers",
            Deed::CompareMirror => "compare mirror",
            Deed::CreateMirror => "create mirror",
            Deed::Report => "report status",
        }
    }

    /// What a kubelet does in a step; `None` for what has nothing to do with static pods.
    pub fn of(step: &Step) -> Option<Deed> {
        match &step.what {
            What::Machine(MachineChange::Manifest { .. }) => return Some(Deed::ReadFile),
            What::Machine(MachineChange::Pod { .. }) => return Some(Deed::RunContainers),
            What::Machine(MachineChange::RulesWritten { .. } | MachineChange::ImagesRemoved { .. }) => {
                return None;
            }
            What::Asked(_) | What::Printed(_) | What::Looked | What::Hop(_) => return None,
            What::Written(_) | What::Refused { .. } => {}
        }
        match &step.why {
            Why::Kubelet(why::Kubelet::MirrorMissing { .. }) => Some(Deed::CreateMirror),
            Why::Kubelet(why::Kubelet::MirrorOutdated { .. }) => Some(Deed::CompareMirror),
            Why::Kubelet(_) => {
                let change = step.change()?;
                let is_mirror = matches!(change.subject(), Some(Object::Pod(pod)) if pod.is_mirror());
                let deed = if change.subresource == "status" { Deed::Report } else { Deed::CompareMirror };
                is_mirror.then_some(deed)
            }
            _ => None,
        }
    }
}

/// Every deed, and whether the kubelet has done it since it last read a file.
pub(super) fn of(machine: &Machine, step: Option<&Step>, steps: &[Rc<Step>]) -> Vec<(Deed, Doing)> {
    let actor = Actor::Kubelet(machine.name.clone());
    // What it does for pods of the API is another story.
    let is_static = |step: &Step| match &step.what {
        What::Machine(MachineChange::Pod { key, .. }) => {
            machine.pods().any(|pod| pod.file().is_some() && pod.key() == key)
        }
        _ => true,
    };
    let its = |step: &Step| step.actor == actor && is_static(step);
    let now = step.filter(|step| its(step)).and_then(Deed::of);
    let mut done = Vec::new();
    for deed in steps.iter().rev().filter(|step| its(step)).filter_map(|step| Deed::of(step)) {
        if !done.contains(&deed) {
            done.push(deed);
        }
        if deed == Deed::ReadFile {
            break;
        }
    }
    let doing = |deed: Deed| match deed {
        deed if now == Some(deed) => Doing::Now,
        deed if done.contains(&deed) => Doing::Done,
        _ => Doing::Ahead,
    };
    Deed::ALL.into_iter().map(|deed| (deed, doing(deed))).collect()
}
