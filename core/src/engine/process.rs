//! Processes of the control plane that a person stops and starts again: the API server, the scheduler, the
//! controller-manager, or one of its controllers.
//!
//! Whoever is stopped looks at nothing. Its work queue fills all the same, so that one look after the start answers
//! everything that happened meanwhile: upstream's controllers, which list everything when they start, are driven by
//! levels too. A control plane of static pods is stopped and started by its containers as well. Without the API server nobody of the control plane can do anything; kubelets go on with what they know.

use std::fmt;
use std::rc::Rc;

use super::agenda::{Due, Pending, Run};
use super::workqueue::{ComponentId, Work, WorkKey, WorkState};
use super::world::World;
use crate::controllers::ControllerId;
use crate::simulation::control_plane;
use crate::simulation::{Absent, ControlPlane};

/// Who is stopped or started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// kube-apiserver.
    ApiServer,
    /// kube-scheduler.
    Scheduler,
    /// kube-controller-manager, with all its controllers.
    ControllerManager,
    /// One controller.
    Controller(ControllerId),
}

const API_SERVER: &str = "kube-apiserver";
const SCHEDULER: &str = "kube-scheduler";
const CONTROLLER_MANAGER: &str = "kube-controller-manager";

impl Process {
    /// Reads a name: a binary's, or that of a controller as its Events have it or as the diagram shows it.
    pub fn read(name: &str) -> Option<Process> {
        match name {
            API_SERVER | "api-server" => return Some(Process::ApiServer),
            SCHEDULER | "scheduler" => return Some(Process::Scheduler),
            CONTROLLER_MANAGER | "controller-manager" => return Some(Process::ControllerManager),
            _ => {}
        }
        let is_called = |id: &ControllerId| id.name() == name || id.controller().component == name;
        ControllerId::all().find(is_called).map(Process::Controller)
    }

    /// Whether it is stopped.
    pub fn is_stopped(self, world: &World) -> bool {
        let stopped = world.simulation.stopped;
        match self {
            Process::ApiServer => stopped.has_no_server(),
            Process::Scheduler => stopped.scheduler || stopped.absent.scheduler,
            Process::ControllerManager => {
                stopped.absent.controller_manager || stopped.controllers == all_controllers()
            }
            Process::Controller(id) => {
                stopped.absent.controller_manager || stopped.controllers & bit(id) != 0
            }
        }
    }
}

/// As it is named in a process list; a controller as the flag `--controllers` has it.
impl fmt::Display for Process {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Process::ApiServer => API_SERVER,
            Process::Scheduler => SCHEDULER,
            Process::ControllerManager => CONTROLLER_MANAGER,
            Process::Controller(id) => id.name(),
        })
    }
}

/// Whether a component is part of a process that is stopped, or can do nothing without one.
pub(super) fn is_stopped(world: &World, component: &ComponentId) -> bool {
    let has_no_server = world.simulation.stopped.has_no_server();
    match component {
        ComponentId::Scheduler => has_no_server || Process::Scheduler.is_stopped(world),
        ComponentId::Controller(id) => has_no_server || Process::Controller(*id).is_stopped(world),
        ComponentId::Kubelet(_) | ComponentId::Proxy(_) | ComponentId::Session(_) => false,
    }
}

/// From now on it looks at nothing.
pub(super) fn stop(world: &mut World, process: Process) {
    let stopped = &mut Rc::make_mut(&mut world.simulation).stopped;
    match process {
        Process::ApiServer => stopped.api_server = true,
        Process::Scheduler => stopped.scheduler = true,
        Process::ControllerManager => stopped.controllers = all_controllers(),
        Process::Controller(id) => stopped.controllers |= bit(id),
    }
}

/// It looks at everything that it was woken for while it was stopped. Returns how many keys that are.
pub(super) fn start(world: &mut World, process: Process) -> usize {
    let stopped = &mut Rc::make_mut(&mut world.simulation).stopped;
    match process {
        Process::ApiServer => stopped.api_server = false,
        Process::Scheduler => stopped.scheduler = false,
        Process::ControllerManager => stopped.controllers = 0,
        Process::Controller(id) => stopped.controllers &= !bit(id),
    }
    let is_of = |component: &ComponentId| match process {
        Process::ApiServer => matches!(component, ComponentId::Scheduler | ComponentId::Controller(_)),
        Process::Scheduler => *component == ComponentId::Scheduler,
        Process::ControllerManager => matches!(component, ComponentId::Controller(_)),
        Process::Controller(id) => *component == ComponentId::Controller(id),
    };
    resume(world, is_of)
}

/// A control plane of static pods follows its containers: whose container answers no more is down, whose answers
/// again looks at everything that it was woken for meanwhile.
pub(super) fn follow(world: &mut World, node: &str) {
    if world.simulation.control_plane != ControlPlane::StaticPods || node != control_plane::NODE {
        return;
    }
    let Some(machine) = world.machines.get(node) else { return };
    let was = world.simulation.stopped.absent;
    let is = Absent::unless(|name| machine.answers_as(name));
    if is == was {
        return;
    }
    Rc::make_mut(&mut world.simulation).stopped.absent = is;
    let has_returned = |component: &ComponentId| match component {
        ComponentId::Scheduler => was.scheduler || was.api_server || was.etcd,
        ComponentId::Controller(_) => was.controller_manager || was.api_server || was.etcd,
        ComponentId::Kubelet(_) | ComponentId::Proxy(_) | ComponentId::Session(_) => false,
    };
    resume(world, has_returned);
}

/// Keys that wait are looked at, as far as nothing stops those who look. Returns how many keys that are.
fn resume(world: &mut World, is_of: impl Fn(&ComponentId) -> bool) -> usize {
    let is_waiting = |key: &WorkKey, work: &Work| {
        work.state == WorkState::Queued && is_of(&key.component) && !is_stopped(world, &key.component)
    };
    let waiting = world.work.iter().filter(|(key, work)| is_waiting(key, work));
    let waiting: Vec<_> = waiting.map(|(key, work)| (key.clone(), work.causes)).collect();
    let count = waiting.len();
    for (key, causes) in waiting {
        let at = world.now + world.look_latency(&key.component);
        world.schedule(at, Due::Look(key), causes, Pending::Work);
    }
    count
}

/// What a process was in the middle of when it was stopped is never finished: its key is looked at anew.
pub(super) fn abandon(world: &mut World, run: &Run) {
    let key: &Rc<WorkKey> = &run.key;
    let Some(mut work) = world.work.get(key).cloned() else { return };
    work.state = WorkState::Queued;
    work.causes.merge(run.causes);
    world.work.insert(key.clone(), work);
}

fn bit(id: ControllerId) -> u32 {
    1 << id.0
}

fn all_controllers() -> u32 {
    ControllerId::all().map(bit).sum()
}
