//! The annotations through which a Deployment and its ReplicaSets remember revisions and sizes.
//! Upstream: `pkg/controller/deployment/util/deployment_util.go`.

use std::rc::Rc;

use crate::api::{Deployment, Labels, ReplicaSet};

/// The revision of a ReplicaSet; a Deployment carries that of its new one.
pub const REVISION: &str = "deployment.kubernetes.io/revision";
/// The revisions a ReplicaSet had before it was rolled back to, separated by commas.
pub const REVISION_HISTORY: &str = "deployment.kubernetes.io/revision-history";
/// `spec.replicas` of the Deployment when it last sized the ReplicaSet.
pub const DESIRED_REPLICAS: &str = "deployment.kubernetes.io/desired-replicas";
/// `spec.replicas` + maxSurge of the Deployment when it last sized the ReplicaSet.
pub const MAX_REPLICAS: &str = "deployment.kubernetes.io/max-replicas";
/// Asks the controller for a rollback to this revision; 0 means the previous one.
pub const ROLLBACK_TO: &str = "deprecated.deployment.rollback.to";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The longest revision history that is kept, in characters.
const HISTORY_LIMIT: usize = 2000;

/// An annotation's value as a number; absent or malformed ones have none.
pub(super) fn number(set: &ReplicaSet, name: &str) -> Option<i32> {
    set.annotation(name)?.parse().ok()
}

/// Whether an annotation belongs to one object alone and does not travel between a Deployment and its sets.
pub(crate) fn stays(name: &str) -> bool {
    matches!(name, LAST_APPLIED | REVISION | REVISION_HISTORY | DESIRED_REPLICAS | MAX_REPLICAS | ROLLBACK_TO)
}

/// The annotations that the new ReplicaSet should have, if they differ from those it has: the Deployment's, and
/// `revision` where its own is lower. Annotations are added, never removed.
/// Upstream: `SetNewReplicaSetAnnotations`.
pub(super) fn for_new_set(deployment: &Deployment, present: &Rc<Labels>, revision: i64) -> Option<Labels> {
    let missing = |(name, value): &(&String, &String)| !stays(name) && present.get(*name) != Some(*value);
    let mut wanted: Option<Labels> = None;
    for (name, value) in deployment.meta.annotations.iter().filter(missing) {
        wanted.get_or_insert_with(|| (**present).clone()).insert(name.clone(), value.clone());
    }
    let known = present.get(REVISION);
    let known_number = match known.map(String::as_str) {
        None | Some("") => 0,
        // A revision that is no number is somebody else's: nothing is written at all.
        Some(text) => text.parse().ok()?,
    };
    if known_number >= revision {
        return wanted;
    }
    let mut wanted = wanted.unwrap_or_else(|| (**present).clone());
    wanted.insert(REVISION.to_owned(), revision.to_string());
    if let Some(known) = known
        && let Some(history) = longer_history(present.get(REVISION_HISTORY), known)
    {
        wanted.insert(REVISION_HISTORY.to_owned(), history);
    }
    Some(wanted)
}

/// `annotations` with the sizes that go with a ReplicaSet sized by `deployment`; whether they changed.
/// Upstream: `SetReplicasAnnotations`.
pub(super) fn set_sizes(annotations: &mut Rc<Labels>, deployment: &Deployment) -> bool {
    let desired = deployment.replicas().to_string();
    let max = (deployment.replicas() + deployment.max_surge()).to_string();
    if annotations.get(DESIRED_REPLICAS) == Some(&desired) && annotations.get(MAX_REPLICAS) == Some(&max) {
        return false;
    }
    let annotations = Rc::make_mut(annotations);
    annotations.insert(DESIRED_REPLICAS.to_owned(), desired);
    annotations.insert(MAX_REPLICAS.to_owned(), max);
    true
}

/// The history with one more revision, the oldest dropped while it is too long. `None`: not even the revision
/// alone would fit, so the history stays as it is.
fn longer_history(history: Option<&String>, revision: &str) -> Option<String> {
    let history = history.map_or("", String::as_str);
    if history.is_empty() || history.starts_with(',') {
        return Some(revision.to_owned());
    }
    let mut rest = history;
    while rest.len() + revision.len() + 1 > HISTORY_LIMIT {
        let Some((_, younger)) = rest.split_once(',') else {
            // Only the entry itself is left, joined to nothing.
            return (revision.len() <= HISTORY_LIMIT).then(|| revision.to_owned());
        };
        rest = younger;
    }
    Some(format!("{rest},{revision}"))
}

#[cfg(test)]
mod tests {
    use super::{HISTORY_LIMIT, longer_history};

    #[test]
    fn a_revision_joins_its_predecessors() {
        assert_eq!(longer_history(None, "1").as_deref(), Some("1"));
        assert_eq!(longer_history(Some(&"1,3".to_owned()), "5").as_deref(), Some("1,3,5"));
    }

    #[test]
    fn the_oldest_revisions_make_room() {
        let full = vec!["99"; HISTORY_LIMIT / 3].join(",");
        let longer = longer_history(Some(&full), "100").unwrap_or_default();
        assert!(longer.len() <= HISTORY_LIMIT, "{} characters", longer.len());
        assert!(longer.ends_with("99,100"));
    }
}
