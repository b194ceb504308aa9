//! Facts of the EndpointSlice controller. Upstream: `pkg/controller/endpointslice`.

/// Why the EndpointSlice controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum EndpointSlice {
    /// The slices say what the pods say.
    UpToDate,
}
