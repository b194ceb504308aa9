//! Jobs. Upstream: `pkg/apis/batch/validation/validation.go`.

use std::rc::Rc;

use k8s_openapi::api::batch::v1 as batch;
use k8s_openapi::api::core::v1 as core;
use serde_json::Value;

use super::field::{Faults, Path, Shown};
use super::workload::{pod_template, unselected};
use super::{go_value, names, selector};
use crate::api::{Job, Labels, Selector};

const SPEC: Path<'_> = Path::root("spec");
const CONTROLLER_UID: &str = "batch.kubernetes.io/controller-uid";
const JOB_NAME: &str = "batch.kubernetes.io/job-name";
/// How many pods with an index of their own run side by side, and how many indexes may fail.
const INDEXED_LIMIT: i32 = 100_000;
/// How many of them where indexes beyond the limit above have retries of their own.
const INDEXED_LIMIT_WITH_RETRIES: i32 = 10_000;
/// How many rules a policy may have.
const RULES: usize = 20;
/// How many exit codes a rule may name.
const EXIT_CODES: usize = 255;
/// How long a list of indexes may be.
const INDEXES_SIZE: usize = 64 << 10;
/// The longest name of a controller of one's own.
const LONGEST_MANAGER: usize = 63;

/// Checks a Job. A spec that the stored version has already is fine.
#[inline(never)]
pub(super) fn job(job: &Job, before: Option<&Job>, faults: &mut Faults) {
    if before.is_some_and(|before| Rc::ptr_eq(&before.spec, &job.spec)) {
        return;
    }
    if before.is_none() {
        generated_selector(job, faults);
    }
    spec(&job.spec, SPEC, faults);
    own_labels(&job.spec, faults);
    match before {
        Some(before) => unchanged(&job.spec, &before.spec, faults),
        None => names_of_pods(job, faults),
    }
}

/// The selector has to be the one that the server makes, unless it is `manualSelector`.
fn generated_selector(job: &Job, faults: &mut Faults) {
    let spec = &job.spec;
    let Some(selector) = spec.selector.as_ref().filter(|_| spec.manual_selector != Some(true)) else {
        return;
    };
    let uid = job.uid.to_string();
    let expected = [("controller-uid", uid.as_str()), ("job-name", job.name())];
    let prefixed = [(CONTROLLER_UID, uid.as_str()), (JOB_NAME, job.name())];
    let none = Labels::new();
    let labels = spec.template.metadata.as_ref().and_then(|meta| meta.labels.as_ref()).unwrap_or(&none);
    let metadata = SPEC.child("template");
    let path = metadata.child("metadata.labels");
    for (key, value) in expected.iter().chain(&prefixed) {
        let detail = format!("must be '{value}'");
        match labels.get(*key) {
            None => faults.required(path.key(key), detail),
            Some(found) if found != value => faults.invalid(path.key(key), Shown::json(labels), detail),
            Some(_) => {}
        }
    }
    let generated: Labels = expected
        .iter()
        .chain(&prefixed)
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    if selector::is_usable(selector) && !Selector::from_api(selector).matches(&generated) {
        faults.invalid(SPEC.child("selector"), Shown::json(selector), "`selector` not auto-generated");
    }
}

/// Pods with an index are called by it: the highest has to be a name too.
fn names_of_pods(job: &Job, faults: &mut Faults) {
    let is_indexed = job.spec.completion_mode.as_deref() == Some("Indexed");
    let Some(last) = job.spec.completions.filter(|count| is_indexed && *count > 0) else { return };
    let longest = format!("{}-{}", job.name(), last - 1);
    if !names::dns_label(&longest).is_empty() {
        let detail = format!("will not able to create pod with invalid DNS label: {longest}");
        faults.invalid(Path::root("metadata").child("name"), job.name(), detail);
    }
}

