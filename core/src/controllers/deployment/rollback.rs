//! Rollbacks that an annotation asks for. `kubectl rollout undo` does not use it: it patches the template itself.
//! Upstream: `pkg/controller/deployment/rollback.go`.

use std::rc::Rc;

use super::annotations::{self, ROLLBACK_TO};
use super::look::Look;
use super::sets;
use crate::api::{Deployment, Labels, Object, ReplicaSet};
use crate::plan::{EventDraft, EventText};
use crate::why::deployment::Deployment as Why;

/// The revision that the annotation asks for; 0 means the previous one.
pub(super) fn wanted(deployment: &Deployment) -> Option<i64> {
    deployment.annotation(ROLLBACK_TO)?.parse().ok()
}

/// Takes the template of `revision` over into the Deployment, and the annotation away in any case.
pub(super) fn roll_back(look: &mut Look<'_>, revision: i64) {
    // What the status says comes first; the look after that write rolls back.
    if look.find_or_create_new_set().is_none() || look.has_written_status {
        return;
    }
    let revision = if revision == 0 { previous_revision(&look.sets) } else { revision };
    if revision == 0 {
        return give_up(look, Why::RollbackNotFound { revision }, NOT_FOUND, "Unable to find last revision.");
    }
    let Some(target) = look.sets.iter().find(|set| set.revision() == revision).cloned() else {
        let message = "Unable to find the revision to rollback to.";
        return give_up(look, Why::RollbackNotFound { revision }, NOT_FOUND, message);
    };
    let name = look.deployment.name();
    if sets::has_template_of(&target, &look.deployment) {
        let message =
            format!("The rollback revision contains the same template as current deployment \"{name}\"");
        let reason = "DeploymentRollbackTemplateUnchanged";
        return give_up(look, Why::RollbackUnchanged { revision }, reason, &message);
    }
    let message = format!("Rolled back deployment \"{name}\" to revision {revision}");
    let event = EventDraft::normal(
        &Object::Deployment(look.deployment.clone()),
        "DeploymentRollback",
        EventText::Fixed(message.into()),
    );
    let rolled_back = with_template_of(&look.deployment, &target);
    look.plan.update(Object::Deployment(Rc::new(rolled_back)), Why::RollsBack { revision }).then_event(event);
}

const NOT_FOUND: &str = "DeploymentRollbackRevisionNotFound";

/// The second highest revision; 0 if there are fewer than two.
fn previous_revision(sets: &[Rc<ReplicaSet>]) -> i64 {
    let (mut highest, mut second) = (0, 0);
    for revision in sets.iter().map(|set| set.revision()) {
        if revision >= highest {
            (highest, second) = (revision, highest);
        } else if revision > second {
            second = revision;
        }
    }
    second
}

fn give_up(look: &mut Look<'_>, why: Why, reason: &'static str, message: &str) {
    let object = Object::Deployment(look.deployment.clone());
    look.plan.event(EventDraft::warning(&object, reason, EventText::Fixed(message.into())), why.clone());
    let mut deployment = (*look.deployment).clone();
    let meta = Rc::make_mut(&mut deployment.meta);
    Rc::make_mut(&mut meta.annotations).remove(ROLLBACK_TO);
    look.plan.update(Object::Deployment(Rc::new(deployment)), why);
}

fn with_template_of(deployment: &Deployment, target: &ReplicaSet) -> Deployment {
    let mut deployment = deployment.clone();
    Rc::make_mut(&mut deployment.spec).template = sets::template_without_hash(target);
    // The Deployment takes the annotations of that revision too: they would else be copied onto its ReplicaSet.
    let own = deployment.meta.annotations.iter().filter(|(name, _)| annotations::stays(name));
    let old = target.meta.annotations.iter().filter(|(name, _)| !annotations::stays(name));
    let mut annotations: Labels = own.chain(old).map(|(name, value)| (name.clone(), value.clone())).collect();
    annotations.remove(ROLLBACK_TO);
    Rc::make_mut(&mut deployment.meta).annotations = Rc::new(annotations);
    deployment
}
