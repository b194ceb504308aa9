//! Deletes Jobs some time after they finished. Upstream: `pkg/controller/ttlafterfinished`.

use std::rc::Rc;

use crate::api::{Job, Kind, ObjectRef};
use crate::apiserver::{Change, DeleteOptions, Propagation, Reason, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::Duration;
use crate::why::Job as Why;

/// The controller of `spec.ttlSecondsAfterFinished`.
pub const CONTROLLER: Controller = Controller {
    name: "ttl-after-finished",
    component: "ttl-after-finished-controller",
    watches: &[Kind::Job],
    reads_own_writes: false,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    let job = store.get::<Job>(&change.object.key);
    if job.is_some_and(|job| job.spec.ttl_seconds_after_finished.is_some() && job.finished().is_some()) {
        wakes.push(change.object.clone());
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(job) = snapshot.store.get::<Job>(&target.key).filter(|job| !job.is_terminating()) else {
        return;
    };
    let (Some(seconds), Some(finished)) = (job.spec.ttl_seconds_after_finished, job.finished_at()) else {
        return;
    };
    let expiry = finished + Duration::from_seconds(u64::try_from(seconds).unwrap_or(0));
    if expiry > snapshot.now {
        return plan.look_again_in(expiry.since(snapshot.now), Why::StaysFor { seconds });
    }
    let options = DeleteOptions {
        propagation: Some(Propagation::Foreground),
        uid: Some(job.uid),
        ..DeleteOptions::default()
    };
    plan.delete(target.clone(), options, Why::Expires { seconds }).accept(Reason::NotFound);
}
