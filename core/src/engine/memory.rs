//! What components must remember between looks, as typed data of the world.

use std::rc::Rc;

use crate::apiserver::Store;
use crate::controllers::daemon_set::memory::DaemonSetMemory;
use crate::controllers::horizontal_pod_autoscaler::memory::AutoscalerMemory;
use crate::controllers::job::memory::JobMemory;
use crate::controllers::load_balancer::memory::LoadBalancerMemory;
use crate::controllers::node_lifecycle::memory::NodeMemory;
use crate::controllers::service_notes::ServiceNotes;
use crate::engine::recorder::Correlator;
use crate::kubectl::Session;
use crate::kubelet::LocalPod;
use crate::kubelet::eviction::Pressure;
use crate::network::balance::Connections;
use crate::scheduler::memory::SchedulerMemory;

/// Everything that components remember.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The pods that wait for the scheduler, and what it knows of the nodes.
    pub scheduler: Rc<SchedulerMemory>,
    /// What the EndpointSlice controller has yet to look at.
    pub endpoint_slices: Rc<ServiceNotes>,
    /// What the Endpoints controller has yet to look at.
    pub endpoints: Rc<ServiceNotes>,
    /// On which nodes daemons failed lately.
    pub daemon_sets: Rc<DaemonSetMemory>,
    /// How often the pods of Jobs failed lately.
    pub jobs: Rc<JobMemory>,
    /// Which nodes load balancers send to.
    pub load_balancers: Rc<LoadBalancerMemory>,
    /// What autoscalers asked for lately.
    pub autoscalers: Rc<AutoscalerMemory>,
    /// Which kubelets are silent, and what follows from that.
    pub nodes: Rc<NodeMemory>,
    /// Which Events were recorded lately.
    pub events: Rc<Correlator>,
}

/// A change of memory that a plan asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Remember {
    /// The scheduler's.
    Scheduler(Rc<SchedulerMemory>),
    /// The EndpointSlice controller's.
    EndpointSlices(Rc<ServiceNotes>),
    /// The Endpoints controller's.
    Endpoints(Rc<ServiceNotes>),
    /// The DaemonSet controller's.
    DaemonSets(Rc<DaemonSetMemory>),
    /// The Job controller's.
    Jobs(Rc<JobMemory>),
    /// The one of the controller of load balancers.
    LoadBalancers(Rc<LoadBalancerMemory>),
    /// The HorizontalPodAutoscaler controller's.
    Autoscalers(Rc<AutoscalerMemory>),
    /// That of the controllers that watch over nodes.
    Nodes(Rc<NodeMemory>),
    /// A kubectl session's.
    Session(Rc<Session>),
    /// What nodes remember of connections.
    Connections(Rc<Connections>),
    /// What the kubelet of a node knows of a pod.
    Pod(Rc<str>, Rc<LocalPod>),
    /// What the kubelet of a node knows of its memory and disk.
    Pressure(Rc<str>, Rc<Pressure>),
}

impl Memory {
    /// The memory of components that have just started and listed everything in `store`.
    pub fn new(store: &Store) -> Memory {
        Memory { scheduler: Rc::new(SchedulerMemory::new(store)), ..Memory::default() }
    }

    /// Takes over what a plan wants remembered.
    pub(crate) fn remember(&mut self, what: Remember) {
        match what {
            Remember::Scheduler(memory) => self.scheduler = memory,
            Remember::EndpointSlices(memory) => self.endpoint_slices = memory,
            Remember::Endpoints(memory) => self.endpoints = memory,
            Remember::DaemonSets(memory) => self.daemon_sets = memory,
            Remember::Jobs(memory) => self.jobs = memory,
            Remember::LoadBalancers(memory) => self.load_balancers = memory,
            Remember::Autoscalers(memory) => self.autoscalers = memory,
            Remember::Nodes(memory) => self.nodes = memory,
            Remember::Session(_) | Remember::Connections(_) | Remember::Pod(..) | Remember::Pressure(..) => {
                unreachable!("sessions, connections and machines live in the world itself")
            }
        }
    }
}
