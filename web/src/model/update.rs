//! The one function that changes the model: a message in, the next model and what the browser must do out.

use kubestep_core::api::ObjectRef;
use kubestep_core::engine::Step;
use yew::AttrValue;

use super::Model;
use super::document::Document;
use super::effect::{Effect, Purpose};
use super::frame::FrameMessage;
use super::message::{Go, InspectorTab, Message, PlaybackMessage, Stride};
use super::run::{Ahead, MOST_STEPS, Run};
use super::session::{Act, Session};
use crate::breakpoints::Breakpoint;
use crate::lessons;
use crate::panels::inspector::last_change;
use crate::panels::terminal::PROMPT;
use crate::persistence;
use crate::playback::showing;
use crate::share;

/// How long typing must pause before the draft is read, in milliseconds.
const READ_AFTER_MS: u32 = 160;
/// How long a change may wait to be kept, in milliseconds.
const SAVE_AFTER_MS: u32 = 600;
/// How long a passing notice stays, in milliseconds.
const NOTICE_MS: u32 = 6_000;
/// The most lines that the prompt remembers.
const MOST_TYPED: usize = 200;

/// The model after `message`, and what the browser must do.
pub fn update(mut model: Model, message: Message) -> (Model, Vec<Effect>) {
    let mut effects = Vec::new();
    model.take(message, &mut effects);
    (model, effects)
}

impl Model {
    fn take(&mut self, message: Message, effects: &mut Vec<Effect>) {
        match message {
            Message::Go(go) => self.go(go, effects),
            Message::Playback(message) => self.playback(message, effects),
            Message::Typed(text) => self.type_in(text, effects),
            Message::ReadDraft(serial) if serial == self.document.serial => self.document.read(),
            Message::ReadDraft(_) => {}
            Message::Apply => {
                self.document.read();
                let act = Act::apply(self.run.happened(), &self.document.draft);
                self.act(act, effects);
            }
            Message::Kubectl(line) => self.kubectl(&line, effects),
            Message::Order(line) => self.order(&line, effects),
            Message::Compute(serial) if serial == self.run.serial => self.compute(effects),
            Message::Compute(_) => {}
            Message::OpenBranch(place) => self.open_branch(place, effects),
            Message::OpenLesson(place) => {
                self.end_introduction();
                self.open_lesson(place, effects);
            }
            Message::New => self.start_over("", effects),
            Message::Reset => {
                self.end_introduction();
                self.reset(effects);
            }
            Message::Select(object) => self.select(object),
            Message::Why(object) => self.why(object, effects),
            Message::FocusTerminal => self.focus_terminal(effects),
            Message::Frame(message) => self.frame(message, effects),
            Message::RevealLine(line) => {
                self.reveal = Some((line, self.reveal.map_or(0, |(_, serial)| serial + 1)))
            }
            Message::OpenTab(tab) => self.tab = tab,
            Message::CopyLink => self.copy_link(effects),
            Message::Save => {
                let text = serde_json::to_string(&self.session()).unwrap_or_default();
                effects.push(Effect::Keep { key: persistence::SESSION, text });
            }
            Message::ForgetNotice(number) => {
                self.notice = self.notice.take().filter(|(_, current)| *current != number);
            }
        }
    }

    // Moving ------------------------------------------------------------------------------------------------------

    fn go(&mut self, go: Go, effects: &mut Vec<Effect>) {
        self.end_introduction();
        self.pause(effects);
        if matches!(go, Go::Forward(_)) && self.run.is_at_end() && self.run.ahead == Ahead::AtRest {
            self.look_further(effects);
        }
        self.run.go(go, self.playback.speed, None);
        effects.push(save());
    }

    /// At rest only far timers are left; stepping on lets the next one run out.
    fn look_further(&mut self, effects: &mut Vec<Effect>) {
        if !self.run.look_further() {
            return self.say("Nothing more happens by itself. Apply a change or run a command.", effects);
        }
        effects.push(compute(self));
    }

    fn playback(&mut self, message: PlaybackMessage, effects: &mut Vec<Effect>) {
        match message {
            PlaybackMessage::Toggle if self.playback.is_playing => {
                self.end_introduction();
                self.pause(effects);
            }
            PlaybackMessage::Toggle => {
                if self.run.is_at_end() && self.run.ahead != Ahead::Computing {
                    self.run.go(Go::Start, self.playback.speed, None);
                }
                self.play(effects);
            }
            PlaybackMessage::Tick(serial)
                if self.playback.is_playing && serial == self.run.transition.serial =>
            {
                self.play_on(effects);
            }
            PlaybackMessage::Tick(_) => {}
            PlaybackMessage::Speed(speed) => {
                self.playback.is_introduction = false;
                self.playback.speed = speed;
            }
            PlaybackMessage::Stride(stride) => self.playback.stride = stride,
            PlaybackMessage::Axis(axis) => self.playback.axis = axis,
            PlaybackMessage::AddBreakpoint(breakpoint) => self.add_breakpoint(breakpoint),
            PlaybackMessage::RemoveBreakpoint(number) => {
                let kept = self.playback.breakpoints.iter().filter(|(each, _)| *each != number);
                self.playback.breakpoints = kept.cloned().collect();
            }
        }
    }

