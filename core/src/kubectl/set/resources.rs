//! `kubectl set resources`. Upstream: `k8s.io/kubectl/pkg/cmd/set/set_resources.go`.

use std::rc::Rc;

use serde_json::{Map, Value, json};

use super::{NOTHING_NAMED, containers, is_meant, patch};
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
pub struct SetResources {
    targets: Targets,
    /// Which containers: `*` is every one.
    containers: Rc<str>,
    limits: Map<String, Value>,
    requests: Map<String, Value>,
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
    Flag::new("limits", None, Takes::Text),
    Flag::new("requests", None, Takes::Text),
];

impl SetResources {
    /// Reads a command line.
    pub(in crate::kubectl) fn parse(
        words: &[String],
        text: &dyn Fn(&str) -> Option<String>,
    ) -> Result<SetResources, String> {
        let arguments = Arguments::read("kubectl set resources", words, &FLAGS)?;
        let files = Files::read(&arguments, text)?;
        if arguments.names.is_empty() && files.items().is_empty() {
            return Err(NOTHING_NAMED.to_owned());
        }
        let amounts = |flag: &str| arguments.text(flag).map(amounts).transpose();
        let (limits, requests) = (amounts("limits")?, amounts("requests")?);
        if limits.is_none() && requests.is_none() {
            return Err(
                "error: you must specify an update to requests or limits (in the form of --requests/--limits)"
                    .to_owned(),
            );
        }
        Ok(SetResources {
            containers: arguments.text("containers").unwrap_or("*").into(),
            limits: limits.unwrap_or_default(),
            requests: requests.unwrap_or_default(),
            shape: Shape::read(&arguments)?,
            targets: Targets::read(&arguments, files, Wants::Names)?,
        })
    }

    /// What becomes of one container's resources; none where they are as asked.
    fn of(&self, container: &Value) -> Option<Value> {
        let mut resources = Map::new();
        for (field, asked) in [("limits", &self.limits), ("requests", &self.requests)] {
            let known = &container["resources"][field];
            if asked.iter().any(|(resource, amount)| known[resource] != *amount) {
                resources.insert(field.to_owned(), asked.clone().into());
            }
        }
        (!resources.is_empty()).then(|| json!({"name": container["name"], "resources": resources}))
    }
}

/// `cpu=200m,memory=512Mi`
fn amounts(text: &str) -> Result<Map<String, Value>, String> {
    let each = text.split(',').filter(|part| !part.is_empty()).map(|part| match part.split_once('=') {
        Some((resource, amount)) if !resource.is_empty() && !amount.contains('=') => {
            Ok((resource.to_owned(), json!(amount)))
        }
        _ => Err(format!("error: invalid argument syntax {part}, expected <resource>=<value>")),
    });
    each.collect()
}

impl Requests for SetResources {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed to set resources")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(object) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        let Some(known) = containers(&object, &["containers"]) else {
            return Request::Fail(Failure::own(format!("error: {}\n", no_pod_spec(&target))));
        };
        let is_meant = |(_, container): &(&str, Value)| {
            is_meant(&self.containers, container["name"].as_str().unwrap_or_default())
        };
        let meant: Vec<_> = known.into_iter().filter(is_meant).collect();
        if meant.is_empty() {
            let fault = format!("error: unable to find container named {}", self.containers);
            return Request::Fail(Failure::own(fault));
        }
        let changes = meant.into_iter().filter_map(|(list, container)| Some((list, self.of(&container)?)));
        let Some(patch) = patch(&object, changes.collect()) else {
            return Request::Skip;
        };
        let patch = Box::new(Patch::Strategic(patch));
        let resources = self.limits.keys().chain(self.requests.keys()).map(|name| name.as_str().into());
        let why = why::Kubectl::SetsResources { resources: resources.collect() };
        Request::Send(Write::Patch { target, uid: None, patch }, why)
    }

    fn accepted(&self, target: &Target, _change: &Change) -> String {
        let done = if self.shape.is_name() { "" } else { " resource requirements updated" };
        format!("{}{done}\n", shown(&target.reference))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }

    fn end(&self, turn: &mut SessionTurn<'_>, sending: Sending) {
        let tell = |failure: Failure| failure.of_patch("failed to patch resources update to pod template ");
        turn.finish(&sending.failures.into_iter().map(tell).collect::<Vec<_>>());
    }
}
