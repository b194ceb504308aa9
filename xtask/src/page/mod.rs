//! The built page: made by trunk when its sources changed, and weighed.

mod sizes;
mod sources;

use std::fs;

use crate::failure::{Failure, Outcome, While};
use crate::process;
use crate::project;
use crate::tools;

pub(crate) use sizes::weigh;

/// `cargo xtask build`: builds and prints what each file weighs.
pub(crate) fn build_command(arguments: crate::arguments::Arguments) -> Outcome {
    arguments.nothing_left()?;
    build()?;
    print!("{}", weigh(&project::dist())?);
    Ok(())
}

/// Builds the page unless `dist/` was made of the very same sources.
pub(crate) fn build_if_stale() -> Outcome {
    let note = fs::read_to_string(project::notes().join("page-sources")).unwrap_or_default();
    let is_fresh = project::dist().join("index.html").exists() && note == sources::fingerprint()?;
    match is_fresh {
        true => tools::ensure_node_packages(),
        false => build(),
    }
}

/// Installs what is missing and builds the page into `dist/`.
pub(crate) fn build() -> Outcome {
    tools::ensure_page_tools()?;
    // Taken before the build: an edit made meanwhile leaves the note out of date, as it should.
    let built_from = sources::fingerprint()?;
    println!("building the page");
    let mut build = trunk("build");
    process::run(build.args(["--release", "--locked"]).env("RUST_LOG", "trunk=warn"), "trunk build")?;
    if !project::dist().join("index.html").exists() {
        return Err(Failure::new("trunk build ended well but left no dist/index.html"));
    }
    fs::create_dir_all(project::notes()).while_doing("create target/xtask")?;
    fs::write(project::notes().join("page-sources"), built_from)
        .while_doing("note what the page was built from")
}

/// Rebuilds on every change and reloads the browser, until the process ends.
pub(crate) fn serve_and_watch(port: u16) -> Outcome {
    tools::ensure_page_tools()?;
    let mut serve = trunk("serve");
    serve.args(["--address", "127.0.0.1", "--port", &port.to_string()]);
    // Not into dist/, which stays the page that was released.
    serve.arg("--dist").arg(project::notes().join("watched-page"));
    process::run(&mut serve, "trunk serve")
}

fn trunk(verb: &str) -> std::process::Command {
    let mut trunk = process::command("trunk");
    // Everything it would download is in place; and some terminals' NO_COLOR=1 is no value that it takes.
    trunk.args([verb, "--offline"]).env_remove("NO_COLOR");
    trunk
}
