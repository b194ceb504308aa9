//! Stops a pod: preStop hooks, SIGTERM, SIGKILL after what is left of the grace period, sandbox, last report.
//!
//! Containers stop side by side; sidecars wait for the regular ones, then for the sidecars declared after them.
//! An over-long hook still leaves 2 s before SIGKILL: grace 30, hook 40 ends at 32.
//! Upstream: `Kubelet.SyncTerminatingPod`, `kuberuntime_container.go` (`killContainer`).

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::local_pod::{Doing, LocalPod, Role, Stage, Stop, StopClock};
use super::runtime::{Effect, until_beat};
use super::working::status_fact;
use super::{Look, eviction, mirror, status};
use crate::api::EventType::Normal;
use crate::apiserver::{DeleteOptions, Reason};
use crate::simulation::KubeletMode;
use crate::time::Duration;
use crate::why;

/// The least time between SIGTERM and SIGKILL. Upstream: `minimumGracePeriodInSeconds`.
const MINIMUM_STOP: i64 = 2;

/// How long a hook runs that does not say how long it sleeps.
const PLAIN_HOOK: Duration = Duration::from_millis(100);

impl Look<'_> {
    /// The pod's life is over: nothing is started any more, and what runs is stopped.
    pub(super) fn begin_ending(&mut self) {
        if matches!(self.pod.doing, Doing::Pulling(_)) {
            self.plan.effect(Effect::GiveUpPulls(self.pod.uid()), why::Kubelet::NothingLeft);
        }
        if self.pod.reported.is_some() {
            self.report(|pod, _| ending_fact(pod));
        }
        let pod = self.pod_mut();
        pod.stage = Stage::Ending;
        // A container that was just being replaced had a grace period of its own.
        pod.stop = None;
        self.begin_stopping();
    }

    /// Stops everything, then takes the sandbox down.
    pub(super) fn begin_stopping(&mut self) {
        let grace_seconds = self.grace_seconds();
        let since = self.now;
        let pod = self.pod_mut();
        pod.stop = Some(StopClock { since, grace_seconds });
        if !matches!(pod.doing, Doing::RemovingSandbox | Doing::SandboxRemoved) {
            pod.doing = Doing::Stopping;
        }
        self.go_on_stopping();
    }

    /// Looks how far stopping is, and does what comes next.
    pub(super) fn go_on_stopping(&mut self) {
        match self.pod.doing {
            Doing::RemovingSandbox => return,
            Doing::SandboxRemoved => return self.stopped(),
            _ => {}
        }
        self.shorten_grace();
        for place in 0..self.pod.containers.len() {
            let Some(running) = self.pod.containers[place].running() else { continue };
            if running.stop == Stop::No {
                let why = why::Kubelet::Stopping {
                    container: self.name(place),
                    grace_seconds: self.grace_seconds(),
                };
                let message = format!("Stopping container {}", self.pod.containers[place].name);
                self.event(place, Normal, "Killing", message, why);
            }
            self.stop_process(place);
        }
        if self.pod.is_any_running() {
            return;
        }
        if self.pod.sandbox.is_none() {
            return self.stopped();
        }
        self.pod_mut().doing = Doing::RemovingSandbox;
        self.plan.effect(Effect::RemoveSandbox(self.pod.uid()), why::Kubelet::NothingLeft);
    }

    /// Brings one process a step nearer to its end: hook, turn, signal.
    pub(super) fn stop_process(&mut self, place: usize) {
        let Some(clock) = self.pod.stop else { return };
        let Some(running) = self.pod.containers[place].running() else { return };
        match running.stop {
            Stop::Hook(_) | Stop::Signalled { .. } | Stop::Killed => return,
            Stop::Asked => {}
            Stop::No => {
                self.set_stop(place, Stop::Asked);
                if let Some(takes) = self.hook_takes(place) {
                    let grace_seconds = clock.grace_seconds;
                    let why = why::Kubelet::HookRuns {
                        container: self.name(place),
                        takes_ms: takes.as_millis(),
                        grace_seconds,
                    };
                    self.plan.effect(Effect::Hook { at: self.at(place), takes, grace_seconds }, why);
                    return;
                }
            }
        }
        let used_seconds = self.now.since(clock.since).whole_seconds() as i64;
        let left = clock.grace_seconds - used_seconds;
        if self.waits_for_others(place) && left > 0 {
            let why =
                why::Kubelet::Stopping { container: self.name(place), grace_seconds: clock.grace_seconds };
            return self.plan.look_again_in(Duration::from_seconds(left as u64), why);
        }
        let kill_in_seconds = left.max(MINIMUM_STOP);
        let why = why::Kubelet::Terminated {
            container: self.name(place),
            grace_seconds: clock.grace_seconds,
            used_seconds,
            kill_in_seconds,
        };
        self.plan.effect(Effect::Terminate { at: self.at(place), kill_in_seconds }, why);
    }

    /// Everything is down.
    fn stopped(&mut self) {
        let pod = self.pod_mut();
        pod.doing = Doing::Nothing;
        if pod.stage == Stage::Working {
            // Only sidecars had been left: the pod's end is found out by the next sync.
            pod.stop = None;
            return self.begin_sync();
        }
        pod.stage = Stage::Stopped;
        if pod.is_removed {
            self.plan.effect(Effect::Forget(self.pod.uid()), why::Kubelet::NothingLeft);
            return;
        }
        // A pod that ended by itself is known to have ended: nothing new is to be told before it is settled.
        if self.differs_but_for_its_phase() {
            self.report(|pod, _| end_fact(pod));
        }
        self.turn();
    }

    /// Whether more than the phase, and the reason for it, differs from what was reported.
    fn differs_but_for_its_phase(&self) -> bool {
        let Some(reported) = &self.pod.reported else { return true };
        let mut status = status::of(&self.pod, self.machine, self.now);
        status.phase.clone_from(&reported.phase);
        status.reason.clone_from(&reported.reason);
        status.message.clone_from(&reported.message);
        status != **reported
    }

    /// The worker begins its next life at the next beat of its kubelet; by hand, at once.
    pub(super) fn turn(&mut self) {
        if self.simulation.kubelets != KubeletMode::Automatic {
            return self.turned();
        }
        let mut wait = until_beat(self.machine, self.now);
        if self.is_withdrawn() && self.pod.stage == Stage::Stopped {
            wait = mirror::next(mirror::HOUSEKEEPING, self.now + wait).since(self.now);
        }
        self.pod_mut().doing = Doing::Turning(self.now + wait);
        self.plan.look_again_in(wait, why::Kubelet::WaitsForBeat { wait_ms: wait.as_millis() });
    }

    fn turned(&mut self) {
        match self.pod.stage {
            Stage::Working => self.begin_ending(),
            Stage::Ending | Stage::Stopped => self.settle_now(),
            Stage::Ended => self.ask_for_erasure(),
        }
    }

    /// Goes on at the beat it waits for.
    pub(super) fn settle(&mut self) {
        match self.pod.doing {
            Doing::Turning(at) if self.now < at => {
                let wait = at.since(self.now);
                self.plan.look_again_in(wait, why::Kubelet::WaitsForBeat { wait_ms: wait.as_millis() });
            }
            _ => self.turned(),
        }
    }

    fn settle_now(&mut self) {
        let pod = self.pod_mut();
        (pod.stage, pod.doing) = (Stage::Ended, Doing::Nothing);
        if self.is_withdrawn() {
            return self.retire();
        }
        if self.pod.is_removed {
            self.plan.effect(Effect::Forget(self.pod.uid()), why::Kubelet::NothingLeft);
            return;
        }
        self.report(|pod, _| end_fact(pod));
        self.ask_for_erasure();
    }

    /// The object of a pod that is being deleted may go. Finalizers, if any, still hold it.
    pub(super) fn ask_for_erasure(&mut self) {
        let Some(deletion) = self.pod.api.meta.deletion else { return };
        if self.pod.is_removed || self.pod.is_unsent || deletion.grace_seconds == 0 {
            return;
        }
        if self.is_alone() {
            let wait = mirror::next(mirror::RETELLING, self.now).since(self.now);
            return self.plan.look_again_in(wait, why::Kubelet::ServerUnreachable);
        }
        let options =
            DeleteOptions { grace_seconds: Some(0), uid: Some(self.pod.uid()), ..DeleteOptions::default() };
        let target = self.reference();
        self.plan.delete(target, options, why::Kubelet::NothingLeft).accept(Reason::NotFound);
    }

    /// The grace period: the shortest that was asked for, else the pod's own; never below 1 s.
    fn grace_seconds(&self) -> i64 {
        let own = self.pod.api.termination_grace_seconds();
        let asked = self.pod.api.meta.deletion.map(|deletion| deletion.grace_seconds);
        let known = self.pod.stop.filter(|_| self.pod.stage == Stage::Ending).map(|stop| stop.grace_seconds);
        let hurried = eviction::is_evicted(&self.pod).then_some(eviction::GRACE_SECONDS);
        let shortest = [asked, known, hurried].into_iter().flatten().min();
        shortest.unwrap_or(own).max(1)
    }

    /// A later deletion may leave less time: every stop begins anew with that.
    fn shorten_grace(&mut self) {
        let grace_seconds = self.grace_seconds();
        if self.pod.stop.is_none_or(|stop| stop.grace_seconds <= grace_seconds) {
            return;
        }
        let since = self.now;
        self.pod_mut().stop = Some(StopClock { since, grace_seconds });
        for place in 0..self.pod.containers.len() {
            if self.pod.containers[place].is_running() {
                self.set_stop(place, Stop::No);
            }
        }
    }

    fn set_stop(&mut self, place: usize, stop: Stop) {
        if let super::ContainerState::Running(running) = &mut self.container_mut(place).state {
            Rc::make_mut(running).stop = stop;
        }
    }

    fn waits_for_others(&self, place: usize) -> bool {
        let containers = &self.pod.containers;
        if containers[place].role != Role::Sidecar {
            return false;
        }
        containers.iter().enumerate().any(|(other, container)| {
            let goes_first = match container.role {
                Role::Regular => true,
                Role::Sidecar => other > place,
                Role::Init => false,
            };
            goes_first && container.is_running()
        })
    }

    /// How long a container's preStop hook takes; `None` where it has none.
    fn hook_takes(&self, place: usize) -> Option<Duration> {
        let hook = self.pod.spec_of(place).lifecycle.as_ref()?.pre_stop.as_ref()?;
        Some(hook_duration(hook))
    }
}

