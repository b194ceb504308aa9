//! What a person does to nodes: faults of their kubelets, and new machines.

use std::fmt;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::agenda::{Due, Pending};
use super::step::{Actor, Causes, What};
use super::workqueue::{ComponentId, WorkKey, WorkState};
use super::world::World;
use crate::api::{Key, Kind, Node, Object, ObjectRef};
use crate::apiserver::{DeleteOptions, Write};
use crate::controllers::{ControllerId, node_lifecycle};
use crate::simulation::Space;
use crate::time::Time;
use crate::why::{self, Why};

/// An act on one node.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeAct {
    /// Its kubelet reports this status of its Ready condition: `True`, `False` or `Unknown`.
    Reports(Rc<str>),
    /// Its kubelet is cut off: it neither hears nor says anything. What runs goes on running.
    FallsSilent,
    /// Its kubelet is back.
    Returns,
    /// It joins the cluster, as its kubelet registers it.
    Joins(Rc<Node>),
    /// A file with this name and text is put into its manifest directory.
    WritesManifest(Rc<str>, Rc<str>),
    /// The file with this name is taken out of its manifest directory.
    RemovesManifest(Rc<str>),
    /// The file with this name is moved into the manifest directory of another node, or gets another name.
    MovesManifest {
        /// Its name.
        file: Rc<str>,
        /// Where to; the same node for a mere renaming.
        node: Rc<str>,
        /// Its name there.
        name: Rc<str>,
    },
    /// From now on so many bytes of its memory or disk are used by what is no pod.
    Uses(Space, i64),
    /// It is switched off for good and taken out of the cluster: nothing runs on it any more.
    Leaves,
}

/// As a person would say it, before the node's name.
impl fmt::Display for NodeAct {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeAct::Reports(status) if **status == *"True" => out.write_str("make ready"),
            NodeAct::Reports(status) => write!(out, "report Ready {status} of"),
            NodeAct::FallsSilent => out.write_str("cut off"),
            NodeAct::Returns => out.write_str("bring back"),
            NodeAct::Joins(_) => out.write_str("add"),
            NodeAct::WritesManifest(file, _) => write!(out, "put {file} into the manifests of"),
            NodeAct::RemovesManifest(file) => write!(out, "take {file} from the manifests of"),
            NodeAct::MovesManifest { file, node, .. } => {
                write!(out, "move {file} to {node} from the manifests of")
            }
            NodeAct::Uses(space, 0) => write!(out, "free the {} of", space.name()),
            NodeAct::Uses(space, _) => write!(out, "use up the {} of", space.name()),
            NodeAct::Leaves => out.write_str("remove"),
        }
    }
}

/// What a node's kubelet sends when a person decides something about it, and why. `None` where it sends nothing.
pub(super) fn request(world: &mut World, name: &Rc<str>, act: &NodeAct) -> Option<(Write, Why)> {
    let stored = world.store.get_cluster_wide::<Node>(name).cloned();
    match act {
        NodeAct::FallsSilent => None,
        NodeAct::Joins(node) => {
            let number = crate::simulation::free_number(world.store.list::<Node>());
            let node = crate::simulation::registered((**node).clone(), number);
            Some((Write::Create(Object::Node(Rc::new(node))), why::Kubelet::RegistersNode.into()))
        }
        NodeAct::Reports(status) => report(world.now, &*stored?, status),
        NodeAct::Returns => {
            come_back(world, name);
            report(world.now, &*stored?, "True")
        }
        NodeAct::Leaves => {
            world.machines.remove(name);
            let node = ObjectRef::new(Kind::Node, stored?.key.clone());
            let options = DeleteOptions::default();
            Some((Write::Delete { target: node, options }, why::Kubectl::RemovesNode.into()))
        }
        // No request, but something that happens on the machine.
        NodeAct::WritesManifest(..) | NodeAct::RemovesManifest(_) | NodeAct::MovesManifest { .. } => None,
        NodeAct::Uses(..) => None,
    }
}

/// What a person said with it.
pub(super) fn said(node: &Rc<str>, act: &NodeAct) -> why::Kubectl {
    let node = node.clone();
    match act {
        NodeAct::WritesManifest(file, _) => why::Kubectl::PutsFile { file: file.clone(), node },
        NodeAct::RemovesManifest(file) => why::Kubectl::TakesFile { file: file.clone(), node },
        NodeAct::MovesManifest { file, node: to, .. } => {
            why::Kubectl::MovesFile { file: file.clone(), from: node, to: to.clone() }
        }
        NodeAct::Uses(space, used) => why::Kubectl::UsesSpace { node, resource: space.name(), used: *used },
        NodeAct::Reports(_) | NodeAct::FallsSilent | NodeAct::Returns => why::Kubectl::Asked,
        NodeAct::Joins(_) | NodeAct::Leaves => why::Kubectl::Asked,
    }
}

