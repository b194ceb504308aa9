//! `/etc/hosts` of a pod, which its kubelet writes. Upstream: `ensureHostsFile` in `pkg/kubelet/kubelet_pods.go`.

use super::environment::hostname;
use crate::api::Pod;
use crate::network::dns::DOMAIN;

const LOOPBACK: &str = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n\
                        fe00::\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";

/// The file of a pod with this address.
pub fn hosts_file(pod: &Pod, address: &str) -> String {
    let spec = &pod.spec.spec;
    let is_on_host = spec.host_network.unwrap_or(false);
    let note = if is_on_host { " (host network)" } else { "" };
    let mut text = format!("# Kubernetes-managed hosts file{note}.\n{LOOPBACK}");
    if !is_on_host {
        text.push_str(&format!("{address}\t{}\n", names(pod).join("\t")));
    }
    let aliases = spec.host_aliases.as_deref().unwrap_or_default();
    if !aliases.is_empty() {
        text.push_str("\n# Entries added by HostAliases.\n");
    }
    for alias in aliases {
        text.push_str(&format!(
            "{}\t{}\n",
            alias.ip,
            alias.hostnames.iter().flatten().cloned().collect::<Vec<_>>().join("\t")
        ));
    }
    text
}

/// Its whole name, if it has a subdomain, and its short one.
fn names(pod: &Pod) -> Vec<String> {
    let short = hostname(pod);
    let subdomain = pod.spec.spec.subdomain.as_deref().filter(|name| !name.is_empty());
    let whole = subdomain.map(|name| format!("{short}.{name}.{}.svc.{DOMAIN}", pod.key.namespace));
    whole.into_iter().chain([short]).collect()
}
