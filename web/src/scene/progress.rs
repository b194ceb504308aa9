//! How far the workloads are: what a span of the timeline is named after, and what availability is measured by.

use kubestep_core::api::{ControllerRevision, DaemonSet, Deployment, Job, Kind, Pod, StatefulSet, Uid};
use kubestep_core::apiserver::Store;
use kubestep_core::controllers::history::POD_LABEL;

/// How far all workloads are at one step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Σ of ready pods.
    pub available: i64,
    /// Σ of the pods that are wanted; those of Jobs are to end, and do not count.
    pub desired: i64,
    /// Σ of the fewest pods that a rollout leaves available.
    pub floor: i64,
    /// Σ of the most pods that a rollout makes.
    pub ceiling: i64,
    /// The workload that is not where it should be, if there is one.
    pub stand: Option<Stand>,
}

/// Where a workload stands that is not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// Its name, if there is more than one workload.
    pub name: Option<String>,
    /// What it is doing.
    pub doing: Doing,
    /// Ready pods that are as they should be, or pods that have succeeded; of many wanted the quarters of all that are complete, 0 to 4.
    pub updated: i64,
    /// How many it wants.
    pub wanted: i64,
}

/// What an unsettled workload is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// It gets its first pods.
    Starting,
    /// Pods of a new revision replace those of older ones.
    RollingOut,
    /// Everything wanted is ready; pods that nobody wants any more are leaving.
    Draining,
    /// More pods exist than are wanted.
    ScalingDown,
    /// A Job's pods do their work.
    Running,
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
            Doing::Running => format!("{name}Running {far}"),
        })
    }

    /// What is waited for; `pod` is the one whose readiness ended the wait, where that is known.
    pub fn waits_for(&self, pod: Option<&str>) -> String {
        match (self.stand.as_ref().map(|stand| stand.doing), pod) {
            (None, _) => String::new(),
            (Some(Doing::Draining | Doing::ScalingDown), _) => "old pods are leaving".to_owned(),
            (Some(Doing::Running), None) => "one more pod must succeed".to_owned(),
            (Some(Doing::Running), Some(pod)) => format!("{pod} must succeed"),
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

/// What a workload has and wants, as far as spans and availability go.
struct Wish<'a> {
    name: &'a str,
    /// Pods that are neither finished nor leaving.
    active: i64,
    /// Of these, ready.
    ready: i64,
    /// Pods that are leaving.
    leaving: i64,
    /// Ready pods that are as they should be.
    updated: i64,
    /// Active pods that are to be replaced.
    outdated: i64,
    /// How many are wanted.
    wanted: i64,
    floor: i64,
    ceiling: i64,
    /// Whether an update replaces more than one revision's pods.
    has_history: bool,
}

/// How far the workloads of a store are. Whether one rolls out or starts for the first time is read from the step before.
pub fn progress(store: &Store, before: Option<&Progress>) -> Progress {
    let mut progress = Progress::default();
    let sets = store.count::<StatefulSet>() + store.count::<DaemonSet>();
    let several = store.count::<Deployment>() + sets + store.count::<Job>() > 1;
    let named = |name: &str| several.then(|| name.to_owned());
    let wishes = store.list::<Deployment>().map(|each| of_deployment(each, store));
    let wishes = wishes.chain(store.list::<StatefulSet>().map(|each| of_stateful_set(each, store)));
    for wish in wishes.chain(store.list::<DaemonSet>().map(|each| of_daemon_set(each, store))) {
        progress.desired += wish.wanted;
        progress.available += wish.ready;
        progress.floor += wish.floor;
        progress.ceiling += wish.ceiling;
        if progress.stand.is_none()
            && let Some(doing) = doing(&wish, before)
        {
            progress.stand = Some(stand(named(wish.name), doing, wish.updated, wish.wanted));
        }
    }
    let running = store.list::<Job>().find(|job| job.finished().is_none() && !job.is_suspended());
    if let Some(job) = running.filter(|_| progress.stand.is_none()) {
        let succeeded = i64::from(job.status.succeeded.unwrap_or(0));
        let wanted = i64::from(job.completions().unwrap_or(1));
        progress.stand = Some(stand(named(job.name()), Doing::Running, succeeded, wanted));
    }
    progress
}

fn stand(name: Option<String>, doing: Doing, updated: i64, wanted: i64) -> Stand {
    let updated = updated.min(wanted);
    let updated = if wanted <= FEW { updated } else { 4 * updated / wanted };
    Stand { name, doing, updated, wanted }
}

/// What a workload is doing, unless it is settled.
fn doing(wish: &Wish<'_>, before: Option<&Progress>) -> Option<Doing> {
    if wish.updated < wish.wanted || wish.outdated > 0 {
        let goes_on = before
            .and_then(|before| before.stand.as_ref())
            .is_some_and(|stand| stand.doing == Doing::RollingOut);
        // Once the last old pod is marked, the same rollout still waits for its last new one.
        let rolls = wish.outdated > 0 || (goes_on && wish.has_history);
        return Some(if rolls { Doing::RollingOut } else { Doing::Starting });
    }
    if wish.active > wish.wanted {
        return Some(Doing::ScalingDown);
    }
    (wish.leaving > 0).then_some(Doing::Draining)
}

/// Pods of one owner: active, ready and leaving.
fn counts(store: &Store, owner: Uid) -> (i64, i64, i64) {
    store.owned_pods(owner).map_or((0, 0, 0), |pods| {
        (i64::from(pods.active), i64::from(pods.ready), i64::from(pods.terminating))
    })
}

fn of_deployment<'a>(deployment: &'a Deployment, store: &Store) -> Wish<'a> {
    let wanted = i64::from(deployment.replicas());
    let sets: Vec<_> = store.replica_sets_of(deployment.uid).collect();
    let newest = sets.iter().max_by_key(|set| set.revision());
    let (active_new, updated, _) = newest.map_or((0, 0, 0), |set| counts(store, set.uid));
    let all = sets.iter().map(|set| counts(store, set.uid));
    let (active, ready, leaving) =
        all.fold((0, 0, 0), |sum, each| (sum.0 + each.0, sum.1 + each.1, sum.2 + each.2));
    Wish {
        name: deployment.name(),
        active,
        ready,
        leaving,
        updated,
        outdated: active - active_new,
        wanted,
        floor: wanted - i64::from(deployment.max_unavailable()),
        ceiling: wanted + i64::from(deployment.max_surge()),
        has_history: sets.len() > 1,
    }
}

