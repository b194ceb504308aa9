//! Words for the facts of `why::network`: the hops of a request.

use super::{Detail, Text};
use crate::api::{Kind, ObjectRef};
use crate::engine::{Step, What};
use crate::network::flow::{Ask, Hop, Passage, Pick, Respond};
use crate::time::Duration;
use crate::why::Network;

/// One sentence.
#[inline(never)]
pub(super) fn headline(fact: &Network, step: &Step) -> Text {
    let hop = passage(step).map(|passage| &passage.hop);
    match (fact, hop) {
        (Network::NobodySends, _) => "Sends nothing: no pod of it runs.".into(),
        (_, Some(Hop::Ask(ask))) => asks(ask),
        (Network::Record { addresses, .. }, Some(Hop::Answer(answer))) => {
            let text = Text::new().plain("Answers ").field(answer.name.clone()).plain(": ");
            let text = text.number(answer.chosen.clone().unwrap_or_default());
            if *addresses == 1 { text.plain(".") } else { text.plain(", 1 of ").number(addresses).plain(".") }
        }
        (Network::NoRecord { .. }, Some(Hop::Answer(answer))) => {
            let text = Text::new().plain("Has no address for ").field(answer.name.clone());
            text.plain(if answer.reply.is_empty_name() { ": the name is there." } else { ": no such name." })
        }
        (fact, Some(Hop::Pick(pick))) => picks(fact, pick),
        (Network::Allowed { policy, .. }, Some(Hop::Judge(judge))) => {
            let pod = ObjectRef::new(Kind::Pod, judge.pod.clone());
            Text::new()
                .plain("Lets it pass at ")
                .object(&pod)
                .plain(": ")
                .plain(policy.clone())
                .plain(" allows it.")
        }
        (Network::Denied { policy, .. }, Some(Hop::Judge(judge))) => {
            let pod = ObjectRef::new(Kind::Pod, judge.pod.clone());
            Text::new()
                .plain("Drops it at ")
                .object(&pod)
                .plain(": ")
                .plain(policy.clone())
                .plain(" denies it.")
        }
        (fact, Some(Hop::Arrive(arrive))) => {
            let place = match &arrive.pod {
                Some((pod, _)) => Text::new().object(&ObjectRef::new(Kind::Pod, pod.clone())),
                None => Text::new().number(format!("{}:{}", arrive.at.0, arrive.at.1)),
            };
            arrives(place, fact)
        }
        (fact, Some(Hop::Respond(response))) => responds(fact, response),
        (fact, _) => calls(fact, step),
    }
}

fn asks(ask: &Ask) -> Text {
    let text = Text::new().plain("Asks DNS for ").field(ask.name.clone());
    text.plain(", name ").number(ask.number).plain(" of ").number(ask.of).plain(".")
}

fn calls(fact: &Network, step: &Step) -> Text {
    let text = Text::new().plain("Opens a connection to ");
    let text = match passage(step) {
        Some(passage) => text.field(passage.host.clone()),
        None => text.plain("its host"),
    };
    match fact {
        Network::Name { dots, ndots, .. } if dots < ndots => {
            text.plain(": ").number(dots).plain(" dots, ndots ").number(ndots).plain(".")
        }
        Network::Name { .. } => text.plain(": it is a whole name."),
        Network::KeptAnswer { left_seconds } => {
            text.plain(", by an answer good for ").number(left_seconds).plain(" s.")
        }
        Network::KeptConnection { .. } => "Sends on the connection that it has.".into(),
        Network::FromOutside => text.plain(" from outside."),
        _ => text.plain("."),
    }
}

