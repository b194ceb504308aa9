//! Starts a container: its back-off, its image, what its environment needs, the runtime.
//! Upstream: `startContainer` and `doBackOff` in `pkg/kubelet/kuberuntime`.

use std::rc::Rc;

use super::local_pod::{ContainerState, Doing, Role, Waiting};
use super::restart::{self, BackOff};
use super::runtime::Effect;
use super::termination::hook_duration;
use super::{Environment, Look, sources};
use crate::api::EventType::{Normal, Warning};
use crate::time::{Duration, Time};
use crate::why;

impl Look<'_> {
    /// Starts a container: returns whether that is under way. `ended` is when the instance ended by which its
    /// back-off is judged.
    pub(super) fn start(&mut self, place: usize, ended: Option<Time>) -> bool {
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
        let message = format!("back-off {} restarting failed container={name} pod={pod}", delay.as_go());
        let event = format!("Back-off restarting failed container {name} in pod {pod}");
        let why =
            why::Kubelet::CrashBackOff { container: name, delay_seconds: delay.whole_seconds(), restarts };
        self.event(place, Warning, "BackOff", event, why);
        self.fail(place, "CrashLoopBackOff", message, Some(ended + delay));
    }

    /// Begins to make the container. Returns whether that is under way.
    pub(super) fn create(&mut self, place: usize) -> bool {
        if let Some(problem) =
            sources::missing_environment(self.store, &self.pod.api, self.pod.spec_of(place))
        {
            let why = why::Kubelet::EnvironmentMissing {
                container: self.name(place),
                problem: problem.as_str().into(),
            };
            self.event(place, Warning, "Failed", format!("Error: {problem}"), why);
            self.fail(place, "CreateContainerConfigError", problem, None);
            return false;
        }
        let environment = Environment::taken(self.store, &self.pod.api, self.pod.spec_of(place));
        self.container_mut(place).environment = Some(Rc::new(environment));
        let why = why::Kubelet::ContainerCreated { container: self.name(place) };
        self.event(place, Normal, "Created", "Container created", why.clone());
        self.plan.effect(Effect::Start(self.at(place)), why);
        self.pod_mut().doing = Doing::Starting(place);
        true
    }

    /// A process runs: what comes after it in the spec is next. Init containers end the sync: the next one waits
    /// for what becomes of this one.
    pub(super) fn started(&mut self, place: usize) {
        self.pod_mut().progress.changed = true;
        let container = &self.pod.containers[place];
        let why = why::Kubelet::ContainerStarted {
            container: container.name.clone(),
            took_ms: self.simulation.latencies.start.as_millis(),
            restarts: container.restarts,
        };
        self.event(place, Normal, "Started", "Container started", why);
        if let Some(takes) = self.post_start_takes(place) {
            let why =
                why::Kubelet::PostStartRuns { container: self.name(place), takes_ms: takes.as_millis() };
            self.pod_mut().doing = Doing::Hooking(place);
            self.plan.effect(Effect::PostStart { at: self.at(place), takes }, why);
            return;
        }
        self.after_start(place);
    }

    fn post_start_takes(&self, place: usize) -> Option<Duration> {
        let hook = self.pod.spec_of(place).lifecycle.as_ref()?.post_start.as_ref()?;
        Some(hook_duration(hook))
    }

    /// A container counts as started, with its hook if it has one.
    pub(super) fn after_start(&mut self, place: usize) {
        let is_regular = self.pod.containers[place].role == Role::Regular;
        if is_regular || self.has_regular_container() { self.start_from(place + 1) } else { self.end_sync() }
    }

    fn has_regular_container(&self) -> bool {
        let mut regular = self.pod.containers.iter().filter(|container| container.role == Role::Regular);
        regular.any(|container| !matches!(container.state, ContainerState::Absent))
    }

    pub(super) fn fail(
        &mut self,
        place: usize,
        reason: &'static str,
        message: impl Into<Rc<str>>,
        until: Option<Time>,
    ) {
        self.container_mut(place).waiting = Some(Rc::new(Waiting { reason, message: message.into(), until }));
        self.pod_mut().progress.failed = true;
    }
}
