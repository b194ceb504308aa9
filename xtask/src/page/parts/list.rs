//! The list of the first picture's functions: a path a line, behind it the hashes of its namesakes that are not
//! called.
//!
//! So a hash that the list does not know is one of a function that may be called: after a change of the compiler,
//! which changes hashes, the first part is larger than it need be, and nothing worse.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use super::module::{FunctionName, Module};
use crate::project;

/// Where it stands.
pub(in crate::page) fn file() -> PathBuf {
    project::root().join("xtask").join("page").join("first-picture.txt")
}

/// What it says: by path, the hashes of those that are not called.
pub(super) struct List<'a>(BTreeMap<&'a str, BTreeSet<&'a str>>);

impl<'a> List<'a> {
    /// What the text of the file says.
    pub(super) fn read(text: &'a str) -> List<'a> {
        List(text.lines().map(read_line).collect())
    }

    /// What there is to say about a module of which these functions are `called`.
    pub(super) fn of(module: &Module<'a>, called: &BTreeSet<u32>) -> List<'a> {
        let mut paths: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut hashes = BTreeSet::new();
        for &function in called {
            let name = module.name(function);
            hashes.insert((name.path, name.hash));
            if !name.path.is_empty() {
                paths.entry(name.path).or_default();
            }
        }
        for function in module.defined() {
            let name = module.name(function);
            if let Some(others) = paths.get_mut(name.path)
                && !hashes.contains(&(name.path, name.hash))
            {
                others.insert(name.hash);
            }
        }
        List(paths)
    }

    /// Whether the function belongs to the first picture. What has no name (wasm-bindgen's own small functions)
    /// cannot be listed and does.
    pub(super) fn has(&self, name: FunctionName<'_>) -> bool {
        name.path.is_empty() || self.0.get(name.path).is_some_and(|others| !others.contains(name.hash))
    }
}

impl fmt::Display for List<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (path, others) in &self.0 {
            write!(formatter, "{path}")?;
            for hash in others {
                write!(formatter, " -{hash}")?;
            }
            writeln!(formatter)?;
        }
        Ok(())
    }
}

fn read_line(line: &str) -> (&str, BTreeSet<&str>) {
    let mut path = line;
    let mut others = BTreeSet::new();
    while let Some((rest, hash)) = path.rsplit_once(" -")
        && hash.len() == 16
    {
        others.insert(hash);
        path = rest;
    }
    (path, others)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namesakes_that_are_not_called_are_told_apart() {
        let text = "a::<fn() -> b>::c\nd::e -0123456789abcdef -fedcba9876543210\n";
        let list = List::read(text);
        assert_eq!(list.to_string(), text);
        let has = |path, hash| list.has(FunctionName { path, hash });
        assert!(has("a::<fn() -> b>::c", "0123456789abcdef"));
        assert!(has("d::e", "aaaaaaaaaaaaaaaa"));
        assert!(!has("d::e", "fedcba9876543210"));
        assert!(!has("d", ""));
        assert!(has("", ""));
    }
}
