//! Why: the closed list of facts that components give as reasons, with their numbers.
//!
//! One enum per component, each in its own file. The words are in `narration/`: an exhaustive match over the
//! same enums, so that a fact without words does not compile.

pub mod api_server;
pub mod autoscaler;
pub mod cron_job;
pub mod daemon_set;
pub mod deployment;
pub mod disruption;
pub mod endpoint_slice;
pub mod endpoints;
pub mod eviction;
pub mod garbage_collector;
pub mod job;
pub mod kubectl;
pub mod kubelet;
pub mod load_balancer;
pub mod namespace;
pub mod network;
pub mod node_lifecycle;
pub mod proxy;
pub mod replica_set;
pub mod resource_quota;
pub mod scheduler;
pub mod stateful_set;
pub mod volume;

pub use api_server::ApiServer;
pub use autoscaler::Autoscaler;
pub use cron_job::CronJob;
pub use daemon_set::DaemonSet;
pub use deployment::Deployment;
pub use disruption::Disruption;
pub use endpoint_slice::EndpointSlice;
pub use endpoints::Endpoints;
pub use eviction::{Eviction, StorageLimit};
pub use garbage_collector::GarbageCollector;
pub use job::Job;
pub use kubectl::Kubectl;
pub use kubelet::Kubelet;
pub use load_balancer::LoadBalancer;
pub use namespace::NamespaceDeletion;
pub use network::Network;
pub use node_lifecycle::NodeLifecycle;
pub use proxy::Proxy;
pub use replica_set::ReplicaSet;
pub use resource_quota::ResourceQuota;
pub use scheduler::Scheduler;
pub use stateful_set::StatefulSet;
pub use volume::Volume;

/// The fact that justifies a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    /// A person asked for it.
    Kubectl(Kubectl),
    /// The API server's own follow-up.
    ApiServer(ApiServer),
    /// The Deployment controller.
    Deployment(Deployment),
    /// The ReplicaSet controller.
    ReplicaSet(ReplicaSet),
    /// The DaemonSet controller.
    DaemonSet(DaemonSet),
    /// The Job controller, and the one that removes finished Jobs.
    Job(Job),
    /// The CronJob controller.
    CronJob(CronJob),
    /// The StatefulSet controller.
    StatefulSet(StatefulSet),
    /// The EndpointSlice controller.
    EndpointSlice(EndpointSlice),
    /// The Endpoints controller.
    Endpoints(Endpoints),
    /// The garbage collector.
    GarbageCollector(GarbageCollector),
    /// The ResourceQuota controller.
    ResourceQuota(ResourceQuota),
    /// The disruption controller.
    Disruption(Disruption),
    /// The controller that asks a cloud for load balancers.
    LoadBalancer(LoadBalancer),
    /// The controllers that watch over nodes.
    NodeLifecycle(NodeLifecycle),
    /// The HorizontalPodAutoscaler controller.
    Autoscaler(Autoscaler),
    /// The namespace controller.
    NamespaceDeletion(NamespaceDeletion),
    /// The controllers of claims and volumes.
    Volume(Volume),
    /// The scheduler.
    Scheduler(Scheduler),
    /// A kubelet, or the containers it runs.
    Kubelet(Kubelet),
    /// A kubelet that watches what is left of its node.
    Eviction(Eviction),
    /// A kube-proxy.
    Proxy(Proxy),
    /// A request on its way.
    Network(Network),
}

macro_rules! from {
    ($($name:ident),*) => {$(
        impl From<$name> for Why {
            fn from(fact: $name) -> Why {
                Why::$name(fact)
            }
        }
    )*};
}
from!(
    CronJob,
    DaemonSet,
    Job,
    StatefulSet,
    Kubectl,
    ApiServer,
    Deployment,
    ReplicaSet,
    EndpointSlice,
    Endpoints,
    GarbageCollector,
    ResourceQuota,
    Disruption,
    LoadBalancer,
    NodeLifecycle,
    Autoscaler,
    NamespaceDeletion,
    Volume,
    Scheduler,
    Kubelet,
    Eviction,
    Network,
    Proxy
);
