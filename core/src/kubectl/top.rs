//! `kubectl top`: what pods and nodes use, as the metrics server has it. Upstream: `k8s.io/kubectl/pkg/cmd/top`,
//! `k8s.io/kubectl/pkg/metricsutil`.

use std::rc::Rc;

use super::failure::Failure;
use super::field_selector::FieldSelector;
use super::flags::{self, Arguments, Flag, Takes};
use super::parse::unknown_below;
use super::print::tabs;
use super::session::SessionTurn;
use super::{DEFAULT_NAMESPACE, selector};
use crate::api::{Key, Kind, Node, Object, ObjectRef, Pod, Selector, quantity};
use crate::apiserver::authorization;
use crate::apiserver::{ApiError, Reason, Station};
use crate::metrics::{self, PodMetrics, Usage};
use crate::time::Duration;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Top {
    of: Of,
    name: Option<String>,
    selector: Selector,
    sort_by: Option<SortBy>,
    without_headers: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum Of {
    Nodes {
        /// `--show-capacity`: shares are of all that a node has.
        of_capacity: bool,
    },
    Pods {
        namespace: Rc<str>,
        everywhere: bool,
        by_container: bool,
        with_sum: bool,
        fields: Option<FieldSelector>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SortBy {
    Cpu,
    Memory,
}

const FLAGS: [Flag; 5] = [
    flags::NAMESPACE,
    flags::SELECTOR,
    Flag::new("no-headers", None, Takes::Nothing),
    Flag::new("sort-by", None, Takes::Text),
    Flag::new("use-protocol-buffers", None, Takes::Nothing),
];

const OF_PODS: [Flag; 4] = [
    flags::ALL_NAMESPACES,
    Flag::new("containers", None, Takes::Nothing),
    Flag::new("field-selector", None, Takes::Text),
    Flag::new("sum", None, Takes::Nothing),
];

const OF_NODES: [Flag; 1] = [Flag::new("show-capacity", None, Takes::Nothing)];

/// How old a pod may be without being measured. Upstream: `metricsCreationDelay`.
const DELAY: Duration = Duration::from_seconds(120);

const MEBI: i64 = 1 << 20;

impl Top {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<Top, String> {
        let (is_pods, rest) = match words.split_first() {
            Some((first, rest)) if matches!(first.as_str(), "pod" | "pods" | "po") => (true, rest),
            Some((first, rest)) if matches!(first.as_str(), "node" | "nodes" | "no") => (false, rest),
            Some((first, _)) if first == flags::LISTED => (true, words),
            _ => return Err(unknown_below("top", words)),
        };
        let more: &[Flag] = if is_pods { &OF_PODS } else { &OF_NODES };
        let command = if is_pods { "kubectl top pod" } else { "kubectl top node" };
        let all: Vec<Flag> = FLAGS.iter().chain(more).copied().collect();
        let arguments = Arguments::read(command, rest, &all)?;
        let name = match arguments.names.as_slice() {
            [] => None,
            [name] => Some(name.clone()),
            _ if is_pods => return Err(arguments.usage("pod [NAME | -l label]")),
            _ => return Err(arguments.usage("node [NAME | -l label]")),
        };
        let sort_by = match arguments.text("sort-by") {
            None | Some("") => None,
            Some("cpu") => Some(SortBy::Cpu),
            Some("memory") => Some(SortBy::Memory),
            Some(_) => return Err("error: --sort-by accepts only cpu or memory".to_owned()),
        };
        let given = |flag: &str| arguments.text(flag).filter(|text| !text.is_empty());
        if name.is_some() && (given("selector").is_some() || given("field-selector").is_some()) {
            let flag = if is_pods { "selector" } else { "--selector" };
            return Err(format!("error: only one of NAME or {flag} can be provided"));
        }
        let selector = given("selector").map(selector::parse).transpose();
        let of = if is_pods {
            Of::Pods {
                namespace: given("namespace").unwrap_or(DEFAULT_NAMESPACE).into(),
                everywhere: arguments.is_on("all-namespaces"),
                by_container: arguments.is_on("containers"),
                with_sum: arguments.is_on("sum"),
                fields: given("field-selector").map(FieldSelector::parse).transpose()?,
            }
        } else {
            Of::Nodes { of_capacity: arguments.is_on("show-capacity") }
        };
        Ok(Top {
            of,
            name,
            selector: selector.map_err(|fault| format!("error: {fault}"))?.unwrap_or_default(),
            sort_by,
            without_headers: arguments.is_on("no-headers"),
        })
    }

    /// Prints everything in one turn.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        let text = if !metrics::is_served(turn.snapshot.store, turn.snapshot.simulation) {
            Err(Failure::own("Metrics API not available"))
        } else {
            self.table(turn)
        };
        match text {
            Ok(text) => {
                if !text.is_empty() {
                    turn.print(tabs::align(&text, 6, 3));
                }
                turn.end(0);
            }
            Err(failure) => turn.finish(&[failure]),
        }
    }

    fn table(&self, turn: &mut SessionTurn<'_>) -> Result<String, Failure> {
        match &self.of {
            Of::Nodes { of_capacity } => self.nodes(turn, *of_capacity),
            Of::Pods { namespace, everywhere, by_container, with_sum, fields } => {
                let measured = self.pods(turn, namespace, *everywhere, fields.as_ref())?;
                if measured.is_empty() {
                    turn.print_error(if *everywhere {
                        "No resources found\n".to_owned()
                    } else {
                        format!("No resources found in {namespace} namespace.\n")
                    });
                    return Ok(String::new());
                }
                Ok(self.pod_rows(measured, *everywhere, *by_container, *with_sum))
            }
        }
    }

    /// The pods that are meant and measured. None at all: there are no pods.
    fn pods(
        &self,
        turn: &SessionTurn<'_>,
        namespace: &Rc<str>,
        everywhere: bool,
        fields: Option<&FieldSelector>,
    ) -> Result<Vec<(Key, PodMetrics)>, Failure> {
        let (store, metrics) = (turn.snapshot.store, turn.snapshot.metrics);
        if let Some(name) = &self.name {
            let key = Key::new(namespace.clone(), name.as_str());
            may(turn, Kind::Pod, "get", &key)?;
            // The metrics server knows pods that run.
            let pod = store.get::<Pod>(&key).filter(|pod| pod.phase() == "Running");
            let target = ObjectRef::new(Kind::Pod, key.clone());
            let pod = pod.ok_or_else(|| Failure::not_found(target.clone()))?;
            let measured = metrics.of_pod(pod);
            let none = || not_measured(target, "podmetrics", &format!("{namespace}/{name}"));
            return Ok(vec![(key, measured.ok_or_else(none)?)]);
        }
        let place = if everywhere { "".into() } else { namespace.clone() };
        may(turn, Kind::Pod, "list", &Key::new(place, ""))?;
        let is_meant = |pod: &&Rc<Pod>| {
            (everywhere || pod.key.namespace == *namespace) && self.selector.matches(&pod.meta.labels)
        };
        let mut measured: Vec<(&Rc<Pod>, PodMetrics)> = store
            .list::<Pod>()
            .filter(is_meant)
            .filter_map(|pod| Some((pod, metrics.of_pod(pod)?)))
            .collect();
        let matches = |pod: &Rc<Pod>| fields.is_none_or(|fields| fields.matches(&Object::Pod(pod.clone())));
        if let Some(refusal) = fields.and_then(|fields| fields.refusal(Kind::Pod)) {
            return Err(refusal);
        }
        measured.retain(|(pod, _)| matches(pod));
        if measured.is_empty() {
            let pods = store.list_in::<Pod>(namespace);
            let unmeasured = pods.filter(|pod| self.selector.matches(&pod.meta.labels) && matches(pod));
            self.refuse_unmeasured(turn, unmeasured)?;
        }
        Ok(measured.into_iter().map(|(pod, metrics)| (pod.key.clone(), metrics)).collect())
    }

    /// There are pods, and none of them is measured. Upstream: `verifyEmptyMetrics`.
    fn refuse_unmeasured<'a>(
        &self,
        turn: &SessionTurn<'_>,
        pods: impl Iterator<Item = &'a Rc<Pod>>,
    ) -> Result<(), Failure> {
        let mut is_any = false;
        for pod in pods {
            is_any = true;
            let age = turn.snapshot.now.since(pod.meta.created);
            if age > DELAY {
                let message = format!(
                    "Metrics not available for pod {}/{}, age: {}",
                    pod.key.namespace,
                    pod.name(),
                    age.as_go()
                );
                return Err(Failure::own(message));
            }
        }
        if is_any { Err(Failure::own("metrics not available yet")) } else { Ok(()) }
    }

    fn pod_rows(
        &self,
        mut measured: Vec<(Key, PodMetrics)>,
        with_namespace: bool,
        by_container: bool,
        with_sum: bool,
    ) -> String {
        match self.sort_by {
            None => crate::order::sort_by(&mut measured, |(one, _), (other, _)| {
                let namespaces = |key: &Key| if with_namespace { key.namespace.clone() } else { "".into() };
                (namespaces(one), &one.name).cmp(&(namespaces(other), &other.name))
            }),
            Some(by) => crate::order::sort_by_key(&mut measured, |(_, metrics)| by.key(metrics.total())),
        }
        let mut text = String::new();
        let mut columns = 3;
        if !self.without_headers {
            if with_namespace {
                text += "NAMESPACE\t";
                columns += 1;
            }
            if by_container {
                text += "POD\t";
                columns += 1;
            }
            text += "NAME\tCPU(cores)\tMEMORY(bytes)\t\n";
        }
        let mut sum = Usage::default();
        for (key, mut metrics) in measured {
            sum.add(metrics.total());
            let namespace = if with_namespace { format!("{}\t", key.namespace) } else { String::new() };
            if !by_container {
                text += &format!("{namespace}{}\t{}\n", key.name, amounts(metrics.total()));
                continue;
            }
            if let Some(by) = self.sort_by {
                crate::order::sort_by_key(&mut metrics.containers, |(_, usage)| by.key(*usage));
            }
            for (container, usage) in &metrics.containers {
                text += &format!("{namespace}{}\t{container}\t{}\n", key.name, amounts(*usage));
            }
        }
        if with_sum {
            let blank = "\t".repeat(columns - 2);
            text += &format!("{blank}________\t________\t\n{blank}{}\n", amounts(sum));
        }
        text
    }

    fn nodes(&self, turn: &SessionTurn<'_>, of_capacity: bool) -> Result<String, Failure> {
        let (store, metrics) = (turn.snapshot.store, turn.snapshot.metrics);
        let name = self.name.as_deref().unwrap_or_default();
        may(turn, Kind::Node, if name.is_empty() { "list" } else { "get" }, &Key::new("", name))?;
        let nodes: Vec<&Rc<Node>> = if name.is_empty() {
            store.list::<Node>().filter(|node| self.selector.matches(&node.meta.labels)).collect()
        } else {
            let target = ObjectRef::new(Kind::Node, Key::new("", name));
            let node =
                store.get_cluster_wide::<Node>(name).ok_or_else(|| Failure::not_found(target.clone()))?;
            if metrics.of_node(name).is_none() {
                return Err(not_measured(target, "nodemetrics", name));
            }
            vec![node]
        };
        let mut rows: Vec<(&Rc<Node>, Option<Usage>)> =
            nodes.into_iter().map(|node| (node, metrics.of_node(node.name()))).collect();
        if rows.iter().all(|(_, usage)| usage.is_none()) {
            return Err(Failure::own("metrics not available yet"));
        }
        // Those that nobody measured come last.
        crate::order::sort_by_key(&mut rows, |(node, usage)| {
            let order = usage.and_then(|usage| self.sort_by.map(|by| by.key(usage)));
            (usage.is_none(), order, node.key.clone())
        });
        let mut text = String::new();
        if !self.without_headers {
            text += "NAME\tCPU(cores)\tCPU(%)\tMEMORY(bytes)\tMEMORY(%)\t\n";
        }
        for (node, usage) in rows {
            text += &format!("{}\t", node.name());
            text += &usage.map_or_else(
                || "<unknown>\t".repeat(4) + "\n",
                |usage| node_amounts(node, usage, of_capacity),
            );
        }
        Ok(text)
    }
}

