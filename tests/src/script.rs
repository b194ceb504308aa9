//! Random scripts: what a careless person might type, at any moment of a rollout.

use proptest::prelude::*;

use crate::manifests::{WEB_SERVICE, web};

/// One act of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// A kubectl line. `{pod N}` stands for the N-th live pod of the moment.
    Kubectl(String),
    /// A line for what is no kubectl command: `sim use node-1 memory 8150Mi`.
    Line(String),
    /// Applies the Deployment and the Service with these settings.
    Apply {
        /// `spec.replicas`
        replicas: u32,
        /// `spec.strategy`, as manifest lines.
        strategy: String,
        /// The image's tag.
        tag: u8,
    },
    /// Lets so many steps happen before the next act.
    Steps(usize),
    /// Waits until nothing is in progress.
    Rest,
}

impl Act {
    /// The manifests that an [`Act::Apply`] applies.
    pub fn manifests(replicas: u32, strategy: &str, tag: u8) -> String {
        let deployment = web(replicas, strategy, "      terminationGracePeriodSeconds: 5\n");
        format!("{}---\n{WEB_SERVICE}", deployment.replace("image: web:1", &format!("image: web:{tag}")))
    }
}

/// Scripts of `length` acts, a pause of some steps after most of them.
pub fn scripts(length: usize) -> impl Strategy<Value = Vec<Act>> {
    proptest::collection::vec((act(), pause()), length)
        .prop_map(|pairs| pairs.into_iter().flat_map(|(act, pause)| [act, pause]).collect())
}

fn act() -> impl Strategy<Value = Act> {
    let line = |text: &'static str| Just(Act::Kubectl(text.to_owned()));
    prop_oneof![
        4 => (0..8u32).prop_map(|count| Act::Kubectl(format!("scale deployment/web --replicas={count}"))),
        4 => (1..5u8).prop_map(|tag| Act::Kubectl(format!("set image deployment/web web=web:{tag}"))),
        1 => line("set image deployment/web web=web:missing"),
        2 => line("rollout undo deployment/web"),
        3 => (0..8usize).prop_map(|pod| Act::Kubectl(format!("delete pod {{pod {pod}}}"))),
        1 => (0..8usize).prop_map(|pod| Act::Kubectl(format!("delete pod {{pod {pod}}} --now"))),
        1 => (0..8usize)
            .prop_map(|pod| Act::Kubectl(format!("delete pod {{pod {pod}}} --force --grace-period=0"))),
        1 => (1..4u8).prop_map(|node| Act::Kubectl(format!("cordon node-{node}"))),
        1 => (1..4u8).prop_map(|node| Act::Kubectl(format!("uncordon node-{node}"))),
        1 => (1..4u8, prop_oneof![Just("8150Mi"), Just("0")])
            .prop_map(|(node, amount)| Act::Line(format!("sim use node-{node} memory {amount}"))),
        1 => line("delete deployment web"),
        1 => line("delete service web"),
        3 => (1..7u32, strategy(), 1..5u8)
            .prop_map(|(replicas, strategy, tag)| Act::Apply { replicas, strategy, tag }),
    ]
}

fn strategy() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("  strategy: {type: Recreate}\n".to_owned()),
        (0..4u32, 0..4u32).prop_filter("both 0 is refused", |(surge, unavailable)| surge + unavailable > 0).prop_map(
            |(surge, unavailable)| format!(
                "  strategy: {{type: RollingUpdate, rollingUpdate: {{maxSurge: {surge}, maxUnavailable: {unavailable}}}}}\n"
            )
        ),
    ]
}

fn pause() -> impl Strategy<Value = Act> {
    prop_oneof![(0..60usize).prop_map(Act::Steps), Just(Act::Rest)]
}
