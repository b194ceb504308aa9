//! What is looked at, and the frame around it.

use kubestep_core::api::ObjectRef;

use super::super::Model;
use super::super::effect::{Effect, Purpose};
use super::super::frame::FrameMessage;
use super::super::message::{Go, InspectorTab, Message};
use super::super::session::{CLUSTER, Session};
use crate::actions;
use crate::lessons;
use crate::model::menu::Menu;
use crate::panels::inspector::last_change;
use crate::panels::terminal::PROMPT;
use crate::persistence;
use crate::scene::reading;
use crate::share;

/// How long a passing notice stays, in milliseconds.
const NOTICE_MS: u32 = 6_000;

impl Model {
    pub(super) fn select(&mut self, object: Option<ObjectRef>) {
        if object.is_some() {
            self.tab = InspectorTab::Objects;
            self.frame.show_inspector();
        }
        self.selected = object;
    }

    /// What can be done to a figure of the stage, where the viewer stands.
    pub(super) fn open_menu(&mut self, figure: &str, at: (i32, i32)) {
        let world = self.run.standing();
        let object = reading::object_of(&world, figure);
        let (title, actions) = match &object {
            Some(object) => (object.key.name.to_string(), actions::actions(&world, object)),
            None => actions::on_the_cluster(&world, figure),
        };
        self.menu = (!actions.is_empty()).then(|| Menu { title, actions: actions.into(), at });
    }

    pub(super) fn why(&mut self, object: ObjectRef, effects: &mut Vec<Effect>) {
        let Some(step) = last_change(&self.run.timeline, self.run.cursor, &object) else { return };
        self.go(Go::To(step), effects);
        self.frame.show_inspector();
        self.selected = Some(object);
    }

    pub(super) fn copy_link(&mut self, effects: &mut Vec<Effect>) {
        let Some(link) = share::encode(&self.session()) else {
            return self.say("These manifests are too long for a link.", effects);
        };
        effects.push(Effect::CopyLink(link));
        self.say("Copied: the link opens these manifests and commands at this step.", effects);
    }

    pub(super) fn focus_terminal(&mut self, effects: &mut Vec<Effect>) {
        self.frame.show_terminal();
        effects.push(Effect::Focus(PROMPT));
    }

    pub(super) fn frame(&mut self, message: FrameMessage, effects: &mut Vec<Effect>) {
        self.frame.update(message);
        match message {
            FrameMessage::SwitchTheme => {
                let theme = self.frame.theme.name();
                effects.push(Effect::Theme(theme));
                effects.push(Effect::Keep { key: persistence::THEME, text: theme.to_owned() });
            }
            FrameMessage::LeftWidth(_) => {
                effects.push(Effect::Property("--left-w", format!("{}px", self.frame.kept.left)))
            }
            FrameMessage::RightWidth(_) => {
                let width = self.frame.kept.right.map_or(String::new(), |width| format!("{width}px"));
                effects.push(Effect::Property("--right-w", width));
            }
            FrameMessage::TimelineHeight(_) => {
                effects.push(Effect::Property("--tl-h", format!("{}px", self.frame.kept.timeline)))
            }
            _ => {}
        }
        if matches!(
            message,
            FrameMessage::LeftWidth(_)
                | FrameMessage::RightWidth(_)
                | FrameMessage::TimelineHeight(_)
                | FrameMessage::SingleKeys(_)
        ) {
            let kept = serde_json::to_string(&self.frame.kept).unwrap_or_default();
            effects.push(Effect::Keep { key: persistence::FRAME, text: kept });
        }
    }

    pub(in crate::model) fn say(&mut self, words: &str, effects: &mut Vec<Effect>) {
        let number = self.notice.as_ref().map_or(0, |(_, number)| number + 1);
        self.notice = Some((words.into(), number));
        effects.push(Effect::Later {
            purpose: Purpose::Notice,
            milliseconds: NOTICE_MS,
            message: Message::ForgetNotice(number),
        });
    }

    /// The session as it is kept.
    pub fn session(&self) -> Session {
        Session {
            lesson: self.lesson.map(|place| lessons::ALL[place].name.to_owned()),
            cluster: Some(self.run.ground.cluster.clone()).filter(|cluster| **cluster != *CLUSTER),
            acts: self.run.acts.to_vec(),
            cursor: self.run.cursor.map(|step| step.0),
        }
    }
}
