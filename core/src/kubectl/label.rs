//! `kubectl label` and `annotate`. Upstream: `k8s.io/kubectl/pkg/cmd/label`, `annotate`.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::Shape;
use super::targets::{Target, Targets, Wants, shown};
use crate::api::{Labels, ObjectRef};
use crate::apiserver::{self, Patch, Write, label_value};
use crate::why;

/// A key and its value, or that it is to go.
type Change = (Rc<str>, Option<Rc<str>>);

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    shape: Shape,
    what: What,
    targets: Targets,
    /// `None` removes the key.
    changes: Vec<Change>,
    overwrites: bool,
    /// Whether what there is is printed, and nothing changed.
    lists: bool,
}

/// Which of the two maps is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// `metadata.labels`
    Labels,
    /// `metadata.annotations`
    Annotations,
}

/// The annotation that may always be overwritten: it says why the object was changed last.
const CHANGE_CAUSE: &str = "kubernetes.io/change-cause";

const FLAGS: [Flag; 8] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::ALL_NAMESPACES,
    flags::SELECTOR,
    flags::ALL,
    Flag::new("list", None, Takes::Nothing),
    Flag::new("overwrite", None, Takes::Nothing),
];

impl What {
    const fn field(self) -> &'static str {
        match self {
            What::Labels => "labels",
            What::Annotations => "annotations",
        }
    }
}

impl Label {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(
        what: What,
        words: &[String],
        text: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Label, String> {
        let (command, noun) = match what {
            What::Labels => ("kubectl label", "label"),
            What::Annotations => ("kubectl annotate", "annotation"),
        };
        let mut arguments = Arguments::read(command, words, &FLAGS)?;
        let is_change = |word: &String| word.contains('=') || (word.len() > 1 && word.ends_with('-'));
        let first = arguments.names.iter().position(is_change).unwrap_or(arguments.names.len());
        let mut changes = Vec::new();
        for word in arguments.names.split_off(first) {
            changes.push(match (word.split_once('='), word.strip_suffix('-')) {
                (Some((key, value)), _) if !key.is_empty() => {
                    if what == What::Labels {
                        check_label(&word, value)?;
                    }
                    (key.into(), Some(value.into()))
                }
                (None, Some(key)) => (key.into(), None),
                _ => return Err(format!("error: unknown {noun} spec: {word}")),
            });
        }
        let is_set =
            |key: &Rc<str>| changes.iter().any(|(known, value): &Change| known == key && value.is_some());
        let both = changes.iter().filter(|(key, value)| value.is_none() && is_set(key));
        let both: Vec<&str> = both.map(|(key, _)| &**key).collect();
        if !both.is_empty() {
            let all = both.join(", ");
            return Err(match what {
                What::Labels => {
                    "error: can not both modify and remove a label in the same command".to_owned()
                }
                What::Annotations => format!(
                    "error: can not both modify and remove the following annotation(s) in the same command: {all}"
                ),
            });
        }
        let lists = arguments.is_on("list");
        let files = Files::read(&arguments, text)?;
        if arguments.names.is_empty() && files.items().is_empty() {
            return Err(
                "error: one or more resources must be specified as <resource> <name> or <resource>/<name>"
                    .to_owned(),
            );
        }
        if changes.is_empty() && !lists {
            return Err(format!("error: at least one {noun} update is required"));
        }
        let overwrites = arguments.is_on("overwrite");
        Ok(Label {
            shape: Shape::read(&arguments)?,
            what,
            changes,
            overwrites,
            lists,
            targets: Targets::read(&arguments, files, Wants::Names)?,
        })
    }

    /// The change that would overwrite a value without being told to.
    fn conflict(&self, known: &Labels) -> Option<String> {
        let clashes = |(key, value): &&Change| {
            let is_free = self.what == What::Annotations && &**key == CHANGE_CAUSE;
            let known = known.get(&**key).filter(|_| !is_free);
            value.as_ref().is_some_and(|value| known.is_some_and(|known| **known != **value))
        };
        let (key, _) = self.changes.iter().filter(|_| !self.overwrites).find(clashes)?;
        let value = known.get(&**key)?;
        Some(match self.what {
            What::Labels => format!("'{key}' already has a value ({value}), and --overwrite is false"),
            What::Annotations => format!(
                "--overwrite is false but found the following declared annotation(s): '{key}' already has a value \
                 ({value})"
            ),
        })
    }

    /// What an object has, with its name above where several objects may be meant.
    fn listed(&self, target: &ObjectRef, known: &Labels) -> String {
        let is_one = self.targets.is_one();
        let indent = if is_one { "" } else { " " };
        let lines = known.iter().map(|(key, value)| format!("{indent}{key}={value}\n"));
        let lines: String = lines.collect();
        if is_one {
            return lines;
        }
        let (kind, field) = (target.kind, self.what.field());
        format!("Listing {field} for {}.{}/{}:\n{lines}", kind.name(), kind.group(), target.name())
    }

    fn patch(&self) -> Value {
        let entries = self.changes.iter().map(|(key, value)| (key.to_string(), json!(value.as_deref())));
        let entries: Map<String, Value> = entries.collect();
        json!({ "metadata": { self.what.field(): entries } })
    }
}

/// Refuses what is no value of a label, before anything is asked for.
fn check_label(word: &str, value: &str) -> Result<(), String> {
    if value.contains('=') {
        return Err(format!("error: invalid label spec: {word}"));
    }
    match label_value(value).as_slice() {
        [] => Ok(()),
        faults => Err(format!("error: invalid label value: {word:?}: {}", faults.join(";"))),
    }
}

impl Requests for Label {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(object) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        let known = match self.what {
            What::Labels => &object.meta().labels,
            What::Annotations => &object.meta().annotations,
        };
        if self.lists {
            return Request::Say(self.listed(&target, known));
        }
        if let Some(fault) = self.conflict(known) {
            return Request::Fail(Failure::own(fault));
        }
        let is_absent = |(key, value): &&Change| value.is_none() && !known.contains_key(&**key);
        for (key, _) in self.changes.iter().filter(is_absent) {
            if self.what == What::Labels {
                turn.print(format!("label \"{key}\" not found.\n"));
            }
        }
        let changes = |(key, value): &Change| known.get(&**key).map(String::as_str) != value.as_deref();
        if !self.changes.iter().any(changes) {
            let done = if self.what == What::Labels { "not labeled" } else { "annotated" };
            return Request::Say(format!("{} {done}\n", shown(&target)));
        }
        let keys = self.changes.iter().map(|(key, _)| key.clone()).collect();
        let why = match self.what {
            What::Labels => why::Kubectl::Labels { keys },
            What::Annotations => why::Kubectl::Annotates { keys },
        };
        Request::Send(Write::Patch { target, uid: None, patch: Box::new(Patch::Merge(self.patch())) }, why)
    }

    fn accepted(&self, target: &Target, change: &apiserver::Change) -> String {
        let count = |object: &Option<crate::api::Object>| {
            object.as_ref().map_or(0, |object| object.meta().labels.len())
        };
        let is_fewer = count(&change.after) < count(&change.before);
        let done = match self.what {
            What::Annotations => "annotated",
            What::Labels if is_fewer && !self.overwrites => "unlabeled",
            What::Labels => "labeled",
        };
        format!("{} {done}\n", shown(&target.reference))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }
}
