//! How a simulation behaves: the `Simulation` and `Traffic` documents, and the nodes it begins with.

mod api_service;
mod behaviour;
mod command_line;
pub mod control_plane;
mod cpu;
mod nodes;
mod read;
pub mod registries;
mod settings;
pub mod storage;
mod usage;

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::api::Kind;
use crate::engine::Watcher;
use crate::time::Duration;

pub use api_service::ApiService;
pub use behaviour::{Behaviour, PREFIX};
pub use command_line::{Lasts, lasts};
pub use control_plane::{Absent, ControlPlane};
pub use cpu::{CpuUse, says_cpu};
pub use nodes::{default_nodes, free_number, registered};
pub use read::{Setup, read};
pub use registries::Registries;
pub use settings::{Holds, Setting, behaviours, settings};
pub use storage::DefaultClass;
pub use usage::{OutOfMemory, Space, uses, written_into};

/// How a simulation behaves. A `kind: Simulation` document changes it; without one, these are the defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// What every random choice follows from.
    pub seed: u64,
    /// How long things take.
    pub latencies: Latencies,
    /// Who decides when containers become ready and finish.
    pub kubelets: KubeletMode,
    /// Whether the controller manager runs. Without it nothing that is wanted is made so.
    pub controllers: bool,
    /// Whether there is a metrics server, whatever pods say.
    pub metrics_server: bool,
    /// Where the control plane runs.
    pub control_plane: ControlPlane,
    /// Who of the control plane is stopped.
    pub stopped: Stopped,
    /// Who hears of changes later than all others, and by how much.
    pub slow: Rc<BTreeMap<Watcher, Duration>>,
    /// Whether the Service by which pods reach the API server is there from the start.
    pub api_service: ApiService,
    /// Which storage class there is from the start.
    pub default_storage_class: DefaultClass,
    /// Whether there is a cloud that gives Services of type LoadBalancer an address.
    pub load_balancers: LoadBalancers,
    /// Whether the namespace `default` may not be deleted. It may where it stands for one of any other name.
    pub protects_default: bool,
    /// Whether objects of kinds that nobody knows are kept, where kubectl would refuse them.
    pub keeps_unknown_kinds: bool,
    /// Who sends requests: a `kind: Traffic` document each.
    pub clients: Rc<Vec<Client>>,
    /// How nodes choose among endpoints.
    pub proxy_mode: ProxyMode,
    /// What registries have of images.
    pub registries: Rc<Registries>,
    /// kube-proxies that take another time than `latencies.proxy`, by node.
    pub proxies: Rc<BTreeMap<Rc<str>, Duration>>,
}

/// Processes of the control plane that a person stopped, and those whose container does not run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Whether the API server is: nobody learns or writes anything.
    pub api_server: bool,
    /// Whether the scheduler is.
    pub scheduler: bool,
    /// One bit per controller of [`crate::controllers::ALL`].
    pub controllers: u32,
    /// Which of its static pods do not answer.
    pub absent: Absent,
}

impl Stopped {
    /// Whether nobody can reach the API server, or it cannot reach its store.
    pub fn has_no_server(self) -> bool {
        self.api_server || self.absent.api_server || self.absent.etcd
    }
}

/// Somebody who sends requests all the time.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// `metadata.name` of its document.
    pub name: Rc<str>,
    /// The name of a Service, or a DNS name.
    pub host: Rc<str>,
    /// The namespace it runs in, where short names are looked up.
    pub namespace: Rc<str>,
    /// The Service's port; its first one where absent.
    pub port: Option<u16>,
    /// What it speaks to that port.
    pub protocol: Protocol,
    /// Where it sends them from.
    pub from: ClientPlace,
    /// From the first address of its host's name until it begins.
    pub after: Duration,
    /// From one request to the next.
    pub interval: Duration,
    /// Whether a connection is kept for further requests.
    pub keep_alive: bool,
    /// Whether an answer of DNS is kept for as long as it says.
    pub caches_dns: bool,
}

/// Who makes load balancers. `spec.loadBalancers`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadBalancers {
    /// Nobody: their addresses stay pending.
    #[default]
    None,
    /// A cloud.
    Cloud,
}

/// What is spoken to a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// `TCP`
    #[default]
    Tcp,
    /// `UDP`
    Udp,
    /// `SCTP`
    Sctp,
}

impl Protocol {
    /// As a port's `protocol` has it; TCP where it has none.
    pub fn read(name: Option<&str>) -> Protocol {
        match name {
            Some("UDP") => Protocol::Udp,
            Some("SCTP") => Protocol::Sctp,
            _ => Protocol::Tcp,
        }
    }
}

/// How a node's kernel chooses among the endpoints of a Service. `spec.proxyMode`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyMode {
    /// A chain of rules, each of which takes its share by lot.
    #[default]
    Iptables,
    /// By lot.
    Nftables,
    /// Each in its turn.
    Ipvs,
}

