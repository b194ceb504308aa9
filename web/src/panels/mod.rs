//! The panels around the stage.

pub mod timeline;
