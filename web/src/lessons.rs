//! Examples to start from: manifests, and the commands that make something happen to them.

use kubestep_core::api::Pod;
use kubestep_core::engine::{Budget, StepId, Timeline, Until, World};

use crate::model::session::{Act, CLUSTER, Ground};

/// The most steps that one command of a lesson is given to come to rest.
const BUDGET: Budget = Budget { steps: 20_000 };

/// An example.
pub struct Lesson {
    /// Its name in links and kept sessions.
    pub name: &'static str,
    /// What it is about.
    pub topic: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What one sees.
    pub summary: &'static str,
    /// What cluster.yaml says.
    pub cluster: &'static str,
    /// What the editor holds.
    pub manifests: &'static str,
    /// What is run once the manifests have come to rest; `{pod}` is the name of the first pod.
    pub commands: &'static [&'static str],
    /// How it is looked at.
    pub view: View,
    /// Something to type next; `{pod}` as above.
    pub suggestion: &'static str,
}

/// A cluster of two nodes.
const TWO_NODES: &str = include_str!("../../static/lessons/two-nodes.yaml");

/// The line with which a static pod's file comes into a node's manifest directory.
macro_rules! static_web {
    ($node:literal) => {
        concat!(
            "sim manifest ",
            $node,
            r" static-web.yaml 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: static-web\n  labels: {role: edge}\nspec:\n",
            r"  containers:\n  - name: web\n    image: ghcr.io/acme/edge:2.3\n    ports: [{containerPort: 8080}]\n'",
        )
    };
}

/// How a lesson is looked at, until its viewer looks elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The whole cluster.
    Cluster,
    /// The whole cluster, and a pod's deletion beside it, station by station.
    Deletion,
    /// The whole cluster, and a node's outage beside it, station by station.
    Outage,
    /// The network.
    Network,
    /// This node closely, its manifest directory in the editor, in that this file.
    File(&'static str, &'static str),
}

/// Every lesson; the first is what a first visitor sees.
pub const ALL: [Lesson; 15] = [
    Lesson {
        name: "deployment-and-service",
        topic: "Workloads",
        title: "Deployment and Service",
        summary: "From one apply to three pods that take traffic.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/first-visit.yaml"),
        commands: &[],
        view: View::Cluster,
        suggestion: "kubectl set image deployment/my-deployment my-container=my-image:2",
    },
    Lesson {
        name: "rolling-update",
        topic: "Workloads",
        title: "Rolling update",
        summary: "Replace every pod without dropping below the floor.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/rolling-update.yaml"),
        commands: &["kubectl set image deployment/web web=ghcr.io/acme/web:1.1"],
        view: View::Cluster,
        suggestion: "kubectl rollout undo deployment/web",
    },
    Lesson {
        name: "no-surge",
        topic: "Workloads",
        title: "No room to surge",
        summary: "With maxSurge 0 a pod has to go before its successor comes.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/no-surge.yaml"),
        commands: &["kubectl set image deployment/web web=ghcr.io/acme/web:1.1"],
        view: View::Cluster,
        suggestion: "kubectl rollout status deployment/web",
    },
    Lesson {
        name: "recreate",
        topic: "Workloads",
        title: "Recreate",
        summary: "Every old pod stops before the first new one starts: the Service is empty in between.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/recreate.yaml"),
        commands: &["kubectl set image deployment/web web=ghcr.io/acme/web:1.1"],
        view: View::Cluster,
        suggestion: "kubectl rollout history deployment/web",
    },
    Lesson {
        name: "bad-image",
        topic: "Workloads",
        title: "A bad image",
        summary: "The rollout stands still and the old pods go on serving.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/rolling-update.yaml"),
        commands: &["kubectl set image deployment/web web=ghcr.io/acme/web:missing"],
        view: View::Cluster,
        suggestion: "kubectl rollout undo deployment/web",
    },
    Lesson {
        name: "rollback",
        topic: "Workloads",
        title: "Rollback",
        summary: "kubectl rollout undo is one more rolling update.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/rolling-update.yaml"),
        commands: &[
            "kubectl set image deployment/web web=ghcr.io/acme/web:1.1",
            "kubectl rollout undo deployment/web",
        ],
        view: View::Cluster,
        suggestion: "kubectl rollout history deployment/web",
    },
    Lesson {
        name: "graceful-deletion",
        topic: "Pod lifecycle",
        title: "Graceful deletion",
        summary: "From kubectl delete to an empty slot on the node, and the pod that replaces it.",
        cluster: TWO_NODES,
        manifests: include_str!("../../static/lessons/deletion.yaml"),
        commands: &["sim wait 3s", "kubectl delete pod {pod}"],
        view: View::Deletion,
        suggestion: "kubectl delete pod {pod} --now",
    },
    Lesson {
        name: "forced-deletion",
        topic: "Pod lifecycle",
        title: "Forced deletion",
        summary: "--force erases the object at once; the process gets its short grace all the same.",
        cluster: TWO_NODES,
        manifests: include_str!("../../static/lessons/deletion.yaml"),
        commands: &["sim wait 3s", "kubectl delete pod {pod} --grace-period=0 --force"],
        view: View::Deletion,
        suggestion: "kubectl delete pod {pod}",
    },
    Lesson {
        name: "endpoint-race",
        topic: "Pod lifecycle",
        title: "SIGTERM races the endpoint",
        summary: "Without a preStop sleep, requests still go to a pod that has stopped answering.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/race.yaml"),
        commands: &["sim wait 3s", "kubectl delete pod {pod}"],
        view: View::Deletion,
        suggestion: "kubectl rollout restart deployment/web",
    },
    Lesson {
        name: "finalizer",
        topic: "Pod lifecycle",
        title: "A finalizer holds a pod",
        summary: "Its processes are gone, its object stays until somebody takes the finalizer away.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/finalizer.yaml"),
        commands: &["kubectl delete pod ledger --wait=false"],
        view: View::Deletion,
        suggestion: r#"kubectl patch pod ledger --type=merge -p '{"metadata":{"finalizers":null}}'"#,
    },
    Lesson {
        name: "static-pods",
        topic: "Nodes",
        title: "Static pods and their mirrors",
        summary: "A file on a node is a pod. Deleting its mirror in the API does not stop it.",
        cluster: include_str!("../../static/lessons/static-pods-cluster.yaml"),
        manifests: include_str!("../../static/lessons/static-pods.yaml"),
        commands: &[
            static_web!("control-plane"),
            "sim wait 3s",
            "kubectl delete pod static-web-control-plane",
        ],
        view: View::File("control-plane", "static-web.yaml"),
        suggestion: "sim no-manifest control-plane static-web.yaml",
    },
    Lesson {
        name: "without-api-server",
        topic: "Nodes",
        title: "A static pod without the API server",
        summary: "A kubelet runs what is in its directory, whoever answers. The mirror comes later.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/static-pods.yaml"),
        commands: &[
            "sim stop kube-apiserver",
            static_web!("node-1"),
            "sim wait 5s",
            "sim start kube-apiserver",
            "sim wait 5s",
        ],
        view: View::File("node-1", "static-web.yaml"),
        suggestion: "kubectl get pods",
    },
    Lesson {
        name: "dead-node",
        topic: "Nodes",
        title: "A node falls silent",
        summary: "NotReady after 50 s, its pods replaced 300 s later, stuck Terminating until it is back.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/first-visit.yaml"),
        commands: &["sim cut-off node-1", "sim wait 6m"],
        view: View::Outage,
        suggestion: "sim reconnect node-1",
    },
    Lesson {
        name: "wrong-label",
        topic: "Networking",
        title: "A wrong label",
        summary: "Labels are all that links a Service to its pods: one letter off, no endpoints.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/wrong-label.yaml"),
        commands: &[],
        view: View::Cluster,
        suggestion: "kubectl scale deployment/web --replicas=3",
    },
    Lesson {
        name: "two-tiers",
        topic: "Networking",
        title: "Service discovery, two tiers",
        summary: "From a name to a connection: resolv.conf, DNS, a node's rules, the pod.",
        cluster: CLUSTER,
        manifests: include_str!("../../static/lessons/two-tiers.yaml"),
        commands: &["sim follow shop"],
        view: View::Network,
        suggestion: "sim unready db-1",
    },
];

