//! What a kubelet tells a metrics server of its pods. Upstream: `pkg/kubelet/server/stats`, `/metrics/resource`.

use super::eviction::usage;
use super::local_pod::LocalPod;
use crate::simulation::{CpuUse, Space};
use crate::time::{Duration, Time};

/// A container whose process ran at some moment and still does.
pub struct Measured<'a> {
    /// Its name.
    pub name: &'a str,
    /// How long it had run then.
    pub age: Duration,
    /// What it used of memory then, in bytes.
    pub memory: i64,
    cpu: CpuUse,
}

impl Measured<'_> {
    /// What it used of CPU in the time before that moment, on average, in billionths of a core.
    pub fn cpu(&self, window: Duration) -> i64 {
        self.cpu.average(Duration(self.age.0.saturating_sub(window.0)), self.age)
    }
}

/// The containers of a pod as they were at `at`.
pub fn containers(pod: &LocalPod, at: Time) -> impl Iterator<Item = Measured<'_>> {
    let measured = move |place: usize| {
        let running = pod.containers[place].running().filter(|running| running.since <= at)?;
        let spec = pod.spec_of(place);
        Some(Measured {
            name: &spec.name,
            age: at.since(running.since),
            memory: usage::of_process(pod, spec, running, Space::Memory, at),
            cpu: CpuUse::of(&pod.api.meta.annotations, spec),
        })
    };
    (0..pod.containers.len()).filter_map(measured)
}
