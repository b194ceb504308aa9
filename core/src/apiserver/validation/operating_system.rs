//! What is there for one operating system alone, and Windows' containers that are processes of their node.
//! Upstream: `validateOS`, `validateLinux`, `validateWindows`, `validateWindowsHostProcessPod` and
//! `validateWindowsSecurityContextOptions` in `pkg/apis/core/validation/validation.go`.

use k8s_openapi::api::core::v1 as core;

use super::field::{Faults, Path, Shown};
use super::names;

/// The longest description of a group-managed service account, in KiB.
const LONGEST_CREDENTIAL: usize = 64;
const LONGEST_DOMAIN: usize = 256;
const LONGEST_USER: usize = 104;

/// Checks that the containers that are processes of their node are so together.
pub(super) fn host_processes(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let is_windows =
        |options: Option<&core::WindowsSecurityContextOptions>| options.and_then(|it| it.host_process);
    let of_pod = is_windows(spec.security_context.as_ref().and_then(|it| it.windows_options.as_ref()));
    let of_container = |container: &core::Container| {
        is_windows(container.security_context.as_ref().and_then(|it| it.windows_options.as_ref()))
    };
    if of_pod.is_none() && all(spec).all(|(_, _, container)| of_container(container).is_none()) {
        return;
    }
    let (mut count, mut processes) = (0, 0);
    for (list, index, container) in all(spec) {
        count += 1;
        let own = of_container(container);
        if let (Some(of_pod), Some(own)) = (of_pod, own)
            && of_pod != own
        {
            let list = path.child(list);
            let entry = list.index(index);
            let detail =
                format!("pod hostProcess value must be identical if both are specified, was {of_pod}");
            let at = entry.child("securityContext.windowsOptions.hostProcess");
            faults.invalid(at, Shown::json(&own), detail);
        }
        processes += usize::from(own.or(of_pod) == Some(true));
    }
    if processes == 0 {
        return;
    }
    if processes != count {
        let detail =
            "If pod contains any hostProcess containers then all containers must be HostProcess containers";
        faults.invalid(path, "", detail);
    }
    if spec.host_network != Some(true) {
        let detail = "hostNetwork must be true if pod contains any hostProcess containers";
        faults.invalid(path.child("hostNetwork"), Shown::json(&false), detail);
    }
}

/// Containers in upstream's order, each with its list.
fn all(spec: &core::PodSpec) -> impl Iterator<Item = (&'static str, usize, &core::Container)> {
    let first = spec.init_containers.iter().flatten().enumerate();
    let first = first.map(|(index, container)| ("initContainers", index, container));
    first.chain(spec.containers.iter().enumerate().map(|(index, container)| ("containers", index, container)))
}

/// Checks `os` and what follows from it.
pub(super) fn system(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    let Some(system) = &spec.os else { return };
    let at = path.child("os");
    match system.name.as_str() {
        "" => faults.required(at.child("name"), "cannot be empty"),
        "linux" => linux(spec, path, faults),
        "windows" => windows(spec, path, faults),
        other => faults.unsupported(at, other, &["linux", "windows"]),
    }
}

fn linux(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    const DETAIL: &str = "windows options cannot be set for a linux pod";
    if spec.security_context.as_ref().is_some_and(|context| context.windows_options.is_some()) {
        faults.forbidden(path.child("securityContext.windowsOptions"), DETAIL);
    }
    for (list, index, container) in all(spec) {
        if container.security_context.as_ref().is_some_and(|context| context.windows_options.is_some()) {
            let list = path.child(list);
            faults.forbidden(list.index(index).child("securityContext.windowsOptions"), DETAIL);
        }
    }
}

