//! What the first part needs of the memory and of the table of functions: what its functions have the addresses of,
//! and what is reached from there.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::ops::Range;

use wasm_encoder::CodeSection;
use wasm_encoder::reencode::Reencode;
use wasmparser::Operator;

use super::linked::{Linked, Uses};
use super::module::{FunctionName, Module, Refusal};

/// What the first part needs. All else has time until the second part is there.
pub(super) struct Needs {
    /// Places in the table of functions through which the first part may call.
    pub(super) places: BTreeSet<u32>,
    /// The addresses of constants that nothing in the first part refers to, ascending, none touching another.
    pub(super) later: Vec<Range<u32>>,
}

impl Needs {
    /// What `kept` need, functions of the whole `module`, which was made from `linked`.
    pub(super) fn of(module: &Module<'_>, linked: &Linked<'_>, kept: &[u32]) -> Result<Needs, Refusal> {
        let mut reached = Reached::new(linked);
        for &function in kept {
            let mut mentions = Mentions::default();
            mentions.parse_function_body(&mut CodeSection::new(), module.body(function))?;
            reached.function(module, function, &mentions);
        }
        for (index, data) in linked.data.iter().enumerate() {
            if !data.is_constant {
                reached.data(index);
            }
        }
        Ok(reached.needs())
    }
}

/// Constants are aligned to at most this many bytes.
const PADDING: u32 = 16;

/// More pieces than share an address: the linker lets texts end in each other.
const OVERLAPPING: usize = 32;

/// What is known to be needed.
struct Reached<'l> {
    linked: &'l Linked<'l>,
    /// As [`Linked::by_address`].
    by_address: Vec<usize>,
    data: BTreeSet<usize>,
    places: BTreeSet<u32>,
}

impl<'l> Reached<'l> {
    fn new(linked: &'l Linked<'l>) -> Reached<'l> {
        Reached { linked, by_address: linked.by_address(), data: BTreeSet::new(), places: BTreeSet::new() }
    }

    /// A function of the whole module with all that was inlined into it: whom it called more often when it was
    /// linked than it calls now.
    fn function(&mut self, module: &Module<'_>, function: u32, mentions: &Mentions) {
        let mut calls_now: BTreeMap<FunctionName<'_>, usize> = BTreeMap::new();
        for (called, times) in &mentions.calls {
            *calls_now.entry(module.name(*called)).or_default() += times;
        }
        let mut inlined = BTreeSet::new();
        let mut waiting = vec![module.name(function)];
        while let Some(name) = waiting.pop() {
            if !inlined.insert(name) {
                continue;
            }
            let Some(linked) = self.linked.function(name) else { continue };
            self.uses(&linked.uses);
            let is_inlined =
                |called: &FunctionName<'_>, times| calls_now.get(called).is_none_or(|now| *now < times);
            waiting.extend(
                linked
                    .calls
                    .iter()
                    .filter(|(called, times)| is_inlined(called, **times))
                    .map(|(called, _)| *called),
            );
        }
        let is_known = self.linked.function(module.name(function)).is_some();
        for &constant in &mentions.constants {
            match is_known {
                true => self.beginning_at(constant),
                // wasm-bindgen's own, and what it took apart: nobody noted what belongs to what.
                false => self.around(constant),
            }
        }
    }

    fn uses(&mut self, uses: &Uses) {
        self.places.extend(&uses.places);
        for &data in &uses.data {
            self.data(data);
        }
    }

    fn data(&mut self, index: usize) {
        let mut waiting = vec![index];
        while let Some(index) = waiting.pop() {
            if self.data.insert(index) {
                let uses = &self.linked.data[index].uses;
                self.places.extend(&uses.places);
                waiting.extend(&uses.data);
            }
        }
    }

    /// A number that happens to be an address does no harm; one whose origin was overlooked would.
    fn beginning_at(&mut self, address: u32) {
        let linked = self.linked;
        let begin = self.by_address.partition_point(|index| linked.data[*index].range.start < address);
        let end = self.by_address.partition_point(|index| linked.data[*index].range.start <= address);
        for place in begin..end {
            self.data(self.by_address[place]);
        }
    }

    fn around(&mut self, address: u32) {
        let linked = self.linked;
        let next = self.by_address.partition_point(|index| linked.data[*index].range.start <= address);
        for place in next.saturating_sub(OVERLAPPING)..next {
            let index = self.by_address[place];
            if linked.data[index].range.contains(&address) {
                self.data(index);
            }
        }
    }

    fn needs(self) -> Needs {
        let mut later: Vec<Range<u32>> = Vec::new();
        // The end of what is needed, of all that begins no later.
        let mut needed_to = 0;
        for &index in &self.by_address {
            let Range { start, end } = self.linked.data[index].range;
            if self.data.contains(&index) {
                while let Some(last) = later.last_mut()
                    && last.end > start
                {
                    last.end = start.max(last.start);
                    if last.start >= last.end {
                        later.pop();
                    }
                }
                needed_to = needed_to.max(end);
                continue;
            }
            let start = start.max(needed_to);
            match later.last_mut() {
                _ if start >= end => {}
                // What nobody has a name for between two constants is there for the second's alignment.
                Some(last) if last.end + PADDING >= start && needed_to <= last.end => {
                    last.end = last.end.max(end)
                }
                _ => later.push(start..end),
            }
        }
        Needs { places: self.places, later }
    }
}

/// The functions that a function calls, and the numbers in it that can be addresses.
#[derive(Default)]
struct Mentions {
    calls: BTreeMap<u32, usize>,
    constants: BTreeSet<u32>,
}

impl Reencode for Mentions {
    type Error = Infallible;

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<wasm_encoder::Instruction<'a>, Refusal> {
        match operator {
            Operator::Call { function_index } => *self.calls.entry(function_index).or_default() += 1,
            Operator::I32Const { value } => drop(self.constants.insert(value as u32)),
            _ => {}
        }
        wasm_encoder::reencode::utils::instruction(self, operator)
    }

    fn mem_arg(&mut self, argument: wasmparser::MemArg) -> Result<wasm_encoder::MemArg, Refusal> {
        self.constants.insert(argument.offset as u32);
        wasm_encoder::reencode::utils::mem_arg(self, argument)
    }
}
