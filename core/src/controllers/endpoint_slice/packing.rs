//! Packs endpoints into slices of at most a hundred, with as few writes as it can.
//! Upstream: `staging/src/k8s.io/endpointslice/reconciler.go`.
//!
//! Endpoints that a slice has stay in it. New ones go into slices that are written anyway, fullest first; then into
//! the fullest unwritten slice that can take all of the rest; then into new slices, which take over the objects of
//! slices that would be deleted.

use std::rc::Rc;

use k8s_openapi::api::discovery::v1::EndpointPort;

use super::endpoint;
use crate::api::{Endpoint, EndpointSlice, Key, Pod, Service, Uid};
use crate::why::endpoint_slice::Endpoints;

/// The most endpoints that a slice holds. Upstream: `--max-endpoints-per-slice`.
pub(super) const MAX_ENDPOINTS: usize = 100;

/// One slice while it is being packed.
pub(super) struct Draft {
    /// The stored slice; `None` for a new one.
    pub(super) stored: Option<Rc<EndpointSlice>>,
    pub(super) ports: Rc<Vec<EndpointPort>>,
    /// `None` while they are those of the stored slice.
    changed: Option<Vec<Rc<Endpoint>>>,
    /// Whether it is written for another reason than its endpoints.
    pub(super) is_relabelled: bool,
    /// What was changed so far.
    tally: Endpoints,
}

/// A Service's slices while they are being packed.
pub(super) struct Packing {
    pub(super) drafts: Vec<Draft>,
    homeless: Vec<Homeless>,
}

/// Endpoints with the same ports that have no slice yet.
struct Homeless {
    ports: Rc<Vec<EndpointPort>>,
    endpoints: Vec<Rc<Endpoint>>,
}

/// The place of an endpoint in a draft.
#[derive(Clone, Copy)]
pub(super) struct Found {
    draft: usize,
    place: usize,
}

/// What becomes of a slice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    IsWritten,
    IsDeleted,
}

impl Draft {
    pub(super) fn of(stored: Rc<EndpointSlice>) -> Draft {
        let ports = stored.spec.ports.clone();
        let (changed, tally) = (None, Endpoints::default());
        Draft { stored: Some(stored), ports, changed, is_relabelled: false, tally }
    }

    fn new(ports: Rc<Vec<EndpointPort>>) -> Draft {
        let (changed, tally) = (Some(Vec::new()), Endpoints::default());
        Draft { stored: None, ports, changed, is_relabelled: false, tally }
    }

    /// The one slice of a Service without endpoints.
    pub(super) fn placeholder(stored: Option<Rc<EndpointSlice>>) -> Draft {
        Draft { stored, ..Draft::new(Rc::default()) }
    }

    pub(super) fn endpoints(&self) -> &[Rc<Endpoint>] {
        let stored = || self.stored.as_ref().map_or(&[][..], |stored| &stored.spec.endpoints);
        self.changed.as_deref().unwrap_or_else(stored)
    }

    fn is_changed(&self) -> bool {
        self.changed.is_some() || self.is_relabelled
    }

    fn room(&self) -> usize {
        MAX_ENDPOINTS.saturating_sub(self.endpoints().len())
    }

    fn endpoints_mut(&mut self) -> &mut Vec<Rc<Endpoint>> {
        let stored = self.stored.as_ref();
        self.changed
            .get_or_insert_with(|| stored.map(|stored| stored.spec.endpoints.clone()).unwrap_or_default())
    }

    fn add(&mut self, endpoints: impl Iterator<Item = Rc<Endpoint>>) {
        for endpoint in endpoints {
            self.tally.added += 1;
            self.endpoints_mut().push(endpoint);
        }
    }

    /// What the slice says after the write, and what the write changed.
    pub(super) fn tally(&self) -> Endpoints {
        let ready = self.endpoints().iter().filter(|endpoint| endpoint.ready).count() as u32;
        Endpoints { endpoints: self.endpoints().len() as u32, ready, ..self.tally }
    }

    fn is_emptied(&self) -> bool {
        self.stored.is_some() && self.changed.as_ref().is_some_and(Vec::is_empty)
    }

    /// What becomes of the slice. One without endpoints is only there to say that there are none.
    pub(super) fn fate(&self) -> Fate {
        if self.endpoints().is_empty() {
            return Fate::IsDeleted;
        }
        if self.is_changed() { Fate::IsWritten } else { Fate::Stays }
    }

