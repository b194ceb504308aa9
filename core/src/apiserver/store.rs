//! What etcd holds: every object, the revision, and the indexes that keep reads from scanning.
//!
//! The tables are persistent: an older store costs a pointer, which is what a watcher's cache is.
//! [`Store::put`] and [`Store::erase`] are the only ways in; each raises the revision by exactly one.

use std::rc::Rc;

use rpds::RedBlackTreeMap;

use super::admitted::Admitted;
use super::index::{Index, OwnedPods, PodsOnNode};
use crate::api::{
    ConfigMap, ControllerRevision, CronJob, DaemonSet, Deployment, EndpointSlice, Endpoints, Event,
    HorizontalPodAutoscaler, Job, Key, Kind, Labels, LimitRange, Namespace, Node, Object, ObjectRef,
    PersistentVolume, PersistentVolumeClaim, Pod, PodDisruptionBudget, PodTemplate, PriorityClass,
    ReplicaSet, ReplicationController, ResourceQuota, Secret, Service, StatefulSet, StorageClass, Stored,
    Uid,
};

/// The objects of one kind, by namespace and name.
pub type Table<T> = RedBlackTreeMap<Key, Rc<T>>;

/// Every object, and the revision of the latest write.
#[derive(Clone, Default)]
pub struct Store {
    revision: u64,
    pods: Table<Pod>,
    events: Table<Event>,
    calm: Rc<CalmTables>,
    index: Index,
    /// Whether a pod's spec is known here changes nothing but the time its creation takes.
    pub(super) admitted: Rc<Admitted>,
}

/// The tables that few writes change: every step has a store of its own, which these would make large.
#[derive(Clone, Default, PartialEq)]
struct CalmTables {
    namespaces: Table<Namespace>,
    nodes: Table<Node>,
    services: Table<Service>,
    endpoint_slices: Table<EndpointSlice>,
    deployments: Table<Deployment>,
    replica_sets: Table<ReplicaSet>,
    replication_controllers: Table<ReplicationController>,
    stateful_sets: Table<StatefulSet>,
    daemon_sets: Table<DaemonSet>,
    controller_revisions: Table<ControllerRevision>,
    jobs: Table<Job>,
    cron_jobs: Table<CronJob>,
    horizontal_pod_autoscalers: Table<HorizontalPodAutoscaler>,
    pod_disruption_budgets: Table<PodDisruptionBudget>,
    endpoints: Table<Endpoints>,
    resource_quotas: Table<ResourceQuota>,
    limit_ranges: Table<LimitRange>,
    config_maps: Table<ConfigMap>,
    secrets: Table<Secret>,
    persistent_volume_claims: Table<PersistentVolumeClaim>,
    persistent_volumes: Table<PersistentVolume>,
    storage_classes: Table<StorageClass>,
    priority_classes: Table<PriorityClass>,
}

/// A kind with a table. Implemented for every [`Stored`] type.
pub trait HasTable: Stored {
    /// Its table.
    fn table(store: &Store) -> &Table<Self>;
}

