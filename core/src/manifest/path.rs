//! Paths of fields, as refusals and facts write them: `spec.containers[0].image`, `metadata.labels[a.b/c]`.

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A key of a map.
    Key(String),
    /// A place in a list, from 0.
    Index(usize),
}

/// Reads a path. In brackets, digits are a place in a list and `*` or nothing its first; anything else is a key.
pub(crate) fn parse(path: &str) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(bracketed) = rest.strip_prefix('[') {
            let (inside, after) = bracketed.split_once(']').unwrap_or((bracketed, ""));
            segments.push(match inside {
                "" | "*" => Segment::Index(0),
                inside => inside.parse().map_or_else(|_| Segment::Key(inside.to_owned()), Segment::Index),
            });
            rest = after;
            continue;
        }
        rest = rest.strip_prefix('.').unwrap_or(rest);
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        if end > 0 {
            segments.push(Segment::Key(rest[..end].to_owned()));
        } else if !rest.starts_with('[') {
            // Two dots in a row: nothing stands between them.
            continue;
        }
        rest = &rest[end..];
    }
    segments
}

/// A path as refusals write it.
pub(crate) fn shown(path: &[Segment]) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Index(index) => text.push_str(&format!("[{index}]")),
            Segment::Key(key) if key.contains('.') => text.push_str(&format!("[{key}]")),
            Segment::Key(key) if text.is_empty() => text.push_str(key),
            Segment::Key(key) => text.push_str(&format!(".{key}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Segment, parse, shown};

    #[test]
    fn a_path_is_shown_as_it_was_read() {
        for path in ["spec.containers[1].image", "metadata.labels[a.b/c]", ""] {
            assert_eq!(shown(&parse(path)), path);
        }
    }

    #[test]
    fn keys_places_and_bracketed_keys_are_told_apart() {
        let key = |text: &str| Segment::Key(text.to_owned());
        assert_eq!(
            parse("spec.containers[1].image"),
            [key("spec"), key("containers"), Segment::Index(1), key("image")]
        );
        assert_eq!(parse("metadata.labels[a.b/c]"), [key("metadata"), key("labels"), key("a.b/c")]);
        assert_eq!(parse("spec.ports[*]"), [key("spec"), key("ports"), Segment::Index(0)]);
        assert_eq!(parse("a..b."), [key("a"), key("b")]);
    }
}
