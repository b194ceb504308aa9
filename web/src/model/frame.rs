//! The frame around the picture: which panels are open, how wide, which dialog is up, how small the window is.

use serde::{Deserialize, Serialize};

use crate::panels::edge::Side;

/// How much room there is, from the window's width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// Everything side by side (from 1360 px).
    Wide,
    /// The inspector lies over the stage (from 1100 px).
    Medium,
    /// Both side panels do (from 760 px).
    Narrow,
    /// One column with tabs.
    Column,
}

impl Room {
    /// The room that a window of this many CSS pixels gives.
    pub fn of(width: f64) -> Self {
        match width {
            width if width >= 1360.0 => Self::Wide,
            width if width >= 1100.0 => Self::Medium,
            width if width >= 760.0 => Self::Narrow,
            _ => Self::Column,
        }
    }
}

/// The colours of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Light on dark.
    Dark,
    /// Dark on light.
    Light,
}

impl Theme {
    /// What `data-theme` says.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
        }
    }

    /// The theme of that name; dark unless it is `light`.
    pub fn named(name: &str) -> Self {
        if name == "light" { Self::Light } else { Self::Dark }
    }

    const fn other(self) -> Self {
        match self {
            Self::Dark => Self::Light,
            Self::Light => Self::Dark,
        }
    }
}

/// A tab of the one-column page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The picture.
    Stage,
    /// The step and its causes.
    Why,
    /// The manifests.
    Yaml,
    /// Objects, Events, conditions.
    Objects,
    /// The kubectl line.
    Kubectl,
}

/// What the stage shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StageView {
    /// Who acts, what is desired, what runs.
    #[default]
    Nodes,
    /// From names to connections: Services, their clients and pods.
    Network,
}

impl StageView {
    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Nodes => Self::Network,
            Self::Network => Self::Nodes,
        }
    }
}

/// What lies over the page; never two at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overlay {
    /// Go to a step or an object.
    GoTo,
    /// The keyboard's shortcuts.
    Shortcuts,
    /// What the marks mean.
    Legend,
    /// Examples to start from.
    Lessons,
    /// What Apply would change.
    Review,
    /// Where play shall stop.
    Breakpoints,
    /// Futures that were replaced.
    Branches,
    /// The one-column page's menu.
    Menu,
}

/// A panel that can be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Panel {
    /// Editor and kubectl.
    Left,
    /// The inspector.
    Right,
    /// The timeline's lanes; the transport always stays.
    Timeline,
    /// The kubectl line takes most of the left panel.
    TallTerminal,
}

/// Widths and switches that outlive a reload.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    /// The left panel's width in CSS pixels, 320 to 560.
    pub left: f64,
    /// The right panel's, 264 to 420; none follows the style sheet.
    pub right: Option<f64>,
    /// The timeline's height, 44 (the transport alone) to 360.
    #[serde(default = "usual_timeline")]
    pub timeline: f64,
    /// Whether single keys act.
    pub single_keys: bool,
}

/// The timeline's height until it is dragged.
const fn usual_timeline() -> f64 {
    228.0
}

/// Below this height the lanes would be unreadable, so that the transport stands alone.
const LOWEST_LANES: f64 = 132.0;

impl Default for Kept {
    fn default() -> Self {
        Self { left: 400.0, right: None, timeline: usual_timeline(), single_keys: true }
    }
}

/// The frame around the picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// How much room there is.
    pub room: Room,
    /// The colours.
    pub theme: Theme,
    /// Whether the viewer asked their system for less movement.
    pub reduced_motion: bool,
    /// Whether editor and kubectl are open.
    pub is_left_open: bool,
    /// Whether the inspector is open.
    pub is_right_open: bool,
    /// Whether the timeline's lanes are.
    pub is_timeline_open: bool,
    /// Whether the kubectl line takes most of the left panel.
    pub is_terminal_tall: bool,
    /// Whether the page is shown to a room: larger, the stage and its sentence alone.
    pub is_projecting: bool,
    /// The tab of the one-column page.
    pub page: Page,
    /// What the stage shows.
    pub view: StageView,
    /// What lies over the page.
    pub overlay: Option<Overlay>,
    /// What outlives a reload.
    pub kept: Kept,
}

