//! wasm-opt over the module that wasm-bindgen leaves.

use std::path::{Path, PathBuf};

use wasm_encoder::RawSection;
use wasmparser::{Parser, Payload};

use super::module::Refusal;
use super::read;
use crate::failure::{Outcome, While};
use crate::process;
use crate::project;

/// Small first. The names tell the parts apart afterwards; a function that has one caller, but stands in its way only
/// at times, stays a function, so that it can be left for later.
const OPTIONS: [&str; 3] = ["-Oz", "--debuginfo", "--one-caller-inline-max-function-size=300"];

/// Where the last optimised module is kept.
pub(super) fn file() -> PathBuf {
    project::notes().join("whole.wasm")
}

/// The module in `file`, without the linker's notes, as small as wasm-opt makes it.
pub(super) fn optimised(file: &Path) -> Outcome<Vec<u8>> {
    let bytes = read(file)?;
    let plain = without_notes(&bytes).while_doing(format!("take {} apart", file.display()))?;
    let (from, to) = (project::notes().join("plain.wasm"), self::file());
    std::fs::create_dir_all(project::notes()).while_doing("create target/xtask")?;
    std::fs::write(&from, plain).while_doing(format!("write {}", from.display()))?;
    process::run(process::command("wasm-opt").args(OPTIONS).arg(&from).arg("-o").arg(&to), "wasm-opt")?;
    read(&to)
}

/// What the linker noted is about the module that it wrote: of what follows from that it is wrong.
fn without_notes(bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let mut plain = wasm_encoder::Module::new();
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        if let Payload::CustomSection(section) = &payload
            && (section.name() == "linking" || section.name().starts_with("reloc."))
        {
            continue;
        }
        if let Some((id, range)) = payload.as_section() {
            plain.section(&RawSection { id, data: &bytes[range] });
        }
    }
    Ok(plain.finish())
}
