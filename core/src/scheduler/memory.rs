//! What the scheduler remembers between looks, kept up to date by the changes that reach its cache.
//! Upstream: `pkg/scheduler/{eventhandlers.go,backend/cache}`.

use std::rc::Rc;

use crate::persistent::Map;

use super::census::Census;
use super::claims::{self, Reserved};
use super::events::ClusterEvent;
use super::node_order::NodeOrder;
use super::queue::{QueuedPod, SchedulingQueue};
use super::view::View;
use super::{SCHEDULER_NAME, filter};
use crate::api::{Node, Object, Pod, Uid};
use crate::apiserver::{Change, Store};
use crate::engine::Causes;
use crate::time::Time;

/// What the scheduler remembers between looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchedulerMemory {
    /// The pods that wait for a node.
    pub queue: SchedulingQueue,
    /// Every node, in order of examination.
    pub(super) nodes: Rc<NodeOrder>,
    /// Where the next search begins, in clusters too large to examine every node.
    pub(super) start: usize,
    /// Pods that were bound but that the cache does not show bound yet, each with its node.
    pub(super) assumed: Map<Uid, Rc<Pod>>,
    /// Pods that wait for victims to leave, each with the node that is being cleared for it.
    pub(super) nominated: Map<Uid, Rc<Pod>>,
    /// Pods whose nodes are chosen, and whose claims are getting their volumes there.
    pub(super) reserved: Map<Uid, Rc<Reserved>>,
    /// The pod whose binding is on its way to the API server.
    pub(super) binding: Option<Rc<QueuedPod>>,
    pub(super) census: Census,
}

/// Whether a change can matter to the scheduler beyond what its cache holds. Most changes are reports of kubelets
/// about pods that have their node.
pub(crate) fn concerns(change: &Change) -> bool {
    match (&change.before, &change.after) {
        (Some(Object::Pod(before)), Some(Object::Pod(after))) => {
            let is_bound = before.spec.node.is_some() && before.spec.node == after.spec.node;
            !is_bound
                || !Rc::ptr_eq(&before.meta.labels, &after.meta.labels)
                || before.is_terminating() != after.is_terminating()
                || before.is_finished() != after.is_finished()
        }
        (Some(Object::Node(before)), Some(Object::Node(after))) => {
            before.spec != after.spec
                || before.meta.labels != after.meta.labels
                || before.status.allocatable != after.status.allocatable
        }
        (Some(Object::Service(before)), Some(Object::Service(after))) => {
            before.selector() != after.selector()
        }
        (
            _,
            Some(Object::PersistentVolumeClaim(_) | Object::PersistentVolume(_) | Object::StorageClass(_)),
        ) => true,
        _ => matches!(change.subject(), Some(Object::Pod(_) | Object::Node(_) | Object::Service(_))),
    }
}

impl SchedulerMemory {
    /// The memory of a scheduler that has just started and listed everything in `store`.
    pub(crate) fn new(store: &Store) -> SchedulerMemory {
        let mut memory =
            SchedulerMemory { nodes: Rc::new(NodeOrder::new(store)), ..SchedulerMemory::default() };
        for pod in store.list::<Pod>().filter(|pod| needs_a_node(pod)) {
            memory.queue.add(pod, Causes::default(), Time::ZERO);
        }
        memory
    }

    /// Follows a change that reached the scheduler's `cache`. Returns whether there is a pod to look at now.
    pub(crate) fn notice(&mut self, cache: &Store, change: &Change, causes: Causes, now: Time) -> bool {
        if change.revision < cache.revision() {
            // A later change came first: what was counted since cannot be told apart from this one.
            self.census = Census::default();
        }
        match change.subject() {
            Some(Object::Pod(pod)) => {
                let before = change.before.as_ref().and_then(as_pod);
                let after = change.after.as_ref().and_then(as_pod);
                self.follow_pod(pod, before, after, cache, causes, now);
            }
            Some(Object::Node(_)) => {
                let before = change.before.as_ref().and_then(as_node);
                let after = change.after.as_ref().and_then(as_node);
                self.follow_node(before, after, cache, causes, now);
            }
            Some(Object::Service(_)) => self.census.forget_defaults(),
            Some(Object::PersistentVolumeClaim(claim)) => {
                self.moved_by(&ClusterEvent::ClaimChanged(claim), cache, causes, now);
                return self.is_ready(cache, now);
            }
            Some(Object::PersistentVolume(_)) => {
                self.moved_by(&ClusterEvent::VolumeChanged, cache, causes, now);
            }
            Some(Object::StorageClass(_)) => {
                self.moved_by(&ClusterEvent::ClassChanged, cache, causes, now);
            }
            _ => {}
        }
        self.queue.is_ready(now)
    }

    /// Whether there is a pod to look at now: one that waits for a node, or one whose claims have got their volumes.
    pub(crate) fn is_ready(&self, cache: &Store, now: Time) -> bool {
        self.queue.is_ready(now) || claims::is_any_ready(self, cache)
    }

    /// The cluster as the scheduler sees it: its cache, and the pods that it has placed since.
    pub(super) fn view<'a>(&self, store: &'a Store, nodes: &'a NodeOrder) -> View<'a> {
        let unconfirmed = |pod: &&Rc<Pod>| {
            store.get::<Pod>(&pod.key).is_some_and(|known| known.uid == pod.uid && known.spec.node.is_none())
        };
        View {
            store,
            nodes: &nodes.nodes,
            present: self.assumed.values().filter(unconfirmed).cloned().collect(),
            absent: Vec::new(),
        }
    }

