//! The lanes of the timeline in the network's view: what was asked of DNS, and what was sent to each endpoint's pod.

use std::collections::BTreeMap;
use std::rc::Rc;

use kubestep_core::api::{Key, ObjectRef, Uid};
use kubestep_core::engine::{StepId, Timeline};
use kubestep_core::network::flow::Outcome;
use kubestep_core::network::traffic::REMEMBERED;
use kubestep_core::simulation::{Client, ClientPlace};
use kubestep_core::time::{Duration, Time};

use super::chain::Chain;
use super::follow::Followed;
use crate::model::run::world_at;

/// A request, as its lane shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// When it was over.
    pub at: Time,
    /// Whether it was answered.
    pub is_answered: bool,
}

/// The lane of a pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PodLane {
    /// The pod.
    pub pod: Uid,
    /// Its name.
    pub name: Rc<str>,
    /// What was sent to it, in order.
    pub sent: Vec<Sent>,
}

/// The lanes of a Service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestLanes {
    /// When names were asked for.
    pub questions: Vec<Sent>,
    /// A lane for each of its pods, by name.
    pub pods: Vec<PodLane>,
}

/// The most pods that have a lane.
const MOST_LANES: usize = 5;

/// The Service in focus at a step.
pub fn focus(timeline: &Timeline, cursor: Option<StepId>, selected: Option<&ObjectRef>) -> Option<Key> {
    let world = world_at(timeline, cursor);
    let followed = Followed::at(timeline, cursor);
    Chain::of(&world, selected, followed.as_ref()).focus().map(|service| service.key.clone())
}

/// The lanes of a Service in a whole history.
#[inline(never)]
pub fn of(timeline: &Timeline, service: &Key) -> RequestLanes {
    let clients = timeline.genesis().simulation.clients.clone();
    // A client remembers its latest requests: looked at often enough, none is missed.
    let most = |client: &Client| Duration(client.interval.0.saturating_mul(REMEMBERED as u64 * 3 / 4));
    let Some(pause) = clients.iter().map(most).min() else { return RequestLanes::default() };
    // How many requests of each client were over by the last look.
    let mut seen: Vec<u64> = vec![0; clients.len()];
    let mut questions = Vec::new();
    let mut pods: BTreeMap<(Rc<str>, Uid), Vec<Sent>> = BTreeMap::new();
    let mut next = Time(0);
    let steps = timeline.steps();
    for (place, step) in steps.iter().enumerate() {
        // Time passes between two steps: what is sent meanwhile is known with the later one.
        let is_last_before_pause = steps.get(place + 1).is_none_or(|later| later.at >= next);
        if !is_last_before_pause && step.at < next {
            continue;
        }
        let world = timeline.world_at(step.id);
        next = step.at + pause;
        for (place, client) in clients.iter().enumerate() {
            let Some(traffic) = world.traffic.client(place) else { continue };
            let known = traffic.recent().count();
            let new = (traffic.counts.total() - seen[place]).min(known as u64) as usize;
            seen[place] = traffic.counts.total();
            for request in traffic.recent().skip(known - new) {
                if request.service.as_ref() != Some(service) {
                    continue;
                }
                let sent = Sent { at: request.ended, is_answered: request.outcome == Outcome::Answered };
                if asks_each_time(client) {
                    let is_answered = !matches!(request.outcome, Outcome::Unresolved(_));
                    questions.push(Sent { at: request.at, is_answered });
                }
                if let Some((pod, uid)) = &request.pod {
                    pods.entry((pod.name.clone(), *uid)).or_default().push(sent);
                }
            }
        }
    }
    questions.sort_by_key(|sent| sent.at);
    let lanes = pods.into_iter().map(|((name, pod), mut sent)| {
        sent.sort_by_key(|sent| sent.at);
        PodLane { pod, name, sent }
    });
    RequestLanes { questions, pods: lanes.take(MOST_LANES).collect() }
}

/// Whether every request of a client begins with a question: it keeps neither answers nor connections.
fn asks_each_time(client: &Client) -> bool {
    let is_name = client.host.parse::<std::net::Ipv4Addr>().is_err();
    is_name && !client.keep_alive && !client.caches_dns && client.from != ClientPlace::Outside
}
