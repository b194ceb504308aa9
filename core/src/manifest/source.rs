//! From a text to documents: split as kubectl splits, judged by libyaml, read into trees.
//!
//! Go's YAML reader is a port of libyaml, so libyaml's own words (`serde_yaml`) are those that kubectl prints.

use std::rc::Rc;

use serde::Deserialize;

use super::tree::{self, Node, Position, Unreadable};
use super::{Diagnostic, Fix, MAX_BYTES, MAX_DOCUMENTS};

/// How deep brackets may nest for libyaml to be asked.
const MAX_OPEN_BRACKETS: usize = 1000;

/// A document, or an item of a `List`.
pub(super) type Root = Result<Rc<Node>, SyntaxError>;

/// The documents of a text.
pub(super) struct Roots {
    pub(super) roots: Vec<Root>,
    /// Said where a limit cut the text off.
    pub(super) limit: Option<Diagnostic>,
}

/// Text that is not YAML.
pub(super) struct SyntaxError {
    pub(super) at: Position,
    /// `found character that cannot start any token`
    pub(super) message: String,
    /// `error converting YAML to JSON: yaml: line 4: found character that cannot start any token`
    pub(super) kubectl: String,
    /// Spaces, where the line is indented with tabs.
    pub(super) fix: Option<Fix>,
}

/// Every document, with the items of lists in place of the list.
pub(super) fn roots(text: &str) -> Roots {
    let beginning = Position { line: 1, column: 1, length: 1 };
    if text.len() > MAX_BYTES {
        let message = format!("the text has {} bytes; {MAX_BYTES} are read at most", text.len());
        return Roots { roots: Vec::new(), limit: Some(Diagnostic::error(beginning, message)) };
    }
    let mut roots = Vec::new();
    for (document, first_line) in split(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        match parse(document, first_line) {
            Ok(None) => continue,
            Ok(Some(node)) => collect(node, &mut roots),
            Err(error) => roots.push(Err(error)),
        }
        if roots.len() > MAX_DOCUMENTS {
            roots.truncate(MAX_DOCUMENTS);
            let at = Position { line: first_line, ..beginning };
            let message =
                format!("a manifest may have {MAX_DOCUMENTS} documents; this and what follows is left out");
            return Roots { roots, limit: Some(Diagnostic::error(at, message)) };
        }
    }
    Roots { roots, limit: None }
}

/// A document stands for itself, a `List` for its items.
fn collect(node: Rc<Node>, roots: &mut Vec<Root>) {
    let kind = node.get("kind").and_then(|kind| kind.key().ok());
    let Some(items) = node.get("items").filter(|_| kind.is_some_and(|kind| kind.ends_with("List"))) else {
        return roots.push(Ok(node));
    };
    roots.extend(items.items().iter().map(|item| Ok(item.clone())));
}

/// The documents of a text and the line each begins on: kubectl splits at lines that begin with `---`, whatever
/// else they say.
fn split(text: &str) -> Vec<(&str, u32)> {
    let mut documents = Vec::new();
    let (mut start, mut first_line, mut offset) = (0, 1, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if offset > 0 && line.starts_with("---") {
            documents.push((&text[start..offset], first_line));
            start = offset + line.len();
            first_line = index as u32 + 2;
        }
        offset += line.len();
    }
    documents.push((&text[start..], first_line));
    documents
}

fn parse(document: &str, first_line: u32) -> Result<Option<Rc<Node>>, SyntaxError> {
    let tree = tree::parse(document, first_line);
    let is_limit = tree.as_ref().is_err_and(|error| error.is_limit);
    // libyaml takes quadratic time for deep nesting, so it is not asked about that.
    if !is_limit
        && open_brackets(document) <= MAX_OPEN_BRACKETS
        && let Some(error) = libyaml_error(document, first_line)
    {
        return Err(error);
    }
    let node = tree.map_err(|Unreadable { at, message, .. }| {
        let kubectl =
            format!("error converting YAML to JSON: yaml: line {}: {message}", at.line - first_line + 1);
        SyntaxError { at, message, kubectl, fix: None }
    })?;
    Ok(node.filter(|node| !node.is_null()))
}