    /// Its endpoints, to be stored.
    pub(super) fn into_endpoints(self) -> Vec<Rc<Endpoint>> {
        match (self.changed, self.stored) {
            (Some(changed), _) => changed,
            (None, Some(stored)) => stored.spec.endpoints.clone(),
            (None, None) => Vec::new(),
        }
    }
}

impl Packing {
    pub(super) fn new(stored: impl Iterator<Item = Rc<EndpointSlice>>) -> Packing {
        Packing { drafts: stored.map(Draft::of).collect(), homeless: Vec::new() }
    }

    /// Where the endpoint of a pod is.
    pub(super) fn find(&self, is_it: impl Fn(&(Key, Uid)) -> bool) -> Option<Found> {
        let names = |endpoint: &Rc<Endpoint>| endpoint.pod.as_ref().is_some_and(&is_it);
        self.drafts.iter().enumerate().find_map(|(draft, content)| {
            content.endpoints().iter().position(names).map(|place| Found { draft, place })
        })
    }

    /// Puts a pod's endpoint where it belongs, or takes it away where it has none.
    pub(super) fn place(
        &mut self,
        service: &Service,
        found: Option<Found>,
        wanted: Option<(&Pod, Endpoint)>,
    ) {
        let Some((source, wanted)) = wanted else {
            if let Some(Found { draft, place }) = found {
                self.remove(draft, place);
            }
            return;
        };
        if let Some(Found { draft, place }) = found {
            if endpoint::serves(service, source, &self.drafts[draft].ports) {
                return self.replace(draft, place, wanted);
            }
            self.remove(draft, place);
        }
        self.add(service, source, wanted);
    }

    /// Takes away every endpoint whose pod `is_wanted` does not know.
    pub(super) fn retain(&mut self, is_wanted: impl Fn(&Key) -> bool) {
        for draft in 0..self.drafts.len() {
            let unwanted =
                |endpoint: &Rc<Endpoint>| endpoint.pod.as_ref().is_none_or(|(pod, _)| !is_wanted(pod));
            while let Some(place) = self.drafts[draft].endpoints().iter().position(unwanted) {
                self.remove(draft, place);
            }
        }
    }

    fn replace(&mut self, draft: usize, place: usize, wanted: Endpoint) {
        let draft = &mut self.drafts[draft];
        let known = &draft.endpoints()[place];
        if **known == wanted {
            return;
        }
        let (was_ready, was_terminating) = (known.ready, known.terminating);
        let tally = &mut draft.tally;
        tally.turned_ready += u32::from(wanted.ready && !was_ready);
        tally.turned_unready += u32::from(was_ready && !wanted.ready && !wanted.terminating);
        tally.terminating += u32::from(wanted.terminating && !was_terminating);
        draft.endpoints_mut()[place] = Rc::new(wanted);
    }

    fn remove(&mut self, draft: usize, place: usize) {
        let draft = &mut self.drafts[draft];
        draft.tally.removed += 1;
        draft.endpoints_mut().remove(place);
    }

    fn add(&mut self, service: &Service, pod: &Pod, wanted: Endpoint) {
        let known = self.homeless.iter().position(|group| endpoint::serves(service, pod, &group.ports));
        let place = known.unwrap_or_else(|| {
            // Slices with the same ports share them.
            let shared = self.drafts.iter().map(|draft| &draft.ports);
            let mut shared = shared.filter(|ports| endpoint::serves(service, pod, ports));
            let ports = shared.next().cloned().unwrap_or_else(|| Rc::new(endpoint::ports(service, pod)));
            self.homeless.push(Homeless { ports, endpoints: Vec::new() });
            self.homeless.len() - 1
        });
        self.homeless[place].endpoints.push(Rc::new(wanted));
    }

