//! `kubectl rollout pause`, `resume` and `restart`: one small patch each.
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/objectpauser.go`, `objectrestarter.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1::PodTemplateSpec;
use serde_json::{Value, json};

use crate::api::{Object, ObjectRef};
use crate::apiserver::{self, Patch, Write};
use crate::kubectl::failure::Failure;
use crate::kubectl::requests::{Request, Requests};
use crate::kubectl::session::{Sending, SessionTurn};
use crate::kubectl::shape::Shape;
use crate::kubectl::targets::{Target, Targets, shown};
use crate::time::Time;
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    shape: Shape,
    what: What,
    targets: Targets,
}

/// The three changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    Pause,
    Resume,
    Restart,
}

/// The annotation of a pod template that a restart changes.
const RESTARTED_AT: &str = "kubectl.kubernetes.io/restartedAt";

impl What {
    const fn command(self) -> &'static str {
        match self {
            What::Pause => "pause",
            What::Resume => "resume",
            What::Restart => "restart",
        }
    }

    const fn doing(self) -> &'static str {
        match self {
            What::Pause => "pausing",
            What::Resume => "resuming",
            What::Restart => "restarting",
        }
    }

    const fn done(self) -> &'static str {
        match self {
            What::Pause => "paused",
            What::Resume => "resumed",
            What::Restart => "restarted",
        }
    }

    /// The template of an object of which this can be asked, and whether it is paused.
    fn about(self, object: &Object) -> Option<(&PodTemplateSpec, bool)> {
        match object {
            Object::Deployment(deployment) => Some((&deployment.spec.template, deployment.is_paused())),
            Object::StatefulSet(set) if self == What::Restart => Some((&set.spec.template, false)),
            Object::DaemonSet(set) if self == What::Restart => Some((&set.spec.template, false)),
            _ => None,
        }
    }

    /// The patch, or why it cannot be made.
    fn patch(self, is_paused: bool, now: Time) -> Result<(Value, why::Kubectl), String> {
        match self {
            What::Pause if is_paused => Err("is already paused".to_owned()),
            What::Resume if !is_paused => Err("is not paused".to_owned()),
            What::Restart if is_paused => {
                Err("can't restart paused deployment (run rollout resume first)".to_owned())
            }
            What::Pause => Ok((json!({"spec": {"paused": true}}), why::Kubectl::Pauses)),
            What::Resume => Ok((json!({"spec": {"paused": null}}), why::Kubectl::Resumes)),
            What::Restart => {
                let annotations = json!({ RESTARTED_AT: time(now) });
                let patch = json!({"spec": {"template": {"metadata": {"annotations": annotations}}}});
                Ok((patch, why::Kubectl::Restarts))
            }
        }
    }
}

/// RFC 3339, to the second.
fn time(now: Time) -> String {
    now.to_api().0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

impl Change {
    #[inline(never)]
    pub(super) fn parse(
        what: What,
        words: &[String],
        text: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Change, String> {
        let (targets, arguments) = super::read(what.command(), None, words, text)?;
        Ok(Change { shape: Shape::read(&arguments)?, what, targets })
    }

    fn fails(&self, target: &ObjectRef, fault: &str) -> Request {
        let plural = target.kind.qualified_plural();
        Request::Fail(Failure::own(format!("{plural} \"{}\" {fault}", target.name())))
    }
}

impl Requests for Change {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let now = turn.snapshot.now;
        let Some(object) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        let Some((template, is_paused)) = self.what.about(&object) else {
            return self.fails(&target, &format!("{} is not supported", self.what.doing()));
        };
        let annotations = template.metadata.as_ref().and_then(|meta| meta.annotations.as_ref());
        let last = annotations.and_then(|annotations| annotations.get(RESTARTED_AT));
        if self.what == What::Restart && last.is_some_and(|last| *last == time(now)) {
            return Request::Fail(Failure::own(format!(
                "failed to create patch for {}: if restart has already been triggered within the past second, please \
                 wait before attempting to trigger another",
                target.name()
            )));
        }
        match self.what.patch(is_paused, now) {
            Ok((patch, why)) => Request::Send(
                Write::Patch { target, uid: None, patch: Box::new(Patch::Strategic(patch)) },
                why,
            ),
            Err(fault) => self.fails(&target, &fault),
        }
    }

    fn accepted(&self, target: &Target, _change: &apiserver::Change) -> String {
        format!("{} {}\n", shown(&target.reference), self.what.done())
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }
}
