//! What a person can do to a picked object, as lines that can as well be typed.

use kubestep_core::World;
use kubestep_core::api::{
    CronJob, DaemonSet, Deployment, Job, Key, Kind, Node, ObjectRef, Pod, ReplicaSet, StatefulSet,
};
use kubestep_core::controllers::ControllerId;
use kubestep_core::engine::{Process, Watcher};
use kubestep_core::kubelet::eviction;
use kubestep_core::simulation::Space;

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
    let mut all = vec![
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
        action("Switch off and remove", format!("sim remove-node {name}")),
    ];
    all.extend(Space::ALL.map(|space| fill(world, node, space)));
    all.push(late(world, &format!("kubelet/{name}"), Watcher::Kubelet(name.into())));
    all.push(add_node(world));
    all
}

/// What can be done to a card of the control plane, or to the cluster as a whole.
pub fn on_the_cluster(world: &World, figure: &str) -> (String, Vec<Action>) {
    let process = |name: &str, process: Process| match process.is_stopped(world) {
        true => action(&format!("Start {name}"), format!("sim start '{name}'")),
        false => action(&format!("Stop {name}"), format!("sim stop '{name}'")),
    };
    let whole = |name: &str| Process::read(name).map(|read| process(name, read));
    let actions: Vec<Action> = match figure {
        "api-server" | "etcd" => whole("kube-apiserver").into_iter().collect(),
        "scheduler" => {
            let late = late(world, "kube-scheduler", Watcher::Scheduler);
            whole("kube-scheduler").into_iter().chain([late]).collect()
        }
        "controller-manager" => {
            let each = ControllerId::all().map(|id| process(id.name(), Process::Controller(id)));
            whole("kube-controller-manager").into_iter().chain(each).collect()
        }
        _ => {
            let processes = ["kube-apiserver", "kube-scheduler", "kube-controller-manager"];
            let proxies = late(world, "kube-proxy", Watcher::Proxies);
            processes.into_iter().filter_map(whole).chain([proxies, add_node(world)]).collect()
        }
    };
    let title =
        if figure.contains('-') || matches!(figure, "etcd" | "scheduler") { figure } else { "the cluster" };
    (title.to_owned(), actions)
}

/// Lets a watcher hear late, or in time again.
fn late(world: &World, name: &str, watcher: Watcher) -> Action {
    match world.simulation.slow.contains_key(&watcher) {
        true => action(&format!("Let {name} hear in time"), format!("sim slow {name} 0s")),
        false => action(&format!("Let {name} hear 2 s late"), format!("sim slow {name} 2s")),
    }
}

/// Lets what is no pod use up something of a node, or frees it again.
fn fill(world: &World, node: &Node, space: Space) -> Action {
    let (name, what) = (node.name(), space.name());
    let machine = world.machines.get(name);
    let used = machine.and_then(|machine| machine.pressure.as_ref()).map_or(0, |it| it.elsewhere(space));
    match used > 0 {
        true => action(&format!("Free its {what}"), format!("sim use {name} {what} 0")),
        false => {
            let all = space.written(eviction::capacity(node, space).unwrap_or_default());
            action(&format!("Use up its {what}"), format!("sim use {name} {what} {all}"))
        }
    }
}

/// One more node, of the first name that is free.
fn add_node(world: &World) -> Action {
    let is_free = |name: &String| world.store.get::<Node>(&Key::new("", name.as_str())).is_none();
    let name = (1..).map(|number| format!("node-{number}")).find(is_free).unwrap_or_default();
    action(&format!("Add {name}"), format!("sim add-node {name}"))
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
    let kind = object.kind.name().to_ascii_lowercase();
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
        let expected = [
            "Uncordon",
            "Drain",
            "Reconnect",
            "Delete",
            "Switch off and remove",
            "Use up its memory",
            "Use up its disk",
            "Use up its inodes",
            "Use up its pids",
            "Let kubelet/node-1 hear 2 s late",
            "Add node-4",
        ];
        assert_eq!(labels, expected);
    }

    #[test]
    fn what_is_offered_for_the_control_plane_is_understood() {
        let timeline = world();
        for figure in ["api-server", "scheduler", "controller-manager", "etcd", ""] {
            let (_, offered) = on_the_cluster(timeline.head(), figure);
            assert!(!offered.is_empty(), "{figure}");
            for Action { line, .. } in offered {
                Command::parse(&line, &|_| None).unwrap_or_else(|error| panic!("{line}: {error}"));
            }
        }
    }
}
