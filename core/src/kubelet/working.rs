//! Keeps a pod running: sandbox, images, containers in their order, restarts.
//!
//! One sync of upstream is a row of looks here, with an effect that takes time between each two; [`Doing`] says
//! where the row stands. Upstream: `Kubelet.SyncPod`, `pkg/kubelet/kuberuntime` (`computePodActions`).

use std::rc::Rc;

use super::local_pod::{Cause, ContainerState, Doing, Mounting, Progress, Role, Stage, Verdict, Waiting};
use super::restart;
use super::runtime::{Effect, until_beat};
use super::{LocalPod, Look, admission, sources, status};
use crate::api::EventType::{Normal, Warning};
use crate::rng::Rng;
use crate::time::Duration;
use crate::why;

/// How long a failed sync waits for the next. Upstream: `backOffPeriod`.
const RETRY: Duration = Duration::from_seconds(10);

/// The first wait of a volume that could not be mounted; it doubles. Upstream: `pkg/util/goroutinemap/exponentialbackoff`.
const FIRST_MOUNT: Duration = Duration::from_millis(500);

/// Its longest wait.
const LONGEST_MOUNT: Duration = Duration::from_seconds(122);

/// How long a sync waits for volumes before it says so. Upstream: `podAttachAndMountTimeout`.
const MOUNT_TIMEOUT: Duration = Duration::from_seconds(123);

/// What `FailedCreatePodSandBox` says where a node's addresses are used up. Upstream: the `host-local` CNI plugin.
const NO_ADDRESS: &str = "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network \
                          for sandbox: plugin type=\"bridge\" failed (add): failed to allocate for range 0: no IP \
                          addresses available in range set";

/// How many addresses a node has for pods.
const ADDRESSES: usize = 4 * 253;

/// What a sync does next.
enum Next {
    Start(usize),
    Rest,
    /// Only sidecars are left: the pod's work is done.
    StopEverything,
}

