//! The world: one value that holds everything which decides the future.
//!
//! Cloning it copies a few pointers. Two equal worlds have equal futures.

use std::rc::Rc;

use crate::persistent::Map;

use super::agenda::{Agenda, Due, Entry, Pending};
use super::command::Command;
use super::memory::{Memory, Remember};
use super::step::{Cause, Causes, CommandId, ReconcileId, StepId};
use super::workqueue::{ComponentId, Work, WorkItem, WorkKey, WorkState};
use crate::api::{Key, Meta, Namespace, Node, Object, Resource, Uid};
use crate::apiserver::{Store, bootstrap_roles};
use crate::controllers;
use crate::kubectl::Session;
use crate::kubelet::{self, Machine, MachineContext};
use crate::network::traffic::Traffic;
use crate::rng::Rng;
use crate::simulation::{ControlPlane, Simulation, control_plane};
use crate::time::{Duration, Time};

pub use crate::kubelet::Machines;

/// The scheduler's place among the caches.
pub(super) const SCHEDULER: usize = controllers::ALL.len();
/// The place of the kube-proxies' cache.
pub(super) const PROXIES: usize = SCHEDULER + 1;

/// Everything that decides the future.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    /// Virtual time.
    pub now: Time,
    /// What the API server knows.
    pub store: Rc<Store>,
    /// What runs on each node.
    pub machines: Machines,
    /// Clients that send requests, and what became of them.
    pub traffic: Rc<Traffic>,
    /// Settings.
    pub simulation: Rc<Simulation>,
    /// What components remember.
    pub memory: Rc<Memory>,
    /// What is due.
    pub agenda: Agenda,
    /// The state of every key that somebody looks at.
    pub(crate) work: Map<Rc<WorkKey>, Work>,
    /// The caches of the controllers, in the order of `controllers::ALL`; then the scheduler's, and that of every
    /// kube-proxy: what reaches one of them reaches all at the same time.
    pub(crate) caches: Rc<[Rc<Store>; PROXIES + 1]>,
    /// The commands given so far.
    pub(crate) commands: Map<CommandId, Rc<Command>>,
    /// The kubectl commands that ran or run.
    pub sessions: Map<CommandId, Rc<Session>>,
    pub(crate) rng: Rng,
    pub(crate) ids: Ids,
}

/// Numbers to give out next. Worlds are equal whatever these are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ids {
    pub(crate) step: u32,
    pub(crate) reconcile: u32,
}

impl PartialEq for Ids {
    fn eq(&self, _: &Ids) -> bool {
        true
    }
}

impl World {
    /// A cluster with these nodes and nothing else: the namespaces that every cluster has.
    pub fn new(simulation: Simulation, nodes: Vec<Node>) -> World {
        let mut nodes = nodes;
        simulation.control_plane.complete(&mut nodes);
        let mut rng = Rng::new(simulation.seed);
        let mut store = Store::default();
        for name in ["default", "kube-node-lease", "kube-public", "kube-system"] {
            store.put(Object::Namespace(Rc::new(namespace(name, Uid::random(&mut rng)))));
        }
        for mut node in nodes {
            node.uid = Uid::random(&mut rng);
            store.put(Object::Node(Rc::new(node)));
        }
        for object in bootstrap_roles::objects() {
            store.put(object);
        }
        for object in simulation.api_service.objects() {
            store.put(object);
        }
        if let Some(class) = simulation.default_storage_class.object(&mut rng) {
            store.put(Object::StorageClass(Rc::new(class)));
        }
        let control_plane = match simulation.control_plane {
            ControlPlane::Hosted => None,
            ControlPlane::StaticPods => control_plane_of(&mut store, &simulation, &mut rng),
        };
        let store = Rc::new(store);
        let mut machines = Machines::new();
        for node in store.list::<Node>() {
            let name = node.key.name.clone();
            machines.insert(name.clone(), Rc::new(Machine::new(name, store.clone())));
        }
        if let Some(mut machine) = control_plane {
            machine.kubelet_cache = store.clone();
            machines.insert(machine.name.clone(), Rc::new(machine));
        }
        World {
            now: Time::ZERO,
            machines,
            traffic: Rc::default(),
            memory: Rc::new(Memory::new(&store)),
            agenda: Agenda::default(),
            work: Map::new(),
            caches: Rc::new(std::array::from_fn(|_| store.clone())),
            commands: Map::new(),
            sessions: Map::new(),
            simulation: Rc::new(simulation),
            store,
            rng,
            ids: Ids::default(),
        }
    }

    /// The cache of a component: the store as of the last watch event that reached it.
    pub fn cache(&self, component: &ComponentId) -> &Rc<Store> {
        match component {
            ComponentId::Controller(id) => &self.caches[usize::from(id.0)],
            ComponentId::Scheduler => &self.caches[SCHEDULER],
            ComponentId::Proxy(_) => &self.caches[PROXIES],
            ComponentId::Kubelet(node) => {
                self.machines.get(node).map_or(&self.store, |machine| &machine.kubelet_cache)
            }
            ComponentId::Session(_) => &self.store,
        }
    }

    /// What those have heard who watch Services and slices: the kube-proxies and the DNS server.
    pub fn watched(&self) -> &Store {
        &self.caches[PROXIES]
    }

    /// The state of a key, if somebody looks at it.
    pub fn work(&self, key: &WorkKey) -> Option<&Work> {
        self.work.get(key)
    }

    /// Whether a kubectl command is in the middle of a look.
    pub(crate) fn is_busy(&self, command: CommandId) -> bool {
        let work = self.work.get(&WorkKey::whole(ComponentId::Session(command)));
        work.is_some_and(|work| matches!(work.state, WorkState::Busy | WorkState::BusyAndWoken))
    }

