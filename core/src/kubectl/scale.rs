//! `kubectl scale`. Upstream: `k8s.io/kubectl/pkg/cmd/scale`.

use std::rc::Rc;

use super::failure::Failure;
use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::Shape;
use super::targets::{Target, Targets, Wants, shown};
use crate::api::Object;
use crate::apiserver::{ApiError, Change, Patch, Reason, Station, Write};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    targets: Targets,
    replicas: i32,
    /// `--current-replicas`: refuse if it is another number.
    expected: Option<i32>,
    shape: Shape,
}

const FLAGS: [Flag; 8] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::SELECTOR,
    flags::OUTPUT,
    flags::ALL,
    Flag::new("replicas", None, Takes::Number),
    Flag::new("current-replicas", None, Takes::Number),
];

impl Scale {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Scale, String> {
        let arguments = Arguments::read("kubectl scale", words, &FLAGS)?;
        let Some(replicas) = arguments.number("replicas") else {
            return Err("error: required flag(s) \"replicas\" not set".to_owned());
        };
        let replicas = i32::try_from(replicas).ok().filter(|replicas| *replicas >= 0).ok_or_else(|| {
            "error: The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0"
                .to_owned()
        })?;
        let expected = arguments.number("current-replicas").filter(|expected| *expected >= 0);
        let files = Files::read(&arguments, text)?;
        Ok(Scale {
            replicas,
            expected: expected.and_then(|expected| i32::try_from(expected).ok()),
            shape: Shape::read(&arguments)?,
            targets: Targets::read(&arguments, files, Wants::Names)?,
        })
    }
}

/// `spec.replicas`, of kinds that can be scaled.
fn replicas_of(object: &Object) -> Option<i32> {
    match object {
        Object::Deployment(deployment) => Some(deployment.replicas()),
        Object::ReplicaSet(set) => Some(set.replicas()),
        Object::ReplicationController(controller) => Some(controller.replicas()),
        Object::StatefulSet(set) => Some(set.replicas()),
        _ => None,
    }
}

impl Requests for Scale {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed to scale")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(object) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        let Some(from) = replicas_of(&object) else {
            let message = "the server could not find the requested resource";
            let error = ApiError::new(Reason::NotFound, Station::Storage, message);
            return Request::Fail(Failure::refused(target, Rc::new(error)));
        };
        if let Some(expected) = self.expected.filter(|expected| *expected != from) {
            return Request::Fail(Failure::own(format!("Expected replicas to be {expected}, was {from}")));
        }
        let patch = Patch::Scale(self.replicas);
        let why = why::Kubectl::Scales { from, to: self.replicas };
        Request::Send(Write::Patch { target, uid: None, patch: Box::new(patch) }, why)
    }

    fn accepted(&self, target: &Target, _change: &Change) -> String {
        let done = if self.shape.is_name() { "" } else { " scaled" };
        format!("{}{done}\n", shown(&target.reference))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }
}
