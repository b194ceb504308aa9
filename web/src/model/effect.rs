//! What the browser must do after a change of the model, as data.

use super::message::Message;

/// What the browser must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Sends a message after so many milliseconds; a later one for the same purpose replaces it.
    Later {
        /// What it is for.
        purpose: Purpose,
        /// How long to wait.
        milliseconds: u32,
        /// What to send.
        message: Message,
    },
    /// Takes back what was to be sent for a purpose.
    Never(Purpose),
    /// Copies a link to this page with this text after the `#`.
    CopyLink(String),
    /// Keeps a text in local storage.
    Keep {
        /// Under which name.
        key: &'static str,
        /// The text.
        text: String,
    },
    /// Puts the focus on the first element that matches, once the change is drawn.
    Focus(&'static str),
    /// Switches the page's theme.
    Theme(&'static str),
    /// Sets a custom property of the page's root.
    Property(&'static str, String),
}

/// What a delayed message is for; each has at most one on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The next step while playing.
    Play,
    /// The next stretch of the simulation.
    Compute,
    /// Reading the draft once typing has paused.
    Read,
    /// Keeping the session once things have settled.
    Save,
    /// Taking a passing notice away.
    Notice,
}

impl Purpose {
    /// How many purposes there are.
    pub const COUNT: usize = 5;
}
