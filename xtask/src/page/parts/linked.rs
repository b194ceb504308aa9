//! What uses what, from the module as the linker wrote it: only there is each address still known for the symbol
//! that it belongs to. wasm-bindgen and wasm-opt move functions and drop the linker's notes, but they leave memory
//! and table as they are.
//!
//! The notes: <https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md>.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{
    BinaryReader, DefinedDataSymbol, KnownCustom, Linking, Parser, Payload, RelocationEntry, RelocationType,
    SymbolInfo,
};

use super::memory::{self, Stretch};
use super::module::{FunctionName, Refusal, function_names};

/// A linked module, as far as parting needs it.
#[derive(Default)]
pub(super) struct Linked<'a> {
    /// All data that has a name of its own, in the order of the linker's list.
    pub(super) data: Vec<Data>,
    /// What the memory holds from the start.
    pub(super) memory: Vec<Stretch<'a>>,
    /// By name; functions that share one are told apart by nobody, so they share what they use.
    functions: BTreeMap<FunctionName<'a>, FunctionUses<'a>>,
}

/// A piece of the memory that is there from the start: a text, a table, a variable.
pub(super) struct Data {
    /// Its addresses.
    pub(super) range: Range<u32>,
    /// Whether nobody ever writes to it.
    pub(super) is_constant: bool,
    pub(super) uses: Uses,
}

/// What a function or a piece of data has the addresses of.
#[derive(Default)]
pub(super) struct Uses {
    /// Indices of [`Linked::data`].
    pub(super) data: BTreeSet<usize>,
    /// Places in the table of functions.
    pub(super) places: BTreeSet<u32>,
}

/// What a function refers to.
#[derive(Default)]
pub(super) struct FunctionUses<'a> {
    pub(super) uses: Uses,
    /// Whom it calls, and at how many places of its text.
    pub(super) calls: BTreeMap<FunctionName<'a>, usize>,
}

impl<'a> Linked<'a> {
    /// Reads the module that `cargo build` leaves when it is told to keep relocations.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Linked<'a>, Refusal> {
        Notes::read(bytes)?.linked(bytes)
    }

    /// What the functions of this name refer to; `None` if there are none.
    pub(super) fn function(&self, name: FunctionName<'a>) -> Option<&FunctionUses<'a>> {
        self.functions.get(&name)
    }

    /// The indices of all data that is not empty, by address.
    pub(super) fn by_address(&self) -> Vec<usize> {
        let mut indices: Vec<usize> =
            (0..self.data.len()).filter(|index| !self.data[*index].range.is_empty()).collect();
        indices.sort_by_key(|index| (self.data[*index].range.start, self.data[*index].range.end));
        indices
    }
}

/// A symbol that a relocation can name.
enum Symbol {
    Function(u32),
    /// An index of [`Linked::data`].
    Data(usize),
    Other,
}

/// A part of the file that is copied into memory.
struct Segment {
    file: Range<usize>,
    address: u32,
}

/// The sections that matter, as they are read.
#[derive(Default)]
struct Notes<'a> {
    imported_functions: u32,
    /// Where the bodies of the functions that are not imported stand in the file.
    bodies: Vec<Range<usize>>,
    code_begins: usize,
    data_begins: usize,
    segments: Vec<Segment>,
    segment_names: Vec<&'a str>,
    symbols: Vec<Symbol>,
    data: Vec<DefinedDataSymbol>,
    names: BTreeMap<u32, &'a str>,
    in_code: Vec<RelocationEntry>,
    in_data: Vec<RelocationEntry>,
}

