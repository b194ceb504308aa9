//! What happens on a machine: a kubelet's effects, and the moments that follow by themselves.
//!
//! [`apply`] does an effect at once and leaves a timer for what takes time; [`fire`] is that time running out. A
//! timer of something that was given up meanwhile does nothing. Upstream: the container runtime (CRI).

use std::rc::Rc;

use super::MachineContext;
use super::by_hand::{self, Intervention};
use super::environment::Environment;
use super::images::{Image, Pull};
use super::local_pod::{
    Container, ContainerState, Doing, Ended, LocalPod, Role, Running, Sandbox, Stage, Stop, Unhealthy,
};
use super::machine::Machine;
use super::manifests;
use super::probes::{self, ProbeKind};
use crate::api::{Key, Uid};
use crate::network::proxy::{self, NewRules};
use crate::rng::Rng;
use crate::simulation::{Behaviour, KubeletMode, OutOfMemory};
use crate::time::{Duration, Time};
use crate::why::{self, Why};

/// The exit code of a process that SIGKILL ended: 128 + 9.
const KILLED: i32 = 137;

/// How often a kubelet asks its runtime what runs, and turns to what it has put off. Upstream: `pkg/kubelet/pleg`, and
/// the sync ticker of `Kubelet.syncLoop`.
const BEAT: Duration = Duration::from_seconds(1);

/// Something that a kubelet or kube-proxy does on its own machine.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// kube-proxy puts these rules into force.
    WriteProxyRules(Rc<[NewRules]>),
    /// Begins to set up the network namespace of this pod.
    CreateSandbox(Uid),
    /// Asks for an image.
    Pull(ContainerAt, Rc<str>),
    /// Gives up the pulls of this pod.
    GiveUpPulls(Uid),
    /// Begins to create and start a container.
    Start(ContainerAt),
    /// Runs a postStart hook.
    PostStart {
        /// The container.
        at: ContainerAt,
        /// How long the hook takes.
        takes: Duration,
    },
    /// Runs a preStop hook, at most for the grace period.
    Hook {
        /// The container.
        at: ContainerAt,
        /// How long the hook takes.
        takes: Duration,
        /// How long it may take.
        grace_seconds: i64,
    },
    /// Sends SIGTERM; SIGKILL follows.
    Terminate {
        /// The container.
        at: ContainerAt,
        /// After how long, in seconds.
        kill_in_seconds: i64,
    },
    /// Begins to take the network namespace and the volumes of this pod down.
    RemoveSandbox(Uid),
    /// Forgets a pod that nothing is left of.
    Forget(Uid),
    /// Runs every container of this pod at once, not ready.
    RunByHand(Uid),
}

/// A container: its pod and its place among the pod's containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContainerAt {
    /// The pod.
    pub pod: Uid,
    /// Init containers come first.
    pub place: usize,
}

/// A moment that comes by itself on a machine: a pull ends, a process exits, a grace period runs out.
#[derive(Clone, Debug, PartialEq)]
pub enum MachineTimer {
    /// A network namespace is set up.
    SandboxUp(Uid),
    /// The first pull of the queue ends, if it is still this one's.
    PullEnds(ContainerAt),
    /// A container's process starts.
    Starts(ContainerAt),
    /// Its ports answer. The id tells whether it is still the same instance, here and below.
    Listens(ContainerAt, Rc<str>),
    /// It ends, with this code.
    Exits(ContainerAt, Rc<str>, i32),
    /// Its preStop hook is over.
    HookEnds(ContainerAt, Rc<str>),
    /// Its postStart hook is over.
    PostStartEnds(ContainerAt, Rc<str>),
    /// Its grace period is over.
    Kill(ContainerAt, Rc<str>),
    /// One of its probes is due.
    Probe(ContainerAt, ProbeKind),
    /// A network namespace is gone.
    SandboxGone(Uid),
    /// The kubelet asks its runtime what runs.
    Relist(Uid),
    /// The kubelet reads its manifest directory as a whole.
    Rescan,
    /// A person decided this.
    ByHand(Uid, Intervention),
}

