//! Node itself and the packages of package-lock.json.

use std::fs;

use super::installation_failed;
use crate::failure::{Failure, Outcome, While};
use crate::process;
use crate::project;

const OLDEST_NODE: u32 = 20;

/// `npm ci`, unless `node_modules/` holds exactly what package-lock.json says.
pub(crate) fn ensure_node_packages() -> Outcome {
    ensure_node()?;
    let lock = fs::read_to_string(project::root().join("package-lock.json"))
        .while_doing("read package-lock.json")?;
    let note = project::root().join("node_modules").join(".installed-package-lock.json");
    if fs::read_to_string(&note).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    println!("installing npm packages into node_modules/");
    // No package's own script runs: those that have one work without it.
    let mut install = process::npm();
    let output = install.args(["ci", "--ignore-scripts", "--no-progress"]).output().map_err(|_| {
        Failure::new("npm was not found beside Node; install it together with Node from https://nodejs.org")
    })?;
    if !output.status.success() {
        let log = String::from_utf8_lossy(&output.stderr);
        return Err(installation_failed("the npm packages", "the npm registry", &log));
    }
    fs::write(&note, lock).while_doing("note what npm installed")
}

fn ensure_node() -> Outcome {
    let version = process::answer(process::command("node").arg("--version"));
    match version.as_deref().map(|version| (version, major(version))) {
        None => Err(Failure::new(format!(
            "Node was not found; install version {OLDEST_NODE} or newer from https://nodejs.org"
        ))),
        Some((_, Some(major))) if major >= OLDEST_NODE => Ok(()),
        Some((version, _)) => Err(Failure::new(format!(
            "Node {version} is too old; install version {OLDEST_NODE} or newer from https://nodejs.org"
        ))),
    }
}

/// `v20.11.1` -> 20.
fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("v20.11.1"), Some(20));
        assert_eq!(major("v8.0.0"), Some(8));
        assert_eq!(major("nonsense"), None);
    }
}
