//! Node truth about one pod: its sandbox, its containers, and how far its worker is.
//!
//! Kept per uid: a deleted pod's processes may run beside a new pod of the same name.
//! Upstream: `pkg/kubelet/pod_workers.go`, `pkg/kubelet/container/runtime.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::by_hand::Finish;
use super::environment::{Environment, Here, Variable};
use super::images::{Image, Pulled};
use super::manifests::Origin;
use super::probes::{Probe, ProbeKind};
use super::restart::BackOff;
use crate::api::{Key, Pod, Uid};
use crate::simulation::{Behaviour, Protocol};
use crate::time::{Duration, Time};

/// One pod on a machine.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalPod {
    /// The object, as this kubelet last saw it.
    pub(super) api: Rc<Pod>,
    /// Where it comes from, if it is a static pod.
    pub(super) origin: Option<Rc<Origin>>,
    /// Whether the API no longer has it.
    pub(super) is_removed: bool,
    pub(super) stage: Stage,
    pub(super) doing: Doing,
    /// What the sync in progress did so far.
    pub(super) progress: Progress,
    /// When the kubelet took the pod on: `status.startTime`.
    pub(super) accepted: Option<Time>,
    pub(super) sandbox: Option<Sandbox>,
    /// Init containers, then regular ones, each in the order of the spec.
    pub(super) containers: Vec<Container>,
    pub(super) pull_back_offs: Vec<(Rc<str>, BackOff)>,
    pub(super) stop: Option<StopClock>,
    pub(super) verdict: Option<Rc<Verdict>>,
    /// How a person ended it for good.
    pub(super) finish: Option<Rc<Finish>>,
    /// Failed probes that no Event tells of yet.
    pub(super) unhealthy: Vec<Unhealthy>,
    /// The status it last reported.
    pub(super) reported: Option<Rc<core::PodStatus>>,
    /// Until when the kubelet is busy with sending a status of it: what it reports meanwhile is sent then, and only the
    /// latest of it.
    pub(super) sending_until: Time,
    /// Whether the status it last reported has yet to be sent.
    pub(super) is_unsent: bool,
}

/// The lives of a pod's worker. There is no way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It keeps the pod running.
    Working,
    /// It stops everything.
    Ending,
    /// Nothing runs any more; what is left of the pod is about to be settled.
    Stopped,
    /// All that is left to do is to let its object go.
    Ended,
}

/// What a worker does that takes time. While it does, it looks at nothing else.
#[derive(Clone, Debug, PartialEq)]
pub enum Doing {
    /// It waits for something to change.
    Nothing,
    /// Its life is over: at this second of its kubelet it begins the next one.
    Turning(Time),
    /// It waits for volumes to be mounted.
    Mounting(Mounting),
    /// The network namespace is being set up.
    SettingUpSandbox,
    /// The network namespace is there.
    SandboxUp,
    /// It could not be set up.
    SandboxFailed,
    /// An image is being pulled for the container at this place.
    Pulling(usize),
    /// A pull has ended.
    Pulled(usize, Box<Pulled>),
    /// The container at this place is being created and started.
    Starting(usize),
    /// It runs.
    Started(usize),
    /// It runs, and so does its postStart hook: until that returns it does not count as running.
    Hooking(usize),
    /// Its postStart hook has returned.
    Hooked(usize),
    /// The container at this place is being stopped, to be started anew.
    Replacing(usize),
    /// Everything is being stopped.
    Stopping,
    /// The network namespace and the volumes are being taken down.
    RemovingSandbox,
    /// They are gone.
    SandboxRemoved,
}

/// Volumes that could not be mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mounting {
    /// When the sync began to wait for them.
    pub since: Time,
    /// How long the next try waits after the last one.
    pub delay: Duration,
    /// When that is.
    pub next: Time,
}

/// What the sync in progress did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Whether it changed what runs.
    pub changed: bool,
    /// Whether a container could not be started.
    pub failed: bool,
}

/// A pod's network namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandbox {
    /// Its address; pods on the node's own network have the node's.
    pub address: Rc<str>,
    /// The address's number on this node, to be given back; 0 for the node's own address.
    pub number: u16,
    /// Since when it has been there.
    pub since: Time,
}

