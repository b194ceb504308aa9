//! The store's indexes: who owns what, what runs where, which labels lead to which pods.
//!
//! They follow the objects: [`Index::update`] is told what was written and changes what differs, so a status
//! write touches a counter and nothing else.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::rc::Rc;

use crate::persistent::{Map, Set};
use k8s_openapi::api::core::v1::PodTemplateSpec;

use crate::api::quantity::Requests;
use crate::api::{
    Key, Labels, Object, ObjectRef, Pod, PodTemplate, ReplicaSet, ReplicationController, Service, Stored, Uid,
};

/// Persistent indexes over the store.
#[derive(Clone, Default)]
pub(crate) struct Index {
    dependents: Map<Uid, Set<ObjectRef>>,
    owned_pods: Map<Uid, Rc<OwnedPods>>,
    pods_on_nodes: Map<Rc<str>, Rc<PodsOnNode>>,
    pods_by_label: Map<LabelPair, Set<Key>>,
    slices_by_service: Map<Key, Set<Key>>,
    calm: Rc<CalmIndex>,
}

/// The indexes that few writes change: every step has a store of its own, which these would make large.
#[derive(Clone, Default)]
struct CalmIndex {
    services_by_label: Map<LabelPair, Set<Key>>,
    pod_templates: Map<Uid, Rc<PodTemplate>>,
    orphan_sets: Set<Key>,
    pods_by_claim: Map<Key, Set<Key>>,
}

/// The pods of one controller, counted as they change.
#[derive(Clone, Default)]
pub struct OwnedPods {
    keys: Set<Key>,
    /// Neither finished nor terminating.
    pub active: u32,
    /// Active and Ready.
    pub ready: u32,
    /// Being deleted and not finished.
    pub terminating: u32,
    active_by_labels: Map<Rc<Labels>, u32>,
    active_by_node: Map<Rc<str>, u32>,
}

/// The pods of one node and what they ask of it.
#[derive(Clone, Default)]
pub struct PodsOnNode {
    keys: Set<Key>,
    /// Unfinished pods.
    pub count: i64,
    /// Σ requests of unfinished pods.
    pub requested: Requests,
}

/// A namespace and one label.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct LabelPair {
    namespace: Rc<str>,
    name: Rc<str>,
    value: Rc<str>,
}

/// A namespace and one label as an index keeps it, or as somebody asks for it: looking one up copies nothing.
trait Labelled {
    /// The namespace, and the label's name and value.
    fn parts(&self) -> [&str; 3];
}

impl OwnedPods {
    /// Their keys, by name, finished and terminating ones included.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    /// How many there are, finished and terminating ones included.
    pub fn total(&self) -> usize {
        self.keys.len()
    }

    /// The sets of labels that active pods carry, and how many carry each. Pods of one template share theirs.
    pub fn active_by_labels(&self) -> impl Iterator<Item = (&Rc<Labels>, u32)> {
        self.active_by_labels.iter().map(|(labels, pods)| (labels, *pods))
    }

    /// The nodes that active pods are bound to, and how many to each.
    pub fn active_by_node(&self) -> impl Iterator<Item = (&str, u32)> {
        self.active_by_node.iter().map(|(node, pods)| (&**node, *pods))
    }

    fn count(&mut self, pod: &Pod, sign: i32) {
        if pod.is_finished() {
            return;
        }
        if pod.is_terminating() {
            self.terminating = self.terminating.wrapping_add_signed(sign);
            return;
        }
        self.active = self.active.wrapping_add_signed(sign);
        if pod.is_ready() {
            self.ready = self.ready.wrapping_add_signed(sign);
        }
        tally(&mut self.active_by_labels, &pod.meta.labels, sign);
        if let Some(node) = &pod.spec.node {
            tally(&mut self.active_by_node, node, sign);
        }
    }
}

impl PodsOnNode {
    /// Their keys, by name, finished ones included.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.iter()
    }

    fn count(&mut self, pod: &Pod, sign: i64) {
        if pod.is_finished() {
            return;
        }
        let requests = pod.requests();
        self.count += sign;
        self.requested.add_times(&requests, sign);
    }
}

impl LabelPair {
    fn new(namespace: &Rc<str>, name: &str, value: &str) -> LabelPair {
        LabelPair { namespace: namespace.clone(), name: name.into(), value: value.into() }
    }
}

