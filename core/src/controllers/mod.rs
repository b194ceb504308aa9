//! The controllers of the controller-manager: pure functions that read a cache and record wishes.
//!
//! [`ALL`] is the only list of them. Upstream: `pkg/controller`.

pub mod claim;
pub mod cron_job;
pub mod daemon_set;
pub mod deployment;
pub mod disruption;
pub mod endpoint_slice;
pub mod endpoint_slice_mirroring;
pub mod endpoints;
pub mod ephemeral_volume;
pub mod garbage_collector;
pub mod history;
pub mod horizontal_pod_autoscaler;
pub mod job;
pub mod load_balancer;
pub mod namespace;
pub mod node_lifecycle;
pub mod persistent_volume;
pub mod pod_gc;
pub mod provisioner;
pub mod replica_set;
pub mod resource_quota;
pub mod service_notes;
pub mod stateful_set;
pub mod taint_eviction;
pub mod ttl_after_finished;
pub mod volume_protection;

use std::rc::Rc;

use crate::api::{Kind, ObjectRef};
use crate::apiserver::{ApiError, Change, Reason, Store};
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::Duration;

/// The first wait after a failed look of most controllers.
/// Upstream: `client-go/util/workqueue.DefaultTypedControllerRateLimiter`.
pub const BACK_OFF: Duration = Duration::from_millis(5);

/// One controller.
pub struct Controller {
    /// As the diagram shows it: `replicaset`.
    pub name: &'static str,
    /// As its Events name it: `replicaset-controller`.
    pub component: &'static str,
    /// The kinds whose changes reach its cache.
    pub watches: &'static [Kind],
    /// Whether it waits, before it looks at a key again, until its cache has its own last writes for that key
    /// (upstream's expectations and consistency guards).
    pub reads_own_writes: bool,
    /// A kind that it writes and knows again: its own writes do not wake it, those of others do after this long.
    pub knows_own: Option<(Kind, Duration)>,
    /// How long after a change it looks: what changes in the meantime is looked at together.
    pub delay: fn(&Change) -> Duration,
    /// How long it waits after a first failed look; the wait doubles with each further one.
    pub back_off: Duration,
    /// The keys to look at after a change. The store is the cache, which has the change already. What a look will
    /// need to know of the change can be noted in memory.
    pub wakes: fn(&Store, &Change, &mut Rc<Memory>, &mut Vec<ObjectRef>),
    /// One look at one key.
    pub reconcile: fn(&Snapshot<'_>, &ObjectRef, &Outcomes, &mut Plan),
}

/// Every controller. A [`ControllerId`] is a place in this list.
pub static ALL: &[Controller] = &[
    deployment::CONTROLLER,
    replica_set::CONTROLLER,
    replica_set::REPLICATION_CONTROLLER,
    endpoints::CONTROLLER,
    stateful_set::CONTROLLER,
    resource_quota::CONTROLLER,
    daemon_set::CONTROLLER,
    disruption::CONTROLLER,
    job::CONTROLLER,
    cron_job::CONTROLLER,
    ttl_after_finished::CONTROLLER,
    node_lifecycle::CONTROLLER,
    taint_eviction::CONTROLLER,
    pod_gc::CONTROLLER,
    horizontal_pod_autoscaler::CONTROLLER,
    namespace::CONTROLLER,
    persistent_volume::CONTROLLER,
    volume_protection::CONTROLLER,
    ephemeral_volume::CONTROLLER,
    provisioner::CONTROLLER,
    endpoint_slice::CONTROLLER,
    endpoint_slice_mirroring::CONTROLLER,
    load_balancer::CONTROLLER,
    garbage_collector::CONTROLLER,
];

/// The controllers that hear of each kind, one bit each; last, those that hear of the kinds that nobody acts on: who
/// watches every other kind.
static HEARERS: [u32; Kind::ALL.len() + 1] = {
    let mut hearers = [0; Kind::ALL.len() + 1];
    let mut id = 0;
    while id < ALL.len() {
        let mut watched = 0;
        while watched < ALL[id].watches.len() {
            if let Some(place) = ALL[id].watches[watched].place() {
                hearers[place] |= 1 << id;
            }
            watched += 1;
        }
        if watched == garbage_collector::COLLECTED.len() {
            hearers[Kind::ALL.len()] |= 1 << id;
        }
        id += 1;
    }
    hearers
};

/// A controller by its place in [`ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControllerId(pub u8);

impl ControllerId {
    /// The controller itself.
    pub fn controller(self) -> &'static Controller {
        &ALL[usize::from(self.0)]
    }

    /// As the diagram shows it: `replicaset`.
    pub fn name(self) -> &'static str {
        self.controller().name
    }

    /// Whether changes of this kind reach its cache.
    pub fn hears_of(self, kind: Kind) -> bool {
        ControllerId::hearers_of(kind) & (1 << self.0) != 0
    }

    /// The controllers whose caches are reached by changes of this kind: one bit each.
    pub(crate) fn hearers_of(kind: Kind) -> u32 {
        HEARERS[kind.place().unwrap_or(Kind::ALL.len())]
    }

    /// The controllers of a set of bits.
    pub(crate) fn of_bits(bits: u32) -> impl Iterator<Item = ControllerId> {
        std::iter::successors(Some(bits), |left| Some(left & left.wrapping_sub(1)))
            .take_while(|left| *left != 0)
            .map(|left| ControllerId(left.trailing_zeros() as u8))
    }

    /// Every controller's id.
    pub fn all() -> impl Iterator<Item = ControllerId> {
        (0..ALL.len()).map(|place| ControllerId(place as u8))
    }
}

/// Most controllers look at every change as soon as they hear of it.
pub fn at_once(_: &Change) -> Duration {
    Duration::ZERO
}

/// Whether a refusal means that the namespace is going away: nothing needs to be retried then.
/// Upstream: `errors.HasStatusCause(err, v1.NamespaceTerminatingCause)`.
pub(crate) fn namespace_is_terminating(error: &ApiError) -> bool {
    error.reason == Reason::Forbidden && error.message.ends_with("because it is being terminated")
}
