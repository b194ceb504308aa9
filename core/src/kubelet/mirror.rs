//! The mirror of a static pod: what the API server is told of a pod that it never asked for.
//!
//! The mirror has a uid of its own. Deleting it stops nothing: its kubelet lets it go at once and makes another.
//! Upstream: `pkg/kubelet/pod/mirror_client.go`, step 4 of `Kubelet.SyncPod`, `HandlePodCleanups`.

use std::rc::Rc;

use super::Look;
use super::manifests::{HASH, Manifest, Origin};
use super::runtime::Effect;
use crate::api::pod::MIRROR;
use crate::api::{Node, Object, Owner, Pod, Uid};
use crate::apiserver::{DeleteOptions, Reason};
use crate::time::{Duration, Time};
use crate::why;

/// How often a kubelet clears away what has no pod any more. Upstream: `housekeepingPeriod`.
pub(super) const HOUSEKEEPING: Duration = Duration::from_seconds(2);

/// How often every status is sent again that the API does not seem to know. Upstream: `syncPeriod` of the status
/// manager.
pub(super) const RETELLING: Duration = Duration::from_seconds(10);

impl Look<'_> {
    /// Whether the pod comes from a file that no longer says so.
    pub(super) fn is_withdrawn(&self) -> bool {
        self.pod.origin.as_ref().is_some_and(|origin| origin.is_withdrawn)
    }

    /// The object that its status is sent to; `None` where there is none yet.
    pub(super) fn reports_to(&self) -> Option<Uid> {
        if self.pod.origin.is_none() {
            return Some(self.pod.uid());
        }
        let own = self.pod.api.annotation(HASH);
        self.mirror().filter(|mirror| mirror.annotation(MIRROR) == own).map(|mirror| mirror.uid)
    }

    fn mirror(&self) -> Option<&Rc<Pod>> {
        self.store.get::<Pod>(self.pod.key()).filter(|pod| pod.is_mirror())
    }

    /// Sees to it that the API has a mirror of a static pod, and the right one.
    pub(super) fn keep_mirror(&mut self) {
        let Some(origin) = &self.pod.origin else { return };
        if self.now < origin.asked_until {
            return;
        }
        if self.is_alone() {
            let wait = next(RETELLING, self.now).since(self.now);
            return self.plan.look_again_in(wait, why::Kubelet::ServerUnreachable);
        }
        let Some(node) = self.store.get_cluster_wide::<Node>(&self.machine.name) else { return };
        if node.meta.deletion.is_some() {
            return;
        }
        let (node_name, node_uid) = (node.key.name.clone(), node.uid);
        if let Some(mirror) = self.mirror() {
            let is_deleted = mirror.is_terminating();
            if !is_deleted && mirror.annotation(MIRROR) == self.pod.api.annotation(HASH) {
                return self.retell();
            }
            let (uid, name) = (mirror.uid, mirror.key.name.clone());
            self.delete_mirror(uid, why::Kubelet::MirrorOutdated { pod: name, is_deleted });
        }
        let mirror = mirror_of(&self.pod.api, node_name, node_uid);
        let file = self.pod.origin.as_ref().map(|origin| origin.file.clone()).unwrap_or_default();
        let why = why::Kubelet::MirrorMissing { file };
        self.plan.create(Object::Pod(Rc::new(mirror)), why).accept(Reason::AlreadyExists);
        let latencies = &self.simulation.latencies;
        let asked_until = self.now + Duration(2 * (latencies.request.0 + latencies.watch.0));
        self.origin_mut(|origin| origin.asked_until = asked_until);
    }

    /// A mirror that does not know the status yet hears of it when the kubelet next goes through all of them.
    fn retell(&mut self) {
        let (Some(origin), Some(uid)) = (&self.pod.origin, self.reports_to()) else { return };
        if self.pod.is_unsent || self.pod.reported.is_none() || origin.told == Some(uid) {
            return;
        }
        match origin.retell_at {
            Some(at) if self.now >= at => {
                self.origin_mut(|origin| origin.retell_at = None);
                self.pod_mut().is_unsent = true;
                self.send_what_waits();
            }
            Some(at) => self.plan.look_again_in(at.since(self.now), why::Kubelet::MirrorUnaware),
            None => {
                let at = next(RETELLING, self.now);
                self.origin_mut(|origin| origin.retell_at = Some(at));
                self.plan.look_again_in(at.since(self.now), why::Kubelet::MirrorUnaware);
            }
        }
    }

    /// Remembers which mirror has heard of the status.
    pub(super) fn note_told(&mut self, uid: Uid) {
        if self.pod.origin.is_some() {
            self.origin_mut(|origin| origin.told = Some(uid));
        }
    }

    /// Nothing is left of a static pod whose file is gone: its mirror goes, unless another pod of that name waits, or the
    /// file is back.
    pub(super) fn retire(&mut self) {
        let key = self.pod.key();
        let is_wanted =
            |manifest: &Manifest| manifest.pod.as_ref().is_ok_and(|pod| pod.uid == self.pod.uid());
        let is_back = self.machine.manifests.values().any(is_wanted);
        let is_other = |other: &&Rc<super::LocalPod>| other.key() == key && other.uid() != self.pod.uid();
        let is_replaced = self.machine.pods().any(|other| is_other(&other) && other.origin.is_some());
        let mirror = self.mirror().map(|mirror| mirror.uid).filter(|_| !is_replaced && !is_back);
        if mirror.is_some() && self.is_alone() {
            let wait = next(HOUSEKEEPING, self.now).since(self.now);
            return self.plan.look_again_in(wait, why::Kubelet::ServerUnreachable);
        }
        if let Some(uid) = mirror {
            self.delete_mirror(uid, why::Kubelet::NothingLeft);
        }
        self.plan.effect(Effect::Forget(self.pod.uid()), why::Kubelet::NothingLeft);
    }

    fn delete_mirror(&mut self, uid: Uid, why: why::Kubelet) {
        let options = DeleteOptions { grace_seconds: Some(0), uid: Some(uid), ..DeleteOptions::default() };
        let target = self.reference();
        self.plan.delete(target, options, why).accept(Reason::NotFound);
    }

    fn origin_mut(&mut self, change: impl FnOnce(&mut Origin)) {
        if let Some(origin) = &mut self.pod_mut().origin {
            change(Rc::make_mut(origin));
        }
    }
}

/// The next multiple of a period.
pub(super) fn next(period: Duration, now: Time) -> Time {
    Time(now.0 - now.0 % period.0) + period
}

/// What the API is told of a static pod.
pub(super) fn mirror_of(pod: &Pod, node: Rc<str>, uid: Uid) -> Pod {
    let mut mirror = pod.clone();
    mirror.uid = Uid::default();
    let meta = Rc::make_mut(&mut mirror.meta);
    let hash = meta.annotations.get(HASH).cloned().unwrap_or_default();
    Rc::make_mut(&mut meta.annotations).insert(MIRROR.to_owned(), hash);
    let (api_version, kind) = ("v1".into(), "Node".into());
    let owner = Owner { api_version, kind, name: node, uid, controller: true, block_owner_deletion: false };
    meta.owners = Rc::new(vec![owner]);
    mirror
}
