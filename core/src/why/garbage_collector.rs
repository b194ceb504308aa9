//! Facts of the garbage collector. Upstream: `pkg/controller/garbagecollector`.

/// Why the garbage collector does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum GarbageCollector {
    /// An owner that exists keeps the object.
    OwnerExists,
}
