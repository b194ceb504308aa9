//! A cluster that does what a recording's steps say, through the core's public commands alone.
//!
//! But for the suite `kubelet`, kubelets are in manual mode: what the recorder did to pods in a kubelet's place, a step
//! does here.

use std::collections::BTreeMap;
use std::rc::Rc;

use kubestep_core::api::{Key, Kind, Node, Uid};
use kubestep_core::apiserver::{ApiError, Change, Write};
use kubestep_core::engine::{Budget, CommandId, NodeAct, Rest, Until, What};
use kubestep_core::kubelet::Intervention;
use kubestep_core::simulation::{ApiService, KubeletMode, Simulation};
use kubestep_core::{Command, Duration, Time, Timeline, kubectl};

use super::log::Log;
use super::names::{Names, Style};
use super::snapshot::NAMESPACE;

/// How long nothing may happen before a state counts as settled, where a step does not say.
pub const SETTLED: Duration = Duration::from_millis(1500);

/// A step that has not settled after this time never does.
const NEVER_SETTLED: Duration = Duration::from_seconds(300);

/// A command that has not ended after this time never does.
const NEVER_ENDED: Duration = Duration::from_seconds(3600);

/// The port that the recorded API servers listened on.
const RECORDED_PORT: i32 = 11443;

/// More steps than anything recorded takes.
const MANY: Budget = Budget { steps: 200_000 };

/// A cluster under test.
pub struct Cluster {
    timeline: Timeline,
    /// What its names are called.
    pub names: Names,
    /// What happened since the step began.
    pub log: Log,
    /// How many steps of the timeline were taken notice of.
    seen: usize,
    /// When the last write was.
    written: Time,
    /// Pods by the order of their creation.
    births: BTreeMap<Uid, usize>,
}

/// What a suite's clusters have in common.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What becomes of generated names.
    pub style: Style,
    /// Whether Events keep the names of nodes.
    pub names_nodes: bool,
    /// Whether a controller manager runs.
    pub controllers: bool,
}

/// What a kubectl command printed, and how it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printed {
    /// Its exit code; none where it never ends.
    pub exit: Option<u8>,
    /// Its standard output.
    pub stdout: String,
    /// Its error stream.
    pub stderr: String,
}

impl Cluster {
    /// A cluster of these nodes, in which nothing has happened yet, with kubelets in manual mode.
    pub fn new(nodes: Vec<Node>, settings: Settings) -> Cluster {
        let Settings { style, names_nodes, controllers } = settings;
        let kubelets = KubeletMode::Manual;
        // Names are masked where runs had namespaces of their own, in which the API server has no Service.
        let api_service = match style {
            Style::Masked => ApiService::None,
            Style::Suffixed => ApiService::Alone(RECORDED_PORT),
        };
        // So they were deleted, where a scenario does that.
        let protects_default = style == Style::Suffixed;
        let simulation =
            Simulation { kubelets, controllers, api_service, protects_default, ..Simulation::default() };
        Cluster::of(Timeline::new(simulation, nodes), Names::new(style, names_nodes))
    }

    /// A cluster in which nothing has happened yet.
    pub fn of(timeline: Timeline, names: Names) -> Cluster {
        Cluster {
            timeline,
            names,
            log: Log::default(),
            seen: 0,
            written: Time::ZERO,
            births: BTreeMap::new(),
        }
    }

    /// Everything that happened.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// How many pods were created before the one with this uid.
    pub fn birth(&self, pod: Uid) -> usize {
        self.births.get(&pod).copied().unwrap_or(usize::MAX)
    }

