//! `-o jsonpath=…`: a template of text and paths. Upstream: `k8s.io/client-go/util/jsonpath`.
//!
//! ```text
//! {.items[*].metadata.name}                       every name, with blanks between
//! {range .items[*]}{.metadata.name}{"\n"}{end}    one a line
//! {.items[?(@.status.phase=="Running")].spec}     those for which it holds
//! ```

mod parse;

use serde_json::{Map, Value};

/// A parsed template.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    /// As it was written.
    text: String,
    parts: Vec<Part>,
}

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
        let parts = parse::parts(&mut rest, false)?;
        Ok(Template { text: text.to_owned(), parts })
    }

    /// What the template makes of `value`. What is missing is empty.
    ///
    /// # Errors
    /// kubectl's own words for items that a list does not have. What stands before is in `out`.
    pub(crate) fn print(&self, value: &Value, out: &mut String) -> Result<(), String> {
        print(&self.parts, value, out).map_err(|fault| {
            let text = &self.text;
            format!(
                "error executing jsonpath {text:?}: Error executing template: {fault}. Printing more information for \
                 debugging the template:\n\ttemplate was:\n\t\t{text}\n\tobject given to jsonpath engine was:\n\t\t{}\n\n",
                as_go_syntax(value)
            )
        })
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
        parse::path(&dotted)
    }

    /// The values at this path; none where a list has no such item.
    pub(crate) fn find<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        self.all(value).unwrap_or_default()
    }

    /// The values at this path.
    ///
    /// # Errors
    /// What is no list, or has no such item. Upstream: `evalArray`.
    pub(crate) fn all<'a>(&self, value: &'a Value) -> Result<Vec<&'a Value>, String> {
        let mut found = vec![value];
        for segment in &self.0 {
            let mut next = Vec::new();
            for value in found {
                segment.check(value)?;
                next.extend(segment.find(value));
            }
            found = next;
        }
        Ok(found)
    }
}

/// A value as Go writes it in a program: `map[string]interface {}{"a":1}`.
fn as_go_syntax(value: &Value) -> String {
    let list = |values: Vec<String>| values.join(", ");
    match value {
        Value::Null => "interface {}(nil)".to_owned(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(items) => {
            format!("[]interface {{}}{{{}}}", list(items.iter().map(as_go_syntax).collect()))
        }
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| format!("{name:?}:{}", as_go_syntax(value));
            format!("map[string]interface {{}}{{{}}}", list(fields.iter().map(field).collect()))
        }
        other => other.to_string(),
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

fn print(parts: &[Part], here: &Value, out: &mut String) -> Result<(), String> {
    for part in parts {
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Path(path) => {
                let found: Vec<String> = path.all(here)?.into_iter().map(shown).collect();
                out.push_str(&found.join(" "));
            }
            Part::Range(path, inner) => {
                for value in path.all(here)? {
                    print(inner, value, out)?;
                }
            }
        }
    }
    Ok(())
}

impl Segment {
    /// Refuses a value that has no such items.
    fn check(&self, value: &Value) -> Result<(), String> {
        let (from, to) = match self {
            Segment::Place(place) => (Some(*place), None),
            Segment::Slice { from, to, .. } => (*from, *to),
            Segment::Several(segments) => return segments.iter().try_for_each(|each| each.check(value)),
            _ => return Ok(()),
        };
        let list = match value {
            Value::Array(list) => list,
            Value::Null => return Ok(()),
            Value::String(_) => return Err("string is not array or slice".to_owned()),
            Value::Bool(_) => return Err("bool is not array or slice".to_owned()),
            Value::Number(_) => return Err("int64 is not array or slice".to_owned()),
            Value::Object(_) => return Err("map[string]interface {} is not array or slice".to_owned()),
        };
        let length = list.len() as i64;
        let counted = |place: i64| if place < 0 { place.saturating_add(length) } else { place };
        let first = counted(from.unwrap_or(0));
        let end = match self {
            Segment::Place(_) => first.saturating_add(1),
            _ => counted(to.unwrap_or(length)),
        };
        let outside = |index: i64| Err(format!("array index out of bounds: index {index}, length {length}"));
        match (first, end) {
            (first, end) if first == end => Ok(()),
            (first, _) if !(0..length).contains(&first) => outside(first),
            (_, end) if !(0..=length).contains(&end) => outside(end - 1),
            (first, end) if first > end => {
                Err(format!("starting index {first} is greater than ending index {end}"))
            }
            _ => Ok(()),
        }
    }

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
mod tests;
