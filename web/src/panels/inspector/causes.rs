//! Why: the chain of causes from the step in view back to what a person did, a timer or a fault.

use kubestep_core::apiserver::Store;
use kubestep_core::engine::{Cause, Step, StepId, Timeline};
use kubestep_core::narration;
use yew::prelude::*;

use crate::actor::{self, Mark};
use crate::model::message::{Go, Message};
use crate::panels::narration::{Sentence, clause, with_short_names};
use crate::shared::Shared;

/// The most causes that are listed before one asks for all.
const MOST: usize = 6;

/// The step whose causes are listed.
#[derive(Properties, PartialEq)]
pub(super) struct CausesProps {
    /// The step.
    pub id: StepId,
    /// The history.
    pub timeline: Shared<Timeline>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The chain of causes, nearest first; each leads to its step.
#[component]
pub(super) fn Causes(props: &CausesProps) -> Html {
    let chain = props.timeline.why_chain(props.id);
    let root = chain.last().and_then(|step| outside_cause(step));
    let all = use_state(|| false);
    let (shown, left_out, last) = if *all { (&chain[..], 0, &[][..]) } else { shortened(&chain) };
    let show_all = Callback::from(move |_: MouseEvent| all.set(true));
    let store = &props.timeline.head().store;
    html! {
        <section>
            <div class="sec-h"><h3 class="over">{ "Why" }</h3></div>
            <ol class={classes!("why", (props.id.0 >= 999).then_some("wide"))}>
                { for shown.iter().map(|step| cause(step, step.id == props.id, store, &props.on)) }
                if left_out > 0 {
                    <li class="between">
                        <button type="button" onclick={show_all}>
                            <span class="txt">{ format!("{left_out} more between") }</span>
                        </button>
                    </li>
                }
                { for last.iter().map(|step| cause(step, false, store, &props.on)) }
                if let Some(words) = root { <li class="root"><span class="txt">{ words }</span></li> }
            </ol>
        </section>
    }
}

/// The nearest causes, how many are left out, and the oldest.
fn shortened<'a>(chain: &'a [&'a Step]) -> (&'a [&'a Step], usize, &'a [&'a Step]) {
    if chain.len() <= MOST {
        return (chain, 0, &[]);
    }
    (&chain[..MOST - 2], chain.len() - MOST, &chain[chain.len() - 2..])
}

/// One cause, and the way to its step.
pub(super) fn cause(step: &Step, is_current: bool, store: &Store, on: &Callback<Message>) -> Html {
    let headline = narration::headline(step);
    let id = step.id;
    let onclick = on.reform(move |_: MouseEvent| Message::Go(Go::To(id)));
    html! {
        <li key={id.0} class={classes!(actor::hue(&step.actor), is_current.then_some("cur"))}>
            <button type="button" title={headline.to_string()} aria-current={is_current.then_some("step")}
                {onclick}>
                <span class="n">{ id.0 + 1 }</span>
                <Mark actor={step.actor.clone()} />
                <span class="txt">
                    <b>{ actor::short(&step.actor) }</b>{ " " }
                    <Sentence text={with_short_names(&clause(&headline), store)} />
                </span>
                <time>{ step.at.to_string() }</time>
            </button>
        </li>
    }
}

/// What started a chain that no command did.
fn outside_cause(step: &Step) -> Option<String> {
    step.causes.iter().find_map(|cause| match cause {
        Cause::Timer(set_by) => Some(format!("A timer ran out that step {} had set", set_by.0 + 1)),
        Cause::Fault(_) => Some("A fault was injected".to_owned()),
        Cause::Command(_) | Cause::Step(_) => None,
    })
}