impl Labelled for LabelPair {
    fn parts(&self) -> [&str; 3] {
        [&self.namespace, &self.name, &self.value]
    }
}

impl Labelled for [&str; 3] {
    fn parts(&self) -> [&str; 3] {
        *self
    }
}

impl<'a> Borrow<dyn Labelled + 'a> for LabelPair {
    fn borrow(&self) -> &(dyn Labelled + 'a) {
        self
    }
}

impl PartialEq for dyn Labelled + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for dyn Labelled + '_ {}

impl PartialOrd for dyn Labelled + '_ {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for dyn Labelled + '_ {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl Index {
    pub(crate) fn dependents(&self, owner: Uid) -> impl Iterator<Item = &ObjectRef> {
        self.dependents.get(&owner).into_iter().flat_map(Set::iter)
    }

    pub(crate) fn owned_pods(&self, owner: Uid) -> Option<&OwnedPods> {
        self.owned_pods.get(&owner).map(|owned| &**owned)
    }

    pub(crate) fn pods_on_node(&self, node: &str) -> Option<&PodsOnNode> {
        self.pods_on_nodes.get(node).map(|load| &**load)
    }

    /// The pods that carry the one of `labels` which the fewest pods carry.
    pub(crate) fn pods_with_rarest_label(&self, namespace: &str, labels: &Labels) -> Option<&Set<Key>> {
        let mut rarest: Option<&Set<Key>> = None;
        for (key, value) in labels {
            let pods = self.pods_by_label.get(&[namespace, key, value] as &dyn Labelled)?;
            if rarest.is_none_or(|known| pods.len() < known.len()) {
                rarest = Some(pods);
            }
        }
        rarest
    }

