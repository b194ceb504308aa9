//! `cargo xtask conformance`: kubestep's answers beside those of a real Kubernetes.
//!
//! The harness is a program of the tests' crate; this starts it, optimised.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use crate::process;
use crate::project;

/// Where the fidelity pages lie below the page.
pub(crate) const FOLDER: &str = "fidelity";

/// Hands everything on to the harness, which says what differs.
pub(crate) fn conformance_command(mut arguments: Arguments) -> Outcome {
    let mut harness = harness();
    if arguments.take_flag("--report") {
        harness.arg("--report").arg(folder());
    }
    let status = harness.args(arguments.take_all()).status().while_doing("start the harness")?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::was_said()),
    }
}

/// Writes the fidelity pages beside the page. Differences are no failure here: the pages show them.
pub(crate) fn write_report() -> Outcome {
    let mut harness = harness();
    harness.arg("--report").arg(folder()).stdout(Stdio::null());
    harness.status().while_doing("start the harness")?;
    match folder().join("index.html").exists() {
        true => Ok(()),
        false => Err(Failure::new("the fidelity pages could not be written")),
    }
}

fn folder() -> PathBuf {
    project::dist().join(FOLDER)
}

fn harness() -> Command {
    let mut harness = process::cargo();
    harness.args(["run", "--release", "--quiet", "--locked", "--package", "kubestep-tests"]);
    harness.args(["--bin", "conformance", "--"]);
    harness
}
