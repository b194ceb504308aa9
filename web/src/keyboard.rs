//! Which key does what: one table, read by the key listener and by the list of shortcuts.

use crate::model::directory::DirectoryMessage;
use crate::model::frame::{FrameMessage, Overlay, Panel};
use crate::model::message::{Go, Message, PlaybackMessage, Stride};
use crate::model::rail::RailMessage;
use crate::stage::StageCommand;

/// A key as it was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press<'a> {
    /// `KeyboardEvent.key`.
    pub key: &'a str,
    /// Ctrl, or Command on a Mac.
    pub ctrl: bool,
    /// Shift.
    pub shift: bool,
    /// Alt.
    pub alt: bool,
    /// Whether the key has been held since an earlier press.
    pub is_held: bool,
}

/// What a key does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// It changes the model.
    Send(Message),
    /// It moves the stage's own view.
    Stage(StageCommand),
}

/// Where a key was pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Keys are text there: only those with Ctrl act.
    pub takes_text: bool,
    /// Space and Enter press what has the focus.
    pub is_button: bool,
    /// Whether single keys act at all.
    pub single_keys: bool,
}

/// What a press does there, if anything.
pub fn deed(press: Press<'_>, place: Place) -> Option<Deed> {
    if press.ctrl {
        return with_ctrl(press);
    }
    if place.takes_text || !place.single_keys {
        return None;
    }
    if place.is_button && matches!(press.key, " " | "Enter") {
        return None;
    }
    single(press)
}

fn with_ctrl(press: Press<'_>) -> Option<Deed> {
    let message = match press.key {
        "k" | "K" => frame(FrameMessage::Over(Overlay::GoTo)),
        "b" | "B" => frame(FrameMessage::Toggle(Panel::Left)),
        "i" | "I" => frame(FrameMessage::Toggle(Panel::Right)),
        "Enter" => Message::Apply,
        "`" => Message::FocusTerminal,
        _ => return None,
    };
    Some(Deed::Send(message))
}

fn single(press: Press<'_>) -> Option<Deed> {
    let stride = match (press.shift, press.alt) {
        (true, _) => Stride::Over,
        (false, true) => Stride::Out,
        (false, false) => Stride::Into,
    };
    let message = match press.key {
        "ArrowRight" if press.is_held && stride == Stride::Into => Message::Go(Go::Glide { forward: true }),
        "ArrowLeft" if press.is_held && stride == Stride::Into => Message::Go(Go::Glide { forward: false }),
        // What switches something must not switch it back and forth while its key is held.
        _ if press.is_held => return None,
        " " => Message::Playback(PlaybackMessage::Toggle),
        "ArrowRight" => Message::Go(Go::Forward(stride)),
        "ArrowLeft" => Message::Go(Go::Back(stride)),
        _ if press.alt => return None,
        "]" => Message::Go(Go::NextSpan),
        "[" => Message::Go(Go::PreviousSpan),
        "." => Message::Go(Go::NextOfActor),
        "," => Message::Go(Go::PreviousOfActor),
        ">" => Message::Rail(RailMessage::Next),
        "<" => Message::Rail(RailMessage::Previous),
        "d" | "D" => Message::Rail(RailMessage::Toggle),
        "Escape" => Message::Directory(DirectoryMessage::Leave),
        "Home" => Message::Go(Go::Start),
        "End" => Message::Go(Go::End),
        "1" => speed(0.25),
        "2" => speed(0.5),
        "3" => speed(1.0),
        "4" => speed(2.0),
        "5" => speed(4.0),
        "b" | "B" => frame(FrameMessage::Over(Overlay::Breakpoints)),
        "l" | "L" => frame(FrameMessage::Over(Overlay::Legend)),
        "t" | "T" => frame(FrameMessage::SwitchTheme),
        "n" | "N" => frame(FrameMessage::SwitchView),
        "p" | "P" => frame(FrameMessage::Project),
        "y" | "Y" => Message::CopyLink,
        "?" => frame(FrameMessage::Over(Overlay::Shortcuts)),
        "f" | "F" => return Some(Deed::Stage(StageCommand::Fit)),
        "+" | "=" => return Some(Deed::Stage(StageCommand::ZoomIn)),
        "-" => return Some(Deed::Stage(StageCommand::ZoomOut)),
        _ => return None,
    };
    Some(Deed::Send(message))
}

fn frame(message: FrameMessage) -> Message {
    Message::Frame(message)
}

