//! What the memory holds from the start, and how the two parts share the work of putting it there.

use std::ops::Range;

use wasm_encoder::{ConstExpr, DataSection};
use wasmparser::DataKind;

use super::linked::Linked;
use super::module::{Module, Refusal, number};

/// The memory of a module.
const MEMORY: u32 = 0;

/// A segment costs about as much as this many bytes of text.
const WORTH_A_SEGMENT: u32 = 12;

/// A stretch of memory that a module fills at its start.
pub(super) struct Stretch<'a> {
    pub(super) address: u32,
    pub(super) bytes: &'a [u8],
}

/// All that a module puts into its memory.
pub(super) fn stretches<'a>(module: &Module<'a>) -> Result<Vec<Stretch<'a>>, Refusal> {
    let mut stretches = Vec::new();
    for data in module.data.clone().into_iter().flatten() {
        let data = data?;
        stretches.push(Stretch { address: address(&data.kind)?, bytes: data.data });
    }
    stretches.sort_by_key(|stretch| stretch.address);
    Ok(stretches)
}

/// Where data goes: to an address that is known before anything runs, or it is refused.
pub(super) fn address(kind: &DataKind<'_>) -> Result<u32, Refusal> {
    match kind {
        DataKind::Active { memory_index: MEMORY, offset_expr } => number(offset_expr)?,
        _ => None,
    }
    .ok_or(Refusal::InvalidConstExpr)
}

/// Whether the memory starts as the linker wrote it: wasm-opt may leave out zeroes, and nothing else.
pub(super) fn is_made_of(module: &Module<'_>, linked: &Linked<'_>) -> Result<bool, Refusal> {
    let is_known = |stretch: &Stretch<'_>| {
        linked.memory.iter().any(|whole| {
            let offset = stretch.address.checked_sub(whole.address).map(|offset| offset as usize);
            offset.and_then(|offset| whole.bytes.get(offset..)?.get(..stretch.bytes.len()))
                == Some(stretch.bytes)
        })
    };
    Ok(!linked.data.is_empty() && stretches(module)?.iter().all(is_known))
}

/// The memory's start in two parts: without `later`, and only that. `later` is ascending.
pub(super) fn divide(stretches: &[Stretch<'_>], later: &[Range<u32>]) -> [DataSection; 2] {
    let mut parts = [Vec::new(), Vec::new()];
    for stretch in stretches {
        let Range { start, end } = stretch.range();
        let mut at = start;
        let begin = later.partition_point(|range| range.end <= start);
        for range in later[begin..].iter().take_while(|range| range.start < end) {
            let cut = range.start.max(start)..range.end.min(end);
            if cut.end - cut.start < WORTH_A_SEGMENT {
                continue;
            }
            parts[0].push(at..cut.start);
            at = cut.end;
            parts[1].push(cut);
        }
        parts[0].push(at..end);
    }
    parts.map(|ranges| section(stretches, ranges))
}

fn section(stretches: &[Stretch<'_>], ranges: Vec<Range<u32>>) -> DataSection {
    let mut section = DataSection::new();
    for range in ranges.into_iter().filter(|range| !range.is_empty()) {
        let stretch = &stretches[stretches.partition_point(|stretch| stretch.address <= range.start) - 1];
        let bytes = &stretch.bytes[(range.start - stretch.address) as usize..][..range.len()];
        section.active(MEMORY, &ConstExpr::i32_const(range.start as i32), bytes.iter().copied());
    }
    section
}

impl Stretch<'_> {
    fn range(&self) -> Range<u32> {
        self.address..self.address + self.bytes.len() as u32
    }
}
