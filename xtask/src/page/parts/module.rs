//! A wasm module taken apart, as far as parting it needs: sections stay as wasmparser's readers.

use std::collections::BTreeMap;
use std::fmt;

use wasm_encoder::reencode::Error;
use wasmparser::{
    CompositeInnerType, ConstExpr, Element, Export, ExternalKind, FuncType, FunctionBody, Global,
    KnownCustom, MemoryType, Name, NameSectionReader, Operator, Parser, Payload, SectionLimited, Table,
    TypeRef,
};

/// What goes wrong with a module that is not what wasm-bindgen and wasm-opt write.
pub(super) type Refusal = Error;

/// A module; all numbers are indices into its index spaces.
pub(super) struct Module<'a> {
    pub(super) types: Option<SectionLimited<'a, wasmparser::RecGroup>>,
    pub(super) imports: Option<SectionLimited<'a, wasmparser::Imports<'a>>>,
    /// How many functions are imported: they have the first indices.
    pub(super) imported_functions: u32,
    /// The type of each function, the imported ones first.
    pub(super) function_types: Vec<u32>,
    pub(super) tables: Vec<Table<'a>>,
    pub(super) memories: Vec<MemoryType>,
    pub(super) globals: Vec<Global<'a>>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) start: Option<u32>,
    pub(super) elements: Vec<Element<'a>>,
    pub(super) data_count: Option<u32>,
    pub(super) data: Option<SectionLimited<'a, wasmparser::Data<'a>>>,
    /// One for each function that is not imported.
    pub(super) bodies: Vec<FunctionBody<'a>>,
    /// The shape of each type that is one of functions.
    pub(super) shapes: Vec<Option<FuncType>>,
    names: BTreeMap<u32, &'a str>,
}

impl<'a> Module<'a> {
    /// Takes it apart. Modules that import memories, tables or globals are refused: wasm-bindgen writes none.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Module<'a>, Refusal> {
        let mut module = Module {
            types: None,
            imports: None,
            imported_functions: 0,
            function_types: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
            start: None,
            elements: Vec::new(),
            data_count: None,
            data: None,
            bodies: Vec::new(),
            shapes: Vec::new(),
            names: BTreeMap::new(),
        };
        for payload in Parser::new(0).parse_all(bytes) {
            module.take(payload?)?;
        }
        Ok(module)
    }

    /// All functions' indices that are not imported.
    pub(super) fn defined(&self) -> std::ops::Range<u32> {
        self.imported_functions..self.imported_functions + self.bodies.len() as u32
    }

    /// The body of a function that is not imported.
    pub(super) fn body(&self, function: u32) -> FunctionBody<'a> {
        self.bodies[(function - self.imported_functions) as usize].clone()
    }

    /// What the function is called.
    pub(super) fn name(&self, function: u32) -> FunctionName<'a> {
        FunctionName::read(self.names.get(&function).copied().unwrap_or_default())
    }

    fn take(&mut self, payload: Payload<'a>) -> Result<(), Refusal> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section.clone() {
                    self.shapes.extend(group?.into_types().map(|each| match each.composite_type.inner {
                        CompositeInnerType::Func(shape) => Some(shape),
                        _ => None,
                    }));
                }
                self.types = Some(section);
            }
            Payload::ImportSection(section) => {
                for import in section.clone().into_imports() {
                    match import?.ty {
                        TypeRef::Func(of) => self.function_types.push(of),
                        _ => return Err(Error::UnexpectedNonCoreModuleSection),
                    }
                }
                self.imported_functions = self.function_types.len() as u32;
                self.imports = Some(section);
            }
            Payload::FunctionSection(section) => {
                for of in section {
                    self.function_types.push(of?);
                }
            }
            Payload::TableSection(section) => self.tables = section.into_iter().collect::<Result<_, _>>()?,
            Payload::MemorySection(section) => {
                self.memories = section.into_iter().collect::<Result<_, _>>()?
            }
            Payload::GlobalSection(section) => {
                self.globals = section.into_iter().collect::<Result<_, _>>()?
            }
            Payload::ExportSection(section) => {
                self.exports = section.into_iter().collect::<Result<_, _>>()?
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => {
                self.elements = section.into_iter().collect::<Result<_, _>>()?
            }
            Payload::DataCountSection { count, .. } => self.data_count = Some(count),
            Payload::DataSection(section) => self.data = Some(section),
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(names) = section.as_known() {
                    self.names = function_names(names)?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The names of functions, by index.
pub(super) fn function_names(names: NameSectionReader<'_>) -> Result<BTreeMap<u32, &str>, Refusal> {
    let mut by_index = BTreeMap::new();
    for part in names {
        if let Name::Function(functions) = part? {
            for naming in functions {
                let naming = naming?;
                by_index.insert(naming.index, naming.name);
            }
        }
    }
    Ok(by_index)
}

/// The number that an expression is, if it is one: an address, or a place in a table.
pub(super) fn number(expression: &ConstExpr<'_>) -> Result<Option<u32>, Refusal> {
    Ok(match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Some(value as u32),
        _ => None,
    })
}

/// A function's name, as the compiler mangled it, in two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FunctionName<'a> {
    /// E.g. `_ZN5alloc3vec16Vec$LT$T$C$A$GT$4push`: one for all types that a generic function was compiled for.
    pub(super) path: &'a str,
    /// 16 hexadecimal digits that tell those apart, from the types and the compiler; empty if there are none.
    pub(super) hash: &'a str,
}

impl<'a> FunctionName<'a> {
    /// `_ZN1a1b17h0123456789abcdefE`, or `_ZN1a1b17h0123456789abcdefE.1` after wasm-opt copied it: `_ZN1a1b` and the
    /// digits.
    pub(super) fn read(name: &'a str) -> FunctionName<'a> {
        const BEFORE: &str = "17h";
        const DIGITS: usize = 16;
        let hash_of = |end: usize| {
            let rest = &name[end + BEFORE.len()..];
            let hash = rest.get(..DIGITS)?;
            let is_hash =
                hash.bytes().all(|byte| byte.is_ascii_hexdigit()) && rest[DIGITS..].starts_with('E');
            is_hash.then_some(hash)
        };
        match name.rfind(BEFORE).map(|end| (&name[..end], hash_of(end))) {
            Some((path, Some(hash))) => FunctionName { path, hash },
            _ => FunctionName { path: name, hash: "" },
        }
    }
}

impl fmt::Display for FunctionName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hash {
            "" => formatter.write_str(self.path),
            hash => write!(formatter, "{} {hash}", self.path),
        }
    }
}

/// Whether what is exported is a function.
pub(super) fn is_function(export: &Export<'_>) -> bool {
    export.kind == ExternalKind::Func
}
