//! The nodes of a recording's cluster.

use std::collections::BTreeMap;
use std::fmt;

use kubestep_core::api::{Kind, Node, Object};
use kubestep_core::simulation;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor, value::MapAccessDeserializer};
use serde_json::{Value, json};

/// A node, as a recording describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeSpec {
    /// Its name.
    pub name: String,
    /// Everything else.
    rest: Details,
}

/// What a recording says of a node beside its name.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Details {
    #[serde(default)]
    name: String,
    #[serde(default)]
    cpu: Option<String>,
    #[serde(default)]
    memory: Option<String>,
    #[serde(default)]
    pods: Option<u32>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    taints: Vec<Value>,
    #[serde(default)]
    unschedulable: bool,
    #[serde(default)]
    extended: BTreeMap<String, Value>,
    #[serde(default)]
    images: Vec<Value>,
}

impl NodeSpec {
    /// A node that is nothing but its name.
    pub fn named(name: &str) -> NodeSpec {
        NodeSpec { name: name.to_owned(), rest: Details::default() }
    }

    /// The same node with so much of everything, as far as it does not say.
    pub fn with_capacity(mut self, cpu: &str, memory: &str, pods: u32) -> NodeSpec {
        self.rest.cpu.get_or_insert_with(|| cpu.to_owned());
        self.rest.memory.get_or_insert_with(|| memory.to_owned());
        self.rest.pods.get_or_insert(pods);
        self
    }

    /// The node once it has registered; `number` is its place in the cluster, from 1.
    ///
    /// # Errors
    /// Where the description makes no Node.
    pub fn node(&self, number: u32) -> Result<Node, String> {
        match Object::from_json(Kind::Node, &self.manifest()) {
            Ok(Object::Node(node)) => Ok(simulation::registered((*node).clone(), number)),
            Ok(other) => Err(format!("{} is no Node", other.reference())),
            Err(error) => Err(format!("node {}: {error}", self.name)),
        }
    }

    /// The node as a manifest. What a description leaves out is as the recorder had it.
    pub fn manifest(&self) -> Value {
        let details = &self.rest;
        let mut capacity = json!({
            "cpu": details.cpu.as_deref().unwrap_or("64"),
            "memory": details.memory.as_deref().unwrap_or("256Gi"),
            "pods": details.pods.unwrap_or(500).to_string(),
        });
        for (resource, amount) in &details.extended {
            capacity[resource] = json!(amount.to_string().trim_matches('"'));
        }
        let mut labels = json!({"kubernetes.io/hostname": self.name});
        for (key, value) in &details.labels {
            labels[key] = json!(value);
        }
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": labels},
            "spec": {"taints": details.taints, "unschedulable": details.unschedulable},
            "status": {
                "capacity": capacity,
                "allocatable": capacity,
                "images": details.images,
                "addresses": [{"type": "InternalIP", "address": "192.0.2.1"}],
                "nodeInfo": system_info(),
            },
        })
    }
}

/// What the recorder's kubelets said of their machines.
fn system_info() -> Value {
    json!({
        "architecture": "amd64",
        "bootID": "",
        "containerRuntimeVersion": "sim://1",
        "kernelVersion": "6.1",
        "kubeProxyVersion": "",
        "kubeletVersion": "v1.36.2",
        "machineID": "",
        "operatingSystem": "linux",
        "osImage": "Linux",
        "systemUUID": "",
    })
}

impl<'de> Deserialize<'de> for NodeSpec {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<NodeSpec, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = NodeSpec;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a node's name, or its description")
            }
            fn visit_str<E: de::Error>(self, name: &str) -> Result<NodeSpec, E> {
                Ok(NodeSpec::named(name))
            }
            fn visit_map<M: de::MapAccess<'de>>(self, map: M) -> Result<NodeSpec, M::Error> {
                let rest = Details::deserialize(MapAccessDeserializer::new(map))?;
                Ok(NodeSpec { name: rest.name.clone(), rest })
            }
        }
        from.deserialize_any(Reader)
    }
}
