//! What a step of a recording does: its `do`, which has one key.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

use super::nodes::NodeSpec;

/// What a step does.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    /// `kubectl apply -f manifest.yaml` of this text.
    Apply(String),
    /// `kubectl create -f manifest.yaml` of this text.
    Create(String),
    /// A kubectl command line.
    Kubectl(Line),
    /// Running pods become ready.
    PodsReady(Pods),
    /// Ready pods become unready.
    PodsUnready(Pods),
    /// Containers end, and wait for their next start.
    PodsCrash(Pods),
    /// Pods fail.
    PodsFail(Pods),
    /// Pods succeed.
    PodsSucceed(Pods),
    /// Terminating pods end.
    PodsTerminated(Pods),
    /// An eviction is asked for, pod by pod.
    Evict(Pods),
    /// So many seconds pass.
    Advance(f64),
    /// So many seconds pass, and nothing is asked for.
    Wait(f64),
    /// A node's Ready condition is reported as something else than True.
    NodeDown(NodeDown),
    /// A node reports Ready again.
    NodeUp(#[serde(deserialize_with = "node_name")] String),
    /// A node joins.
    NodeAdd(NodeSpec),
    /// A node's kubelet falls silent.
    NodeSilent(#[serde(deserialize_with = "node_name")] String),
    /// It is heard of again.
    NodeBack(#[serde(deserialize_with = "node_name")] String),
    /// A process ends with 0.
    Exit(Exit),
    /// A manifest is put into a node's folder of static pods.
    StaticPod(StaticPod),
    /// It is taken away.
    StaticPodRemove(StaticPod),
}

/// A kubectl command line, and the files beside it.
#[derive(Clone, Debug, Default)]
pub struct Line {
    /// Without `kubectl`.
    pub args: String,
    /// Text by name.
    pub files: BTreeMap<String, String>,
}

/// Which pods a step is about: of the eligible ones, oldest first, those that match.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pods {
    /// `app=web`
    #[serde(default)]
    pub selector: Option<String>,
    /// How many.
    #[serde(default)]
    pub count: Count,
    /// The replica set (or controller revision) they belong to: `web@2`.
    #[serde(default)]
    pub revision: Option<String>,
    /// Their name.
    #[serde(default)]
    pub name: Option<String>,
    /// Their node.
    #[serde(default)]
    pub node: Option<String>,
    /// Their completion index.
    #[serde(default, deserialize_with = "index")]
    pub index: Option<u32>,
    /// Whether terminating ones are eligible where they would not be.
    #[serde(default)]
    pub terminating: bool,
    /// `status.reason` of pods that fail.
    #[serde(default)]
    pub reason: Option<String>,
    /// `status.message` of pods that fail.
    #[serde(default)]
    pub message: Option<String>,
}

/// How many pods a step is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Count {
    /// All eligible ones.
    #[default]
    All,
    /// So many.
    Exactly(usize),
}

/// A node's Ready condition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeDown {
    /// The node.
    pub node: String,
    /// `False` or `Unknown`
    #[serde(default = "not_ready")]
    pub status: String,
}

fn not_ready() -> String {
    "False".to_owned()
}

/// A node: its name, or `{"node": its name}`.
fn node_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Named {
        Plain(String),
        Whole { node: String },
    }
    Ok(match Named::deserialize(from)? {
        Named::Plain(node) | Named::Whole { node } => node,
    })
}

/// An index: a number, or its text as the annotation of a pod has it.
fn index<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u32),
        Text(String),
    }
    match Option::<Written>::deserialize(from)? {
        None => Ok(None),
        Some(Written::Number(number)) => Ok(Some(number)),
        Some(Written::Text(text)) => text.parse().map(Some).map_err(de::Error::custom),
    }
}

/// A container whose process ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exit {
    /// `app=web`
    pub selector: String,
    /// The container's name.
    pub container: String,
}

/// A file in a node's folder of static pods.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StaticPod {
    /// Its name.
    pub file: String,
    /// The node.
    pub node: String,
    /// Its text, where it is put there.
    #[serde(default)]
    pub manifest: String,
}

