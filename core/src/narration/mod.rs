//! Words for facts: what happened, in one sentence; the arithmetic behind it; the fields that decided.
//!
//! Voice: present tense, the component is the subject (a view prints it above the sentence), objects by their
//! exact names, sums shown. Components see, set, send, wait and count; they never want or think.

mod api_server;
mod autoscaler;
mod cron_job;
mod daemon_set;
pub mod deletion;
mod deployment;
mod disruption;
mod endpoint_slice;
mod endpoints;
mod eviction;
mod garbage_collector;
mod job;
mod kubectl;
mod kubelet;
mod load_balancer;
mod namespace;
mod network;
mod node_lifecycle;
mod proxy;
pub mod rail;
mod replica_set;
mod resource_quota;
mod scheduler;
mod stateful_set;
pub mod text;
mod volume;
mod waiting;

use std::rc::Rc;

use crate::api::{Event, Object};
use crate::engine::{Actor, Step, What};
use crate::why::Why;

pub use scheduler::rejected;
pub use text::{Span, Text};
pub use waiting::waiting;

/// The most characters of a headline.
pub const HEADLINE_LIMIT: usize = 90;

/// The arithmetic behind a step: a title, and rows of name, sum and result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// `How many`; empty where there is nothing to compute.
    pub title: &'static str,
    /// Upstream's function: `NewRSNewReplicas`.
    pub source: &'static str,
    /// The sums.
    pub rows: Vec<Row>,
}

/// One line of arithmetic: `ceiling | 4 replicas + 1 maxSurge | 5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `ceiling`
    pub name: Rc<str>,
    /// `4 replicas + 1 maxSurge`
    pub sum: Rc<str>,
    /// `5`
    pub result: Rc<str>,
}

impl Detail {
    /// Arithmetic under a title, computed by upstream's `source`.
    pub fn new(title: &'static str, source: &'static str) -> Detail {
        Detail { title, source, rows: Vec::new() }
    }

    /// Adds a line.
    #[must_use]
    pub fn row(
        mut self,
        name: impl Into<Rc<str>>,
        sum: impl Into<Rc<str>>,
        result: impl std::fmt::Display,
    ) -> Detail {
        self.rows.push(Row { name: name.into(), sum: sum.into(), result: result.to_string().into() });
        self
    }
}

/// Who acts, as it is printed above the sentence: `Deployment controller`, `Kubelet on node-1`.
pub fn actor(actor: &Actor) -> String {
    match actor {
        Actor::You => "You".to_owned(),
        Actor::Kubectl(_) => "kubectl".to_owned(),
        Actor::ApiServer => "API server".to_owned(),
        Actor::Controller(id) => match id.name() {
            "deployment" => "Deployment controller".to_owned(),
            "replicaset" => "ReplicaSet controller".to_owned(),
            "replicationcontroller" => "ReplicationController controller".to_owned(),
            "daemonset" => "DaemonSet controller".to_owned(),
            "job" => "Job controller".to_owned(),
            "ttl-after-finished" => "TTL controller".to_owned(),
            "cronjob" => "CronJob controller".to_owned(),
            "statefulset" => "StatefulSet controller".to_owned(),
            "endpointslice" => "EndpointSlice controller".to_owned(),
            "endpoints" => "Endpoints controller".to_owned(),
            "garbage collector" => "Garbage collector".to_owned(),
            "resourcequota" => "ResourceQuota controller".to_owned(),
            "disruption" => "Disruption controller".to_owned(),
            "service-lb" => "Cloud".to_owned(),
            "taint eviction" => "Taint eviction controller".to_owned(),
            "pod gc" => "Pod garbage collector".to_owned(),
            "persistentvolume" => "PersistentVolume controller".to_owned(),
            "volume protection" => "Volume protection controller".to_owned(),
            "ephemeral volume" => "Ephemeral volume controller".to_owned(),
            "provisioner" => "Provisioner".to_owned(),
            "endpointslice mirroring" => "EndpointSliceMirroring controller".to_owned(),
            "node lifecycle" => "Node lifecycle controller".to_owned(),
            "autoscaler" => "HorizontalPodAutoscaler controller".to_owned(),
            "namespace" => "Namespace controller".to_owned(),
            other => format!("{other} controller"),
        },
        Actor::Scheduler => "Scheduler".to_owned(),
        Actor::Kubelet(node) => format!("Kubelet on {node}"),
        Actor::Proxy(node) => format!("kube-proxy on {node}"),
        Actor::Network(node) => format!("Network of {node}"),
        Actor::Client(name) => format!("Client {name}"),
        Actor::Dns => "CoreDNS".to_owned(),
    }
}

