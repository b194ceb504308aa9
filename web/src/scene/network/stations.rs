//! From a name to a connection: the five stations of a followed request, filled by its hops. One that a process takes its
//! time with has a sixth: the answer.

use std::rc::Rc;

use kubestep_core::engine::StepId;
use kubestep_core::network::dns::Code;
use kubestep_core::network::flow::{
    Answer, Arrive, Ask, Choice, Direction, Entry, Finding, Flow, Hop, Judge, Loss, Naming, Outcome, Pick,
    Respond, Reuse, Serving, Silence, Unresolved,
};
use kubestep_core::rng;
use kubestep_core::time::Duration;

use super::follow::{Followed, Taken};

/// How many stations there are where the answer comes at once.
const STATIONS: usize = 5;

/// The rail of a followed request.
#[derive(Clone, Debug, PartialEq)]
pub struct Rail {
    /// The client.
    pub client: Rc<str>,
    /// `request 29 of visitors`
    pub title: String,
    /// The stations.
    pub stations: Vec<Station>,
    /// What became of it, once that is known at the step in view.
    pub outcome: Option<Outcome>,
}

/// How a station stands to the step in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is behind.
    Done,
    /// It is what this step does.
    Now,
    /// It is ahead.
    Todo,
    /// This request does without it.
    Skipped,
}

/// A station.
#[derive(Clone, Debug, PartialEq)]
pub struct Station {
    /// Its name.
    pub title: String,
    /// What was decided there, at most three lines.
    pub lines: Vec<String>,
    /// How it stands to the step in view.
    pub standing: Standing,
    /// Whether the request ends here without an answer.
    pub is_failed: bool,
    /// The step to go to.
    pub step: Option<StepId>,
}

/// Which station a hop belongs to, from 0.
pub fn station_of(hop: &Hop) -> usize {
    match hop {
        Hop::Call(_) | Hop::Reuse(_) => 0,
        Hop::Ask(_) => 1,
        Hop::Answer(_) => 2,
        Hop::Pick(_) | Hop::Judge(Judge { direction: Direction::Egress, .. }) => 3,
        Hop::Judge(Judge { direction: Direction::Ingress, .. }) | Hop::Arrive(_) => 4,
        Hop::Respond(_) => STATIONS,
    }
}

/// The rail of a followed request as of a step.
pub fn rail(followed: &Followed, flow: &Flow, cursor: Option<StepId>) -> Rail {
    let place = |taken: &Taken| station_of(&taken.passage.hop);
    let count = STATIONS + usize::from(works(followed).is_some());
    let stations = (0..count).map(|index| {
        let hops: Vec<&Taken> = followed.hops.iter().filter(|taken| place(taken) == index).collect();
        station(index, &hops, followed, flow, cursor)
    });
    let known = followed.hops.iter().filter(|taken| Some(taken.step) <= cursor);
    Rail {
        client: flow.client.clone(),
        title: format!("request {} of {}", flow.number + 1, flow.client),
        stations: stations.collect(),
        outcome: known.filter_map(|taken| taken.passage.outcome).next_back(),
    }
}

/// The process that takes its time with the request.
fn works(followed: &Followed) -> Option<&Serving> {
    followed.hops.iter().find_map(|taken| match &taken.passage.hop {
        Hop::Arrive(Arrive { finding: Finding::Answers(serving), .. }) => {
            Some(serving).filter(|serving| serving.takes > Duration::ZERO)
        }
        _ => None,
    })
}

fn station(
    index: usize,
    hops: &[&Taken],
    followed: &Followed,
    flow: &Flow,
    cursor: Option<StepId>,
) -> Station {
    let so_far = hops.iter().rfind(|taken| Some(taken.step) <= cursor);
    let Some(taken) = so_far.or(hops.first()) else { return without(index, followed, flow, cursor) };
    let standing = match () {
        () if hops.iter().any(|taken| Some(taken.step) == cursor) => Standing::Now,
        () if so_far.is_some() => Standing::Done,
        () => Standing::Todo,
    };
    let hop = &taken.passage.hop;
    let mut lines = lines(hop, flow);
    lines.push(match standing {
        Standing::Todo => format!("step {}", taken.step.0 + 1),
        Standing::Done | Standing::Now | Standing::Skipped => taken.at.to_string(),
    });
    let failed = taken.passage.outcome.is_some_and(|outcome| outcome != Outcome::Answered);
    Station {
        title: title(hop, flow, taken.passage.outcome),
        lines,
        standing,
        is_failed: failed && standing != Standing::Todo,
        step: Some(taken.step),
    }
}

