//! What etcd holds: every object, the revision, and the indexes that keep reads from scanning.
//!
//! The tables are persistent: an older store costs a pointer, which is what a watcher's cache is.
//! [`Store::put`] and [`Store::erase`] are the only ways in; each raises the revision by exactly one.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::persistent::{Map, Set};

use super::admitted::Admitted;
use super::index::{Index, OwnedPods, PodsOnNode};
use crate::api::{
    EndpointSlice, Event, InertKind, Key, Kind, Labels, Object, ObjectRef, Pod, PodTemplate, ReplicaSet,
    Service, Stored, Uid,
};

/// The objects of one kind, by namespace and name. One type for all kinds: each of its own would be compiled anew.
type Table = Map<Key, Object>;

/// Every object, and the revision of the latest write.
#[derive(Clone, Default)]
pub struct Store {
    revision: u64,
    pods: Table,
    events: Table,
    deployments: Table,
    replica_sets: Table,
    endpoint_slices: Table,
    calm: Rc<CalmTables>,
    index: Index,
    /// Whether a pod's spec is known here changes nothing but the time its creation takes.
    pub(super) admitted: Rc<Admitted>,
}

/// The tables that few writes change, by kind: every step has a store of its own, which these would make large.
#[derive(Clone, PartialEq)]
struct CalmTables {
    known: [Table; Kind::ALL.len()],
    /// The kinds that nobody acts on, as far as there are objects of them.
    inert: BTreeMap<InertKind, Table>,
    /// What a kind has of which there are none.
    none: Table,
}

impl Default for CalmTables {
    fn default() -> CalmTables {
        let known = std::array::from_fn(|_| Table::default());
        CalmTables { known, inert: BTreeMap::new(), none: Table::default() }
    }
}

impl Store {
    /// The revision of the latest write; 0 before the first.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Reads one object.
    pub fn get<T: Stored>(&self, key: &Key) -> Option<&Rc<T>> {
        self.table(T::KIND).get(key).and_then(T::from_object)
    }

    /// Reads one object that is in no namespace.
    pub fn get_cluster_wide<T: Stored>(&self, name: &str) -> Option<&Rc<T>> {
        let compare = |key: &Key| (*key.namespace).cmp("").then_with(|| (*key.name).cmp(name));
        self.table(T::KIND).get_by(compare).and_then(T::from_object)
    }

    /// Reads one object of any kind.
    pub fn object(&self, target: &ObjectRef) -> Option<Object> {
        self.table(target.kind).get(&target.key).cloned()
    }