/// A change of the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FrameMessage {
    /// The window has this many CSS pixels now.
    Resized(f64),
    /// The other theme.
    SwitchTheme,
    /// Larger for a room, or as usual again.
    Project,
    /// Opens or closes a panel.
    Toggle(Panel),
    /// Another tab of the one-column page.
    Open(Page),
    /// The stage shows this.
    Show(StageView),
    /// The stage shows the other of its two views.
    SwitchView,
    /// Opens an overlay, or closes it if it is the one that is open.
    Over(Overlay),
    /// Closes what lies over the page.
    CloseOverlay,
    /// The left panel's edge was dragged to this width.
    LeftWidth(f64),
    /// The right panel's edge was dragged to this width.
    RightWidth(f64),
    /// The timeline's edge was dragged to this height.
    TimelineHeight(f64),
    /// Single keys act, or do not.
    SingleKeys(bool),
}

impl Frame {
    /// The frame of a window of this width.
    pub fn new(width: f64, theme: Theme, reduced_motion: bool, kept: Kept) -> Self {
        let mut frame = Self {
            room: Room::of(width),
            theme,
            reduced_motion,
            is_left_open: true,
            is_right_open: true,
            is_timeline_open: true,
            is_terminal_tall: false,
            is_projecting: false,
            page: Page::Stage,
            view: StageView::default(),
            overlay: None,
            kept,
        };
        frame.fit();
        frame
    }

    /// The frame after `message`.
    pub fn update(&mut self, message: FrameMessage) {
        match message {
            FrameMessage::Resized(width) => self.resize(Room::of(width)),
            FrameMessage::SwitchTheme => self.theme = self.theme.other(),
            FrameMessage::Project => self.project(),
            FrameMessage::Toggle(panel) => self.toggle(panel),
            FrameMessage::Open(page) => self.page = page,
            FrameMessage::Show(view) => self.view = view,
            FrameMessage::SwitchView => self.view = self.view.other(),
            FrameMessage::Over(overlay) => {
                self.overlay = if self.overlay == Some(overlay) { None } else { Some(overlay) };
            }
            FrameMessage::CloseOverlay => self.overlay = None,
            FrameMessage::LeftWidth(width) => self.kept.left = within(Side::Left, width),
            FrameMessage::RightWidth(width) => self.kept.right = Some(within(Side::Right, width)),
            FrameMessage::TimelineHeight(height) => {
                self.kept.timeline = timeline_height(self.kept.timeline, height)
            }
            FrameMessage::SingleKeys(on) => self.kept.single_keys = on,
        }
    }

    /// Opens the inspector, or on one column its tab.
    pub fn show_inspector(&mut self) {
        match self.room {
            Room::Column => self.page = Page::Objects,
            _ if !self.is_right_open => self.toggle(Panel::Right),
            _ => {}
        }
    }

    /// Closes the left panel where the stations of a deletion would leave the stage no room.
    pub fn make_room_for_rail(&mut self) {
        self.is_left_open = false;
    }

    /// Opens the left panel again, if there is room for it.
    pub fn take_room_back(&mut self) {
        self.is_left_open = !self.is_projecting && matches!(self.room, Room::Wide | Room::Medium);
    }

    /// Opens the editor.
    pub fn show_editor(&mut self) {
        match self.room {
            Room::Column => self.page = Page::Yaml,
            _ if !self.is_left_open => self.toggle(Panel::Left),
            _ => {}
        }
    }

    /// Opens the kubectl line.
    pub fn show_terminal(&mut self) {
        match self.room {
            Room::Column => self.page = Page::Kubectl,
            _ if !self.is_left_open => self.toggle(Panel::Left),
            _ => {}
        }
    }

    fn resize(&mut self, room: Room) {
        if room == self.room {
            return;
        }
        self.room = room;
        self.fit();
    }

