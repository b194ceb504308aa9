//! Which pods of a node a drain takes, and what it says of them. Upstream: `k8s.io/kubectl/pkg/drain/filters.go`.

use crate::api::{Key, Kind, Pod};

/// What a person has allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allows {
    /// Pods without a controller go, too (`--force`).
    pub(super) forced: bool,
    /// Those of DaemonSets stay (`--ignore-daemonsets`).
    pub(super) daemon_sets: bool,
    /// What is in `emptyDir` volumes may be lost (`--delete-emptydir-data`).
    pub(super) local_storage: bool,
}

/// Marks the API's picture of a static pod.
const MIRROR_ANNOTATION: &str = "kubernetes.io/config.mirror";

impl Allows {
    /// Whether a pod goes: kubectl's filters, in their order. The first that keeps it decides.
    pub(super) fn judge(&self, pod: &Pod) -> Verdict {
        let owner = pod.meta.controller();
        let is_finished = pod.is_finished();
        if owner.is_some_and(|owner| &*owner.kind == Kind::DaemonSet.name()) && !is_finished {
            return if self.daemon_sets {
                Verdict::stays(Some("ignoring DaemonSet-managed Pods"))
            } else {
                Verdict::refused("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
            };
        }
        if pod.annotation(MIRROR_ANNOTATION).is_some() {
            return Verdict::stays(None);
        }
        let volumes = pod.spec.spec.volumes.iter().flatten();
        let has_local_storage = volumes.filter(|volume| volume.empty_dir.is_some()).count() > 0;
        if has_local_storage && !is_finished && !self.local_storage {
            return Verdict::refused("Pods with local storage (use --delete-emptydir-data to override)");
        }
        if owner.is_none() && !is_finished {
            return if self.forced {
                Verdict::goes(Some("deleting Pods that declare no controller"))
            } else {
                Verdict::refused("Pods that declare no controller (use --force to override)")
            };
        }
        Verdict::goes((has_local_storage && !is_finished).then_some("deleting Pods with local storage"))
    }
}

/// Pods by what is said of them, in the order in which it was said first.
#[derive(Default)]
pub(super) struct Grouped(pub(super) Vec<(&'static str, Vec<String>)>);

impl Grouped {
    pub(super) fn add(&mut self, text: &'static str, pod: &Key) {
        let place = self.0.iter().position(|(known, _)| *known == text).unwrap_or(self.0.len());
        if place == self.0.len() {
            self.0.push((text, Vec::new()));
        }
        self.0[place].1.push(pod.to_string());
    }

    /// `deleting Pods that declare no controller: default/a, default/b`
    pub(super) fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(text, pods)| format!("{text}: {}", pods.join(", ")))
    }
}

/// What kubectl's filters say of a pod.
pub(super) struct Verdict {
    pub(super) goes: bool,
    pub(super) warning: Option<&'static str>,
    pub(super) fault: Option<&'static str>,
}

impl Verdict {
    fn goes(warning: Option<&'static str>) -> Verdict {
        Verdict { goes: true, warning, fault: None }
    }

    fn stays(warning: Option<&'static str>) -> Verdict {
        Verdict { goes: false, warning, fault: None }
    }

    fn refused(fault: &'static str) -> Verdict {
        Verdict { goes: false, warning: None, fault: Some(fault) }
    }
}
