//! Examples to start from, by topic.

use yew::prelude::*;

use super::Dialog;
use crate::lessons::{ALL, Lesson};
use crate::model::message::Message;

/// The lessons.
#[derive(Properties, PartialEq)]
pub struct LessonsProps {
    /// The lesson that is open.
    pub open: Option<usize>,
    /// Where to report to.
    pub on: Callback<Message>,
    /// Closes without choosing.
    pub on_close: Callback<()>,
}

/// The cards of all lessons, and a choice of topics.
#[component]
pub fn Lessons(props: &LessonsProps) -> Html {
    let topic = use_state(|| None::<&'static str>);
    let mut topics: Vec<&'static str> = ALL.iter().map(|lesson| lesson.topic).collect();
    topics.dedup();
    let choice = |chosen: Option<&'static str>, label: &'static str| {
        let topic = topic.clone();
        let is_on = *topic == chosen;
        let onclick = Callback::from(move |_: MouseEvent| topic.set(chosen));
        html! { <button type="button" aria-pressed={is_on.to_string()} {onclick}>{ label }</button> }
    };
    html! {
        <Dialog title="Lessons" class="dlg-wide" on_close={props.on_close.clone()}>
            <div class="dlg-b" tabindex="0" role="group" aria-label="Lessons">
                <div class="lessons-h">
                    <button class="btn" type="button" onclick={props.on.reform(|_: MouseEvent| Message::New)}>
                        { "New: empty cluster, your own manifests" }
                    </button>
                    <span class="grow"></span>
                    <span class="seg" role="group" aria-label="Topic">
                        { choice(None, "All") }
                        { for topics.iter().map(|topic| choice(Some(topic), topic)) }
                    </span>
                </div>
                <div class="lessons-grid">
                    { for ALL.iter().enumerate()
                        .filter(|(_, lesson)| topic.is_none_or(|topic| topic == lesson.topic))
                        .map(|(place, lesson)| card(place, lesson, props.open == Some(place), &props.on)) }
                </div>
            </div>
        </Dialog>
    }
}

fn card(place: usize, lesson: &Lesson, is_open: bool, on: &Callback<Message>) -> Html {
    let kubectl = lesson.commands.iter().find(|command| command.starts_with("kubectl"));
    let command = kubectl.or(lesson.commands.first()).unwrap_or(&"kubectl apply -f manifests.yaml");
    let onclick = on.reform(move |_: MouseEvent| Message::OpenLesson(place));
    html! {
        <button key={lesson.name} class={classes!("lesson", is_open.then_some("next"))} type="button"
            aria-current={is_open.then_some("true")} {onclick}>
            { thumbnail(lesson.name) }
            <span class="tx">
                <h3>{ lesson.title }<span class="grow"></span>if is_open { <span class="tagl">{ "Open" }</span> }</h3>
                <p>{ lesson.summary }</p>
            </span>
            <span class="lesson-cmd">{ command.replace("{pod}", "NAME") }</span>
        </button>
    }
}

/// A small drawing of what the lesson shows.
fn thumbnail(name: &str) -> Html {
    let drawing = match name {
        "deployment-and-service" => include_str!("../../../../static/lessons/deployment-and-service.svg"),
        "rolling-update" => include_str!("../../../../static/lessons/rolling-update.svg"),
        "no-surge" => include_str!("../../../../static/lessons/no-surge.svg"),
        "recreate" => include_str!("../../../../static/lessons/recreate.svg"),
        "bad-image" => include_str!("../../../../static/lessons/bad-image.svg"),
        "rollback" => include_str!("../../../../static/lessons/rollback.svg"),
        "graceful-deletion" => include_str!("../../../../static/lessons/graceful-deletion.svg"),
        "forced-deletion" => include_str!("../../../../static/lessons/forced-deletion.svg"),
        "endpoint-race" => include_str!("../../../../static/lessons/race.svg"),
        "finalizer" => include_str!("../../../../static/lessons/finalizer.svg"),
        "without-api-server" => include_str!("../../../../static/lessons/without-api-server.svg"),
        "dead-node" => include_str!("../../../../static/lessons/dead-node.svg"),
        "static-pods" => include_str!("../../../../static/lessons/static-pods.svg"),
        "two-tiers" => include_str!("../../../../static/lessons/two-tiers.svg"),
        "wrong-label" => include_str!("../../../../static/lessons/wrong-label.svg"),
        _ => return Html::default(),
    };
    // The markup is our own file, so there is nothing to escape.
    Html::from_html_unchecked(AttrValue::from(drawing))
}
