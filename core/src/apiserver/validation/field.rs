//! Paths to fields, and the faults found at them. Upstream: `k8s.io/apimachinery/pkg/util/validation/field`.

use std::fmt;

use serde::Serialize;

use super::super::{Fault, FieldError};

/// The path to a field. A path borrows its parent, so that it costs nothing until a fault is found.
#[derive(Clone, Copy)]
pub(super) struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    last: Segment<'a>,
}

#[derive(Clone, Copy)]
enum Segment<'a> {
    Name(&'a str),
    Index(usize),
    Key(&'a str),
}

impl Path<'_> {
    /// A field of the object itself: `spec`.
    pub(super) const fn root(name: &str) -> Path<'_> {
        Path { parent: None, last: Segment::Name(name) }
    }
}

impl<'a> Path<'a> {
    /// `self.name`; a name may have dots of its own.
    pub(super) const fn child(&'a self, name: &'a str) -> Path<'a> {
        Path { parent: Some(self), last: Segment::Name(name) }
    }

    /// `self[index]`
    pub(super) const fn index(&'a self, index: usize) -> Path<'a> {
        Path { parent: Some(self), last: Segment::Index(index) }
    }

    /// `self[key]`
    pub(super) const fn key(&'a self, key: &'a str) -> Path<'a> {
        Path { parent: Some(self), last: Segment::Key(key) }
    }

    /// How many names, places and keys it is made of.
    pub(super) fn depth(&self) -> usize {
        1 + self.parent.map_or(0, Path::depth)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            write!(out, "{parent}")?;
        }
        match self.last {
            Segment::Name(name) if self.parent.is_some() => write!(out, ".{name}"),
            Segment::Name(name) => out.write_str(name),
            Segment::Index(index) => write!(out, "[{index}]"),
            Segment::Key(key) => write!(out, "[{key}]"),
        }
    }
}

/// A value as a fault shows it.
pub(super) struct Shown(String);

impl From<&str> for Shown {
    fn from(text: &str) -> Shown {
        Shown(serde_json::Value::from(text).to_string())
    }
}

impl From<&String> for Shown {
    fn from(text: &String) -> Shown {
        Shown::from(text.as_str())
    }
}

impl From<i32> for Shown {
    fn from(number: i32) -> Shown {
        Shown(number.to_string())
    }
}

impl From<i64> for Shown {
    fn from(number: i64) -> Shown {
        Shown(number.to_string())
    }
}

impl Shown {
    /// As JSON with the API's field names.
    pub(super) fn json(value: &impl Serialize) -> Shown {
        // The API types serialise into plain maps, lists and scalars: this cannot fail.
        Shown(serde_json::to_string(value).unwrap_or_default())
    }

    /// Text that is shown as it is.
    pub(super) fn verbatim(text: impl Into<String>) -> Shown {
        Shown(text.into())
    }
}

/// The faults found so far, in upstream's order.
#[derive(Default)]
pub(super) struct Faults(pub(super) Vec<FieldError>);

impl Faults {
    pub(super) fn invalid(&mut self, path: Path<'_>, value: impl Into<Shown>, detail: impl Into<String>) {
        self.add(path, Fault::Invalid, value.into().0, detail.into());
    }

    /// The same value with each of several details.
    pub(super) fn invalid_each(&mut self, path: Path<'_>, value: &str, details: Vec<String>) {
        for detail in details {
            self.invalid(path, value, detail);
        }
    }

    pub(super) fn required(&mut self, path: Path<'_>, detail: impl Into<String>) {
        self.add(path, Fault::Required, String::new(), detail.into());
    }

    pub(super) fn forbidden(&mut self, path: Path<'_>, detail: impl Into<String>) {
        self.add(path, Fault::Forbidden, String::new(), detail.into());
    }

    pub(super) fn unsupported(&mut self, path: Path<'_>, value: impl Into<Shown>, supported: &[&str]) {
        let supported: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
        let detail = format!("supported values: {}", supported.join(", "));
        self.add(path, Fault::Unsupported, value.into().0, detail);
    }

    pub(super) fn duplicate(&mut self, path: Path<'_>, value: impl Into<Shown>) {
        self.add(path, Fault::Duplicate, value.into().0, String::new());
    }

    /// The same, where something can be said about it.
    pub(super) fn duplicate_because(
        &mut self,
        path: Path<'_>,
        value: impl Into<Shown>,
        detail: impl Into<String>,
    ) {
        self.add(path, Fault::Duplicate, value.into().0, detail.into());
    }

    pub(super) fn not_found(&mut self, path: Path<'_>, value: impl Into<Shown>) {
        self.add(path, Fault::NotFound, value.into().0, String::new());
    }

    /// The same, where something can be said about it.
    pub(super) fn not_found_because(
        &mut self,
        path: Path<'_>,
        value: impl Into<Shown>,
        detail: impl Into<String>,
    ) {
        self.add(path, Fault::NotFound, value.into().0, detail.into());
    }

    pub(super) fn too_long(&mut self, path: Path<'_>, bytes: usize) {
        let detail = format!("may not be more than {bytes} bytes");
        self.add(path, Fault::TooLong, String::new(), detail);
    }

    pub(super) fn too_many(&mut self, path: Path<'_>, count: usize, limit: usize) {
        let detail = format!("must have at most {limit} items");
        self.add(path, Fault::TooMany, count.to_string(), detail);
    }

    /// Refuses negative numbers.
    pub(super) fn negative(&mut self, path: Path<'_>, number: Option<impl Into<i64>>) {
        let number = number.map_or(0, Into::into);
        if number < 0 {
            self.invalid(path, number, "must be greater than or equal to 0");
        }
    }

    /// Refuses text that is none of `supported`. Absent and empty text is `Required` instead.
    pub(super) fn one_of(&mut self, path: Path<'_>, value: Option<&str>, supported: &[&str]) {
        match value.unwrap_or_default() {
            "" => self.required(path, ""),
            value if supported.contains(&value) => {}
            value => self.unsupported(path, value, supported),
        }
    }

    fn add(&mut self, path: Path<'_>, fault: Fault, value: String, detail: String) {
        self.0.push(FieldError { field: path.to_string(), fault, value, detail });
    }
}
