//! The tables of `kubectl get`: columns per kind, a row per object. Upstream: `pkg/printers/internalversion`.

use super::{
    apps, autoscaler, event, inert, namespace, node, pod, policy, rbac, service, storage, tabs, workload,
};
use crate::api::{Kind, Object};
use crate::time::Time;

/// What a table shows beside a kind's own columns.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Options {
    /// `-o wide`
    pub(crate) is_wide: bool,
    /// `-A`: a NAMESPACE column first.
    pub(crate) with_namespace: bool,
    /// Several kinds: names are `deployment.apps/web`.
    pub(crate) with_kind: bool,
    /// `--no-headers`
    pub(crate) without_headers: bool,
    /// `-L`: a column for each of these labels.
    pub(crate) label_columns: Vec<String>,
    /// `--show-labels`
    pub(crate) show_labels: bool,
    /// `--output-watch-events`: an EVENT column first.
    pub(crate) with_event: bool,
    /// What stands there.
    pub(crate) event: &'static str,
}

/// A column of a kind's table.
pub(super) struct Column {
    name: &'static str,
    /// For `-o wide` alone.
    is_wide: bool,
}

/// A column of every table.
pub(super) const fn always(name: &'static str) -> Column {
    Column { name, is_wide: false }
}

/// A column for `-o wide` alone.
pub(super) const fn wide(name: &'static str) -> Column {
    Column { name, is_wide: true }
}

/// The table of objects of one kind.
pub(crate) fn table(kind: Kind, objects: &[Object], options: &Options, now: Time) -> String {
    aligned(&lines(kind, objects, options, now))
}

/// Rows that follow others of a table: columns are at least as wide as they were.
pub(crate) fn aligned_below(text: &str, widths: &mut Vec<usize>) -> String {
    tabs::align_below(text, 6, 3, widths)
}

/// The lines of a table, cells divided by tabs.
pub(crate) fn lines(kind: Kind, objects: &[Object], options: &Options, now: Time) -> String {
    let columns = columns(kind);
    let is_shown = |column: &Column| options.is_wide || !column.is_wide;
    let has_namespace = options.with_namespace && kind.is_namespaced();
    let mut text = String::new();
    if !options.without_headers {
        let shown = columns.iter().filter(|column| is_shown(column));
        let mut header: Vec<String> = shown.map(|column| column.name.to_owned()).collect();
        header.extend(options.label_columns.iter().map(|label| label_header(label)));
        header.extend(options.show_labels.then(|| "LABELS".to_owned()));
        text.push_str(if options.with_event { "EVENT\t" } else { "" });
        push_row(&mut text, has_namespace.then_some("NAMESPACE"), &header);
    }
    for object in objects {
        let mut row = Vec::new();
        for (column, cell) in columns.iter().zip(cells(object, now)).filter(|(column, _)| is_shown(column)) {
            let is_prefixed = options.with_kind && column.name == "NAME";
            row.push(if is_prefixed { format!("{}/{cell}", kind.qualified_singular()) } else { cell });
        }
        let labels = &object.meta().labels;
        row.extend(options.label_columns.iter().map(|label| labels.get(label).cloned().unwrap_or_default()));
        row.extend(options.show_labels.then(|| super::labels(labels)));
        if options.with_event {
            text.push_str(options.event);
            text.push('\t');
        }
        push_row(&mut text, has_namespace.then_some(&*object.key().namespace), &row);
    }
    text
}

/// Aligns the cells of a table's lines: three blanks between columns, which are six wide at least.
pub(crate) fn aligned(text: &str) -> String {
    tabs::align(text, 6, 3)
}

fn push_row(text: &mut String, namespace: Option<&str>, cells: &[String]) {
    if let Some(namespace) = namespace {
        text.push_str(namespace);
        text.push('\t');
    }
    text.push_str(&cells.join("\t"));
    text.push('\n');
}

/// `kubernetes.io/os` has the column OS.
fn label_header(label: &str) -> String {
    label.rsplit('/').next().unwrap_or(label).to_ascii_uppercase()
}

fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Namespace => namespace::COLUMNS,
        Kind::Node => node::COLUMNS,
        Kind::Pod => pod::COLUMNS,
        Kind::Service => service::COLUMNS,
        Kind::Event => event::COLUMNS,
        Kind::EndpointSlice => service::SLICE_COLUMNS,
        Kind::Endpoints => service::ENDPOINTS_COLUMNS,
        Kind::Deployment => workload::DEPLOYMENT_COLUMNS,
        Kind::ReplicaSet | Kind::ReplicationController => workload::REPLICA_SET_COLUMNS,
        Kind::StatefulSet => apps::STATEFUL_SET_COLUMNS,
        Kind::DaemonSet => apps::DAEMON_SET_COLUMNS,
        Kind::ControllerRevision => apps::CONTROLLER_REVISION_COLUMNS,
        Kind::Job => apps::JOB_COLUMNS,
        Kind::CronJob => apps::CRON_JOB_COLUMNS,
        Kind::HorizontalPodAutoscaler => autoscaler::COLUMNS,
        Kind::PodDisruptionBudget => policy::BUDGET_COLUMNS,
        Kind::ResourceQuota => policy::QUOTA_COLUMNS,
        Kind::LimitRange => policy::LIMIT_RANGE_COLUMNS,
        Kind::ConfigMap => policy::CONFIG_MAP_COLUMNS,
        Kind::Secret => policy::SECRET_COLUMNS,
        Kind::PersistentVolumeClaim => storage::CLAIM_COLUMNS,
        Kind::PersistentVolume => storage::VOLUME_COLUMNS,
        Kind::StorageClass => storage::CLASS_COLUMNS,
        Kind::PriorityClass => policy::PRIORITY_CLASS_COLUMNS,
        Kind::ServiceAccount => rbac::ACCOUNT_COLUMNS,
        Kind::Role | Kind::ClusterRole => rbac::ROLE_COLUMNS,
        Kind::RoleBinding | Kind::ClusterRoleBinding => rbac::BINDING_COLUMNS,
        Kind::Inert(kind) => inert::columns(kind),
        Kind::NetworkPolicy => policy::NETWORK_POLICY_COLUMNS,
    }
}

/// Every cell of an object's row, those of `-o wide` included.
fn cells(object: &Object, now: Time) -> Vec<String> {
    match object {
        Object::Namespace(it) => namespace::cells(it, now),
        Object::Node(it) => node::cells(it, now),
        Object::Pod(it) => pod::cells(it, now),
        Object::Service(it) => service::cells(it, now),
        Object::Event(it) => event::cells(it, now),
        Object::EndpointSlice(it) => service::slice_cells(it, now),
        Object::Endpoints(it) => service::endpoints_cells(it, now),
        Object::Deployment(it) => workload::deployment_cells(it, now),
        Object::ReplicaSet(it) => workload::replica_set_cells(it, now),
        Object::ReplicationController(it) => workload::replication_controller_cells(it, now),
        Object::StatefulSet(it) => apps::stateful_set_cells(it, now),
        Object::DaemonSet(it) => apps::daemon_set_cells(it, now),
        Object::ControllerRevision(it) => apps::controller_revision_cells(it, now),
        Object::Job(it) => apps::job_cells(it, now),
        Object::CronJob(it) => apps::cron_job_cells(it, now),
        Object::HorizontalPodAutoscaler(it) => autoscaler::cells(it, now),
        Object::PodDisruptionBudget(it) => policy::budget_cells(it, now),
        Object::ResourceQuota(it) => policy::quota_cells(it, now),
        Object::LimitRange(it) => policy::limit_range_cells(it),
        Object::ConfigMap(it) => policy::config_map_cells(it, now),
        Object::Secret(it) => policy::secret_cells(it, now),
        Object::PersistentVolumeClaim(it) => storage::claim_cells(it, now),
        Object::PersistentVolume(it) => storage::volume_cells(it, now),
        Object::StorageClass(it) => storage::class_cells(it, now),
        Object::PriorityClass(it) => policy::priority_class_cells(it, now),
        Object::ServiceAccount(it) => rbac::account_cells(it, now),
        Object::Role(it) => rbac::role_cells(&it.key, &it.meta),
        Object::ClusterRole(it) => rbac::role_cells(&it.key, &it.meta),
        Object::RoleBinding(it) => rbac::role_binding_cells(it, now),
        Object::ClusterRoleBinding(it) => rbac::cluster_role_binding_cells(it, now),
        Object::Inert(it) => inert::cells(it, now),
        Object::NetworkPolicy(it) => policy::network_policy_cells(it, now),
    }
}
