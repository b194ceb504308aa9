//! The released page's module keeps its relocations: `cargo xtask build` reads from them which functions use which
//! data, and leaves for later what the first picture does not use (xtask/src/page/parts).

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_for_the_page = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    let is_released = env::var("OPT_LEVEL").is_ok_and(|level| level == "z");
    if is_for_the_page && is_released {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
