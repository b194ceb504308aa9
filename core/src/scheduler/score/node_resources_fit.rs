//! Nodes with more room left are better. Upstream: `plugins/noderesources/least_allocated.go`.
//!
//! A node of 4 cores and 8 GiB, empty but for the pod itself (100m and 200 MiB by default):
//! cpu (4000 - 100) · 100 / 4000 = 97, memory 97, mean 97.

use super::MOST;
use crate::scheduler::view::{Candidate, Incoming};

pub(super) fn scores(incoming: &Incoming<'_>, nodes: &[Candidate<'_>]) -> Vec<i64> {
    nodes.iter().map(|candidate| score(incoming, candidate)).collect()
}

fn score(incoming: &Incoming<'_>, candidate: &Candidate<'_>) -> i64 {
    let (asked, room) = (&incoming.requests, candidate.room);
    let resources = [
        (room.cpu, candidate.used.nonzero_cpu + asked.nonzero_cpu),
        (room.memory, candidate.used.nonzero_memory + asked.nonzero_memory),
    ];
    let (mut sum, mut counted) = (0, 0);
    for (allocatable, requested) in resources {
        if allocatable == 0 {
            continue;
        }
        counted += 1;
        // In 128 bits: a hundred times the bytes of a large node is a large number.
        let free = i128::from((allocatable - requested).max(0));
        sum += (free * i128::from(MOST) / i128::from(allocatable)) as i64;
    }
    if counted == 0 { 0 } else { sum / counted }
}
