//! Everything that can happen to the model.

use std::rc::Rc;

use kubestep_core::api::{Key, ObjectRef};
use kubestep_core::engine::StepId;

use super::File;
use super::directory::DirectoryMessage;
use super::frame::FrameMessage;
use super::rail::RailMessage;
use crate::breakpoints::Breakpoint;
use crate::panels::timeline::axis::Axis;

/// Everything that can happen to the model.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// The viewer moves through the known steps.
    Go(Go),
    /// To the next step that makes this true, however far in the future it lies.
    Seek(Breakpoint),
    /// Playing and where it stops.
    Playback(PlaybackMessage),
    /// The text in the editor is now this.
    Typed(String),
    /// The draft with this serial has rested long enough to be read.
    ReadDraft(u32),
    /// Opens a file in the editor.
    OpenFile(File),
    /// The text of cluster.yaml is now this.
    TypedCluster(String),
    /// Starts over on the cluster that the open file describes, or applies the manifests if that is the open one.
    Apply,
    /// Takes back the last thing that was done; what it led to is kept as a replaced future.
    Undo,
    /// A line typed at the kubectl prompt.
    Kubectl(String),
    /// A line that lets something go next or holds it back: one step on, and no further.
    Order(String),
    /// Adds a client of this Service to cluster.yaml, to be applied there.
    SendRequests(Key),
    /// Makes the next request of this client steps, and goes to its first hop.
    Follow(Rc<str>),
    /// Computes the next stretch of steps of the timeline with this serial.
    Compute(u32),
    /// Opens a replaced future again; counts from 0.
    OpenBranch(usize),
    /// Starts over with an example; counts from 0 in [`crate::lessons::ALL`].
    OpenLesson(usize),
    /// Starts over with an empty cluster and an empty editor.
    New,
    /// Starts over with what was applied first.
    Reset,
    /// The rail of a deletion.
    Rail(RailMessage),
    /// The manifest directories of nodes.
    Directory(DirectoryMessage),
    /// Opens the menu of what can be done to a figure of the stage, at this place of the window.
    OpenMenu(String, (i32, i32)),
    /// Closes it.
    CloseMenu,
    /// Picks an object, or none.
    Select(Option<ObjectRef>),
    /// Picks an object and goes to the step that last wrote it.
    Why(ObjectRef),
    /// Puts the focus on the kubectl line, opening its panel.
    FocusTerminal,
    /// The frame around the picture.
    Frame(FrameMessage),
    /// Puts the caret on a line of the draft, counted from 1.
    RevealLine(usize),
    /// Another tab of the inspector.
    OpenTab(InspectorTab),
    /// Copies a link to the step in view.
    CopyLink,
    /// Keeps the session for the next visit.
    Save,
    /// The passing notice has been read.
    ForgetNotice(u32),
}

/// A move through the known steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Go {
    /// Before the first step.
    Start,
    /// The last step.
    End,
    /// Forward by a stride.
    Forward(Stride),
    /// Back by a stride.
    Back(Stride),
    /// One step forward (or back) of many, as the key is held: no animation.
    Glide {
        /// Forward, or back.
        forward: bool,
    },
    /// To a step, with its animation's end state.
    To(StepId),
    /// To a step, or the start, while dragging: no animation.
    Scrub(Option<StepId>),
    /// To where the next span begins.
    NextSpan,
    /// To where this span began, or the one before.
    PreviousSpan,
    /// To the next step by the component that made this one.
    NextOfActor,
    /// To its previous step.
    PreviousOfActor,
}

/// How far one press goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stride {
    /// One step.
    #[default]
    Into,
    /// One reconcile: everything that one look by one component did.
    Over,
    /// One command: everything until the next thing the user did.
    Out,
}

/// Playing, and where it stops.
#[derive(Clone, Debug, PartialEq)]
pub enum PlaybackMessage {
    /// Play if paused, pause if playing.
    Toggle,
    /// The step with this serial has been shown long enough.
    Tick(u64),
    /// So many times as fast.
    Speed(f32),
    /// How far a press of the step buttons goes.
    Stride(Stride),
    /// What the timeline's axis counts.
    Axis(Axis),
    /// Stops where this becomes true.
    AddBreakpoint(Breakpoint),
    /// Removes the breakpoint with this number.
    RemoveBreakpoint(u32),
}

/// A tab of the inspector's lower half.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InspectorTab {
    /// Every object in the store.
    Objects,
    /// Kubernetes' Events.
    #[default]
    Events,
    /// The conditions of the object in view.
    Conditions,
    /// Who could go next.
    Next,
    /// The environment of a pod's containers.
    Env,
    /// What clients sent, and what became of it.
    Requests,
}
