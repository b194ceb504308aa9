//! Where a caret stands in a manifest that is only half written: found line by line, by indentation, since such a text
//! is seldom YAML yet; in braces sign by sign ([`flow`]). An item of a `List` is a document of its own.
//!
//! ```text
//! spec:
//!   containers:
//!   - name: web
//!     ima|          path spec.containers[0], the key `ima`, beside `name`
//! ```

use super::flow;
use crate::manifest::Segment;

/// The longest document that is looked through, in lines on either side of the caret.
const MOST_LINES: usize = 5_000;

/// Where a caret stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// `apiVersion` of the document; empty where it is not written yet.
    pub(super) api_version: &'a str,
    /// `kind` of the document.
    pub(super) kind: &'a str,
    /// What leads to the map or list item that the caret is in.
    pub(super) path: Vec<Segment>,
    /// What is being written there.
    pub(super) role: Role<'a>,
    /// The keys that the map has already, but for the one at the caret.
    pub(super) siblings: Vec<&'a str>,
    /// The column that keys of the map begin in, from 0.
    pub(super) indent: usize,
    /// The columns of the word at the caret, from 1: where it begins, and behind its end.
    pub(super) word: (usize, usize),
    /// Whether it is in braces or brackets: what is put there stays on its line.
    pub(super) in_braces: bool,
}

/// What is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role<'a> {
    /// A key of the map, or an item of the list.
    Key,
    /// The value of this key.
    Value(&'a str),
}

/// One line: its dashes, and the key or other text behind them.
struct Line<'a> {
    /// Columns of `- `, from 0.
    dashes: Vec<usize>,
    /// The column of what follows.
    column: usize,
    /// The key that follows, if one does.
    key: Option<&'a str>,
    /// What follows the key, or all that follows.
    rest: &'a str,
}

/// The place of a caret, `line` and `column` from 1. `None` where nothing can be offered: in comments, in text that is
/// indented by no rule.
pub(super) fn at(text: &str, line: usize, column: usize) -> Option<Place<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let own = lines.get(line - 1).copied().unwrap_or(&text[text.len()..]);
    if own.starts_with("---") {
        return None;
    }
    let is_rule = |line: &&str| line.starts_with("---");
    let above = &lines[..(line - 1).min(lines.len())];
    let above = &above[above.iter().rposition(&is_rule).map_or(0, |rule| rule + 1)..];
    let below = lines.get(line..).unwrap_or_default();
    let below = &below[..below.iter().position(is_rule).unwrap_or(below.len())];
    let above = &above[above.len().saturating_sub(MOST_LINES)..];
    let below = &below[..below.len().min(MOST_LINES)];
    let before: String = own.chars().take(column - 1).collect();
    if before.trim_start().starts_with('#') || before.contains(" #") {
        return None;
    }
    within(Document { text, above, own, below }, column)
}

/// The lines of one document, or of one object of a list.
#[derive(Clone, Copy)]
struct Document<'d, 'a> {
    /// All that they are parts of.
    text: &'a str,
    above: &'d [&'a str],
    /// The caret's line.
    own: &'a str,
    below: &'d [&'a str],
}

fn within<'a>(document: Document<'_, 'a>, column: usize) -> Option<Place<'a>> {
    let place = match in_braces(document, column) {
        Some(begin) => braced(document, begin, column)?,
        None => between_lines(document, column)?,
    };
    match place.path.as_slice() {
        [Segment::Key(items), Segment::Index(_), ..] if place.kind == "List" && items == "items" => {
            in_item(document, column)
        }
        _ => Some(place),
    }
}

/// The place in the object that is the caret's item of `items`.
fn in_item<'a>(document: Document<'_, 'a>, column: usize) -> Option<Place<'a>> {
    let Document { text, above, own, below } = document;
    let items = above.iter().rposition(|line| read(line).key == Some("items") && read(line).column == 0)?;
    let dash = above[items + 1..].iter().chain([&own]).find_map(|line| read(line).dashes.first().copied())?;
    let begins = |line: &&str| read(line).dashes.first() == Some(&dash);
    let first = if begins(&own) { above.len() } else { above.iter().rposition(begins)? };
    let start = read(above.get(first).unwrap_or(&own));
    let cut = start.dashes.get(1).copied().unwrap_or(start.column);
    if column <= cut {
        return None;
    }
    let without = |line: &&'a str| line.get(cut..).unwrap_or_default();
    let is_outside = |line: &&str| {
        let line = read(line);
        !line.is_nothing() && line.dashes.first().map_or(line.column, |first| *first) <= dash
    };
    let above: Vec<&str> = above.get(first..).unwrap_or_default().iter().map(without).collect();
    let below: Vec<&str> = below.iter().take_while(|line| !is_outside(line)).map(without).collect();
    let item = Document { text, above: &above, own: own.get(cut..)?, below: &below };
    let mut place = within(item, column - cut)?;
    place.indent += cut;
    place.word = (place.word.0 + cut, place.word.1 + cut);
    Some(place)
}