impl<'a> Notes<'a> {
    fn read(bytes: &'a [u8]) -> Result<Notes<'a>, Refusal> {
        let mut notes = Notes::default();
        for payload in Parser::new(0).parse_all(bytes) {
            notes.take(payload?)?;
        }
        Ok(notes)
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), Refusal> {
        match payload {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.imported_functions += u32::from(matches!(import?.ty, wasmparser::TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionStart { range, .. } => self.code_begins = range.start,
            Payload::CodeSectionEntry(body) => self.bodies.push(body.range()),
            Payload::DataSection(section) => {
                self.data_begins = section.range().start;
                for segment in section {
                    let segment = segment?;
                    let address = memory::address(&segment.kind)?;
                    let end = segment.range.end;
                    self.segments.push(Segment { file: end - segment.data.len()..end, address });
                }
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Linking(linking) => {
                    for part in linking {
                        self.take_linking(part?)?;
                    }
                }
                KnownCustom::Reloc(relocations) => {
                    let entries = relocations.entries().into_iter().collect::<Result<Vec<_>, _>>()?;
                    match section.name() {
                        "reloc.CODE" => self.in_code = entries,
                        "reloc.DATA" => self.in_data = entries,
                        _ => {}
                    }
                }
                KnownCustom::Name(names) => self.names = function_names(names)?,
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn take_linking(&mut self, part: Linking<'a>) -> Result<(), Refusal> {
        match part {
            Linking::SegmentInfo(segments) => {
                for segment in segments {
                    self.segment_names.push(segment?.name);
                }
            }
            Linking::SymbolTable(symbols) => {
                for symbol in symbols {
                    let symbol = match symbol? {
                        SymbolInfo::Func { index, .. } => Symbol::Function(index),
                        SymbolInfo::Data { symbol: Some(place), .. }
                            if (place.index as usize) < self.segments.len() =>
                        {
                            self.data.push(place);
                            Symbol::Data(self.data.len() - 1)
                        }
                        _ => Symbol::Other,
                    };
                    self.symbols.push(symbol);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn linked(&self, bytes: &'a [u8]) -> Result<Linked<'a>, Refusal> {
        let mut linked = Linked::default();
        linked.memory.extend(self.segments.iter().filter_map(|segment| {
            Some(Stretch { address: segment.address, bytes: bytes.get(segment.file.clone())? })
        }));
        for place in &self.data {
            let segment = &self.segments[place.index as usize];
            let begin = segment.address + place.offset;
            let name = self.segment_names.get(place.index as usize).copied().unwrap_or_default();
            linked.data.push(Data {
                range: begin..begin + place.size,
                is_constant: name.starts_with(".rodata"),
                uses: Uses::default(),
            });
        }

        let by_address = linked.by_address();
        for relocation in &self.in_data {
            let at = self.data_begins + relocation.offset as usize;
            let Some(segment) = self.segments.iter().find(|segment| segment.file.contains(&at)) else {
                continue;
            };
            let address = segment.address + (at - segment.file.start) as u32;
            let next = by_address.partition_point(|index| linked.data[*index].range.start <= address);
            // Two pieces may share an address; whoever contains it uses what stands there.
            for &index in by_address[..next].iter().rev() {
                let data = &mut linked.data[index];
                if data.range.end <= address {
                    break;
                }
                self.note(relocation, at, bytes, &mut data.uses)?;
            }
        }

        let mut next = 0;
        for (index, body) in (self.imported_functions..).zip(&self.bodies) {
            let of = linked.functions.entry(self.name(index)).or_default();
            while let Some(relocation) = self.in_code.get(next)
                && let at = self.code_begins + relocation.offset as usize
                && at < body.end
            {
                match self.symbols.get(relocation.index as usize) {
                    Some(Symbol::Function(called)) if relocation.ty == RelocationType::FunctionIndexLeb => {
                        *of.calls.entry(self.name(*called)).or_default() += 1;
                    }
                    _ => self.note(relocation, at, bytes, &mut of.uses)?,
                }
                next += 1;
            }
        }
        Ok(linked)
    }

    fn name(&self, function: u32) -> FunctionName<'a> {
        FunctionName::read(self.names.get(&function).copied().unwrap_or_default())
    }

    /// Adds the address that the relocation put at `at`.
    fn note(
        &self,
        relocation: &RelocationEntry,
        at: usize,
        bytes: &[u8],
        uses: &mut Uses,
    ) -> Result<(), Refusal> {
        use RelocationType::{MemoryAddrI32, MemoryAddrLeb, MemoryAddrSleb, TableIndexI32, TableIndexSleb};
        let is_address = matches!(relocation.ty, MemoryAddrI32 | MemoryAddrLeb | MemoryAddrSleb);
        if let (true, Some(Symbol::Data(data))) = (is_address, self.symbols.get(relocation.index as usize)) {
            uses.data.insert(*data);
        }
        let written = || BinaryReader::new(bytes.get(at..).unwrap_or_default(), at);
        match relocation.ty {
            TableIndexSleb => drop(uses.places.insert(written().read_var_i32()? as u32)),
            TableIndexI32 => drop(uses.places.insert(written().read_u32()?)),
            _ => {}
        }
        Ok(())
    }
}
