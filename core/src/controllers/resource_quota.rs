//! Keeps a ResourceQuota's status in step with what its namespace uses.
//! Upstream: `pkg/controller/resourcequota/resource_quota_controller.go`.
//!
//! The API server itself counts what is created ([`crate::apiserver::quota`]); this controller counts anew when
//! limits change, when something goes, and every five minutes.

use std::rc::Rc;

use k8s_openapi::api::core::v1::ResourceQuotaStatus;

use crate::api::{Kind, Object, ObjectRef, Pod, ResourceQuota};
use crate::apiserver::{Change, Store, quota};
use crate::controllers::Controller;
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::why::ResourceQuota as Why;

/// The ResourceQuota controller.
pub const CONTROLLER: Controller = Controller {
    name: "resourcequota",
    component: "resourcequota-controller",
    watches: &[
        Kind::ResourceQuota,
        Kind::Pod,
        Kind::Service,
        Kind::ReplicationController,
        Kind::ConfigMap,
        Kind::Secret,
        Kind::PersistentVolumeClaim,
        Kind::Deployment,
        Kind::ReplicaSet,
        Kind::StatefulSet,
        Kind::Job,
        Kind::CronJob,
    ],
    reads_own_writes: false,
    knows_own: None,
    delay: super::at_once,
    back_off: super::BACK_OFF,
    wakes,
    reconcile,
};

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    if let Some(Object::ResourceQuota(after)) = &change.after {
        let is_news = match &change.before {
            Some(Object::ResourceQuota(before)) => before.spec != after.spec,
            _ => true,
        };
        if is_news {
            wakes.push(change.object.clone());
        }
    }
    if gives_back(change) {
        let quotas = store.list_in::<ResourceQuota>(&change.object.key.namespace);
        wakes.extend(quotas.map(|quota| ObjectRef::new(Kind::ResourceQuota, quota.key.clone())));
    }
}

/// Whether a change may lower what is used: something went, finished, or became another type.
fn gives_back(change: &Change) -> bool {
    let is_used = |pod: &Pod| !pod.is_finished();
    match (&change.before, &change.after) {
        (Some(_), None) => true,
        (Some(Object::Pod(before)), Some(Object::Pod(after))) => is_used(before) && !is_used(after),
        (Some(Object::Service(before)), Some(Object::Service(after))) => {
            before.service_type() != after.service_type()
        }
        _ => false,
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(stored) = snapshot.store.get::<ResourceQuota>(&target.key) else { return };
    let hard = stored.spec.hard.clone().unwrap_or_default();
    let used = quota::used(snapshot.store, stored, &hard, snapshot.now);
    let status = ResourceQuotaStatus { used: Some(quota::listed(&used)), hard: Some(hard) };
    let resources = used.len() as u32;
    if *stored.status == status {
        return plan.nothing_to_do(Why::UpToDate { resources });
    }
    let why = if stored.status.hard == status.hard {
        Why::UsageChanged { resources }
    } else {
        Why::LimitsChanged { resources }
    };
    let updated = ResourceQuota { status: Rc::new(status), ..(**stored).clone() };
    plan.update_status(Object::ResourceQuota(Rc::new(updated)), why);
}