/// The line, counted from the document's first, and the byte of it at which the value in braces or brackets opens that the
/// caret is in.
fn in_braces(document: Document<'_, '_>, column: usize) -> Option<(usize, usize)> {
    let Document { text, above, own, .. } = document;
    let caret = offset(text, own) + byte_of(own, column);
    let mut closes = 0;
    for (at, line) in above.iter().chain([&own]).enumerate() {
        let from = offset(text, line);
        let Some(begin) = opening(line).filter(|begin| from + begin >= closes) else { continue };
        closes = flow::end(text, from + begin);
        if from + begin < caret && caret < closes {
            return Some((at, begin));
        }
    }
    None
}

/// The byte of a line at which a value in braces or brackets opens.
fn opening(line: &str) -> Option<usize> {
    let rest = read(line).rest;
    rest.starts_with(['{', '[']).then(|| offset(line, rest))
}

/// Where `part` begins in `text`, which it is a part of, in bytes.
fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr()).min(text.len())
}

/// The byte of a line at a column, which counts letters from 1.
fn byte_of(line: &str, column: usize) -> usize {
    line.char_indices().nth(column - 1).map_or(line.len(), |(at, _)| at)
}

/// The place of a caret in the value that opens at a byte of a line.
fn braced<'a>(document: Document<'_, 'a>, (line, begin): (usize, usize), column: usize) -> Option<Place<'a>> {
    let Document { text, above, own, below } = document;
    let all: Vec<&str> = above.iter().chain([&own]).chain(below).copied().collect();
    let opens = &all[line][..begin];
    let outside = Document { text, above: &all[..line], own: opens, below: &all[line + 1..] };
    let mut place = between_lines(outside, opens.chars().count() + 1)?;
    let start = offset(text, opens) + begin;
    let inside = flow::at(text, start, offset(text, own) + byte_of(own, column))?;
    match place.role {
        Role::Value(key) => place.path.push(Segment::Key(unquoted(key).to_owned())),
        Role::Key if place.path.is_empty() => {
            for (key, value) in flow::scalars(text, start) {
                match key {
                    "apiVersion" => place.api_version = value,
                    "kind" => place.kind = value,
                    _ => {}
                }
            }
        }
        Role::Key => {}
    }
    place.path.extend(inside.path);
    place.role = inside.key.map_or(Role::Key, Role::Value);
    place.siblings = inside.siblings;
    let letters = |byte: usize| text.get(offset(text, own)..byte).map_or(0, |line| line.chars().count());
    place.word = (letters(inside.word.0) + 1, letters(inside.word.1) + 1);
    place.in_braces = true;
    Some(place)
}

/// The place of a caret in lines that are indented.
fn between_lines<'a>(document: Document<'_, 'a>, column: usize) -> Option<Place<'a>> {
    let Document { above, own: own_text, below, .. } = document;
    let mut own = read(own_text);
    if own_text.trim().is_empty() {
        own.column = column - 1;
    }
    let (role, word) = word_at(own_text, &own, column)?;
    let mut walk = Walk {
        path: Vec::new(),
        siblings: Vec::new(),
        level: own.column,
        home: Some(own.column),
        list: None,
    };
    walk.enter_items(&own.dashes);
    for line in above.iter().rev().map(|line| read(line)).filter(|line| !line.is_nothing()) {
        walk.pass(&line)?;
    }
    if walk.level > 0 || walk.list.is_some() {
        return None;
    }
    walk.path.reverse();
    let mut siblings = walk.siblings;
    for line in below.iter().map(|line| read(line)).filter(|line| !line.is_nothing()) {
        let first = line.dashes.first().copied().unwrap_or(line.column);
        if first < own.column {
            break;
        }
        if line.column == own.column && line.dashes.is_empty() {
            siblings.extend(line.key);
        }
    }
    let top = |wanted: &str| {
        let mut all = above.iter().chain([&own_text]).chain(below).map(|line| read(line));
        let found = all.find(|line| line.column == 0 && line.key == Some(wanted));
        found.map_or("", |line| unquoted(line.rest))
    };
    let (api_version, kind) = (top("apiVersion"), top("kind"));
    Some(Place {
        api_version,
        kind,
        path: walk.path,
        role,
        siblings,
        indent: own.column,
        word,
        in_braces: false,
    })
}