    /// The kinds that nobody acts on of which there are objects.
    pub fn inert_kinds(&self) -> impl Iterator<Item = Kind> + '_ {
        self.calm.inert.iter().filter(|(_, table)| !table.is_empty()).map(|(kind, _)| Kind::Inert(*kind))
    }

    /// Every object of one kind, by namespace and name.
    pub fn objects(&self, kind: Kind) -> impl Iterator<Item = Object> + '_ {
        self.table(kind).values().cloned()
    }

    /// Every object of one kind, by namespace and name.
    pub fn list<T: Stored>(&self) -> impl Iterator<Item = &Rc<T>> {
        self.table(T::KIND).values().filter_map(T::from_object)
    }

    /// How many objects of one kind there are.
    pub fn count<T: Stored>(&self) -> usize {
        self.table(T::KIND).len()
    }

    /// Every object of one kind in `namespace`, by name.
    pub fn list_in<'a, T: Stored + 'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Rc<T>> {
        let first = Key::new(namespace, "");
        self.table(T::KIND)
            .iter_from(&first)
            .take_while(move |(key, _)| &*key.namespace == namespace)
            .filter_map(|(_, object)| T::from_object(object))
    }

    /// The objects that list `owner` among their ownerReferences.
    pub fn dependents(&self, owner: Uid) -> impl Iterator<Item = &ObjectRef> {
        self.index.dependents(owner)
    }

    /// The ReplicaSets whose controller is `owner`, by name.
    pub fn replica_sets_of(&self, owner: Uid) -> impl Iterator<Item = &Rc<ReplicaSet>> {
        self.dependents(owner)
            .filter(|dependent| dependent.kind == Kind::ReplicaSet)
            .filter_map(|dependent| self.get::<ReplicaSet>(&dependent.key))
            .filter(move |set| set.controller() == Some(owner))
    }

    /// The ReplicaSets of `namespace` that have no controller, by name.
    pub fn orphan_replica_sets<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Rc<ReplicaSet>> {
        let keys = self.index.orphan_sets().filter(move |key| &*key.namespace == namespace);
        keys.filter_map(|key| self.get::<ReplicaSet>(key))
    }

    /// The pods whose controller is `owner`, counted. `None` where there are none.
    pub fn owned_pods(&self, owner: Uid) -> Option<&OwnedPods> {
        self.index.owned_pods(owner)
    }

    /// The pods whose controller is `owner`, by name.
    pub fn pods_of(&self, owner: Uid) -> impl Iterator<Item = &Rc<Pod>> {
        self.pods_in_order(self.index.owned_pods(owner).into_iter().flat_map(OwnedPods::keys))
    }

    /// The pods with these keys, which come by name: pods of one owner share the beginning of their names, so most often
    /// the next key is the next in the table, and going there costs a fraction of looking it up.
    fn pods_in_order<'a>(&'a self, keys: impl Iterator<Item = &'a Key>) -> impl Iterator<Item = &'a Rc<Pod>> {
        let mut ahead = None;
        keys.filter_map(move |key| {
            if let Some((next, pod)) = ahead.as_mut().and_then(Iterator::next)
                && next == key
            {
                return Pod::from_object(pod);
            }
            let mut from_key = self.pods.iter_from(key);
            let found =
                from_key.next().filter(|(found, _)| *found == key).and_then(|(_, pod)| Pod::from_object(pod));
            ahead = Some(from_key);
            found
        })
    }

    /// The pods that have no controller, by name.
    pub fn orphan_pods(&self) -> impl Iterator<Item = &Rc<Pod>> {
        self.pods_of(Uid::default())
    }

    /// The pods bound to `node` and what they ask of it. `None` where there are none.
    pub fn node_load(&self, node: &str) -> Option<&PodsOnNode> {
        self.index.pods_on_node(node)
    }

    /// The pods bound to `node`, by name.
    pub fn pods_on<'a>(&'a self, node: &str) -> impl Iterator<Item = &'a Rc<Pod>> {
        let load = self.index.pods_on_node(node);
        load.into_iter().flat_map(PodsOnNode::keys).filter_map(|key| self.get::<Pod>(key))
    }

    /// The pods whose volumes name this PersistentVolumeClaim, by name.
    pub fn pods_using<'a>(&'a self, claim: &Key) -> impl Iterator<Item = &'a Rc<Pod>> {
        self.index.pods_using(claim).filter_map(|key| self.get::<Pod>(key))
    }

    /// The pods of `namespace` that carry all of `labels` (at least one), by name.
    pub fn pods_labelled<'a>(
        &'a self,
        namespace: &str,
        labels: &'a Labels,
    ) -> impl Iterator<Item = &'a Rc<Pod>> {
        let candidates = self.index.pods_with_rarest_label(namespace, labels);
        // Pods of one template share their labels.
        let mut matching: Option<&'a Rc<Labels>> = None;
        self.pods_in_order(candidates.into_iter().flat_map(Set::iter)).filter(move |pod| {
            if matching.is_some_and(|known| Rc::ptr_eq(known, &pod.meta.labels)) {
                return true;
            }
            let matches = labels.iter().all(|(key, value)| pod.meta.labels.get(key) == Some(value));
            if matches {
                matching = Some(&pod.meta.labels);
            }
            matches
        })
    }

    /// The Services of `namespace` whose selector matches `labels`.
    pub fn services_selecting<'a>(
        &'a self,
        namespace: &'a str,
        labels: &'a Labels,
    ) -> impl Iterator<Item = &'a Rc<Service>> {
        self.index
            .services_by_first_label(namespace, labels)
            .filter_map(|key| self.get::<Service>(key))
            .filter(move |service| {
                let mut wanted = service.selector().into_iter().flatten();
                wanted.all(|(key, value)| labels.get(key) == Some(value))
            })
    }

    /// The EndpointSlices that are labelled with `service`, by name.
    pub fn slices_of(&self, service: &Key) -> impl Iterator<Item = &Rc<EndpointSlice>> {
        self.index.slices_of(service).filter_map(|key| self.get::<EndpointSlice>(key))
    }

    /// The pod template of the ReplicaSet or ReplicationController with this uid, in parts that its pods share.
    pub fn pod_template(&self, owner: Uid) -> Option<&Rc<PodTemplate>> {
        self.index.pod_template(owner)
    }

    /// The Events about an object, oldest first: their names are its name and the time, those about objects without a
    /// namespace live in `default`.
    pub fn events_about(&self, about: &Key, uid: Uid) -> impl Iterator<Item = &Rc<Event>> {
        let namespace = if about.namespace.is_empty() { "default".into() } else { about.namespace.clone() };
        let first = Key { namespace, name: format!("{}.", about.name).into() };
        self.events
            .iter_from(&first)
            .take_while(move |(key, _)| {
                key.namespace == first.namespace && key.name.starts_with(&*first.name)
            })
            .filter_map(|(_, event)| Event::from_object(event))
            .filter(move |event| event.about_uid == uid)
    }

    /// Writes `object` under its key and returns it with its new resourceVersion.
    pub(crate) fn put(&mut self, mut object: Object) -> Object {
        self.revision += 1;
        object.set_resource_version(self.revision);
        let before = self.object(&object.reference());
        self.index.update(before.as_ref(), Some(&object));
        self.forget_admitted(object.kind());
        self.table_mut(object.kind()).insert(object.key().clone(), object.clone());
        object
    }

    /// Removes an object. Returns what it was.
    pub(crate) fn erase(&mut self, target: &ObjectRef) -> Option<Object> {
        let before = self.object(target)?;
        self.revision += 1;
        self.index.update(Some(&before), None);
        self.forget_admitted(target.kind);
        self.table_mut(target.kind).remove(&target.key);
        Some(before)
    }

    /// Pod specs are admitted by their classes and accounts: once one of these has changed, all are looked at anew.
    fn forget_admitted(&mut self, changed: Kind) {
        if matches!(changed, Kind::PriorityClass | Kind::ServiceAccount) {
            self.admitted = Rc::default();
        }
    }

    fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::Pod => &self.pods,
            Kind::Event => &self.events,
            Kind::Deployment => &self.deployments,
            Kind::ReplicaSet => &self.replica_sets,
            Kind::EndpointSlice => &self.endpoint_slices,
            Kind::Inert(kind) => self.calm.inert.get(&kind).unwrap_or(&self.calm.none),
            calm => &self.calm.known[calm.place().unwrap_or_default()],
        }
    }

    fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::Pod => &mut self.pods,
            Kind::Event => &mut self.events,
            Kind::Deployment => &mut self.deployments,
            Kind::ReplicaSet => &mut self.replica_sets,
            Kind::EndpointSlice => &mut self.endpoint_slices,
            Kind::Inert(kind) => Rc::make_mut(&mut self.calm).inert.entry(kind).or_default(),
            calm => &mut Rc::make_mut(&mut self.calm).known[calm.place().unwrap_or_default()],
        }
    }
}

/// Stores are equal when they hold equal objects: the indexes follow from them.
impl PartialEq for Store {
    fn eq(&self, other: &Store) -> bool {
        self.revision == other.revision
            && self.pods == other.pods
            && self.events == other.events
            && self.deployments == other.deployments
            && self.replica_sets == other.replica_sets
            && self.endpoint_slices == other.endpoint_slices
            && self.calm == other.calm
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Store(revision {}, {} pods)", self.revision, self.pods.len())
    }
}