    fn add_breakpoint(&mut self, breakpoint: Breakpoint) {
        if self.playback.breakpoints.iter().any(|(_, known)| *known == breakpoint) {
            return;
        }
        let number = self.playback.breakpoints.last().map_or(0, |(number, _)| number + 1);
        self.playback.breakpoints =
            self.playback.breakpoints.iter().cloned().chain([(number, breakpoint)]).collect();
    }

    fn play(&mut self, effects: &mut Vec<Effect>) {
        self.playback.is_playing = true;
        self.play_on(effects);
    }

    /// Shows the next step, and asks to be called again when it has been shown long enough.
    fn play_on(&mut self, effects: &mut Vec<Effect>) {
        let speed = self.playback.speed;
        let next =
            super::moves::target(self.run.timeline.steps(), &[], self.run.cursor, Go::Forward(Stride::Into));
        let Some(step) = next
            .filter(|next| Some(*next) != self.run.cursor)
            .and_then(|next| self.run.timeline.step(next))
            .cloned()
        else {
            return self.play_out(effects);
        };
        let showing = showing(&step, speed, self.frame.reduced_motion);
        self.run.go(Go::Forward(Stride::Into), showing.speed, Some(showing.dwell_ms));
        if self.is_stopped_at(&step) {
            self.stop_at(&step, effects);
        } else {
            effects.push(Effect::Later {
                purpose: Purpose::Play,
                milliseconds: showing.dwell_ms as u32,
                message: Message::Playback(PlaybackMessage::Tick(self.run.transition.serial)),
            });
        }
    }

    /// There is no next step: waits for the computation, or stops.
    fn play_out(&mut self, effects: &mut Vec<Effect>) {
        if self.run.ahead == Ahead::Computing {
            return effects.push(Effect::Later {
                purpose: Purpose::Play,
                milliseconds: 16,
                message: Message::Playback(PlaybackMessage::Tick(self.run.transition.serial)),
            });
        }
        self.end_introduction();
        self.pause(effects);
        effects.push(save());
    }

    fn is_stopped_at(&self, step: &Step) -> bool {
        self.playback.breakpoints.iter().any(|(_, breakpoint)| breakpoint.is_hit_by(step, &self.run.chart))
    }

    fn stop_at(&mut self, step: &Step, effects: &mut Vec<Effect>) {
        let hit = self
            .playback
            .breakpoints
            .iter()
            .find(|(_, breakpoint)| breakpoint.is_hit_by(step, &self.run.chart));
        let words =
            hit.map(|(_, breakpoint)| format!("Stopped at step {}: {}", step.id.0 + 1, breakpoint.label()));
        self.pause(effects);
        if let Some(words) = words {
            self.say(&words, effects);
        }
    }

    fn pause(&mut self, effects: &mut Vec<Effect>) {
        self.playback.is_playing = false;
        self.run.transition.dwell_ms = None;
        effects.push(Effect::Never(Purpose::Play));
    }

    /// From the viewer's first own move on, steps are shown at the speed the design means them for.
    fn end_introduction(&mut self) {
        if self.playback.is_introduction {
            self.playback.is_introduction = false;
            self.playback.speed = 1.0;
        }
    }

    // Doing -------------------------------------------------------------------------------------------------------

    fn type_in(&mut self, text: String, effects: &mut Vec<Effect>) {
        self.document.type_in(&text);
        effects.push(Effect::Keep { key: persistence::DRAFT, text });
        effects.push(Effect::Later {
            purpose: Purpose::Read,
            milliseconds: READ_AFTER_MS,
            message: Message::ReadDraft(self.document.serial),
        });
    }

    fn kubectl(&mut self, line: &str, effects: &mut Vec<Effect>) {
        let newest = self.typed.iter().cloned().chain([AttrValue::from(line.to_owned())]);
        self.typed = newest.skip((self.typed.len() + 1).saturating_sub(MOST_TYPED)).collect();
        self.act(Act::typed(self.run.happened(), line, &self.document.draft), effects);
    }

    fn act(&mut self, act: Act, effects: &mut Vec<Effect>) {
        if self.begin(act, effects) {
            self.play(effects);
        }
    }

    /// Whoever decides about an order looks at it closely.
    fn order(&mut self, line: &str, effects: &mut Vec<Effect>) {
        self.pause(effects);
        if self.begin(Act::typed(self.run.happened(), line, &self.document.draft), effects) {
            self.run.go(Go::Forward(Stride::Into), self.playback.speed, None);
        }
    }