/// When stopping began, and how long it may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopClock {
    /// When.
    pub since: Time,
    /// The grace period, at least 1 s.
    pub grace_seconds: i64,
}

/// Why a pod failed without its containers' doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `status.reason`
    pub reason: &'static str,
    /// `status.message`
    pub message: Rc<str>,
    /// What it came of.
    pub cause: Cause,
}

/// What ends a pod without its containers' doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It was never taken on.
    Rejection,
    /// Its `activeDeadlineSeconds` are over.
    Deadline,
    /// It is evicted: the node runs out of something.
    Shortage,
    /// It is evicted: it has written more than it may.
    OwnLimit,
}

/// A probe that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unhealthy {
    /// The container's place.
    pub place: usize,
    /// Which probe.
    pub kind: ProbeKind,
    /// What it found.
    pub output: Rc<str>,
    /// Failures in a row.
    pub times: u32,
    /// How many count.
    pub threshold: u32,
}

/// What a container is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Runs to its end before the next one starts.
    Init,
    /// An init container that goes on running beside the regular ones.
    Sidecar,
    /// One of `spec.containers`.
    Regular,
}

/// One container of a pod.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    pub(super) name: Rc<str>,
    /// `spec.containers{web}`
    pub(super) field_path: Rc<str>,
    pub(super) role: Role,
    pub(super) state: ContainerState,
    pub(super) restarts: u32,
    /// How the instance before this one ended.
    pub(super) last: Option<Rc<Ended>>,
    /// Why the last sync could not start it.
    pub(super) waiting: Option<Rc<Waiting>>,
    pub(super) back_off: Option<BackOff>,
    pub(super) probes: Vec<Probe>,
    /// What its variables are made from: taken along when it was made.
    pub(super) environment: Option<Rc<Environment>>,
    /// What a person decided, where kubelets decide nothing.
    pub(super) ready_by_hand: Option<bool>,
}

/// What a container does.
#[derive(Clone, Debug, PartialEq)]
pub enum ContainerState {
    /// It was never started.
    Absent,
    /// Its process runs.
    Running(Rc<Running>),
    /// Its process has ended.
    Ended(Rc<Ended>),
}

/// A process.
#[derive(Clone, Debug, PartialEq)]
pub struct Running {
    /// `containerd://…`
    pub id: Rc<str>,
    /// What it was made from.
    pub image: Rc<Image>,
    /// The image as its pod named it when it started.
    pub image_name: Rc<str>,
    /// When it started.
    pub since: Time,
    /// What it does.
    pub behaviour: Behaviour,
    /// Whether its ports answer.
    pub listens: bool,
    /// How far its end is.
    pub stop: Stop,
}

/// How far the end of a process is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nobody stops it.
    No,
    /// It is to stop, and waits for its turn.
    Asked,
    /// Its preStop hook runs until then.
    Hook(Time),
    /// It got SIGTERM, and gets SIGKILL then.
    Signalled {
        /// When it got SIGTERM.
        at: Time,
        /// When it gets SIGKILL.
        kill_at: Time,
    },
    /// It got SIGKILL.
    Killed,
}

/// How a process ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// `containerd://…`
    pub id: Rc<str>,
    /// What it was made from.
    pub image: Rc<Image>,
    /// Its exit code: 128 + the signal's number where a signal ended it.
    pub code: i32,
    /// When it started.
    pub started: Time,
    /// When it ended.
    pub finished: Time,
    /// Whether it used more memory than it may.
    pub is_out_of_memory: bool,
}

/// Why a container waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// `ErrImagePull`, `CrashLoopBackOff`, …
    pub reason: &'static str,
    /// The sentence beside it.
    pub message: Rc<str>,
    /// When it may be tried again, where that is known.
    pub until: Option<Time>,
}

impl LocalPod {
    /// A pod that the kubelet has just heard of.
    pub(super) fn new(api: Rc<Pod>) -> LocalPod {
        let spec = &api.spec.spec;
        let init = spec.init_containers.iter().flatten().map(|container| {
            let is_sidecar = container.restart_policy.as_deref() == Some("Always");
            Container::new(container, if is_sidecar { Role::Sidecar } else { Role::Init })
        });
        let regular = spec.containers.iter().map(|container| Container::new(container, Role::Regular));
        let containers = init.chain(regular).collect();
        LocalPod {
            api,
            origin: None,
            is_removed: false,
            stage: Stage::Working,
            doing: Doing::Nothing,
            progress: Progress::default(),
            accepted: None,
            sandbox: None,
            containers,
            pull_back_offs: Vec::new(),
            stop: None,
            verdict: None,
            finish: None,
            unhealthy: Vec::new(),
            reported: None,
            sending_until: Time::ZERO,
            is_unsent: false,
        }
    }

