//! The sentence about a step: as the inspector prints it, as one line when the inspector is closed, and as it is
//! announced to those who listen.

use kubestep_core::api::{Kind, ObjectRef, ReplicaSet};
use kubestep_core::apiserver::Store;
use kubestep_core::engine::Step;
use kubestep_core::narration::{self, Span, Text};
use yew::prelude::*;

use crate::actor::Who;
use crate::scene::network::stations::short;
use crate::stage::sprite::Icon;

/// A sentence in spans.
#[derive(Properties, PartialEq)]
pub struct SentenceProps {
    /// The sentence.
    pub text: Text,
    /// Makes its objects buttons that pick them.
    #[prop_or_default]
    pub on_object: Option<Callback<ObjectRef>>,
}

/// A sentence: objects and fields in the code face, objects linked.
#[component]
pub fn Sentence(props: &SentenceProps) -> Html {
    html! { <>{ for props.text.0.iter().map(|span| piece(span, props.on_object.as_ref())) }</> }
}

fn piece(span: &Span, on_object: Option<&Callback<ObjectRef>>) -> Html {
    match span {
        Span::Plain(words) => html! { { &**words } },
        Span::Number(number) => html! { <span class="num">{ &**number }</span> },
        Span::Field(path) => html! { <code>{ &**path }</code> },
        Span::Object(object) => {
            let Some(on_object) = on_object else { return html! { <code>{ object.name() }</code> } };
            let title = object.to_string();
            let object_of_click = object.clone();
            let onclick = on_object.reform(move |_: MouseEvent| object_of_click.clone());
            html! { <button class="objref" type="button" {title} {onclick}>
                <code>{ object.name() }</code>
            </button> }
        }
    }
}

/// The step that one line of narration is about.
#[derive(Properties, PartialEq)]
pub struct SayStripProps {
    /// Its number, from 1; none before the first.
    pub number: Option<u32>,
    /// Who acts.
    pub actor: Option<kubestep_core::engine::Actor>,
    /// What it says.
    pub text: Text,
    /// Opens the inspector.
    pub on_why: Callback<()>,
}

/// One line of narration below the stage, where the inspector is closed.
#[component]
pub fn SayStrip(props: &SayStripProps) -> Html {
    let onclick = props.on_why.reform(|_: MouseEvent| ());
    html! {
        <section class="say-strip" aria-label="The step">
            if let Some(number) = props.number { <span class="stp-n num">{ format!("Step {number}") }</span> }
            if let Some(actor) = &props.actor {
                <Who actor={actor.clone()} />
            }
            <span class="ell" title={props.text.to_string()}><Sentence text={props.text.clone()} /></span>
            <button class="btn btn-s" type="button" {onclick}><Icon name="why" size={14} />{ "Why" }</button>
        </section>
    }
}

/// A finger's way over the sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swipe {
    /// To the left: on.
    Left,
    /// To the right: back.
    Right,
}

/// What to announce.
#[derive(Properties, PartialEq)]
pub struct AnnouncerProps {
    /// The whole announcement; a new one interrupts nothing.
    pub text: AttrValue,
}

/// The page's only polite live region: actor, sentence and step number, for those who listen instead of looking.
#[component]
pub fn Announcer(props: &AnnouncerProps) -> Html {
    html! { <div class="sr" aria-live="polite" aria-atomic="true">{ props.text.clone() }</div> }
}

/// "Deployment controller: Scales web from 2 to 3. Step 42 of 118."
pub fn announcement(step: &Step, steps: usize) -> String {
    let number = step.id.0 + 1;
    format!("{}: {} Step {number} of {steps}.", narration::actor(&step.actor), narration::headline(step))
}

/// The objects of a sentence by what tells them apart from their siblings: a pod by its suffix, a ReplicaSet by its
/// revision. For lists, where the whole names would fill the lines.
pub fn with_short_names(text: &Text, store: &Store) -> Text {
    let short = |span: &Span| match span {
        Span::Object(object) => {
            short_name(object, store).map_or_else(|| span.clone(), |name| Span::Field(name.into()))
        }
        Span::Plain(_) | Span::Field(_) | Span::Number(_) => span.clone(),
    };
    Text(text.0.iter().map(short).collect())
}

fn short_name(object: &ObjectRef, store: &Store) -> Option<String> {
    match object.kind {
        Kind::Pod => Some(short(object.name()).to_owned()),
        Kind::ReplicaSet => {
            let revision = store.get::<ReplicaSet>(&object.key)?.revision();
            (revision > 0).then(|| format!("r{revision}"))
        }
        _ => None,
    }
}

/// The first clause of a sentence, in lower case: what a list of causes has room for.
pub fn clause(text: &Text) -> Text {
    let mut clause = Vec::new();
    for span in &text.0 {
        let Span::Plain(words) = span else {
            clause.push(span.clone());
            continue;
        };
        let end =
            words.find(": ").or_else(|| words.find(". ")).or_else(|| words.strip_suffix('.').map(str::len));
        let words_here = &words[..end.unwrap_or(words.len())];
        let words_here = if clause.is_empty() { lower_first(words_here) } else { words_here.to_owned() };
        clause.push(Span::Plain(words_here.into()));
        if end.is_some() {
            break;
        }
    }
    Text(clause)
}

fn lower_first(words: &str) -> String {
    let mut characters = words.chars();
    let Some(first) = characters.next() else { return String::new() };
    [first.to_ascii_lowercase()].into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_ends_at_its_reason() {
        let text = Text::new()
            .plain("Scales the set from ")
            .number(2)
            .plain(" to ")
            .number(3)
            .plain(": one is missing.");
        assert_eq!(clause(&text).to_string(), "scales the set from 2 to 3");
    }

    #[test]
    fn a_short_sentence_only_loses_its_full_stop() {
        assert_eq!(clause(&Text::from("Prints a line.")).to_string(), "prints a line");
    }
}
