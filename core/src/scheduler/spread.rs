//! Topology spread constraints, compiled: the pod's own, or the system's default ones.
//! Upstream: `pkg/scheduler/framework/plugins/podtopologyspread/common.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::census::{Census, Group, Tally};
use super::view::View;
use super::{node_selector, terms, tolerations};
use crate::api::selector::Requirement;
use crate::api::{Key, Node, Pod, ReplicaSet, Selector};
use crate::apiserver::Store;

/// One constraint.
pub(super) struct Constraint {
    /// `topologyKey`
    pub(super) key: Rc<str>,
    /// `maxSkew`
    pub(super) max_skew: i64,
    /// `minDomains`
    pub(super) min_domains: i64,
    /// The pods that are spread.
    pub(super) selector: Selector,
    /// `nodeAffinityPolicy: Honor`
    honors_affinity: bool,
    /// `nodeTaintsPolicy: Honor`
    honors_taints: bool,
}

/// The node label that every node has for itself.
pub(super) const HOSTNAME: &str = "kubernetes.io/hostname";

/// The pod's own constraints with this `whenUnsatisfiable`.
pub(super) fn constraints(pod: &Pod, when: &str) -> Vec<Constraint> {
    let listed = pod.spec.spec.topology_spread_constraints.iter().flatten();
    listed.filter(|it| it.when_unsatisfiable == when).map(|it| Constraint::new(it, pod)).collect()
}

/// What spreads a pod that has no constraints of its own: over hosts and zones, among the pods that its Services and
/// its owner select. Upstream: `systemDefaultConstraints`, `helper.DefaultSelector`.
pub(super) fn default_constraints(pod: &Pod, store: &Store) -> Vec<Constraint> {
    let selector = default_selector(pod, store);
    if selector.is_empty() {
        return Vec::new();
    }
    let constraint = |key: &str, max_skew| Constraint {
        key: key.into(),
        max_skew,
        min_domains: 1,
        selector: selector.clone(),
        honors_affinity: true,
        honors_taints: false,
    };
    vec![constraint(HOSTNAME, 3), constraint("topology.kubernetes.io/zone", 5)]
}

fn default_selector(pod: &Pod, store: &Store) -> Selector {
    let mut requirements = Vec::new();
    let mut require = |requirement: Requirement| {
        if !requirements.contains(&requirement) {
            requirements.push(requirement);
        }
    };
    for service in store.services_selecting(&pod.key.namespace, &pod.meta.labels) {
        for (key, value) in service.selector().into_iter().flatten() {
            require(Requirement::In(key.clone(), vec![value.clone()]));
        }
    }
    if let Some(owner) = pod.meta.controller().filter(|owner| &*owner.kind == "ReplicaSet") {
        let key = Key { namespace: pod.key.namespace.clone(), name: owner.name.clone() };
        let set = store.get::<ReplicaSet>(&key);
        let selector = set.map(|set| Selector::from_api(&set.spec.selector));
        selector.iter().flat_map(Selector::requirements).cloned().for_each(&mut require);
    }
    Selector::new(requirements)
}

impl Constraint {
    fn new(constraint: &core::TopologySpreadConstraint, pod: &Pod) -> Constraint {
        let selector = match &constraint.label_selector {
            // Without a selector, no pod counts.
            None => Selector::nothing(),
            Some(selector) => {
                let mut requirements = Selector::from_api(selector).requirements().to_vec();
                let keys = constraint.match_label_keys.as_deref();
                terms::same_values(&mut requirements, keys, &pod.meta.labels);
                Selector::new(requirements)
            }
        };
        Constraint {
            key: constraint.topology_key.as_str().into(),
            max_skew: i64::from(constraint.max_skew),
            min_domains: i64::from(constraint.min_domains.unwrap_or(1)),
            selector,
            honors_affinity: constraint.node_affinity_policy.as_deref() != Some("Ignore"),
            honors_taints: constraint.node_taints_policy.as_deref() == Some("Honor"),
        }
    }

    /// Whether the pods of `node` count and its domain exists for `pod`.
    pub(super) fn includes(&self, pod: &Pod, node: &Node) -> bool {
        (!self.honors_affinity || node_selector::requirements_met(&pod.spec.spec, node))
            && (!self.honors_taints || tolerations::repelling(pod, node).is_none())
    }

    /// The matching pods by node.
    pub(super) fn tally(&self, pod: &Pod, view: &View<'_>, census: &mut Census) -> Tally {
        // Upstream counts nothing for an empty selector, although it matches everything.
        if self.selector.is_empty() {
            return Tally::new();
        }
        view.tally(census, Group::new(pod.key.namespace.clone(), self.selector.clone(), false))
    }
}
