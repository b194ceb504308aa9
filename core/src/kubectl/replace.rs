//! `kubectl replace`: PUT of the whole object; with `--force`, the object is deleted and created anew.
//! Upstream: `k8s.io/kubectl/pkg/cmd/replace`.

use std::rc::Rc;

use super::delete;
use super::files::{self, Files};
use super::flags::{self, Arguments, Flag, Takes};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::{DryRun, Shape};
use super::targets::{Target, shown};
use crate::apiserver::{Change, DeleteOptions, Verb, Write};
use crate::time::Duration;
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Replace {
    pub(super) files: Files,
    forced: Option<Forced>,
    shape: Shape,
}

/// How the objects go before they are created anew.
#[derive(Clone, Debug, PartialEq)]
struct Forced {
    options: DeleteOptions,
    patience: Duration,
}

const FLAGS: [Flag; 9] = [
    flags::DRY_RUN,
    flags::FILENAME,
    flags::NAMESPACE,
    flags::OUTPUT,
    Flag::new("cascade", None, Takes::Maybe("background")),
    Flag::new("force", None, Takes::Nothing),
    Flag::new("grace-period", None, Takes::Number),
    Flag::new("timeout", None, Takes::Time),
    Flag::new("wait", None, Takes::Nothing),
];

/// How long an object is waited for to go, where nothing else is said.
const PATIENCE: Duration = Duration::from_seconds(300);

impl Replace {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Replace, String> {
        let arguments = Arguments::read("kubectl replace", words, &FLAGS)?;
        if arguments.text("filename").is_none() {
            return Err("error: must specify one of -f and -k".to_owned());
        }
        let forced = forced(&arguments)?;
        let files = Files::read(&arguments, text)?;
        if files.items().is_empty() {
            return Err("error: no objects passed to replace".to_owned());
        }
        Ok(Replace { files, forced, shape: Shape::read(&arguments)? })
    }
}

fn forced(arguments: &Arguments) -> Result<Option<Forced>, String> {
    let grace_seconds = arguments.number("grace-period").filter(|seconds| *seconds >= 0);
    let timeout = arguments.time("timeout").filter(|timeout| *timeout > Duration::ZERO);
    let propagation = delete::propagation(arguments.text("cascade"))?;
    if !arguments.is_on("force") {
        return match (grace_seconds, timeout) {
            (Some(_), _) => Err("error: --grace-period must have --force specified".to_owned()),
            (_, Some(_)) => Err("error: --timeout must have --force specified".to_owned()),
            _ => Ok(None),
        };
    }
    let options = DeleteOptions {
        // The shortest time that is still graceful: what comes next waits for the end of it.
        grace_seconds: grace_seconds.map(|seconds| seconds.max(1)),
        propagation: Some(propagation),
        ..DeleteOptions::default()
    };
    Ok(Some(Forced { options, patience: timeout.unwrap_or(PATIENCE) }))
}

impl Requests for Replace {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, _turn: &mut SessionTurn<'_>) -> Sending {
        let anew = self.files.targets();
        if self.forced.is_none() {
            return Sending { targets: anew, ..Sending::default() };
        }
        // A target without its document is to go.
        let old = anew.iter().map(|target| Target { item: None, ..target.clone() });
        let faults = self.files.items().iter().filter_map(|item| {
            let fault = item.content.as_ref().err()?;
            Some(files::failure(item, fault))
        });
        let failures: Vec<_> = faults.collect();
        let mut targets: Vec<Target> = old.filter(|target| !target.reference.name().is_empty()).collect();
        if failures.is_empty() {
            targets.extend(anew);
        }
        Sending { targets, failures, ..Sending::default() }
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let is_there = || turn.snapshot.store.object(&target.reference).is_some();
        let forced = self.forced.as_ref();
        let Some(item) = self.files.item(target) else {
            let Some(forced) = forced.filter(|_| is_there()) else { return Request::Skip };
            let (target, options) = (target.reference.clone(), forced.options.clone());
            let why = why::Kubectl::Deletes { grace_seconds: options.grace_seconds, is_forced: false };
            return Request::Send(Write::Delete { target, options }, why);
        };
        let manifest = match &item.content {
            Ok(manifest) => manifest,
            Err(fault) => return Request::Fail(files::failure(item, fault)),
        };
        let Some(forced) = forced else {
            if self.shape.dry_run == DryRun::Client && !self.shape.is_whole() {
                return Request::Say(self.answer(target));
            }
            return Request::Send(Write::Update(manifest.object.clone()), why::Kubectl::Replaces);
        };
        if self.shape.dry_run == DryRun::No && is_there() {
            return Request::Wait(forced.patience);
        }
        let object = files::joined(manifest.object.clone(), turn.snapshot.store);
        Request::Send(Write::Create(object), why::Kubectl::Creates)
    }

    fn accepted(&self, target: &Target, change: &Change) -> String {
        if change.verb == Verb::Delete {
            return delete::told(&target.reference, self.shape, "deleted");
        }
        self.answer(target)
    }

    fn is_all_or_nothing(&self) -> bool {
        self.forced.is_some()
    }

    fn context(&self, target: &Target) -> Option<Rc<str>> {
        if self.forced.is_some() {
            return None;
        }
        Some(self.files.item(target)?.context("replacing"))
    }
}

impl Replace {
    fn answer(&self, target: &Target) -> String {
        let done = if self.shape.is_name() { "" } else { " replaced" };
        format!("{}{done}\n", shown(&target.reference))
    }
}