    /// Finds places for the endpoints that have none yet. Then what becomes of each slice is clear.
    pub(super) fn settle(&mut self) {
        // A slice that was emptied is not filled again: it is deleted, or taken over by a new one.
        let emptied: Vec<bool> = self.drafts.iter().map(|draft| draft.is_emptied()).collect();
        for Homeless { ports, endpoints } in std::mem::take(&mut self.homeless) {
            let mut left = endpoints.into_iter();
            let fits = |(place, draft): &(usize, &mut Draft)| !emptied[*place] && draft.ports == ports;
            let mut written: Vec<&mut Draft> = (self.drafts.iter_mut().take(emptied.len()).enumerate())
                .filter(|slot| slot.1.is_changed() && fits(slot))
                .map(|(_, draft)| draft)
                .collect();
            crate::order::sort_by_key(&mut written, |draft| draft.room());
            for draft in written {
                draft.add(left.by_ref().take(draft.room()));
            }
            while left.len() > 0 {
                let count = left.len();
                let unwritten = (self.drafts.iter_mut().take(emptied.len()).enumerate())
                    .filter(|slot| !slot.1.is_changed() && fits(slot))
                    .map(|(_, draft)| draft)
                    .filter(|draft| count < MAX_ENDPOINTS && draft.room() >= count);
                if let Some(fullest) = unwritten.min_by_key(|draft| draft.room()) {
                    fullest.add(left.by_ref());
                    continue;
                }
                let mut new = Draft::new(ports.clone());
                new.add(left.by_ref().take(MAX_ENDPOINTS));
                self.drafts.push(new);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::endpoint_slice::Slice;
    use crate::api::{Meta, Object, Resource};
    use std::collections::BTreeSet;

    fn ready(pod: usize) -> (Key, Endpoint) {
        let key = Key::new("default", format!("web-{pod:03}"));
        let endpoint = Endpoint {
            addresses: vec![format!("10.244.0.{pod}").into()],
            ready: true,
            serving: true,
            terminating: false,
            absent: Default::default(),
            hostname: None,
            node: None,
            zone: None,
            hints: None,
            pod: Some((key.clone(), Uid(pod as u128))),
        };
        (key, endpoint)
    }

    fn service() -> Service {
        let json = serde_json::json!({
            "apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
        });
        match Object::from_json(crate::api::Kind::Service, &json) {
            Ok(Object::Service(service)) => (*service).clone(),
            other => panic!("not a Service: {other:?}"),
        }
    }

    fn stored(name: &str, pods: std::ops::Range<usize>) -> Rc<EndpointSlice> {
        let ports = Rc::new(endpoint::ports(&service(), &Pod::from_api(Default::default())));
        let endpoints = pods.map(|pod| Rc::new(ready(pod).1)).collect();
        Rc::new(Resource {
            key: Key::new("default", name),
            uid: Uid::parse(name),
            resource_version: 1,
            meta: Rc::new(Meta::default()),
            spec: Rc::new(Slice { address_type: "IPv4".into(), ports, endpoints }),
            status: (),
        })
    }

    /// What becomes of the slices when the pods of `gone` go and those of `new` come.
    fn packed(
        slices: &[Rc<EndpointSlice>],
        gone: std::ops::Range<usize>,
        new: std::ops::Range<usize>,
    ) -> Vec<(bool, Fate, usize)> {
        let (service, pod) = (service(), Pod::from_api(Default::default()));
        let mut packing = Packing::new(slices.iter().cloned());
        let gone: BTreeSet<Key> = gone.map(|pod| ready(pod).0).collect();
        packing.retain(|key| !gone.contains(key));
        for place in new {
            let (key, endpoint) = ready(place);
            let found = packing.find(|(known, _)| *known == key);
            packing.place(&service, found, Some((&pod, endpoint)));
        }
        packing.settle();
        let drafts = packing.drafts.iter();
        drafts.map(|draft| (draft.stored.is_some(), draft.fate(), draft.endpoints().len())).collect()
    }

    #[test]
    fn nothing_changed_means_nothing_written() {
        assert_eq!(packed(&[stored("a", 0..3)], 0..0, 0..3), [(true, Fate::Stays, 3)]);
    }

    #[test]
    fn a_full_slice_is_followed_by_another() {
        assert_eq!(
            packed(&[], 0..0, 0..250),
            [(false, Fate::IsWritten, 100), (false, Fate::IsWritten, 100), (false, Fate::IsWritten, 50),]
        );
    }

    #[test]
    fn new_endpoints_prefer_slices_that_are_written_anyway() {
        let slices = [stored("a", 0..40), stored("b", 100..190)];
        assert_eq!(packed(&slices, 0..1, 300..310), [(true, Fate::IsWritten, 49), (true, Fate::Stays, 90)]);
    }

    #[test]
    fn otherwise_they_go_into_the_fullest_that_has_room_for_all() {
        let slices = [stored("a", 0..40), stored("b", 100..190)];
        assert_eq!(packed(&slices, 0..0, 300..305), [(true, Fate::Stays, 40), (true, Fate::IsWritten, 95)]);
        assert_eq!(packed(&slices, 0..0, 300..330), [(true, Fate::IsWritten, 70), (true, Fate::Stays, 90)]);
    }

    #[test]
    fn a_slice_that_lost_everything_is_not_filled_again() {
        let slices = [stored("a", 0..2)];
        let fates = packed(&slices, 0..2, 300..301);
        assert_eq!(fates, [(true, Fate::IsDeleted, 0), (false, Fate::IsWritten, 1)]);
    }
}