/// A station without a hop: still ahead, or one that this request does without.
fn without(index: usize, followed: &Followed, flow: &Flow, cursor: Option<StepId>) -> Station {
    let reached = followed.hops.iter().map(|taken| station_of(&taken.passage.hop)).max().unwrap_or(0);
    let ended =
        followed.hops.iter().any(|taken| taken.passage.outcome.is_some() && Some(taken.step) <= cursor);
    let title = ["App calls", "resolv.conf", "DNS answers", "Rules choose", "Connected", "Answer"][index];
    let words = match (index, naming(followed)) {
        (1 | 2, Some(Naming::Address)) => Some("an address needs no DNS"),
        (1 | 2, Some(Naming::Kept { .. })) => Some("the last answer still holds"),
        (1 | 2, Some(Naming::Outside)) => Some("comes in from outside"),
        (1..=3, None) => Some("the connection was kept"),
        _ if ended && index > reached => Some("not reached"),
        _ => None,
    };
    let expected = match (index, flow.pick().and_then(|pick| pick.after.as_ref())) {
        (4, Some(packet)) if words.is_none() => {
            vec![format!("{}:{}", packet.destination.0, packet.destination.1)]
        }
        (STATIONS, _) => {
            works(followed).map(|serving| format!("{} to come", serving.takes.as_go())).into_iter().collect()
        }
        _ => Vec::new(),
    };
    Station {
        title: title.to_owned(),
        standing: if words.is_some() { Standing::Skipped } else { Standing::Todo },
        lines: words.map_or(expected, |words| vec![words.to_owned()]),
        is_failed: false,
        step: None,
    }
}

fn naming(followed: &Followed) -> Option<&Naming> {
    followed.hops.iter().find_map(|taken| match &taken.passage.hop {
        Hop::Call(call) => Some(&call.naming),
        _ => None,
    })
}

fn title(hop: &Hop, flow: &Flow, outcome: Option<Outcome>) -> String {
    match hop {
        Hop::Call(_) => format!("App calls {}", target(flow)),
        Hop::Reuse(_) => "App sends again".to_owned(),
        Hop::Ask(_) => "resolv.conf".to_owned(),
        Hop::Answer(answer) if answer.reply.is_answer() => "DNS answers".to_owned(),
        Hop::Answer(answer) => format!("DNS: {}", code(answer.reply.code)),
        Hop::Pick(pick) => match outcome {
            Some(outcome) => ended(outcome).to_owned(),
            None => format!("{} picks", pick.node),
        },
        Hop::Judge(judge) if judge.allowed_by.is_some() => "Policy lets pass".to_owned(),
        Hop::Judge(_) => "Policy drops".to_owned(),
        Hop::Arrive(_) => outcome.map_or("Connected", ended).to_owned(),
        Hop::Respond(response) => responded(response.outcome).to_owned(),
    }
}

fn responded(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "Answered",
        Outcome::Lost(Loss::Reset) => "Connection reset",
        Outcome::TimedOut(_) => "Gives up",
        Outcome::Lost(_) | Outcome::Refused | Outcome::Unresolved(_) => ended(outcome),
    }
}

/// `db:5432`
pub fn target(flow: &Flow) -> String {
    flow.port.map_or_else(|| flow.host.to_string(), |port| format!("{}:{port}", flow.host))
}

fn lines(hop: &Hop, flow: &Flow) -> Vec<String> {
    match hop {
        Hop::Call(call) => {
            let from =
                flow.source.pod.as_ref().map_or_else(|| place(flow), |(key, _)| short(&key.name).to_owned());
            let how = match &call.naming {
                Naming::Address => "an address".to_owned(),
                Naming::Name { dots, ndots, .. } => format!("{dots} dots, ndots {ndots}"),
                Naming::Kept { until, .. } => format!("answer kept to {until}"),
                Naming::Outside => "by a way from outside".to_owned(),
            };
            vec![from, how]
        }
        Hop::Reuse(Reuse { packet, since, .. }) => {
            vec![format!("{}:{}", packet.destination.0, packet.destination.1), format!("open since {since}")]
        }
        Hop::Ask(Ask { name, number, of, server }) => {
            vec![format!("ns {server}"), format!("{number} of {of}: {}", shortened(name))]
        }
        Hop::Answer(answer) => answered(answer),
        Hop::Pick(pick) => picked(pick),
        Hop::Judge(judge) => vec![short(&judge.pod.name).to_owned(), verdict(judge)],
        Hop::Arrive(arrive) => arrived(arrive),
        Hop::Respond(Respond { serving, after, outcome, .. }) => {
            let (after, takes) = (after.as_go(), serving.takes.as_go());
            let time = if *outcome == Outcome::Answered {
                format!("after {after}")
            } else {
                format!("after {after} of {takes}")
            };
            vec![format!("container {}", serving.container), time]
        }
    }
}

fn place(flow: &Flow) -> String {
    if flow.source.is_outside {
        format!("outside, by {}", flow.source.node)
    } else {
        flow.source.node.to_string()
    }
}

