//! `sim`: the lines for what a person does to a cluster that is no kubectl command: time, order, faults.
//!
//! Pods are named as `NAME` or `NAMESPACE/NAME`. What stands behind a ` # ` is for people.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::Command;
use crate::api::{Key, Node, Resource, quantity};
use crate::engine::agenda::EntryId;
use crate::engine::on_node::NodeAct;
use crate::engine::process::Process;
use crate::engine::slow::Watcher;
use crate::kubectl::split_words;
use crate::kubelet::{Finish, Intervention};
use crate::simulation::{KubeletMode, Latencies, Space};
use crate::time::Duration;

/// The word that such a line begins with.
pub(super) const NAME: &str = "sim";

const NOTE: &str = " # ";

/// The longest line: one that holds a manifest file.
const MOST_BYTES: usize = 256 << 10;

/// Every form of a line, and what it does.
pub const FORMS: &[(&str, &str)] = &[
    ("wait TIME", "let this much virtual time pass: 30s, 5m"),
    ("next ENTRY", "let what waits under this number happen next"),
    ("hold ENTRY TIME", "hold what waits under this number back for so long"),
    ("drop ENTRY", "let the message under this number get lost"),
    (
        "slow WATCHER TIME",
        "kube-scheduler, kube-proxy, kubelet/NODE or a controller hears this late; 0s: in time",
    ),
    ("cut-off NODE", "its kubelet hears and says nothing any more; what runs goes on running"),
    ("reconnect NODE", "its kubelet is back"),
    ("report NODE STATUS", "its kubelet reports its Ready condition as True, False or Unknown"),
    (
        "use NODE RESOURCE AMOUNT",
        "so much of its memory, disk, inodes or pids is used by what is no pod: 7900Mi; 0: nothing",
    ),
    ("add-node NAME", "a machine joins the cluster"),
    ("remove-node NAME", "it is switched off and leaves the cluster"),
    (
        "manifest NODE FILE TEXT",
        "a file comes into its manifest directory; in TEXT, \\n stands for a new line",
    ),
    ("no-manifest NODE FILE", "the file is gone from its manifest directory"),
    (
        "move-manifest NODE FILE TO [NAME]",
        "the file moves to this node's directory, under another name if there is one",
    ),
    (
        "stop PROCESS",
        "kube-apiserver, kube-scheduler, kube-controller-manager or a controller, e.g. deployment",
    ),
    ("start PROCESS", "it looks at everything that happened meanwhile"),
    ("follow CLIENT", "the next request of this client becomes steps, hop by hop"),
    ("exit POD CODE [CONTAINER]", "the process of this container ends; of every one without a name"),
    ("crash POD", "every process ends with 1 and waits in back-off"),
    ("finish POD CODE", "every process ends, and the pod with them"),
    ("ready POD", "its containers are ready, whatever their probes say"),
    ("unready POD", "its containers are not ready, whatever their probes say"),
    ("interrupt", "end the kubectl commands that still run, as Ctrl-C does"),
    ("kubelets MODE", "how much kubelets decide: automatic, manual or held"),
];

/// Reads a line that begins with [`NAME`].
///
/// # Errors
/// What such lines look like.
#[inline(never)]
pub(super) fn parse(line: &str) -> Result<Command, String> {
    if line.len() > MOST_BYTES {
        return Err(format!("a line may have {MOST_BYTES} bytes; this one has {}", line.len()));
    }
    let (line, note) = line.split_once(NOTE).unwrap_or((line, ""));
    let words = split_words(line)?;
    let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
    let (verb, rest) = words.split_first().ok_or_else(usage)?;
    command(verb, rest, note.trim()).ok_or_else(|| {
        let form = FORMS.iter().find(|(form, _)| form.split(' ').next() == Some(*verb));
        form.map_or_else(usage, |(form, meaning)| format!("usage: {NAME} {form}\n  {meaning}"))
    })
}

fn usage() -> String {
    let forms = FORMS.iter().map(|(form, meaning)| format!("  {NAME} {form:<34}{meaning}\n"));
    format!("What can be done to the cluster besides kubectl:\n{}", forms.collect::<String>())
}

