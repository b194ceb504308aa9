//! The built page: made by trunk when its sources changed, and weighed.

mod sizes;
mod sources;

use std::fs;
use std::path::PathBuf;

use crate::conformance;
use crate::failure::{Failure, Outcome, While};
use crate::process;
use crate::project;
use crate::tools;

pub(crate) use sizes::weigh;

/// How a page is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// Small and fast, after minutes: what is released, in `dist/`.
    Released,
    /// Within a minute, ten times as large and slow: for looking at a change.
    Rough,
}

impl Finish {
    /// Where the page of this finish lies.
    pub(crate) fn folder(self) -> PathBuf {
        match self {
            Finish::Released => project::dist(),
            Finish::Rough => project::notes().join("rough-page"),
        }
    }

    /// The file that says what the page was built from.
    fn note(self) -> PathBuf {
        project::notes().join(match self {
            Finish::Released => "page-sources",
            Finish::Rough => "rough-page-sources",
        })
    }
}

/// `cargo xtask build`: builds and prints what each file weighs.
pub(crate) fn build_command(arguments: crate::arguments::Arguments) -> Outcome {
    arguments.nothing_left()?;
    build(Finish::Released)?;
    print!("{}", weigh(&project::dist())?);
    Ok(())
}

/// Builds the page unless it was made of the very same sources.
pub(crate) fn build_if_stale(finish: Finish) -> Outcome {
    let note = fs::read_to_string(finish.note()).unwrap_or_default();
    let is_fresh = finish.folder().join("index.html").exists() && note == sources::fingerprint()?;
    match is_fresh {
        true => tools::ensure_node_packages(),
        false => build(finish),
    }
}

/// Installs what is missing and builds the page into its folder.
fn build(finish: Finish) -> Outcome {
    tools::ensure_page_tools()?;
    // Taken before the build: an edit made meanwhile leaves the note out of date, as it should.
    let built_from = sources::fingerprint()?;
    println!("building the page");
    let mut build = trunk("build");
    if finish == Finish::Released {
        build.arg("--release");
    }
    build.args(["--locked", "--dist"]).arg(finish.folder()).env("RUST_LOG", "trunk=warn");
    process::run(&mut build, "trunk build")?;
    if !finish.folder().join("index.html").exists() {
        return Err(Failure::new(format!(
            "trunk build ended well but left no index.html in {}",
            finish.folder().display()
        )));
    }
    if finish == Finish::Released {
        println!("comparing with Kubernetes, for the fidelity pages");
        conformance::write_report()?;
    }
    fs::create_dir_all(project::notes()).while_doing("create target/xtask")?;
    fs::write(finish.note(), built_from).while_doing("note what the page was built from")
}

/// Rebuilds on every change and reloads the browser, until the process ends.
pub(crate) fn serve_and_watch(port: u16) -> Outcome {
    tools::ensure_page_tools()?;
    let mut serve = trunk("serve");
    serve.args(["--address", "127.0.0.1", "--port", &port.to_string()]);
    // Not into dist/, which stays the page that was released.
    serve.arg("--dist").arg(project::notes().join("watched-page"));
    // For xtask/page/content-security-policy.mjs: trunk's own script must pass.
    serve.env("KUBESTEP_WATCHED", "yes");
    process::run(&mut serve, "trunk serve")
}

fn trunk(verb: &str) -> std::process::Command {
    let mut trunk = process::command("trunk");
    // Everything it would download is in place; and some terminals' NO_COLOR=1 is no value that it takes.
    trunk.args([verb, "--offline"]).env_remove("NO_COLOR");
    trunk
}
