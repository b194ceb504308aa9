//! Who owns the claims of a pod, so that they go when the retention policy says so. Upstream:
//! `stateful_set_utils.go`, `updateClaimOwnerRefForSetAndPod`.
//!
//! ```text
//! whenDeleted: Delete                  owned by the set
//! whenScaled: Delete, pod out of range owned by the pod that goes
//! ```

use std::rc::Rc;

use super::identity;
use crate::api::{Kind, Object, Owner, PersistentVolumeClaim, Pod, StatefulSet, Uid};
use crate::apiserver::Store;
use crate::controllers::claim;
use crate::plan::Plan;
use crate::why::stateful_set::StatefulSet as Why;

/// Gives the claims of `pod` the owner that the policy asks for, which is then in charge of them. Whether any had
/// another.
pub(super) fn settle_owners(
    store: &Store,
    set: &StatefulSet,
    pod: &Pod,
    ordinal: i64,
    plan: &mut Plan,
) -> bool {
    let wanted = set.ordinals().contains(&ordinal);
    let (with_set, when_scaled) = (set.deletes_claims_with_set(), set.deletes_claims_when_scaled());
    let by_pod = when_scaled && !wanted;
    let by_set = with_set && !by_pod;
    let mut changed = false;
    for wished in identity::claims_of(set, ordinal) {
        let Some(stored) = store.get::<PersistentVolumeClaim>(&wished.key) else { continue };
        let mut owners = (*stored.meta.owners).clone();
        let is_ours = |owner: &Owner| owner.uid == set.uid || owner.uid == pod.uid;
        // Where somebody else is in charge of a claim, nobody is put beside them.
        let is_managed = owners.iter().any(|owner| owner.controller && !is_ours(owner));
        let may_own = !is_managed;
        let set_owner = (by_set && may_own).then(|| claim::owner_reference(Kind::StatefulSet, set));
        let pod_owner = (by_pod && may_own).then(|| claim::owner_reference(Kind::Pod, pod));
        own(&mut owners, set.uid, set_owner);
        own(&mut owners, pod.uid, pod_owner);
        if owners == *stored.meta.owners {
            continue;
        }
        changed = true;
        let mut claimed = (**stored).clone();
        Rc::make_mut(&mut claimed.meta).owners = Rc::new(owners);
        let why = Why::RetainsClaim { with_set, when_scaled, wanted };
        plan.update(Object::PersistentVolumeClaim(Rc::new(claimed)), why);
    }
    changed
}

/// Makes `owner` the only one of `owners` with this uid, or leaves none.
fn own(owners: &mut Vec<Owner>, uid: Uid, owner: Option<Owner>) {
    let is_owned = owners.iter().any(|known| known.uid == uid);
    match owner {
        Some(owner) if !is_owned => owners.push(owner),
        Some(_) => {}
        None => owners.retain(|known| known.uid != uid),
    }
}