/// Who sends it.
pub(super) fn sender(name: &Rc<str>, act: &NodeAct) -> Actor {
    if *act == NodeAct::Leaves { Actor::You } else { Actor::Kubelet(name.clone()) }
}

/// A file that moves is taken from one directory and put into another; nothing where there is no such file.
pub(super) fn moved(world: &World, from: &Rc<str>, act: &NodeAct) -> Vec<(Rc<str>, NodeAct)> {
    let NodeAct::MovesManifest { file, node, name } = act else { return Vec::new() };
    let text = world.machines.get(from).and_then(|machine| machine.manifests.get(file));
    let Some(text) = text.map(|manifest| manifest.text.clone()) else { return Vec::new() };
    if world.machines.get(node).is_none() || (from, file) == (node, name) {
        return Vec::new();
    }
    vec![
        (from.clone(), NodeAct::RemovesManifest(file.clone())),
        (node.clone(), NodeAct::WritesManifest(name.clone(), text)),
    ]
}

/// Its kubelet is cut off from now on.
pub(super) fn fall_silent(world: &mut World, name: &Rc<str>) {
    let now = world.now;
    let memory = Rc::make_mut(&mut world.memory);
    Rc::make_mut(&mut memory.nodes).note_silence(name, Some(now));
    let monitor = ControllerId::all().find(|id| id.controller().component == "node-controller");
    let target = ObjectRef::new(Kind::Node, Key::new("", name.clone()));
    if let Some(monitor) = monitor {
        let due = Due::Wake(WorkKey::controller(monitor, target));
        world.schedule(node_lifecycle::lost_at(now), due, Causes::default(), Pending::Timer);
    }
}

/// A kubelet that is back looks at everything that it was woken for while it was silent.
fn come_back(world: &mut World, name: &Rc<str>) {
    let memory = Rc::make_mut(&mut world.memory);
    Rc::make_mut(&mut memory.nodes).note_silence(name, None);
    let (now, latency) = (world.now, world.simulation.latencies.kubelet);
    let component = ComponentId::Kubelet(name.clone());
    let waiting =
        world.work.iter().filter(|(key, work)| key.component == component && work.state == WorkState::Queued);
    let waiting: Vec<_> = waiting.map(|(key, work)| (key.clone(), work.causes)).collect();
    for (key, causes) in waiting {
        world.schedule(now + latency, Due::Look(key), causes, Pending::Work);
    }
}

/// The node's status with another Ready condition; nothing where it is as it was.
fn report(now: Time, node: &Node, status: &str) -> Option<(Write, Why)> {
    let mut node = node.clone();
    let conditions = Rc::make_mut(&mut node.status).conditions.get_or_insert_default();
    let (reason, message) = match status {
        "True" => ("KubeletReady", "kubelet is posting ready status"),
        "False" => ("KubeletNotReady", "container runtime is down"),
        _ => ("NodeStatusUnknown", "Kubelet stopped posting node status."),
    };
    let is_back = status == "True";
    for condition in conditions.iter_mut() {
        let (wanted, reason, message) = match condition.type_.as_str() {
            "Ready" => (status, reason, message),
            "MemoryPressure" if is_back => {
                ("False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available")
            }
            "DiskPressure" if is_back => {
                ("False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure")
            }
            "PIDPressure" if is_back => {
                ("False", "KubeletHasSufficientPID", "kubelet has sufficient PID available")
            }
            _ => continue,
        };
        set(condition, wanted, reason, message, now);
    }
    let why = why::Kubelet::ReportsNode { status: status.into() };
    Some((Write::UpdateStatus(Object::Node(Rc::new(node))), why.into()))
}

fn set(condition: &mut core::NodeCondition, status: &str, reason: &str, message: &str, now: Time) {
    if condition.status != status {
        condition.last_transition_time = Some(now.to_api());
    }
    condition.last_heartbeat_time = Some(now.to_api());
    condition.status = status.to_owned();
    condition.reason = Some(reason.to_owned());
    condition.message = Some(message.to_owned());
}

/// What a node's kubelet did, as a step shows it.
pub(super) fn outcome(
    answer: Result<crate::apiserver::Change, crate::apiserver::ApiError>,
    write: Write,
) -> What {
    match answer {
        Ok(change) => What::Written(Rc::new(change)),
        Err(error) => What::Refused { write: Rc::new(write), error: Rc::new(error) },
    }
}
