//! The simulation without the picture, for measuring it in a browser: what `cargo xtask run` does natively.

use kubestep_core::engine::{Budget, Until};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::browser;
use crate::model::session::{Act, CLUSTER, Ground};

/// The most steps that are simulated.
const BUDGET: Budget = Budget { steps: 1_000_000 };

/// What a simulation took.
#[derive(Serialize)]
struct Simulated {
    /// The apply, then each command.
    runs: Vec<Ran>,
    /// One for each step, in hexadecimal: the same wherever the same steps are made.
    fingerprints: Vec<String>,
}

/// One command, run to rest.
#[derive(Serialize)]
struct Ran {
    steps: usize,
    milliseconds: f64,
}

/// Applies `manifests` to a fresh cluster and runs each kubectl command, each to rest.
///
/// # Errors
/// kubectl's own words, where it does not understand a command.
#[wasm_bindgen]
pub fn simulate(manifests: String, commands: Vec<String>) -> Result<JsValue, JsValue> {
    let mut timeline = Ground::of(CLUSTER, &manifests).timeline();
    let text = manifests.into();
    let mut runs = Vec::new();
    let typed = commands.iter().map(|line| Act::typed(0, line, &text));
    for act in std::iter::once(Act::apply(0, &text)).chain(typed) {
        let command = act.command().map_err(|refusal| JsValue::from_str(&refusal))?;
        let (before, began) = (timeline.len(), browser::now());
        let id = timeline.submit(command);
        // First the command, which may wait for timers, then whatever it left behind.
        for goal in [Until::Command(id), Until::Quiet] {
            timeline.advance(goal, BUDGET);
        }
        runs.push(Ran { steps: timeline.len() - before, milliseconds: browser::now() - began });
    }
    // As text: a fingerprint has more digits than a JavaScript number.
    let fingerprints = timeline.steps().iter().map(|step| format!("{:016x}", step.fingerprint())).collect();
    serde_wasm_bindgen::to_value(&Simulated { runs, fingerprints }).map_err(JsValue::from)
}
