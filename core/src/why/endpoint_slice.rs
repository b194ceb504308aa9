//! Facts of the EndpointSlice controller and the one that mirrors Endpoints. Upstream:
//! `pkg/controller/{endpointslice,endpointslicemirroring}`.

/// Why these controllers do something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum EndpointSlice {
    /// Endpoints that fit into no slice get a new one.
    NewSlice(Endpoints),
    /// A slice's endpoints differ from what their pods say.
    PodsChanged(Endpoints),
    /// The Service's labels changed, and its slices carry them.
    LabelsChanged,
    /// No endpoint is left in a slice, and others are: it is not needed.
    SliceIsEmpty,
    /// No pod that the selector matches has an address: one slice stays, to say so.
    NoEndpoints {
        /// Pods that the selector matches.
        pods: u32,
    },
    /// The slices say what the pods say.
    UpToDate {
        /// Endpoints of all slices.
        endpoints: u32,
        /// Of these, ready.
        ready: u32,
    },
    /// Pods run on nodes that are not known yet: they are no endpoints so far.
    WaitsForNodes {
        /// How many pods.
        pods: u32,
    },
    /// A slice's write was refused: everything is compared again.
    RetriesRefused {
        /// How many writes were refused.
        refused: u32,
    },
    /// A person wrote the Endpoints of a Service without a selector: a slice is to say the same.
    Mirrors {
        /// Addresses of the slice.
        addresses: u32,
    },
    /// The slices say what the Endpoints say.
    Mirrored {
        /// Addresses of the Endpoints.
        addresses: u32,
    },
    /// Addresses are not copied: they are none, or too many.
    MirrorLeavesOut {
        /// How many.
        addresses: u32,
    },
    /// The Endpoints, or their Service, are gone or no longer a person's.
    MirrorsNothing,
}

/// A slice after a write, and what the write changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Endpoints after the write.
    pub endpoints: u32,
    /// Of these, ready.
    pub ready: u32,
    /// Endpoints that were not there.
    pub added: u32,
    /// Endpoints that are not there any more.
    pub removed: u32,
    /// Endpoints that became ready.
    pub turned_ready: u32,
    /// Endpoints that stopped being ready, and do not terminate.
    pub turned_unready: u32,
    /// Endpoints whose pods began to terminate.
    pub terminating: u32,
}
