//! What client-go decides about each Event before it is sent: a new one, one more of a known one, or none.
//!
//! Most components count repeats, combine the tenth similar Event within ten minutes and all that follow, and drop
//! what exceeds 25 Events about one object (one more is allowed every five minutes). The scheduler's newer
//! recorder does none of this: it writes the first Event and the first repeat, and counts the rest in silence.
//! Upstream: `k8s.io/client-go/tools/record/events_cache.go`, `k8s.io/client-go/tools/events/event_broadcaster.go`.

use std::rc::Rc;

use crate::persistent::Map;

use super::Source;
use crate::api::{EventType, Meta, Uid};
use crate::plan::EventDraft;
use crate::time::{Duration, Time};

/// With this many different messages for one reason, Events are combined.
const SIMILAR_EVENTS: usize = 10;
/// A pause of this length between similar Events starts the count of messages anew.
const SIMILAR_INTERVAL: Duration = Duration::from_seconds(600);
/// What a combined Event's message starts with.
const COMBINED: &str = "(combined from similar events): ";
/// How many Events about one object may follow each other at once.
const BURST: u64 = 25;
/// How long it takes until one more may be sent.
const REFILL: Duration = Duration::from_seconds(300);
/// After a pause of this length the scheduler's repeats become a new Event.
const SERIES_PAUSE: Duration = Duration::from_seconds(360);
/// How many messages of one reason are remembered.
const MESSAGES: usize = 32;
/// How many objects are remembered; then the half that has been quiet for longest is forgotten.
const SUBJECTS: usize = 8192;

/// Which Events were recorded lately.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Correlator {
    seen: Map<Subject, Rc<Record>>,
    /// The metadata of the latest Event: those of one second share it.
    metadata: Rc<Meta>,
}

/// What to do with an Event.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It exceeds what may be said about the object.
    Drop,
    /// Nothing like it was recorded lately: it is created under a fresh name, which is then told to
    /// [`Correlator::sent_as`].
    Create {
        /// The draft's message, or what it was combined into.
        message: Rc<str>,
        /// 1, or more where the Events before it were dropped.
        count: u32,
        /// When it happened first.
        first: Time,
    },
    /// It repeats the Event of this name.
    Repeat {
        /// `metadata.name`
        name: Rc<str>,
        /// The Event's message; `None` where a repeat leaves it as it was.
        message: Option<Rc<str>>,
        /// How often it has happened now.
        count: u32,
    },
}

/// Who says something of one type about what. Budgets are kept for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    about: Uid,
    component: &'static str,
    host: Option<Rc<str>>,
    is_warning: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Record {
    /// How many Events may be sent, as the time it takes to earn them, at `last`.
    budget: Duration,
    last: Time,
    groups: Vec<Group>,
}

/// The Events of one reason.
#[derive(Clone, Debug, PartialEq)]
struct Group {
    reason: &'static str,
    last: Time,
    messages: Rc<Vec<Message>>,
    combined: Option<Sent>,
}

#[derive(Clone, Debug, PartialEq)]
struct Message {
    text: Rc<str>,
    field_path: Option<Rc<str>>,
    /// Whether it is one of the different messages that came without a long pause.
    is_similar: bool,
    sent: Sent,
}

#[derive(Clone, Debug, PartialEq)]
struct Sent {
    /// Absent until it is sent for the first time.
    name: Option<Rc<str>>,
    count: u32,
    first: Time,
}

impl Correlator {
    /// Takes note of an Event and says what becomes of it.
    pub(super) fn observe(
        &mut self,
        source: &Source,
        draft: &EventDraft,
        message: &Rc<str>,
        now: Time,
    ) -> Verdict {
        let subject = Subject::of(source, draft);
        let mut record = self.seen.get(&subject).cloned().unwrap_or_else(|| Rc::new(Record::new(now)));
        let changing = Rc::make_mut(&mut record);
        let verdict = if source.keeps_series() {
            changing.continue_series(draft, message, now)
        } else {
            changing.count(draft, message, now)
        };
        changing.last = now;
        self.seen.insert(subject, record);
        if self.seen.len() > SUBJECTS {
            self.forget_the_quiet_half();
        }
        verdict
    }

