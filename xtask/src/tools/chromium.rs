//! A Chromium for the tests: the one that is named, one that is there, or Debian's.

use std::env;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};
use crate::process;

/// Names under which Linux distributions install it.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The browser's program: `CHROMIUM`, one on the `PATH`, Playwright's own, or Debian's after installing it.
pub(crate) fn ensure_chromium() -> Outcome<PathBuf> {
    if let Some(named) = env::var_os("CHROMIUM").filter(|named| !named.is_empty()).map(PathBuf::from) {
        return match named.is_file() {
            true => Ok(named),
            false => Err(Failure::new(format!("CHROMIUM names {}, which is no file", named.display()))),
        };
    }
    if let Some(found) = on_path().or_else(of_playwright) {
        return Ok(found);
    }
    if is_debian() && is_root() {
        install_debian_package()?;
        if let Some(found) = on_path() {
            return Ok(found);
        }
    }
    Err(Failure::new(
        "no Chromium was found; set CHROMIUM to one, or run: npx playwright-core install chromium",
    ))
}

fn on_path() -> Option<PathBuf> {
    let folders = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&folders).collect();
    NAMES
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}

fn of_playwright() -> Option<PathBuf> {
    let ask = "import('playwright-core').then(({ chromium }) => console.log(chromium.executablePath()))";
    let path = process::answer(process::command("node").args(["--eval", ask]))?;
    Some(PathBuf::from(path)).filter(|path| path.is_file())
}

fn is_debian() -> bool {
    Path::new("/etc/debian_version").exists() && Path::new("/usr/bin/apt-get").exists()
}

fn is_root() -> bool {
    process::answer(process::command("id").arg("-u")).as_deref() == Some("0")
}

fn install_debian_package() -> Outcome {
    println!("installing Debian's chromium for the tests (once)");
    let mut update = process::command("apt-get");
    process::run(update.args(["update", "-qq"]), "apt-get update (are Debian's mirrors within reach?)")?;
    let mut install = process::command("apt-get");
    install.env("DEBIAN_FRONTEND", "noninteractive");
    process::run(
        install.args(["install", "-y", "-qq", "--no-install-recommends", "chromium"]),
        "apt-get install chromium (are Debian's mirrors within reach?)",
    )
}
