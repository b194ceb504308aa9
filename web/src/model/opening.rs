//! The model of a page that has just been opened: a first visit, a kept session, a link, or after a fault.

use std::rc::Rc;

use kubestep_core::engine::StepId;

use super::directory::Directories;
use super::document::Document;
use super::effect::Effect;
use super::frame::Frame;
use super::message::{Go, InspectorTab};
use super::run::Run;
use super::session::{CLUSTER, Session, replay};
use super::{File, Model, Playback};
use crate::lessons;

/// How fast the first visit's own run plays.
const INTRODUCTION_SPEED: f32 = 4.0;

/// How the page was opened.
#[derive(Clone, Debug, PartialEq)]
pub enum Opened {
    /// As usual: with the session kept last time, if there is one.
    Again(Option<Session>),
    /// By a link.
    Link(Session),
    /// By a link that describes nothing, with the reason.
    BrokenLink(&'static str),
    /// After a fault of the program: what led to it is not done again.
    AfterFault,
}

/// The model of a page that has just been opened; `draft` is the text that was kept.
pub fn first(frame: Frame, draft: Option<String>, opened: Opened) -> (Model, Vec<Effect>) {
    let mut effects = vec![
        Effect::Property("--left-w", format!("{}px", frame.kept.left)),
        Effect::Property("--tl-h", format!("{}px", frame.kept.timeline)),
    ];
    if let Some(width) = frame.kept.right {
        effects.push(Effect::Property("--right-w", format!("{width}px")));
    }
    let model = match opened {
        Opened::Again(None) => first_visit(frame, draft, &mut effects),
        Opened::Again(Some(session)) => kept(frame, draft, session, &mut effects),
        Opened::Link(session) => kept(frame, None, session, &mut effects),
        Opened::BrokenLink(words) => {
            let mut model = first_visit(frame, draft, &mut effects);
            model.say(words, &mut effects);
            model
        }
        Opened::AfterFault => {
            let mut model = kept(frame, draft, Session::default(), &mut effects);
            model.say(
                "kubestep stopped on a fault. The manifests are here, and have not been applied again.",
                &mut effects,
            );
            model
        }
    };
    (model, effects)
}

/// A session as it was kept: done again, seen from where the viewer stood.
fn kept(frame: Frame, draft: Option<String>, session: Session, effects: &mut Vec<Effect>) -> Model {
    let cluster = session.cluster.clone().unwrap_or_else(|| CLUSTER.into());
    let (ground, timeline) = replay(&cluster, &session.acts);
    let applied = session.acts.iter().rev().find_map(|act| act.file.clone());
    let draft = draft.unwrap_or_else(|| applied.as_deref().unwrap_or_default().to_owned());
    let mut model = empty(frame, &draft, Run::new(ground, timeline, session.acts));
    model.lesson = session.lesson.as_deref().and_then(lessons::place);
    if let Some(applied) = applied {
        model.document.set_applied(applied);
    }
    // The first slice at once: the step in view may lie in it.
    model.compute(effects);
    if let Some(step) = session.cursor {
        model.run.go(Go::Scrub(Some(StepId(step))), 1.0, None);
    }
    model
}

/// The first lesson's manifests, applied and playing.
fn first_visit(frame: Frame, draft: Option<String>, effects: &mut Vec<Effect>) -> Model {
    let mut model = empty(frame, lessons::ALL[0].manifests, Run::empty(CLUSTER));
    model.playback.is_introduction = true;
    model.playback.speed = INTRODUCTION_SPEED;
    model.open_lesson(0, effects);
    if let Some(draft) = draft {
        model.document.type_in(&draft);
        model.document.read();
    }
    model
}

/// A model of `run` with the settings of a fresh page.
fn empty(frame: Frame, draft: &str, run: Run) -> Model {
    let mut cluster = Document::new(&run.ground.cluster);
    cluster.set_applied(run.ground.cluster.clone());
    Model {
        run,
        playback: Playback::default(),
        document: Document::new(draft),
        cluster,
        file: File::default(),
        directories: Directories::default(),
        close_up: Vec::new(),
        menu: None,
        frame,
        selected: None,
        tab: InspectorTab::default(),
        typed: Rc::from([]),
        lesson: None,
        rail: None,
        notice: None,
        reveal: None,
    }
}