    /// Remembers the name of the Event that was created for the latest observation.
    pub(super) fn sent_as(&mut self, source: &Source, draft: &EventDraft, message: &Rc<str>, name: Rc<str>) {
        let Some(record) = self.seen.get_mut(&Subject::of(source, draft)) else { return };
        let Some(group) = Rc::make_mut(record).groups.iter_mut().find(|group| group.reason == draft.reason)
        else {
            return;
        };
        if let Some(combined) = group.combined.as_mut().filter(|_| message.starts_with(COMBINED)) {
            combined.name = Some(name);
            return;
        }
        let messages = Rc::make_mut(&mut group.messages);
        if let Some(known) = messages.iter_mut().rev().find(|known| known.is(draft, message)) {
            known.sent.name = Some(name);
        }
    }

    /// The metadata of an Event created `now`.
    pub(super) fn metadata(&mut self, now: Time) -> Rc<Meta> {
        let created = now.truncate_to_second();
        if self.metadata.created != created {
            self.metadata = Rc::new(Meta { created, ..(*self.metadata).clone() });
        }
        self.metadata.clone()
    }

    fn forget_the_quiet_half(&mut self) {
        let mut times: Vec<Time> = self.seen.values().map(|record| record.last).collect();
        crate::order::sort(&mut times);
        let median = times[times.len() / 2];
        let kept = self.seen.iter().filter(|(_, record)| record.last >= median);
        self.seen = kept.map(|(subject, record)| (subject.clone(), record.clone())).collect();
    }
}

impl Subject {
    fn of(source: &Source, draft: &EventDraft) -> Subject {
        Subject {
            about: draft.about_uid,
            component: source.component,
            host: source.host.clone(),
            is_warning: draft.event_type == EventType::Warning,
        }
    }
}

impl Record {
    fn new(now: Time) -> Record {
        Record { budget: Duration(BURST * REFILL.0), last: now, groups: Vec::new() }
    }

    /// The classic recorder: combine, count, then drop what is too much. Dropped Events are counted too.
    fn count(&mut self, draft: &EventDraft, message: &Rc<str>, now: Time) -> Verdict {
        let group = self.group(draft.reason, now);
        let (sent, message) = group.observe(draft, message, now);
        let Sent { name, count, first } = sent;
        let verdict = match name {
            None => Verdict::Create { message, count, first },
            Some(name) => Verdict::Repeat { name, message: Some(message), count },
        };
        if self.may_send(now) { verdict } else { Verdict::Drop }
    }

    /// The scheduler's recorder: messages do not tell Events apart, and only the first repeat is written.
    fn continue_series(&mut self, draft: &EventDraft, message: &Rc<str>, now: Time) -> Verdict {
        let group = self.group(draft.reason, now);
        let has_paused = now.since(group.last) > SERIES_PAUSE;
        group.last = now;
        match group.messages.first().map(|known| known.sent.clone()).filter(|_| !has_paused) {
            None => {
                group.messages = Rc::new(vec![Message::new(draft, message, now)]);
                Verdict::Create { message: message.clone(), count: 1, first: now }
            }
            Some(sent) => {
                let known = &mut Rc::make_mut(&mut group.messages)[0];
                known.sent.count += 1;
                match sent.name {
                    Some(name) if sent.count == 1 => Verdict::Repeat { name, message: None, count: 2 },
                    Some(_) | None => Verdict::Drop,
                }
            }
        }
    }

    fn group(&mut self, reason: &'static str, now: Time) -> &mut Group {
        let place = self.groups.iter().position(|group| group.reason == reason);
        let place = place.unwrap_or_else(|| {
            // Every step keeps its records: most of them have one group and one message.
            self.groups.reserve_exact(1);
            self.groups.push(Group::new(reason, now));
            self.groups.len() - 1
        });
        &mut self.groups[place]
    }

    fn may_send(&mut self, now: Time) -> bool {
        let full = Duration(BURST * REFILL.0);
        let budget = (self.budget + now.since(self.last)).min(full);
        let may = budget >= REFILL;
        self.budget = if may { Duration(budget.0 - REFILL.0) } else { budget };
        may
    }
}

impl Group {
    fn new(reason: &'static str, now: Time) -> Group {
        Group { reason, last: now, messages: Rc::default(), combined: None }
    }

