//! Where a caret stands within braces and brackets: found sign by sign, since what is half written closes nothing.
//!
//! ```text
//! selector: {matchLabels: {app: web, ti|}}     in matchLabels, the key `ti`, beside `app`
//! ```

use crate::manifest::Segment;

/// How much is read of one value in braces, in bytes.
const MOST_BYTES: usize = 40_000;

/// Where a caret stands within a value in braces or brackets.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Inside<'a> {
    /// What leads from the value to the map or list item that the caret is in.
    pub(super) path: Vec<Segment>,
    /// The key whose value is being written; none where a key is, or an item of a list.
    pub(super) key: Option<&'a str>,
    /// The keys that the map has already, but for the one at the caret.
    pub(super) siblings: Vec<&'a str>,
    /// Where the word at the caret begins and ends, in bytes of the text.
    pub(super) word: (usize, usize),
}

/// A map or a list that has been opened.
#[derive(Default)]
struct Frame<'a> {
    is_map: bool,
    keys: Vec<&'a str>,
    /// The key whose value comes.
    key: Option<&'a str>,
    /// The word that came last.
    word: Option<&'a str>,
    /// How many items have come.
    items: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign<'a> {
    Open {
        is_map: bool,
    },
    Close,
    Comma,
    Colon,
    /// Without its quotes.
    Word(&'a str),
}

/// The place of a caret at byte `caret` of `text`, in the value that opens at byte `start`. `None` where it is outside,
/// or behind a word that has ended.
pub(super) fn at(text: &str, start: usize, caret: usize) -> Option<Inside<'_>> {
    let before = text.get(start..caret).filter(|before| before.len() <= MOST_BYTES)?;
    let mut frames: Vec<Frame<'_>> = Vec::new();
    let mut last = None;
    for (place, sign) in signs(before) {
        take(&mut frames, sign);
        if frames.is_empty() {
            return None;
        }
        last = Some((start + place, sign));
    }
    let from = match last {
        Some((_, Sign::Word(_))) if before.ends_with([' ', '\n', '"', '\'']) => return None,
        Some((place, Sign::Word(_))) => place,
        _ => caret,
    };
    let behind = &text[caret..];
    let behind = &behind[..boundary(behind)];
    let ends = behind.find([',', '}', ']', ':', '{', '[', '\n']).unwrap_or(behind.len());
    let to = caret + behind[..ends].trim_end().len();
    let mut path: Vec<Segment> = Vec::new();
    let inner = frames.pop()?;
    for frame in frames {
        path.push(frame.key.map_or(Segment::Index(frame.items), |key| Segment::Key(key.to_owned())));
    }
    if !inner.is_map {
        path.push(Segment::Index(inner.items));
    }
    let mut siblings: Vec<&str> = inner.keys.into_iter().filter(|key| Some(*key) != inner.key).collect();
    if inner.is_map {
        siblings.extend(keys_behind(&text[to..][..boundary(&text[to..])]));
    }
    Some(Inside { path, key: inner.key, siblings, word: (from, to.max(from)) })
}

/// The byte behind the value that opens at byte `start`: beyond any text, if nothing closes it.
pub(super) fn end(text: &str, start: usize) -> usize {
    let text = &text[start..];
    let mut depth = 0_usize;
    for (place, sign) in signs(&text[..boundary(text)]) {
        match sign {
            Sign::Open { .. } => depth += 1,
            Sign::Close if depth <= 1 => return start + place + 1,
            Sign::Close => depth -= 1,
            _ => {}
        }
    }
    usize::MAX
}

/// How much of a text is read.
fn boundary(text: &str) -> usize {
    (0..=text.len().min(MOST_BYTES)).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0)
}

/// The scalars of the map that opens at byte `start`, by their keys.
pub(super) fn scalars(text: &str, start: usize) -> Vec<(&str, &str)> {
    let text = &text[start..];
    let text = &text[..boundary(text)];
    let (mut frames, mut found) = (Vec::<Frame<'_>>::new(), Vec::new());
    for (_, sign) in signs(text) {
        if let ([Frame { key: Some(key), .. }], Sign::Word(word)) = (frames.as_slice(), sign) {
            found.push((*key, word));
        }
        take(&mut frames, sign);
        if frames.is_empty() {
            break;
        }
    }
    found
}

fn take<'a>(frames: &mut Vec<Frame<'a>>, sign: Sign<'a>) {
    match (sign, frames.last_mut()) {
        (Sign::Open { is_map }, _) => frames.push(Frame { is_map, ..Frame::default() }),
        (Sign::Close, _) => drop(frames.pop()),
        (Sign::Comma, Some(frame)) => {
            frame.keys.extend(frame.word.take().filter(|_| frame.is_map && frame.key.is_none()));
            frame.key = None;
            frame.items += 1;
        }
        (Sign::Colon, Some(frame)) if frame.is_map && frame.key.is_none() => {
            frame.key = frame.word.take();
            frame.keys.extend(frame.key);
        }
        (Sign::Word(word), Some(frame)) => frame.word = Some(word),
        (Sign::Comma | Sign::Colon | Sign::Word(_), _) => {}
    }
}

