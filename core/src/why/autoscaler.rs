//! Facts of the HorizontalPodAutoscaler controller. Upstream: `pkg/controller/podautoscaler`.

/// Why the HorizontalPodAutoscaler controller does something, or cannot.
#[derive(Clone, Debug, PartialEq)]
pub enum Autoscaler {
    /// It looks every fifteen seconds.
    LooksRegularly,
    /// There is nothing of that name to scale.
    TargetIsMissing,
    /// Its target was scaled to zero by somebody: autoscaling is off.
    TargetIsOff,
    /// Its target has more or fewer replicas than the limits allow.
    KeepsWithinLimits {
        /// As it is.
        current: i32,
        /// As it shall be.
        desired: i32,
    },
    /// The cluster has no metrics server.
    HasNoMetrics {
        /// How many metrics were asked for.
        metrics: u32,
    },
}
