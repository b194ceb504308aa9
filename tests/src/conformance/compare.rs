//! Compares what a recording expects with what the core answered: everything that differs, by its path.
//!
//! Entries of lists are told apart by `name` or `type` where each has its own; rows with a `count` are compared as
//! what they count; other lists are compared in their order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

/// Something that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// `steps[4].expect.deployments[web].replicas`
    pub path: String,
    /// What real Kubernetes answered, if it did.
    pub expected: Option<Value>,
    /// What kubestep answered, if it did.
    pub actual: Option<Value>,
}

/// How a path is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Both must be equal.
    Equal,
    /// Whatever it is.
    Skip,
    /// What is expected is a part of what there is.
    Subset,
}

/// Compares two values below `path`; `rule` says how each path is compared.
pub fn values(
    path: &str,
    expected: Option<&Value>,
    actual: Option<&Value>,
    rule: &dyn Fn(&str) -> Rule,
) -> Vec<Difference> {
    let mut differences = Vec::new();
    Comparison { rule, found: &mut differences }.compare(path, expected, actual);
    differences
}

struct Comparison<'a> {
    rule: &'a dyn Fn(&str) -> Rule,
    found: &'a mut Vec<Difference>,
}

impl Comparison<'_> {
    fn compare(&mut self, path: &str, expected: Option<&Value>, actual: Option<&Value>) {
        let rule = (self.rule)(path);
        // Null stands for what is not there.
        let (expected, actual) =
            (expected.filter(|value| !value.is_null()), actual.filter(|value| !value.is_null()));
        if rule == Rule::Skip || (rule == Rule::Equal && expected == actual) {
            return;
        }
        match (expected, actual) {
            (Some(Value::Object(expected)), Some(Value::Object(actual))) => {
                self.objects(path, expected, actual)
            }
            (Some(Value::Array(expected)), Some(Value::Array(actual))) => {
                self.lists(path, expected, actual, rule);
            }
            // A list of nothing may be left out.
            (Some(Value::Array(expected)), None) => self.lists(path, expected, &[], rule),
            (None, Some(Value::Array(actual))) => self.lists(path, &[], actual, rule),
            _ => self.found.push(Difference {
                path: path.to_owned(),
                expected: expected.cloned(),
                actual: actual.cloned(),
            }),
        }
    }

    fn objects(&mut self, path: &str, expected: &Map<String, Value>, actual: &Map<String, Value>) {
        let keys: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
        for key in keys {
            self.compare(&format!("{path}.{key}"), expected.get(key), actual.get(key));
        }
    }

    fn lists(&mut self, path: &str, expected: &[Value], actual: &[Value], rule: Rule) {
        let is_counted = |row: &Value| row.get("count").is_some_and(Value::is_u64);
        if expected.iter().chain(actual).all(is_counted) {
            return self.rows(path, expected, actual, rule);
        }
        for key in ["name", "type"] {
            if let (Some(expected), Some(actual)) = (by(key, expected), by(key, actual)) {
                let names: BTreeSet<&str> = expected.keys().chain(actual.keys()).copied().collect();
                for name in names {
                    self.compare(
                        &format!("{path}[{name}]"),
                        expected.get(name).copied(),
                        actual.get(name).copied(),
                    );
                }
                return;
            }
        }
        let is_plain = |value: &Value| !value.is_object();
        if expected.iter().chain(actual).any(is_plain) {
            let whole = |list: &[Value]| Some(Value::Array(list.to_vec()));
            if expected != actual {
                let path = path.to_owned();
                self.found.push(Difference { path, expected: whole(expected), actual: whole(actual) });
            }
            return;
        }
        for place in 0..expected.len().max(actual.len()) {
            self.compare(&format!("{path}[{place}]"), expected.get(place), actual.get(place));
        }
    }

    /// Rows that are counted: how many of each there are.
    fn rows(&mut self, path: &str, expected: &[Value], actual: &[Value], rule: Rule) {
        let (expected, actual) = (counts(expected), counts(actual));
        let rows: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
        for row in rows {
            let (wanted, there) = (expected.get(row).copied(), actual.get(row).copied());
            let is_met = match rule {
                Rule::Subset => there.unwrap_or(0) >= wanted.unwrap_or(0),
                Rule::Equal | Rule::Skip => there == wanted,
            };
            if is_met {
                continue;
            }
            let again = |count: Option<u64>| {
                let mut row: Value = serde_json::from_str(row).unwrap_or_default();
                count.map(|count| {
                    row["count"] = count.into();
                    row
                })
            };
            self.found.push(Difference {
                path: path.to_owned(),
                expected: again(wanted),
                actual: again(there),
            });
        }
    }
}

