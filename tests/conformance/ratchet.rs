//! Every scenario that matched once still does, and every one that matches is written down.

use std::path::PathBuf;

use kubestep_tests::conformance::divergences::{self, Divergence};
use kubestep_tests::conformance::ratchet;
use kubestep_tests::conformance::report::{self, Selection};
use kubestep_tests::conformance::self_test::Sampling;

#[test]
fn what_matched_once_still_matches() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let listed = ratchet::read(include_str!("matching.txt"));
    let outcomes = report::run(&folder, &Selection::default(), Sampling::OneIn(40), |_| {}).unwrap();
    let verdict = ratchet::judge(&listed, &outcomes);
    let known = divergences::read(include_str!("divergences.txt")).unwrap();
    assert_eq!(
        divergences::outdated(&known, &outcomes),
        Vec::<&Divergence>::new(),
        "these steps match by now"
    );
    let lost = outcomes.iter().filter(|outcome| verdict.lost.contains(&outcome.id()));
    let told: String = lost.map(|outcome| report::told(outcome, true)).collect();
    assert!(verdict.holds(), "{told}{verdict:#?}\ncargo xtask conformance --bless writes the list anew");
}