    /// Does something where the viewer stands. Returns whether it was understood.
    fn begin(&mut self, act: Act, effects: &mut Vec<Effect>) -> bool {
        self.end_introduction();
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

    pub(super) fn compute(&mut self, effects: &mut Vec<Effect>) {
        self.run.compute();
        match self.run.ahead {
            Ahead::Computing => effects.push(compute(self)),
            Ahead::AtRest => {}
            Ahead::AtLimit => {
                self.say(&format!("This run has reached {MOST_STEPS} steps, the most that are kept. Reset, or go back and act there."), effects);
            }
        }
    }

    fn open_branch(&mut self, place: usize, effects: &mut Vec<Effect>) {
        self.end_introduction();
        self.pause(effects);
        self.run.open_branch(place);
        self.frame.overlay = None;
        if self.run.ahead == Ahead::Computing {
            effects.push(compute(self));
        }
        effects.push(save());
    }

    /// Starts over with a lesson, seen from where its own commands begin.
    pub(super) fn open_lesson(&mut self, place: usize, effects: &mut Vec<Effect>) {
        let Some(lesson) = lessons::ALL.get(place) else { return };
        self.start_over(lesson.manifests, effects);
        self.lesson = Some(place);
        let begun = lesson.begin();
        self.watch(Run::new(begun.ground, begun.timeline, begun.acts));
        self.document.set_applied(self.document.draft.clone());
        if let Some(step) = begun.cursor {
            self.run.go(Go::Scrub(Some(step)), 1.0, None);
        }
        effects.push(compute(self));
        self.play(effects);
    }

    /// Watches another run; numbers go on, so that what was on its way for the old one is dropped.
    fn watch(&mut self, run: Run) {
        let (serial, shown) = (self.run.serial, self.run.transition.serial);
        self.run = run;
        self.run.serial = serial + 1;
        self.run.transition.serial = shown + 1;
    }

    fn start_over(&mut self, draft: &str, effects: &mut Vec<Effect>) {
        self.pause(effects);
        self.watch(Run::empty(""));
        let drafts = self.document.serial;
        self.document = Document::new(draft);
        self.document.serial = drafts + 1;
        self.lesson = None;
        self.selected = None;
        self.frame.overlay = None;
        effects.push(Effect::Keep { key: persistence::DRAFT, text: draft.to_owned() });
        effects.push(save());
    }

    fn reset(&mut self, effects: &mut Vec<Effect>) {
        if let Some(place) = self.lesson {
            return self.open_lesson(place, effects);
        }
        let draft = self.document.draft.clone();
        self.start_over(&draft, effects);
        self.act(Act::apply(0, &draft), effects);
    }

    // Looking -----------------------------------------------------------------------------------------------------

    fn select(&mut self, object: Option<ObjectRef>) {
        if object.is_some() {
            self.tab = InspectorTab::Objects;
            self.frame.show_inspector();
        }
        self.selected = object;
    }

    fn why(&mut self, object: ObjectRef, effects: &mut Vec<Effect>) {
        let Some(step) = last_change(&self.run.timeline, self.run.cursor, &object) else { return };
        self.go(Go::To(step), effects);
        self.frame.show_inspector();
        self.selected = Some(object);
    }

    fn copy_link(&mut self, effects: &mut Vec<Effect>) {
        let Some(link) = share::encode(&self.session()) else {
            return self.say("These manifests are too long for a link.", effects);
        };
        effects.push(Effect::CopyLink(link));
        self.say("Copied: the link opens these manifests and commands at this step.", effects);
    }

    fn focus_terminal(&mut self, effects: &mut Vec<Effect>) {
        self.frame.show_terminal();
        effects.push(Effect::Focus(PROMPT));
    }

    // Around ------------------------------------------------------------------------------------------------------

    fn frame(&mut self, message: FrameMessage, effects: &mut Vec<Effect>) {
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

    pub(super) fn say(&mut self, words: &str, effects: &mut Vec<Effect>) {
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
            acts: self.run.acts.to_vec(),
            cursor: self.run.cursor.map(|step| step.0),
        }
    }
}

fn compute(model: &Model) -> Effect {
    Effect::Later { purpose: Purpose::Compute, milliseconds: 0, message: Message::Compute(model.run.serial) }
}

fn save() -> Effect {
    Effect::Later { purpose: Purpose::Save, milliseconds: SAVE_AFTER_MS, message: Message::Save }
}

#[cfg(test)]
mod tests {
    use kubestep_core::api::{Deployment, Pod};
    use kubestep_core::engine::{StepId, What};

    use super::*;
    use crate::model::frame::{Frame, Kept, Theme};
    use crate::model::opening::{Opened, first};

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
        let model =
            after(model, Message::Kubectl("kubectl scale deployment my-deployment --replicas=1".into()));
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
        let fingerprints = |model: &Model| {
            model.run.timeline.steps().iter().map(|step| step.fingerprint()).collect::<Vec<_>>()
        };
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
}
