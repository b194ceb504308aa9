//! The left panel: the scenario, the manifests, what Apply would change, and the kubectl line below.

use std::rc::Rc;

use yew::prelude::*;

use super::directory::Directory;
use super::header::over;
use super::terminal::{Terminal, TerminalLine};
use crate::diff::Changes;
use crate::editor::{ChangedLine, DecidingLine, Editor, EditorEvent, LineNote, LineSeverity};
use crate::model::File;
use crate::model::directory::{DirectoryMessage, DirectoryView};
use crate::model::frame::{FrameMessage, Overlay, Panel};
use crate::model::message::Message;
use crate::stage::sprite::Icon;

/// What the editor half shows.
#[derive(Properties, PartialEq)]
pub struct ManifestsProps {
    /// The text in the editor.
    pub draft: AttrValue,
    /// Whether the dark theme is on.
    pub dark: bool,
    /// What there is to say about lines.
    pub notes: Rc<[LineNote]>,
    /// The lines that decided the step in view.
    pub deciding: Rc<[DecidingLine]>,
    /// The lines that Apply would change.
    pub changed: Rc<[ChangedLine]>,
    /// The same, counted.
    pub changes: Changes,
    /// Which file is open.
    pub file: File,
    /// cluster.yaml, as the editor shows it.
    pub cluster: ClusterFile,
    /// The manifest directories of nodes.
    pub directories: Rc<DirectoryView>,
    /// A line to put the caret on, and a number that changes with each wish.
    pub reveal: Option<(usize, u32)>,
    /// The scenario's name.
    pub scenario: AttrValue,
    /// Whether there is a panel to close.
    pub can_close: bool,
    /// Whether anything was done that can be taken back.
    pub can_undo: bool,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// cluster.yaml, as the editor shows it.
#[derive(Clone, PartialEq)]
pub struct ClusterFile {
    /// Its text.
    pub draft: AttrValue,
    /// What there is to say about its lines.
    pub notes: Rc<[LineNote]>,
    /// The lines that Apply would change.
    pub changed: Rc<[ChangedLine]>,
    /// The same, counted.
    pub changes: Changes,
}

/// The scenario line, the editor and Apply.
#[component]
pub fn Manifests(props: &ManifestsProps) -> Html {
    let on_event = {
        let on = props.on.clone();
        Callback::from(move |event| match event {
            EditorEvent::Typed(text) => on.emit(Message::Typed(text)),
            EditorEvent::Apply => on.emit(Message::Apply),
            EditorEvent::Left => {
                crate::browser::focus("#apply");
            }
        })
    };
    let on_cluster = {
        let on = props.on.clone();
        Callback::from(move |event| match event {
            EditorEvent::Typed(text) => on.emit(Message::TypedCluster(text)),
            EditorEvent::Apply => on.emit(Message::Apply),
            EditorEvent::Left => {
                crate::browser::focus("#apply");
            }
        })
    };
    let was_opened = use_state(|| false);
    {
        let was_opened = was_opened.clone();
        use_effect_with(props.file, move |file| {
            if *file == File::Cluster {
                was_opened.set(true);
            }
        });
    }
    let reveal = |file| props.reveal.filter(|_| props.file == file);
    let close = props.on.reform(|_: MouseEvent| Message::Frame(FrameMessage::Toggle(Panel::Left)));
    html! {
        <>
            <div class="scn">
                <h2 class="over">{ "Scenario" }</h2>
                <button class="scn-pick" type="button" aria-haspopup="dialog"
                    onclick={over(&props.on, Overlay::Lessons)}>
                    <span class="ell">{ props.scenario.clone() }</span>
                    <Icon name="chev" size={14} />
                </button>
                <span class="grow"></span>
                <button class="ibtn ibtn-s" type="button" aria-label="New: empty cluster, empty editor"
                    title="New"
                    onclick={props.on.reform(|_: MouseEvent| Message::New)}>
                    <Icon name="plus" size={16} />
                </button>
                <button class="ibtn ibtn-s" type="button" aria-label="Reset: start this scenario over"
                    title="Reset"
                    onclick={props.on.reform(|_: MouseEvent| Message::Reset)}>
                    <Icon name="loop" size={16} />
                </button>
                if props.can_close {
                    <button class="ibtn ibtn-s" type="button" aria-label="Collapse editor (Ctrl B)"
                        onclick={close}>
                        <Icon name="panel-l" size={16} />
                    </button>
                }
            </div>
            <div class="tabs" role="tablist" aria-label="Files" onkeydown={file_keys(props)}>
                { file_tab(File::Manifests, props.file, props.changes.total() > 0, &props.on) }
                { file_tab(File::Cluster, props.file, props.cluster.changes.total() > 0, &props.on) }
                { for props.directories.tabs.iter().map(|(node, is_changed)| node_tab(props, node, *is_changed)) }
            </div>
            <div class="code-pane" role="tabpanel" id="manifests" aria-labelledby="tab-manifests"
                hidden={props.file != File::Manifests}>
                <Editor text={props.draft.clone()} label="manifests.yaml" dark={props.dark}
                    notes={props.notes.clone()}
                    deciding={props.deciding.clone()} changed={props.changed.clone()} reveal={reveal(File::Manifests)}
                    {on_event} />
            </div>
            <div class="code-pane" role="tabpanel" id="cluster" aria-labelledby="tab-cluster"
                hidden={props.file != File::Cluster}>
                // Opened with its tab for the first time: the first picture does without a second editor.
                if *was_opened || props.file == File::Cluster {
                    <Editor text={props.cluster.draft.clone()} label="cluster.yaml" dark={props.dark}
                        notes={props.cluster.notes.clone()} deciding={Rc::from([])}
                        changed={props.cluster.changed.clone()} reveal={reveal(File::Cluster)}
                        on_event={on_cluster} />
                }
            </div>
            if props.file == File::Directory {
                <div class="code-pane" role="tabpanel" id="directory"
                    aria-labelledby={open_node(props).map(|node| node_tab_id(&node))}>
                    <Directory view={props.directories.clone()} dark={props.dark} can_undo={props.can_undo} on={props.on.clone()} />
                </div>
            } else if props.file == File::Manifests {
                <ApplyBar changes={props.changes.clone()} notes={props.notes.clone()} can_undo={props.can_undo}
                    can_review=true on={props.on.clone()} />
            } else {
                <ApplyBar changes={props.cluster.changes.clone()} notes={props.cluster.notes.clone()}
                    can_undo={props.can_undo} can_review=false on={props.on.clone()} />
            }
        </>
    }
}

const fn tab_id(file: File) -> &'static str {
    match file {
        File::Manifests => "tab-manifests",
        File::Cluster => "tab-cluster",
        File::Directory => "tab-directory",
    }
}

