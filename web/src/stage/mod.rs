//! The stage.

pub mod sprite;
