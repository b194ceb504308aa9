//! Where things are in the project.

use std::path::{Path, PathBuf};

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace's folder")
}

/// The built page.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// What the commands installed; ignored by git.
pub(crate) fn tools() -> PathBuf {
    root().join(".tools")
}

/// Notes that the commands keep for their next run.
pub(crate) fn notes() -> PathBuf {
    root().join("target").join("xtask")
}
