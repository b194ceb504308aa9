//! Security contexts of pods and containers. Upstream: `ValidateSecurityContext`, `validatePodSpecSecurityContext` in
//! `pkg/apis/core/validation/validation.go`.

use std::collections::BTreeSet;

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path, Shown};
use super::{go_value, mounts, operating_system};

/// What user and group ids must be.
const ID_RANGE: &str = "must be between 0 and 2147483647, inclusive";
const SYSCTL: &str = "[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
/// The longest name of a kernel parameter.
const LONGEST_SYSCTL: usize = 253;
/// The longest path.
const LONGEST_PATH: usize = 4095;

/// Checks what a pod's containers share.
pub(super) fn of_pod(
    context: &core::PodSecurityContext,
    spec: &core::PodSpec,
    path: Path<'_>,
    faults: &mut Faults,
) {
    id(path.child("fsGroup"), context.fs_group, faults);
    id(path.child("runAsUser"), context.run_as_user, faults);
    id(path.child("runAsGroup"), context.run_as_group, faults);
    let groups = path.child("supplementalGroups");
    for (index, group) in context.supplemental_groups.iter().flatten().enumerate() {
        id(groups.index(index), Some(*group), faults);
    }
    if spec.share_process_namespace == Some(true) && spec.host_pid == Some(true) {
        let detail = "ShareProcessNamespace and HostPID cannot both be enabled";
        faults.invalid(path.child("shareProcessNamespace"), Shown::verbatim("true"), detail);
    }
    sysctls(context, spec, path.child("sysctls"), faults);
    let of = |field: &'static str, value: &'_ Option<String>, supported: &[&str], faults: &mut Faults| {
        if let Some(value) = value.as_deref().filter(|value| !supported.contains(value)) {
            faults.unsupported(path.child(field), value, supported);
        }
    };
    of("fsGroupChangePolicy", &context.fs_group_change_policy, &["Always", "OnRootMismatch"], faults);
    seccomp(context.seccomp_profile.as_ref(), path.child("seccompProfile"), faults);
    if let Some(options) = &context.windows_options {
        operating_system::windows_options(options, path.child("windowsOptions"), faults);
    }
    app_armor(context.app_armor_profile.as_ref(), path.child("appArmorProfile"), faults);
    of("supplementalGroupsPolicy", &context.supplemental_groups_policy, &["Merge", "Strict"], faults);
    of("seLinuxChangePolicy", &context.se_linux_change_policy, &["MountOption", "Recursive"], faults);
}

/// Checks what one container runs as.
pub(super) fn of_container(
    context: &core::SecurityContext,
    spec: &core::PodSpec,
    path: Path<'_>,
    faults: &mut Faults,
) {
    id(path.child("runAsUser"), context.run_as_user, faults);
    id(path.child("runAsGroup"), context.run_as_group, faults);
    if let Some(mount) = context.proc_mount.as_deref() {
        let path = path.child("procMount");
        if !["Default", "Unmasked"].contains(&mount) {
            faults.unsupported(path, mount, &["Default", "Unmasked"]);
        }
        if mount == "Unmasked" && spec.host_users != Some(false) {
            faults.invalid(path, mount, "`hostUsers` must be false to use `Unmasked`");
        }
    }
    seccomp(context.seccomp_profile.as_ref(), path.child("seccompProfile"), faults);
    if context.allow_privilege_escalation == Some(false) {
        escalation(context, path, faults);
    }
    if let Some(options) = &context.windows_options {
        operating_system::windows_options(options, path.child("windowsOptions"), faults);
    }
    app_armor(context.app_armor_profile.as_ref(), path.child("appArmorProfile"), faults);
}

fn escalation(context: &core::SecurityContext, path: Path<'_>, faults: &mut Faults) {
    let mut refuse = |detail: &str| {
        let shown = go_value::compact("v1.SecurityContext", context);
        faults.invalid(path, Shown::verbatim(shown), detail);
    };
    if context.privileged == Some(true) {
        refuse("cannot set `allowPrivilegeEscalation` to false and `privileged` to true");
    }
    let added = context.capabilities.iter().filter_map(|capabilities| capabilities.add.as_ref()).flatten();
    for _ in added.filter(|capability| *capability == "CAP_SYS_ADMIN") {
        refuse("cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN");
    }
}

