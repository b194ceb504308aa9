//! `kubectl set image`. Upstream: `k8s.io/kubectl/pkg/cmd/set/set_image.go`.

use std::rc::Rc;

use serde_json::{Value, json};

use super::failure::Failure;
use super::files::Files;
use super::flags::{self, Arguments, Flag};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::Shape;
use super::targets::{Target, Targets, Wants, shown};
use crate::api::{Object, ObjectRef};
use crate::apiserver::{Change, Patch, Write};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct SetImage {
    targets: Targets,
    /// Container and image; the container `*` is every one.
    images: Vec<(Rc<str>, Rc<str>)>,
    shape: Shape,
}

const FLAGS: [Flag; 6] =
    [flags::DRY_RUN, flags::FILENAME, flags::NAMESPACE, flags::SELECTOR, flags::OUTPUT, flags::ALL];

impl SetImage {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<SetImage, String> {
        let mut arguments = Arguments::read("kubectl set image", words, &FLAGS)?;
        let first =
            arguments.names.iter().position(|word| word.contains('=')).unwrap_or(arguments.names.len());
        let mut images: Vec<(Rc<str>, Rc<str>)> = Vec::new();
        for word in arguments.names.split_off(first) {
            let Some((container, image)) = word.split_once('=') else {
                return Err(format!("error: all resources must be specified before image changes: {word}"));
            };
            images.push((container.into(), image.into()));
        }
        let files = Files::read(&arguments, text)?;
        let names_nothing = arguments.names.is_empty() && files.items().is_empty();
        let named = "one or more resources must be specified as <resource> <name> or <resource>/<name>";
        let updated = "at least one image update is required";
        let all = "all containers are already specified by *, but saw more than one container_name=container_image pairs";
        match (names_nothing, images.is_empty()) {
            (true, true) => return Err(format!("{named}\n{updated}")),
            (true, false) => return Err(format!("error: {named}")),
            (false, true) => return Err(format!("error: {updated}")),
            (false, false) if images.len() > 1 && images.iter().any(|(name, _)| &**name == "*") => {
                return Err(format!("error: {all}"));
            }
            (false, false) => {}
        }
        let shape = Shape::read(&arguments)?;
        Ok(SetImage { targets: Targets::read(&arguments, files, Wants::Names)?, images, shape })
    }

    /// The containers of one list that get another image, as they are patched.
    fn changes(&self, containers: &Value, found: &mut [bool]) -> Vec<Value> {
        let mut changes = Vec::new();
        for container in containers.as_array().into_iter().flatten() {
            let name = container["name"].as_str().unwrap_or_default();
            for ((wanted, image), found) in self.images.iter().zip(found.iter_mut()) {
                if &**wanted != "*" && &**wanted != name {
                    continue;
                }
                *found = true;
                if container["image"].as_str() != Some(image) {
                    changes.push(json!({ "name": name, "image": &**image }));
                }
            }
        }
        changes
    }
}

/// Where the pod spec is, of kinds that have one.
pub(super) fn path_to_pod_spec(object: &Object) -> Option<&'static [&'static str]> {
    match object {
        Object::Pod(_) => Some(&["spec"]),
        Object::Deployment(_)
        | Object::ReplicaSet(_)
        | Object::ReplicationController(_)
        | Object::StatefulSet(_)
        | Object::DaemonSet(_)
        | Object::Job(_) => Some(&["spec", "template", "spec"]),
        Object::CronJob(_) => Some(&["spec", "jobTemplate", "spec", "template", "spec"]),
        _ => None,
    }
}

/// What is said of an object without a pod spec. Upstream: `updatePodSpecForObject`.
pub(super) fn no_pod_spec(target: &ObjectRef) -> String {
    let (plural, kind) = (target.kind.names().plural, target.kind.name());
    let version = target.kind.version();
    format!(
        "{plural}/{} the object is not a pod or does not have a pod template: *{version}.{kind}",
        target.name()
    )
}

impl Requests for SetImage {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed to set image")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(object) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        let Some(path) = path_to_pod_spec(&object) else {
            return Request::Fail(Failure::own(format!("error: {}\n", no_pod_spec(&target))));
        };
        let json = object.to_json();
        let spec = path.iter().fold(&json, |inner, key| &inner[*key]);
        let mut found = vec![false; self.images.len()];
        let mut patch = json!({});
        for list in ["containers", "initContainers"] {
            let changes = self.changes(&spec[list], &mut found);
            if !changes.is_empty() {
                patch[list] = Value::Array(changes);
            }
        }
        if let Some((name, _)) =
            self.images.iter().zip(&found).find(|(_, found)| !**found).map(|(pair, _)| pair)
        {
            return Request::Fail(Failure::own(format!("error: unable to find container named \"{name}\"")));
        }
        if patch.as_object().is_some_and(|lists| lists.is_empty()) {
            return Request::Skip;
        }
        let patch = path.iter().rev().fold(patch, |inner, key| json!({ *key: inner }));
        let (container, image) = self.images[0].clone();
        let why = why::Kubectl::SetsImage { container, image };
        Request::Send(Write::Patch { target, uid: None, patch: Box::new(Patch::Strategic(patch)) }, why)
    }

    fn accepted(&self, target: &Target, _change: &Change) -> String {
        let done = if self.shape.is_name() { "" } else { " image updated" };
        format!("{}{done}\n", shown(&target.reference))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }

    fn end(&self, turn: &mut SessionTurn<'_>, sending: Sending) {
        let tell = |failure: Failure| failure.of_patch("failed to patch image update to pod template: ");
        turn.finish(&sending.failures.into_iter().map(tell).collect::<Vec<_>>());
    }
}
