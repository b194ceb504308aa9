//! A container's environment, as it was fixed when the container was made, beside what is so by now.

use std::collections::BTreeSet;

use kubestep_core::api::{Key, ObjectRef, Pod, Service};
use kubestep_core::engine::World;
use kubestep_core::kubelet::environment::{Variable, VariableFrom};

use crate::scene::reading::machines;

/// The variables of a pod's containers.
#[derive(Clone, Debug, PartialEq)]
pub struct Environment {
    /// The pod.
    pub pod: String,
    /// Each container that has been made.
    pub containers: Vec<Container>,
    /// Services that came later: their names are in DNS, and in no variable.
    pub later: Vec<String>,
}

/// The variables of a container.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its variables; those of Services last.
    pub rows: Vec<Row>,
}

/// A variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `DB_SERVICE_HOST`
    pub name: String,
    /// `10.96.87.3`
    pub value: String,
    /// Where it comes from, in words.
    pub from: String,
    /// What it would be by now, where that differs.
    pub stale: Option<String>,
}

/// The environment of a pod, where its node has made a container of it.
pub fn of_pod(world: &World, pod: &Pod) -> Option<Environment> {
    let local = machines::local(world, pod)?;
    let machine = world.machines.get(pod.node()?)?;
    let mut known: BTreeSet<Key> = BTreeSet::new();
    let mut containers = Vec::new();
    for container in local.containers() {
        let Some(environment) = container.environment() else { continue };
        let Some(variables) = local.variables(container.name(), &machine.address) else { continue };
        known.extend(environment.services().iter().map(|service| service.key.clone()));
        let mut rows: Vec<(bool, Row)> =
            variables.into_iter().map(|variable| row(world, variable, environment.services())).collect();
        rows.sort_by_key(|(is_of_service, _)| *is_of_service);
        let rows = rows.into_iter().map(|(_, row)| row).collect();
        containers.push(Container { name: container.name().to_owned(), rows });
    }
    let later = world.store.list_in::<Service>(&pod.key.namespace);
    let later = later.filter(|service| service.cluster_ip().is_some() && !known.contains(&service.key));
    let later = later.map(|service| service.name().to_owned()).collect();
    (!containers.is_empty()).then(|| Environment { pod: pod.name().to_owned(), containers, later })
}

fn row(world: &World, variable: Variable, services: &[std::rc::Rc<Service>]) -> (bool, Row) {
    let Variable { name, value, from } = variable;
    let (words, stale) = match &from {
        VariableFrom::Runtime => ("from the image".to_owned(), None),
        VariableFrom::Own => ("from env".to_owned(), None),
        VariableFrom::Source(source) => (format!("from {source}"), None),
        VariableFrom::Service(key) => {
            let then = services.iter().find(|service| service.key == *key);
            (format!("from Service {}", key.name), then.and_then(|then| differs(world, then)))
        }
    };
    (matches!(from, VariableFrom::Service(_)), Row { name, value, from: words, stale })
}

/// What is different about a Service by now.
fn differs(world: &World, then: &Service) -> Option<String> {
    let Some(now) = world.store.get::<Service>(&then.key) else {
        return Some("the Service is gone".to_owned());
    };
    let ports = |service: &Service| service.ports().iter().map(|port| port.port).collect::<Vec<_>>();
    match now.cluster_ip() {
        Some(address) if then.cluster_ip() != Some(address) => {
            Some(format!("stale: the Service is {address} now"))
        }
        None => Some("stale: the Service has no address now".to_owned()),
        _ if ports(now) != ports(then) => Some("stale: the Service has other ports now".to_owned()),
        _ => None,
    }
}

/// The pod whose environment is of interest: the selected one, or the one that sends the followed request.
pub fn subject(
    world: &World,
    selected: Option<&ObjectRef>,
    source: Option<&Key>,
) -> Option<std::rc::Rc<Pod>> {
    let picked =
        selected.filter(|object| object.kind == kubestep_core::api::Kind::Pod).map(|object| &object.key);
    world.store.get::<Pod>(picked.or(source)?).cloned()
}