/// A line as it is; of several the first.
fn prints(printed: &str) -> Text {
    match printed.lines().count() {
        0 | 1 => Text::new().plain("Prints: ").plain(printed),
        lines => {
            let first = printed.lines().next().unwrap_or_default().trim_end();
            Text::new().plain("Prints ").number(lines).plain(" lines: ").plain(first).plain(" …")
        }
    }
}

/// One sentence about a step, without its actor: `Scales web-7d4b9c6f5 from 2 to 3.`
pub fn headline(step: &Step) -> Text {
    match &step.what {
        What::Asked(line) => kubectl::asked(line, &step.why),
        What::Refused { write, error } => {
            let text = Text::new().plain("Is refused: ").plain(write.verb().http()).plain(" of ");
            text.object(&write.target()).plain(format!(": {}", error.message))
        }
        What::Printed(printed) => prints(printed.text.trim_end()),
        What::Written(change) if let Some(Object::Event(event)) = &change.after => recorded(event),
        What::Written(_) | What::Machine(_) | What::Hop(_) | What::Looked => match &step.why {
            Why::Kubectl(fact) => kubectl::headline(fact, step),
            Why::ApiServer(fact) => api_server::headline(fact, step),
            Why::Deployment(fact) => deployment::headline(fact, step),
            Why::ReplicaSet(fact) => replica_set::headline(fact, step),
            Why::DaemonSet(fact) => daemon_set::headline(fact, step),
            Why::Job(fact) => job::headline(fact, step),
            Why::CronJob(fact) => cron_job::headline(fact, step),
            Why::StatefulSet(fact) => stateful_set::headline(fact, step),
            Why::EndpointSlice(fact) => endpoint_slice::headline(fact, step),
            Why::Endpoints(fact) => endpoints::headline(fact, step),
            Why::GarbageCollector(fact) => garbage_collector::headline(fact, step),
            Why::ResourceQuota(fact) => resource_quota::headline(fact, step),
            Why::Disruption(fact) => disruption::headline(fact, step),
            Why::LoadBalancer(fact) => load_balancer::headline(fact, step),
            Why::NodeLifecycle(fact) => node_lifecycle::headline(fact, step),
            Why::Autoscaler(fact) => autoscaler::headline(fact, step),
            Why::NamespaceDeletion(fact) => namespace::headline(fact, step),
            Why::Volume(fact) => volume::headline(fact, step),
            Why::Scheduler(fact) => scheduler::headline(fact, step),
            Why::Kubelet(fact) => kubelet::headline(fact, step),
            Why::Eviction(fact) => eviction::headline(fact, step),
            Why::Proxy(fact) => proxy::headline(fact, step),
            Why::Network(fact) => network::headline(fact, step),
        },
    }
}

