//! What the EndpointSlice controller remembers between looks.

/// Which pods changed since a Service was last looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointSliceMemory {}