/// Checks what a Job and the template of one have in common.
pub(super) fn spec(spec: &batch::JobSpec, path: Path<'_>, faults: &mut Faults) {
    faults.negative(path.child("parallelism"), spec.parallelism);
    faults.negative(path.child("completions"), spec.completions);
    faults.negative(path.child("activeDeadlineSeconds"), spec.active_deadline_seconds);
    faults.negative(path.child("backoffLimit"), spec.backoff_limit);
    faults.negative(path.child("ttlSecondsAfterFinished"), spec.ttl_seconds_after_finished);
    faults.negative(path.child("backoffLimitPerIndex"), spec.backoff_limit_per_index);
    faults.negative(path.child("maxFailedIndexes"), spec.max_failed_indexes);
    if spec.max_failed_indexes.is_some() && spec.backoff_limit_per_index.is_none() {
        faults.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
    }
    if let Some(manager) = spec.managed_by.as_deref() {
        managed_by(manager, path.child("managedBy"), faults);
    }
    completion_mode(spec, path, faults);
    if let Some(policy) = &spec.pod_failure_policy {
        failure_policy(policy, spec, path.child("podFailurePolicy"), faults);
    }
    if let Some(policy) = &spec.success_policy {
        let path = path.child("successPolicy");
        if spec.completion_mode.as_deref() == Some("Indexed") {
            success_policy(policy, spec.completions.unwrap_or(0), path, faults);
        } else {
            let shown = Shown::verbatim(go_value::compact("v1.SuccessPolicy", policy));
            faults.invalid(path, shown, "requires indexed completion mode");
        }
    }
    replacement_policy(spec, path.child("podReplacementPolicy"), faults);
    pod_template(&spec.template, path.child("template"), faults);
    let policy = spec.template.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    let at = path.child("template");
    let at = at.child("spec.restartPolicy");
    match policy.unwrap_or_default() {
        "" | "Always" => faults.required(at, "valid values: \"OnFailure\", \"Never\""),
        "OnFailure" if spec.pod_failure_policy.is_some() => {
            let detail = "only \"Never\" is supported when podFailurePolicy is specified";
            faults.invalid(at, "OnFailure", detail);
        }
        "OnFailure" | "Never" => {}
        other => faults.unsupported(at, other, &["OnFailure", "Never"]),
    }
}

