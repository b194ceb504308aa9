//! One YAML document as a tree that knows where in the text everything is.
//!
//! Scalars keep their text until they are asked for JSON: kubectl reads them by YAML 1.1's rules, so that `yes`
//! is true and `0644` is 420. Upstream: `sigs.k8s.io/yaml`.

use std::collections::BTreeMap;
use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Number, Value};

use super::Fix;
use super::path::{self, Segment};
use crate::api::written::Written;

/// How deep a document may nest.
const MAX_DEPTH: usize = 100;

/// How many values a document may have, aliases counted as often as they are used.
const MAX_VALUES: usize = 200_000;

/// How many of them aliases may stand for: each is read as often as if it were written there, in a tenth of a second.
const MAX_ALIASED: usize = 10_000;

/// How many keys that stand twice are looked for in a document.
const MAX_DUPLICATES: usize = 20;

/// Where something is in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
    /// How many characters it takes on its first line; at least 1.
    pub length: u32,
}

/// A value and where it is.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) content: Content,
    /// How many values it holds, itself included.
    values: usize,
    /// How deep it nests.
    depth: usize,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Text; plain text may mean something else than itself.
    Scalar { text: String, is_plain: bool },
    /// `- a`
    List(Vec<Rc<Node>>),
    /// `a: b`, in the order of the text.
    Map(Vec<(Rc<Node>, Rc<Node>)>),
}

/// Why a document cannot be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) at: Position,
    /// As kubectl says it after `yaml: `.
    pub(super) message: String,
    /// Whether it is too large or too deep, as opposed to wrong.
    pub(super) is_limit: bool,
}

/// A list or map that is being read.
struct Open {
    at: Position,
    anchor: usize,
    is_map: bool,
    items: Vec<Rc<Node>>,
}

/// The fields of a map with merge keys, and the order they came in.
#[derive(Default)]
struct Fields(BTreeMap<String, (usize, Written)>);

/// Reads the first document of `text`, whose first line is line `first_line` of the whole. `None`: there is none.
pub(super) fn parse(text: &str, first_line: u32) -> Result<Option<Rc<Node>>, Unreadable> {
    let mut open: Vec<Open> = Vec::new();
    let mut anchors: BTreeMap<usize, Rc<Node>> = BTreeMap::new();
    let mut written = 0;
    let mut parser = Parser::new_from_str(text);
    while let Some(next) = parser.next_event() {
        let (event, span) = next.map_err(|error| Unreadable {
            at: Position {
                line: first_line + (error.marker().line() as u32).saturating_sub(1),
                column: error.marker().col() as u32 + 1,
                length: 1,
            },
            message: error.info().to_owned(),
            is_limit: false,
        })?;
        let at = position(&span, first_line);
        written += usize::from(!matches!(event, Event::Alias(_)));
        let (anchor, node) = match event {
            Event::Scalar(scalar, style, anchor, tag) => {
                let is_string = tag.is_some_and(|tag| tag.suffix == "str");
                let is_plain = style == ScalarStyle::Plain && !is_string;
                (anchor, Rc::new(Node::new(at, Content::Scalar { text: scalar.into_owned(), is_plain })))
            }
            Event::Alias(anchor) => {
                let message = "anchor value contains itself".to_owned();
                (0, anchors.get(&anchor).cloned().ok_or(Unreadable { at, message, is_limit: false })?)
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                let is_map = matches!(event, Event::MappingStart(..));
                open.push(Open { at, anchor, is_map, items: Vec::new() });
                if open.len() > MAX_DEPTH {
                    let message = format!("exceeded max depth of {MAX_DEPTH}");
                    return Err(Unreadable { at, message, is_limit: true });
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(done) = open.pop() else { continue };
                (done.anchor, Rc::new(done.close()))
            }
            Event::DocumentEnd | Event::StreamEnd => return Ok(None),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        if node.values > MAX_VALUES.min(MAX_ALIASED + written) || node.depth > MAX_DEPTH {
            let message = format!(
                "document contains excessive aliasing: more than {MAX_ALIASED} values by aliases, {MAX_VALUES} in all, \
                 or {MAX_DEPTH} levels"
            );
            return Err(Unreadable { at, message, is_limit: true });
        }
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            Some(outer) => outer.items.push(node),
            None => return Ok(Some(node)),
        }
    }
    Ok(None)
}

fn position(span: &Span, first_line: u32) -> Position {
    let (start, end) = (&span.start, &span.end);
    let length = if start.line() == end.line() { end.col().saturating_sub(start.col()) } else { 1 };
    Position {
        line: first_line + (start.line() as u32).saturating_sub(1),
        column: start.col() as u32 + 1,
        length: (length as u32).max(1),
    }
}

impl Open {
    fn close(self) -> Node {
        if !self.is_map {
            return Node::new(self.at, Content::List(self.items));
        }
        let mut entries = Vec::with_capacity(self.items.len() / 2);
        let mut items = self.items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            entries.push((key, value));
        }
        // A map without braces begins with its first key.
        let first = entries.first().map(|(key, _): &(Rc<Node>, Rc<Node>)| key.at);
        let is_same = |first: &Position| (first.line, first.column) == (self.at.line, self.at.column);
        let at = first.filter(is_same).unwrap_or(self.at);
        Node::new(at, Content::Map(entries))
    }
}