    /// Counts the Event as itself, or as one of the combined. Returns the count and the message to send.
    fn observe(&mut self, draft: &EventDraft, text: &Rc<str>, now: Time) -> (Sent, Rc<str>) {
        if now.since(self.last) > SIMILAR_INTERVAL {
            Rc::make_mut(&mut self.messages).iter_mut().for_each(|message| message.is_similar = false);
        }
        self.last = now;
        let similar = self.messages.iter().filter(|message| message.is_similar);
        let is_known = similar.clone().any(|message| message.text == *text);
        if !is_known && similar.count() + 1 >= SIMILAR_EVENTS {
            // Upstream forgets one of the ten messages by chance; here it is the new one.
            let combined = self.combined.get_or_insert(Sent { name: None, count: 0, first: now });
            combined.count += 1;
            return (combined.clone(), format!("{COMBINED}{text}").into());
        }
        let messages = Rc::make_mut(&mut self.messages);
        if let Some(message) = messages.iter_mut().find(|message| message.is(draft, text)) {
            message.sent.count += 1;
            message.is_similar |= !is_known;
            return (message.sent.clone(), text.clone());
        }
        if messages.len() == MESSAGES {
            messages.remove(0);
        }
        let message = Message { is_similar: !is_known, ..Message::new(draft, text, now) };
        let sent = message.sent.clone();
        messages.reserve_exact(1);
        messages.push(message);
        (sent, text.clone())
    }
}

impl Message {
    fn new(draft: &EventDraft, text: &Rc<str>, now: Time) -> Message {
        let sent = Sent { name: None, count: 1, first: now };
        Message { text: text.clone(), field_path: draft.field_path.clone(), is_similar: true, sent }
    }

    fn is(&self, draft: &EventDraft, text: &str) -> bool {
        &*self.text == text && self.field_path == draft.field_path
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Key, Kind, ObjectRef};
    use crate::plan::EventText;

    fn observe(correlator: &mut Correlator, component: &'static str, text: &str, seconds: u64) -> Verdict {
        let source = Source { component, host: None };
        let about = ObjectRef::new(Kind::ReplicaSet, Key::new("default", "web"));
        let message: Rc<str> = text.into();
        let text = EventText::Fixed(message.clone());
        let draft = EventDraft::about(about, Uid(1), EventType::Normal, "SuccessfulCreate", text);
        let verdict =
            correlator.observe(&source, &draft, &message, Time::ZERO + Duration::from_seconds(seconds));
        if let Verdict::Create { message, .. } = &verdict {
            correlator.sent_as(&source, &draft, message, format!("web.{seconds}").into());
        }
        verdict
    }

    /// `+` a new Event, `2` the second of one, `c` the first of the combined, `c2` its second, `-` dropped.
    fn story(component: &'static str, events: &[(&str, u64)]) -> String {
        let mut correlator = Correlator::default();
        let tell = |(text, seconds): &(&str, u64)| {
            let is_combined = |message: &str| message.starts_with(COMBINED);
            match observe(&mut correlator, component, text, *seconds) {
                Verdict::Drop => "-".to_owned(),
                Verdict::Create { message, count: 1, .. } if is_combined(&message) => "c".to_owned(),
                Verdict::Create { count: 1, .. } => "+".to_owned(),
                Verdict::Create { count, .. } => format!("+{count}"),
                Verdict::Repeat { message: Some(message), count, .. } if is_combined(&message) => {
                    format!("c{count}")
                }
                Verdict::Repeat { count, .. } => count.to_string(),
            }
        };
        events.iter().map(tell).collect::<Vec<String>>().join(" ")
    }

    #[test]
    fn repeats_are_counted_on_one_event() {
        assert_eq!(story("kubelet", &[("a", 0), ("a", 1), ("b", 2), ("a", 3)]), "+ 2 + 3");
    }

    #[test]
    fn the_tenth_similar_event_within_ten_minutes_is_combined() {
        let texts: Vec<String> = (0..12).map(|number| format!("pod {number}")).collect();
        let mut events: Vec<(&str, u64)> = texts.iter().map(|text| (text.as_str(), 0)).collect();
        // One of the nine is still itself; after a long pause every message is.
        events.extend([("pod 3", 1), ("pod 12", 2), ("pod 13", 603)]);
        assert_eq!(story("kubelet", &events), "+ + + + + + + + + c c2 c3 2 c4 +");
    }

    #[test]
    fn after_twenty_five_events_one_is_sent_every_five_minutes() {
        let mut events: Vec<(&str, u64)> = vec![("a", 0); 27];
        events.extend([("a", 299), ("a", 300), ("a", 301), ("b", 302), ("b", 601), ("b", 602)]);
        let told = story("kubelet", &events);
        assert!(told.ends_with("25 - - - 29 - - +2 -"), "{told}");
    }

    #[test]
    fn the_scheduler_writes_the_first_event_and_the_first_repeat() {
        let events = [("a", 0), ("b", 60), ("a", 120), ("b", 480), ("a", 900)];
        assert_eq!(story("default-scheduler", &events), "+ 2 - - +");
    }
}
