//! What a pod is made of on its node: one network namespace, the containers in it, and the volumes that they share.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use kubestep_core::api::{Key, Pod};
use kubestep_core::engine::World;
use kubestep_core::kubelet::measure::{self, Measured};
use kubestep_core::kubelet::{Container, ContainerState, LocalPod, Role, Running, Stop};
use kubestep_core::simulation::says_cpu;
use kubestep_core::{Duration, Time};
use serde_json::Value;

use super::reading::machines;

/// Volumes that the API server adds to every pod begin like this: nobody asked for them.
const ADDED: &str = "kube-api-access-";

/// A pod as its node has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Anatomy {
    /// The node, once it has one.
    pub node: Option<String>,
    /// Whether the API server knows of it.
    pub is_in_api: bool,
    /// The address of its network namespace, while there is one.
    pub address: Option<String>,
    /// Its containers, in the order in which they start.
    pub containers: Vec<Part>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
}

/// A container.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// `init`, `sidecar`; empty for an ordinary one.
    pub role: &'static str,
    /// Whether its process runs.
    pub runs: bool,
    /// What it does: `answers on 8080`, `exited 1, again in 12 s`.
    pub words: String,
    /// How often it was started again.
    pub restarts: u32,
    /// How much CPU it uses, `330m`, where its pod says so.
    pub cpu: Option<String>,
}

/// A volume, and where it is found.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    /// Its name.
    pub name: String,
    /// What it comes from: `emptyDir`, `configMap settings`.
    pub source: String,
    /// Which container finds it where.
    pub mounts: Vec<(String, String)>,
}

/// Reads what a pod is made of, whether the API server still knows of it or only its node does; `None` where neither does.
pub fn of(world: &World, key: &Key) -> Option<Anatomy> {
    match world.store.get::<Pod>(key) {
        Some(pod) => Some(read(world, pod, machines::local(world, pod), true)),
        None => {
            let orphan = machines::orphans(world).find(|local| local.key() == key)?;
            Some(read(world, orphan.object(), Some(orphan), false))
        }
    }
}

fn read(world: &World, pod: &Pod, local: Option<&Rc<LocalPod>>, is_in_api: bool) -> Anatomy {
    let spec = &pod.spec.spec;
    let specs = || spec.init_containers.iter().flatten().chain(&spec.containers);
    let containers = match local {
        Some(local) => {
            let cpu = cpu_of(local, world.now);
            let parts = local.containers().zip(specs());
            parts.map(|(it, spec)| part(it, spec, world.now, cpu.get(it.name()).cloned())).collect()
        }
        None => specs().map(|spec| unknown(spec, pod)).collect(),
    };
    let volumes = spec.volumes.iter().flatten().filter(|volume| !volume.name.starts_with(ADDED));
    Anatomy {
        node: pod.node().map(str::to_owned),
        is_in_api,
        address: local.and_then(|local| local.sandbox()).map(|sandbox| sandbox.address.to_string()),
        containers,
        volumes: volumes.map(|volume| self::volume(volume, specs())).collect(),
    }
}

/// What its containers use of CPU just now, by name; nothing where it does not say.
fn cpu_of(local: &LocalPod, now: Time) -> BTreeMap<&str, String> {
    if !says_cpu(&local.object().meta.annotations) {
        return BTreeMap::new();
    }
    let milli = |measured: &Measured<'_>| measured.cpu(Duration::from_seconds(1)) / 1_000_000;
    measure::containers(local, now)
        .map(|measured| (measured.name, format!("{}m", milli(&measured))))
        .collect()
}

fn unknown(spec: &core::Container, pod: &Pod) -> Part {
    let words = if pod.node().is_some() { "not begun" } else { "waits for a node" };
    Part { name: spec.name.clone(), role: "", runs: false, words: words.to_owned(), restarts: 0, cpu: None }
}

fn part(container: &Container, spec: &core::Container, now: Time, cpu: Option<String>) -> Part {
    Part {
        name: container.name().to_owned(),
        role: match container.role() {
            Role::Init => "init",
            Role::Sidecar => "sidecar",
            Role::Regular => "",
        },
        runs: container.is_running(),
        words: words(container, spec, now),
        restarts: container.restarts(),
        cpu,
    }
}

