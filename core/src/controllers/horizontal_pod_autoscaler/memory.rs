//! What the HorizontalPodAutoscaler controller remembers: the sizes it asked for lately, and how sizes changed.

use std::rc::Rc;

use crate::api::Key;
use crate::persistent::Map;
use crate::time::{Duration, Time};

/// What is known of each autoscaler.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutoscalerMemory {
    histories: Map<Key, Rc<History>>,
}

/// What is known of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The sizes that its metrics asked for, oldest first.
    pub recommendations: Vec<(Time, i32)>,
    /// By how many replicas it grew its target, oldest first.
    pub ups: Vec<(Time, i32)>,
    /// By how many replicas it shrank it, oldest first.
    pub downs: Vec<(Time, i32)>,
}

impl AutoscalerMemory {
    /// What is known of an autoscaler.
    pub fn of(&self, autoscaler: &Key) -> History {
        self.histories.get(autoscaler).map_or_else(History::default, |history| (**history).clone())
    }

    /// The same, with this known of one.
    pub(super) fn with(&self, autoscaler: &Key, history: History) -> AutoscalerMemory {
        let mut memory = self.clone();
        memory.histories.insert(autoscaler.clone(), Rc::new(history));
        memory
    }

    /// Whether anything is known of an autoscaler.
    pub(super) fn knows(&self, autoscaler: &Key) -> bool {
        self.histories.get(autoscaler).is_some()
    }

    /// Forgets an autoscaler that is gone.
    pub(super) fn forget(&mut self, autoscaler: &Key) {
        self.histories.remove(autoscaler);
    }
}

impl History {
    /// Drops what nobody asks for any more: what is older than this.
    pub(super) fn keep(&mut self, now: Time, recommendations: Duration, changes: Duration) {
        self.recommendations.retain(|(at, _)| now.since(*at) <= recommendations);
        self.ups.retain(|(at, _)| now.since(*at) <= changes);
        self.downs.retain(|(at, _)| now.since(*at) <= changes);
    }
}