/// Behind a longer name of a node its tab has no room for the path.
const SHORT_NODE: usize = 8;

/// The node whose directory is open, if one is.
fn open_node(props: &ManifestsProps) -> Option<Rc<str>> {
    let first = props.directories.open.first().filter(|_| props.file == File::Directory);
    first.map(|directory| directory.node.clone())
}

fn node_tab_id(node: &str) -> String {
    format!("tab-node-{node}")
}

/// The tab of a node's manifest directory.
fn node_tab(props: &ManifestsProps, node: &Rc<str>, is_changed: bool) -> Html {
    let is_open = open_node(props).as_ref() == Some(node);
    let onclick = {
        let node = node.clone();
        props.on.reform(move |_: MouseEvent| Message::Directory(DirectoryMessage::Open(node.clone())))
    };
    html! {
        <button class="tab" role="tab" type="button" aria-selected={is_open.to_string()} id={node_tab_id(node)} key={node.to_string()}
            aria-controls={is_open.then_some("directory")} tabindex={if is_open { "0" } else { "-1" }}
            title={format!("{node}:/etc/kubernetes/manifests")} {onclick}>
            <Icon name="folder" size={14} />
            { &**node }
            if is_open && node.len() <= SHORT_NODE { { ":…/manifests" } } else { <span class="sr">{ ", manifests" }</span> }
            if is_changed { <span class="mod"></span><span class="sr">{ "not saved" }</span> }
        </button>
    }
}

