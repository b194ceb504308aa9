//! Empties a namespace that is being deleted, pods first, and then lets it go.
//! Upstream: `pkg/controller/namespace/deletion/namespaced_resources_deleter.go`.

use std::collections::BTreeSet;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::{Key, Kind, Namespace, Object, ObjectRef};
use crate::apiserver::{Change, DeleteOptions, Propagation, Reason, Store};
use crate::controllers::{Controller, garbage_collector};
use crate::engine::memory::Memory;
use crate::plan::{Outcomes, Plan, Snapshot};
use crate::time::{Duration, Time};
use crate::why::NamespaceDeletion as Why;

/// The namespace controller.
pub const CONTROLLER: Controller = Controller {
    name: "namespace",
    component: "namespace-controller",
    watches: garbage_collector::COLLECTED,
    reads_own_writes: true,
    knows_own: None,
    back_off: super::BACK_OFF,
    delay,
    wakes,
    reconcile,
};

/// How long after a change of the namespace it looks: other API servers may not have heard of it. Upstream:
/// `namespaceDeletionGracePeriod`.
const GRACE: Duration = Duration::from_seconds(5);
/// How long behind its deletions it looks whether anything is left, where nothing needs time to end.
const BEHIND: Duration = Duration::from_millis(20);
/// How long finalizers are given. Upstream: `finalizerEstimateSeconds`.
const FINALIZERS: u64 = 15;

fn delay(change: &Change) -> Duration {
    if change.object.kind == Kind::Namespace { GRACE } else { Duration::ZERO }
}

fn wakes(store: &Store, change: &Change, _memory: &mut Rc<Memory>, wakes: &mut Vec<ObjectRef>) {
    let is_terminating =
        |key: &Key| store.get::<Namespace>(key).is_some_and(|namespace| namespace.is_terminating());
    let key = match change.object.kind {
        Kind::Namespace => change.object.key.clone(),
        // Upstream lists what is left behind its own deletions; what ends later is found by its next look.
        _ if went_at_once(change) => Key::new("", change.object.key.namespace.clone()),
        _ => return,
    };
    if is_terminating(&key) {
        wakes.push(ObjectRef::new(Kind::Namespace, key));
    }
}

/// Whether an object was removed by the request to delete it: nothing had to end first.
fn went_at_once(change: &Change) -> bool {
    let (Some(before), None) = (&change.before, &change.after) else { return false };
    match before {
        Object::Pod(pod) => pod.node().is_none(),
        other => other.meta().deletion.is_none(),
    }
}

fn reconcile(snapshot: &Snapshot<'_>, target: &ObjectRef, _outcomes: &Outcomes, plan: &mut Plan) {
    let Some(namespace) = snapshot.store.get::<Namespace>(&target.key) else { return };
    if !namespace.is_terminating() {
        return;
    }
    let name = namespace.name();
    let pods = contents(snapshot.store, Kind::Pod, name);
    let left: Vec<Object> = if pods.is_empty() {
        let others = Kind::ALL.into_iter().chain(snapshot.store.inert_kinds());
        others
            .filter(|kind| kind.is_namespaced())
            .flat_map(|kind| contents(snapshot.store, kind, name))
            .collect()
    } else {
        pods
    };
    report(namespace, &left, snapshot.now, plan);
    if left.is_empty() {
        return finalize(namespace, plan);
    }
    let going = left.iter().filter(|object| object.meta().deletion.is_none());
    for object in going {
        let options =
            DeleteOptions { propagation: Some(Propagation::Background), ..DeleteOptions::default() };
        let why = Why::EmptiesNamespace { left: left.len() as u32 };
        plan.delete(object.reference(), options, why).accept(Reason::NotFound);
    }
    let waits = Why::WaitsForContents { left: left.len() as u32 };
    match time_needed(namespace, &left, snapshot.now) {
        Some(seconds) => plan.look_again_in(Duration::from_seconds(seconds / 2 + 1), waits.clone()),
        None if plan.intents.is_empty() => plan.fail(waits.clone()),
        None => plan.look_again_in(BEHIND, waits.clone()),
    }
    if plan.intents.is_empty() && plan.retry.is_none() {
        plan.nothing_to_do(waits);
    }
}

