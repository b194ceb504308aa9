//! The page's wasm in two parts: what the first picture calls, and all the rest, which arrives right after it.
//!
//! `xtask/page/parts.mjs` calls this while trunk builds; `static/boot.js` brings the second part. Which functions
//! the first picture calls is listed in `xtask/page/first-picture.txt`, by name. A list that is out of date
//! costs time, never correctness: whatever is not there yet is brought when it is called.

mod called;
mod list;
mod module;
mod split;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use crate::arguments::Arguments;
use crate::failure::{Failure, Outcome, While};
use list::List;
use module::Module;

pub(crate) use called::{observe_command, profile_command};
pub(super) use list::file as list_file;

/// `cargo xtask split WHOLE FIRST SECOND`: parts the module in the file WHOLE.
pub(crate) fn split_command(arguments: Arguments) -> Outcome {
    let names = arguments.take_names()?;
    let [whole, first, second] = names.as_slice() else {
        return Err(Failure::new("say which files: cargo xtask split WHOLE FIRST SECOND"));
    };
    let bytes = read(Path::new(whole))?;
    let listed =
        fs::read_to_string(list::file()).while_doing("read the list of the first picture's functions")?;
    let list = List::read(&listed);
    let module = Module::read(&bytes).while_doing(format!("take {whole} apart"))?;
    let parts = split::split(&module, &|name| list.has(name)).while_doing(format!("split {whole}"))?;
    fs::write(first, parts.first).while_doing(format!("write {first}"))?;
    fs::write(second, parts.second).while_doing(format!("write {second}"))
}

fn read(file: &Path) -> Outcome<Vec<u8>> {
    fs::read(file).while_doing(format!("read {}", file.display()))
}
