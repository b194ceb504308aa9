//! Facts of kube-proxy. Upstream: `pkg/proxy`.

use std::rc::Rc;

/// Why a kube-proxy writes its rules, or not.
#[derive(Clone, Debug, PartialEq)]
pub enum Proxy {
    /// The rules say what the slices say.
    UpToDate,
    /// Services or their slices have changed since the rules were written.
    RulesBehind {
        /// The first of the Services.
        service: Rc<str>,
        /// How many more.
        others: usize,
        /// Usable endpoints in the old rules.
        before: usize,
        /// Usable endpoints in the new ones.
        after: usize,
        /// How long the rules were behind.
        behind_ms: u64,
    },
}