impl SortBy {
    /// The most comes first.
    fn key(self, usage: Usage) -> std::cmp::Reverse<i64> {
        std::cmp::Reverse(match self {
            SortBy::Cpu => usage.cpu_milli(),
            SortBy::Memory => usage.memory,
        })
    }
}

fn amounts(usage: Usage) -> String {
    format!("{}m\t{}Mi\t", usage.cpu_milli(), usage.memory / MEBI)
}

fn node_amounts(node: &Node, usage: Usage, of_capacity: bool) -> String {
    let capacity = node.status.capacity.as_ref();
    let available = |resource: &str| match capacity.and_then(|amounts| amounts.get(resource)) {
        Some(amount) if of_capacity => quantity::amount(resource, amount),
        _ => node.allocatable(resource),
    };
    let share = |used: i64, available: i64| {
        let share = (i128::from(used) * 100).checked_div(i128::from(available)).unwrap_or_default();
        format!("{share}%")
    };
    let (cpu, memory) = (usage.cpu_milli(), usage.memory);
    let (of_cpu, of_memory) = (share(cpu, available("cpu")), share(memory, available("memory")));
    format!("{cpu}m\t{of_cpu}\t{}Mi\t{of_memory}\t\n", memory / MEBI)
}

/// Whether metrics may be read: they are an API of their own.
fn may(turn: &SessionTurn<'_>, kind: Kind, verb: &str, key: &Key) -> Result<(), Failure> {
    let target = ObjectRef::new(kind, key.clone());
    let checked = authorization::check_metrics(turn.snapshot.store, turn.user(), verb, &target);
    checked.map_err(|error| Failure::refused(target, Rc::new(error)))
}

fn not_measured(target: ObjectRef, resource: &str, name: &str) -> Failure {
    let message = format!("{resource}.metrics.k8s.io \"{name}\" not found");
    Failure::refused(target, Rc::new(ApiError::new(Reason::NotFound, Station::Storage, message)))
}
