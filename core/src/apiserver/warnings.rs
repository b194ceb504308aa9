//! What the API server says beside its answer: kubectl prints each as `Warning: …`.
//! Upstream: `pkg/api/{pod,service,node,job}/warnings.go`.

use super::Change;

/// What is said about the creation or update of an object.
pub fn warnings(change: &Change) -> Vec<String> {
    let mut warnings: Vec<String> = Vec::new();
    warnings
}
