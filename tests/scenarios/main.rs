//! Stories: text in, headlines out.

mod access;
mod apps;
mod autoscaling;
mod control_plane;
mod create;
mod deletion;
mod deletion_rail;
mod describe;
mod disruption;
mod documentation;
mod eviction;
mod images;
mod kubectl;
mod kubectl_lines;
mod memory;
mod namespace;
mod network;
mod nodes;
mod order;
mod quota;
mod rails;
mod replication_controller;
mod requests_in_flight;
mod rollback;
mod rolling_update;
mod scaling;
mod service;
mod services_for_outside;
mod static_pods;
mod stopped;
mod storage_limits;
mod trouble;
mod volumes;
mod waiting_pods;

use expect_test::Expect;
use kubestep_core::Command;
use kubestep_core::engine::{Budget, Until};
use kubestep_tests::{Chapter, Story};

/// Runs command lines, one a line, each to its rest, and compares what the chapter tells of it.
fn check(manifests: &str, commands: &str, chapter: Chapter, expect: Expect) {
    let mut story = Story::of(manifests);
    for line in commands.lines().map(str::trim).filter(|line| !line.is_empty()) {
        story.run(line);
    }
    expect.assert_eq(&story.tells(chapter));
}

/// Gives command lines, one a line, and compares what each printed, or what was said instead of starting it. In a line,
/// `\\n` stands for a new one.
fn printed(manifests: &str, commands: &str, expect: Expect) {
    let mut story = Story::of(manifests);
    let mut given = Vec::new();
    for line in commands.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let line = line.replace("\\n", "\n");
        given.push(match Command::parse(&line, &|_| None) {
            Ok(command) => {
                let id = story.timeline.submit(command);
                story.timeline.advance(Until::Command(id), Budget { steps: 10_000 });
                story.rest();
                (line, Ok(id))
            }
            Err(said) => (line, Err(said)),
        });
    }
    let mut told = String::new();
    for (line, answer) in given {
        let said = answer.map_or_else(|said| said + "\n", |id| story.output(id));
        told += &format!("$ {}\n{said}", line.lines().next().unwrap_or_default());
    }
    expect.assert_eq(&told);
}
