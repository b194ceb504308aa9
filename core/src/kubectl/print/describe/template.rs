//! Pod templates, and the parts they share with pods: containers, volumes, tolerations.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1 as core;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::{annotations, labels, or_none};
use crate::kubectl::print::age;

/// A pod template under `Pod Template:`.
pub(crate) fn template(template: &core::PodTemplateSpec) -> String {
    let meta = template.metadata.clone().unwrap_or_default();
    let mut text = "Pod Template:\n".to_owned();
    text += &labels("  Labels", &meta.labels.unwrap_or_default());
    let listed = meta.annotations.unwrap_or_default();
    if !listed.is_empty() {
        text += &annotations("  Annotations", &listed);
    }
    let spec = template.spec.clone().unwrap_or_default();
    if let Some(account) = spec.service_account_name.as_ref().filter(|account| !account.is_empty()) {
        text += &format!("  Service Account:\t{account}\n");
    }
    if let Some(init) = spec.init_containers.as_ref().filter(|init| !init.is_empty()) {
        text += &containers("Init Containers", init, &[], "  ");
    }
    text += &containers("Containers", &spec.containers, &[], "  ");
    text += &volumes(spec.volumes.as_deref().unwrap_or_default(), "  ");
    if let Some(class) = spec.priority_class_name.as_ref().filter(|class| !class.is_empty()) {
        text += &format!("  Priority Class Name:\t{class}\n");
    }
    text += &labels("  Node-Selectors", &spec.node_selector.unwrap_or_default());
    text + &tolerations("  Tolerations", spec.tolerations.as_deref().unwrap_or_default())
}

/// Containers under a title. `space` is the indentation of a template.
pub(super) fn containers(
    title: &str,
    containers: &[core::Container],
    statuses: &[core::ContainerStatus],
    space: &str,
) -> String {
    let mut text = format!("{space}{title}:{}\n", if containers.is_empty() { " <none>" } else { "" });
    let name_indent = if space.is_empty() { "" } else { " " };
    for container in containers {
        let status = statuses.iter().find(|status| status.name == container.name);
        text += &format!("  {name_indent}{}:\n", container.name);
        text += &basics(container, status);
        text += &words("Command", container.command.as_deref());
        text += &words("Args", container.args.as_deref());
        text += &status.map(state).unwrap_or_default();
        text += &resources(container.resources.as_ref());
        text += &probes(container);
        text += &environment(container);
        text += &mounts(container);
    }
    text
}

fn basics(container: &core::Container, status: Option<&core::ContainerStatus>) -> String {
    let mut text = String::new();
    if let Some(status) = status {
        text += &format!("    Container ID:\t{}\n", status.container_id.as_deref().unwrap_or_default());
    }
    text += &format!("    Image:\t{}\n", container.image.as_deref().unwrap_or_default());
    if let Some(status) = status {
        text += &format!("    Image ID:\t{}\n", status.image_id);
    }
    let listed = container.ports.as_deref().unwrap_or_default();
    let join = |number: fn(&core::ContainerPort) -> i32| {
        let ports = listed
            .iter()
            .map(|port| format!("{}/{}", number(port), port.protocol.as_deref().unwrap_or("TCP")));
        ports.collect::<Vec<_>>().join(", ")
    };
    let plural = if listed.len() > 1 { "s" } else { "" };
    text += &format!("    Port{plural}:\t{}\n", or_none(&join(|port| port.container_port)));
    text + &format!("    Host Port{plural}:\t{}\n", or_none(&join(|port| port.host_port.unwrap_or(0))))
}

fn words(title: &str, words: Option<&[String]>) -> String {
    let Some(words) = words.filter(|words| !words.is_empty()) else { return String::new() };
    let lines: String =
        words.iter().flat_map(|word| word.split('\n')).map(|line| format!("      {line}\n")).collect();
    format!("    {title}:\n{lines}")
}

fn state(status: &core::ContainerStatus) -> String {
    let mut text = one_state("State", status.state.as_ref());
    if status.last_state.as_ref().is_some_and(|state| state.terminated.is_some()) {
        text += &one_state("Last State", status.last_state.as_ref());
    }
    let ready = if status.ready { "True" } else { "False" };
    text + &format!("    Ready:\t{ready}\n    Restart Count:\t{}\n", status.restart_count)
}

