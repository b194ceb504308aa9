//! `kubectl cordon` and `uncordon`. Upstream: `k8s.io/kubectl/pkg/cmd/drain`.

use std::rc::Rc;

use serde_json::json;

use super::failure::Failure;
use super::flags::{self, Arguments, Flag};
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
pub struct Cordon {
    shape: Shape,
    targets: Targets,
    /// Whether new pods are kept off.
    is_cordon: bool,
}

const FLAGS: [Flag; 2] = [flags::DRY_RUN, flags::SELECTOR];

impl Cordon {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(is_cordon: bool, words: &[String]) -> Result<Cordon, String> {
        let command = if is_cordon { "cordon" } else { "uncordon" };
        let arguments = Arguments::read(&format!("kubectl {command}"), words, &FLAGS)?;
        let selection = match arguments.text("selector") {
            Some(_) if !arguments.names.is_empty() => {
                return Err(
                    "error: error: cannot specify both a node name and a --selector option".to_owned()
                );
            }
            Some(text) => Selection::Matching(
                vec![Kind::Node],
                selector::parse(text).map_err(|fault| format!("error: {fault}"))?,
            ),
            None if arguments.names.is_empty() => {
                return Err(format!(
                    "error: USAGE: {command} NODE [flags]\nSee 'kubectl {command} -h' for help and examples"
                ));
            }
            None => {
                let names = arguments.names.iter().map(|name| name.rsplit('/').next().unwrap_or(name).into());
                Selection::Named(names.map(|name| (Kind::Node, name)).collect())
            }
        };
        Ok(Cordon {
            shape: Shape::read(&arguments)?,
            targets: Targets { namespace: None, selection },
            is_cordon,
        })
    }

    fn done(&self) -> &'static str {
        if self.is_cordon { "cordoned" } else { "uncordoned" }
    }
}

impl Requests for Cordon {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Sending {
        self.targets.existing(turn, "no node matches the selector")
    }

    fn request(&self, turn: &mut SessionTurn<'_>, target: &Target) -> Request {
        let target = target.reference.clone();
        let Some(Object::Node(node)) = turn.snapshot.store.object(&target) else {
            return Request::Fail(Failure::not_found(target));
        };
        if node.is_unschedulable() == self.is_cordon {
            return Request::Say(format!("{} already {}\n", shown(&target), self.done()));
        }
        let value = self.is_cordon.then_some(true);
        let patch = Patch::Strategic(json!({ "spec": { "unschedulable": value } }));
        let why = if self.is_cordon { why::Kubectl::Cordons } else { why::Kubectl::Uncordons };
        Request::Send(Write::Patch { target, uid: None, patch: Box::new(patch) }, why)
    }

    fn accepted(&self, target: &Target, _change: &Change) -> String {
        format!("{} {}\n", shown(&target.reference), self.done())
    }

    fn context(&self, _target: &Target) -> Option<Rc<str>> {
        None
    }
}
