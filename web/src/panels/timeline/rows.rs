//! The rows of the timeline: which lanes there are, where they lie, and which steps are ticks of which lane.

use kubestep_core::api::Uid;
use kubestep_core::controllers::ControllerId;
use kubestep_core::engine::{Actor, Step, What};
use kubestep_core::kubelet::MachineChange;
use kubestep_core::network::flow::Hop;

use super::ticks::Lane;
use crate::actor;
use crate::scene::chart::Chart;
use crate::scene::close_up::lives;
use crate::scene::figures::Hue;
use crate::scene::network::lanes::RequestLanes;
use crate::scene::network::{follow, stations};

/// What a lane is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Every request that the API server answered.
    ApiServer,
    /// A controller, but those of endpoints.
    Controller(ControllerId),
    /// The controllers that write which pods a Service has: EndpointSlices, and the older Endpoints.
    Endpoints,
    /// The scheduler.
    Scheduler,
    /// The kubelets: bars of what they are busy with.
    Kubelets,
    /// The kube-proxies.
    Proxies,
    /// The clients' requests.
    Traffic,
    /// Their requests in the world beside this one.
    Beside,
    /// The file of the static pod in focus.
    Disk,
    /// Its containers.
    Container,
    /// Its mirror in the API.
    Mirror,
    /// What was asked of DNS.
    Dns,
    /// What was sent to this pod.
    To(Uid),
}

impl Subject {
    /// Whether its lane has something else than ticks, drawn over all lanes.
    pub fn is_drawn_apart(self) -> bool {
        match self {
            Subject::Traffic | Subject::Beside | Subject::Dns | Subject::To(_) => true,
            Subject::Disk | Subject::Container | Subject::Mirror => true,
            Subject::ApiServer | Subject::Controller(_) | Subject::Endpoints | Subject::Scheduler => false,
            Subject::Kubelets | Subject::Proxies => false,
        }
    }
}

/// A row with its lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is of.
    pub subject: Subject,
    /// What stands at its left.
    pub label: String,
    /// The colour of its ticks and marker.
    pub hue: Hue,
    /// Where its ticks are.
    pub lane: Lane,
}

/// Where everything below the ruler lies.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// The lanes, from top to bottom.
    pub rows: Vec<Row>,
    /// The availability graph.
    pub availability: Lane,
}

/// The span bands stand here.
pub const SPANS: Lane = Lane { top: 14.0, height: 18.0 };
const LANES_TOP: f64 = 37.0;
const AVAILABILITY: f64 = 38.0;
const LOWEST_AVAILABILITY: f64 = 28.0;
/// The kubelets' lane is this much higher than others.
const KUBELETS: f64 = 1.7;
const LARGEST_PITCH: f64 = 20.0;
const LEGIBLE_PITCH: f64 = 11.0;

/// What has to do with a static pod: no controller has.
const OF_LIVES: [Subject; 3] = [Subject::ApiServer, Subject::Kubelets, Subject::Traffic];

