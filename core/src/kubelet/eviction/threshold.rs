//! How little may be left of a machine before pods are evicted. Upstream: `DefaultEvictionHard` of
//! `pkg/kubelet/apis/config/v1beta1`.

use super::usage::BYTES_PER_INODE;
use crate::api::quantity;
use crate::api::{Key, Node};
use crate::kubelet::machine::Machine;
use crate::simulation::Space;
use crate::time::Time;

/// `memory.available<100Mi`
const MEMORY: i64 = 100 << 20;

/// `imagefs.available<15%`: images are on the disk that everything else is on. Upstream reckons with 32 bits.
const DISK: f32 = 0.15;

/// `nodefs.inodesFree<5%`
const INODES: f32 = 0.05;

/// `pid.available<10%`: upstream has no default; this is what a cluster is given that is told to watch them.
const PIDS: f32 = 0.1;

/// How many processes a machine has numbers for. Upstream: Linux' `kernel.pid_max`.
const MOST_PIDS: i64 = 32768;

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

/// What is left of a machine.
pub(super) fn left(machine: &Machine, space: Space, now: Time) -> Left {
    let node = machine.kubelet_cache.get::<Node>(&Key::new("", machine.name.clone()));
    // A machine that does not say what it has is never short of it.
    let capacity = node.and_then(|node| capacity(node, space)).unwrap_or(i64::MAX);
    let elsewhere = machine.pressure.as_ref().map_or(0, |pressure| pressure.elsewhere(space));
    let used = super::usage::of_machine(machine, space, elsewhere, now);
    let part = |share: f32| (capacity as f64 * f64::from(share)) as i64;
    let threshold = match space {
        Space::Memory => MEMORY,
        Space::Disk => part(DISK),
        Space::Inodes => part(INODES),
        Space::Pids => part(PIDS),
    };
    Left { space, available: capacity.saturating_sub(used).max(0), threshold }
}

/// What a node has in all: what its Node says, as many inodes as follow from its disk, and the numbers that any machine
/// has for processes.
pub fn capacity(node: &Node, space: Space) -> Option<i64> {
    let stated = |space: Space| {
        let amount = node.status.capacity.as_ref()?.get(space.resource())?;
        Some(quantity::amount(space.resource(), amount))
    };
    match space {
        Space::Memory | Space::Disk => stated(space),
        Space::Inodes => stated(Space::Disk).map(|bytes| bytes / BYTES_PER_INODE),
        Space::Pids => Some(MOST_PIDS),
    }
}
