//! Replaces a running container: its manifest says something else now, or a probe condemns it.
//! Upstream: `computePodActions` and `SyncPod` in `pkg/kubelet/kuberuntime`.

use std::rc::Rc;

use super::local_pod::{Doing, Role, StopClock};
use super::{Look, Probe};
use crate::api::EventType::Normal;
use crate::why;

impl Look<'_> {
    /// A container that must be started anew: its manifest or a probe says so.
    pub(super) fn condemned(&self) -> Option<(usize, why::Kubelet)> {
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

    pub(super) fn begin_replacing(&mut self, place: usize, why: why::Kubelet) {
        let container = &self.pod.containers[place];
        let probe = container.probes.iter().find(|probe| probe.condemns());
        let what = match probe {
            Some(probe) => format!("failed {} probe", probe.kind.name().to_ascii_lowercase()),
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
    pub(super) fn replace(&mut self, place: usize) {
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
