//! Facts of the ResourceQuota controller. Upstream: `pkg/controller/resourcequota`.

/// Why the ResourceQuota controller does something, or nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum ResourceQuota {
    /// The limits in the spec are not those in force, which the status says.
    LimitsChanged {
        /// How many resources are limited.
        resources: u32,
    },
    /// What the namespace uses differs from what the status says.
    UsageChanged {
        /// How many resources are limited.
        resources: u32,
    },
    /// The status says what is used.
    UpToDate {
        /// How many resources are limited.
        resources: u32,
    },
}
