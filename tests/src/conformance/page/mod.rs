//! The fidelity page: every scenario with its result, beside what a real Kubernetes answered. Plain HTML and one
//! stylesheet, no script: a list, and a page per scenario.

mod html;
mod index;
mod scenario;

use std::fs;
use std::path::Path;

use super::divergences::Divergence;
use super::report::Outcome;

/// The stylesheet of all pages.
const STYLE: &str = include_str!("style.css");

/// Writes the pages into `folder`: `index.html`, `style.css` and a page per scenario in its suite's folder.
///
/// # Errors
/// Where a file cannot be written.
pub fn write(folder: &Path, outcomes: &[Outcome], divergences: &[Divergence]) -> Result<(), String> {
    let save = |path: &str, text: &str| -> Result<(), String> {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, text))
            .map_err(|error| format!("could not write {}: {error}", path.display()))
    };
    save("style.css", STYLE)?;
    save("index.html", &index::page(outcomes, divergences))?;
    outcomes.iter().try_for_each(|outcome| {
        let known: Vec<&Divergence> =
            divergences.iter().filter(|divergence| divergence.scenario == outcome.id()).collect();
        save(&file(outcome), &scenario::page(outcome, &known))
    })
}

/// Where a scenario's page lies below the folder: `workloads/roll-3-default.html`.
fn file(outcome: &Outcome) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let name: String =
        outcome.name.chars().map(|letter| if is_plain(letter) { letter } else { '-' }).collect();
    format!("{}/{name}.html", outcome.suite)
}
