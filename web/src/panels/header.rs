//! The top line: where this run comes from, what it was seeded with, and the page's own switches.

use yew::prelude::*;

use crate::model::frame::{FrameMessage, Overlay, Theme};
use crate::model::message::Message;
use crate::stage::sprite::Icon;

/// What the top line shows.
#[derive(Properties, PartialEq)]
pub struct HeaderProps {
    /// The lesson's topic.
    pub topic: AttrValue,
    /// The lesson's title, or "Your manifests".
    pub title: AttrValue,
    /// The run's seed.
    pub seed: u64,
    /// The colours that are on.
    pub theme: Theme,
    /// Whether the page is shown to a room.
    pub is_projecting: bool,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The top line.
#[component]
pub fn Header(props: &HeaderProps) -> Html {
    let open = |overlay| over(&props.on, overlay);
    html! {
        <header class="hdr">
            <Brand />
            <span class="hdr-sep"></span>
            <nav class="crumb" aria-label="Lesson">
                <button type="button" onclick={open(Overlay::Lessons)}>{ "Lessons" }</button>
                <Icon name="chevr" size={12} />
                <span>{ props.topic.clone() }</span>
                <Icon name="chevr" size={12} />
                <b>{ props.title.clone() }</b>
            </nav>
            <span class="grow"></span>
            <span class="runmeta">
                <a href="fidelity/index.html" title="Its answers beside those of a real cluster">
                    { "Kubernetes " }<b>{ "1.36" }</b>
                </a>
                <span>{ "seed " }<b class="mono">{ format!("{:04x}", props.seed) }</b></span>
                <span>{ "virtual time" }</span>
            </span>
            <button class="cmdk" type="button" onclick={open(Overlay::GoTo)}>
                <Icon name="search" size={14} />
                <span class="grow">{ "Go to step or object" }</span>
                <span class="kbd">{ "Ctrl K" }</span>
            </button>
            <span class="hdr-tools">
                <button class="ibtn" type="button" aria-label="Copy link to this step"
                    onclick={props.on.reform(|_: MouseEvent| Message::CopyLink)}>
                    <Icon name="share" size={16} />
                </button>
                <button class="ibtn" type="button" aria-label="Projector mode"
                    aria-pressed={props.is_projecting.to_string()}
                    onclick={props.on.reform(|_: MouseEvent| Message::Frame(FrameMessage::Project))}>
                    <Icon name="cast" size={16} />
                </button>
                <ThemeButton theme={props.theme} on={props.on.clone()} />
                <button class="ibtn" type="button" aria-label="Keyboard shortcuts"
                    onclick={open(Overlay::Shortcuts)}>
                    <Icon name="help" size={16} />
                </button>
            </span>
        </header>
    }
}

/// A callback that opens an overlay.
pub fn over<E: 'static>(on: &Callback<Message>, overlay: Overlay) -> Callback<E> {
    on.reform(move |_| Message::Frame(FrameMessage::Over(overlay)))
}

/// "1 step", "2 steps".
pub fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The project's mark and name.
#[component]
pub fn Brand() -> Html {
    html! {
        <h1 class="brand">
            <BrandMark size={20} />
            { "kubestep" }
        </h1>
    }
}

/// How large the mark is.
#[derive(Properties, PartialEq)]
pub struct BrandMarkProps {
    /// Edge length in pixels.
    pub size: u32,
}

/// The project's mark: a heptagon with the sign for one step.
#[component]
pub fn BrandMark(props: &BrandMarkProps) -> Html {
    let size = props.size.to_string();
    html! {
        <svg width={size.clone()} height={size} viewBox="0 0 20 20" fill="none" aria-hidden="true">
            <path d="M10 1.3 16.8 4.6 18.5 12 13.8 17.9H6.2L1.5 12 3.2 4.6z" stroke="currentColor"
                stroke-width="1.5" stroke-linejoin="round" />
            <path d="M6.6 6.2v7.6L11.6 10z" fill="currentColor" />
            <path d="M13.2 6.2v7.6" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" />
        </svg>
    }
}

/// What the theme switch needs.
#[derive(Properties, PartialEq)]
pub struct ThemeButtonProps {
    /// The colours that are on.
    pub theme: Theme,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// Switches the theme.
#[component]
pub fn ThemeButton(props: &ThemeButtonProps) -> Html {
    let (icon, label) = match props.theme {
        Theme::Dark => ("sun", "Switch to the light theme"),
        Theme::Light => ("moon", "Switch to the dark theme"),
    };
    let onclick = props.on.reform(|_: MouseEvent| Message::Frame(FrameMessage::SwitchTheme));
    html! {
        <button class="ibtn" type="button" aria-label={label} {onclick}><Icon name={icon} size={16} /></button>
    }
}
