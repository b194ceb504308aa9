//! Reads a whole scenario: the settings, the nodes that form the cluster, and the objects to apply.
//!
//! ```yaml
//! apiVersion: kubestep.dev/v1alpha1
//! kind: Simulation
//! spec:
//!   seed: 42
//!   kubelets: Manual
//!   controlPlane: StaticPods
//!   latencies: {pull: 2s, proxy: 400ms}
//!   proxies: {node-2: 3s}
//!   images: {nginx:1.27: {pull: 8s}, shop.example.com/*: {private: true}}
//! ---
//! apiVersion: kubestep.dev/v1alpha1
//! kind: Traffic
//! metadata: {name: visitors}
//! spec: {service: my-service, requestsPerSecond: 20, keepAlive: false, cacheDns: false, from: node-2}
//! ```

use std::cell::LazyCell;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::behaviour;
use super::nodes::{default_nodes, registered};
use super::registries::Said;
use super::settings::settings;
use super::{
    ApiService, Client, ClientPlace, ControlPlane, DefaultClass, KubeletMode, Latencies, LoadBalancers,
    Protocol, ProxyMode, Simulation,
};
use crate::api::{Kind, Labels, Node, Object};
use crate::manifest::{self, Diagnostic, Document, Part, Position, Settings};
use crate::network;
use crate::spelling;
use crate::time::Duration;

/// How many requests a client may send in a second.
const MAX_RATE: f64 = 1000.0;

/// How many nodes a cluster may have.
const MAX_NODES: usize = 5000;

/// Everything that a simulation begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The settings.
    pub simulation: Simulation,
    /// The nodes that form the cluster.
    pub nodes: Vec<Node>,
    /// The objects to apply: every document but the nodes and the settings.
    pub documents: Vec<Document>,
    /// What is wrong with the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a scenario. Never fails: what cannot be read is said in the diagnostics and keeps its default.
pub fn read(text: &str) -> Setup {
    let (parts, mut diagnostics) = manifest::parts(text);
    let mut simulation = Simulation::default();
    let mut nodes = Vec::new();
    let (mut documents, mut places, mut objects) = (Vec::new(), Vec::new(), 0);
    for part in parts {
        objects += usize::from(matches!(part, Part::Object(_)));
        match part {
            Part::Fault(_) => {}
            Part::Settings(settings) => {
                let mut reader = Reader { settings: &settings, diagnostics: &mut diagnostics };
                reader.document(&mut simulation);
            }
            Part::Object(document) => match &document.object {
                Object::Node(node) if nodes.len() < MAX_NODES => {
                    nodes.push(registered((**node).clone(), nodes.len() as u32 + 1));
                }
                Object::Node(_) => {
                    let at = Position { line: document.line, column: 1, length: 1 };
                    let message = format!("a cluster may have {MAX_NODES} nodes; this one is left out");
                    diagnostics.push(Diagnostic::error(at, message));
                }
                _ => {
                    documents.push(document);
                    places.push(objects - 1);
                }
            },
        }
    }
    if nodes.is_empty() {
        nodes = default_nodes();
    }
    let in_text = LazyCell::new(|| manifest::Places::of(text));
    for (place, document) in documents.iter().enumerate() {
        let Some((annotations, path)) = behaviour_of(&document.object) else { continue };
        for problem in behaviour::problems(annotations) {
            // Nodes are not among the documents: a place counts those of the text.
            let at = in_text.value(places[place], &format!("{path}[{}]", problem.key));
            let at = at.unwrap_or(Position { line: document.line, column: 1, length: 1 });
            diagnostics.push(Diagnostic::warning(at, problem.problem));
        }
    }
    crate::order::sort_by_key(&mut diagnostics, |diagnostic| (diagnostic.line, diagnostic.column));
    Setup { simulation, nodes, documents, diagnostics }
}

/// The annotations that say what the containers of an object's pods do, and where they stand.
fn behaviour_of(object: &Object) -> Option<(&Labels, &'static str)> {
    let template = match object {
        Object::Pod(pod) => return Some((&pod.meta.annotations, "metadata.annotations")),
        Object::Deployment(deployment) => Some(&deployment.spec.template),
        Object::ReplicaSet(set) => set.spec.template.as_ref(),
        Object::ReplicationController(controller) => controller.spec.template.as_ref(),
        _ => None,
    };
    let annotations = template?.metadata.as_ref()?.annotations.as_ref()?;
    Some((annotations, "spec.template.metadata.annotations"))
}

