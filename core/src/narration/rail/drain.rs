//! Words for the stations of a drain.

use std::rc::Rc;

use super::{Lane, Line, State, Text, state};
use crate::story::drain::{Leaving, Stop};
use crate::story::rail::Station;

pub(super) fn line(station: &Station<Stop>) -> Line {
    let state = state(&station.outcome);
    let (title, note) = words(&station.stop, &state);
    let (lane, pod) = match &station.stop {
        Stop::Asked | Stop::Drained | Stop::GivenUp { .. } => (Lane::User, None),
        Stop::Cordoned { .. } | Stop::Refused { .. } | Stop::Folded(_) => (Lane::ApiServer, None),
        // Its deletion has begun only where the API server let it go.
        Stop::Evicted(of) => (Lane::ApiServer, matches!(state, State::Reached { .. }).then_some(of.uid)),
        Stop::Gone(of) => (Lane::Kubelet, matches!(state, State::Reached { .. }).then_some(of.uid)),
    };
    Line { title, note, lane, state, pod }
}

fn words(stop: &Stop, state: &State) -> (Rc<str>, Text) {
    let is_reached = matches!(state, State::Reached { .. });
    let text = Text::new();
    match stop {
        Stop::Asked => ("Drain asked for".into(), "cordon first, then one eviction per pod".into()),
        Stop::Cordoned { node, was_before: false } => {
            ("Cordoned".into(), text.plain("the scheduler passes ").plain(node.clone()).plain(" over"))
        }
        Stop::Cordoned { node, was_before: true } => {
            ("Cordoned".into(), text.plain(node.clone()).plain(" was cordoned already"))
        }
        Stop::Refused { pod, times: 1, .. } => {
            (format!("Budget refuses {pod}").into(), "429: kubectl asks again in 5 s".into())
        }
        Stop::Refused { pod, times, .. } => (
            format!("Budget refuses {pod}").into(),
            text.plain("429, ").number(times).plain(" times: asked again every 5 s"),
        ),
        Stop::Evicted(of) => (format!("{} evicted", of.name).into(), evicted(of, is_reached)),
        Stop::Gone(of) => (format!("{} gone", of.name).into(), gone(of, is_reached)),
        Stop::Drained if is_reached => ("Drained".into(), "kubectl returns; the node stays cordoned".into()),
        Stop::Drained => ("Drained".into(), "once every pod is gone".into()),
        Stop::GivenUp { message } => {
            ("kubectl gives up".into(), text.plain(message.trim_start_matches("error: ").to_owned()))
        }
        Stop::Folded(stations) => {
            (format!("{stations} more stations").into(), "evictions and the ends of pods".into())
        }
    }
}

fn evicted(of: &Leaving, is_reached: bool) -> Text {
    let text = Text::new();
    match (is_reached, of.refusals) {
        (true, 0) => "the API server marks it for deletion".into(),
        (true, refusals) => text.plain("its budget allows it after ").number(refusals).plain(" refusals"),
        (false, 0) => "not asked for yet".into(),
        (false, _) => "its budget allows no disruption".into(),
    }
}

fn gone(of: &Leaving, is_reached: bool) -> Text {
    let text = Text::new();
    match (&of.replacement, is_reached) {
        (Some((pod, Some(node))), _) => text.plain(pod.clone()).plain(" replaces it on ").plain(node.clone()),
        (Some((pod, None)), _) => text.plain(pod.clone()).plain(" replaces it and waits for a node"),
        (None, true) => "nobody replaces it".into(),
        (None, false) => "within its grace period".into(),
    }
}
