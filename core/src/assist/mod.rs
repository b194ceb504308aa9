//! What an editor can say about a manifest while it is being written: what is wrong with it, what may stand where the
//! caret is, and what the field under the pointer means.
//!
//! Which fields there are comes from the API's types; what they are without being written, what they may be and whether
//! they may change comes from the API server itself, which is asked with small objects ([`probe`]). The words about a
//! field are the editor's own.

mod check;
mod complete;
mod flow;
mod hover;
mod place;
mod probe;
mod schema;
mod skeletons;

pub use check::check;
pub use complete::{Completion, CompletionKind, Completions, complete};
pub use hover::{Hover, hover};
