//! The text in the editor: as it is, as it was applied, and what reading it found.

use std::rc::Rc;

use kubestep_core::api::ObjectRef;
use kubestep_core::assist;
use kubestep_core::manifest::{self, Diagnostic};

use crate::diff::{self, Changes};

/// The text in the editor.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// As it is now.
    pub draft: Rc<str>,
    /// As it was applied last; empty before the first time.
    pub applied: Rc<str>,
    /// The objects that the draft describes, in its order.
    pub objects: Rc<[ObjectRef]>,
    /// What reading the draft found.
    pub diagnostics: Rc<[Diagnostic]>,
    /// What applying the draft would change, in lines.
    pub changes: Rc<Changes>,
    /// Counts the drafts, so that a late reading of an older one is dropped.
    pub serial: u32,
}

impl Document {
    /// A document with this draft, nothing applied.
    pub fn new(draft: &str) -> Self {
        let mut document = Self {
            draft: Rc::from(draft),
            applied: Rc::from(""),
            objects: Rc::from([]),
            diagnostics: Rc::from([]),
            changes: Rc::default(),
            serial: 0,
        };
        document.read();
        document
    }

    /// The draft is now this; it will be read when typing pauses.
    pub fn type_in(&mut self, text: &str) {
        self.draft = Rc::from(text);
        self.serial += 1;
    }

    /// Reads the draft: what is wrong with it, and what it would change.
    pub fn read(&mut self) {
        let (documents, _) = manifest::read(&self.draft);
        self.objects = documents.iter().map(|document| document.object.reference()).collect();
        self.diagnostics = assist::check(&self.draft).into();
        self.compare();
    }

    /// The text was applied.
    pub fn set_applied(&mut self, text: Rc<str>) {
        self.applied = text;
        self.compare();
    }

    fn compare(&mut self) {
        self.changes = Rc::new(diff::changes(&self.applied, &self.draft));
    }
}