/// What changed on a machine.
#[derive(Clone, Debug, PartialEq)]
pub enum MachineChange {
    /// kube-proxy rewrote the node's rules.
    RulesWritten {
        /// The node.
        node: Rc<str>,
        /// The Services whose rules differ from before.
        services: Rc<[Key]>,
    },
    /// A file of a node's manifest directory.
    Manifest {
        /// The node.
        node: Rc<str>,
        /// The file.
        file: Rc<str>,
        /// Whether it is there now.
        is_there: bool,
    },
    /// Something about a pod.
    Pod {
        /// Its namespace and name.
        key: Key,
        /// Its uid.
        uid: Uid,
        /// What.
        what: PodChange,
    },
}

/// What changed about a pod on its machine.
#[derive(Clone, Debug, PartialEq)]
pub enum PodChange {
    /// It has a network namespace with this address.
    SandboxUp {
        /// The address.
        address: Rc<str>,
    },
    /// The address is free again.
    SandboxGone {
        /// The address.
        address: Rc<str>,
    },
    /// An image was asked for.
    PullBegan(Rc<str>),
    /// A pull has ended.
    PullEnded {
        /// The container it was for.
        container: Rc<str>,
        /// Whether the image is there now.
        success: bool,
    },
    /// A process runs.
    Started(Rc<str>),
    /// A process answers on its ports.
    Listens(Rc<str>),
    /// A probe's result has changed.
    Probed {
        /// The container.
        container: Rc<str>,
        /// The probe.
        probe: ProbeKind,
        /// The result.
        success: bool,
    },
    /// A preStop hook runs.
    HookBegan(Rc<str>),
    /// A preStop hook is over.
    HookEnded(Rc<str>),
    /// A postStart hook runs.
    PostStartBegan(Rc<str>),
    /// A postStart hook is over.
    PostStartEnded(Rc<str>),
    /// A process got SIGTERM.
    Terminated(Rc<str>),
    /// A process got SIGKILL.
    Killed(Rc<str>),
    /// A process has ended.
    Exited {
        /// The container.
        container: Rc<str>,
        /// Its exit code.
        code: i32,
    },
    /// A person changed it.
    ByHand,
}

/// Does an effect on the machine at once and says what changed, if anything is to be seen yet. What takes time
/// leaves a timer.
pub fn apply(
    machine: &mut Machine,
    effect: &Effect,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    match effect {
        Effect::WriteProxyRules(rules) => return Some(proxy::write(machine, rules, context.now)),
        Effect::CreateSandbox(pod) => {
            context.progress(context.simulation.latencies.sandbox, MachineTimer::SandboxUp(*pod));
        }
        Effect::Pull(at, image) => return pull(machine, *at, image, context),
        Effect::GiveUpPulls(pod) => {
            if Rc::make_mut(&mut machine.images).give_up(*pod) {
                begin_next_pull(machine, context);
            }
        }
        Effect::Start(at) => {
            context.progress(context.simulation.latencies.start, MachineTimer::Starts(*at));
        }
        Effect::Hook { at, takes, grace_seconds } => {
            return hook(machine, *at, *takes, *grace_seconds, context);
        }
        Effect::PostStart { at, takes } => return post_start(machine, *at, *takes, context),
        Effect::Terminate { at, kill_in_seconds } => {
            return terminate(machine, *at, *kill_in_seconds, context);
        }
        Effect::RemoveSandbox(pod) => {
            context.progress(context.simulation.latencies.cleanup, MachineTimer::SandboxGone(*pod));
        }
        Effect::Forget(pod) => {
            machine.forget(*pod);
            manifests::revive(machine, *pod, context);
        }
        Effect::RunByHand(pod) => return run_by_hand(machine, *pod, context),
    }
    None
}

