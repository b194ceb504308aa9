//! What must hold after every step, whatever was typed.

use std::collections::BTreeMap;

use kubestep_core::api::quantity;
use kubestep_core::api::{Deployment, EndpointSlice, Kind, Object, Pod, ReplicaSet, Service};
use kubestep_core::engine::workqueue::ComponentId;
use kubestep_core::engine::{Actor, Step, What};
use kubestep_core::time::Duration;
use kubestep_core::why::{self, Why};
use kubestep_core::{World, narration};

/// Checks one step against the worlds around it. `looked` is the world after the first step of the same look: what
/// the component decided by is in its cache.
pub(crate) fn check(step: &Step, before: &World, after: &World, looked: &World) {
    one_write_is_one_step(step, before, after);
    rollouts_stay_above_the_floor(step, looked);
    containers_run_in_one_place(step, after);
    containers_run_in_a_sandbox(step, after);
    grace_is_kept(step, after);
    rules_lead_to_usable_endpoints(step, after);
    words_hold_the_numbers(step);
}

/// After everything was deleted and came to rest, nothing of it is left but the API server's own Service.
pub(crate) fn nothing_is_left(world: &World) {
    let count = |kind: Kind| {
        let objects = world.store.objects(kind).filter(|object| object.name() != "kubernetes");
        objects.map(|object| object.reference().to_string()).collect::<Vec<_>>()
    };
    for kind in [Kind::Deployment, Kind::ReplicaSet, Kind::Pod, Kind::Service, Kind::EndpointSlice] {
        assert_eq!(count(kind), Vec::<String>::new(), "dependents are left behind");
    }
}

/// Each write raises the revision by exactly one and is one step; nothing else does.
fn one_write_is_one_step(step: &Step, before: &World, after: &World) {
    let writes = step.change().is_some_and(|change| !change.is_noop());
    let raised = after.store.revision() - before.store.revision();
    assert_eq!(raised, u64::from(writes), "{}", kubestep_tests::line(step));
    if let Some(change) = step.change().filter(|_| writes) {
        assert_eq!(change.revision, after.store.revision());
    }
}

/// After the last step of a look all of whose writes were accepted: the sizes of a Deployment's ReplicaSets never sum to
/// more than its ceiling, unless they did before the look. Between two of its writes they may: shares of a new size are
/// written one after the other. `looked` is as in [`check`].
pub(crate) fn check_sync(step: &Step, before: &World, after: &World, looked: &World) {
    let Actor::Controller(id) = step.actor else { return };
    if id.name() != "deployment" {
        return;
    }
    for deployment in looked.cache(&ComponentId::Controller(id)).list::<Deployment>() {
        let sum = |world: &World| -> i32 {
            world.store.replica_sets_of(deployment.uid).map(|set| set.replicas()).sum()
        };
        let ceiling = deployment.replicas() + deployment.max_surge();
        assert!(
            sum(after) <= ceiling.max(sum(before)),
            "{} pods, ceiling {ceiling}: {}",
            sum(after),
            kubestep_tests::line(step)
        );
    }
}

/// No scale-down by a rollout takes availability, as the controller saw it, below the floor.
fn rollouts_stay_above_the_floor(step: &Step, looked: &World) {
    let Actor::Controller(id) = step.actor else { return };
    let Some(change) = step.change().filter(|change| id.name() == "deployment" && !change.is_noop()) else {
        return;
    };
    let (Some(Object::ReplicaSet(old)), Some(Object::ReplicaSet(new))) = (&change.before, &change.after)
    else {
        return;
    };
    let seen = looked.cache(&ComponentId::Controller(id));
    let owner = seen.list::<Deployment>().find(|deployment| Some(deployment.uid) == new.controller());
    let Some(deployment) = owner else { return };

    // Following a change of `spec.replicas` is no rollout: only these two are bound by the floor. Statuses trail
    // sizes, so what a ReplicaSet has available is never more than its size lets it keep.
    let available: i32 = seen.replica_sets_of(deployment.uid).map(|set| set.available_replicas()).sum();
    let scaled = seen.get::<ReplicaSet>(&old.key).map_or(0, |set| set.available_replicas());
    let lost = match &step.why {
        Why::Deployment(why::Deployment::ShrinksOld { .. }) => old.replicas() - new.replicas(),
        Why::Deployment(why::Deployment::CleansUpUnavailable { .. }) => {
            (scaled.min(old.replicas()) - new.replicas()).max(0)
        }
        _ => return,
    };
    let floor = deployment.replicas() - deployment.max_unavailable();
    assert!(
        lost == 0 || available - lost >= floor,
        "{available} available, {lost} lost, floor {floor}: {}",
        kubestep_tests::line(step)
    );
}