macro_rules! tables {
    ($($busy:ident: $busy_table:ident),*; $($calm:ident: $calm_table:ident),*) => {
        $(impl HasTable for $busy {
            fn table(store: &Store) -> &Table<Self> {
                &store.$busy_table
            }
        })*
        $(impl HasTable for $calm {
            fn table(store: &Store) -> &Table<Self> {
                &store.calm.$calm_table
            }
        })*

        impl Store {
            /// Reads one object of any kind.
            pub fn object(&self, target: &ObjectRef) -> Option<Object> {
                match target.kind {
                    $(Kind::$busy => self.$busy_table.get(&target.key).cloned().map(Object::$busy),)*
                    $(Kind::$calm => self.calm.$calm_table.get(&target.key).cloned().map(Object::$calm),)*
                }
            }

            /// Every object of one kind, by namespace and name.
            pub fn objects(&self, kind: Kind) -> Box<dyn Iterator<Item = Object> + '_> {
                match kind {
                    $(Kind::$busy => Box::new(self.$busy_table.values().cloned().map(Object::$busy)),)*
                    $(Kind::$calm => Box::new(self.calm.$calm_table.values().cloned().map(Object::$calm)),)*
                }
            }

            fn insert(&mut self, object: Object) {
                match object {
                    $(Object::$busy(it) => self.$busy_table.insert_mut(it.key.clone(), it),)*
                    $(Object::$calm(it) => {
                        Rc::make_mut(&mut self.calm).$calm_table.insert_mut(it.key.clone(), it);
                    })*
                }
            }

            fn remove(&mut self, target: &ObjectRef) {
                match target.kind {
                    $(Kind::$busy => self.$busy_table.remove_mut(&target.key),)*
                    $(Kind::$calm => Rc::make_mut(&mut self.calm).$calm_table.remove_mut(&target.key),)*
                };
            }
        }
    };
}
tables!(
    Pod: pods, Event: events;
    Namespace: namespaces, Node: nodes, Service: services, EndpointSlice: endpoint_slices,
    Deployment: deployments, ReplicaSet: replica_sets, ReplicationController: replication_controllers,
    StatefulSet: stateful_sets, DaemonSet: daemon_sets, ControllerRevision: controller_revisions, Job: jobs,
    CronJob: cron_jobs, HorizontalPodAutoscaler: horizontal_pod_autoscalers,
    PodDisruptionBudget: pod_disruption_budgets, Endpoints: endpoints, ResourceQuota: resource_quotas,
    LimitRange: limit_ranges, ConfigMap: config_maps, Secret: secrets,
    PersistentVolumeClaim: persistent_volume_claims, PersistentVolume: persistent_volumes,
    StorageClass: storage_classes, PriorityClass: priority_classes
);

impl Store {
    /// The revision of the latest write; 0 before the first.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Reads one object.
    pub fn get<T: HasTable>(&self, key: &Key) -> Option<&Rc<T>> {
        T::table(self).get(key)
    }

    /// Every object of one kind, by namespace and name.
    pub fn list<T: HasTable>(&self) -> impl Iterator<Item = &Rc<T>> {
        T::table(self).values()
    }

    /// How many objects of one kind there are.
    pub fn count<T: HasTable>(&self) -> usize {
        T::table(self).size()
    }

    /// Every object of one kind in `namespace`, by name.
    pub fn list_in<'a, T: HasTable + 'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Rc<T>> {
        let first = Key::new(namespace, "");
        T::table(self)
            .range(first..)
            .take_while(move |(key, _)| &*key.namespace == namespace)
            .map(|(_, object)| object)
    }

    /// The objects that list `owner` among their ownerReferences.
    pub fn dependents(&self, owner: Uid) -> impl Iterator<Item = &ObjectRef> {
        self.index.dependents(owner)
    }

    /// The ReplicaSets whose controller is `owner`, by name.
    pub fn replica_sets_of(&self, owner: Uid) -> impl Iterator<Item = &Rc<ReplicaSet>> {
        self.dependents(owner)
            .filter(|dependent| dependent.kind == Kind::ReplicaSet)
            .filter_map(|dependent| self.calm.replica_sets.get(&dependent.key))
            .filter(move |set| set.controller() == Some(owner))
    }

    /// The ReplicaSets of `namespace` that have no controller, by name.
    pub fn orphan_replica_sets<'a>(&'a self, namespace: &'a str) -> impl Iterator<Item = &'a Rc<ReplicaSet>> {
        let keys = self.index.orphan_sets().filter(move |key| &*key.namespace == namespace);
        keys.filter_map(|key| self.calm.replica_sets.get(key))
    }

    /// The pods whose controller is `owner`, counted. `None` where there are none.
    pub fn owned_pods(&self, owner: Uid) -> Option<&OwnedPods> {
        self.index.owned_pods(owner)
    }

