//! Whether a pod may be on a node, as far as its selectors and tolerations say. The scheduler asks, and so do the
//! controllers that place or evict pods themselves. Upstream: `k8s.io/component-helpers/scheduling/corev1`.

pub(crate) mod host_ports;
pub(crate) mod node_selector;
pub(crate) mod tolerations;
pub(crate) mod volumes;
