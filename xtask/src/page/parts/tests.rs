//! A small module, parted and run by Node.

use serde_json::{Value, json};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, DataSymbolDefinition, ElementSection, Elements,
    Encode, EntityType, ExportKind, ExportSection, Function, FunctionSection, GlobalSection, GlobalType,
    ImportSection, Instruction, MemArg, MemorySection, MemoryType, NameMap, NameSection, RefType, Section,
    SymbolTable, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{Operator, Parser, Payload, RelocationType};

use super::called::observe;
use super::linked::Linked;
use super::memory;
use super::module::{FunctionName, Module};
use super::split::split;
use crate::process;

/// `(i32) -> i32` and `(i32, i32) -> i32`.
const ONE: u32 = 0;
const TWO: u32 = 1;

/// The functions after the import `note`, by index.
const NEAR: u32 = 1;
const HELPER: u32 = 2;
const FAR: u32 = 3;
const FARTHER: u32 = 4;
const POINTED: u32 = 5;
const INDIRECT: u32 = 6;
const SHOWN: u32 = 7;
const SPELL: u32 = 8;
const SPELL_LATER: u32 = 9;
const PLACE: u32 = 10;

const NAMES: [&str; 12] = [
    "note",
    "near",
    "helper",
    "far",
    "farther",
    "pointed",
    "indirect",
    "shown",
    "spell",
    "spellLater",
    "place",
    "placeLater",
];

/// What memory begins with, by address: two texts, and a table whose only entry is a place in the table of functions.
const TEXT: &str = "what the first picture says";
const TEXT_AT: u32 = 1024;
const LATER_TEXT: &str = "what is said afterwards";
const LATER_TEXT_AT: u32 = TEXT_AT + TEXT.len() as u32;
const ENTRY: [u8; 16] = [POINTED_LATER_AT as u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
const ENTRY_AT: u32 = 1100;

/// Places in the table of functions.
const POINTED_AT: u32 = 1;
const POINTED_LATER_AT: u32 = 2;

/// ```text
/// near(x) = far(x) + 1         indirect(x, place) = table[place](x)     table[1] = table[2] = pointed
/// far(x) = farther(helper(x))  farther(x) = note(x) * 10                helper(x) = count += x
/// pointed(x) = byte at x       shown(x) = near(x)
/// spell(x) = TEXT[x]           spellLater(x) = LATER_TEXT[x]            place(x) = 1     placeLater(x) = &2
/// ```
fn small_module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32, ValType::I32], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("page", "note", EntityType::Function(ONE));
    let mut functions = FunctionSection::new();
    for of in [ONE, ONE, ONE, ONE, ONE, TWO, ONE, ONE, ONE, ONE, ONE] {
        functions.function(of);
    }
    let mut tables = TableSection::new();
    let table = TableType {
        element_type: RefType::FUNCREF,
        minimum: 3,
        maximum: Some(3),
        table64: false,
        shared: false,
    };
    tables.table(table);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut globals = GlobalSection::new();
    let count = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    globals.global(count, &ConstExpr::i32_const(5));
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0);
    exports.export("table", ExportKind::Table, 0);
    for function in [NEAR, INDIRECT, SHOWN, SPELL, SPELL_LATER] {
        exports.export(NAMES[function as usize], ExportKind::Func, function);
    }
    let mut elements = ElementSection::new();
    let pointed = [POINTED, POINTED];
    let begin = ConstExpr::i32_const(POINTED_AT as i32);
    elements.active(None, &begin, Elements::Functions(pointed.as_slice().into()));
    let mut code = CodeSection::new();
    use Instruction::{
        Call, CallIndirect, GlobalGet, GlobalSet, I32Add, I32Const, I32Load8U, I32Mul, LocalGet,
    };
    let byte = || I32Load8U(MemArg { offset: 0, align: 0, memory_index: 0 });
    for body in [
        vec![LocalGet(0), Call(FAR), I32Const(1), I32Add],
        vec![GlobalGet(0), LocalGet(0), I32Add, GlobalSet(0), GlobalGet(0)],
        vec![LocalGet(0), Call(HELPER), Call(FARTHER)],
        vec![LocalGet(0), Call(0), I32Const(10), I32Mul],
        vec![LocalGet(0), byte()],
        vec![LocalGet(0), LocalGet(1), CallIndirect { type_index: ONE, table_index: 0 }],
        vec![LocalGet(0), Call(NEAR)],
        vec![LocalGet(0), I32Const(TEXT_AT as i32), I32Add, byte()],
        vec![LocalGet(0), I32Const(LATER_TEXT_AT as i32), I32Add, byte()],
        vec![I32Const(POINTED_AT as i32)],
        vec![I32Const(ENTRY_AT as i32)],
    ] {
        let mut function = Function::new([]);
        for instruction in body.iter().chain([&Instruction::End]) {
            function.instruction(instruction);
        }
        code.function(&function);
    }
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(TEXT_AT as i32), format!("{TEXT}{LATER_TEXT}").bytes());
    data.active(0, &ConstExpr::i32_const(ENTRY_AT as i32), ENTRY);
    let mut named = NameMap::new();
    for (index, name) in NAMES.iter().enumerate() {
        named.append(index as u32, &format!("_ZN5small{}{name}17h0123456789abcde{index:x}E", name.len()));
    }
    let mut names = NameSection::new();
    names.functions(&named);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module
        .section(&globals)
        .section(&exports)
        .section(&elements)
        .section(&code)
        .section(&data)
        .section(&names);
    module.finish()
}

