//! The kinds that the store holds, and what the API calls them.

use super::InertKind;

/// The kinds of objects that the store holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `v1 Namespace`
    Namespace,
    /// `v1 Node`
    Node,
    /// `v1 Pod`
    Pod,
    /// `v1 Service`
    Service,
    /// `v1 Event`
    Event,
    /// `discovery.k8s.io/v1 EndpointSlice`
    EndpointSlice,
    /// `apps/v1 Deployment`
    Deployment,
    /// `apps/v1 ReplicaSet`
    ReplicaSet,
    /// `v1 ReplicationController`
    ReplicationController,
    /// `apps/v1 StatefulSet`
    StatefulSet,
    /// `apps/v1 DaemonSet`
    DaemonSet,
    /// `apps/v1 ControllerRevision`
    ControllerRevision,
    /// `batch/v1 Job`
    Job,
    /// `batch/v1 CronJob`
    CronJob,
    /// `autoscaling/v2 HorizontalPodAutoscaler`
    HorizontalPodAutoscaler,
    /// `policy/v1 PodDisruptionBudget`
    PodDisruptionBudget,
    /// `v1 Endpoints`
    Endpoints,
    /// `v1 ResourceQuota`
    ResourceQuota,
    /// `v1 LimitRange`
    LimitRange,
    /// `v1 ConfigMap`
    ConfigMap,
    /// `v1 Secret`
    Secret,
    /// `v1 PersistentVolumeClaim`
    PersistentVolumeClaim,
    /// `v1 PersistentVolume`
    PersistentVolume,
    /// `storage.k8s.io/v1 StorageClass`
    StorageClass,
    /// `scheduling.k8s.io/v1 PriorityClass`
    PriorityClass,
    /// `v1 ServiceAccount`
    ServiceAccount,
    /// `rbac.authorization.k8s.io/v1 Role`
    Role,
    /// `rbac.authorization.k8s.io/v1 ClusterRole`
    ClusterRole,
    /// `rbac.authorization.k8s.io/v1 RoleBinding`
    RoleBinding,
    /// `rbac.authorization.k8s.io/v1 ClusterRoleBinding`
    ClusterRoleBinding,
    /// `networking.k8s.io/v1 NetworkPolicy`
    NetworkPolicy,
    /// A kind that is kept and shown, and that nobody acts on.
    Inert(InertKind),
}

/// What the API calls a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindNames<'a> {
    /// `Deployment`
    pub kind: &'a str,
    /// `apps/v1`
    pub api_version: &'a str,
    /// `deployments`
    pub plural: &'a str,
    /// `deployment`
    pub singular: &'a str,
    /// `["deploy"]`
    pub short: &'a [&'a str],
    /// Whether objects of this kind live in a namespace.
    pub namespaced: bool,
}

impl Kind {
    /// Every kind but the inert ones, in the order of this enum.
    pub const ALL: [Kind; 31] = [
        Kind::Namespace,
        Kind::Node,
        Kind::Pod,
        Kind::Service,
        Kind::Event,
        Kind::EndpointSlice,
        Kind::Deployment,
        Kind::ReplicaSet,
        Kind::ReplicationController,
        Kind::StatefulSet,
        Kind::DaemonSet,
        Kind::ControllerRevision,
        Kind::Job,
        Kind::CronJob,
        Kind::HorizontalPodAutoscaler,
        Kind::PodDisruptionBudget,
        Kind::Endpoints,
        Kind::ResourceQuota,
        Kind::LimitRange,
        Kind::ConfigMap,
        Kind::Secret,
        Kind::PersistentVolumeClaim,
        Kind::PersistentVolume,
        Kind::StorageClass,
        Kind::PriorityClass,
        Kind::ServiceAccount,
        Kind::Role,
        Kind::ClusterRole,
        Kind::RoleBinding,
        Kind::ClusterRoleBinding,
        Kind::NetworkPolicy,
    ];

