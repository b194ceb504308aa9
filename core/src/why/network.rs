//! Facts of requests on their way: of DNS, of rules, of policies, and of what is at an address.

use std::rc::Rc;

/// Why a request goes on as it does.
#[derive(Clone, Debug, PartialEq)]
pub enum Network {
    /// Nobody is there to send it: no pod of the client runs.
    NobodySends,
    /// The host is an address already.
    IsAddress,
    /// The host is a name; with fewer dots than `ndots` it is looked up in the search path first.
    Name {
        /// Dots in it.
        dots: usize,
        /// `options ndots`
        ndots: usize,
        /// How many names there are to try.
        names: usize,
    },
    /// The client has kept an answer of DNS.
    KeptAnswer {
        /// For how long it still may.
        left_seconds: u64,
    },
    /// The client has kept a connection.
    KeptConnection {
        /// Since when.
        age_ms: u64,
    },
    /// The client is outside of the cluster.
    FromOutside,
    /// No name before this one had an address.
    Question {
        /// Its place among those to try, from 1.
        number: usize,
        /// How many there are.
        of: usize,
    },
    /// The server has an address for the name.
    Record {
        /// How many.
        addresses: usize,
        /// For how long the answer may be kept.
        ttl_seconds: u32,
    },
    /// The server has none.
    NoRecord {
        /// Whether there is another name to try.
        goes_on: bool,
    },
    /// No Service has the address.
    NoService,
    /// The endpoint was drawn by lot.
    Drawn {
        /// Its place in the rules, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// Whether the rules are behind the Service's slices.
        is_stale: bool,
    },
    /// The endpoint's turn has come.
    InTurn {
        /// Its place in the rules, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// Connections given out before.
        turn: u64,
        /// Whether the rules are behind the Service's slices.
        is_stale: bool,
    },
    /// The client's last connection went there.
    SameClient {
        /// Its place in the rules, from 1.
        number: usize,
        /// How long ago.
        ago_ms: u64,
        /// For how long that holds.
        timeout_seconds: u64,
    },
    /// The rules have no usable endpoint.
    NoEndpoint {
        /// Whether they are behind the Service's slices.
        is_stale: bool,
    },
    /// The rules have none on this node, and must stay on it.
    NoLocalEndpoint,
    /// The node has no rules for the address.
    NoRules,
    /// The Service has no such port.
    NoSuchPort {
        /// The port.
        port: u16,
    },
    /// The Service cannot be reached from outside.
    NoWayIn,
    /// A policy lets it pass.
    Allowed {
        /// Which.
        policy: Rc<str>,
        /// How many policies select the pod.
        of: usize,
    },
    /// None of the policies lets it pass.
    Denied {
        /// The first of them.
        policy: Rc<str>,
        /// How many select the pod.
        of: usize,
    },
    /// A process listens there.
    Listens,
    /// What is there is not simulated.
    Beyond,
    /// The pod's network namespace is gone.
    NoSandbox,
    /// The pod's process has ended.
    ProcessEnded,
    /// The pod's process does not listen on that port.
    NotListening,
    /// The node was switched off.
    NoNode,
    /// A process works on it.
    Works {
        /// For how long.
        takes_ms: u64,
    },
    /// The process has done its work.
    AnswersAfter {
        /// How long after the request had reached it.
        after_ms: u64,
    },
    /// The process has ended before.
    EndedBefore {
        /// How long after the request had reached it.
        after_ms: u64,
        /// How long it would have worked on it.
        takes_ms: u64,
    },
    /// The client waits no longer.
    GivesUp {
        /// How long it has waited.
        after_ms: u64,
        /// How long the process works on it.
        takes_ms: u64,
    },
}