impl Rows {
    /// The rows of a history in a panel of this height (below the transport), with lanes for a static pod's life or
    /// not; in the network's view with those of requests. `other` names the world beside it.
    pub fn new(
        chart: &Chart,
        height: f64,
        has_lives: bool,
        requests: Option<&RequestLanes>,
        other: Option<&str>,
    ) -> Rows {
        let mut subjects = requests.map_or_else(|| subjects(chart), |lanes| of_network(chart, lanes));
        if has_lives {
            subjects.retain(|subject| OF_LIVES.contains(subject));
            subjects.extend([Subject::Disk, Subject::Container, Subject::Mirror]);
        }
        if chart.has_traffic() && other.is_some() {
            subjects.push(Subject::Beside);
        }
        let shares: f64 = subjects.iter().map(|subject| share(*subject)).sum();
        let pitch_above = |availability: f64| (height - 8.0 - availability - LANES_TOP) / shares;
        let designed = pitch_above(AVAILABILITY);
        // Labels of lanes that lie closer would run into each other.
        let pitch = if designed < LEGIBLE_PITCH {
            pitch_above(LOWEST_AVAILABILITY).min(LEGIBLE_PITCH)
        } else {
            designed
        };
        let pitch = pitch.clamp(6.0, LARGEST_PITCH);
        let mut top = LANES_TOP;
        let rows = subjects.into_iter().map(|subject| {
            let height = pitch * share(subject);
            let lane = Lane { top: top + 1.0, height: (height - 3.5).max(3.0) };
            top += height;
            let label = match (subject, requests) {
                (Subject::To(pod), Some(lanes)) => to(lanes, pod),
                (Subject::Beside, _) => short(other.unwrap_or_default()),
                _ => label(subject),
            };
            Row { subject, label, hue: hue(subject), lane }
        });
        let rows = rows.collect();
        let top = top + 4.0;
        Rows { rows, availability: Lane { top, height: (height - 8.0 - top).max(12.0) } }
    }

    /// The row at a height.
    pub fn at(&self, y: f64) -> Option<&Row> {
        self.rows.iter().find(|row| (row.lane.top - 2.0..row.lane.top + row.lane.height + 2.0).contains(&y))
    }
}

/// Whether a step is a tick of a lane.
pub fn belongs(step: &Step, subject: Subject) -> bool {
    match subject {
        Subject::ApiServer => matches!(step.what, What::Written(_) | What::Refused { .. }),
        Subject::Controller(id) => step.actor == Actor::Controller(id) && !step.is_quiet(),
        Subject::Endpoints => {
            matches!(step.actor, Actor::Controller(id) if is_of_endpoints(id)) && !step.is_quiet()
        }
        Subject::Scheduler => step.actor == Actor::Scheduler && !step.is_quiet(),
        Subject::Kubelets => matches!(step.actor, Actor::Kubelet(_)) && !step.is_quiet(),
        Subject::Proxies => matches!(step.actor, Actor::Proxy(_)) && !step.is_quiet(),
        Subject::Traffic | Subject::Beside => false,
        Subject::Disk => matches!(step.what, What::Machine(MachineChange::Manifest { .. })),
        Subject::Container => matches!(step.what, What::Machine(MachineChange::Pod { .. })),
        Subject::Mirror => lives::tells_of_a_mirror(step).is_some(),
        Subject::Dns => matches!(follow::hop(step).map(|it| &it.hop), Some(Hop::Ask(_) | Hop::Answer(_))),
        Subject::To(pod) => match follow::hop(step).map(|it| &it.hop) {
            Some(Hop::Arrive(arrive)) => arrive.pod.as_ref().is_some_and(|(_, uid)| *uid == pod),
            Some(Hop::Respond(response)) => response.pod.1 == pod,
            _ => false,
        },
    }
}

fn is_of_endpoints(id: ControllerId) -> bool {
    matches!(id.name(), "endpointslice" | "endpoints")
}

/// The lane in which a step is most at home: where the playhead's diamond stands.
pub fn home(step: &Step) -> Subject {
    match &step.actor {
        Actor::You | Actor::Kubectl(_) | Actor::ApiServer => Subject::ApiServer,
        Actor::Controller(id) if is_of_endpoints(*id) => Subject::Endpoints,
        Actor::Controller(id) => Subject::Controller(*id),
        Actor::Scheduler => Subject::Scheduler,
        Actor::Kubelet(_) => Subject::Kubelets,
        Actor::Proxy(_) | Actor::Network(_) => Subject::Proxies,
        Actor::Client(_) => Subject::Traffic,
        Actor::Dns => Subject::Dns,
    }
}

