//! The cluster as one look sees it: the scheduler's cache, with the pods it has placed but not yet seen bound.

use std::rc::Rc;

use super::census::{self, Carriers, Census, Group, Tally};
use super::node_order::{Listed, Room};
use super::terms::{Term, Terms};
use crate::api::quantity::Requests;
use crate::api::{Key, Node, Pod, Selector};
use crate::apiserver::Store;

/// What one look sees.
#[derive(Clone)]
pub(super) struct View<'a> {
    /// The scheduler's cache.
    pub(super) store: &'a Store,
    /// Every node, in order of examination.
    pub(super) nodes: &'a [Listed],
    /// Pods that count as being on their nodes although the cache does not show them there.
    pub(super) present: Vec<Rc<Pod>>,
    /// Pods that count as being gone although the cache shows them.
    pub(super) absent: Vec<Rc<Pod>>,
}

/// A node and what its pods ask of it.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    /// The node.
    pub(super) node: &'a Rc<Node>,
    /// What it has for pods.
    pub(super) room: Room,
    /// Unfinished pods.
    pub(super) pods: i64,
    /// Σ of their requests.
    pub(super) used: Requests,
}

/// The pod that needs a node.
pub(super) struct Incoming<'a> {
    /// The pod.
    pub(super) pod: &'a Rc<Pod>,
    /// What it asks of a node.
    pub(super) requests: Requests,
    /// Its affinity to other pods.
    pub(super) terms: Terms,
}

impl<'a> Incoming<'a> {
    /// Reads `pod` once.
    pub(super) fn new(pod: &'a Rc<Pod>) -> Incoming<'a> {
        Incoming { pod, requests: pod.requests(), terms: Terms::of(pod) }
    }
}

impl<'a> View<'a> {
    /// The node with this key, unless it is gone.
    pub(super) fn node(&self, key: &Key) -> Option<&'a Rc<Node>> {
        self.store.get::<Node>(key)
    }

    /// The node with this name, unless it is gone.
    pub(super) fn node_named(&self, name: &Rc<str>) -> Option<&'a Rc<Node>> {
        self.store.get_cluster_wide::<Node>(name)
    }

    /// A label of the node with this name.
    pub(super) fn label_of(&self, node: &Rc<str>, label: &str) -> Option<&'a str> {
        self.node_named(node)?.label(label)
    }

    /// Every node, in order of examination.
    pub(super) fn all_nodes(&self) -> impl Iterator<Item = &'a Rc<Node>> {
        let store = self.store;
        self.nodes.iter().filter_map(move |listed| store.get::<Node>(&listed.key))
    }

    /// A node with what its pods ask of it.
    pub(super) fn candidate(&self, node: &'a Rc<Node>, room: Room) -> Candidate<'a> {
        let load = self.store.node_load(node.name());
        let (mut pods, mut used) = load.map_or((0, Requests::default()), |load| (load.count, load.requested));
        for (others, sign) in [(&self.present, 1), (&self.absent, -1)] {
            for pod in others.iter().filter(|pod| pod.node() == Some(node.name())) {
                pods += sign;
                used.add_times(&pod.requests(), sign);
            }
        }
        Candidate { node, room, pods, used }
    }

    /// The unfinished pods on a node.
    pub(super) fn pods_on(&self, node: &Node) -> impl Iterator<Item = &Rc<Pod>> {
        let name = node.name();
        let known = self.store.pods_on(name).filter(|pod| !pod.is_finished());
        let present = self.present.iter().filter(move |pod| pod.node() == Some(name));
        known.chain(present).filter(|pod| !self.absent.iter().any(|gone| gone.uid == pod.uid))
    }

    /// How many pods of `group` each node has.
    pub(super) fn tally(&self, census: &mut Census, group: &Rc<Group>) -> Tally {
        let counted = |pods: &[Rc<Pod>]| -> Vec<Rc<str>> {
            let counted = pods.iter().filter(|pod| group.counts(pod));
            counted.filter_map(|pod| pod.spec.node.clone()).collect()
        };
        let (more, fewer) = (counted(&self.present), counted(&self.absent));
        let mut tally = census.tally(self.store, group);
        more.iter().for_each(|node| census::add(&mut tally, node, 1));
        fewer.iter().for_each(|node| census::add(&mut tally, node, -1));
        tally
    }

    /// How many pods each node has that every one of `terms` is about, namespace by namespace.
    pub(super) fn tallies(&self, census: &mut Census, terms: &[Term]) -> Vec<Tally> {
        let Some((first, others)) = terms.split_first() else { return Vec::new() };
        let requirements = terms.iter().flat_map(|term| term.selector.requirements()).cloned();
        let selector = Rc::new(Selector::new(requirements.collect()));
        let mut namespaces = first.namespaces.resolve(self.store);
        namespaces.retain(|name| others.iter().all(|term| term.namespaces.contain(name, self.store)));
        let groups = namespaces.into_iter().map(|namespace| Group::new(namespace, selector.clone(), true));
        groups.map(|group| self.tally(census, &Rc::new(group))).collect()
    }

    /// The terms that pods on nodes carry.
    pub(super) fn carriers(&self, census: &mut Census) -> Carriers {
        let mut carriers = census.carriers(self.store);
        self.present.iter().for_each(|pod| census::carry(&mut carriers, pod, 1));
        self.absent.iter().for_each(|pod| census::carry(&mut carriers, pod, -1));
        carriers
    }

    /// The same cluster without `pods`.
    pub(super) fn without(&self, pods: impl IntoIterator<Item = Rc<Pod>>) -> View<'a> {
        let mut view = self.clone();
        for pod in pods {
            // A pod that was only imagined to be there is imagined no longer.
            let known = view.present.len();
            view.present.retain(|present| present.uid != pod.uid);
            if view.present.len() == known {
                view.absent.push(pod);
            }
        }
        view
    }
}
