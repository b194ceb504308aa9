//! What the pod's kubelet does: hooks, SIGTERM, SIGKILL, cleaning up. Read from its own machine's steps, so that it is
//! told even where the object is gone already.

use super::gathering::{Gathered, last, reached};
use super::{Fact, Hold, Outcome, Skip};
use crate::engine::{Step, StepId, What};
use crate::kubelet::{MachineChange, PodChange, Stage};
use crate::why::{Kubelet, Why};

/// What happened to the pod on its node from the accepted request on.
pub(super) struct OnNode<'a> {
    gathered: &'a Gathered<'a>,
    node: Option<&'a str>,
    /// Its steps on the machine, with what changed.
    changes: Vec<(&'a Step, &'a PodChange)>,
}

impl<'a> OnNode<'a> {
    pub(super) fn of(gathered: &'a Gathered<'a>) -> Self {
        let uid = gathered.pod.uid;
        let changes = gathered.steps().filter_map(|step| match &step.what {
            What::Machine(MachineChange::Pod { uid: of, what, .. }) if *of == uid => Some((step, what)),
            _ => None,
        });
        Self { gathered, node: gathered.pod.node(), changes: changes.collect() }
    }

    /// Hooks and SIGTERM.
    pub(super) fn signalled(&self) -> Outcome {
        let is_signal = |what: &PodChange| matches!(what, PodChange::HookBegan(_) | PodChange::Terminated(_));
        let Some((first, _)) = self.changes.iter().find(|(_, what)| is_signal(what)) else {
            return self.not_yet(Skip::NothingRan);
        };
        let hooks = self.count(|what| matches!(what, PodChange::HookBegan(_)));
        let open = hooks - self.count(|what| matches!(what, PodChange::HookEnded(_))).min(hooks);
        let sent = self.terminations();
        let (kill_in_seconds, is_extended) = sent.iter().copied().last().map_or((0, false), |(_, sent)| sent);
        let terminated = sent.last().filter(|_| open == 0).map(|(step, _)| step.at);
        reached(first, Fact::Signals { hooks, terminated, kill_in_seconds, is_extended })
    }

    /// SIGKILL, where a process had not ended in time.
    pub(super) fn killed(&self) -> Outcome {
        let kills: Vec<&Step> = self.steps_that(|what| matches!(what, PodChange::Killed(_)));
        if let Some(first) = kills.first() {
            let after_ms = match &first.why {
                Why::Kubelet(Kubelet::Killed { after_ms, .. }) => *after_ms,
                _ => 0,
            };
            return reached(first, Fact::Kills { containers: kills.len(), after_ms });
        }
        if self.runs_after(last(self.gathered.timeline)) {
            return self.not_yet(Skip::NothingRan);
        }
        let signalled =
            self.steps_that(|what| matches!(what, PodChange::HookBegan(_) | PodChange::Terminated(_)));
        let ended = self.steps_that(|what| matches!(what, PodChange::Exited { .. }));
        match (signalled.first(), ended.last()) {
            (Some(first), Some(last)) => {
                Outcome::Skipped(Skip::EndedInTime { after_ms: last.at.since(first.at).as_millis() })
            }
            _ => self.not_yet(Skip::NothingRan),
        }
    }

    /// Network namespace and volumes are gone.
    pub(super) fn cleaned_up(&self) -> Outcome {
        let gone = self.changes.iter().find_map(|(step, what)| match what {
            PodChange::SandboxGone { address } => Some((*step, address)),
            _ => None,
        });
        match gone {
            Some((step, address)) => reached(step, Fact::Address(address.clone())),
            None => self.not_yet(Skip::NothingRan),
        }
    }

    /// Whether any of its processes runs after a step.
    pub(super) fn runs_after(&self, step: StepId) -> bool {
        let world = self.gathered.timeline.world_at(step);
        let machine = self.node.and_then(|node| world.machines.get(node));
        let local = machine.and_then(|machine| machine.pod(self.gathered.pod.uid));
        local.is_some_and(|local| {
            local.stage() != Stage::Ended && local.containers().any(|each| each.is_running())
        })
    }

    /// Whether its kubelet has work left with it in the last step that is known.
    pub(super) fn is_busy(&self) -> bool {
        self.is_known() && !matches!(self.cleaned_up(), Outcome::Reached { .. } | Outcome::Skipped(_))
    }

    /// What keeps its kubelet from acting, if something does.
    pub(super) fn hold(&self) -> Option<Hold> {
        let node = self.node?;
        let is_silent = self.gathered.timeline.head().memory.nodes.silent_since(node).is_some();
        (is_silent && self.is_known()).then(|| Hold::SilentNode(node.into()))
    }

    /// Whether the machine still knows the pod.
    fn is_known(&self) -> bool {
        let world = self.gathered.timeline.head();
        let machine = self.node.and_then(|node| world.machines.get(node));
        machine
            .and_then(|machine| machine.pod(self.gathered.pod.uid))
            .is_some_and(|local| local.stage() != Stage::Ended)
    }

    fn not_yet(&self, otherwise: Skip) -> Outcome {
        if self.node.is_none() {
            return Outcome::Skipped(Skip::NoNode);
        }
        if let Some(hold) = self.hold() {
            return Outcome::Held(hold);
        }
        if self.is_known() { Outcome::Ahead } else { Outcome::Skipped(otherwise) }
    }

    fn count(&self, is: impl Fn(&PodChange) -> bool) -> usize {
        self.changes.iter().filter(|(_, what)| is(what)).count()
    }

    fn steps_that(&self, is: impl Fn(&PodChange) -> bool) -> Vec<&'a Step> {
        self.changes.iter().filter(|(_, what)| is(what)).map(|(step, _)| *step).collect()
    }

    /// Each SIGTERM with the seconds until SIGKILL, and whether hooks had used up the grace period.
    fn terminations(&self) -> Vec<(&'a Step, (i64, bool))> {
        let sent = self.changes.iter().filter_map(|(step, _)| match &step.why {
            Why::Kubelet(Kubelet::Terminated { grace_seconds, used_seconds, kill_in_seconds, .. }) => {
                Some((*step, (*kill_in_seconds, grace_seconds - used_seconds < *kill_in_seconds)))
            }
            _ => None,
        });
        sent.collect()
    }
}
