//! The pods of a Job: how they are made, which go first, when they ended. Upstream: `pkg/controller/job`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::indexes;
use crate::api::{Job, Key, Kind, Labels, Meta, Pod, PodDesired, PodTemplate, Resource, Uid};
use crate::controllers::claim;
use crate::time::{Duration, Time};

/// Holds a pod until its Job has counted it.
pub(super) const TRACKING: &str = "batch.kubernetes.io/job-tracking";

/// Whether a pod has yet to be counted.
pub(super) fn is_held(pod: &Pod) -> bool {
    pod.meta.finalizers.iter().any(|name| name == TRACKING)
}

/// Whether a pod counts as failed: unless only failed ones are replaced, one that is being deleted does.
pub(super) fn is_failed(job: &Job, pod: &Pod) -> bool {
    match pod.phase() {
        "Failed" => true,
        "Succeeded" => false,
        _ => !job.replaces_only_failed() && pod.is_terminating(),
    }
}

/// When a pod ended. Upstream: `getFinishedTime`.
pub(super) fn ended_at(pod: &Pod) -> Time {
    let ends = pod.container_statuses().iter().map(|status| {
        let ended = status.state.as_ref().and_then(|state| state.terminated.as_ref());
        ended.and_then(|ended| ended.finished_at.as_ref()).map(Time::from_api)
    });
    let ends: Option<Vec<Time>> = ends.collect();
    if let Some(last) = ends.and_then(|ends| ends.into_iter().max()) {
        return last;
    }
    let unready = pod.condition("Ready").filter(|condition| condition.status == "False");
    if let Some(since) = unready.and_then(|condition| condition.last_transition_time.as_ref()) {
        return Time::from_api(since);
    }
    pod.meta.deletion.map_or(pod.meta.created, |deletion| {
        deletion.at - Duration::from_seconds(u64::try_from(deletion.grace_seconds).unwrap_or(0))
    })
}

/// In the order in which active pods go. Upstream: `controller.ActivePods`.
pub(super) fn removal_order(pods: &mut [&Rc<Pod>]) {
    let restarts =
        |pod: &Pod| pod.container_statuses().iter().map(|status| status.restart_count).max().unwrap_or(0);
    let phase = |pod: &Pod| match pod.phase() {
        "Pending" => 0,
        "Unknown" => 1,
        _ => 2,
    };
    pods.sort_by_key(|pod| {
        let later = std::cmp::Reverse((pod.ready_since(), restarts(pod), pod.meta.created));
        (pod.node().is_some(), phase(pod), pod.is_ready(), later)
    });
}

/// A pod of the Job's template. `index` comes with the failures of its index, counted and ignored ones.
pub(super) fn new_pod(job: &Job, index: Option<(i32, Option<(i32, i32)>)>) -> Pod {
    let template = PodTemplate::from_api(&job.spec.template);
    let mut finalizers = (*template.finalizers).clone();
    if !finalizers.iter().any(|name| name == TRACKING) {
        finalizers.push(TRACKING.to_owned());
    }
    let mut pod = Resource {
        key: Key { namespace: job.key.namespace.clone(), name: "".into() },
        uid: Uid::default(),
        resource_version: 0,
        meta: Rc::new(Meta {
            labels: template.labels,
            annotations: template.annotations,
            owners: claim::sole_owner(Kind::Job, job),
            finalizers: Rc::new(finalizers),
            generate_name: Some(format!("{}-", job.name()).into()),
            ..Meta::default()
        }),
        spec: PodDesired { spec: template.spec, node: None },
        status: Rc::<core::PodStatus>::default(),
    };
    if let Some((index, failures)) = index {
        give_index(job, &mut pod, index, failures);
    }
    pod
}

fn give_index(job: &Job, pod: &mut Pod, index: i32, failures: Option<(i32, i32)>) {
    let meta = Rc::make_mut(&mut pod.meta);
    meta.generate_name = Some(format!("{}-{index}-", job.name()).into());
    Rc::make_mut(&mut meta.labels).insert(indexes::INDEX.to_owned(), index.to_string());
    let annotations: &mut Labels = Rc::make_mut(&mut meta.annotations);
    annotations.insert(indexes::INDEX.to_owned(), index.to_string());
    if let Some((counted, ignored)) = failures {
        annotations.insert(indexes::FAILURES.to_owned(), counted.to_string());
        if ignored > 0 {
            annotations.insert(indexes::IGNORED_FAILURES.to_owned(), ignored.to_string());
        }
    }
    let spec = Rc::make_mut(&mut pod.spec.spec);
    spec.hostname = Some(format!("{}-{index}", job.name()));
    for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
        tell_index(container);
    }
}

/// Gives a container its index in the variable `JOB_COMPLETION_INDEX`, unless it has one of that name.
fn tell_index(container: &mut core::Container) {
    const VARIABLE: &str = "JOB_COMPLETION_INDEX";
    let variables = container.env.get_or_insert_default();
    if variables.iter().any(|variable| variable.name == VARIABLE) {
        return;
    }
    let field = core::ObjectFieldSelector {
        field_path: format!("metadata.labels['{}']", indexes::INDEX),
        api_version: None,
    };
    variables.push(core::EnvVar {
        name: VARIABLE.to_owned(),
        value_from: Some(core::EnvVarSource { field_ref: Some(field), ..core::EnvVarSource::default() }),
        ..core::EnvVar::default()
    });
}