    /// The Services whose selector begins with one of `labels`.
    pub(crate) fn services_by_first_label<'a>(
        &'a self,
        namespace: &'a str,
        labels: &'a Labels,
    ) -> impl Iterator<Item = &'a Key> {
        let found = move |(key, value): (&'a String, &'a String)| {
            self.calm.services_by_label.get(&[namespace, key, value] as &dyn Labelled)
        };
        labels.iter().filter_map(found).flat_map(Set::iter)
    }

    pub(crate) fn pods_using(&self, claim: &Key) -> impl Iterator<Item = &Key> {
        self.calm.pods_by_claim.get(claim).into_iter().flat_map(Set::iter)
    }

    pub(crate) fn slices_of(&self, service: &Key) -> impl Iterator<Item = &Key> {
        self.slices_by_service.get(service).into_iter().flat_map(Set::iter)
    }

    pub(crate) fn orphan_sets(&self) -> impl Iterator<Item = &Key> {
        self.calm.orphan_sets.iter()
    }

    pub(crate) fn pod_template(&self, owner: Uid) -> Option<&Rc<PodTemplate>> {
        self.calm.pod_templates.get(&owner)
    }

    /// Follows one write: `before` is absent on create, `after` on removal.
    pub(crate) fn update(&mut self, before: Option<&Object>, after: Option<&Object>) {
        self.update_owners(before, after);
        match (before, after) {
            (Some(Object::Pod(before)), Some(Object::Pod(after))) => self.pod(Some(before), Some(after)),
            (None, Some(Object::Pod(after))) => self.pod(None, Some(after)),
            (Some(Object::Pod(before)), None) => self.pod(Some(before), None),
            (before, Some(Object::Service(after))) => {
                let before = before.and_then(|object| match object {
                    Object::Service(service) => Some(&**service),
                    _ => None,
                });
                self.service(before, Some(after));
            }
            (Some(Object::Service(before)), None) => self.service(Some(before), None),
            (before, Some(Object::EndpointSlice(after))) => {
                if let Some(Object::EndpointSlice(before)) = before {
                    if before.service() == after.service() {
                        return;
                    }
                    drop_from(&mut self.slices_by_service, before.service(), &before.key);
                }
                add_to(&mut self.slices_by_service, after.service(), &after.key);
            }
            (Some(Object::EndpointSlice(before)), None) => {
                drop_from(&mut self.slices_by_service, before.service(), &before.key);
            }
            (before, Some(Object::ReplicaSet(after))) => {
                let before = before.and_then(ReplicaSet::from_object);
                if before.is_none_or(|before| !Rc::ptr_eq(&before.spec.spec, &after.spec.spec)) {
                    let known = before.map(|before| before.spec.template.as_ref());
                    self.template(after.uid, known, after.spec.template.as_ref());
                }
                self.orphan_set(after);
            }
            (before, Some(Object::ReplicationController(after))) => {
                let before = before.and_then(ReplicationController::from_object);
                let known = before.map(|before| before.spec.template.as_ref());
                self.template(after.uid, known, after.spec.template.as_ref());
            }
            (Some(Object::ReplicationController(before)), None) => {
                Rc::make_mut(&mut self.calm).pod_templates.remove(&before.uid);
            }
            (Some(Object::ReplicaSet(before)), None) => {
                let calm = Rc::make_mut(&mut self.calm);
                calm.orphan_sets.remove(&before.key);
                calm.pod_templates.remove(&before.uid);
            }
            _ => {}
        }
    }

    fn update_owners(&mut self, before: Option<&Object>, after: Option<&Object>) {
        let owners = |object: Option<&Object>| object.map(|object| object.meta().owners.clone());
        let (old, new) = (owners(before), owners(after));
        let unchanged = matches!((&old, &new), (Some(old), Some(new)) if Rc::ptr_eq(old, new));
        let Some(reference) = after.or(before).map(Object::reference).filter(|_| !unchanged) else { return };
        for owner in old.iter().flat_map(|owners| owners.iter()) {
            drop_from(&mut self.dependents, Some(owner.uid), &reference);
        }
        for owner in new.iter().flat_map(|owners| owners.iter()) {
            add_to(&mut self.dependents, Some(owner.uid), &reference);
        }
    }

    fn pod(&mut self, before: Option<&Pod>, after: Option<&Pod>) {
        self.pod_owner(before, after);
        self.pod_node(before, after);
        self.pod_claims(before, after);
        let same_labels = matches!((before, after), (Some(old), Some(new)) if Rc::ptr_eq(&old.meta.labels, &new.meta.labels));
        if same_labels {
            return;
        }
        for (pod, keep) in [(before, false), (after, true)] {
            let Some(pod) = pod else { continue };
            for (key, value) in pod.meta.labels.iter() {
                let pair = LabelPair::new(&pod.key.namespace, key, value);
                if keep {
                    add_to(&mut self.pods_by_label, Some(pair), &pod.key);
                } else {
                    drop_from(&mut self.pods_by_label, Some(pair), &pod.key);
                }
            }
        }
    }

    /// Which pods name a claim: those that are there, finished and terminating ones included.
    fn pod_claims(&mut self, before: Option<&Pod>, after: Option<&Pod>) {
        let same_spec =
            matches!((before, after), (Some(old), Some(new)) if Rc::ptr_eq(&old.spec.spec, &new.spec.spec));
        let names_claim = |pod: &Pod| pod.claims().next().is_some();
        if same_spec || ![before, after].into_iter().flatten().any(names_claim) {
            return;
        }
        let pods_by_claim = &mut Rc::make_mut(&mut self.calm).pods_by_claim;
        for (pod, keep) in [(before, false), (after, true)] {
            let Some(pod) = pod else { continue };
            for claim in pod.claims() {
                let claim = Key { namespace: pod.key.namespace.clone(), name: claim.name.into() };
                if keep {
                    add_to(pods_by_claim, Some(claim), &pod.key);
                } else {
                    drop_from(pods_by_claim, Some(claim), &pod.key);
                }
            }
        }
    }

    fn pod_owner(&mut self, before: Option<&Pod>, after: Option<&Pod>) {
        if let (Some(old), Some(new)) = (before, after)
            && has_same_standing(old, new)
        {
            return;
        }
        if let Some(old) = before {
            let owner = old.controller().unwrap_or_default();
            let mut owned = self.owned_pods.get(&owner).cloned().unwrap_or_default();
            let counters = Rc::make_mut(&mut owned);
            counters.count(old, -1);
            if after.is_none_or(|new| new.controller().unwrap_or_default() != owner) {
                counters.keys.remove(&old.key);
            }
            if counters.keys.is_empty() {
                self.owned_pods.remove(&owner);
            } else {
                self.owned_pods.insert(owner, owned);
            }
        }
        if let Some(new) = after {
            let owner = new.controller().unwrap_or_default();
            let mut owned = self.owned_pods.get(&owner).cloned().unwrap_or_default();
            let counters = Rc::make_mut(&mut owned);
            counters.count(new, 1);
            if !counters.keys.contains(&new.key) {
                counters.keys.insert(new.key.clone());
            }
            self.owned_pods.insert(owner, owned);
        }
    }

    fn pod_node(&mut self, before: Option<&Pod>, after: Option<&Pod>) {
        let standing = |pod: &Pod| (pod.spec.node.clone(), pod.is_finished(), Rc::as_ptr(&pod.spec.spec));
        if let (Some(old), Some(new)) = (before, after)
            && standing(old) == standing(new)
        {
            return;
        }
        if let Some((old, node)) = before.and_then(|pod| Some((pod, pod.spec.node.clone()?))) {
            let mut load = self.pods_on_nodes.get(&node).cloned().unwrap_or_default();
            let counters = Rc::make_mut(&mut load);
            counters.count(old, -1);
            counters.keys.remove(&old.key);
            self.pods_on_nodes.insert(node, load);
        }
        if let Some((new, node)) = after.and_then(|pod| Some((pod, pod.spec.node.clone()?))) {
            let mut load = self.pods_on_nodes.get(&node).cloned().unwrap_or_default();
            let counters = Rc::make_mut(&mut load);
            counters.count(new, 1);
            counters.keys.insert(new.key.clone());
            self.pods_on_nodes.insert(node, load);
        }
    }

    fn service(&mut self, before: Option<&Service>, after: Option<&Service>) {
        let first = |service: &Service| {
            let (key, value) = service.selector()?.first_key_value()?;
            Some(LabelPair::new(&service.key.namespace, key, value))
        };
        let services_by_label = &mut Rc::make_mut(&mut self.calm).services_by_label;
        if let Some(old) = before {
            drop_from(services_by_label, first(old), &old.key);
        }
        if let Some(new) = after {
            add_to(services_by_label, first(new), &new.key);
        }
    }

    /// Takes a new template apart; `known` is the stored one, if there is one.
    fn template(
        &mut self,
        owner: Uid,
        known: Option<Option<&PodTemplateSpec>>,
        template: Option<&PodTemplateSpec>,
    ) {
        if known.is_some_and(|known| known == template) {
            return;
        }
        let template = template.map(PodTemplate::from_api).unwrap_or_default();
        Rc::make_mut(&mut self.calm).pod_templates.insert(owner, Rc::new(template));
    }

    fn orphan_set(&mut self, set: &ReplicaSet) {
        let is_orphan = set.controller().is_none();
        if is_orphan == self.calm.orphan_sets.contains(&set.key) {
            return;
        }
        let orphan_sets = &mut Rc::make_mut(&mut self.calm).orphan_sets;
        if is_orphan {
            orphan_sets.insert(set.key.clone());
        } else {
            orphan_sets.remove(&set.key);
        }
    }
}

