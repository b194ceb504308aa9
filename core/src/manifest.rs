//! Reads YAML text: objects, and diagnostics with positions. Never fails, never half-applies.

use std::rc::Rc;

use crate::api::Object;

/// One document of a manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The object, as a client would send it.
    pub object: Object,
    /// The manifest as kubectl would send it: JSON with the author's fields alone.
    pub json: Rc<serde_json::Value>,
    /// The line its first key is on, from 1.
    pub line: u32,
}

/// Something wrong with a manifest, where it went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// How many characters it is about; at least 1.
    pub length: u32,
    /// Whether the manifest cannot be applied because of it.
    pub is_error: bool,
    /// What is wrong, as kubectl would say it where it says anything.
    pub message: String,
}
