//! `kubectl taint`. Upstream: `k8s.io/kubectl/pkg/cmd/taint`.

use std::rc::Rc;

use k8s_openapi::api::core::v1 as core;
use serde_json::json;

use super::failure::Failure;
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::selector;
use super::session::{Sending, SessionTurn};
use super::shape::Shape;
use super::targets::{Selection, Target, Targets, shown};
use crate::api::{Kind, Object};
use crate::apiserver::{Change, Patch, Write};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Taint {
    shape: Shape,
    targets: Targets,
    added: Vec<Spec>,
    /// Without an effect: every taint of that key.
    removed: Vec<Spec>,
    overwrites: bool,
}

/// `key=value:Effect`
#[derive(Clone, Debug, PartialEq)]
struct Spec {
    key: Rc<str>,
    value: Option<Rc<str>>,
    effect: Rc<str>,
}

const FLAGS: [Flag; 4] =
    [flags::DRY_RUN, flags::SELECTOR, flags::ALL, Flag::new("overwrite", None, Takes::Nothing)];

/// What a taint may do.
const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

impl Taint {
    /// Reads a command line: `nodes node-1 dedicated=web:NoSchedule old-`.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<Taint, String> {
        let mut arguments = Arguments::read("kubectl taint", words, &FLAGS)?;
        let is_spec = |word: &String| word.contains(':') || word.contains('=') || word.ends_with('-');
        let first = arguments.names.iter().position(is_spec).unwrap_or(arguments.names.len());
        let (mut added, mut removed) = (Vec::new(), Vec::new());
        for word in arguments.names.split_off(first) {
            match word.strip_suffix('-') {
                Some(word) => removed.push(read(word, false)?),
                None => added.push(read(&word, true)?),
            }
        }
        let mut names = arguments.names.iter();
        let kind = names.next().map(String::as_str).unwrap_or_default();
        if !matches!(kind, "node" | "nodes" | "no") {
            return Err(format!("error: invalid resource type(s) [{kind}], must be node(s)"));
        }
        if added.is_empty() && removed.is_empty() {
            return Err("error: at least one taint update is required".to_owned());
        }
        let selection = match arguments.text("selector") {
            Some(text) => Selection::Matching(
                vec![Kind::Node],
                selector::parse(text).map_err(|fault| format!("error: {fault}"))?,
            ),
            None if arguments.is_on("all") => Selection::Matching(vec![Kind::Node], selector_of_all()),
            None => Selection::Named(names.map(|name| (Kind::Node, name.as_str().into())).collect()),
        };
        if matches!(&selection, Selection::Named(names) if names.is_empty()) {
            return Err("error: one or more resources must be specified as <resource> <name>".to_owned());
        }
        let overwrites = arguments.is_on("overwrite");
        Ok(Taint {
            shape: Shape::read(&arguments)?,
            targets: Targets { namespace: None, selection },
            added,
            removed,
            overwrites,
        })
    }

    /// The node's taints as they shall be, or what stands against it.
    fn changed(&self, node: &str, known: &[core::Taint]) -> Result<Vec<core::Taint>, String> {
        let is = |spec: &Spec, taint: &core::Taint| {
            taint.key == *spec.key && (spec.effect.is_empty() || taint.effect == *spec.effect)
        };
        let taken = self.added.iter().find(|spec| known.iter().any(|taint| is(spec, taint)));
        if let Some(spec) = taken.filter(|_| !self.overwrites) {
            return Err(format!(
                "node {node} already has {} taint(s) with same effect(s) and --overwrite is false",
                spec.key
            ));
        }
        if let Some(spec) = self.removed.iter().find(|spec| !known.iter().any(|taint| is(spec, taint))) {
            let effect = if spec.effect.is_empty() { String::new() } else { format!(":{}", spec.effect) };
            return Err(format!("taint \"{}{effect}\" not found", spec.key));
        }
        let goes = |taint: &core::Taint| self.added.iter().chain(&self.removed).any(|spec| is(spec, taint));
        let added = self.added.iter().map(|spec| core::Taint {
            key: spec.key.to_string(),
            value: spec.value.as_deref().filter(|value| !value.is_empty()).map(str::to_owned),
            effect: spec.effect.to_string(),
            time_added: None,
        });
        Ok(added.chain(known.iter().filter(|taint| !goes(taint)).cloned()).collect())
    }
}

fn selector_of_all() -> crate::api::Selector {
    crate::api::Selector::new(Vec::new())
}

/// `dedicated=web:NoSchedule`, `dedicated:NoSchedule`, and to be removed `dedicated` too.
fn read(word: &str, is_added: bool) -> Result<Spec, String> {
    let (name, effect) = word.split_once(':').unwrap_or((word, ""));
    let (key, value) = name.split_once('=').map_or((name, None), |(key, value)| (key, Some(value.into())));
    if key.is_empty() || is_added && effect.is_empty() {
        return Err(format!("error: unknown taint spec: {word}"));
    }
    if !effect.is_empty() && !EFFECTS.contains(&effect) {
        return Err(format!(
            "error: invalid taint effect: {effect}, unsupported taint effect\nSee 'kubectl taint -h' for help and \
             examples"
        ));
    }
    Ok(Spec { key: key.into(), value, effect: effect.into() })
}

impl Requests for Taint {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no nodes found")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(Object::Node(node)) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        match self.changed(node.name(), node.taints()) {
            Err(fault) => Request::Fail(Failure::own(fault)),
            Ok(taints) => {
                let patch = Box::new(Patch::Strategic(json!({ "spec": { "taints": taints } })));
                let specs = self.added.iter().chain(&self.removed);
                let keys = specs.map(|spec| spec.key.clone()).collect();
                Request::Send(Write::Patch { target, uid: None, patch }, why::Kubectl::Taints { keys })
            }
        }
    }

    fn accepted(&self, target: &Target, _change: &Change) -> String {
        let done = match (self.added.is_empty(), self.removed.is_empty()) {
            (true, _) => "untainted",
            (false, true) if self.overwrites => "modified",
            (false, true) => "tainted",
            (false, false) => "modified",
        };
        format!("{} {done}\n", shown(&target.reference))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }
}