fn speed(factor: f32) -> Message {
    Message::Playback(PlaybackMessage::Speed(factor))
}

/// A row of the list of shortcuts.
pub struct Shortcut {
    /// The keys, each drawn as a cap.
    pub keys: &'static [&'static str],
    /// What they do.
    pub does: &'static str,
}

/// A group of the list of shortcuts.
pub struct ShortcutGroup {
    /// What the group is about.
    pub title: &'static str,
    /// Its rows.
    pub shortcuts: &'static [Shortcut],
}

const fn row(keys: &'static [&'static str], does: &'static str) -> Shortcut {
    Shortcut { keys, does }
}

/// The list of shortcuts, in reading order.
pub const SHORTCUTS: [ShortcutGroup; 3] = [
    ShortcutGroup {
        title: "Time",
        shortcuts: &[
            row(&["Space"], "Play or pause"),
            row(&["←", "→"], "One step back, forward"),
            row(&["Shift ←", "Shift →"], "One reconcile"),
            row(&["Alt ←", "Alt →"], "One command"),
            row(&["[", "]"], "Previous, next span"),
            row(&[",", "."], "Previous, next step of this component"),
            row(&["<", ">"], "Previous, next station of a deletion"),
            row(&["Home", "End"], "Start, end"),
            row(&["1", "2", "3", "4", "5"], "Speed"),
            row(&["B"], "Breakpoints"),
        ],
    },
    ShortcutGroup {
        title: "Doing",
        shortcuts: &[
            row(&["Ctrl Enter"], "Apply the manifests"),
            row(&["Ctrl `"], "kubectl line"),
            row(&["Ctrl K"], "Go to a step or object"),
            row(&["Shift F10"], "On the stage: what can be done to a figure"),
            row(&["Esc"], "Leave the editor or the kubectl line"),
        ],
    },
    ShortcutGroup {
        title: "Looking",
        shortcuts: &[
            row(&["Esc"], "From a node back to the whole cluster"),
            row(&["F"], "Fit the stage"),
            row(&["+", "-"], "Zoom in, out"),
            row(&["Ctrl B", "Ctrl I"], "Left, right panel"),
            row(&["N"], "Nodes, or the network"),
            row(&["D"], "A pod's deletion, station by station"),
            row(&["L"], "Legend"),
            row(&["T"], "Theme"),
            row(&["P"], "Projector: larger, the stage alone"),
            row(&["Y"], "Copy a link to this step"),
            row(&["?"], "This list"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    const STAGE: Place = Place { takes_text: false, is_button: false, single_keys: true };

    fn press(key: &str) -> Press<'_> {
        Press { key, ctrl: false, shift: false, alt: false, is_held: false }
    }

    #[test]
    fn space_plays_unless_it_presses_a_button() {
        assert_eq!(deed(press(" "), STAGE), Some(Deed::Send(Message::Playback(PlaybackMessage::Toggle))));
        assert_eq!(deed(press(" "), Place { is_button: true, ..STAGE }), None);
    }

    #[test]
    fn typing_is_not_a_shortcut() {
        let editor = Place { takes_text: true, ..STAGE };
        assert_eq!(deed(press("t"), editor), None);
        let go_to = Press { ctrl: true, ..press("k") };
        assert_eq!(deed(go_to, editor), Some(Deed::Send(frame(FrameMessage::Over(Overlay::GoTo)))));
    }

    #[test]
    fn arrows_step_by_event_reconcile_or_command() {
        let stride = |press| match deed(press, STAGE) {
            Some(Deed::Send(Message::Go(Go::Forward(stride)))) => Some(stride),
            _ => None,
        };
        let right = press("ArrowRight");
        assert_eq!(stride(right), Some(Stride::Into));
        assert_eq!(stride(Press { shift: true, ..right }), Some(Stride::Over));
        assert_eq!(stride(Press { alt: true, ..right }), Some(Stride::Out));
    }

    #[test]
    fn a_held_arrow_glides_and_a_held_space_plays_once() {
        let held = |key| Press { is_held: true, ..press(key) };
        assert_eq!(
            deed(held("ArrowLeft"), STAGE),
            Some(Deed::Send(Message::Go(Go::Glide { forward: false })))
        );
        assert_eq!(deed(held(" "), STAGE), None);
    }

    #[test]
    fn single_keys_can_be_switched_off() {
        assert_eq!(deed(press("t"), Place { single_keys: false, ..STAGE }), None);
    }
}
