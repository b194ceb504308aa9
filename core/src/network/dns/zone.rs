//! The answers of the cluster's DNS server, from the Services and slices that it has heard of.

use std::net::Ipv4Addr;
use std::rc::Rc;

use super::{Code, DOMAIN, Data, Record, RecordType, Reply};
use crate::api::{Endpoint, Key, Namespace, Service};
use crate::apiserver::Store;

/// For how long an answer about the cluster may be kept.
pub const TTL_SECONDS: u32 = 30;
/// As many names may stand for others in a row.
const LONGEST_CHAIN: usize = 8;
/// The ends of names outside of the cluster that are taken to exist.
const OUTSIDE: [&str; 7] = ["com", "dev", "example", "io", "net", "org", "test"];

/// What the server answers. `store` is what it knows; `name` has no dot at its end.
pub fn answer(store: &Store, name: &str, wanted: RecordType) -> Reply {
    let name = name.to_ascii_lowercase();
    let mut reply = Reply::none(Code::NoError);
    let mut next: Rc<str> = name.as_str().into();
    for _ in 0..LONGEST_CHAIN {
        let found = lookup(store, &next, wanted);
        reply.code = found.code;
        reply.service = reply.service.or(found.service);
        let alias = found.records.iter().find_map(|record| match &record.data {
            Data::Cname(target) => Some(target.clone()),
            Data::A(_) | Data::Srv { .. } => None,
        });
        reply.records.extend(found.records);
        match alias {
            Some(target) => next = target,
            None => return reply,
        }
    }
    // A circle of names: the server gives up.
    Reply { code: Code::NxDomain, records: Vec::new(), service: reply.service }
}

fn lookup(store: &Store, name: &str, wanted: RecordType) -> Reply {
    let Some(inside) = name.strip_suffix(DOMAIN) else { return outside(store, name, wanted) };
    let Some(inside) = inside.strip_suffix('.') else {
        return if inside.is_empty() { Reply::none(Code::NoError) } else { outside(store, name, wanted) };
    };
    let labels: Vec<&str> = inside.split('.').collect();
    let zone = Zone { store, name, wanted };
    match labels.as_slice() {
        ["svc"] | ["pod"] => Reply::none(Code::NoError),
        [namespace, "svc" | "pod"] => zone.namespace(namespace),
        [service, namespace, "svc"] => zone.service(service, namespace, None),
        [dashed, namespace, "pod"] => zone.pod(dashed, namespace),
        [port, protocol, service, namespace, "svc"] if port.starts_with('_') && protocol.starts_with('_') => {
            zone.port(&port[1..], &protocol[1..], service, namespace)
        }
        [host, service, namespace, "svc"] => zone.service(service, namespace, Some(host)),
        _ => Reply::none(Code::NxDomain),
    }
}

/// One question about the cluster's own names.
struct Zone<'a> {
    store: &'a Store,
    name: &'a str,
    wanted: RecordType,
}

impl Zone<'_> {
    fn namespace(&self, namespace: &str) -> Reply {
        let is_there = self.store.get_cluster_wide::<Namespace>(namespace).is_some();
        Reply::none(if is_there { Code::NoError } else { Code::NxDomain })
    }

    /// `<service>.<namespace>.svc`, or one of its hosts.
    fn service(&self, service: &str, namespace: &str, host: Option<&str>) -> Reply {
        let key = Key::new(namespace, service);
        let Some(service) = self.store.get::<Service>(&key) else { return Reply::none(Code::NxDomain) };
        let found = |records: Vec<Record>| Reply { code: Code::NoError, records, service: Some(key.clone()) };
        if let Some(target) = external_name(service) {
            return match host {
                Some(_) => Reply::none(Code::NxDomain),
                None => found(vec![self.record(Data::Cname(target))]),
            };
        }
        match (service.cluster_ip(), host) {
            (Some(ip), None) if self.wanted == RecordType::A => found(vec![self.record(Data::A(ip.into()))]),
            (Some(_), None) => found(Vec::new()),
            (_, host) => {
                let endpoints = endpoints(self.store, &key).into_iter();
                let mut named =
                    endpoints.filter(|endpoint| host.is_none_or(|host| host_of(endpoint) == host)).peekable();
                if named.peek().is_none() {
                    return Reply { service: Some(key.clone()), ..Reply::none(Code::NxDomain) };
                }
                let addresses = named.flat_map(|endpoint| endpoint.addresses.clone());
                let wanted = addresses.filter(|_| self.wanted == RecordType::A);
                found(wanted.map(|address| self.record(Data::A(address))).collect())
            }
        }
    }

    /// `<a-b-c-d>.<namespace>.pod`: CoreDNS does not ask whether there is such a pod (`pods insecure`).
    fn pod(&self, dashed: &str, namespace: &str) -> Reply {
        let address = dashed.replace('-', ".").parse::<Ipv4Addr>().ok();
        let (Some(address), Code::NoError) = (address, self.namespace(namespace).code) else {
            return Reply::none(Code::NxDomain);
        };
        let record = self.record(Data::A(address.to_string().into()));
        Reply { code: Code::NoError, records: vec![record], service: None }
    }

    /// `_<port>._<protocol>.<service>.<namespace>.svc`
    fn port(&self, port: &str, protocol: &str, service: &str, namespace: &str) -> Reply {
        let key = Key::new(namespace, service);
        let Some(service) = self.store.get::<Service>(&key) else { return Reply::none(Code::NxDomain) };
        let is_it = |name: Option<&str>, proto: Option<&str>| {
            name == Some(port) && proto.unwrap_or("TCP").eq_ignore_ascii_case(protocol)
        };
        let base = format!("{}.{}.svc.{DOMAIN}", key.name, key.namespace);
        let srv = |port: i32, target: String| {
            let port = u16::try_from(port).unwrap_or_default();
            self.record(Data::Srv { port, target: target.into() })
        };
        let mut records = Vec::new();
        if service.cluster_ip().is_some() {
            let mut ports = service.ports().iter();
            let known = ports.find(|known| is_it(known.name.as_deref(), known.protocol.as_deref()));
            records.extend(known.map(|known| srv(known.port, base)));
        } else {
            for slice in self.store.slices_of(&key) {
                let mut ports = slice.spec.ports.iter();
                let known = ports.find(|known| is_it(known.name.as_deref(), known.protocol.as_deref()));
                let Some(number) = known.and_then(|known| known.port) else { continue };
                let ready = slice.spec.endpoints.iter().filter(|endpoint| endpoint.ready);
                records.extend(ready.map(|endpoint| srv(number, format!("{}.{base}", host_of(endpoint)))));
            }
        }
        if records.is_empty() {
            return Reply { service: Some(key), ..Reply::none(Code::NxDomain) };
        }
        records.retain(|_| self.wanted == RecordType::Srv);
        Reply { code: Code::NoError, records, service: Some(key) }
    }

    fn record(&self, data: Data) -> Record {
        Record { name: self.name.into(), data, ttl: TTL_SECONDS }
    }
}

