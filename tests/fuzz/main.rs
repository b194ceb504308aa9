//! `fuzz [--seconds N] [--seed S] [--cases N]`: what `cargo xtask fuzz` runs.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this program talks to a terminal")]

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kubestep_tests::fuzz::{self, Corpus, Report};

/// How much memory a run may have had at most, in KiB.
const MOST_MEMORY: u64 = 256 << 10;

fn main() -> ExitCode {
    match run(std::env::args().skip(1).collect()) {
        Ok(report) => ExitCode::from(u8::from(!report.problems.is_empty())),
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: Vec<String>) -> Result<Report, String> {
    let (mut seconds, mut cases) = (60, None);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64);
    let mut seed = now % 1_000_000_000;
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let value = words.next().and_then(|value| value.parse::<u64>().ok());
        match (word.as_str(), value) {
            ("--seconds", Some(value)) => seconds = value,
            ("--seed", Some(value)) => seed = value,
            ("--cases", Some(value)) => cases = Some(value as usize),
            _ => return Err("fuzz [--seconds N] [--seed S] [--cases N]".to_owned()),
        }
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let corpus = Corpus::of_recordings(&folder)?;
    println!("seed {seed}");
    // A panic is told of with its case.
    std::panic::set_hook(Box::new(|_| {}));
    let (start, limit) = (Instant::now(), Duration::from_secs(seconds));
    let report = fuzz::run(seed, &corpus, |count| match cases {
        Some(cases) => count >= cases,
        // Without any time there is one case: that of the seed.
        None => count > 0 && start.elapsed() >= limit,
    });
    tell(&report, start.elapsed())?;
    Ok(report)
}

fn tell(report: &Report, took: Duration) -> Result<(), String> {
    for problem in report.problems.iter().take(10) {
        println!("\nseed {}: {}\n{}", problem.seed, problem.what, shortened(&problem.input));
    }
    println!(
        "\n{} manifests ({} documents, {} of them accepted) and {} command lines in {} s; the slowest document took {:.1} ms \
         (seed {}); {} problems",
        report.manifests,
        report.documents,
        report.accepted,
        report.lines,
        took.as_secs(),
        report.slowest.0.as_secs_f64() * 1000.0,
        report.slowest.1,
        report.problems.len()
    );
    match peak_memory() {
        Some(peak) if peak > MOST_MEMORY => {
            Err(format!("the run took {} MiB of memory, more than {}", peak >> 10, MOST_MEMORY >> 10))
        }
        Some(peak) => {
            println!("the run took {} MiB of memory at most", peak >> 10);
            Ok(())
        }
        None => Ok(()),
    }
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(2000).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// The most memory that this process has had, in KiB, where the system says so.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
