//! What the two controllers of endpoints remember between looks: which pods changed since a Service was last looked
//! at, so that a look costs what changed. Upstream compares every pod, and keeps its `TriggerTimeTracker`.

use std::rc::Rc;

use crate::persistent::Map;

use crate::api::endpoints::EndpointSubset;
use crate::api::{Key, Pod, Service};
use crate::apiserver::Store;
use crate::time::Time;

/// One controller's notes on every Service that it looked at. One without notes is compared as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceNotes {
    services: Map<Key, Rc<Notes>>,
}

/// What happened to a Service since it was last looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// Whether more than pods changed, so that everything must be compared.
    pub everything: bool,
    /// The pods that changed, each as it was at the last look; `None` for one that is new.
    pub pods: Map<Key, Option<Rc<Pod>>>,
    /// What the Endpoints controller made of the pods at the last look, however many of them found room in the
    /// object. The EndpointSlice controller reads as much from its slices.
    pub listing: Rc<Vec<EndpointSubset>>,
}

impl ServiceNotes {
    /// The notes on a Service; `None` if it was never looked at.
    pub fn notes(&self, service: &Key) -> Option<&Rc<Notes>> {
        self.services.get(service)
    }

    /// Notes that a pod changed. `before` is the pod as it was.
    pub(super) fn note_pod(&mut self, service: &Key, pod: &Key, before: Option<&Rc<Pod>>) {
        let is_news = |notes: &&Rc<Notes>| !notes.everything && !notes.pods.contains_key(pod);
        if self.services.get(service).filter(is_news).is_none() {
            return;
        }
        if let Some(notes) = self.services.get_mut(service) {
            Rc::make_mut(notes).pods.insert(pod.clone(), before.cloned());
        }
    }

    /// Notes that everything must be compared.
    pub(super) fn note_everything(&mut self, service: &Key) {
        if self.services.get(service).is_none_or(|notes| notes.everything) {
            return;
        }
        if let Some(notes) = self.services.get_mut(service) {
            Rc::make_mut(notes).everything = true;
        }
    }

    /// The notes with a clean sheet for a Service that is being looked at, and what was made of its pods.
    pub(super) fn looked_at(&self, service: &Key, listing: Rc<Vec<EndpointSubset>>) -> ServiceNotes {
        let notes = Notes { listing, ..Notes::default() };
        let mut services = self.services.clone();
        services.insert(service.clone(), Rc::new(notes));
        ServiceNotes { services }
    }

    /// The notes without those on a Service that is gone.
    pub(super) fn without(&self, service: &Key) -> ServiceNotes {
        let mut services = self.services.clone();
        services.remove(service);
        ServiceNotes { services }
    }

    /// When that which caused a look happened: the earliest of the pods' last turns of readiness that are news; for a
    /// Service that is looked at for the first time, its creation. Upstream: `TriggerTimeTracker`.
    pub(super) fn trigger(&self, store: &Store, service: &Service) -> Option<Time> {
        let Some(notes) = self.notes(&service.key) else { return Some(service.meta.created) };
        let turned = notes.pods.iter().filter_map(|(key, before)| {
            let before = before.as_deref().and_then(ready_turned);
            let now = ready_turned(store.get::<Pod>(key)?);
            now.filter(|now| before.is_none_or(|before| *now > before))
        });
        turned.min()
    }
}

/// When a pod's Ready condition last turned.
fn ready_turned(pod: &Pod) -> Option<Time> {
    pod.condition("Ready")?.last_transition_time.as_ref().map(Time::from_api)
}
