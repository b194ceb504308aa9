//! What can be done to something on the stage, as a menu beside it.

use std::rc::Rc;

use crate::actions::Action;

/// A menu.
#[derive(Clone, Debug, PartialEq)]
pub struct Menu {
    /// What it is about: `node-1`.
    pub title: String,
    /// What can be done.
    pub actions: Rc<[Action]>,
    /// Where it opens, in CSS pixels of the window.
    pub at: (i32, i32),
}
