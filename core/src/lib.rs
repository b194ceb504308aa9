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
pub mod rng;
pub mod time;
