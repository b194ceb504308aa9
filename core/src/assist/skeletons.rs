//! Whole manifests to begin with, one for each kind that a person writes: `skeletons.yaml`. What stands in `${}` is what
//! they will want to change; the same words stand for the same thing.

use serde_json::Value;

use crate::api::Kind;
use crate::manifest;

const SKELETONS: &str = include_str!("skeletons.yaml");

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skeleton {
    /// `apps/v1`
    pub(super) api_version: &'static str,
    /// `Deployment`
    pub(super) kind: &'static str,
    /// With its `${}`.
    pub(super) text: &'static str,
}

/// All of them, the most used first.
pub(super) fn all() -> impl Iterator<Item = Skeleton> {
    SKELETONS.split("---\n").map(|text| {
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        Skeleton { api_version: field("apiVersion: "), kind: field("kind: "), text }
    })
}

/// One as it is before anything in it is changed: JSON as a client sends it.
pub(super) fn example(kind: Kind) -> Option<Value> {
    let skeleton =
        all().find(|each| each.kind == kind.name() && each.api_version == kind.names().api_version)?;
    manifest::value(&filled(skeleton.text)).ok()
}

/// The text without the marks around what is to be changed.
pub(super) fn filled(text: &str) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once("${") {
        let (inside, after) = marked.split_once('}').unwrap_or((marked, ""));
        filled.push_str(before);
        filled.push_str(inside);
        rest = after;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_skeleton_is_a_manifest_that_nothing_is_wrong_with() {
        for skeleton in all() {
            let found = super::super::check(&filled(skeleton.text));
            assert_eq!(found, [], "{}", skeleton.kind);
        }
        assert!(all().count() > 20);
    }
}
