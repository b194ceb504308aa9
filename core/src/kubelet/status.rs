//! A pod's status as its kubelet reports it: phase, conditions in upstream's order, container states.
//!
//! A status is computed at the beginning of a sync, from what runs then and from what the sync before could not
//! do: `CrashLoopBackOff` appears in the API only when the wait is over.
//! Upstream: `pkg/kubelet/kubelet_pods.go` (`getPhase`, `convertStatusToAPIStatus`), `pkg/kubelet/status`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::local_pod::{Cause, Container, ContainerState, Ended, LocalPod, Role, Stage};
use super::machine::Machine;
use super::restart;
use crate::time::Time;

/// The phases that are never left again.
pub(super) fn is_terminal(phase: &str) -> bool {
    matches!(phase, "Succeeded" | "Failed")
}

/// The whole status of a pod at `now`.
pub(super) fn of(pod: &LocalPod, machine: &Machine, now: Time) -> core::PodStatus {
    let known = known(pod);
    let phase = phase(pod);
    let mut status = core::PodStatus {
        start_time: pod.accepted.map(Time::to_api),
        qos_class: pod.api.status.qos_class.clone(),
        nominated_node_name: known.nominated_node_name.clone(),
        observed_generation: (pod.api.meta.generation > 0).then_some(pod.api.meta.generation),
        ..core::PodStatus::default()
    };
    // A terminal phase, and the reason for it, are kept back while something may still run.
    if is_terminal(phase) && matches!(pod.stage, Stage::Working | Stage::Ending) {
        status.phase = Some(known.phase.clone().unwrap_or_else(|| "Pending".to_owned()));
        (status.reason, status.message) = (known.reason.clone(), known.message.clone());
    } else {
        status.phase = Some(phase.to_owned());
        let verdict = pod.verdict.as_deref();
        status.reason = verdict.map(|verdict| verdict.reason.to_owned());
        status.message = verdict.map(|verdict| verdict.message.to_string());
        if let Some(finish) = &pod.finish {
            status.reason = finish.reason.as_deref().map(str::to_owned);
            status.message = finish.message.as_deref().map(str::to_owned);
        }
    }
    if pod.verdict.as_ref().is_some_and(|verdict| verdict.cause == Cause::Rejection) {
        return status;
    }
    status.host_ip = Some(machine.address.to_string());
    status.host_ips = Some(vec![core::HostIP { ip: machine.address.to_string() }]);
    match &pod.sandbox {
        Some(sandbox) => {
            status.pod_ip = Some(sandbox.address.to_string());
            status.pod_ips = Some(vec![core::PodIP { ip: sandbox.address.to_string() }]);
        }
        None => (status.pod_ip, status.pod_ips) = (known.pod_ip.clone(), known.pod_ips.clone()),
    }
    let (init, mut regular): (Vec<_>, Vec<_>) = (0..pod.containers.len())
        .map(|place| (pod.containers[place].role, container_status(pod, place)))
        .partition(|(role, _)| *role != Role::Regular);
    crate::order::sort_by(&mut regular, |(_, one), (_, other)| one.name.cmp(&other.name));
    let statuses = |list: Vec<(Role, core::ContainerStatus)>| {
        (!list.is_empty()).then(|| {
            let mut exact = Vec::with_capacity(list.len());
            exact.extend(list.into_iter().map(|(_, status)| status));
            exact
        })
    };
    status.init_container_statuses = statuses(init);
    status.container_statuses = statuses(regular);
    status.conditions = Some(conditions(pod, phase, known, now));
    status
}

/// The status last reported, with the news that containers may be started: sent before images are pulled.
pub(super) fn ready_to_start(reported: &core::PodStatus, now: Time) -> core::PodStatus {
    let mut status = reported.clone();
    for condition in status.conditions.iter_mut().flatten() {
        if condition.type_ == "PodReadyToStartContainers" && condition.status != "True" {
            condition.status = "True".to_owned();
            condition.last_transition_time = Some(now.to_api());
        }
    }
    status
}

