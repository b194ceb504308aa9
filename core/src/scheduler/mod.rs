//! The scheduler: one pod at a time, from its queue to a node. Upstream: `pkg/scheduler`.

pub mod queue;

use crate::plan::{Outcomes, Plan, Snapshot};
use crate::why;

/// One look: takes the first pod of the queue and binds it, or says why it cannot.
pub fn look(_snapshot: &Snapshot<'_>, _outcomes: &Outcomes, plan: &mut Plan) {
    plan.nothing_to_do(why::Scheduler::QueueEmpty);
}