    /// The pods of at least the priority of `pod` that nodes are being cleared for.
    pub(super) fn rivals_of(&self, pod: &Pod) -> Vec<Rc<Pod>> {
        let others = self.nominated.values().filter(|other| other.uid != pod.uid);
        others.filter(|other| other.priority() >= pod.priority()).cloned().collect()
    }

    /// `before` and `after` are absent where the pod is finished: upstream's scheduler does not watch such pods.
    fn follow_pod(
        &mut self,
        pod: &Rc<Pod>,
        before: Option<&Rc<Pod>>,
        after: Option<&Rc<Pod>>,
        cache: &Store,
        causes: Causes,
        now: Time,
    ) {
        self.census.follow(before.map(|pod| &**pod), after.map(|pod| &**pod));
        let cached = cache.get::<Pod>(&pod.key).filter(|known| known.uid == pod.uid && needs_a_node(known));
        match cached {
            None => self.forget(pod.uid),
            Some(cached) => self.follow_waiting(cached, before, causes, now, cache),
        }
        let is_placed = |pod: &&Rc<Pod>| pod.spec.node.is_some();
        match (before.filter(is_placed), after.filter(is_placed)) {
            (None, Some(after)) => self.moved_by(&ClusterEvent::PodPlaced(after), cache, causes, now),
            (Some(before), None) => self.moved_by(&ClusterEvent::PodGone(before), cache, causes, now),
            (Some(before), Some(after)) if before.meta.labels != after.meta.labels => {
                self.moved_by(&ClusterEvent::PodRelabelled { before, after }, cache, causes, now);
            }
            _ => {}
        }
    }

    /// A pod that has a node, is gone, or must not be scheduled yet.
    fn forget(&mut self, uid: Uid) {
        self.queue.remove(uid);
        self.nominated.remove(&uid);
        self.assumed.remove(&uid);
        self.reserved.remove(&uid);
    }

    fn follow_waiting(
        &mut self,
        pod: &Rc<Pod>,
        before: Option<&Rc<Pod>>,
        causes: Causes,
        now: Time,
        cache: &Store,
    ) {
        if self.assumed.contains_key(&pod.uid) {
            return;
        }
        self.nominate(pod, pod.status.nominated_node_name.as_deref().unwrap_or_default());
        if self.queue.get(pod.uid).is_none() {
            self.queue.add(pod, causes, now);
            return;
        }
        if let Some(before) = before {
            let (nodes, event) = (self.nodes.clone(), ClusterEvent::PodChanged { before, after: pod });
            let view = self.view(cache, &nodes);
            self.queue.move_where(event.concerns(), causes, now, |queued, plugin| {
                queued.uid == pod.uid && filter::may_help(plugin, &event, pod, &view)
            });
        }
    }

    /// Notes that `node` is being cleared for `pod`; that none is, where `node` is empty.
    pub(super) fn nominate(&mut self, pod: &Rc<Pod>, node: &str) {
        if node.is_empty() {
            self.nominated.remove(&pod.uid);
            return;
        }
        let mut there = (**pod).clone();
        there.spec.node = Some(node.into());
        self.nominated.insert(pod.uid, Rc::new(there));
    }

    fn follow_node(
        &mut self,
        before: Option<&Rc<Node>>,
        after: Option<&Rc<Node>>,
        cache: &Store,
        causes: Causes,
        now: Time,
    ) {
        let (old, new) = (before.map(|node| &**node), after.map(|node| &**node));
        if NodeOrder::is_changed_by(old, new) {
            Rc::make_mut(&mut self.nodes).follow(old, new);
        }
        match (before, after) {
            (None, Some(node)) => self.moved_by(&ClusterEvent::NodeAdded(node), cache, causes, now),
            (Some(before), Some(after)) => {
                self.moved_by(&ClusterEvent::NodeChanged { before, after }, cache, causes, now);
            }
            (_, None) => {}
        }
    }

    /// Moves the unschedulable pods that `event` may help.
    pub(super) fn moved_by(&mut self, event: &ClusterEvent<'_>, cache: &Store, causes: Causes, now: Time) {
        if self.queue.unschedulable() == 0 {
            return;
        }
        let nodes = self.nodes.clone();
        let view = self.view(cache, &nodes);
        self.queue.move_where(event.concerns(), causes, now, |queued, plugin| {
            let pod = cache.get::<Pod>(&queued.key).filter(|pod| pod.uid == queued.uid);
            pod.is_some_and(|pod| filter::may_help(plugin, event, pod, &view))
        });
    }
}

/// Whether the scheduler is to find a node for `pod`. Gated pods wait outside of the queue, and so do pods that ask for
/// resource claims, of which this cluster has none. Upstream: the PreEnqueue plugins.
fn needs_a_node(pod: &Pod) -> bool {
    let spec = &pod.spec.spec;
    pod.spec.node.is_none()
        && !pod.is_finished()
        && spec.scheduler_name.as_deref().is_none_or(|name| name == SCHEDULER_NAME)
        && spec.scheduling_gates.iter().flatten().next().is_none()
        && spec.resource_claims.iter().flatten().next().is_none()
}

fn as_pod(object: &Object) -> Option<&Rc<Pod>> {
    if let Object::Pod(pod) = object { Some(pod).filter(|pod| !pod.is_finished()) } else { None }
}

fn as_node(object: &Object) -> Option<&Rc<Node>> {
    if let Object::Node(node) = object { Some(node) } else { None }
}
