//! Facts of the garbage collector. Upstream: `pkg/controller/garbagecollector`.

use crate::api::ObjectRef;

/// Why the garbage collector does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum GarbageCollector {
    /// The last owner of the object does not exist any more.
    OwnerIsGone {
        /// The owner that its ownerReference names.
        owner: ObjectRef,
    },
    /// Its owner is being deleted in the foreground, and waits for it.
    OwnerWaits {
        /// The owner.
        owner: ObjectRef,
    },
    /// An owner is gone or going, and another keeps the object.
    AnotherOwnerKeepsIt {
        /// The owner whose reference is dropped.
        owner: ObjectRef,
    },
    /// The object and one of its dependents wait for each other.
    BreaksCycle {
        /// How many dependents it has.
        dependents: usize,
    },
    /// An owner is deleted with the order to let its dependents stay.
    LeavesDependent {
        /// The owner.
        owner: ObjectRef,
    },
    /// Every dependent was told that its owner goes: the owner can go.
    DependentsAreFree {
        /// How many there were.
        dependents: usize,
    },
    /// Nothing that blocks the owner's deletion is left: the owner can go.
    DependentsAreGone,
    /// Dependents that block the owner's deletion are still there.
    WaitsForDependents {
        /// How many.
        dependents: usize,
    },
    /// An ownerReference names an owner in another namespace: it counts for nothing.
    OwnerInOtherNamespace {
        /// The owner that exists there.
        owner: ObjectRef,
    },
    /// An owner that exists keeps the object.
    OwnerExists,
}
