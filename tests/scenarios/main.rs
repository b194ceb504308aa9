//! Stories: text in, headlines out.

mod apps;
mod create;
mod deletion;
mod deletion_rail;
mod describe;
mod disruption;
mod namespace;
mod order;
mod quota;
mod replication_controller;
mod rollback;
mod rolling_update;
mod scaling;
mod service;
mod static_pods;
mod stopped;
mod trouble;
mod volumes;
mod waiting_pods;

use expect_test::Expect;
use kubestep_tests::{Chapter, Story};

/// Runs command lines, one a line, each to its rest, and compares what the chapter tells of it.
fn check(manifests: &str, commands: &str, chapter: Chapter, expect: Expect) {
    let mut story = Story::of(manifests);
    for line in commands.lines().map(str::trim).filter(|line| !line.is_empty()) {
        story.run(line);
    }
    expect.assert_eq(&story.tells(chapter));
}
