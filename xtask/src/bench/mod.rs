//! `cargo xtask bench`: named figures with their units and targets, as a table and as JSON.

mod native;
mod page;

use std::fs;

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::failure::{Outcome, While};
use crate::process;

/// One measured number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    /// What was measured, e.g. `native: 100-pod rolling update`.
    name: String,
    value: f64,
    /// Of the value: `ms`, `µs`, `bytes`, `steps`, `steps/s`, ...
    unit: &'static str,
    /// The value should not be above this, if there is a target.
    at_most: Option<f64>,
}

impl Figure {
    fn new(name: impl Into<String>, value: f64, unit: &'static str) -> Figure {
        Figure { name: name.into(), value, unit, at_most: None }
    }

    fn at_most(self, target: f64) -> Figure {
        Figure { at_most: Some(target), ..self }
    }

    fn line(&self) -> String {
        let target = match self.at_most {
            Some(target) if self.value <= target => format!("  (at most {})", number(target)),
            Some(target) => format!("  MISSED: at most {}", number(target)),
            None => String::new(),
        };
        format!("{:<56} {:>14} {}{target}", self.name, number(self.value), self.unit)
    }

    fn json(&self) -> Value {
        json!({ "name": self.name, "value": self.value, "unit": self.unit, "at_most": self.at_most })
    }
}

/// Measures everything; `--json FILE` writes the same figures there.
pub(crate) fn bench_command(mut arguments: Arguments) -> Outcome {
    let file = arguments.take_value("--json")?;
    arguments.nothing_left()?;
    if cfg!(debug_assertions) {
        return again_optimised(file);
    }
    let mut figures = Vec::new();
    native::figures(|figure| {
        println!("{}", figure.line());
        figures.push(figure);
    })?;
    for figure in page::figures()? {
        println!("{}", figure.line());
        figures.push(figure);
    }
    if let Some(file) = file {
        let list: Vec<Value> = figures.iter().map(Figure::json).collect();
        let text = format!("{:#}\n", json!({ "figures": list }));
        fs::write(&file, text).while_doing(format!("write {file}"))?;
    }
    Ok(())
}

/// This program is compiled without optimisation, so that the other commands start soon; figures need it.
fn again_optimised(file: Option<String>) -> Outcome {
    let mut cargo = process::cargo();
    cargo.args(["run", "--release", "--quiet", "--package", "xtask", "--", "bench"]);
    if let Some(file) = file {
        let file = std::path::absolute(&file).while_doing(format!("find {file}"))?;
        cargo.arg("--json").arg(file);
    }
    process::run(&mut cargo, "cargo xtask bench")
}

/// Four significant digits, or all of a large number.
fn number(value: f64) -> String {
    let digits = match value.abs() {
        size if size >= 1000.0 => 0,
        size if size >= 100.0 => 1,
        size if size >= 10.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_target_is_said() {
        let figure = Figure::new("native: a rollout", 30.0, "ms").at_most(25.0);
        assert!(figure.line().ends_with("30.00 ms  MISSED: at most 25.00"), "{}", figure.line());
        assert!(Figure { value: 24.0, ..figure }.line().ends_with("24.00 ms  (at most 25.00)"));
    }

    #[test]
    fn json_names_value_and_unit() {
        let figure = Figure::new("x", 1.5, "ms");
        assert_eq!(figure.json(), json!({ "name": "x", "value": 1.5, "unit": "ms", "at_most": null }));
    }
}
