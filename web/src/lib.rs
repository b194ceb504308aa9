//! The page: the simulated cluster as an animated diagram, driven by the user's own manifests.

pub mod panels;
pub mod scene;
pub mod shared;
pub mod stage;
