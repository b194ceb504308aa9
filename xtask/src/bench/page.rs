//! What the page costs: its size, and what a real Chromium needs for it (tests/e2e/measure.mjs).

use serde_json::Value;

use super::Figure;
use crate::browser;
use crate::failure::{Failure, Outcome, While};
use crate::page;
use crate::process::{self, Stream};
use crate::project;

/// Targets by the name that measure.mjs gives a figure. Times are milliseconds.
const TARGETS: [(&str, f64); 4] = [
    ("time to first picture", 1000.0),
    ("script per animation frame, 50 pods", 4.0),
    ("script per animation frame, 200 pods", 16.0),
    ("100-pod rolling update", 75.0),
];

/// Everything about the page.
pub(super) fn figures() -> Outcome<Vec<Figure>> {
    let mut measure = browser::measurements()?;
    let mut figures = sizes()?;
    let mut failure = None;
    let ended_well = process::follow(&mut measure, Stream::Output, "the page's measurements", |line| {
        match figure(line) {
            Some(figure) => figures.push(figure),
            None => failure = Some(format!("tests/e2e/measure.mjs printed {line:?}, which is no figure")),
        }
    })?;
    match failure {
        Some(failure) => Err(Failure::new(failure)),
        None if !ended_well => Err(Failure::new("tests/e2e/measure.mjs failed")),
        None => Ok(figures),
    }
}

fn sizes() -> Outcome<Vec<Figure>> {
    let weight = page::weigh(&project::dist()).while_doing("weigh the page")?;
    let kib = |bytes: usize| bytes as f64 / 1024.0;
    let wasm = |is_first| -> f64 {
        let of_part =
            |file: &&page::FileSize| file.name.ends_with(".wasm") && file.is_for_first_picture == is_first;
        kib(weight.0.iter().filter(of_part).map(|file| file.sent).sum())
    };
    Ok(vec![
        Figure::new("page: first picture, compressed", kib(weight.first_picture()), "KiB").at_most(900.0),
        Figure::new("page: wasm for the first picture, compressed", wasm(true), "KiB"),
        Figure::new("page: wasm that comes later, compressed", wasm(false), "KiB"),
    ])
}

/// One line of measure.mjs: `{"name": "...", "value": 1.5, "unit": "ms"}`.
fn figure(line: &str) -> Option<Figure> {
    let value: Value = serde_json::from_str(line).ok()?;
    let unit = match value["unit"].as_str()? {
        "ms" => "ms",
        "steps" => "steps",
        "frames" => "frames",
        _ => return None,
    };
    let name = value["name"].as_str()?;
    let figure = Figure::new(format!("page: {name}"), value["value"].as_f64()?, unit);
    match TARGETS.iter().find(|(target, _)| *target == name) {
        Some((_, target)) => Some(figure.at_most(*target)),
        None => Some(figure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_browser_is_a_figure_with_its_target() {
        let read = figure(r#"{"name": "time to first picture", "value": 300, "unit": "ms"}"#);
        assert_eq!(read, Some(Figure::new("page: time to first picture", 300.0, "ms").at_most(1000.0)));
        assert_eq!(figure("warning"), None);
    }
}
