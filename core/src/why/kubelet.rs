//! Facts of the kubelets and the containers they run. Upstream: `pkg/kubelet`.

/// Why a kubelet does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Kubelet {
    /// The pod is as it should be.
    InSync,
}
