//! Recorded wishes: what a component wants to happen, in order, each with its reason.
//!
//! A reconcile changes nothing itself. It reads a [`Snapshot`] and records [`Intent`]s in a [`Plan`]; the engine
//! plays them one by one in virtual time and the API server accepts or refuses each.
//!
//! ```text
//! plan.create(pod, why::ReplicaSet::TooFewPods { want: 3, have: 1 })
//!     .then_event(EventDraft::normal(&set, "SuccessfulCreate", EventText::AfterName("Created pod: ")))
//! ```

use std::borrow::Cow;
use std::rc::Rc;

use crate::api::{Event, EventType, Key, Object, ObjectRef, Uid};
use crate::apiserver::{ApiError, Change, DeleteOptions, Patch, Reason, Store, Write};
use crate::engine::Causes;
use crate::engine::memory::{Memory, Remember};
use crate::kubelet::Effect;
use crate::metrics::Metrics;
use crate::simulation::Simulation;
use crate::time::{Duration, Time};
use crate::why::Why;

/// What a component sees: its cache, which is the store as of the last watch event that reached it.
#[derive(Clone, Copy)]
pub struct Snapshot<'a> {
    /// The component's cache. Sessions of kubectl read the live store.
    pub store: &'a Store,
    /// What components remember between looks.
    pub memory: &'a Memory,
    /// Latencies and other settings.
    pub simulation: &'a Simulation,
    /// What a metrics server has read of kubelets.
    pub metrics: Metrics<'a>,
    /// Virtual time of the look.
    pub now: Time,
}

/// What one look by one component wants.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// In order.
    pub intents: Vec<Intent>,
    /// Why nothing is to be done, where nothing is.
    pub nothing: Option<Box<Why>>,
    /// Look at the same key again after a while.
    pub again: Option<(Duration, Box<Why>)>,
    /// Call the reconcile again, with what became of these intents.
    pub then: Option<Turn>,
    /// The look failed without a refusal: look again after the work queue's back-off.
    pub retry: Option<Box<Why>>,
    /// What to remember, taken over at once.
    pub remember: Vec<Remember>,
    /// What caused this look, where the component knows better than its work queue: the scheduler's key stands for
    /// every pod that waits.
    pub causes: Option<Causes>,
}

/// A reconcile that needs the answers of its own writes is called again, with the turn it named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn(pub u32);

/// What became of the intents of the turns before, in order. Empty in the first turn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcomes {
    /// The turn that is being called: 0 for the first.
    pub turn: Turn,
    /// The answer to each write of the previous turn that was sent. Later ones were dropped after a refusal.
    pub answers: Vec<Result<Rc<Change>, Rc<ApiError>>>,
}

/// One wish.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// What to do.
    pub act: Act,
    /// The fact that justifies it.
    pub why: Why,
    /// What a refusal of it means for the rest of the plan.
    pub if_refused: IfRefused,
    /// Events that follow the answer: the first if it was accepted, the second if it was refused.
    pub events: (Option<Box<EventDraft>>, Option<Box<EventDraft>>),
}

/// What an intent does.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// A request to the API server.
    Write(Write),
    /// A Kubernetes Event, sent through the component's recorder.
    Event(EventDraft),
    /// Something a kubelet or kube-proxy does on its own machine.
    Effect(Effect),
    /// A line that kubectl prints.
    Print(Printed),
}

/// What kubectl prints: text with its newlines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The text.
    pub text: Rc<str>,
    /// Whether it goes to stderr.
    pub is_error: bool,
}

/// What a refusal means for the intents behind it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfRefused {
    /// They are dropped; without a further turn the key is retried with back-off.
    #[default]
    Stop,
    /// They go on; without a further turn the key is retried with back-off at the end.
    GoOn,
    /// This reason counts as success; others stop.
    Accept(Reason),
}

/// An Event to be recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDraft {
    /// `involvedObject`
    pub about: ObjectRef,
    /// `involvedObject.uid`
    pub about_uid: Uid,
    /// `involvedObject.fieldPath`
    pub field_path: Option<Rc<str>>,
    /// `type`
    pub event_type: EventType,
    /// `reason`
    pub reason: &'static str,
    /// `message`
    pub text: EventText,
}

