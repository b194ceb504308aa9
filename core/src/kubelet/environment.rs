//! A container's environment: fixed when the container is made, whatever changes later.
//! Upstream: `makeEnvironmentVariables` in `pkg/kubelet/kubelet_pods.go`, `pkg/kubelet/envvars`.
//!
//! `envFrom` comes first, then `env`, each taking the place of what was before it; the variables of Services fill the
//! names that nobody has given. The kubelet keeps what they are made from, and puts them together when asked.

use std::collections::BTreeMap;
use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use crate::api::{ConfigMap, Key, Pod, Secret, Service, quantity};
use crate::apiserver::Store;

/// What the variables of one container are made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Environment {
    services: Vec<Rc<Service>>,
    maps: Vec<Rc<ConfigMap>>,
    secrets: Vec<Rc<Secret>>,
}

/// One variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// `DB_SERVICE_HOST`
    pub name: String,
    /// `10.96.87.3`
    pub value: String,
    /// Who gave it.
    pub from: VariableFrom,
}

/// Who gave a variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VariableFrom {
    /// The image, or the runtime.
    Runtime,
    /// `env` of the container.
    Own,
    /// `envFrom` of the container: a ConfigMap or Secret of this name.
    Source(Rc<str>),
    /// A Service that was there.
    Service(Key),
}

/// What the node adds: addresses that only it knows.
#[derive(Clone, Copy, Debug)]
pub struct Here<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// Its address.
    pub address: &'a str,
    /// That of its node.
    pub node_address: &'a str,
}

impl Environment {
    /// What a container that is made now takes along: `store` is what its kubelet knows.
    pub(super) fn taken(store: &Store, pod: &Pod, container: &core::Container) -> Environment {
        let namespace = &pod.key.namespace;
        let links = pod.spec.spec.enable_service_links.unwrap_or(true);
        let api = store.get::<Service>(&Key::new("default", "kubernetes")).into_iter();
        let own = store.list_in::<Service>(namespace).filter(|_| links);
        let mut services: Vec<Rc<Service>> =
            own.filter(|service| service.cluster_ip().is_some()).cloned().collect();
        services.extend(api.filter(|_| !(links && &**namespace == "default")).cloned());
        let named = |name: &str| Key { namespace: namespace.clone(), name: name.into() };
        let mut maps = Vec::new();
        let mut secrets = Vec::new();
        let keys = container.env.iter().flatten().filter_map(|variable| variable.value_from.as_ref());
        let map_keys = keys.clone().filter_map(|from| Some(&from.config_map_key_ref.as_ref()?.name));
        let secret_keys = keys.filter_map(|from| Some(&from.secret_key_ref.as_ref()?.name));
        let whole = container.env_from.iter().flatten();
        let whole_maps = whole.clone().filter_map(|from| Some(&from.config_map_ref.as_ref()?.name));
        let whole_secrets = whole.filter_map(|from| Some(&from.secret_ref.as_ref()?.name));
        maps.extend(map_keys.chain(whole_maps).filter_map(|name| store.get(&named(name)).cloned()));
        secrets.extend(secret_keys.chain(whole_secrets).filter_map(|name| store.get(&named(name)).cloned()));
        Environment { services, maps, secrets }
    }

    /// The Services whose variables it has.
    pub fn services(&self) -> &[Rc<Service>] {
        &self.services
    }