/// Entries by a key that all of them have, each another.
fn by<'a>(key: &str, list: &'a [Value]) -> Option<BTreeMap<&'a str, &'a Value>> {
    let named: BTreeMap<&str, &Value> =
        list.iter().map(|entry| Some((entry.get(key)?.as_str()?, entry))).collect::<Option<_>>()?;
    (named.len() == list.len()).then_some(named)
}

/// How many there are of each row.
fn counts(rows: &[Value]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let mut row = row.clone();
        let count = row.as_object_mut().and_then(|row| row.remove("count")).and_then(|count| count.as_u64());
        *counts.entry(row.to_string()).or_insert(0) += count.unwrap_or(1);
    }
    counts
}

/// A line that names the path, then what was expected (`-`) and what there is (`+`).
impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.path)?;
        for (sign, value) in [('-', &self.expected), ('+', &self.actual)] {
            let Some(value) = value else { continue };
            match value {
                Value::String(text) if text.contains('\n') => {
                    for line in text.lines() {
                        writeln!(out, "  {sign} {line}")?;
                    }
                }
                other => writeln!(out, "  {sign} {other}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(expected: Value, actual: Value, rule: Rule) -> Vec<String> {
        let rule = |path: &str| if path == "x.rows" { rule } else { Rule::Equal };
        values("x", Some(&expected), Some(&actual), &rule).into_iter().map(|found| found.path).collect()
    }

    #[test]
    fn entries_are_told_apart_by_their_names() {
        let expected = json!({"list": [{"name": "a", "size": 1}, {"name": "b", "size": 2}]});
        let actual = json!({"list": [{"name": "b", "size": 3}, {"name": "a", "size": 1}]});
        assert_eq!(paths(expected, actual, Rule::Equal), ["x.list[b].size"]);
    }

    #[test]
    fn rows_are_counted() {
        let expected = json!({"rows": [{"phase": "Running", "count": 2}]});
        let split = json!({"rows": [{"phase": "Running", "count": 1}, {"phase": "Running", "count": 1}]});
        assert!(paths(expected.clone(), split, Rule::Equal).is_empty());
        let more = json!({"rows": [{"phase": "Running", "count": 3}]});
        assert_eq!(paths(expected.clone(), more.clone(), Rule::Equal), ["x.rows"]);
        assert!(paths(expected.clone(), more, Rule::Subset).is_empty());
        assert_eq!(paths(expected, json!({"rows": []}), Rule::Subset), ["x.rows"]);
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_differ() {
        assert_eq!(paths(json!({"a": 1}), json!({"b": 1}), Rule::Equal), ["x.a", "x.b"]);
        assert!(paths(json!({"a": []}), json!({}), Rule::Equal).is_empty());
        assert!(paths(json!({"a": null}), json!({}), Rule::Equal).is_empty());
        assert_eq!(paths(json!({"a": null}), json!({"a": 1}), Rule::Equal), ["x.a"]);
        assert_eq!(paths(json!({"a": [["x", 1]]}), json!({"a": [["x", 2]]}), Rule::Equal), ["x.a"]);
    }
}
