//! What was done, small enough to keep: the acts and where the viewer stood. The steps follow from them.

use std::rc::Rc;

use kubestep_core::api::Node;
use kubestep_core::engine::{Budget, Command, StepId, Timeline, Until};
use kubestep_core::simulation::{self, Setup, Simulation};
use serde::{Deserialize, Serialize};

/// The file that the editor holds, as kubectl lines name it.
pub const FILE: &str = "manifests.yaml";

/// The most acts that are kept; a longer session keeps its first ones.
const MOST_ACTS: usize = 200;

/// The most steps that are computed when a kept session is opened.
const MOST_STEPS: usize = 50_000;

/// One thing a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Act {
    /// How many steps had happened.
    pub after_steps: usize,
    /// The line: kubectl's, or one of `sim`.
    pub line: Rc<str>,
    /// What manifests.yaml held, if the line names it.
    pub file: Option<Rc<str>>,
}

/// A session as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// The lesson it began with; none for the user's own manifests.
    pub lesson: Option<String>,
    /// What was done.
    pub acts: Vec<Act>,
    /// The step in view.
    pub cursor: Option<u32>,
}

impl Act {
    /// `kubectl apply` of the editor's text.
    pub fn apply(after_steps: usize, text: &Rc<str>) -> Self {
        Self { after_steps, line: format!("kubectl apply -f {FILE}").into(), file: Some(text.clone()) }
    }

    /// A typed line; `text` is what the editor holds.
    pub fn typed(after_steps: usize, line: &str, text: &Rc<str>) -> Self {
        let is_whole = matches!(line.split(' ').next(), Some("kubectl" | "sim"));
        let line = if is_whole { line.to_owned() } else { format!("kubectl {line}") };
        let names_file = line.contains(FILE);
        Self { after_steps, line: line.into(), file: names_file.then(|| text.clone()) }
    }

    /// The command for the engine.
    ///
    /// # Errors
    /// What is printed instead, kubectl's own words for a line of its: nobody understands the line.
    pub fn command(&self) -> Result<Command, String> {
        let file = |name: &str| if name == FILE { self.file.as_deref().map(str::to_owned) } else { None };
        Command::parse(&self.line, &file)
    }
}

/// What a run begins with: the settings and nodes that its manifests describe.
#[derive(Clone, Debug, PartialEq)]
pub struct Ground {
    simulation: Simulation,
    nodes: Vec<Node>,
}

impl Ground {
    /// What these manifests describe; a text without nodes or settings gets the usual ones.
    pub fn of(text: &str) -> Self {
        let Setup { simulation, nodes, .. } = simulation::read(text);
        Self { simulation, nodes }
    }

    /// The cluster before anything happened.
    pub fn timeline(&self) -> Timeline {
        Timeline::new(self.simulation.clone(), self.nodes.clone())
    }
}

/// Does the kept acts again, each when it was done, on the ground that the first manifests describe.
pub fn replay(acts: &[Act]) -> (Ground, Timeline) {
    let ground = Ground::of(acts.iter().find_map(|act| act.file.as_deref()).unwrap_or_default());
    let mut timeline = ground.timeline();
    for act in acts.iter().take(MOST_ACTS) {
        let Ok(command) = act.command() else { continue };
        if let Some(last) = act.after_steps.checked_sub(1) {
            let budget = Budget { steps: MOST_STEPS.saturating_sub(timeline.len()) };
            timeline.advance(Until::Step(StepId(last as u32)), budget);
        }
        timeline.submit(command);
    }
    (ground, timeline)
}
