//! Two modules out of one.
//!
//! The first keeps memory, tables, globals, imports and exports, the functions of the first picture with the data
//! that they need, and a small stand-in for every other function that it can reach. A stand-in asks for the second
//! module if it is not there (the import `later.load`, which has to bring it before it returns) and calls through
//! the table. The second imports from the first what its functions use, and puts them into the table, and the
//! constants that only they need into memory, when it is instantiated. Functions that only the second module calls
//! have no place in the table and no stand-in; those that only its data points at have a place that is empty before.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction,
    MemorySection, StartSection, TableSection, TypeSection, ValType,
};

use super::linked::Linked;
use super::memory;
use super::module::{FunctionName, Module, Refusal, is_function};
use super::needs::Needs;
use super::table::{self, TABLE, Table};

/// Where the second module's imports come from: the exports of the first.
pub(super) const FIRST: &str = "first";

/// The import of the first module that brings the second.
pub(super) const LATER: &str = "later";

/// The encoded modules.
pub(super) struct Parts {
    pub(super) first: Vec<u8>,
    pub(super) second: Vec<u8>,
    /// The functions of the first module by their names, for whoever reads a stack: from the index that comes first.
    pub(super) named_from: u32,
    pub(super) names: Vec<String>,
}

/// Puts the functions into the first module whose names `is_first`, and all others into the second. `linked` is the
/// module that this one was made from.
pub(super) fn split(
    module: &Module<'_>,
    linked: &Linked<'_>,
    is_first: &dyn Fn(FunctionName<'_>) -> bool,
) -> Result<Parts, Refusal> {
    let (kept, deferred): (Vec<u32>, Vec<u32>) =
        module.defined().partition(|&function| is_first(module.name(function)));
    let needs = Needs::of(module, linked, &kept)?;
    let plan = Plan::new(module, kept, deferred, needs)?;
    let names = plan.first_functions().map(|function| module.name(function).to_string()).collect();
    let named_from = module.imported_functions + 1;
    Ok(Parts { first: plan.first()?, second: plan.second()?, named_from, names })
}

/// Who goes where. Functions are the indices of the whole module.
struct Plan<'m, 'a> {
    module: &'m Module<'a>,
    kept: Vec<u32>,
    deferred: Vec<u32>,
    table: Table<'a>,
    needs: Needs,
    /// The deferred functions that the first module can reach, each with a place of its in the table.
    stand_ins: BTreeMap<u32, u32>,
    /// The deferred functions by place: what the second module puts into the table.
    arriving: BTreeMap<u32, u32>,
    /// What the second module's functions use, themselves not counted.
    used: Used,
    /// `() -> ()`: its index, which may be one behind the module's own types.
    plain_type: u32,
}

impl<'m, 'a> Plan<'m, 'a> {
    fn new(
        module: &'m Module<'a>,
        kept: Vec<u32>,
        deferred: Vec<u32>,
        needs: Needs,
    ) -> Result<Plan<'m, 'a>, Refusal> {
        let is_deferred: BTreeSet<u32> = deferred.iter().copied().collect();
        let mut table = Table::of(module)?;
        let mut reached = Used::of(module, &kept)?.functions;
        reached.extend(module.exports.iter().filter(|each| is_function(each)).map(|each| each.index));
        reached.extend(module.start);
        reached.extend(table.named_elsewhere()?);
        reached.extend(needs.places.iter().filter_map(|place| table.functions.get(place)));

        let in_table = table.functions.iter().map(|(place, function)| (*place, *function));
        let mut arriving: BTreeMap<u32, u32> =
            in_table.filter(|(_, function)| is_deferred.contains(function)).collect();
        let known: BTreeMap<u32, u32> =
            arriving.iter().map(|(place, function)| (*function, *place)).collect();
        let mut stand_ins = BTreeMap::new();
        for &function in reached.intersection(&is_deferred) {
            let place = known.get(&function).copied().unwrap_or_else(|| {
                table.size += 1;
                table.size as u32 - 1
            });
            arriving.insert(place, function);
            stand_ins.insert(function, place);
        }
        let mut used = Used::of(module, &deferred)?;
        used.functions.retain(|function| !is_deferred.contains(function));
        let is_plain = |shape: &Option<wasmparser::FuncType>| {
            shape.as_ref().is_some_and(|shape| shape.params().is_empty() && shape.results().is_empty())
        };
        let plain_type = module.shapes.iter().position(is_plain).unwrap_or(module.shapes.len()) as u32;
        Ok(Plan { module, kept, deferred, table, needs, stand_ins, arriving, used, plain_type })
    }

    /// The functions that the first module has or stands in for, in its order.
    fn first_functions(&self) -> impl Iterator<Item = u32> {
        self.kept.iter().chain(self.stand_ins.keys()).copied()
    }

    fn first(&self) -> Result<Vec<u8>, Refusal> {
        let module = self.module;
        let load = module.imported_functions;
        // Imports, the loader, what is kept, the stand-ins, and the function that they begin with.
        let mut indices: BTreeMap<u32, u32> =
            (0..module.imported_functions).map(|each| (each, each)).collect();
        indices.extend(self.first_functions().zip(load + 1..));
        let ensure = load + 1 + (self.kept.len() + self.stand_ins.len()) as u32;
        let is_there = module.globals.len() as u32;
        let mut renumber = Renumber { functions: &indices, globals: None };

        let mut imports = ImportSection::new();
        if let Some(section) = module.imports.clone() {
            renumber.parse_import_section(&mut imports, section)?;
        }
        imports.import(LATER, "load", EntityType::Function(self.plain_type));

        let mut functions = FunctionSection::new();
        for function in self.first_functions() {
            functions.function(module.function_types[function as usize]);
        }
        functions.function(self.plain_type);

        let mut tables = TableSection::new();
        for (index, table) in module.tables.iter().enumerate() {
            let mut shape = renumber.table_type(table.ty)?;
            if index == TABLE as usize {
                shape.maximum = shape.maximum.map(|most| most.max(self.table.size));
                shape.minimum = self.table.size;
            }
            tables.table(shape);
        }

        let mut memories = MemorySection::new();
        for memory in &module.memories {
            memories.memory(renumber.memory_type(*memory)?);
        }

        let mut globals = GlobalSection::new();
        for global in &module.globals {
            globals.global(renumber.global_type(global.ty)?, &renumber.const_expr(global.init_expr.clone())?);
        }
        globals.global(flag(), &ConstExpr::i32_const(0));

        let mut exports = ExportSection::new();
        for export in &module.exports {
            renumber.parse_export(&mut exports, *export)?;
        }
        for (number, (kind, index)) in self.shared(is_there).into_iter().enumerate() {
            let index = if kind == ExportKind::Func { indices[&index] } else { index };
            exports.export(&number.to_string(), kind, index);
        }

        let mut elements = ElementSection::new();
        let from_the_start = self
            .table
            .functions
            .iter()
            .filter(|(place, _)| !self.arriving.contains_key(place) || self.needs.places.contains(place));
        let from_the_start = from_the_start.map(|(place, function)| (*place, indices[function])).collect();
        table::place(&mut elements, &from_the_start);
        for element in &self.table.others {
            renumber.parse_element(&mut elements, element.clone())?;
        }

        let mut code = CodeSection::new();
        for function in &self.kept {
            renumber.parse_function_body(&mut code, module.body(*function))?;
        }
        for (function, place) in &self.stand_ins {
            code.function(&self.stand_in(*function, *place, ensure));
        }
        code.function(&ensuring(is_there, load));

        let mut whole = wasm_encoder::Module::new();
        whole.section(&self.types()?).section(&imports).section(&functions).section(&tables);
        whole.section(&memories).section(&globals).section(&exports);
        if let Some(start) = module.start {
            whole.section(&StartSection { function_index: indices[&start] });
        }
        whole.section(&elements);
        let [data, _] = self.data()?;
        if module.data_count.is_some() {
            whole.section(&DataCountSection { count: data.len() });
        }
        whole.section(&code).section(&data);
        Ok(whole.finish())
    }

    fn second(&self) -> Result<Vec<u8>, Refusal> {
        let module = self.module;
        let own = self.used.functions.len() as u32;
        let functions_in_order = self.used.functions.iter().chain(&self.deferred);
        let indices: BTreeMap<u32, u32> =
            functions_in_order.zip(0..).map(|(each, index)| (*each, index)).collect();
        let globals: BTreeMap<u32, u32> = self.used.globals.iter().copied().zip(0..).collect();
        let is_there = globals.len() as u32;
        let mut renumber = Renumber { functions: &indices, globals: Some(&globals) };

        let mut imports = ImportSection::new();
        for (number, (kind, index)) in self.shared(module.globals.len() as u32).into_iter().enumerate() {
            let place = index as usize;
            let shape = match kind {
                ExportKind::Func => EntityType::Function(module.function_types[place]),
                ExportKind::Table => {
                    let mut shape = renumber.table_type(module.tables[place].ty)?;
                    if index == TABLE {
                        shape.maximum = shape.maximum.map(|most| most.max(self.table.size));
                        shape.minimum = self.table.size;
                    }
                    EntityType::Table(shape)
                }
                ExportKind::Memory => EntityType::Memory(renumber.memory_type(module.memories[place])?),
                _ => EntityType::Global(match module.globals.get(place) {
                    Some(global) => renumber.global_type(global.ty)?,
                    None => flag(),
                }),
            };
            imports.import(FIRST, &number.to_string(), shape);
        }

        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for function in &self.deferred {
            functions.function(module.function_types[*function as usize]);
            renumber.parse_function_body(&mut code, module.body(*function))?;
        }
        functions.function(self.plain_type);
        code.function(&arriving(is_there));

        let mut elements = ElementSection::new();
        let arriving = self.arriving.iter().map(|(place, function)| (*place, indices[function])).collect();
        table::place(&mut elements, &arriving);

        let mut whole = wasm_encoder::Module::new();
        whole.section(&self.types()?).section(&imports).section(&functions);
        whole.section(&StartSection { function_index: own + self.deferred.len() as u32 });
        let [_, data] = self.data()?;
        whole.section(&elements).section(&code).section(&data);
        Ok(whole.finish())
    }

    /// What each module puts into memory.
    fn data(&self) -> Result<[DataSection; 2], Refusal> {
        Ok(memory::divide(&memory::stretches(self.module)?, &self.needs.later))
    }

    fn types(&self) -> Result<TypeSection, Refusal> {
        let mut types = TypeSection::new();
        if let Some(section) = self.module.types.clone() {
            RoundtripReencoder.parse_type_section(&mut types, section)?;
        }
        if self.plain_type as usize == self.module.shapes.len() {
            types.ty().function([], []);
        }
        Ok(types)
    }

    /// What the first module gives to the second, by the whole module's indices, in the order of their names
    /// ("0", "1", ...): functions, tables, memories, globals, and whether the second is there.
    fn shared(&self, is_there: u32) -> Vec<(ExportKind, u32)> {
        let functions = self.used.functions.iter().map(|index| (ExportKind::Func, *index));
        let tables = (0..self.module.tables.len() as u32).map(|index| (ExportKind::Table, index));
        let memories = (0..self.module.memories.len() as u32).map(|index| (ExportKind::Memory, index));
        let globals = self.used.globals.iter().map(|index| (ExportKind::Global, *index));
        functions
            .chain(tables)
            .chain(memories)
            .chain(globals)
            .chain([(ExportKind::Global, is_there)])
            .collect()
    }

    /// Ensures that the second module is there and calls the function through the table.
    fn stand_in(&self, function: u32, place: u32, ensure: u32) -> Function {
        let type_index = self.module.function_types[function as usize];
        let parameters =
            self.module.shapes[type_index as usize].as_ref().map_or(0, |shape| shape.params().len());
        let mut body = Function::new([]);
        body.instruction(&Instruction::Call(ensure));
        for parameter in 0..parameters as u32 {
            body.instruction(&Instruction::LocalGet(parameter));
        }
        body.instruction(&Instruction::I32Const(place as i32));
        body.instruction(&Instruction::CallIndirect { type_index, table_index: TABLE });
        body.instruction(&Instruction::End);
        body
    }
}

/// Whether the second module is there: 0 or 1.
fn flag() -> GlobalType {
    GlobalType { val_type: ValType::I32, mutable: true, shared: false }
}

/// Calls `load` unless the second module is there.
fn ensuring(is_there: u32, load: u32) -> Function {
    let mut body = Function::new([]);
    body.instruction(&Instruction::GlobalGet(is_there));
    body.instruction(&Instruction::I32Eqz);
    body.instruction(&Instruction::If(BlockType::Empty));
    body.instruction(&Instruction::Call(load));
    body.instruction(&Instruction::End);
    body.instruction(&Instruction::End);
    body
}

/// Says that the second module is there.
fn arriving(is_there: u32) -> Function {
    let mut body = Function::new([]);
    body.instruction(&Instruction::I32Const(1));
    body.instruction(&Instruction::GlobalSet(is_there));
    body.instruction(&Instruction::End);
    body
}

/// The functions and globals that some functions name.
#[derive(Default)]
struct Used {
    functions: BTreeSet<u32>,
    globals: BTreeSet<u32>,
}

impl Used {
    fn of(module: &Module<'_>, functions: &[u32]) -> Result<Used, Refusal> {
        let mut used = Used::default();
        for function in functions {
            used.parse_function_body(&mut CodeSection::new(), module.body(*function))?;
        }
        Ok(used)
    }
}

impl Reencode for Used {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Refusal> {
        self.functions.insert(function);
        Ok(function)
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Refusal> {
        self.globals.insert(global);
        Ok(global)
    }
}

/// Writes with new indices; `None` leaves them as they are.
struct Renumber<'i> {
    functions: &'i BTreeMap<u32, u32>,
    globals: Option<&'i BTreeMap<u32, u32>>,
}

impl Reencode for Renumber<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Refusal> {
        Ok(self.functions[&function])
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Refusal> {
        Ok(self.globals.map_or(global, |globals| globals[&global]))
    }
}