    /// The variables, as `env` prints them in the container.
    pub fn variables(&self, container: &core::Container, here: Here<'_>) -> Vec<Variable> {
        let mut linked: Vec<Variable> = Vec::new();
        for service in &self.services {
            let from = VariableFrom::Service(service.key.clone());
            let links = links(service).into_iter();
            linked.extend(links.map(|(name, value)| Variable { name, value, from: from.clone() }));
        }
        let services: BTreeMap<&str, &str> =
            linked.iter().map(|variable| (variable.name.as_str(), variable.value.as_str())).collect();
        let mut given: Vec<Variable> = Vec::new();
        for source in container.env_from.iter().flatten() {
            let prefix = source.prefix.as_deref().unwrap_or_default();
            for (name, key, value) in self.whole(source) {
                let from = VariableFrom::Source(name);
                put(&mut given, Variable { name: format!("{prefix}{key}"), value, from });
            }
        }
        for variable in container.env.iter().flatten() {
            let value = match (&variable.value, &variable.value_from) {
                (Some(value), _) if !value.is_empty() => Some(expanded(value, &|name| {
                    let own = given.iter().find(|known| known.name == name).map(|known| known.value.clone());
                    own.or_else(|| services.get(name).map(|value| (*value).to_owned()))
                })),
                (_, Some(from)) => self.referred(from, container, here),
                (_, None) => Some(String::new()),
            };
            // What is optional and not there is left out.
            let Some(value) = value else { continue };
            put(&mut given, Variable { name: variable.name.clone(), value, from: VariableFrom::Own });
        }
        let runtime = |name: &str, value: &str| Variable {
            name: name.to_owned(),
            value: value.to_owned(),
            from: VariableFrom::Runtime,
        };
        let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let mut all =
            vec![runtime("PATH", path), runtime("HOSTNAME", &hostname(here.pod)), runtime("HOME", "/root")];
        for variable in given {
            put(&mut all, variable);
        }
        linked.retain(|variable| all.iter().all(|known| known.name != variable.name));
        // The home directory is what the runtime adds last.
        let home = all.iter().position(|known| known.name == "HOME" && known.from == VariableFrom::Runtime);
        let home = home.map(|place| all.remove(place));
        all.extend(linked);
        all.extend(home);
        all
    }

    /// Every entry of a ConfigMap or Secret, with its name.
    fn whole(&self, source: &core::EnvFromSource) -> Vec<(Rc<str>, String, String)> {
        if let Some(map) = source.config_map_ref.as_ref().and_then(|it| self.map(&it.name)) {
            let data = map.spec.data.iter().flatten();
            return data.map(|(key, value)| (map.key.name.clone(), key.clone(), value.clone())).collect();
        }
        let secret = source.secret_ref.as_ref().and_then(|it| self.secret(&it.name));
        let entries = |secret: &Rc<Secret>| {
            let data = secret.spec.data.iter().flatten();
            let name = secret.key.name.clone();
            data.map(|(key, value)| {
                (name.clone(), key.clone(), String::from_utf8_lossy(&value.0).into_owned())
            })
            .collect()
        };
        secret.map(entries).unwrap_or_default()
    }

    fn referred(
        &self,
        from: &core::EnvVarSource,
        container: &core::Container,
        here: Here<'_>,
    ) -> Option<String> {
        if let Some(field) = &from.field_ref {
            return Some(pod_field(&field.field_path, here));
        }
        if let Some(amount) = &from.resource_field_ref {
            return Some(resource(amount, container));
        }
        if let Some(key) = &from.config_map_key_ref {
            return self.map(&key.name)?.spec.data.as_ref()?.get(&key.key).cloned();
        }
        let key = from.secret_key_ref.as_ref()?;
        let value = self.secret(&key.name)?.spec.data.as_ref()?.get(&key.key)?;
        Some(String::from_utf8_lossy(&value.0).into_owned())
    }

    fn map(&self, name: &str) -> Option<&Rc<ConfigMap>> {
        self.maps.iter().find(|map| map.name() == name)
    }

    fn secret(&self, name: &str) -> Option<&Rc<Secret>> {
        self.secrets.iter().find(|secret| secret.name() == name)
    }
}

/// The name that a pod's processes see as their host's: 63 characters at most.
pub fn hostname(pod: &Pod) -> String {
    let own = pod.spec.spec.hostname.as_deref().filter(|name| !name.is_empty());
    let name = own.unwrap_or(pod.name());
    let cut: String = name.chars().take(63).collect();
    cut.trim_end_matches(['-', '.']).to_owned()
}

/// A variable takes the place of one with its name.
fn put(variables: &mut Vec<Variable>, variable: Variable) {
    match variables.iter_mut().find(|known| known.name == variable.name) {
        Some(known) => *known = variable,
        None => variables.push(variable),
    }
}

