//! `kubectl drain`: cordons nodes, then evicts their pods and waits until they are gone.
//! Upstream: `k8s.io/kubectl/pkg/{cmd/drain,drain}`.
//!
//! Pods are evicted one after another where kubectl asks for all of them at once; each is asked for again every five
//! seconds while its budget refuses.

mod filters;

use std::rc::Rc;

use super::failure::Failure;
use super::flags::{self, Arguments, Flag, Takes};
use super::selector;
use super::session::{Answer, SessionTurn, Stage, Watching};
use super::shape::{DryRun, Shape};
use super::targets::{Selection, Targets, shown};
use crate::api::{Key, Kind, Object, ObjectRef, Pod, Selector, Uid};
use crate::apiserver::{DeleteOptions, Patch, Reason, Write};
use crate::time::{Duration, Time};
use crate::why;
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

/// A pod that is to go.
#[derive(Clone, Debug, PartialEq)]
struct Victim {
    pod: Key,
    uid: Uid,
    stand: Stand,
}

/// How far its eviction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    /// To be asked for, once this time has come.
    Wanted(Time),
    /// Asked for: the answer is next.
    Asked,
    /// Accepted: the pod is on its way out.
    Leaving,
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

/// How long a refused eviction waits before it is asked for again.
const RETRY: Duration = Duration::from_seconds(5);

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
                let stand = Stand::Wanted(turn.snapshot.now);
                victims.push(Victim { pod: pod.key.clone(), uid: pod.uid, stand });
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

    /// Asks for the next eviction, or waits. Whether there is anything to wait for.
    fn evict(&self, turn: &mut SessionTurn<'_>, draining: &mut Draining) -> bool {
        let store = turn.snapshot.store;
        let is_there =
            |victim: &Victim| store.get::<Pod>(&victim.pod).is_some_and(|pod| pod.uid == victim.uid);
        let (staying, gone): (Vec<Victim>, Vec<Victim>) =
            std::mem::take(&mut draining.victims).into_iter().partition(is_there);
        for victim in gone.iter().filter(|victim| victim.stand == Stand::Leaving) {
            let done = if self.disables_eviction { "deleted" } else { "evicted" };
            turn.print(format!("pod/{} {done}\n", victim.pod.name));
        }
        draining.victims = staying;
        if self.shape.dry_run != DryRun::No {
            self.pretend(turn, draining);
        }
        let now = turn.snapshot.now;
        if let Some(timeout) = self.timeout.filter(|timeout| draining.since + *timeout <= now) {
            self.run_out_of_time(turn, draining, timeout);
        }
        let is_due = |victim: &&mut Victim| matches!(victim.stand, Stand::Wanted(at) if at <= now);
        if let Some(victim) = draining.victims.iter_mut().find(is_due) {
            victim.stand = Stand::Asked;
            let victim = victim.clone();
            let verb = if self.disables_eviction { "deleting" } else { "evicting" };
            turn.print(self.shape.told(&format!("{verb} pod {}\n", victim.pod)));
            let why = why::Kubectl::Evicts { pod: victim.pod.name.clone() };
            turn.send(self.request(&victim), why, Stage::Draining(Rc::new(draining.clone())));
            return true;
        }
        let Some(first) = draining.victims.first() else { return false };
        let retries = draining.victims.iter().filter_map(|victim| match victim.stand {
            Stand::Wanted(at) => Some(at),
            Stand::Asked | Stand::Leaving => None,
        });
        let timeout = self.timeout.map(|timeout| draining.since + timeout).filter(|at| *at > now);
        let until = retries.chain(timeout).min();
        turn.session.watching = Some(Watching::Object(ObjectRef::new(Kind::Pod, first.pod.clone())));
        turn.session.stage = Stage::Draining(Rc::new(draining.clone()));
        if let Some(until) = until {
            turn.look_again(until.since(now));
        }
        true
    }

    /// What would become of the evictions that are due: but for those that are to be asked for again, they are done with.
    fn pretend(&self, turn: &mut SessionTurn<'_>, draining: &mut Draining) {
        let now = turn.snapshot.now;
        let asks = self.shape.dry_run == DryRun::Server;
        let verb = if asks && self.disables_eviction { "deleting" } else { "evicting" };
        for mut victim in std::mem::take(&mut draining.victims) {
            if matches!(victim.stand, Stand::Wanted(at) if at > now) {
                draining.victims.push(victim);
                continue;
            }
            turn.print(self.shape.told(&format!("{verb} pod {}\n", victim.pod)));
            if !asks {
                continue;
            }
            let tried = turn.tried(&self.request(&victim)).map(Rc::new).map_err(Rc::new);
            draining.faults.extend(take_eviction(turn, &mut victim, tried));
            if matches!(victim.stand, Stand::Wanted(at) if at > now) {
                draining.victims.push(victim);
            }
        }
    }

    /// Time is up: who is waited for is given up, who is refused is asked for a last time in words alone once its
    /// turn comes.
    fn run_out_of_time(&self, turn: &mut SessionTurn<'_>, draining: &mut Draining, timeout: Duration) {
        let (now, timeout) = (turn.snapshot.now, timeout.as_go());
        for victim in std::mem::take(&mut draining.victims) {
            let (name, namespace) = (&victim.pod.name, &victim.pod.namespace);
            let fault = match victim.stand {
                Stand::Asked => None,
                Stand::Wanted(at) if at > now => None,
                _ if self.disables_eviction => Some(format!("global timeout reached: {timeout}")),
                Stand::Wanted(_) => {
                    turn.print(format!("evicting pod {}\n", victim.pod));
                    let what = format!("error when evicting pods/\"{name}\" -n \"{namespace}\"");
                    Some(format!("{what}: global timeout reached: {timeout}"))
                }
                Stand::Leaving => {
                    let what = format!("error when waiting for pod \"{name}\" in namespace \"{namespace}\"");
                    Some(format!("{what} to terminate: global timeout reached: {timeout}"))
                }
            };
            match fault {
                Some(fault) => draining.faults.push(fault),
                None => draining.victims.push(victim),
            }
        }
    }

    fn request(&self, victim: &Victim) -> Write {
        let (pod, uid, grace_seconds) = (victim.pod.clone(), victim.uid, self.grace_seconds);
        if !self.disables_eviction {
            return Write::Evict { pod, uid, grace_seconds };
        }
        let options = DeleteOptions { grace_seconds, uid: Some(uid), ..DeleteOptions::default() };
        Write::Delete { target: ObjectRef::new(Kind::Pod, pod), options }
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
    let asked = draining.victims.iter_mut().find(|victim| victim.stand == Stand::Asked);
    let Some(victim) = asked else { return Ok(()) };
    if let Some(fault) = take_eviction(turn, victim, answer) {
        draining.victims.retain(|victim| victim.stand != Stand::Asked);
        draining.faults.push(fault);
    }
    Ok(())
}

/// What became of an eviction: why it is given up, if it is.
fn take_eviction(turn: &mut SessionTurn<'_>, victim: &mut Victim, answer: Answer) -> Option<String> {
    let error = match answer {
        Ok(_) => {
            victim.stand = Stand::Leaving;
            return None;
        }
        Err(error) => error,
    };
    let (name, namespace) = (&victim.pod.name, &victim.pod.namespace);
    let what = format!("error when evicting pods/\"{name}\" -n \"{namespace}\"");
    match error.reason {
        Reason::TooManyRequests => {
            turn.print_error(format!("{what} (will retry after 5s): {}\n", error.message));
            victim.stand = Stand::Wanted(turn.snapshot.now + RETRY);
            None
        }
        Reason::NotFound => {
            victim.stand = Stand::Leaving;
            None
        }
        _ => Some(format!("{what}: {}", error.message)),
    }
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
