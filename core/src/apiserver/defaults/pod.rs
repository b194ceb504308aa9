//! Defaults of pod specs, in pods and in templates. Upstream: `pkg/apis/core/v1/defaults.go`.

use k8s_openapi::api::core::v1 as core;

use super::image;
use crate::api::canonical;

/// Permissions of files in volumes: 0644.
const FILE_MODE: i32 = 0o644;

/// Fills in the spec of a template.
pub(super) fn template_spec(spec: &mut core::PodSpec) {
    text(&mut spec.restart_policy, "Always");
    text(&mut spec.dns_policy, "ClusterFirst");
    spec.termination_grace_period_seconds.get_or_insert(30);
    text(&mut spec.scheduler_name, "default-scheduler");
    spec.security_context.get_or_insert_default();
    if spec.service_account_name.is_some() {
        spec.service_account.clone_from(&spec.service_account_name);
    }
    for each in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
        container(each);
    }
    spec.ephemeral_containers.iter_mut().flatten().for_each(ephemeral_container);
    spec.volumes.iter_mut().flatten().for_each(volume);
    let overhead = spec.overhead.iter_mut();
    overhead.for_each(canonical_amounts);
}

/// Fills in the spec of a pod: what templates get, and what depends on being a pod.
pub(in crate::apiserver) fn pod_spec(spec: &mut core::PodSpec) {
    template_spec(spec);
    spec.enable_service_links.get_or_insert(true);
    let on_host_network = spec.host_network == Some(true);
    for container in spec.init_containers.iter_mut().flatten().chain(&mut spec.containers) {
        requests_from_limits(container);
        for port in container.ports.iter_mut().flatten().filter(|_| on_host_network) {
            number(&mut port.host_port, port.container_port);
        }
    }
}

/// A resource with a limit and no request asks for its limit.
fn requests_from_limits(container: &mut core::Container) {
    let Some(resources) = &mut container.resources else { return };
    let Some(limits) = resources.limits.as_ref().filter(|limits| !limits.is_empty()) else { return };
    let requests = resources.requests.get_or_insert_default();
    for (resource, limit) in limits {
        requests.entry(resource.clone()).or_insert_with(|| limit.clone());
    }
}

fn container(container: &mut core::Container) {
    let image = container.image.as_deref().unwrap_or_default();
    let policy = image::pull_policy(image);
    text(&mut container.image_pull_policy, policy);
    text(&mut container.termination_message_path, "/dev/termination-log");
    text(&mut container.termination_message_policy, "File");
    let resources = container.resources.get_or_insert_default();
    resources.limits.iter_mut().chain(&mut resources.requests).for_each(canonical_amounts);
    ports(&mut container.ports);
    variables(&mut container.env);
    let probes =
        [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe];
    probes.into_iter().flatten().for_each(probe);
    for lifecycle in container.lifecycle.iter_mut() {
        let handlers = lifecycle.post_start.iter_mut().chain(&mut lifecycle.pre_stop);
        handlers.filter_map(|handler| handler.http_get.as_mut()).for_each(http_get);
    }
}

fn ports(ports: &mut Option<Vec<core::ContainerPort>>) {
    for port in ports.iter_mut().flatten() {
        text(&mut port.protocol, "TCP");
    }
}

fn variables(variables: &mut Option<Vec<core::EnvVar>>) {
    for source in variables.iter_mut().flatten().filter_map(|variable| variable.value_from.as_mut()) {
        source.field_ref.iter_mut().for_each(field_reference);
        for resource in source.resource_field_ref.iter_mut() {
            resource.divisor.get_or_insert_with(zero);
        }
    }
}

/// Containers that are added to a pod that runs have a type of their own.
#[inline(never)]
fn ephemeral_container(container: &mut core::EphemeralContainer) {
    let policy = image::pull_policy(container.image.as_deref().unwrap_or_default());
    text(&mut container.image_pull_policy, policy);
    text(&mut container.termination_message_path, "/dev/termination-log");
    text(&mut container.termination_message_policy, "File");
    ports(&mut container.ports);
    variables(&mut container.env);
    let probes =
        [&mut container.liveness_probe, &mut container.readiness_probe, &mut container.startup_probe];
    probes.into_iter().flatten().for_each(probe);
}

fn probe(probe: &mut core::Probe) {
    number(&mut probe.timeout_seconds, 1);
    number(&mut probe.period_seconds, 10);
    number(&mut probe.success_threshold, 1);
    number(&mut probe.failure_threshold, 3);
    probe.http_get.iter_mut().for_each(http_get);
    for grpc in probe.grpc.iter_mut() {
        grpc.service.get_or_insert_default();
    }
}

