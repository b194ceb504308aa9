//! What the failure of a pod means for its Job. Upstream: `pkg/controller/job/pod_failure_policy.go`.

use k8s_openapi::api::batch::v1 as batch;

use crate::api::{Job, Pod};

/// What the first rule that matches says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The Job fails, with this message.
    FailJob(String),
    /// The index fails.
    FailIndex,
    /// It does not count.
    Ignore,
    /// It counts against the limit.
    Count,
}

/// Judges a pod that failed.
pub(super) fn judge(job: &Job, pod: &Pod) -> Verdict {
    let rules = job.spec.pod_failure_policy.iter().flat_map(|policy| policy.rules.iter().enumerate());
    for (place, rule) in rules {
        let Some(what) = matching(rule, pod) else { continue };
        return match rule.action.as_str() {
            "FailJob" => Verdict::FailJob(format!("{what} matching {} rule at index {place}", rule.action)),
            "FailIndex" => Verdict::FailIndex,
            "Ignore" => Verdict::Ignore,
            _ => Verdict::Count,
        };
    }
    Verdict::Count
}

/// What of a pod matches a rule, in words.
fn matching(rule: &batch::PodFailurePolicyRule, pod: &Pod) -> Option<String> {
    let name = format!("{}/{}", pod.key.namespace, pod.name());
    if let Some(wanted) = &rule.on_exit_codes {
        let statuses = pod.status.init_container_statuses.iter().flatten().chain(pod.container_statuses());
        let failed = statuses.filter_map(|status| {
            let code = status.state.as_ref()?.terminated.as_ref()?.exit_code;
            let is_meant = wanted.container_name.as_ref().is_none_or(|name| *name == status.name);
            let is_listed = wanted.values.contains(&code);
            let matches = code != 0 && is_meant && is_listed == (wanted.operator == "In");
            matches.then(|| (status.name.clone(), code))
        });
        let (container, code) = failed.into_iter().next()?;
        return Some(format!("Container {container} for pod {name} failed with exit code {code}"));
    }
    let patterns = rule.on_pod_conditions.iter().flatten();
    let mut met = patterns.filter(|pattern| {
        let status = pattern.status.as_deref().unwrap_or("True");
        pod.condition(&pattern.type_).is_some_and(|condition| condition.status == status)
    });
    met.next().map(|pattern| format!("Pod {name} has condition {}", pattern.type_))
}