/// The phase that follows from the containers alone. Upstream: `getPhase`.
pub(super) fn phase(pod: &LocalPod) -> &'static str {
    if pod.verdict.is_some() {
        return "Failed";
    }
    if let Some(finish) = &pod.finish {
        return finish.phase();
    }
    let spec = &pod.api.spec.spec;
    let mut pending = false;
    for container in pod.containers.iter().filter(|container| container.role == Role::Init) {
        match container.ended() {
            Some(ended) if ended.code == 0 => {}
            Some(ended) if !restart::restarts_init(spec, ended.code) => return "Failed",
            Some(_) => {}
            None => pending = true,
        }
    }
    if pending && pod.stage != Stage::Ended {
        return "Pending";
    }
    let is_initialised = pod.is_initialised();
    let (mut running, mut stopped, mut waiting) = (0, 0, 0);
    let (mut all_succeeded, mut any_restarts) = (true, false);
    for (place, container) in pod.containers.iter().enumerate() {
        if container.role == Role::Init {
            continue;
        }
        if container.is_running() {
            running += 1;
            if container.role == Role::Sidecar && !container.is_started() && !is_initialised {
                waiting += 1;
            }
            continue;
        }
        let Some(ended) = container.ended() else {
            waiting += 1;
            continue;
        };
        if container.role == Role::Regular {
            stopped += 1;
            all_succeeded &= ended.code == 0;
            any_restarts |= restart::restarts(spec, pod.spec_of(place), ended.code);
        }
    }
    if pod.stage == Stage::Ended {
        let everything_succeeded = all_succeeded && waiting == 0;
        return if everything_succeeded && stopped > 0 { "Succeeded" } else { "Failed" };
    }
    match (waiting, running, stopped) {
        (1.., _, _) => "Pending",
        (_, 1.., _) => "Running",
        // A static pod's object goes without its end being told.
        (_, _, 1..) if any_restarts && (pod.is_to_run() || pod.origin.is_some()) => "Running",
        (_, _, 1..) if all_succeeded => "Succeeded",
        (_, _, 1..) => "Failed",
        _ => "Pending",
    }
}

fn known(pod: &LocalPod) -> &core::PodStatus {
    pod.reported.as_deref().unwrap_or(&pod.api.status)
}

fn container_status(pod: &LocalPod, place: usize) -> core::ContainerStatus {
    let (container, spec) = (&pod.containers[place], pod.spec_of(place));
    let mut status = core::ContainerStatus {
        name: spec.name.clone(),
        image: spec.image.clone().unwrap_or_default(),
        ready: container.is_ready(),
        started: Some(container.is_started()),
        restart_count: container.restarts as i32,
        last_state: Some(core::ContainerState::default()),
        ..core::ContainerStatus::default()
    };
    let mut state = core::ContainerState::default();
    match &container.state {
        ContainerState::Running(running) => {
            status.image = running.image.reference.to_string();
            status.image_id = running.image.id.to_string();
            status.container_id = Some(running.id.to_string());
            state.running = Some(core::ContainerStateRunning { started_at: Some(running.since.to_api()) });
            status.last_state = container.last.as_deref().map(terminated);
        }
        ContainerState::Ended(ended) => {
            status.image = ended.image.reference.to_string();
            status.image_id = ended.image.id.to_string();
            status.container_id = Some(ended.id.to_string());
            match &container.waiting {
                Some(_) if pod.stage == Stage::Working => {
                    state.waiting = Some(waiting(pod, container));
                    status.last_state = Some(terminated(ended));
                }
                _ => {
                    state.terminated = terminated(ended).terminated;
                    status.last_state = container.last.as_deref().map(terminated);
                }
            }
        }
        ContainerState::Absent if pod.stage == Stage::Ended && counts_as_lost(pod, place) => {
            state.terminated = Some(core::ContainerStateTerminated {
                exit_code: 137,
                reason: Some("ContainerStatusUnknown".to_owned()),
                message: Some("The container could not be located when the pod was terminated".to_owned()),
                ..core::ContainerStateTerminated::default()
            });
        }
        ContainerState::Absent => state.waiting = Some(waiting(pod, container)),
    }
    status.state = Some(state);
    status.last_state.get_or_insert_default();
    status
}

/// Whether a container that never ran counts as one that got lost, once its pod has ended: a regular one of a pod that had
/// come through its init containers, and of the init containers those before the last that ran; always the first.
/// Upstream: `TerminatePod` in `pkg/kubelet/status`.
fn counts_as_lost(pod: &LocalPod, place: usize) -> bool {
    let has_run = |container: &Container| !matches!(container.state, ContainerState::Absent);
    let (init, regular): (Vec<_>, Vec<_>) = pod.containers.iter().partition(|it| it.role != Role::Regular);
    if pod.containers[place].role == Role::Regular {
        let is_through = init.last().is_none_or(|last| last.ended().is_some_and(|ended| ended.code == 0));
        return is_through || regular.into_iter().any(has_run);
    }
    place == 0 || init[place..].iter().any(|later| has_run(later))
}

fn waiting(pod: &LocalPod, container: &Container) -> core::ContainerStateWaiting {
    if let Some(waiting) = &container.waiting {
        return core::ContainerStateWaiting {
            reason: Some(waiting.reason.to_owned()),
            message: Some(waiting.message.to_string()),
        };
    }
    let has_init = pod.containers.first().is_some_and(|first| first.role != Role::Regular);
    let reason = if has_init { "PodInitializing" } else { "ContainerCreating" };
    core::ContainerStateWaiting { reason: Some(reason.to_owned()), message: None }
}

