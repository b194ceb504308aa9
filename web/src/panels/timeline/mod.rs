//! The timeline panel.

pub mod axis;
pub mod ticks;
