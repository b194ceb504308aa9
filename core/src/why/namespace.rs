//! Facts of the namespace controller. Upstream: `pkg/controller/namespace`.

/// Why the namespace controller does something, or waits.
#[derive(Clone, Debug, PartialEq)]
pub enum NamespaceDeletion {
    /// The namespace is being deleted: what it holds goes first.
    EmptiesNamespace {
        /// Objects that are left: pods, or, once they are gone, everything else.
        left: u32,
    },
    /// What is left differs from what the conditions say.
    ReportsContents {
        /// Objects that are left.
        left: u32,
    },
    /// Everything that is left is being deleted.
    WaitsForContents {
        /// Objects that are left.
        left: u32,
    },
    /// Nothing is left.
    IsEmpty,
}