/// The same module as a linker leaves it: it notes what each number stands for. `inlined` are further calls, of the
/// second function by the first, that nobody sees in the small module any more.
fn linked_module(inlined: &[(u32, u32)]) -> Vec<u8> {
    let mut bytes = small_module();
    // Symbols: the functions by their index, then the data.
    let mut symbols = SymbolTable::new();
    symbols.function(SymbolTable::WASM_SYM_UNDEFINED, 0, None);
    for (index, name) in NAMES.iter().enumerate().skip(1) {
        symbols.function(0, index as u32, Some(name));
    }
    let data = NAMES.len() as u32;
    for (index, offset, size) in [(0, 0, TEXT.len()), (0, TEXT.len(), LATER_TEXT.len()), (1, 0, ENTRY.len())]
    {
        let place = DataSymbolDefinition { index, offset: offset as u32, size: size as u32 };
        symbols.data(0, &format!("{index}, {offset}"), Some(place));
    }
    let (mut in_code, mut in_data) = (Vec::new(), Vec::new());
    let (mut function, mut code_begins) = (0, 0);
    for payload in Parser::new(0).parse_all(&bytes) {
        match payload.unwrap() {
            Payload::CodeSectionStart { range, .. } => code_begins = range.start,
            Payload::DataSection(section) => {
                let last = section.clone().into_iter().last().unwrap().unwrap();
                let at = last.range.end - last.data.len() - section.range().start;
                in_data.push((RelocationType::TableIndexI32, at, POINTED));
            }
            Payload::CodeSectionEntry(body) => {
                function += 1;
                let begin = body.range().start - code_begins;
                let calls = inlined.iter().filter(|(caller, _)| *caller == function);
                in_code.extend(calls.map(|(_, called)| (RelocationType::FunctionIndexLeb, begin, *called)));
                let mut operators = body.get_operators_reader().unwrap();
                while !operators.eof() {
                    let at = operators.original_position() + 1 - code_begins;
                    let address = |symbol| (RelocationType::MemoryAddrSleb, at, data + symbol);
                    in_code.push(match operators.read().unwrap() {
                        Operator::Call { function_index } => {
                            (RelocationType::FunctionIndexLeb, at, function_index)
                        }
                        Operator::I32Const { value } if value == TEXT_AT as i32 => address(0),
                        Operator::I32Const { value } if value == LATER_TEXT_AT as i32 => address(1),
                        Operator::I32Const { value } if value == ENTRY_AT as i32 => address(2),
                        Operator::I32Const { .. } if function == PLACE => {
                            (RelocationType::TableIndexSleb, at, POINTED)
                        }
                        _ => continue,
                    });
                }
            }
            _ => {}
        }
    }
    let segments = [".rodata", ".rodata"];
    append(&mut bytes, "linking", |linking| {
        2_u32.encode(linking);
        let mut names = Vec::new();
        (segments.len() as u32).encode(&mut names);
        for name in segments {
            name.encode(&mut names);
            names.extend([0, 0]);
        }
        linking.push(5);
        names.encode(linking);
        symbols.encode(linking);
    });
    for (name, relocations) in [("reloc.CODE", in_code), ("reloc.DATA", in_data)] {
        append(&mut bytes, name, |section| {
            0_u32.encode(section);
            (relocations.len() as u32).encode(section);
            for (kind, at, symbol) in relocations {
                section.push(kind as u8);
                (at as u32).encode(section);
                symbol.encode(section);
                if kind == RelocationType::MemoryAddrSleb {
                    0_i32.encode(section);
                }
            }
        });
    }
    bytes
}

/// Adds a custom section.
fn append(module: &mut Vec<u8>, name: &str, write: impl FnOnce(&mut Vec<u8>)) {
    let mut data = Vec::new();
    write(&mut data);
    let section = CustomSection { name: name.into(), data: data.into() };
    module.push(section.id());
    section.encode(module);
}

/// What `script` prints, as JSON; it finds the modules as `modules`.
fn run(modules: &[&[u8]], script: &str) -> Value {
    let bytes = json!(modules);
    let program = format!(
        "const modules = {bytes}.map((bytes) => new WebAssembly.Module(Uint8Array.from(bytes)));
        const page = {{ note: (x) => x + 2 }};
        {script}"
    );
    let answer = process::answer(process::command("node").args(["--eval", &program]));
    serde_json::from_str(&answer.expect("node runs the modules")).expect("the script prints JSON")
}