impl Look<'_> {
    /// Goes on where the look before left off.
    pub(super) fn work(&mut self) {
        match self.pod.doing.clone() {
            Doing::Nothing => self.begin_sync(),
            Doing::Turning(_) => self.settle(),
            Doing::Mounting(mounting) => self.mount_again(mounting),
            Doing::SandboxUp => {
                self.pod_mut().progress.changed = true;
                self.report_ready_to_start();
                self.start_from(0);
            }
            Doing::SandboxFailed => self.sandbox_failed(),
            Doing::Pulled(place, pulled) => self.pulled(place, *pulled),
            Doing::Started(place) => self.started(place),
            Doing::Hooked(place) => self.after_start(place),
            Doing::Replacing(place) => self.replace(place),
            Doing::Stopping | Doing::RemovingSandbox | Doing::SandboxRemoved => self.go_on_stopping(),
            // The worker is busy until a timer ends what it does.
            Doing::SettingUpSandbox | Doing::Pulling(_) | Doing::Starting(_) | Doing::Hooking(_) => {}
        }
    }

    /// Reports what runs, then makes it what should run.
    pub(super) fn begin_sync(&mut self) {
        if self.pod.accepted.is_none() && !self.accept() {
            return;
        }
        if self.pod.progress != Progress::default() {
            self.pod_mut().progress = Progress::default();
        }
        if self.pod.doing != Doing::Nothing {
            self.pod_mut().doing = Doing::Nothing;
        }
        self.report(|pod, _| status_fact(pod));
        self.keep_mirror();
        if self.pass_deadline() || status::is_terminal(status::phase(&self.pod)) {
            return self.turn();
        }
        if let Some((place, why)) = self.condemned() {
            return self.begin_replacing(place, why);
        }
        if self.pod.sandbox.is_none() {
            return self.mount(None);
        }
        self.look_for_pull_secrets();
        self.start_from(0);
    }

    /// Mounts the pod's volumes; its sandbox comes after them. `known` is the try before.
    fn mount(&mut self, known: Option<Mounting>) {
        let Some(missing) = sources::missing_volume(self.store, &self.pod.api) else {
            self.look_for_pull_secrets();
            self.pod_mut().doing = Doing::SettingUpSandbox;
            self.plan.effect(Effect::CreateSandbox(self.pod.uid()), why::Kubelet::SandboxNeeded);
            return;
        };
        let delay = known.map_or(FIRST_MOUNT, |known| Duration(known.delay.0 * 2).min(LONGEST_MOUNT));
        let since = known.map_or(self.now, |known| known.since);
        self.pod_mut().doing = Doing::Mounting(Mounting { since, delay, next: self.now + delay });
        let why = why::Kubelet::VolumeMissing {
            volume: missing.volume.into(),
            problem: missing.problem.into(),
            next_ms: delay.as_millis(),
        };
        self.pod_event(Warning, "FailedMount", missing.message, why.clone());
        self.plan.look_again_in(delay, why);
    }

    /// Tries volumes again that could not be mounted, when it is time.
    fn mount_again(&mut self, known: Mounting) {
        if self.now >= known.next {
            return self.mount(Some(known));
        }
        let gives_up = known.since + MOUNT_TIMEOUT;
        if self.now >= gives_up
            && let Some(missing) = sources::missing_volume(self.store, &self.pod.api)
        {
            self.pod_mut().doing = Doing::Mounting(Mounting { since: self.now, ..known });
            let message = format!(
                "Unable to attach or mount volumes: unmounted volumes=[{}], unattached volumes=[], failed to process \
                 volumes=[]: context deadline exceeded",
                missing.volume
            );
            let next_ms = known.next.since(self.now).as_millis();
            let (volume, problem) = (missing.volume.into(), missing.problem.into());
            let why = why::Kubelet::VolumeMissing { volume, problem, next_ms };
            self.pod_event(Warning, "FailedMount", message, why);
        }
        let why = why::Kubelet::WaitsForVolumes;
        self.plan.look_again_in(known.next.min(gives_up.max(self.now + FIRST_MOUNT)).since(self.now), why);
    }

    /// Takes the pod on, or turns it away for good.
    fn accept(&mut self) -> bool {
        if self.is_name_taken() {
            let why = why::Kubelet::NameTaken { pod: self.pod.key().name.clone() };
            self.plan.look_again_in(self.jittered(RETRY), why);
            return false;
        }
        self.pod_mut().accepted = Some(self.now);
        let Err(rejection) = admission::check(self.machine, &self.pod) else { return true };
        let reason = rejection.verdict.reason;
        self.pod_mut().verdict = Some(Rc::new(rejection.verdict));
        self.pod_mut().stage = Stage::Ended;
        self.pod_event(Warning, reason, rejection.message, (*rejection.why).clone());
        self.report(|_, _| *rejection.why);
        false
    }

    /// Whether another static pod of this name has yet to go.
    fn is_name_taken(&self) -> bool {
        let is_other = |other: &LocalPod| other.uid() != self.pod.uid() && other.key() == self.pod.key();
        self.pod.origin.is_some()
            && self.machine.pods().any(|other| is_other(other) && other.accepted.is_some())
    }

    fn report_ready_to_start(&mut self) {
        let Some(reported) = self.pod.reported.clone() else { return };
        let status = status::ready_to_start(&reported, self.now);
        if status != *reported {
            self.send(status, why::Kubelet::ReadyToStart);
        }
    }

    fn sandbox_failed(&mut self) {
        let why = why::Kubelet::AddressesExhausted { addresses: ADDRESSES };
        self.pod_event(Warning, "FailedCreatePodSandBox", NO_ADDRESS, why.clone());
        self.pod_mut().doing = Doing::Nothing;
        self.plan.look_again_in(self.jittered(RETRY), why);
    }

    /// Whether the pod has run longer than it may. A deadline to come wakes the worker.
    fn pass_deadline(&mut self) -> bool {
        let (Some(seconds), Some(accepted)) =
            (self.pod.api.spec.spec.active_deadline_seconds, self.pod.accepted)
        else {
            return false;
        };
        // Counted from `status.startTime`, which is a whole second; looked at when the kubelet's next second begins.
        let ends = accepted.truncate_to_second() + Duration::from_seconds(seconds.max(0) as u64);
        let why = why::Kubelet::DeadlineExceeded { seconds };
        if self.now < ends {
            let wait = ends.since(self.now) + until_beat(self.machine, ends);
            self.plan.look_again_in(wait, why);
            return false;
        }
        if self.pod.verdict.is_some() {
            return true;
        }
        const MESSAGE: &str = "Pod was active on the node longer than the specified deadline";
        let verdict = Verdict { reason: "DeadlineExceeded", message: MESSAGE.into(), cause: Cause::Deadline };
        self.pod_mut().verdict = Some(Rc::new(verdict));
        self.pod_event(Normal, "DeadlineExceeded", MESSAGE, why);
        true
    }

    pub(super) fn will_restart(&self, place: usize) -> bool {
        let ended = self.pod.containers[place].ended();
        ended.is_some_and(|ended| {
            restart::restarts(&self.pod.api.spec.spec, self.pod.spec_of(place), ended.code)
        })
    }

    /// Starts what is to be started, in order, until something takes time.
    pub(super) fn start_from(&mut self, from: usize) {
        let mut from = from;
        loop {
            match self.next(from) {
                Next::Start(place) => {
                    let ended = self.pod.containers[place].ended().map(|ended| ended.finished);
                    if self.start(place, ended) {
                        return;
                    }
                    if self.pod.containers[place].role == Role::Init {
                        return self.end_sync();
                    }
                    from = place + 1;
                }
                Next::Rest => return self.end_sync(),
                Next::StopEverything => return self.begin_stopping(),
            }
        }
    }

    fn next(&self, from: usize) -> Next {
        let is_initialised = self.pod.is_initialised();
        for (place, container) in self.pod.containers.iter().enumerate() {
            let is_next = place >= from;
            match (container.role, &container.state) {
                (Role::Init, _) if is_initialised => {}
                (Role::Init, ContainerState::Ended(ended)) if ended.code == 0 => {}
                (Role::Init, ContainerState::Running(_)) => return Next::Rest,
                (Role::Init, _) => return if is_next { Next::Start(place) } else { Next::Rest },
                (Role::Sidecar, ContainerState::Running(_)) => {
                    if !is_initialised && !container.is_started() {
                        return Next::Rest;
                    }
                }
                (Role::Sidecar, _) if is_next => return Next::Start(place),
                (Role::Sidecar, _) => {}
                (Role::Regular, ContainerState::Running(_)) => {}
                (Role::Regular, ContainerState::Absent) if is_next => return Next::Start(place),
                (Role::Regular, ContainerState::Ended(_)) if is_next && self.will_restart(place) => {
                    return Next::Start(place);
                }
                (Role::Regular, ContainerState::Absent | ContainerState::Ended(_)) => {}
            }
        }
        let regular = || self.pod.containers.iter().enumerate().filter(|(_, it)| it.role == Role::Regular);
        let is_done = regular().all(|(place, it)| it.ended().is_some() && !self.will_restart(place));
        if is_done && self.pod.is_any_running() { Next::StopEverything } else { Next::Rest }
    }

    /// The sync is over. One that changed what runs is followed by another, which reports it; one that failed by
    /// a later one.
    pub(super) fn end_sync(&mut self) {
        if self.pod.doing != Doing::Nothing {
            self.pod_mut().doing = Doing::Nothing;
        }
        let progress = self.pod.progress;
        if !progress.failed {
            if progress.changed {
                self.begin_sync();
            }
            return;
        }
        let failed = self.pod.containers.iter().filter_map(|container| container.waiting.as_deref());
        let crashed = |waiting: &&Waiting| waiting.reason == "CrashLoopBackOff";
        let (mut reason, mut wait) = ("", RETRY);
        for waiting in failed {
            reason = waiting.reason;
            if let Some(until) = waiting.until.filter(|_| crashed(&waiting)) {
                wait = until.since(self.now).min(self.simulation.latencies.resync);
            }
        }
        let wait = match progress.changed {
            // The runtime's news of what did start wakes the worker first.
            true => until_beat(self.machine, self.now),
            false => self.jittered(wait),
        };
        self.plan.look_again_in(wait, why::Kubelet::StartDelayed { reason });
    }

    /// A wait, lengthened by up to a half so that many kubelets do not act at once. The luck is the pod's own.
    fn jittered(&self, wait: Duration) -> Duration {
        let mut luck = Rng::new(self.pod.uid().0 as u64 ^ self.now.0);
        wait + Duration(luck.below(wait.0 / 2 + 1))
    }
}

/// What a report tells of.
pub(super) fn status_fact(pod: &LocalPod) -> why::Kubelet {
    let containers = pod.containers.len();
    if pod.reported.is_none() {
        return why::Kubelet::PodAccepted { containers };
    }
    if let Some(waiting) = pod.containers.iter().find_map(|container| container.waiting.as_deref()) {
        return why::Kubelet::StartDelayed { reason: waiting.reason };
    }
    let counted = || pod.containers.iter().filter(|container| container.role != Role::Init);
    why::Kubelet::StatusChanged {
        phase: status::phase(pod),
        ready: counted().filter(|container| container.is_ready()).count(),
        containers: counted().count(),
        restarts: pod.containers.iter().map(|container| container.restarts).sum(),
    }
}
