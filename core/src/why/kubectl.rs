//! Facts of what a person asked for.

/// Why kubectl sends a request: the command that was typed, or Apply pressed.
#[derive(Clone, Debug, PartialEq)]
pub enum Kubectl {
    /// A person gave the command.
    Asked,
    /// `kubectl apply`: the manifest has an object that the cluster has not.
    Applied,
}