/// Ids of users and groups.
fn id(path: Path<'_>, id: Option<i64>, faults: &mut Faults) {
    if let Some(id) = id
        && !(0..=i64::from(i32::MAX)).contains(&id)
    {
        faults.invalid(path, id, ID_RANGE);
    }
}

fn sysctls(context: &core::PodSecurityContext, spec: &core::PodSpec, list: Path<'_>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (index, parameter) in context.sysctls.iter().flatten().enumerate() {
        let entry = list.index(index);
        let path = entry.child("name");
        let name = parameter.name.as_str();
        if name.is_empty() {
            faults.required(path, "");
        } else if !is_sysctl(name) {
            let detail = format!(
                "must have at most {LONGEST_SYSCTL} characters and match regex ^({SYSCTL}[\\./])*{SYSCTL}$"
            );
            faults.invalid(path, name, detail);
        } else if seen.contains(name) {
            faults.duplicate(path, name);
        }
        let dotted = name.replace('/', ".");
        if spec.host_network == Some(true) && dotted.starts_with("net.") {
            faults.invalid(path, name, "may not be specified when 'hostNetwork' is true");
        }
        let is_of_processes =
            ["kernel.shm", "kernel.msg", "fs.mqueue."].iter().any(|prefix| dotted.starts_with(prefix));
        if spec.host_ipc == Some(true) && (is_of_processes || dotted == "kernel.sem") {
            faults.invalid(path, name, "may not be specified when 'hostIPC' is true");
        }
        seen.insert(name);
    }
}

fn is_sysctl(name: &str) -> bool {
    let is_edge = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_segment = |segment: &str| {
        let bytes = segment.as_bytes();
        bytes.first().is_some_and(is_edge)
            && bytes.last().is_some_and(is_edge)
            && bytes.iter().all(|byte| is_edge(byte) || matches!(byte, b'-' | b'_'))
    };
    name.len() <= LONGEST_SYSCTL && name.split(['.', '/']).all(is_segment)
}

fn seccomp(profile: Option<&core::SeccompProfile>, path: Path<'_>, faults: &mut Faults) {
    let Some(profile) = profile else { return };
    match profile.type_.as_str() {
        "Localhost" | "RuntimeDefault" | "Unconfined" => {}
        "" => faults.required(path.child("type"), "type is required when seccompProfile is set"),
        other => {
            faults.unsupported(path.child("type"), other, &["Localhost", "RuntimeDefault", "Unconfined"]);
        }
    }
    let local = path.child("localhostProfile");
    match (profile.type_.as_str(), &profile.localhost_profile) {
        ("Localhost", None) => faults.required(local, "must be set when seccomp type is Localhost"),
        ("Localhost", Some(name)) => mounts::descending_path(name, local, faults),
        (_, Some(_)) => {
            let shown = go_value::compact("v1.SeccompProfile", profile);
            faults.invalid(local, Shown::verbatim(shown), "can only be set when seccomp type is Localhost");
        }
        (_, None) => {}
    }
}

fn app_armor(profile: Option<&core::AppArmorProfile>, path: Path<'_>, faults: &mut Faults) {
    let Some(profile) = profile else { return };
    let local = path.child("localhostProfile");
    const MISSING: &str = "must be set when AppArmor type is Localhost";
    match (profile.type_.as_str(), profile.localhost_profile.as_deref()) {
        ("Localhost", None | Some("")) => faults.required(local, MISSING),
        ("Localhost", Some(name)) => {
            if name.trim() != name {
                faults.invalid(local, name, "must not be padded with whitespace");
            }
            if name.len() > LONGEST_PATH {
                faults.too_long(local, LONGEST_PATH);
            }
        }
        ("RuntimeDefault" | "Unconfined", Some(name)) => {
            faults.invalid(local, name, "can only be set when AppArmor type is Localhost");
        }
        ("RuntimeDefault" | "Unconfined", None) => {}
        ("", _) => faults.required(path.child("type"), "type is required when appArmorProfile is set"),
        (other, _) => {
            faults.unsupported(path.child("type"), other, &["Localhost", "RuntimeDefault", "Unconfined"]);
        }
    }
}