    /// Opens what there is room for.
    fn fit(&mut self) {
        self.is_left_open = matches!(self.room, Room::Wide | Room::Medium);
        self.is_right_open = matches!(self.room, Room::Wide);
    }

    fn project(&mut self) {
        self.is_projecting = !self.is_projecting;
        self.fit();
        if self.is_projecting {
            (self.is_left_open, self.is_right_open) = (false, false);
        }
        self.is_timeline_open = !self.is_projecting;
    }

    fn toggle(&mut self, panel: Panel) {
        match panel {
            Panel::Left => self.is_left_open = !self.is_left_open,
            Panel::Right => self.is_right_open = !self.is_right_open,
            Panel::Timeline => self.is_timeline_open = !self.is_timeline_open,
            Panel::TallTerminal => self.is_terminal_tall = !self.is_terminal_tall,
        }
        // Two overlays on a narrow window would cover the whole stage.
        if self.room == Room::Narrow {
            self.is_left_open &= panel != Panel::Right;
            self.is_right_open &= panel != Panel::Left;
        }
    }
}

fn within(side: Side, size: f64) -> f64 {
    let (least, most) = side.bounds();
    size.clamp(least, most)
}

/// The height from there to `wanted`: between the lowest lanes and the transport alone there is nothing.
fn timeline_height(before: f64, wanted: f64) -> f64 {
    let (least, _) = Side::Bottom.bounds();
    let is_growing = wanted > before;
    match wanted {
        wanted if wanted >= LOWEST_LANES => within(Side::Bottom, wanted),
        _ if is_growing && before <= least => LOWEST_LANES,
        _ if is_growing => before,
        _ => least,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(width: f64) -> Frame {
        Frame::new(width, Theme::Dark, false, Kept::default())
    }

    #[test]
    fn a_narrow_window_shows_the_stage_first() {
        let frame = frame(900.0);
        assert!(!frame.is_left_open && !frame.is_right_open);
    }

    #[test]
    fn on_a_narrow_window_one_panel_replaces_the_other() {
        let mut frame = frame(900.0);
        frame.update(FrameMessage::Toggle(Panel::Left));
        frame.update(FrameMessage::Toggle(Panel::Right));
        assert!(!frame.is_left_open && frame.is_right_open);
    }

    #[test]
    fn resizing_within_one_class_keeps_what_is_open() {
        let mut frame = frame(1500.0);
        frame.update(FrameMessage::Toggle(Panel::Right));
        frame.update(FrameMessage::Resized(1480.0));
        assert!(!frame.is_right_open);
    }

    #[test]
    fn dragging_stays_within_the_bounds() {
        let mut frame = frame(1500.0);
        frame.update(FrameMessage::LeftWidth(2000.0));
        frame.update(FrameMessage::RightWidth(-5.0));
        assert_eq!((frame.kept.left, frame.kept.right), (560.0, Some(264.0)));
    }

    #[test]
    fn the_timeline_shows_readable_lanes_or_none() {
        let mut frame = frame(1500.0);
        let mut drag = |height| {
            frame.update(FrameMessage::TimelineHeight(height));
            frame.kept.timeline
        };
        assert_eq!(drag(212.0), 212.0);
        assert_eq!(drag(900.0), 360.0);
        assert_eq!(drag(120.0), 44.0);
        assert_eq!(drag(60.0), LOWEST_LANES);
    }

    #[test]
    fn a_room_sees_the_stage_alone_and_everything_is_back_afterwards() {
        let mut frame = frame(1500.0);
        let before = frame.clone();
        frame.update(FrameMessage::Project);
        assert!(!frame.is_left_open && !frame.is_right_open);
        frame.update(FrameMessage::Project);
        assert_eq!(frame, before);
    }

    #[test]
    fn asking_for_the_open_overlay_closes_it() {
        let mut frame = frame(1500.0);
        frame.update(FrameMessage::Over(Overlay::Legend));
        frame.update(FrameMessage::Over(Overlay::Legend));
        assert_eq!(frame.overlay, None);
    }
}
