//! The simulation without the picture, for measuring it in a browser: what `cargo xtask run` does natively.

use kubestep_core::engine::{Budget, Until};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::browser;
use crate::model::session::{Act, Ground};

/// The most steps that are simulated.
const BUDGET: Budget = Budget { steps: 1_000_000 };

/// What a simulation took.
#[derive(Serialize)]
struct Simulated {
    /// The apply, then each command.
    runs: Vec<Ran>,
    /// The same wherever the same steps are made: the fingerprints of all of them, folded, in hexadecimal.
    hash: String,
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
    let mut timeline = Ground::of(&manifests).timeline();
    let text = manifests.into();
    let mut runs = Vec::new();
    let typed = commands.iter().map(|line| Act::typed(0, line, &text));
    for act in std::iter::once(Act::apply(0, &text)).chain(typed) {
        let command = act.command().map_err(|refusal| JsValue::from_str(&refusal))?;
        let (before, began) = (timeline.len(), browser::now());
        timeline.submit(command);
        timeline.advance(Until::Quiet, BUDGET);
        runs.push(Ran { steps: timeline.len() - before, milliseconds: browser::now() - began });
    }
    let hash = timeline.steps().iter().fold(0_u64, |hash, step| hash.rotate_left(5) ^ step.fingerprint());
    let simulated = Simulated { runs, hash: format!("{hash:016x}") };
    serde_wasm_bindgen::to_value(&simulated).map_err(JsValue::from)
}