    /// Every kind that a cluster has from its first day: those of [`Kind::ALL`] and the built-in inert ones.
    pub fn built_in() -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().chain(InertKind::built_in().map(Kind::Inert))
    }

    /// Its place in [`Kind::ALL`]; none for the inert ones.
    pub(crate) const fn place(self) -> Option<usize> {
        // An enum whose variants have no data but for the last: the match compiles to its tag.
        macro_rules! places {
            ($($name:ident),* $(,)?) => {{
                enum Place { $($name),* }
                match self {
                    $(Kind::$name => Some(Place::$name as usize),)*
                    Kind::Inert(_) => None,
                }
            }};
        }
        places! {
            Namespace, Node, Pod, Service, Event, EndpointSlice, Deployment, ReplicaSet, ReplicationController,
            StatefulSet, DaemonSet, ControllerRevision, Job, CronJob, HorizontalPodAutoscaler, PodDisruptionBudget,
            Endpoints, ResourceQuota, LimitRange, ConfigMap, Secret, PersistentVolumeClaim, PersistentVolume,
            StorageClass, PriorityClass, ServiceAccount, Role, ClusterRole, RoleBinding, ClusterRoleBinding, NetworkPolicy,
        }
    }

    /// What the API calls this kind.
    pub fn names(self) -> &'static KindNames<'static> {
        match (self.place(), self) {
            (_, Kind::Inert(kind)) => kind.names(),
            (place, _) => &NAMES[place.unwrap_or_default()],
        }
    }

    /// `Deployment`
    pub fn name(self) -> &'static str {
        self.names().kind
    }

    /// `apps`; empty for the core group.
    pub fn group(self) -> &'static str {
        self.names().api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Whether objects of this kind live in a namespace.
    pub fn is_namespaced(self) -> bool {
        self.names().namespaced
    }

    /// `v1`
    pub fn version(self) -> &'static str {
        self.names().api_version.rsplit('/').next().unwrap_or_default()
    }

    /// `deployments.apps`, or `pods` for the core group: how refusals name a kind.
    pub fn qualified_plural(self) -> String {
        qualify(self.names().plural, self.group())
    }

    /// `deployment.apps`, or `pod` for the core group: how kubectl names a kind.
    pub fn qualified_singular(self) -> String {
        qualify(self.names().singular, self.group())
    }

    /// The kind that a manifest's `apiVersion` and `kind` name.
    pub fn from_manifest(api_version: &str, kind: &str) -> Option<Kind> {
        Kind::built_in().find(|known| known.name() == kind && known.names().api_version == api_version)
    }

    /// The kind that a manifest means whose `kind` is written in small letters: kubectl finds it, the API server does
    /// not.
    pub(crate) fn from_lower_case(api_version: &str, kind: &str) -> Option<Kind> {
        let is_meant = |known: &Kind| {
            known.names().api_version == api_version && known.name().to_ascii_lowercase() == kind
        };
        Kind::built_in().find(is_meant)
    }

    /// The kind that a word on a command line names: `deploy`, `deployments`, `deployment.apps`.
    pub fn from_word(word: &str) -> Option<Kind> {
        let word = word.to_ascii_lowercase();
        let (name, group) = word.split_once('.').unwrap_or((&word, ""));
        let known = Kind::built_in().chain(InertKind::defined().into_iter().map(Kind::Inert));
        known.into_iter().find(|kind| {
            let names = kind.names();
            let named = name == names.plural || name == names.singular || names.short.contains(&name);
            let in_group =
                |group: &str| group == kind.group() || group.ends_with(&format!(".{}", kind.group()));
            named && (group.is_empty() || in_group(group))
        })
    }
}

/// In the order of [`Kind::ALL`].
const NAMES: [KindNames<'static>; 31] = [
    named("Namespace", "v1", "namespaces", "namespace", &["ns"], false),
    named("Node", "v1", "nodes", "node", &["no"], false),
    named("Pod", "v1", "pods", "pod", &["po"], true),
    named("Service", "v1", "services", "service", &["svc"], true),
    named("Event", "v1", "events", "event", &["ev"], true),
    named("EndpointSlice", "discovery.k8s.io/v1", "endpointslices", "endpointslice", &[], true),
    named("Deployment", "apps/v1", "deployments", "deployment", &["deploy"], true),
    named("ReplicaSet", "apps/v1", "replicasets", "replicaset", &["rs"], true),
    named("ReplicationController", "v1", "replicationcontrollers", "replicationcontroller", &["rc"], true),
    named("StatefulSet", "apps/v1", "statefulsets", "statefulset", &["sts"], true),
    named("DaemonSet", "apps/v1", "daemonsets", "daemonset", &["ds"], true),
    named("ControllerRevision", "apps/v1", "controllerrevisions", "controllerrevision", &[], true),
    named("Job", "batch/v1", "jobs", "job", &[], true),
    named("CronJob", "batch/v1", "cronjobs", "cronjob", &["cj"], true),
    named(
        "HorizontalPodAutoscaler",
        "autoscaling/v2",
        "horizontalpodautoscalers",
        "horizontalpodautoscaler",
        &["hpa"],
        true,
    ),
    named("PodDisruptionBudget", "policy/v1", "poddisruptionbudgets", "poddisruptionbudget", &["pdb"], true),
    named("Endpoints", "v1", "endpoints", "endpoints", &["ep"], true),
    named("ResourceQuota", "v1", "resourcequotas", "resourcequota", &["quota"], true),
    named("LimitRange", "v1", "limitranges", "limitrange", &["limits"], true),
    named("ConfigMap", "v1", "configmaps", "configmap", &["cm"], true),
    named("Secret", "v1", "secrets", "secret", &[], true),
    named("PersistentVolumeClaim", "v1", "persistentvolumeclaims", "persistentvolumeclaim", &["pvc"], true),
    named("PersistentVolume", "v1", "persistentvolumes", "persistentvolume", &["pv"], false),
    named("StorageClass", "storage.k8s.io/v1", "storageclasses", "storageclass", &["sc"], false),
    named("PriorityClass", "scheduling.k8s.io/v1", "priorityclasses", "priorityclass", &["pc"], false),
    named("ServiceAccount", "v1", "serviceaccounts", "serviceaccount", &["sa"], true),
    named("Role", RBAC, "roles", "role", &[], true),
    named("ClusterRole", RBAC, "clusterroles", "clusterrole", &[], false),
    named("RoleBinding", RBAC, "rolebindings", "rolebinding", &[], true),
    named("ClusterRoleBinding", RBAC, "clusterrolebindings", "clusterrolebinding", &[], false),
    named("NetworkPolicy", "networking.k8s.io/v1", "networkpolicies", "networkpolicy", &["netpol"], true),
];

const RBAC: &str = "rbac.authorization.k8s.io/v1";

pub(super) const fn named(
    kind: &'static str,
    api_version: &'static str,
    plural: &'static str,
    singular: &'static str,
    short: &'static [&'static str],
    namespaced: bool,
) -> KindNames<'static> {
    KindNames { kind, api_version, plural, singular, short, namespaced }
}

fn qualify(name: &str, group: &str) -> String {
    if group.is_empty() { name.to_owned() } else { format!("{name}.{group}") }
}
