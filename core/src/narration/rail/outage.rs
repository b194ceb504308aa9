//! Words for the stations of a node's outage.

use super::{Lane, Line, State, Text, state};
use crate::story::outage::Stop;
use crate::story::rail::Station;

pub(super) fn line(station: &Station<Stop>) -> Line {
    let state = state(&station.outcome);
    let note = match state {
        State::Reached { .. } => reached(&station.stop),
        State::Skipped => skipped(&station.stop),
        State::Held | State::Ahead => ahead(&station.stop),
    };
    Line { title: title(&station.stop).into(), note, lane: lane(&station.stop), state, pod: None }
}

fn lane(stop: &Stop) -> Lane {
    match stop {
        Stop::Silent { .. } | Stop::Returned { .. } | Stop::ReadyAgain => Lane::Kubelet,
        Stop::OutOfReach { .. } => Lane::Endpoints,
        Stop::NotReady { .. }
        | Stop::Tainted { .. }
        | Stop::Tolerated { .. }
        | Stop::Marked { .. }
        | Stop::Replaced { .. } => Lane::Controllers,
        Stop::Removed { .. } => Lane::ApiServer,
    }
}

fn title(stop: &Stop) -> &'static str {
    match stop {
        Stop::Silent { .. } => "Heartbeats stop",
        Stop::NotReady { .. } => "Node counts as NotReady",
        Stop::OutOfReach { .. } => "Its pods leave Services",
        Stop::Tainted { .. } => "Tainted NoExecute",
        Stop::Tolerated { .. } => "Toleration runs out",
        Stop::Marked { .. } => "Pods marked for deletion",
        Stop::Replaced { .. } => "Replaced elsewhere",
        Stop::Returned { .. } => "Kubelet is back",
        Stop::ReadyAgain => "Ready, taints go",
        Stop::Removed { .. } => "Marked pods removed",
    }
}

fn reached(stop: &Stop) -> Text {
    let text = Text::new();
    match stop {
        Stop::Silent { pods } => text.plain("pods that go on running: ").number(pods),
        Stop::NotReady { silent_seconds } => text.plain("silent for ").number(silent_seconds).plain(" s"),
        Stop::OutOfReach { pods } => text.plain("pods that count as not ready: ").number(pods),
        Stop::Tainted { key } => text.plain(key.rsplit('/').next().unwrap_or(key).to_owned()),
        Stop::Tolerated { seconds: 0 } => "the pods do not tolerate it".into(),
        Stop::Tolerated { seconds } => text.plain("pods tolerate it for ").number(seconds).plain(" s"),
        Stop::Marked { pods, .. } => text.plain(pods.clone()).plain(": Terminating"),
        Stop::Replaced { pods, unbound: 0, .. } => text.plain(pods.clone()),
        Stop::Replaced { pods, unbound, .. } => {
            text.plain(pods.clone()).plain("; without a node: ").number(unbound)
        }
        Stop::Returned { after_ms, .. } => {
            text.plain("after ").number(format!("{:.1}", *after_ms as f64 / 1000.0)).plain(" s")
        }
        Stop::ReadyAgain => "new pods may come".into(),
        Stop::Removed { is_forced: true, .. } => "by force: their processes may run on".into(),
        Stop::Removed { count, .. } => text.plain("the kubelet ended all ").number(count),
    }
}

fn skipped(stop: &Stop) -> Text {
    match stop {
        Stop::Silent { .. } | Stop::Returned { .. } => Text::new(),
        Stop::NotReady { .. } => "it was back in time".into(),
        Stop::OutOfReach { pods: 0 } => "none of them had to".into(),
        Stop::OutOfReach { .. } | Stop::Tainted { .. } => "it was back in time".into(),
        Stop::Tolerated { .. } => "nobody's time was over".into(),
        Stop::Marked { .. } => "no pod had to go".into(),
        Stop::Replaced { .. } => "nobody replaces its pods".into(),
        Stop::ReadyAgain => "it never counted as NotReady".into(),
        Stop::Removed { .. } => "no pod was marked".into(),
    }
}

fn ahead(stop: &Stop) -> Text {
    let text = Text::new();
    match stop {
        Stop::Silent { .. } => Text::new(),
        Stop::NotReady { .. } => "after 50 s of silence".into(),
        Stop::OutOfReach { .. } => "once the node counts as NotReady".into(),
        Stop::Tainted { .. } => "right after NotReady".into(),
        Stop::Tolerated { .. } => "300 s after the taint, unless a pod says otherwise".into(),
        Stop::Marked { .. } => "once the toleration is over".into(),
        Stop::Replaced { .. } => "once pods are marked".into(),
        Stop::Returned { stuck: 0, .. } => "still silent".into(),
        Stop::Returned { stuck, .. } => text.plain("still silent; stuck Terminating: ").number(stuck),
        Stop::ReadyAgain => "once its kubelet is back".into(),
        Stop::Removed { count, .. } => text
            .plain("of ")
            .number(count)
            .plain(", some stay until the kubelet is back or force removes them"),
    }
}
