//! Text in spans, so that a view can link objects and highlight numbers.

use std::fmt;
use std::rc::Rc;

use crate::api::ObjectRef;

/// A sentence in spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(pub Vec<Span>);

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Plain words.
    Plain(Rc<str>),
    /// An object, shown by its name.
    Object(ObjectRef),
    /// A path in a manifest: `spec.replicas`.
    Field(Rc<str>),
    /// A number, or a value that changed.
    Number(Rc<str>),
}

impl Text {
    /// A sentence to be continued.
    pub fn new() -> Text {
        Text::default()
    }

    /// Adds plain words.
    #[must_use]
    pub fn plain(mut self, words: impl Into<Rc<str>>) -> Text {
        self.0.push(Span::Plain(words.into()));
        self
    }

    /// Adds an object.
    #[must_use]
    pub fn object(mut self, object: &ObjectRef) -> Text {
        self.0.push(Span::Object(object.clone()));
        self
    }

    /// Adds a path in a manifest.
    #[must_use]
    pub fn field(mut self, path: impl Into<Rc<str>>) -> Text {
        self.0.push(Span::Field(path.into()));
        self
    }

    /// Adds a number.
    #[must_use]
    pub fn number(mut self, number: impl fmt::Display) -> Text {
        self.0.push(Span::Number(number.to_string().into()));
        self
    }
}

/// The sentence without its spans.
impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for span in &self.0 {
            match span {
                Span::Plain(words) => out.write_str(words)?,
                Span::Object(object) => out.write_str(object.name())?,
                Span::Field(path) => out.write_str(path)?,
                Span::Number(number) => out.write_str(number)?,
            }
        }
        Ok(())
    }
}

impl From<&str> for Text {
    fn from(words: &str) -> Text {
        Text::new().plain(words)
    }
}
