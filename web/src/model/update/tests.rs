//! What messages lead to.

use kubestep_core::api::{Deployment, Pod};
use kubestep_core::engine::{StepId, What};

use super::update;
use crate::breakpoints::Breakpoint;
use crate::lessons;
use crate::model::Model;
use crate::model::effect::{Effect, Purpose};
use crate::model::frame::{Frame, Kept, Theme};
use crate::model::message::{Go, Message, PlaybackMessage, Stride};
use crate::model::opening::{Opened, first};
use crate::model::rail;

fn opened(opened: Opened) -> Model {
    let frame = Frame::new(1440.0, Theme::Dark, false, Kept::default());
    let (model, effects) = first(frame, None, opened);
    computed(model, effects)
}

/// Sends a message, and then whatever the simulation asks for, but no tick of the player.
fn after(model: Model, message: Message) -> Model {
    let (model, effects) = update(model, message);
    computed(model, effects)
}

fn computed(mut model: Model, effects: Vec<Effect>) -> Model {
    let mut waiting = effects;
    while let Some(effect) = waiting.pop() {
        let Effect::Later { purpose: Purpose::Compute, message, .. } = effect else { continue };
        let (next, more) = update(model, message);
        model = next;
        waiting.extend(more);
    }
    model
}

fn go(model: Model, go: Go) -> Model {
    after(model, Message::Go(go))
}

#[test]
fn the_first_visit_plays_the_first_lesson() {
    let model = opened(Opened::Again(None));
    assert!(model.playback.is_playing);
    assert_eq!(model.run.step().map(|step| step.id), Some(StepId(0)));
    assert_eq!(model.run.timeline.head().store.count::<Pod>(), 3);
    assert_eq!(model.document.changes.total(), 0);
}

#[test]
fn a_tick_shows_the_next_step_and_a_late_one_is_dropped() {
    let model = opened(Opened::Again(None));
    let serial = model.run.transition.serial;
    let model = after(model, Message::Playback(PlaybackMessage::Tick(serial)));
    let shown = model.run.cursor;
    assert!(shown > Some(StepId(0)));
    let model = after(model, Message::Playback(PlaybackMessage::Tick(serial)));
    assert_eq!(model.run.cursor, shown);
}

#[test]
fn moving_pauses_and_ends_the_introduction() {
    let model = go(opened(Opened::Again(None)), Go::End);
    assert!(!model.playback.is_playing);
    assert_eq!(model.playback.speed, 1.0);
    assert!(model.run.is_at_end());
}

#[test]
fn acting_at_the_end_replaces_nothing() {
    let model = go(opened(Opened::Again(None)), Go::End);
    let model = after(model, Message::Kubectl("scale deployment my-deployment --replicas=5".into()));
    assert_eq!(model.run.branches.len(), 0);
    assert_eq!(model.run.timeline.head().store.count::<Pod>(), 5);
}

#[test]
fn acting_in_the_past_keeps_the_replaced_future_and_opens_it_again() {
    let model = go(opened(Opened::Again(None)), Go::End);
    let known = model.run.timeline.len();
    let model = go(model, Go::Scrub(Some(StepId(5))));
    let model = after(model, Message::Kubectl("kubectl scale deployment my-deployment --replicas=1".into()));
    assert_eq!(model.run.branches.len(), 1);
    assert_eq!(model.run.timeline.head().store.count::<Pod>(), 1);
    let model = after(model, Message::OpenBranch(0));
    assert_eq!(model.run.timeline.len(), known);
    assert_eq!(model.run.cursor, Some(StepId(5)));
    assert_eq!(model.run.branches.len(), 1);
}

#[test]
fn a_line_that_kubectl_does_not_know_is_answered_and_changes_nothing() {
    let model = go(opened(Opened::Again(None)), Go::End);
    let known = model.run.timeline.len();
    let model = after(model, Message::Kubectl("kubectl frobnicate".into()));
    assert_eq!(model.run.timeline.len(), known);
    assert!(model.run.misheard[0].answer.contains("unknown command"));
}

#[test]
fn a_kept_session_leads_to_the_same_steps_and_place() {
    let model = go(opened(Opened::Again(None)), Go::End);
    let model = after(model, Message::Kubectl("scale deployment my-deployment --replicas=2".into()));
    let model = go(go(model, Go::End), Go::Back(Stride::Into));
    let again = opened(Opened::Again(Some(model.session())));
    assert_eq!(again.run.cursor, model.run.cursor);
    let fingerprints =
        |model: &Model| model.run.timeline.steps().iter().map(|step| step.fingerprint()).collect::<Vec<_>>();
    assert_eq!(fingerprints(&again), fingerprints(&model));
}

#[test]
fn after_a_fault_the_draft_is_there_and_nothing_is_applied() {
    let frame = Frame::new(1440.0, Theme::Dark, false, Kept::default());
    let (model, _) = first(frame, Some("kind: Pod".into()), Opened::AfterFault);
    assert_eq!(&*model.document.draft, "kind: Pod");
    assert!(model.run.timeline.is_empty());
}

