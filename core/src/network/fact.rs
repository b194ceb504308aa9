//! The fact behind each hop of a request.

use super::flow::*;
use crate::engine::Actor;
use crate::time::Duration;
use crate::why;

/// Who decided about a hop.
pub(crate) fn actor(flow: &Flow, hop: &Hop) -> Actor {
    match hop {
        Hop::Call(_) | Hop::Reuse(_) | Hop::Ask(_) => Actor::Client(flow.client.clone()),
        Hop::Answer(_) => Actor::Dns,
        Hop::Pick(pick) => Actor::Network(pick.node.clone()),
        Hop::Judge(judge) => Actor::Network(judge.node.clone()),
        Hop::Arrive(arrive) => match &arrive.node {
            Some(node) => Actor::Kubelet(node.clone()),
            None => Actor::Network(flow.source.node.clone()),
        },
        // Where nothing comes back, it is the client that knows.
        Hop::Respond(response) => match response.outcome.seen() {
            Seen::Silence => Actor::Client(flow.client.clone()),
            Seen::Answer | Seen::Refusal | Seen::Reset | Seen::NoAddress => {
                Actor::Kubelet(response.node.clone())
            }
        },
    }
}

/// Why a hop was taken. `flow` has it as its last one.
pub(crate) fn of(flow: &Flow, hop: &Hop) -> why::Network {
    match hop {
        Hop::Call(call) => called(&call.naming, flow),
        Hop::Reuse(reuse) => {
            why::Network::KeptConnection { age_ms: flow.began.since(reuse.since).as_millis() }
        }
        Hop::Ask(ask) => why::Network::Question { number: ask.number, of: ask.of },
        Hop::Answer(answer) => {
            let addresses = answer.reply.addresses().count();
            match answer.reply.records.first().filter(|_| addresses > 0) {
                Some(record) => why::Network::Record { addresses, ttl_seconds: record.ttl },
                None => why::Network::NoRecord { goes_on: answer.next.is_some() },
            }
        }
        Hop::Pick(pick) => picked(pick),
        Hop::Judge(judge) => match &judge.allowed_by {
            Some(policy) => why::Network::Allowed { policy: policy.name.clone(), of: judge.policies.len() },
            None => {
                let policy = judge.policies.first().map(|policy| policy.name.clone()).unwrap_or_default();
                why::Network::Denied { policy, of: judge.policies.len() }
            }
        },
        Hop::Arrive(arrive) => match &arrive.finding {
            Finding::Answers(serving) if serving.takes > Duration::ZERO => {
                why::Network::Works { takes_ms: serving.takes.as_millis() }
            }
            Finding::Answers(_) => why::Network::Listens,
            Finding::Beyond => why::Network::Beyond,
            Finding::Nobody(loss) => not_taken(*loss),
        },
        Hop::Respond(response) => responded(response),
    }
}

fn not_taken(loss: Loss) -> why::Network {
    match loss {
        Loss::NoSandbox => why::Network::NoSandbox,
        Loss::ProcessEnded | Loss::Reset => why::Network::ProcessEnded,
        Loss::NotListening => why::Network::NotListening,
        Loss::NoNode => why::Network::NoNode,
    }
}

fn responded(response: &Respond) -> why::Network {
    let (after_ms, takes_ms) = (response.after.as_millis(), response.serving.takes.as_millis());
    match response.outcome {
        Outcome::Answered => why::Network::AnswersAfter { after_ms },
        Outcome::TimedOut(_) => why::Network::GivesUp { after_ms, takes_ms },
        Outcome::Lost(Loss::NoNode) => why::Network::NoNode,
        Outcome::Lost(_) | Outcome::Refused | Outcome::Unresolved(_) => {
            why::Network::EndedBefore { after_ms, takes_ms }
        }
    }
}

fn called(naming: &Naming, flow: &Flow) -> why::Network {
    match naming {
        Naming::Address => why::Network::IsAddress,
        Naming::Name { dots, ndots, candidates } => {
            why::Network::Name { dots: *dots, ndots: *ndots, names: candidates.len() }
        }
        Naming::Kept { until, .. } => {
            why::Network::KeptAnswer { left_seconds: until.since(flow.began).whole_seconds() }
        }
        Naming::Outside => why::Network::FromOutside,
    }
}

fn picked(pick: &Pick) -> why::Network {
    let number = pick.chosen.unwrap_or(0) + 1;
    match pick.choice {
        Choice::Direct => why::Network::NoService,
        Choice::Random { of } => why::Network::Drawn { number, of, is_stale: pick.is_stale },
        Choice::RoundRobin { of, turn } => why::Network::InTurn { number, of, turn, is_stale: pick.is_stale },
        Choice::Affinity { ago, timeout } => why::Network::SameClient {
            number,
            ago_ms: ago.as_millis(),
            timeout_seconds: timeout.whole_seconds(),
        },
        Choice::NoEndpoint => why::Network::NoEndpoint { is_stale: pick.is_stale },
        Choice::NoLocalEndpoint => why::Network::NoLocalEndpoint,
        Choice::NoRules => why::Network::NoRules,
        Choice::NoSuchPort => why::Network::NoSuchPort { port: pick.before.destination.1 },
        Choice::NoWayIn => why::Network::NoWayIn,
    }
}