impl Act {
    /// As a headline: `kubectl set image deployment/web web=nginx:2`, `ready: 1 of app=web`.
    pub fn title(&self) -> String {
        match self {
            Act::Apply(_) => "kubectl apply -f manifest.yaml".to_owned(),
            Act::Create(_) => "kubectl create -f manifest.yaml".to_owned(),
            Act::Kubectl(line) => format!("kubectl {}", line.args),
            Act::PodsReady(pods) => format!("become ready: {pods}"),
            Act::PodsUnready(pods) => format!("become unready: {pods}"),
            Act::PodsCrash(pods) => format!("crash: {pods}"),
            Act::PodsFail(pods) => format!("fail: {pods}"),
            Act::PodsSucceed(pods) => format!("succeed: {pods}"),
            Act::PodsTerminated(pods) => format!("finish terminating: {pods}"),
            Act::Evict(pods) => format!("evict: {pods}"),
            Act::Advance(seconds) | Act::Wait(seconds) => format!("wait {seconds} s"),
            Act::NodeDown(down) => format!("{} reports Ready: {}", down.node, down.status),
            Act::NodeUp(node) => format!("{node} reports Ready: True"),
            Act::NodeAdd(node) => format!("{} joins", node.name),
            Act::NodeSilent(node) => format!("{node} falls silent"),
            Act::NodeBack(node) => format!("{node} is heard of again"),
            Act::Exit(exit) => format!("container {} of {} ends with 0", exit.container, exit.selector),
            Act::StaticPod(file) => format!("{} appears on {}", file.file, file.node),
            Act::StaticPodRemove(file) => format!("{} disappears from {}", file.file, file.node),
        }
    }

    /// Whether it makes two or more pods change at one instant, given how many it changed.
    pub fn is_simultaneous(&self, changed: usize) -> bool {
        let many = matches!(
            self,
            Act::PodsReady(_) | Act::PodsUnready(_) | Act::PodsFail(_) | Act::PodsTerminated(_)
        );
        many && changed > 1
    }
}

/// `all of app=web, web@2`
impl fmt::Display for Pods {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.count {
            Count::All => out.write_str("all of ")?,
            Count::Exactly(count) => write!(out, "{count} of ")?,
        }
        let of = [&self.selector, &self.revision, &self.name, &self.node];
        let of: Vec<&str> = of.into_iter().flatten().map(String::as_str).collect();
        out.write_str(&of.join(", "))
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Count, D::Error> {
        struct Reader;
        impl Visitor<'_> for Reader {
            type Value = Count;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a number or \"all\"")
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Count, E> {
                usize::try_from(number).map(Count::Exactly).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Count, E> {
                if text == "all" { Ok(Count::All) } else { Err(E::custom(format!("no count: {text:?}"))) }
            }
        }
        from.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Line, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Line;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a command line, or its args and files")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Line, E> {
                Ok(Line { args: text.to_owned(), files: BTreeMap::new() })
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Line, M::Error> {
                let mut line = Line::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "args" => line.args = map.next_value()?,
                        "files" => line.files = map.next_value()?,
                        other => return Err(de::Error::unknown_field(other, &["args", "files"])),
                    }
                }
                Ok(line)
            }
        }
        from.deserialize_any(Reader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_and_indexes_are_written_in_either_way() {
        let read = |text: &str| serde_json::from_str::<Act>(text).unwrap();
        for text in [r#"{"nodeUp": "a"}"#, r#"{"nodeUp": {"node": "a"}}"#] {
            assert!(matches!(read(text), Act::NodeUp(node) if node == "a"), "{text}");
        }
        for text in [r#"{"podsReady": {"index": 2}}"#, r#"{"podsReady": {"index": "2"}}"#] {
            assert!(matches!(read(text), Act::PodsReady(Pods { index: Some(2), .. })), "{text}");
        }
        let down = read(r#"{"nodeDown": {"node": "a"}}"#);
        assert!(matches!(down, Act::NodeDown(NodeDown { status, .. }) if status == "False"));
    }
}
