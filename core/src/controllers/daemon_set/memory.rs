//! What the DaemonSet controller remembers: on which nodes its pods failed lately, so that it does not make them
//! anew all the time. Upstream: `failedPodsBackoff`, a `client-go/util/flowcontrol.Backoff`.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::api::Uid;
use crate::time::{Duration, Time};

/// How long the second pod that fails stays, for a first time.
const FIRST: Duration = Duration::from_seconds(1);
/// The longest that a failed pod stays.
const LONGEST: Duration = Duration::from_seconds(15 * 60);

/// The failures of daemons, by DaemonSet and node.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DaemonSetMemory {
    failures: BTreeMap<(Uid, Rc<str>), Failure>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Failure {
    at: Time,
    wait: Duration,
}

impl DaemonSetMemory {
    /// How long a failed pod of `set` has to stay on `node`; `None` if it may go now.
    pub fn wait(&self, set: Uid, node: &Rc<str>, now: Time) -> Option<Duration> {
        let failure = self.failures.get(&(set, node.clone()))?;
        (now.since(failure.at) < failure.wait).then_some(failure.wait)
    }

    /// Takes note that a pod of `set` on `node` failed, and goes. Returns how long the next one will stay.
    pub fn note(&mut self, set: Uid, node: &Rc<str>, now: Time) -> Duration {
        let forgotten = |failure: &Failure| now.since(failure.at) > Duration(LONGEST.0 * 2);
        let known = self.failures.get(&(set, node.clone())).filter(|failure| !forgotten(failure));
        let wait = known.map_or(FIRST, |failure| Duration((failure.wait.0 * 2).min(LONGEST.0)));
        self.failures.retain(|_, failure| !forgotten(failure));
        self.failures.insert((set, node.clone()), Failure { at: now, wait });
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_quarter_of_an_hour_and_is_forgotten_after_half_an_hour() {
        let (mut memory, set, node) = (DaemonSetMemory::default(), Uid(1), Rc::from("node-1"));
        let mut now = Time::ZERO;
        assert_eq!(memory.wait(set, &node, now), None);
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900] {
            assert_eq!(memory.note(set, &node, now), Duration::from_seconds(seconds));
            assert_eq!(memory.wait(set, &node, now), Some(Duration::from_seconds(seconds)));
            now = now + Duration::from_seconds(seconds);
            assert_eq!(memory.wait(set, &node, now), None);
        }
        now = now + Duration::from_seconds(1801);
        assert_eq!(memory.note(set, &node, now), FIRST);
    }
}