/// A timer ran out. `None` where nothing is to be seen of it.
pub fn fire(
    machine: &mut Machine,
    timer: &MachineTimer,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    match timer {
        MachineTimer::SandboxUp(pod) => sandbox_up(machine, *pod, context),
        MachineTimer::PullEnds(at) => pull_ends(machine, *at, context),
        MachineTimer::Starts(at) => starts(machine, *at, context),
        MachineTimer::Listens(at, id) => listens(machine, *at, id, context),
        MachineTimer::Exits(at, id, code) => exits(machine, *at, id, *code, context),
        MachineTimer::HookEnds(at, id) => hook_ends(machine, *at, id, context),
        MachineTimer::PostStartEnds(at, id) => post_start_ends(machine, *at, id, context),
        MachineTimer::Kill(at, id) => kill(machine, *at, id, context),
        MachineTimer::Probe(at, kind) => probe(machine, *at, *kind, context),
        MachineTimer::SandboxGone(pod) => sandbox_gone(machine, *pod, context),
        MachineTimer::Relist(pod) => {
            context.wake(*pod);
            None
        }
        MachineTimer::Rescan => {
            manifests::rescan(machine, context);
            None
        }
        MachineTimer::ByHand(pod, act) => by_hand::intervene(machine, *pod, act, context)
            .map(|change| (change, why::Kubelet::ByHand.into())),
    }
}

/// How long until a kubelet's next beat, at which it asks its runtime what runs. Each machine has its own.
pub(super) fn until_beat(machine: &Machine, now: Time) -> Duration {
    let offset = Duration::from_millis(u64::from(machine.number) * 137 % 1000);
    Duration(BEAT.0 - (now + (Duration(BEAT.0 - offset.0))).0 % BEAT.0)
}

/// Ends a process at once, however it came to that.
pub(super) fn end(container: &mut Container, code: i32, now: Time) {
    let ContainerState::Running(running) = &container.state else { return };
    let ended = Ended {
        id: running.id.clone(),
        image: running.image.clone(),
        code,
        started: running.since,
        finished: now,
        is_out_of_memory: false,
    };
    container.state = ContainerState::Ended(Rc::new(ended));
}

/// Its node's kernel ends a container that uses more memory than it may.
fn end_out_of_memory(container: &mut Container, now: Time) {
    end(container, KILLED, now);
    if let ContainerState::Ended(ended) = &mut container.state {
        Rc::make_mut(ended).is_out_of_memory = true;
    }
}

fn sandbox_up(
    machine: &mut Machine,
    uid: Uid,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod(uid).filter(|pod| pod.doing == Doing::SettingUpSandbox)?;
    let on_host = pod.api.spec.spec.host_network == Some(true);
    let (number, address) =
        if on_host { (0, machine.address.clone()) } else { machine.take_address().unwrap_or_default() };
    context.wake(uid);
    let pod = machine.pod_mut(uid)?;
    if address.is_empty() {
        pod.doing = Doing::SandboxFailed;
        return None;
    }
    pod.sandbox = Some(Sandbox { address: address.clone(), number, since: context.now });
    pod.doing = Doing::SandboxUp;
    let took_ms = context.simulation.latencies.sandbox.as_millis();
    Some((change(pod, PodChange::SandboxUp { address }), why::Kubelet::SandboxCreated { took_ms }.into()))
}

fn sandbox_gone(
    machine: &mut Machine,
    uid: Uid,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(uid).filter(|pod| pod.doing == Doing::RemovingSandbox)?;
    let sandbox = pod.sandbox.take()?;
    pod.doing = Doing::SandboxRemoved;
    let change = change(pod, PodChange::SandboxGone { address: sandbox.address });
    // Where the API has no object of it any more, nobody is to be told.
    if pod.is_removed && pod.stage == Stage::Ending {
        machine.forget(uid);
    } else {
        context.wake(uid);
    }
    if sandbox.number > 0 {
        machine.free_address(sandbox.number);
    }
    let took_ms = context.simulation.latencies.cleanup.as_millis();
    Some((change, why::Kubelet::SandboxRemoved { took_ms }.into()))
}

