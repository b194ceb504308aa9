//! What happens on a machine: a kubelet's effects, and the moments that follow by themselves.
//!
//! [`apply`] does an effect at once and leaves a timer for what takes time; [`fire`] is that time running out. A
//! timer of something that was given up meanwhile does nothing. Upstream: the container runtime (CRI).

mod change;
mod hooks;
mod probing;
mod process;
mod pull;
mod sandbox;
mod signals;

use std::rc::Rc;

use super::by_hand::{self, Intervention};
use super::local_pod::Verdict;
use super::machine::Machine;
use super::probes::ProbeKind;
use super::{MachineContext, eviction, manifests};
use crate::api::Uid;
use crate::network::proxy::{self, NewRules};
use crate::time::{Duration, Time};
use crate::why::{self, Why};

pub(super) use change::of_pod;
pub use change::{MachineChange, PodChange};
pub(super) use process::{begin_process, end};

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
    Pull {
        /// The container it is for.
        at: ContainerAt,
        /// Its name in the manifest.
        image: Rc<str>,
        /// Whether the pod has a password for its registry.
        is_open: bool,
    },
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
    /// Ends this pod for good: the node runs out of something, or the pod uses more than it may.
    Evict {
        /// The pod.
        pod: Uid,
        /// What its status says.
        verdict: Rc<Verdict>,
    },
    /// Removes these images from the disk.
    RemoveImages(Rc<[Rc<str>]>),
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
    /// It uses more memory or disk than before.
    Uses(ContainerAt, Rc<str>),
    /// There is more in a volume of this pod than before.
    Fills(Uid),
    /// A network namespace is gone.
    SandboxGone(Uid),
    /// The kubelet asks its runtime what runs.
    Relist(Uid),
    /// The kubelet reads its manifest directory as a whole.
    Rescan,
    /// A person decided this.
    ByHand(Uid, Intervention),
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
        Effect::Pull { at, image, is_open } => return pull::pull(machine, *at, image, *is_open, context),
        Effect::GiveUpPulls(pod) => {
            if Rc::make_mut(&mut machine.images).give_up(*pod) {
                pull::begin_next_pull(machine, context);
            }
        }
        Effect::Start(at) => {
            context.progress(context.simulation.latencies.start, MachineTimer::Starts(*at));
        }
        Effect::Hook { at, takes, grace_seconds } => {
            return hooks::hook(machine, *at, *takes, *grace_seconds, context);
        }
        Effect::PostStart { at, takes } => return hooks::post_start(machine, *at, *takes, context),
        Effect::Terminate { at, kill_in_seconds } => {
            return signals::terminate(machine, *at, *kill_in_seconds, context);
        }
        Effect::RemoveSandbox(pod) => {
            context.progress(context.simulation.latencies.cleanup, MachineTimer::SandboxGone(*pod));
        }
        Effect::Forget(pod) => {
            machine.forget(*pod);
            manifests::revive(machine, *pod, context);
        }
        Effect::Evict { pod, verdict } => return eviction::evict(machine, *pod, verdict, context),
        Effect::RemoveImages(images) => {
            Rc::make_mut(&mut machine.images).remove(images);
            let (node, images) = (machine.name.clone(), images.clone());
            return Some(MachineChange::ImagesRemoved { node, images });
        }
        Effect::RunByHand(pod) => return by_hand::run(machine, *pod, context),
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
        MachineTimer::SandboxUp(pod) => sandbox::sandbox_up(machine, *pod, context),
        MachineTimer::PullEnds(at) => pull::pull_ends(machine, *at, context),
        MachineTimer::Starts(at) => process::starts(machine, *at, context),
        MachineTimer::Listens(at, id) => process::listens(machine, *at, id, context),
        MachineTimer::Exits(at, id, code) => process::exits(machine, *at, id, *code, context),
        MachineTimer::HookEnds(at, id) => hooks::hook_ends(machine, *at, id, context),
        MachineTimer::PostStartEnds(at, id) => hooks::post_start_ends(machine, *at, id, context),
        MachineTimer::Kill(at, id) => signals::kill(machine, *at, id, context),
        MachineTimer::Probe(at, kind) => probing::probe(machine, *at, *kind, context),
        MachineTimer::Uses(at, id) => {
            process::uses_more(machine, *at, id, context);
            None
        }
        MachineTimer::Fills(pod) => {
            sandbox::fills(machine, *pod, context);
            None
        }
        MachineTimer::SandboxGone(pod) => sandbox::sandbox_gone(machine, *pod, context),
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