/// What the caret's word is, and where it begins and ends.
fn word_at<'a>(text: &'a str, line: &Line<'a>, column: usize) -> Option<(Role<'a>, (usize, usize))> {
    let length = text.chars().count();
    let Some(key) = line.key else {
        let end = text.trim_end().chars().count().max(line.column);
        let is_inside = column > line.column && !line.rest.starts_with(['{', '[', '|', '>', '&', '*']);
        return is_inside.then_some((Role::Key, (line.column + 1, end.max(column - 1) + 1)));
    };
    let colon = text.chars().skip(line.column).position(|letter| letter == ':')? + line.column;
    if column <= colon + 1 {
        return (column > line.column).then_some((Role::Key, (line.column + 1, colon + 1)));
    }
    if line.rest.starts_with(['{', '[', '|', '>', '&', '*']) {
        return None;
    }
    let spaces = text.chars().skip(colon + 1).take_while(|letter| *letter == ' ').count();
    let start = (colon + 1 + spaces).min(column - 1);
    let end = if line.rest.is_empty() { column - 1 } else { start + line.rest.chars().count() };
    Some((Role::Value(key), (start + 1, end.min(length).max(column - 1) + 1)))
}

/// The way from a caret up to the root of its document.
struct Walk<'a> {
    /// Innermost first.
    path: Vec<Segment>,
    siblings: Vec<&'a str>,
    /// The column of the map that is being left upwards.
    level: usize,
    /// The same, while it is the map that the caret is in.
    home: Option<usize>,
    /// The column of the dashes of the list whose key is looked for, and how many of its items came by.
    list: Option<(usize, usize)>,
}

impl<'a> Walk<'a> {
    /// The map begins in an item of a list, perhaps an item of an item.
    fn enter_items(&mut self, dashes: &[usize]) {
        for dash in dashes.iter().rev() {
            if self.list.is_some() {
                self.path.push(Segment::Index(0));
            }
            self.home = None;
            self.level = *dash;
            self.list = Some((*dash, 0));
        }
    }

    /// Passes a line. `None`: its indentation makes no sense.
    fn pass(&mut self, line: &Line<'a>) -> Option<()> {
        if let Some((dash, passed)) = self.list {
            if line.dashes.contains(&dash) {
                self.list = Some((dash, passed + 1));
                if line.dashes[0] < dash {
                    // The list's first item begins in an item of an outer list.
                    let outer: Vec<usize> = line.dashes.iter().copied().filter(|each| *each < dash).collect();
                    self.path.push(Segment::Index(passed + 1));
                    self.list = None;
                    self.enter_items(&outer);
                }
                return Some(());
            }
            if line.column > dash {
                return Some(());
            }
            let key = line.key.filter(|_| line.rest.is_empty() || line.rest.starts_with('&'))?;
            self.path.push(Segment::Index(passed));
            self.path.push(Segment::Key(unquoted(key).to_owned()));
            self.list = None;
            self.level = line.column;
            self.enter_items(&line.dashes);
            return Some(());
        }
        if line.column > self.level {
            return Some(());
        }
        if line.column == self.level {
            if self.home == Some(line.column) {
                self.siblings.extend(line.key);
            }
            self.enter_items(&line.dashes);
            return Some(());
        }
        if line.dashes.is_empty() && line.key.is_none() {
            return None;
        }
        let key = line.key.filter(|_| line.rest.is_empty() || line.rest.starts_with('&'))?;
        self.path.push(Segment::Key(unquoted(key).to_owned()));
        self.home = None;
        self.level = line.column;
        self.enter_items(&line.dashes);
        Some(())
    }
}

impl Line<'_> {
    fn is_nothing(&self) -> bool {
        self.dashes.is_empty() && self.key.is_none() && self.rest.is_empty()
    }
}

fn read(line: &str) -> Line<'_> {
    let mut dashes = Vec::new();
    let mut column = 0;
    let mut rest = line.trim_end();
    loop {
        let inner = rest.trim_start_matches(' ');
        column += rest.len() - inner.len();
        rest = inner;
        match rest.strip_prefix('-') {
            Some(after) if after.is_empty() || after.starts_with(' ') => {
                dashes.push(column);
                column += 1;
                rest = after;
            }
            _ => break,
        }
    }
    if rest.is_empty() && !dashes.is_empty() {
        column += 1;
    }
    if rest.starts_with('#') {
        return Line { dashes, column, key: None, rest: "" };
    }
    let rest = rest.split_once(" #").map_or(rest, |(text, _)| text).trim_end();
    let key = rest
        .char_indices()
        .find(|(at, letter)| *letter == ':' && matches!(rest.as_bytes().get(at + 1), None | Some(b' ')))
        .filter(|_| !rest.starts_with(['{', '[']))
        .map(|(at, _)| at);
    match key {
        Some(at) => Line { dashes, column, key: Some(&rest[..at]), rest: rest[at + 1..].trim() },
        None => Line { dashes, column, key: None, rest },
    }
}

fn unquoted(text: &str) -> &str {
    text.trim_matches(['"', '\''])
}

#[cfg(test)]
mod tests;
