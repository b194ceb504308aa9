//! The page below 760 px: one column, a tab for each panel, the transport always in reach.

use kubestep_core::narration;
use web_sys::TouchEvent;
use yew::prelude::*;

use super::{App, keys};
use crate::actor::Who;
use crate::lessons;
use crate::model::frame::{FrameMessage, Overlay, Page};
use crate::model::message::{Go, Message, Stride};
use crate::panels::header::{BrandMark, over};
use crate::panels::inspector::{Halves, Inspector};
use crate::panels::narration::{Sentence, Swipe};
use crate::panels::terminal::Terminal;
use crate::stage::sprite::Icon;
use crate::stage::tools::ViewSwitch;

impl App {
    /// One column with tabs.
    pub(super) fn column(&self, on: &Callback<Message>) -> Html {
        let model = &self.model;
        keys::set_single_keys(model.frame.kept.single_keys);
        let page = model.frame.page;
        let title = model.lesson.map_or("Your manifests", |place| lessons::ALL[place].title);
        html! {
            <div class="mob">
                <header class="m-h">
                    <BrandMark size={22} />
                        <h1 class="ell">{ title }</h1><h2 class="sr">{ page_title(page) }</h2><span class="grow">
                    </span>
                    <button class="ibtn" type="button" aria-label="Copy link to this step"
                        onclick={on.reform(|_: MouseEvent| Message::CopyLink)}>
                        <Icon name="share" size={18} />
                    </button>
                    <button class="ibtn" type="button" aria-label="Lessons and settings" aria-haspopup="true"
                        onclick={over(on, Overlay::Menu)}>
                        <Icon name="menu" size={18} />
                    </button>
                </header>
                <div class="m-body" id="m-page" role="tabpanel">
                    { self.page(page, on) }
                </div>
                if matches!(page, Page::Stage) { { self.say(on) } }
                if !matches!(page, Page::Yaml | Page::Kubectl) { { self.timeline(on) } }
                <nav aria-label="Panels"><div class="m-tabs" role="tablist" aria-label="Panels">
                    { tab(Page::Stage, page, "pod", "Stage", on) }
                    { tab(Page::Why, page, "why", "Why", on) }
                    { tab(Page::Yaml, page, "code", "YAML", on) }
                    { tab(Page::Objects, page, "list", "Objects", on) }
                    { tab(Page::Kubectl, page, "term", "kubectl", on) }
                </div></nav>
            </div>
        }
    }

    fn page(&self, page: Page, on: &Callback<Message>) -> Html {
        let model = &self.model;
        let inspector = |halves| {
            html! {
                <Inspector timeline={model.run.timeline.clone()} cursor={model.run.cursor}
                    selected={model.selected.clone()} tab={model.tab} offered={self.offered()}
                    can_close=false {halves} on={on.clone()} />
            }
        };
        match page {
            Page::Stage => html! {
                <>
                    <nav class="m-view" aria-label="Views">
                        <ViewSwitch view={model.frame.view}
                            on_view={on.reform(|view| Message::Frame(FrameMessage::Show(view)))} />
                    </nav>
                    { self.stage(on) }
                </>
            },
            Page::Why => inspector(Halves::Step),
            Page::Objects => inspector(Halves::Cluster),
            Page::Yaml => html! { <main class="left" aria-label="Manifests">{ self.manifests(on) }</main> },
            Page::Kubectl => html! {
                <main class="left" aria-label="kubectl">
                    <Terminal lines={self.derived.lines.clone()} history={model.typed.clone()}
                        suggestion={self.suggestion()} is_tall=true complete={self.complete.clone()}
                        on_line={on.reform(Message::Kubectl)} />
                </main>
            },
        }
    }

    /// The sentence about the step; swiping it steps.
    fn say(&self, on: &Callback<Message>) -> Html {
        let step = self.model.run.step();
        let steps = self.model.run.timeline.len();
        let on_swipe = on.reform(|swipe| match swipe {
            Swipe::Left => Message::Go(Go::Forward(Stride::Into)),
            Swipe::Right => Message::Go(Go::Back(Stride::Into)),
        });
        html! {
            <SwipeArea {on_swipe}>
                if let Some(step) = step {
                    <div class="hd">
                        <span class="stp-n num">{ format!("Step {} of {steps}", step.id.0 + 1) }</span>
                        <Who actor={step.actor.clone()} />
                    </div>
                    <p class="say"><Sentence text={narration::headline(step)} /></p>
                } else {
                    <div class="hd"><span class="stp-n num">{ "Start" }</span></div>
                    <p class="say">{ "Before the first step: play, or step forward." }</p>
                }
            </SwipeArea>
        }
    }
}

#[derive(Properties, PartialEq)]
struct SwipeAreaProps {
    on_swipe: Callback<Swipe>,
    children: Html,
}

/// Reports a finger that moves far enough sideways.
#[component]
fn SwipeArea(props: &SwipeAreaProps) -> Html {
    /// How far a finger must go, in CSS pixels.
    const FAR_PX: i32 = 48;
    let began = use_mut_ref(|| None::<i32>);
    let at = |event: &TouchEvent| event.changed_touches().get(0).map(|touch| touch.client_x());
    let ontouchstart = {
        let began = began.clone();
        Callback::from(move |event: TouchEvent| *began.borrow_mut() = at(&event))
    };
    let ontouchend = {
        let on_swipe = props.on_swipe.clone();
        Callback::from(move |event: TouchEvent| {
            let (Some(from), Some(to)) = (began.borrow_mut().take(), at(&event)) else { return };
            match to - from {
                way if way <= -FAR_PX => on_swipe.emit(Swipe::Left),
                way if way >= FAR_PX => on_swipe.emit(Swipe::Right),
                _ => {}
            }
        })
    };
    html! { <section class="m-say" aria-label="The step" {ontouchstart} {ontouchend}>
        { props.children.clone() }
    </section> }
}

fn tab(page: Page, open: Page, icon: &'static str, label: &'static str, on: &Callback<Message>) -> Html {
    let onclick = on.reform(move |_: MouseEvent| Message::Frame(FrameMessage::Open(page)));
    html! {
        <button role="tab" type="button" id={tab_id(page)} aria-selected={(page == open).to_string()}
            aria-controls="m-page" {onclick}>
            <Icon name={icon} size={18} />{ label }
        </button>
    }
}

const fn page_title(page: Page) -> &'static str {
    match page {
        Page::Stage => "The cluster",
        Page::Why => "The step",
        Page::Yaml => "Manifests",
        Page::Objects => "Objects, Events, conditions",
        Page::Kubectl => "kubectl",
    }
}

const fn tab_id(page: Page) -> &'static str {
    match page {
        Page::Stage => "m-tab-stage",
        Page::Why => "m-tab-why",
        Page::Yaml => "m-tab-yaml",
        Page::Objects => "m-tab-objects",
        Page::Kubectl => "m-tab-kubectl",
    }
}
