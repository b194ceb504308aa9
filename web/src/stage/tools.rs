//! Zoom, fit and legend.

use yew::prelude::*;

use super::StageCommand;
use super::sprite::Icon;

/// What the tools need.
#[derive(Properties, PartialEq)]
pub struct ToolsProps {
    /// The scale that is shown, in percent.
    pub percent: u32,
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
            { tool("Zoom out (-)", "minus", StageCommand::ZoomOut) }
            <span class="z num">{ format!("{}%", props.percent) }</span>
            { tool("Zoom in (+)", "plus", StageCommand::ZoomIn) }
            { tool("Fit (F)", "fit", StageCommand::Fit) }
            <button class="ibtn" type="button" aria-label="Legend (L)" title="Legend (L)"
                onclick={props.on_legend.reform(|_: MouseEvent| ())}><Icon name="help" size={14} /></button>
        </div>
    }
}
