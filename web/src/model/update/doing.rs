//! What changes the run: the manifests, kubectl lines, lessons, replaced futures.

use kubestep_core::api::Key;
use kubestep_core::network::flow::Passage;
use kubestep_core::story::{Rail as Story, Subject};
use yew::AttrValue;

use super::super::directory::Place;
use super::super::document::Document;
use super::super::effect::{Effect, Purpose};
use super::super::frame::{Room, StageView};
use super::super::message::{Go, Message, Stride};
use super::super::run::{Ahead, MOST_STEPS, Run};
use super::super::session::{Act, CLUSTER};
use super::super::{File, Model, clients};
use super::{compute, save};
use crate::lessons::{self, View};
use crate::persistence;
use crate::scene::network::follow;

/// How long typing must pause before the draft is read, in milliseconds.
const READ_AFTER_MS: u32 = 160;
/// The most lines that the prompt remembers.
const MOST_TYPED: usize = 200;
/// The longest line that is offered again after a reload, in bytes.
const LONGEST_KEPT: usize = 2_000;

impl Model {
    pub(super) fn type_in(&mut self, text: String, effects: &mut Vec<Effect>) {
        self.document.type_in(&text);
        effects.push(Effect::Keep { key: persistence::DRAFT, text });
        effects.push(Effect::Later {
            purpose: Purpose::Read,
            milliseconds: READ_AFTER_MS,
            message: Message::ReadDraft(self.document.serial),
        });
    }

    /// A cluster is described in a few lines: it is read at once.
    pub(super) fn type_cluster(&mut self, text: &str) {
        self.cluster.type_in(text);
        self.cluster.read();
    }

    /// Nodes and settings are what a run stands on: others begin it again, with the manifests as they were applied.
    pub(super) fn apply_cluster(&mut self, effects: &mut Vec<Effect>) {
        self.end_introduction();
        if let Some(error) = self.cluster.diagnostics.iter().find(|found| found.is_error) {
            let words = format!("cluster.yaml, line {}: {}", error.line, error.message);
            return self.say(&words, effects);
        }
        self.pause(effects);
        let text = self.cluster.draft.clone();
        let is_other = self.run.stand_on(&text);
        self.cluster.set_applied(text);
        if is_other {
            self.rail = None;
            self.selected = None;
            self.compute(effects);
            self.play(effects);
        }
        effects.push(save());
    }

    pub(super) fn kubectl(&mut self, line: &str, effects: &mut Vec<Effect>) {
        let newest = self.typed.iter().cloned().chain([AttrValue::from(line.to_owned())]);
        self.typed = newest.skip((self.typed.len() + 1).saturating_sub(MOST_TYPED)).collect();
        // A whole manifest behind `<<EOF` would fill the storage.
        let kept = self.typed.iter().map(AttrValue::as_str).filter(|line| line.len() <= LONGEST_KEPT);
        let text = serde_json::to_string(&kept.collect::<Vec<_>>()).unwrap_or_default();
        effects.push(Effect::Keep { key: persistence::TYPED, text });
        self.act(Act::typed(self.run.happened(), line, &self.document.draft), effects);
    }

    pub(super) fn act(&mut self, act: Act, effects: &mut Vec<Effect>) {
        if self.begin(act, effects) {
            self.play(effects);
        }
    }

    /// Whoever decides about an order looks at it closely.
    pub(super) fn order(&mut self, line: &str, effects: &mut Vec<Effect>) {
        self.pause(effects);
        if self.begin(Act::typed(self.run.happened(), line, &self.document.draft), effects) {
            self.run.go(Go::Forward(Stride::Into), self.playback.speed, None);
        }
    }

    /// Adds a client of a Service to the draft of cluster.yaml, and shows it there.
    pub(super) fn send_requests(&mut self, service: &Key, effects: &mut Vec<Effect>) {
        let text = clients::with_client(&self.cluster.draft, service);
        self.type_cluster(&text);
        self.file = File::Cluster;
        self.frame.show_editor();
        self.say("A client stands at the end of cluster.yaml. Apply begins again with it.", effects);
    }

    /// Follows a client's next request, seen from its first hop on.
    pub(super) fn follow(&mut self, client: &str, effects: &mut Vec<Effect>) {
        self.pause(effects);
        let happened = self.run.happened();
        let line = format!("sim follow {client}");
        if !self.begin(Act::typed(happened, &line, &self.document.draft), effects) {
            return;
        }
        let later = self.run.timeline.steps().iter().skip(happened);
        // Another request may be on its way still.
        let begins = |passage: &Passage| passage.place == 0 && *passage.client == *client;
        let mut first = later.filter(|step| follow::hop(step).is_some_and(|passage| begins(passage)));
        match first.next().map(|step| step.id) {
            Some(first) => self.run.go(Go::To(first), self.playback.speed, None),
            None => self.run.go(Go::Forward(Stride::Into), self.playback.speed, None),
        }
    }

