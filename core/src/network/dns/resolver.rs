//! A pod's `/etc/resolv.conf`, and the names that a resolver tries for a short one.
//! Upstream: `pkg/kubelet/network/dns/dns.go`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;

use super::{DOMAIN, LONGEST_NAME};

/// The address of the cluster's DNS server.
pub const SERVER: &str = "10.96.0.10";
/// The DNS server of the nodes.
const NODE_SERVER: &str = "172.18.0.1";

/// A name with fewer dots is looked up in the search path first.
const CLUSTER_NDOTS: usize = 5;
/// As resolvers have it where their file does not say.
const DEFAULT_NDOTS: usize = 1;

const MOST_SERVERS: usize = 3;
const MOST_SEARCHES: usize = 32;
const LONGEST_SEARCH: usize = 2048;

/// What `/etc/resolv.conf` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvConf {
    /// Who is asked.
    pub servers: Vec<Rc<str>>,
    /// The domains that are tried for short names, in order.
    pub searches: Vec<Rc<str>>,
    /// The options, as they are written: `ndots:5`.
    pub options: Vec<Rc<str>>,
}

impl ResolvConf {
    /// That of a pod in `namespace`.
    pub fn of_pod(namespace: &str, spec: &core::PodSpec) -> ResolvConf {
        let is_on_host = spec.host_network.unwrap_or(false);
        let mut it = match spec.dns_policy.as_deref().unwrap_or("ClusterFirst") {
            "None" => ResolvConf { servers: Vec::new(), searches: Vec::new(), options: Vec::new() },
            "ClusterFirstWithHostNet" => ResolvConf::of_namespace(namespace),
            "ClusterFirst" if !is_on_host => ResolvConf::of_namespace(namespace),
            _ => ResolvConf::of_node(),
        };
        if let Some(config) = &spec.dns_config {
            it.add(config);
        }
        it.servers.truncate(MOST_SERVERS);
        it.searches.truncate(MOST_SEARCHES);
        let mut length = 0;
        it.searches.retain(|domain| {
            length += domain.len() + 1;
            length <= LONGEST_SEARCH + 1
        });
        it
    }

    /// That of a pod in `namespace` which says nothing about DNS.
    pub fn of_namespace(namespace: &str) -> ResolvConf {
        let searches = [format!("{namespace}.svc.{DOMAIN}"), format!("svc.{DOMAIN}"), DOMAIN.to_owned()];
        ResolvConf {
            servers: vec![SERVER.into()],
            searches: searches.into_iter().map(Into::into).collect(),
            options: vec![format!("ndots:{CLUSTER_NDOTS}").into()],
        }
    }

    /// That of a node.
    pub fn of_node() -> ResolvConf {
        ResolvConf { servers: vec![NODE_SERVER.into()], searches: Vec::new(), options: Vec::new() }
    }

    /// Adds `spec.dnsConfig`: servers and domains once each; an option takes the place of one with its name.
    fn add(&mut self, config: &core::PodDNSConfig) {
        for server in config.nameservers.iter().flatten() {
            if self.servers.iter().all(|known| **known != **server) {
                self.servers.push(server.as_str().into());
            }
        }
        for domain in config.searches.iter().flatten() {
            if self.searches.iter().all(|known| **known != **domain) {
                self.searches.push(domain.as_str().into());
            }
        }
        for option in config.options.iter().flatten() {
            let Some(name) = &option.name else { continue };
            self.options.retain(|known| known.split(':').next() != Some(name));
            let written =
                option.value.as_ref().map_or_else(|| name.clone(), |value| format!("{name}:{value}"));
            self.options.push(written.into());
        }
    }

    /// Whether it asks the cluster's own server.
    pub fn asks_cluster(&self) -> bool {
        self.servers.first().is_some_and(|server| &**server == SERVER)
    }

    /// A name with fewer dots is looked up in the search path first.
    pub fn ndots(&self) -> usize {
        let named = self.options.iter().rev().find_map(|option| option.strip_prefix("ndots:"));
        named.and_then(|number| number.parse().ok()).unwrap_or(DEFAULT_NDOTS)
    }

    /// The names that are asked for one after the other, until one has an answer.
    pub fn candidates(&self, name: &str) -> Vec<Rc<str>> {
        let bare = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        if bare.is_empty() || bare.len() > LONGEST_NAME {
            return Vec::new();
        }
        let searched = self.searches.iter().map(|domain| format!("{bare}.{domain}"));
        let searched = searched.filter(|name| name.len() <= LONGEST_NAME).map(Rc::from);
        let as_it_is = std::iter::once(Rc::from(bare.as_str()));
        if name.ends_with('.') {
            as_it_is.collect()
        } else if dots(name) >= self.ndots() {
            as_it_is.chain(searched).collect()
        } else {
            searched.chain(as_it_is).collect()
        }
    }

    /// The file itself.
    pub fn text(&self) -> String {
        let mut text = String::new();
        if !self.searches.is_empty() {
            text.push_str(&format!("search {}\n", self.searches.join(" ")));
        }
        for server in &self.servers {
            text.push_str(&format!("nameserver {server}\n"));
        }
        if !self.options.is_empty() {
            text.push_str(&format!("options {}\n", self.options.join(" ")));
        }
        text
    }
}

/// How many dots a name has, but for one at its end.
pub(in crate::network) fn dots(name: &str) -> usize {
    name.strip_suffix('.').unwrap_or(name).matches('.').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(conf: &ResolvConf, name: &str) -> Vec<String> {
        conf.candidates(name).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_short_name_walks_the_search_path_first() {
        let conf = ResolvConf::of_namespace("shop");
        assert_eq!(
            tried(&conf, "db"),
            ["db.shop.svc.cluster.local", "db.svc.cluster.local", "db.cluster.local", "db"]
        );
        // Four dots are fewer than five: even a whole name is tried in the search path first.
        assert_eq!(
            tried(&conf, "db.shop.svc.cluster.local")[0],
            "db.shop.svc.cluster.local.shop.svc.cluster.local"
        );
        assert_eq!(tried(&conf, "db.shop.svc.cluster.local."), ["db.shop.svc.cluster.local"]);
        assert_eq!(tried(&conf, "a.b.c.d.e.f")[0], "a.b.c.d.e.f");
    }

    #[test]
    fn a_pods_own_settings_come_on_top_or_alone() {
        let mut spec: core::PodSpec = serde_json::from_value(serde_json::json!({
            "containers": [],
            "dnsConfig": {"options": [{"name": "ndots", "value": "2"}, {"name": "edns0"}], "searches": ["corp.example"]},
        }))
        .unwrap();
        let conf = ResolvConf::of_pod("default", &spec);
        assert_eq!(
            conf.text(),
            "search default.svc.cluster.local svc.cluster.local cluster.local corp.example\nnameserver 10.96.0.10\n\
             options ndots:2 edns0\n"
        );
        assert_eq!(tried(&conf, "web.shop.svc")[0], "web.shop.svc");
        spec.dns_policy = Some("None".to_owned());
        assert_eq!(
            ResolvConf::of_pod("default", &spec).text(),
            "search corp.example\noptions ndots:2 edns0\n"
        );
    }

    #[test]
    fn a_pod_on_its_nodes_network_asks_whom_the_node_asks() {
        let mut spec = core::PodSpec { host_network: Some(true), ..core::PodSpec::default() };
        assert!(!ResolvConf::of_pod("default", &spec).asks_cluster());
        spec.dns_policy = Some("ClusterFirstWithHostNet".to_owned());
        assert!(ResolvConf::of_pod("default", &spec).asks_cluster());
    }
}
