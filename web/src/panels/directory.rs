//! The manifest directories of one or two nodes: their files, and an editor for one of them.

use std::rc::Rc;

use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::editor::{Editor, EditorEvent};
use crate::model::directory::{ChosenFile, DirectoryMessage, DirectoryView, FileRow, OpenDirectory, Place};
use crate::model::message::Message;
use crate::stage::sprite::Icon;

/// What the panel shows.
#[derive(Properties, PartialEq)]
pub struct DirectoryProps {
    /// The directories.
    pub view: Rc<DirectoryView>,
    /// Whether the dark theme is on.
    pub dark: bool,
    /// Whether anything was done that can be taken back.
    pub can_undo: bool,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The open directories, the editor, and what can be done to the file in it.
#[component]
pub fn Directory(props: &DirectoryProps) -> Html {
    let view = &*props.view;
    let on_event = {
        let on = send(&props.on);
        Callback::from(move |event| match event {
            EditorEvent::Typed(text) => on.emit(DirectoryMessage::TypeIn(text)),
            EditorEvent::Apply => on.emit(DirectoryMessage::Save),
            EditorEvent::Left => {
                crate::browser::focus("#save-file");
            }
        })
    };
    html! {
        <>
            <div class={classes!("dirs", (view.open.len() > 1).then_some("two"))}>
                { for view.open.iter().enumerate().map(|(place, directory)| open(props, directory, place)) }
            </div>
            if let Some(file) = &view.chosen {
                <Editor key={format!("{}:{}", file.place.node, file.place.file)} text={AttrValue::from(file.text.clone())}
                    label={AttrValue::from(format!("{} of {}", file.place.file, file.place.node))} dark={props.dark}
                    notes={file.notes.clone()} deciding={file.deciding.clone()} changed={Rc::from([])} {on_event} />
                { bar(props, file) }
            } else {
                <p class="empty-note dir-note">
                    { "A file here is a pod that this node's kubelet runs without asking the API server. The plus begins one." }
                </p>
            }
        </>
    }
}

/// A directory: its path, the one beside it, and its files.
fn open(props: &DirectoryProps, directory: &OpenDirectory, place: usize) -> Html {
    let on = send(&props.on);
    let node = directory.node.clone();
    let begin = {
        let node = node.clone();
        on.reform(move |_: MouseEvent| DirectoryMessage::New(node.clone()))
    };
    html! {
        <section class="dir" key={node.to_string()} aria-label={format!("Directory of {node}")}>
            <div class="pathbar">
                <Icon name="node" size={14} />
                <span class="ell" title={format!("{node}:/etc/kubernetes/manifests")}>{ format!("{node}:/etc/kubernetes/manifests") }</span>
                <span class="grow"></span>
                if place == 0 { { beside(&props.view, &on) } } else {
                    <button class="ibtn ibtn-s" type="button" aria-label={format!("Close the directory of {node}")} title="Close"
                        onclick={on.reform(|_: MouseEvent| DirectoryMessage::Beside(None))}><Icon name="x" size={14} /></button>
                }
                <button class="ibtn ibtn-s" type="button" aria-label={format!("New file on {node}")} title="New file" onclick={begin}>
                    <Icon name="plus" size={14} />
                </button>
            </div>
            { files(directory, &on) }
        </section>
    }
}

/// The choice of the directory that stands beside the first.
fn beside(view: &DirectoryView, on: &Callback<DirectoryMessage>) -> Html {
    let first = view.open.first().map(|directory| directory.node.clone());
    let second = view.open.get(1).map(|directory| directory.node.clone());
    let onchange = on.reform(|event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        DirectoryMessage::Beside((!value.is_empty()).then(|| value.into()))
    });
    let others = view.nodes.iter().filter(|node| Some(*node) != first.as_ref());
    html! {
        <select class="beside" aria-label="Directory beside it" title="Another node's directory beside it" {onchange}>
            <option value="" selected={second.is_none()}>{ "alone" }</option>
            { for others.map(|node| html! {
                <option value={node.to_string()} selected={second.as_ref() == Some(node)}>{ format!("+ {node}") }</option>
            }) }
        </select>
    }
}

