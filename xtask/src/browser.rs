//! The built page in a real Chromium: the scripts of tests/e2e, started with all that they need.

use std::env;
use std::fs;
use std::process::Command;

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use crate::page::{self, Finish};
use crate::process;
use crate::server::Server;
use crate::tools;

/// The page's stories; they print one line each and `N passed, M failed`.
pub(crate) fn stories() -> Outcome<Command> {
    script("tests/e2e/run.mjs", Finish::Released)
}

/// The page's measurements; they print figures as JSON.
pub(crate) fn measurements() -> Outcome<Command> {
    script("tests/e2e/measure.mjs", Finish::Released)
}

/// Which functions the first picture calls, as JSON.
pub(crate) fn first_picture() -> Outcome<Command> {
    script("tests/e2e/first-picture.mjs", Finish::Observed)
}

/// `cargo xtask stories [NAME...] [--dev]`: some of the page's stories, or all, and nothing else.
pub(crate) fn stories_command(mut arguments: Arguments) -> Outcome {
    let finish = finish(&mut arguments);
    let names = arguments.take_names()?;
    let files = names.iter().map(|name| format!("{}.mjs", name.trim_end_matches(".mjs")));
    process::run(script("tests/e2e/run.mjs", finish)?.args(files), "tests/e2e/run.mjs")
}

/// `cargo xtask screenshots FOLDER [NAME] [--dev]`: the page in both themes and three sizes, as PNG files; with a NAME, those
/// whose names begin with it.
pub(crate) fn screenshots_command(mut arguments: Arguments) -> Outcome {
    let finish = finish(&mut arguments);
    let names = arguments.take_names()?;
    let [folder, some @ ..] = names.as_slice() else {
        return Err(Failure::new("say into which folder: cargo xtask screenshots FOLDER"));
    };
    fs::create_dir_all(folder).while_doing(format!("create {folder}"))?;
    let folder = fs::canonicalize(folder).while_doing(format!("open {folder}"))?;
    let mut take = script("tests/e2e/screenshots.mjs", finish)?;
    process::run(take.arg(folder).args(some), "tests/e2e/screenshots.mjs")
}

/// Whoever looks at a change does not wait for the optimiser.
fn finish(arguments: &mut Arguments) -> Finish {
    if arguments.take_flag("--dev") { Finish::Rough } else { Finish::Released }
}

/// Builds the page if it is out of date, serves it at the root of one port and below a path of another, and
/// prepares `script` with the addresses, the browser and this program (for asking the native core).
fn script(script: &str, finish: Finish) -> Outcome<Command> {
    page::build_if_stale(finish)?;
    let chromium = tools::ensure_chromium()?;
    let this_program = env::current_exe().while_doing("find this program")?;
    let served_below = |base| Server::bind(finish.folder(), 0, base)?.run_in_background();
    let mut node = process::node(script);
    node.env("CHROMIUM", chromium)
        .env("KUBESTEP_URL", served_below("/")?)
        .env("KUBESTEP_SUB_PATH_URL", served_below("/some/path/")?)
        .env("KUBESTEP_HAS_TWO_PARTS", if finish == Finish::Released { "yes" } else { "no" })
        .env("KUBESTEP_XTASK", this_program);
    Ok(node)
}
