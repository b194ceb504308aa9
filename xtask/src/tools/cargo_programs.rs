//! trunk and wasm-bindgen, compiled by cargo into `.tools/`, and the compiler's own wasm target.

use std::fs;
use std::io::{self, IsTerminal, Write};

use super::installation_failed;
use crate::failure::{Failure, Outcome, While};
use crate::process::{self, Stream};
use crate::project;

const TRUNK_VERSION: &str = "0.21.14";

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// rustup installs the target from rust-toolchain.toml together with a toolchain; one that was there before may lack it.
pub(crate) fn ensure_wasm_target() -> Outcome {
    let mut rustc = process::command("rustc");
    let libraries = process::answer(rustc.args(["--print", "target-libdir", "--target", WASM_TARGET]));
    if libraries.is_some_and(|folder| fs::exists(folder).unwrap_or(false)) {
        return Ok(());
    }
    println!("installing the {WASM_TARGET} target");
    let mut rustup = process::command("rustup");
    process::run(rustup.args(["target", "add", WASM_TARGET]), &format!("rustup target add {WASM_TARGET}"))
}

/// Builds the page's bundle.
pub(super) fn ensure_trunk() -> Outcome {
    ensure("trunk", "trunk", TRUNK_VERSION, &["--locked"])
}

/// Writes the JavaScript side of the wasm module; must be of exactly the library's version.
/// Not `--locked`: the lock file inside of the program names a version of a library that was withdrawn.
pub(super) fn ensure_wasm_bindgen() -> Outcome {
    let lock = fs::read_to_string(project::root().join("Cargo.lock")).while_doing("read Cargo.lock")?;
    let version = locked_version(&lock, "wasm-bindgen")
        .ok_or_else(|| Failure::new("Cargo.lock names no version of wasm-bindgen; run cargo update"))?;
    ensure("wasm-bindgen-cli", "wasm-bindgen", version, &[])
}

fn ensure(package: &str, program: &str, version: &str, options: &[&str]) -> Outcome {
    let binary = project::tools().join("bin").join(program).with_extension(std::env::consts::EXE_EXTENSION);
    if binary.exists() && version_of(&binary).as_deref() == Some(version) {
        return Ok(());
    }
    let what = format!("{package} {version}");
    println!("installing {what} into .tools/ (once; some minutes)");
    let mut install = process::cargo();
    install.args(["install", package, "--version", version, "--force", "--root"]).arg(project::tools());
    let mut log = String::new();
    let mut progress = Progress::default();
    let ended_well = process::follow(install.args(options), Stream::Errors, "cargo install", |line| {
        progress.saw(line);
        log.push_str(line);
        log.push('\n');
    })?;
    progress.end();
    match ended_well {
        true => Ok(()),
        false => Err(installation_failed(&what, "crates.io", &log)),
    }
}

fn version_of(binary: &std::path::Path) -> Option<String> {
    let line = process::answer(process::command(binary).arg("--version"))?;
    line.split_whitespace().nth(1).map(str::to_owned)
}

fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, tail) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    tail.split('"').next()
}

/// Counts cargo's lines: rewritten in place on a terminal, every fiftieth otherwise.
#[derive(Default)]
struct Progress {
    compiled: usize,
}

impl Progress {
    fn saw(&mut self, line: &str) {
        if !line.trim_start().starts_with("Compiling ") {
            return;
        }
        self.compiled += 1;
        let text = format!("  {} crates compiled", self.compiled);
        if io::stdout().is_terminal() {
            print!("\r{text}");
            // Progress that cannot be shown is no reason to stop.
            let _ = io::stdout().flush();
        } else if self.compiled.is_multiple_of(50) {
            println!("{text}");
        }
    }

    fn end(&self) {
        if self.compiled > 0 && io::stdout().is_terminal() {
            println!();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked_version(lock, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(lock, "trunk"), None);
    }
}
