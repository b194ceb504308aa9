//! `-o jsonpath=…`: a template of text and paths. Upstream: `k8s.io/client-go/util/jsonpath`.
//!
//! ```text
//! {.items[*].metadata.name}                       every name, with blanks between
//! {range .items[*]}{.metadata.name}{"\n"}{end}    one a line
//! {.items[?(@.status.phase=="Running")].spec}     those for which it holds
//! ```

use serde_json::{Map, Value};

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// Text between braces, or a quoted text within them.
    Text(String),
    /// The values at a path.
    Path(Path),
    /// A template for each value at a path.
    Range(Path, Vec<Part>),
}

/// Steps from the root, or from the value of a range.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path(Vec<Segment>);

#[derive(Clone, Debug, PartialEq)]
enum Segment {
    /// `.name`
    Field(String),
    /// `[*]` or `.*`
    Every,
    /// `[2]`, `[-1]`, `[1:3]`, `[::2]`
    Slice { from: Option<i64>, to: Option<i64>, step: usize },
    /// `[0]`
    Place(i64),
    /// `['a','b']` or `[0,2]`
    Several(Vec<Segment>),
    /// `..name`
    Below(String),
    /// `[?(@.a=="b")]`
    Where(Box<Filter>),
}

#[derive(Clone, Debug, PartialEq)]
struct Filter {
    left: Operand,
    /// Nothing asks whether the left side exists.
    comparison: Option<(Comparison, Operand)>,
}

#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Path(Path),
    Value(Value),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// In the order they must be looked for: the longer ones first.
const COMPARISONS: [(&str, Comparison); 6] = [
    ("==", Comparison::Equal),
    ("!=", Comparison::Unequal),
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
];

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Template, String> {
        let mut rest = text;
        let parts = parts(&mut rest, false)?;
        Ok(Template(parts))
    }

    /// What the template makes of `value`. What is missing is empty.
    pub(crate) fn print(&self, value: &Value) -> String {
        let mut out = String::new();
        print(&self.0, value, &mut out);
        out
    }
}

impl Path {
    /// Reads the path of a column: `.metadata.name`, `metadata.name` or `{.metadata.name}`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn of_column(text: &str) -> Result<Path, String> {
        let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
        let dotted = if inner.starts_with(['.', '[', '$']) { inner.to_owned() } else { format!(".{inner}") };
        path(&dotted)
    }

    /// The values at this path.
    pub(crate) fn find<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let mut found = vec![value];
        for segment in &self.0 {
            found = found.into_iter().flat_map(|value| segment.find(value)).collect();
        }
        found
    }
}

/// A value as a template prints it: text as it is, everything else as JSON.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn print(parts: &[Part], here: &Value, out: &mut String) {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Path(path) => {
                let found: Vec<String> = path.find(here).into_iter().map(shown).collect();
                out.push_str(&found.join(" "));
            }
            Part::Range(path, inner) => {
                path.find(here).into_iter().for_each(|value| print(inner, value, out));
            }
        }
    }
}

/// Reads parts up to the end, or to `{end}`.
fn parts(rest: &mut &str, in_range: bool) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    while let Some((before, behind)) = rest.split_once('{') {
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        let end = closing(behind).ok_or("unclosed action")?;
        let action = behind[..end].trim();
        *rest = &behind[end + 1..];
        if action == "end" {
            if !in_range {
                return Err("not in range, nothing to end".to_owned());
            }
            return Ok(parts);
        }
        if let Some(over) = action.strip_prefix("range") {
            let over = path(over.trim())?;
            parts.push(Part::Range(over, self::parts(rest, true)?));
        } else if action.starts_with(['"', '\'']) {
            parts.push(Part::Text(quoted(action)?));
        } else {
            parts.push(Part::Path(path(action)?));
        }
    }
    if in_range {
        return Err("unexpected EOF, expected {end}".to_owned());
    }
    if !rest.is_empty() {
        parts.push(Part::Text((*rest).to_owned()));
        *rest = "";
    }
    Ok(parts)
}

/// Where the brace that was opened closes.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (place, letter) in text.char_indices() {
        match (quote, letter) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '}') => return Some(place),
            (None, _) => {}
        }
    }
    None
}