/// The value that one document of YAML (or JSON) stands for.
///
/// # Errors
/// What kubectl says of text that is no such document.
pub(super) fn value(text: &str) -> Result<serde_json::Value, String> {
    if let Ok(value) = serde_json::from_str(text) {
        return Ok(value);
    }
    if open_brackets(text) > MAX_OPEN_BRACKETS {
        return Err(format!("more than {MAX_OPEN_BRACKETS} brackets are open"));
    }
    match libyaml_error(text, 1) {
        Some(error) => Err(error.kubectl),
        None => serde_yaml::from_str(text).map_err(|error| error.to_string()),
    }
}

/// How deep brackets nest, those in strings included.
fn open_brackets(document: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in document.bytes() {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// What libyaml says is wrong with the first document of `text`.
fn libyaml_error(text: &str, first_line: u32) -> Option<SyntaxError> {
    let document = serde_yaml::Deserializer::from_str(text).next()?;
    let error = serde::de::IgnoredAny::deserialize(document).err()?;
    let (line, column) = error.location().map_or((1, 1), |at| (at.line() as u32, at.column() as u32));
    let full = error.to_string();
    let mut message =
        full.split(" at line ").next().unwrap_or(&full).split(", while ").next().unwrap_or(&full).to_owned();
    if message == "unknown anchor" {
        let rest = text
            .lines()
            .nth(line as usize - 1)
            .and_then(|line| line.split_once('*'))
            .map_or("", |(_, rest)| rest);
        let name: String =
            rest.chars().take_while(|character| !character.is_whitespace() && *character != ',').collect();
        message = format!("unknown anchor '{name}' referenced");
    }
    let kubectl = if text.trim_start().starts_with('{') && is_cut_short(text) {
        "unexpected EOF".to_owned()
    } else {
        format!("error converting YAML to JSON: yaml: {}{message}", reported_line(&message, line))
    };
    let words = text.lines().nth(line as usize - 1);
    let indent = words.map_or("", |words| &words[..words.len() - words.trim_start().len()]);
    let at = match words {
        // The tabs themselves are what is wrong.
        Some(_) if indent.contains('\t') => {
            Position { line: first_line + line - 1, column: 1, length: indent.chars().count() as u32 }
        }
        Some(words) => {
            let rest = words.chars().skip(column as usize - 1);
            let length = rest.take_while(|letter| !letter.is_whitespace()).count().max(1) as u32;
            Position { line: first_line + line - 1, column, length }
        }
        // Behind the last line there is nothing to underline: what was left open is in it.
        None => {
            let last = text.lines().enumerate().filter(|(_, words)| !words.trim().is_empty()).last();
            let (place, words) = last.unwrap_or((0, ""));
            let indent = words.chars().take_while(|letter| letter.is_whitespace()).count() as u32;
            let length = (words.trim().chars().count() as u32).max(1);
            Position { line: first_line + place as u32, column: indent + 1, length }
        }
    };
    let fix = indent.contains('\t').then(|| Fix { at, text: indent.replace('\t', "  ") });
    Some(SyntaxError { at, message, kubectl, fix })
}

/// Whether JSON ends too early: kubectl reads a file that begins with a brace as JSON.
fn is_cut_short(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_err_and(|error| error.is_eof())
}

/// `line 4: `. Go's port of libyaml counts lines from 0 where the parser complains, and from 1 where the scanner
/// does; errors of the first line and of anchors come without one.
fn reported_line(message: &str, line: u32) -> String {
    const OF_THE_PARSER: [&str; 6] = [
        "did not find expected <document start>",
        "did not find expected node content",
        "did not find expected '-' indicator",
        "did not find expected key",
        "did not find expected ',' or ']'",
        "did not find expected ',' or '}'",
    ];
    if line <= 1 || message.starts_with("unknown anchor") {
        return String::new();
    }
    let line = if OF_THE_PARSER.contains(&message) { line - 1 } else { line };
    format!("line {line}: ")
}
