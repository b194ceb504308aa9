//! What the EndpointSlice controller remembers between looks: which pods changed since a Service was last looked
//! at, so that a look costs what changed. Upstream compares every pod, and keeps its `TriggerTimeTracker`.

use std::rc::Rc;

use rpds::RedBlackTreeMap;

use crate::api::{Key, Pod};
use crate::time::Time;

/// Notes on every Service that was looked at. One without notes is compared as a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EndpointSliceMemory {
    services: RedBlackTreeMap<Key, Rc<Notes>>,
}

/// What happened to a Service since it was last looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// Whether more than pods changed, so that everything must be compared.
    pub everything: bool,
    /// The pods that changed, and when the Ready condition of each had last turned when it was last looked at.
    pub pods: RedBlackTreeMap<Key, Option<Time>>,
}

impl EndpointSliceMemory {
    /// The notes on a Service; `None` if it was never looked at.
    pub fn notes(&self, service: &Key) -> Option<&Rc<Notes>> {
        self.services.get(service)
    }

    /// Notes that a pod changed. `before` is the pod as it was.
    pub(super) fn note_pod(&mut self, service: &Key, pod: &Key, before: Option<&Pod>) {
        let Some(notes) = self.services.get(service) else { return };
        if notes.everything || notes.pods.contains_key(pod) {
            return;
        }
        let pods = notes.pods.insert(pod.clone(), before.and_then(ready_turned));
        self.services.insert_mut(service.clone(), Rc::new(Notes { everything: false, pods }));
    }

    /// Notes that everything must be compared.
    pub(super) fn note_everything(&mut self, service: &Key) {
        let Some(notes) = self.services.get(service).filter(|notes| !notes.everything) else { return };
        let notes = Notes { everything: true, pods: notes.pods.clone() };
        self.services.insert_mut(service.clone(), Rc::new(notes));
    }

    /// The memory with a clean sheet for a Service that is being looked at.
    pub(super) fn looked_at(&self, service: &Key) -> EndpointSliceMemory {
        EndpointSliceMemory { services: self.services.insert(service.clone(), Rc::default()) }
    }

    /// The memory without a Service that is gone.
    pub(super) fn without(&self, service: &Key) -> EndpointSliceMemory {
        EndpointSliceMemory { services: self.services.remove(service) }
    }
}

/// When a pod's Ready condition last turned.
pub(super) fn ready_turned(pod: &Pod) -> Option<Time> {
    pod.condition("Ready")?.last_transition_time.as_ref().map(Time::from_api)
}
