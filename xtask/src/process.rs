//! Starting other programs.

use std::env;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome, While};
use crate::project;

/// A program that runs in the project's folder and finds the project's own tools first.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project::root()).env("PATH", path()).stdin(Stdio::null());
    command
}

/// `cargo`, the same one that runs this program.
pub(crate) fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `npm`, which is a script with an extension on Windows.
pub(crate) fn npm() -> Command {
    command(if cfg!(windows) { "npm.cmd" } else { "npm" })
}

/// A script of the project, run by Node.
pub(crate) fn node(script: &str) -> Command {
    let mut node = command("node");
    node.arg(project::root().join(script));
    node
}

/// Runs it with its output on the terminal; a bad end is a failure that names `what`.
pub(crate) fn run(command: &mut Command, what: &str) -> Outcome {
    let status = command.status().while_doing(format!("start {what}"))?;
    match status.success() {
        true => Ok(()),
        false => Err(Failure::new(format!("{what} failed ({status})"))),
    }
}

/// What it prints, or `None` when it cannot be started or ends badly.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Which of the program's streams is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Output,
    Errors,
}

/// Runs it and hands each line of one stream to `line` as it comes; the other stays on the terminal.
/// Gives whether it ended well.
pub(crate) fn follow(
    command: &mut Command,
    stream: Stream,
    what: &str,
    mut line: impl FnMut(&str),
) -> Outcome<bool> {
    match stream {
        Stream::Output => command.stdout(Stdio::piped()),
        Stream::Errors => command.stderr(Stdio::piped()),
    };
    let mut child = command.spawn().while_doing(format!("start {what}"))?;
    let mut each = |pipe: Box<dyn std::io::Read>| -> Outcome {
        for text in BufReader::new(pipe).split(b'\n') {
            let text = text.while_doing(format!("read what {what} prints"))?;
            line(String::from_utf8_lossy(&text).trim_end_matches('\r'));
        }
        Ok(())
    };
    if let Some(pipe) = child.stdout.take() {
        each(Box::new(pipe))?;
    }
    if let Some(pipe) = child.stderr.take() {
        each(Box::new(pipe))?;
    }
    Ok(child.wait().while_doing(format!("wait for {what}"))?.success())
}

/// `.tools/bin`, then npm's programs, then whatever the person has.
fn path() -> OsString {
    let own = [project::tools().join("bin"), project::root().join("node_modules").join(".bin")];
    let others = env::var_os("PATH").unwrap_or_default();
    let folders = own.into_iter().chain(env::split_paths(&others));
    env::join_paths(folders).unwrap_or(others.clone())
}