fn words(container: &Container, spec: &core::Container, now: Time) -> String {
    match container.state() {
        ContainerState::Running(running) => doing(running, spec),
        ContainerState::Ended(ended) => {
            let how = if ended.is_out_of_memory { ", out of memory" } else { "" };
            format!("exited {}{how}{}", ended.code, again(container, now))
        }
        ContainerState::Absent => match container.waiting() {
            Some(waiting) => format!("{}{}", waiting.reason, again(container, now)),
            None => "not started".to_owned(),
        },
    }
}

fn doing(running: &Running, spec: &core::Container) -> String {
    match running.stop {
        Stop::Hook(_) => return "its preStop hook runs".to_owned(),
        Stop::Signalled { .. } => return "got SIGTERM".to_owned(),
        Stop::Killed => return "got SIGKILL".to_owned(),
        Stop::No | Stop::Asked => {}
    }
    let ports: Vec<String> =
        spec.ports.iter().flatten().map(|port| port.container_port.to_string()).collect();
    match (running.listens, ports.is_empty()) {
        (_, true) => "runs".to_owned(),
        (true, false) => format!("answers on {}", ports.join(", ")),
        (false, false) => "starts up".to_owned(),
    }
}

fn again(container: &Container, now: Time) -> String {
    let until = container.waiting().and_then(|waiting| waiting.until).filter(|until| *until > now);
    until.map(|until| format!(", again in {:.0} s", until.since(now).as_seconds().ceil())).unwrap_or_default()
}

fn volume<'a>(volume: &core::Volume, specs: impl Iterator<Item = &'a core::Container>) -> Volume {
    let mounts = specs.flat_map(|spec| {
        let here = spec.volume_mounts.iter().flatten().filter(|mount| mount.name == volume.name);
        here.map(|mount| (spec.name.clone(), mount.mount_path.clone()))
    });
    Volume { name: volume.name.clone(), source: source(volume), mounts: mounts.collect() }
}

/// A volume has one field besides its name: that says what it comes from.
fn source(volume: &core::Volume) -> String {
    let Ok(Value::Object(fields)) = serde_json::to_value(volume) else { return String::new() };
    let Some((kind, what)) = fields.iter().find(|(field, _)| *field != "name") else { return String::new() };
    let named =
        ["name", "secretName", "claimName", "path"].iter().find_map(|field| what.get(field)?.as_str());
    named.map_or_else(|| kind.clone(), |name| format!("{kind} {name}"))
}

#[cfg(test)]
mod tests {
    use kubestep_core::engine::{Budget, Timeline, Until};
    use kubestep_core::{Command, simulation};

    use super::*;

    const PODS: &str = "
apiVersion: v1
kind: Pod
metadata: {name: web, annotations: {sim.kubestep.dev/cpu.web: 330m}}
spec:
  volumes: [{name: data, emptyDir: {}}, {name: key, secret: {secretName: tls, optional: true}}]
  initContainers:
  - {name: migrate, image: 'migrate:1'}
  - {name: proxy, image: 'proxy:1', restartPolicy: Always}
  containers:
  - {name: web, image: 'web:1', ports: [{containerPort: 80}], volumeMounts: [{name: data, mountPath: /data}, {name: key, mountPath: /tls}]}
  - {name: log, image: 'log:missing', volumeMounts: [{name: data, mountPath: /log}]}
";

    #[test]
    fn a_pod_is_told_container_by_container_and_volume_by_volume() {
        let setup = simulation::read("");
        let mut timeline = Timeline::new(setup.simulation, setup.nodes);
        let apply = Command::parse("kubectl apply -f pods.yaml", &|_| Some(PODS.to_owned())).unwrap();
        timeline.submit(apply);
        timeline.advance(Until::Quiet, Budget { steps: 10_000 });
        let world = timeline.head();
        let seen = of(world, &Key::new("default", "web")).expect("it is there");
        assert!(seen.address.is_some());
        let told: Vec<(&str, &str, &str)> =
            seen.containers.iter().map(|it| (&*it.name, it.role, &*it.words)).collect();
        assert_eq!(
            told[..3],
            [("migrate", "init", "exited 0"), ("proxy", "sidecar", "runs"), ("web", "", "answers on 80"),]
        );
        assert!(
            told[3].2.starts_with("ErrImagePull, again in ")
                || told[3].2.starts_with("ImagePullBackOff, again in ")
        );
        assert_eq!(seen.containers[2].cpu.as_deref(), Some("330m"));
        let volumes: Vec<(&str, usize)> =
            seen.volumes.iter().map(|it| (&*it.source, it.mounts.len())).collect();
        assert_eq!(volumes, [("emptyDir", 2), ("secret tls", 1)]);
    }
}