fn command(verb: &str, words: &[&str], note: &str) -> Option<Command> {
    let on_pod = |name: &str, act| Some(Command::OnPod(pod(name), act));
    let on_node = |name: &str, act| Some(Command::OnNode(name.into(), act));
    match (verb, words) {
        ("wait", [time]) => Duration::parse(time).map(Command::Wait),
        ("next", [entry]) => Some(Command::Choose(EntryId::read(entry)?, note.into())),
        ("hold", [entry, time]) => {
            Some(Command::Hold(EntryId::read(entry)?, Duration::parse(time)?, note.into()))
        }
        ("drop", [entry]) => Some(Command::Drop(EntryId::read(entry)?, note.into())),
        ("slow", [watcher, time]) => Some(Command::Slow(Watcher::read(watcher)?, lateness(time)?)),
        ("cut-off", [node]) => on_node(node, NodeAct::FallsSilent),
        ("reconnect", [node]) => on_node(node, NodeAct::Returns),
        ("report", [node, status @ ("True" | "False" | "Unknown")]) => {
            on_node(node, NodeAct::Reports((*status).into()))
        }
        ("add-node", [name]) => on_node(name, NodeAct::Joins(Rc::new(bare_node(name)))),
        ("manifest", [node, file, text]) => {
            on_node(node, NodeAct::WritesManifest((*file).into(), unfolded(text).into()))
        }
        ("no-manifest", [node, file]) => on_node(node, NodeAct::RemovesManifest((*file).into())),
        ("move-manifest", [node, file, to, rest @ ..]) => {
            let name = match rest {
                [] => file,
                [name] => name,
                _ => return None,
            };
            let (file, to, name) = ((*file).into(), (*to).into(), (*name).into());
            on_node(node, NodeAct::MovesManifest { file, node: to, name })
        }
        ("use", [node, space, amount]) => on_node(node, NodeAct::Uses(Space::read(space)?, bytes(amount)?)),
        ("remove-node", [node]) => on_node(node, NodeAct::Leaves),
        ("exit", [name, code, rest @ ..]) => {
            let container = match rest {
                [] => None,
                [container] => Some((*container).into()),
                _ => return None,
            };
            on_pod(name, Intervention::Exit { container, code: code.parse().ok()? })
        }
        ("crash", [name]) => on_pod(name, Intervention::Crash),
        ("finish", [name, code]) => on_pod(name, Intervention::Finish(Finish::with(code.parse().ok()?))),
        ("ready", [name]) => on_pod(name, Intervention::Ready(true)),
        ("unready", [name]) => on_pod(name, Intervention::Ready(false)),
        ("follow", [client]) => Some(Command::Follow((*client).into())),
        ("stop", [process]) => Process::read(process).map(Command::Stop),
        ("start", [process]) => Process::read(process).map(Command::Start),
        ("interrupt", []) => Some(Command::Interrupt),
        ("kubelets", ["automatic"]) => Some(Command::Kubelets(KubeletMode::Automatic)),
        ("kubelets", ["manual"]) => Some(Command::Kubelets(KubeletMode::Manual)),
        ("kubelets", ["held"]) => Some(Command::Kubelets(KubeletMode::Held)),
        _ => None,
    }
}

/// The line that says it; kubectl's own lines are not among them.
#[inline(never)]
pub(super) fn line(command: &Command) -> String {
    let said = match command {
        Command::Kubectl(invocation) => return invocation.line.to_string(),
        Command::Wait(time) => format!("wait {}", go(*time)),
        Command::Choose(entry, note) => with_note(format!("next {entry}"), note),
        Command::Hold(entry, time, note) => with_note(format!("hold {entry} {}", go(*time)), note),
        Command::Drop(entry, note) => with_note(format!("drop {entry}"), note),
        Command::Slow(watcher, late) => format!("slow {} {}", quoted(watcher), go(*late)),
        Command::OnPod(pod, act) => on_pod(pod, act),
        Command::OnNode(node, NodeAct::FallsSilent) => format!("cut-off {node}"),
        Command::OnNode(node, NodeAct::Returns) => format!("reconnect {node}"),
        Command::OnNode(node, NodeAct::Reports(status)) => format!("report {node} {status}"),
        Command::OnNode(node, NodeAct::Joins(_)) => format!("add-node {node}"),
        Command::OnNode(node, NodeAct::WritesManifest(file, text)) => {
            format!("manifest {node} {file} '{}'", folded(text))
        }
        Command::OnNode(node, NodeAct::RemovesManifest(file)) => format!("no-manifest {node} {file}"),
        Command::OnNode(node, NodeAct::MovesManifest { file, node: to, name }) if file == name => {
            format!("move-manifest {node} {file} {to}")
        }
        Command::OnNode(node, NodeAct::MovesManifest { file, node: to, name }) => {
            format!("move-manifest {node} {file} {to} {name}")
        }
        Command::OnNode(node, NodeAct::Uses(space, bytes)) => {
            format!("use {node} {} {}", space.name(), space.written(*bytes))
        }
        Command::OnNode(node, NodeAct::Leaves) => format!("remove-node {node}"),
        Command::Stop(process) => format!("stop {}", quoted(process)),
        Command::Start(process) => format!("start {}", quoted(process)),
        Command::Follow(client) => format!("follow {client}"),
        Command::Interrupt => "interrupt".to_owned(),
        Command::Kubelets(KubeletMode::Automatic) => "kubelets automatic".to_owned(),
        Command::Kubelets(KubeletMode::Manual) => "kubelets manual".to_owned(),
        Command::Kubelets(KubeletMode::Held) => "kubelets held".to_owned(),
    };
    format!("{NAME} {said}")
}

