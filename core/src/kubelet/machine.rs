//! Node truth: what really runs on a node, whatever the API says.

use std::rc::Rc;

use crate::apiserver::Store;
use crate::network::proxy::ProxyRules;

/// The simulated computer behind a Node.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    /// The name of its Node.
    pub name: Rc<str>,
    /// The kubelet's cache.
    pub kubelet_cache: Rc<Store>,
    /// The kube-proxy's cache.
    pub proxy_cache: Rc<Store>,
    /// What the node's kernel does with packets for Services.
    pub rules: ProxyRules,
}

impl Machine {
    /// A computer that has just started.
    pub fn new(name: Rc<str>, store: Rc<Store>) -> Machine {
        Machine { name, kubelet_cache: store.clone(), proxy_cache: store, rules: ProxyRules::default() }
    }
}