fn one_state(title: &str, state: Option<&core::ContainerState>) -> String {
    let date = |time: Option<&k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>| {
        time.map(age::date).unwrap_or_default()
    };
    let Some(state) = state else { return format!("    {title}:\tWaiting\n") };
    if let Some(running) = &state.running {
        return format!("    {title}:\tRunning\n      Started:\t{}\n", date(running.started_at.as_ref()));
    }
    if let Some(terminated) = &state.terminated {
        let mut text = format!("    {title}:\tTerminated\n");
        for (name, value) in [("Reason", &terminated.reason), ("Message", &terminated.message)] {
            if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
                text += &format!("      {name}:\t{value}\n");
            }
        }
        text += &format!("      Exit Code:\t{}\n", terminated.exit_code);
        if let Some(signal) = terminated.signal.filter(|signal| *signal > 0) {
            text += &format!("      Signal:\t{signal}\n");
        }
        text += &format!("      Started:\t{}\n", date(terminated.started_at.as_ref()));
        return text + &format!("      Finished:\t{}\n", date(terminated.finished_at.as_ref()));
    }
    let reason = state.waiting.as_ref().and_then(|waiting| waiting.reason.as_ref());
    let reason =
        reason.filter(|reason| !reason.is_empty()).map(|reason| format!("      Reason:\t{reason}\n"));
    format!("    {title}:\tWaiting\n{}", reason.unwrap_or_default())
}

fn resources(resources: Option<&core::ResourceRequirements>) -> String {
    let Some(resources) = resources else { return String::new() };
    let list = |title: &str, amounts: &Option<BTreeMap<String, Quantity>>| {
        let Some(amounts) = amounts.as_ref().filter(|amounts| !amounts.is_empty()) else {
            return String::new();
        };
        let lines: String =
            amounts.iter().map(|(name, amount)| format!("      {name}:\t{}\n", amount.0)).collect();
        format!("    {title}:\n{lines}")
    };
    list("Limits", &resources.limits) + &list("Requests", &resources.requests)
}

fn probes(container: &core::Container) -> String {
    let listed = [
        ("Liveness", &container.liveness_probe),
        ("Readiness", &container.readiness_probe),
        ("Startup", &container.startup_probe),
    ];
    let line = |(title, probe): (&str, &Option<core::Probe>)| {
        probe.as_ref().map(|probe| format!("    {title}:\t{}\n", self::probe(probe)))
    };
    listed.into_iter().filter_map(line).collect()
}

/// `http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=3`
fn probe(probe: &core::Probe) -> String {
    let attributes = format!(
        "delay={}s timeout={}s period={}s #success={} #failure={}",
        probe.initial_delay_seconds.unwrap_or(0),
        probe.timeout_seconds.unwrap_or(0),
        probe.period_seconds.unwrap_or(0),
        probe.success_threshold.unwrap_or(0),
        probe.failure_threshold.unwrap_or(0)
    );
    if let Some(exec) = &probe.exec {
        return format!("exec [{}] {attributes}", exec.command.as_deref().unwrap_or_default().join(" "));
    }
    if let Some(get) = &probe.http_get {
        let scheme = get.scheme.as_deref().unwrap_or("HTTP").to_ascii_lowercase();
        let host = get.host.as_deref().unwrap_or_default();
        let path = get.path.as_deref().unwrap_or_default();
        let slash = if path.starts_with('/') { "" } else { "/" };
        return format!("http-get {scheme}://{host}:{}{slash}{path} {attributes}", port(&get.port));
    }
    if let Some(tcp) = &probe.tcp_socket {
        return format!(
            "tcp-socket {}:{} {attributes}",
            tcp.host.as_deref().unwrap_or_default(),
            port(&tcp.port)
        );
    }
    if let Some(grpc) = &probe.grpc {
        return format!(
            "grpc <pod>:{} {} {attributes}",
            grpc.port,
            grpc.service.as_deref().unwrap_or_default()
        );
    }
    format!("unknown {attributes}")
}

pub(super) fn port(port: &IntOrString) -> String {
    match port {
        IntOrString::Int(number) => number.to_string(),
        IntOrString::String(name) => name.clone(),
    }
}

fn environment(container: &core::Container) -> String {
    let variables = container.env.as_deref().unwrap_or_default();
    if variables.is_empty() {
        return "    Environment:\t<none>\n".to_owned();
    }
    let mut text = "    Environment:\n".to_owned();
    for variable in variables {
        let name = &variable.name;
        let source = variable.value_from.as_ref();
        text += &match source {
            None => {
                let value = variable.value.as_deref().unwrap_or_default();
                format!("      {name}:\t{}\n", value.replace('\n', "\n\t"))
            }
            Some(source) => format!("      {name}:\t{}\n", from(source)),
        };
    }
    text
}

