//! `kubectl replace`: PUT of the whole object. Upstream: `k8s.io/kubectl/pkg/cmd/replace`.

use std::rc::Rc;

use super::files::{self, Files};
use super::flags::{self, Arguments, Flag};
use super::requests::{Request, Requests};
use super::session::{Sending, SessionTurn};
use super::shape::Shape;
use super::targets::{Target, shown};
use crate::api::{Key, Kind, ObjectRef};
use crate::apiserver::{Change, Write};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Replace {
    pub(super) files: Files,
    shape: Shape,
}

const FLAGS: [Flag; 4] = [flags::DRY_RUN, flags::FILENAME, flags::NAMESPACE, flags::OUTPUT];

impl Replace {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String], text: &dyn Fn(&str) -> Option<String>) -> Result<Replace, String> {
        if words.iter().any(|word| word == "--force") {
            return Err(
                "error: kubectl replace --force is not simulated; delete the object and create it anew"
                    .to_owned(),
            );
        }
        let arguments = Arguments::read("kubectl replace", words, &FLAGS)?;
        if !arguments.names.is_empty() {
            let words = arguments.names.join(" ");
            return Err(format!(
                "error: Unexpected args: [{words}]\nSee 'kubectl replace -h' for help and examples"
            ));
        }
        if arguments.text("filename").is_none() {
            return Err(
                "error: must specify --filename to replace\nSee 'kubectl replace -h' for help and examples"
                    .to_owned(),
            );
        }
        let files = Files::read(&arguments, text)?;
        if files.items().is_empty() {
            return Err("error: no objects passed to replace".to_owned());
        }
        Ok(Replace { files, shape: Shape::read(&arguments)? })
    }
}

impl Requests for Replace {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, _turn: &mut SessionTurn<'_>) -> Sending {
        let items = self.files.items().iter().enumerate();
        let unknown = || ObjectRef::new(Kind::Pod, Key::new("", ""));
        let targets = items.map(|(place, item)| Target {
            reference: item.target().unwrap_or_else(unknown),
            item: Some(place),
        });
        Sending { targets: targets.collect(), ..Sending::default() }
    }

    fn request(&self, _turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let Some(item) = target.item.and_then(|item| self.files.items().get(item)) else {
            return Request::Skip;
        };
        match &item.content {
            Ok(manifest) => Request::Send(Write::Update(manifest.object.clone()), why::Kubectl::Replaces),
            Err(fault) => Request::Fail(files::failure(item, fault)),
        }
    }

    fn accepted(&self, target: &Target, _change: &Change) -> String {
        let done = if self.shape.is_name() { "" } else { " replaced" };
        format!("{}{done}\n", shown(&target.reference))
    }

    fn context(&self, target: &Target) -> Option<Rc<str>> {
        let item = self.files.items().get(target.item?)?;
        Some(item.context("replacing"))
    }
}
