//! Facts of the scheduler. Upstream: `pkg/scheduler`.

/// Why the scheduler does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Scheduler {
    /// No pod waits for a node.
    QueueEmpty,
}
