//! Where a move leads: pure arithmetic over the steps that are known.
//!
//! Looks that found nothing to do are folded: no move stops at one, unless it is asked for by its number.

use std::rc::Rc;

use kubestep_core::engine::{Actor, Step, StepId, What};

use super::message::{Go, Stride};
use crate::scene::chart::Span;

/// Where a move leads from `cursor`; `None` on either side is the start, before the first step.
pub fn target(steps: &[Rc<Step>], spans: &[Span], cursor: Option<StepId>, go: Go) -> Option<StepId> {
    let known = Known { steps };
    match go {
        Go::Start | Go::Scrub(None) => None,
        Go::End => known.last(),
        Go::Forward(Stride::Into) | Go::Glide { forward: true } => known.shown_after(cursor).or(cursor),
        Go::Forward(Stride::Over) => known.end_of_reconcile(cursor),
        Go::Forward(Stride::Out) => known.end_of_command(cursor),
        Go::Back(Stride::Into) | Go::Glide { forward: false } => known.shown_before(cursor),
        Go::Back(Stride::Over) => known.before_reconcile(cursor),
        Go::Back(Stride::Out) => known.before_command(cursor),
        Go::To(step) | Go::Scrub(Some(step)) => Some(step.min(known.last()?)),
        Go::NextSpan => {
            let next = spans.iter().map(|span| span.first).find(|&first| Some(first) > cursor);
            next.or_else(|| known.last())
        }
        Go::PreviousSpan => spans.iter().rev().map(|span| span.first).find(|&first| Some(first) < cursor),
        Go::NextOfActor => known.next_of_actor(cursor).or(cursor),
        Go::PreviousOfActor => known.previous_of_actor(cursor).or(cursor),
    }
}

/// The steps that are known.
#[derive(Clone, Copy)]
struct Known<'a> {
    steps: &'a [Rc<Step>],
}

impl<'a> Known<'a> {
    fn last(self) -> Option<StepId> {
        self.steps.last().map(|step| step.id)
    }

    fn at(self, cursor: Option<StepId>) -> Option<&'a Step> {
        self.steps.get(cursor?.0 as usize).map(Rc::as_ref)
    }

    /// The steps after `cursor`, in order.
    fn after(self, cursor: Option<StepId>) -> impl Iterator<Item = &'a Step> {
        let first = cursor.map_or(0, |step| step.0 as usize + 1).min(self.steps.len());
        self.steps[first..].iter().map(Rc::as_ref)
    }

    /// The steps before `cursor`, latest first.
    fn before(self, cursor: Option<StepId>) -> impl Iterator<Item = &'a Step> {
        let end = cursor.map_or(0, |step| step.0 as usize).min(self.steps.len());
        self.steps[..end].iter().rev().map(Rc::as_ref)
    }

    fn shown_after(self, cursor: Option<StepId>) -> Option<StepId> {
        self.after(cursor).find(|step| !step.is_quiet()).map(|step| step.id)
    }

    fn shown_before(self, cursor: Option<StepId>) -> Option<StepId> {
        self.before(cursor).find(|step| !step.is_quiet()).map(|step| step.id)
    }

    /// The last step of the look that the next step belongs to.
    fn end_of_reconcile(self, cursor: Option<StepId>) -> Option<StepId> {
        let Some(next) = self.shown_after(cursor) else { return cursor };
        let reconcile = self.at(Some(next))?.reconcile;
        let end = self.after(cursor).filter(|step| step.reconcile == reconcile && !step.is_quiet()).last();
        end.map(|step| step.id)
    }

    /// Before the first step of the look that the step in view belongs to.
    fn before_reconcile(self, cursor: Option<StepId>) -> Option<StepId> {
        let reconcile = self.at(cursor)?.reconcile;
        let first = self.before(cursor).filter(|step| step.reconcile == reconcile).last();
        self.shown_before(first.map(|step| step.id).or(cursor))
    }

    /// The last step before the next command, or of all.
    fn end_of_command(self, cursor: Option<StepId>) -> Option<StepId> {
        // The command that the next step is itself is being entered, not left.
        let mut rest = self.after(cursor);
        if rest.next().is_none() {
            return cursor;
        }
        match rest.find(|step| is_command(step)) {
            Some(command) => self.shown_before(Some(command.id)).or(cursor),
            None => self.last(),
        }
    }

    /// Before the command that the step in view follows from.
    fn before_command(self, cursor: Option<StepId>) -> Option<StepId> {
        if is_command(self.at(cursor)?) {
            return self.shown_before(cursor);
        }
        let command = self.before(cursor).find(|step| is_command(step))?;
        self.shown_before(Some(command.id))
    }

    fn next_of_actor(self, cursor: Option<StepId>) -> Option<StepId> {
        let actor = self.actor(cursor)?;
        self.after(cursor).find(|step| step.actor == *actor && !step.is_quiet()).map(|step| step.id)
    }

    fn previous_of_actor(self, cursor: Option<StepId>) -> Option<StepId> {
        let actor = self.actor(cursor)?;
        self.before(cursor).find(|step| step.actor == *actor && !step.is_quiet()).map(|step| step.id)
    }

    fn actor(self, cursor: Option<StepId>) -> Option<&'a Actor> {
        Some(&self.at(cursor)?.actor)
    }
}

/// Whether a step is a person giving a command.
pub fn is_command(step: &Step) -> bool {
    matches!(step.what, What::Asked(_))
}
