//! What a stretch of steps amounts to: the stations of a pod's deletion, read from who did what because of what, and what
//! a command would lead to.
//!
//! Nothing here is scripted: a station is reached by the step that was that station, in whatever order the steps came,
//! and one that no step reached says why.

pub mod deletion;
pub mod forecast;
pub mod request;

pub use deletion::{Deletion, Station};
pub use forecast::{Forecast, forecast};