/// What a hook's manifest says of its length: `sleep`, or a command with `sleep <seconds>` in it.
pub(super) fn hook_duration(hook: &core::LifecycleHandler) -> Duration {
    if let Some(sleep) = &hook.sleep {
        return Duration::from_seconds(sleep.seconds.max(0) as u64);
    }
    let command = hook.exec.as_ref().and_then(|exec| exec.command.as_deref()).unwrap_or_default();
    let mut words = command.iter().flat_map(|argument| argument.split([' ', ';', '&', '\n']));
    words.find(|word| word.ends_with("sleep"));
    let seconds =
        words.find(|word| !word.is_empty()).and_then(|word| word.trim_end_matches('s').parse().ok());
    seconds.map_or(PLAIN_HOOK, Duration::from_seconds)
}

/// What the report tells of with which a pod's end begins.
fn ending_fact(pod: &LocalPod) -> why::Kubelet {
    match (pod.api.meta.deletion, pod.api.spec.spec.active_deadline_seconds) {
        (Some(deletion), _) => why::Kubelet::DeletionSeen {
            generation: pod.api.meta.generation,
            grace_seconds: deletion.grace_seconds,
        },
        (None, _) if eviction::is_evicted(pod) => why::Kubelet::Evicted { is_over: false },
        (None, Some(seconds)) if pod.verdict.is_some() => why::Kubelet::DeadlineExceeded { seconds },
        (None, _) => status_fact(pod),
    }
}

