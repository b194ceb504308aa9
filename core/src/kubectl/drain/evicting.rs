//! The pods of a node that is drained: each is asked for, asked for again while its budget refuses, and waited for.
//! Upstream: `deleteOrEvictPods` of `k8s.io/kubectl/pkg/drain`.

use std::rc::Rc;

use super::{Drain, Draining};
use crate::api::{Key, Kind, ObjectRef, Pod, Uid};
use crate::apiserver::{DeleteOptions, Reason, Write};
use crate::kubectl::session::{Answer, SessionTurn, Stage, Watching};
use crate::kubectl::shape::DryRun;
use crate::time::{Duration, Time};
use crate::why;

/// A pod that is to go.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Victim {
    pod: Key,
    uid: Uid,
    stand: Stand,
}

impl Victim {
    /// A pod that is asked for at once.
    pub(super) fn new(pod: &Pod, now: Time) -> Victim {
        Victim { pod: pod.key.clone(), uid: pod.uid, stand: Stand::Wanted(now) }
    }
}

/// How far its eviction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// To be asked for, once this time has come.
    Wanted(Time),
    /// Asked for: the answer is next.
    Asked,
    /// Accepted: the pod is on its way out.
    Leaving,
}

/// How long a refused eviction waits before it is asked for again.
const RETRY: Duration = Duration::from_seconds(5);

impl Drain {
    /// Asks for the next eviction, or waits. Whether there is anything to wait for.
    pub(super) fn evict(&self, turn: &mut SessionTurn<'_>, draining: &mut Draining) -> bool {
        let store = turn.snapshot.store;
        let is_there =
            |victim: &Victim| store.get::<Pod>(&victim.pod).is_some_and(|pod| pod.uid == victim.uid);
        let (staying, gone): (Vec<Victim>, Vec<Victim>) =
            std::mem::take(&mut draining.victims).into_iter().partition(is_there);
        for victim in gone.iter().filter(|victim| victim.stand == Stand::Leaving) {
            let done = if self.disables_eviction { "deleted" } else { "evicted" };
            turn.print(format!("pod/{} {done}\n", victim.pod.name));
        }
        draining.victims = staying;
        if self.shape.dry_run != DryRun::No {
            self.pretend(turn, draining);
        }
        let now = turn.snapshot.now;
        if let Some(timeout) = self.timeout.filter(|timeout| draining.since + *timeout <= now) {
            self.run_out_of_time(turn, draining, timeout);
        }
        let is_due = |victim: &&mut Victim| matches!(victim.stand, Stand::Wanted(at) if at <= now);
        if let Some(victim) = draining.victims.iter_mut().find(is_due) {
            victim.stand = Stand::Asked;
            let victim = victim.clone();
            let verb = if self.disables_eviction { "deleting" } else { "evicting" };
            turn.print(self.shape.told(&format!("{verb} pod {}\n", victim.pod)));
            let why = why::Kubectl::Evicts { pod: victim.pod.name.clone() };
            turn.send(self.request(&victim), why, Stage::Draining(Rc::new(draining.clone())));
            return true;
        }
        let Some(first) = draining.victims.first() else { return false };
        let retries = draining.victims.iter().filter_map(|victim| match victim.stand {
            Stand::Wanted(at) => Some(at),
            Stand::Asked | Stand::Leaving => None,
        });
        let timeout = self.timeout.map(|timeout| draining.since + timeout).filter(|at| *at > now);
        let until = retries.chain(timeout).min();
        turn.session.watching = Some(Watching::Object(ObjectRef::new(Kind::Pod, first.pod.clone())));
        turn.session.stage = Stage::Draining(Rc::new(draining.clone()));
        if let Some(until) = until {
            turn.look_again(until.since(now));
        }
        true
    }