impl ProxyMode {
    /// `iptables`
    pub fn name(self) -> &'static str {
        match self {
            ProxyMode::Iptables => "iptables",
            ProxyMode::Nftables => "nftables",
            ProxyMode::Ipvs => "ipvs",
        }
    }
}

/// Where a client sends its requests from: by the rules of that node they go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ClientPlace {
    /// From every node of the cluster, now from one, now from another.
    #[default]
    Anywhere,
    /// From this node.
    Node(Rc<str>),
    /// From the running pods of this object in the client's namespace, in turn: a pod, or what pods are made by or
    /// selected by.
    Pods(Kind, Rc<str>),
    /// From outside: through a node port, which any node answers on.
    Outside,
}

/// Who decides what happens inside containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KubeletMode {
    /// Containers start, become ready and stop by themselves, as their pods say.
    Automatic,
    /// Bound pods run at once, not ready; everything else waits for a command.
    Manual,
    /// As [`KubeletMode::Manual`], but nothing is started either: pods that are bound wait.
    Held,
}

/// How long things take, in virtual time.
#[derive(Clone, Debug, PartialEq)]
pub struct Latencies {
    /// From a write to a watcher's cache.
    pub watch: Duration,
    /// From a request to its answer.
    pub request: Duration,
    /// From a key entering a controller's queue to the look at it.
    pub controller: Duration,
    /// From a pod entering the scheduler's queue to the look at it.
    pub scheduler: Duration,
    /// From a pod's change to the kubelet's look at it.
    pub kubelet: Duration,
    /// From a slice's change to a node's rules.
    pub proxy: Duration,
    /// A node's rules are written at most this often.
    pub proxy_minimum: Duration,
    /// A pod's network namespace.
    pub sandbox: Duration,
    /// An image pull.
    pub pull: Duration,
    /// Creating and starting a container.
    pub start: Duration,
    /// From a container's start to its ports answering.
    pub ready: Duration,
    /// From SIGTERM to the container's exit, where its pod does not say.
    pub exit: Duration,
    /// From the start of a container that runs to its end, such as an init container, to that end.
    pub work: Duration,
    /// Taking the network namespace and volumes down.
    pub cleanup: Duration,
    /// The longest wait of a kubelet between two looks at a pod that fails to start. Upstream: `syncFrequency`.
    pub resync: Duration,
}

impl Default for Simulation {
    fn default() -> Simulation {
        Simulation {
            seed: 0x7f3a,
            latencies: Latencies::default(),
            kubelets: KubeletMode::Automatic,
            controllers: true,
            metrics_server: false,
            control_plane: ControlPlane::default(),
            stopped: Stopped::default(),
            slow: Rc::default(),
            api_service: ApiService::Complete,
            default_storage_class: DefaultClass::None,
            load_balancers: LoadBalancers::None,
            protects_default: true,
            keeps_unknown_kinds: false,
            clients: Rc::default(),
            proxy_mode: ProxyMode::Iptables,
            registries: Rc::default(),
            proxies: Rc::default(),
        }
    }
}

impl Default for Client {
    fn default() -> Client {
        Client {
            name: "client".into(),
            host: "".into(),
            namespace: "default".into(),
            port: None,
            protocol: Protocol::Tcp,
            from: ClientPlace::Anywhere,
            after: Duration::ZERO,
            interval: Duration::from_millis(100),
            keep_alive: false,
            caches_dns: false,
        }
    }
}

impl Latencies {
    /// How long a latency may be.
    pub const MAX: Duration = Duration::from_seconds(3600);

    /// A latency by its name in a document: `proxyMinimum`.
    fn named(&mut self, name: &str) -> Option<&mut Duration> {
        Some(match name {
            "watch" => &mut self.watch,
            "request" => &mut self.request,
            "controller" => &mut self.controller,
            "scheduler" => &mut self.scheduler,
            "kubelet" => &mut self.kubelet,
            "proxy" => &mut self.proxy,
            "proxyMinimum" => &mut self.proxy_minimum,
            "sandbox" => &mut self.sandbox,
            "pull" => &mut self.pull,
            "start" => &mut self.start,
            "ready" => &mut self.ready,
            "exit" => &mut self.exit,
            "work" => &mut self.work,
            "cleanup" => &mut self.cleanup,
            "resync" => &mut self.resync,
            _ => return None,
        })
    }
}

impl Default for Latencies {
    fn default() -> Latencies {
        Latencies {
            watch: Duration::from_millis(4),
            request: Duration::from_millis(5),
            controller: Duration::from_millis(10),
            scheduler: Duration::from_millis(10),
            kubelet: Duration::from_millis(20),
            proxy: Duration::from_millis(60),
            proxy_minimum: Duration::from_seconds(1),
            sandbox: Duration::from_millis(180),
            pull: Duration::from_millis(900),
            start: Duration::from_millis(250),
            ready: Duration::from_millis(800),
            exit: Duration::from_millis(600),
            work: Duration::from_seconds(2),
            cleanup: Duration::from_millis(120),
            resync: Duration::from_seconds(60),
        }
    }
}
