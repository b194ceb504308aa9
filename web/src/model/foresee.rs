//! What Apply would do where the viewer stands, told before it is pressed.

use std::rc::Rc;

use kubestep_core::engine::{StepId, Timeline};
use kubestep_core::story::forecast::{self, Forecast, Line};

use super::Model;
use super::frame::Overlay;
use super::run::Run;
use super::session::{Act, Ground};

/// What Apply would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Foreseen {
    /// What would be written, printed and rolled out.
    pub forecast: Forecast,
    /// Whether the manifests describe other nodes or settings, so that the scenario would start over.
    pub begins_again: bool,
}

impl Foreseen {
    /// What applying `text` in `run` would do.
    #[inline(never)]
    pub fn of(run: &Run, text: &Rc<str>) -> Foreseen {
        let act = Act::apply(run.happened(), text);
        let command = match act.command() {
            Ok(command) => command,
            Err(answer) => {
                let printed =
                    answer.lines().map(|text| Line { text: text.to_owned(), is_error: true }).collect();
                return Foreseen {
                    forecast: Forecast { printed, ..Forecast::default() },
                    begins_again: false,
                };
            }
        };
        let ground = Ground::of(&run.ground.cluster, text);
        let begins_again = !ground.is_like(&run.ground);
        let branch = if begins_again { ground.timeline() } else { standing(&run.timeline, run.happened()) };
        Foreseen { forecast: forecast::forecast(branch, command), begins_again }
    }
}

/// The history up to where the viewer stands.
fn standing(timeline: &Timeline, happened: usize) -> Timeline {
    match happened.checked_sub(1) {
        _ if happened == timeline.len() => timeline.clone(),
        Some(last) => timeline.branch(StepId(last as u32)),
        None => {
            let mut timeline = timeline.clone();
            timeline.rewind_to_genesis();
            timeline
        }
    }
}

/// What is foreseen in `after`, while somebody looks at it; `known` was in `before`.
pub fn follow(before: &Model, after: &Model, known: Option<&Rc<Foreseen>>) -> Option<Rc<Foreseen>> {
    if after.frame.overlay != Some(Overlay::Review) {
        return None;
    }
    let is_same = before.run.cursor == after.run.cursor
        && before.run.happened() == after.run.happened()
        && before.document.draft == after.document.draft;
    match known {
        Some(known) if is_same => Some(known.clone()),
        _ => Some(Rc::new(Foreseen::of(&after.run, &after.document.draft))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons;

    #[test]
    fn what_is_foreseen_is_not_done() {
        let lesson = lessons::ALL.first().expect("a lesson");
        let begun = lesson.begin();
        let run = Run::new(begun.ground, begun.timeline, begun.acts);
        let steps = run.timeline.len();
        let text: Rc<str> = lesson.manifests.replace("my-image", "my-image:2").into();
        let seen = Foreseen::of(&run, &text);
        assert!(!seen.begins_again && !seen.forecast.objects.is_empty());
        assert_eq!(run.timeline.len(), steps);
        let nodes: Rc<str> =
            format!("{text}---\napiVersion: v1\nkind: Node\nmetadata:\n  name: only\n").into();
        assert!(Foreseen::of(&run, &nodes).begins_again);
        let nothing = Foreseen::of(&run, &"# nothing".into());
        assert!(nothing.forecast.printed[0].is_error);
    }
}
