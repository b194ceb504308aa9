//! The panels around the stage.

pub mod dialogs;
pub mod directory;
pub mod edge;
pub mod header;
pub mod inspector;
pub mod left;
pub mod menu;
pub mod narration;
pub mod rail;
pub mod terminal;
pub mod timeline;
