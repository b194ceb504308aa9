//! `cargo xtask test`: everything that must hold before a change is merged, and the totals.

mod layering;
mod tally;

use std::process::Command;

use tally::Tally;

use crate::arguments::Arguments;
use crate::browser;
use crate::failure::{Failure, Outcome};
use crate::process::{self, Stream};
use crate::tools;

/// Crates that exist for a browser; core must work without any.
const BROWSER_CRATES: [&str; 5] = ["wasm-bindgen", "js-sys", "web-sys", "gloo", "yew"];

/// Runs all checks, also after one has failed, and prints the totals as the last line.
pub(crate) fn test_command(mut arguments: Arguments) -> Outcome {
    let is_quick = arguments.take_flag("--quick");
    arguments.nothing_left()?;

    let mut tally = Tally::default();
    tally.check("format", cargo(&["fmt", "--all", "--check"]));
    tally.check("layering", layering::check());
    tally.check("core's dependencies", core_knows_no_browser());
    tally.check(
        "clippy",
        cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    );
    if !is_quick {
        tally.check("clippy of the page", clippy_of_the_page());
        tally.check("documentation", documentation());
    }
    native_tests(&mut tally);
    if !is_quick {
        page_tests(&mut tally);
    }
    tally.end()
}

fn cargo(arguments: &[&str]) -> Outcome {
    process::run(process::cargo().args(arguments), &format!("cargo {}", arguments.join(" ")))
}

fn clippy_of_the_page() -> Outcome {
    tools::ensure_wasm_target()?;
    let page = ["clippy", "-p", "kubestep-web", "--target", "wasm32-unknown-unknown", "--locked"];
    cargo(&[&page[..], &["--", "-D", "warnings"]].concat())
}

fn documentation() -> Outcome {
    let mut doc = process::cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--document-private-items", "--locked"]);
    // Private items are documented too, so links to them lead somewhere.
    process::run(doc.env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private_intra_doc_links"), "cargo doc")
}

/// Looks at core's whole dependency tree, for all targets.
fn core_knows_no_browser() -> Outcome {
    let mut tree = process::cargo();
    tree.args([
        "tree",
        "-p",
        "kubestep-core",
        "--edges",
        "normal",
        "--target",
        "all",
        "--prefix",
        "none",
        "--locked",
    ]);
    let list =
        process::answer(&mut tree).ok_or_else(|| Failure::new("cargo tree -p kubestep-core failed"))?;
    let crates = list.lines().filter_map(|line| line.split(' ').next());
    let mut foreign: Vec<&str> =
        crates.filter(|name| BROWSER_CRATES.iter().any(|browser| name.starts_with(browser))).collect();
    foreign.sort_unstable();
    foreign.dedup();
    match foreign.is_empty() {
        true => Ok(()),
        false => {
            Err(Failure::new(format!("core depends on {}; it must know no browser", foreign.join(", "))))
        }
    }
}

/// Unit tests and examples in the documentation; then stories and properties, optimised: thousands of scripts' steps
/// are played.
fn native_tests(tally: &mut Tally) {
    let mut units = process::cargo();
    units.args(["test", "--workspace", "--exclude", "kubestep-tests", "--no-fail-fast", "--locked"]);
    count_from("unit tests", &mut units, tally);
    let mut stories = process::cargo();
    stories.args(["test", "--release", "--package", "kubestep-tests", "--no-fail-fast", "--locked"]);
    count_from("stories and properties", &mut stories, tally);
}

/// The stories in a real browser.
fn page_tests(tally: &mut Tally) {
    match browser::stories() {
        Ok(mut stories) => count_from("page tests", &mut stories, tally),
        Err(failure) => tally.check("page tests", Err(failure)),
    }
}

/// Adds the totals that a test program prints; one that ends badly without having counted a failure is one.
fn count_from(what: &str, program: &mut Command, tally: &mut Tally) {
    println!("== {what}");
    let failed_before = tally.failed();
    let ended = process::follow(program, Stream::Output, what, |line| {
        println!("{line}");
        tally.read(line);
    });
    match ended {
        Ok(true) => {}
        Ok(false) if tally.failed() > failed_before => {}
        Ok(false) => tally.check(what, Err(Failure::new(format!("{what} ended before they could count")))),
        Err(failure) => tally.check(what, Err(failure)),
    }
}
