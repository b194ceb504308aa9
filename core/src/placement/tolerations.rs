//! Which taints a pod tolerates. Upstream: `k8s.io/component-helpers/scheduling/corev1`.

use k8s_openapi::api::core::v1::{Taint, Toleration};

use crate::api::{Node, Pod};

/// `spec.tolerations`
pub(crate) fn of(pod: &Pod) -> &[Toleration] {
    pod.spec.spec.tolerations.as_deref().unwrap_or_default()
}

/// The first taint of `node` that keeps `pod` away.
pub(crate) fn repelling<'a>(pod: &Pod, node: &'a Node) -> Option<&'a Taint> {
    let mut taints = node.taints().iter();
    taints.find(|taint| {
        matches!(taint.effect.as_str(), "NoSchedule" | "NoExecute") && !tolerate(of(pod), taint)
    })
}

/// How many taints of `node` ask `pod` to stay away, without forbidding it.
pub(crate) fn discouraging(pod: &Pod, node: &Node) -> i64 {
    let taints = node.taints().iter().filter(|taint| taint.effect == "PreferNoSchedule");
    taints.filter(|taint| !tolerate(of(pod), taint)).count() as i64
}

/// Whether one of `tolerations` tolerates `taint`.
pub(crate) fn tolerate(tolerations: &[Toleration], taint: &Taint) -> bool {
    tolerations.iter().any(|toleration| tolerates(toleration, taint))
}

/// Whether a toleration tolerates a taint.
pub(crate) fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    let effect = toleration.effect.as_deref().unwrap_or_default();
    if !effect.is_empty() && effect != taint.effect {
        return false;
    }
    let key = toleration.key.as_deref().unwrap_or_default();
    if !key.is_empty() && key != taint.key {
        return false;
    }
    match toleration.operator.as_deref().unwrap_or_default() {
        "" | "Equal" => {
            toleration.value.as_deref().unwrap_or_default() == taint.value.as_deref().unwrap_or_default()
        }
        "Exists" => true,
        _ => false,
    }
}
