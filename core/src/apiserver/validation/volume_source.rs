//! What storage of one kind must say, in pods and in PersistentVolumes: both have the same fields, and so they are read
//! as JSON. Upstream: `validate…VolumeSource` and `validate…PersistentVolumeSource` in
//! `pkg/apis/core/validation/validation.go`.

use serde_json::Value;

use super::field::{Faults, Path, Shown};
use super::mounts::{descending_path, no_backsteps};
use super::names;

/// What a hostPath may be required to be.
const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
/// Fields without which a source says nothing.
const REQUIRED: [(&str, &[&str]); 16] = [
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("nfs", &["server", "path"]),
    ("glusterfs", &["endpoints", "path"]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("flexVolume", &["driver"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
];
/// How long a volume's name and its portal may be together.
const LONGEST_PORTAL: usize = 64;
const LONGEST_DRIVER: usize = 63;
const LONGEST_TENANT: usize = 64;
const BYTE: &str = "must be between 0 and 255, inclusive";
const FORMAT: &str = "must be valid format";
const HOST_PORT: &str = "must be a host:port pair or multiple pairs separated by commas";

/// A source as it was written, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// `hostPath`
    pub(super) field: &'static str,
    /// What stands there.
    pub(super) json: &'a Value,
    /// The volume's name.
    pub(super) volume: &'a str,
    /// Whether it is a PersistentVolume's.
    pub(super) is_persistent: bool,
}

impl Source<'_> {
    fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_default()
    }
}

/// Checks a source. `parent` is the path of the volume, or of the PersistentVolume's spec.
#[inline(never)]
pub(super) fn check(source: Source<'_>, parent: Path<'_>, faults: &mut Faults) {
    let name = match source.field {
        "gcePersistentDisk" => "persistentDisk",
        other => other,
    };
    let path = parent.child(name);
    let required = REQUIRED.into_iter().find(|(known, _)| *known == source.field);
    for field in required.into_iter().flat_map(|(_, fields)| fields) {
        require(&source.json[*field], path.child(field), faults);
    }
    match source.field {
        "hostPath" => host_path(source, path, faults),
        "local" => local(source, path, faults),
        "gitRepo" => descending_path(source.text("directory"), path.child("directory"), faults),
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            byte(&source.json["partition"], path.child("partition"), faults);
        }
        "nfs" if !source.text("path").starts_with('/') => {
            faults.invalid(path.child("path"), source.text("path"), "must be an absolute path");
        }
        "iscsi" => iscsi(source, parent, path, faults),
        "fc" => fibre_channel(source, path, faults),
        "glusterfs" => endpoints_namespace(source, path, faults),
        "quobyte" => quobyte(source, path, faults),
        "flocker" => flocker(source, path, faults),
        "cinder" => secret(source, path.child("secretRef"), faults),
        "flexVolume" => options(source, path.child("options"), faults),
        "azureFile" if source.is_persistent && source.json["secretNamespace"].as_str() == Some("") => {
            faults.required(path.child("secretNamespace"), "");
        }
        "azureDisk" => azure_disk(source, path, faults),
        "storageos" => storage_os(source, path, faults),
        "csi" => csi(source, path, faults),
        _ => {}
    }
}

fn require(value: &Value, path: Path<'_>, faults: &mut Faults) {
    let is_missing = match value {
        Value::Array(items) => items.is_empty(),
        other => other.as_str().unwrap_or_default().is_empty(),
    };
    if is_missing {
        faults.required(path, "");
    }
}

fn byte(value: &Value, path: Path<'_>, faults: &mut Faults) {
    if let Some(number) = value.as_i64().filter(|number| !(0..=255).contains(number)) {
        faults.invalid(path, number, BYTE);
    }
}

fn host_path(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    if source.text("path").is_empty() {
        return faults.required(path.child("path"), "");
    }
    no_backsteps(source.text("path"), path.child("path"), faults);
    if !HOST_PATH_TYPES.contains(&source.text("type")) {
        faults.unsupported(path.child("type"), source.text("type"), &HOST_PATH_TYPES);
    }
}

fn local(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    match source.text("path") {
        "" => faults.required(path.child("path"), ""),
        text => no_backsteps(text, path.child("path"), faults),
    }
}