/// The lanes of a history: of the controllers those that act in it. Before anything has happened the usual ones stand
/// there.
fn subjects(chart: &Chart) -> Vec<Subject> {
    let acted = |id: ControllerId| chart.steps().any(|step| belongs(step, Subject::Controller(id)));
    let usual = |id: &ControllerId| matches!(id.name(), "deployment" | "replicaset");
    let mut subjects = vec![Subject::ApiServer];
    subjects.extend(
        ControllerId::all()
            .filter(|id| usual(id) && (chart.is_empty() || acted(*id)))
            .map(Subject::Controller),
    );
    subjects.extend(
        ControllerId::all()
            .filter(|id| !usual(id) && !is_of_endpoints(*id) && acted(*id))
            .map(Subject::Controller),
    );
    subjects.push(Subject::Scheduler);
    subjects.push(Subject::Kubelets);
    if chart.is_empty() || chart.steps().any(|step| belongs(step, Subject::Endpoints)) {
        subjects.push(Subject::Endpoints);
    }
    subjects.push(Subject::Proxies);
    if chart.has_traffic() {
        subjects.push(Subject::Traffic);
    }
    subjects
}

/// The lanes of the network's view: who decides about endpoints, and what is sent to them.
fn of_network(chart: &Chart, lanes: &RequestLanes) -> Vec<Subject> {
    let is_shown =
        |subject: &Subject| matches!(subject, Subject::ApiServer | Subject::Endpoints | Subject::Proxies);
    let all = subjects(chart).into_iter().filter(is_shown);
    let pods = lanes.pods.iter().map(|lane| Subject::To(lane.pod));
    all.chain([Subject::Dns]).chain(pods).chain(chart.has_traffic().then_some(Subject::Traffic)).collect()
}

/// `to db-0`; of a long name the end.
fn to(lanes: &RequestLanes, pod: Uid) -> String {
    let name = lanes.pods.iter().find(|lane| lane.pod == pod).map(|lane| stations::short(&lane.name));
    format!("to {}", name.unwrap_or_default())
}

fn share(subject: Subject) -> f64 {
    if subject == Subject::Kubelets { KUBELETS } else { 1.0 }
}

fn label(subject: Subject) -> String {
    match subject {
        Subject::ApiServer => "API server".into(),
        // The full name would run into the marker.
        Subject::Controller(id) if id.name() == "replicationcontroller" => "Replication".into(),
        Subject::Controller(id) => actor::spelled(id.name()),
        Subject::Endpoints => "Endpoints".into(),
        Subject::Scheduler => "Scheduler".into(),
        Subject::Kubelets => "Kubelets".into(),
        Subject::Proxies => "Proxies".into(),
        Subject::Traffic => "Traffic".into(),
        Subject::Disk => "File on disk".into(),
        Subject::Container => "Container".into(),
        Subject::Mirror => "Mirror pod".into(),
        Subject::Dns => "DNS queries".into(),
        Subject::To(_) => "to a pod".into(),
        Subject::Beside => "Beside".into(),
    }
}

/// As much of another world's name as there is room for beside its lane: `with --force`.
fn short(name: &str) -> String {
    let word = match name.strip_prefix("Before: ") {
        Some(replaced_by) => return format!("without {}", cut(replaced_by, LANE_CHARACTERS - 8)),
        None if name.starts_with("--force") => "--force",
        None => "graceful",
    };
    format!("with {word}")
}

/// So many characters of a label stand before its lane.
const LANE_CHARACTERS: usize = 18;

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

fn hue(subject: Subject) -> Hue {
    match subject {
        Subject::ApiServer => Hue::Api,
        Subject::Controller(_) | Subject::Endpoints => Hue::Controllers,
        Subject::Traffic | Subject::Beside | Subject::Dns | Subject::To(_) => Hue::User,
        Subject::Scheduler => Hue::Scheduler,
        Subject::Kubelets | Subject::Proxies => Hue::Kubelet,
        Subject::Disk | Subject::Container => Hue::Kubelet,
        Subject::Mirror => Hue::Api,
    }
}
