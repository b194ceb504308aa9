//! Two modules out of one.
//!
//! The first keeps memory, tables, globals, data, imports and exports, the functions of the first picture, and a
//! small stand-in for every other function that it can reach. A stand-in asks for the second module if it is not
//! there (the import `later.load`, which has to bring it before it returns) and calls through the table. The
//! second imports from the first what its functions use, and puts them into the table when it is instantiated.
//! Functions that only the second module calls have no place in the table and no stand-in.

use std::collections::{BTreeMap, BTreeSet};

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, DataCountSection, DataSection, ElementSection, Elements, EntityType,
    ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    Instruction, MemorySection, StartSection, TableSection, TypeSection, ValType,
};
use wasmparser::{ElementItems, ElementKind, Operator};

use super::module::{FunctionName, Module, Refusal, is_function};

/// Where the second module's imports come from: the exports of the first.
pub(super) const FIRST: &str = "first";

/// The import of the first module that brings the second.
pub(super) const LATER: &str = "later";

/// The table that functions are called through: wasm-bindgen's own table of JavaScript values comes after it.
const TABLE: u32 = 0;

/// The encoded modules.
pub(super) struct Parts {
    pub(super) first: Vec<u8>,
    pub(super) second: Vec<u8>,
}

/// Puts the functions into the first module whose names `is_first`, and all others into the second.
pub(super) fn split(
    module: &Module<'_>,
    is_first: &dyn Fn(FunctionName<'_>) -> bool,
) -> Result<Parts, Refusal> {
    let (kept, deferred): (Vec<u32>, Vec<u32>) =
        module.defined().partition(|&function| is_first(module.name(function)));
    let plan = Plan::new(module, kept, deferred)?;
    Ok(Parts { first: plan.first()?, second: plan.second()? })
}

/// Who goes where. Functions are the indices of the whole module.
struct Plan<'m, 'a> {
    module: &'m Module<'a>,
    kept: Vec<u32>,
    deferred: Vec<u32>,
    /// The place in the table of each deferred function that the first module can reach.
    places: BTreeMap<u32, u32>,
    /// How many places the table has in the end.
    table_size: u64,
    /// What the second module's functions use, themselves not counted.
    used: Used,
    /// `() -> ()`: its index, which may be one behind the module's own types.
    plain_type: u32,
}

impl<'m, 'a> Plan<'m, 'a> {
    fn new(module: &'m Module<'a>, kept: Vec<u32>, deferred: Vec<u32>) -> Result<Plan<'m, 'a>, Refusal> {
        let is_deferred: BTreeSet<u32> = deferred.iter().copied().collect();
        let mut reached = Used::of(module, &kept)?.functions;
        reached.extend(module.exports.iter().filter(|each| is_function(each)).map(|each| each.index));
        reached.extend(module.start);
        let mut in_table = BTreeMap::new();
        for element in &module.elements {
            place_elements(element, &mut in_table, &mut reached)?;
        }
        let mut table_size = module.tables.get(TABLE as usize).map_or(0, |table| table.ty.initial);
        let mut places = BTreeMap::new();
        for function in reached.intersection(&is_deferred) {
            let place = in_table.get(function).copied().unwrap_or_else(|| {
                table_size += 1;
                table_size as u32 - 1
            });
            places.insert(*function, place);
        }
        let mut used = Used::of(module, &deferred)?;
        used.functions.retain(|function| !is_deferred.contains(function));
        let is_plain = |shape: &Option<wasmparser::FuncType>| {
            shape.as_ref().is_some_and(|shape| shape.params().is_empty() && shape.results().is_empty())
        };
        let plain_type = module.shapes.iter().position(is_plain).unwrap_or(module.shapes.len()) as u32;
        Ok(Plan { module, kept, deferred, places, table_size, used, plain_type })
    }

    fn first(&self) -> Result<Vec<u8>, Refusal> {
        let module = self.module;
        let load = module.imported_functions;
        // Imports, the loader, what is kept, the stand-ins, and the function that they begin with.
        let mut indices: BTreeMap<u32, u32> =
            (0..module.imported_functions).map(|each| (each, each)).collect();
        let defined = self.kept.iter().chain(self.places.keys());
        indices.extend(defined.zip(load + 1..).map(|(function, index)| (*function, index)));
        let ensure = load + 1 + (self.kept.len() + self.places.len()) as u32;
        let is_there = module.globals.len() as u32;
        let mut renumber = Renumber { functions: &indices, globals: None };

        let mut imports = ImportSection::new();
        if let Some(section) = module.imports.clone() {
            renumber.parse_import_section(&mut imports, section)?;
        }
        imports.import(LATER, "load", EntityType::Function(self.plain_type));

        let mut functions = FunctionSection::new();
        for function in self.kept.iter().chain(self.places.keys()) {
            functions.function(module.function_types[*function as usize]);
        }
        functions.function(self.plain_type);

        let mut tables = TableSection::new();
        for (index, table) in module.tables.iter().enumerate() {
            let mut shape = renumber.table_type(table.ty)?;
            if index == TABLE as usize {
                shape.maximum = shape.maximum.map(|most| most.max(self.table_size));
                shape.minimum = self.table_size;
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
        for element in &module.elements {
            renumber.parse_element(&mut elements, element.clone())?;
        }

        let mut code = CodeSection::new();
        for function in &self.kept {
            renumber.parse_function_body(&mut code, module.body(*function))?;
        }
        for (function, place) in &self.places {
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
        if let Some(count) = module.data_count {
            whole.section(&DataCountSection { count });
        }
        whole.section(&code);
        if let Some(section) = module.data.clone() {
            let mut data = DataSection::new();
            renumber.parse_data_section(&mut data, section)?;
            whole.section(&data);
        }
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
                        shape.maximum = shape.maximum.map(|most| most.max(self.table_size));
                        shape.minimum = self.table_size;
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
        let mut by_place: Vec<(u32, u32)> =
            self.places.iter().map(|(function, place)| (*place, indices[function])).collect();
        by_place.sort_unstable();
        for run in by_place.chunk_by(|one, next| one.0 + 1 == next.0) {
            let in_run: Vec<u32> = run.iter().map(|(_, function)| *function).collect();
            elements.active(None, &ConstExpr::i32_const(run[0].0 as i32), Elements::Functions(in_run.into()));
        }

        let mut whole = wasm_encoder::Module::new();
        whole.section(&self.types()?).section(&imports).section(&functions);
        whole.section(&StartSection { function_index: own + self.deferred.len() as u32 });
        whole.section(&elements).section(&code);
        Ok(whole.finish())
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

/// Notes the functions of a segment as reached, and their places if they are known before it runs.
fn place_elements(
    element: &wasmparser::Element<'_>,
    in_table: &mut BTreeMap<u32, u32>,
    reached: &mut BTreeSet<u32>,
) -> Result<(), Refusal> {
    let begin = match &element.kind {
        ElementKind::Active { table_index, offset_expr } if table_index.unwrap_or(TABLE) == TABLE => {
            match offset_expr.get_operators_reader().read()? {
                Operator::I32Const { value } => Some(value as u32),
                _ => None,
            }
        }
        _ => None,
    };
    match &element.items {
        ElementItems::Functions(functions) => {
            for (position, function) in functions.clone().into_iter().enumerate() {
                let function = function?;
                reached.insert(function);
                if let Some(begin) = begin {
                    in_table.insert(function, begin + position as u32);
                }
            }
        }
        ElementItems::Expressions(_, expressions) => {
            for expression in expressions.clone() {
                if let Operator::RefFunc { function_index } = expression?.get_operators_reader().read()? {
                    reached.insert(function_index);
                }
            }
        }
    }
    Ok(())
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
