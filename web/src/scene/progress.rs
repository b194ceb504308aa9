//! How far the Deployments are: what a span of the timeline is named after, and what availability is measured by.

use kubestep_core::api::{Deployment, ReplicaSet};
use kubestep_core::apiserver::Store;

/// How far all Deployments are at one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Σ of ready pods.
    pub available: i64,
    /// Σ of `spec.replicas`.
    pub desired: i64,
    /// Σ of the fewest pods that a rollout leaves available.
    pub floor: i64,
    /// Σ of the most pods that a rollout makes.
    pub ceiling: i64,
    /// The Deployment that is not where it should be, if there is one.
    pub stand: Option<Stand>,
}

/// Where a Deployment stands that is not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Its name, if there is more than one Deployment.
    pub name: Option<String>,
    /// What it is doing.
    pub doing: Doing,
    /// Ready pods of its newest ReplicaSet; of a large Deployment the quarters of all that are complete, 0 to 4.
    pub updated: i64,
    /// How many it wants.
    pub wanted: i64,
}

/// What an unsettled Deployment is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Its first ReplicaSet gets its pods.
    Starting,
    /// Pods of a new ReplicaSet replace those of older ones.
    RollingOut,
    /// Everything wanted is ready; pods that nobody wants any more are leaving.
    Draining,
    /// More pods exist than are wanted.
    ScalingDown,
}

/// Up to so many pods each has a span of its own; of more, each quarter has.
const FEW: i64 = 12;

impl Progress {
    /// Whether a span goes on from one step to another: the same wait.
    pub fn same_span(&self, other: &Progress) -> bool {
        self.stand == other.stand
    }

    /// How far things are: `Rolling out 2/4`. Nothing while everything is settled.
    pub fn label(&self) -> Option<String> {
        let stand = self.stand.as_ref()?;
        let name = stand.name.as_deref().map(|name| format!("{name}: ")).unwrap_or_default();
        let far = stand.far();
        Some(match stand.doing {
            Doing::Starting => format!("{name}Starting {far}"),
            Doing::RollingOut => format!("{name}Rolling out {far}"),
            Doing::Draining => format!("{name}Draining"),
            Doing::ScalingDown => format!("{name}Scaling down"),
        })
    }

    /// What is waited for; `pod` is the one whose readiness ended the wait, where that is known.
    pub fn waits_for(&self, pod: Option<&str>) -> String {
        match (self.stand.as_ref().map(|stand| stand.doing), pod) {
            (None, _) => String::new(),
            (Some(Doing::Draining | Doing::ScalingDown), _) => "old pods are leaving".to_owned(),
            (Some(_), _) if self.stand.as_ref().is_some_and(|stand| stand.wanted > FEW) => {
                "more pods must become ready".to_owned()
            }
            (Some(_), Some(pod)) => format!("{pod} must become ready"),
            (Some(_), None) => "one more pod must become ready".to_owned(),
        }
    }
}

impl Stand {
    /// How far it is: `2/4` while the second of four pods is awaited, `25-50%` of many.
    fn far(&self) -> String {
        if self.wanted <= FEW {
            return format!("{}/{}", (self.updated + 1).min(self.wanted), self.wanted);
        }
        let quarter = self.updated.min(3);
        format!("{}-{}%", 25 * quarter, 25 * (quarter + 1))
    }
}

/// How far the Deployments of a store are. Whether one rolls out or starts for the first time is read from the step before.
pub fn progress(store: &Store, before: Option<&Progress>) -> Progress {
    let mut progress = Progress::default();
    let several = store.count::<Deployment>() > 1;
    for deployment in store.list::<Deployment>() {
        let replicas = i64::from(deployment.replicas());
        progress.desired += replicas;
        progress.floor += replicas - i64::from(deployment.max_unavailable());
        progress.ceiling += replicas + i64::from(deployment.max_surge());
        let sets: Vec<_> = store.replica_sets_of(deployment.uid).collect();
        let counts = |set: &ReplicaSet| {
            let pods = store.owned_pods(set.uid);
            pods.map_or((0, 0, 0), |pods| {
                (i64::from(pods.active), i64::from(pods.ready), i64::from(pods.terminating))
            })
        };
        let newest = sets.iter().max_by_key(|set| set.revision());
        let (active, updated, _) = newest.map_or((0, 0, 0), |set| counts(set));
        let all = sets
            .iter()
            .map(|set| counts(set))
            .fold((0, 0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1, sum.2 + each.2));
        progress.available += all.1;
        if progress.stand.is_some() {
            continue;
        }
        let old = all.0 - active;
        let doing = if updated < replicas || old > 0 {
            let goes_on = before
                .and_then(|before| before.stand.as_ref())
                .is_some_and(|stand| stand.doing == Doing::RollingOut);
            // Once the last old pod is marked, the same rollout still waits for its last new one.
            if old > 0 || (goes_on && sets.len() > 1) { Doing::RollingOut } else { Doing::Starting }
        } else if active > replicas {
            Doing::ScalingDown
        } else if all.2 > 0 {
            Doing::Draining
        } else {
            continue;
        };
        let name = several.then(|| deployment.name().to_owned());
        let updated = updated.min(replicas);
        let updated = if replicas <= FEW { updated } else { 4 * updated / replicas };
        progress.stand = Some(Stand { name, doing, updated, wanted: replicas });
    }
    progress
}
