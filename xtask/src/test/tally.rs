//! Counting what passed and what failed, of all kinds of checks together.

use crate::failure::{Failure, Outcome};

/// Numbers of checks and tests.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    passed: usize,
    failed: usize,
    /// What to say again at the end: the names of the checks that failed.
    complaints: Vec<String>,
}

impl Tally {
    pub(super) fn failed(&self) -> usize {
        self.failed
    }

    /// Counts one check and says how it ended.
    pub(super) fn check(&mut self, name: &str, outcome: Outcome) {
        match outcome {
            Ok(()) => {
                println!("== {name}: ok");
                self.passed += 1;
            }
            Err(failure) => {
                println!("== {name}: FAILED\n{failure}");
                self.failed += 1;
                self.complaints.push(name.to_owned());
            }
        }
    }

    /// Counts the totals that a line states, as cargo's tests (`test result: ok. 3 passed; 1 failed; ...`) and
    /// the page's stories (`3 passed, 1 failed`) do; any other line states none.
    pub(super) fn read(&mut self, line: &str) {
        let totals = match line.strip_prefix("test result: ") {
            Some(result) => result.split_once(". ").map(|(_, totals)| totals.split("; ")),
            None => Some(line.split(", ")),
        };
        let Some(mut totals) = totals else { return };
        let (Some(passed), Some(failed)) = (totals.next(), totals.next()) else { return };
        if let (Some(passed), Some(failed)) = (number(passed, " passed"), number(failed, " failed")) {
            self.passed += passed;
            self.failed += failed;
        }
    }

    /// Prints the totals alone on the last line.
    pub(super) fn end(self) -> Outcome {
        for complaint in &self.complaints {
            println!("failed: {complaint}");
        }
        println!("{} passed, {} failed", self.passed, self.failed);
        match self.failed {
            0 => Ok(()),
            _ => Err(Failure::was_said()),
        }
    }
}

fn number(text: &str, unit: &str) -> Option<usize> {
    text.strip_suffix(unit)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> (usize, usize) {
        let mut tally = Tally::default();
        lines.iter().for_each(|line| tally.read(line));
        (tally.passed, tally.failed)
    }

    #[test]
    fn totals_of_several_programs_add_up() {
        let lines = [
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "20 passed, 1 failed",
        ];
        assert_eq!(read(&lines), (35, 3));
    }

    #[test]
    fn other_lines_count_nothing() {
        let lines = [
            "running 12 tests",
            "test tests::one ... ok",
            "it said 3 passed, 1 failed",
            "",
            "passed, failed",
        ];
        assert_eq!(read(&lines), (0, 0));
    }
}
