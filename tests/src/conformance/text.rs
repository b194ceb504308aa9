//! Text as recordings have it: what differs from run to run is replaced by a placeholder.

use super::names::Names;
use super::table;

/// Rewrites what kubectl printed.
pub fn printed(text: &str, names: &Names, ports: &[String]) -> String {
    table::padded(text, &|cell| line(cell, names, ports))
}

/// Rewrites one line, or one cell of a table. Words and node ports that are `fixed` stay.
pub fn line(text: &str, names: &Names, fixed: &[String]) -> String {
    let text = names.text(text);
    let text = words(&revisions(&text), |word| placeholder(word, fixed));
    let text = ages(&dates(&text));
    if names.keeps_nodes() { text } else { without_node(text) }
}

/// `Successfully assigned default/web to <node>`
fn without_node(text: String) -> String {
    const BEGINNING: &str = "Successfully assigned ";
    let Some((before, message)) = text.split_once(BEGINNING) else { return text };
    let Some((pod, node)) = message.split_once(" to ") else { return text };
    let rest = node.find(char::is_whitespace).map_or("", |end| &node[end..]);
    format!("{before}{BEGINNING}{pod} to <node>{rest}")
}

/// Replaces words; a word is what stands between blanks, quotes and brackets.
fn words(text: &str, replace: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word_part) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.find(|letter| !is_word_part(letter)).unwrap_or(rest.len());
        let (word, behind) = rest.split_at(end);
        match replace(word) {
            Some(placeholder) => out.push_str(&placeholder),
            None => out.push_str(word),
        }
        rest = behind;
    }
    out + rest
}

/// The words of a manifest: what it says itself is no matter of chance.
pub fn said_in(manifest: &str) -> Vec<String> {
    manifest
        .split(|letter| !is_word_part(letter))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_word_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || ".:-/".contains(letter)
}

fn placeholder(word: &str, fixed: &[String]) -> Option<String> {
    if fixed.iter().any(|fixed| fixed == word) {
        return None;
    }
    if is_uid(word) {
        return Some("<uid>".to_owned());
    }
    if is_time(word) {
        return Some("<time>".to_owned());
    }
    if word.starts_with("/tmp/") {
        return Some("<tmp>".to_owned());
    }
    if let Some((address, port)) = word.split_once(':')
        && is_own_address(address)
    {
        return Some(format!("<ip>:{port}"));
    }
    if is_own_address(word) {
        return Some("<ip>".to_owned());
    }
    node_port(word, fixed)
}

/// `2026-01-01T00:00:01Z`
fn is_time(word: &str) -> bool {
    let shape: String =
        word.chars().map(|letter| if letter.is_ascii_digit() { '0' } else { letter }).collect();
    shape == "0000-00-00T00:00:00Z"
}

/// `8f14e45f-ceea-467f-9b3c-0c5d0d6f3a11`
fn is_uid(word: &str) -> bool {
    let lengths: Vec<usize> = word.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && word.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}

/// An address that the cluster gave away: of a pod, a Service or a node.
fn is_own_address(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    let numbers: Vec<u8> = parts.iter().filter_map(|part| part.parse().ok()).collect();
    parts.len() == 4 && matches!(numbers[..], [10, 96..=111 | 244, _, _] | [172, 18, _, _])
}

/// `80:31234/TCP`: the node port, unless a manifest fixed it.
fn node_port(word: &str, ports: &[String]) -> Option<String> {
    let (port, rest) = word.split_once(':')?;
    let (number, protocol) = rest.split_once('/')?;
    let is_port = |text: &str| text.parse::<u16>().is_ok();
    let is_allocated = is_port(port) && is_port(number) && !ports.iter().any(|fixed| fixed == number);
    is_allocated.then(|| format!("{port}:<nodePort>/{protocol}"))
}

/// `resourceVersion: "12"`
fn revisions(text: &str) -> String {
    const FIELD: &str = "resourceVersion: \"";
    match text.split_once(FIELD).and_then(|(before, rest)| Some((before, rest.split_once('"')?.1))) {
        Some((before, behind)) => format!("{before}{FIELD}<n>\"{behind}"),
        None => text.to_owned(),
    }
}

/// `(12s ago)`
fn ages(text: &str) -> String {
    let Some((before, inside)) = text.split_once('(') else { return text.to_owned() };
    match inside.split_once(" ago)") {
        Some((age, behind)) if is_age(age) => format!("{before}(<AGE> ago){behind}"),
        _ => text.to_owned(),
    }
}

/// `12s`, `5m2s`, `3d`
pub fn is_age(text: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_digit() || "smhdy".contains(letter);
    !text.is_empty()
        && text.starts_with(|letter: char| letter.is_ascii_digit())
        && text.chars().all(is_letter)
}

/// `Thu, 01 Jan 2026 00:00:01 +0000`
fn dates(text: &str) -> String {
    const SHAPE: &str = "Aaa, 00 Aaa 0000 00:00:00 +0000";
    let shape = |letter: char| match letter {
        '0'..='9' => '0',
        'A'..='Z' => 'A',
        'a'..='z' => 'a',
        '-' => '+',
        other => other,
    };
    let shapes: String = text.chars().map(shape).collect();
    // The shape has as many bytes as the text only where that is ASCII.
    match shapes.find(SHAPE).filter(|_| text.is_ascii()) {
        Some(start) => format!("{}<date>{}", &text[..start], &text[start + SHAPE.len()..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::names::Style;

    #[test]
    fn what_differs_from_run_to_run_is_replaced() {
        let names = Names::new(Style::Masked, false);
        let check =
            |text: &str, expected: &str| assert_eq!(line(text, &names, &["30080".to_owned()]), expected);
        check("created 2026-01-01T00:00:01Z", "created <time>");
        check("by pod 8f14e45f-ceea-467f-9b3c-0c5d0d6f3a11 on", "by pod <uid> on");
        check("10.244.1.2,10.244.1.3:80", "<ip>,<ip>:80");
        check("192.0.2.77", "192.0.2.77");
        check(
            "Successfully assigned default/web to node-1\n",
            "Successfully assigned default/web to <node>\n",
        );
        check("resourceVersion: \"12\"", "resourceVersion: \"<n>\"");
        check("80:30080/TCP,81:31234/TCP", "80:30080/TCP,81:<nodePort>/TCP");
        check("1 (12s ago)", "1 (<AGE> ago)");
        check("(combined from similar events): x", "(combined from similar events): x");
        check("CreationTimestamp:  Thu, 01 Jan 2026 00:00:01 +0000", "CreationTimestamp:  <date>");
    }
}