fn from(source: &core::EnvVarSource) -> String {
    if let Some(field) = &source.field_ref {
        return format!(" ({}:{})", field.api_version.as_deref().unwrap_or("v1"), field.field_path);
    }
    if let Some(key) = &source.secret_key_ref {
        let optional = key.optional.unwrap_or(false);
        return format!("<set to the key '{}' in secret '{}'>\tOptional: {optional}", key.key, key.name);
    }
    if let Some(key) = &source.config_map_key_ref {
        let optional = key.optional.unwrap_or(false);
        return format!("<set to the key '{}' of config map '{}'>\tOptional: {optional}", key.key, key.name);
    }
    let resource = source.resource_field_ref.as_ref().map(|field| field.resource.clone());
    format!(" ({})", resource.unwrap_or_default())
}

fn mounts(container: &core::Container) -> String {
    let mounts = container.volume_mounts.as_deref().unwrap_or_default();
    if mounts.is_empty() {
        return "    Mounts:\t<none>\n".to_owned();
    }
    let line = |mount: &core::VolumeMount| {
        let mode = if mount.read_only.unwrap_or(false) { "ro" } else { "rw" };
        let path =
            mount.sub_path.as_ref().filter(|path| !path.is_empty()).map(|path| format!(",path=\"{path}\""));
        format!("      {} from {} ({mode}{})\n", mount.mount_path, mount.name, path.unwrap_or_default())
    };
    format!("    Mounts:\n{}", mounts.iter().map(line).collect::<String>())
}

pub(super) fn volumes(volumes: &[core::Volume], space: &str) -> String {
    if volumes.is_empty() {
        return format!("{space}Volumes:\t<none>\n");
    }
    let name_indent = if space.is_empty() { "" } else { " " };
    let one = |volume: &core::Volume| format!("  {name_indent}{}:\n{}", volume.name, source_of(volume));
    format!("{space}Volumes:\n{}", volumes.iter().map(one).collect::<String>())
}

fn source_of(volume: &core::Volume) -> String {
    let lines = |kind: &str, more: &[(&str, String)]| {
        let more: String = more.iter().map(|(name, value)| format!("    {name}:\t{value}\n")).collect();
        format!("    Type:\t{kind}\n{more}")
    };
    if let Some(directory) = &volume.empty_dir {
        let limit =
            directory.size_limit.as_ref().map_or_else(|| "<unset>".to_owned(), |limit| limit.0.clone());
        let medium = directory.medium.clone().unwrap_or_default();
        return lines(
            "EmptyDir (a temporary directory that shares a pod's lifetime)",
            &[("Medium", medium), ("SizeLimit", limit)],
        );
    }
    if let Some(map) = &volume.config_map {
        let optional = map.optional.unwrap_or(false).to_string();
        return lines(
            "ConfigMap (a volume populated by a ConfigMap)",
            &[("Name", map.name.clone()), ("Optional", optional)],
        );
    }
    if let Some(secret) = &volume.secret {
        let optional = secret.optional.unwrap_or(false).to_string();
        let name = secret.secret_name.clone().unwrap_or_default();
        return lines(
            "Secret (a volume populated by a Secret)",
            &[("SecretName", name), ("Optional", optional)],
        );
    }
    if let Some(path) = &volume.host_path {
        let kind = path.type_.clone().unwrap_or_default();
        return lines(
            "HostPath (bare host directory volume)",
            &[("Path", path.path.clone()), ("HostPathType", kind)],
        );
    }
    if let Some(claim) = &volume.persistent_volume_claim {
        let read_only = claim.read_only.unwrap_or(false).to_string();
        let kind = "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)";
        return lines(kind, &[("ClaimName", claim.claim_name.clone()), ("ReadOnly", read_only)]);
    }
    "    <unknown>\n".to_owned()
}

/// Tolerations, by key: `node.kubernetes.io/not-ready:NoExecute op=Exists for 300s`.
pub(super) fn tolerations(title: &str, tolerations: &[core::Toleration]) -> String {
    if tolerations.is_empty() {
        return format!("{title}:\t<none>\n");
    }
    let mut sorted: Vec<&core::Toleration> = tolerations.iter().collect();
    crate::order::sort_by_key(&mut sorted, |toleration| toleration.key.clone());
    let lines: Vec<String> = sorted.into_iter().map(toleration).collect();
    format!("{title}:\t{}\n", lines.join("\n\t"))
}

fn toleration(toleration: &core::Toleration) -> String {
    let mut text = toleration.key.clone().unwrap_or_default();
    let filled = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    if let Some(value) = filled(&toleration.value) {
        text += &format!("={value}");
    }
    if let Some(effect) = filled(&toleration.effect) {
        text += &format!(":{effect}");
    }
    if toleration.operator.as_deref() == Some("Exists") && filled(&toleration.value).is_none() {
        text += if text.is_empty() { "op=Exists" } else { " op=Exists" };
    }
    if let Some(seconds) = toleration.toleration_seconds {
        text += &format!(" for {seconds}s");
    }
    text
}
