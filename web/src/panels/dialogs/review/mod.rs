//! What Apply would do: each object as it is and as it would be, the rollouts that would follow, what kubectl would
//! print.

mod plan;

use std::rc::Rc;

use kubestep_core::story::forecast::Outcome;
use yew::prelude::*;

use self::plan::Plan;
use super::Dialog;
use crate::model::foresee::Foreseen;
use crate::panels::inspector::difference::{ChangedLines, MOST_LINES};

/// How many objects are shown open.
const MOST_OPEN: usize = 6;

/// What would happen.
#[derive(Properties, PartialEq)]
pub struct ReviewProps {
    /// What was foreseen.
    pub foreseen: Rc<Foreseen>,
    /// Applies the draft.
    pub on_apply: Callback<()>,
    /// Closes without applying.
    pub on_close: Callback<()>,
}

/// What Apply would do, and the button that does it.
#[component]
pub fn Review(props: &ReviewProps) -> Html {
    let apply = {
        let (on_apply, on_close) = (props.on_apply.clone(), props.on_close.clone());
        Callback::from(move |_: MouseEvent| {
            on_close.emit(());
            on_apply.emit(());
        })
    };
    let Foreseen { forecast, begins_again } = &*props.foreseen;
    let refused = forecast.objects.iter().filter(|outcome| outcome.refusal.is_some()).count();
    let note = if forecast.printed.iter().any(|line| line.is_error)
        && !forecast.objects.is_empty()
        && refused < forecast.objects.len()
    {
        "What is not refused is applied all the same."
    } else {
        "Objects that are left out of the file are left alone."
    };
    html! {
        <Dialog title="What Apply would do" class="review dlg-wide" on_close={props.on_close.clone()}>
            <div class="dlg-b" tabindex="0" role="group" aria-label="What would change">
                if *begins_again {
                    <p class="review-note">{ "These manifests describe other nodes or settings: the scenario would start over." }</p>
                }
                { for forecast.rollouts.iter().map(|rollout| html! { <Plan rollout={rollout.clone()} /> }) }
                if forecast.objects.is_empty() {
                    <p class="review-note">{ "No object would change." }</p>
                }
                { for forecast.objects.iter().enumerate().map(|(place, outcome)| object(place, outcome)) }
                <h3 class="over">{ "kubectl would print" }</h3>
                <pre class="review-said" tabindex="0" role="group" aria-label="What kubectl would print">
                    { for forecast.printed.iter().map(|line| html! {
                        <span class={classes!(line.is_error.then_some("bad"))}>{ format!("{}\n", line.text) }</span>
                    }) }
                </pre>
            </div>
            <div class="apply">
                <span class="pend">{ note }</span>
                <span class="grow"></span>
                <button class="btn btn-pri" type="button" onclick={apply}>{ "Apply" }</button>
            </div>
        </Dialog>
    }
}

/// One object: as kubectl diff shows it.
fn object(place: usize, outcome: &Outcome) -> Html {
    let verdict = match outcome {
        Outcome { refusal: Some(_), .. } => "refused",
        Outcome { before: None, .. } => "created",
        Outcome { .. } => "configured",
    };
    let rows = ChangedLines::between(outcome.before.as_ref(), outcome.after.as_ref());
    html! {
        <details class="review-object" open={place < MOST_OPEN}>
            <summary><b>{ outcome.object.to_string() }</b><span class={classes!("tagl", verdict)}>{ verdict }</span></summary>
            if let Some(words) = &outcome.refusal {
                <p class="review-refusal">{ words }</p>
            } else if rows.is_empty() {
                <p class="review-note">{ "Only what kubectl keeps for its own comparison changes." }</p>
            } else {
                <div class="diff"><pre tabindex="0" role="group" aria-label={format!("Changed lines of {}", outcome.object)}>
                    { rows.first(MOST_LINES) }
                </pre></div>
            }
        </details>
    }
}
