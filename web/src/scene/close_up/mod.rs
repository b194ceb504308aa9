//! One or two nodes looked at closely: the files of their manifest directories, what their kubelets do about them, the
//! static pods that run, and the mirrors that the API has of them. All of it is read from the world and its steps.

pub mod deeds;
pub mod lives;
mod mirrors;
mod pods;

use std::rc::Rc;

use kubestep_core::api::{Key, Node};
use kubestep_core::engine::{Actor, Process, Step, StepId, Timeline, World};
use kubestep_core::kubelet::Machine;

use super::figures::{Meter, NodeFigure};
use super::geometry::Rect;
use super::reading::{control_plane, nodes};
use deeds::Deed;
pub use mirrors::Mirror;
pub use pods::StaticPod;

/// The most nodes that are looked at side by side.
pub const MOST_NODES: usize = 2;

/// A file of a node's manifest directory.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The node.
    pub node: Rc<str>,
    /// The file's name.
    pub file: Rc<str>,
}

/// Which nodes are looked at, and which file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Focus {
    /// The nodes: none where the whole cluster is looked at.
    pub nodes: Vec<Rc<str>>,
    /// The file in the editor.
    pub file: Option<Place>,
}

/// Everything that is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct CloseUp {
    /// The control plane's processes, and whether each answers.
    pub processes: Vec<(&'static str, bool)>,
    /// The store's revision.
    pub revision: u64,
    /// What kubectl does.
    pub kubectl: String,
    /// The request of the step in view, and who sends it.
    pub message: Option<Message>,
    /// The nodes.
    pub nodes: Vec<NodeCloseUp>,
    /// Their mirrors in the API, those of the pod in focus first.
    pub mirrors: Vec<Mirror>,
}

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `POST`
    pub verb: &'static str,
    /// `pods/web-node-1/status`
    pub resource: String,
    /// Which of the nodes' kubelets sends it; `None` for anybody else.
    pub from: Option<Rc<str>>,
    /// Why it was refused.
    pub refusal: Option<String>,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeCloseUp {
    /// Its name.
    pub name: Rc<str>,
    /// Conditions, taints, meters; `None` where the API has no such node.
    pub figure: Option<NodeFigure>,
    /// Whether its kubelet is cut off.
    pub is_silent: bool,
    /// The files of its directory.
    pub files: Vec<File>,
    /// Whether its kubelet acts in the step in view.
    pub acts: bool,
    /// What it has done since it last read a file, and whether it does so in the step in view.
    pub deeds: Vec<(Deed, Doing)>,
    /// The static pods that it runs, the one in focus first.
    pub pods: Vec<StaticPod>,
    /// How many pods it runs that came from the API.
    pub others: usize,
}

/// How far a deed of a kubelet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Not since it last read a file.
    Ahead,
    /// Done.
    Done,
    /// In this step.
    Now,
}

/// A file of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its name.
    pub name: Rc<str>,
    /// Whether it is in focus.
    pub in_focus: bool,
    /// What is wrong with it.
    pub problem: Option<Rc<str>>,
}

/// Reads what is drawn at a step; `None` where none of the nodes has a machine.
pub fn read(timeline: &Timeline, world: &World, at: Option<StepId>, focus: &Focus) -> CloseUp {
    let step = at.and_then(|id| timeline.step(id)).map(|step| &**step);
    let known = timeline.steps();
    let steps = &known[..at.map_or(0, |id| id.0 as usize + 1).min(known.len())];
    let machines = focus.nodes.iter().filter_map(|node| world.machines.get(node));
    let machines: Vec<&Machine> = machines.take(MOST_NODES).map(|machine| &**machine).collect();
    let pod = pods::in_focus(&machines, focus.file.as_ref(), step);
    let nodes = machines.iter().map(|machine| node(world, machine, step, steps, focus, pod.as_ref()));
    let nodes: Vec<NodeCloseUp> = nodes.collect();
    CloseUp {
        processes: ["kube-apiserver", "kube-controller-manager", "kube-scheduler"]
            .into_iter()
            .filter_map(|name| Some((name, !Process::read(name)?.is_stopped(world))))
            .collect(),
        revision: world.store.revision(),
        kubectl: control_plane::kubectl_words(world, step),
        message: step.and_then(|step| message(step, &nodes)),
        mirrors: mirrors::of(world, steps, &machines, pod.as_ref(), step),
        nodes,
    }
}

fn node(
    world: &World,
    machine: &Machine,
    step: Option<&Step>,
    steps: &[Rc<Step>],
    focus: &Focus,
    pod: Option<&Key>,
) -> NodeCloseUp {
    let name = machine.name.clone();
    let acts = step.is_some_and(|step| step.actor == Actor::Kubelet(name.clone()));
    let figure = world.store.get::<Node>(&Key::new("", name.clone())).map(|node| {
        let around = nodes::Around {
            rect: Rect::default(),
            kubelet_acts: acts,
            proxy_acts: false,
            rules: None,
            hit: false,
        };
        nodes::figure(node, &world.store, around)
    });
    let is_chosen =
        |file: &Rc<str>| focus.file.as_ref().is_some_and(|place| place.node == name && place.file == *file);
    let files = machine.manifests.iter().map(|(file, manifest)| File {
        name: file.clone(),
        in_focus: is_chosen(file),
        problem: manifest.pod.as_ref().err().cloned(),
    });
    NodeCloseUp {
        figure,
        is_silent: world.memory.nodes.silent_since(&name).is_some(),
        files: files.collect(),
        acts,
        deeds: deeds::of(machine, step, steps),
        pods: pods::of(world, machine, pod, step),
        others: machine.pods().filter(|pod| pod.file().is_none()).count(),
        name,
    }
}

fn message(step: &Step, nodes: &[NodeCloseUp]) -> Option<Message> {
    let figure = control_plane::message(step)?;
    let from = nodes.iter().find(|node| step.actor == Actor::Kubelet(node.name.clone()));
    Some(Message {
        verb: figure.verb,
        resource: figure.resource,
        from: from.map(|node| node.name.clone()),
        refusal: figure.refusal,
    })
}

/// The meters of a node; none where the API does not know it.
pub fn meters(node: &NodeCloseUp) -> &[Meter] {
    node.figure.as_ref().map(|figure| &*figure.meters).unwrap_or_default()
}

/// The first digits of a uid and its last: `e41f…07`.
pub fn short_uid(uid: kubestep_core::api::Uid) -> String {
    let whole = uid.to_string();
    let end = whole.len().saturating_sub(2);
    format!("{}…{}", &whole[..whole.len().min(4)], &whole[end..])
}

#[cfg(test)]
mod tests;
