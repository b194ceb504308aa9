//! Facts of the ReplicaSet controller. Upstream: `pkg/controller/replicaset`.

/// Why the ReplicaSet controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplicaSet {
    /// Fewer active pods than wanted.
    TooFewPods {
        /// `spec.replicas`
        want: u32,
        /// Active pods.
        have: u32,
    },
}
