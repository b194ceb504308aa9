//! Where a caret stands in a manifest that is only half written: found line by line, by indentation, since such a text
//! is seldom YAML yet.
//!
//! ```text
//! spec:
//!   containers:
//!   - name: web
//!     ima|          path spec.containers[0], the key `ima`, beside `name`
//! ```

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

/// The place of a caret, `line` and `column` from 1. `None` where nothing can be offered: in comments, in brackets, in
/// text that is indented by no rule.
pub(super) fn at(text: &str, line: usize, column: usize) -> Option<Place<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let own_text = lines.get(line - 1).copied().unwrap_or_default();
    if own_text.starts_with("---") {
        return None;
    }
    let is_rule = |line: &&str| line.starts_with("---");
    let above = &lines[..(line - 1).min(lines.len())];
    let above = &above[above.iter().rposition(&is_rule).map_or(0, |rule| rule + 1)..];
    let below = lines.get(line..).unwrap_or_default();
    let below = &below[..below.iter().position(is_rule).unwrap_or(below.len())];
    let above = &above[above.len().saturating_sub(MOST_LINES)..];
    let below = &below[..below.len().min(MOST_LINES)];

    let before: String = own_text.chars().take(column - 1).collect();
    if before.trim_start().starts_with('#') || before.contains(" #") {
        return None;
    }
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
    Some(Place { api_version, kind, path: walk.path, role, siblings, indent: own.column, word })
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
mod tests {
    use super::*;
    use crate::manifest::shown_path;

    /// Where the `|` of a text is: the path, the key whose value is written, the siblings.
    fn told(text: &str) -> String {
        let before = text.split('|').next().unwrap();
        let (line, column) =
            (before.lines().count().max(1), before.lines().last().unwrap_or("").chars().count() + 1);
        let (line, column) = if before.ends_with('\n') { (line + 1, 1) } else { (line, column) };
        let text = text.replace('|', "");
        let Some(place) = at(&text, line, column) else { return "nowhere".to_owned() };
        let role = match place.role {
            Role::Key => "key".to_owned(),
            Role::Value(key) => format!("value of {key}"),
        };
        format!("{} {role} beside [{}]", shown_path(&place.path), place.siblings.join(" "))
    }

    #[test]
    fn keys_are_placed_by_their_indentation() {
        assert_eq!(told("kind: Pod\nspec:\n  |"), "spec key beside []");
        assert_eq!(told("kind: Pod\n|\nspec:\n  a: 1"), " key beside [kind spec]");
        let pod = "kind: Pod\nspec:\n  containers:\n  - name: a\n    ports:\n    - containerPort: 80\n  - image: b\n    ";
        assert_eq!(told(&format!("{pod}na|")), "spec.containers[1] key beside [image]");
        assert_eq!(told(&format!("{pod}ports:\n    - |")), "spec.containers[1].ports[0] key beside []");
        assert_eq!(
            told(&format!("{pod}ports:\n      - protocol: T|")),
            "spec.containers[1].ports[0] value of protocol beside []"
        );
        assert_eq!(told("a:\n- - b: 1\n    c|\n"), "a[0][0] key beside [b]");
    }

    #[test]
    fn the_word_at_the_caret_is_what_is_replaced() {
        let place = at("spec:\n  restartPolicy: Alw", 2, 21).unwrap();
        assert_eq!((place.role, place.word), (Role::Value("restartPolicy"), (18, 21)));
        let place = at("spec:\n  restartPolicy: ", 2, 18).unwrap();
        assert_eq!((place.role, place.word), (Role::Value("restartPolicy"), (18, 18)));
        let place = at("spec:\n  repl: 3", 2, 5).unwrap();
        assert_eq!((place.role, place.word), (Role::Key, (3, 7)));
    }

    #[test]
    fn documents_end_at_three_dashes() {
        let text = "kind: Pod\n---\napiVersion: v1\nkind: 'Service'\nspec:\n  \n---\nkind: Job\n";
        let place = at(text, 6, 3).unwrap();
        assert_eq!((place.api_version, place.kind), ("v1", "Service"));
        assert_eq!(at(text, 2, 1), None);
    }

    #[test]
    fn nothing_is_offered_in_comments_brackets_and_below_words() {
        assert_eq!(told("spec:\n  # re|"), "nowhere");
        assert_eq!(told("spec: {re|"), "nowhere");
        assert_eq!(told("spec:\n  replicas: 3\n    |"), "nowhere");
    }
}
