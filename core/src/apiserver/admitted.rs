//! Pod specs that passed defaulting, admission and validation: the pods of one template need it once.
//!
//! Known by pointer, which each entry keeps alive, so that a pointer never stands for another spec. Whether a
//! spec is known changes nothing but the time it takes.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::store::Store;
use super::{ApiError, admission, defaults, label_keys, validation};
use crate::api::{Kind, Labels, Pod};

/// How many specs are known at a time; the one known for longest makes room.
const CAPACITY: usize = 64;

/// The specs that were admitted lately.
#[derive(Clone, Default)]
pub(super) struct Admitted(Vec<Entry>);

#[derive(Clone)]
struct Entry {
    sent: Rc<core::PodSpec>,
    admitted: Rc<core::PodSpec>,
    /// The labels that its selectors were completed from, where they ask for some.
    labels: Option<Rc<Labels>>,
    /// What a new pod with this spec reports.
    status: Rc<core::PodStatus>,
}

impl Admitted {
    fn find(&self, pod: &Pod) -> Option<&Entry> {
        let spec = &pod.spec.spec;
        let has_labels =
            |entry: &Entry| entry.labels.as_ref().is_none_or(|labels| *labels == pod.meta.labels);
        let is_known = |entry: &&Entry| {
            (Rc::ptr_eq(&entry.sent, spec) || Rc::ptr_eq(&entry.admitted, spec)) && has_labels(entry)
        };
        self.0.iter().rev().find(is_known)
    }

    fn add(&mut self, entry: Entry) {
        if self.0.len() == CAPACITY {
            self.0.remove(0);
        }
        self.0.push(entry);
    }
}

/// Completes the spec of a new pod and gives it its first status.
///
/// # Errors
/// 422 with every field at fault.
pub(super) fn admit(store: &mut Store, pod: &mut Rc<Pod>) -> Result<(), ApiError> {
    let known = store.admitted.find(pod).cloned();
    let entry = match known {
        Some(entry) => entry,
        None => {
            let entry = consider(store, pod)?;
            Rc::make_mut(&mut store.admitted).add(entry.clone());
            entry
        }
    };
    let pod = Rc::make_mut(pod);
    pod.spec.spec = entry.admitted;
    pod.status = entry.status;
    Ok(())
}

fn consider(store: &Store, pod: &Pod) -> Result<Entry, ApiError> {
    let sent = pod.spec.spec.clone();
    let mut spec = (*sent).clone();
    defaults::pod::pod_spec(&mut spec);
    admission::pod_spec(store, &mut spec, pod)?;
    let labels = label_keys::merge(&mut spec, &pod.meta.labels).then(|| pod.meta.labels.clone());
    let causes = validation::pod_spec(&spec, pod);
    if !causes.is_empty() {
        return Err(ApiError::invalid(Kind::Pod, pod.name(), causes));
    }
    let status = Rc::new(super::pod_status::initial(&spec));
    Ok(Entry { sent, admitted: Rc::new(spec), labels, status })
}