/// An Event's message, which may need the answer of the write before it.
#[derive(Clone, Debug, PartialEq)]
pub enum EventText {
    /// Known in advance.
    Fixed(Rc<str>),
    /// This, then the name of the object that was written: `Created pod: web-x2x8k`.
    AfterName(&'static str),
    /// This, then the refusal's message: `Error creating: …`.
    AfterError(Cow<'static, str>),
}

impl Plan {
    /// POST of `object`.
    pub fn create(&mut self, object: Object, why: impl Into<Why>) -> &mut Intent {
        self.write(Write::Create(object), why)
    }

    /// PUT of `object`.
    pub fn update(&mut self, object: Object, why: impl Into<Why>) -> &mut Intent {
        self.write(Write::Update(object), why)
    }

    /// PUT of `object`'s status.
    pub fn update_status(&mut self, object: Object, why: impl Into<Why>) -> &mut Intent {
        self.write(Write::UpdateStatus(object), why)
    }

    /// PATCH of `target`.
    pub fn patch(&mut self, target: ObjectRef, uid: Uid, patch: Patch, why: impl Into<Why>) -> &mut Intent {
        self.write(Write::Patch { target, uid: Some(uid), patch: Box::new(patch) }, why)
    }

    /// DELETE of `target`.
    pub fn delete(&mut self, target: ObjectRef, options: DeleteOptions, why: impl Into<Why>) -> &mut Intent {
        self.write(Write::Delete { target, options }, why)
    }

    /// Binds `pod` to `node`.
    pub fn bind(&mut self, pod: Key, uid: Uid, node: Rc<str>, why: impl Into<Why>) -> &mut Intent {
        self.write(Write::Bind { pod, uid, node }, why)
    }

    /// Any request.
    pub fn write(&mut self, write: Write, why: impl Into<Why>) -> &mut Intent {
        self.act(Act::Write(write), why)
    }

    /// A Kubernetes Event.
    pub fn event(&mut self, draft: EventDraft, why: impl Into<Why>) -> &mut Intent {
        self.act(Act::Event(draft), why)
    }

    /// Something done on the component's own machine.
    pub fn effect(&mut self, effect: Effect, why: impl Into<Why>) -> &mut Intent {
        self.act(Act::Effect(effect), why)
    }

    /// Text that kubectl prints.
    pub fn print(&mut self, text: impl Into<Rc<str>>, why: impl Into<Why>) -> &mut Intent {
        self.act(Act::Print(Printed { text: text.into(), is_error: false }), why)
    }

    /// Text that kubectl prints to stderr.
    pub fn print_error(&mut self, text: impl Into<Rc<str>>, why: impl Into<Why>) -> &mut Intent {
        self.act(Act::Print(Printed { text: text.into(), is_error: true }), why)
    }

    /// Says why there is nothing to do.
    pub fn nothing_to_do(&mut self, why: impl Into<Why>) {
        self.nothing = Some(Box::new(why.into()));
    }

    /// Looks at the same key again after `wait`. The earliest wish wins.
    pub fn look_again_in(&mut self, wait: Duration, why: impl Into<Why>) {
        if self.again.as_ref().is_none_or(|(known, _)| wait < *known) {
            self.again = Some((wait, Box::new(why.into())));
        }
    }

    /// Asks to be called again with the answers to these intents.
    pub fn then(&mut self, turn: Turn) {
        self.then = Some(turn);
    }

    /// Fails the look: it is retried after the work queue's back-off.
    pub fn fail(&mut self, why: impl Into<Why>) {
        self.retry = Some(Box::new(why.into()));
    }

    /// Says what caused the look; nothing, if `causes` has none.
    pub fn caused_by(&mut self, causes: Causes) {
        self.causes = causes.iter().next().map(|_| causes);
    }

    /// Remembers something.
    pub fn remember(&mut self, what: impl Into<Remember>) {
        self.remember.reserve_exact(1);
        self.remember.push(what.into());
    }

    fn act(&mut self, act: Act, why: impl Into<Why>) -> &mut Intent {
        let index = self.intents.len();
        if index < 2 {
            // Most plans have one intent or two, and steps keep their plans.
            self.intents.reserve_exact(1);
        }
        let intent = Intent { act, why: why.into(), if_refused: IfRefused::default(), events: (None, None) };
        self.intents.push(intent);
        &mut self.intents[index]
    }
}

impl Intent {
    /// Records this Event if the write is accepted.
    pub fn then_event(&mut self, draft: EventDraft) -> &mut Intent {
        self.events.0 = Some(Box::new(draft));
        self
    }

    /// Records this Event if the write is refused.
    pub fn else_event(&mut self, draft: EventDraft) -> &mut Intent {
        self.events.1 = Some(Box::new(draft));
        self
    }

    /// A refusal does not stop the intents behind it.
    pub fn go_on(&mut self) -> &mut Intent {
        self.if_refused = IfRefused::GoOn;
        self
    }

    /// A refusal for this reason counts as success.
    pub fn accept(&mut self, reason: Reason) -> &mut Intent {
        self.if_refused = IfRefused::Accept(reason);
        self
    }
}

impl EventDraft {
    /// A Normal Event about `object`.
    pub fn normal(object: &Object, reason: &'static str, text: EventText) -> EventDraft {
        EventDraft::about(object.reference(), object.uid(), EventType::Normal, reason, text)
    }

    /// A Warning about `object`.
    pub fn warning(object: &Object, reason: &'static str, text: EventText) -> EventDraft {
        EventDraft::about(object.reference(), object.uid(), EventType::Warning, reason, text)
    }

    /// An Event about the object with this name and uid.
    pub fn about(
        about: ObjectRef,
        about_uid: Uid,
        event_type: EventType,
        reason: &'static str,
        text: EventText,
    ) -> EventDraft {
        EventDraft { about, about_uid, field_path: None, event_type, reason, text }
    }

    /// Whether `event` is this draft with `message`.
    pub fn is_repeated_by(&self, event: &Event, message: &str) -> bool {
        event.about_uid == self.about_uid
            && event.event_type == self.event_type
            && event.reason == self.reason
            && event.field_path == self.field_path
            && &*event.message == message
    }
}