fn of_stateful_set<'a>(set: &'a StatefulSet, store: &Store) -> Wish<'a> {
    let (active, ready, leaving) = counts(store, set.uid);
    let latest = set.status.update_revision.as_deref();
    let partition = set.partition().unwrap_or(0);
    let is_as_wanted = |pod: &Pod| {
        let keeps_old = set.ordinal_of(pod.name()).is_some_and(|ordinal| ordinal < partition);
        !set.is_rolling_update() || keeps_old || pod.label(POD_LABEL) == latest
    };
    let (updated, outdated) = split(store, set.uid, is_as_wanted);
    let wanted = i64::from(set.replicas());
    Wish {
        name: set.name(),
        active,
        ready,
        leaving,
        updated,
        outdated,
        wanted,
        // It replaces one pod after the other, and never has more than it wants.
        floor: (wanted - 1).max(0),
        ceiling: wanted,
        has_history: latest.is_some_and(|latest| latest != set.current_revision()),
    }
}

fn of_daemon_set<'a>(set: &'a DaemonSet, store: &Store) -> Wish<'a> {
    let (active, ready, leaving) = counts(store, set.uid);
    let nodes = set.status.desired_number_scheduled;
    let revisions = store.dependents(set.uid).filter(|target| target.kind == Kind::ControllerRevision);
    let revisions = revisions.filter_map(|target| store.get::<ControllerRevision>(&target.key));
    let revisions: Vec<_> = revisions.collect();
    let latest = revisions.iter().max_by_key(|revision| revision.number());
    // The pods carry the hash at the end of the revision's name.
    let latest = latest.and_then(|revision| revision.name().rsplit('-').next());
    let is_as_wanted = |pod: &Pod| !set.is_rolling_update() || pod.label(POD_LABEL) == latest;
    let (updated, outdated) = split(store, set.uid, is_as_wanted);
    Wish {
        name: set.name(),
        active,
        ready,
        leaving,
        updated,
        outdated,
        wanted: i64::from(nodes),
        floor: i64::from(nodes - set.max_unavailable(nodes)).max(0),
        ceiling: i64::from(nodes + set.max_surge(nodes)),
        has_history: revisions.len() > 1,
    }
}

/// Ready pods that are as they should be, and active ones that are not.
fn split(store: &Store, owner: Uid, is_as_wanted: impl Fn(&Pod) -> bool) -> (i64, i64) {
    let active = store.pods_of(owner).filter(|pod| pod.is_active());
    active.fold((0, 0), |(updated, outdated), pod| match is_as_wanted(pod) {
        true => (updated + i64::from(pod.is_ready()), outdated),
        false => (updated, outdated + 1),
    })
}