impl Node {
    fn new(at: Position, content: Content) -> Node {
        let (mut values, mut depth) = (1, 0);
        let mut count = |inner: &Node| {
            values += inner.values;
            depth = depth.max(inner.depth);
        };
        match &content {
            Content::Scalar { .. } => {}
            Content::List(items) => items.iter().for_each(|item| count(item)),
            Content::Map(entries) => entries.iter().for_each(|(key, value)| {
                count(key);
                count(value);
            }),
        }
        Node { at, content, values, depth: depth + 1 }
    }

    /// Whether the value is nothing: an empty document.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, is_plain: true } if resolve(text).is_null())
    }

    /// The value as it was written, aliases and merge keys resolved.
    pub(super) fn to_written(&self) -> Result<Written, Unreadable> {
        match &self.content {
            Content::Scalar { text, is_plain: false } => Ok(Written::Scalar(Value::String(text.clone()))),
            Content::Scalar { text, is_plain: true } => Ok(Written::Scalar(resolve(text))),
            Content::List(items) => {
                items.iter().map(|item| item.to_written()).collect::<Result<_, _>>().map(Written::List)
            }
            Content::Map(entries) if entries.iter().any(|(key, _)| key.is_merge()) => self.to_merged(),
            Content::Map(entries) => {
                let entry = |(key, value): &(Rc<Node>, Rc<Node>)| Ok((key.key()?, value.to_written()?));
                entries.iter().map(entry).collect::<Result<_, _>>().map(Written::Map)
            }
        }
    }

    /// A map with merge keys. Go's reader lets what comes later win, merged fields included.
    fn to_merged(&self) -> Result<Written, Unreadable> {
        let mut fields = Fields::default();
        self.merge_into(&mut fields)?;
        let mut fields: Vec<(String, (usize, Written))> = fields.0.into_iter().collect();
        crate::order::sort_by_key(&mut fields, |(_, (place, _))| *place);
        Ok(Written::Map(fields.into_iter().map(|(name, (_, value))| (name, value)).collect()))
    }

    /// The value as JSON.
    pub(super) fn to_json(&self) -> Result<Value, Unreadable> {
        self.to_written().map(Written::into_json)
    }

    /// `<<`, unless it is quoted.
    fn is_merge(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, is_plain: true } if text == "<<")
    }

    /// The node as a key of a JSON object.
    pub(super) fn key(&self) -> Result<String, Unreadable> {
        match &self.content {
            Content::Scalar { text, is_plain: false } => Ok(text.clone()),
            Content::Scalar { text, is_plain: true } => Ok(match resolve(text) {
                Value::String(text) => text,
                Value::Null => "null".to_owned(),
                other => other.to_string(),
            }),
            Content::List(_) | Content::Map(_) => {
                let message = format!("invalid map key: {}", self.in_go());
                Err(Unreadable { at: self.at, message, is_limit: false })
            }
        }
    }

    /// Keys that stand twice in one map of this node: the path and the place of the later one. The first few.
    pub(super) fn duplicates(&self) -> Vec<(String, Position)> {
        let mut found = Vec::new();
        self.find_duplicates(&mut String::new(), &mut found);
        found
    }

    /// The node at the end of `path`, as far as it exists: where its key is (or itself), and how many segments
    /// were found.
    pub(super) fn locate(&self, path: &[Segment]) -> (Position, usize) {
        let (mut node, mut at) = (self, self.at);
        for (found, segment) in path.iter().enumerate() {
            let next = match (segment, &node.content) {
                (Segment::Key(wanted), Content::Map(_)) => node.field(wanted),
                (Segment::Index(index), Content::List(items)) => {
                    items.get(*index).map(|item| (item.at, &**item))
                }
                _ => None,
            };
            let Some((place, inner)) = next else { return (at, found) };
            (node, at) = (inner, place);
        }
        (at, path.len())
    }

    /// Where the value at the end of `path` is if it is one word; otherwise the place that [`Self::locate`] finds.
    pub(super) fn locate_value(&self, path: &str) -> Position {
        match self.find(path) {
            Some(Node { at, content: Content::Scalar { text, .. }, .. }) if !text.is_empty() => *at,
            _ => self.locate(&path::parse(path)).0,
        }
    }

    /// The key at a place of the text: its path, and where it is.
    pub(super) fn key_at(&self, line: u32, column: u32) -> Option<(Vec<Segment>, Position)> {
        let (segment, found) = match &self.content {
            Content::Scalar { .. } => return None,
            Content::List(items) => items
                .iter()
                .enumerate()
                .find_map(|(index, item)| Some((Segment::Index(index), item.key_at(line, column)?)))?,
            Content::Map(entries) => entries.iter().find_map(|(key, value)| {
                let segment = Segment::Key(key.key().ok()?);
                let Position { line: own, column: start, length } = key.at;
                if own == line && (start..=start + length).contains(&column) {
                    return Some((segment, (Vec::new(), key.at)));
                }
                Some((segment, value.key_at(line, column)?))
            })?,
        };
        let (mut path, at) = found;
        path.insert(0, segment);
        Some((path, at))
    }

    /// The value at the end of `path`.
    fn find(&self, path: &str) -> Option<&Node> {
        path::parse(path).iter().try_fold(self, |node, segment| match (segment, &node.content) {
            (Segment::Key(wanted), Content::Map(_)) => node.field(wanted).map(|(_, inner)| inner),
            (Segment::Index(index), Content::List(items)) => items.get(*index).map(|item| &**item),
            _ => None,
        })
    }

    /// The value at the end of `path` in or without quotes, if that makes it the type that a refusal asks for:
    /// `"3"` where a number belongs, `true` where text does.
    pub(super) fn retyped(&self, path: &str, refusal: &str) -> Option<Fix> {
        let node = self.find(path)?;
        let Content::Scalar { text, is_plain } = &node.content else { return None };
        let (_, wanted) = refusal.rsplit_once(" of type ")?;
        let is_meant = match wanted {
            "string" => *is_plain && !resolve(text).is_null(),
            "int32" | "int64" => !is_plain && resolve(text).is_i64(),
            "bool" => !is_plain && resolve(text).is_boolean(),
            _ => false,
        };
        let text = if *is_plain { format!("\"{text}\"") } else { text.clone() };
        is_meant.then_some(Fix { at: node.at, text })
    }

    /// Where the key `wanted` is, and its value: the last of several counts, and merged maps count too.
    fn field(&self, wanted: &str) -> Option<(Position, &Node)> {
        let Content::Map(entries) = &self.content else { return None };
        entries.iter().rev().find_map(|(key, value)| {
            if key.is_merge() {
                let maps = if let Content::List(items) = &value.content {
                    items
                } else {
                    std::slice::from_ref(value)
                };
                return maps.iter().find_map(|map| map.field(wanted));
            }
            key.key().is_ok_and(|key| key == wanted).then(|| (key.at, &**value))
        })
    }

    /// The items, if this is a list.
    pub(super) fn items(&self) -> &[Rc<Node>] {
        if let Content::List(items) = &self.content { items } else { &[] }
    }

    /// The value of `key`, if this is a map that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Rc<Node>> {
        let Content::Map(entries) = &self.content else { return None };
        entries
            .iter()
            .rev()
            .find(|(name, _)| name.key().is_ok_and(|name| name == key))
            .map(|(_, value)| value)
    }

    /// Adds the fields of a map, or of each map of a list: of those the first wins.
    fn merge_into(&self, fields: &mut Fields) -> Result<(), Unreadable> {
        let is_map = |node: &Rc<Node>| matches!(node.content, Content::Map(_));
        match &self.content {
            Content::Map(entries) => entries.iter().try_for_each(|(key, value)| {
                if key.is_merge() {
                    return value.merge_into(fields);
                }
                let place = fields.0.len();
                fields.0.insert(key.key()?, (place, value.to_written()?));
                Ok(())
            }),
            Content::List(items) if items.iter().all(is_map) => {
                items.iter().rev().try_for_each(|item| item.merge_into(fields))
            }
            Content::List(_) | Content::Scalar { .. } => {
                let message = "map merge requires map or sequence of maps as the value".to_owned();
                Err(Unreadable { at: self.at, message, is_limit: false })
            }
        }
    }

    fn find_duplicates(&self, path: &mut String, found: &mut Vec<(String, Position)>) {
        let length = path.len();
        match &self.content {
            Content::Scalar { .. } => {}
            Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push_str(&format!("[{index}]"));
                    item.find_duplicates(path, found);
                    path.truncate(length);
                }
            }
            Content::Map(entries) => {
                let mut seen = std::collections::BTreeSet::new();
                for (key, value) in entries {
                    let Ok(name) = key.key() else { continue };
                    path.push_str(if path.is_empty() { "" } else { "." });
                    path.push_str(&name);
                    if !key.is_merge() && !seen.insert(name) && found.len() < MAX_DUPLICATES {
                        found.push((path.clone(), key.at));
                    }
                    value.find_duplicates(path, found);
                    path.truncate(length);
                }
            }
        }
    }

    /// As Go prints the value with `%#v`.
    fn in_go(&self) -> String {
        match &self.content {
            Content::Scalar { text, is_plain: false } => format!("{text:?}"),
            Content::Scalar { text, is_plain: true } => match resolve(text) {
                Value::Null => "interface {}(nil)".to_owned(),
                other => other.to_string(),
            },
            Content::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.in_go()).collect();
                format!("[]interface {{}}{{{}}}", items.join(", "))
            }
            Content::Map(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{}:{}", key.in_go(), value.in_go())).collect();
                format!("map[interface {{}}]interface {{}}{{{}}}", entries.join(", "))
            }
        }
    }
}

