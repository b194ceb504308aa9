//! Nodes whose cpu and memory would be used in more equal parts are better.
//! Upstream: `plugins/noderesources/balanced_allocation.go`.

use super::MOST;
use crate::scheduler::node_order::Room;
use crate::scheduler::view::{Candidate, Incoming};

pub(super) fn scores(incoming: &Incoming<'_>, nodes: &[Candidate<'_>]) -> Option<Vec<i64>> {
    let asked = &incoming.requests;
    if asked.cpu == 0 && asked.memory == 0 {
        return None;
    }
    let score = |candidate: &Candidate<'_>| {
        let (room, used) = (candidate.room, &candidate.used);
        let without = balance(room, used.cpu, used.memory);
        let with = balance(room, used.cpu + asked.cpu, used.memory + asked.memory);
        // Half for how balanced the node becomes, half for whether it becomes more so.
        MOST / 2 + (MOST / 2 + with - without) / 2
    };
    Some(nodes.iter().map(score).collect())
}

/// 100 where cpu and memory are used in equal parts, 50 where one is full and the other empty.
fn balance(room: Room, cpu: i64, memory: i64) -> i64 {
    let fraction = |used: i64, allocatable: i64| (used as f64 / allocatable as f64).min(1.0);
    if room.cpu == 0 || room.memory == 0 {
        return MOST;
    }
    let deviation = ((fraction(cpu, room.cpu) - fraction(memory, room.memory)) / 2.0).abs();
    ((1.0 - deviation) * MOST as f64) as i64
}
