//! Known divergences: steps that will not match, each with its reason. They count as failing all the same.

use super::report::Outcome;

/// A step that is known to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// `workloads/roll-3-default`
    pub scenario: String,
    /// Its place, from 0.
    pub step: usize,
    /// Why it differs.
    pub reason: String,
}

/// Reads a list: `workloads/NAME STEP: reason`, one a line; lines that begin with `#` say something else.
///
/// # Errors
/// The first line that is no divergence.
pub fn read(text: &str) -> Result<Vec<Divergence>, String> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(line, number)| one(line).ok_or_else(|| format!("line {number}: {line:?} names no step")))
        .collect()
}

fn one(line: &str) -> Option<Divergence> {
    let (place, reason) = line.split_once(": ")?;
    let (scenario, step) = place.trim().rsplit_once(' ')?;
    Some(Divergence {
        scenario: scenario.trim().to_owned(),
        step: step.parse().ok()?,
        reason: reason.trim().to_owned(),
    })
}

/// The divergences that are none: their step matches, or is not recorded.
pub fn outdated<'a>(listed: &'a [Divergence], outcomes: &[Outcome]) -> Vec<&'a Divergence> {
    let differs = |divergence: &Divergence| {
        let outcome = outcomes.iter().find(|outcome| outcome.id() == divergence.scenario)?;
        Some(!outcome.steps.get(divergence.step)?.differences.is_empty())
    };
    listed.iter().filter(|divergence| differs(divergence) != Some(true)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_a_step_and_a_reason() {
        let listed = read("# known\n\nworkloads/a-b 3: races: two of them\n").unwrap();
        let known =
            Divergence { scenario: "workloads/a-b".into(), step: 3, reason: "races: two of them".into() };
        assert_eq!(listed, [known]);
        assert_eq!(outdated(&listed, &[]).len(), 1);
        assert!(read("nothing").unwrap_err().contains("line 1"));
    }
}