/// The name under which DNS keeps an address's own: `11.0.96.10.in-addr.arpa`. `None` for what is no address.
pub fn pointer_name(address: &str) -> Option<String> {
    let [a, b, c, d] = address.parse::<Ipv4Addr>().ok()?.octets();
    Some(format!("{d}.{c}.{b}.{a}.in-addr.arpa"))
}

/// The name that an address has: that of its Service, or of its host in a headless one.
pub fn pointer(store: &Store, address: &str) -> Option<String> {
    let name = |service: &Key| format!("{}.{}.svc.{DOMAIN}", service.name, service.namespace);
    let mut services = store.list::<Service>();
    if let Some(service) = services.find(|service| service.cluster_ip() == Some(address)) {
        return Some(name(&service.key));
    }
    let mut headless = store.list::<Service>().filter(|service| service.is_headless());
    headless.find_map(|service| {
        let endpoints = endpoints(store, &service.key).into_iter();
        let found = endpoints.filter(|endpoint| endpoint.addresses.iter().any(|known| **known == *address));
        found.map(|endpoint| format!("{}.{}", host_of(&endpoint), name(&service.key))).next()
    })
}

/// What another server knows. Beyond the cluster nothing is simulated: names that people's Services lead to exist,
/// and so do those under the usual ends, each with an address of its own.
pub(super) fn outside(store: &Store, name: &str, wanted: RecordType) -> Reply {
    let is_named = || {
        let mut names = store.list::<Service>().filter_map(|service| external_name(service));
        names.any(|known| *known == *name)
    };
    let is_usual = name.rsplit_once('.').is_some_and(|(_, end)| OUTSIDE.contains(&end));
    if !(is_usual || name.contains('.') && is_named()) {
        return Reply::none(Code::NxDomain);
    }
    if wanted != RecordType::A {
        return Reply::none(Code::NoError);
    }
    let last =
        name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))) % 254 + 1;
    let data = Data::A(format!("203.0.113.{last}").into());
    Reply {
        code: Code::NoError,
        records: vec![Record { name: name.into(), data, ttl: TTL_SECONDS }],
        service: None,
    }
}

/// `spec.externalName` of a Service that is such a name.
fn external_name(service: &Service) -> Option<Rc<str>> {
    let is_external = service.service_type() == "ExternalName";
    let name = service.spec.external_name.as_deref().filter(|_| is_external)?;
    Some(name.trim_end_matches('.').to_ascii_lowercase().into())
}

/// The endpoints of a Service that DNS tells of.
fn endpoints(store: &Store, service: &Key) -> Vec<Rc<Endpoint>> {
    let slices = store.slices_of(service).filter(|slice| &*slice.spec.address_type == "IPv4");
    let all = slices.flat_map(|slice| slice.spec.endpoints.iter());
    all.filter(|endpoint| endpoint.ready).cloned().collect()
}

/// The name of an endpoint's host: its pod's own, or its address with dashes.
fn host_of(endpoint: &Endpoint) -> String {
    let dashed = || endpoint.addresses.first().map_or_else(String::new, |address| address.replace('.', "-"));
    endpoint.hostname.as_deref().map_or_else(dashed, str::to_owned)
}
