//! Clients in cluster.yaml: a `kind: Traffic` document for each.

use kubestep_core::api::Key;
use kubestep_core::simulation;

/// The text of cluster.yaml with one more client of a Service at its end.
pub fn with_client(text: &str, service: &Key) -> String {
    let known = simulation::read(text).simulation.clients;
    let first = format!("{}-clients", service.name);
    let is_taken = |name: &str| known.iter().any(|client| *client.name == *name);
    let numbered = (2..).map(|number| format!("{first}-{number}"));
    let name = std::iter::once(first.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(first);
    let namespace = match &*service.namespace {
        "" | "default" => String::new(),
        other => format!("  namespace: {other}\n"),
    };
    let separator = if text.trim().is_empty() { "" } else { "\n---\n" };
    format!(
        "{}{separator}apiVersion: kubestep.dev/v1alpha1\nkind: Traffic\nmetadata:\n  name: {name}\nspec:\n  \
         service: {}\n{namespace}  requestsPerSecond: 10\n",
        text.trim_end(),
        service.name
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::session::CLUSTER;

    #[test]
    fn every_press_adds_one_client_with_a_name_of_its_own() {
        let service = Key::new("shop", "web");
        let once = with_client(CLUSTER, &service);
        let twice = simulation::read(&with_client(&once, &service));
        assert!(twice.diagnostics.is_empty(), "{:?}", twice.diagnostics);
        let names: Vec<&str> = twice.simulation.clients.iter().map(|client| &*client.name).collect();
        assert_eq!(names, ["web-clients", "web-clients-2"]);
        assert!(
            twice
                .simulation
                .clients
                .iter()
                .all(|client| &*client.namespace == "shop" && &*client.host == "web")
        );
        assert_eq!(twice.nodes, simulation::read(CLUSTER).nodes);
    }
}