fn pull(
    machine: &mut Machine,
    at: ContainerAt,
    image: &Rc<str>,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let pod = machine.pod(at.pod)?;
    let change = change(pod, PodChange::PullBegan(image.clone()));
    let pull =
        Pull { pod: at.pod, container: at.place, image: image.clone(), asked: context.now, began: None };
    Rc::make_mut(&mut machine.images).ask(pull);
    begin_next_pull(machine, context);
    Some(change)
}

fn begin_next_pull(machine: &mut Machine, context: &mut MachineContext<'_>) {
    let images = Rc::make_mut(&mut machine.images);
    let Some(takes) = images.begin(context.now, context.simulation.latencies.pull) else { return };
    let Some(pull) = images.pulls().first() else { return };
    let at = ContainerAt { pod: pull.pod, place: pull.container };
    context.progress(takes, MachineTimer::PullEnds(at));
}

fn pull_ends(
    machine: &mut Machine,
    at: ContainerAt,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let first = machine.images.pulls().first()?;
    // Given up meanwhile, and another one's turn: that one has a timer of its own.
    let is_this_one = first.pod == at.pod && first.container == at.place && first.began.is_some();
    if !is_this_one {
        return None;
    }
    let (pull, pulled) = Rc::make_mut(&mut machine.images).finish(context.now)?;
    begin_next_pull(machine, context);
    let pod = machine.pod_mut(at.pod).filter(|pod| pod.doing == Doing::Pulling(at.place))?;
    let success = pulled.image.is_ok();
    let why = why::Kubelet::PullEnded {
        image: pull.image.clone(),
        success,
        took_ms: pulled.took.as_millis(),
        waited_ms: pulled.waited.as_millis(),
    };
    pod.doing = Doing::Pulled(at.place, Box::new(pulled));
    context.wake(at.pod);
    let container = pod.containers[at.place].name.clone();
    Some((change(pod, PodChange::PullEnded { container, success }), why.into()))
}

fn starts(
    machine: &mut Machine,
    at: ContainerAt,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod(at.pod).filter(|pod| pod.doing == Doing::Starting(at.place))?;
    let image_name: Rc<str> = pod.spec_of(at.place).image.as_deref().unwrap_or_default().into();
    let image = machine.images.get(&image_name)?.clone();
    let pod = machine.pod_mut(at.pod)?;
    pod.doing = Doing::Started(at.place);
    let was_started = !matches!(pod.containers[at.place].state, ContainerState::Absent);
    begin_process(pod, at.place, image, image_name, context);
    let container = &mut pod.containers[at.place];
    container.restarts += u32::from(was_started);
    let why = why::Kubelet::ContainerStarted {
        container: container.name.clone(),
        took_ms: context.simulation.latencies.start.as_millis(),
        restarts: container.restarts,
    };
    let name = container.name.clone();
    arm_probes(pod, at.place, context);
    context.wake(at.pod);
    Some((change(pod, PodChange::Started(name)), why.into()))
}

/// Puts a new process into a container, with the moments that its behaviour brings.
pub(super) fn begin_process(
    pod: &mut LocalPod,
    place: usize,
    image: Rc<Image>,
    image_name: Rc<str>,
    context: &mut MachineContext<'_>,
) {
    let id = container_id(context.rng);
    let behaviour =
        Behaviour::of(&pod.api.meta.annotations, pod.spec_of(place), &context.simulation.latencies);
    let at = ContainerAt { pod: pod.uid(), place };
    // Where a person decides, nothing happens by itself: the process answers at once and never ends.
    let by_itself = context.simulation.kubelets == KubeletMode::Automatic;
    if by_itself {
        context.progress(behaviour.start_up, MachineTimer::Listens(at, id.clone()));
    }
    if let Some((after, code)) = behaviour.exit.filter(|_| by_itself) {
        context.wait(after, MachineTimer::Exits(at, id.clone(), code));
    }
    if let Some(out) = behaviour.out_of_memory.filter(|_| by_itself) {
        context.wait(out.after, MachineTimer::Exits(at, id.clone(), KILLED));
    }
    let container = &mut pod.containers[place];
    if let ContainerState::Ended(ended) = &container.state {
        container.last = Some(ended.clone());
    }
    container.waiting = None;
    for probe in &mut container.probes {
        probe.reset();
    }
    container.state = ContainerState::Running(Rc::new(Running {
        id,
        image,
        image_name,
        since: context.now,
        behaviour,
        listens: !by_itself,
        stop: Stop::No,
    }));
}

