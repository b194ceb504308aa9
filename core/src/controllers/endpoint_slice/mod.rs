//! Keeps a Service's EndpointSlices in step with its pods. Upstream: `pkg/controller/endpointslice`.

pub mod memory;

use std::rc::Rc;

use crate::api::{Kind, ObjectRef};
use crate::apiserver::{Change, Store};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::Duration;
use crate::why;

/// The EndpointSlice controller.
pub const CONTROLLER: Controller = Controller {
    name: "endpointslice",
    component: "endpoint-slice-controller",
    watches: &[Kind::Service, Kind::Pod, Kind::EndpointSlice, Kind::Node],
    reads_own_writes: true,
    knows_own: Some((Kind::EndpointSlice, Duration::from_seconds(1))),
    back_off: Duration::from_seconds(1),
    wakes,
    reconcile,
};

fn wakes(_store: &Store, _change: &Change, _memory: &mut Rc<Memory>, _wakes: &mut Vec<ObjectRef>) {}

fn reconcile(_snapshot: &Snapshot<'_>, _target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    plan.nothing_to_do(why::EndpointSlice::UpToDate);
}