fn on_pod(pod: &Key, act: &Intervention) -> String {
    match act {
        Intervention::Ready(true) => format!("ready {pod}"),
        Intervention::Ready(false) => format!("unready {pod}"),
        Intervention::Exit { container: None, code } => format!("exit {pod} {code}"),
        Intervention::Exit { container: Some(name), code } => format!("exit {pod} {code} {name}"),
        Intervention::Crash => format!("crash {pod}"),
        Intervention::Finish(finish) => format!("finish {pod} {}", finish.code),
    }
}

/// A name as one word of a line.
fn quoted(name: &impl ToString) -> String {
    let name = name.to_string();
    if name.contains(' ') { format!("'{name}'") } else { name }
}

/// How late a watcher hears: at most as late as any latency may be.
fn lateness(time: &str) -> Option<Duration> {
    Duration::parse(time).filter(|late| *late <= Latencies::MAX)
}

/// An amount of memory or disk: `7900Mi`.
fn bytes(amount: &str) -> Option<i64> {
    let bytes = quantity::thousandths(amount)? / 1000;
    i64::try_from(bytes).ok().filter(|bytes| *bytes >= 0)
}

/// A duration as [`Duration::parse`] reads it.
fn go(time: Duration) -> String {
    match time.as_millis() {
        millis if millis.is_multiple_of(1000) => format!("{}s", time.whole_seconds()),
        millis => format!("{millis}ms"),
    }
}

/// What a text is written as between quotes on one line, without what would begin a note.
const FOLDS: [(char, char); 4] = [('\\', '\\'), ('\n', 'n'), ('\'', 'q'), ('#', 'h')];

fn folded(text: &str) -> String {
    let fold = |letter: char| match FOLDS.iter().find(|(plain, _)| *plain == letter) {
        Some((_, sign)) => vec!['\\', *sign],
        None => vec![letter],
    };
    text.chars().flat_map(fold).collect()
}

fn unfolded(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let sign = if letter == '\\' { letters.next() } else { None };
        match FOLDS.iter().find(|(_, known)| Some(*known) == sign) {
            Some((meant, _)) => plain.push(*meant),
            None => plain.extend([letter].into_iter().chain(sign)),
        }
    }
    plain
}

fn with_note(line: String, note: &str) -> String {
    if note.is_empty() { line } else { format!("{line}{NOTE}{note}") }
}

fn pod(name: &str) -> Key {
    let (namespace, name) = name.split_once('/').unwrap_or(("default", name));
    Key::new(namespace, name)
}

/// A node of which nothing is known but its name.
fn bare_node(name: &str) -> Node {
    Resource {
        key: Key::new("", name),
        uid: Default::default(),
        resource_version: 0,
        meta: Rc::default(),
        spec: Rc::new(core::NodeSpec::default()),
        status: Rc::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_says_what_it_was_read_from() {
        for line in [
            "sim wait 90s",
            "sim next 37 # Kubelet on node-1 looks at web-x2x8k",
            "sim hold 37 500ms",
            "sim next -2",
            "sim cut-off node-1",
            "sim reconnect node-1",
            "sim report node-1 False",
            "sim drop 41",
            "sim slow endpointslice 2s",
            "sim slow 'node lifecycle' 0s",
            "sim stop 'pod gc'",
            "sim move-manifest node-1 web.yaml node-2",
            "sim move-manifest node-1 web.yaml node-1 shop.yaml",
            "sim use node-1 memory 7900Mi",
            "sim remove-node node-3",
            "sim add-node node-4",
            r"sim manifest node-1 web.yaml 'apiVersion: v1\nkind: Pod \h it\qs static\n'",
            "sim no-manifest node-1 web.yaml",
            "sim exit shop/web 137",
            "sim exit default/web 0 log",
            "sim crash default/web",
            "sim finish default/web 0",
            "sim ready default/web",
            "sim unready default/web",
            "sim follow visitors",
            "sim stop kube-controller-manager",
            "sim stop kube-apiserver",
            "sim start replicaset",
            "sim kubelets held",
        ] {
            assert_eq!(&*Command::parse(line, &|_| None).unwrap().line(), line);
        }
    }

    #[test]
    fn a_pod_without_a_namespace_is_in_the_default_one() {
        let read = |line| parse(line).unwrap();
        assert_eq!(read("sim crash web"), read("sim crash default/web"));
    }

    #[test]
    fn what_is_no_line_is_answered_with_the_lines_there_are() {
        assert_eq!(
            parse("sim wait"),
            Err("usage: sim wait TIME\n  let this much virtual time pass: 30s, 5m".to_owned())
        );
        assert!(parse("sim").unwrap_err().contains("  sim cut-off NODE"));
        assert!(parse("sim fly node-1").unwrap_err().contains("  sim add-node NAME"));
        assert!(parse("sim exit web one").is_err());
    }
}