    /// A static pod.
    pub(super) fn of_file(api: Rc<Pod>, origin: Origin) -> LocalPod {
        LocalPod { origin: Some(Rc::new(origin)), ..LocalPod::new(api) }
    }

    /// The file it comes from, if it is a static pod.
    pub fn file(&self) -> Option<&Rc<str>> {
        self.origin.as_ref().map(|origin| &origin.file)
    }

    /// `metadata.uid`
    pub fn uid(&self) -> Uid {
        self.api.uid
    }

    /// Its namespace and name.
    pub fn key(&self) -> &Key {
        &self.api.key
    }

    /// The object, as this kubelet last saw it.
    pub fn object(&self) -> &Rc<Pod> {
        &self.api
    }

    /// Whether the API no longer has it: what still runs has no object.
    pub fn is_removed(&self) -> bool {
        self.is_removed
    }

    /// How far its worker is.
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// What its worker does that takes time.
    pub fn doing(&self) -> &Doing {
        &self.doing
    }

    /// Its network namespace.
    pub fn sandbox(&self) -> Option<&Sandbox> {
        self.sandbox.as_ref()
    }

    /// Its containers: init containers first, each kind in the order of the spec.
    pub fn containers(&self) -> impl Iterator<Item = &Container> {
        self.containers.iter()
    }

    /// The grace period that is running: when it began and how long it is.
    pub fn grace(&self) -> Option<StopClock> {
        self.stop
    }

    /// What is left of its grace period at `now`; `None` where nothing stops it.
    pub fn grace_left(&self, now: Time) -> Option<Duration> {
        let stop = self.stop.filter(|_| self.has_processes_to_stop())?;
        let ends = stop.since + Duration::from_seconds(stop.grace_seconds.max(0) as u64);
        Some(ends.since(now))
    }

    /// Whether it is to go on running.
    pub(super) fn is_to_run(&self) -> bool {
        self.stage == Stage::Working && !self.api.is_terminating()
    }

    fn has_processes_to_stop(&self) -> bool {
        matches!(self.stage, Stage::Working | Stage::Ending)
    }

    /// Whether a process of this pod answers on `port`.
    pub fn answers_on(&self, port: i32, protocol: Protocol) -> bool {
        self.answering(port, protocol).is_some()
    }

    /// The container whose process answers on `port`: its name, and the process.
    pub fn answering(&self, port: i32, protocol: Protocol) -> Option<(&Rc<str>, &Running)> {
        self.containers.iter().enumerate().find_map(|(place, container)| {
            let running = container.running().filter(|running| running.listens)?;
            serves(self.spec_of(place), port, protocol).then_some((&container.name, running))
        })
    }

    /// The process with this id, while it runs.
    pub fn process(&self, id: &str) -> Option<&Running> {
        self.containers.iter().filter_map(Container::running).find(|running| *running.id == *id)
    }

    /// The variables of a container that has been made, as they were then; `node_address` is its machine's. `None` for
    /// one that has not.
    pub fn variables(&self, container: &str, node_address: &str) -> Option<Vec<Variable>> {
        let place = self.containers.iter().position(|known| known.name() == container)?;
        let environment = self.containers[place].environment.as_ref()?;
        let address = self.sandbox.as_ref().map(|sandbox| &*sandbox.address).unwrap_or_default();
        let here = Here { pod: &self.api, address, node_address };
        Some(environment.variables(self.spec_of(place), here))
    }

    /// The spec of the container at a place.
    pub(super) fn spec_of(&self, place: usize) -> &core::Container {
        let spec = &self.api.spec.spec;
        let init = spec.init_containers.as_deref().unwrap_or_default();
        init.get(place).unwrap_or_else(|| &spec.containers[place - init.len()])
    }

