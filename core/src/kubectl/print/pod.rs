//! Pods in tables: STATUS sums up phase, conditions and containers. Upstream: `printPod`.

use k8s_openapi::api::core::v1 as core;

use super::table::{Column, always, wide};
use super::{NONE, age};
use crate::api::Pod;
use crate::time::Time;

pub(super) const COLUMNS: &[Column] = &[
    always("NAME"),
    always("READY"),
    always("STATUS"),
    always("RESTARTS"),
    always("AGE"),
    wide("IP"),
    wide("NODE"),
    wide("NOMINATED NODE"),
    wide("READINESS GATES"),
];

pub(super) fn cells(pod: &Pod, now: Time) -> Vec<String> {
    let sum = Sum::of(pod);
    let containers = pod.containers().len() + sidecars(pod);
    let restarts = match sum.last_restart {
        Some(at) if sum.restarts > 0 => format!("{} ({} ago)", sum.restarts, age::since(at, now)),
        _ => sum.restarts.to_string(),
    };
    let or_none = |text: Option<&str>| text.filter(|text| !text.is_empty()).unwrap_or(NONE).to_owned();
    vec![
        pod.name().to_owned(),
        format!("{}/{containers}", sum.ready),
        sum.status,
        restarts,
        age::since(pod.meta.created, now),
        or_none(pod.ip()),
        or_none(pod.node()),
        or_none(pod.status.nominated_node_name.as_deref()),
        gates(pod),
    ]
}

/// What the columns READY, STATUS and RESTARTS say.
#[derive(Debug, PartialEq)]
struct Sum {
    status: String,
    ready: usize,
    restarts: i32,
    last_restart: Option<Time>,
}

impl Sum {
    fn of(pod: &Pod) -> Sum {
        let reason = pod.status.reason.as_deref().filter(|reason| !reason.is_empty());
        let mut sum = Sum {
            status: reason.unwrap_or(pod.phase()).to_owned(),
            ready: 0,
            restarts: 0,
            last_restart: None,
        };
        if pod
            .condition("PodScheduled")
            .is_some_and(|condition| condition.reason.as_deref() == Some("SchedulingGated"))
        {
            sum.status = "SchedulingGated".to_owned();
        }
        let is_initialized = pod.condition("Initialized").is_some_and(|condition| condition.status == "True");
        if !sum.initializing(pod) || is_initialized {
            sum.running(pod);
        }
        sum.deleting(pod);
        sum
    }

    /// The first init container that is not done decides. Whether there is one.
    fn initializing(&mut self, pod: &Pod) -> bool {
        let statuses = pod.status.init_container_statuses.as_deref().unwrap_or_default();
        let specs = pod.spec.spec.init_containers.as_deref().unwrap_or_default();
        let mut deciding = None;
        for (index, status) in statuses.iter().enumerate() {
            self.count_restarts(status);
            if deciding.is_some() {
                continue;
            }
            let terminated = terminated(status.state.as_ref());
            if terminated.is_some_and(|terminated| terminated.exit_code == 0) {
                continue;
            }
            let is_sidecar = specs.iter().any(|spec| spec.name == status.name && is_sidecar(spec));
            if is_sidecar && status.started == Some(true) {
                self.ready += usize::from(status.ready);
                continue;
            }
            let waiting = status.state.as_ref().and_then(|state| state.waiting.as_ref());
            let waiting = waiting
                .and_then(|waiting| waiting.reason.as_deref())
                .filter(|reason| *reason != "PodInitializing");
            deciding = Some(match (terminated, waiting) {
                (Some(terminated), _) => format!("Init:{}", ended(terminated)),
                (None, Some(reason)) if !reason.is_empty() => format!("Init:{reason}"),
                _ => format!("Init:{index}/{}", specs.len()),
            });
        }
        if let Some(status) = &deciding {
            self.status.clone_from(status);
        }
        deciding.is_some()
    }

    /// The first container that waits or has ended decides.
    fn running(&mut self, pod: &Pod) {
        // From here on the init containers that are done no longer count.
        self.restarts = 0;
        self.last_restart = None;
        let specs = pod.spec.spec.init_containers.as_deref().unwrap_or_default();
        for status in pod.status.init_container_statuses.iter().flatten() {
            if specs.iter().any(|spec| spec.name == status.name && is_sidecar(spec)) {
                self.count_restarts(status);
            }
        }
        let mut is_any_running = false;
        let mut failure = None;
        for status in pod.container_statuses().iter().rev() {
            self.count_restarts(status);
            let state = status.state.as_ref();
            let waiting =
                state.and_then(|state| state.waiting.as_ref()).and_then(|waiting| waiting.reason.as_deref());
            if let Some(reason) = waiting.filter(|reason| !reason.is_empty()) {
                self.status = reason.to_owned();
            } else if let Some(terminated) = terminated(state) {
                self.status = ended(terminated);
                if terminated.exit_code != 0 {
                    failure = Some(self.status.clone());
                }
            } else if status.ready && state.is_some_and(|state| state.running.is_some()) {
                is_any_running = true;
                self.ready += 1;
            }
        }
        if self.status == "Completed" {
            self.status = match failure {
                _ if is_any_running && pod.is_ready() => "Running".to_owned(),
                Some(failure) => failure,
                None if is_any_running => "NotReady".to_owned(),
                None => return,
            };
        }
    }

