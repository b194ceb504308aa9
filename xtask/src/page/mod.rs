//! The built page: made by trunk when its sources changed, and weighed.

mod parts;
mod sizes;
mod sources;

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::conformance;
use crate::failure::{Failure, Outcome, While};
use crate::process;
use crate::project;
use crate::tools;

pub(crate) use parts::{observe_command, profile_command, split_command};
pub(crate) use sizes::{FileSize, weigh};

/// How a page is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    /// Small and fast, after minutes: what is released, in `dist/`.
    Released,
    /// Within a minute, ten times as large and slow: for looking at a change.
    Rough,
    /// As released, but whole, and noting which of its functions are called.
    Observed,
}

impl Finish {
    /// Where the page of this finish lies.
    pub(crate) fn folder(self) -> PathBuf {
        match self {
            Finish::Released => project::dist(),
            Finish::Rough => project::notes().join("rough-page"),
            Finish::Observed => project::notes().join("observed-page"),
        }
    }

    /// The file that says what the page was built from.
    fn note(self) -> PathBuf {
        project::notes().join(match self {
            Finish::Released => "page-sources",
            Finish::Rough => "rough-page-sources",
            Finish::Observed => "observed-page-sources",
        })
    }

    /// A number that changes with what this page is made of. The observed page is what the list is made from.
    fn fingerprint(self) -> Outcome<String> {
        let list = (self == Finish::Observed).then(parts::list_file);
        sources::fingerprint(list.as_deref())
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
    let is_fresh = finish.folder().join("index.html").exists() && note == finish.fingerprint()?;
    match is_fresh {
        true => tools::ensure_node_packages(),
        false => build(finish),
    }
}

/// Installs what is missing and builds the page into its folder.
fn build(finish: Finish) -> Outcome {
    tools::ensure_page_tools()?;
    // Taken before the build: an edit made meanwhile leaves the note out of date, as it should.
    let built_from = finish.fingerprint()?;
    println!("building the page");
    let mut build = trunk("build");
    if finish != Finish::Rough {
        build.arg("--release");
    }
    // For xtask/page/parts.mjs.
    build.env("KUBESTEP_XTASK", env::current_exe().while_doing("find this program")?);
    build.env("KUBESTEP_OBSERVED", if finish == Finish::Observed { "yes" } else { "no" });
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