fn container_id(rng: &mut Rng) -> Rc<str> {
    let mut digits = Rng::new(rng.bits());
    let parts = [digits.bits(), digits.bits(), digits.bits(), digits.bits()];
    format!("containerd://{:016x}{:016x}{:016x}{:016x}", parts[0], parts[1], parts[2], parts[3]).into()
}

fn listens(
    machine: &mut Machine,
    at: ContainerAt,
    id: &str,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(at.pod)?;
    let has_ports = pod.spec_of(at.place).ports.as_ref().is_some_and(|ports| !ports.is_empty());
    let running = running_mut(pod, at.place, id)?;
    if matches!(running.stop, Stop::Signalled { .. } | Stop::Killed) {
        return None;
    }
    running.listens = true;
    let after_ms = context.now.since(running.since).as_millis();
    let container = pod.containers[at.place].name.clone();
    let what = change(pod, PodChange::Listens(container.clone()));
    // Where no port is declared there is nothing to be seen.
    has_ports.then(|| (what, why::Kubelet::Listens { container, after_ms }.into()))
}

fn exits(
    machine: &mut Machine,
    at: ContainerAt,
    id: &str,
    code: i32,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let wait = until_beat(machine, context.now);
    let pod = machine.pod_mut(at.pod)?;
    let running = running_mut(pod, at.place, id)?;
    let ran_ms = context.now.since(running.since).as_millis();
    let stop = running.stop;
    let lived = context.now.since(running.since);
    let out = running.behaviour.out_of_memory.filter(|out| code == KILLED && out.after == lived);
    let container = &mut pod.containers[at.place];
    match out {
        Some(_) => end_out_of_memory(container, context.now),
        None => end(container, code, context.now),
    }
    let name = container.name.clone();
    let change = change(pod, PodChange::Exited { container: name.clone(), code });
    let container = name;
    let why = match (stop, out) {
        (_, Some(OutOfMemory { used, limit, .. })) => {
            why::Kubelet::OutOfMemory { container, used_bytes: used, limit_bytes: limit }
        }
        (Stop::Signalled { at, .. }, None) => {
            let after_ms = context.now.since(at).as_millis();
            why::Kubelet::EndedAfterSignal { container, code, after_ms }
        }
        (Stop::Killed, None) => why::Kubelet::EndedByKill { container, code },
        (Stop::No | Stop::Asked | Stop::Hook(_), None) => why::Kubelet::Exited { container, code, ran_ms },
    };
    // A kubelet that stops a pod waits for its processes; any other exit it learns of when it next asks.
    let is_awaited = matches!(pod.doing, Doing::Stopping | Doing::Replacing(_)) || pod.stage == Stage::Ending;
    if is_awaited {
        context.wake(at.pod);
    } else {
        context.progress(wait, MachineTimer::Relist(at.pod));
    }
    Some((change, why.into()))
}

fn hook(
    machine: &mut Machine,
    at: ContainerAt,
    takes: Duration,
    grace_seconds: i64,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let grace = Duration::from_seconds(grace_seconds.max(0) as u64);
    let lasts = takes.min(grace);
    let pod = machine.pod_mut(at.pod)?;
    let name = pod.containers[at.place].name.clone();
    let running = any_running_mut(pod, at.place)?;
    running.stop = Stop::Hook(context.now + lasts);
    context.progress(lasts, MachineTimer::HookEnds(at, running.id.clone()));
    Some(change(pod, PodChange::HookBegan(name)))
}

