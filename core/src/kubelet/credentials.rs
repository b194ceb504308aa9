//! Passwords of registries, in the Secrets that a pod names for its pulls.
//! Upstream: `getPullSecretsForPod` in `pkg/kubelet/kubelet_pods.go`, `pkg/credentialprovider`.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::api::{Key, Pod, Secret};
use crate::apiserver::Store;

/// The registry that images without one come from, by the names it goes by.
const HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// `.dockerconfigjson`
#[derive(Deserialize)]
struct Config {
    #[serde(default)]
    auths: BTreeMap<String, IgnoredAny>,
}

/// The pull secrets of a pod that are not there.
pub(super) fn missing(store: &Store, pod: &Pod) -> Vec<Rc<str>> {
    let named = names(pod);
    named.filter(|name| secret(store, pod, name).is_none()).map(Into::into).collect()
}

/// Whether one of a pod's pull secrets has a password for the registry of this full reference.
pub(super) fn open(store: &Store, pod: &Pod, reference: &str) -> bool {
    let secrets = names(pod).filter_map(|name| secret(store, pod, name));
    secrets.flat_map(registries).any(|registry| covers(&registry, reference))
}

fn names(pod: &Pod) -> impl Iterator<Item = &str> {
    let listed = pod.spec.spec.image_pull_secrets.iter().flatten();
    listed.map(|secret| secret.name.as_str()).filter(|name| !name.is_empty())
}

fn secret<'a>(store: &'a Store, pod: &Pod, name: &str) -> Option<&'a Rc<Secret>> {
    store.get::<Secret>(&Key { namespace: pod.key.namespace.clone(), name: name.into() })
}

/// The registries that a Secret has passwords for, as it names them.
fn registries(secret: &Rc<Secret>) -> Vec<String> {
    let data = |key: &str| secret.spec.data.as_ref().and_then(|data| data.get(key)).map(|bytes| &*bytes.0);
    match secret.spec.type_.as_deref() {
        Some("kubernetes.io/dockerconfigjson") => {
            let config =
                data(".dockerconfigjson").and_then(|text| serde_json::from_slice::<Config>(text).ok());
            config.into_iter().flat_map(|config| config.auths.into_keys()).collect()
        }
        Some("kubernetes.io/dockercfg") => {
            let listed = data(".dockercfg");
            let listed =
                listed.and_then(|text| serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(text).ok());
            listed.into_iter().flat_map(BTreeMap::into_keys).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the password for `registry` is one for this image: `https://index.docker.io/v1/`, `shop.example.com`,
/// `*.example.com/team`.
fn covers(registry: &str, reference: &str) -> bool {
    let bare = registry.split_once("://").map_or(registry, |(_, rest)| rest);
    let (host, path) = bare.split_once('/').unwrap_or((bare, ""));
    let path = path.trim_start_matches("v1").trim_start_matches("v2").trim_matches('/');
    let (domain, rest) = reference.split_once('/').unwrap_or((reference, ""));
    let is_hub = HUB.contains(&host) && HUB.contains(&domain);
    (is_hub || host_fits(host, domain)) && rest.starts_with(path)
}

/// Label by label; a `*` stands for letters of one.
fn host_fits(pattern: &str, host: &str) -> bool {
    let (labels, wanted): (Vec<&str>, Vec<&str>) = (host.split('.').collect(), pattern.split('.').collect());
    let fits = |(pattern, label): (&&str, &&str)| match pattern.split_once('*') {
        Some((start, end)) => {
            label.len() >= start.len() + end.len() && label.starts_with(start) && label.ends_with(end)
        }
        None => pattern == label,
    };
    labels.len() == wanted.len() && wanted.iter().zip(&labels).all(fits)
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_password_is_for_a_registry_or_a_part_of_it() {
        let image = "shop.example.com/team/web:1";
        for registry in
            ["shop.example.com", "https://shop.example.com/v2/", "*.example.com", "shop.example.com/team"]
        {
            assert!(covers(registry, image), "{registry}");
        }
        for registry in ["example.com", "shop.example.com/other", "*.com", "docker.io", ""] {
            assert!(!covers(registry, image), "{registry}");
        }
        assert!(covers("https://index.docker.io/v1/", "docker.io/library/nginx:latest"));
    }
}
