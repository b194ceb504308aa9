//! The project's commands: `cargo xtask serve`, `build`, `test`, `conformance`, `fuzz`, `bench`, `run`, `stories`,
//! `profile` and `screenshots`; the page's build calls `split` and `observe`.
//!
//! Each is one module whose `..._command` takes what stands behind its name. They end with exit code 0, or
//! with 1 and a sentence on the error stream.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "these commands talk to a terminal")]

mod arguments;
mod bench;
mod browser;
mod conformance;
mod failure;
mod fuzz;
mod page;
mod process;
mod project;
mod run;
mod serve;
mod server;
mod test;
mod tools;

use std::env;
use std::process::ExitCode;

use arguments::Arguments;
use failure::{Failure, Outcome};

const HELP: &str = "\
cargo xtask serve [--port N] [--dev]     build the page, serve it on 127.0.0.1 (--dev: rebuild on change)
cargo xtask build                        write the page to dist/, for any static host, and weigh it
cargo xtask test [--quick]               every check, native tests, the page in Chromium (--quick: no browser)
cargo xtask conformance [DIR] [--suite S] [--only NAME] [--diff] [--self-test] [--bless]
                      [--report]         answers beside those of a real Kubernetes (--bless: keep what matches;
                                         --report: write them to dist/fidelity/, side by side)
cargo xtask fuzz [--seconds N] [--seed S] [--cases N]
                                         give the core manifests and command lines that nobody meant
cargo xtask bench [--json FILE]          measure the core and the page
cargo xtask run FILE... [--do 'COMMAND']... [--steps | --json]
                                         apply manifests, run kubectl commands, tell what happens
cargo xtask stories [NAME...] [--dev]    the page's tests in Chromium alone (--dev: a page that is built quickly)
cargo xtask profile                      note anew which functions the first picture calls (the page is split there)
cargo xtask screenshots FOLDER [NAME] [--dev]   pictures of the page in both themes and three sizes
";

fn main() -> ExitCode {
    let mut words = env::args().skip(1);
    let command = words.next().unwrap_or_else(|| "help".to_owned());
    match dispatch(&command, Arguments::new(words.collect())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if let Some(sentence) = failure.sentence() {
                eprintln!("{sentence}");
            }
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, arguments: Arguments) -> Outcome {
    match command {
        "serve" => serve::serve_command(arguments),
        "build" => page::build_command(arguments),
        "test" => test::test_command(arguments),
        "conformance" => conformance::conformance_command(arguments),
        "bench" => bench::bench_command(arguments),
        "fuzz" => fuzz::fuzz_command(arguments),
        "run" => run::run_command(arguments),
        "profile" => page::profile_command(arguments),
        "observe" => page::observe_command(arguments),
        "split" => page::split_command(arguments),
        "stories" => browser::stories_command(arguments),
        "screenshots" => browser::screenshots_command(arguments),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(Failure::new(format!("there is no command {other:?}; these are:\n{HELP}"))),
    }
}
