//! `kubectl drain`: cordons nodes, then evicts their pods and waits until they are gone.
//! Upstream: `k8s.io/kubectl/pkg/{cmd/drain,drain}`.
//!
//! Pods are evicted one after another where kubectl asks for all of them at once; each is asked for again every five
//! seconds while its budget refuses.

use std::rc::Rc;

use super::failure::Failure;
use super::flags::{self, Arguments, Flag, Takes};
use super::selector;
use super::session::{SessionTurn, Stage, Watching};
use super::targets::{Selection, Targets, shown};
use crate::api::{Key, Kind, Object, ObjectRef, Pod, Selector, Uid};
use crate::apiserver::{DeleteOptions, Patch, Reason, Write};
use crate::time::{Duration, Time};
use crate::why;

/// What was asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Drain {
    targets: Targets,
    is_forced: bool,
    ignores_daemon_sets: bool,
    deletes_local_storage: bool,
    disables_eviction: bool,
    grace_seconds: Option<i64>,
    timeout: Option<Duration>,
    pods: Selector,
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

const FLAGS: [Flag; 8] = [
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

/// Marks the API's picture of a static pod.
const MIRROR_ANNOTATION: &str = "kubernetes.io/config.mirror";

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
            is_forced: arguments.is_on("force"),
            ignores_daemon_sets: arguments.is_on("ignore-daemonsets"),
            deletes_local_storage: arguments.is_on("delete-emptydir-data"),
            disables_eviction: arguments.is_on("disable-eviction"),
            grace_seconds: arguments.number("grace-period").filter(|seconds| *seconds >= 0),
            timeout: arguments.time("timeout").filter(|timeout| *timeout > Duration::ZERO),
            pods: pods.unwrap_or_default(),
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
                Doing::Cordoning => {
                    if self.cordon(turn, &mut draining, &node) {
                        return;
                    }
                }
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
                    turn.print(format!("{} drained\n", shown(&node)));
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
    fn cordon(&self, turn: &mut SessionTurn<'_>, draining: &mut Draining, node: &ObjectRef) -> bool {
        if let Some(Object::Node(found)) = turn.snapshot.store.object(node)
            && found.is_unschedulable()
        {
            turn.print(format!("{} already cordoned\n", shown(node)));
            draining.place += 1;
            return false;
        }
        let patch = Box::new(Patch::Strategic(serde_json::json!({ "spec": { "unschedulable": true } })));
        let write = Write::Patch { target: node.clone(), uid: None, patch };
        turn.send(write, why::Kubectl::Cordons, Stage::Draining(Rc::new(draining.clone())));
        true
    }

    /// The pods of a node that are to go, or what stands against it.
    fn choose(&self, turn: &mut SessionTurn<'_>, node: &ObjectRef) -> Result<Vec<Victim>, Vec<String>> {
        let mut victims = Vec::new();
        let mut faults = Grouped::default();
        let mut warnings = Grouped::default();
        let here = turn.snapshot.store.pods_on(node.name());
        for pod in here.filter(|pod| self.pods.matches(&pod.meta.labels)) {
            let verdict = self.judge(pod);
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

    /// Whether a pod goes: kubectl's filters, in their order. The first that keeps it decides.
    fn judge(&self, pod: &Pod) -> Verdict {
        let owner = pod.meta.controller();
        let is_finished = pod.is_finished();
        if owner.is_some_and(|owner| &*owner.kind == Kind::DaemonSet.name()) && !is_finished {
            return if self.ignores_daemon_sets {
                Verdict::stays(Some("ignoring DaemonSet-managed Pods"))
            } else {
                Verdict::refused("DaemonSet-managed Pods (use --ignore-daemonsets to ignore)")
            };
        }
        if pod.annotation(MIRROR_ANNOTATION).is_some() {
            return Verdict::stays(None);
        }
        let volumes = pod.spec.spec.volumes.iter().flatten();
        let has_local_storage = volumes.filter(|volume| volume.empty_dir.is_some()).count() > 0;
        if has_local_storage && !is_finished && !self.deletes_local_storage {
            return Verdict::refused("Pods with local storage (use --delete-emptydir-data to override)");
        }
        if owner.is_none() && !is_finished {
            return if self.is_forced {
                Verdict::goes(Some("deleting Pods that declare no controller"))
            } else {
                Verdict::refused("Pods that declare no controller (use --force to override)")
            };
        }
        Verdict::goes((has_local_storage && !is_finished).then_some("deleting Pods with local storage"))
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
        let now = turn.snapshot.now;
        if let Some(timeout) = self.timeout.filter(|timeout| draining.since + *timeout <= now) {
            self.run_out_of_time(turn, draining, timeout);
        }
        let is_due = |victim: &&mut Victim| matches!(victim.stand, Stand::Wanted(at) if at <= now);
        if let Some(victim) = draining.victims.iter_mut().find(is_due) {
            victim.stand = Stand::Asked;
            let victim = victim.clone();
            let verb = if self.disables_eviction { "deleting" } else { "evicting" };
            turn.print(format!("{verb} pod {}\n", victim.pod));
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

/// Pods by what is said of them, in the order in which it was said first.
#[derive(Default)]
struct Grouped(Vec<(&'static str, Vec<String>)>);

impl Grouped {
    fn add(&mut self, text: &'static str, pod: &Key) {
        let place = self.0.iter().position(|(known, _)| *known == text).unwrap_or(self.0.len());
        if place == self.0.len() {
            self.0.push((text, Vec::new()));
        }
        self.0[place].1.push(pod.to_string());
    }

    /// `deleting Pods that declare no controller: default/a, default/b`
    fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(text, pods)| format!("{text}: {}", pods.join(", ")))
    }
}

/// What kubectl's filters say of a pod.
struct Verdict {
    goes: bool,
    warning: Option<&'static str>,
    fault: Option<&'static str>,
}

impl Verdict {
    fn goes(warning: Option<&'static str>) -> Verdict {
        Verdict { goes: true, warning, fault: None }
    }

    fn stays(warning: Option<&'static str>) -> Verdict {
        Verdict { goes: false, warning, fault: None }
    }

    fn refused(fault: &'static str) -> Verdict {
        Verdict { goes: false, warning: None, fault: Some(fault) }
    }
}

/// What became of a cordon, or of an eviction.
fn take_answer(
    turn: &mut SessionTurn<'_>,
    draining: &mut Draining,
    answer: super::session::Answer,
) -> Result<(), Failure> {
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
    let now = turn.snapshot.now;
    let asked = draining.victims.iter_mut().find(|victim| victim.stand == Stand::Asked);
    let Some(victim) = asked else { return Ok(()) };
    match answer {
        Ok(_) => victim.stand = Stand::Leaving,
        Err(error) if error.reason == Reason::TooManyRequests => {
            victim.stand = Stand::Wanted(now + RETRY);
            let (name, namespace) = (victim.pod.name.clone(), victim.pod.namespace.clone());
            turn.print_error(format!(
                "error when evicting pods/\"{name}\" -n \"{namespace}\" (will retry after 5s): {}\n",
                error.message
            ));
        }
        Err(error) if error.reason == Reason::NotFound => victim.stand = Stand::Leaving,
        Err(error) => {
            let (name, namespace) = (victim.pod.name.clone(), victim.pod.namespace.clone());
            draining.victims.retain(|victim| victim.stand != Stand::Asked);
            let what = format!("error when evicting pods/\"{name}\" -n \"{namespace}\"");
            draining.faults.push(format!("{what}: {}", error.message));
        }
    }
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