fn picks(fact: &Network, pick: &Pick) -> Text {
    let service = pick.rules.as_ref().map(|(key, _)| ObjectRef::new(Kind::Service, key.clone()));
    let named = |text: Text| match &service {
        Some(service) => text.object(service),
        None => text.number(pick.before.destination.0.clone()),
    };
    let chosen = pick.destination().and_then(|it| it.endpoint.pod.as_ref());
    let sends = || {
        let text = Text::new().plain("Sends it to ");
        match (chosen, &pick.after) {
            (Some((pod, _)), _) => text.object(&ObjectRef::new(Kind::Pod, pod.clone())),
            (None, Some(packet)) => text.number(packet.destination.0.clone()),
            (None, None) => text.plain("nobody"),
        }
    };
    let stale = |is_stale: &bool| if *is_stale { "; the rules are stale." } else { "." };
    match fact {
        Network::Drawn { number, of, is_stale } => {
            let text = sends().plain(", drawn: ").number(number).plain(" of ").number(of);
            text.plain(stale(is_stale))
        }
        Network::InTurn { number, of, is_stale, .. } => {
            let text = sends().plain(" in turn: ").number(number).plain(" of ").number(of);
            text.plain(stale(is_stale))
        }
        Network::SameClient { .. } => sends().plain(", as the client\u{2019}s last connection."),
        Network::NoEndpoint { is_stale } => {
            named(Text::new().plain("Rejects it: ")).plain(" has no usable endpoint").plain(stale(is_stale))
        }
        Network::NoLocalEndpoint => {
            named(Text::new().plain("Drops it: ")).plain(" has no endpoint on this node.")
        }
        Network::NoSuchPort { port } => {
            named(Text::new().plain("Catches nothing: ")).plain(" has no port ").number(port).plain(".")
        }
        Network::NoWayIn => {
            named(Text::new().plain("Finds no way in to ")).plain(": neither node port nor load balancer.")
        }
        Network::NoRules => named(Text::new().plain("Has no rules for ")).plain(" yet."),
        _ => sends().plain(": no Service has this address."),
    }
}

fn arrives(place: Text, fact: &Network) -> Text {
    match fact {
        Network::Listens => place.plain(" answers."),
        Network::Works { takes_ms } => place.plain(" works on it for ").number(time(*takes_ms)).plain("."),
        Network::NoSandbox => place.plain(" is gone: nothing comes back."),
        Network::NoNode => place.plain(" is gone with its node: nothing comes back."),
        Network::ProcessEnded => place.plain(" refuses: its process has ended."),
        Network::NotListening => place.plain(" refuses: nobody listens on this port."),
        _ => place.plain(" answers, beyond what is simulated."),
    }
}

fn responds(fact: &Network, response: &Respond) -> Text {
    let pod = ObjectRef::new(Kind::Pod, response.pod.0.clone());
    match fact {
        Network::AnswersAfter { after_ms } => {
            Text::new().object(&pod).plain(" answers after ").number(time(*after_ms)).plain(".")
        }
        Network::GivesUp { after_ms, .. } => Text::new()
            .plain("Gives up after ")
            .number(time(*after_ms))
            .plain(": no answer of ")
            .object(&pod)
            .plain("."),
        Network::NoNode => Text::new().plain("Hears no more of ").object(&pod).plain(": its node is gone."),
        // Its process has ended before.
        _ => Text::new().object(&pod).plain(" resets the connection: its process has ended."),
    }
}

/// `300ms`, `1.5s`
fn time(milliseconds: u64) -> String {
    Duration::from_millis(milliseconds).as_go()
}

