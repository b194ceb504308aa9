//! Histories that nothing shows any more, freed while the browser is idle.
//!
//! Dropping ten thousand worlds takes longer than several frames, so whoever opens another lesson, or loses the oldest
//! replaced future, would see the page stand still.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use kubestep_core::engine::{Discarded, Timeline};

use crate::browser;
use crate::model::Model;
use crate::shared::Shared;

/// How many steps are freed at a time: about two milliseconds.
const SLICE: usize = 200;

/// Histories to be freed.
#[derive(Clone, Default)]
pub(super) struct Parking {
    waiting: Rc<RefCell<Waiting>>,
}

impl Parking {
    /// Takes over the histories of `before` that `after` has no more use for.
    pub(super) fn take_over(&self, before: &Model, after: &Model) {
        if before.run.timeline == after.run.timeline {
            return;
        }
        let replaced = histories(before).filter(|old| !histories(after).any(|new| holds_on_to(new, old)));
        let mut waiting = self.waiting.borrow_mut();
        let was_empty = waiting.is_empty();
        waiting.histories.extend(replaced.cloned());
        if was_empty && !waiting.is_empty() {
            drop(waiting);
            self.free_when_idle();
        }
    }

    fn free_when_idle(&self) {
        let parking = self.clone();
        browser::when_idle(move || {
            let has_more = parking.waiting.borrow_mut().free();
            if has_more {
                parking.free_when_idle();
            }
        });
    }
}

/// Every history that a model holds.
fn histories(model: &Model) -> impl Iterator<Item = &Shared<Timeline>> {
    let branches = model.run.branches.iter().map(|branch| &branch.timeline);
    std::iter::once(&model.run.timeline).chain(branches)
}

/// Whether dropping `old` frees nothing to speak of: `new` goes on from where it ends, and shares its steps.
fn holds_on_to(new: &Shared<Timeline>, old: &Shared<Timeline>) -> bool {
    let last = old.steps().last();
    last.is_none_or(|last| new.step(last.id).is_some_and(|step| Rc::ptr_eq(step, last)))
}

#[derive(Default)]
struct Waiting {
    histories: VecDeque<Shared<Timeline>>,
    /// What is being freed.
    opened: Discarded,
    is_opened: bool,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.histories.is_empty() && !self.is_opened
    }

    /// Frees a slice. Returns whether any are left.
    fn free(&mut self) -> bool {
        if self.is_opened {
            self.is_opened = self.opened.free(SLICE);
        } else if let Some(history) = self.histories.pop_front() {
            match history.into_inner() {
                Ok(mut timeline) => (self.opened, self.is_opened) = (timeline.rewind_to_genesis(), true),
                // Something that is being redrawn still holds it.
                Err(history) => self.histories.push_back(history),
            }
        }
        !self.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lessons;
    use crate::model::run::Run;

    fn history() -> Shared<Timeline> {
        let begun = lessons::ALL[0].begin();
        let mut run = Run::new(begun.ground, begun.timeline, begun.acts);
        run.compute();
        run.timeline
    }

    #[test]
    fn a_history_that_is_still_shown_waits_and_is_freed_step_by_step_afterwards() {
        let shown = history();
        let step = Rc::downgrade(shown.steps().last().expect("the lesson has steps"));
        let mut waiting = Waiting::default();
        waiting.histories.push_back(shown.clone());
        assert!(waiting.free());
        assert!(step.upgrade().is_some());

        drop(shown);
        let slices = (1..100).find(|_| !waiting.free());
        assert!(slices.is_some() && step.upgrade().is_none());
    }

    #[test]
    fn a_history_that_goes_on_frees_nothing_by_itself() {
        let old = history();
        assert!(holds_on_to(&old.clone(), &old));
        assert!(!holds_on_to(&history(), &old));
    }
}
