//! The resource metrics API: what a metrics server has read of the kubelets, every fifteen seconds.
//!
//! Nothing is read ahead. What containers used up to the last reading follows from when they started and from what their
//! pods say, so it is worked out when somebody asks: a cluster in which nobody asks pays nothing.
//!
//! ```text
//! a container starts at 2 s:   read at 15 s (13 s old): its use since 2 s   read at 30 s: its use since 15 s
//! a container starts at 8 s:   read at 15 s ( 7 s old): nothing yet         read at 30 s: its use since 15 s
//! ```
//!
//! Upstream: `kubernetes-sigs/metrics-server`, `pkg/storage/{pod,node}.go`.

use crate::api::Pod;
use crate::apiserver::Store;
use crate::controllers::node_lifecycle::memory::NodeMemory;
use crate::kubelet::{Machine, Machines, measure};
use crate::simulation::{Simulation, Space, says_cpu};
use crate::time::{Duration, Time};

/// From one reading to the next. Upstream: `--metric-resolution` of its manifests.
const RESOLUTION: Duration = Duration::from_seconds(15);

/// How old a container must be for its first reading to say anything. Upstream: `freshContainerMinMetricsResolution`.
const FRESH: Duration = Duration::from_seconds(10);

/// What can be asked of a metrics server: the last reading of every kubelet that answered.
#[derive(Clone, Copy)]
pub struct Metrics<'a> {
    kubelets: Option<(&'a Machines, &'a NodeMemory)>,
    now: Time,
}

/// What is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Billionths of a core.
    pub cpu: i64,
    /// Bytes.
    pub memory: i64,
}

/// What a pod used. `PodMetrics`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodMetrics {
    /// When it was read.
    pub at: Time,
    /// Over which time its CPU is an average.
    pub window: Duration,
    /// Each of its containers, by name.
    pub containers: Vec<(String, Usage)>,
}

impl Usage {
    /// Thousandths of a core, rounded up. Upstream: `Quantity.MilliValue`.
    pub fn cpu_milli(self) -> i64 {
        self.cpu / 1_000_000 + i64::from(self.cpu % 1_000_000 > 0)
    }

    /// Adds `other`.
    pub fn add(&mut self, other: Usage) {
        self.cpu = self.cpu.saturating_add(other.cpu);
        self.memory = self.memory.saturating_add(other.memory);
    }
}

impl PodMetrics {
    /// What all of its containers used.
    pub fn total(&self) -> Usage {
        self.containers.iter().fold(Usage::default(), |mut total, (_, usage)| {
            total.add(*usage);
            total
        })
    }
}

/// Whether the cluster has a metrics server: its simulation says so, or a pod says how much CPU it uses.
pub fn is_served(store: &Store, simulation: &Simulation) -> bool {
    simulation.metrics_server || store.list::<Pod>().any(|pod| says_cpu(&pod.meta.annotations))
}

impl<'a> Metrics<'a> {
    /// What can be asked at `now`.
    pub fn new(machines: &'a Machines, nodes: &'a NodeMemory, now: Time) -> Metrics<'a> {
        Metrics { kubelets: Some((machines, nodes)), now }
    }

    /// Those of a cluster without machines.
    #[cfg(test)]
    pub(crate) const fn none() -> Metrics<'static> {
        Metrics { kubelets: None, now: Time::ZERO }
    }

    /// What a pod used; nothing where it does not run, or has not run for long enough.
    pub fn of_pod(&self, pod: &Pod) -> Option<PodMetrics> {
        let machine = self.machine(pod.node()?).filter(|_| pod.phase() == "Running")?;
        let at = self.last_reading();
        let local = machine.pod_of(pod.uid, &pod.key)?;
        let measured: Vec<_> = measure::containers(local, at).collect();
        if measured.is_empty() || measured.iter().any(|container| container.age < FRESH) {
            return None;
        }
        let window = |age: Duration| age.min(RESOLUTION);
        let shortest = measured.iter().map(|container| window(container.age)).min()?;
        let mut containers: Vec<(String, Usage)> = measured
            .iter()
            .map(|container| {
                let cpu = container.cpu(window(container.age));
                (container.name.to_owned(), Usage { cpu, memory: container.memory })
            })
            .collect();
        crate::order::sort_by(&mut containers, |(one, _), (other, _)| one.cmp(other));
        Some(PodMetrics { at, window: shortest, containers })
    }

    /// What all containers of a node used, and its memory that is no pod's. Nothing before the second reading.
    pub fn of_node(&self, name: &str) -> Option<Usage> {
        let machine = self.machine(name)?;
        let at = self.last_reading();
        if at < Time::ZERO + RESOLUTION {
            return None;
        }
        let elsewhere = machine.pressure.as_ref().map_or(0, |pressure| pressure.elsewhere(Space::Memory));
        let mut total = Usage { cpu: 0, memory: elsewhere };
        for container in machine.pods().flat_map(|pod| measure::containers(pod, at)) {
            let ran = container.age.min(RESOLUTION);
            let share = i128::from(container.cpu(ran)) * i128::from(ran.0) / i128::from(RESOLUTION.0);
            total.add(Usage { cpu: share as i64, memory: container.memory });
        }
        Some(total)
    }

    /// The machine of a node whose kubelet answered when it was read.
    fn machine(&self, node: &str) -> Option<&'a Machine> {
        let (machines, nodes) = self.kubelets?;
        let silent = nodes.silent_since(node);
        let answered = silent.is_none_or(|since| since > self.last_reading());
        machines.get(node).map(|machine| &**machine).filter(|_| answered)
    }

    fn last_reading(&self) -> Time {
        Time(self.now.0 / RESOLUTION.0 * RESOLUTION.0)
    }
}
