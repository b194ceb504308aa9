//! An eviction of one pod, as other programs than kubectl ask for it: POST of `pods/NAME/eviction`.

use std::rc::Rc;

use super::failure::Failure;
use super::session::{Sending, SessionTurn, Stage};
use crate::api::{Key, Kind, ObjectRef, Pod};
use crate::apiserver::Write;
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Evict {
    pod: Key,
}

impl Evict {
    /// The eviction of this pod.
    pub(super) fn of(pod: Key) -> Evict {
        Evict { pod }
    }

    /// As one line.
    pub(super) fn line(&self) -> Rc<str> {
        format!("POST /api/v1/namespaces/{}/pods/{}/eviction", self.pod.namespace, self.pod.name).into()
    }

    /// Plays one turn.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        let target = ObjectRef::new(Kind::Pod, self.pod.clone());
        match turn.answer.take() {
            Some(Ok(_)) => turn.end(0),
            Some(Err(error)) => turn.finish(&[Failure::refused(target, error)]),
            None => {
                let uid = turn.snapshot.store.get::<Pod>(&self.pod).map(|pod| pod.uid).unwrap_or_default();
                let write = Write::Evict { pod: self.pod.clone(), uid, grace_seconds: None };
                let why = why::Kubectl::Evicts { pod: self.pod.name.clone() };
                turn.send(write, why, Stage::Sending(Rc::new(Sending::default())));
            }
        }
    }
}
