//! The things a scene is made of, as plain data: what each card says and how it looks.

mod workload;

use std::rc::Rc;

use kubestep_core::api::Kind;

use super::geometry::{Point, Rect};
pub use workload::{
    Count, Counts, Dial, Gauge, GaugeCell, GaugeKind, Note, PartFigure, Rollout, Row, RowSize, Schedule,
    WorkloadFigure,
};

/// What a figure stands for; the same in two scenes if it is the same thing.
pub type Key = Rc<str>;

/// What state a pod is shown in: each has its own outline, glyph and label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PodState {
    /// Accepted, and on no node yet or not started.
    Pending,
    /// Waits for its scheduling gates.
    Gated,
    /// Its node pulls images and creates containers.
    Creating,
    /// Init containers run, one after the other.
    Initializing,
    /// Runs and takes no traffic.
    NotReady,
    /// Runs and takes traffic.
    Ready,
    /// Marked for deletion, its processes are leaving.
    Terminating,
    /// Its process ended again and again; the kubelet waits before the next start.
    CrashLoop,
    /// An image cannot be pulled.
    ImagePull,
    /// A process ended badly.
    Failed,
    /// Finished, not serving.
    Completed,
    /// Its node does not answer: the state is a guess.
    Unknown,
    /// Its processes run on the node, but the API server has no such pod (any more).
    Orphan,
}

impl PodState {
    /// The class that the style sheet knows the state by.
    pub fn class(self) -> &'static str {
        match self {
            PodState::Pending | PodState::Gated => "st-pending",
            PodState::Creating | PodState::Initializing => "st-creating",
            PodState::NotReady => "st-notready",
            PodState::Ready => "st-ready",
            PodState::Terminating => "st-term",
            PodState::CrashLoop => "st-crash",
            PodState::ImagePull | PodState::Failed => "st-fail",
            PodState::Completed => "st-done",
            PodState::Unknown => "st-unknown",
            PodState::Orphan => "st-unknown st-orphan",
        }
    }

    /// The state in words.
    pub fn spoken(self) -> &'static str {
        match self {
            PodState::Pending => "Pending",
            PodState::Gated => "SchedulingGated",
            PodState::Creating => "ContainerCreating",
            PodState::Initializing => "initializing",
            PodState::NotReady => "Not ready",
            PodState::Ready => "Ready",
            PodState::Terminating => "Terminating",
            PodState::CrashLoop => "CrashLoopBackOff",
            PodState::ImagePull => "cannot pull an image",
            PodState::Failed => "Failed",
            PodState::Completed => "Completed",
            PodState::Unknown => "Unknown",
            PodState::Orphan => "running without an API object",
        }
    }

    /// The name of its glyph. A terminating pod's glyph is a ring of its grace period, which has a component of its own.
    pub fn glyph(self) -> &'static str {
        match self {
            PodState::Pending => "pending",
            PodState::Gated => "gated",
            PodState::Creating => "creating",
            PodState::Initializing => "init",
            PodState::NotReady => "notready",
            PodState::Ready => "ready",
            PodState::Terminating => "term",
            PodState::CrashLoop => "crash",
            PodState::ImagePull => "image",
            PodState::Failed => "fail",
            PodState::Completed => "done",
            PodState::Unknown => "unknown",
            PodState::Orphan => "orphan",
        }
    }
}

/// A pod's name, split so that the part that tells pods apart is never cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodName {
    /// All but the suffix, with its hyphen: `web-7d4b9c6f5-`.
    pub prefix: String,
    /// What is unique to the pod: `x2x8k`.
    pub suffix: String,
}

impl PodName {
    /// All of it.
    pub fn whole(&self) -> String {
        format!("{}{}", self.prefix, self.suffix)
    }

    /// As much of it as tells it apart in so many characters: the suffix, with its prefix if it is but a number.
    pub fn short(&self, most: usize) -> String {
        if !self.suffix.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.suffix.clone();
        }
        let whole = self.whole();
        let length = whole.chars().count();
        if length <= most {
            return whole;
        }
        // What is left out is at the front: the number must not be cut.
        format!("…{}", whole.chars().skip(length + 1 - most).collect::<String>())
    }
}

/// A container, as a chip inside the pod's outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerChip {
    /// The container's name.
    pub name: String,
    /// How often its process was started again.
    pub restarts: u32,
    /// Whether its process runs.
    pub running: bool,
    /// Whether it is an init container.
    pub init: bool,
}

