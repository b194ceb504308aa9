//! How a status gets to the API: what is overtaken before it can be sent is never seen there.
//!
//! Sending takes two requests, a GET and a PATCH; whatever a pod comes to meanwhile waits, and only the latest of it is
//! sent. So the API tells of a container that starts at once `Running` and nothing of what led there.
//! Upstream: `pkg/kubelet/status/status_manager.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::local_pod::{Doing, LocalPod};
use super::working::status_fact;
use super::{Look, mirror, status};
use crate::apiserver::Patch;
use crate::simulation::KubeletMode;
use crate::time::Duration;
use crate::why;

impl Look<'_> {
    /// Reports the status of the moment, if it differs from what was reported last.
    pub(super) fn report(&mut self, why: impl FnOnce(&LocalPod, &str) -> why::Kubelet) {
        let status = status::of(&self.pod, self.machine, self.now);
        if self.pod.reported.as_deref() == Some(&status) {
            return;
        }
        let why = why(&self.pod, status.phase.as_deref().unwrap_or_default());
        self.send(status, why);
    }

    /// Sends a status, as soon as the one before it is through.
    pub(super) fn send(&mut self, status: core::PodStatus, why: why::Kubelet) {
        self.pod_mut().reported = Some(Rc::new(status));
        self.post(why);
    }

    /// Sends the status that waited for the one before it.
    pub(super) fn send_what_waits(&mut self) {
        // A sandbox that has just come up is told of with it.
        if self.pod.is_unsent && self.pod.doing != Doing::SandboxUp {
            self.post(status_fact(&self.pod));
        }
    }

    fn post(&mut self, why: why::Kubelet) {
        if self.pod.is_removed {
            return;
        }
        if self.is_alone() {
            self.pod_mut().is_unsent = true;
            let wait = mirror::next(mirror::RETELLING, self.now).since(self.now);
            return self.plan.look_again_in(wait, why::Kubelet::ServerUnreachable);
        }
        if self.now < self.pod.sending_until {
            self.pod_mut().is_unsent = true;
            let wait = self.pod.sending_until.since(self.now);
            return self.plan.look_again_in(wait, why);
        }
        let Some(status) = self.pod.reported.clone() else { return };
        let Some(uid) = self.reports_to() else {
            // The arrival of the mirror wakes the worker.
            self.pod_mut().is_unsent = true;
            return;
        };
        self.note_told(uid);
        let target = self.reference();
        self.plan.patch(target, uid, Patch::PodStatus(status), why).go_on();
        let is_queued = self.simulation.kubelets == KubeletMode::Automatic;
        if is_queued {
            let takes = Duration(2 * self.simulation.latencies.request.0);
            let sending_until = self.now + takes;
            let pod = self.pod_mut();
            (pod.sending_until, pod.is_unsent) = (sending_until, false);
        }
    }
}
