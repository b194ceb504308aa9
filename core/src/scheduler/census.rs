//! How many pods of a kind each node runs, counted once and then kept up to date, so that spreading a thousand
//! pods does not count a thousand pods a thousand times.
//!
//! Everything here follows from the scheduler's cache; it can be forgotten and counted anew at any time.

use std::rc::Rc;

use crate::persistent::Map;

use super::spread::{self, Constraint, Defaults};
use super::terms::{Term, Terms};
use crate::api::selector::Requirement;
use crate::api::{Labels, Pod, Selector, Uid};
use crate::apiserver::Store;

/// Pods per node; nodes without any are left out.
pub(super) type Tally = Map<Rc<str>, i64>;

/// The counts that looks asked for so far.
#[derive(Clone, Default)]
pub(super) struct Census {
    groups: Map<Rc<Group>, Tally>,
    /// The pods that carry an affinity term, by term. `None` until a look asks.
    carriers: Option<Carriers>,
    /// The default spread constraints of each owner's pods.
    defaults: Map<Uid, Defaults>,
}

/// How many owners' default constraints are kept.
const DEFAULTS_KEPT: usize = 64;

/// The pods that carry a term, by term.
pub(super) type Carriers = Map<Rc<Carried>, Tally>;

/// Pods of one namespace that a selector matches.
///
/// The order of the fields is the order of the index: all groups that a label can concern lie side by side.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Group {
    namespace: Rc<str>,
    /// The first `key=value` of the selector, if it has one.
    pair: Option<(String, String)>,
    selector: Rc<Selector>,
    /// Whether pods being deleted count.
    with_terminating: bool,
}

/// A term that pods on nodes carry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Carried {
    /// What the term means for others.
    pub(super) meaning: Meaning,
    /// The term.
    pub(super) term: Term,
}

/// What a term that a pod carries means for pods that come later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Meaning {
    /// Those it is about must keep away.
    KeepsAway,
    /// Those it is about are welcome, with this weight; below 0 they are not.
    Attracts(i64),
}

/// The weight of a required affinity term for pods that come later. Upstream: `hardPodAffinityWeight`.
const REQUIRED_AFFINITY_WEIGHT: i64 = 1;

impl Group {
    /// The pods of `namespace` that `selector` matches.
    pub(super) fn new(namespace: Rc<str>, selector: Rc<Selector>, with_terminating: bool) -> Group {
        let pair = selector.requirements().iter().find_map(pair_of);
        Group { namespace, pair, selector, with_terminating }
    }

    /// Whether `pod` counts.
    pub(super) fn counts(&self, pod: &Pod) -> bool {
        pod.key.namespace == self.namespace
            && (self.with_terminating || !pod.is_terminating())
            && self.selector.matches(&pod.meta.labels)
    }
}

fn pair_of(requirement: &Requirement) -> Option<(String, String)> {
    match requirement {
        Requirement::In(key, values) => match values.as_slice() {
            [value] => Some((key.clone(), value.clone())),
            _ => None,
        },
        Requirement::NotIn(..) | Requirement::Exists(_) | Requirement::DoesNotExist(_) => None,
    }
}

impl Carried {
    /// The terms that `pod` carries.
    pub(super) fn by(pod: &Pod) -> impl Iterator<Item = Carried> {
        let terms = if Terms::has_any(pod) { Terms::of(pod) } else { Terms::default() };
        let away = terms.anti_affinity.into_iter().map(|term| Carried { meaning: Meaning::KeepsAway, term });
        let near = terms.affinity.into_iter();
        let near = near.map(|term| Carried { meaning: Meaning::Attracts(REQUIRED_AFFINITY_WEIGHT), term });
        let wishes = terms.preferred.into_iter();
        let wishes = wishes.map(|(term, weight)| Carried { meaning: Meaning::Attracts(weight), term });
        away.chain(near).chain(wishes)
    }
}

impl Census {
    /// How many pods of `group` each node has, as `store` shows it.
    pub(super) fn tally(&mut self, store: &Store, group: &Rc<Group>) -> Tally {
        if let Some(known) = self.groups.get(group) {
            return known.clone();
        }
        let mut tally = Tally::new();
        let mut count = |pod: &Rc<Pod>| {
            if let Some(node) = node_of(pod).filter(|_| group.counts(pod)) {
                add(&mut tally, node, 1);
            }
        };
        let pairs: Labels = group.selector.requirements().iter().filter_map(pair_of).collect();
        if pairs.is_empty() {
            store.list_in::<Pod>(&group.namespace).for_each(&mut count);
        } else {
            store.pods_labelled(&group.namespace, &pairs).for_each(&mut count);
        }
        self.groups.insert(group.clone(), tally.clone());
        tally
    }

