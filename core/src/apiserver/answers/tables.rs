//! Tables of refusals: a manifest, perhaps a later one after `then`, and what is told of the last, in order. `…` ends
//! what matters of a line.

use super::*;

fn check_table(table: &str) {
    for case in table.split("\n---\n") {
        let (manifests, expected) = case.split_once("\n\n").unwrap_or((case, ""));
        let answer = match manifests.split_once("\n  then\n") {
            Some((first, second)) => refusal_of_update(first, second),
            None => refusal(manifests),
        };
        let expected: Vec<&str> = expected.lines().filter(|line| !line.is_empty()).collect();
        let is_told = |(told, line): (&String, &&str)| match line.strip_suffix('…') {
            Some(start) => told.starts_with(start),
            None => told == line,
        };
        let told = answer.len() == expected.len() && answer.iter().zip(&expected).all(is_told);
        assert!(told, "{manifests}\nexpected: {expected:#?}\nanswered: {answer:#?}");
    }
}

#[test]
fn pods() {
    check_table(include_str!("pods.txt"));
}

#[test]
fn workloads() {
    check_table(include_str!("workloads.txt"));
}

#[test]
fn jobs() {
    check_table(include_str!("jobs.txt"));
}

#[test]
fn services() {
    check_table(include_str!("services.txt"));
}

#[test]
fn policies() {
    check_table(include_str!("policies.txt"));
}

#[test]
fn configuration() {
    check_table(include_str!("configuration.txt"));
}