/// `Reports 2 updated (was 1), 4 available (was 3).`: the first few counts that changed.
fn reported(counts: &[(&'static str, i32, i32)]) -> Text {
    const MOST: usize = 3;
    let changed = counts.iter().filter(|(_, before, now)| before != now).take(MOST);
    let told = changed.enumerate().fold(Text::new(), |text, (place, (name, before, now))| {
        let text = text.plain(if place == 0 { "Reports " } else { ", " });
        text.number(now).plain(format!(" {name} (was ")).number(before).plain(")")
    });
    if told.0.is_empty() {
        "Reports that it saw the latest spec; the counts are as before.".into()
    } else {
        told.plain(".")
    }
}

/// Adds a line per count: its name, what it counts, its value before and now.
fn with_counts(detail: Detail, counts: &[(&'static str, &'static str, i32, i32)]) -> Detail {
    counts.iter().fold(detail, |detail, (name, what, before, now)| {
        if before == now {
            return detail.row(*name, *what, now);
        }
        detail.row(*name, format!("{what}, was {before}"), now)
    })
}

/// `words`, then the object that the step wrote, or `otherwise` where it wrote none.
fn with_object(words: &'static str, step: &Step, otherwise: &'static str) -> Text {
    let text = Text::new().plain(words);
    match step.change() {
        Some(change) => text.object(&change.object),
        None => text.plain(otherwise),
    }
}

/// `1 pod`, `3 pods`
fn counted(text: Text, count: i32, one: &'static str, many: &'static str) -> Text {
    text.number(count).plain(" ").plain(if count == 1 { one } else { many })
}

/// `Records Event ScalingReplicaSet: Scaled up replica set web-7d4b9c6f5 from 0 to 3`, cut where it gets long.
fn recorded(event: &Event) -> Text {
    let text = Text::new().plain("Records Event ").field(event.reason).plain(": ");
    let room = HEADLINE_LIMIT - text.to_string().chars().count().min(HEADLINE_LIMIT - 1);
    if event.message.chars().count() <= room {
        return text.plain(event.message.clone());
    }
    let cut: String = event.message.chars().take(room - 1).chain(['…']).collect();
    text.plain(cut)
}

/// The arithmetic behind a step; empty where there is none.
pub fn detail(step: &Step) -> Detail {
    match &step.why {
        Why::Kubectl(fact) => kubectl::detail(fact, step),
        Why::ApiServer(fact) => api_server::detail(fact, step),
        Why::Deployment(fact) => deployment::detail(fact, step),
        Why::ReplicaSet(fact) => replica_set::detail(fact, step),
        Why::DaemonSet(fact) => daemon_set::detail(fact, step),
        Why::Job(fact) => job::detail(fact, step),
        Why::CronJob(fact) => cron_job::detail(fact, step),
        Why::StatefulSet(fact) => stateful_set::detail(fact, step),
        Why::EndpointSlice(fact) => endpoint_slice::detail(fact, step),
        Why::Endpoints(fact) => endpoints::detail(fact, step),
        Why::GarbageCollector(fact) => garbage_collector::detail(fact, step),
        Why::ResourceQuota(fact) => resource_quota::detail(fact, step),
        Why::Disruption(fact) => disruption::detail(fact, step),
        Why::LoadBalancer(fact) => load_balancer::detail(fact),
        Why::NodeLifecycle(fact) => node_lifecycle::detail(fact, step),
        Why::Autoscaler(fact) => autoscaler::detail(fact, step),
        Why::NamespaceDeletion(fact) => namespace::detail(fact, step),
        Why::Volume(fact) => volume::detail(fact, step),
        Why::Scheduler(fact) => scheduler::detail(fact, step),
        Why::Kubelet(fact) => kubelet::detail(fact, step),
        Why::Eviction(fact) => eviction::detail(fact),
        Why::Proxy(fact) => proxy::detail(fact, step),
        Why::Network(fact) => network::detail(fact, step),
    }
}

/// The manifest fields that decided, most decisive first: `spec.strategy.rollingUpdate.maxSurge`.
pub fn fields(step: &Step) -> &'static [&'static str] {
    match &step.why {
        Why::Kubectl(fact) => kubectl::fields(fact),
        Why::ApiServer(fact) => api_server::fields(fact),
        Why::Deployment(fact) => deployment::fields(fact),
        Why::ReplicaSet(fact) => replica_set::fields(fact),
        Why::DaemonSet(fact) => daemon_set::fields(fact),
        Why::Job(fact) => job::fields(fact),
        Why::CronJob(fact) => cron_job::fields(fact),
        Why::StatefulSet(fact) => stateful_set::fields(fact),
        Why::EndpointSlice(fact) => endpoint_slice::fields(fact),
        Why::Endpoints(fact) => endpoints::fields(fact),
        Why::GarbageCollector(fact) => garbage_collector::fields(fact),
        Why::ResourceQuota(fact) => resource_quota::fields(fact),
        Why::Disruption(fact) => disruption::fields(fact),
        Why::LoadBalancer(fact) => load_balancer::fields(fact),
        Why::NodeLifecycle(fact) => node_lifecycle::fields(fact),
        Why::Autoscaler(fact) => autoscaler::fields(fact),
        Why::NamespaceDeletion(fact) => namespace::fields(fact),
        Why::Volume(fact) => volume::fields(fact),
        Why::Scheduler(fact) => scheduler::fields(fact),
        Why::Kubelet(fact) => kubelet::fields(fact),
        Why::Eviction(fact) => eviction::fields(fact),
        Why::Proxy(fact) => proxy::fields(fact),
        Why::Network(fact) => network::fields(fact),
    }
}
