//! DNS: how a process turns a name into an address, and what the cluster's DNS server answers.
//!
//! ```text
//! db  --resolv.conf-->  db.default.svc.cluster.local  --server-->  A 10.96.87.3, ttl 30
//! ```
//!
//! The server learns of Services and slices as every kube-proxy does, by watching. Specification: kubernetes/dns 1.1;
//! what it leaves open is answered as by CoreDNS with kubeadm's settings.

mod resolver;
mod zone;

use std::rc::Rc;

pub(super) use resolver::dots;
pub use resolver::{ResolvConf, SERVER};
pub use zone::{TTL_SECONDS, answer, pointer, pointer_name};

use crate::api::Key;
use crate::apiserver::Store;

/// The domain of the cluster.
pub const DOMAIN: &str = "cluster.local";

/// The longest name that DNS carries, in bytes.
pub const LONGEST_NAME: usize = 253;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses: there are none here.
    Aaaa,
    /// Where a named port is served.
    Srv,
}

/// What the server answers to one question.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// Whether there is such a name.
    pub code: Code,
    /// The answer section: names that stand for others first. Empty with [`Code::NoError`]: the name is there, but has
    /// no such record.
    pub records: Vec<Record>,
    /// The Service that was found, if one was.
    pub service: Option<Key>,
}

/// A response code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The name exists.
    NoError,
    /// No such name.
    NxDomain,
}

/// One record of an answer. Names are fully qualified, without the dot at their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose record it is.
    pub name: Rc<str>,
    /// What it says.
    pub data: Data,
    /// For how long it may be kept, in seconds.
    pub ttl: u32,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// The address.
    A(Rc<str>),
    /// Another name for this one.
    Cname(Rc<str>),
    /// Where a port is served.
    Srv {
        /// The port.
        port: u16,
        /// The name of the host.
        target: Rc<str>,
    },
}

impl Reply {
    fn none(code: Code) -> Reply {
        Reply { code, records: Vec::new(), service: None }
    }

    /// The addresses, in their order.
    pub fn addresses(&self) -> impl Iterator<Item = &Rc<str>> {
        self.records.iter().filter_map(|record| match &record.data {
            Data::A(address) => Some(address),
            Data::Cname(_) | Data::Srv { .. } => None,
        })
    }

    /// Whether the name is there, without what was asked for.
    pub fn is_empty_name(&self) -> bool {
        self.code == Code::NoError && self.records.is_empty()
    }

    /// Whether there is anything in it that answers the question.
    pub fn is_answer(&self) -> bool {
        !self.records.is_empty()
    }
}

/// What the server answers that a resolver asks: the cluster's own, or another one that knows nothing of the cluster.
pub fn asked_of(store: &Store, resolver: &ResolvConf, name: &str, wanted: RecordType) -> Reply {
    if resolver.asks_cluster() { answer(store, name, wanted) } else { zone::outside(store, name, wanted) }
}

/// The Service that a full name would be of: `web.default.svc.cluster.local`. `None` for other names.
pub fn service_in(name: &str) -> Option<Key> {
    let inside = name.strip_suffix(DOMAIN)?.strip_suffix(".svc.")?;
    let (service, namespace) = inside.split_once('.')?;
    (!namespace.contains('.')).then(|| Key::new(namespace, service))
}
