//! The garbage collector controller. Upstream: `pkg/controller`.

use std::rc::Rc;

use crate::api::{Kind, ObjectRef};
use crate::apiserver::{Change, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::why;

/// The garbage collector controller.
pub const CONTROLLER: Controller = Controller {
    name: "garbage collector",
    component: "garbage-collector-controller",
    watches: &[Kind::Pod, Kind::ReplicaSet, Kind::Deployment, Kind::Service, Kind::EndpointSlice, Kind::Node],
    reads_own_writes: false,
    knows_own: None,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

fn wakes(_store: &Store, _change: &Change, _memory: &mut Rc<Memory>, _wakes: &mut Vec<ObjectRef>) {}

fn reconcile(_snapshot: &Snapshot<'_>, _target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    plan.nothing_to_do(why::GarbageCollector::OwnerExists);
}