fn windows(spec: &core::PodSpec, path: Path<'_>, faults: &mut Faults) {
    const DETAIL: &str = "cannot be set for a windows pod";
    let default = core::PodSecurityContext::default();
    let context = spec.security_context.as_ref().unwrap_or(&default);
    let given = [
        ("securityContext.appArmorProfile", context.app_armor_profile.is_some()),
        ("securityContext.seLinuxOptions", context.se_linux_options.is_some()),
        ("hostUsers", spec.host_users.is_some()),
        ("hostPID", spec.host_pid == Some(true)),
        ("hostIPC", spec.host_ipc == Some(true)),
        ("securityContext.seccompProfile", context.seccomp_profile.is_some()),
        ("securityContext.fsGroup", context.fs_group.is_some()),
        ("securityContext.fsGroupChangePolicy", context.fs_group_change_policy.is_some()),
        ("securityContext.sysctls", context.sysctls.as_ref().is_some_and(|sysctls| !sysctls.is_empty())),
        ("shareProcessNamespace", spec.share_process_namespace.is_some()),
        ("securityContext.runAsUser", context.run_as_user.is_some()),
        ("securityContext.runAsGroup", context.run_as_group.is_some()),
        ("securityContext.supplementalGroups", context.supplemental_groups.is_some()),
        ("securityContext.supplementalGroupsPolicy", context.supplemental_groups_policy.is_some()),
        ("securityContext.seLinuxChangePolicy", context.se_linux_change_policy.is_some()),
    ];
    for (field, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
        faults.forbidden(path.child(field), DETAIL);
    }
    for (list, index, container) in all(spec) {
        let Some(context) = &container.security_context else { continue };
        let given = [
            ("appArmorProfile", context.app_armor_profile.is_some()),
            ("seLinuxOptions", context.se_linux_options.is_some()),
            ("seccompProfile", context.seccomp_profile.is_some()),
            ("capabilities", context.capabilities.is_some()),
            ("readOnlyRootFilesystem", context.read_only_root_filesystem.is_some()),
            ("privileged", context.privileged.is_some()),
            ("allowPrivilegeEscalation", context.allow_privilege_escalation.is_some()),
            ("procMount", context.proc_mount.is_some()),
            ("runAsUser", context.run_as_user.is_some()),
            ("runAsGroup", context.run_as_group.is_some()),
        ];
        let list = path.child(list);
        let entry = list.index(index);
        for (field, _) in given.into_iter().filter(|(_, is_given)| *is_given) {
            faults.forbidden(entry.child("securityContext").child(field), DETAIL);
        }
    }
}

/// Checks what Windows alone reads.
pub(super) fn windows_options(
    options: &core::WindowsSecurityContextOptions,
    path: Path<'_>,
    faults: &mut Faults,
) {
    if let Some(name) = options.gmsa_credential_spec_name.as_deref() {
        faults.invalid_each(path.child("gmsaCredentialSpecName"), name, names::dns_subdomain(name));
    }
    if let Some(credential) = options.gmsa_credential_spec.as_deref() {
        let path = path.child("gmsaCredentialSpec");
        if credential.is_empty() {
            faults.invalid(path, credential, "gmsaCredentialSpec cannot be an empty string");
        } else if credential.len() > LONGEST_CREDENTIAL << 10 {
            let detail = format!("gmsaCredentialSpec size must be under {LONGEST_CREDENTIAL} KiB");
            faults.invalid(path, credential, detail);
        }
    }
    let Some(name) = options.run_as_user_name.as_deref() else { return };
    let path = path.child("runAsUserName");
    let mut refuse = |detail: &str| faults.invalid(path, name, detail);
    let (domain, user) = match name.split_once('\\') {
        _ if name.is_empty() => return refuse("runAsUserName cannot be an empty string"),
        _ if name.chars().any(|c| c.is_ascii_control()) => {
            return refuse("runAsUserName cannot contain control characters");
        }
        Some((_, user)) if user.contains('\\') => {
            return refuse("runAsUserName cannot contain more than one backslash");
        }
        Some((domain, user)) => (Some(domain), user),
        None => (None, name),
    };
    if domain.is_some_and(|domain| domain.len() >= LONGEST_DOMAIN) {
        refuse("runAsUserName's Domain length must be under 256 characters");
    }
    if domain.is_some_and(|domain| !is_net_bios(domain) && !is_domain(domain)) {
        refuse("runAsUserName's Domain doesn't match the NetBios nor the DNS format");
    }
    if user.is_empty() {
        refuse("runAsUserName's User cannot be empty");
    } else if user.len() > LONGEST_USER {
        refuse("runAsUserName's User length must not be longer than 104 characters");
    }
    if !user.is_empty() && user.chars().all(|c| matches!(c, '.' | ' ')) {
        refuse("runAsUserName's User cannot contain only periods or spaces");
    }
    if user.contains(|c| "\"/\\:;|=,+*?<>@[]".contains(c)) {
        refuse("runAsUserName's User cannot contain the following characters: \"/\\:;|=,+*?<>@[]");
    }
}

fn is_net_bios(domain: &str) -> bool {
    (1..=15).contains(&domain.chars().count())
        && !domain.starts_with('.')
        && !domain.contains(|c| "\\/:*?\"<>|".contains(c))
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| names::dns_label(&label.to_ascii_lowercase()).is_empty())
}
