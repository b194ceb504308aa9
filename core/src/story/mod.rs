//! What a stretch of steps amounts to: the stations of a pod's deletion, of a rollout, a drain, a node's outage, read from
//! who did what because of what; and what a command would lead to.
//!
//! Nothing here is scripted: a station is reached by the step that was that station, in whatever order the steps came,
//! and one that no step reached says why.

pub mod deletion;
pub mod drain;
pub mod forecast;
pub mod outage;
pub mod rail;
pub mod request;
pub mod rollout;

pub use deletion::{Deletion, Station};
pub use drain::Drain;
pub use forecast::{Forecast, forecast};
pub use outage::Outage;
pub use rail::{Rail, Subject};
pub use rollout::Rollout;