/// How many seconds what is left may take to end: the longest grace period of its pods, counted from the request, or
/// some for finalizers. `None` where nothing keeps it. Upstream: `estimateGracefulTermination`.
fn time_needed(namespace: &Namespace, left: &[Object], now: Time) -> Option<u64> {
    let running = left.iter().filter_map(|object| match object {
        Object::Pod(pod) if !pod.is_finished() => pod.spec.spec.termination_grace_period_seconds,
        _ => None,
    });
    let grace = u64::try_from(running.max().unwrap_or(0)).unwrap_or(0);
    let begun = namespace.meta.deletion.as_ref().map_or(now, |deletion| deletion.at);
    if now.since(begun) < Duration::from_seconds(grace) {
        return Some(grace);
    }
    let is_held = left.iter().any(|object| !object.meta().finalizers.is_empty());
    is_held.then_some(FINALIZERS)
}

fn contents(store: &Store, kind: Kind, namespace: &str) -> Vec<Object> {
    store.objects(kind).filter(|object| &*object.key().namespace == namespace).collect()
}

/// Nothing is left: the controller's finalizer goes, and the namespace with it.
fn finalize(namespace: &Rc<Namespace>, plan: &mut Plan) {
    let mut finalized = (**namespace).clone();
    // Its status may have been written just now: the finalizer goes whatever version this is.
    finalized.resource_version = 0;
    let finalizers = Rc::make_mut(&mut finalized.spec).finalizers.get_or_insert_default();
    finalizers.retain(|finalizer| finalizer != "kubernetes");
    plan.update(Object::Namespace(Rc::new(finalized)), Why::IsEmpty).accept(Reason::NotFound);
}

/// Says in the conditions what is left.
fn report(namespace: &Rc<Namespace>, left: &[Object], now: Time, plan: &mut Plan) {
    let held = left.iter().filter(|object| object.meta().deletion.is_some());
    let held: Vec<&Object> = held.filter(|object| !object.meta().finalizers.is_empty()).collect();
    let wanted = [
        (
            "NamespaceDeletionDiscoveryFailure",
            false,
            "ResourcesDiscovered",
            "All resources successfully discovered".to_owned(),
        ),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            false,
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed".to_owned(),
        ),
        (
            "NamespaceDeletionContentFailure",
            false,
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization".to_owned(),
        ),
        match left {
            [] => (
                "NamespaceContentRemaining",
                false,
                "ContentRemoved",
                "All content successfully removed".to_owned(),
            ),
            left => ("NamespaceContentRemaining", true, "SomeResourcesRemain", remaining(left)),
        },
        match &held[..] {
            [] => (
                "NamespaceFinalizersRemaining",
                false,
                "ContentHasNoFinalizers",
                "All content-preserving finalizers finished".to_owned(),
            ),
            held => ("NamespaceFinalizersRemaining", true, "SomeFinalizersRemain", finalizers(held)),
        },
    ];
    let known = namespace.status.conditions.as_deref().unwrap_or_default();
    let conditions = wanted.map(|(name, is_true, reason, message)| {
        let status = if is_true { "True" } else { "False" };
        let same = known.iter().find(|known| known.type_ == name && known.status == status);
        let since = same.and_then(|known| known.last_transition_time.clone());
        core::NamespaceCondition {
            type_: name.to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message),
            last_transition_time: Some(since.unwrap_or_else(|| now.to_api())),
        }
    });
    if known == conditions {
        return;
    }
    let mut reported = (**namespace).clone();
    Rc::make_mut(&mut reported.status).conditions = Some(conditions.into());
    let why = Why::ReportsContents { left: left.len() as u32 };
    plan.update_status(Object::Namespace(Rc::new(reported)), why).accept(Reason::NotFound);
}

/// `Some resources are remaining: pods. has 2 resource instances`
fn remaining(left: &[Object]) -> String {
    let inert = left.iter().map(Object::kind).filter(|kind| matches!(kind, Kind::Inert(_)));
    let inert: BTreeSet<Kind> = inert.collect();
    let kinds = Kind::ALL.into_iter().chain(inert).filter_map(|kind| {
        let count = left.iter().filter(|object| object.kind() == kind).count();
        let (plural, group) = (kind.names().plural, kind.group());
        (count > 0).then(|| format!("{plural}.{group} has {count} resource instances"))
    });
    format!("Some resources are remaining: {}", kinds.collect::<Vec<_>>().join(", "))
}

/// `Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances`
fn finalizers(held: &[&Object]) -> String {
    let mut names: Vec<&String> = held.iter().flat_map(|object| object.meta().finalizers.iter()).collect();
    names.sort();
    names.dedup();
    let told = names.into_iter().map(|name| {
        let count = held.iter().filter(|object| object.meta().finalizers.contains(name)).count();
        format!("{name} in {count} resource instances")
    });
    format!("Some content in the namespace has finalizers remaining: {}", told.collect::<Vec<_>>().join(", "))
}
