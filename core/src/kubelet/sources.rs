//! What a pod needs of ConfigMaps and Secrets: before its volumes are mounted, and before each container is made.
//! Upstream: `pkg/volume/configmap`, `pkg/volume/secret`, `makeEnvironmentVariables` in `pkg/kubelet/kubelet_pods.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::{ConfigMap, Key, PersistentVolumeClaim, Pod, Secret};
use crate::apiserver::Store;

/// A volume that cannot be mounted.
pub(super) struct MissingVolume {
    pub(super) volume: String,
    /// `configmap "config" not found`
    pub(super) problem: String,
    /// What the Event says.
    pub(super) message: String,
}

/// The two kinds that pods take data from.
#[derive(Clone, Copy)]
enum Source<'a> {
    ConfigMap(&'a str),
    Secret(&'a str),
}

/// The first volume of a pod whose source is not there.
pub(super) fn missing_volume(store: &Store, pod: &Pod) -> Option<MissingVolume> {
    let known = Known { store, namespace: &pod.key.namespace };
    pod.spec.spec.volumes.iter().flatten().find_map(|volume| {
        let name = volume.name.clone();
        if let Some(problem) = known.unbound_claim(pod, volume) {
            let message = format!(
                "Unable to attach or mount volumes: unmounted volumes=[{name}], unattached volumes=[], failed to \
                 process volumes=[{name}]: {problem}"
            );
            return Some(MissingVolume { volume: name, problem, message });
        }
        let problem = known.missing_of(volume)?;
        let message = format!("MountVolume.SetUp failed for volume \"{name}\" : {problem}");
        Some(MissingVolume { volume: name, problem, message })
    })
}

/// What is missing for a container's environment.
pub(super) fn missing_environment(store: &Store, pod: &Pod, container: &core::Container) -> Option<String> {
    let known = Known { store, namespace: &pod.key.namespace };
    let whole = container.env_from.iter().flatten().find_map(|from| {
        let map = from.config_map_ref.as_ref().map(|it| (Source::ConfigMap(&it.name), it.optional));
        let secret = from.secret_ref.as_ref().map(|it| (Source::Secret(&it.name), it.optional));
        let (source, optional) = map.or(secret)?;
        known.absent(source).filter(|_| optional != Some(true))
    });
    let single = || {
        let sources = container.env.iter().flatten().filter_map(|variable| variable.value_from.as_ref());
        sources.into_iter().find_map(|from| known.missing_key_of(from))
    };
    whole.or_else(single)
}

/// What a kubelet knows of the namespace of a pod.
struct Known<'a> {
    store: &'a Store,
    namespace: &'a Rc<str>,
}

impl Known<'_> {
    /// What keeps a volume's claim from being mounted.
    fn unbound_claim(&self, pod: &Pod, volume: &core::Volume) -> Option<String> {
        let generated = || volume.ephemeral.is_some().then(|| format!("{}-{}", pod.key.name, volume.name));
        let named = volume.persistent_volume_claim.as_ref().map(|claim| claim.claim_name.clone());
        let name = named.or_else(generated)?;
        let key = Key { namespace: self.namespace.clone(), name: name.as_str().into() };
        let Some(claim) = self.store.get::<PersistentVolumeClaim>(&key) else {
            return Some(format!(
                "error processing PVC {}/{name}: failed to fetch PVC from API server: persistentvolumeclaims \
                 \"{name}\" not found",
                self.namespace
            ));
        };
        (!claim.is_bound())
            .then(|| format!("error processing PVC {}/{name}: PVC is not bound", self.namespace))
    }

    fn missing_of(&self, volume: &core::Volume) -> Option<String> {
        let keys = |items: &Option<Vec<core::KeyToPath>>| -> Vec<String> {
            items.iter().flatten().map(|item| item.key.clone()).collect()
        };
        if let Some(map) = &volume.config_map {
            return self.missing_keys(Source::ConfigMap(&map.name), &keys(&map.items), map.optional);
        }
        if let Some(secret) = &volume.secret {
            let name = secret.secret_name.as_deref().unwrap_or_default();
            return self.missing_keys(Source::Secret(name), &keys(&secret.items), secret.optional);
        }
        let projected = volume.projected.iter().flat_map(|projected| projected.sources.iter().flatten());
        projected.into_iter().find_map(|source| {
            let map = source.config_map.as_ref();
            let of_map = map
                .and_then(|it| self.missing_keys(Source::ConfigMap(&it.name), &keys(&it.items), it.optional));
            let secret = source.secret.as_ref();
            let of_secret = || {
                secret
                    .and_then(|it| self.missing_keys(Source::Secret(&it.name), &keys(&it.items), it.optional))
            };
            of_map.or_else(of_secret)
        })
    }

    fn missing_keys(&self, source: Source<'_>, keys: &[String], optional: Option<bool>) -> Option<String> {
        if optional == Some(true) {
            return None;
        }
        let kind = match source {
            Source::ConfigMap(_) => "config",
            Source::Secret(_) => "secret",
        };
        let key = || keys.iter().find(|key| !self.has_key(source, key));
        self.absent(source).or_else(|| Some(format!("references non-existent {kind} key: {}", key()?)))
    }

    fn missing_key_of(&self, from: &core::EnvVarSource) -> Option<String> {
        let map = from.config_map_key_ref.as_ref();
        let map = map.map(|it| ("ConfigMap", Source::ConfigMap(&it.name), &it.key, it.optional));
        let secret = from.secret_key_ref.as_ref();
        let secret = secret.map(|it| ("Secret", Source::Secret(&it.name), &it.key, it.optional));
        let (kind, source, key, optional) = map.or(secret)?;
        if optional == Some(true) {
            return None;
        }
        let (Source::ConfigMap(name) | Source::Secret(name)) = source;
        let no_key = || {
            let message = format!("couldn't find key {key} in {kind} {}/{name}", self.namespace);
            (!self.has_key(source, key)).then_some(message)
        };
        self.absent(source).or_else(no_key)
    }

    /// `configmap "config" not found`, where that is so.
    fn absent(&self, source: Source<'_>) -> Option<String> {
        let (is_there, kind, name) = match source {
            Source::ConfigMap(name) => (self.config_map(name).is_some(), "configmap", name),
            Source::Secret(name) => (self.secret(name).is_some(), "secret", name),
        };
        (!is_there).then(|| format!("{kind} \"{name}\" not found"))
    }

    fn has_key(&self, source: Source<'_>, key: &str) -> bool {
        match source {
            Source::ConfigMap(name) => self.config_map(name).is_some_and(|map| {
                let is_text = map.spec.data.as_ref().is_some_and(|data| data.contains_key(key));
                is_text || map.spec.binary_data.as_ref().is_some_and(|data| data.contains_key(key))
            }),
            Source::Secret(name) => self.secret(name).is_some_and(|secret| {
                let is_plain = secret.spec.string_data.as_ref().is_some_and(|data| data.contains_key(key));
                is_plain || secret.spec.data.as_ref().is_some_and(|data| data.contains_key(key))
            }),
        }
    }

    fn config_map(&self, name: &str) -> Option<&Rc<ConfigMap>> {
        self.store.get(&Key { namespace: self.namespace.clone(), name: name.into() })
    }

    fn secret(&self, name: &str) -> Option<&Rc<Secret>> {
        self.store.get(&Key { namespace: self.namespace.clone(), name: name.into() })
    }
}
