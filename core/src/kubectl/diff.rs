//! `kubectl diff`: what apply would change. Upstream: `k8s.io/kubectl/pkg/cmd/diff`.

use serde_json::Value;

use super::apply;
use super::failure::Failure;
use super::files::{self, Files, Item};
use super::flags::{self, Arguments, Flag};
use super::print::{unified, yaml};
use super::session::SessionTurn;
use super::three_way;
use crate::api::{Kind, Object};
use crate::apiserver::{Patch, Write};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Diff {
    pub(super) files: Files,
}

const FLAGS: [Flag; 3] = [flags::FILENAME, flags::NAMESPACE, flags::SELECTOR];

impl Diff {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Diff, String> {
        let arguments = Arguments::read("kubectl diff", words, &FLAGS)?;
        arguments.refuse_names()?;
        if arguments.text("filename").is_none() {
            return Err("error: must specify one of -f and -k".to_owned());
        }
        Ok(Diff { files: Files::read(&arguments, text)? })
    }

    /// Prints everything in one turn: exit code 1 where something differs, 2 where something is wrong.
    #[inline(never)]
    pub(super) fn print(&self, turn: &mut SessionTurn<'_>) {
        let (mut text, mut failures) = (String::new(), Vec::new());
        for item in self.files.items() {
            match self.one(turn, item) {
                Ok(found) => text.push_str(&found),
                Err(failure) => failures.push(failure),
            }
        }
        let differs = !text.is_empty();
        if differs {
            turn.print(text);
        }
        if failures.is_empty() {
            turn.end(u8::from(differs));
        } else {
            turn.finish(&failures);
        }
    }

    fn one(&self, turn: &SessionTurn<'_>, item: &Item) -> Result<String, Failure> {
        let manifest = item.content.as_ref().map_err(|fault| files::failure(item, fault))?;
        let target = manifest.object.reference();
        turn.may("get", &target)?;
        let live = turn.snapshot.store.object(&target);
        let merged = match &live {
            None => Some(Write::Create(files::joined(manifest.object.clone(), turn.snapshot.store))),
            Some(live) => {
                let original = apply::last_applied(live);
                let modified = manifest.without_last_applied();
                let patch = three_way::patch(target.kind, &original, &modified, &live.to_json());
                patch.map(|patch| Write::Patch {
                    target: target.clone(),
                    uid: None,
                    patch: Box::new(Patch::merging(target.kind, patch)),
                })
            }
        };
        let merged = match merged {
            None => live.clone(),
            Some(write) => {
                let change = turn.tried(&write).map_err(|error| Failure::Refused {
                    target: target.clone(),
                    context: None,
                    error: std::rc::Rc::new(error),
                })?;
                change.after
            }
        };
        // A request that is only tried leaves no trace of a write.
        let merged = merged.map(|mut object| {
            object.set_resource_version(live.as_ref().map_or(0, Object::resource_version));
            object
        });
        let (old, new) = masked(live.as_ref(), merged.as_ref());
        let shown = |value: &Value| if value.is_null() { String::new() } else { yaml::yaml(value) };
        let hunks = unified::hunks(&shown(&old), &shown(&new));
        if hunks.is_empty() {
            return Ok(String::new());
        }
        let names = target.kind.names();
        let name = format!(
            "{}.{}.{}.{}",
            names.api_version.replace('/', "."),
            names.kind,
            target.key.namespace,
            target.name()
        );
        let (live, merged) = (format!("/tmp/LIVE-1/{name}"), format!("/tmp/MERGED-1/{name}"));
        Ok(format!("diff -u -N {live} {merged}\n--- {live}\n+++ {merged}\n{hunks}"))
    }
}

/// Both objects as they are shown. What is secret is told apart, and not told.
fn masked(live: Option<&Object>, merged: Option<&Object>) -> (Value, Value) {
    let json = |object: Option<&Object>| object.map(Object::to_json).unwrap_or_default();
    let (mut old, mut new) = (json(live), json(merged));
    let is_secret = merged.or(live).is_some_and(|object| object.kind() == Kind::Secret);
    if !is_secret {
        return (old, new);
    }
    for field in ["data", "stringData"] {
        let (before, after) = (old[field].clone(), new[field].clone());
        let mask = |own: &Value, other: &Value, word: &str| {
            let entries = own.as_object().cloned().unwrap_or_default().into_iter().map(|(key, value)| {
                let is_same = other.get(&key).is_none_or(|other| *other == value);
                let word = if is_same { "***".to_owned() } else { format!("*** ({word})") };
                (key, Value::String(word))
            });
            Value::Object(entries.collect())
        };
        if before.is_object() {
            old[field] = mask(&before, &after, "before");
        }
        if after.is_object() {
            new[field] = mask(&after, &before, "after");
        }
    }
    (old, new)
}
