//! `kubectl rollout history`: the revisions that ReplicaSets or ControllerRevisions keep, and what a revision's pods were made of.
//! Upstream: `k8s.io/kubectl/pkg/polymorphichelpers/history.go`.

use k8s_openapi::api::core::v1::PodTemplateSpec;

use crate::api::Object;
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
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<History, String> {
        let (targets, arguments) = super::read("history", Some("revision"), words, text)?;
        let revision = arguments.number("revision").unwrap_or(0);
        if revision < 0 {
            return Err(format!("error: revision must be a positive integer: {revision}"));
        }
        Ok(History { targets, revision })
    }

    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        let (objects, missing) = self.targets.read_all(turn);
        let mut failures = Vec::new();
        for object in objects {
            match self.text(&object, turn.snapshot.store) {
                Ok(text) => turn.print(format!("{} {text}\n", shown(&object.reference()))),
                Err(failure) => failures.push(failure),
            }
        }
        failures.extend(missing);
        turn.finish(&failures);
    }

    /// What stands behind the object's name.
    fn text(&self, object: &Object, store: &Store) -> Result<String, Failure> {
        let kind = object.kind().name();
        let revisions = revisions(object, store)
            .ok_or_else(|| Failure::own(format!("no history viewer has been implemented for \"{kind}\"")))?;
        if self.revision > 0 {
            let found = revisions.into_iter().find(|revision| revision.number == self.revision);
            return match found {
                Some(found) => Ok(format!("with revision #{}\n{}", self.revision, template(found))),
                None => Err(not_found(object, self.revision)),
            };
        }
        let mut text = "REVISION\tCHANGE-CAUSE\n".to_owned();
        for revision in revisions {
            text += &format!("{}\t{}\n", revision.number, revision.cause.as_deref().unwrap_or("<none>"));
        }
        Ok(format!("\n{}", table::aligned(&text)))
    }
}

/// One revision, wherever it is kept.
struct Revision {
    number: i64,
    cause: Option<String>,
    template: PodTemplateSpec,
}

/// The revisions of an object, by number; `None` of kinds that have no history.
fn revisions(object: &Object, store: &Store) -> Option<Vec<Revision>> {
    let cause = |annotation: Option<&str>| annotation.filter(|cause| !cause.is_empty()).map(str::to_owned);
    if let Object::Deployment(deployment) = object {
        let sets = super::revisions(deployment, store).into_iter();
        let revisions = sets.map(|(number, set)| Revision {
            number,
            cause: cause(set.annotation(CHANGE_CAUSE)),
            template: set.spec.template.clone().unwrap_or_default(),
        });
        return Some(revisions.collect());
    }
    let kept = super::kept_revisions(object, store)?;
    let revisions = kept.iter().map(|revision| Revision {
        number: revision.number(),
        cause: cause(revision.annotation(CHANGE_CAUSE)),
        template: revision.template(),
    });
    Some(revisions.collect())
}

fn not_found(object: &Object, revision: i64) -> Failure {
    match object {
        Object::Deployment(_) => Failure::own("unable to find the specified revision"),
        _ => Failure::own(format!("unable to find history by revision {revision}")),
    }
}

/// The pod template of a revision, with its change-cause among the annotations. kubectl prints its tabs as they are.
fn template(revision: Revision) -> String {
    let mut template = revision.template;
    if let Some(cause) = revision.cause {
        let meta = template.metadata.get_or_insert_default();
        meta.annotations.get_or_insert_default().insert(CHANGE_CAUSE.to_owned(), cause);
    }
    describe::template(&template)
}