fn file_tab(file: File, open: File, is_changed: bool, on: &Callback<Message>) -> Html {
    let (name, panel, icon) = match file {
        File::Manifests => ("manifests.yaml", "manifests", "file"),
        File::Cluster | File::Directory => ("cluster.yaml", "cluster", "node"),
    };
    let onclick = on.reform(move |_: MouseEvent| Message::OpenFile(file));
    html! {
        <button class="tab" role="tab" type="button" aria-selected={(file == open).to_string()} id={tab_id(file)}
            aria-controls={panel} tabindex={if file == open { "0" } else { "-1" }} {onclick}>
            <Icon name={icon} size={14} />
            { name }
            if is_changed { <span class="mod"></span><span class="sr">{ "changed" }</span> }
        </button>
    }
}

/// The arrow keys move between tabs, as in every tab list.
fn file_keys(props: &ManifestsProps) -> Callback<KeyboardEvent> {
    let on = props.on.clone();
    let nodes: Vec<Rc<str>> = props.directories.tabs.iter().map(|(node, _)| node.clone()).collect();
    let here = match (props.file, open_node(props)) {
        (File::Manifests, _) => 0,
        (File::Directory, Some(node)) => 2 + nodes.iter().position(|each| *each == node).unwrap_or(0),
        (File::Cluster | File::Directory, _) => 1,
    };
    Callback::from(move |event: KeyboardEvent| {
        let count = nodes.len() + 2;
        let there = match event.key().as_str() {
            "ArrowRight" => (here + 1) % count,
            "ArrowLeft" => (here + count - 1) % count,
            _ => return,
        };
        event.prevent_default();
        // The page's own arrows step through time.
        event.stop_propagation();
        let (message, id) = match there {
            0 => (Message::OpenFile(File::Manifests), tab_id(File::Manifests).to_owned()),
            1 => (Message::OpenFile(File::Cluster), tab_id(File::Cluster).to_owned()),
            node => {
                let node = nodes[node - 2].clone();
                let id = node_tab_id(&node);
                (Message::Directory(DirectoryMessage::Open(node)), id)
            }
        };
        on.emit(message);
        crate::browser::focus(&format!("#{id}"));
    })
}

#[derive(Properties, PartialEq)]
struct ApplyBarProps {
    changes: Changes,
    notes: Rc<[LineNote]>,
    can_undo: bool,
    /// Whether the changes can be looked at side by side.
    can_review: bool,
    on: Callback<Message>,
}

/// How much Apply would change, and what kubectl would say to the file as it is.
#[component]
fn ApplyBar(props: &ApplyBarProps) -> Html {
    let errors = props.notes.iter().filter(|note| note.severity == LineSeverity::Error);
    let first = errors.clone().next().map(|note| (note.line, note.column));
    let apply = props.on.reform(|_: MouseEvent| Message::Apply);
    html! {
        <div class="apply">
            <span class="pend" role="status">
                if let Some((line, column)) = first {
                    <ErrorCount count={errors.count()} {line} {column} on={props.on.clone()} />
                } else {
                    { pending(&props.changes) }
                }
            </span>
            <span class="grow"></span>
            if props.can_undo {
                <button class="ibtn ibtn-s" type="button" aria-label="Take back the last command"
                    title="Take back the last command" onclick={props.on.reform(|_: MouseEvent| Message::Undo)}>
                    <Icon name="undo" size={16} />
                </button>
            }
            if props.can_review && props.changes.total() > 0 {
                <button class="btn btn-quiet" type="button" onclick={over(&props.on, Overlay::Review)}>
                    { "Review" }
                </button>
            }
            <button class="btn btn-pri" type="button" id="apply" onclick={apply}>
                { "Apply " }<span class="kbd">{ "Ctrl Enter" }</span>
            </button>
        </div>
    }
}