fn files(directory: &OpenDirectory, on: &Callback<DirectoryMessage>) -> Html {
    if directory.files.is_empty() {
        return html! { <p class="files none">{ "no file" }</p> };
    }
    let node = directory.node.clone();
    let chosen = directory.files.iter().position(|file| file.is_chosen);
    let onkeydown = {
        let (on, node) = (on.clone(), node.clone());
        let names: Vec<Rc<str>> = directory.files.iter().map(|file| file.name.clone()).collect();
        Callback::from(move |event: KeyboardEvent| {
            let last = names.len() - 1;
            let next = match (&*event.key(), chosen) {
                ("ArrowDown", Some(place)) => (place + 1).min(last),
                ("ArrowUp", Some(place)) => place.saturating_sub(1),
                ("ArrowDown" | "Home" | "Enter" | " ", _) => 0,
                ("ArrowUp" | "End", _) => last,
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            on.emit(DirectoryMessage::Choose(Place { node: node.clone(), file: names[next].clone() }));
        })
    };
    let id = |place: usize| format!("file-{node}-{place}");
    html! {
        <ol class="files" role="listbox" aria-label={format!("Files on {node}")} tabindex="0" {onkeydown}
            aria-activedescendant={chosen.map(id)}>
            { for directory.files.iter().enumerate().map(|(place, file)| row(&node, file, id(place), on)) }
        </ol>
    }
}

fn row(node: &Rc<str>, file: &FileRow, id: String, on: &Callback<DirectoryMessage>) -> Html {
    let place = Place { node: node.clone(), file: file.name.clone() };
    let onclick = on.reform(move |_: MouseEvent| DirectoryMessage::Choose(place.clone()));
    html! {
        <li role="option" {id} aria-selected={file.is_chosen.to_string()} {onclick}>
            <Icon name="file" size={14} />
            <b class="ell">{ &*file.name }</b>
            if file.is_changed { <i class="mod"></i><i class="sr">{ "not saved" }</i> }
            <span>{ size(file.bytes) }</span>
        </li>
    }
}

/// `0.2 kB`
fn size(bytes: usize) -> String {
    format!("{:.1} kB", bytes as f64 / 1000.0)
}

/// Where the file is saved, its name, and what can be done to it.
fn bar(props: &DirectoryProps, file: &ChosenFile) -> Html {
    let on = send(&props.on);
    let other =
        props.view.open.iter().map(|directory| directory.node.clone()).find(|node| *node != file.place.node);
    let other = other.filter(|_| props.view.open.len() > 1);
    let rename = on.reform(|event: Event| {
        DirectoryMessage::Rename(event.target_unchecked_into::<HtmlInputElement>().value())
    });
    html! {
        <div class="apply dir-bar">
            <span class="pend" role="status">
                // One piece of text: what stands side by side here is set apart.
                <span>
                    if file.is_changed || !file.is_saved {
                        { "Not on " }<b>{ &*file.place.node }</b>{ "'s disk yet" }
                    } else {
                        { "Saved on " }<b>{ &*file.place.node }</b>{ ", not in the API" }
                    }
                </span>
            </span>
            <input class="file-name" aria-label="File name" spellcheck="false" value={file.place.file.to_string()} onchange={rename} />
            <span class="grow"></span>
            if props.can_undo {
                <button class="ibtn ibtn-s" type="button" aria-label="Take back the last command"
                    title="Take back the last command" onclick={props.on.reform(|_: MouseEvent| Message::Undo)}>
                    <Icon name="undo" size={16} />
                </button>
            }
            if let Some(node) = other {
                <button class="btn" type="button" onclick={on.reform({ let node = node.clone(); move |_: MouseEvent| DirectoryMessage::MoveTo(node.clone()) })}>
                    { format!("Move to {node}") }
                </button>
            }
            <button class="btn" type="button" onclick={on.reform(|_: MouseEvent| DirectoryMessage::Delete)}>{ "Delete file" }</button>
            <button class="btn btn-pri" type="button" id="save-file" disabled={!file.is_changed}
                onclick={on.reform(|_: MouseEvent| DirectoryMessage::Save)}>
                { "Save" }
            </button>
        </div>
    }
}

fn send(on: &Callback<Message>) -> Callback<DirectoryMessage> {
    on.reform(Message::Directory)
}
