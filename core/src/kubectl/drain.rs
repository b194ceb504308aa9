//! `kubectl drain`: cordons nodes, then evicts their pods and waits until they are gone.
//! Upstream: `k8s.io/kubectl/pkg/{cmd/drain,drain}`.
//!
//! Pods are evicted one after another where kubectl asks for all of them at once; each is asked for again every five
//! seconds while its budget refuses.

mod evicting;
mod filters;

use std::rc::Rc;

use super::failure::Failure;
use super::flags::{self, Arguments, Flag, Takes};
use super::selector;
use super::session::{Answer, SessionTurn, Stage};
use super::shape::{DryRun, Shape};
use super::targets::{Selection, Targets, shown};
use crate::api::{Kind, Object, ObjectRef, Selector};
use crate::apiserver::{Patch, Write};
use crate::time::{Duration, Time};
use crate::why;
use evicting::Victim;
use filters::{Allows, Grouped};

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Drain {
    targets: Targets,
    allows: Allows,
    disables_eviction: bool,
    grace_seconds: Option<i64>,
    timeout: Option<Duration>,
    pods: Selector,
    shape: Shape,
}

/// Where a drain is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Draining {
    nodes: Vec<ObjectRef>,
    /// The node in work.
    place: usize,
    doing: Doing,
    /// The pods of the node in work that are still to go.
    victims: Vec<Victim>,
    /// What went wrong with others of them.
    faults: Vec<String>,
    since: Time,
}

/// What it does with the node in work: every node is cordoned before the first pod goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Cordoning,
    Choosing,
    Evicting,
}

const FLAGS: [Flag; 9] = [
    flags::DRY_RUN,
    flags::SELECTOR,
    Flag::new("force", None, Takes::Nothing),
    Flag::new("ignore-daemonsets", None, Takes::Nothing),
    Flag::new("delete-emptydir-data", None, Takes::Nothing),
    Flag::new("disable-eviction", None, Takes::Nothing),
    Flag::new("grace-period", None, Takes::Number),
    Flag::new("timeout", None, Takes::Time),
    Flag::new("pod-selector", None, Takes::Text),
];

impl Drain {
    /// Reads a command line.
    #[inline(never)]
    pub(super) fn parse(words: &[String]) -> Result<Drain, String> {
        let arguments = Arguments::read("kubectl drain", words, &FLAGS)?;
        let read = |text: &str| selector::parse(text).map_err(|fault| format!("error: {fault}"));
        let selection = match arguments.text("selector") {
            Some(_) if !arguments.names.is_empty() => {
                return Err(
                    "error: error: cannot specify both a node name and a --selector option".to_owned()
                );
            }
            Some(text) => Selection::Matching(vec![Kind::Node], read(text)?),
            None if arguments.names.is_empty() => {
                return Err("error: USAGE: drain NODE [flags]\nSee 'kubectl drain -h' for help and examples"
                    .to_owned());
            }
            None => {
                let names = arguments.names.iter().map(|name| name.rsplit('/').next().unwrap_or(name).into());
                Selection::Named(names.map(|name| (Kind::Node, name)).collect())
            }
        };
        let pods = arguments.text("pod-selector").map(read).transpose()?;
        Ok(Drain {
            targets: Targets { namespace: None, selection },
            allows: Allows {
                forced: arguments.is_on("force"),
                daemon_sets: arguments.is_on("ignore-daemonsets"),
                local_storage: arguments.is_on("delete-emptydir-data"),
            },
            disables_eviction: arguments.is_on("disable-eviction"),
            grace_seconds: arguments.number("grace-period").filter(|seconds| *seconds >= 0),
            timeout: arguments.time("timeout").filter(|timeout| *timeout > Duration::ZERO),
            pods: pods.unwrap_or_default(),
            shape: Shape::read(&arguments)?,
        })
    }

    /// Plays one turn.
    #[inline(never)]
    pub(super) fn play(&self, turn: &mut SessionTurn<'_>) {
        let mut draining = match &turn.session.stage {
            Stage::Draining(draining) => (**draining).clone(),
            _ => match self.begin(turn) {
                Some(draining) => draining,
                None => return,
            },
        };
        if let Some(answer) = turn.answer.take()
            && let Err(failure) = take_answer(turn, &mut draining, answer)
        {
            return turn.finish(&[failure]);
        }
        loop {
            let Some(node) = draining.nodes.get(draining.place).cloned() else {
                if draining.doing == Doing::Cordoning {
                    (draining.doing, draining.place) = (Doing::Choosing, 0);
                    continue;
                }
                return turn.end(0);
            };
            match draining.doing {
                Doing::Cordoning => match self.cordon(turn, &mut draining, &node) {
                    Ok(true) => return,
                    Ok(false) => {}
                    Err(failure) => return turn.finish(&[failure]),
                },
                Doing::Choosing => match self.choose(turn, &node) {
                    Ok(victims) => (draining.victims, draining.doing) = (victims, Doing::Evicting),
                    Err(faults) => return give_up(turn, &node, &faults),
                },
                Doing::Evicting => {
                    if self.evict(turn, &mut draining) {
                        return;
                    }
                    if !draining.faults.is_empty() {
                        return give_up(turn, &node, &draining.faults);
                    }
                    turn.print(self.shape.told(&format!("{} drained\n", shown(&node))));
                    (draining.doing, draining.place) = (Doing::Choosing, draining.place + 1);
                }
            }
        }
    }

