//! Facts of the disruption controller. Upstream: `pkg/controller/disruption`.

use std::rc::Rc;

/// Why the disruption controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Disruption {
    /// The count differs from the status.
    Reports {
        /// As stored.
        was: Budget,
        /// As counted.
        now: Budget,
    },
    /// The status says what was counted.
    UpToDate(Budget),
    /// The selector matches no pod.
    NoPods,
    /// Pods have no owner whose size could be counted.
    Unmanaged {
        /// How many.
        pods: u32,
    },
    /// The pods' owner has no size.
    CannotCount {
        /// As the condition says it.
        fault: Rc<str>,
    },
    /// An eviction was let through: its pod should be deleted within two minutes.
    WaitsForEvicted,
}

/// A budget, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// Ready pods that nobody deletes.
    pub healthy: i32,
    /// How many must stay.
    pub desired: i32,
    /// How many there should be.
    pub pods: i32,
    /// How many may be evicted now.
    pub allowed: i32,
}