    /// The terms that pods on nodes carry, as `store` shows them.
    pub(super) fn carriers(&mut self, store: &Store) -> Carriers {
        let counted = self.carriers.get_or_insert_with(|| {
            let mut carriers = Carriers::new();
            for pod in store.list::<Pod>() {
                carry(&mut carriers, pod, 1);
            }
            carriers
        });
        counted.clone()
    }

    /// What spreads a pod that has no constraints of its own.
    pub(super) fn default_constraints(&mut self, pod: &Pod, store: &Store) -> Rc<[Constraint]> {
        let owner = pod.controller().unwrap_or_default();
        let known = self.defaults.get(&owner);
        let defaults = spread::defaults(pod, store, known);
        let constraints = defaults.constraints.clone();
        if known.is_none_or(|known| !Rc::ptr_eq(&known.constraints, &constraints)) {
            if self.defaults.len() >= DEFAULTS_KEPT {
                self.forget_defaults();
            }
            self.defaults.insert(owner, defaults);
        }
        constraints
    }

    /// A Service came, went or selects other pods: default constraints follow from Services too.
    pub(super) fn forget_defaults(&mut self) {
        self.defaults = Map::new();
    }

    /// Follows one change of a pod. Finished pods count as gone.
    pub(super) fn follow(&mut self, before: Option<&Pod>, after: Option<&Pod>) {
        for (pod, step) in [(before, -1), (after, 1)] {
            let Some(pod) = pod else { continue };
            self.shift(pod, step);
            if let Some(carriers) = &mut self.carriers {
                carry(carriers, pod, step);
            }
        }
    }

    fn shift(&mut self, pod: &Pod, step: i64) {
        let Some(node) = node_of(pod).filter(|_| !self.groups.is_empty()) else { return };
        for group in self.groups_of(pod) {
            let Some(tally) = self.groups.get_mut(&group) else { continue };
            add(tally, node, step);
            if tally.is_empty() {
                self.groups.remove(&group);
            }
        }
    }

    /// The groups that `pod` counts in.
    fn groups_of(&self, pod: &Pod) -> Vec<Rc<Group>> {
        let pairs = pod.meta.labels.iter().map(|(key, value)| Some((key.clone(), value.clone())));
        let mut found = Vec::new();
        for pair in pairs.chain([None]) {
            let first = Rc::new(Group {
                namespace: pod.key.namespace.clone(),
                pair,
                selector: Rc::default(),
                with_terminating: false,
            });
            let in_range = self.groups.iter_from(&first).map(|(group, _)| group);
            let concerned =
                in_range.take_while(|group| group.namespace == first.namespace && group.pair == first.pair);
            found.extend(concerned.filter(|group| group.counts(pod)).cloned());
        }
        found
    }
}

/// Adds the terms that `pod` carries, or takes them away.
pub(super) fn carry(carriers: &mut Carriers, pod: &Pod, step: i64) {
    let Some(node) = node_of(pod).filter(|_| Terms::has_any(pod)) else { return };
    for carried in Carried::by(pod) {
        let carried = Rc::new(carried);
        let mut tally = carriers.get(&carried).cloned().unwrap_or_default();
        add(&mut tally, node, step);
        if tally.is_empty() {
            carriers.remove(&carried);
        } else {
            carriers.insert(carried, tally);
        }
    }
}

/// Adds `step` to a node's count.
pub(super) fn add(tally: &mut Tally, node: &Rc<str>, step: i64) {
    let count = tally.get(node).copied().unwrap_or(0) + step;
    if count == 0 {
        tally.remove(node);
    } else {
        tally.insert(node.clone(), count);
    }
}

fn node_of(pod: &Pod) -> Option<&Rc<str>> {
    pod.spec.node.as_ref().filter(|_| !pod.is_finished())
}

/// Counts decide nothing that the cache does not decide: worlds are equal whatever was counted so far.
impl PartialEq for Census {
    fn eq(&self, _: &Census) -> bool {
        true
    }
}

impl std::fmt::Debug for Census {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Census({} groups)", self.groups.len())
    }
}
