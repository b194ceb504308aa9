//! Topology spread constraints, compiled: the pod's own, or the system's default ones.
//! Upstream: `pkg/scheduler/framework/plugins/podtopologyspread/common.go`.

use std::rc::Rc;

use k8s_openapi::api::{apps::v1 as apps, core::v1 as core};

use super::census::{Census, Group, Tally};
use super::terms;
use super::view::View;
use crate::api::selector::Requirement;
use crate::api::{Key, Labels, Node, Pod, ReplicaSet, ReplicationController, Selector, StatefulSet};
use crate::apiserver::Store;
use crate::placement::{node_selector, tolerations};

/// One constraint.
pub(super) struct Constraint {
    /// `topologyKey`
    pub(super) key: Rc<str>,
    /// `maxSkew`
    pub(super) max_skew: i64,
    /// `minDomains`
    pub(super) min_domains: i64,
    /// The pods that are spread.
    pub(super) selector: Rc<Selector>,
    /// The same, to be counted. Upstream counts nothing for an empty selector, although it matches everything.
    group: Option<Rc<Group>>,
    /// `nodeAffinityPolicy: Honor`
    honors_affinity: bool,
    /// `nodeTaintsPolicy: Honor`
    honors_taints: bool,
}

/// The default constraints of one owner's pods, and what they follow from.
#[derive(Clone)]
pub(super) struct Defaults {
    labels: Rc<Labels>,
    owner: Option<Owning>,
    pub(super) constraints: Rc<[Constraint]>,
}

/// What a pod's controller wants, where it selects pods by labels that they share.
#[derive(Clone)]
enum Owning {
    ReplicaSet(Rc<apps::ReplicaSetSpec>),
    StatefulSet(Rc<apps::StatefulSetSpec>),
    ReplicationController(Rc<core::ReplicationControllerSpec>),
}

impl Owning {
    fn of(pod: &Pod, store: &Store) -> Option<Owning> {
        let owner = pod.meta.controller()?;
        let key = || Key { namespace: pod.key.namespace.clone(), name: owner.name.clone() };
        match &*owner.kind {
            "ReplicaSet" => Some(Owning::ReplicaSet(store.get::<ReplicaSet>(&key())?.spec.spec.clone())),
            "StatefulSet" => Some(Owning::StatefulSet(store.get::<StatefulSet>(&key())?.spec.clone())),
            "ReplicationController" => {
                Some(Owning::ReplicationController(store.get::<ReplicationController>(&key())?.spec.clone()))
            }
            _ => None,
        }
    }

    fn is_same(&self, other: &Owning) -> bool {
        match (self, other) {
            (Owning::ReplicaSet(one), Owning::ReplicaSet(other)) => Rc::ptr_eq(one, other),
            (Owning::StatefulSet(one), Owning::StatefulSet(other)) => Rc::ptr_eq(one, other),
            (Owning::ReplicationController(one), Owning::ReplicationController(other)) => {
                Rc::ptr_eq(one, other)
            }
            _ => false,
        }
    }

    fn selector(&self) -> Selector {
        match self {
            Owning::ReplicaSet(spec) => Selector::from_api(&spec.selector),
            Owning::StatefulSet(spec) => Selector::from_api(&spec.selector),
            Owning::ReplicationController(spec) => {
                spec.selector.as_ref().map(Selector::from_map).unwrap_or_default()
            }
        }
    }
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
///
/// Pods of one owner have the same: `known` is what the last of them had, and given back if it still holds. Changes of
/// Services are not looked for.
pub(super) fn defaults(pod: &Pod, store: &Store, known: Option<&Defaults>) -> Defaults {
    let owner = Owning::of(pod, store);
    let is_same = |known: &&Defaults| {
        let same_owner = match (&known.owner, &owner) {
            (Some(known), Some(owner)) => known.is_same(owner),
            (None, None) => true,
            _ => false,
        };
        same_owner && Rc::ptr_eq(&known.labels, &pod.meta.labels)
    };
    if let Some(known) = known.filter(is_same) {
        return known.clone();
    }
    let selector = Rc::new(default_selector(pod, owner.as_ref(), store));
    let group = group_of(pod, &selector);
    let constraint = |key: &str, max_skew| Constraint {
        key: key.into(),
        max_skew,
        min_domains: 1,
        selector: selector.clone(),
        group: group.clone(),
        honors_affinity: true,
        honors_taints: false,
    };
    let constraints = if selector.is_empty() {
        Vec::new()
    } else {
        vec![constraint(HOSTNAME, 3), constraint("topology.kubernetes.io/zone", 5)]
    };
    Defaults { labels: pod.meta.labels.clone(), owner, constraints: constraints.into() }
}

fn group_of(pod: &Pod, selector: &Rc<Selector>) -> Option<Rc<Group>> {
    let group = || Rc::new(Group::new(pod.key.namespace.clone(), selector.clone(), false));
    (!selector.is_empty()).then(group)
}

fn default_selector(pod: &Pod, owner: Option<&Owning>, store: &Store) -> Selector {
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
    let owners = owner.map(Owning::selector);
    owners.iter().flat_map(Selector::requirements).cloned().for_each(&mut require);
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
        let selector = Rc::new(selector);
        Constraint {
            key: constraint.topology_key.as_str().into(),
            max_skew: i64::from(constraint.max_skew),
            min_domains: i64::from(constraint.min_domains.unwrap_or(1)),
            group: group_of(pod, &selector),
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
    pub(super) fn tally(&self, view: &View<'_>, census: &mut Census) -> Tally {
        self.group.as_ref().map_or_else(Tally::new, |group| view.tally(census, group))
    }
}
