//! Node truth: what really runs on a node, whatever the API says.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::persistent::Map;

use super::eviction::Pressure;
use super::images::Images;
use super::local_pod::LocalPod;
use super::manifests::Manifest;
use crate::api::{Key, Node, Uid};
use crate::apiserver::Store;
use crate::network::proxy::ProxyRules;

/// The machines, by node name.
pub type Machines = Map<Rc<str>, Rc<Machine>>;

/// The simulated computer behind a Node.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// The name of its Node.
    pub name: Rc<str>,
    /// Its number in the cluster, by its `spec.podCIDR`: its pods get the addresses `10.244.<number>.<n>`.
    pub number: u32,
    /// Its own address: `status.addresses` of its Node.
    pub address: Rc<str>,
    /// The kubelet's cache.
    pub kubelet_cache: Rc<Store>,
    /// What the node's kernel does with packets for Services.
    pub rules: Rc<ProxyRules>,
    /// The images on its disk, and those being pulled.
    pub images: Rc<Images>,
    /// Its directory of static pods, by file.
    pub manifests: Rc<BTreeMap<Rc<str>, Manifest>>,
    /// What its kubelet knows of its memory and disk, where anything speaks of them.
    pub pressure: Option<Rc<Pressure>>,
    pods: Map<Uid, Rc<LocalPod>>,
    addresses: Rc<Addresses>,
}

/// The addresses of a node's pods: the next free one is taken, so that a freed one rests for a while.
/// Upstream: the `host-local` CNI plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Addresses {
    used: [u64; Addresses::COUNT / 64],
    last: u16,
}

impl Machine {
    /// A computer that has just started. It knows the pods that `store` has bound to it.
    pub fn new(name: Rc<str>, store: Rc<Store>) -> Machine {
        let node = store.get_cluster_wide::<Node>(&name);
        let range = node.and_then(|node| node.spec.pod_cidr.as_deref());
        let number = range.and_then(number_of).unwrap_or(store.count::<Node>() as u32);
        let addresses = node.into_iter().flat_map(|node| node.status.addresses.iter().flatten());
        let internal = addresses.into_iter().find(|address| address.type_ == "InternalIP");
        let own = internal.map_or_else(|| own_address(number), |address| address.address.as_str().into());
        let mut pods = Map::new();
        for pod in store.pods_on(&name).filter(|pod| !pod.is_mirror()) {
            pods.insert(pod.uid, Rc::new(LocalPod::new(pod.clone())));
        }
        Machine {
            name,
            number,
            address: own,
            kubelet_cache: store,
            rules: Rc::default(),
            images: Rc::default(),
            manifests: Rc::default(),
            pressure: None,
            pods,
            addresses: Rc::default(),
        }
    }

    /// Every pod the kubelet knows, by uid: those that run, those that end, those that have ended.
    pub fn pods(&self) -> impl Iterator<Item = &Rc<LocalPod>> {
        self.pods.values()
    }

    /// The pod with this uid.
    pub fn pod(&self, uid: Uid) -> Option<&Rc<LocalPod>> {
        self.pods.get(&uid)
    }

    /// What runs of an object: the pod with its uid; of a mirror, the static pod of its name.
    pub fn pod_of(&self, uid: Uid, key: &Key) -> Option<&Rc<LocalPod>> {
        self.pod(uid).or_else(|| self.static_pod(key))
    }

    /// The static pod of this name; of two, the one that is not about to go.
    pub(super) fn static_pod(&self, key: &Key) -> Option<&Rc<LocalPod>> {
        let mut named = self.pods.values().filter(|pod| pod.origin.is_some() && pod.key() == key);
        let first = named.next()?;
        let goes = |pod: &LocalPod| pod.origin.as_ref().is_some_and(|origin| origin.is_withdrawn);
        if goes(first) { named.find(|pod| !goes(pod)).or(Some(first)) } else { Some(first) }
    }

    /// Whether a container of this name answers that a static pod of `kube-system` has.
    pub(crate) fn answers_as(&self, container: &str) -> bool {
        let of_the_system =
            |pod: &&Rc<LocalPod>| pod.origin.is_some() && &*pod.key().namespace == "kube-system";
        let mut containers = self.pods().filter(of_the_system).flat_map(|pod| pod.containers());
        containers.any(|known| known.name() == container && known.running().is_some_and(|it| it.listens))
    }