fn terminated(ended: &Ended) -> core::ContainerState {
    let reason = match ended.code {
        _ if ended.is_out_of_memory => "OOMKilled",
        0 => "Completed",
        _ => "Error",
    };
    core::ContainerState {
        terminated: Some(core::ContainerStateTerminated {
            exit_code: ended.code,
            reason: Some(reason.to_owned()),
            container_id: Some(ended.id.to_string()),
            started_at: Some(ended.started.to_api()),
            finished_at: Some(ended.finished.to_api()),
            ..core::ContainerStateTerminated::default()
        }),
        ..core::ContainerState::default()
    }
}

/// Whether a condition holds, and what is said where it does not.
struct Verdict {
    holds: bool,
    reason: Option<&'static str>,
    message: Option<Rc<str>>,
}

impl Verdict {
    fn plain(holds: bool) -> Verdict {
        Verdict { holds, reason: None, message: None }
    }

    fn because(holds: bool, reason: &'static str, message: Option<Rc<str>>) -> Verdict {
        Verdict { holds, reason: Some(reason), message }
    }
}

fn conditions(pod: &LocalPod, phase: &str, known: &core::PodStatus, now: Time) -> Vec<core::PodCondition> {
    let generation = (pod.api.meta.generation > 0).then_some(pod.api.meta.generation);
    let containers_ready = containers_ready(pod, phase);
    let ready = ready(pod, &containers_ready);
    let condition = |name: &'static str, verdict: Verdict| {
        let status = if verdict.holds { "True" } else { "False" };
        let before = known.conditions.iter().flatten().find(|before| before.type_ == name);
        let unchanged = before.filter(|before| before.status == status);
        core::PodCondition {
            type_: name.to_owned(),
            status: status.to_owned(),
            reason: verdict.reason.map(str::to_owned),
            message: verdict.message.map(|message| message.to_string()),
            last_probe_time: None,
            last_transition_time: match unchanged {
                Some(before) => before.last_transition_time.clone(),
                None => Some(now.to_api()),
            },
            observed_generation: generation,
        }
    };
    let mut conditions = vec![
        condition("PodReadyToStartContainers", Verdict::plain(pod.sandbox.is_some())),
        condition("Initialized", initialised(pod, phase)),
        condition("Ready", ready),
        condition("ContainersReady", containers_ready),
        condition("PodScheduled", Verdict::plain(true)),
    ];
    // Told once nothing of it runs any more, with the phase; not of a pod that exceeded its own limits.
    let shortage = pod.verdict.as_ref().filter(|verdict| verdict.cause == Cause::Shortage);
    if let Some(verdict) = shortage.filter(|_| matches!(pod.stage, Stage::Stopped | Stage::Ended)) {
        let message = Some(verdict.message.clone());
        conditions
            .push(condition("DisruptionTarget", Verdict::because(true, "TerminationByKubelet", message)));
    }
    conditions
}

fn initialised(pod: &LocalPod, phase: &str) -> Verdict {
    if phase == "Succeeded" {
        return Verdict::because(true, "PodCompleted", None);
    }
    if pod.is_initialised() {
        return Verdict::plain(true);
    }
    let incomplete = pod.containers.iter().filter(|container| match container.role {
        Role::Init => !container.is_ready(),
        Role::Sidecar => !container.is_started(),
        Role::Regular => false,
    });
    let message = listed("containers with incomplete status", incomplete);
    Verdict::because(false, "ContainersNotInitialized", Some(message))
}

fn containers_ready(pod: &LocalPod, phase: &str) -> Verdict {
    let unready: Vec<&Container> = pod
        .containers
        .iter()
        .filter(|container| container.role != Role::Init && !container.is_ready())
        .collect();
    match phase {
        "Succeeded" => Verdict::because(false, "PodCompleted", None),
        "Failed" => Verdict::because(false, "PodFailed", None),
        _ if unready.is_empty() => Verdict::plain(true),
        _ => {
            let message = listed("containers with unready status", unready.into_iter());
            Verdict::because(false, "ContainersNotReady", Some(message))
        }
    }
}

fn ready(pod: &LocalPod, containers: &Verdict) -> Verdict {
    if !containers.holds {
        return Verdict { holds: false, reason: containers.reason, message: containers.message.clone() };
    }
    let mut complaints = Vec::new();
    for gate in pod.api.spec.spec.readiness_gates.iter().flatten() {
        let name = &gate.condition_type;
        match pod.api.condition(name) {
            None => complaints
                .push(format!("corresponding condition of pod readiness gate \"{name}\" does not exist.")),
            Some(condition) if condition.status != "True" => complaints.push(format!(
                "the status of pod readiness gate \"{name}\" is not \"True\", but {}",
                condition.status
            )),
            Some(_) => {}
        }
    }
    if complaints.is_empty() {
        return Verdict::plain(true);
    }
    Verdict::because(false, "ReadinessGatesNotReady", Some(complaints.join(", ").into()))
}

/// `containers with unready status: [log web]`
fn listed<'a>(words: &str, containers: impl Iterator<Item = &'a Container>) -> Rc<str> {
    let names: Vec<&str> = containers.map(Container::name).collect();
    format!("{words}: [{}]", names.join(" ")).into()
}
