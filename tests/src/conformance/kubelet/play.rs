//! Plays a scenario of the suite `kubelet`: each step at its time, by kubelets that decide everything themselves.

use std::collections::BTreeMap;

use kubestep_core::api::{Event, Kind, Object, Uid};
use kubestep_core::simulation::{Latencies, Simulation};
use kubestep_core::{Duration, Time, Timeline};
use serde_json::{Value, json};

use super::rows::{self, Row};
use crate::conformance::cluster::Cluster;
use crate::conformance::names::{Names, Style};
use crate::conformance::nodes::NodeSpec;
use crate::conformance::play::{Player, fixed_ports};
use crate::conformance::recording::{Scenario, Step};
use crate::conformance::snapshot::{Asked, NAMESPACE, Nodes};
use crate::conformance::text;

/// How long the last step is followed if it does not say.
const TAIL: Duration = Duration::from_seconds(2);

/// What became of a scenario.
#[derive(Clone, Debug, Default)]
pub(super) struct Played {
    /// What each act answered.
    pub results: Vec<Value>,
    /// Every status that each pod went through; a later pod of the same name is `web#2`.
    pub pods: BTreeMap<String, Vec<Row>>,
    /// The Events about pods, but for those of kubelets.
    pub events: Vec<Value>,
}

impl Played {
    /// The statuses of one pod.
    pub(super) fn rows_of(&self, pod: &str) -> &[Row] {
        self.pods.get(pod).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Plays every step.
///
/// # Errors
/// Where the core does not serve an act.
pub(super) fn play(scenario: &Scenario, luck: u64) -> Result<Played, String> {
    let nodes = scenario.nodes.iter().zip(1..).map(|(node, number)| node_of(node).node(number));
    let simulation = Simulation {
        seed: luck.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        latencies: latencies(),
        ..Simulation::default()
    };
    let timeline = Timeline::new(simulation, nodes.collect::<Result<Vec<_>, _>>()?);
    let cluster = Cluster::of(timeline, Names::new(Style::Masked, false));
    let nodes = Nodes { are_listed: false, of_pods: false, in_events: false };
    let mut player = Player { cluster, ports: fixed_ports(scenario), nodes, asked: Asked::default() };
    // A kubelet's seconds begin when it pleases.
    let begun = Time::ZERO + Duration::from_millis(2000 + luck * 3373 % 10_000);
    player.cluster.pass(begun.since(Time::ZERO));
    let mut results = Vec::new();
    for (place, step) in scenario.steps.iter().enumerate() {
        let at = begun + effect_at(step, scenario.steps.get(place + 1), luck);
        player.cluster.pass(at.since(player.cluster.now()));
        let (result, _) = player.act(&step.act, false)?;
        results.push(player.masked(&step.act, result));
    }
    player.cluster.pass(TAIL);
    let mut played = Played { results, ..Played::default() };
    played.follow(&player, begun);
    Ok(played)
}

/// When an act takes effect: it was begun at a time that is known, and was over when the next one began.
fn effect_at(step: &Step, next: Option<&Step>, luck: u64) -> Duration {
    let begun = step.at.map_or(0.0, |(earliest, _)| earliest);
    let over = next.and_then(|next| next.at).map_or(begun, |(earliest, _)| earliest);
    let is_wait =
        matches!(step.act, crate::conformance::act::Act::Advance(_) | crate::conformance::act::Act::Wait(_));
    let spent = if is_wait { 0.0 } else { (over - begun).max(0.0) * (luck % 5) as f64 / 4.0 };
    Duration::from_millis(((begun + spent) * 1000.0) as u64)
}

/// A node of the recorder, which said little of its machine.
fn node_of(node: &NodeSpec) -> NodeSpec {
    node.clone().with_capacity("1", "4026531840", 110)
}

/// A runtime that does what it is asked for at once; kubelets that look at each pod again after 10 s.
fn latencies() -> Latencies {
    let at_once = Duration(200_000);
    Latencies {
        // Long enough for a mirror to be known, short enough to be overtaken.
        sandbox: Duration::from_millis(6),
        pull: at_once,
        start: at_once,
        ready: at_once,
        exit: at_once,
        // They end when the recording says so.
        work: Latencies::MAX,
        cleanup: at_once,
        resync: Duration::from_seconds(10),
        ..Latencies::default()
    }
}

impl Played {
    fn follow(&mut self, player: &Player, begun: Time) {
        let names = &player.cluster.names;
        let mut called: BTreeMap<Uid, String> = BTreeMap::new();
        let mut events: BTreeMap<String, (f64, u64)> = BTreeMap::new();
        for step in player.cluster.timeline().steps() {
            let Some(change) = step.change().filter(|change| !change.is_noop()) else { continue };
            if &*change.object.key.namespace != NAMESPACE {
                continue;
            }
            let at = step.at.since(begun).as_millis() as f64 / 1000.0;
            if let Some(Object::Event(event)) = &change.after {
                count(&mut events, event, names, at);
            }
            let Some(subject) = change.subject().filter(|subject| subject.kind() == Kind::Pod) else {
                continue;
            };
            let name = called.entry(subject.uid()).or_insert_with(|| {
                let masked = names.name(subject.name());
                let number = 1
                    + (1..).take_while(|number| self.pods.contains_key(&numbered(&masked, *number))).count();
                numbered(&masked, number)
            });
            let rows = self.pods.entry(name.clone()).or_default();
            let row = match &change.after {
                Some(pod) => rows::of(&pod.to_json(), names),
                None => json!({"gone": true}),
            };
            if rows.last().is_none_or(|last| last.what != row) {
                rows.push(Row { at, what: row });
            }
        }
        self.events = events
            .into_iter()
            .map(|(what, (at, count))| {
                let mut event: Value = serde_json::from_str(&what).unwrap_or_default();
                event["t"] = json!([at, at]);
                event["count"] = json!(count);
                event
            })
            .collect();
    }
}

fn numbered(name: &str, number: usize) -> String {
    if number == 1 { name.to_owned() } else { format!("{name}#{number}") }
}

fn count(events: &mut BTreeMap<String, (f64, u64)>, event: &Event, names: &Names, at: f64) {
    let is_recorded = event.about.kind == Kind::Pod && event.component != "kubelet";
    if !is_recorded {
        return;
    }
    let what = json!({
        "fieldPath": event.field_path.as_deref(),
        "from": event.component,
        "message": text::line(&event.message, names, &[]),
        "pod": names.name(event.about.name()),
        "reason": event.reason,
        "type": event.event_type.name(),
    });
    events.entry(what.to_string()).or_insert((at, 0)).1 += 1;
}