    /// How many pods the kubelet knows.
    pub fn pod_count(&self) -> usize {
        self.pods.len()
    }

    /// Puts a pod in the place of what was known of it.
    pub(crate) fn put(&mut self, pod: Rc<LocalPod>) {
        self.pods.insert(pod.uid(), pod);
    }

    /// A pod, to be changed: copies what is known of it.
    pub(super) fn pod_mut(&mut self, uid: Uid) -> Option<&mut LocalPod> {
        self.pods.get_mut(&uid).map(Rc::make_mut)
    }

    /// Forgets a pod.
    pub(super) fn forget(&mut self, uid: Uid) {
        self.pods.remove(&uid);
    }

    /// Takes the next free address for a pod. `None` where all are taken.
    pub(super) fn take_address(&mut self) -> Option<(u16, Rc<str>)> {
        let number = Rc::make_mut(&mut self.addresses).take()?;
        Some((number, pod_address(self.number, number)))
    }

    /// Gives an address back.
    pub(super) fn free_address(&mut self, number: u16) {
        Rc::make_mut(&mut self.addresses).free(number);
    }
}

impl Addresses {
    /// Four blocks of 256, of which the first two and the last address of each are nobody's.
    const COUNT: usize = 1024;

    fn take(&mut self) -> Option<u16> {
        let count = Addresses::COUNT as u16;
        for step in 1..=count {
            let number = (self.last + step) % count;
            let (word, bit) = (usize::from(number / 64), 1u64 << (number % 64));
            if matches!(number % 256, 2..=254) && self.used[word] & bit == 0 {
                self.used[word] |= bit;
                self.last = number;
                return Some(number);
            }
        }
        None
    }

    fn free(&mut self, number: u16) {
        self.used[usize::from(number / 64)] &= !(1 << (number % 64));
    }
}

impl Default for Addresses {
    fn default() -> Addresses {
        Addresses { used: [0; Addresses::COUNT / 64], last: 0 }
    }
}

/// The address of the pod with this number on this machine: `10.244.<machine>.<n>`. Machines beyond the 255th, and
/// pods beyond the 253rd of a machine, live in blocks of 10.128.0.0/9 below 10.244.
fn pod_address(machine: u32, number: u16) -> Rc<str> {
    let (block, last) = (u32::from(number / 256), number % 256);
    if block == 0 && machine < 256 {
        return format!("10.244.{machine}.{last}").into();
    }
    let place = (machine * 4 + block) % (116 * 256);
    format!("10.{}.{}.{last}", 128 + place / 256, place % 256).into()
}

/// The number of the machine whose pods have this range: 3 of `10.244.3.0/24`.
fn number_of(range: &str) -> Option<u32> {
    range.strip_prefix("10.244.")?.strip_suffix(".0/24")?.parse().ok()
}

/// The address of a machine whose Node does not say: `172.18.<number>`.
fn own_address(machine: u32) -> Rc<str> {
    let number = machine + 1;
    format!("172.18.{}.{}", number / 256 % 256, number % 256).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_freed_address_rests_while_others_are_free() {
        let mut addresses = Addresses::default();
        assert_eq!((addresses.take(), addresses.take()), (Some(2), Some(3)));
        addresses.free(2);
        assert_eq!(addresses.take(), Some(4));
    }

    #[test]
    fn addresses_run_out_and_come_back() {
        let mut addresses = Addresses::default();
        let taken: Vec<u16> = std::iter::from_fn(|| addresses.take()).collect();
        assert_eq!(taken.len(), 4 * 253);
        addresses.free(77);
        assert_eq!(addresses.take(), Some(77));
    }

    #[test]
    fn pods_of_a_node_share_its_prefix() {
        assert_eq!(&*pod_address(3, 2), "10.244.3.2");
        assert_eq!(&*pod_address(3, 258), "10.128.13.2");
        assert_eq!(&*pod_address(300, 2), "10.132.176.2");
    }
}
