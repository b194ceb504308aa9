//! Which line of the manifests a field stands on: so that a step can point at the line that decided it.
//!
//! It goes by indentation, not by a parse tree: the text may be a draft that does not parse, and must then still show
//! what it can.

/// Where a field of an object stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// Whether it is the field itself; otherwise it is not written, and this is the innermost key around it that is.
    pub is_written: bool,
}

/// The place of `path` (names joined by dots) in the document of this kind and name. A list on the way is entered at
/// the first item that has the next name.
pub fn field(text: &str, kind: &str, name: &str, path: &str) -> Option<Place> {
    let lines: Vec<Line<'_>> = text.lines().enumerate().map(|(index, text)| Line::read(index + 1, text)).collect();
    let document = documents(&lines).find(|document| is_of(document, kind, name))?;
    let (mut around, mut inside) = (None, document);
    for part in path.split('.') {
        let Some((line, block)) = child(inside, part) else {
            return around.map(|line| Place { line, is_written: false });
        };
        (around, inside) = (Some(line), block);
    }
    around.map(|line| Place { line, is_written: true })
}

/// A line, with its list dashes counted as indentation.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    number: usize,
    indent: usize,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn read(number: usize, text: &'a str) -> Self {
        let mut rest = text.trim_start();
        while let Some(item) = rest.strip_prefix("- ") {
            rest = item.trim_start();
        }
        Line { number, indent: text.len() - rest.len(), text: rest }
    }

    fn is_blank(&self) -> bool {
        self.text.is_empty() || self.text.starts_with('#')
    }

    fn has_key(&self, key: &str) -> bool {
        self.text.strip_prefix(key).is_some_and(|rest| rest.starts_with(':'))
    }

    fn value(&self) -> &'a str {
        let value = self.text.split_once(':').map_or("", |(_, value)| value);
        value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\''])
    }
}

fn documents<'a, 'b>(lines: &'a [Line<'b>]) -> impl Iterator<Item = &'a [Line<'b>]> {
    lines.split(|line| line.text.starts_with("---"))
}

fn is_of(document: &[Line<'_>], kind: &str, name: &str) -> bool {
    let has_kind = document.iter().any(|line| line.indent == 0 && line.has_key("kind") && line.value() == kind);
    let named = child(document, "metadata").and_then(|(_, block)| child(block, "name"));
    let has_name = named.and_then(|(number, _)| document.iter().find(|line| line.number == number));
    has_kind && has_name.is_some_and(|line| line.value() == name)
}

/// The first line of `block` that has `key` at the block's own depth, and the lines below it that belong to it.
fn child<'a, 'b>(block: &'a [Line<'b>], key: &str) -> Option<(usize, &'a [Line<'b>])> {
    let depth = block.iter().find(|line| !line.is_blank())?.indent;
    let place = block.iter().position(|line| line.indent == depth && line.has_key(key))?;
    let rest = &block[place + 1..];
    let end = rest.iter().position(|line| !line.is_blank() && line.indent <= depth).unwrap_or(rest.len());
    Some((block[place].number, &rest[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3 # three
  strategy:
    type: RollingUpdate
  template:
    spec:
      # the containers
      containers:
      - name: web
        image: web:1
";

    fn line(path: &str) -> Option<Place> {
        field(TEXT, "Deployment", "web", path)
    }

    #[test]
    fn a_field_is_found_in_the_document_of_its_object() {
        assert_eq!(line("spec.replicas"), Some(Place { line: 13, is_written: true }));
        assert_eq!(field(TEXT, "Service", "web", "spec.selector"), Some(Place { line: 6, is_written: true }));
    }

    #[test]
    fn a_list_is_entered_at_its_items() {
        assert_eq!(line("spec.template.spec.containers.image"), Some(Place { line: 21, is_written: true }));
    }

    #[test]
    fn a_field_that_is_not_written_leads_to_the_key_around_it() {
        assert_eq!(line("spec.strategy.rollingUpdate.maxSurge"), Some(Place { line: 14, is_written: false }));
    }

    #[test]
    fn another_object_has_no_place() {
        assert_eq!(field(TEXT, "Deployment", "other", "spec.replicas"), None);
    }
}
