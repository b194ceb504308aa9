//! Work queues: one worker per key, woken keys coalesced, failures backed off.
//! Upstream: `k8s.io/client-go/util/workqueue`.

use std::rc::Rc;

use super::step::{Causes, CommandId};
use crate::api::{ObjectRef, Uid};
use crate::controllers::ControllerId;
use crate::time::{Duration, Time};

/// A component that looks at keys.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ComponentId {
    /// A controller.
    Controller(ControllerId),
    /// The scheduler.
    Scheduler,
    /// The kubelet of a node.
    Kubelet(Rc<str>),
    /// The kube-proxy of a node.
    Proxy(Rc<str>),
    /// A running kubectl command.
    Session(CommandId),
}

/// What a component looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkItem {
    /// An object.
    Object(ObjectRef),
    /// A pod of a kubelet, by uid: two pods may have had one name.
    Pod(Uid),
    /// Everything the component has: the scheduler's queue, a node's rules, a session.
    Whole,
}

/// A component and what it looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkKey {
    /// Who looks.
    pub component: ComponentId,
    /// At what.
    pub item: WorkItem,
}

/// The state of one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// Queued, being worked on, or waiting for a timer alone.
    pub state: WorkState,
    /// What woke it since its last look.
    pub causes: Causes,
    /// Failed looks in a row.
    pub failures: u32,
    /// When a timer will wake it, if one is set.
    pub timer: Option<Time>,
    /// The revision of its component's last write for it; see `Controller::reads_own_writes`.
    pub own_revision: u64,
}

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkState {
    /// Nobody looks, none is due.
    Idle,
    /// A look is due.
    Queued,
    /// Its worker is busy.
    Busy,
    /// Its worker is busy, and it was woken meanwhile.
    BusyAndWoken,
}

impl Default for Work {
    fn default() -> Work {
        Work { state: WorkState::Idle, causes: Causes::default(), failures: 0, timer: None, own_revision: 0 }
    }
}

impl Work {
    /// Whether nothing needs to be known of this key any more.
    pub fn is_forgettable(&self) -> bool {
        self.state == WorkState::Idle && self.failures == 0 && self.timer.is_none()
    }

    /// Whether a look is due, or will be once its worker is free.
    pub fn is_woken(&self) -> bool {
        matches!(self.state, WorkState::Queued | WorkState::BusyAndWoken)
    }

    /// How long a failed look waits: `first`, doubling, at most 1000 s.
    /// Upstream: `DefaultTypedControllerRateLimiter`.
    pub fn back_off(&self, first: Duration) -> Duration {
        let exponent = self.failures.saturating_sub(1).min(18);
        Duration::from_millis((first.as_millis() << exponent).min(1_000_000))
    }
}
