//! Commands that send one request for each of their objects, one after another, as kubectl does.

use std::rc::Rc;

use serde_json::Value;

use super::failure::Failure;
use super::session::{Answer, Sending, SessionTurn, Stage, Watching};
use super::shape::{self, DryRun, Shape};
use super::targets::Target;
use crate::apiserver::{self, ApiError, Change, Write};
use crate::time::Duration;
use crate::why;

/// A command that sends one request for each of its objects.
pub(super) trait Requests {
    /// What the requests are about. May print warnings.
    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending;

    /// What is to be done about one of them, now that it is its turn. May print warnings.
    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request;

    /// What is printed when the request was accepted.
    fn accepted(&self, target: &Target, change: &Change) -> String;

    /// How it answers, and whether it only pretends.
    fn shape(&self) -> Shape {
        Shape::PLAIN
    }

    /// What is printed of an object that kubectl made, where nothing is sent.
    fn made(&self, _target: &Target, write: &Write) -> Option<Value> {
        let Write::Create(object) = write else { return None };
        Some(shape::as_go_prints(object.kind(), &object.to_json()))
    }

    /// `error when creating "web.yaml"`, for requests that come from a file.
    fn context(&self, target: &Target) -> Option<Rc<str>>;

    /// What a refusal of a request comes to.
    fn refused(&self, target: &Target, error: Rc<ApiError>) -> Failure {
        Failure::Refused { target: target.reference.clone(), context: self.context(target), error }
    }

    /// Whether the first request that is refused ends it.
    fn is_all_or_nothing(&self) -> bool {
        false
    }

    /// Every request is answered.
    fn end(&self, turn: &mut SessionTurn<'_>, sending: Sending) {
        turn.finish(&sending.failures);
    }
}

/// What is to be done about an object.
pub(super) enum Request {
    /// Send this.
    Send(Write, why::Kubectl),
    /// Nothing is to be sent; this is printed.
    Say(String),
    /// Nothing is to be sent, nor to be printed.
    Skip,
    /// Nothing is to be sent before the object is gone, which is waited for so long.
    Wait(Duration),
    /// Something is wrong with it.
    Fail(Failure),
}

/// Plays one turn of such a command.
#[inline(never)]
pub(super) fn play(command: &dyn Requests, turn: &mut SessionTurn<'_>) {
    let mut sending = match &turn.session.stage {
        Stage::Sending(sending) => (**sending).clone(),
        Stage::Starting => command.begin(turn),
        Stage::Waiting(_) | Stage::Draining(_) | Stage::Following(_) | Stage::Requesting(_) => return,
    };
    if let Some(answer) = turn.answer.take() {
        take_answer(command, turn, &mut sending, answer);
    }
    while let Some(target) = sending.targets.get(sending.done).cloned() {
        sending.done += 1;
        turn.warn_of(target.reference.kind);
        match command.request(turn, &target) {
            Request::Say(text) => turn.print(command.shape().told(&text)),
            Request::Skip => {}
            Request::Wait(patience) => {
                let until = *sending.waits_since.get_or_insert(turn.snapshot.now) + patience;
                if until <= turn.snapshot.now {
                    sending.failures.push(Failure::own("timed out waiting for the condition"));
                    break;
                }
                sending.done -= 1;
                turn.session.watching = Some(Watching::Object(target.reference));
                turn.session.stage = Stage::Sending(Rc::new(sending));
                return turn.look_again(until.since(turn.snapshot.now));
            }
            Request::Fail(failure) => sending.failures.push(failure),
            Request::Send(write, _) if command.shape().dry_run != DryRun::No => {
                pretend(command, turn, &mut sending, &target, &write);
            }
            Request::Send(write, why) => return turn.send(write, why, Stage::Sending(Rc::new(sending))),
        }
    }
    command.end(turn, sending);
}

/// What a request that is not sent would have come to.
fn pretend(
    command: &dyn Requests,
    turn: &mut SessionTurn<'_>,
    sending: &mut Sending,
    target: &Target,
    write: &Write,
) {
    let shape = command.shape();
    let made = command.made(target, write).filter(|_| shape.dry_run == DryRun::Client && shape.is_whole());
    if let Some(made) = made {
        return turn.print(shape.whole(&made));
    }
    match turn.tried(write) {
        Ok(change) => {
            if shape.dry_run == DryRun::Server {
                turn.warn(&apiserver::warnings(&change));
            }
            turn.print(answer_of(command, target, &change));
        }
        Err(error) => sending.failures.push(command.refused(target, Rc::new(error))),
    }
}

/// The object whole, or a line about it.
fn answer_of(command: &dyn Requests, target: &Target, change: &Change) -> String {
    let shape = command.shape();
    match change.subject().filter(|_| shape.is_whole()) {
        Some(object) => shape.whole(&object.to_json()),
        None => shape.told(&command.accepted(target, change)),
    }
}

fn take_answer(command: &dyn Requests, turn: &mut SessionTurn<'_>, sending: &mut Sending, answer: Answer) {
    let Some(target) = sending.targets.get(sending.done.wrapping_sub(1)) else { return };
    match answer {
        Ok(change) => {
            if let Some(before) =
                change.before.as_ref().filter(|_| change.verb == crate::apiserver::Verb::Delete)
            {
                sending.deleted.push((change.object.clone(), before.uid()));
            }
            turn.warn(&apiserver::warnings(&change));
            turn.print(answer_of(command, target, &change));
        }
        Err(error) => {
            sending.failures.push(command.refused(target, error));
            if command.is_all_or_nothing() {
                sending.targets.truncate(sending.done);
            }
        }
    }
}