fn iscsi(source: Source<'_>, parent: Path<'_>, path: Path<'_>, faults: &mut Faults) {
    const TOO_LONG: &str = "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if \
                            iscsi.initiatorName is specified.";
    let portal = source.text("targetPortal");
    let initiator = source.json["initiatorName"].as_str();
    let is_too_long = initiator.is_some() && source.volume.len() + 1 + portal.len() > LONGEST_PORTAL;
    require(&source.json["targetPortal"], path.child("targetPortal"), faults);
    if is_too_long && source.is_persistent {
        faults.invalid(path.child("targetportal"), portal, TOO_LONG);
    }
    let unknown =
        if source.is_persistent { FORMAT } else { "must be valid format starting with iqn, eui, or naa" };
    match source.text("iqn") {
        "" => faults.required(path.child("iqn"), ""),
        name => qualified(name, unknown, path.child("iqn"), faults),
    }
    byte(&source.json["lun"], path.child("lun"), faults);
    let is_secret = |field: &str| source.json[field].as_bool() == Some(true);
    let given = &source.json["secretRef"];
    if (is_secret("chapAuthDiscovery") || is_secret("chapAuthSession")) && given.is_null() {
        faults.required(path.child("secretRef"), "");
    }
    if source.is_persistent && !given.is_null() {
        require(&given["name"], path.child("secretRef").child("name"), faults);
    }
    if let Some(name) = initiator {
        qualified(name, unknown, path.child("initiatorname"), faults);
    }
    if is_too_long && !source.is_persistent {
        faults.invalid(parent.child("name"), source.volume, TOO_LONG);
    }
}

/// The qualified name of a target or of who asks for it.
fn qualified(name: &str, unknown: &str, path: Path<'_>, faults: &mut Faults) {
    if !["iqn", "eui", "naa"].iter().any(|start| name.starts_with(start)) {
        faults.invalid(path, name, unknown);
    } else if !is_iscsi_name(name) {
        faults.invalid(path, name, FORMAT);
    }
}

/// `iqn.2001-04.com.example:storage`, `eui.` and 16 letters, `naa.` and 32.
fn is_iscsi_name(name: &str) -> bool {
    let is_plain = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let rest = |start: &str| name.strip_prefix(start);
    if let Some(rest) = rest("iqn.") {
        let (date, rest) = rest.split_at_checked(8).unwrap_or_default();
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_date = date.len() == 8
            && digits(&date[..4])
            && &date[4..5] == "-"
            && digits(&date[5..7])
            && &date[7..] == ".";
        let Some((domain, label)) = rest.split_once(':') else { return false };
        let is_domain = !domain.is_empty()
            && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
        let is_label = !label.is_empty()
            && !label.contains(|c: char| {
                c.is_ascii_whitespace() || matches!(c, ',' | ';' | '*' | '&' | '$' | '|')
            });
        return is_date && is_domain && is_label;
    }
    match (name.get(3..4), name.get(..3)) {
        (Some(_), Some("eui")) => is_plain(name.get(4..).unwrap_or_default(), 16),
        (Some(_), Some("naa")) => is_plain(name.get(4..).unwrap_or_default(), 32),
        _ => false,
    }
}

fn fibre_channel(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    let is_given = |field: &str| source.json[field].as_array().is_some_and(|items| !items.is_empty());
    let (targets, wwids) = (is_given("targetWWNs"), is_given("wwids"));
    let at = path.child("targetWWNs");
    if !targets && !wwids {
        faults.required(at, "must specify either targetWWNs or wwids, but not both");
    }
    if targets && wwids {
        let detail = "targetWWNs and wwids can not be specified simultaneously";
        faults.invalid(at, Shown::json(&source.json["targetWWNs"]), detail);
    }
    if targets && source.json["lun"].is_null() {
        faults.required(path.child("lun"), "lun is required if targetWWNs is specified");
    } else if targets {
        byte(&source.json["lun"], path.child("lun"), faults);
    }
}

fn endpoints_namespace(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    let at = path.child("endpointsNamespace");
    match source.json["endpointsNamespace"].as_str() {
        Some("") => {
            let detail = "if the endpointnamespace is set, it must be a valid namespace name";
            faults.invalid(at, "", detail);
        }
        Some(namespace) => faults.invalid_each(at, namespace, names::dns_label(namespace)),
        None => {}
    }
}

