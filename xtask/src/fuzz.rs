//! `cargo xtask fuzz`: manifests and command lines that nobody meant, each of which must get an answer.
//!
//! The fuzzer is a program of the tests' crate; this starts it, optimised.

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use crate::process;

/// Hands everything on to the fuzzer, which prints its seed and what went wrong.
pub(crate) fn fuzz_command(arguments: Arguments) -> Outcome {
    let mut fuzzer = process::cargo();
    fuzzer.args(["run", "--release", "--quiet", "--locked", "--package", "kubestep-tests"]);
    fuzzer.args(["--bin", "fuzz", "--"]);
    let status = fuzzer.args(arguments.take_all()).status().while_doing("start the fuzzer")?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::was_said()),
    }
}
