//! The built page in a real Chromium: the scripts of tests/e2e, started with all that they need.

use std::env;
use std::fs;
use std::process::Command;

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use crate::page;
use crate::process;
use crate::project;
use crate::server::Server;
use crate::tools;

/// The page's stories; they print one line each and `N passed, M failed`.
pub(crate) fn stories() -> Outcome<Command> {
    script("tests/e2e/run.mjs")
}

/// The page's measurements; they print figures as JSON.
pub(crate) fn measurements() -> Outcome<Command> {
    script("tests/e2e/measure.mjs")
}

/// `cargo xtask screenshots FOLDER`: the page in both themes and three sizes, as PNG files.
pub(crate) fn screenshots_command(arguments: Arguments) -> Outcome {
    let names = arguments.take_names()?;
    let [folder] = names.as_slice() else {
        return Err(Failure::new("say into which folder: cargo xtask screenshots FOLDER"));
    };
    fs::create_dir_all(folder).while_doing(format!("create {folder}"))?;
    let folder = fs::canonicalize(folder).while_doing(format!("open {folder}"))?;
    let mut take = script("tests/e2e/screenshots.mjs")?;
    process::run(take.arg(folder), "tests/e2e/screenshots.mjs")
}

/// Builds the page if it is out of date, serves it at the root of one port and below a path of another, and
/// prepares `script` with the addresses, the browser and this program (for asking the native core).
fn script(script: &str) -> Outcome<Command> {
    page::build_if_stale()?;
    let chromium = tools::ensure_chromium()?;
    let this_program = env::current_exe().while_doing("find this program")?;
    let mut node = process::node(script);
    node.env("CHROMIUM", chromium)
        .env("KUBESTEP_URL", Server::bind(project::dist(), 0, "/")?.run_in_background()?)
        .env("KUBESTEP_SUB_PATH_URL", Server::bind(project::dist(), 0, "/some/path/")?.run_in_background()?)
        .env("KUBESTEP_XTASK", this_program);
    Ok(node)
}
