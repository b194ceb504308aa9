//! The page: the simulated cluster as an animated diagram, driven by the user's own manifests.

pub mod actions;
pub mod actor;
pub mod app;
pub mod breakpoints;
pub mod browser;
pub mod derived;
pub mod diff;
pub mod editor;
pub mod keyboard;
pub mod lessons;
pub mod model;
pub mod panels;
pub mod persistence;
pub mod playback;
pub mod repeats;
pub mod scene;
pub mod share;
pub mod shared;
pub mod simulate;
pub mod stage;
pub mod yaml;
