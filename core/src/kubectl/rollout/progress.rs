//! How far the rollout of a Deployment, StatefulSet or DaemonSet is, in kubectl's words.
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go`.

use crate::api::{DaemonSet, Deployment, Kind, Object, StatefulSet};
use crate::kubectl::failure::Failure;

/// How far a rollout is.
#[derive(Debug, PartialEq)]
pub(super) struct Progress {
    pub(super) text: String,
    pub(super) is_done: bool,
}

impl Progress {
    fn going_on(text: String) -> Result<Progress, Failure> {
        Ok(Progress { text, is_done: false })
    }

    fn done(text: String) -> Result<Progress, Failure> {
        Ok(Progress { text, is_done: true })
    }
}

/// How far the rollout of `object` is. `revision` is the one that is waited for; 0 is any.
pub(super) fn of(object: &Object, revision: i64) -> Result<Progress, Failure> {
    match object {
        Object::Deployment(deployment) => of_deployment(deployment, revision),
        Object::DaemonSet(set) => of_daemon_set(set),
        Object::StatefulSet(set) => of_stateful_set(set),
        other => Err(no_viewer(other.kind())),
    }
}

fn no_viewer(kind: Kind) -> Failure {
    let group = kind.group();
    let dot = if group.is_empty() { "" } else { "." };
    Failure::own(format!("no status viewer has been implemented for {}{dot}{group}", kind.name()))
}

fn of_deployment(deployment: &Deployment, revision: i64) -> Result<Progress, Failure> {
    let name = deployment.name();
    let status = &deployment.status;
    let running =
        deployment.annotation("deployment.kubernetes.io/revision").and_then(|text| text.parse().ok());
    if let Some(running) = running.filter(|running: &i64| revision > 0 && *running != revision) {
        let text =
            format!("desired revision ({revision}) is different from the running revision ({running})");
        return Err(Failure::own(text));
    }
    if deployment.meta.generation > status.observed_generation.unwrap_or(0) {
        return Progress::going_on("Waiting for deployment spec update to be observed...\n".to_owned());
    }
    let condition = deployment.condition("Progressing").and_then(|condition| condition.reason.as_deref());
    if condition == Some("ProgressDeadlineExceeded") {
        return Err(Failure::own(format!("deployment \"{name}\" exceeded its progress deadline")));
    }
    let (wanted, updated) = (deployment.replicas(), status.updated_replicas.unwrap_or(0));
    let (total, available) = (status.replicas.unwrap_or(0), status.available_replicas.unwrap_or(0));
    let waits = format!("Waiting for deployment \"{name}\" rollout to finish:");
    if updated < wanted {
        return Progress::going_on(format!(
            "{waits} {updated} out of {wanted} new replicas have been updated...\n"
        ));
    }
    if total > updated {
        return Progress::going_on(format!(
            "{waits} {} old replicas are pending termination...\n",
            total - updated
        ));
    }
    if available < updated {
        return Progress::going_on(format!(
            "{waits} {available} of {updated} updated replicas are available...\n"
        ));
    }
    Progress::done(format!("deployment \"{name}\" successfully rolled out\n"))
}

fn of_daemon_set(set: &DaemonSet) -> Result<Progress, Failure> {
    if !set.is_rolling_update() {
        return Err(only_rolling_update());
    }
    let (name, status) = (set.name(), &set.status);
    if set.meta.generation > status.observed_generation.unwrap_or(0) {
        return Progress::going_on("Waiting for daemon set spec update to be observed...\n".to_owned());
    }
    let wanted = status.desired_number_scheduled;
    let (updated, available) =
        (status.updated_number_scheduled.unwrap_or(0), status.number_available.unwrap_or(0));
    let waits = format!("Waiting for daemon set \"{name}\" rollout to finish:");
    if updated < wanted {
        return Progress::going_on(format!(
            "{waits} {updated} out of {wanted} new pods have been updated...\n"
        ));
    }
    if available < wanted {
        return Progress::going_on(format!(
            "{waits} {available} of {wanted} updated pods are available...\n"
        ));
    }
    Progress::done(format!("daemon set \"{name}\" successfully rolled out\n"))
}

fn of_stateful_set(set: &StatefulSet) -> Result<Progress, Failure> {
    if !set.is_rolling_update() {
        return Err(only_rolling_update());
    }
    let status = &set.status;
    let observed = status.observed_generation.unwrap_or(0);
    if observed == 0 || set.meta.generation > observed {
        return Progress::going_on("Waiting for statefulset spec update to be observed...\n".to_owned());
    }
    let (wanted, ready) = (set.replicas(), status.ready_replicas.unwrap_or(0));
    let updated = status.updated_replicas.unwrap_or(0);
    if ready < wanted {
        return Progress::going_on(format!("Waiting for {} pods to be ready...\n", wanted - ready));
    }
    if let Some(partition) = set.partition() {
        let new = i64::from(wanted) - partition;
        if i64::from(updated) < new {
            return Progress::going_on(format!(
                "Waiting for partitioned roll out to finish: {updated} out of {new} new pods have been updated...\n"
            ));
        }
        return Progress::done(format!(
            "partitioned roll out complete: {updated} new pods have been updated...\n"
        ));
    }
    let latest = status.update_revision.as_deref().unwrap_or_default();
    if latest != set.current_revision() {
        return Progress::going_on(format!(
            "waiting for statefulset rolling update to complete {updated} pods at revision {latest}...\n"
        ));
    }
    let current = status.current_replicas.unwrap_or(0);
    Progress::done(format!(
        "statefulset rolling update complete {current} pods at revision {}...\n",
        set.current_revision()
    ))
}

fn only_rolling_update() -> Failure {
    Failure::own("rollout status is only available for RollingUpdate strategy type")
}
