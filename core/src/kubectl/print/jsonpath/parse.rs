//! From the text of a template to its parts.

use super::{COMPARISONS, Filter, Operand, Part, Path, Segment};

/// Reads parts up to the end, or to `{end}`.
pub(super) fn parts(rest: &mut &str, in_range: bool) -> Result<Vec<Part>, String> {
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

pub(super) fn path(text: &str) -> Result<Path, String> {
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