fn answered(answer: &Answer) -> Vec<String> {
    let ttl = answer.reply.records.first().map_or(0, |record| record.ttl);
    match (&answer.chosen, &answer.next) {
        (Some(address), _) => vec![format!("{} A", shortened(&answer.name)), format!("{address}, ttl {ttl}")],
        (None, Some(next)) => vec![shortened(&answer.name), format!("next {}", shortened(next))],
        (None, None) => vec![shortened(&answer.name), "no further name".to_owned()],
    }
}

fn picked(pick: &Pick) -> Vec<String> {
    let (address, port) = &pick.before.destination;
    let stale = if pick.is_stale { "stale rules, " } else { "" };
    let entry = match pick.entry {
        Entry::NodePort => "node port, ",
        Entry::External => "external IP, ",
        Entry::ClusterIp | Entry::Direct => "",
    };
    vec![format!("{address}:{port}"), format!("{stale}{entry}{}", chosen(pick.choice, pick.chosen))]
}

/// How a choice was made, in a few words.
pub fn chosen(choice: Choice, place: Option<usize>) -> String {
    match choice {
        Choice::Direct => "goes straight there".to_owned(),
        Choice::Random { of } => format!("random, {} of {of}", place.map_or(0, |place| place + 1)),
        Choice::RoundRobin { of, turn } => format!("round robin, {} of {of}", turn % of.max(1) as u64 + 1),
        Choice::Affinity { ago, .. } => format!("as {ago} s ago"),
        Choice::NoEndpoint => "no endpoint".to_owned(),
        Choice::NoLocalEndpoint => "none on this node".to_owned(),
        Choice::NoRules => "no rules".to_owned(),
        Choice::NoSuchPort => "no such port".to_owned(),
        Choice::NoWayIn => "no way in".to_owned(),
    }
}

/// Which policy decided, in a few words.
pub fn verdict(judge: &Judge) -> String {
    match (&judge.allowed_by, judge.policies.len()) {
        (Some(policy), _) => format!("by {}", policy.name),
        (None, 1) => format!("{} does not", judge.policies[0].name),
        (None, more) => format!("none of {more} does"),
    }
}

fn arrived(arrive: &Arrive) -> Vec<String> {
    let (address, port) = &arrive.at;
    let who = match (&arrive.pod, &arrive.node) {
        (Some((pod, _)), Some(node)) => format!("{} on {node}", short(&pod.name)),
        (Some((pod, _)), None) => short(&pod.name).to_owned(),
        (None, _) => "not simulated".to_owned(),
    };
    let finding = match &arrive.finding {
        Finding::Answers(serving) if serving.takes > Duration::ZERO => {
            format!("{}, for {}", short_pod(arrive), serving.takes.as_go())
        }
        Finding::Answers(_) | Finding::Beyond => who,
        Finding::Nobody(loss) => format!("{}, {}", short_pod(arrive), lost(*loss)),
    };
    vec![format!("{address}:{port}"), finding]
}

fn short_pod(arrive: &Arrive) -> String {
    arrive.pod.as_ref().map_or_else(|| "nobody".to_owned(), |(pod, _)| short(&pod.name).to_owned())
}

/// Why a pod did not take a request, in a few words.
pub fn lost(loss: Loss) -> &'static str {
    match loss {
        Loss::NoSandbox => "gone",
        Loss::ProcessEnded => "process ended",
        Loss::NotListening => "not listening",
        Loss::Reset => "ended before it answered",
        Loss::NoNode => "gone with its node",
    }
}

/// What became of a request, in a word or two.
pub fn ended(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Answered => "Connected",
        Outcome::Refused => "Refused",
        Outcome::TimedOut(Silence::Denied(_)) => "Dropped by policy",
        Outcome::TimedOut(_) => "Timed out",
        Outcome::Lost(_) => "Lost",
        Outcome::Unresolved(Unresolved::NoServer) => "No DNS server",
        Outcome::Unresolved(_) => "Not resolved",
    }
}

/// `NXDOMAIN`
pub fn code(code: Code) -> &'static str {
    match code {
        Code::NoError => "no address",
        Code::NxDomain => "NXDOMAIN",
    }
}

/// The part of a pod's name that tells it apart: what was drawn for it, or all of it where nothing was.
pub fn short(name: &str) -> &str {
    let suffix = name.rsplit_once('-').map(|(_, suffix)| suffix);
    suffix.filter(|suffix| rng::is_suffix(suffix)).unwrap_or(name)
}

/// A long domain name without its end: `db.default.svc…`
pub fn shortened(name: &str) -> String {
    name.strip_suffix(".")
        .unwrap_or(name)
        .strip_suffix(".cluster.local")
        .map_or_else(|| name.to_owned(), |head| format!("{head}…"))
}
