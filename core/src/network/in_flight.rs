//! Requests in flight: a process works on them and has not answered yet.
//!
//! ```text
//! 1.000  the request reaches web, which takes 300 ms
//! 1.120  web gets SIGTERM: it takes no further request, but answers those that it works on
//! 1.300  web answers; had it ended before, its kernel would have reset the connection
//! ```
//!
//! They are part of the world, so that history, branches and replay know them. A process takes equally long for each, so
//! it answers them in the order in which they came. What becomes of a request is decided where it is worked on: a client
//! whose own pod ends meanwhile still counts it.

use std::rc::Rc;

use rpds::Queue;

use super::connection::Connection;
use super::flow::{Loss, Outcome, Respond, Serving, Silence};
use super::traffic::Request;
use crate::api::{Key, Uid};
use crate::engine::world::Machines;
use crate::persistent::Map;
use crate::time::{Duration, Time};

/// For so long clients wait for an answer; then the request has timed out, whatever still becomes of it.
pub const PATIENCE: Duration = Duration::from_seconds(60);

/// What a process does about a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Work {
    /// The node it runs on.
    pub(crate) node: Rc<str>,
    /// Its pod.
    pub(crate) pod: (Key, Uid),
    /// The process.
    pub(crate) serving: Serving,
    /// When the request reached it.
    since: Time,
}

impl Work {
    /// A request reaches a process.
    pub(super) fn begin(node: Rc<str>, pod: (Key, Uid), serving: Serving, since: Time) -> Work {
        Work { node, pod, serving, since }
    }

    /// When the process answers if it does not end before.
    pub(crate) fn answers_at(&self) -> Time {
        self.since + self.serving.takes
    }

    /// When a client has its answer, or gives up.
    pub(super) fn ends(&self) -> Time {
        self.answers_at().min(self.since + PATIENCE)
    }

    /// What becomes of the request if its process does not end before.
    pub(super) fn expected(&self) -> Outcome {
        if self.serving.takes > PATIENCE { Outcome::TimedOut(Silence::NoAnswer) } else { Outcome::Answered }
    }

    /// Why it will never be answered, once its process has ended.
    pub(crate) fn loss(&self, machines: &Machines) -> Option<Loss> {
        let Some(machine) = machines.get(&self.node) else { return Some(Loss::NoNode) };
        let (key, uid) = &self.pod;
        let running = machine.pod_of(*uid, key).and_then(|pod| pod.process(&self.serving.process));
        if running.is_some() { None } else { Some(Loss::Reset) }
    }

    /// What comes back at `now`.
    pub(super) fn respond(self, machines: &Machines, now: Time) -> Respond {
        let outcome = self.loss(machines).map_or_else(|| self.expected(), Outcome::Lost);
        let after = now.since(self.since);
        Respond { node: self.node, pod: self.pod, serving: self.serving, after, outcome }
    }
}

/// The requests of one client that are in flight, by the process that works on them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct InFlight {
    processes: Map<Rc<str>, Rc<Queued>>,
    count: usize,
}

/// The requests that one process works on.
#[derive(Clone, Debug, PartialEq)]
struct Queued {
    /// Where it runs: as the first of them had it.
    work: Work,
    /// First come, first answered; none is empty.
    requests: Queue<Waiting>,
}

/// A request that waits for its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Waiting {
    /// As it will have been if its process does not end before.
    pub(super) expected: Request,
    /// The connection that it leaves behind then, if the client keeps some.
    pub(super) connection: Option<Connection>,
}

impl InFlight {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, each as it will have been if its process does not end before.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Request> {
        self.processes.values().flat_map(|queued| queued.requests.iter()).map(|waiting| &waiting.expected)
    }

    /// When the first of them ends if no process ends before.
    pub(super) fn first_end(&self) -> Option<Time> {
        self.first().map(|(at, ..)| at)
    }

    fn first(&self) -> Option<(Time, u64, &Rc<str>)> {
        let firsts = self.processes.iter().filter_map(|(process, queued)| {
            let request = &queued.requests.peek()?.expected;
            Some((request.ended, request.number, process))
        });
        firsts.min_by_key(|(at, number, _)| (*at, *number))
    }

    /// A process begins to work on a request.
    pub(super) fn put(&mut self, work: &Work, waiting: Waiting) {
        let process = &work.serving.process;
        if let Some(queued) = self.processes.get_mut(process) {
            Rc::make_mut(queued).requests.enqueue_mut(waiting);
        } else {
            let mut requests = Queue::new();
            requests.enqueue_mut(waiting);
            self.processes.insert(process.clone(), Rc::new(Queued { work: work.clone(), requests }));
        }
        self.count += 1;
    }

    /// Takes the first one that ends until then.
    pub(super) fn take_ended(&mut self, until: Time) -> Option<Waiting> {
        let (_, _, process) = self.first().filter(|(at, ..)| *at <= until)?;
        let process = process.clone();
        let queued = Rc::make_mut(self.processes.get_mut(&process)?);
        let waiting = queued.requests.peek()?.clone();
        queued.requests.dequeue_mut();
        if queued.requests.is_empty() {
            self.processes.remove(&process);
        }
        self.count -= 1;
        Some(waiting)
    }

    /// Whether a process has ended that worked on any.
    pub(super) fn has_broken(&self, machines: &Machines) -> bool {
        self.processes.values().any(|queued| queued.work.loss(machines).is_some())
    }

    /// Takes those whose process has ended, each process's in the order in which they came, with why they are lost.
    pub(super) fn take_broken(&mut self, machines: &Machines) -> Vec<(Request, Loss)> {
        let broken: Vec<(Rc<str>, Loss)> = self
            .processes
            .iter()
            .filter_map(|(process, queued)| Some((process.clone(), queued.work.loss(machines)?)))
            .collect();
        let mut lost = Vec::new();
        for (process, loss) in broken {
            let Some(queued) = self.processes.get(&process).cloned() else { continue };
            self.processes.remove(&process);
            lost.extend(queued.requests.iter().map(|waiting| (waiting.expected.clone(), loss)));
        }
        self.count -= lost.len();
        lost
    }
}