    /// What would become of the evictions that are due: but for those that are to be asked for again, they are done with.
    fn pretend(&self, turn: &mut SessionTurn<'_>, draining: &mut Draining) {
        let now = turn.snapshot.now;
        let asks = self.shape.dry_run == DryRun::Server;
        let verb = if asks && self.disables_eviction { "deleting" } else { "evicting" };
        for mut victim in std::mem::take(&mut draining.victims) {
            if matches!(victim.stand, Stand::Wanted(at) if at > now) {
                draining.victims.push(victim);
                continue;
            }
            turn.print(self.shape.told(&format!("{verb} pod {}\n", victim.pod)));
            if !asks {
                continue;
            }
            let tried = turn.tried(&self.request(&victim)).map(Rc::new).map_err(Rc::new);
            draining.faults.extend(take_eviction(turn, &mut victim, tried));
            if matches!(victim.stand, Stand::Wanted(at) if at > now) {
                draining.victims.push(victim);
            }
        }
    }

    /// Time is up: who is waited for is given up, who is refused is asked for a last time in words alone once its
    /// turn comes.
    fn run_out_of_time(&self, turn: &mut SessionTurn<'_>, draining: &mut Draining, timeout: Duration) {
        let (now, timeout) = (turn.snapshot.now, timeout.as_go());
        for victim in std::mem::take(&mut draining.victims) {
            let (name, namespace) = (&victim.pod.name, &victim.pod.namespace);
            let fault = match victim.stand {
                Stand::Asked => None,
                Stand::Wanted(at) if at > now => None,
                _ if self.disables_eviction => Some(format!("global timeout reached: {timeout}")),
                Stand::Wanted(_) => {
                    turn.print(format!("evicting pod {}\n", victim.pod));
                    let what = format!("error when evicting pods/\"{name}\" -n \"{namespace}\"");
                    Some(format!("{what}: global timeout reached: {timeout}"))
                }
                Stand::Leaving => {
                    let what = format!("error when waiting for pod \"{name}\" in namespace \"{namespace}\"");
                    Some(format!("{what} to terminate: global timeout reached: {timeout}"))
                }
            };
            match fault {
                Some(fault) => draining.faults.push(fault),
                None => draining.victims.push(victim),
            }
        }
    }

    fn request(&self, victim: &Victim) -> Write {
        let (pod, uid, grace_seconds) = (victim.pod.clone(), victim.uid, self.grace_seconds);
        if !self.disables_eviction {
            return Write::Evict { pod, uid, grace_seconds };
        }
        let options = DeleteOptions { grace_seconds, uid: Some(uid), ..DeleteOptions::default() };
        Write::Delete { target: ObjectRef::new(Kind::Pod, pod), options }
    }
}

/// What became of the eviction that was asked for last.
pub(super) fn take_answer(turn: &mut SessionTurn<'_>, draining: &mut Draining, answer: Answer) {
    let asked = draining.victims.iter_mut().find(|victim| victim.stand == Stand::Asked);
    let Some(victim) = asked else { return };
    if let Some(fault) = take_eviction(turn, victim, answer) {
        draining.victims.retain(|victim| victim.stand != Stand::Asked);
        draining.faults.push(fault);
    }
}

/// What became of an eviction: why it is given up, if it is.
fn take_eviction(turn: &mut SessionTurn<'_>, victim: &mut Victim, answer: Answer) -> Option<String> {
    let error = match answer {
        Ok(_) => {
            victim.stand = Stand::Leaving;
            return None;
        }
        Err(error) => error,
    };
    let (name, namespace) = (&victim.pod.name, &victim.pod.namespace);
    let what = format!("error when evicting pods/\"{name}\" -n \"{namespace}\"");
    match error.reason {
        Reason::TooManyRequests => {
            turn.print_error(format!("{what} (will retry after 5s): {}\n", error.message));
            victim.stand = Stand::Wanted(turn.snapshot.now + RETRY);
            None
        }
        Reason::NotFound => {
            victim.stand = Stand::Leaving;
            None
        }
        _ => Some(format!("{what}: {}", error.message)),
    }
}
