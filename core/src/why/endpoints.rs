//! Facts of the Endpoints controller. Upstream: `pkg/controller/endpoint`.

/// Why the Endpoints controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Endpoints {
    /// The pods differ from what is listed.
    PodsChanged {
        /// Addresses of ready pods, to be listed.
        ready: u32,
        /// Addresses of other pods, to be listed.
        not_ready: u32,
        /// Ready and other addresses as they are listed; nothing where there is no list yet.
        was: Option<(u32, u32)>,
        /// Addresses beyond the thousandth.
        left_out: u32,
    },
    /// Its Service does not exist any more.
    ServiceIsGone,
    /// What is listed is what the pods say.
    UpToDate {
        /// Addresses of ready pods.
        ready: u32,
        /// Addresses of other pods.
        not_ready: u32,
    },
    /// The write was refused.
    RetriesRefused,
}
