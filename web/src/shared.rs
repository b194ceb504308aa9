//! A shared value that is compared by its address.
//!
//! A history can hold ten thousand worlds. A component that is given the same history again must see that without
//! comparing them, so its properties hold a `Shared` instead of the value.

use std::ops::Deref;
use std::rc::Rc;

/// A shared value; two are equal if they are the same value in memory.
#[derive(Debug)]
pub struct Shared<T>(Rc<T>);

impl<T> Shared<T> {
    /// Shares a value.
    pub fn new(value: T) -> Self {
        Self(Rc::new(value))
    }

    /// The value, if nobody else shares it.
    ///
    /// # Errors
    /// What was given, if somebody does.
    pub fn into_inner(self) -> Result<T, Self> {
        Rc::try_unwrap(self.0).map_err(Self)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> From<Rc<T>> for Shared<T> {
    fn from(value: Rc<T>) -> Self {
        Self(value)
    }
}
