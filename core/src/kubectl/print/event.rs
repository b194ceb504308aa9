//! Events in tables, and at the end of descriptions.

use std::rc::Rc;

use super::age;
use super::table::{Column, always, wide};
use crate::api::Event;
use crate::time::Time;

pub(super) const COLUMNS: &[Column] = &[
    always("LAST SEEN"),
    always("TYPE"),
    always("REASON"),
    always("OBJECT"),
    wide("SUBOBJECT"),
    wide("SOURCE"),
    always("MESSAGE"),
    wide("FIRST SEEN"),
    wide("COUNT"),
    wide("NAME"),
];

pub(super) fn cells(event: &Event, now: Time) -> Vec<String> {
    let about = &event.about;
    vec![
        age::since(event.last, now),
        event.event_type.name().to_owned(),
        event.reason.to_owned(),
        format!("{}/{}", about.kind.names().singular, about.name()),
        event.field_path.as_deref().unwrap_or_default().to_owned(),
        source(event),
        event.message.trim().to_owned(),
        age::since(event.first, now),
        event.count.to_string(),
        event.key.name.to_string(),
    ]
}

/// `kubelet, node-1`
fn source(event: &Event) -> String {
    match &event.host {
        Some(host) => format!("{}, {host}", event.component),
        None => event.component.to_owned(),
    }
}

/// The Events at the end of a description, oldest first: lines with tabs, the first of them indented by nothing.
pub(super) fn section<'a>(events: impl Iterator<Item = &'a Rc<Event>>, now: Time) -> String {
    let mut events: Vec<&Rc<Event>> = events.collect();
    crate::order::sort_by_key(&mut events, |event| event.last);
    if events.is_empty() {
        return "Events:\t<none>\n".to_owned();
    }
    let mut text =
        "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------\n".to_owned();
    for event in events {
        let subject = event.field_path.as_ref().map(|path| format!("{path}: ")).unwrap_or_default();
        text += &format!(
            "  {}\t{}\t{}\t{}\t{subject}{}\n",
            event.event_type.name(),
            event.reason,
            last_seen(event, now),
            event.component,
            event.message.trim()
        );
    }
    text
}

/// `5s`, or `5s (x3 over 1m)`.
pub(crate) fn last_seen(event: &Event, now: Time) -> String {
    let last = age::since(event.last, now);
    if event.count > 1 {
        format!("{last} (x{} over {})", event.count, age::since(event.first, now))
    } else {
        last
    }
}