/// `example.com/controller`
fn managed_by(manager: &str, path: Path<'_>, faults: &mut Faults) {
    match manager.split_once('/') {
        _ if manager.is_empty() => faults.required(path, ""),
        Some((domain, rest)) if !domain.is_empty() && !rest.is_empty() => {
            faults.invalid_each(path, domain, names::dns_subdomain(domain));
        }
        _ => {
            faults.invalid(path, manager, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }
    if manager.len() > LONGEST_MANAGER {
        faults.too_long(path, LONGEST_MANAGER);
    }
}

fn completion_mode(spec: &batch::JobSpec, path: Path<'_>, faults: &mut Faults) {
    match spec.completion_mode.as_deref() {
        Some("Indexed") => indexed(spec, path, faults),
        Some("NonIndexed") | None => {
            let limits = [
                ("backoffLimitPerIndex", spec.backoff_limit_per_index),
                ("maxFailedIndexes", spec.max_failed_indexes),
            ];
            for (field, limit) in limits.into_iter().filter_map(|(field, limit)| Some((field, limit?))) {
                faults.invalid(path.child(field), limit, "requires indexed completion mode");
            }
        }
        Some(other) => {
            faults.unsupported(path.child("completionMode"), other, &["NonIndexed", "Indexed"]);
        }
    }
}

fn indexed(spec: &batch::JobSpec, path: Path<'_>, faults: &mut Faults) {
    let (side_by_side, failed) = (path.child("parallelism"), path.child("maxFailedIndexes"));
    if spec.completions.is_none() {
        faults.required(path.child("completions"), "when completion mode is Indexed");
    }
    if let Some(count) = spec.parallelism.filter(|count| *count > INDEXED_LIMIT) {
        let detail = format!("must be less than or equal to {INDEXED_LIMIT} when completion mode is Indexed");
        faults.invalid(side_by_side, count, detail);
    }
    if let (Some(completions), Some(most)) = (spec.completions, spec.max_failed_indexes)
        && most > completions
    {
        faults.invalid(failed, most, "must be less than or equal to completions");
    }
    if let Some(most) = spec.max_failed_indexes.filter(|most| *most > INDEXED_LIMIT) {
        faults.invalid(failed, most, format!("must be less than or equal to {INDEXED_LIMIT}"));
    }
    let has_many = spec.completions.is_some_and(|completions| completions > INDEXED_LIMIT);
    if !has_many || spec.backoff_limit_per_index.is_none() {
        return;
    }
    if spec.max_failed_indexes.is_none() {
        faults.required(failed, format!("must be specified when completions is above {INDEXED_LIMIT}"));
    }
    for (path, count) in [(side_by_side, spec.parallelism), (failed, spec.max_failed_indexes)] {
        if let Some(count) = count.filter(|count| *count > INDEXED_LIMIT_WITH_RETRIES) {
            let detail = format!(
                "must be less than or equal to {INDEXED_LIMIT_WITH_RETRIES} when completions are above \
                 {INDEXED_LIMIT} and used with backoff limit per index"
            );
            faults.invalid(path, count, detail);
        }
    }
}

/// Which failures end a Job, which are passed over, and which count.
fn failure_policy(
    policy: &batch::PodFailurePolicy,
    spec: &batch::JobSpec,
    path: Path<'_>,
    faults: &mut Faults,
) {
    let list = path.child("rules");
    if policy.rules.len() > RULES {
        faults.too_many(list, policy.rules.len(), RULES);
    }
    let pod = spec.template.spec.as_ref();
    let containers = pod.map(|pod| pod.containers.iter().chain(pod.init_containers.iter().flatten()));
    let names: Vec<&str> =
        containers.into_iter().flatten().map(|container| container.name.as_str()).collect();
    for (index, rule) in policy.rules.iter().enumerate() {
        let path = list.index(index);
        let actions = ["Count", "FailIndex", "FailJob", "Ignore"];
        let action = path.child("action");
        match rule.action.as_str() {
            "" => faults.required(action, format!("valid values: {actions:?}").replace(", ", " ")),
            "FailIndex" if spec.backoff_limit_per_index.is_none() => {
                faults.invalid(action, "FailIndex", "requires the backoffLimitPerIndex to be set");
            }
            known if actions.contains(&known) => {}
            other => faults.unsupported(action, other, &actions),
        }
        if let Some(codes) = &rule.on_exit_codes {
            exit_codes(codes, &names, path.child("onExitCodes"), faults);
        }
        let conditions = rule.on_pod_conditions.as_deref().unwrap_or_default();
        on_conditions(conditions, path.child("onPodConditions"), faults);
        match (rule.on_exit_codes.is_some(), !conditions.is_empty()) {
            (true, true) => {
                let detail = "specifying both OnExitCodes and OnPodConditions is not supported";
                faults.invalid(path, Shown::verbatim(""), detail);
            }
            (false, false) => {
                let detail = "specifying one of OnExitCodes and OnPodConditions is required";
                faults.invalid(path, Shown::verbatim(""), detail);
            }
            (true, false) | (false, true) => {}
        }
    }
}

fn exit_codes(
    codes: &batch::PodFailurePolicyOnExitCodesRequirement,
    containers: &[&str],
    path: Path<'_>,
    faults: &mut Faults,
) {
    let operator = path.child("operator");
    match codes.operator.as_str() {
        "" => faults.required(operator, "valid values: [\"In\" \"NotIn\"]"),
        "In" | "NotIn" => {}
        other => faults.unsupported(operator, other, &["In", "NotIn"]),
    }
    if let Some(name) = codes.container_name.as_deref().filter(|name| !containers.contains(name)) {
        let detail = "must be one of the container or initContainer names in the pod template";
        faults.invalid(path.child("containerName"), name, detail);
    }
    let list = path.child("values");
    if codes.values.is_empty() {
        faults.invalid(list, Shown::json(&codes.values), "at least one value is required");
    } else if codes.values.len() > EXIT_CODES {
        faults.too_many(list, codes.values.len(), EXIT_CODES);
    }
    for (index, code) in codes.values.iter().enumerate() {
        if codes.operator == "In" && *code == 0 {
            faults.invalid(list.index(index), *code, "must not be 0 for the In operator");
        }
        if codes.values[..index].contains(code) {
            faults.duplicate(list.index(index), *code);
        }
    }
    if !codes.values.is_sorted() {
        faults.invalid(list, Shown::json(&codes.values), "must be ordered");
    }
}

fn on_conditions(
    patterns: &[batch::PodFailurePolicyOnPodConditionsPattern],
    list: Path<'_>,
    faults: &mut Faults,
) {
    if patterns.len() > RULES {
        faults.too_many(list, patterns.len(), RULES);
    }
    for (index, pattern) in patterns.iter().enumerate() {
        let path = list.index(index);
        faults.invalid_each(path.child("type"), &pattern.type_, names::qualified_name(&pattern.type_));
        let statuses = ["False", "True", "Unknown"];
        let status = pattern.status.as_deref().unwrap_or_default();
        if !statuses.contains(&status) {
            faults.unsupported(path.child("status"), status, &statuses);
        }
    }
}

/// Which indexes are enough.
fn success_policy(policy: &batch::SuccessPolicy, completions: i32, path: Path<'_>, faults: &mut Faults) {
    let list = path.child("rules");
    if policy.rules.is_empty() {
        faults.required(list, "at least one rules must be specified when the successPolicy is specified");
    }
    if policy.rules.len() > RULES {
        faults.too_many(list, policy.rules.len(), RULES);
    }
    for (index, rule) in policy.rules.iter().enumerate() {
        let path = list.index(index);
        let mut total = None;
        if rule.succeeded_count.is_none() && rule.succeeded_indexes.is_none() {
            faults.required(path, "at least one of succeededCount or succeededIndexes must be specified");
        }
        if let Some(indexes) = rule.succeeded_indexes.as_deref() {
            let path = path.child("succeededIndexes");
            if indexes.len() > INDEXES_SIZE {
                faults.too_long(path, INDEXES_SIZE);
            }
            match count_indexes(indexes, completions) {
                Ok(count) => total = Some(count),
                Err(problem) => {
                    total = Some(0);
                    faults.invalid(path, indexes, format!("error parsing succeededIndexes: {problem}"));
                }
            }
        }
        let Some(count) = rule.succeeded_count else { continue };
        let path = path.child("succeededCount");
        faults.negative(path, Some(count));
        if count > completions {
            let detail =
                format!("must be less than or equal to {completions} (the number of specified completions)");
            faults.invalid(path, count, detail);
        }
        if let Some(total) = total.filter(|total| count > *total) {
            let detail = format!(
                "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
            );
            faults.invalid(path, count, detail);
        }
    }
}

/// How many indexes `0,2-4` stands for.
fn count_indexes(text: &str, completions: i32) -> Result<i32, String> {
    let mut last = None;
    let mut total = 0;
    for interval in text.split(',').filter(|_| !text.is_empty()) {
        let limits: Vec<&str> = interval.split('-').collect();
        if limits.len() > 2 {
            return Err(format!(
                "the fragment {interval:?} violates the requirement that an index interval can have at most two parts \
                 separated by '-'"
            ));
        }
        let number = |limit: &&str| {
            let number: i32 = limit
                .parse()
                .map_err(|_| format!("cannot convert string to integer for index: {limit:?}"))?;
            if number >= completions { Err(format!("too large index: {limit:?}")) } else { Ok(number) }
        };
        let numbers = limits.iter().map(number).collect::<Result<Vec<i32>, String>>()?;
        let (first, end) = (numbers[0], numbers[numbers.len() - 1]);
        if numbers.len() == 2 && first >= end {
            return Err(format!("non-increasing order, previous: {first}, current: {end}"));
        }
        if let Some(last) = last.filter(|last| *last >= first) {
            return Err(format!("non-increasing order, previous: {last}, current: {first}"));
        }
        total += end - first + 1;
        last = Some(end);
    }
    Ok(total)
}

/// When a failed or ending pod is replaced.
fn replacement_policy(spec: &batch::JobSpec, path: Path<'_>, faults: &mut Faults) {
    let Some(policy) = spec.pod_replacement_policy.as_deref() else { return };
    let supported: &[&str] =
        if spec.pod_failure_policy.is_some() { &["Failed"] } else { &["Failed", "TerminatingOrFailed"] };
    if !supported.contains(&policy) {
        faults.unsupported(path, policy, supported);
    }
}

fn own_labels(spec: &batch::JobSpec, faults: &mut Faults) {
    let none = Labels::new();
    let labels = spec.template.metadata.as_ref().and_then(|meta| meta.labels.as_ref());
    let path = SPEC.child("selector");
    let matches = match &spec.selector {
        None => {
            faults.required(path, "");
            false
        }
        Some(selector) => {
            selector::label_selector(selector, path, faults);
            !selector::is_usable(selector) || Selector::from_api(selector).matches(labels.unwrap_or(&none))
        }
    };
    if !matches {
        unselected(labels, SPEC.child("template"), faults);
    }
}

/// What a Job is made of stays as it was; a suspended one that never started may be placed otherwise.
fn unchanged(spec: &batch::JobSpec, before: &batch::JobSpec, faults: &mut Faults) {
    const IMMUTABLE: &str = "field is immutable";
    let completions = SPEC.child("completions");
    if spec.completions != before.completions {
        match (spec.completion_mode.as_deref(), spec.completions) {
            (Some("Indexed"), Some(count)) if Some(count) != spec.parallelism => {
                let detail = "can only be modified in tandem with spec.parallelism";
                faults.invalid(completions, count, detail);
            }
            // That there has to be a number is said already.
            (Some("Indexed"), _) => {}
            (_, count) => faults.invalid(completions, Shown::json(&count), IMMUTABLE),
        }
    }
    if spec.selector != before.selector {
        faults.invalid(SPEC.child("selector"), Shown::json(&spec.selector), IMMUTABLE);
    }
    if !may_become(&before.template, &spec.template, before.suspend == Some(true)) {
        let shown = Shown::verbatim(go_value::compact("v1.PodTemplateSpec", &spec.template));
        faults.invalid(SPEC.child("template"), shown, IMMUTABLE);
    }
    let mut same = |field: &'static str, is_same: bool, shown: String| {
        if !is_same {
            faults.invalid(SPEC.child(field), Shown::verbatim(shown), IMMUTABLE);
        }
    };
    let json = |value: Value| value.to_string();
    same(
        "completionMode",
        spec.completion_mode == before.completion_mode,
        json(spec.completion_mode.clone().into()),
    );
    same(
        "podFailurePolicy",
        spec.pod_failure_policy == before.pod_failure_policy,
        go_value::compact("*v1.PodFailurePolicy", &spec.pod_failure_policy),
    );
    same(
        "backoffLimitPerIndex",
        spec.backoff_limit_per_index == before.backoff_limit_per_index,
        json(spec.backoff_limit_per_index.into()),
    );
    same("managedBy", spec.managed_by == before.managed_by, json(spec.managed_by.clone().into()));
    same(
        "successPolicy",
        spec.success_policy == before.success_policy,
        go_value::compact("*v1.SuccessPolicy", &spec.success_policy),
    );
}

/// Whether a template may take another's place. While its Job is suspended, where its pods run may be said anew.
fn may_become(before: &core::PodTemplateSpec, after: &core::PodTemplateSpec, is_suspended: bool) -> bool {
    if before == after || !is_suspended {
        return before == after;
    }
    let mut allowed = before.clone();
    let (meta, new_meta) =
        (allowed.metadata.get_or_insert_default(), after.metadata.clone().unwrap_or_default());
    meta.labels = new_meta.labels;
    meta.annotations = new_meta.annotations;
    if let (Some(old), Some(new)) = (&mut allowed.spec, &after.spec) {
        old.node_selector.clone_from(&new.node_selector);
        old.tolerations.clone_from(&new.tolerations);
        old.scheduling_gates.clone_from(&new.scheduling_gates);
        let nodes = new.affinity.as_ref().and_then(|affinity| affinity.node_affinity.clone());
        let affinity = old.affinity.get_or_insert_default();
        affinity.node_affinity = nodes;
        if *affinity == core::Affinity::default() && new.affinity.is_none() {
            old.affinity = None;
        }
        // In-place resizing of suspended Jobs: what containers ask for may be said anew, too.
        for (old, new) in old.containers.iter_mut().zip(&new.containers) {
            old.resources.clone_from(&new.resources);
        }
    }
    allowed.metadata.get_or_insert_default();
    let mut wanted = after.clone();
    wanted.metadata.get_or_insert_default();
    allowed == wanted
}
