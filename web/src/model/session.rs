//! What was done, small enough to keep: the acts and where the viewer stood. The steps follow from them.

use std::rc::Rc;

use kubestep_core::api::Node;
use kubestep_core::engine::{Budget, Command, StepId, Timeline, Until};
use kubestep_core::simulation::{self, Setup, Simulation};
use serde::{Deserialize, Serialize};

/// The file that the editor holds, as kubectl lines name it.
pub const FILE: &str = "manifests.yaml";

/// The file that describes the cluster itself, as it is until somebody edits it: what a text without any gets as well.
pub const CLUSTER: &str = include_str!("../../../static/cluster.yaml");

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
    /// What cluster.yaml held, unless it was as it always is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<Rc<str>>,
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

/// What a run begins with: the settings and nodes that cluster.yaml and its manifests describe.
#[derive(Clone, Debug, PartialEq)]
pub struct Ground {
    /// What cluster.yaml held.
    pub cluster: Rc<str>,
    simulation: Simulation,
    nodes: Vec<Node>,
}

impl Ground {
    /// What these texts describe. Manifests that name nodes of their own stand on these alone; their settings are added
    /// to the cluster's.
    pub fn of(cluster: &str, manifests: &str) -> Self {
        // The file as it comes says what is usual anyway: it need not be read.
        let cluster_says = if cluster == CLUSTER { "" } else { cluster };
        let has_nodes = manifests.lines().any(|line| line.trim_end() == "kind: Node");
        let Setup { simulation, nodes, .. } = simulation::read(&format!("{cluster_says}\n---\n{manifests}"));
        let nodes = if has_nodes { simulation::read(manifests).nodes } else { nodes };
        Self { cluster: cluster.into(), simulation, nodes }
    }

    /// Whether runs on both begin alike, whatever else their files say.
    pub fn is_like(&self, other: &Ground) -> bool {
        self.simulation == other.simulation && self.nodes == other.nodes
    }

    /// The cluster before anything happened.
    pub fn timeline(&self) -> Timeline {
        Timeline::new(self.simulation.clone(), self.nodes.clone())
    }
}

/// Does the kept acts again, each when it was done, on the ground that cluster.yaml and the first manifests describe.
pub fn replay(cluster: &str, acts: &[Act]) -> (Ground, Timeline) {
    let ground = Ground::of(cluster, acts.iter().find_map(|act| act.file.as_deref()).unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_nobody_has_edited_describes_the_usual_cluster() {
        let usual = simulation::read("");
        let written = simulation::read(CLUSTER);
        assert_eq!(written.simulation, usual.simulation);
        assert_eq!(written.nodes, usual.nodes);
        assert!(written.diagnostics.is_empty());
    }

    #[test]
    fn manifests_with_nodes_stand_on_these_alone() {
        let alone = Ground::of(CLUSTER, "apiVersion: v1\nkind: Node\nmetadata:\n  name: alone\n");
        assert_eq!(alone.nodes.len(), 1);
        let seeded =
            Ground::of(CLUSTER, "apiVersion: kubestep.dev/v1alpha1\nkind: Simulation\nspec: {seed: 7}\n");
        assert_eq!((seeded.nodes.len(), seeded.simulation.seed), (3, 7));
    }
}
