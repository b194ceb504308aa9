//! Pod affinity terms, compiled: which pods they are about, and within which part of the cluster.
//! Upstream: `pkg/scheduler/framework/types.go`, `AffinityTerm`.

use std::collections::BTreeSet;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::selector::Requirement;
use crate::api::{Labels, Namespace, Pod, Selector};
use crate::apiserver::Store;

/// A term of a pod's affinity or anti-affinity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term {
    /// The pods it is about.
    pub(super) selector: Selector,
    /// The namespaces they may be in.
    pub(super) namespaces: Namespaces,
    /// The node label whose values divide the cluster into domains.
    pub(super) topology_key: Rc<str>,
}

/// Namespaces by name and by label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Namespaces {
    names: BTreeSet<Rc<str>>,
    labelled: Option<Selector>,
}

/// The terms of one pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Terms {
    /// Required affinity: a node's domains must have pods that match all of these.
    pub(super) affinity: Vec<Term>,
    /// Required anti-affinity: no node's domain may have a pod that matches one of these.
    pub(super) anti_affinity: Vec<Term>,
    /// Preferred affinity, and anti-affinity with its weights negated.
    pub(super) preferred: Vec<(Term, i64)>,
}

impl Terms {
    /// Whether `pod` has any.
    pub(super) fn has_any(pod: &Pod) -> bool {
        let affinity = pod.spec.spec.affinity.as_ref();
        affinity
            .is_some_and(|affinity| affinity.pod_affinity.is_some() || affinity.pod_anti_affinity.is_some())
    }

    /// The terms of `pod`.
    pub(super) fn of(pod: &Pod) -> Terms {
        let Some(affinity) = &pod.spec.spec.affinity else { return Terms::default() };
        let mut terms = Terms::default();
        if let Some(near) = &affinity.pod_affinity {
            let required = near.required_during_scheduling_ignored_during_execution.iter().flatten();
            terms.affinity = required.map(|term| Term::new(term, pod)).collect();
            let preferred = near.preferred_during_scheduling_ignored_during_execution.iter().flatten();
            terms.preferred.extend(preferred.map(|wish| weighted(wish, pod, 1)));
        }
        if let Some(far) = &affinity.pod_anti_affinity {
            let required = far.required_during_scheduling_ignored_during_execution.iter().flatten();
            terms.anti_affinity = required.map(|term| Term::new(term, pod)).collect();
            let preferred = far.preferred_during_scheduling_ignored_during_execution.iter().flatten();
            terms.preferred.extend(preferred.map(|wish| weighted(wish, pod, -1)));
        }
        terms
    }
}

fn weighted(wish: &core::WeightedPodAffinityTerm, pod: &Pod, sign: i64) -> (Term, i64) {
    (Term::new(&wish.pod_affinity_term, pod), sign * i64::from(wish.weight))
}

impl Term {
    fn new(term: &core::PodAffinityTerm, owner: &Pod) -> Term {
        let listed = term.namespaces.iter().flatten().map(|name| Rc::from(name.as_str()));
        let mut names: BTreeSet<Rc<str>> = listed.collect();
        let labelled = term.namespace_selector.as_ref().map(Selector::from_api);
        if names.is_empty() && labelled.is_none() {
            names.insert(owner.key.namespace.clone());
        }
        // A term without a selector matches no pod.
        let selector = match &term.label_selector {
            None => Selector::nothing(),
            Some(selector) => {
                let mut requirements = Selector::from_api(selector).requirements().to_vec();
                same_values(&mut requirements, term.match_label_keys.as_deref(), &owner.meta.labels);
                other_values(&mut requirements, term.mismatch_label_keys.as_deref(), &owner.meta.labels);
                Selector::new(requirements)
            }
        };
        let topology_key = term.topology_key.as_str().into();
        Term { selector, namespaces: Namespaces { names, labelled }, topology_key }
    }

    /// Whether the term is about `pod`.
    pub(super) fn is_about(&self, pod: &Pod, store: &Store) -> bool {
        self.namespaces.contain(&pod.key.namespace, store) && self.selector.matches(&pod.meta.labels)
    }
}

impl Namespaces {
    /// Whether `namespace` is one of them.
    pub(super) fn contain(&self, namespace: &Rc<str>, store: &Store) -> bool {
        if self.names.contains(namespace) {
            return true;
        }
        let Some(selector) = &self.labelled else { return false };
        // Upstream takes a namespace that it has not seen yet for one without labels.
        match store.get_cluster_wide::<Namespace>(namespace) {
            Some(found) => selector.matches(&found.meta.labels),
            None => selector.matches(&Labels::new()),
        }
    }

    /// Their names.
    pub(super) fn resolve(&self, store: &Store) -> BTreeSet<Rc<str>> {
        let mut names = self.names.clone();
        if let Some(selector) = &self.labelled {
            let matching = store.list::<Namespace>().filter(|found| selector.matches(&found.meta.labels));
            names.extend(matching.map(|found| found.key.name.clone()));
        }
        names
    }
}

/// `matchLabelKeys`: the same value as the pod's own.
pub(super) fn same_values(requirements: &mut Vec<Requirement>, keys: Option<&[String]>, labels: &Labels) {
    for key in keys.into_iter().flatten() {
        if let Some(value) = labels.get(key) {
            let requirement = Requirement::In(key.clone(), vec![value.clone()]);
            // The API server may have merged it already.
            if !requirements.contains(&requirement) {
                requirements.push(requirement);
            }
        }
    }
}

/// `mismatchLabelKeys`: another value than the pod's own.
fn other_values(requirements: &mut Vec<Requirement>, keys: Option<&[String]>, labels: &Labels) {
    for key in keys.into_iter().flatten() {
        if let Some(value) = labels.get(key) {
            let requirement = Requirement::NotIn(key.clone(), vec![value.clone()]);
            if !requirements.contains(&requirement) {
                requirements.push(requirement);
            }
        }
    }
}
