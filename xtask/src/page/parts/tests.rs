//! A small module, parted and run by Node.

use serde_json::{Value, json};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemArg, MemorySection,
    MemoryType, NameMap, NameSection, RefType, TableSection, TableType, TypeSection, ValType,
};

use super::called::observe;
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

const NAMES: [&str; 8] = ["note", "near", "helper", "far", "farther", "pointed", "indirect", "shown"];

/// ```text
/// near(x) = far(x) + 1         indirect(x, place) = table[place](x)     table[1] = pointed
/// far(x) = farther(helper(x))  farther(x) = note(x) * 10                helper(x) = count += x
/// pointed(x) = byte at x       shown(x) = near(x)
/// ```
fn small_module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32, ValType::I32], [ValType::I32]);
    let mut imports = ImportSection::new();
    imports.import("page", "note", EntityType::Function(ONE));
    let mut functions = FunctionSection::new();
    for of in [ONE, ONE, ONE, ONE, ONE, TWO, ONE] {
        functions.function(of);
    }
    let mut tables = TableSection::new();
    let table = TableType {
        element_type: RefType::FUNCREF,
        minimum: 2,
        maximum: Some(2),
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
    for function in [NEAR, INDIRECT, SHOWN] {
        exports.export(NAMES[function as usize], ExportKind::Func, function);
    }
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(1), Elements::Functions([POINTED].as_slice().into()));
    let mut code = CodeSection::new();
    use Instruction::{
        Call, CallIndirect, GlobalGet, GlobalSet, I32Add, I32Const, I32Load8U, I32Mul, LocalGet,
    };
    for body in [
        vec![LocalGet(0), Call(FAR), I32Const(1), I32Add],
        vec![GlobalGet(0), LocalGet(0), I32Add, GlobalSet(0), GlobalGet(0)],
        vec![LocalGet(0), Call(HELPER), Call(FARTHER)],
        vec![LocalGet(0), Call(0), I32Const(10), I32Mul],
        vec![LocalGet(0), I32Load8U(MemArg { offset: 0, align: 0, memory_index: 0 })],
        vec![LocalGet(0), LocalGet(1), CallIndirect { type_index: ONE, table_index: 0 }],
        vec![LocalGet(0), Call(NEAR)],
    ] {
        let mut function = Function::new([]);
        for instruction in body.iter().chain([&Instruction::End]) {
            function.instruction(instruction);
        }
        code.function(&function);
    }
    let mut named = NameMap::new();
    for (index, name) in NAMES.iter().enumerate() {
        named.append(index as u32, &format!("small::{name}::h0123456789abcde{index}"));
    }
    let mut names = NameSection::new();
    names.functions(&named);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&memories);
    module.section(&globals).section(&exports).section(&elements).section(&code).section(&names);
    module.finish()
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
fn parted(is_first: &dyn Fn(FunctionName<'_>) -> bool, calls: &str) -> Value {
    let bytes = small_module();
    let parts = split(&Module::read(&bytes).unwrap(), is_first).unwrap();
    run(
        &[&parts.first, &parts.second],
        &format!(
            "let loads = 0;
            const load = () => {{ loads += 1; new WebAssembly.Instance(modules[1], {{ first: exports }}); }};
            const {{ exports }} = new WebAssembly.Instance(modules[0], {{ page, later: {{ load }} }});
            new Uint8Array(exports.memory.buffer)[9] = 77;
            const told = [];
            for (let round = 0; round < 2; round += 1) for (const call of {calls}) told.push([loads, call(exports), loads]);
            console.log(JSON.stringify(told));"
        ),
    )
}

#[test]
fn what_the_first_part_lacks_is_brought_once_and_shares_its_state() {
    let is_first =
        |name: FunctionName<'_>| ["small::near", "small::helper", "small::indirect"].contains(&name.path);
    let told = parted(&is_first, "[(e) => e.near(1), (e) => e.shown(2), (e) => e.indirect(9, 1)]");
    // helper: 5 + 1, 6 + 2, then 8 + 1, 9 + 2.
    assert_eq!(told, json!([[0, 81, 1], [1, 101, 1], [1, 77, 1], [1, 111, 1], [1, 131, 1], [1, 77, 1]]));
}

#[test]
fn a_function_pointer_and_an_export_bring_the_second_part_too() {
    let is_first = |name: FunctionName<'_>| name.path == "small::indirect";
    assert_eq!(parted(&is_first, "[(e) => e.indirect(9, 1)]"), json!([[0, 77, 1], [1, 77, 1]]));
    assert_eq!(parted(&is_first, "[(e) => e.shown(1)]"), json!([[0, 81, 1], [1, 91, 1]]));
}

#[test]
fn with_everything_in_the_first_part_nothing_is_brought() {
    assert_eq!(parted(&|_| true, "[(e) => e.near(1), (e) => e.indirect(9, 1)]")[3], json!([0, 77, 0]));
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
    assert_eq!(module.name(FARTHER), FunctionName { path: "small::farther", hash: "0123456789abcde4" });
}
