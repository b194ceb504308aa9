//! What the controller of load balancers remembers of a Service: which nodes its load balancer sends to, and what has
//! changed since. Upstream: `serviceCache` and `lastSyncedNodes` of `k8s.io/cloud-provider/controllers/service`.

use std::rc::Rc;

use super::changes::Told;
use crate::api::Key;
use crate::persistent::Map;

/// What is remembered of each Service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadBalancerMemory {
    services: Map<Key, Rc<Known>>,
}

/// What is remembered of one.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Known {
    /// The nodes that its load balancer sends to.
    pub(super) hosts: Rc<[Rc<str>]>,
    /// Whether it has changed since.
    pub(super) is_outdated: bool,
    /// What is to be said of that.
    pub(super) told: Vec<Told>,
}

impl LoadBalancerMemory {
    pub(super) fn of(&self, service: &Key) -> Option<&Rc<Known>> {
        self.services.get(service)
    }

    /// Notes a change that concerns the load balancer of a Service, and what is said of it.
    pub(super) fn note(&mut self, service: &Key, told: Option<Told>) {
        let mut known = self.of(service).map(|known| (**known).clone()).unwrap_or_default();
        known.is_outdated = true;
        known.told.extend(told);
        self.services.insert(service.clone(), Rc::new(known));
    }

    /// The memory once a load balancer is as it should be, and sends to these nodes.
    pub(super) fn ensured(&self, service: &Key, hosts: Rc<[Rc<str>]>) -> LoadBalancerMemory {
        let mut services = self.services.clone();
        services.insert(service.clone(), Rc::new(Known { hosts, ..Known::default() }));
        LoadBalancerMemory { services }
    }

    /// The memory once everything that was to be said of a Service is.
    pub(super) fn told(&self, service: &Key) -> LoadBalancerMemory {
        let hosts = self.of(service).map(|known| known.hosts.clone()).unwrap_or_default();
        self.ensured(service, hosts)
    }

    /// The memory without a Service.
    pub(super) fn without(&self, service: &Key) -> LoadBalancerMemory {
        let mut services = self.services.clone();
        services.remove(service);
        LoadBalancerMemory { services }
    }
}
