//! `kubectl apply -f`: the manifest's fields are made so, and fields that left it leave the object.
//! Upstream: `k8s.io/kubectl/pkg/cmd/apply`, client-side.

use std::rc::Rc;

use serde_json::Value;

use super::failure::Failure;
use super::files::{self, Files, LAST_APPLIED, Manifest};
use super::flags::{self, Arguments, Flag};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::{DryRun, Shape};
use super::targets::{Target, is_applied, shown};
use super::three_way;
use crate::api::{Object, ObjectRef};
use crate::apiserver::{Change, Patch, Verb, Write};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Apply {
    pub(super) files: Files,
    shape: Shape,
}

const FLAGS: [Flag; 4] = [flags::DRY_RUN, flags::FILENAME, flags::NAMESPACE, flags::OUTPUT];

impl Apply {
    /// Reads a command line.
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Apply, String> {
        let arguments = Arguments::read("kubectl apply", words, &FLAGS)?;
        arguments.refuse_names()?;
        if arguments.text("filename").is_none() {
            return Err("error: must specify one of -f and -k".to_owned());
        }
        let files = Files::read(&arguments, text)?;
        if files.items().is_empty() {
            return Err("error: no objects passed to apply".to_owned());
        }
        Ok(Apply { files, shape: Shape::read(&arguments)? })
    }

    /// For objects that a page has read already.
    pub(super) fn of(files: Files) -> Apply {
        Apply { files, shape: Shape::PLAIN }
    }

    fn manifest(&self, target: &Target) -> Result<&Manifest, Failure> {
        let Some(item) = self.files.item(target) else {
            return Err(Failure::own("no objects passed to apply"));
        };
        item.content.as_ref().map_err(|fault| files::failure(item, fault))
    }

    fn file(&self, target: &Target) -> &str {
        self.files.item(target).map_or("", |item| &item.file)
    }

    fn answer(&self, target: &ObjectRef, done: &str) -> String {
        if self.shape.is_name() {
            format!("{}\n", shown(target))
        } else {
            format!("{} {done}\n", shown(target))
        }
    }

    fn patch(
        &self,
        turn: &mut SessionTurn<'_>,
        target: &Target,
        manifest: &Manifest,
        live: &Object,
    ) -> Request {
        let reference = &target.reference;
        if !is_applied(live) {
            turn.print_error(format!(
                "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. \
                 kubectl apply should only be used on resources created declaratively by either kubectl create \
                 --save-config or kubectl apply. The missing annotation will be patched automatically.\n",
                reference.kind.names().plural,
                reference.name()
            ));
        }
        let original = last_applied(live);
        let modified = manifest.with_last_applied();
        let patch = three_way::patch(reference.kind, &original, &modified, &live.to_json());
        let Some(patch) = patch else {
            return Request::Say(self.answer(reference, "unchanged"));
        };
        let fields = three_way::changed_fields(&patch);
        let patch = Patch::merging(reference.kind, patch);
        let write = Write::Patch { target: reference.clone(), uid: None, patch: Box::new(patch) };
        Request::Send(write, why::Kubectl::Configures { fields: fields.into() })
    }
}

impl Requests for Apply {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, _turn: &mut SessionTurn<'_>) -> Sending {
        Sending { targets: self.files.targets(), ..Sending::default() }
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let manifest = match self.manifest(target) {
            Ok(manifest) => manifest,
            Err(failure) => return Request::Fail(failure),
        };
        if manifest.object.name().is_empty() {
            return Request::Fail(nameless(&manifest.object, self.file(target)));
        }
        if let Err(failure) = turn.may("get", &target.reference) {
            return Request::Fail(failure.within(retrieving(&target.reference, self.file(target))));
        }
        let live = turn.snapshot.store.object(&target.reference);
        if self.shape.dry_run == DryRun::Client && !self.shape.is_whole() {
            let done = if live.is_some() { "configured" } else { "created" };
            return Request::Say(self.answer(&target.reference, done));
        }
        let Some(live) = live else {
            return Request::Send(
                Write::Create(files::joined(created(manifest), turn.snapshot.store)),
                why::Kubectl::Creates,
            );
        };
        if live.meta().deletion.is_some() {
            let name = target.reference.name();
            turn.print_error(format!(
                "Warning: Detected changes to resource {name} which is currently being deleted.\n"
            ));
        }
        self.patch(turn, target, manifest, &live)
    }

    fn accepted(&self, target: &Target, change: &Change) -> String {
        self.answer(&target.reference, if change.verb == Verb::Create { "created" } else { "configured" })
    }

    fn context(&self, target: &Target) -> Option<Rc<str>> {
        Some(self.files.item(target)?.context("creating"))
    }
}

/// What was applied last, as the object remembers it; null where it was not applied.
pub(super) fn last_applied(live: &Object) -> Value {
    let text = live.meta().annotations.get(LAST_APPLIED);
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The object with the annotation that later applies compare with.
fn created(manifest: &Manifest) -> Object {
    let mut object = manifest.object.clone();
    let json = manifest.with_last_applied();
    let text = json["metadata"]["annotations"][LAST_APPLIED].as_str().unwrap_or_default();
    Rc::make_mut(&mut object.meta_mut().annotations).insert(LAST_APPLIED.to_owned(), text.to_owned());
    object
}

fn nameless(object: &Object, file: &str) -> Failure {
    if let Some(prefix) = &object.meta().generate_name {
        return Failure::own(format!("from {prefix}: cannot use generate name with apply"));
    }
    let what = retrieving(&object.reference(), file);
    Failure::own(format!("{what}: resource name may not be empty"))
}

/// What kubectl was about to do when it could not read an object.
fn retrieving(target: &ObjectRef, file: &str) -> String {
    let names = target.kind.names();
    let (group, version) = names.api_version.rsplit_once('/').unwrap_or(("", names.api_version));
    format!(
        "error when retrieving current configuration of:\nResource: \"{group}/{version}, Resource={}\", \
         GroupVersionKind: \"{group}/{version}, Kind={}\"\nName: \"{}\", Namespace: \"{}\"\nfrom server for: \"{file}\"",
        names.plural,
        names.kind,
        target.name(),
        target.key.namespace
    )
}
