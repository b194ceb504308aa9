//! A step: one thing that happened, who did it, why, and what caused it.

use std::fmt;
use std::rc::Rc;

use crate::apiserver::{ApiError, Change, User, Write};
use crate::controllers::ControllerId;
use crate::kubelet::MachineChange;
use crate::network::flow::Passage;
use crate::plan::Printed;
use crate::time::Time;
use crate::why::Why;

/// The number of a step in its timeline, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StepId(pub u32);

/// The number of a command, from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommandId(pub u32);

/// The number of a look by one component, from 0. The steps of one look share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReconcileId(pub u32);

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its place in the timeline.
    pub id: StepId,
    /// When it happened.
    pub at: Time,
    /// Who did it.
    pub actor: Actor,
    /// The look it is part of.
    pub reconcile: ReconcileId,
    /// What made the actor look.
    pub causes: Causes,
    /// The fact that justifies it.
    pub why: Why,
    /// What happened.
    pub what: What,
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// The person at the keyboard.
    You,
    /// The kubectl that runs a command.
    Kubectl(CommandId),
    /// The API server, by itself.
    ApiServer,
    /// A controller of the controller-manager.
    Controller(ControllerId),
    /// The scheduler.
    Scheduler,
    /// The kubelet of a node, and the containers it runs.
    Kubelet(Rc<str>),
    /// The kube-proxy of a node.
    Proxy(Rc<str>),
    /// The network of a node: it follows the rules that its kube-proxy wrote, and the policies.
    Network(Rc<str>),
    /// A client that sends requests.
    Client(Rc<str>),
    /// The DNS server of the cluster.
    Dns,
}

impl Actor {
    /// As whom it asks the API server.
    pub fn user(&self) -> User<'_> {
        match self {
            Actor::You | Actor::Kubectl(_) => User::Admin,
            Actor::ApiServer => User::ApiServer,
            Actor::Controller(id) => User::Controller(id.controller().component),
            Actor::Scheduler => User::Scheduler,
            Actor::Kubelet(node) => User::Node(node),
            // The last three ask nothing of it.
            Actor::Proxy(_) | Actor::Network(_) | Actor::Client(_) | Actor::Dns => User::Proxy,
        }
    }
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A person gave a command.
    Asked(Rc<str>),
    /// The API server accepted a write.
    Written(Rc<Change>),
    /// The API server refused a write.
    Refused {
        /// What was asked for.
        write: Rc<Write>,
        /// The refusal.
        error: Rc<ApiError>,
    },
    /// Something changed on a node: a container, a sandbox, proxy rules.
    Machine(MachineChange),
    /// A request that is followed took a hop.
    Hop(Rc<Passage>),
    /// kubectl printed something.
    Printed(Printed),
    /// A component looked and found nothing to do.
    Looked,
}

/// What made something happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// A person's command.
    Command(CommandId),
    /// An earlier step.
    Step(StepId),
    /// A timer ran out that this step had set.
    Timer(StepId),
    /// A fault that a person or the simulation injected, by its command.
    Fault(CommandId),
}

/// A few causes: one look may answer several changes. Beyond [`Causes::MAX`] the earliest are kept.
///
/// Worlds are equal whatever their causes: the future does not depend on them.
#[derive(Clone, Copy, Default)]
pub struct Causes([Option<Cause>; Causes::MAX]);

impl Causes {
    /// How many causes are kept.
    pub const MAX: usize = 4;

    /// A single cause.
    pub fn one(cause: Cause) -> Causes {
        let mut causes = Causes::default();
        causes.add(cause);
        causes
    }

    /// Adds a cause, unless it is known or there are too many.
    pub fn add(&mut self, cause: Cause) {
        for slot in &mut self.0 {
            if *slot == Some(cause) {
                return;
            }
            if slot.is_none() {
                *slot = Some(cause);
                return;
            }
        }
    }

    /// Whether adding all of `other` would change anything.
    pub fn would_take(&self, other: Causes) -> bool {
        self.0.contains(&None) && other.iter().any(|cause| !self.0.contains(&Some(cause)))
    }

    /// Adds all of `other`.
    pub fn merge(&mut self, other: Causes) {
        for cause in other.iter() {
            self.add(cause);
        }
    }

    /// The causes, earliest known first.
    pub fn iter(&self) -> impl Iterator<Item = Cause> + '_ {
        self.0.iter().flatten().copied()
    }
}

impl PartialEq for Causes {
    fn eq(&self, _: &Causes) -> bool {
        true
    }
}

impl fmt::Debug for Causes {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(self.iter()).finish()
    }
}

impl Step {
    /// The accepted write, if this step is one.
    pub fn change(&self) -> Option<&Rc<Change>> {
        if let What::Written(change) = &self.what { Some(change) } else { None }
    }

    /// Whether a component looked and found nothing to do: pages fold such steps.
    pub fn is_quiet(&self) -> bool {
        matches!(self.what, What::Looked)
    }

    /// A number that is the same wherever the same step is made: of its time, actor, write and outcome.
    pub fn fingerprint(&self) -> u64 {
        let mut text = format!("{:?} {:?} {:?} {:?}", self.id, self.at, self.actor, self.why);
        match &self.what {
            What::Written(change) => {
                text += &format!("{:?} {} {}", change.verb, change.object, change.revision);
                text += &change.after.as_ref().map(|object| object.to_json().to_string()).unwrap_or_default();
            }
            What::Asked(line) => text += line,
            What::Refused { write, error } => text += &format!("{} {}", write.target(), error.message),
            What::Machine(change) => text += &format!("{change:?}"),
            What::Hop(passage) => text += &format!("{passage:?}"),
            What::Printed(printed) => text += &printed.text,
            What::Looked => {}
        }
        let start = 0xcbf2_9ce4_8422_2325_u64;
        text.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}