fn quobyte(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    let registry = source.text("registry");
    if registry.is_empty() {
        faults.required(path.child("registry"), HOST_PORT);
    } else if source.text("tenant").len() > LONGEST_TENANT {
        let detail = "must be a UUID and may not exceed a length of 64 characters";
        faults.required(path.child("tenant"), detail);
    } else {
        for _ in registry.split(',').filter(|pair| pair.matches(':').count() != 1) {
            faults.invalid(path.child("registry"), registry, HOST_PORT);
        }
    }
    require(&source.json["volume"], path.child("volume"), faults);
}

fn flocker(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    let (name, uuid) = (source.text("datasetName"), source.text("datasetUUID"));
    match (name.is_empty(), uuid.is_empty()) {
        (true, true) => faults.required(path, "one of datasetName and datasetUUID is required"),
        (false, false) => {
            let detail = "datasetName and datasetUUID can not be specified simultaneously";
            faults.invalid(path, "resource", detail);
        }
        _ => {}
    }
    if name.contains('/') {
        faults.invalid(path.child("datasetName"), name, "must not contain '/'");
    }
}

/// A Secret that is named has a name, and in a PersistentVolume a namespace.
fn secret(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    let given = &source.json["secretRef"];
    if given.is_null() {
        return;
    }
    require(&given["name"], path.child("name"), faults);
    if source.is_persistent {
        require(&given["namespace"], path.child("namespace"), faults);
    }
}

fn options(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    for key in source.json["options"].as_object().into_iter().flat_map(|options| options.keys()) {
        let domain =
            format!(".{}", key.split_once('/').map_or(key.as_str(), |(domain, _)| domain).to_lowercase());
        if domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io") {
            faults.invalid(path.key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
        }
    }
}

fn azure_disk(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    for (field, supported) in
        [("cachingMode", ["None", "ReadOnly", "ReadWrite"]), ("kind", ["Dedicated", "Managed", "Shared"])]
    {
        if let Some(value) = source.json[field].as_str().filter(|value| !supported.contains(value)) {
            faults.unsupported(path.child(field), value, &supported);
        }
    }
    let uri = source.text("diskURI");
    let (start, example) = match source.json["kind"].as_str() {
        None => return,
        Some("Managed") => (
            "/subscriptions/",
            "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}",
        ),
        Some(_) => {
            ("https://", "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd")
        }
    };
    if !uri.starts_with(start) {
        faults.unsupported(path.child("diskURI"), uri, &[example]);
    }
}

fn storage_os(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    match source.text("volumeName") {
        "" => faults.required(path.child("volumeName"), ""),
        name => faults.invalid_each(path.child("volumeName"), name, names::dns_label(name)),
    }
    let namespace = source.text("volumeNamespace");
    if !namespace.is_empty() {
        faults.invalid_each(path.child("volumeNamespace"), namespace, names::dns_label(namespace));
    }
    secret(source, path.child("secretRef"), faults);
}

fn csi(source: Source<'_>, path: Path<'_>, faults: &mut Faults) {
    let (driver, at) = (source.text("driver"), path.child("driver"));
    if driver.is_empty() {
        faults.required(at, "");
    }
    if driver.len() > LONGEST_DRIVER {
        faults.too_long(at, LONGEST_DRIVER);
    }
    faults.invalid_each(at, driver, names::dns_subdomain(&driver.to_lowercase()));
    if !source.is_persistent {
        let Some(secret) = source.json.get("nodePublishSecretRef").filter(|secret| !secret.is_null()) else {
            return;
        };
        return match secret["name"].as_str().unwrap_or_default() {
            "" => faults.required(path.child("nodePublishSecretRef.name"), ""),
            // Upstream calls the field so.
            name => faults.invalid_each(path.child("name"), name, names::dns_subdomain(name)),
        };
    }
    require(&source.json["volumeHandle"], path.child("volumeHandle"), faults);
    let secrets = [
        "controllerPublishSecretRef",
        "controllerExpandSecretRef",
        "nodePublishSecretRef",
        "nodeExpandSecretRef",
    ];
    for field in secrets.into_iter().filter(|field| !source.json[*field].is_null()) {
        let (secret, path) = (&source.json[field], path.child(field));
        for (field, rule) in
            [("name", names::dns_subdomain as fn(&str) -> _), ("namespace", names::dns_label)]
        {
            match secret[field].as_str().unwrap_or_default() {
                "" => faults.required(path.child(field), ""),
                text => faults.invalid_each(path.child(field), text, rule(text)),
            }
        }
    }
}
