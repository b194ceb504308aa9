//! What the stage shows of a world, at rest and on the way from one step to the next. Pure: no browser here.

pub mod beats;
pub mod detail;
pub mod easing;
pub mod geometry;
pub mod layout;
pub mod figures;
pub mod plan;