/// `"a\n"`
fn quoted(text: &str) -> Result<String, String> {
    let quote = text.chars().next().unwrap_or('"');
    let inner = text
        .strip_prefix(quote)
        .and_then(|text| text.strip_suffix(quote))
        .ok_or("unterminated quoted string")?;
    let mut out = String::new();
    let mut letters = inner.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.push(match letters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            }),
            other => out.push(other),
        }
    }
    Ok(out)
}

fn path(text: &str) -> Result<Path, String> {
    let text = text.strip_prefix(['$', '@']).unwrap_or(text);
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '.' if rest.starts_with("..") => {
                let (name, behind) = name(&rest[2..]);
                segments.push(Segment::Below(name));
                rest = behind;
            }
            '.' => {
                let (name, behind) = name(&rest[1..]);
                match name.as_str() {
                    "" => {}
                    "*" => segments.push(Segment::Every),
                    _ => segments.push(Segment::Field(name)),
                }
                rest = behind;
            }
            '[' => {
                let end = bracket(rest).ok_or("unterminated array")?;
                segments.push(subscript(rest[1..end].trim())?);
                rest = &rest[end + 1..];
            }
            other => {
                return Err(format!("unrecognized character in action: U+{:04X} '{other}'", other as u32));
            }
        }
    }
    Ok(Path(segments))
}

/// A field's name, in which `\.` is a full stop, and what stands behind it.
fn name(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut letters = text.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\\' => name.extend(letters.next().map(|(_, escaped)| escaped)),
            '.' | '[' => return (name, &text[place..]),
            other => name.push(other),
        }
    }
    (name, "")
}

/// Where the bracket that begins `text` closes.
fn bracket(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (place, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[') => depth += 1,
            (None, ']') if depth == 1 => return Some(place),
            (None, ']') => depth -= 1,
            (None, _) => {}
        }
    }
    None
}

fn subscript(text: &str) -> Result<Segment, String> {
    if text == "*" {
        return Ok(Segment::Every);
    }
    if let Some(condition) = text.strip_prefix("?(").and_then(|text| text.strip_suffix(')')) {
        return filter(condition).map(|filter| Segment::Where(Box::new(filter)));
    }
    if text.starts_with(['"', '\'']) || text.contains(',') {
        let each = text.split(',').map(|part| one_subscript(part.trim()));
        let several: Vec<Segment> = each.collect::<Result<_, _>>()?;
        return Ok(Segment::Several(several));
    }
    one_subscript(text)
}

fn one_subscript(text: &str) -> Result<Segment, String> {
    if text.starts_with(['"', '\'']) {
        return quoted(text).map(Segment::Field);
    }
    let invalid = || format!("invalid array index {text}");
    let number = |text: &str| -> Result<Option<i64>, String> {
        match text.trim() {
            "" => Ok(None),
            digits => digits.parse().map(Some).map_err(|_| invalid()),
        }
    };
    let parts: Vec<&str> = text.split(':').collect();
    match parts[..] {
        [place] => number(place)?.map(Segment::Place).ok_or_else(invalid),
        [from, to] => Ok(Segment::Slice { from: number(from)?, to: number(to)?, step: 1 }),
        [from, to, step] => {
            let step = number(step)?.unwrap_or(1).max(1) as usize;
            Ok(Segment::Slice { from: number(from)?, to: number(to)?, step })
        }
        _ => Err(invalid()),
    }
}

fn filter(text: &str) -> Result<Filter, String> {
    for (sign, comparison) in COMPARISONS {
        if let Some((left, right)) = text.split_once(sign) {
            let comparison = Some((comparison, operand(right.trim())?));
            return Ok(Filter { left: operand(left.trim())?, comparison });
        }
    }
    Ok(Filter { left: operand(text.trim())?, comparison: None })
}

fn operand(text: &str) -> Result<Operand, String> {
    if text.starts_with('@') {
        return path(text).map(Operand::Path);
    }
    if text.starts_with(['"', '\'']) {
        return quoted(text).map(|text| Operand::Value(text.into()));
    }
    let value = serde_json::from_str(text).map_err(|_| format!("unrecognized identifier {text}"))?;
    Ok(Operand::Value(value))
}

