//! What may change in a pod that exists: almost nothing. Upstream: `ValidatePodUpdate` in
//! `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path, Shown};
use super::{container, go_value, pod};
use crate::api::Pod;

const SPEC: Path<'_> = Path::root("spec");
/// How many unchanged lines a difference shows around what changed.
const CONTEXT: usize = 3;
const MAY_CHANGE: &str = "pod updates may not change fields other than `spec.containers[*].image`,\
    `spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing \
    tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Checks the spec of a new version of a pod.
pub(super) fn spec(after: &Pod, before: &Pod, faults: &mut Faults) {
    let (new, old) = (complete(after), complete(before));
    if new == old {
        return;
    }
    pod::spec(&new, SPEC, faults);
    pod::pod_only(&new, faults);
    let first = |spec: &core::PodSpec| spec.init_containers.clone().unwrap_or_default();
    for (field, new, old) in
        [("containers", &new.containers, &old.containers), ("initContainers", &first(&new), &first(&old))]
    {
        if new.len() != old.len() {
            faults.forbidden(SPEC.child(field), "pod updates may not add or remove containers");
            return;
        }
        container::images(new, SPEC.child(field), faults);
    }
    if !active_deadline(&new, &old, faults) {
        return;
    }
    let munged = with_allowed_changes(&new, &old, faults);
    if munged != old {
        let difference =
            difference(&go_value::indented("v1.PodSpec", &old), &go_value::indented("v1.PodSpec", &munged));
        faults.forbidden(SPEC, format!("{MAY_CHANGE}\n{difference}"));
    }
}

/// The spec with its node.
fn complete(pod: &Pod) -> core::PodSpec {
    let node_name = pod.spec.node.as_deref().map(str::to_owned);
    core::PodSpec { node_name, ..(*pod.spec.spec).clone() }
}

/// A deadline may be set or shortened. Gives whether anything else is looked at.
fn active_deadline(new: &core::PodSpec, old: &core::PodSpec, faults: &mut Faults) -> bool {
    let path = SPEC.child("activeDeadlineSeconds");
    match (new.active_deadline_seconds, old.active_deadline_seconds) {
        (Some(new), _) if !(0..=i64::from(i32::MAX)).contains(&new) => {
            faults.invalid(path, new, "must be between 0 and 2147483647, inclusive");
            false
        }
        (Some(new), Some(old)) if new > old => {
            faults.invalid(path, new, "must be less than or equal to previous value");
            false
        }
        (None, Some(_)) => {
            let detail = "must not update from a positive integer to nil value";
            faults.invalid(path, Shown::verbatim("null"), detail);
            true
        }
        _ => true,
    }
}

/// The new spec with everything that may change set back: what still differs is forbidden.
fn with_allowed_changes(new: &core::PodSpec, old: &core::PodSpec, faults: &mut Faults) -> core::PodSpec {
    let mut munged = new.clone();
    set_images_back(Some(&mut munged.containers), Some(&old.containers));
    set_images_back(munged.init_containers.as_mut(), old.init_containers.as_ref());
    munged.active_deadline_seconds = old.active_deadline_seconds;
    let has_added_only = old.tolerations.iter().flatten().all(|known| {
        // How long a taint is tolerated may change.
        let is_same = |toleration: &core::Toleration| {
            let seconds = known.toleration_seconds;
            core::Toleration { toleration_seconds: seconds, ..toleration.clone() } == *known
        };
        new.tolerations.iter().flatten().any(is_same)
    });
    if has_added_only {
        munged.tolerations.clone_from(&old.tolerations);
    } else {
        let detail = "existing toleration can not be modified except its tolerationSeconds";
        faults.forbidden(SPEC.child("tolerations"), detail);
        munged.tolerations.clone_from(&old.tolerations);
    }
    gates(&mut munged, old, faults);
    let is_rescue = old.termination_grace_period_seconds.is_some_and(|seconds| seconds < 0)
        && new.termination_grace_period_seconds == Some(1);
    if is_rescue {
        munged.termination_grace_period_seconds = old.termination_grace_period_seconds;
    }
    if old.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty()) {
        placement_of_gated(&mut munged, old, faults);
    }
    munged
}

/// Gates may be opened, not built.
fn gates(munged: &mut core::PodSpec, old: &core::PodSpec, faults: &mut Faults) {
    let known = old.scheduling_gates.as_deref().unwrap_or_default();
    let list = SPEC.child("schedulingGates");
    for (index, gate) in munged.scheduling_gates.iter().flatten().enumerate() {
        if !known.contains(gate) {
            let detail = format!("only deletion is allowed, but found new scheduling gate '{}'", gate.name);
            faults.forbidden(list.index(index).child("name"), detail);
        }
    }
    munged.scheduling_gates.clone_from(&old.scheduling_gates);
}

