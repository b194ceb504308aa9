//! What one look at a DaemonSet works on.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::fit::{self, Fit};
use super::pods;
use crate::api::{DaemonSet, Node, Pod};
use crate::controllers::history;
use crate::plan::Snapshot;
use crate::time::{Duration, Time};

/// The latest revision of the template.
pub(super) struct Revision {
    /// What its pods are labelled with.
    pub(super) hash: String,
    /// `agent-76cd8f4c96`
    pub(super) name: Rc<str>,
}

pub(super) struct Look<'a> {
    pub(super) snapshot: &'a Snapshot<'a>,
    pub(super) set: &'a Rc<DaemonSet>,
    pub(super) revision: Revision,
    /// Every node, by name, and how it fits.
    pub(super) nodes: Vec<(&'a Rc<Node>, Fit)>,
    /// Its pods by node, oldest first. A finished pod that is being deleted is in nobody's way.
    pub(super) pods: BTreeMap<&'a str, Vec<&'a Rc<Pod>>>,
}

impl<'a> Look<'a> {
    pub(super) fn new(snapshot: &'a Snapshot<'a>, set: &'a Rc<DaemonSet>, revision: Revision) -> Look<'a> {
        let nodes = snapshot.store.list::<Node>().map(|node| (node, fit::of(set, node))).collect();
        let mut pods: BTreeMap<&str, Vec<&Rc<Pod>>> = BTreeMap::new();
        for pod in snapshot.store.pods_of(set.uid) {
            if pod.is_finished() && pod.is_terminating() {
                continue;
            }
            if let Some(node) = pods::node_of(pod) {
                pods.entry(node).or_default().push(pod);
            }
        }
        for on_node in pods.values_mut() {
            on_node.sort_by_key(|pod| (pod.node().is_none(), pod.meta.created, pod.name().to_owned()));
        }
        Look { snapshot, set, revision, nodes, pods }
    }

    /// How many nodes fit.
    pub(super) fn wanted(&self) -> i32 {
        self.nodes.iter().filter(|(_, fit)| *fit == Fit::Runs).count() as i32
    }

    /// The pods of a node.
    pub(super) fn pods_on(&self, node: &str) -> &[&'a Rc<Pod>] {
        self.pods.get(node).map_or(&[], Vec::as_slice)
    }

    /// Whether a pod is made from the latest template. Upstream: `IsPodUpdated`.
    pub(super) fn is_updated(&self, pod: &Pod) -> bool {
        let generation = self.set.template_generation().map(|generation| generation.to_string());
        let same_generation =
            generation.is_some() && pod.label(pods::GENERATION_LABEL) == generation.as_deref();
        same_generation || pod.label(history::POD_LABEL) == Some(&self.revision.hash)
    }

    /// Whether a pod has been Ready for minReadySeconds.
    pub(super) fn is_available(&self, pod: &Pod) -> bool {
        self.available_at(pod).is_some_and(|at| at <= self.snapshot.now)
    }

    /// When a pod that is Ready becomes available.
    pub(super) fn available_at(&self, pod: &Pod) -> Option<Time> {
        let min_ready = u64::try_from(self.set.min_ready_seconds()).unwrap_or(0);
        Some(pod.ready_since()? + Duration::from_seconds(min_ready))
    }
}
