//! Names as recordings have them: what a cluster generates is replaced by what it stands for.
//!
//! ```text
//! web-596556dd5f        web@1       the replica set that was revision 1 at first
//! web-596556dd5f-x2x8k  web@1/*     one of its pods
//! db-76cd8f4c96         db@1        a controller revision
//! tick-29384756         tick/<time> a CronJob's job
//! ```

use std::collections::{BTreeMap, BTreeSet};

use kubestep_core::api::{Kind, Object, Owner};
use kubestep_core::apiserver::Change;
use serde_json::Value;

/// The letters that upstream generates names with. Upstream: `k8s.io/apimachinery/pkg/util/rand`.
const ALPHABET: &str = "bcdfghjklmnpqrstvwxz2456789";

/// How many of them a generated name ends with.
const SUFFIX: usize = 5;

/// What becomes of generated names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `web@1/*`
    Masked,
    /// `web-596556dd5f-xxxxx`
    Suffixed,
}

/// Every name that the cluster of a scenario generated so far.
#[derive(Clone, Debug)]
pub struct Names {
    style: Style,
    /// Whether Events keep the nodes that pods were assigned to.
    keeps_nodes: bool,
    /// What recordings call replica sets, jobs and revisions, whatever the style: `web@1`.
    masks: BTreeMap<String, String>,
    /// What a generated name is called.
    known: BTreeMap<String, String>,
    /// Objects that generate names for others, by their own: what these names begin with, masked.
    generators: BTreeMap<String, String>,
    /// What has been given away.
    taken: BTreeSet<String>,
    /// Names of pods that were not generated.
    fixed: BTreeSet<String>,
}

impl Names {
    /// No names yet.
    pub fn new(style: Style, keeps_nodes: bool) -> Names {
        Names {
            style,
            keeps_nodes,
            masks: BTreeMap::new(),
            known: BTreeMap::new(),
            generators: BTreeMap::new(),
            taken: BTreeSet::new(),
            fixed: BTreeSet::new(),
        }
    }

    /// Takes notice of what was created.
    pub fn observe(&mut self, change: &Change) {
        let (None, Some(object)) = (&change.before, &change.after) else { return };
        // What comes back under its old name is called as it was.
        if self.masks.contains_key(object.name()) {
            return;
        }
        let owner = object.meta().controller();
        match object.kind().name() {
            "Pod" => self.pod(object, owner),
            "ReplicaSet" => {
                let revision = object.meta().annotations.get("deployment.kubernetes.io/revision");
                if let (Some(owner), Some(revision)) = (owner, revision) {
                    self.replica_set(object, owner, revision);
                }
                self.generates(object);
            }
            "ControllerRevision" => self.controller_revision(object, owner),
            "Job" => {
                if let Some(owner) = owner.filter(|owner| &*owner.kind == "CronJob") {
                    self.mask(object.name(), format!("{}/<time>", owner.name));
                }
                self.generates(object);
            }
            "ReplicationController" | "DaemonSet" => self.generates(object),
            "EndpointSlice" if object.meta().generate_name.is_some() => {
                let service = object.name().rsplit_once('-').map_or("", |(service, _)| service).to_owned();
                let called = self.generated(&service, &service);
                self.known.insert(object.name().to_owned(), called);
            }
            _ => {}
        }
    }

    /// Whether this name was generated.
    pub fn is_generated(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// Whether Events keep the nodes that pods were assigned to.
    pub fn keeps_nodes(&self) -> bool {
        self.keeps_nodes
    }

    /// The real name of what a recording calls `masked`.
    pub fn real(&self, masked: &str) -> Option<&str> {
        self.masks.iter().find(|(_, mask)| *mask == masked).map(|(real, _)| real.as_str())
    }

    /// Whether a recording calls this object, or its revision, `masked`.
    pub fn is(&self, name: &str, masked: &str) -> bool {
        self.masks.get(name).map_or(name, String::as_str) == masked
    }

    /// One name as recordings have it.
    pub fn name(&self, name: &str) -> String {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        if !self.fixed.contains(name)
            && let Some((owner, suffix)) = name.rsplit_once('-')
            && suffix.len() == SUFFIX
            && suffix.chars().all(|letter| ALPHABET.contains(letter))
            && let Some(generator) = self.generators.get(owner)
        {
            return self.generated(owner, generator);
        }
        name.to_owned()
    }

    /// Every name in a text. Names are told apart by the characters that they cannot have.
    pub fn text(&self, text: &str) -> String {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '.';
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
            // A full stop behind a name is the sentence's.
            let word = rest[..end].trim_end_matches(['.', '-']);
            out.push_str(&self.word(word));
            out.push_str(&rest[word.len()..end]);
            rest = &rest[end..];
        }
        out + rest
    }

