//! Which functions the first picture calls: asked of a page whose every function notes that it was called.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fs;
use std::ops::Range;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, GlobalSection, GlobalType, Instruction,
    ValType,
};

use super::list::{self, List};
use super::module::Module;
use super::optimise::{self, optimised};
use super::read;
use crate::arguments::Arguments;
use crate::browser;
use crate::failure::{Failure, Outcome, While};
use crate::process;

/// What the exported globals of an observed module begin with; behind it stands the index of a function, and the
/// value is 1 once that was called. tests/e2e/first-picture.mjs reads them.
pub(super) const CALLED: &str = "called:";

/// `cargo xtask profile`: makes the list of the first picture's functions anew.
pub(crate) fn profile_command(arguments: Arguments) -> Outcome {
    arguments.nothing_left()?;
    let answer = process::answer(&mut browser::first_picture()?)
        .ok_or_else(|| Failure::new("tests/e2e/first-picture.mjs failed"))?;
    let called: BTreeSet<u32> = serde_json::from_str(&answer).while_doing("read what the page called")?;
    let bytes = read(&optimise::file())?;
    let module = Module::read(&bytes).while_doing("take the page's module apart")?;
    println!("{} functions are called for the first picture", called.len());
    let list = List::of(&module, &called);
    fs::write(list::file(), list.to_string())
        .while_doing("write the list of the first picture's functions")?;
    Ok(())
}

/// `cargo xtask observe WHOLE OBSERVED`: the module in the file WHOLE, optimised, noting its calls.
pub(crate) fn observe_command(arguments: Arguments) -> Outcome {
    let names = arguments.take_names()?;
    let [whole, observed] = names.as_slice() else {
        return Err(Failure::new("say which files: cargo xtask observe WHOLE OBSERVED"));
    };
    let bytes = optimised(whole.as_ref())?;
    let noting = observe(&bytes).while_doing(format!("change {whole}"))?;
    fs::write(observed, noting).while_doing(format!("write {observed}"))
}

/// The same module, each function of which notes its call in a global of its own, exported as [`CALLED`] and its
/// index.
pub(super) fn observe(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let module = Module::read(bytes)?;
    let first = module.imported_functions;
    let mut observer =
        Observer { functions: module.defined(), next: first, notes: module.globals.len() as u32 };
    let mut observed = wasm_encoder::Module::new();
    observer.parse_core_module(&mut observed, wasmparser::Parser::new(0), bytes)?;
    Ok(observed.finish())
}

struct Observer {
    functions: Range<u32>,
    /// The function whose body comes next.
    next: u32,
    /// The first function's global; those of the others follow in order.
    notes: u32,
}

impl Observer {
    fn note(&self, function: u32) -> u32 {
        self.notes + function - self.functions.start
    }
}

impl Reencode for Observer {
    type Error = Infallible;

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_global_section(self, globals, section)?;
        for _ in self.functions.clone() {
            let note = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
            globals.global(note, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error> {
        utils::parse_export_section(self, exports, section)?;
        for function in self.functions.clone() {
            exports.export(&format!("{CALLED}{function}"), ExportKind::Global, self.note(function));
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error> {
        let mut function: Function = self.new_function_with_parsed_locals(&body)?;
        function.instruction(&Instruction::I32Const(1));
        function.instruction(&Instruction::GlobalSet(self.note(self.next)));
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&self.parse_instruction(&mut reader)?);
        }
        code.function(&function);
        self.next += 1;
        Ok(())
    }

    fn parse_custom_section(
        &mut self,
        _module: &mut wasm_encoder::Module,
        _section: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Error> {
        Ok(())
    }
}