    fn begin(&self, turn: &mut SessionTurn<'_>) -> Option<Draining> {
        let sending = self.targets.existing(turn, "no node matches the selector");
        if !sending.failures.is_empty() {
            turn.finish(&sending.failures);
            return None;
        }
        Some(Draining {
            nodes: sending.targets.into_iter().map(|target| target.reference).collect(),
            place: 0,
            doing: Doing::Cordoning,
            victims: Vec::new(),
            faults: Vec::new(),
            since: turn.snapshot.now,
        })
    }

    /// Cordons one node. Whether a request is on its way.
    fn cordon(
        &self,
        turn: &mut SessionTurn<'_>,
        draining: &mut Draining,
        node: &ObjectRef,
    ) -> Result<bool, Failure> {
        if let Some(Object::Node(found)) = turn.snapshot.store.object(node)
            && found.is_unschedulable()
        {
            turn.print(self.shape.told(&format!("{} already cordoned\n", shown(node))));
            draining.place += 1;
            return Ok(false);
        }
        let patch = Box::new(Patch::Strategic(serde_json::json!({ "spec": { "unschedulable": true } })));
        let write = Write::Patch { target: node.clone(), uid: None, patch };
        if self.shape.dry_run == DryRun::No {
            turn.send(write, why::Kubectl::Cordons, Stage::Draining(Rc::new(draining.clone())));
            return Ok(true);
        }
        if self.shape.dry_run == DryRun::Server {
            let tried = turn.tried(&write);
            tried.map_err(|error| Failure::refused(node.clone(), Rc::new(error)))?;
        }
        turn.print(self.shape.told(&format!("{} cordoned\n", shown(node))));
        draining.place += 1;
        Ok(false)
    }

    /// The pods of a node that are to go, or what stands against it.
    fn choose(&self, turn: &mut SessionTurn<'_>, node: &ObjectRef) -> Result<Vec<Victim>, Vec<String>> {
        let mut victims = Vec::new();
        let mut faults = Grouped::default();
        let mut warnings = Grouped::default();
        let here = turn.snapshot.store.pods_on(node.name());
        for pod in here.filter(|pod| self.pods.matches(&pod.meta.labels)) {
            let verdict = self.allows.judge(pod);
            if let Some(fault) = verdict.fault {
                faults.add(fault, &pod.key);
                continue;
            }
            if let Some(warning) = verdict.warning {
                warnings.add(warning, &pod.key);
            }
            if verdict.goes {
                victims.push(Victim::new(pod, turn.snapshot.now));
            }
        }
        if !faults.0.is_empty() {
            return Err(faults.lines().map(|line| format!("cannot delete {line}")).collect());
        }
        if !warnings.0.is_empty() {
            let told: Vec<String> = warnings.lines().collect();
            turn.print_error(format!("Warning: {}\n", told.join("; ")));
        }
        Ok(victims)
    }
}

/// What became of a cordon, or of an eviction.
fn take_answer(turn: &mut SessionTurn<'_>, draining: &mut Draining, answer: Answer) -> Result<(), Failure> {
    if draining.doing == Doing::Cordoning {
        let node = draining.nodes[draining.place].clone();
        draining.place += 1;
        return match answer {
            Ok(_) => {
                turn.print(format!("{} cordoned\n", shown(&node)));
                Ok(())
            }
            Err(error) => Err(Failure::refused(node, error)),
        };
    }
    evicting::take_answer(turn, draining, answer);
    Ok(())
}

/// Says what stands against draining a node. The node stays cordoned.
fn give_up(turn: &mut SessionTurn<'_>, node: &ObjectRef, faults: &[String]) {
    let name = node.name();
    let all = if let [only] = faults { only.clone() } else { format!("[{}]", faults.join(", ")) };
    let mut text =
        format!("error: unable to drain node \"{name}\" due to error: {all}, continuing command...\n");
    text += &format!("There are pending nodes to be drained:\n {name}\n");
    text.extend(faults.iter().map(|fault| format!("{fault}\n")));
    turn.print_error(text);
    turn.end(1);
}