    /// Does something where the viewer stands. Returns whether it was understood.
    fn begin(&mut self, act: Act, effects: &mut Vec<Effect>) -> bool {
        self.end_introduction();
        self.menu = None;
        let file = act.file.clone();
        if !self.run.act(act) {
            return false;
        }
        if let Some(text) = file {
            self.document.set_applied(text);
        }
        // One slice at once, so that the first step is there to be played.
        self.compute(effects);
        effects.push(save());
        true
    }

    /// Takes back the last act; the editor keeps its draft, which then differs from what is applied.
    pub(super) fn undo(&mut self, effects: &mut Vec<Effect>) {
        self.end_introduction();
        self.pause(effects);
        let Some(taken_back) = self.run.undo() else {
            return self.say("There is nothing to take back.", effects);
        };
        if taken_back.file.is_some() {
            let earlier = self.run.acts.iter().rev().find_map(|act| act.file.clone());
            self.document.set_applied(earlier.unwrap_or_default());
        }
        let words =
            format!("Taken back: {}. What it led to is kept among the replaced futures.", taken_back.line);
        self.say(&words, effects);
        effects.push(compute(self));
        effects.push(save());
    }

    pub(in crate::model) fn compute(&mut self, effects: &mut Vec<Effect>) {
        self.run.compute();
        match self.run.ahead {
            Ahead::Computing => effects.push(compute(self)),
            Ahead::AtRest => {}
            Ahead::AtLimit => {
                self.say(&format!("This run has reached {MOST_STEPS} steps, the most that are kept. Reset, or go back and act there."), effects);
            }
        }
    }

    pub(super) fn open_branch(&mut self, place: usize, effects: &mut Vec<Effect>) {
        self.end_introduction();
        self.pause(effects);
        self.run.open_branch(place);
        self.cluster.set_applied(self.run.ground.cluster.clone());
        self.frame.overlay = None;
        if self.run.ahead == Ahead::Computing {
            effects.push(compute(self));
        }
        effects.push(save());
    }

    /// Starts over with a lesson, seen from where its own commands begin.
    pub(in crate::model) fn open_lesson(&mut self, place: usize, effects: &mut Vec<Effect>) {
        let Some(lesson) = lessons::ALL.get(place) else { return };
        self.start_over(lesson.manifests, effects);
        self.lesson = Some(place);
        let begun = lesson.begin();
        self.watch(Run::new(begun.ground, begun.timeline, begun.acts));
        self.document.set_applied(self.document.draft.clone());
        self.cluster = Document::new(lesson.cluster);
        self.cluster.set_applied(lesson.cluster.into());
        if let Some(step) = begun.cursor {
            self.run.go(Go::Scrub(Some(step)), 1.0, None);
        }
        self.look_as(lesson.view);
        effects.push(compute(self));
        self.play(effects);
    }

    fn look_as(&mut self, view: View) {
        self.frame.view = if view == View::Network { StageView::Network } else { StageView::Nodes };
        match view {
            // In one column the stations would lie over everything that plays: they are offered with the step.
            View::Deletion | View::Outage if self.frame.room == Room::Column => {}
            View::Deletion => self.open_first_rail(|subject| matches!(subject, Subject::Deletion(_))),
            View::Outage => self.open_first_rail(|subject| matches!(subject, Subject::Outage(_))),
            View::File(node, file) => {
                self.open_directories(vec![node.into()]);
                self.directories.chosen = Some(Place { node: node.into(), file: file.into() });
            }
            View::Cluster | View::Network => {}
        }
    }

    fn open_first_rail(&mut self, is_it: fn(&Subject) -> bool) {
        let begun = Story::begun(&self.run.timeline);
        if let Some((_, subject)) = begun.into_iter().find(|(_, subject)| is_it(subject)) {
            self.open_rail(subject);
        }
    }

    /// Watches another run; numbers go on, so that what was on its way for the old one is dropped.
    fn watch(&mut self, run: Run) {
        let (serial, shown) = (self.run.serial, self.run.transition.serial);
        self.run = run;
        self.run.serial = serial + 1;
        self.run.transition.serial = shown + 1;
    }

    pub(super) fn start_over(&mut self, draft: &str, effects: &mut Vec<Effect>) {
        self.pause(effects);
        self.watch(Run::empty(CLUSTER));
        self.cluster = Document::new(CLUSTER);
        self.cluster.set_applied(CLUSTER.into());
        let drafts = self.document.serial;
        self.document = Document::new(draft);
        self.document.serial = drafts + 1;
        self.lesson = None;
        self.selected = None;
        if self.rail.is_some() {
            self.close_rail();
        }
        self.close_up = Vec::new();
        if self.file == File::Directory {
            self.file = File::Manifests;
        }
        self.frame.overlay = None;
        effects.push(Effect::Keep { key: persistence::DRAFT, text: draft.to_owned() });
        effects.push(save());
    }

    pub(super) fn reset(&mut self, effects: &mut Vec<Effect>) {
        if let Some(place) = self.lesson {
            return self.open_lesson(place, effects);
        }
        let (draft, cluster) = (self.document.draft.clone(), self.run.ground.cluster.clone());
        self.start_over(&draft, effects);
        self.run.stand_on(&cluster);
        self.cluster = Document::new(&cluster);
        self.cluster.set_applied(cluster);
        self.act(Act::apply(0, &draft), effects);
    }
}