    /// Every key that somebody looks at or will.
    pub fn work_keys(&self) -> impl Iterator<Item = (&WorkKey, &Work)> {
        self.work.iter().map(|(key, work)| (&**key, work))
    }

    /// How many steps led here.
    pub fn steps(&self) -> u32 {
        self.ids.step
    }

    /// Adds something that is due.
    pub(crate) fn schedule(&mut self, at: Time, due: Due, causes: Causes, pending: Pending) {
        self.agenda.add(at.max(self.now), Entry { due, causes, pending });
    }

    /// Wakes a key: a look is due after `wait`, unless one is already.
    pub(crate) fn wake(&mut self, key: Rc<WorkKey>, causes: Causes, wait: Duration) {
        let known = self.work.get(&key);
        if known.is_some_and(|work| work.is_woken() && !work.causes.would_take(causes)) {
            return;
        }
        let mut work = known.cloned().unwrap_or_default();
        work.causes.merge(causes);
        match work.state {
            WorkState::Idle => {
                work.state = WorkState::Queued;
                self.schedule(self.now + wait, Due::Look(key.clone()), work.causes, Pending::Work);
            }
            WorkState::Queued | WorkState::BusyAndWoken => {}
            WorkState::Busy => work.state = WorkState::BusyAndWoken,
        }
        self.work.insert(key, work);
    }

    /// Takes over what a plan wants remembered.
    pub(crate) fn remember(&mut self, what: Remember) {
        match what {
            Remember::Session(session) => {
                self.sessions.insert(session.id, session);
            }
            Remember::Connections(connections) => {
                Rc::make_mut(&mut self.traffic).connections = connections;
            }
            Remember::Pod(node, pod) => {
                if let Some(machine) = self.machine_mut(&node) {
                    machine.put(pod);
                }
            }
            Remember::Pressure(node, pressure) => {
                if let Some(machine) = self.machine_mut(&node) {
                    machine.pressure = Some(pressure);
                }
            }
            other => Rc::make_mut(&mut self.memory).remember(other),
        }
    }

    /// Changes a machine.
    pub(crate) fn machine_mut(&mut self, node: &str) -> Option<&mut Machine> {
        self.machines.get_mut(node).map(Rc::make_mut)
    }

    /// How long after a change a component looks.
    pub(crate) fn look_latency(&self, component: &ComponentId) -> Duration {
        let latencies = &self.simulation.latencies;
        match component {
            ComponentId::Controller(_) => latencies.controller,
            ComponentId::Scheduler => latencies.scheduler,
            ComponentId::Kubelet(_) => latencies.kubelet,
            ComponentId::Proxy(_) => latencies.proxy,
            ComponentId::Session(_) => Duration::ZERO,
        }
    }

    pub(crate) fn next_step_id(&mut self) -> StepId {
        self.ids.step += 1;
        StepId(self.ids.step - 1)
    }

    pub(crate) fn next_reconcile_id(&mut self) -> ReconcileId {
        self.ids.reconcile += 1;
        ReconcileId(self.ids.reconcile - 1)
    }

    /// Records a command: it takes effect as the next thing that happens.
    pub(crate) fn submit(&mut self, command: Command) -> CommandId {
        let id = CommandId(self.commands.len() as u32);
        self.commands.insert(id, Rc::new(command));
        let causes = Causes::one(Cause::Command(id));
        let follows_another = matches!(self.agenda.first(), Some((_, Entry { due: Due::Command(_), .. })));
        let entry = Entry { due: Due::Command(id), causes, pending: Pending::Work };
        let entry = self.agenda.add(self.now, entry);
        if !follows_another {
            self.agenda.reschedule_first(entry, self.now);
        }
        id
    }
}

impl WorkKey {
    /// A controller's key.
    pub fn controller(id: controllers::ControllerId, target: crate::api::ObjectRef) -> Rc<WorkKey> {
        Rc::new(WorkKey { component: ComponentId::Controller(id), item: WorkItem::Object(target) })
    }

    /// A component's only key.
    pub fn whole(component: ComponentId) -> Rc<WorkKey> {
        Rc::new(WorkKey { component, item: WorkItem::Whole })
    }
}

/// The machine of a control plane of static pods, which run; the API has their mirrors.
fn control_plane_of(store: &mut Store, simulation: &Simulation, rng: &mut Rng) -> Option<Machine> {
    let name: Rc<str> = control_plane::NODE.into();
    let node = store.get_cluster_wide::<Node>(&name)?.clone();
    let mut machine = Machine::new(name, Rc::new(store.clone()));
    let mut context =
        MachineContext { now: Time::ZERO, rng, simulation, timers: Vec::new(), wakes: Vec::new() };
    for mirror in kubelet::boot(&mut machine, &node, &control_plane::MANIFESTS, &mut context) {
        store.put(Object::Pod(Rc::new(mirror)));
    }
    Some(machine)
}

fn namespace(name: &str, uid: Uid) -> Namespace {
    let labels = [(String::from("kubernetes.io/metadata.name"), String::from(name))];
    let meta = Meta { labels: Rc::new(labels.into()), ..Meta::default() };
    let status = k8s_openapi::api::core::v1::NamespaceStatus {
        phase: Some("Active".to_owned()),
        ..k8s_openapi::api::core::v1::NamespaceStatus::default()
    };
    Resource {
        key: Key::new("", name),
        uid,
        resource_version: 0,
        meta: Rc::new(meta),
        spec: Rc::new(k8s_openapi::api::core::v1::NamespaceSpec {
            finalizers: Some(vec!["kubernetes".to_owned()]),
        }),
        status: Rc::new(status),
    }
}