fn end_fact(pod: &LocalPod) -> why::Kubelet {
    if eviction::is_evicted(pod) {
        return why::Kubelet::Evicted { is_over: true };
    }
    if let (Some(_), Some(seconds)) = (&pod.verdict, pod.api.spec.spec.active_deadline_seconds) {
        return why::Kubelet::DeadlineExceeded { seconds };
    }
    let regular = || pod.containers.iter().filter(|container| container.role == Role::Regular);
    why::Kubelet::PodEnded {
        phase: status::phase(pod),
        succeeded: regular().filter(|it| it.ended().is_some_and(|ended| ended.code == 0)).count(),
        containers: regular().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exec(command: &[&str]) -> core::LifecycleHandler {
        let command = Some(command.iter().map(|word| (*word).to_owned()).collect());
        core::LifecycleHandler { exec: Some(core::ExecAction { command }), ..Default::default() }
    }

    #[test]
    fn a_hooks_sleep_is_read_from_its_command() {
        assert_eq!(hook_duration(&exec(&["sleep", "10"])), Duration::from_seconds(10));
        assert_eq!(
            hook_duration(&exec(&["/bin/sh", "-c", "nginx -s quit; sleep 5"])),
            Duration::from_seconds(5)
        );
        assert_eq!(hook_duration(&exec(&["/bin/true"])), PLAIN_HOOK);
        let sleep =
            core::LifecycleHandler { sleep: Some(core::SleepAction { seconds: 4 }), ..Default::default() };
        assert_eq!(hook_duration(&sleep), Duration::from_seconds(4));
    }
}