/// A container runs in one sandbox, on the node its pod is bound to.
fn containers_run_in_one_place(step: &Step, world: &World) {
    if !matches!(step.what, What::Machine(_)) {
        return;
    }
    let mut places: BTreeMap<String, String> = BTreeMap::new();
    for machine in world.machines.values() {
        for pod in machine.pods() {
            for container in pod.containers().filter(|container| container.is_running()) {
                let id = container.id().to_owned();
                let known = places.insert(id.clone(), format!("{}/{}", machine.name, pod.uid()));
                assert_eq!(known, None, "container {id} runs twice: {}", kubestep_tests::line(step));
            }
            let object = world.store.get::<Pod>(pod.key()).filter(|object| object.uid == pod.uid());
            let bound = object.map(|object| object.node());
            assert!(
                bound.is_none_or(|node| node == Some(&*machine.name)),
                "{} runs on {}, bound to {bound:?}",
                pod.key(),
                machine.name
            );
        }
    }
}

/// No container runs on a node without its pod's sandbox.
fn containers_run_in_a_sandbox(step: &Step, world: &World) {
    if !matches!(step.what, What::Machine(_)) {
        return;
    }
    for (machine, pod) in
        world.machines.values().flat_map(|machine| machine.pods().map(move |pod| (machine, pod)))
    {
        let runs = pod.containers().any(|container| container.is_running());
        assert!(
            !runs || pod.sandbox().is_some(),
            "{} runs on {} without a sandbox: {}",
            pod.key(),
            machine.name,
            kubestep_tests::line(step)
        );
    }
}

/// Counted from when its kubelet noticed, a pod's processes are never given more than its grace and the two seconds that an
/// over-long hook gets.
fn grace_is_kept(step: &Step, world: &World) {
    for pod in world.machines.values().flat_map(|machine| machine.pods()) {
        let Some(clock) = pod.grace() else { continue };
        let most = Duration::from_seconds(clock.grace_seconds.max(0) as u64 + 2);
        let runs = pod.containers().any(|container| container.is_running());
        assert!(
            !runs || world.now <= clock.since + most,
            "{} is given more than {most}: {}",
            pod.key(),
            kubestep_tests::line(step)
        );
    }
}

/// Rules lead to ready endpoints, or, where there are none, to those that still serve while they terminate.
fn rules_lead_to_usable_endpoints(step: &Step, world: &World) {
    let What::Machine(_) = step.what else { return };
    for machine in world.machines.values() {
        for service in world.store.list::<Service>() {
            let Some(rules) = machine.rules.service(&service.key) else { continue };
            let known: Vec<_> =
                rules.slices().flat_map(|slice: &EndpointSlice| slice.spec.endpoints.iter()).collect();
            let any_ready = known.iter().any(|endpoint| endpoint.ready);
            for endpoint in rules.usable_endpoints() {
                let fits = if any_ready { endpoint.ready } else { endpoint.serving && endpoint.terminating };
                assert!(fits, "{} sends to {:?}", machine.name, endpoint.addresses);
            }
        }
    }
}

/// The arithmetic that a step is explained with holds the numbers of its fact.
fn words_hold_the_numbers(step: &Step) {
    let detail = narration::detail(step);
    if detail.rows.is_empty() {
        return;
    }
    let rows: Vec<String> =
        detail.rows.iter().map(|row| format!("{} {} {}", row.name, row.sum, row.result)).collect();
    let words = format!("{} {}", narration::headline(step), rows.join(" "));
    let said: Vec<&str> = numbers(&words).collect();
    let fact = format!("{:?}", step.why);
    for number in numbers(&fact) {
        // Bytes may be said in a larger unit.
        let in_units = number.parse().map(quantity::binary).unwrap_or_default();
        let is_said = said.contains(&number) || words.split([' ', ',']).any(|word| word == in_units);
        assert!(is_said, "{number} of {fact} is not in: {words}");
    }
}

fn numbers(text: &str) -> impl Iterator<Item = &str> {
    let is_word =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.' | ':');
    text.split(move |character| !is_word(character))
        .filter(|word| !word.is_empty() && word.chars().all(|character| character.is_ascii_digit()))
}
