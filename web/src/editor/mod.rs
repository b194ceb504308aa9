//! The manifest editor: a CodeMirror that shows what is wrong with a line, what Apply would change, and which
//! line decided the step being watched.

mod codemirror;

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use kubestep_core::assist;
use serde::Serialize;
use wasm_bindgen::prelude::Closure;
use web_sys::Element;
use yew::prelude::*;

use crate::browser;

/// Something to say about a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LineNote {
    /// The line, from 1.
    pub line: usize,
    /// The column the words begin at, from 1; none underlines the whole line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// The column behind the words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<usize>,
    /// How bad it is.
    pub severity: LineSeverity,
    /// The sentence shown under the line.
    pub message: String,
    /// What was probably meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<LineFix>,
}

/// What would put a note's line right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LineFix {
    /// The line, from 1.
    pub line: u32,
    /// The column of what is replaced, from 1.
    pub column: u32,
    /// How many characters are replaced.
    pub length: u32,
    /// What takes their place.
    pub text: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LineSeverity {
    /// Applying is refused.
    Error,
    /// Applied, but probably not what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

/// A line that decided the step being watched; one with a title gets a note under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecidingLine {
    /// The line, from 1.
    pub line: usize,
    /// "maxSurge decided step 42".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// "4 desired + 1 = at most 5 pods".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A line that differs from what was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ChangedLine {
    /// The line, from 1.
    pub line: usize,
    /// How it differs.
    pub kind: ChangedKind,
}

/// How a line differs from what was applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum ChangedKind {
    /// It is new.
    #[serde(rename = "add")]
    Added,
    /// It replaces another.
    #[serde(rename = "chg")]
    Changed,
    /// Lines after it are gone.
    #[serde(rename = "del")]
    Removed,
}

/// What a person did in the editor.
pub enum EditorEvent {
    /// The text is now this.
    Typed(String),
    /// Ctrl+Enter.
    Apply,
    /// Esc: the page's single keys work again.
    Left,
}

/// What the editor shows.
#[derive(Properties, PartialEq)]
pub struct EditorProps {
    /// The text; set into the editor when it is not what was typed last.
    pub text: AttrValue,
    /// The name of the file, for assistive technology.
    pub label: AttrValue,
    /// Whether the dark theme is on.
    pub dark: bool,
    /// What there is to say about lines.
    pub notes: Rc<[LineNote]>,
    /// The lines that decided the step.
    pub deciding: Rc<[DecidingLine]>,
    /// The lines that Apply would change.
    pub changed: Rc<[ChangedLine]>,
    /// A line to put the caret on, and a number that changes with each wish.
    #[prop_or_default]
    pub reveal: Option<(usize, u32)>,
    /// Where to report to.
    pub on_event: Callback<EditorEvent>,
}

/// An open CodeMirror and what it calls.
struct Open {
    handle: codemirror::Handle,
    _callbacks: codemirror::Callbacks,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.handle.destroy();
    }
}

type Slot = Rc<RefCell<Option<Open>>>;

/// The manifest editor.
#[component]
pub fn Editor(props: &EditorProps) -> Html {
    let host = use_node_ref();
    let slot: Slot = use_mut_ref(|| None);
    let typed = use_mut_ref(|| props.text.clone());
    // Callbacks are made once, so they look the newest receiver up here.
    let receiver = use_mut_ref(|| props.on_event.clone());
    *receiver.borrow_mut() = props.on_event.clone();
    let opened = use_state(|| false);

    {
        let (host, slot, typed, receiver, opened) =
            (host.clone(), slot.clone(), typed.clone(), receiver.clone(), opened.clone());
        let (text, label, dark) = (props.text.clone(), props.label.clone(), props.dark);
        use_effect_with((), move |()| {
            let open = move || {
                let Some(parent) = host.cast::<Element>() else { return false };
                let callbacks = callbacks(receiver.clone(), typed.clone());
                let Ok(handle) = codemirror::open(&parent, &text, &label, dark, &callbacks) else {
                    return false;
                };
                *slot.borrow_mut() = Some(Open { handle, _callbacks: callbacks });
                opened.set(true);
                true
            };
            // At the first picture the editor's file is still on its way; it announces itself.
            let listener = (!open()).then(|| {
                EventListener::once(&browser::window(), "kubestep:editor", move |_| {
                    open();
                })
            });
            move || drop(listener)
        });
    }

    use_in_editor(&slot, (props.text.clone(), *opened), move |handle, (text, _)| {
        if *typed.borrow() != *text {
            *typed.borrow_mut() = text.clone();
            handle.set_text(text);
        }
    });
    use_in_editor(&slot, (props.dark, *opened), |handle, (dark, _)| handle.set_theme(*dark));
    use_in_editor(&slot, (props.notes.clone(), *opened), |handle, (notes, _)| handle.set_diagnostics(notes));
    use_in_editor(&slot, (props.changed.clone(), *opened), |handle, (lines, _)| handle.set_changes(lines));
    use_in_editor(&slot, (props.deciding.clone(), *opened), |handle, (lines, _)| handle.set_deciding(lines));
    use_in_editor(&slot, (props.reveal, *opened), |handle, (reveal, _)| {
        if let Some((line, _)) = reveal {
            handle.reveal_line(*line);
        }
    });

    // What an element holds besides its shadow root is not drawn: the text gives way when the editor opens.
    html! {
        <div class="code" ref={host}>
            if !*opened { <pre class="code-text">{ props.text.clone() }</pre> }
        </div>
    }
}

/// Runs `act` on the open editor whenever `value` changed.
#[hook]
fn use_in_editor<T, F>(slot: &Slot, value: T, act: F)
where
    T: PartialEq + 'static,
    F: FnOnce(&codemirror::Handle, &T) + 'static,
{
    let slot = slot.clone();
    use_effect_with(value, move |value| {
        if let Some(open) = slot.borrow().as_ref() {
            act(&open.handle, value);
        }
    });
}

fn callbacks(
    receiver: Rc<RefCell<Callback<EditorEvent>>>,
    typed: Rc<RefCell<AttrValue>>,
) -> codemirror::Callbacks {
    let emit = move |event| {
        let receiver = receiver.borrow().clone();
        receiver.emit(event);
    };
    let [change, apply, leave] = std::array::from_fn(|_| emit.clone());
    codemirror::Callbacks {
        on_change: Closure::new(move |text: String| {
            *typed.borrow_mut() = AttrValue::from(text.clone());
            change(EditorEvent::Typed(text));
        }),
        on_apply: Closure::new(move || apply(EditorEvent::Apply)),
        on_leave: Closure::new(move || leave(EditorEvent::Left)),
        on_complete: Closure::new(|text: String, line, column| {
            codemirror::to_javascript(&assist::complete(&text, line, column))
        }),
        on_hover: Closure::new(|text: String, line, column| {
            codemirror::to_javascript(&assist::hover(&text, line, column))
        }),
    }
}
