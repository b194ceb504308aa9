//! Environment variables, and what else reads fields of the pod it belongs to.
//! Upstream: `ValidateEnv`, `ValidateEnvFrom` and what they call in `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path};
use super::{names, volume};

/// Fields of a pod that environment variables may read, sorted as refusals list them.
const OF_VARIABLES: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// Fields of a pod that files may hold, sorted as refusals list them.
pub(super) const OF_FILES: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// Fields of a pod that can be read by a name at all. Upstream: `ConvertDownwardAPIFieldLabel`.
const READABLE: [&str; 15] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.serviceAccountName",
    "spec.schedulerName",
    "status.phase",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
    "spec.host",
];
/// Amounts of a container that can be read, sorted as refusals list them.
const AMOUNTS: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// Checks a container's variables.
pub(super) fn variables(container: &core::Container, path: Path<'_>, faults: &mut Faults) {
    let list = path.child("env");
    for (index, variable) in container.env.iter().flatten().enumerate() {
        let path = list.index(index);
        if variable.name.is_empty() {
            faults.required(path.child("name"), "");
        } else {
            faults.invalid_each(path.child("name"), &variable.name, names::environment_name(&variable.name));
        }
        if let Some(source) = &variable.value_from {
            let has_value = variable.value.as_ref().is_some_and(|value| !value.is_empty());
            variable_source(source, has_value, path.child("valueFrom"), faults);
        }
    }
    let list = path.child("envFrom");
    for (index, source) in container.env_from.iter().flatten().enumerate() {
        let path = list.index(index);
        if let Some(prefix) = source.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
            faults.invalid_each(path.child("prefix"), prefix, names::environment_name(prefix));
        }
        let named = [
            ("configMapRef", source.config_map_ref.as_ref().map(|source| source.name.as_str())),
            ("secretRef", source.secret_ref.as_ref().map(|source| source.name.as_str())),
        ];
        let given = named.into_iter().filter_map(|(field, name)| Some((field, name?)));
        for (field, name) in given.clone() {
            let path = path.child(field);
            match name {
                "" => faults.required(path.child("name"), ""),
                name => faults.invalid_each(path.child("name"), name, names::dns_subdomain(name)),
            }
        }
        // Upstream tells of the list here, not of its entry.
        match given.count() {
            0 => faults.invalid(list, "", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => faults.invalid(list, "", "may not have more than one field specified at a time"),
        }
    }
}

fn variable_source(source: &core::EnvVarSource, has_value: bool, path: Path<'_>, faults: &mut Faults) {
    let mut sources = 0;
    if let Some(field) = &source.field_ref {
        sources += 1;
        field_reference(field, &OF_VARIABLES, path.child("fieldRef"), faults);
    }
    if let Some(amount) = &source.resource_field_ref {
        sources += 1;
        amount_reference(amount, false, path.child("resourceFieldRef"), faults);
    }
    let keys = [
        ("configMapKeyRef", source.config_map_key_ref.as_ref().map(|of| (&of.name, &of.key))),
        ("secretKeyRef", source.secret_key_ref.as_ref().map(|of| (&of.name, &of.key))),
    ];
    for (field, (name, key)) in keys.into_iter().filter_map(|(field, of)| Some((field, of?))) {
        sources += 1;
        let path = path.child(field);
        faults.invalid_each(path.child("name"), name, names::dns_subdomain(name));
        if key.is_empty() {
            faults.required(path.child("key"), "");
        } else {
            faults.invalid_each(path.child("key"), key, names::config_key(key));
        }
    }
    if let Some(key) = &source.file_key_ref {
        sources += 1;
        file_key(key, path.child("fileKeyRef"), faults);
    }
    let one_of = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or \
                  `fileKeyRef`";
    match sources {
        0 => faults.invalid(path, "", one_of),
        _ if has_value => faults.invalid(path, "", "may not be specified when `value` is not empty"),
        1 => {}
        _ => faults.invalid(path, "", "may not have more than one field specified at a time"),
    }
}