/// What plain text means. Upstream: `resolve` in `go.yaml.in/yaml/v2`.
fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" | "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => {
            return Value::Bool(true);
        }
        "false" | "False" | "FALSE" | "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => {
            return Value::Bool(false);
        }
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return Value::String(text.to_owned());
    }
    let digits = text.replace('_', "");
    number(&digits).map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

fn number(text: &str) -> Option<Number> {
    let (sign, magnitude) = match text.strip_prefix('-') {
        Some(rest) => (-1_i32, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(magnitude) = integer(magnitude) {
        let value = i128::from(sign) * i128::from(magnitude);
        return i64::try_from(value)
            .map(Number::from)
            .or_else(|_| u64::try_from(value).map(Number::from))
            .ok();
    }
    let is_decimal = magnitude.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && magnitude.chars().all(|character| matches!(character, '0'..='9' | '.' | 'e' | 'E' | '+' | '-'));
    let value: f64 = magnitude.parse().ok().filter(|_| is_decimal)?;
    let value = value * f64::from(sign);
    // JSON has no integers of their own: 3.0 is the number 3.
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Some(Number::from(value as i64));
    }
    Number::from_f64(value)
}

/// Digits with Go's prefixes: `0x1f`, `0b11`, `0o17`, and `017`, which is octal too.
fn integer(text: &str) -> Option<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', b'b' | b'B', ..] => (&text[2..], 2),
        [b'0', b'o' | b'O', ..] => (&text[2..], 8),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    let starts_well = digits.starts_with(|first: char| first.is_digit(radix));
    u64::from_str_radix(digits, radix).ok().filter(|_| starts_well)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        parse(text, 1).unwrap().unwrap().to_json().unwrap()
    }

    #[test]
    fn plain_scalars_are_read_by_the_rules_of_yaml_1_1() {
        let text =
            "[yes, 'yes', off, 0644, 0x1f, 1_000, 1.50, 3.0, 1e3, .5, ~, '', 1.2.3, 250m, -7, 2026-01-01]";
        let expected = json!([
            true,
            "yes",
            false,
            420,
            31,
            1000,
            1.5,
            3,
            1000,
            0.5,
            null,
            "",
            "1.2.3",
            "250m",
            -7,
            "2026-01-01"
        ]);
        assert_eq!(read(text), expected);
    }

    #[test]
    fn aliases_and_merge_keys_are_expanded() {
        let text = "base: &base {a: 1, b: 2}\nuse:\n  <<: *base\n  b: 3\nagain: *base\n";
        assert_eq!(
            read(text),
            json!({"base": {"a": 1, "b": 2}, "use": {"a": 1, "b": 3}, "again": {"a": 1, "b": 2}})
        );
    }

    #[test]
    fn a_billion_laughs_are_refused() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..12 {
            let before = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", "));
        }
        assert!(parse(&text, 1).unwrap_err().message.starts_with("document contains excessive aliasing"));
        let lists = |count: usize| format!("a: &a [{}]\nb: [{}]\n", "x, ".repeat(99), "*a, ".repeat(count));
        assert!(parse(&lists(90), 1).is_ok());
        assert!(parse(&lists(110), 1).is_err());
    }

    #[test]
    fn nesting_is_bounded() {
        let text = "[".repeat(5000);
        assert!(parse(&text, 1).is_err());
    }
}
