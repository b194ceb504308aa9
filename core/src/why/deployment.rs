//! Facts of the Deployment controller. Upstream: `pkg/controller/deployment`.

/// Why the Deployment controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Deployment {
    /// Nothing differs from what is wanted.
    UpToDate,
}