/// The keys that follow in the map that `text` stands in the middle of.
fn keys_behind(text: &str) -> Vec<&str> {
    let mut frames = vec![Frame { is_map: true, ..Frame::default() }];
    // What stands before the first comma belongs to the caret.
    let mut keys = Vec::new();
    for (_, sign) in signs(text) {
        if frames.len() == 1 && matches!(sign, Sign::Comma | Sign::Close) {
            frames[0].word = None;
        }
        take(&mut frames, sign);
        let Some(frame) = frames.first_mut() else { break };
        if frame.items > 0 {
            keys.append(&mut frame.keys);
        } else {
            frame.keys.clear();
        }
    }
    keys
}

/// The signs of a text in braces, each with the byte that it begins at.
fn signs(text: &str) -> Vec<(usize, Sign<'_>)> {
    let mut signs = Vec::new();
    let mut place = 0;
    while let Some(letter) = text[place..].chars().next() {
        let rest = &text[place..];
        let (length, sign) = match letter {
            '{' | '[' => (1, Some(Sign::Open { is_map: letter == '{' })),
            '}' | ']' => (1, Some(Sign::Close)),
            ',' => (1, Some(Sign::Comma)),
            ':' => (1, Some(Sign::Colon)),
            '#' => (rest.find('\n').unwrap_or(rest.len()), None),
            '"' | '\'' => {
                let length = quoted(rest, letter);
                (length, Some(Sign::Word(rest[..length].trim_matches(letter))))
            }
            letter if letter.is_whitespace() => (letter.len_utf8(), None),
            _ => {
                let length = plain(rest);
                (length, Some(Sign::Word(rest[..length].trim_end())))
            }
        };
        signs.extend(sign.map(|sign| (place, sign)));
        place += length;
    }
    signs
}

/// How long the quoted word is that `text` begins with, its quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            letter if letter == quote => return place + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long the word is that `text` begins with: a colon ends it where a value may follow.
fn plain(text: &str) -> usize {
    let ends = |(place, letter): &(usize, char)| match letter {
        ',' | '{' | '}' | '[' | ']' | '\n' => true,
        ':' => {
            text[place + 1..].chars().next().is_none_or(|next| next.is_whitespace() || ",{}[]".contains(next))
        }
        _ => false,
    };
    text.char_indices().find(ends).map_or(text.len(), |(place, _)| place.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::shown_path;

    /// Where the `|` of a text is: the path, the key whose value is written, the siblings, and the word.
    fn told(text: &str) -> String {
        let caret = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let Some(inside) = at(&text, 0, caret) else { return "nowhere".to_owned() };
        let role = inside.key.map_or_else(|| "key".to_owned(), |key| format!("value of {key}"));
        let word = &text[inside.word.0..inside.word.1];
        format!("{} {role} beside [{}]: {word:?}", shown_path(&inside.path), inside.siblings.join(" "))
    }

    #[test]
    fn a_caret_is_placed_by_what_is_open() {
        assert_eq!(told("{|}"), " key beside []: \"\"");
        assert_eq!(told("{app: web, ti|}"), " key beside [app]: \"ti\"");
        assert_eq!(told("{ti|, app: web}"), " key beside [app]: \"ti\"");
        assert_eq!(told("{a: {b: 1}, c: {d: |, e: 2}"), "c value of d beside [e]: \"\"");
        assert_eq!(told("[{name: a}, {name: b, im|age: c}]"), "[1] key beside [name]: \"image\"");
        assert_eq!(
            told("[{ports: [{containerPort: 80, protocol: T|}]}]"),
            "[0].ports[0] value of protocol beside [containerPort]: \"T\""
        );
        assert_eq!(told("[a, b|]"), "[1] key beside []: \"b\"");
        assert_eq!(told("{\"a\": \"x:{\", \"b\":{|"), "b key beside []: \"\"");
        assert_eq!(told("{image: nginx:1.27, # {\n  na|"), " key beside [image]: \"na\"");
    }

    #[test]
    fn behind_its_end_a_value_has_no_place() {
        for text in ["{a: b}|", "{a: {b: c}} |", "{a b |}", "{a: 'b'|}"] {
            assert_eq!(told(text), "nowhere", "{text}");
        }
    }

    #[test]
    fn scalars_are_found_in_the_outermost_map_alone() {
        let text = "{apiVersion: v1, metadata: {name: a}, \"kind\": \"Pod\", spec: {";
        assert_eq!(scalars(text, 0), [("apiVersion", "v1"), ("kind", "Pod")]);
    }
}
