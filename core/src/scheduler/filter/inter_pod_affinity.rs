//! Required affinity and anti-affinity between pods. Upstream: `plugins/interpodaffinity/filtering.go`.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::api::{Node, Pod};
use crate::apiserver::Store;
use crate::scheduler::census::{Carried, Census, Meaning, Tally};
use crate::scheduler::events::ClusterEvent;
use crate::scheduler::terms::Terms;
use crate::scheduler::view::{Incoming, View};
use crate::why::scheduler::Rejection;

/// What a pod's terms, and those of the pods that run already, say about every domain.
pub(super) struct Rules {
    /// The topology key of each required affinity term.
    wanted: Vec<Rc<str>>,
    /// Where pods run that match every one of those terms.
    near: Domains,
    /// Whether the pod matches every one of its own: then it may be the first of a series.
    own: bool,
    /// Where pods run that the pod must not be near.
    avoided: Vec<(Rc<str>, Domains)>,
    /// Where pods run that the pod must keep away from because they say so.
    forbidden: Domains,
}

/// Topology keys and values.
type Domains = BTreeMap<(Rc<str>, Rc<str>), i64>;

impl Rules {
    pub(super) fn new(incoming: &Incoming<'_>, view: &View<'_>, census: &mut Census) -> Rules {
        let (pod, terms) = (incoming.pod, &incoming.terms);
        let wanted: Vec<Rc<str>> = terms.affinity.iter().map(|term| term.topology_key.clone()).collect();
        let mut near = Domains::new();
        for tally in view.tallies(census, &terms.affinity) {
            wanted.iter().for_each(|key| add_domains(&mut near, key, &tally, view));
        }
        let mut avoided = Vec::new();
        for term in &terms.anti_affinity {
            let mut domains = Domains::new();
            for tally in view.tallies(census, std::slice::from_ref(term)) {
                add_domains(&mut domains, &term.topology_key, &tally, view);
            }
            avoided.push((term.topology_key.clone(), domains));
        }
        let mut forbidden = Domains::new();
        for (carried, tally) in view.carriers(census).iter() {
            if carried.meaning == Meaning::KeepsAway && carried.term.is_about(pod, view.store) {
                add_domains(&mut forbidden, &carried.term.topology_key, tally, view);
            }
        }
        let own = terms.affinity.iter().all(|term| term.is_about(pod, view.store));
        Rules { wanted, near, own, avoided, forbidden }
    }

    pub(super) fn check(&self, node: &Node) -> Option<Rejection> {
        if !self.is_wanted_near(node) {
            return Some(Rejection::Affinity);
        }
        let is_in = |domains: &Domains, key: &Rc<str>| {
            node.label(key).is_some_and(|value| domains.contains_key(&(key.clone(), value.into())))
        };
        if self.avoided.iter().any(|(key, domains)| is_in(domains, key)) {
            return Some(Rejection::AntiAffinity);
        }
        if self.forbidden.keys().any(|(key, value)| node.label(key) == Some(value)) {
            return Some(Rejection::ExistingAntiAffinity);
        }
        None
    }

    fn is_wanted_near(&self, node: &Node) -> bool {
        let mut pods_exist = true;
        for key in &self.wanted {
            let Some(value) = node.label(key) else { return false };
            pods_exist &= self.near.contains_key(&(key.clone(), value.into()));
        }
        pods_exist || self.near.is_empty() && self.own
    }
}

fn add_domains(domains: &mut Domains, key: &Rc<str>, tally: &Tally, view: &View<'_>) {
    for (name, count) in tally.iter() {
        if let Some(value) = view.label_of(name, key) {
            *domains.entry((key.clone(), value.into())).or_insert(0) += count;
        }
    }
}

pub(super) fn may_help(event: &ClusterEvent<'_>, pod: &Pod, store: &Store) -> bool {
    let terms = Terms::of(pod);
    let attracts = |other: &Pod| terms.affinity.iter().all(|term| term.is_about(other, store));
    let repels = |other: &Pod| {
        let mut carried = Carried::by(other).filter(|carried| carried.meaning == Meaning::KeepsAway);
        terms.anti_affinity.iter().any(|term| term.is_about(other, store))
            || carried.any(|carried| carried.term.is_about(pod, store))
    };
    let keys = || terms.affinity.iter().chain(&terms.anti_affinity).map(|term| &term.topology_key);
    match event {
        ClusterEvent::PodPlaced(other) => !terms.affinity.is_empty() && attracts(other),
        ClusterEvent::PodGone(other) => repels(other),
        ClusterEvent::PodRelabelled { before, after } => {
            !attracts(before) && attracts(after) || repels(before) && !repels(after)
        }
        ClusterEvent::PodChanged { before, after } => before.meta.labels != after.meta.labels,
        ClusterEvent::ClaimChanged(_) | ClusterEvent::VolumeChanged | ClusterEvent::ClassChanged => false,
        ClusterEvent::NodeAdded(node) => {
            terms.affinity.iter().all(|term| node.label(&term.topology_key).is_some())
        }
        ClusterEvent::NodeChanged { before, after } => {
            before.meta.labels != after.meta.labels && keys().any(|key| before.label(key) != after.label(key))
        }
    }
}
