//! The indexes of an Indexed Job, as its status lists them: `0-2,4`. Upstream:
//! `pkg/controller/job/indexed_job_utils.go`.

use std::collections::BTreeSet;

use crate::api::{Job, Pod};

/// The annotation and label that hold a pod's index.
pub(super) const INDEX: &str = "batch.kubernetes.io/job-completion-index";
/// The annotation that holds how often pods of the same index failed before, where the limit is per index.
pub(super) const FAILURES: &str = "batch.kubernetes.io/job-index-failure-count";
/// The annotation that holds how many of these failures were ignored.
pub(super) const IGNORED_FAILURES: &str = "batch.kubernetes.io/job-index-ignored-failure-count";

/// Indexes, in order.
pub(super) type Indexes = BTreeSet<i32>;

/// The index of a pod, if it is one of the Job's.
pub(super) fn of(job: &Job, pod: &Pod) -> Option<i32> {
    let index = pod.annotation(INDEX)?.parse().ok()?;
    (0..job.completions().unwrap_or(0)).contains(&index).then_some(index)
}

/// A number in one of a pod's annotations; 0 without it.
pub(super) fn count(pod: &Pod, annotation: &str) -> i32 {
    pod.annotation(annotation).and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Reads `0-2,4`; indexes from `completions` on are left out, and so is what cannot be read.
pub(super) fn parse(text: &str, completions: i32) -> Indexes {
    let ranges = text.split(',').filter_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some((first.parse::<i32>().ok()?, last.parse::<i32>().ok()?))
    });
    ranges.flat_map(|(first, last)| first..=last.min(completions - 1)).collect()
}

/// Writes `0-2,4`. Two neighbours are a list, three a range.
pub(super) fn text(indexes: &Indexes) -> String {
    let mut ranges: Vec<(i32, i32)> = Vec::new();
    for index in indexes {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *index => *last = *index,
            _ => ranges.push((*index, *index)),
        }
    }
    let shown = ranges.into_iter().map(|(first, last)| match last - first {
        0 => first.to_string(),
        1 => format!("{first},{last}"),
        _ => format!("{first}-{last}"),
    });
    shown.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_written_and_read_again() {
        for shown in ["", "0", "0,1", "0-2,4", "1,3-5,8,9"] {
            assert_eq!(text(&parse(shown, 100)), shown);
        }
        assert_eq!(text(&parse("0-9", 3)), "0-2");
    }
}