/// Reads one `Simulation` or `Traffic` document and says what is wrong with it.
struct Reader<'a> {
    settings: &'a Settings,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn document(&mut self, simulation: &mut Simulation) {
        let json = self.settings.json.clone();
        let Value::Object(document) = &json else { return };
        for key in
            document.keys().filter(|key| !matches!(key.as_str(), "apiVersion" | "kind" | "metadata" | "spec"))
        {
            self.unknown(key);
        }
        let nothing = Map::new();
        let spec = document.get("spec").and_then(Value::as_object).unwrap_or(&nothing);
        match self.settings.kind.as_str() {
            "Simulation" => self.simulation(spec, simulation),
            "Traffic" => {
                let name = document.get("metadata").and_then(|metadata| metadata["name"].as_str());
                self.traffic(name.unwrap_or("client"), spec, simulation);
            }
            other => {
                self.say("kind", format!("there is no kind \"{other}\" here: it is Simulation or Traffic"))
            }
        }
    }

    fn simulation(&mut self, spec: &Map<String, Value>, simulation: &mut Simulation) {
        for (key, value) in spec {
            let path = format!("spec.{key}");
            match key.as_str() {
                "seed" => match value.as_u64() {
                    Some(seed) => simulation.seed = seed,
                    None => self.say(&path, "a seed is a whole number, 0 or more"),
                },
                "kubelets" => match value.as_str() {
                    Some("Automatic") => simulation.kubelets = KubeletMode::Automatic,
                    Some("Manual") => simulation.kubelets = KubeletMode::Manual,
                    Some("Held") => simulation.kubelets = KubeletMode::Held,
                    _ => self.say(&path, "kubelets are Automatic, Manual or Held"),
                },
                "controllers" => match value.as_bool() {
                    Some(controllers) => simulation.controllers = controllers,
                    None => {
                        self.say(&path, "controllers are true or false: does the controller manager run?")
                    }
                },
                "metricsServer" => match value.as_bool() {
                    Some(is_there) => simulation.metrics_server = is_there,
                    None => self.say(&path, "a metrics server is there or not: true or false"),
                },
                "controlPlane" => match value.as_str() {
                    Some("Hosted") => simulation.control_plane = ControlPlane::Hosted,
                    Some("StaticPods") => simulation.control_plane = ControlPlane::StaticPods,
                    _ => self.say(&path, "a control plane is Hosted or StaticPods"),
                },
                "apiService" => match value.as_str() {
                    Some("None") => simulation.api_service = ApiService::None,
                    Some("Alone") => simulation.api_service = ApiService::ALONE,
                    Some("Complete") => simulation.api_service = ApiService::Complete,
                    _ => self.say(&path, "the API server's Service is None, Alone or Complete"),
                },
                "defaultStorageClass" => match value.as_str() {
                    Some("None") => simulation.default_storage_class = DefaultClass::None,
                    Some("Immediate") => simulation.default_storage_class = DefaultClass::Immediate,
                    Some("WaitForFirstConsumer") => {
                        simulation.default_storage_class = DefaultClass::WaitForFirstConsumer;
                    }
                    _ => {
                        self.say(&path, "a default storage class is None, Immediate or WaitForFirstConsumer")
                    }
                },
                "loadBalancers" => match value.as_str() {
                    Some("None") => simulation.load_balancers = LoadBalancers::None,
                    Some("Cloud") => simulation.load_balancers = LoadBalancers::Cloud,
                    _ => self.say(&path, "load balancers are made by None or Cloud"),
                },
                "unknownKinds" => match value.as_str() {
                    Some("Refuse") => simulation.keeps_unknown_kinds = false,
                    Some("Keep") => simulation.keeps_unknown_kinds = true,
                    _ => self.say(&path, "objects of unknown kinds are Refuse or Keep"),
                },
                "latencies" => match value {
                    Value::Object(latencies) => self.latencies(latencies, &mut simulation.latencies),
                    _ => self.say(&path, "latencies are a map of names and durations: {pull: 2s}"),
                },
                "proxyMode" => match value.as_str() {
                    Some("iptables") => simulation.proxy_mode = ProxyMode::Iptables,
                    Some("nftables") => simulation.proxy_mode = ProxyMode::Nftables,
                    Some("ipvs") => simulation.proxy_mode = ProxyMode::Ipvs,
                    _ => self.say(&path, "a proxy's mode is iptables, nftables or ipvs"),
                },
                "proxies" => match value {
                    Value::Object(proxies) => self.proxies(proxies, simulation),
                    _ => self.say(&path, "proxies are a map of nodes and durations: {node-2: 3s}"),
                },
                "images" => match value {
                    Value::Object(images) => self.images(images, simulation),
                    _ => self.say(
                        &path,
                        "images are a map of names and what registries have: {nginx: {pull: 8s}}",
                    ),
                },
                _ => self.unknown(&path),
            }
        }
    }

    fn images(&mut self, listed: &Map<String, Value>, simulation: &mut Simulation) {
        for (name, value) in listed {
            let path = format!("spec.images[{name}]");
            let Value::Object(fields) = value else {
                self.say(&path, "this is what a registry has: {pull: 8s}, {missing: true}, {private: true}");
                continue;
            };
            let mut said = Said::default();
            for (field, value) in fields {
                let path = format!("{path}.{field}");
                match (field.as_str(), value) {
                    ("pull", time) => said.pull = self.latency(&path, time),
                    ("missing", Value::Bool(missing)) => said.missing = Some(*missing),
                    ("private", Value::Bool(private)) => said.private = Some(*private),
                    ("missing" | "private", _) => self.say(&path, "this is true or false"),
                    _ => {
                        let meant = spelling::nearest(field, ["pull", "missing", "private"]);
                        let at = self.settings.locate(&path);
                        let message = format!("unknown field \"{path}\"");
                        self.diagnostics.push(Diagnostic::suggesting(at, message, meant));
                    }
                }
            }
            if let Err(problem) = Rc::make_mut(&mut simulation.registries).note(name, said) {
                self.say(&path, problem);
            }
        }
    }

    fn proxies(&mut self, listed: &Map<String, Value>, simulation: &mut Simulation) {
        for (node, value) in listed {
            if let Some(lag) = self.latency(&format!("spec.proxies.{node}"), value) {
                Rc::make_mut(&mut simulation.proxies).insert(node.as_str().into(), lag);
            }
        }
    }

    fn latencies(&mut self, listed: &Map<String, Value>, latencies: &mut Latencies) {
        for (name, value) in listed {
            let path = format!("spec.latencies.{name}");
            let Some(latency) = latencies.named(name) else {
                self.unknown(&path);
                continue;
            };
            if let Some(duration) = self.latency(&path, value) {
                *latency = duration;
            }
        }
    }

    /// How long something takes; `None`, and said, where the value is no such time.
    fn latency(&mut self, path: &str, value: &Value) -> Option<Duration> {
        let duration = value.as_str().and_then(Duration::parse);
        match duration {
            Some(duration) if duration > Latencies::MAX => {
                self.say(path, format!("a latency is at most {}", Latencies::MAX));
            }
            Some(_) => return duration,
            None => self.say(path, "a latency is a duration: 250ms, 1.5s"),
        }
        None
    }

    fn traffic(&mut self, name: &str, spec: &Map<String, Value>, simulation: &mut Simulation) {
        let mut client = Client { name: name.into(), ..Client::default() };
        for (key, value) in spec {
            let path = format!("spec.{key}");
            match (key.as_str(), value) {
                ("service" | "host", Value::String(host)) => client.host = host.as_str().into(),
                ("namespace", Value::String(namespace)) => client.namespace = namespace.as_str().into(),
                ("keepAlive", Value::Bool(keep_alive)) => client.keep_alive = *keep_alive,
                ("protocol", protocol) => match protocol.as_str() {
                    Some(name @ ("TCP" | "UDP")) => client.protocol = Protocol::read(Some(name)),
                    _ => self.say(&path, "a protocol is TCP or UDP"),
                },
                ("cacheDns", Value::Bool(caches_dns)) => client.caches_dns = *caches_dns,
                ("from", Value::String(from)) => match place(from) {
                    Some(place) => client.from = place,
                    None => {
                        self.say(&path, "this is Anywhere, Outside, a node, or pods: pod/web-0, deploy/web")
                    }
                },
                ("port", port) => {
                    match port.as_u64().and_then(|port| u16::try_from(port).ok()).filter(|port| *port > 0) {
                        Some(port) => client.port = Some(port),
                        None => self.say(&path, "a port is a number from 1 to 65535"),
                    }
                }
                ("after", wait) => {
                    if let Some(wait) = self.latency(&path, wait) {
                        client.after = wait;
                    }
                }
                ("requestsPerSecond", rate) => {
                    match rate.as_f64().filter(|rate| *rate > 0.0 && *rate <= MAX_RATE) {
                        Some(rate) => client.interval = Duration((1e9 / rate) as u64),
                        None => self.say(
                            &path,
                            format!("a rate is more than 0 and at most {MAX_RATE} requests in a second"),
                        ),
                    }
                }
                ("service" | "host" | "namespace" | "from", _) => self.say(&path, "this is a name"),
                ("keepAlive" | "cacheDns", _) => self.say(&path, "this is true or false"),
                _ => self.unknown(&path),
            }
        }
        if client.host.is_empty() {
            return self.say("spec", "a client needs a service or a host to send its requests to");
        }
        let mut clients = (*simulation.clients).clone();
        clients.push(client);
        simulation.clients = Rc::new(clients);
    }

    fn unknown(&mut self, path: &str) {
        let known = settings(&self.settings.kind);
        let (holder, name) = path.rsplit_once('.').unwrap_or(("", path));
        let beside = known.iter().filter_map(|each| match each.path.rsplit_once('.') {
            Some((own, name)) => (own == holder).then_some(name),
            None => holder.is_empty().then_some(each.path.as_str()),
        });
        let meant = spelling::nearest(name, beside);
        let at = self.settings.locate(path);
        self.diagnostics.push(Diagnostic::suggesting(at, format!("unknown field \"{path}\""), meant));
    }

    fn say(&mut self, path: &str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(self.settings.locate_value(path), message));
    }
}