fn hook_ends(
    machine: &mut Machine,
    at: ContainerAt,
    id: &str,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(at.pod)?;
    let running = running_mut(pod, at.place, id)?;
    if running.stop != Stop::Hook(context.now) {
        return None;
    }
    running.stop = Stop::Asked;
    context.wake(at.pod);
    let container = pod.containers[at.place].name.clone();
    let change = change(pod, PodChange::HookEnded(container.clone()));
    Some((change, why::Kubelet::HookEnded { container }.into()))
}

fn post_start(
    machine: &mut Machine,
    at: ContainerAt,
    takes: Duration,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let pod = machine.pod_mut(at.pod)?;
    let name = pod.containers[at.place].name.clone();
    let running = any_running_mut(pod, at.place)?;
    context.progress(takes, MachineTimer::PostStartEnds(at, running.id.clone()));
    Some(change(pod, PodChange::PostStartBegan(name)))
}

fn post_start_ends(
    machine: &mut Machine,
    at: ContainerAt,
    id: &str,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(at.pod).filter(|pod| pod.doing == Doing::Hooking(at.place))?;
    // Whatever became of the process meanwhile: the kubelet waited for the hook, and goes on.
    pod.doing = Doing::Hooked(at.place);
    context.wake(at.pod);
    let container = pod.containers[at.place].name.clone();
    running_mut(pod, at.place, id)?;
    let change = change(pod, PodChange::PostStartEnded(container.clone()));
    Some((change, why::Kubelet::PostStartEnded { container }.into()))
}

/// SIGTERM: the process stops listening and ends when its behaviour says so, or goes on as if nothing had been.
fn terminate(
    machine: &mut Machine,
    at: ContainerAt,
    kill_in_seconds: i64,
    context: &mut MachineContext<'_>,
) -> Option<MachineChange> {
    let pod = machine.pod_mut(at.pod)?;
    let name = pod.containers[at.place].name.clone();
    let running = any_running_mut(pod, at.place)?;
    let kill_in = Duration::from_seconds(kill_in_seconds.max(0) as u64);
    running.stop = Stop::Signalled { at: context.now, kill_at: context.now + kill_in };
    let id = running.id.clone();
    // Only what comes first is waited for: a grace period that will not be needed holds nothing up.
    match running.behaviour.on_sigterm {
        Some(exits_in) if exits_in < kill_in => {
            running.listens = false;
            context.progress(exits_in, MachineTimer::Exits(at, id, 0));
        }
        Some(_) => {
            running.listens = false;
            context.progress(kill_in, MachineTimer::Kill(at, id));
        }
        None => context.progress(kill_in, MachineTimer::Kill(at, id)),
    }
    Some(change(pod, PodChange::Terminated(name)))
}

fn kill(
    machine: &mut Machine,
    at: ContainerAt,
    id: &Rc<str>,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let pod = machine.pod_mut(at.pod)?;
    let running = running_mut(pod, at.place, id)?;
    let Stop::Signalled { at: signalled, kill_at } = running.stop else { return None };
    if kill_at != context.now {
        return None;
    }
    running.stop = Stop::Killed;
    running.listens = false;
    let after_ms = context.now.since(signalled).as_millis();
    context.progress(Duration::ZERO, MachineTimer::Exits(at, id.clone(), KILLED));
    let container = pod.containers[at.place].name.clone();
    let change = change(pod, PodChange::Killed(container.clone()));
    Some((change, why::Kubelet::Killed { container, after_ms }.into()))
}

/// Sets the first tries of a new instance's probes: with a startup probe, the others wait for its success.
pub(super) fn arm_probes(pod: &mut LocalPod, place: usize, context: &mut MachineContext<'_>) {
    let (anchor, now) = (pod.accepted.unwrap_or(context.now), context.now);
    let is_started = pod.containers[place].is_started();
    let at = ContainerAt { pod: pod.uid(), place };
    let container = &mut pod.containers[place];
    let ContainerState::Running(running) = &container.state else { return };
    for probe in &mut container.probes {
        let may_run = is_started != (probe.kind == ProbeKind::Startup);
        if probe.due.is_some() || !may_run {
            continue;
        }
        let due = probe.first_due(anchor, running.since, now);
        probe.due = Some(due);
        context.at(due, MachineTimer::Probe(at, probe.kind));
    }
}