/// Whether two versions of a pod count the same for their owner.
fn has_same_standing(old: &Pod, new: &Pod) -> bool {
    let flags = |pod: &Pod| (pod.is_finished(), pod.is_terminating(), pod.is_ready());
    let same_meta = Rc::ptr_eq(&old.meta, &new.meta)
        || old.controller() == new.controller() && Rc::ptr_eq(&old.meta.labels, &new.meta.labels);
    same_meta && old.spec.node == new.spec.node && flags(old) == flags(new)
}

/// Adds `sign` to a count; a count of zero is left out.
fn tally<K: Ord + Clone>(counts: &mut Map<K, u32>, key: &K, sign: i32) {
    let count = counts.get(key).copied().unwrap_or(0).wrapping_add_signed(sign);
    if count == 0 {
        counts.remove(key);
    } else {
        counts.insert(key.clone(), count);
    }
}

fn add_to<K: Ord + Clone, V: Ord + Clone>(map: &mut Map<K, Set<V>>, key: Option<K>, value: &V) {
    let Some(key) = key else { return };
    let mut set = map.get(&key).cloned().unwrap_or_default();
    set.insert(value.clone());
    map.insert(key, set);
}

fn drop_from<K: Ord + Clone, V: Ord + Clone>(map: &mut Map<K, Set<V>>, key: Option<K>, value: &V) {
    let Some(key) = key else { return };
    let Some(mut set) = map.get(&key).cloned() else { return };
    set.remove(value);
    if set.is_empty() {
        map.remove(&key);
    } else {
        map.insert(key, set);
    }
}