/// Before a pod is scheduled, it may ask for more of its node.
fn placement_of_gated(munged: &mut core::PodSpec, old: &core::PodSpec, faults: &mut Faults) {
    let selector = |spec: &core::PodSpec| spec.node_selector.clone().unwrap_or_default();
    let (new_labels, old_labels) = (selector(munged), selector(old));
    if old_labels.iter().any(|(key, value)| new_labels.get(key) != Some(value)) {
        let detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
        faults.invalid(SPEC.child("nodeSelector"), Shown::json(&new_labels), detail);
    }
    munged.node_selector.clone_from(&old.node_selector);
    let nodes = |spec: &core::PodSpec| spec.affinity.as_ref().and_then(|it| it.node_affinity.clone());
    let terms = |spec: &core::PodSpec| {
        let required = nodes(spec).and_then(|it| it.required_during_scheduling_ignored_during_execution);
        required.map(|required| required.node_selector_terms).unwrap_or_default()
    };
    let (new_terms, old_terms) = (terms(munged), terms(old));
    let path = SPEC.child("affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
    let list = path.child("nodeSelectorTerms");
    if !old_terms.is_empty() && old_terms.len() != new_terms.len() {
        let detail = "no additions/deletions to non-empty NodeSelectorTerms list are allowed";
        faults.invalid(list, Shown::verbatim(go_value::compact("[]v1.NodeSelectorTerm", &new_terms)), detail);
    } else {
        for (index, (new, old)) in new_terms.iter().zip(&old_terms).enumerate() {
            let keeps = |new: &Option<Vec<core::NodeSelectorRequirement>>, old: &Option<Vec<_>>| {
                old.iter().flatten().all(|known| new.iter().flatten().any(|it| it == known))
            };
            let is_kept = keeps(&new.match_expressions, &old.match_expressions)
                && keeps(&new.match_fields, &old.match_fields);
            if !is_kept {
                let shown = Shown::verbatim(go_value::compact("v1.NodeSelectorTerm", new));
                faults.invalid(
                    list.index(index),
                    shown,
                    "only additions are allowed (no mutations or deletions)",
                );
            }
        }
    }
    let affinity = munged.affinity.get_or_insert_default();
    affinity.node_affinity = nodes(old);
    if *affinity == core::Affinity::default() && old.affinity.is_none() {
        munged.affinity = None;
    }
}

fn set_images_back(new: Option<&mut Vec<core::Container>>, old: Option<&Vec<core::Container>>) {
    for (new, old) in new.into_iter().flatten().zip(old.into_iter().flatten()) {
        new.image.clone_from(&old.image);
    }
}

/// The lines that differ, with a few around them, as `diff -u` prints them.
pub(super) fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let edits = edits(&old, &new);
    let changed: Vec<usize> = (0..edits.len()).filter(|place| edits[*place].0 != ' ').collect();
    let mut text = String::new();
    let mut next = 0;
    while next < changed.len() {
        let first = changed[next].saturating_sub(CONTEXT);
        // Changes whose surroundings touch are one hunk.
        while changed.get(next + 1).is_some_and(|place| place - changed[next] <= 2 * CONTEXT) {
            next += 1;
        }
        let last = (changed[next] + CONTEXT + 1).min(edits.len());
        next += 1;
        let lines =
            |range: &[(char, &str)], skipped: char| range.iter().filter(|(sign, _)| *sign != skipped).count();
        let start = |skipped: char| lines(&edits[..first], skipped) + 1;
        let length = |skipped: char| lines(&edits[first..last], skipped);
        text += &format!("@@ -{},{} +{},{} @@\n", start('+'), length('+'), start('-'), length('-'));
        for (sign, line) in &edits[first..last] {
            text += &format!("{sign}{line}\n");
        }
    }
    text
}

/// Every line with its sign: ` ` kept, `-` removed, `+` added. By the longest common subsequence.
fn edits<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<(char, &'a str)> {
    let mut common = vec![vec![0u32; new.len() + 1]; old.len() + 1];
    for (row, left) in old.iter().enumerate().rev() {
        for (column, right) in new.iter().enumerate().rev() {
            common[row][column] = if left == right {
                common[row + 1][column + 1] + 1
            } else {
                common[row + 1][column].max(common[row][column + 1])
            };
        }
    }
    let (mut row, mut column) = (0, 0);
    let mut edits = Vec::new();
    while row < old.len() || column < new.len() {
        if row < old.len() && column < new.len() && old[row] == new[column] {
            edits.push((' ', old[row]));
            (row, column) = (row + 1, column + 1);
        } else if row < old.len()
            && (column == new.len() || common[row + 1][column] >= common[row][column + 1])
        {
            edits.push(('-', old[row]));
            row += 1;
        } else {
            edits.push(('+', new[column]));
            column += 1;
        }
    }
    edits
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_difference_shows_three_lines_around_each_change() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n3\n4\nfive\nand more\n6\n7\n8\n9\n";
        assert_eq!(difference(old, new), "@@ -2,7 +2,8 @@\n 2\n 3\n 4\n-5\n+five\n+and more\n 6\n 7\n 8\n");
        assert_eq!(difference(old, old), "");
    }
}