    /// The pods whose controller is `owner`, by name.
    pub fn pods_of(&self, owner: Uid) -> impl Iterator<Item = &Rc<Pod>> {
        let keys = self.index.owned_pods(owner).into_iter().flat_map(OwnedPods::keys);
        // Pods of one owner share the beginning of their names: most often the next key is the next in the table,
        // and going there costs a fraction of looking it up.
        let mut ahead = None;
        keys.filter_map(move |key| {
            if let Some((next, pod)) = ahead.as_mut().and_then(Iterator::next)
                && next == key
            {
                return Some(pod);
            }
            let mut from_key = self.pods.range(key.clone()..);
            let found = from_key.next().filter(|(found, _)| *found == key).map(|(_, pod)| pod);
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
        load.into_iter().flat_map(PodsOnNode::keys).filter_map(|key| self.pods.get(key))
    }

    /// The pods of `namespace` that carry all of `labels` (at least one), by name.
    pub fn pods_labelled<'a>(
        &'a self,
        namespace: &str,
        labels: &'a Labels,
    ) -> impl Iterator<Item = &'a Rc<Pod>> {
        let candidates = self.index.pods_with_rarest_label(namespace, labels);
        candidates
            .into_iter()
            .flatten()
            .filter_map(|key| self.pods.get(key))
            .filter(move |pod| labels.iter().all(|(key, value)| pod.meta.labels.get(key) == Some(value)))
    }

    /// The Services of `namespace` whose selector matches `labels`.
    pub fn services_selecting<'a>(
        &'a self,
        namespace: &str,
        labels: &'a Labels,
    ) -> impl Iterator<Item = &'a Rc<Service>> {
        self.index
            .services_by_first_label(namespace, labels)
            .filter_map(|key| self.calm.services.get(key))
            .filter(move |service| {
                let mut wanted = service.selector().into_iter().flatten();
                wanted.all(|(key, value)| labels.get(key) == Some(value))
            })
    }

    /// The EndpointSlices that are labelled with `service`, by name.
    pub fn slices_of(&self, service: &Key) -> impl Iterator<Item = &Rc<EndpointSlice>> {
        self.index.slices_of(service).filter_map(|key| self.calm.endpoint_slices.get(key))
    }

    /// The pod template of the ReplicaSet or ReplicationController with this uid, in parts that its pods share.
    pub fn pod_template(&self, owner: Uid) -> Option<&Rc<PodTemplate>> {
        self.index.pod_template(owner)
    }

    /// The Events about the object with this uid, oldest first.
    pub fn events_about(&self, uid: Uid) -> impl DoubleEndedIterator<Item = &Rc<Event>> {
        self.index.events_about(uid).iter().filter_map(|key| self.events.get(key))
    }

    /// Writes `object` under its key and returns it with its new resourceVersion.
    pub(crate) fn put(&mut self, mut object: Object) -> Object {
        self.revision += 1;
        object.set_resource_version(self.revision);
        let before = self.object(&object.reference());
        self.index.update(before.as_ref(), Some(&object));
        self.forget_admitted(object.kind());
        self.insert(object.clone());
        object
    }

    /// Removes an object. Returns what it was.
    pub(crate) fn erase(&mut self, target: &ObjectRef) -> Option<Object> {
        let before = self.object(target)?;
        self.revision += 1;
        self.index.update(Some(&before), None);
        self.forget_admitted(target.kind);
        self.remove(target);
        Some(before)
    }

    /// Pod specs are admitted by their classes: once one of these has changed, all are looked at anew.
    fn forget_admitted(&mut self, changed: Kind) {
        if changed == Kind::PriorityClass {
            self.admitted = Rc::default();
        }
    }
}

/// Stores are equal when they hold equal objects: the indexes follow from them.
impl PartialEq for Store {
    fn eq(&self, other: &Store) -> bool {
        self.revision == other.revision
            && self.pods == other.pods
            && self.events == other.events
            && self.calm == other.calm
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Store(revision {}, {} pods)", self.revision, self.pods.size())
    }
}
