//! The scheduling queue. Upstream: `pkg/scheduler/backend/queue`.

use crate::apiserver::{Change, Store};
use crate::time::Time;

/// The pods that wait for a node, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulingQueue {}

impl SchedulingQueue {
    /// Follows a change that reached the scheduler's cache. Returns whether there is a pod to look at now.
    pub fn notice(&mut self, _store: &Store, _change: &Change, _now: Time) -> bool {
        false
    }
}
