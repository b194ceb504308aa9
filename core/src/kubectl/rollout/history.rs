//! `kubectl rollout history`: the revisions that ReplicaSets keep, and what a revision's pods were made of.
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/history.go`.

use std::rc::Rc;

use crate::api::{Deployment, Object, ReplicaSet};
use crate::apiserver::Store;
use crate::kubectl::failure::Failure;
use crate::kubectl::print::{describe, table};
use crate::kubectl::session::SessionTurn;
use crate::kubectl::targets::{Targets, shown};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct History {
    targets: Targets,
    /// 0 is every revision.
    revision: i64,
}

const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

impl History {
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<History, String> {
        let (targets, arguments) = super::read("history", Some("revision"), words, text)?;
        let revision = arguments.number("revision").unwrap_or(0);
        if revision < 0 {
            return Err(format!("error: revision must be a positive integer: {revision}"));
        }
        Ok(History { targets, revision })
    }

    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        let (objects, missing) = self.targets.read_all(turn.snapshot.store);
        let mut failures = Vec::new();
        for object in objects {
            let Object::Deployment(deployment) = &object else {
                let kind = object.kind().name();
                failures.push(Failure::own(format!("no history viewer has been implemented for \"{kind}\"")));
                continue;
            };
            match self.text(deployment, turn.snapshot.store) {
                Ok(text) => turn.print(format!("{} {text}\n", shown(&object.reference()))),
                Err(failure) => failures.push(failure),
            }
        }
        failures.extend(missing);
        turn.finish(&failures);
    }

    /// What stands behind the object's name.
    fn text(&self, deployment: &Deployment, store: &Store) -> Result<String, Failure> {
        let revisions = super::revisions(deployment, store);
        if self.revision > 0 {
            let found = revisions.iter().find(|(revision, _)| *revision == self.revision);
            let Some((revision, set)) = found else {
                return Err(Failure::own("unable to find the specified revision"));
            };
            return Ok(format!("with revision #{revision}\n{}", template(set)));
        }
        let mut text = "REVISION\tCHANGE-CAUSE\n".to_owned();
        for (revision, set) in revisions {
            let cause = set.annotation(CHANGE_CAUSE).filter(|cause| !cause.is_empty()).unwrap_or("<none>");
            text += &format!("{revision}\t{cause}\n");
        }
        Ok(format!("\n{}", table::aligned(&text)))
    }
}

/// The pod template of a revision, with its change-cause among the annotations. kubectl prints its tabs as they are.
fn template(set: &Rc<ReplicaSet>) -> String {
    let mut template = set.spec.template.clone().unwrap_or_default();
    if let Some(cause) = set.annotation(CHANGE_CAUSE).filter(|cause| !cause.is_empty()) {
        let meta = template.metadata.get_or_insert_default();
        meta.annotations.get_or_insert_default().insert(CHANGE_CAUSE.to_owned(), cause.to_owned());
    }
    describe::template(&template)
}