impl Segment {
    fn find<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        match self {
            Segment::Field(name) => value.get(name).into_iter().collect(),
            Segment::Every => children(value),
            Segment::Place(place) => {
                let Value::Array(list) = value else { return Vec::new() };
                let place = if *place < 0 { *place + list.len() as i64 } else { *place };
                usize::try_from(place).ok().and_then(|place| list.get(place)).into_iter().collect()
            }
            Segment::Slice { from, to, step } => {
                let Value::Array(list) = value else { return Vec::new() };
                let count = list.len() as i64;
                let clamped = |place: i64| (if place < 0 { place + count } else { place }).clamp(0, count);
                let (from, to) = (clamped(from.unwrap_or(0)), clamped(to.unwrap_or(count)));
                list.iter().take(to as usize).skip(from as usize).step_by(*step).collect()
            }
            Segment::Several(segments) => segments.iter().flat_map(|segment| segment.find(value)).collect(),
            Segment::Below(name) => {
                let mut found = Vec::new();
                below(name, value, &mut found);
                found
            }
            Segment::Where(filter) => {
                let Value::Array(list) = value else { return Vec::new() };
                list.iter().filter(|value| filter.holds(value)).collect()
            }
        }
    }
}

fn children(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => Vec::new(),
    }
}

/// Everything of this name (or everything, without one), however deep.
fn below<'a>(name: &str, value: &'a Value, found: &mut Vec<&'a Value>) {
    let empty = Map::new();
    let map = value.as_object().unwrap_or(&empty);
    match name {
        "" => found.push(value),
        name => found.extend(map.get(name).and_then(|_| value.get(name))),
    }
    children(value).into_iter().for_each(|child| below(name, child, found));
}

impl Filter {
    fn holds(&self, value: &Value) -> bool {
        let left = self.left.value(value);
        let Some((comparison, right)) = &self.comparison else { return left.is_some() };
        let (Some(left), Some(right)) = (left, right.value(value)) else { return false };
        let order = match (&left, &right) {
            (Value::Number(left), Value::Number(right)) => left.as_f64().partial_cmp(&right.as_f64()),
            (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
            (left, right) => (left == right).then_some(std::cmp::Ordering::Equal),
        };
        match comparison {
            Comparison::Equal => order.is_some_and(|order| order.is_eq()),
            Comparison::Unequal => order.is_none_or(|order| order.is_ne()),
            Comparison::Less => order.is_some_and(|order| order.is_lt()),
            Comparison::LessOrEqual => order.is_some_and(|order| order.is_le()),
            Comparison::Greater => order.is_some_and(|order| order.is_gt()),
            Comparison::GreaterOrEqual => order.is_some_and(|order| order.is_ge()),
        }
    }
}

impl Operand {
    fn value(&self, here: &Value) -> Option<Value> {
        match self {
            Operand::Path(path) => path.find(here).first().map(|value| (*value).clone()),
            Operand::Value(value) => Some(value.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(template: &str, expected: &str) {
        let value = json!({
            "items": [
                {"metadata": {"name": "a", "labels": {"app.io/tier": "x"}}, "size": 1},
                {"metadata": {"name": "b"}, "size": 3},
            ],
        });
        assert_eq!(Template::parse(template).unwrap().print(&value), expected, "{template}");
    }

    #[test]
    fn paths_lead_to_values() {
        check("{.items[*].metadata.name}", "a b");
        check("{.items[0].size} of {.items[-1].size}", "1 of 3");
        check("{.items[0].metadata.labels}", r#"{"app.io/tier":"x"}"#);
        check("{.items[0].metadata.labels.app\\.io/tier}", "x");
        check("{.items[0]['size','metadata']}", r#"1 {"labels":{"app.io/tier":"x"},"name":"a"}"#);
        check("{..name}", "a b");
        check("{.items[1:].size}", "3");
        check("{.nothing.there}", "");
        check("plain", "plain");
    }

    #[test]
    fn ranges_and_filters_choose() {
        check("{range .items[*]}{.metadata.name}={.size}{\"\\n\"}{end}", "a=1\nb=3\n");
        check("{.items[?(@.size>1)].metadata.name}", "b");
        check("{.items[?(@.metadata.name==\"a\")].size}", "1");
        check("{.items[?(@.metadata.labels)].size}", "1");
    }

    #[test]
    fn what_is_no_template_is_told() {
        assert!(Template::parse("{.items").is_err());
        assert!(Template::parse("{range .items[*]}x").is_err());
        assert!(Template::parse("{end}").is_err());
    }
}
