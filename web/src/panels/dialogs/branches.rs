//! The futures that were replaced by acting in the past; each can be opened again.

use std::rc::Rc;

use yew::prelude::*;

use crate::model::message::Message;

/// A replaced future, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BranchRow {
    /// What replaced it: the command that was given instead.
    pub replaced_by: AttrValue,
    /// The step it was left at.
    pub left_at: usize,
    /// How many steps it has.
    pub length: usize,
}

/// The replaced futures.
#[derive(Properties, PartialEq)]
pub struct BranchesProps {
    /// Newest first, as the model numbers them.
    pub branches: Rc<[BranchRow]>,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The list of replaced futures.
#[component]
pub fn Branches(props: &BranchesProps) -> Html {
    html! {
        <div class="pop pop-branches" role="dialog" aria-label="Replaced futures">
            <h3 class="over">{ "Replaced futures" }</h3>
            <p class="pop-note">
                { "Acting in the past starts a new future. The one it replaced is kept here; opening it keeps this one." }
            </p>
            { for props.branches.iter().enumerate().map(|(index, branch)| {
                let onclick = props.on.reform(move |_: MouseEvent| Message::OpenBranch(index));
                html! {
                    <button class="item" type="button" {onclick}>
                        <span class="ell">{ format!("Before: {}", branch.replaced_by) }</span>
                        <small>{ format!("left at {}, {} steps", branch.left_at, branch.length) }</small>
                    </button>
                }
            }) }
        </div>
    }
}
