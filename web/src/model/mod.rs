//! The page's model: plain data, changed by [`update::update`] alone.

mod beside;
pub mod clients;
pub mod directory;
pub mod document;
pub mod effect;
pub mod foresee;
pub mod frame;
pub mod menu;
pub mod message;
pub mod moves;
pub mod opening;
pub mod rail;
pub mod run;
pub mod session;
pub mod update;

use std::rc::Rc;

use kubestep_core::api::ObjectRef;
use yew::AttrValue;

use self::directory::Directories;
use self::document::Document;
use self::frame::Frame;
use self::menu::Menu;
use self::message::{InspectorTab, Stride};
use self::rail::Rail;
use self::run::Run;
use crate::breakpoints::Breakpoint;
use crate::panels::timeline::axis::Axis;

/// Everything the page shows.
#[derive(Clone)]
pub struct Model {
    /// The run being watched.
    pub run: Run,
    /// Playing, and where it stops.
    pub playback: Playback,
    /// manifests.yaml, as it stands in the editor.
    pub document: Document,
    /// cluster.yaml, as it stands in the editor.
    pub cluster: Document,
    /// Which of them is open.
    pub file: File,
    /// The manifest directories of nodes, as they stand in the editor.
    pub directories: Directories,
    /// The nodes that are looked at closely; none where the whole cluster is.
    pub close_up: Vec<Rc<str>>,
    /// What can be done to something on the stage, as a menu.
    pub menu: Option<Menu>,
    /// The frame around the picture.
    pub frame: Frame,
    /// The object that was picked.
    pub selected: Option<ObjectRef>,
    /// The open tab of the inspector.
    pub tab: InspectorTab,
    /// What was typed at the kubectl prompt, oldest first.
    pub typed: Rc<[AttrValue]>,
    /// The lesson that is open, as an index of [`crate::lessons::ALL`]; none for the user's own manifests.
    pub lesson: Option<usize>,
    /// What is looked at station by station.
    pub rail: Option<Rail>,
    /// Something to say in passing, and its number.
    pub notice: Option<(Rc<str>, u32)>,
    /// A line the caret was sent to, and a number that changes with each wish.
    pub reveal: Option<(usize, u32)>,
}

/// A file of the editor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum File {
    /// What is applied to the cluster.
    #[default]
    Manifests,
    /// The cluster itself: its nodes and settings.
    Cluster,
    /// The manifest directories of nodes.
    Directory,
}

/// Playing, and where it stops.
#[derive(Clone, Debug, PartialEq)]
pub struct Playback {
    /// Whether it plays.
    pub is_playing: bool,
    /// How many times as fast as designed.
    pub speed: f32,
    /// Whether this is the first visit's own run: quick, until the viewer does anything.
    pub is_introduction: bool,
    /// How far one press of a step button goes.
    pub stride: Stride,
    /// What the timeline's axis counts.
    pub axis: Axis,
    /// Where it stops, by number.
    pub breakpoints: Rc<[(u32, Breakpoint)]>,
}

impl Default for Playback {
    fn default() -> Self {
        Self {
            is_playing: false,
            speed: 1.0,
            is_introduction: false,
            stride: Stride::Into,
            axis: Axis::Time,
            breakpoints: Rc::from([]),
        }
    }
}