    fn deleting(&mut self, pod: &Pod) {
        if !pod.is_terminating() {
            return;
        }
        if pod.status.reason.as_deref() == Some("NodeLost") {
            self.status = "Unknown".to_owned();
        } else if !pod.is_finished() {
            self.status = "Terminating".to_owned();
        }
    }

    fn count_restarts(&mut self, status: &core::ContainerStatus) {
        self.restarts += status.restart_count;
        let last = status.last_state.as_ref().and_then(|state| state.terminated.as_ref());
        if let Some(at) = last.and_then(|terminated| terminated.finished_at.as_ref()).map(Time::from_api) {
            self.last_restart = Some(self.last_restart.map_or(at, |known| known.max(at)));
        }
    }
}

fn terminated(state: Option<&core::ContainerState>) -> Option<&core::ContainerStateTerminated> {
    state.and_then(|state| state.terminated.as_ref())
}

/// Why a container ended: its reason, or its signal or exit code.
fn ended(terminated: &core::ContainerStateTerminated) -> String {
    match (terminated.reason.as_deref(), terminated.signal) {
        (Some(reason), _) if !reason.is_empty() => reason.to_owned(),
        (_, Some(signal)) if signal != 0 => format!("Signal:{signal}"),
        _ => format!("ExitCode:{}", terminated.exit_code),
    }
}

fn is_sidecar(container: &core::Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

fn sidecars(pod: &Pod) -> usize {
    pod.spec.spec.init_containers.iter().flatten().filter(|container| is_sidecar(container)).count()
}

/// How many readiness gates hold, of how many.
fn gates(pod: &Pod) -> String {
    let gates = pod.spec.spec.readiness_gates.as_deref().unwrap_or_default();
    if gates.is_empty() {
        return NONE.to_owned();
    }
    let holds = |gate: &&core::PodReadinessGate| {
        pod.condition(&gate.condition_type).is_some_and(|condition| condition.status == "True")
    };
    format!("{}/{}", gates.iter().filter(holds).count(), gates.len())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{Kind, Object};

    fn status_of(value: serde_json::Value) -> (String, usize, i32) {
        let object = Object::from_json(Kind::Pod, &value).unwrap();
        let Object::Pod(pod) = object else { unreachable!() };
        let sum = Sum::of(&pod);
        (sum.status, sum.ready, sum.restarts)
    }

    fn pod(phase: &str, statuses: serde_json::Value) -> serde_json::Value {
        json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a"}, {"name": "b"}]},
               "status": {"phase": phase, "containerStatuses": statuses}})
    }

    fn status(name: &str, state: serde_json::Value, ready: bool, restarts: i32) -> serde_json::Value {
        json!({"name": name, "state": state, "ready": ready, "restartCount": restarts, "image": "", "imageID": ""})
    }

    #[test]
    fn the_first_container_that_waits_or_ended_decides() {
        let crash = status("a", json!({"waiting": {"reason": "CrashLoopBackOff"}}), false, 1);
        let error = status("b", json!({"terminated": {"exitCode": 1, "reason": "Error"}}), false, 0);
        assert_eq!(status_of(pod("Running", json!([crash, error]))), ("CrashLoopBackOff".to_owned(), 0, 1));
    }

    #[test]
    fn one_completed_and_one_running_container_are_running_or_not_ready() {
        let done = status("a", json!({"terminated": {"exitCode": 0, "reason": "Completed"}}), false, 0);
        let runs = status("b", json!({"running": {}}), true, 0);
        assert_eq!(status_of(pod("Running", json!([done, runs]))), ("NotReady".to_owned(), 1, 0));
        let failed = status("b", json!({"terminated": {"exitCode": 3}}), false, 0);
        assert_eq!(status_of(pod("Failed", json!([done, failed]))).0, "ExitCode:3");
    }

    #[test]
    fn a_deleted_pod_is_terminating_unless_it_has_ended() {
        let mut value = pod("Running", json!([]));
        value["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        assert_eq!(status_of(value.clone()).0, "Terminating");
        value["status"]["phase"] = json!("Succeeded");
        assert_eq!(status_of(value).0, "Succeeded");
    }

    #[test]
    fn init_containers_are_counted_until_they_are_done() {
        let mut value = pod("Pending", json!([]));
        value["spec"]["initContainers"] = json!([{"name": "x"}, {"name": "y"}]);
        value["status"]["initContainerStatuses"] = json!([
            status("x", json!({"terminated": {"exitCode": 0}}), true, 0),
            status("y", json!({"running": {}}), false, 2)
        ]);
        assert_eq!(status_of(value), ("Init:1/2".to_owned(), 0, 2));
    }
}