/// Loads the second part when the first asks for it and makes `calls` twice, as `[loads, result]`.
fn parted(first: &[&str], inlined: &[(u32, u32)], calls: &str) -> Value {
    let (bytes, linked) = (small_module(), linked_module(inlined));
    let (module, linked) = (Module::read(&bytes).unwrap(), Linked::read(&linked).unwrap());
    assert!(memory::is_made_of(&module, &linked).unwrap());
    let is_first = |name: FunctionName<'_>| first.iter().any(|each| name.path.ends_with(each));
    let parts = split(&module, &linked, &is_first).unwrap();
    run(
        &[&parts.first, &parts.second],
        &format!(
            "let loads = 0;
            const load = () => {{ loads += 1; new WebAssembly.Instance(modules[1], {{ first: exports }}); }};
            const {{ exports }} = new WebAssembly.Instance(modules[0], {{ page, later: {{ load }} }});
            new Uint8Array(exports.memory.buffer)[9] = 77;
            const text = (at, length) => String.fromCharCode(...new Uint8Array(exports.memory.buffer, at, length));
            const told = [];
            for (let round = 0; round < 2; round += 1) for (const call of {calls}) told.push([loads, call(exports), loads]);
            console.log(JSON.stringify(told));"
        ),
    )
}

#[test]
fn what_the_first_part_lacks_is_brought_once_and_shares_its_state() {
    let told = parted(
        &["4near", "6helper", "8indirect", "5place"],
        &[],
        "[(e) => e.near(1), (e) => e.shown(2), (e) => e.indirect(9, 1)]",
    );
    // helper: 5 + 1, 6 + 2, then 8 + 1, 9 + 2.
    assert_eq!(told, json!([[0, 81, 1], [1, 101, 1], [1, 77, 1], [1, 111, 1], [1, 131, 1], [1, 77, 1]]));
}

#[test]
fn a_function_pointer_and_an_export_bring_the_second_part_too() {
    let first = ["8indirect", "5place"];
    assert_eq!(parted(&first, &[], "[(e) => e.indirect(9, 1)]"), json!([[0, 77, 1], [1, 77, 1]]));
    assert_eq!(parted(&first, &[], "[(e) => e.shown(1)]"), json!([[0, 81, 1], [1, 91, 1]]));
}

#[test]
fn constants_come_with_the_first_part_that_refers_to_them() {
    let calls = format!(
        "[(e) => text({TEXT_AT}, {}), (e) => text({LATER_TEXT_AT}, {}), (e) => e.spell(0), (e) => e.spellLater(0)]",
        TEXT.len(),
        LATER_TEXT.len()
    );
    let silence = "\0".repeat(LATER_TEXT.len());
    let told = |before: &str, loads: u32| {
        json!([
            [0, TEXT, 0],
            [0, before, 0],
            [0, 119, 0],
            [0, 119, loads],
            [loads, TEXT, loads],
            [loads, LATER_TEXT, loads],
            [loads, 119, loads],
            [loads, 119, loads],
        ])
    };
    assert_eq!(parted(&["5spell"], &[], &calls), told(&silence, 1));
    assert_eq!(parted(&["5spell", "10spellLater"], &[], &calls), told(LATER_TEXT, 0));
    // spellLater's text has become a part of spell.
    assert_eq!(parted(&["5spell"], &[(SPELL, SPELL_LATER)], &calls), told(LATER_TEXT, 1));
}

#[test]
fn a_place_that_only_later_data_points_at_is_empty_until_then() {
    let calls = "[(e) => e.table.get(1) === null, (e) => e.table.get(2) === null, (e) => e.indirect(9, 1), (e) => e.indirect(9, 2)]";
    let told = |is_empty, loads| {
        json!([
            [0, false, 0],
            [0, is_empty, 0],
            [0, 77, 1],
            [1, 77, 1],
            [1, false, 1],
            [1, false, 1],
            [1, 77, 1],
            [loads, 77, 1]
        ])
    };
    assert_eq!(parted(&["8indirect", "5place"], &[], calls), told(true, 1));
    assert_eq!(parted(&["8indirect", "5place", "10placeLater"], &[], calls), told(false, 1));
}

#[test]
fn with_everything_in_the_first_part_nothing_is_brought() {
    assert_eq!(parted(&[""], &[], "[(e) => e.near(1), (e) => e.indirect(9, 1)]")[3], json!([0, 77, 0]));
}

#[test]
fn an_observed_module_notes_exactly_what_is_called() {
    let called = run(
        &[&observe(&small_module()).unwrap()],
        &format!(
            "const NAMES = {};{}",
            json!(NAMES),
            "
        const { exports } = new WebAssembly.Instance(modules[0], { page });
        const result = exports.near(1);
        const called = NAMES.filter((_, index) => exports[`called:${index}`]?.value === 1);
        console.log(JSON.stringify([result, ...called]));"
        ),
    );
    assert_eq!(called, json!([81, "near", "helper", "far", "farther"]));
}

#[test]
fn the_hash_is_told_from_the_name() {
    let bytes = small_module();
    let module = Module::read(&bytes).unwrap();
    assert_eq!(module.name(FARTHER), FunctionName { path: "_ZN5small7farther", hash: "0123456789abcde4" });
}