fn http_get(get: &mut core::HTTPGetAction) {
    text(&mut get.path, "/");
    text(&mut get.scheme, "HTTP");
}

fn field_reference(reference: &mut core::ObjectFieldSelector) {
    text(&mut reference.api_version, "v1");
}

fn volume(volume: &mut core::Volume) {
    if has_no_source(volume) {
        volume.empty_dir = Some(core::EmptyDirVolumeSource::default());
    }
    for secret in volume.secret.iter_mut() {
        secret.default_mode.get_or_insert(FILE_MODE);
    }
    for map in volume.config_map.iter_mut() {
        map.default_mode.get_or_insert(FILE_MODE);
    }
    for downward in volume.downward_api.iter_mut() {
        downward.default_mode.get_or_insert(FILE_MODE);
        downward.items.iter_mut().flatten().for_each(downward_file);
    }
    for projected in volume.projected.iter_mut() {
        projected.default_mode.get_or_insert(FILE_MODE);
        for source in projected.sources.iter_mut().flatten() {
            for token in source.service_account_token.iter_mut() {
                token.expiration_seconds.get_or_insert(3600);
            }
            let files = source.downward_api.iter_mut().flat_map(|downward| downward.items.iter_mut());
            files.flatten().for_each(downward_file);
        }
    }
    for path in volume.host_path.iter_mut() {
        path.type_.get_or_insert_default();
    }
    for image in volume.image.iter_mut() {
        let policy = image::pull_policy(image.reference.as_deref().unwrap_or_default());
        text(&mut image.pull_policy, policy);
    }
    remote_volume(volume);
    for claim in volume.ephemeral.iter_mut().filter_map(|source| source.volume_claim_template.as_mut()) {
        claim.spec.volume_mode.get_or_insert_with(|| "Filesystem".to_owned());
    }
}

/// Storage elsewhere. Upstream: the tags `+default` of the types in `staging/src/k8s.io/api/core/v1/types.go`.
#[inline(never)]
fn remote_volume(volume: &mut core::Volume) {
    for source in volume.iscsi.iter_mut() {
        text(&mut source.iscsi_interface, "default");
    }
    for source in volume.rbd.iter_mut() {
        text(&mut source.pool, "rbd");
        text(&mut source.user, "admin");
        text(&mut source.keyring, "/etc/ceph/keyring");
    }
    for source in volume.azure_disk.iter_mut() {
        azure_disk(source);
    }
    for source in volume.scale_io.iter_mut() {
        text(&mut source.storage_mode, "ThinProvisioned");
        text(&mut source.fs_type, "xfs");
    }
}

pub(super) fn azure_disk(source: &mut core::AzureDiskVolumeSource) {
    source.caching_mode.get_or_insert_with(|| "ReadWrite".to_owned());
    source.kind.get_or_insert_with(|| "Shared".to_owned());
    source.fs_type.get_or_insert_with(|| "ext4".to_owned());
    source.read_only.get_or_insert(false);
}

fn downward_file(file: &mut core::DownwardAPIVolumeFile) {
    file.field_ref.iter_mut().for_each(field_reference);
    for resource in file.resource_field_ref.iter_mut() {
        resource.divisor.get_or_insert_with(zero);
    }
}

/// Fields that Go holds as plain text are unset when empty.
pub(super) fn text(field: &mut Option<String>, default: &str) {
    if field.as_ref().is_none_or(String::is_empty) {
        *field = Some(default.to_owned());
    }
}

/// Fields that Go holds as plain numbers are unset when zero.
fn number(field: &mut Option<i32>, default: i32) {
    if field.is_none_or(|number| number == 0) {
        *field = Some(default);
    }
}

fn has_no_source(volume: &core::Volume) -> bool {
    *volume == core::Volume { name: volume.name.clone(), ..core::Volume::default() }
}

fn zero() -> k8s_openapi::apimachinery::pkg::api::resource::Quantity {
    k8s_openapi::apimachinery::pkg::api::resource::Quantity("0".to_owned())
}

/// Amounts are stored as Go prints them: `0.5` as `500m`, `1024Mi` as `1Gi`.
pub(super) fn canonical_amounts(
    amounts: &mut std::collections::BTreeMap<String, k8s_openapi::apimachinery::pkg::api::resource::Quantity>,
) {
    for amount in amounts.values_mut() {
        if let Some(canonical) = canonical::rounded(&amount.0) {
            amount.0 = canonical;
        }
    }
}