/// `Anywhere`, `Outside`, the name of a node, or pods: `pod/web-0`, `deploy/web`, `svc/web`.
fn place(word: &str) -> Option<ClientPlace> {
    Some(match (word, word.split_once('/')) {
        ("Anywhere", _) => ClientPlace::Anywhere,
        ("Outside", _) => ClientPlace::Outside,
        (_, Some((kind, name))) if !name.is_empty() => {
            let kind = Kind::from_word(kind).filter(|kind| network::source::has_pods(*kind))?;
            ClientPlace::Pods(kind, name.into())
        }
        (_, Some(_)) => return None,
        (node, None) => ClientPlace::Node(node.into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: &str = "\
apiVersion: kubestep.dev/v1alpha1
kind: Simulation
spec:
  seed: 7
  kubelets: Manual
  latencies:
    pull: 2s
    proxy: 400ms
  proxies:
    node-2: 3s
---
apiVersion: kubestep.dev/v1alpha1
kind: Traffic
metadata:
  name: visitors
spec:
  service: web
  requestsPerSecond: 4
  from: node-2
---
apiVersion: v1
kind: Node
metadata:
  name: big
status:
  capacity:
    cpu: 16
";

    #[test]
    fn settings_clients_and_nodes_are_read() {
        let setup = read(SETTINGS);
        assert_eq!(setup.diagnostics, []);
        assert_eq!((setup.simulation.seed, setup.simulation.kubelets), (7, KubeletMode::Manual));
        assert_eq!(setup.simulation.latencies.pull, Duration::from_seconds(2));
        assert_eq!(setup.simulation.latencies.proxy, Duration::from_millis(400));
        assert_eq!(setup.simulation.proxies["node-2"], Duration::from_seconds(3));
        assert_eq!(setup.simulation.clients[0].interval, Duration::from_millis(250));
        assert_eq!(setup.simulation.clients[0].from, ClientPlace::Node("node-2".into()));
        assert_eq!(setup.nodes.len(), 1);
        let node = &setup.nodes[0];
        assert_eq!(
            (node.allocatable("cpu"), node.allocatable("memory"), node.is_ready()),
            (16_000, 8 << 30, true)
        );
        assert_eq!(node.label("kubernetes.io/hostname"), Some("big"));
        assert_eq!(setup.documents, []);
    }

    #[test]
    fn without_nodes_there_are_three_workers() {
        let setup = read("");
        let names: Vec<&str> = setup.nodes.iter().map(|node| node.name()).collect();
        assert_eq!(names, ["node-1", "node-2", "node-3"]);
        assert_eq!(setup.nodes[2].label("topology.kubernetes.io/zone"), Some("zone-c"));
        assert_eq!(setup.nodes[0].allocatable("pods"), 110);
    }

    #[test]
    fn annotations_that_say_nothing_are_warned_of_at_their_line() {
        let text = "apiVersion: v1\nkind: Node\nmetadata: {name: a}\n---\napiVersion: apps/v1\nkind: Deployment\n\
                    metadata: {name: web}\nspec:\n  selector: {matchLabels: {app: web}}\n  template:\n    metadata:\n      \
                    labels: {app: web}\n      annotations:\n        sim.kubestep.dev/on-sigterm: ignored\n    spec: \
                    {containers: [{name: web, image: web}]}\n";
        let setup = read(text);
        let found = &setup.diagnostics[0];
        assert_eq!((found.line, found.is_error), (14, false));
        assert_eq!(found.message, "\"ignored\" is neither \"ignore\" nor a time such as 5s");
    }

    #[test]
    fn what_is_wrong_with_settings_is_said_at_its_line() {
        let text = SETTINGS
            .replace("pull: 2s", "pull: soon")
            .replace("seed: 7", "sed: 7")
            .replace("service: web", "port: 0");
        let said: Vec<(u32, u32, String)> = read(&text)
            .diagnostics
            .into_iter()
            .map(|diagnostic| (diagnostic.line, diagnostic.column, diagnostic.message))
            .collect();
        let expected = [
            (4, 3, "unknown field \"spec.sed\": did you mean \"seed\"?"),
            (7, 11, "a latency is a duration: 250ms, 1.5s"),
            (16, 1, "a client needs a service or a host to send its requests to"),
            (17, 9, "a port is a number from 1 to 65535"),
        ];
        assert_eq!(said, expected.map(|(line, column, message)| (line, column, message.to_owned())));
    }
}