/// A process of a pod that is being stopped, as its node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Process {
    /// The container's name.
    pub container: String,
    /// What it does: `pid 1, stopping`, `exited 0`.
    pub words: String,
    /// The signal it has been sent.
    pub signal: Option<&'static str>,
}

/// What the Service's traffic makes of a pod's endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// In the EndpointSlice and ready: a closed circuit.
    Ready,
    /// Terminating, but still serving while no ready endpoint exists: closed and dashed.
    Serving,
    /// In the EndpointSlice, not ready: an open switch.
    Open,
}

/// The share of a grace period that is left, and how fast it passes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grace {
    /// When it began, in virtual seconds.
    pub began: f64,
    /// How long it is, in seconds.
    pub seconds: f64,
}

impl Grace {
    /// Seconds left at this moment.
    pub fn left(self, now: f64) -> f64 {
        (self.began + self.seconds - now).clamp(0.0, self.seconds)
    }

    /// The share left at this moment, from 1 down to 0.
    pub fn share(self, now: f64) -> f64 {
        if self.seconds <= 0.0 { 0.0 } else { self.left(now) / self.seconds }
    }
}

/// A pod.
#[derive(Clone, Debug, PartialEq)]
pub struct PodFigure {
    /// The pod's uid.
    pub key: Key,
    /// Its place.
    pub rect: Rect,
    /// Its state.
    pub state: PodState,
    /// The state in words: `Ready`, `Terminating 27s`, `Init 1/2`.
    pub label: String,
    /// Which revision of its workload it belongs to, from 1; 0 for none.
    pub revision: u32,
    /// Its name.
    pub name: PodName,
    /// The kind of what owns it, if that is not a ReplicaSet.
    pub owner: Option<Kind>,
    /// Its containers, init containers first.
    pub containers: Vec<ContainerChip>,
    /// Its IP, once it has one.
    pub ip: Option<String>,
    /// What its node will do about it and when: `again in 9s`.
    pub note: Option<String>,
    /// Its endpoint in the Service in focus.
    pub port: Option<Port>,
    /// Whether it is a static pod: a file on its node.
    pub is_static: bool,
    /// The grace period of a terminating pod.
    pub grace: Option<Grace>,
    /// Its processes, if it is being stopped and there is room to show them.
    pub processes: Vec<Process>,
    /// Whether the step is about it.
    pub hit: bool,
    /// The node it is drawn on, if any.
    pub node: Option<Rc<str>>,
    /// All of it in a sentence, for those who do not see it.
    pub sentence: String,
}

/// One meter of a node: requested over allocatable.
#[derive(Clone, Debug, PartialEq)]
pub struct Meter {
    /// `CPU` or `Mem`.
    pub name: &'static str,
    /// Share requested by pods that stay, 0 to 1.
    pub staying: f32,
    /// Share requested by pods that are leaving: frees soon.
    pub leaving: f32,
    /// `1.25/2`.
    pub label: String,
}

/// What a node's kube-proxy has written for the Service in focus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyRules {
    /// How many endpoints its rules name.
    pub endpoints: usize,
    /// The store's revision that they were written from.
    pub revision: u64,
    /// All of it in a sentence.
    pub sentence: String,
    /// Whether the API server knows newer endpoints.
    pub stale: bool,
}

/// A node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeFigure {
    /// Its name.
    pub key: Key,
    /// Its place.
    pub rect: Rect,
    /// Its kubelet acts in this step.
    pub kubelet_acts: bool,
    /// Its kube-proxy acts in this step.
    pub proxy_acts: bool,
    /// Whether its Ready condition is True.
    pub ready: bool,
    /// Whether pods may be bound to it.
    pub schedulable: bool,
    /// Taints, as `key:Effect`.
    pub taints: Vec<String>,
    /// Labels worth a tag: its zone.
    pub tags: Vec<String>,
    /// CPU and memory.
    pub meters: Vec<Meter>,
    /// kube-proxy's rules, while a Service is in focus.
    pub rules: Option<ProxyRules>,
    /// Whether the step is about it.
    pub hit: bool,
}

