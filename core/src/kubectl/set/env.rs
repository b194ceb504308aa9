//! `kubectl set env`. Upstream: `k8s.io/kubectl/pkg/cmd/set/set_env.go`.

use std::rc::Rc;

use serde_json::{Value, json};

use super::{NOTHING_NAMED, containers, is_meant, patch};
use crate::api::ObjectRef;
use crate::apiserver::{Change, Patch, Write};
use crate::kubectl::failure::Failure;
use crate::kubectl::files::Files;
use crate::kubectl::flags::{self, Arguments, Flag, Takes};
use crate::kubectl::requests::{Request, Requests};
use crate::kubectl::session::{Sending, SessionTurn};
use crate::kubectl::set_image::no_pod_spec;
use crate::kubectl::shape::Shape;
use crate::kubectl::targets::{Target, Targets, Wants, shown};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SetEnv {
    targets: Targets,
    /// Which containers: `*` is every one.
    containers: Rc<str>,
    /// Variables and their values; without a value they go.
    changes: Vec<(Rc<str>, Option<Rc<str>>)>,
    /// Whether what there is is printed, and nothing changed.
    lists: bool,
    shape: Shape,
}

const FLAGS: [Flag; 9] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::SELECTOR,
    flags::OUTPUT,
    flags::ALL,
    Flag::new("containers", Some('c'), Takes::Text),
    Flag::new("env", Some('e'), Takes::Text),
    Flag::new("list", None, Takes::Nothing),
];

impl SetEnv {
    /// Reads a command line.
    pub(in crate::kubectl) fn parse(
        words: &[String],
        text: &dyn Fn(&str) -> Option<String>,
    ) -> Result<SetEnv, String> {
        let mut arguments = Arguments::read("kubectl set env", words, &FLAGS)?;
        let is_change = |word: &String| word.contains('=') || (word.len() > 1 && word.ends_with('-'));
        let first = arguments.names.iter().position(is_change).unwrap_or(arguments.names.len());
        let mut words = arguments.names.split_off(first);
        words.extend(arguments.texts("env").map(str::to_owned));
        let mut changes: Vec<(Rc<str>, Option<Rc<str>>)> = Vec::new();
        for word in words {
            changes.push(match (word.split_once('='), word.strip_suffix('-')) {
                (Some((name, value)), _) if !name.is_empty() => (name.into(), Some(value.into())),
                (None, Some(name)) => (name.into(), None),
                _ => return Err(format!("error: invalid environment variable specification: {word}")),
            });
        }
        let files = Files::read(&arguments, text)?;
        if arguments.names.is_empty() && files.items().is_empty() {
            return Err(NOTHING_NAMED.to_owned());
        }
        let lists = arguments.is_on("list");
        if changes.is_empty() && !lists {
            return Err("error: at least one environment variable must be provided".to_owned());
        }
        Ok(SetEnv {
            containers: arguments.text("containers").unwrap_or("*").into(),
            changes,
            lists,
            shape: Shape::read(&arguments)?,
            targets: Targets::read(&arguments, files, Wants::Names)?,
        })
    }

    /// The variables of one container that become others, as they are patched.
    fn of(&self, container: &Value) -> Vec<Value> {
        let known =
            |name: &str| container["env"].as_array()?.iter().find(|variable| variable["name"] == name);
        let changed = self.changes.iter().filter_map(|(name, value)| match (known(name), value) {
            (None, None) => None,
            (Some(_), None) => Some(json!({"$patch": "delete", "name": &**name})),
            (Some(known), Some(value)) if known["valueFrom"].is_null() && known["value"] == **value => None,
            (Some(known), Some(value)) if !known["valueFrom"].is_null() => {
                Some(json!({"name": &**name, "value": &**value, "valueFrom": null}))
            }
            (_, Some(value)) => Some(json!({"name": &**name, "value": &**value})),
        });
        changed.collect()
    }
}

/// `# Deployment web, container web`, and its variables.
fn listed(target: &ObjectRef, container: &Value) -> String {
    let name = container["name"].as_str().unwrap_or_default();
    let mut text = format!("# {} {}, container {name}\n", target.kind.name(), target.name());
    for variable in container["env"].as_array().into_iter().flatten() {
        let name = variable["name"].as_str().unwrap_or_default();
        let from = &variable["valueFrom"];
        let key = |source: &str, words: &str| {
            let source = from[source].as_object()?;
            let text = |field: &str| source.get(field).and_then(Value::as_str).unwrap_or_default();
            Some(format!("# {name} from {words} {}, key {}\n", text("name"), text("key")))
        };
        let field =
            || Some(format!("# {name} from field path {}\n", from["fieldRef"]["fieldPath"].as_str()?));
        let told =
            key("secretKeyRef", "secret").or_else(|| key("configMapKeyRef", "configmap")).or_else(field);
        text +=
            &told.unwrap_or_else(|| format!("{name}={}\n", variable["value"].as_str().unwrap_or_default()));
    }
    text
}

impl Requests for SetEnv {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed to set env")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(object) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        let Some(known) = containers(&object, &["containers", "initContainers"]) else {
            return Request::Fail(Failure::own(format!("error: {}\n", no_pod_spec(&target))));
        };
        let name = |container: &Value| container["name"].as_str().unwrap_or_default().to_owned();
        let meant: Vec<_> =
            known.into_iter().filter(|(_, container)| is_meant(&self.containers, &name(container))).collect();
        if meant.is_empty() {
            turn.print_error(format!(
                "warning: {} does not have any containers matching {:?}\n",
                shown(&target),
                self.containers
            ));
            return Request::Skip;
        }
        if self.lists {
            return Request::Say(meant.iter().map(|(_, container)| listed(&target, container)).collect());
        }
        let changes = meant.into_iter().filter_map(|(list, container)| {
            let env = self.of(&container);
            (!env.is_empty()).then(|| (list, json!({"name": name(&container), "env": env})))
        });
        let Some(patch) = patch(&object, changes.collect()) else { return Request::Skip };
        let names = self.changes.iter().map(|(name, _)| name.clone()).collect();
        let patch = Box::new(Patch::Strategic(patch));
        Request::Send(Write::Patch { target, uid: None, patch }, why::Kubectl::SetsEnvironment { names })
    }

    fn accepted(&self, target: &Target, _change: &Change) -> String {
        let done = if self.shape.is_name() { "" } else { " env updated" };
        format!("{}{done}\n", shown(&target.reference))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }

    fn end(&self, turn: &mut SessionTurn<'_>, sending: Sending) {
        let tell = |failure: Failure| failure.of_patch("failed to patch env update to pod template: ");
        turn.finish(&sending.failures.into_iter().map(tell).collect::<Vec<_>>());
    }
}
