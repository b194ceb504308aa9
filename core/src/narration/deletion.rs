//! Words for the stations of a pod's deletion: a title each, and a few words about how it came to it or why it did not.

use std::rc::Rc;

use super::Text;
use crate::engine::Actor;
use crate::story::deletion::{Deletion, Fact, Hold, Outcome, Skip, Station, Stop, Told};

/// The name of a stop: `Marked for deletion`. Who waits for the end is told there.
pub fn title(deletion: &Deletion, stop: Stop) -> &'static str {
    match stop {
        Stop::Requested => "Request sent",
        Stop::Authorized => "Authenticated, authorized",
        Stop::Validated => "Validated",
        Stop::Marked => "Marked for deletion",
        Stop::Replaced => "Replaced",
        Stop::Unrouted => "Removed from Service",
        Stop::Signalled => "preStop, then SIGTERM",
        Stop::Killed => "Grace ends, SIGKILL",
        Stop::CleanedUp => "Cleaned up",
        Stop::Removed if is_waited_for(deletion) => "Removed, kubectl returns",
        Stop::Removed => "Object removed",
    }
}

fn is_waited_for(deletion: &Deletion) -> bool {
    let Outcome::Reached { by, .. } = &deletion.station(Stop::Requested).outcome else { return false };
    matches!(by, Actor::Kubectl(_))
}

/// What there is to say of a station: `deletionTimestamp, grace 30 s`.
pub fn note(deletion: &Deletion, station: &Station) -> Text {
    match &station.outcome {
        Outcome::Reached { fact, .. } => reached(deletion, fact),
        Outcome::Skipped(skip) => skipped(*skip),
        Outcome::Held(hold) => held(hold),
        Outcome::Ahead => "still to come".into(),
    }
}

fn reached(deletion: &Deletion, fact: &Fact) -> Text {
    let text = Text::new();
    match fact {
        Fact::Request { is_eviction: true, .. } => {
            text.plain("POST eviction of ").plain(deletion.short_name.clone())
        }
        Fact::Request { grace_seconds: None, .. } => text.plain("DELETE ").plain(deletion.short_name.clone()),
        Fact::Request { grace_seconds: Some(grace), .. } => text
            .plain("DELETE ")
            .plain(deletion.short_name.clone())
            .plain(", grace ")
            .number(grace)
            .plain(" s"),
        // `system:serviceaccount:kube-system:replicaset-controller` is told by its last word.
        Fact::User(user) => text.plain(user.rsplit(':').next().unwrap_or(user)).plain(" may delete pods"),
        Fact::Accepted { refusals: 0, .. } => "preconditions, admission".into(),
        Fact::Accepted { refusals, .. } => text.plain("refused ").number(refusals).plain(" times before"),
        Fact::Mark { grace_seconds: 0, finalizers: 0 } => {
            text.plain("grace ").number(0).plain(": erased next")
        }
        Fact::Mark { grace_seconds, finalizers: 0 } => {
            text.plain("deletionTimestamp, grace ").number(grace_seconds).plain(" s")
        }
        Fact::Mark { grace_seconds, finalizers } => {
            text.plain("grace ").number(grace_seconds).plain(" s, finalizers: ").number(finalizers)
        }
        Fact::Replacement { pod, bound: Some((node, _)) } => {
            text.plain(pod.clone()).plain(" bound to ").plain(node.clone())
        }
        Fact::Replacement { pod, bound: None } => text.plain(pod.clone()).plain(" waits for a node"),
        Fact::Endpoints { service, ready, told, nodes } => endpoints(service, *ready, told, *nodes),
        Fact::Signals { hooks, terminated, kill_in_seconds, is_extended } => {
            signals(*hooks, terminated.is_some(), *kill_in_seconds, *is_extended)
        }
        Fact::Kills { containers, after_ms } => {
            text.number(containers).plain(" killed after ").number(seconds(*after_ms)).plain(" s")
        }
        Fact::Address(address) => text.plain("network namespace, volumes, ").number(address),
        Fact::Removal { after_ms, runs_on: true } => {
            text.plain("after ").number(seconds(*after_ms)).plain(" s; processes still run")
        }
        Fact::Removal { after_ms, runs_on: false } => {
            text.number(seconds(*after_ms)).plain(" s after the request")
        }
    }
}

fn endpoints(service: &Rc<str>, ready: usize, told: &[Told], nodes: usize) -> Text {
    let text = Text::new().plain(service.clone()).plain(" keeps ").number(ready).plain("; ");
    text.number(told.len()).plain(" of ").number(nodes).plain(" proxies told")
}

fn signals(hooks: usize, is_terminated: bool, kill_in_seconds: i64, is_extended: bool) -> Text {
    let text = Text::new();
    match (hooks, is_terminated) {
        (0, _) => text.plain("SIGTERM; SIGKILL after ").number(kill_in_seconds).plain(" s"),
        (_, false) => "preStop runs; SIGTERM follows".into(),
        (_, true) if is_extended => {
            text.plain("preStop took the grace: ").number(kill_in_seconds).plain(" s are left")
        }
        (_, true) => text.plain("preStop, SIGTERM; SIGKILL after ").number(kill_in_seconds).plain(" s"),
    }
}

fn skipped(skip: Skip) -> Text {
    match skip {
        Skip::RemovedAtOnce => "no kubelet has it: removed at once".into(),
        Skip::NoOwner => "no controller owns it".into(),
        Skip::NotWanted => "its controller wants no other".into(),
        Skip::NoService => "no Service led to it".into(),
        Skip::NoNode => "it has no node".into(),
        Skip::NothingRan => "nothing of it ran".into(),
        Skip::EndedInTime { after_ms } => {
            Text::new().plain("every process ended after ").number(seconds(after_ms)).plain(" s")
        }
    }
}

fn held(hold: &Hold) -> Text {
    match hold {
        Hold::Finalizers(names) => Text::new().plain("held by ").plain(names.join(", ")),
        Hold::SilentNode(node) => Text::new().plain(node.clone()).plain(" does not answer"),
    }
}

/// `5.7` of 5740 ms.
fn seconds(milliseconds: u64) -> String {
    format!("{:.1}", milliseconds as f64 / 1000.0)
}