    /// Whether the container at a place is there to do something and end: an ordinary init container, or one without
    /// ports in a pod that is not restarted always.
    pub(super) fn works_to_its_end(&self, place: usize) -> bool {
        match self.containers[place].role {
            Role::Init => true,
            Role::Sidecar => false,
            Role::Regular => {
                let serves = self.spec_of(place).ports.as_deref().is_some_and(|ports| !ports.is_empty());
                !serves && matches!(self.api.spec.spec.restart_policy.as_deref(), Some("Never" | "OnFailure"))
            }
        }
    }

    /// Whether anything runs.
    pub(super) fn is_any_running(&self) -> bool {
        self.containers.iter().any(Container::is_running)
    }

    /// Whether its init containers have done their part, and its sidecars have started.
    /// Once a regular container was created that is taken for granted.
    pub(super) fn is_initialised(&self) -> bool {
        let is_created = |container: &Container| !matches!(container.state, ContainerState::Absent);
        let regular = |container: &&Container| container.role == Role::Regular;
        self.containers.iter().filter(regular).any(is_created)
            || self.containers.iter().filter(|container| !regular(container)).all(Container::has_initialised)
    }
}

impl Container {
    fn new(spec: &core::Container, role: Role) -> Container {
        let list = if role == Role::Regular { "containers" } else { "initContainers" };
        Container {
            name: spec.name.as_str().into(),
            field_path: format!("spec.{list}{{{}}}", spec.name).into(),
            role,
            state: ContainerState::Absent,
            restarts: 0,
            last: None,
            waiting: None,
            back_off: None,
            probes: Probe::all_of(spec),
            environment: None,
            ready_by_hand: None,
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub fn role(&self) -> Role {
        self.role
    }

    /// What it does.
    pub fn state(&self) -> &ContainerState {
        &self.state
    }

    /// Its process, if it runs.
    pub fn running(&self) -> Option<&Running> {
        if let ContainerState::Running(running) = &self.state { Some(running) } else { None }
    }

    /// How it ended, if it has.
    pub fn ended(&self) -> Option<&Rc<Ended>> {
        if let ContainerState::Ended(ended) = &self.state { Some(ended) } else { None }
    }

    /// Whether its process runs.
    pub fn is_running(&self) -> bool {
        matches!(self.state, ContainerState::Running(_))
    }

    /// `containerd://…` of the latest instance; empty before the first.
    pub fn id(&self) -> &str {
        match &self.state {
            ContainerState::Absent => "",
            ContainerState::Running(running) => &running.id,
            ContainerState::Ended(ended) => &ended.id,
        }
    }

    /// What its variables are made from, once it has been made.
    pub fn environment(&self) -> Option<&Rc<Environment>> {
        self.environment.as_ref()
    }

    /// How often it was started anew.
    pub fn restarts(&self) -> u32 {
        self.restarts
    }

    /// Why the last sync could not start it, and when it will be tried again.
    pub fn waiting(&self) -> Option<&Waiting> {
        self.waiting.as_deref()
    }

    /// `started`: it runs, and its startup probe (if it has one) has succeeded.
    pub fn is_started(&self) -> bool {
        self.is_running() && self.probes.iter().all(Probe::lets_start)
    }

    /// `ready`: it is started and its readiness probe (if it has one) succeeds; an init container: it succeeded.
    pub fn is_ready(&self) -> bool {
        if self.role == Role::Init {
            return self.ended().is_some_and(|ended| ended.code == 0);
        }
        let by_itself = || self.probes.iter().all(Probe::lets_be_ready);
        self.is_started() && self.ready_by_hand.unwrap_or_else(by_itself)
    }

    fn has_initialised(&self) -> bool {
        match self.role {
            Role::Init => self.is_ready(),
            Role::Sidecar => self.is_started(),
            Role::Regular => true,
        }
    }
}

/// Whether a process made from `container` answers on `port`: on its declared ports, or on any if it declares none.
fn serves(container: &core::Container, port: i32, protocol: Protocol) -> bool {
    let ports = container.ports.as_deref().unwrap_or_default();
    let is_it = |declared: &core::ContainerPort| {
        declared.container_port == port && Protocol::read(declared.protocol.as_deref()) == protocol
    };
    ports.is_empty() || ports.iter().any(is_it)
}
