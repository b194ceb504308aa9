//! `kubectl rollout undo`: the template of an earlier revision becomes the Deployment's again.
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/rollback.go`.

use std::rc::Rc;

use crate::api::{ControllerRevision, Deployment, Labels, Object, ObjectRef, ReplicaSet};
use crate::apiserver::{self, Patch, Write};
use crate::controllers::deployment::{annotations, sets};
use crate::kubectl::failure::Failure;
use crate::kubectl::files::LAST_APPLIED;
use crate::kubectl::requests::{Request, Requests};
use crate::kubectl::session::{Sending, SessionTurn};
use crate::kubectl::shape::Shape;
use crate::kubectl::targets::{Target, Targets, is_applied, shown};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Undo {
    shape: Shape,
    targets: Targets,
    /// 0 is the one before the latest.
    revision: i64,
}

impl Undo {
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Undo, String> {
        let (targets, arguments) = super::read("undo", Some("to-revision"), words, text)?;
        let revision = arguments.number("to-revision").unwrap_or(0);
        if revision < 0 {
            return Err(
                "error: revision must be a positive integer: revision must not be negative".to_owned()
            );
        }
        Ok(Undo { shape: Shape::read(&arguments)?, targets, revision })
    }

    /// Goes back to the template that a ControllerRevision keeps.
    fn undo_kept(&self, object: &Object, target: ObjectRef, turn: &SessionTurn<'_>) -> Request {
        let kind = target.kind.name();
        let Some(mut revisions) = super::kept_revisions(object, turn.snapshot.store) else {
            return Request::Fail(Failure::own(format!("no rollbacker has been implemented for \"{kind}\"")));
        };
        let earlier = if self.revision > 0 {
            revisions.into_iter().find(|revision| revision.number() == self.revision)
        } else {
            revisions.pop();
            revisions.pop()
        };
        let Some(earlier) = earlier else {
            return Request::Fail(Failure::own(match self.revision {
                0 => "no last revision to roll back to".to_owned(),
                revision => format!("unable to find specified revision {revision} in history"),
            }));
        };
        let Some(after) = with_template(object, &earlier) else {
            let text =
                format!("skipped rollback (current template already matches revision {})", self.revision);
            return Request::Say(format!("{} {text}\n", shown(&target)));
        };
        let why = why::Kubectl::RollsBack { to: earlier.number(), set: earlier.key.name.clone() };
        let patch = Box::new(Patch::Replace(after));
        Request::Send(Write::Patch { target, uid: None, patch }, why)
    }

    /// The ReplicaSet to go back to.
    fn goal<'a>(
        &self,
        deployment: &Deployment,
        turn: &SessionTurn<'a>,
    ) -> Result<&'a Rc<ReplicaSet>, Failure> {
        let revisions = super::revisions(deployment, turn.snapshot.store);
        if self.revision > 0 {
            let found = revisions.iter().find(|(revision, _)| *revision == self.revision);
            return found.map(|(_, set)| *set).ok_or_else(|| {
                Failure::own(format!("unable to find specified revision {} in history", self.revision))
            });
        }
        let before_latest = revisions.len().checked_sub(2).map(|place| revisions[place].1);
        before_latest.ok_or_else(|| {
            Failure::own(format!("no rollout history found for deployment \"{}\"", deployment.name()))
        })
    }
}

/// The StatefulSet or DaemonSet with the template of an earlier revision; `None` if it has that already.
fn with_template(object: &Object, earlier: &ControllerRevision) -> Option<Object> {
    let template = earlier.template();
    // The patch names no resourceVersion: it applies to whatever is there.
    match object {
        Object::StatefulSet(set) if set.spec.template != template => {
            let mut after = (**set).clone();
            after.resource_version = 0;
            Rc::make_mut(&mut after.spec).template = template;
            Some(Object::StatefulSet(Rc::new(after)))
        }
        Object::DaemonSet(set) if set.spec.template != template => {
            let mut after = (**set).clone();
            after.resource_version = 0;
            Rc::make_mut(&mut after.spec).template = template;
            Some(Object::DaemonSet(Rc::new(after)))
        }
        _ => None,
    }
}

/// The Deployment with the template and the annotations of an earlier revision.
fn rolled_back(deployment: &Deployment, set: &ReplicaSet) -> Deployment {
    let mut after = deployment.clone();
    // The patch names no resourceVersion: it applies to whatever is there.
    after.resource_version = 0;
    Rc::make_mut(&mut after.spec).template = sets::template_without_hash(set);
    let own = deployment.meta.annotations.iter().filter(|(name, _)| annotations::stays(name));
    let earlier = set.meta.annotations.iter().filter(|(name, _)| !annotations::stays(name));
    let both: Labels = own.chain(earlier).map(|(name, value)| (name.clone(), value.clone())).collect();
    Rc::make_mut(&mut after.meta).annotations = Rc::new(both);
    after
}

impl Requests for Undo {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed to rollout undo")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(object) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        if is_applied(&object) {
            turn.print_error(format!(
                "Warning: resource {}/{} was previously managed with 'kubectl apply'. Rolling back will not update the \
                 {LAST_APPLIED} annotation, which may cause unexpected behavior on future 'kubectl apply' operations. \
                 Consider using 'kubectl apply' with your previous configuration file instead.\n",
                target.kind.names().plural,
                target.name()
            ));
        }
        let deployment = match object {
            Object::Deployment(deployment) => deployment,
            other => return self.undo_kept(&other, target, turn),
        };
        let set = match self.goal(&deployment, turn) {
            Ok(set) => set,
            Err(failure) => return Request::Fail(failure),
        };
        if deployment.is_paused() {
            return Request::Fail(Failure::own(
                "cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
            ));
        }
        if sets::has_template_of(set, &deployment) {
            let text =
                format!("skipped rollback (current template already matches revision {})", self.revision);
            return Request::Say(format!("{} {text}\n", shown(&target)));
        }
        let after = rolled_back(&deployment, set);
        let patch = Patch::Replace(Object::Deployment(Rc::new(after)));
        let why = why::Kubectl::RollsBack { to: set.revision(), set: set.key.name.clone() };
        Request::Send(Write::Patch { target, uid: None, patch: Box::new(patch) }, why)
    }

    fn accepted(&self, target: &Target, _change: &apiserver::Change) -> String {
        format!("{} rolled back\n", shown(&target.reference))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }
}
