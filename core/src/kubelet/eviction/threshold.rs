//! How little may be left of a machine's memory and disk before pods are evicted. Upstream: `DefaultEvictionHard` of
//! `pkg/kubelet/apis/config/v1beta1`.

use crate::api::quantity;
use crate::api::{Key, Node};
use crate::kubelet::machine::Machine;
use crate::simulation::Space;
use crate::time::Time;

/// `memory.available<100Mi`
const MEMORY: i64 = 100 << 20;

/// `imagefs.available<15%`: images are on the disk that everything else is on. Upstream reckons with 32 bits.
const DISK: f32 = 0.15;

/// What is left of something, and how much should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left {
    pub(super) space: Space,
    pub(super) available: i64,
    pub(super) threshold: i64,
}

impl Left {
    /// Whether pods are evicted for it.
    pub(super) fn is_too_little(&self) -> bool {
        self.available < self.threshold
    }
}

/// What is left of a machine's memory or disk.
pub(super) fn left(machine: &Machine, space: Space, now: Time) -> Left {
    let capacity = capacity(machine, space);
    let elsewhere = machine.pressure.as_ref().map_or(0, |pressure| pressure.elsewhere(space));
    let used = super::usage::of_machine(machine, space, elsewhere, now);
    let threshold = match space {
        Space::Memory => MEMORY,
        Space::Disk => (capacity as f64 * f64::from(DISK)) as i64,
    };
    Left { space, available: capacity.saturating_sub(used).max(0), threshold }
}

fn capacity(machine: &Machine, space: Space) -> i64 {
    let node = machine.kubelet_cache.get::<Node>(&Key::new("", machine.name.clone()));
    let amounts = node.and_then(|node| node.status.capacity.as_ref());
    let amount = amounts.and_then(|amounts| amounts.get(space.resource()));
    // A machine that does not say what it has is never short of it.
    amount.map_or(i64::MAX, |amount| quantity::amount(space.resource(), amount))
}