fn pending(changes: &Changes) -> Html {
    if changes.total() == 0 {
        return html! { { "Applied as it stands" } };
    }
    let noun = if changes.total() == 1 { "change" } else { "changes" };
    html! {
        <>
            <b>{ format!("{} {noun}", changes.total()) }</b>{ "pending" }
            <span class="delta">
                if changes.added > 0 { <span class="a">{ format!("+{} ", changes.added) }</span> }
                if changes.changed > 0 { { format!("~{} ", changes.changed) } }
                if changes.removed > 0 { <span class="d">{ format!("-{}", changes.removed) }</span> }
            </span>
        </>
    }
}

#[derive(Properties, PartialEq)]
struct ErrorCountProps {
    count: usize,
    line: usize,
    column: Option<usize>,
    on: Callback<Message>,
}

/// Where the first error is; pressing it goes there.
#[component]
fn ErrorCount(props: &ErrorCountProps) -> Html {
    let line = props.line;
    let onclick = props.on.reform(move |_: MouseEvent| Message::RevealLine(line));
    let place = match props.column {
        Some(column) => format!("line {line}, column {column}"),
        None => format!("line {line}"),
    };
    html! {
        <button class="errors" type="button" {onclick}>
            { super::header::counted(props.count, "error", "errors") }{ ", " }<u>{ place }</u>
        </button>
    }
}

/// What the whole left panel shows.
#[derive(Properties, PartialEq)]
pub struct LeftProps {
    /// The editor half.
    pub manifests: Html,
    /// The screen of the kubectl line.
    pub lines: Rc<[TerminalLine]>,
    /// What was typed before.
    pub history: Rc<[AttrValue]>,
    /// Something to type.
    pub suggestion: AttrValue,
    /// What can stand at the end of a kubectl line.
    pub complete: Callback<String, Vec<String>>,
    /// Whether the kubectl line takes most of the panel.
    pub is_terminal_tall: bool,
    /// Where to report to.
    pub on: Callback<Message>,
    /// The panel's edge.
    #[prop_or_default]
    pub children: Html,
}

/// Editor and kubectl line, one above the other.
#[component]
pub fn Left(props: &LeftProps) -> Html {
    html! {
        <aside class="left" aria-label="Manifests">
            { props.manifests.clone() }
            <Terminal lines={props.lines.clone()} history={props.history.clone()}
                suggestion={props.suggestion.clone()} complete={props.complete.clone()}
                is_tall={props.is_terminal_tall} on_line={props.on.reform(Message::Kubectl)}
                on_toggle={props.on.reform(|()| Message::Frame(FrameMessage::Toggle(Panel::TallTerminal)))} />
            { props.children.clone() }
        </aside>
    }
}

/// What the closed panel reports to.
#[derive(Properties, PartialEq)]
pub struct RailProps {
    /// Whether the draft differs from what was applied.
    pub has_changes: bool,
    /// Where to report to.
    pub on: Callback<Message>,
}

/// The closed left panel: a rail that opens it.
#[component]
pub fn Rail(props: &RailProps) -> Html {
    let open = props.on.reform(|_: MouseEvent| Message::Frame(FrameMessage::Toggle(Panel::Left)));
    html! {
        <nav class="left-rail" aria-label="Panels">
            <h2 class="sr">{ "Panels" }</h2>
            <button class="ibtn" type="button" aria-label="Open editor and kubectl (Ctrl B)"
                onclick={open.clone()}>
                <Icon name="file" size={16} />
                if props.has_changes { <span class="dot"></span> }
            </button>
            <button class="ibtn" type="button" aria-label="Open the kubectl line" onclick={open}>
                <Icon name="term" size={16} />
            </button>
            <button class="ibtn" type="button" aria-label="Lessons" onclick={over(&props.on, Overlay::Lessons)}>
                <Icon name="book" size={16} />
            </button>
        </nav>
    }
}
