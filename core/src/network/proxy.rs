//! kube-proxy: turns EndpointSlices into the rules of one node. Upstream: `pkg/proxy`.

use crate::apiserver::Change;
use crate::kubelet::Machine;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::Time;
use crate::why;

/// What a node's kernel does with packets for Services.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProxyRules {}

/// Follows a change that reached a node's kube-proxy. Returns when it will write its rules, if it must.
pub fn notice(
    _machine: &mut Machine,
    _change: &Change,
    _now: Time,
    _simulation: &crate::simulation::Simulation,
) -> Option<Time> {
    None
}

/// One look by a node's kube-proxy. `snapshot.store` is its cache.
pub fn sync(_snapshot: &Snapshot<'_>, _machine: &Machine, _outcomes: &Outcomes, plan: &mut Plan) {
    plan.nothing_to_do(why::Proxy::UpToDate);
}
