//! A hop of a followed request: the rules it went by, its packet before and after, what policies said, what DNS answered.

use kubestep_core::network::dns::{Data, SERVER};
use kubestep_core::network::flow::{Answer, Ask, Call, Hop, Judge, Naming, Packet, Pick};
use yew::prelude::*;

use crate::scene::network::rules::{RulesPanel, panel};
use crate::scene::network::stations::code;

/// What a hop was decided by.
pub(super) fn hop(hop: &Hop) -> Html {
    match hop {
        Hop::Call(call) => calls(call),
        Hop::Ask(ask) => asks(ask),
        Hop::Answer(answer) => answers(answer),
        Hop::Pick(pick) => html! {
            <>
                if let Some(panel) = panel(pick) { { rules(&panel) } }
                { packets(pick) }
            </>
        },
        Hop::Judge(judge) => judges(judge),
        Hop::Reuse(reuse) => {
            packet("Packet", "the connection is known: no rule is asked", &reuse.packet, None)
        }
        Hop::Arrive(_) | Hop::Respond(_) => html! {},
    }
}

fn rules(panel: &RulesPanel) -> Html {
    html! {
        <div class="rule net-rule" tabindex="0" role="group" aria-label={panel.title.clone()}>
            <div class="hd"><span>{ &panel.title }</span><span class="mono">{ &panel.mode }</span></div>
            <div>{ &panel.head }</div>
            <table><tbody>
                { for panel.rows.iter().map(|row| html! {
                    <tr class={row.is_chosen.then_some("chosen")}>
                        <td>{ &row.chance }</td><td>{ &row.address }</td><td>{ &row.pod }</td>
                    </tr>
                }) }
            </tbody></table>
            if let Some(otherwise) = &panel.otherwise { <div class="otherwise">{ otherwise }</div> }
            <div class={classes!("written", panel.is_stale.then_some("stale"))}>
                { &panel.written }
                if panel.is_stale { <b>{ "stale: the slices say something else" }</b> }
            </div>
        </div>
    }
}

fn packets(pick: &Pick) -> Html {
    let words = if pick.after.is_some() { "before and after DNAT" } else { "goes no further" };
    packet("Packet", words, &pick.before, pick.after.as_ref())
}

fn packet(title: &'static str, words: &'static str, before: &Packet, after: Option<&Packet>) -> Html {
    let at = |(address, port): &(std::rc::Rc<str>, u16)| format!("{address}:{port}");
    // What is the same on both sides is said once.
    let line = |name: &'static str, old: String, new: Option<String>| match new {
        Some(new) if new != old => html! {
            <>
                <span class="d">{ format!("-{name} {old}") }</span>
                <span class="a">{ format!("+{name} {new}") }</span>
            </>
        },
        _ => html! { <span class="u">{ format!(" {name} {old}") }</span> },
    };
    html! {
        <div class="diff">
            <div class="hd"><b>{ title }</b><span>{ words }</span></div>
            <pre tabindex="0">
                { line("src", at(&before.source), after.map(|after| at(&after.source))) }
                { line("dst", at(&before.destination), after.map(|after| at(&after.destination))) }
            </pre>
        </div>
    }
}

fn calls(call: &Call) -> Html {
    let Naming::Name { candidates, .. } = &call.naming else { return html! {} };
    html! {
        <div class="rule net-rule" tabindex="0" role="group" aria-label="Names to try">
            <div class="hd"><span>{ "Names to try" }</span><span class="mono">{ "/etc/resolv.conf" }</span></div>
            <div>{ format!("nameserver {SERVER}") }</div>
            { for candidates.iter().enumerate().map(|(place, name)| html! { <div>{ format!("{} {name}", place + 1) }</div> }) }
        </div>
    }
}

fn asks(ask: &Ask) -> Html {
    html! {
        <div class="rule net-rule" tabindex="0" role="group" aria-label="Question">
            <div class="hd"><span>{ "Question" }</span><span class="mono">{ format!("{} of {}", ask.number, ask.of) }</span></div>
            <div>{ format!("{}. IN A", ask.name) }</div>
            <div>{ format!("to {}:53", ask.server) }</div>
        </div>
    }
}

fn answers(answer: &Answer) -> Html {
    let record = |data: &Data| match data {
        Data::A(address) => format!("A {address}"),
        Data::Cname(name) => format!("CNAME {name}."),
        Data::Srv { port, target } => format!("SRV {port} {target}."),
    };
    html! {
        <div class="rule net-rule" tabindex="0" role="group" aria-label="Answer">
            <div class="hd"><span>{ "Answer" }</span>
                <span class="mono">{ if answer.reply.is_answer() { "NOERROR" } else { code(answer.reply.code) } }</span></div>
            <div>{ format!("{}.", answer.name) }</div>
            { for answer.reply.records.iter().map(|it| {
                let is_taken = matches!((&it.data, &answer.chosen), (Data::A(address), Some(chosen)) if address == chosen);
                let words = format!("{} IN {}", it.ttl, record(&it.data));
                html! { <div>if is_taken { <b>{ words }</b> } else { { words } }</div> }
            }) }
            if let Some(next) = &answer.next { <div>{ format!("then {next}.") }</div> }
        </div>
    }
}

fn judges(judge: &Judge) -> Html {
    html! {
        <div class="rule net-rule" tabindex="0" role="group" aria-label="NetworkPolicies">
            <div class="hd"><span>{ "NetworkPolicies" }</span><span class="mono">{ &*judge.pod.name }</span></div>
            { for judge.policies.iter().map(|policy| {
                let allows = judge.allowed_by.as_ref() == Some(policy);
                let words = format!("{} {}", if allows { "allows" } else { "does not allow" }, policy.name);
                html! { <div>if allows { <b>{ words }</b> } else { { words } }</div> }
            }) }
        </div>
    }
}
