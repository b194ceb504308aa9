//! `kubectl describe`. Upstream: `k8s.io/kubectl/pkg/cmd/describe`.

use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::print::describe::describe;
use super::session::SessionTurn;
use super::targets::{Targets, Wants};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Describe {
    pub(super) targets: Targets,
    /// `--show-events`; where it is not given, the Events of a single object are shown.
    shows_events: Option<bool>,
}

const FLAGS: [Flag; 5] = [
    flags::FILENAME,
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    flags::SELECTOR,
    Flag::new("show-events", None, Takes::Nothing),
];

impl Describe {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Describe, String> {
        let arguments = Arguments::read("kubectl describe", words, &FLAGS)?;
        let files = Files::read(&arguments, text)?;
        if arguments.names.is_empty() && files.items().is_empty() {
            return Err("error: You must specify the type of resource to describe. Use \"kubectl api-resources\" for a \
                        complete list of supported resources."
                .to_owned());
        }
        let shows_events = arguments.text("show-events").map(|_| arguments.is_on("show-events"));
        Ok(Describe { targets: Targets::read(&arguments, files, Wants::Kinds)?, shows_events })
    }

    /// Prints everything in one turn.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        self.targets.kinds().into_iter().for_each(|kind| turn.warn_of(kind));
        let (objects, failures) = self.targets.read_all(turn);
        let with_events = self.shows_events.unwrap_or(objects.len() == 1);
        let (store, now) = (turn.snapshot.store, turn.snapshot.now);
        let texts: Vec<String> =
            objects.iter().map(|object| describe(object, store, with_events, now)).collect();
        if !texts.is_empty() {
            turn.print(texts.join("\n\n"));
        } else if failures.is_empty() {
            turn.print_error(self.targets.nothing_found());
        }
        turn.finish(&failures);
    }
}
