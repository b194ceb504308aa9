//! Facts of a kubelet that watches what is left of its node, and what its pods use. Upstream: `pkg/kubelet/eviction`.

use std::rc::Rc;

/// Why pods are evicted by their kubelet, and what it says of its node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Eviction {
    /// The kubelet looks again what is left of its node.
    WatchesItsSpace,
    /// The node has too little of something left.
    SpaceShort {
        /// `memory`, `ephemeral-storage`, `inodes`, `pids`
        resource: &'static str,
        /// What is left: bytes, or how many.
        available: i64,
        /// What should be.
        threshold: i64,
    },
    /// Nothing runs from these images, and their room is needed.
    ImagesUnused {
        /// How many.
        images: usize,
        /// What they take.
        bytes: i64,
    },
    /// This pod goes first.
    EvictsPod {
        /// `memory`, `ephemeral-storage`, `inodes`, `pids`
        resource: &'static str,
        /// What it uses.
        used: i64,
        /// What it asked for.
        requested: i64,
        /// `spec.priority`
        priority: i32,
        /// How many pods run on the node.
        of: u32,
    },
    /// This pod has written more than it may.
    AboveLimit {
        /// What it is above.
        limit: StorageLimit,
        /// What it has written.
        used_bytes: i64,
        /// What it may.
        limit_bytes: i64,
    },
    /// The node is short of something, or no longer.
    ReportsPressure {
        /// `MemoryPressure`, `DiskPressure`, `PIDPressure`
        condition: &'static str,
        /// Whether it holds.
        holds: bool,
    },
}

/// A limit of what a pod may write onto its node's disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StorageLimit {
    /// The `sizeLimit` of this emptyDir volume.
    Volume(Rc<str>),
    /// The limits of its containers together.
    Pod,
    /// That of this container.
    Container(Rc<str>),
}