#[test]
fn a_draft_is_read_when_typing_pauses() {
    let model = after(opened(Opened::Again(None)), Message::Typed("kind: [".into()));
    assert!(model.document.diagnostics.is_empty());
    let model = after(model.clone(), Message::ReadDraft(model.document.serial));
    assert!(model.document.diagnostics.iter().any(|diagnostic| diagnostic.is_error));
}

#[test]
fn a_breakpoint_stops_play_where_it_becomes_true() {
    let model = go(opened(Opened::Again(None)), Go::Start);
    let kind = kubestep_core::api::Kind::Deployment;
    let breakpoint = Breakpoint::Field { kind, path: "spec.replicas".into() };
    let model = after(model, Message::Playback(PlaybackMessage::AddBreakpoint(breakpoint)));
    let mut model = after(model, Message::Playback(PlaybackMessage::Toggle));
    while model.playback.is_playing {
        let serial = model.run.transition.serial;
        model = after(model, Message::Playback(PlaybackMessage::Tick(serial)));
    }
    let change = model.run.step().and_then(|step| step.change()).cloned();
    assert_eq!(change.map(|change| change.object.kind), Some(kind));
}

#[test]
fn a_stride_goes_by_look_or_by_command() {
    let model = go(opened(Opened::Again(None)), Go::End);
    let model = after(model, Message::Kubectl("scale deployment my-deployment --replicas=4".into()));
    let model = go(go(model, Go::Start), Go::Forward(Stride::Out));
    let next = model.run.timeline.steps()[model.run.happened()..].iter().find(|step| !step.is_quiet());
    assert!(next.is_some_and(|step| matches!(step.what, What::Asked(_))));

    let model = go(go(model, Go::Start), Go::Forward(Stride::Over));
    let reconcile = model.run.step().map(|step| step.reconcile);
    let later = model.run.timeline.steps()[model.run.happened()..].iter();
    assert!(later.filter(|step| Some(step.reconcile) == reconcile).all(|step| step.is_quiet()));
}

#[test]
fn other_nodes_begin_another_run() {
    let model = go(opened(Opened::Again(None)), Go::End);
    let nodes = "apiVersion: v1\nkind: Node\nmetadata:\n  name: alone\n---\n";
    let draft = format!("{nodes}{}", lessons::ALL[0].manifests);
    let model = after(after(model, Message::Typed(draft)), Message::Apply);
    let store = &model.run.timeline.head().store;
    assert_eq!(store.count::<kubestep_core::api::Node>(), 1);
    assert_eq!(store.count::<Deployment>(), 1);
    assert_eq!(model.run.branches.len(), 1);
}

#[test]
fn what_was_done_is_taken_back_and_kept_as_a_replaced_future() {
    let model = go(opened(Opened::Again(None)), Go::End);
    let model = after(model, Message::Kubectl("scale deployment my-deployment --replicas=5".into()));
    let model = go(model, Go::End);
    let model = after(model, Message::Undo);
    assert_eq!(model.run.timeline.head().store.count::<Pod>(), 3);
    assert_eq!((model.run.branches.len(), model.run.acts.len()), (1, 1));
    assert!(model.run.is_at_end());

    let model = after(model, Message::Undo);
    assert_eq!(model.run.timeline.head().store.count::<Pod>(), 0);
    assert_eq!(&*model.document.applied, "");
    assert_eq!(&*model.document.draft, lessons::ALL[0].manifests);
}

#[test]
fn the_timeline_of_a_deletion_goes_from_station_to_station() {
    let lesson = lessons::place("graceful-deletion").expect("a lesson");
    let model = after(opened(Opened::Again(None)), Message::OpenLesson(lesson));
    let told = rail::tell(&model.run, model.rail.expect("its stations are open")).expect("a deletion");
    let spans = told.spans.clone().expect("a deletion's");
    let last = model.run.timeline.len() as u32 - 1;
    assert!(spans.windows(2).all(|pair| pair[0].last.0 + 1 == pair[1].first.0));
    assert_eq!(spans.last().map(|span| span.last.0), Some(last));
    for span in spans.iter() {
        let place = told.story.place_at(span.first).expect("a station");
        assert!(span.label.starts_with(&format!("{} ", place + 1)), "{} at {place}", span.label);
    }
    assert!(spans.iter().any(|span| span.label == "7 preStop, then SIGTERM"));
}

#[test]
fn a_moment_is_gone_to_even_if_it_lies_behind_far_timers() {
    let bad_image = lessons::place("bad-image").expect("a lesson");
    let model = after(opened(Opened::Again(None)), Message::OpenLesson(bad_image));
    let model = go(model, Go::End);
    let known = model.run.timeline.len();
    let model = after(model, Message::Seek(Breakpoint::DeadlineExceeded));
    assert!(model.run.timeline.len() > known && !model.playback.is_playing);
    assert!(
        model.run.step().is_some_and(|step| Breakpoint::DeadlineExceeded.is_hit_by(step, &model.run.chart))
    );

    let cursor = model.run.cursor;
    let model = after(model, Message::Seek(Breakpoint::PodTerminating));
    assert_eq!(model.run.cursor, cursor, "what never comes is said, and the viewer stays");
    assert!(model.notice.is_some_and(|(words, _)| words.contains("pod terminating")));
}