/// Checks the key of a file in a volume.
#[inline(never)]
fn file_key(key: &core::FileKeySelector, path: Path<'_>, faults: &mut Faults) {
    if key.volume_name.is_empty() {
        faults.required(path.child("volumeName"), "");
    } else {
        faults.invalid_each(path.child("volumeName"), &key.volume_name, names::dns_label(&key.volume_name));
    }
    match key.path.as_str() {
        "" => faults.required(path.child("path"), ""),
        text => volume::local_path(text, path.child("path"), faults),
    }
    match key.key.as_str() {
        "" => faults.required(path.child("key"), ""),
        text => faults.invalid_each(path.child("key"), text, names::environment_name(text)),
    }
}

/// Checks the name of a pod's field that is to be one of `allowed`.
pub(super) fn field_reference(
    field: &core::ObjectFieldSelector,
    allowed: &[&str],
    path: Path<'_>,
    faults: &mut Faults,
) {
    let at = path.child("fieldPath");
    let name = field.field_path.as_str();
    if field.api_version.as_deref().unwrap_or_default().is_empty() {
        return faults.required(path.child("apiVersion"), "");
    }
    if name.is_empty() {
        return faults.required(at, "");
    }
    let mut unreadable = |problem: String| {
        faults.invalid(at, name, format!("error converting fieldPath: {problem}"));
    };
    let version = field.api_version.as_deref().unwrap_or_default();
    if version != "v1" {
        return unreadable(format!("unsupported pod version: {version}"));
    }
    let subscripted = name.strip_suffix("']").and_then(|name| name.split_once("['"));
    match subscripted {
        Some(("metadata.annotations", key)) => {
            faults.invalid_each(
                path,
                &key.to_ascii_lowercase(),
                names::qualified_name(&key.to_ascii_lowercase()),
            );
        }
        Some(("metadata.labels", key)) => faults.invalid_each(path, key, names::qualified_name(key)),
        Some((map, _)) => unreadable(format!("field label does not support subscript: {map}")),
        None if !READABLE.contains(&name) => unreadable(format!("field label not supported: {name}")),
        None if name == "spec.host" && allowed.contains(&"spec.nodeName") => {}
        None if !allowed.contains(&name) => faults.unsupported(at, name, allowed),
        None => {}
    }
}

/// Checks the name of a container's amount. Files have to name the container too.
pub(super) fn amount_reference(
    amount: &core::ResourceFieldSelector,
    in_file: bool,
    path: Path<'_>,
    faults: &mut Faults,
) {
    let resource = amount.resource.as_str();
    let is_huge_page = ["limits.hugepages-", "requests.hugepages-"].iter().any(|it| resource.starts_with(it));
    if in_file && amount.container_name.as_deref().unwrap_or_default().is_empty() {
        faults.required(path.child("containerName"), "");
    } else if resource.is_empty() {
        faults.required(path.child("resource"), "");
    } else if !AMOUNTS.contains(&resource) && !is_huge_page {
        faults.unsupported(path.child("resource"), resource, &AMOUNTS);
    }
    let Some(divisor) = amount.divisor.as_ref().map(|divisor| divisor.0.as_str()).filter(|it| *it != "0")
    else {
        return;
    };
    let of = match resource {
        "limits.cpu" | "requests.cpu" => {
            if !["1m", "1"].contains(&divisor) {
                let detail = "only divisor's values 1m and 1 are supported with the cpu resource";
                faults.invalid(path.child("divisor"), resource, detail);
            }
            return;
        }
        "limits.memory" | "requests.memory" => "memory",
        "limits.ephemeral-storage" | "requests.ephemeral-storage" => "local ephemeral storage",
        _ if is_huge_page => "hugepages",
        _ => return,
    };
    const UNITS: [&str; 13] =
        ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];
    if !UNITS.contains(&divisor) {
        let units = UNITS.join(", ");
        let detail = format!("only divisor's values {units} are supported with the {of} resource");
        faults.invalid(path.child("divisor"), resource, detail);
    }
}
