//! What the controllers of nodes remember: who fell silent, which pods are to be evicted when, which nodes are gone.

use std::rc::Rc;

use crate::persistent::Map;

use crate::api::Uid;
use crate::time::Time;

/// Silent kubelets, due evictions, nodes that are no more.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NodeMemory {
    silent: Map<Rc<str>, Time>,
    evictions: Map<Uid, Eviction>,
    gone: Map<Rc<str>, Time>,
}

/// An eviction that taints ask for and tolerations put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eviction {
    /// Since when it is to come.
    pub since: Time,
    /// When it comes.
    pub at: Time,
}

impl NodeMemory {
    /// When the kubelet of `node` was heard of last, if it is silent.
    pub fn silent_since(&self, node: &str) -> Option<Time> {
        self.silent.get(node).copied()
    }

    /// Notes that a kubelet fell silent, or is heard of again.
    pub(crate) fn note_silence(&mut self, node: &Rc<str>, since: Option<Time>) {
        match since {
            Some(since) => self.silent.insert(node.clone(), since),
            None => {
                self.silent.remove(node);
            }
        }
    }

    /// The eviction that is to come for a pod.
    pub fn eviction(&self, pod: Uid) -> Option<Eviction> {
        self.evictions.get(&pod).copied()
    }

    /// The same, with another eviction for a pod, or none.
    pub(crate) fn with_eviction(&self, pod: Uid, eviction: Option<Eviction>) -> NodeMemory {
        let mut memory = self.clone();
        match eviction {
            Some(eviction) => memory.evictions.insert(pod, eviction),
            None => {
                memory.evictions.remove(&pod);
            }
        }
        memory
    }

    /// When it was noticed that a node is no more.
    pub fn gone_since(&self, node: &str) -> Option<Time> {
        self.gone.get(node).copied()
    }

    /// The same, with a node that is no more since then.
    pub(crate) fn with_gone(&self, node: &Rc<str>, since: Time) -> NodeMemory {
        let mut memory = self.clone();
        memory.gone.insert(node.clone(), since);
        memory
    }
}
