//! Facts of kube-proxy. Upstream: `pkg/proxy`.

/// Why a kube-proxy writes its rules, or not.
#[derive(Clone, Debug, PartialEq)]
pub enum Proxy {
    /// The rules say what the slices say.
    UpToDate,
}