/// The variables of one Service: its address and ports, and as Docker's links had them.
fn links(service: &Service) -> Vec<(String, String)> {
    let (Some(ip), Some(first)) = (service.cluster_ip(), service.ports().first()) else { return Vec::new() };
    let upper = |name: &str| name.to_ascii_uppercase().replace('-', "_");
    let name = upper(service.name());
    let mut all = vec![
        (format!("{name}_SERVICE_HOST"), ip.to_owned()),
        (format!("{name}_SERVICE_PORT"), first.port.to_string()),
    ];
    for port in service.ports() {
        if let Some(named) = port.name.as_deref().filter(|named| !named.is_empty()) {
            all.push((format!("{name}_SERVICE_PORT_{}", upper(named)), port.port.to_string()));
        }
    }
    for (place, port) in service.ports().iter().enumerate() {
        let protocol = port.protocol.as_deref().unwrap_or("TCP");
        let (lower, number) = (protocol.to_ascii_lowercase(), port.port);
        let url = format!("{lower}://{ip}:{number}");
        if place == 0 {
            all.push((format!("{name}_PORT"), url.clone()));
        }
        let prefix = format!("{name}_PORT_{number}_{}", protocol.to_ascii_uppercase());
        all.push((prefix.clone(), url));
        all.push((format!("{prefix}_PROTO"), lower));
        all.push((format!("{prefix}_PORT"), number.to_string()));
        all.push((format!("{prefix}_ADDR"), ip.to_owned()));
    }
    all
}

/// `$(NAME)` becomes the value of NAME where there is one; `$$` is a plain `$`. Upstream: `third_party/forked/golang/expansion`.
fn expanded(text: &str, value_of: &dyn Fn(&str) -> Option<String>) -> String {
    let mut all = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(place) = rest.find('$') {
        all.push_str(&rest[..place]);
        let behind = &rest[place + 1..];
        if let Some(after) = behind.strip_prefix('$') {
            all.push('$');
            rest = after;
        } else if let Some((name, after)) = behind.strip_prefix('(').and_then(|inside| inside.split_once(')'))
        {
            match value_of(name) {
                Some(value) => all.push_str(&value),
                None => all.push_str(&format!("$({name})")),
            }
            rest = after;
        } else {
            all.push('$');
            rest = behind;
        }
    }
    all + rest
}

/// A field of the pod, by its path.
fn pod_field(path: &str, here: Here<'_>) -> String {
    let pod = here.pod;
    let quoted = |path: &str, list: &str| {
        let key = path.strip_prefix(list)?.strip_prefix("['")?.strip_suffix("']")?;
        Some(key.to_owned())
    };
    if let Some(key) = quoted(path, "metadata.labels") {
        return pod.label(&key).unwrap_or_default().to_owned();
    }
    if let Some(key) = quoted(path, "metadata.annotations") {
        return pod.annotation(&key).unwrap_or_default().to_owned();
    }
    match path {
        "metadata.name" => pod.name().to_owned(),
        "metadata.namespace" => pod.key.namespace.to_string(),
        "metadata.uid" => pod.uid.to_string(),
        "spec.nodeName" => pod.node().unwrap_or_default().to_owned(),
        "spec.serviceAccountName" => pod.spec.spec.service_account_name.clone().unwrap_or_default(),
        "status.hostIP" | "status.hostIPs" => here.node_address.to_owned(),
        "status.podIP" | "status.podIPs" => here.address.to_owned(),
        _ => String::new(),
    }
}

/// An amount that the container asks for, in parts of its divisor, rounded up.
fn resource(field: &core::ResourceFieldSelector, container: &core::Container) -> String {
    let resources = container.resources.as_ref();
    let Some((list, name)) = field.resource.split_once('.') else { return String::new() };
    let listed = match list {
        "limits" => resources.and_then(|resources| resources.limits.as_ref()),
        _ => resources.and_then(|resources| resources.requests.as_ref()),
    };
    let amount = listed.and_then(|listed| listed.get(name)).map_or(0, |it| quantity::amount(name, it));
    let one = if name == "cpu" { 1000 } else { 1 };
    let divisor = field.divisor.as_ref().map_or(0, |it| quantity::amount(name, it));
    let divisor = if divisor > 0 { divisor } else { one };
    (amount / divisor + i64::from(amount % divisor > 0)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_variables_are_replaced_where_they_are_known() {
        let known = |name: &str| (name == "HOST").then(|| "db".to_owned());
        assert_eq!(expanded("http://$(HOST)/$(PATH)?$$(HOST)&$1", &known), "http://db/$(PATH)?$(HOST)&$1");
        assert_eq!(expanded("$(HOST", &known), "$(HOST");
    }
}
