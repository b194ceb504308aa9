//! `conformance [DIR] [--suite S] [--only NAME] [--diff] [--self-test] [--bless] [--report FOLDER]`: what
//! `cargo xtask conformance` runs.
#![allow(clippy::print_stderr, reason = "this program talks to a terminal")]

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use kubestep_tests::conformance::report::{self, Selection};
use kubestep_tests::conformance::self_test::Sampling;
use kubestep_tests::conformance::{divergences, page, ratchet};

/// Leaves are changed one in so many, unless all are asked for.
const SAMPLE: Sampling = Sampling::OneIn(40);

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
struct Request {
    folder: PathBuf,
    selection: Selection,
    sampling: Sampling,
    with_differences: bool,
    /// Write the list of matching scenarios down.
    bless: bool,
    /// Write the fidelity pages there.
    report: Option<PathBuf>,
}

/// Runs what the words ask for. Gives whether everything matches.
fn run(words: Vec<String>) -> Result<bool, String> {
    let request = Request::read(words)?;
    let outcomes = report::run(&request.folder, &request.selection, request.sampling, |outcome| {
        say(&report::told(outcome, request.with_differences));
    })?;
    if outcomes.is_empty() {
        return Err(format!("no scenario in {} is asked for", request.folder.display()));
    }
    if request.bless {
        let list = own_folder().join("matching.txt");
        std::fs::write(&list, ratchet::written(&outcomes))
            .map_err(|error| format!("could not write {}: {error}", list.display()))?;
    }
    if let Some(folder) = &request.report {
        let list = own_folder().join("divergences.txt");
        let listed = std::fs::read_to_string(&list)
            .map_err(|error| format!("could not read {}: {error}", list.display()))?;
        page::write(folder, &outcomes, &divergences::read(&listed)?)?;
        say(&format!("{}\n", folder.join("index.html").display()));
    }
    say(&report::totals(&outcomes));
    Ok(outcomes.iter().all(|outcome| outcome.is_match()))
}

/// Prints. Whoever reads may have seen enough, as `head` has: the run goes on to its exit code.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}

impl Request {
    fn read(words: Vec<String>) -> Result<Request, String> {
        let mut request = Request {
            folder: own_folder(),
            selection: Selection::default(),
            sampling: SAMPLE,
            with_differences: false,
            bless: false,
            report: None,
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--suite" => request.selection.suite = Some(value()?),
                "--only" => request.selection.only = Some(value()?),
                "--diff" => request.with_differences = true,
                "--self-test" => request.sampling = Sampling::All,
                "--report" => request.report = Some(value()?.into()),
                "--bless" => request.bless = true,
                option if option.starts_with('-') => return Err(format!("unknown option {option}")),
                folder => request.folder = folder.into(),
            }
        }
        Ok(request)
    }
}

/// The project's own recordings.
fn own_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance")
}
