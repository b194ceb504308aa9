//! Keeps a pod running: sandbox, images, containers in their order, restarts.
//!
//! One sync of upstream is a row of looks here, with an effect that takes time between each two; [`Doing`] says
//! where the row stands. Upstream: `Kubelet.SyncPod`, `pkg/kubelet/kuberuntime` (`computePodActions`).

use std::rc::Rc;

use super::images::{self, Pulled};
use super::local_pod::{ContainerState, Doing, Progress, Role, Stage, StopClock, Verdict, Waiting};
use super::restart::{self, BackOff};
use super::runtime::{Effect, until_relist};
use super::{LocalPod, Look, Probe, admission, status};
use crate::api::EventType::{Normal, Warning};
use crate::rng::Rng;
use crate::time::{Duration, Time};
use crate::why;

/// How long a failed sync waits for the next. Upstream: `backOffPeriod`.
const RETRY: Duration = Duration::from_seconds(10);

/// The longest wait between two syncs. Upstream: `syncFrequency`.
const RESYNC: Duration = Duration::from_seconds(60);

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
            Doing::SandboxUp => {
                self.pod_mut().progress.changed = true;
                self.report_ready_to_start();
                self.start_from(0);
            }
            Doing::SandboxFailed => self.sandbox_failed(),
            Doing::Pulled(place, pulled) => self.pulled(place, *pulled),
            Doing::Started(place) => self.started(place),
            Doing::Replacing(place) => self.replace(place),
            Doing::Stopping | Doing::RemovingSandbox | Doing::SandboxRemoved => self.go_on_stopping(),
            // The worker is busy until a timer ends what it does.
            Doing::SettingUpSandbox | Doing::Pulling(_) | Doing::Starting(_) => {}
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
        if self.pass_deadline() || status::is_terminal(status::phase(&self.pod)) {
            return self.begin_ending();
        }
        if let Some((place, why)) = self.condemned() {
            return self.begin_replacing(place, why);
        }
        if self.pod.sandbox.is_none() {
            self.pod_mut().doing = Doing::SettingUpSandbox;
            self.plan.effect(Effect::CreateSandbox(self.pod.uid()), why::Kubelet::SandboxNeeded);
            return;
        }
        self.start_from(0);
    }

    /// Takes the pod on, or turns it away for good.
    fn accept(&mut self) -> bool {
        self.pod_mut().accepted = Some(self.now);
        let Err(rejection) = admission::check(self.machine, &self.pod.api) else { return true };
        let reason = rejection.verdict.reason;
        self.pod_mut().verdict = Some(Rc::new(rejection.verdict));
        self.pod_mut().stage = Stage::Ended;
        self.pod_event(Warning, reason, rejection.message, rejection.why.clone());
        self.report(|_, _| rejection.why);
        false
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
        let ends = accepted + Duration::from_seconds(seconds.max(0) as u64);
        let why = why::Kubelet::DeadlineExceeded { seconds };
        if self.now < ends {
            self.plan.look_again_in(ends.since(self.now), why);
            return false;
        }
        const MESSAGE: &str = "Pod was active on the node longer than the specified deadline";
        let verdict = Verdict { reason: "DeadlineExceeded", message: MESSAGE.into(), is_rejection: false };
        self.pod_mut().verdict = Some(Rc::new(verdict));
        self.pod_event(Normal, "DeadlineExceeded", MESSAGE, why);
        true
    }

    /// A container that must be started anew: its manifest or a probe says so.
    fn condemned(&self) -> Option<(usize, why::Kubelet)> {
        self.pod.containers.iter().enumerate().find_map(|(place, container)| {
            let running = container.running()?;
            let image = self.pod.spec_of(place).image.as_deref().unwrap_or_default();
            if *running.image_name != *image {
                return Some((place, why::Kubelet::DefinitionChanged { container: container.name.clone() }));
            }
            let probe = container.probes.iter().find(|probe| probe.condemns())?;
            Some((place, probe_fact(&container.name, probe)))
        })
    }

    fn begin_replacing(&mut self, place: usize, why: why::Kubelet) {
        let container = &self.pod.containers[place];
        let probe = container.probes.iter().find(|probe| probe.condemns());
        let what = match probe {
            Some(probe) => format!("failed {} probe", probe.kind.name().to_lowercase()),
            None => "definition changed".to_owned(),
        };
        let never = self.pod.api.spec.spec.restart_policy.as_deref() == Some("Never") && probe.is_some();
        let (prefix, suffix) = match container.role {
            Role::Regular => ("Container", if never { "" } else { ", will be restarted" }),
            Role::Init | Role::Sidecar => ("Init container", ""),
        };
        let message = format!("{prefix} {} {what}{suffix}", container.name);
        let own_grace = probe.and_then(|probe| probe.grace_seconds);
        let grace_seconds = own_grace.unwrap_or(self.pod.api.termination_grace_seconds()).max(1);
        self.pod_mut().stop = Some(StopClock { since: self.now, grace_seconds });
        self.pod_mut().doing = Doing::Replacing(place);
        self.event(place, Normal, "Killing", message, why);
        self.stop_process(place);
    }

    /// The old process is gone: the new one starts in the same sync.
    fn replace(&mut self, place: usize) {
        if self.pod.containers[place].is_running() {
            return self.stop_process(place);
        }
        self.pod_mut().stop = None;
        self.pod_mut().progress.changed = true;
        // Whether it must wait is judged by the instance before the one that was just stopped.
        let before = self.pod.containers[place].last.as_ref().map(|last| last.finished);
        let will_start = self.pod.containers[place].role != Role::Regular || self.will_restart(place);
        if !will_start || !self.start(place, before) {
            self.start_from(place + 1);
        }
    }

    fn will_restart(&self, place: usize) -> bool {
        let ended = self.pod.containers[place].ended();
        ended.is_some_and(|ended| {
            restart::restarts(&self.pod.api.spec.spec, self.pod.spec_of(place), ended.code)
        })
    }

    /// Starts what is to be started, in order, until something takes time.
    fn start_from(&mut self, from: usize) {
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

    /// Starts a container: returns whether that is under way. `ended` is when the instance ended by which its
    /// back-off is judged.
    fn start(&mut self, place: usize, ended: Option<Time>) -> bool {
        if let Some(ended) = ended {
            let known = self.pod.containers[place].back_off;
            if BackOff::ends(known, ended, self.now).is_some() {
                // Counted from the latest exit, which a replacement has just brought about.
                let latest = self.pod.containers[place].ended().map_or(ended, |ended| ended.finished);
                self.crash_back_off(place, latest);
                return false;
            }
            self.container_mut(place).back_off = Some(BackOff::raised(known, ended, self.now));
        }
        self.provide_image(place)
    }

    fn crash_back_off(&mut self, place: usize, ended: Time) {
        let container = &self.pod.containers[place];
        let delay = container.back_off.map_or(restart::FIRST, |back_off| back_off.delay);
        let (name, restarts) = (container.name.clone(), container.restarts);
        let (key, uid) = (self.pod.key(), self.pod.uid());
        let pod = format!("{}_{}({uid})", key.name, key.namespace);
        let message =
            format!("back-off {} restarting failed container={name} pod={pod}", images::go_duration(delay));
        let event = format!("Back-off restarting failed container {name} in pod {pod}");
        let why =
            why::Kubelet::CrashBackOff { container: name, delay_seconds: delay.whole_seconds(), restarts };
        self.event(place, Warning, "BackOff", event, why);
        self.fail(place, "CrashLoopBackOff", message, Some(ended + delay));
    }

    /// Sees to it that a container's image is there. Returns whether its start is under way.
    fn provide_image(&mut self, place: usize) -> bool {
        let spec = self.pod.spec_of(place);
        let image: Rc<str> = spec.image.as_deref().unwrap_or_default().into();
        let policy = spec.image_pull_policy.as_deref().unwrap_or_else(|| default_policy(&image));
        let (is_always, is_never) = (policy == "Always", policy == "Never");
        let present = self.machine.images.get(&image).is_some();
        if !present && let Err(problem) = images::reference(&image) {
            let message = format!("Failed to apply default image tag \"{image}\": {problem}");
            return self.image_unusable(place, "InspectFailed", "InvalidImageName", message, image);
        }
        if present && !is_always {
            let message = format!(
                "Container image \"{image}\" already present on machine and can be accessed by the pod"
            );
            self.event(place, Normal, "Pulled", message, why::Kubelet::ImagePresent { image });
            return self.create(place);
        }
        if is_never {
            let message = format!("Container image \"{image}\" is not present with pull policy of Never");
            return self.image_unusable(place, "ErrImageNeverPull", "ErrImageNeverPull", message, image);
        }
        let back_off = self.pull_back_off(&image);
        if let Some(known) =
            back_off.filter(|known| BackOff::ends(Some(*known), known.updated, self.now).is_some())
        {
            return self.delay_pull(place, image, known);
        }
        let ahead = self.machine.images.pulls().len();
        let why = why::Kubelet::PullNeeded { image: image.clone(), present, ahead };
        self.event(place, Normal, "Pulling", format!("Pulling image \"{image}\""), why.clone());
        self.plan.effect(Effect::Pull(self.at(place), image), why);
        self.pod_mut().doing = Doing::Pulling(place);
        true
    }

    fn image_unusable(
        &mut self,
        place: usize,
        event: &'static str,
        reason: &'static str,
        message: String,
        image: Rc<str>,
    ) -> bool {
        let why = why::Kubelet::ImageUnusable { reason, image };
        self.event(place, Warning, event, message.as_str(), why.clone());
        self.event(place, Warning, "Failed", format!("Error: {reason}"), why);
        self.fail(place, reason, message, None);
        false
    }

    fn pull_back_off(&self, image: &str) -> Option<BackOff> {
        let known = self.pod.pull_back_offs.iter().find(|(name, _)| **name == *image);
        known.map(|(_, back_off)| *back_off)
    }

    fn delay_pull(&mut self, place: usize, image: Rc<str>, known: BackOff) -> bool {
        let back_off = format!("Back-off pulling image \"{image}\"");
        let delay_seconds = known.delay.whole_seconds();
        let why = why::Kubelet::PullBackOff { image, delay_seconds };
        self.event(place, Normal, "BackOff", back_off.as_str(), why.clone());
        self.event(place, Warning, "Failed", "Error: ImagePullBackOff", why);
        let cause = self.pod.containers[place].waiting.as_ref().map(|waiting| waiting.message.clone());
        let cause = cause.unwrap_or_default();
        // What the registry said is repeated after the back-off, once.
        let registry = cause.strip_prefix(&format!("{back_off}: ErrImagePull: ")).unwrap_or(&cause);
        let message = format!("{back_off}: ErrImagePull: {registry}");
        self.fail(place, "ImagePullBackOff", message, Some(known.updated + known.delay));
        false
    }

    /// A pull has ended.
    fn pulled(&mut self, place: usize, pulled: Pulled) {
        let spec = self.pod.spec_of(place);
        let image: Rc<str> = spec.image.as_deref().unwrap_or_default().into();
        let error = match pulled.image {
            Ok(found) => {
                let (took, waited) = (images::go_duration(pulled.took), images::go_duration(pulled.waited));
                let message = format!(
                    "Successfully pulled image \"{image}\" in {took} ({waited} including waiting). Image size: {} \
                     bytes.",
                    found.bytes
                );
                let why = why::Kubelet::PullEnded {
                    image,
                    success: true,
                    took_ms: pulled.took.as_millis(),
                    waited_ms: pulled.waited.as_millis(),
                };
                self.event(place, Normal, "Pulled", message, why);
                self.create(place);
                return;
            }
            Err(error) => error,
        };
        let raised = BackOff::raised(self.pull_back_off(&image), self.now, self.now);
        let back_offs = &mut self.pod_mut().pull_back_offs;
        back_offs.retain(|(name, _)| *name != image);
        back_offs.push((image.clone(), raised));
        let why =
            why::Kubelet::PullFailed { image: image.clone(), delay_seconds: raised.delay.whole_seconds() };
        self.event(
            place,
            Warning,
            "Failed",
            format!("Failed to pull image \"{image}\": {error}"),
            why.clone(),
        );
        self.event(place, Warning, "Failed", "Error: ErrImagePull", why);
        self.fail(place, "ErrImagePull", error, None);
        if self.pod.containers[place].role == Role::Init {
            return self.end_sync();
        }
        self.start_from(place + 1);
    }

    fn create(&mut self, place: usize) -> bool {
        let why = why::Kubelet::ContainerCreated { container: self.name(place) };
        self.event(place, Normal, "Created", "Container created", why.clone());
        self.plan.effect(Effect::Start(self.at(place)), why);
        self.pod_mut().doing = Doing::Starting(place);
        true
    }

    /// A process runs: what comes after it in the spec is next. Init containers end the sync: the next one waits
    /// for what becomes of this one.
    fn started(&mut self, place: usize) {
        self.pod_mut().progress.changed = true;
        let container = &self.pod.containers[place];
        let why = why::Kubelet::ContainerStarted {
            container: container.name.clone(),
            took_ms: self.simulation.latencies.start.as_millis(),
            restarts: container.restarts,
        };
        let is_regular = container.role == Role::Regular;
        self.event(place, Normal, "Started", "Container started", why);
        if is_regular || self.has_regular_container() { self.start_from(place + 1) } else { self.end_sync() }
    }

    fn has_regular_container(&self) -> bool {
        let mut regular = self.pod.containers.iter().filter(|container| container.role == Role::Regular);
        regular.any(|container| !matches!(container.state, ContainerState::Absent))
    }

    fn fail(&mut self, place: usize, reason: &'static str, message: impl Into<Rc<str>>, until: Option<Time>) {
        self.container_mut(place).waiting = Some(Rc::new(Waiting { reason, message: message.into(), until }));
        self.pod_mut().progress.failed = true;
    }

    /// The sync is over. One that changed what runs is followed by another, which reports it; one that failed by
    /// a later one.
    fn end_sync(&mut self) {
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
                wait = until.since(self.now).min(RESYNC);
            }
        }
        let wait = match progress.changed {
            // The runtime's news of what did start wakes the worker first.
            true => until_relist(self.machine, self.now),
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

/// Upstream: `SetDefaults_Container`; the API server fills it in, static pods have none.
fn default_policy(image: &str) -> &'static str {
    let tag_is_latest = images::reference(image).is_ok_and(|reference| reference.ends_with(":latest"));
    if tag_is_latest { "Always" } else { "IfNotPresent" }
}

fn probe_fact(container: &Rc<str>, probe: &Probe) -> why::Kubelet {
    why::Kubelet::ProbeResult {
        container: container.clone(),
        probe: probe.kind.name(),
        success: false,
        times: probe.streak.1,
        threshold: probe.threshold(false),
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
