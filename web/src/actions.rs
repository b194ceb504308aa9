//! What a person can do to a picked object, as lines that can as well be typed.

use kubestep_core::World;
use kubestep_core::api::{
    CronJob, DaemonSet, Deployment, Job, Key, Kind, Node, ObjectRef, Pod, ReplicaSet, StatefulSet,
};

/// One thing that can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What the button says.
    pub label: String,
    /// The line that does it.
    pub line: String,
}

/// What can be done to `object` in this world; nothing if it is gone.
pub fn actions(world: &World, object: &ObjectRef) -> Vec<Action> {
    let key = &object.key;
    match object.kind {
        Kind::Node => world.store.get::<Node>(key).map_or_else(Vec::new, |node| on_node(world, node)),
        Kind::Pod => world.store.get::<Pod>(key).map_or_else(Vec::new, |pod| on_pod(pod)),
        _ if world.store.object(object).is_none() => Vec::new(),
        _ => on_workload(world, object),
    }
}

fn on_node(world: &World, node: &Node) -> Vec<Action> {
    let name = node.name();
    let is_cordoned = node.spec.unschedulable == Some(true);
    let is_silent = world.memory.nodes.silent_since(name).is_some();
    vec![
        match is_cordoned {
            true => action("Uncordon", format!("kubectl uncordon {name}")),
            false => action("Cordon", format!("kubectl cordon {name}")),
        },
        action("Drain", format!("kubectl drain {name} --ignore-daemonsets --delete-emptydir-data --force")),
        match is_silent {
            true => action("Reconnect", format!("sim reconnect {name}")),
            false => action("Cut off", format!("sim cut-off {name}")),
        },
        action("Delete", format!("kubectl delete node {name}")),
    ]
}

fn on_pod(pod: &Pod) -> Vec<Action> {
    let place = in_namespace(&pod.key);
    let name = &pod.key.name;
    let mut actions = vec![
        action("Delete", format!("kubectl delete pod {name}{place}")),
        action("Delete by force", format!("kubectl delete pod {name}{place} --force --grace-period=0")),
    ];
    if pod.phase() == "Running" {
        actions.push(match pod.is_ready() {
            true => action("Make unready", format!("sim unready {}", pod.key)),
            false => action("Make ready", format!("sim ready {}", pod.key)),
        });
        actions.push(action("Kill its processes", format!("sim exit {} 137", pod.key)));
    }
    actions
}

fn on_workload(world: &World, object: &ObjectRef) -> Vec<Action> {
    let key = &object.key;
    let place = in_namespace(key);
    let kind = object.kind.name().to_lowercase();
    let target = format!("{kind}/{}{place}", key.name);
    let scale = |replicas: i32| {
        let to = |replicas: i32| {
            action(&format!("Scale to {replicas}"), format!("kubectl scale {target} --replicas={replicas}"))
        };
        let mut actions = vec![to(replicas + 1)];
        if replicas > 0 {
            actions.push(to(replicas - 1));
        }
        actions
    };
    let restart = || action("Restart", format!("kubectl rollout restart {target}"));
    let undo = || action("Undo", format!("kubectl rollout undo {target}"));
    let mut actions = match object.kind {
        Kind::Deployment => {
            let Some(it) = world.store.get::<Deployment>(key) else { return Vec::new() };
            let mut actions = scale(it.spec.replicas.unwrap_or(1));
            actions.extend([restart(), undo()]);
            actions.push(match it.spec.paused {
                Some(true) => action("Resume", format!("kubectl rollout resume {target}")),
                _ => action("Pause", format!("kubectl rollout pause {target}")),
            });
            actions
        }
        Kind::StatefulSet => {
            let Some(it) = world.store.get::<StatefulSet>(key) else { return Vec::new() };
            let mut actions = scale(it.spec.replicas.unwrap_or(1));
            actions.extend([restart(), undo()]);
            actions
        }
        Kind::ReplicaSet => world
            .store
            .get::<ReplicaSet>(key)
            .map_or_else(Vec::new, |it| scale(it.spec.replicas.unwrap_or(1))),
        Kind::DaemonSet if world.store.get::<DaemonSet>(key).is_some() => vec![restart(), undo()],
        Kind::CronJob if world.store.get::<CronJob>(key).is_some() => {
            vec![action("Run now", format!("kubectl create job {}-by-hand --from={target}", key.name))]
        }
        Kind::Job if world.store.get::<Job>(key).is_some() => Vec::new(),
        _ => Vec::new(),
    };
    if object.kind != Kind::Event {
        actions.push(action("Delete", format!("kubectl delete {target}")));
    }
    actions
}

fn action(label: &str, line: String) -> Action {
    Action { label: label.to_owned(), line }
}

fn in_namespace(key: &Key) -> String {
    match &*key.namespace {
        "" | "default" => String::new(),
        other => format!(" -n {other}"),
    }
}

#[cfg(test)]
mod tests {
    use kubestep_core::engine::{Budget, Until};
    use kubestep_core::{Command, Timeline, kubectl, simulation};

    use super::*;

    fn world() -> Timeline {
        let setup = simulation::read(include_str!("../../static/first-visit.yaml"));
        let mut timeline = Timeline::new(setup.simulation, setup.nodes);
        timeline.submit(Command::Kubectl(kubectl::Invocation::apply(setup.documents).into()));
        timeline.advance(Until::Quiet, Budget { steps: 10_000 });
        timeline
    }

    #[test]
    fn everything_that_is_offered_is_understood_and_accepted() {
        let timeline = world();
        let objects: Vec<ObjectRef> =
            [Kind::Node, Kind::Pod, Kind::Deployment, Kind::ReplicaSet, Kind::Service]
                .into_iter()
                .filter_map(|kind| {
                    timeline.head().store.objects(kind).next().map(|object| object.reference())
                })
                .collect();
        assert_eq!(objects.len(), 5);
        for object in objects {
            let offered = actions(timeline.head(), &object);
            assert!(!offered.is_empty(), "{object}");
            for Action { label, line } in offered {
                let command =
                    Command::parse(&line, &|_| None).unwrap_or_else(|error| panic!("{line}: {error}"));
                let mut timeline = timeline.clone();
                let id = timeline.submit(command);
                timeline.advance(Until::Command(id), Budget { steps: 10_000 });
                let exit = timeline.head().sessions.get(&id).map_or(Some(0), |session| session.exit);
                // There is no earlier revision to go back to.
                assert!(exit == Some(0) || label == "Undo", "{line} ends with {exit:?}");
            }
        }
    }

    #[test]
    fn a_node_that_is_cordoned_and_cut_off_is_offered_the_way_back() {
        let mut timeline = world();
        for line in ["kubectl cordon node-1", "sim cut-off node-1"] {
            timeline.submit(Command::parse(line, &|_| None).unwrap());
            timeline.advance(Until::Quiet, Budget { steps: 10_000 });
        }
        let node = ObjectRef::new(Kind::Node, Key::new("", "node-1"));
        let labels: Vec<String> =
            actions(timeline.head(), &node).into_iter().map(|action| action.label).collect();
        assert_eq!(labels, ["Uncordon", "Drain", "Reconnect", "Delete"]);
    }
}
