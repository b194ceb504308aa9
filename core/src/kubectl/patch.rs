//! `kubectl patch`. Upstream: `k8s.io/kubectl/pkg/cmd/patch`.

use std::rc::Rc;

use serde_json::Value;

use super::failure::Failure;
use super::files::Files;
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::Shape;
use super::targets::{Target, Targets, Wants, shown};
use crate::apiserver::{self, Change, Write};
use crate::manifest;
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Patch {
    targets: Targets,
    patch: apiserver::Patch,
    /// Paths of the fields it names: `spec.replicas`.
    fields: Rc<[String]>,
    shape: Shape,
}

const FLAGS: [Flag; 7] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("patch", Some('p'), Takes::Text),
    Flag::new("patch-file", None, Takes::Text),
    Flag::new("type", None, Takes::Text),
];

impl Patch {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Patch, String> {
        let arguments = Arguments::read("kubectl patch", words, &FLAGS)?;
        let inline = arguments.text("patch").map(str::to_owned);
        let file = arguments.text("patch-file");
        let content = match (inline, file) {
            (Some(_), Some(_)) => {
                return Err("error: cannot specify --patch and --patch-file together".to_owned());
            }
            (Some(inline), None) => inline,
            (None, Some(file)) => text(file).ok_or_else(|| {
                format!("error: unable to read patch file: open {file}: no such file or directory")
            })?,
            (None, None) => {
                return Err(
                    "error: must specify --patch or --patch-file containing the contents of the patch"
                        .to_owned(),
                );
            }
        };
        let value = manifest::value(&content)
            .map_err(|fault| format!("error: unable to parse \"{content}\": {fault}"))?;
        let fields = fields_of(&value);
        let patch = match arguments.text("type").unwrap_or("strategic").to_ascii_lowercase().as_str() {
            "strategic" => apiserver::Patch::Strategic(value),
            "merge" => apiserver::Patch::Merge(value),
            "json" => apiserver::Patch::Json(value),
            other => {
                return Err(format!("error: --type must be one of [json merge strategic], not \"{other}\""));
            }
        };
        let files = Files::read(&arguments, text)?;
        let shape = Shape::read(&arguments)?;
        Ok(Patch { targets: Targets::read(&arguments, files, Wants::Names)?, patch, fields, shape })
    }
}

/// The paths that a patch names.
fn fields_of(patch: &Value) -> Rc<[String]> {
    let mut fields = Vec::new();
    match patch {
        Value::Array(operations) => {
            let paths = operations.iter().filter_map(|operation| operation["path"].as_str());
            fields.extend(paths.map(|path| path.trim_start_matches('/').replace('/', ".")));
        }
        other => collect("", other, &mut fields),
    }
    fields.into()
}

fn collect(path: &str, value: &Value, fields: &mut Vec<String>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                let below = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                collect(&below, value, fields);
            }
        }
        _ if path.is_empty() => {}
        _ => fields.push(path.to_owned()),
    }
}

impl Requests for Patch {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no objects passed to patch")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(live) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        turn.warn(&apiserver::unknown_fields(&live, &self.patch));
        let why = why::Kubectl::Patches { fields: self.fields.clone() };
        Request::Send(Write::Patch { target, uid: None, patch: Box::new(self.patch.clone()) }, why)
    }

    fn accepted(&self, target: &Target, change: &Change) -> String {
        let done = match (self.shape.is_name(), change.is_noop()) {
            (true, _) => "",
            (false, false) => " patched",
            (false, true) => " patched (no change)",
        };
        format!("{}{done}\n", shown(&target.reference))
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }
}
