//! What outlives a reload: the draft in the editor, the theme, and the session (what was done, and where the viewer
//! stood), under this origin's local storage. A browser that refuses storage loses nothing but the memory.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::browser;

/// The text in the editor, kept on every change.
pub const DRAFT: &str = "kubestep.draft";
/// `dark` or `light`; read by boot.js before anything is drawn.
pub const THEME: &str = "kubestep.theme";
/// What was done in this session, as JSON.
pub const SESSION: &str = "kubestep.session";
/// The manifest directories that are open, and what is not saved in them, as JSON.
pub const DIRECTORIES: &str = "kubestep.directories";
/// The lines typed at the kubectl prompt, oldest first, as JSON.
pub const TYPED: &str = "kubestep.typed";
/// Set by boot.js when the program stopped on a fault: the next start must not do the same again.
pub const PANICKED: &str = "kubestep.panicked";
/// Sizes and switches of the frame, as JSON.
pub const FRAME: &str = "kubestep.frame";

/// The text kept under `key`.
pub fn text(key: &str) -> Option<String> {
    browser::storage()?.get_item(key).ok().flatten()
}

/// The text kept under `key`, which is forgotten.
pub fn take(key: &str) -> Option<String> {
    let kept = text(key)?;
    let _ = browser::storage()?.remove_item(key);
    Some(kept)
}

/// Keeps `text` under `key`; a full storage keeps what it had.
pub fn keep_text(key: &str, text: &str) {
    let Some(storage) = browser::storage() else { return };
    // A refusal (quota, private window) costs only the memory of it.
    let _ = storage.set_item(key, text);
}

/// The value kept under `key`, unless it is from a version that wrote it differently.
pub fn value<T: DeserializeOwned>(key: &str) -> Option<T> {
    serde_json::from_str(&text(key)?).ok()
}

/// Keeps `value` under `key`.
pub fn keep<T: Serialize>(key: &str, value: &T) {
    if let Ok(text) = serde_json::to_string(value) {
        keep_text(key, &text);
    }
}