/// The arithmetic.
#[inline(never)]
pub(super) fn detail(fact: &Network, step: &Step) -> Detail {
    match fact {
        Network::Name { dots, ndots, names } => Detail::new("The name", "resolv.conf")
            .row("dots", format!("fewer than ndots {ndots}: the search path comes first"), dots)
            .row("names to try", "the search path, and the name itself", names),
        Network::KeptAnswer { left_seconds } => Detail::new("The name", "resolv.conf").row(
            "may be kept for",
            "of its ttl",
            format!("{left_seconds} s"),
        ),
        Network::KeptConnection { age_ms } => {
            Detail::new("The connection", "conntrack").row("open for", "", format!("{age_ms} ms"))
        }
        Network::Question { number, of } => {
            Detail::new("The name", "resolv.conf").row("name", format!("{number} of {of}"), number)
        }
        Network::Record { addresses, ttl_seconds } => Detail::new("The answer", "CoreDNS")
            .row("addresses", "", addresses)
            .row("may be kept for", "ttl", format!("{ttl_seconds} s")),
        Network::Drawn { number, of, .. } => shares(step, *number, *of),
        Network::InTurn { number, of, turn, .. } => {
            Detail::new("The choice", "ipvs rr").row("endpoint", format!("turn {turn} over {of}"), number)
        }
        Network::SameClient { number, ago_ms, timeout_seconds } => {
            Detail::new("The choice", "sessionAffinity")
                .row("endpoint", "of the client's last connection", number)
                .row("last used", format!("holds for {timeout_seconds} s"), format!("{ago_ms} ms ago"))
        }
        Network::NoSuchPort { port } => Detail::new("The rules", "").row("port", "in no rule", port),
        Network::Works { takes_ms } => work("takes", *takes_ms, None),
        Network::AnswersAfter { after_ms } => work("took", *after_ms, None),
        Network::EndedBefore { after_ms, takes_ms } => work("ended after", *after_ms, Some(*takes_ms)),
        Network::GivesUp { after_ms, takes_ms } => work("waited for", *after_ms, Some(*takes_ms)),
        Network::Allowed { policy, of } | Network::Denied { policy, of } => {
            Detail::new("The verdict", "NetworkPolicy").row("policies", format!("{policy} and others"), of)
        }
        Network::NobodySends
        | Network::IsAddress
        | Network::FromOutside
        | Network::NoRecord { .. }
        | Network::NoService
        | Network::NoEndpoint { .. }
        | Network::NoLocalEndpoint
        | Network::NoRules
        | Network::NoWayIn
        | Network::Listens
        | Network::Beyond
        | Network::NoSandbox
        | Network::ProcessEnded
        | Network::NoNode
        | Network::NotListening => Detail::default(),
    }
}

/// How long a process worked on a request, and how long it would have.
fn work(name: &'static str, milliseconds: u64, whole: Option<u64>) -> Detail {
    let of = whole.map_or_else(String::new, |whole| format!("of {whole} ms"));
    Detail::new("The answer", "response-time").row(name, of, format!("{milliseconds} ms"))
}

/// `p 0.500`: the chance that each rule of a chain takes what the ones before it left.
fn shares(step: &Step, number: usize, of: usize) -> Detail {
    let detail = Detail::new("The choice", "statistic mode random");
    let left = of + 1 - number.min(of);
    let revision = match passage(step).map(|passage| &passage.hop) {
        Some(Hop::Pick(Pick { rules: Some((_, rules)), .. })) => rules.revision,
        _ => 0,
    };
    detail
        .row(
            "rule",
            format!("{number} of {of}, 1 of the {left} that are left"),
            format!("p {:.3}", 1.0 / left as f64),
        )
        .row("rules", "from revision", revision)
}

/// The manifest fields that decided.
pub(super) fn fields(fact: &Network) -> &'static [&'static str] {
    match fact {
        Network::Name { .. } | Network::Question { .. } => &["spec.dnsPolicy", "spec.dnsConfig"],
        Network::Record { .. } | Network::NoRecord { .. } => {
            &["spec.clusterIP", "spec.externalName", "spec.publishNotReadyAddresses"]
        }
        Network::Drawn { .. } | Network::InTurn { .. } | Network::NoEndpoint { .. } => &["spec.selector"],
        Network::SameClient { .. } => &["spec.sessionAffinity", "spec.sessionAffinityConfig"],
        Network::NoLocalEndpoint => &["spec.internalTrafficPolicy", "spec.externalTrafficPolicy"],
        Network::NoSuchPort { .. } => &["spec.ports"],
        Network::NoWayIn | Network::FromOutside => &["spec.type", "spec.ports"],
        Network::Allowed { .. } | Network::Denied { .. } => {
            &["spec.podSelector", "spec.ingress", "spec.egress"]
        }
        Network::NotListening => &["spec.ports", "spec.containers"],
        Network::Works { .. } | Network::AnswersAfter { .. } | Network::GivesUp { .. } => {
            &["metadata.annotations"]
        }
        Network::EndedBefore { .. } => &["metadata.annotations", "spec.terminationGracePeriodSeconds"],
        Network::NobodySends
        | Network::IsAddress
        | Network::KeptAnswer { .. }
        | Network::KeptConnection { .. }
        | Network::NoService
        | Network::NoRules
        | Network::Listens
        | Network::Beyond
        | Network::NoSandbox
        | Network::NoNode
        | Network::ProcessEnded => &[],
    }
}

fn passage(step: &Step) -> Option<&Passage> {
    if let What::Hop(passage) = &step.what { Some(passage) } else { None }
}
