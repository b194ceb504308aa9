//! The one kind of error of these commands: a sentence for the person who typed one.

use std::fmt;

/// Why a command stopped, as a sentence (or a few lines) that says what to do about it.
#[derive(Debug)]
pub(crate) struct Failure(String);

/// What a step of a command gives.
pub(crate) type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    /// A failure that says `sentence`.
    pub(crate) fn new(sentence: impl Into<String>) -> Failure {
        Failure(sentence.into())
    }

    /// A failure of which everything was printed already.
    pub(crate) fn was_said() -> Failure {
        Failure(String::new())
    }

    /// What is still to be printed.
    pub(crate) fn sentence(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&self.0)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Puts what was being done in front of a technical error.
pub(crate) trait While<T> {
    /// `could not <doing>: <error>`, e.g. `while_doing("read core/src/lib.rs")`.
    fn while_doing(self, doing: impl fmt::Display) -> Outcome<T>;
}

impl<T, E: fmt::Display> While<T> for Result<T, E> {
    fn while_doing(self, doing: impl fmt::Display) -> Outcome<T> {
        self.map_err(|error| Failure(format!("could not {doing}: {error}")))
    }
}
