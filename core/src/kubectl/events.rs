//! `kubectl events`: what was told of, oldest first. Upstream: `k8s.io/kubectl/pkg/cmd/events`.

use std::rc::Rc;

use super::DEFAULT_NAMESPACE;
use super::flags::{self, Arguments, Flag, Takes};
use super::print::{event, tabs};
use super::session::SessionTurn;
use crate::api::{Event, Kind};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Events {
    /// Absent is every namespace.
    namespace: Option<Rc<str>>,
    /// The object they are about.
    about: Option<(Kind, Rc<str>)>,
    /// `Normal`, `Warning`; empty is both.
    types: Vec<String>,
    without_headers: bool,
}

const FLAGS: [Flag; 5] = [
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    Flag::new("for", None, Takes::Text),
    Flag::new("types", None, Takes::Text),
    Flag::new("no-headers", None, Takes::Nothing),
];

impl Events {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<Events, String> {
        let arguments = Arguments::read("kubectl events", words, &FLAGS)?;
        let about = arguments.text("for").map(|text| {
            let (kind, name) = text
                .split_once('/')
                .filter(|(kind, name)| !kind.is_empty() && !name.is_empty())
                .ok_or_else(|| format!("error: --for must be in resource/name form: {text}"))?;
            let found = Kind::from_word(kind);
            let kind =
                found.ok_or_else(|| format!("error: the server doesn't have a resource type \"{kind}\""))?;
            Ok::<_, String>((kind, name.into()))
        });
        let types: Vec<String> =
            arguments.texts("types").flat_map(|types| types.split(',')).map(str::to_owned).collect();
        let is_known = |name: &&String| ["normal", "warning"].contains(&name.to_ascii_lowercase().as_str());
        if types.iter().any(|name| !is_known(&name)) {
            return Err("error: valid --types are Normal or Warning".to_owned());
        }
        let namespace = arguments.text("namespace").unwrap_or(DEFAULT_NAMESPACE);
        Ok(Events {
            namespace: (!arguments.is_on("all-namespaces")).then(|| namespace.into()),
            about: about.transpose()?,
            types,
            without_headers: arguments.is_on("no-headers"),
        })
    }

    /// Prints everything in one turn.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        let store = turn.snapshot.store;
        let mut events: Vec<&Rc<Event>> =
            store.list::<Event>().filter(|event| self.is_meant(event)).collect();
        events.sort_by_key(|event| event.last);
        if events.is_empty() {
            turn.print_error(match &self.namespace {
                Some(namespace) => format!("No events found in {namespace} namespace.\n"),
                None => "No events found.\n".to_owned(),
            });
            return turn.end(0);
        }
        let first = if self.namespace.is_none() { "NAMESPACE\t" } else { "" };
        let mut text = String::new();
        if !self.without_headers {
            text += &format!("{first}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n");
        }
        for event in events {
            if self.namespace.is_none() {
                text += &format!("{}\t", event.key.namespace);
            }
            text += &format!(
                "{}\t{}\t{}\t{}\t{}\n",
                event::last_seen(event, turn.snapshot.now),
                event.event_type.name(),
                event.reason,
                event.about,
                event.message.trim()
            );
        }
        turn.print(tabs::align(&text, 6, 3));
        turn.end(0);
    }

    fn is_meant(&self, event: &Event) -> bool {
        let is_type = |name: &String| name.eq_ignore_ascii_case(event.event_type.name());
        self.namespace.as_ref().is_none_or(|namespace| *namespace == event.key.namespace)
            && self
                .about
                .as_ref()
                .is_none_or(|(kind, name)| event.about.kind == *kind && event.about.key.name == *name)
            && (self.types.is_empty() || self.types.iter().any(is_type))
    }
}