    /// Runs a kubectl command to its end. `meanwhile` is called whenever nothing happens but waiting.
    pub fn kubectl(
        &mut self,
        line: &str,
        files: &BTreeMap<String, String>,
        mut meanwhile: impl FnMut(&mut Cluster),
    ) -> Printed {
        let text = |name: &str| match name {
            // The directory that the files are in.
            "." => Some(files.values().map(String::as_str).collect::<Vec<_>>().join("\n---\n")),
            name => files.get(name).cloned(),
        };
        let invocation = match kubectl::parse(line, &text) {
            Ok(invocation) => invocation,
            Err(refusal) => return Printed { exit: Some(1), stderr: refusal + "\n", ..Printed::default() },
        };
        let id = self.timeline.submit(Command::Kubectl(invocation.into()));
        let give_up = self.now() + NEVER_ENDED;
        let step = Budget { steps: 1 };
        while self.timeline.advance(Until::Command(id), Budget { steps: 0 }) != Rest::Reached {
            if self.timeline.advance(Until::Quiet, step) != Rest::Exhausted {
                // It waits for something that somebody must do, or for a time to come.
                meanwhile(self);
                let is_answered = self.timeline.head().agenda.is_in_progress();
                if !is_answered && self.timeline.advance(Until::Command(id), step) == Rest::Ended {
                    break;
                }
            }
            self.take_notice();
            if self.now() > give_up {
                break;
            }
        }
        self.take_notice();
        self.printed(id)
    }

    /// Does something to a pod in its kubelet's place.
    pub fn intervene(&mut self, pod: &Key, act: Intervention) {
        self.timeline.submit(Command::OnPod(pod.clone(), act));
    }

    /// Decides what happens to a node.
    pub fn on_node(&mut self, node: &str, act: NodeAct) {
        self.timeline.submit(Command::OnNode(node.into(), act));
    }

    /// Asks for the eviction of a pod. Gives the refusal, where there was one.
    pub fn evict(&mut self, pod: &Key) -> Option<Rc<ApiError>> {
        let begun = self.timeline.len();
        let invocation = kubectl::Invocation::evict(pod.clone());
        let id = self.timeline.submit(Command::Kubectl(invocation.into()));
        self.timeline.advance(Until::Command(id), MANY);
        let refusal = self.timeline.steps()[begun..].iter().find_map(|step| match &step.what {
            What::Refused { write, error } if matches!(**write, Write::Evict { .. }) => Some(error.clone()),
            _ => None,
        });
        self.take_notice();
        refusal
    }

    /// Whether bound pods are left unstarted from now on.
    pub fn hold_starts(&mut self, held: bool) {
        let mode = if held { KubeletMode::Held } else { KubeletMode::Manual };
        self.timeline.submit(Command::Kubelets(mode));
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Duration) {
        let until = self.now() + time;
        self.timeline.submit(Command::Wait(time));
        self.timeline.advance(Until::Time(until), MANY);
        self.take_notice();
    }

    /// Waits until nothing was written for so long. Gives whether that ever was.
    pub fn settle(&mut self, quiet: Duration) -> bool {
        let begun = self.now();
        self.written = begun;
        loop {
            if self.timeline.advance(Until::Quiet, MANY) == Rest::Exhausted {
                return false;
            }
            self.take_notice();
            let written = self.written;
            let rest = (written + quiet).since(self.now());
            if rest > Duration::ZERO {
                self.pass(rest);
            }
            if self.written == written {
                return true;
            }
            if self.now().since(begun) > NEVER_SETTLED {
                return false;
            }
        }
    }

    /// Virtual time.
    pub fn now(&self) -> Time {
        self.timeline.head().now
    }

    fn printed(&self, id: CommandId) -> Printed {
        let Some(session) = self.timeline.head().sessions.get(&id) else { return Printed::default() };
        let text = |is_error: bool| -> String {
            let lines = session.output.iter().filter(|printed| printed.is_error == is_error);
            lines.map(|printed| &*printed.text).collect()
        };
        Printed { exit: session.exit, stdout: text(false), stderr: text(true) }
    }

    /// Reads what happened since it was last called.
    fn take_notice(&mut self) {
        for step in &self.timeline.steps()[self.seen..] {
            let Some(change) = step.change().filter(|change| !change.is_noop()) else { continue };
            if !is_recorded(change) {
                continue;
            }
            self.written = step.at;
            self.names.observe(change);
            if let (None, Some(pod)) = (&change.before, &change.after)
                && pod.kind() == Kind::Pod
            {
                let place = self.births.len();
                self.births.insert(pod.uid(), place);
            }
            if change.object.kind.is_namespaced() {
                self.log.observe(change, &self.names);
            }
        }
        self.seen = self.timeline.len();
    }
}

/// Whether a recording would see a change: it watches one namespace, and what is in none.
fn is_recorded(change: &Change) -> bool {
    let target = &change.object;
    !target.kind.is_namespaced() || &*target.key.namespace == NAMESPACE
}
