//! Words for the stations of a rollout.

use std::rc::Rc;

use super::{Lane, Line, State, Text, state};
use crate::story::rail::Station;
use crate::story::rollout::{Ask, Ending, May, Size, Stop};

pub(super) fn line(station: &Station<Stop>) -> Line {
    let state = state(&station.outcome);
    let (title, note) = words(&station.stop, &state);
    Line { title, note, lane: lane(&station.stop), state, pod: None }
}

fn lane(stop: &Stop) -> Lane {
    match stop {
        Stop::Asked(_) | Stop::Pauses(_) | Stop::Ended(_) => Lane::User,
        Stop::NewSet { .. }
        | Stop::Grows { .. }
        | Stop::Shrinks { .. }
        | Stop::Resizes(_)
        | Stop::Stuck { .. }
        | Stop::Complete { .. }
        | Stop::Folded(_) => Lane::Controllers,
        Stop::Waits { .. } => Lane::Kubelet,
        Stop::OldGone { .. } => Lane::ApiServer,
    }
}

fn words(stop: &Stop, state: &State) -> (Rc<str>, Text) {
    let is_reached = matches!(state, State::Reached { .. });
    let text = Text::new();
    match stop {
        Stop::Asked(ask) => asked(ask),
        Stop::NewSet { set, revision, was: Some(was) } => (
            "Old ReplicaSet comes back".into(),
            text.plain(set.clone()).plain(", revision ").number(was).plain(" is now ").number(revision),
        ),
        Stop::NewSet { set, revision, was: None } => {
            ("New ReplicaSet".into(), text.plain(set.clone()).plain(", revision ").number(revision))
        }
        Stop::Grows { size, ceiling: Some(ceiling) } => {
            (format!("New {} to {}", size.from, size.to).into(), of(size).plain(", ceiling ").number(ceiling))
        }
        Stop::Grows { size, ceiling: None } => {
            (format!("New {} to {}", size.from, size.to).into(), of(size).plain(", old ones are gone"))
        }
        Stop::Waits { number, desired, pod, because } => {
            let pod = pod.as_deref().unwrap_or("one more pod");
            let note = if is_reached {
                text.plain("ready")
            } else if because.is_empty() {
                text.plain("on its way")
            } else {
                text.plain(because.clone())
            };
            (format!("{number}/{desired}: {pod} must become ready").into(), note)
        }
        Stop::Shrinks { size, because } => {
            (format!("Old {} to {}", size.from, size.to).into(), shrinks(size, *because))
        }
        Stop::Resizes(size) => {
            (format!("Scaled {} to {}", size.from, size.to).into(), of(size).plain(": spec.replicas changed"))
        }
        Stop::Pauses(true) => ("Paused".into(), "the new ReplicaSet stays as it is".into()),
        Stop::Pauses(false) => ("Resumed".into(), "the deadline begins anew".into()),
        Stop::Stuck { available, desired, deadline_seconds } => (
            "Stuck: deadline exceeded".into(),
            text.plain("no progress for ")
                .number(deadline_seconds)
                .plain(" s, ")
                .number(available)
                .plain(" of ")
                .number(desired)
                .plain(" available"),
        ),
        Stop::Complete { desired } if is_reached => {
            ("Complete".into(), text.number(desired).plain(" new pods available, no old one counts"))
        }
        Stop::Complete { desired } => {
            ("Complete".into(), text.plain("once ").number(desired).plain(" new pods are available"))
        }
        Stop::OldGone { pods } if is_reached => {
            ("Old pods drained".into(), text.plain("the last of ").number(pods).plain(" is gone"))
        }
        Stop::OldGone { pods } => {
            ("Old pods drained".into(), text.plain("of ").number(pods).plain(", some are still there"))
        }
        Stop::Ended(Ending::Undone) => {
            ("Undone".into(), "an earlier template came back before it was complete".into())
        }
        Stop::Ended(Ending::Overtaken) => {
            ("Overtaken".into(), "another template came before it was complete".into())
        }
        Stop::Ended(Ending::Deleted) => ("Deployment deleted".into(), "before it was complete".into()),
        Stop::Folded(stations) => {
            (format!("{stations} more stations").into(), "waits, new pods and old ones in turn".into())
        }
    }
}

fn shrinks(size: &Size, because: May) -> Text {
    match because {
        May::Spares { available, floor } => {
            of(size).plain(", ").number(available).plain(" available, floor ").number(floor)
        }
        May::Unavailable => of(size).plain(", not available: they go first"),
        May::Saturated => of(size).plain(", the new pods are all there"),
        May::Recreates => of(size).plain(", Recreate: old ones first"),
    }
}

fn asked(ask: &Ask) -> (Rc<str>, Text) {
    match ask {
        Ask::Created => ("Deployment created".into(), "it has a template and no ReplicaSet".into()),
        Ask::Template(what) if what.is_empty() => {
            ("Template changed".into(), "another revision begins".into())
        }
        Ask::Template(what) => ("Template changed".into(), Text::new().plain(what.clone())),
        Ask::Undo(revision) => {
            ("Template taken back".into(), Text::new().plain("that of revision ").number(revision))
        }
        Ask::Restart => ("Restart asked for".into(), "the template differs in an annotation alone".into()),
    }
}

fn of(size: &Size) -> Text {
    Text::new().plain(size.set.clone())
}