fn probe(
    machine: &mut Machine,
    at: ContainerAt,
    kind: ProbeKind,
    context: &mut MachineContext<'_>,
) -> Option<(MachineChange, Why)> {
    let now = context.now;
    let pod = machine.pod_mut(at.pod)?;
    // Once a pod ends, only its readiness is still asked for.
    if matches!(pod.stage, Stage::Stopped | Stage::Ended)
        || (pod.stage == Stage::Ending && kind != ProbeKind::Readiness)
    {
        return None;
    }
    let anchor = pod.accepted.unwrap_or(now);
    let address = pod.sandbox.as_ref().map(|sandbox| sandbox.address.clone()).unwrap_or_default();
    let running = pod.containers[at.place].running()?;
    let finding = probes::try_it(kind, pod.spec_of(at.place), running, &address, now);
    let container = &mut pod.containers[at.place];
    let name = container.name.clone();
    let probe = container.probes.iter_mut().find(|probe| probe.kind == kind && probe.due == Some(now))?;
    let changed = probe.take(finding.success);
    probe.due = probe.next_due(anchor, now);
    if let Some(due) = probe.due {
        context.at(due, MachineTimer::Probe(at, kind));
    }
    let (times, threshold) = (probe.streak.1, probe.threshold(finding.success));
    if !finding.success {
        pod.unhealthy.push(Unhealthy {
            place: at.place,
            kind,
            output: finding.output.into(),
            times,
            threshold,
        });
    }
    if changed || !finding.success {
        context.wake(at.pod);
    }
    if !changed {
        return None;
    }
    if kind == ProbeKind::Startup && finding.success {
        arm_probes(pod, at.place, context);
    }
    let success = finding.success;
    let why =
        why::Kubelet::ProbeResult { container: name.clone(), probe: kind.name(), success, times, threshold };
    Some((change(pod, PodChange::Probed { container: name, probe: kind, success }), why.into()))
}

/// Kubelets that decide nothing run a pod at once: what comes first is done, and its containers are ready when a
/// person says so.
fn run_by_hand(machine: &mut Machine, uid: Uid, context: &mut MachineContext<'_>) -> Option<MachineChange> {
    let (number, address) = machine.take_address()?;
    let mut images = Rc::clone(&machine.images);
    let cache = machine.kubelet_cache.clone();
    let pod = machine.pod_mut(uid)?;
    pod.sandbox = Some(Sandbox { address, number, since: context.now });
    for place in 0..pod.containers.len() {
        let name: Rc<str> = pod.spec_of(place).image.as_deref().unwrap_or_default().into();
        let image = Rc::make_mut(&mut images).take_as_given(&name);
        let environment = Environment::taken(&cache, &pod.api, pod.spec_of(place));
        begin_process(pod, place, image, name, context);
        let container = &mut pod.containers[place];
        container.environment = Some(Rc::new(environment));
        match container.role {
            Role::Init => end(container, 0, context.now),
            Role::Sidecar => container.ready_by_hand = Some(true),
            Role::Regular => container.ready_by_hand = Some(false),
        }
    }
    let change = change(pod, PodChange::ByHand);
    context.wake(uid);
    machine.images = images;
    Some(change)
}

fn any_running_mut(pod: &mut LocalPod, place: usize) -> Option<&mut Running> {
    match &mut pod.containers.get_mut(place)?.state {
        ContainerState::Running(running) => Some(Rc::make_mut(running)),
        ContainerState::Absent | ContainerState::Ended(_) => None,
    }
}

/// The process with this id, if it still runs.
fn running_mut<'a>(pod: &'a mut LocalPod, place: usize, id: &str) -> Option<&'a mut Running> {
    any_running_mut(pod, place).filter(|running| &*running.id == id)
}

fn change(pod: &LocalPod, what: PodChange) -> MachineChange {
    MachineChange::Pod { key: pod.key().clone(), uid: pod.uid(), what }
}
