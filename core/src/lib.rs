//! A Kubernetes cluster as a value, and one function that says what happens next.
//!
//! ```text
//! YAML --manifest--> Object --command--> Write --apiserver--> Change --workqueue--> reconcile
//!      --Plan--> Step{World} --timeline--> Cursor
//! ```
//!
//! The crate knows no browser, no clock, no randomness of its own and no I/O: time and seed come in, steps
//! and facts go out.

pub mod api;
pub mod apiserver;
pub mod assist;
pub mod controllers;
pub mod engine;
pub mod kubectl;
pub mod kubelet;
pub mod manifest;
pub mod metrics;
pub mod narration;
pub mod network;
pub mod order;
pub mod persistent;
mod placement;
pub mod plan;
pub mod rng;
mod schedule;
pub mod scheduler;
pub mod simulation;
mod spelling;
pub mod story;
pub mod time;
pub mod why;

pub use engine::{Command, Step, StepId, Timeline, World, enabled, next_step};
pub use simulation::Simulation;
pub use time::{Duration, Time};
