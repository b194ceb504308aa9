//! Whether anything that the page is made of has changed.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

use crate::failure::{Outcome, While};
use crate::project;

/// Files and folders whose content decides the page. `xtask/page` holds trunk's hooks, which call `xtask/src/page/parts`.
const SOURCES: [&str; 10] = [
    "Cargo.toml",
    "Cargo.lock",
    "Trunk.toml",
    "package-lock.json",
    "rust-toolchain.toml",
    "core",
    "web",
    "static",
    "xtask/page",
    "xtask/src/page/parts",
];

/// A number (in hexadecimal) that changes with the name or the content of any source but `unused`.
pub(super) fn fingerprint(unused: Option<&Path>) -> Outcome<String> {
    let mut files = Vec::new();
    for source in SOURCES {
        collect(&project::root().join(source), &mut files)?;
    }
    files.retain(|file| Some(file.as_path()) != unused);
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        let content = fs::read(&file).while_doing(format!("read {}", file.display()))?;
        (file.strip_prefix(project::root()).ok(), content).hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Outcome {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).while_doing(format!("list {}", path.display()))? {
        collect(&entry.while_doing(format!("list {}", path.display()))?.path(), files)?;
    }
    Ok(())
}
