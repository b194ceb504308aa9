//! What the page's build and tests need beyond rustup and Node, installed into the project's own folders.
//!
//! Each `ensure_` looks first, so that a second run costs a few file reads.

mod cargo_programs;
mod chromium;
mod node;

pub(crate) use cargo_programs::ensure_wasm_target;
pub(crate) use chromium::ensure_chromium;
pub(crate) use node::ensure_node_packages;

use crate::failure::{Failure, Outcome};

/// Installs what `trunk build` calls: the wasm target, trunk, wasm-bindgen, esbuild and wasm-opt.
pub(crate) fn ensure_page_tools() -> Outcome {
    ensure_node_packages()?;
    ensure_wasm_target()?;
    cargo_programs::ensure_trunk()?;
    cargo_programs::ensure_wasm_bindgen()
}

/// The sentence for an installation that failed: the registry out of reach, or the program's own last words.
fn installation_failed(what: &str, registry: &str, log: &str) -> Failure {
    const UNREACHABLE: [&str; 12] = [
        "Could not resolve host",
        "Couldn't resolve host",
        "Could not connect",
        "Couldn't connect",
        "failed to connect",
        "Connection refused",
        "Timeout was reached",
        "network failure",
        "ENOTFOUND",
        "ECONNREFUSED",
        "ETIMEDOUT",
        "EAI_AGAIN",
    ];
    if UNREACHABLE.iter().any(|sign| log.contains(sign)) {
        return Failure::new(format!(
            "could not reach {registry} to install {what}; connect to the network (or set its proxy) and run the command again"
        ));
    }
    let last_words: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).collect();
    let tail = last_words[last_words.len().saturating_sub(8)..].join("\n  ");
    Failure::new(format!("could not install {what}:\n  {tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_out_of_reach_is_one_sentence() {
        let log = "warning: spurious network error\nCaused by:\n  [6] Could not resolve hostname\n  Could not resolve host: index.crates.io";
        let failure = installation_failed("trunk 0.21.14", "crates.io", log).to_string();
        assert!(failure.starts_with("could not reach crates.io to install trunk 0.21.14;"), "{failure}");
        assert_eq!(failure.lines().count(), 1);
    }

    #[test]
    fn another_failure_keeps_its_last_words() {
        let failure =
            installation_failed("trunk", "crates.io", "a\nb\n\nerror: linker `cc` not found\n").to_string();
        assert!(failure.ends_with("error: linker `cc` not found"), "{failure}");
    }
}
