//! Zoom, fit and legend.

use yew::prelude::*;

use super::StageCommand;
use super::sprite::Icon;
use crate::model::frame::StageView;

/// What the tools need.
#[derive(Properties, PartialEq)]
pub struct ToolsProps {
    /// The scale that is shown, in percent.
    pub percent: u32,
    /// What the stage shows.
    pub view: StageView,
    /// Another view was asked for.
    pub on_view: Callback<StageView>,
    /// Zoom and fit.
    pub on_command: Callback<StageCommand>,
    /// The legend was asked for.
    pub on_legend: Callback<()>,
}

/// The row of tools in the stage's corner.
#[component]
pub fn Tools(props: &ToolsProps) -> Html {
    let tool = |label: &'static str, icon: &'static str, command: StageCommand| {
        let onclick = props.on_command.reform(move |_: MouseEvent| command);
        html! { <button class="ibtn" type="button" aria-label={label} title={label} {onclick}><Icon name={icon} size={14} /></button> }
    };
    html! {
        <div class="stage-tools" role="toolbar" aria-label="View">
            <ViewSwitch view={props.view} on_view={props.on_view.clone()} />
            { tool("Zoom out (-)", "minus", StageCommand::ZoomOut) }
            <span class="z num">{ format!("{}%", props.percent) }</span>
            { tool("Zoom in (+)", "plus", StageCommand::ZoomIn) }
            { tool("Fit (F)", "fit", StageCommand::Fit) }
            <button class="ibtn" type="button" aria-label="Legend (L)" title="Legend (L)"
                onclick={props.on_legend.reform(|_: MouseEvent| ())}><Icon name="help" size={14} /></button>
        </div>
    }
}

/// What the switch needs.
#[derive(Properties, PartialEq)]
pub struct ViewSwitchProps {
    /// What the stage shows.
    pub view: StageView,
    /// Another view was asked for.
    pub on_view: Callback<StageView>,
}

/// The switch between the stage's two views.
#[component]
pub fn ViewSwitch(props: &ViewSwitchProps) -> Html {
    let button = |view: StageView, label: &'static str| {
        let onclick = props.on_view.reform(move |_: MouseEvent| view);
        html! {
            <button type="button" title={format!("{label} (N)")} aria-pressed={(props.view == view).to_string()} {onclick}>
                { label }
            </button>
        }
    };
    html! {
        <span class="seg views" role="group" aria-label="What the stage shows">
            { button(StageView::Nodes, "Nodes") }
            { button(StageView::Network, "Network") }
        </span>
    }
}