/// A lesson that has been run to its end.
pub struct Begun {
    /// What it stands on.
    pub ground: Ground,
    /// Its history.
    pub timeline: Timeline,
    /// What was done in it.
    pub acts: Vec<Act>,
    /// Where the viewer stands: before the lesson's own commands, or at the start if it has none.
    pub cursor: Option<StepId>,
}

impl Lesson {
    /// Applies the manifests to an empty cluster and runs the commands, each to rest.
    pub fn begin(&self) -> Begun {
        let ground = Ground::of(self.cluster, self.manifests);
        let mut timeline = ground.timeline();
        let mut acts = Vec::new();
        let mut cursor = None;
        submit(&mut timeline, Act::apply(0, &self.manifests.into()), &mut acts);
        for command in self.commands {
            cursor = cursor.or_else(|| timeline.len().checked_sub(1).map(|last| StepId(last as u32)));
            let line = with_pod(command, timeline.head());
            let act = Act::typed(timeline.len(), &line, &self.manifests.into());
            submit(&mut timeline, act, &mut acts);
        }
        Begun { ground, timeline, acts, cursor }
    }
}

fn submit(timeline: &mut Timeline, act: Act, acts: &mut Vec<Act>) {
    let Ok(command) = act.command() else { return };
    timeline.submit(command);
    timeline.advance(Until::Quiet, BUDGET);
    acts.push(act);
}

/// Fills in the name of a pod that runs.
pub fn with_pod(words: &str, world: &World) -> String {
    let pod = world.store.list::<Pod>().find(|pod| pod.is_active());
    words.replace("{pod}", pod.map_or("POD", |pod| pod.name()))
}

/// The place of the lesson with this name in [`ALL`].
pub fn place(name: &str) -> Option<usize> {
    ALL.iter().position(|lesson| lesson.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_every_lesson_is_understood() {
        for lesson in &ALL {
            let begun = lesson.begin();
            assert_eq!(begun.acts.len(), 1 + lesson.commands.len(), "{}", lesson.name);
            let next = Act::typed(0, &with_pod(lesson.suggestion, begun.timeline.head()), &"".into());
            assert!(next.command().is_ok(), "{}", lesson.suggestion);
        }
    }

    #[test]
    fn a_lesson_is_found_by_its_name() {
        assert_eq!(place("rollback").map(|place| ALL[place].title), Some("Rollback"));
    }
}
