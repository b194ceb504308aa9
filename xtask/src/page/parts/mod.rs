//! The page's wasm in two parts: what the first picture calls, and all the rest, which arrives right after it.
//!
//! `xtask/page/parts.mjs` calls this while trunk builds; `static/boot.js` brings the second part. Which functions
//! the first picture calls is listed in `xtask/page/first-picture.txt`, by name. A list that is out of date
//! costs time, never correctness: whatever is not there yet is brought when it is called.

mod called;
mod linked;
mod list;
mod memory;
mod module;
mod needs;
mod optimise;
mod split;
mod table;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use crate::project;
use linked::Linked;
use list::List;
use module::Module;
use optimise::optimised;

pub(crate) use called::{observe_command, profile_command};
pub(super) use list::file as list_file;

/// `cargo xtask split WHOLE FIRST SECOND`: optimises and parts the module in the file WHOLE, which wasm-bindgen made
/// from the one that cargo's last build of the released page left.
pub(crate) fn split_command(arguments: Arguments) -> Outcome {
    let names = arguments.take_names()?;
    let [whole, first, second] = names.as_slice() else {
        return Err(Failure::new("say which files: cargo xtask split WHOLE FIRST SECOND"));
    };
    let bytes = optimised(Path::new(whole))?;
    let listed =
        fs::read_to_string(list::file()).while_doing("read the list of the first picture's functions")?;
    let list = List::read(&listed);
    let module = Module::read(&bytes).while_doing(format!("take {whole} apart"))?;
    let linked_bytes = read(&linked_file())?;
    let linked = Linked::read(&linked_bytes).while_doing("read what the linker left")?;
    let is_made_of = memory::is_made_of(&module, &linked).while_doing(format!("compare {whole}"))?;
    if !is_made_of {
        return Err(Failure::new(format!("{whole} was not made from {}", linked_file().display())));
    }
    let parts =
        split::split(&module, &linked, &|name| list.has(name)).while_doing(format!("split {whole}"))?;
    fs::write(first, parts.first).while_doing(format!("write {first}"))?;
    fs::write(second, parts.second).while_doing(format!("write {second}"))?;
    let names = serde_json::json!({ "from": parts.named_from, "names": parts.names });
    fs::write(names_file(), names.to_string()).while_doing("write the names of the first part's functions")
}

/// The names of the first part's functions, for the story that wants to know who called what is not there.
fn names_file() -> PathBuf {
    project::notes().join("first-names.json")
}

/// What the linker left for wasm-bindgen, with relocations: web/build.rs asks for them.
fn linked_file() -> PathBuf {
    project::root().join("target").join("wasm32-unknown-unknown").join("wasm").join("kubestep-web.wasm")
}

fn read(file: &Path) -> Outcome<Vec<u8>> {
    fs::read(file).while_doing(format!("read {}", file.display()))
}
