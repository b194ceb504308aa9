//! The text outline of the stage, for those who do not see it.

use yew::prelude::*;

use crate::scene::Scene;
use crate::scene::outline::outline;
use crate::shared::Shared;

/// What the outline is of.
#[derive(Properties, PartialEq)]
pub struct OutlineProps {
    /// The scene.
    pub scene: Shared<Scene>,
}

/// A hidden list that says what the stage shows.
#[component]
pub fn Outline(props: &OutlineProps) -> Html {
    html! {
        <ul class="sr" id="stage-outline">
            { for outline(&props.scene).into_iter().map(|line| html! { <li>{ line.text }</li> }) }
        </ul>
    }
}