/// A Service.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceFigure {
    /// Its uid.
    pub key: Key,
    /// Its place.
    pub rect: Rect,
    /// Whether its place is too low to say everything.
    pub is_short: bool,
    /// Its name.
    pub name: String,
    /// `10.96.44.12:80`, or `headless`.
    pub address: String,
    /// `→ 8080/TCP`.
    pub target: String,
    /// Endpoints that are ready.
    pub ready: usize,
    /// Endpoints that are terminating.
    pub draining: usize,
    /// Endpoints that are neither.
    pub not_ready: usize,
    /// Whether its wires are drawn.
    pub in_focus: bool,
    /// Whether the step is about it.
    pub hit: bool,
}

/// Clients that send requests to the Service in focus.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientsFigure {
    /// Their place.
    pub rect: Rect,
    /// Requests a second, all of them together.
    pub rate: f64,
    /// The client whose next request is followed from here: the first.
    pub first: Rc<str>,
    /// What became of their requests so far.
    pub counts: kubestep_core::network::traffic::Counts,
    /// That of each client, in words.
    pub words: String,
    /// When the last one failed, in virtual seconds.
    pub last_failure: Option<f64>,
    /// Whether there is no room below the Services: the counts then stand in the card.
    pub is_short: bool,
}

/// A part of the control plane, or another actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hue {
    /// The person.
    User,
    /// The API server.
    Api,
    /// The controller manager's controllers.
    Controllers,
    /// The scheduler.
    Scheduler,
    /// Kubelets and kube-proxies.
    Kubelet,
}

impl Hue {
    /// The class that sets the hue.
    pub fn class(self) -> &'static str {
        match self {
            Hue::User => "hue-user",
            Hue::Api => "hue-api",
            Hue::Controllers => "hue-ctrl",
            Hue::Scheduler => "hue-sched",
            Hue::Kubelet => "hue-kubelet",
        }
    }

    /// The colour of its wires.
    pub fn color(self) -> &'static str {
        match self {
            Hue::User => "var(--p-user)",
            Hue::Api => "var(--p-api)",
            Hue::Controllers => "var(--p-ctrl)",
            Hue::Scheduler => "var(--p-sched)",
            Hue::Kubelet => "var(--p-kubelet)",
        }
    }
}

/// How a message went through the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `PUT`, `PATCH`, `POST`, `DELETE`, `GET`.
    pub verb: &'static str,
    /// `replicasets/web-7d4b9c6f5`.
    pub resource: String,
    /// The field that it changes, and the change: `spec.replicas`, `2 → 3`.
    pub change: Option<(String, String)>,
    /// How many of the five stations it passed; fewer than five if it was refused there.
    pub passed: u8,
    /// The refusal, in a word.
    pub refusal: Option<String>,
}

/// The control plane at one step: who acts, and what is on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct ControlPlane {
    /// The actor's place on the stage: which card or node lights up.
    pub actor: Option<ActorPlace>,
    /// The actor's hue.
    pub hue: Hue,
    /// What kubectl waits for or got: `PATCH, 200 OK`.
    pub kubectl: String,
    /// etcd's revision.
    pub revision: u64,
    /// The controllers that are named: those that acted last, in an order of their own, so that names stay in place.
    pub controllers: Vec<&'static str>,
    /// What the scheduler's queue holds: `queue empty`.
    pub scheduler: String,
    /// Whether the API server is stopped.
    pub api_server_stopped: bool,
    /// Whether the scheduler is stopped.
    pub scheduler_stopped: bool,
    /// Whether the controller-manager is stopped, with all its controllers.
    pub controllers_stopped: bool,
    /// The controllers that are stopped one by one.
    pub stopped: Vec<&'static str>,
    /// The request of this step.
    pub message: Option<Message>,
    /// The path of the request's wire, from the actor to the API server.
    pub wire: Vec<Point>,
    /// The paths from the API server to those who watch what was written.
    pub notices: Vec<Vec<Point>>,
}

/// Which card lights up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ActorPlace {
    /// kubectl, for what a person typed or applied.
    Kubectl,
    /// The API server itself.
    ApiServer,
    /// A controller of the controller manager, by its chip.
    Controller(&'static str),
    /// The scheduler.
    Scheduler,
    /// The kubelet of a node.
    Kubelet(Rc<str>),
    /// The kube-proxy of a node.
    Proxy(Rc<str>),
    /// The clients.
    Clients,
}
