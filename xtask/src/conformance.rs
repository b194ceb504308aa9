//! `cargo xtask conformance`: kubestep's answers beside those of a real Kubernetes.
//!
//! The harness is a program of the tests' crate; this starts it, optimised.

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome};
use crate::process;

/// Hands everything on to the harness, which says what differs.
pub(crate) fn conformance_command(arguments: Arguments) -> Outcome {
    let mut harness = process::cargo();
    harness.args(["run", "--release", "--quiet", "--locked", "--package", "kubestep-tests"]);
    harness.args(["--bin", "conformance", "--"]).args(arguments.take_all());
    let status = harness.status().map_err(|error| Failure::new(format!("could not start cargo: {error}")))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::was_said()),
    }
}
