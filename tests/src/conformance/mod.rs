//! Conformance: the same commands given to kubestep and to a real Kubernetes, and the answers compared.
//!
//! ```text
//! recording (JSON) --cluster--> the core, through its public commands --snapshot--> the recording's own shape
//!                  --compare--> differences, but for the closed list of tolerances
//! ```
//!
//! The harness knows formats, never scenarios. `tests/conformance/README.md` describes the formats.

pub mod act;
pub mod api;
pub mod cluster;
pub mod compare;
pub mod divergences;
pub mod kubelet;
pub mod log;
pub mod names;
pub mod nodes;
pub mod page;
pub mod play;
pub mod ratchet;
pub mod recording;
pub mod report;
pub mod scheduling;
pub mod self_test;
pub mod snapshot;
pub mod table;
pub mod text;
pub mod tolerances;