    /// A name, or the name of an Event about it: `web-x2x8k.18eab9469c5c1da5`.
    fn word(&self, word: &str) -> String {
        match word.split_once('.') {
            Some((name, rest)) if self.known.contains_key(name) => format!("{}.{rest}", self.name(name)),
            _ => self.name(word),
        }
    }

    fn pod(&mut self, pod: &Object, owner: Option<&Owner>) {
        let name = pod.name();
        // A StatefulSet's pods say what their names begin with, and have names of their own nevertheless.
        let is_numbered = owner.is_some_and(|owner| &*owner.kind == "StatefulSet");
        if is_numbered || pod.meta().generate_name.is_none() {
            self.fixed.insert(name.to_owned());
            return;
        }
        let owner = owner.map_or_else(
            || pod.meta().generate_name.as_deref().unwrap_or_default().trim_end_matches('-').to_owned(),
            |owner| owner.name.to_string(),
        );
        let called = self.generated(&owner, &self.name(&owner));
        self.known.insert(name.to_owned(), called);
    }

    /// What names that `owner` generates are called.
    fn generated(&self, owner: &str, called: &str) -> String {
        match self.style {
            Style::Masked => format!("{called}/*"),
            Style::Suffixed => format!("{owner}-xxxxx"),
        }
    }

    fn generates(&mut self, object: &Object) {
        let called = self.name(object.name());
        self.generators.insert(object.name().to_owned(), called);
    }

    fn replica_set(&mut self, set: &Object, owner: &Owner, revision: &str) {
        let called = self.free(&owner.name, revision);
        if let Some(hash) = set.meta().labels.get("pod-template-hash") {
            self.mask(hash, format!("<hash {called}>"));
        }
        self.mask(set.name(), called);
    }

    fn controller_revision(&mut self, object: &Object, owner: Option<&Owner>) {
        let Some(owner) = owner else { return };
        let revision = object.to_json().get("revision").and_then(Value::as_i64).unwrap_or_default();
        let called = self.free(&owner.name, &revision.to_string());
        if let Some(hash) = object.name().strip_prefix(&format!("{}-", owner.name)) {
            self.mask(hash, format!("<hash {called}>"));
        }
        self.mask(object.name(), called);
    }

    /// `web@1`, or `web@1b` where that is taken.
    fn free(&mut self, owner: &str, revision: &str) -> String {
        let plain = format!("{owner}@{revision}");
        let lettered = ('b'..='z').map(|letter| format!("{plain}{letter}"));
        let free = std::iter::once(plain.clone()).chain(lettered).find(|name| !self.taken.contains(name));
        let free = free.unwrap_or(plain);
        self.taken.insert(free.clone());
        free
    }

    fn mask(&mut self, real: &str, called: String) {
        self.masks.insert(real.to_owned(), called.clone());
        if self.style == Style::Masked {
            self.known.insert(real.to_owned(), called);
        }
    }
}

/// The kind with this name, if the core serves it.
pub fn kind(name: &str) -> Option<Kind> {
    Kind::ALL.into_iter().find(|kind| kind.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let mut names = Names::new(Style::Masked, false);
        names.mask("web-596556dd5f", "web@1".to_owned());
        names.mask("596556dd5f", "<hash web@1>".to_owned());
        names.generators.insert("web-596556dd5f".to_owned(), "web@1".to_owned());
        names.known.insert("web-596556dd5f-x2x8k".to_owned(), "web@1/*".to_owned());
        names
    }

    #[test]
    fn generated_names_are_found_in_texts() {
        let names = names();
        assert_eq!(names.text("Created pod: web-596556dd5f-x2x8k"), "Created pod: web@1/*");
        assert_eq!(names.text("ReplicaSet \"web-596556dd5f\" is."), "ReplicaSet \"web@1\" is.");
        assert_eq!(names.text("pod-template-hash=596556dd5f\n"), "pod-template-hash=<hash web@1>\n");
        assert_eq!(names.text("-- a - b..."), "-- a - b...");
    }

    #[test]
    fn pods_that_were_never_stored_are_known_by_their_owner() {
        assert_eq!(
            names().text("pods \"web-596556dd5f-bcdfg\" is forbidden"),
            "pods \"web@1/*\" is forbidden"
        );
        assert_eq!(names().text("web-bcdfg"), "web-bcdfg");
    }
}
