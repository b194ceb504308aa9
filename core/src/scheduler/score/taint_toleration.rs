//! Fewer PreferNoSchedule taints that the pod does not tolerate are better. Upstream: `plugins/tainttoleration`.

use super::{MOST, normalised};
use crate::api::Pod;
use crate::placement::tolerations;
use crate::scheduler::view::Candidate;

pub(super) fn scores(pod: &Pod, nodes: &[Candidate<'_>]) -> Vec<i64> {
    let taints = nodes.iter().map(|candidate| tolerations::discouraging(pod, candidate.node)).collect();
    normalised(taints).into_iter().map(|share| MOST - share).collect()
}
