//! Manifests and command lines that nobody meant: each gets an answer. `cargo xtask fuzz` gives many more.

use std::path::Path;

use kubestep_tests::fuzz::{self, Corpus};

/// From here on cases are counted. Any other number does as well.
const SEED: u64 = 1;

/// How many cases a run of the tests gives.
const CASES: usize = 600;

#[test]
fn whatever_is_given_is_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let corpus = Corpus::of_recordings(&folder).unwrap();
    let report = fuzz::run(SEED, &corpus, |count| count >= CASES);
    // Without optimisation, and beside other tests, a case may take its time.
    let panics: Vec<_> =
        report.problems.iter().filter(|problem| problem.what.starts_with("panicked")).collect();
    assert!(panics.is_empty(), "{panics:#?}");
    assert_eq!(report.manifests, CASES);
    assert!(report.accepted > CASES / 4, "hardly anything was accepted: {report:?}");
}
